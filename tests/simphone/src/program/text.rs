//! The tools that say, count, search and hash text, and those that run other tools, with toybox's words.

mod clock;
mod condition;
mod field;
mod grep;
mod hash;
mod lines;
mod nested;
mod print;

use std::io;

use tokio::io::{AsyncBufReadExt, BufReader};

use super::{ExitCode, Input, Process};
use crate::phone::files::stat::is_device;
use crate::shell::FileReader;

/// Runs `name`, if it is one of these tools.
pub(super) async fn run(name: &str, process: &mut Process) -> Option<ExitCode> {
    let code = match name {
        "true" => 0,
        "false" => 1,
        "echo" => print::echo(process).await,
        "printf" => print::printf(process).await,
        "yes" => print::yes(process).await,
        "seq" => print::seq(process).await,
        "test" | "[" => condition::test(process).await,
        "cat" => lines::cat(process).await,
        "tee" => lines::tee(process).await,
        "head" => lines::head(process).await,
        "tail" => lines::tail(process).await,
        "wc" => lines::wc(process).await,
        "sort" => field::sort(process).await,
        "uniq" => field::uniq(process).await,
        "cut" => field::cut(process).await,
        "tr" => field::tr(process).await,
        "grep" | "egrep" | "fgrep" => grep::grep(process).await,
        "md5sum" | "sha1sum" | "sha256sum" => hash::sum(process).await,
        "base64" => hash::base64(process).await,
        "dd" => hash::dd(process).await,
        "sleep" => clock::sleep(process).await,
        "date" => clock::date(process).await,
        "id" => clock::id(process).await,
        "whoami" => clock::whoami(process).await,
        "uname" => clock::uname(process).await,
        "env" | "nohup" | "toybox" | "xargs" | "timeout" | "time" => nested::run(name, process).await,
        _ => return None,
    };
    Some(code)
}

impl Process {
    fn owned_args(&self) -> Vec<String> {
        self.argv.iter().skip(1).cloned().collect()
    }

    fn take_stdin(&mut self) -> Input {
        std::mem::replace(&mut self.stdin, Box::pin(tokio::io::empty()))
    }

    /// Opens a file to read; `-` is stdin.
    fn open(&mut self, path: &str) -> io::Result<Input> {
        if path == "-" {
            return Ok(self.take_stdin());
        }
        let full = self.path(path);
        match full.as_str() {
            "/dev/zero" => return Ok(Box::pin(tokio::io::repeat(0))),
            "/dev/random" | "/dev/urandom" => {
                // Noise enough for a file of test data.
                let seed = crate::phone::identity::mix(self.phone.spec.seed, 77) as u8;
                return Ok(Box::pin(tokio::io::repeat(seed)));
            }
            "/proc/uptime" => {
                let text = super::uptime::proc_text(&self.phone);
                return Ok(Box::pin(io::Cursor::new(text.into_bytes())));
            }
            device if is_device(device) => return Ok(Box::pin(tokio::io::empty())),
            _ => {}
        }
        if self.phone.files.stat(&full, true)?.is_folder() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let file = std::fs::File::open(self.phone.files.host_path(&full))?;
        Ok(Box::pin(FileReader(file)))
    }

    /// All lines of `paths` (of stdin where there are none), without their ends; failures are told.
    async fn lines_of(&mut self, paths: &[String]) -> (Vec<Vec<u8>>, ExitCode) {
        let paths = or_stdin(paths);
        let mut lines = Vec::new();
        let mut code = 0;
        for path in paths {
            match self.open(&path) {
                Ok(input) => {
                    let mut input = BufReader::new(input);
                    while let Some(line) = next_line(&mut input).await {
                        lines.push(line);
                    }
                }
                Err(error) => code = self.failed(&path, &error).await,
            }
        }
        (lines, code)
    }

    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        use tokio::io::AsyncWriteExt;
        self.stdout.write_all(bytes).await
    }
}

fn or_stdin(paths: &[String]) -> Vec<String> {
    if paths.is_empty() {
        vec!["-".to_owned()]
    } else {
        paths.to_vec()
    }
}

/// The next line without its end; `None` at the end.
async fn next_line(input: &mut BufReader<Input>) -> Option<Vec<u8>> {
    let mut line = Vec::new();
    match input.read_until(b'\n', &mut line).await {
        Ok(1..) => {
            if line.last() == Some(&b'\n') {
                line.pop();
            }
            Some(line)
        }
        _ => None,
    }
}
