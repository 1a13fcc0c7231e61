//! What is in /system/bin: the table of programs, and what a program gets and gives.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

use crate::phone::Phone;

/// Where a program reads.
pub type Input = Pin<Box<dyn AsyncRead + Send>>;
/// Where a program writes.
pub type Output = Pin<Box<dyn AsyncWrite + Send>>;

/// A running program.
pub struct Process {
    pub phone: Arc<Phone>,
    /// With the program's name first.
    pub argv: Vec<String>,
    pub env: BTreeMap<String, String>,
    /// Absolute.
    pub cwd: String,
    pub stdin: Input,
    pub stdout: Output,
    pub stderr: Output,
}

/// What `$?` says afterwards.
pub type ExitCode = u8;

impl Process {
    /// The arguments, without the program's name.
    pub fn args(&self) -> Vec<&str> {
        self.argv.iter().skip(1).map(String::as_str).collect()
    }

    /// Writes to stdout; a reader that went away is not the program's problem.
    pub async fn print(&mut self, text: &str) {
        let _ = self.stdout.write_all(text.as_bytes()).await;
    }

    pub async fn println(&mut self, text: &str) {
        self.print(&format!("{text}\n")).await;
    }

    pub async fn eprintln(&mut self, text: &str) {
        let _ = self.stderr.write_all(format!("{text}\n").as_bytes()).await;
    }
}

/// Runs a program by its name; `None` where there is none of that name.
pub async fn run(mut process: Process) -> Option<ExitCode> {
    let name = process
        .argv
        .first()
        .map_or("", |name| name.rsplit('/').next().unwrap_or(""))
        .to_owned();
    let code = match name.as_str() {
        "echo" => {
            let line = process.args().join(" ");
            process.println(&line).await;
            0
        }
        _ => return None,
    };
    let _ = process.stdout.flush().await;
    Some(code)
}
