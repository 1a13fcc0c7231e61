//! A Python with lxml and uiautomator2 beside, which does what it is told and tells what it took.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::json;

use super::Wanted;

/// What `tests/prepare.sh` made.
const PYTHON: &str = "target/test-python/bin/python";

pub(crate) struct Lxml {
    process: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Lxml {
    /// Hands it the hierarchy and the last and the middle one of what is wanted.
    pub(crate) fn start(xml: &str, wanted: &[Wanted]) -> io::Result<Self> {
        let mut process = Command::new(PYTHON)
            .args(["-c", include_str!("lxml.py")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| io::Error::other(format!("{PYTHON}: {error}; run tests/prepare.sh")))?;
        let orders = process.stdin.take().ok_or_else(|| io::Error::other("no stdin"))?;
        let answers = process
            .stdout
            .take()
            .ok_or_else(|| io::Error::other("no stdout"))?;
        let mut lxml = Self {
            process,
            orders,
            answers: BufReader::new(answers),
        };
        let two = [wanted.last(), wanted.get(wanted.len() / 2)];
        let two: Vec<_> = two
            .into_iter()
            .flatten()
            .map(|wanted| (wanted.attribute, &wanted.value))
            .collect();
        writeln!(lxml.orders, "{}", json!({ "xml": xml, "wanted": two }))?;
        let ready = lxml.answer()?;
        if ready == "ready" {
            Ok(lxml)
        } else {
            Err(io::Error::other(format!("lxml is not there: {ready:?}")))
        }
    }

    /// The CPU that one call takes, in µs.
    pub(crate) fn ask(&mut self, way: &str, times: u32) -> io::Result<f64> {
        writeln!(self.orders, "{way} {times}")?;
        let told = self.answer()?;
        told.parse()
            .map_err(|_| io::Error::other(format!("{way}: {told:?}")))
    }

    fn answer(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        Ok(line.trim_end().to_owned())
    }
}

impl Drop for Lxml {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
