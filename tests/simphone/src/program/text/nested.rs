//! Tools that run other tools: `env`, `nohup`, `time`, `timeout`, `toybox`, `xargs`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncReadExt;

use super::super::{ExitCode, Input, NAMES, Process, start};
use crate::shell::Out;

/// Ended by `timeout`.
const TIMED_OUT: ExitCode = 124;
/// What one command line of `xargs` may hold.
const MAX_ARGUMENTS: usize = 4000;

pub(super) async fn run(name: &str, process: &mut Process) -> ExitCode {
    let args = process.owned_args();
    let mut children = Children {
        stdout: Out::new(std::mem::replace(
            &mut process.stdout,
            Box::pin(tokio::io::sink()),
        )),
        stderr: Out::new(std::mem::replace(
            &mut process.stderr,
            Box::pin(tokio::io::sink()),
        )),
        env: process.env.clone(),
    };
    // The process itself goes on to write where its children do.
    process.stdout = Box::pin(children.stdout.clone());
    process.stderr = Box::pin(children.stderr.clone());
    match name {
        "env" => env(process, &mut children, args).await,
        "xargs" => xargs(process, &children, args).await,
        "timeout" => timeout(process, &children, &args).await,
        "toybox" if args.is_empty() => {
            process.println(&NAMES.join(" ")).await;
            0
        }
        _ => {
            let stdin = process.take_stdin();
            children.run(process, args, stdin).await
        }
    }
}

struct Children {
    stdout: Out,
    stderr: Out,
    env: BTreeMap<String, String>,
}

impl Children {
    async fn run(&self, parent: &mut Process, argv: Vec<String>, stdin: Input) -> ExitCode {
        let name = argv.first().cloned().unwrap_or_default();
        let child = Process {
            phone: Arc::clone(&parent.phone),
            argv,
            env: self.env.clone(),
            cwd: parent.cwd.clone(),
            stdin,
            stdout: Box::pin(self.stdout.clone()),
            stderr: Box::pin(self.stderr.clone()),
        };
        if let Some(code) = start(child).await {
            return code;
        }
        let own = parent.argv.first().cloned().unwrap_or_default();
        let line = if own.ends_with("toybox") {
            format!("toybox: Unknown command {name} (see \"toybox --help\")")
        } else {
            format!("{own}: exec {name}: No such file or directory")
        };
        parent.eprintln(&line).await;
        127
    }
}

async fn env(process: &mut Process, children: &mut Children, args: Vec<String>) -> ExitCode {
    let mut rest = args.into_iter().peekable();
    while let Some(arg) = rest.next_if(|arg| arg.starts_with('-') || arg.contains('=')) {
        if arg == "-i" {
            children.env.clear();
        } else if arg == "-u" {
            let name = rest.next().unwrap_or_default();
            children.env.remove(&name);
        } else if let Some((name, value)) = arg.split_once('=') {
            children.env.insert(name.to_owned(), value.to_owned());
        }
    }
    let argv: Vec<String> = rest.collect();
    if argv.is_empty() {
        let mut lines = String::new();
        for (name, value) in &children.env {
            lines.push_str(&format!("{name}={value}\n"));
        }
        process.print(&lines).await;
        return 0;
    }
    let stdin = process.take_stdin();
    children.run(process, argv, stdin).await
}

async fn timeout(process: &mut Process, children: &Children, args: &[String]) -> ExitCode {
    let mut rest = args;
    // `-k` and `-s` have a value; how the program is ended makes no difference here.
    while let Some((first, after)) = rest.split_first().filter(|(first, _)| first.starts_with('-')) {
        let with_value = matches!(first.as_str(), "-k" | "-s");
        rest = if with_value {
            after.get(1..).unwrap_or(&[])
        } else {
            after
        };
    }
    let Some((seconds, argv)) = rest.split_first() else {
        return process.needs(2).await;
    };
    let Some(seconds) = seconds
        .trim_end_matches('s')
        .parse::<f64>()
        .ok()
        .filter(|number| (0.0..1e9).contains(number))
    else {
        process.eprintln(&format!("timeout: bad time '{seconds}'")).await;
        return 125;
    };
    let clock = process.phone.spec.clock.clone();
    let stdin = process.take_stdin();
    tokio::select! {
        code = children.run(process, argv.to_vec(), stdin) => code,
        () = clock.sleep(Duration::from_secs_f64(seconds)) => TIMED_OUT,
    }
}

async fn xargs(process: &mut Process, children: &Children, args: Vec<String>) -> ExitCode {
    let (mut most, mut zero, mut replaced, mut skip_empty) = (MAX_ARGUMENTS, false, None, false);
    let mut rest = args.into_iter().peekable();
    while let Some(option) = rest.next_if(|arg| arg.starts_with('-')) {
        match option.as_str() {
            "-0" => zero = true,
            "-r" => skip_empty = true,
            "-I" => replaced = rest.next(),
            "-n" => {
                most = rest
                    .next()
                    .and_then(|text| text.parse().ok())
                    .unwrap_or(1)
                    .clamp(1, MAX_ARGUMENTS);
            }
            _ => {}
        }
    }
    let mut command: Vec<String> = rest.collect();
    if command.is_empty() {
        command.push("echo".to_owned());
    }
    let mut text = Vec::new();
    let _ = process.take_stdin().read_to_end(&mut text).await;
    let text = String::from_utf8_lossy(&text).into_owned();
    let words: Vec<&str> = if zero {
        text.split('\0').filter(|word| !word.is_empty()).collect()
    } else if replaced.is_some() {
        text.lines().filter(|line| !line.is_empty()).collect()
    } else {
        text.split_whitespace().collect()
    };
    let mut lines: Vec<Vec<String>> = Vec::new();
    if let Some(mark) = &replaced {
        for word in words {
            lines.push(command.iter().map(|arg| arg.replace(mark, word)).collect());
        }
    } else if words.is_empty() {
        if !skip_empty {
            lines.push(command);
        }
    } else {
        for words in words.chunks(most) {
            let words = words.iter().map(|word| (*word).to_owned());
            lines.push(command.iter().cloned().chain(words).collect());
        }
    }
    let mut code = 0;
    for line in lines {
        let ended = children.run(process, line, Box::pin(tokio::io::empty())).await;
        match ended {
            0 => {}
            127 => return 127,
            _ => code = 123,
        }
    }
    code
}
