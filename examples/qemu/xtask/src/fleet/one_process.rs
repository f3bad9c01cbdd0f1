//! The same rounds in one process, by the example's own clients.

use anyhow::{Result, anyhow};

use super::encode;
use super::example::board::Net;
use super::example::data::Parking;
use super::example::fleet::Client;
use super::example::server::Update;

/// The seed in the firmware.
const SEED: u64 = 0;

pub struct OneProcess {
    parking: Parking,
    clients: Vec<Client>,
    updates: Vec<Update>,
}

impl OneProcess {
    pub fn new(sites: usize) -> Result<Self> {
        let parking = Parking::load().map_err(|error| anyhow!("{error}"))?;
        let clients = (0..sites).map(|site| Client::new(site, SEED)).collect();
        Ok(Self { parking, clients, updates: vec![] })
    }

    /// The network of a board that has learned nothing yet.
    pub fn first(&self) -> &Net {
        self.clients[0].net()
    }

    /// A day at every site; returns the frames that the boards must send.
    pub fn learn(&mut self, round: u32) -> Vec<Vec<u8>> {
        for client in &mut self.clients {
            client.learn(&self.parking.sites[client.site][round as usize]);
        }
        self.updates = self.clients.iter().filter_map(Client::update).collect();
        let frame = |client: &Client| encode(client.net(), client.samples(), round);
        self.clients.iter().map(|client| frame(client).expect("finite weights")).collect()
    }

    /// What the boards send in this round.
    pub fn updates(&self) -> &[Update] {
        &self.updates
    }

    /// The end of the round, for the sites that `accept` the answer.
    pub fn answer(&mut self, net: Option<&Net>, accept: impl Fn(usize) -> bool) {
        for client in self.clients.iter_mut().filter(|client| accept(client.site)) {
            net.into_iter().for_each(|net| client.receive(net));
        }
    }
}
