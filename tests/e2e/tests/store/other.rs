//! Another process on the same database: this test program, run for one test that is ignored otherwise.

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};

use controller::store::DatabaseUrl;

const WHERE: &str = "DROVER_TEST_DATABASE";

/// Killed when it is dropped.
pub(crate) struct Other {
    process: Child,
    output: Lines<BufReader<ChildStdout>>,
}

impl Other {
    pub(crate) fn start(test: &str, url: &DatabaseUrl) -> Self {
        let url = match url {
            DatabaseUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
            DatabaseUrl::Postgres(url) => url.clone(),
        };
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--ignored", "--nocapture"])
            .env(WHERE, url)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, output }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Waits until it has printed a line with `words`.
    pub(crate) fn until(&mut self, words: &str) {
        assert!(
            self.output.any(|line| line.unwrap().contains(words)),
            "the other process ended without a word of {words:?}"
        );
    }

    /// Ends it where it stands; answers what it had printed by then and was not read.
    pub(crate) fn kill(&mut self) -> Vec<String> {
        let _ = self.process.kill();
        let _ = self.process.wait();
        self.output.by_ref().map_while(Result::ok).collect()
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The database that such a test is for; `None` where it was not started by another.
pub(crate) fn told_url() -> Option<DatabaseUrl> {
    let url = std::env::var(WHERE).ok()?;
    Some(DatabaseUrl::parse(&url).unwrap())
}
