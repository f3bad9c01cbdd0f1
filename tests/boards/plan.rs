//! Boards that `examples/plan` takes for each other have the same counts.

use std::fs;

/// Each with the one whose counts stand for it.
const ALIKE: [[&str; 2]; 3] =
    [["mps2-an505", "mps2-an386"], ["mps2-an505-asm", "mps2-an386-asm"], ["rv32imac", "rv32imc"]];
/// Of a count.
const NEAR: f64 = 0.01;

#[test]
fn counts_of_another_board_are_its_own() {
    for boards in ALIKE {
        let [own, others] = boards.map(instructions);
        assert_eq!((own.len(), others.len()), (25, 25), "five counts of five networks: {boards:?}");
        for (own, other) in own.iter().zip(&others) {
            assert!((own / other - 1.0).abs() < NEAR, "{boards:?}: {own} and {other}");
        }
    }
}

/// The counts of networks, up to the first bar of the table.
fn instructions(board: &str) -> Vec<f64> {
    let file = format!("{}/examples/qemu/costs/{board}.txt", env!("CARGO_MANIFEST_DIR"));
    let costs = fs::read_to_string(file).unwrap();
    let lines = costs.lines().filter(|line| line.contains("-1 ") && !line.starts_with("board"));
    lines
        .flat_map(|line| line.split_whitespace().skip(1).take(5))
        .map(|word| word.parse().unwrap())
        .collect()
}
