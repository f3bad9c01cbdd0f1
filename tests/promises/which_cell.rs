//! The table of `src/nn/which_cell.md` says what the example `memory` printed, and both what PyTorch wrote.

use std::collections::BTreeMap;

const DOCS: &str = include_str!("../../src/nn/which_cell.md");
const RESULTS: &str = include_str!("../../examples/memory/results.md");
const PYTORCH: &str = include_str!("../../examples/memory/pytorch.csv");

/// The columns of the docs: a cell of the example, what it has in common with the others, and whose.
const COLUMNS: [(&str, &str, Whose); 8] = [
    ("Elman", "parameters", Whose::Ours),
    ("Elman", "parameters", Whose::PyTorch),
    ("leaky Elman", "parameters", Whose::Ours),
    ("GRU", "parameters", Whose::Ours),
    ("GRU", "parameters", Whose::PyTorch),
    ("minGRU", "parameters", Whose::Ours),
    ("minGRU, no tape", "RAM", Whose::Ours),
    ("linear", "", Whose::Ours),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Whose {
    Ours,
    PyTorch,
}

fn cells(line: &str) -> Vec<&str> {
    line.trim()
        .strip_prefix('|')
        .unwrap()
        .strip_suffix('|')
        .unwrap()
        .split('|')
        .map(str::trim)
        .collect()
}

#[test]
fn the_table_of_cells_is_what_the_example_printed() {
    let mut medians = BTreeMap::new();
    for line in RESULTS.lines().filter(|line| line.contains('%')) {
        let [task, cell, equal, _, _, median, _, pytorch, _] = cells(line)[..] else {
            panic!("{line}")
        };
        medians.insert((task, cell, equal, Whose::Ours), median);
        medians.insert((task, cell, equal, Whose::PyTorch), pytorch);
    }
    let rows: Vec<Vec<&str>> = DOCS
        .lines()
        .filter(|line| line.starts_with("| ") && line.contains('%'))
        .map(cells)
        .collect();
    assert_eq!(rows.len(), 7);
    for row in rows {
        assert_eq!(row.len(), 1 + COLUMNS.len());
        for ((cell, equal, whose), figure) in COLUMNS.iter().zip(&row[1..]) {
            let printed = medians[&(row[0], *cell, *equal, *whose)];
            assert_eq!(printed, *figure, "{cell} at {}, {whose:?}", row[0]);
        }
    }
}

/// Beside a cell stands PyTorch's median and worst seed for the same task, cell and parameters.
#[test]
fn the_example_printed_what_pytorch_wrote() {
    let mut shares: BTreeMap<_, Vec<f64>> = BTreeMap::new();
    for line in PYTORCH.lines().skip(2) {
        let [task, cell, parameters, _, right] = line.split(',').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        shares.entry((task, cell, parameters)).or_default().push(right.parse().unwrap());
    }
    let mut compared = 0;
    for line in RESULTS.lines().filter(|line| line.contains('%')) {
        let [task, cell, _, parameters, .., median, worst] = cells(line)[..] else {
            panic!("{line}")
        };
        let name =
            [("Elman", "nn.RNN"), ("GRU", "nn.GRU")].into_iter().find(|(ours, _)| *ours == cell);
        let peer = name.and_then(|(_, theirs)| shares.get_mut(&(task, theirs, parameters)));
        let expected = peer.map_or([String::new(), String::new()], |shares| {
            compared += 1;
            shares.sort_by(f64::total_cmp);
            [shares[shares.len() / 2], shares[0]].map(|share| format!("{:.1} %", 100.0 * share))
        });
        assert_eq!([median, worst], [&*expected[0], &*expected[1]], "{line}");
    }
    assert_eq!(compared, shares.len(), "a result of PyTorch stands in no line");
    let (version, seeds) = (PYTORCH.lines().next().unwrap(), compared * 5);
    assert!(RESULTS.contains(version.strip_prefix("# ").unwrap().split(',').next().unwrap()));
    assert_eq!(PYTORCH.lines().count(), 2 + seeds, "five seeds each");
}
