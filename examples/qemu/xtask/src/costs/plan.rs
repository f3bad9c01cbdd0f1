//! What the planner (`examples/plan`) is fitted to: the program `plan` on one board of each kind of code, its
//! cycles where there are tables of them, and the flash of the other programs.

use std::fmt::Write;
use std::{fs, thread};

use anyhow::{Context, Result};

use super::{ASSEMBLY, SAFE, counted, cycles_plugin, stretches};
use crate::board::{BOARDS, Board, CODES};
use crate::firmware::{Firmware, Profile};
use crate::paths;

/// Programs that learn, and one that only runs a network.
const SIZED: [&str; 5] = ["sunspots", "stream", "learn", "nopanic", "infer"];

/// The counts, with the board before each line. Built side by side: a build keeps one processor busy.
pub fn counts() -> Result<String> {
    let counts = thread::scope(|scope| {
        let running: Vec<_> = CODES.iter().map(|board| scope.spawn(|| lines(board))).collect();
        running.into_iter().map(|lines| lines.join().expect("a count does not panic")).collect()
    });
    joined(counts)
}

fn lines(board: &'static Board) -> Result<(&'static str, String)> {
    Ok((board.name, counted(Firmware { board, profile: Profile::Release }, "plan")?))
}

fn joined(counts: Vec<Result<(&str, String)>>) -> Result<String> {
    let mut table = String::new();
    for counts in counts {
        let (board, lines) = counts?;
        let (title, lines) = lines.split_once('\n').context("no title")?;
        if table.is_empty() {
            table = format!("board,{title}\n");
        }
        table.extend(lines.lines().map(|line| format!("{board},{line}\n")));
    }
    Ok(table)
}

/// All that the program measures on a Cortex-M4F, by Arm's tables. It was built for the counts.
pub fn cycles() -> Result<String> {
    let plugin = cycles_plugin()?;
    let mut table = "board,instructions,cycles\n".to_string();
    for board in CODES.iter().filter(|board| [SAFE, ASSEMBLY].contains(&board.name)) {
        let firmware = Firmware { board, profile: Profile::Release };
        let [instructions, cycles] = sums(&stretches(firmware, "plan", &plugin)?)?;
        writeln!(table, "{},{instructions},{cycles}", board.name)?;
    }
    Ok(table)
}

/// Lines of `instructions,cycles`, every other one empty: the sums of both.
fn sums(lines: &str) -> Result<[u64; 2]> {
    let mut sums = [0; 2];
    for line in lines.lines().step_by(2) {
        let (instructions, cycles) = line.split_once(',').context("instructions,cycles")?;
        sums[0] += instructions.parse::<u64>()?;
        sums[1] += cycles.parse::<u64>()?;
    }
    Ok(sums)
}

/// The flash of programs on every board, from the tables that `boards` checks.
pub fn flash() -> Result<String> {
    let mut table = "board,program,flash\n".to_string();
    for Board { name, .. } in &BOARDS {
        let costs = fs::read_to_string(paths::costs().join(format!("{name}.txt")))?;
        for (program, flash) in sizes(&costs) {
            writeln!(table, "{name},{program},{flash}")?;
        }
    }
    Ok(table)
}

fn sizes(costs: &str) -> impl Iterator<Item = (&str, &str)> {
    let words = costs.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    words.filter_map(|words| match words.as_slice() {
        [program, flash, _] if SIZED.contains(program) => Some((*program, *flash)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::{joined, sizes, sums};

    #[test]
    fn every_other_line_is_of_work() {
        assert_eq!(sums("10,14\n1,1\n20,30\n1,1\n").unwrap(), [30, 44]);
        assert!(sums("10;14").is_err());
    }

    #[test]
    fn flash_of_programs() {
        let costs = "board x\nprogram flash statics\nlearn 20012 1552\nresume 38868 7448\n";
        assert_eq!(sizes(costs).collect::<Vec<_>>(), [("learn", "20012")]);
    }

    #[test]
    fn a_board_before_each_line() {
        let counts = [("a", "net,step\n1-4-1,5\n"), ("b", "net,step\n1-4-1,6\n")];
        let counts = counts.map(|(board, lines)| Ok((board, lines.to_string())));
        assert_eq!(joined(counts.into()).unwrap(), "board,net,step\na,1-4-1,5\nb,1-4-1,6\n");
        assert!(joined(vec![Err(anyhow!("not built"))]).is_err());
    }
}
