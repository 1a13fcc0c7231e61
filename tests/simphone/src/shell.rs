//! The phone's `sh`: as much of a POSIX shell as adb clients use.

mod builtin;
mod exec;
mod expand;
mod fd;
mod glob;
mod parse;
mod sum;
mod syntax;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::phone::files::absolute;
use crate::phone::{Phone, identity};
use crate::program::{ExitCode, Input, Output, Process};
use exec::Flow;
use fd::In;

pub use fd::Out;
pub(crate) use fd::{FileReader, FileWriter};
pub(crate) use glob::matches as pattern_fits;

/// How the shell names itself in what it complains of.
const NAME: &str = "/system/bin/sh";

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
    let mut shell = Shell::new(phone, In::new(stdin), stdout, stderr);
    match script {
        Script::Line(line) => shell.script(line).await,
        Script::Stdin => shell.lines(None).await,
        Script::Terminal => {
            let prompt = format!("{}:/ $ ", phone.spec.personality.device);
            shell.lines(Some(&prompt)).await
        }
    }
}

/// The program `sh`: `sh -c LINE [NAME ARG…]`, `sh FILE [ARG…]`, or commands on stdin.
pub(crate) async fn main(process: &mut Process) -> ExitCode {
    let stdin = std::mem::replace(&mut process.stdin, Box::pin(tokio::io::empty()));
    let stdout = std::mem::replace(&mut process.stdout, Box::pin(tokio::io::sink()));
    let stderr = std::mem::replace(&mut process.stderr, Box::pin(tokio::io::sink()));
    let mut shell = Shell::new(&process.phone, In::new(stdin), Out::new(stdout), Out::new(stderr));
    shell.cwd.clone_from(&process.cwd);
    for (name, value) in &process.env {
        shell.set(name, value.clone());
        shell.export(name);
    }
    let args = process.args();
    // Options other than -c (`-e`, `-x`) change nothing that a client here relies on.
    let options = args.iter().take_while(|arg| arg.starts_with('-')).count();
    let (options, rest) = args.split_at(options);
    let owned = |args: &[&str]| args.iter().map(|arg| (*arg).to_owned()).collect();
    if options.iter().any(|option| option.contains('c')) {
        let Some((line, rest)) = rest.split_first() else {
            shell.complain("-c: requires an argument").await;
            return 1;
        };
        if let Some((name, rest)) = rest.split_first() {
            (*name).clone_into(&mut shell.name);
            shell.args = owned(rest);
        }
        return shell.script(line).await;
    }
    let Some((file, rest)) = rest.split_first() else {
        return shell.lines(None).await;
    };
    shell.args = owned(rest);
    let path = process.phone.files.host_path(&absolute(&process.cwd, file));
    match std::fs::read(path) {
        Ok(text) => {
            (*file).clone_into(&mut shell.name);
            shell.script(&String::from_utf8_lossy(&text)).await
        }
        Err(error) => {
            let why = crate::phone::files::storage::reason(&error);
            shell.complain(&format!("can't open '{file}': {why}")).await;
            127
        }
    }
}

/// A shell at work. A clone is a subshell.
#[derive(Clone)]
struct Shell {
    phone: Arc<Phone>,
    variables: BTreeMap<String, Variable>,
    functions: BTreeMap<String, Arc<syntax::Command>>,
    cwd: String,
    /// `$0`
    name: String,
    /// `$$`
    pid: u32,
    /// `$1`, `$2`, …
    args: Vec<String>,
    /// `$?`
    status: ExitCode,
    stdin: In,
    stdout: Out,
    stderr: Out,
    /// How deep commands stand in each other just now.
    calls: usize,
    /// How many commands were sent to the background.
    background: u32,
    /// The redirections of this command are for all that follow.
    keeps_redirects: bool,
}

#[derive(Debug, Clone)]
struct Variable {
    value: String,
    exported: bool,
}

/// What adbd gives a shell.
const ENVIRONMENT: [(&str, &str); 11] = [
    ("ANDROID_DATA", "/data"),
    ("ANDROID_ROOT", "/system"),
    ("ANDROID_STORAGE", "/storage"),
    ("EXTERNAL_STORAGE", "/sdcard"),
    ("HOME", "/"),
    ("LOGNAME", "shell"),
    ("PATH", "/product/bin:/system/bin:/system/xbin:/vendor/bin"),
    ("PWD", "/"),
    ("SHELL", "/bin/sh"),
    ("TMPDIR", "/data/local/tmp"),
    ("USER", "shell"),
];

