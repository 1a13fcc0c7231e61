//! The phone's `sh`: as much of a POSIX shell as adb clients use.

mod fd;

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::io::AsyncWriteExt;

use crate::phone::Phone;
use crate::program::{self, ExitCode, Input, Output, Process};

pub use fd::Out;

/// Where the commands come from.
#[derive(Debug, Clone, Copy)]
pub enum Script<'a> {
    /// The text after `shell:` or `sh -c`.
    Line(&'a str),
    /// `adb shell < script`
    Stdin,
    /// Somebody types.
    Terminal,
}

/// Runs one command line and answers its exit code.
pub async fn run(phone: Arc<Phone>, line: &str, stdin: Input, stdout: Output, stderr: Output) -> ExitCode {
    run_script(
        &phone,
        Script::Line(line),
        stdin,
        Out::new(stdout),
        Out::new(stderr),
    )
    .await
}

/// Runs a script to its end.
pub(crate) async fn run_script(
    phone: &Arc<Phone>,
    script: Script<'_>,
    stdin: Input,
    stdout: Out,
    stderr: Out,
) -> ExitCode {
    let Script::Line(line) = script else { return 1 };
    let argv: Vec<String> = line
        .split_whitespace()
        .map(|w| w.trim_matches('\'').to_owned())
        .collect();
    if argv.first().is_some_and(|name| name == "exit") {
        return argv.get(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    }
    let name = argv.first().cloned().unwrap_or_default();
    let mut error = stderr.clone();
    let process = Process {
        phone: Arc::clone(phone),
        argv,
        env: BTreeMap::new(),
        cwd: "/".to_owned(),
        stdin,
        stdout: Box::pin(stdout),
        stderr: Box::pin(stderr),
    };
    if let Some(code) = program::run(process).await {
        return code;
    }
    let text = format!("/system/bin/sh: {name}: inaccessible or not found\n");
    let _ = error.write_all(text.as_bytes()).await;
    127
}
