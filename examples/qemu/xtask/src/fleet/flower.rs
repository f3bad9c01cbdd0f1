//! `flower`: the boards' rounds carried by Flower, with a strategy of its own.
//!
//! Each board has a gateway here, a socket on the loopback interface: a client of Flower hands it the
//! fleet's weights, and takes those that the board then learns.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use elman::{ConstZero, Parameters};

use super::example::board::Net;
use super::example::server::{Strategy, Update};
use super::link::{Link, accept};
use super::one_process::OneProcess;
use super::{decode, encode, open};
use crate::paths;

/// Bytes of all weights.
const WEIGHTS: usize = size_of::<Net>();

/// Both round to `f32` in every round, in another order, and learn on from that.
const TOLERANCE: f32 = 1e-4;

/// Runs the fleet through Flower, and compares the weights with the run in one process
#[derive(clap::Args)]
pub struct Arguments {
    /// FedAvg, FedMedian, FedAdam or private (FedAvg with clipped and noisy sums)
    #[arg(long, default_value = "FedAvg", value_parser = ["FedAvg", "FedMedian", "FedAdam", "private"])]
    strategy: String,
    /// Rounds, one a day
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=73))]
    rounds: u32,
    /// Boards
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(2..=6))]
    boards: u32,
    /// How often all of it; each must end with the same bits
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let start = Instant::now();
    let first = run_once(arguments)?;
    for _ in 1..arguments.runs {
        ensure!(run_once(arguments)? == first, "another run ended with other weights");
    }
    check(arguments, &net(&first)?)?;
    println!("{} runs, {:.0} s", arguments.runs, start.elapsed().as_secs_f64());
    Ok(())
}

/// The bytes of the last round's weights.
fn run_once(arguments: &Arguments) -> Result<Vec<u8>> {
    let folder = tempfile::tempdir()?;
    let [first, out] = ["first", "out"].map(|file| folder.path().join(file));
    fs::write(&first, bytes(OneProcess::new(1)?.first()))?;
    let links = open(arguments.boards as usize, folder.path())?;
    let listeners: Vec<_> =
        links.iter().map(|_| TcpListener::bind("127.0.0.1:0")).collect::<Result<_, _>>()?;
    let mut flower = Command::new(paths::root().join("examples/fleet/flower/run.sh"));
    flower.arg(&arguments.strategy).arg(arguments.rounds.to_string()).arg(&first).arg(&out);
    for listener in &listeners {
        flower.arg(listener.local_addr()?.port().to_string());
    }
    let rounds = arguments.rounds;
    thread::scope(|scope| -> Result<()> {
        let gateways: Vec<_> = links
            .into_iter()
            .zip(listeners)
            .map(|(link, listener)| scope.spawn(move || gateway(link, &listener, rounds)))
            .collect();
        let status = flower.status().context("examples/fleet/flower/run.sh")?;
        ensure!(status.success(), "Flower: {status}");
        gateways.into_iter().try_for_each(|gateway| gateway.join().expect("no gateway panics"))
    })?;
    Ok(fs::read(out)?)
}

/// The gateway of one board.
fn gateway(mut link: Link, listener: &TcpListener, rounds: u32) -> Result<()> {
    for round in 0..rounds {
        let mut client = accept(listener)?;
        client.set_read_timeout(Some(Duration::from_secs(60)))?;
        let (day, weights) = receive(&mut client)?;
        ensure!(day == round, "a client of day {day} in round {round}");
        if round == 0 {
            ensure!(weights == bytes(OneProcess::new(1)?.first()), "other first weights");
        } else {
            link.send(&encode(&net(&weights)?, 0, round - 1)?)?;
        }
        let (net, samples) = decode(&link.receive()?)?;
        client.write_all(&samples.to_le_bytes())?;
        client.write_all(&bytes(&net))?;
    }
    Ok(())
}

fn receive(client: &mut TcpStream) -> Result<(u32, Vec<u8>)> {
    let (mut day, mut weights) = ([0; 4], vec![0; WEIGHTS]);
    client.read_exact(&mut day)?;
    client.read_exact(&mut weights)?;
    Ok((u32::from_le_bytes(day), weights))
}

fn bytes(net: &Net) -> Vec<u8> {
    (0..Net::TENSORS).flat_map(|n| net.tensor(n)).flat_map(|w| w.to_le_bytes()).collect()
}

fn net(bytes: &[u8]) -> Result<Net> {
    let mut net = Net::ZERO;
    ensure!(bytes.len() == WEIGHTS, "{} bytes of weights", bytes.len());
    let mut words = bytes.as_chunks().0.iter().map(|word| f32::from_le_bytes(*word));
    for n in 0..Net::TENSORS {
        net.tensor_mut(n).iter_mut().zip(&mut words).for_each(|(w, word)| *w = word);
    }
    Ok(net)
}

/// Against the run in one process, where that has the strategy too.
fn check(arguments: &Arguments, net: &Net) -> Result<()> {
    elman::check_weights(net, Some(1000.0))?;
    let strategy = match &*arguments.strategy {
        "FedAvg" => Strategy::Mean,
        "FedMedian" => Strategy::Median,
        other => {
            println!("{other}: finite weights; one process has no such strategy");
            return Ok(());
        }
    };
    let Some(expected) = one_process(arguments, strategy)? else { bail!("nothing learned") };
    let numbers = |net: &Net| -> Vec<f32> {
        (0..Net::TENSORS).flat_map(|n| net.tensor(n)).copied().collect()
    };
    let pairs = numbers(net).into_iter().zip(numbers(&expected));
    let worst = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    println!(
        "{}: weights differ from those of one process by at most {worst:e}",
        arguments.strategy
    );
    ensure!(worst < TOLERANCE, "more than {TOLERANCE:e}");
    Ok(())
}

fn one_process(arguments: &Arguments, strategy: Strategy) -> Result<Option<Net>> {
    let mut process = OneProcess::new(arguments.boards as usize)?;
    let mut net = None;
    for round in 0..arguments.rounds {
        process.learn(round);
        let updates: &[Update] = process.updates();
        net = strategy.aggregate(updates);
        process.answer(net.as_ref(), |_| true);
    }
    Ok(net)
}
