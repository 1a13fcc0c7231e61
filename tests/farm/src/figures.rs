//! What all figures have in common: what a process has used, the middle of several rounds, and a line for each figure
//! beside its limit. Linux alone tells what a process has used.

use std::fmt::Display;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

/// Ends a program that takes figures: with 1 where one is over its limit, or where they could not be taken.
pub fn ended(measured: Result<bool, impl Display>) -> ExitCode {
    match measured {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(io::stderr(), "the figures could not be taken: {error}");
            ExitCode::FAILURE
        }
    }
}

pub fn say(text: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{text}")
}

/// Prints a figure that must not be over the limit; answers whether it is not.
pub fn at_most(what: &str, figure: f64, limit: f64) -> io::Result<bool> {
    beside(what, figure, &format!("at most {limit}"), figure <= limit)
}

/// Prints a figure that must not be below the limit; answers whether it is not.
pub fn at_least(what: &str, figure: f64, limit: f64) -> io::Result<bool> {
    beside(what, figure, &format!("at least {limit}"), figure >= limit)
}

fn beside(what: &str, figure: f64, limit: &str, good: bool) -> io::Result<bool> {
    let verdict = if good { "ok" } else { "MISSED" };
    say(&format!("{what}: {figure:.3} ({limit}) {verdict}"))?;
    Ok(good)
}

pub fn median(figures: impl IntoIterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.into_iter().collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

/// A process whose use is measured.
#[derive(Debug, Clone)]
pub struct Process(PathBuf);

impl Process {
    pub fn own() -> Self {
        Self("/proc/self".into())
    }

    pub fn with_id(id: u32) -> Self {
        Self(format!("/proc/{id}").into())
    }

    /// User and system time; Linux counts both in hundredths of a second.
    pub fn cpu_seconds(&self) -> io::Result<f64> {
        let stat = std::fs::read_to_string(self.0.join("stat"))?;
        // The name before it may hold anything.
        let behind_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let mut times = behind_name.split_whitespace().skip(11);
        let mut next = || times.next().and_then(|time| time.parse::<f64>().ok());
        match (next(), next()) {
            (Some(user), Some(system)) => Ok((user + system) / 100.0),
            _ => Err(io::Error::other("/proc does not tell the processor's time")),
        }
    }

    /// What is in memory now.
    pub fn resident_mb(&self) -> io::Result<f64> {
        self.megabytes("VmRSS:")
    }

    /// The most that was in memory, since the start or since [`Process::forget_peak`].
    pub fn peak_mb(&self) -> io::Result<f64> {
        self.megabytes("VmHWM:")
    }

    /// From now on the peak of memory is that of what follows.
    pub fn forget_peak(&self) -> io::Result<()> {
        std::fs::write(self.0.join("clear_refs"), "5")
    }

    fn megabytes(&self, name: &str) -> io::Result<f64> {
        let status = std::fs::read_to_string(self.0.join("status"))?;
        let kilobytes = status
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .and_then(|rest| rest.split_whitespace().next())
            .and_then(|number| number.parse::<f64>().ok());
        kilobytes
            .map(|kilobytes| kilobytes / 1024.0)
            .ok_or_else(|| io::Error::other(format!("/proc does not tell {name}")))
    }
}
