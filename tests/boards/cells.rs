//! The table of the cells in PERFORMANCE.md is what the board counted.

use std::fs;

const TABLE: &str = include_str!("../../PERFORMANCE.md");

#[test]
fn the_table_of_cells_is_what_the_board_counted() {
    let section = TABLE.split("<!-- cells -->").nth(1).expect("a table of cells");
    let section = section.split("<!-- /cells -->").next().unwrap();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/qemu/costs/%/cells.csv");
    let counted = fs::read_to_string(path.replace('%', "1.95.0")).unwrap();
    let rows: Vec<String> = counted.lines().skip(1).map(|line| line.replace(',', "|")).collect();
    let table: Vec<String> = section
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| cell"))
        .map(|line| {
            let cells = line.trim_matches(['|', ' ']).split(" | ");
            let mut cells: Vec<String> = cells.map(str::to_owned).collect();
            cells[1..].iter_mut().for_each(|number| number.retain(|c| c != ' '));
            cells.join("|")
        })
        .collect();
    assert_eq!(table, rows);
}
