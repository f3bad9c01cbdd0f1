//! README says of levels, changes and linear filters what the examples `levels` and
//! `truncation` printed.

const RESULTS: &str = include_str!("../../examples/levels.md");
const TRAFFIC: &str = include_str!("../../examples/truncation/results.md");
const README: &str = include_str!("../../README.md");

const LEVEL: &str = "network: level → level";
const CHANGE: &str = "network: level, change → change";

/// The squared error of a method whose name begins so, relative to persistence.
fn error(series: &str, method: &str) -> f64 {
    let cells = |line: &'static str| line.split('|').map(str::trim).collect::<Vec<_>>();
    let rows = RESULTS.lines().map(cells).filter(|cells| cells.len() == 7);
    let mut of = rows.filter(|cells| cells[1] == series && cells[2].starts_with(method));
    of.next().expect("a line of the table")[3].parse().expect("a number")
}

/// A number with two digits, and zeros.
fn two_digits(number: f64) -> String {
    let unit = 10_f64.powf(number.log10().floor() - 1.0);
    let rounded = (number / unit).round() * unit;
    format!("{rounded:.*}", usize::from(rounded < 10.0))
}

#[test]
fn the_cost_of_levels_is_what_the_example_printed() {
    let readme = README.split_whitespace().collect::<Vec<_>>().join(" ");
    for (series, words) in [("tank", "on a slow temperature"), ("traffic", "on traffic")] {
        let factor = two_digits(error(series, LEVEL) / error(series, CHANGE));
        let sentence = format!("{factor} times the squared error {words}");
        assert!(readme.contains(&sentence), "README lacks {sentence:?}");
    }
}

#[test]
fn the_change_is_never_worse() {
    for series in ["sunspots", "traffic", "tank"] {
        assert!(error(series, CHANGE) < error(series, LEVEL), "{series}");
    }
}

/// Where README says that a linear filter is better, and where that the network is.
#[test]
fn the_linear_filters_win_where_it_is_said() {
    assert!(error("tank", "recursive least squares") < error("tank", CHANGE));
    for filter in ["persistence", "seasonal", "least squares", "recursive least squares"] {
        assert!(error("sunspots", CHANGE) < error("sunspots", filter));
    }
    let traffic = |row: &str, column: usize| {
        let rows = TRAFFIC.lines().filter(|line| line.starts_with(row));
        let cells = rows.filter_map(|line| line.split('|').nth(column)?.trim().parse::<f64>().ok());
        cells.fold(f64::INFINITY, f64::min)
    };
    let network = traffic("| Adam", 4).min(traffic("| SGD", 4));
    assert!(network.is_finite() && traffic("| recursive least squares, 168 lags", 2) < network);
}
