//! The tests one by one: what each reaches, and which fails with a mutant.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::Mutant;

/// A test that takes this much longer than without a mutant, and as many times longer, hangs.
const PATIENCE: (Duration, u32) = (Duration::from_secs(5), 10);

pub struct Suite {
    /// The quickest first.
    cases: Vec<Case>,
    folder: PathBuf,
}

/// A test.
struct Case {
    binary: PathBuf,
    name: String,
    time: Duration,
    reached: BTreeSet<u32>,
}

/// What became of a mutant.
#[derive(Clone, PartialEq, Debug)]
pub enum Verdict {
    /// By which test.
    Caught(String),
    Survived,
    /// No test runs the place.
    NotReached,
    /// Only the compiler runs the place, where nothing is switched on.
    AtCompileTime,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Caught(test) => write!(f, "caught by {test}"),
            Self::Survived => f.write_str("SURVIVED"),
            Self::NotReached => f.write_str("NOT REACHED"),
            Self::AtCompileTime => f.write_str("at compile time"),
        }
    }
}

impl Suite {
    /// Runs every test once, without a mutant.
    pub fn new(binaries: &BTreeMap<String, PathBuf>, folder: &Path) -> Result<Self> {
        let mut names = Vec::new();
        for binary in binaries.values() {
            names.extend(list(binary)?.into_iter().map(|name| (binary, name)));
        }
        let cases = in_parallel(&names, |(binary, name)| Case::new(binary, name, folder));
        let mut cases = cases.into_iter().collect::<Result<Vec<_>>>()?;
        cases.sort_by_key(|case| case.time);
        Ok(Self { cases, folder: folder.to_path_buf() })
    }

    pub fn len(&self) -> usize {
        self.cases.len()
    }

    /// In the order of the mutants.
    pub fn judge(&self, mutants: &[Mutant]) -> Result<Vec<Verdict>> {
        in_parallel(mutants, |mutant| self.verdict(mutant)).into_iter().collect()
    }

    fn verdict(&self, mutant: &Mutant) -> Result<Verdict> {
        let (number, is_const) = (mutant.number, mutant.change.is_const);
        let mut verdict = if is_const { Verdict::AtCompileTime } else { Verdict::NotReached };
        for case in self.cases.iter().filter(|case| case.reached.contains(&number)) {
            if !case.passes(number, &self.folder)? {
                return Ok(Verdict::Caught(case.name.clone()));
            }
            verdict = Verdict::Survived;
        }
        Ok(verdict)
    }
}

impl Case {
    fn new(binary: &Path, name: &str, folder: &Path) -> Result<Self> {
        let trace = tempfile::NamedTempFile::new()?;
        let begin = Instant::now();
        let mut command = command(binary, name, 0, folder);
        let status = command.env("MUTANT_TRACE", trace.path()).status()?;
        ensure!(status.success(), "{name} fails before anything is broken");
        let reached = fs::read_to_string(trace.path())?;
        let reached = reached.lines().map(str::parse).collect::<Result<_, _>>()?;
        let (binary, name) = (binary.to_path_buf(), name.to_string());
        Ok(Self { binary, name, time: begin.elapsed(), reached })
    }

    /// Whether it passes with a mutant. One that hangs does not.
    fn passes(&self, number: u32, folder: &Path) -> Result<bool> {
        let child = command(&self.binary, &self.name, number, folder).spawn()?;
        passes_within(child, PATIENCE.0 + self.time * PATIENCE.1)
    }
}

fn passes_within(mut child: Child, patience: Duration) -> Result<bool> {
    let begin = Instant::now();
    while begin.elapsed() < patience {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        thread::sleep(Duration::from_millis(2));
    }
    child.kill()?;
    child.wait()?;
    Ok(false)
}

fn command(binary: &Path, name: &str, number: u32, folder: &Path) -> Command {
    let mut command = Command::new(binary);
    command.args(["--exact", name, "--quiet", "--test-threads", "1"]).current_dir(folder);
    command.env("MUTANT", number.to_string()).env("RUST_BACKTRACE", "0");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// The tests of a binary, without those that are ignored.
fn list(binary: &Path) -> Result<Vec<String>> {
    let names = |options: &[&str]| -> Result<Vec<String>> {
        let output =
            Command::new(binary).args(["--list", "--format", "terse"]).args(options).output();
        let text = String::from_utf8(output?.stdout)?;
        Ok(text.lines().filter_map(|line| line.strip_suffix(": test")).map(String::from).collect())
    };
    let (mut all, ignored) = (names(&[])?, names(&["--ignored"])?);
    all.retain(|name| !ignored.contains(name));
    ensure!(!all.is_empty(), "{} has no tests", binary.display());
    Ok(all)
}

/// `f` of every item, in order.
fn in_parallel<T: Sync, R: Send>(items: &[T], f: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let work = || {
        let mut done = Vec::new();
        loop {
            let n = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(n) else { return done };
            done.push((n, f(item)));
        }
    };
    let mut done = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|w| w.join().expect("no panic")).collect::<Vec<_>>()
    });
    done.sort_by_key(|(n, _)| *n);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::time::Duration;

    use super::{in_parallel, passes_within};

    #[test]
    fn results_are_in_order() {
        let items: Vec<u32> = (0..100).collect();
        assert_eq!(in_parallel(&items, |n| n * n), items.iter().map(|n| n * n).collect::<Vec<_>>());
    }

    #[test]
    fn what_hangs_or_fails_does_not_pass() {
        let passes = |program: &str, ms| {
            let child = Command::new("sh").args(["-c", program]).spawn().unwrap();
            passes_within(child, Duration::from_millis(ms)).unwrap()
        };
        assert!(passes("true", 10_000));
        assert!(!passes("false", 10_000));
        assert!(!passes("exec sleep 60", 50));
    }
}
