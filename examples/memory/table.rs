//! The table, line by line as the runs end.

use crate::common::median;
use crate::{Equal, Row};

pub fn print_head(seeds: u64) {
    println!("share of unseen sequences that are right, {seeds} seeds\n");
    println!("| task | cell | equal | parameters | training RAM | median | worst |");
    println!("|---|---|---|---:|---:|---:|---:|");
}

pub fn print_row(row: &Row) {
    let equal = match row.equal {
        Equal::Parameters => "parameters",
        Equal::Ram => "RAM",
        Equal::Neither => "",
    };
    let worst = row.right.iter().copied().fold(1.0, f64::min);
    println!(
        "| {} | {} | {equal} | {} | {} | {:.1} % | {:.1} % |",
        row.task,
        row.cell,
        row.parameters,
        row.ram,
        100.0 * median(row.right.clone()),
        100.0 * worst
    );
}
