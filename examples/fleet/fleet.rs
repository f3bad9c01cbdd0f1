//! A fleet in one process: every day each board learns from its own readings, then one network is made
//! of all.

use super::board::{Board, Net};
use super::data::Reading;
use super::errors::Errors;
use super::server::{Strategy, Update};

/// A board at a site.
pub struct Client {
    pub site: usize,
    board: Board,
}

impl Client {
    pub fn new(site: usize, seed: u64) -> Self {
        let mut client = Self { site, board: Board::ZERO };
        client.board.start(seed);
        client
    }

    /// One day at the site; without readings nothing is learned.
    ///
    /// A network too bad to learn with counts as persistence.
    pub fn learn(&mut self, reading: &Reading) -> Option<Errors> {
        let today = reading.day.as_ref()?;
        let forecasts = self.board.learn(today, reading.weekday());
        Some(Errors::of(&forecasts.unwrap_or_default(), today, reading.week()))
    }

    pub fn net(&self) -> &Net {
        &self.board.trainer.learner.net
    }

    /// Samples since the last round that it took part in.
    pub const fn samples(&self) -> u32 {
        self.board.samples
    }

    /// Takes over the network of the fleet.
    pub fn receive(&mut self, net: &Net) {
        self.board.take_over(net);
    }

    /// What it sends at the end of a round, if it has learned.
    pub fn update(&self) -> Option<Update> {
        (self.samples() > 0).then(|| (self.net().clone(), self.samples()))
    }
}

/// All clients, and how a round makes one network of theirs.
pub struct Fleet {
    pub clients: Vec<Client>,
    pub strategy: Strategy,
}

impl Fleet {
    /// Boards at some sites, all with the same first weights.
    pub fn new(sites: impl Iterator<Item = usize>, seed: u64, strategy: Strategy) -> Self {
        Self { clients: sites.map(|site| Client::new(site, seed)).collect(), strategy }
    }

    /// A day at every site; the errors of those with readings, with their sites.
    pub fn learn(&mut self, sites: &[Vec<Reading>], day: usize) -> Vec<(usize, Errors)> {
        let learn =
            |client: &mut Client| Some((client.site, client.learn(&sites[client.site][day])?));
        self.clients.iter_mut().filter_map(learn).collect()
    }

    /// A round of the clients for which `takes_part` holds; what they send passes through `send`.
    pub fn round(
        &mut self,
        mut takes_part: impl FnMut(usize) -> bool,
        mut send: impl FnMut(usize, Update) -> Update,
    ) {
        let mut present: Vec<_> =
            self.clients.iter_mut().filter(|client| takes_part(client.site)).collect();
        let updates: Vec<Update> =
            present.iter().filter_map(|client| Some(send(client.site, client.update()?))).collect();
        if let Some(net) = self.strategy.aggregate(&updates) {
            present.iter_mut().for_each(|client| client.receive(&net));
        }
    }

    /// A day and a round of all.
    pub fn day(&mut self, sites: &[Vec<Reading>], day: usize) -> Vec<(usize, Errors)> {
        let errors = self.learn(sites, day);
        self.round(|_| true, |_, update| update);
        errors
    }
}
