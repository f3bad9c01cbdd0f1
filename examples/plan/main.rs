//! Plans training before anything is flashed: memory, instructions, cycles and the highest rate of samples.
//!
//!     cargo run --example plan -- 5-12-1 --k1 2 --k2 18 --optimizer adam --mhz 64
//!
//! `README.md` says what the numbers are made from and how far off they are. The exit code is 1 if nothing
//! fits what is asked for, and 2 if the question is not understood.

mod arguments;
mod chips;
mod cores;
mod counts;
mod errors;
mod estimate;
mod features;
mod fit;
mod fits;
mod model;
mod network;
mod optimizer;
mod ram;
mod slices;
mod table;
#[cfg(test)]
mod tests;

use core::error::Error;
use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Question};
use crate::fits::Plan;

const DOES_NOT_FIT: u8 = 1;
const BAD_INPUT: u8 = 2;

fn main() -> ExitCode {
    let (text, code) = answer(&Arguments::parse());
    if code == BAD_INPUT {
        eprintln!("plan: {text}");
    } else {
        println!("{text}");
    }
    ExitCode::from(code)
}

/// What is printed, and the exit code.
fn answer(arguments: &Arguments) -> (String, u8) {
    match plan(arguments) {
        Ok((text, true)) => (text, 0),
        Ok((text, false)) => (text, DOES_NOT_FIT),
        Err(error) => (error.to_string(), BAD_INPUT),
    }
}

/// The plan as text, and whether something fits.
fn plan(arguments: &Arguments) -> Result<(String, bool), Box<dyn Error>> {
    let question = Question::new(arguments)?;
    let plan = Plan::new(&question)?;
    let text = if arguments.json {
        serde_json::to_string_pretty(&plan)?
    } else {
        table::of(&question, &plan)
    };
    Ok((text, plan.fits))
}
