//! The tools that look at and change files, with toybox's words. What may be written where is the file system's matter.

mod change;
mod find;
mod list;
mod path;
mod stat;

use std::io;

use super::{ExitCode, Process};
use crate::phone::files::absolute;
use crate::phone::files::storage::reason;

/// Runs `name`, if it is one of these tools.
pub(super) async fn run(name: &str, process: &mut Process) -> Option<ExitCode> {
    let code = match name {
        "ls" => list::ls(process).await,
        "stat" => stat::stat(process).await,
        "find" => find::find(process).await,
        "rm" => change::rm(process).await,
        "mkdir" => change::mkdir(process).await,
        "rmdir" => change::rmdir(process).await,
        "mv" => change::mv(process).await,
        "cp" => change::cp(process).await,
        "touch" => change::touch(process).await,
        "chmod" => change::chmod(process).await,
        // One user, one disk: there is nothing to hand over and nothing to wait for.
        "sync" => 0,
        "basename" => path::basename(process).await,
        "dirname" => path::dirname(process).await,
        "readlink" => path::readlink(process).await,
        "realpath" => path::realpath(process).await,
        "which" => path::which(process).await,
        _ => return None,
    };
    Some(code)
}

/// Letters of the options, and what is left of the arguments.
fn options<'a>(args: &[&'a str]) -> (String, Vec<&'a str>) {
    let mut letters = String::new();
    let mut rest = Vec::new();
    let mut ended = false;
    for arg in args {
        match arg.strip_prefix('-') {
            Some("-") if !ended => ended = true,
            Some(option) if !ended && !option.is_empty() => letters.push_str(option),
            _ => rest.push(*arg),
        }
    }
    (letters, rest)
}

impl Process {
    /// `path` as this process means it.
    pub(super) fn path(&self, path: &str) -> String {
        absolute(&self.cwd, path)
    }

    /// "cat: /x: No such file or directory", and the exit code.
    pub(super) async fn failed(&mut self, what: &str, error: &io::Error) -> ExitCode {
        let name = self
            .argv
            .first()
            .map_or("", |name| name.rsplit('/').next().unwrap_or(""));
        let line = format!("{name}: {what}: {}", reason(error));
        self.eprintln(&line).await;
        1
    }

    /// "rm: Needs 1 argument (see \"rm --help\")"
    pub(super) async fn needs(&mut self, arguments: usize) -> ExitCode {
        let name = self.argv.first().cloned().unwrap_or_default();
        let s = if arguments == 1 { "" } else { "s" };
        self.eprintln(&format!(
            "{name}: Needs {arguments} argument{s} (see \"{name} --help\")"
        ))
        .await;
        1
    }
}
