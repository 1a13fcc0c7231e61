//! What is in /system/bin: the table of programs, and what a program gets and gives.

mod am;
mod app_process;
mod candidates;
mod cmd;
mod content;
mod df;
mod dumpsys;
mod files;
mod getprop;
mod ime;
mod input;
mod intent;
mod logcat;
mod monkey;
mod packages;
mod pm;
mod ps;
mod reboot;
mod screencap;
mod settings;
mod svc;
mod text;
mod uiautomator;
mod uptime;
mod wm;

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

use crate::phone::Phone;

pub(crate) use uiautomator::{Automation, REGISTERED};

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

/// All that a program has to say which reads nothing and says it at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    pub out: String,
    pub err: String,
    pub code: ExitCode,
    /// How long it works between its first line and the rest, in the phone's time.
    pub works: Duration,
}

impl Answer {
    pub fn silent() -> Self {
        Self::default()
    }

    /// Text on stdout, as it is.
    pub fn text(out: impl Into<String>) -> Self {
        Self {
            out: out.into(),
            ..Self::default()
        }
    }

    /// One line on stdout.
    pub fn line(out: &str) -> Self {
        Self::text(format!("{out}\n"))
    }

    /// One line (or several) on stderr, and the exit code.
    pub fn error(code: ExitCode, err: &str) -> Self {
        Self {
            err: format!("{err}\n"),
            code,
            ..Self::default()
        }
    }
}

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

    /// Says an [`Answer`]: its first line, then the rest once it has worked.
    async fn say(&mut self, answer: impl FnOnce(&Phone, &[&str]) -> Answer) -> ExitCode {
        let Answer {
            out,
            err,
            code,
            works,
        } = answer(&self.phone, &self.args());
        let first = if works.is_zero() {
            0
        } else {
            out.find('\n').map_or(0, |end| end + 1)
        };
        self.print(&out[..first]).await;
        if !works.is_zero() {
            let _ = self.stdout.flush().await;
            let clock = self.phone.spec.clock.clone();
            clock.sleep(works).await;
        }
        self.print(&out[first..]).await;
        let _ = self.stderr.write_all(err.as_bytes()).await;
        code
    }
}

/// The programs of the table in [`run`], for those who look for one without running it.
pub(crate) const NAMES: [&str; 76] = [
    "[",
    "am",
    "app_process",
    "base64",
    "basename",
    "cat",
    "chmod",
    "cmd",
    "content",
    "cp",
    "cut",
    "date",
    "dd",
    "df",
    "dirname",
    "dumpsys",
    "echo",
    "egrep",
    "env",
    "false",
    "fgrep",
    "find",
    "getprop",
    "grep",
    "head",
    "id",
    "ime",
    "input",
    "kill",
    "logcat",
    "ls",
    "md5sum",
    "mkdir",
    "monkey",
    "mv",
    "nohup",
    "pidof",
    "pm",
    "printf",
    "ps",
    "readlink",
    "realpath",
    "reboot",
    "rm",
    "rmdir",
    "screencap",
    "seq",
    "setprop",
    "settings",
    "sh",
    "sha1sum",
    "sha256sum",
    "sleep",
    "sort",
    "stat",
    "svc",
    "sync",
    "tail",
    "tee",
    "test",
    "time",
    "timeout",
    "touch",
    "toybox",
    "tr",
    "true",
    "uiautomator",
    "uname",
    "uniq",
    "uptime",
    "wc",
    "which",
    "whoami",
    "wm",
    "xargs",
    "yes",
];

/// Like [`run`], for programs that run others.
pub(crate) fn start(process: Process) -> Pin<Box<dyn Future<Output = Option<ExitCode>> + Send>> {
    Box::pin(run(process))
}

/// `--user N` may stand before or after the verb; there is one user.
fn without_user<'a>(args: &[&'a str]) -> Vec<&'a str> {
    let mut words = Vec::new();
    let mut args = args.iter();
    while let Some(word) = args.next() {
        if *word == "--user" {
            args.next();
        } else {
            words.push(*word);
        }
    }
    words
}

/// What the phone's wall clock shows: the host's time.
pub(crate) fn wall_clock() -> jiff::Timestamp {
    use shared::clock::Clock as _;
    shared::clock::SystemClock.now()
}

/// Runs a program by its name; `None` where there is none of that name.
pub async fn run(mut process: Process) -> Option<ExitCode> {
    let name = process
        .argv
        .first()
        .map_or("", |name| name.rsplit('/').next().unwrap_or(""))
        .to_owned();
    if name.ends_with("grep") && process.phone.faults.has("no_grep") {
        return None;
    }
    let code = match name.as_str() {
        // What the phone is and how it is set.
        "getprop" => process.say(getprop::get).await,
        "setprop" => process.say(getprop::set).await,
        "settings" => process.say(settings::run).await,
        // What its services say.
        "dumpsys" => process.say(dumpsys::run).await,
        "wm" => process.say(wm::run).await,
        "am" => process.say(am::run).await,
        "pm" => {
            let words = process.argv.iter().skip(1).cloned().collect();
            pm::run(&mut process, words).await
        }
        "cmd" => cmd::run(&mut process).await,
        "ime" => process.say(ime::run).await,
        "content" => process.say(content::run).await,
        "svc" => svc::run_program(&mut process).await,
        "monkey" => process.say(monkey::run).await,
        "logcat" => logcat::run(&mut process).await,
        // The glass.
        "input" => input::run(&mut process).await,
        "uiautomator" => uiautomator::run(&mut process).await,
        "screencap" => screencap::run(&mut process).await,
        "app_process" | "app_process32" | "app_process64" => app_process::run(&mut process).await,
        // The system's state.
        "df" => process.say(df::run).await,
        "ps" => process.say(ps::run).await,
        "pidof" => process.say(ps::pidof).await,
        "kill" => process.say(ps::kill).await,
        "uptime" => process.say(uptime::run).await,
        "sh" => crate::shell::main(&mut process).await,
        "reboot" => reboot::run(&mut process).await,
        other => match files::run(other, &mut process).await {
            Some(code) => code,
            None => text::run(other, &mut process).await?,
        },
    };
    let _ = process.stdout.flush().await;
    let _ = process.stderr.flush().await;
    Some(code)
}
