//! The table, line by line as the runs end.

use crate::common::median;
use crate::{Equal, Row, pytorch};

pub fn print_head(seeds: u64) {
    let version = pytorch::version();
    println!(
        "share of unseen sequences that are right, {seeds} seeds; {version} with the same recipe\n"
    );
    println!(
        "| task | cell | equal | parameters | training RAM | median | worst | PyTorch | worst |"
    );
    println!("|---|---|---|---:|---:|---:|---:|---:|---:|");
}

pub fn print_row(row: &Row) {
    let equal = match row.equal {
        Equal::Parameters => "parameters",
        Equal::Ram => "RAM",
        Equal::Neither => "",
    };
    let pytorch = pytorch::right(&row.task, row.cell, row.parameters);
    println!(
        "| {} | {} | {equal} | {} | {} | {} | {} |",
        row.task,
        row.cell,
        row.parameters,
        row.ram,
        median_and_worst(&row.right),
        if pytorch.is_empty() { "|".into() } else { median_and_worst(&pytorch) }
    );
}

fn median_and_worst(right: &[f64]) -> String {
    let worst = right.iter().copied().fold(1.0, f64::min);
    format!("{:.1} % | {:.1} %", 100.0 * median(right.to_vec()), 100.0 * worst)
}