impl Shell {
    fn new(phone: &Arc<Phone>, stdin: In, stdout: Out, stderr: Out) -> Self {
        let exported = |(name, value): (&str, &str)| {
            let variable = Variable {
                value: value.to_owned(),
                exported: true,
            };
            (name.to_owned(), variable)
        };
        let host = ("HOSTNAME", phone.spec.personality.device);
        Self {
            phone: Arc::clone(phone),
            variables: ENVIRONMENT.into_iter().chain([host]).map(exported).collect(),
            functions: BTreeMap::new(),
            cwd: "/".to_owned(),
            name: NAME.to_owned(),
            pid: 4000
                + (identity::mix(phone.spec.seed, phone.spec.clock.now().0.as_micros() as u64) % 20_000)
                    as u32,
            args: Vec::new(),
            status: 0,
            stdin,
            stdout,
            stderr,
            calls: 0,
            background: 0,
            keeps_redirects: false,
        }
    }

    /// Runs a whole text.
    async fn script(&mut self, text: &str) -> ExitCode {
        match parse::parse(text) {
            Ok(list) => {
                self.list(&list).await;
                self.status
            }
            Err(error) => {
                self.complain(&error.message).await;
                1
            }
        }
    }

    /// Runs commands as they come in on stdin.
    async fn lines(&mut self, prompt: Option<&str>) -> ExitCode {
        let mut text = String::new();
        loop {
            if let Some(prompt) = prompt {
                let prompt = if text.is_empty() { prompt } else { "> " };
                let _ = self.stdout.write_all(prompt.as_bytes()).await;
            }
            let more = self.next_line(&mut text).await;
            match parse::parse(&text) {
                Err(error) if error.incomplete && more => continue,
                Err(error) => {
                    self.complain(&error.message).await;
                    self.status = 1;
                    if prompt.is_none() {
                        return self.status;
                    }
                }
                Ok(list) => {
                    if self.list(&list).await == Flow::Exit {
                        return self.status;
                    }
                }
            }
            if !more {
                return self.status;
            }
            text.clear();
        }
    }

    /// Adds a line; false at the end. Byte by byte, because what follows belongs to the programs that it runs.
    async fn next_line(&mut self, text: &mut String) -> bool {
        let mut line = Vec::new();
        while let Ok(byte) = self.stdin.read_u8().await {
            line.push(byte);
            if byte == b'\n' {
                text.push_str(&String::from_utf8_lossy(&line));
                return true;
            }
        }
        text.push_str(&String::from_utf8_lossy(&line));
        false
    }

    async fn complain(&mut self, what: &str) {
        let line = format!("{}: {what}\n", self.name);
        let _ = self.stderr.write_all(line.as_bytes()).await;
    }

    /// A variable's value, the special ones included.
    fn lookup(&self, name: &str) -> Option<String> {
        match name {
            "?" => Some(self.status.to_string()),
            "#" => Some(self.args.len().to_string()),
            "@" | "*" => Some(self.args.join(" ")),
            "$" => Some(self.pid.to_string()),
            "!" => (self.background > 0).then(|| (self.pid + self.background).to_string()),
            "-" => Some(String::new()),
            "0" => Some(self.name.clone()),
            _ => match name.parse::<usize>() {
                Ok(number) => number.checked_sub(1).and_then(|at| self.args.get(at)).cloned(),
                Err(_) => self.variables.get(name).map(|variable| variable.value.clone()),
            },
        }
    }

    fn set(&mut self, name: &str, value: String) {
        let exported = self.variables.get(name).is_some_and(|variable| variable.exported);
        self.variables
            .insert(name.to_owned(), Variable { value, exported });
    }

    fn unset(&mut self, name: &str) {
        self.variables.remove(name);
        self.functions.remove(name);
    }

    fn export(&mut self, name: &str) {
        let variable = self.variables.entry(name.to_owned()).or_insert(Variable {
            value: String::new(),
            exported: true,
        });
        variable.exported = true;
    }

    fn exported(&self) -> BTreeMap<String, String> {
        self.variables
            .iter()
            .filter(|(_, variable)| variable.exported)
            .map(|(name, variable)| (name.clone(), variable.value.clone()))
            .collect()
    }
}
