//! What the shell does itself because it changes the shell: `cd`, `export`, `exit`, `read`, `eval`, ….

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::Shell;
use super::exec::{BoxFuture, Flow};
use crate::phone::files::storage::reason;
use crate::phone::files::{absolute, clean};

impl Shell {
    /// `None` where `argv` names no builtin.
    pub(super) async fn builtin(&mut self, argv: &[String], values: &[(String, String)]) -> Option<Flow> {
        let (name, args) = argv.split_first()?;
        let number = || args.first().and_then(|text| text.parse::<i64>().ok());
        let mut status = 0;
        let mut flow = Flow::Next;
        match name.as_str() {
            ":" | "umask" | "trap" | "wait" | "ulimit" | "alias" => {}
            "exit" => {
                status = number().map_or(self.status, |code| code as u8);
                flow = Flow::Exit;
            }
            "return" => {
                status = number().map_or(self.status, |code| code as u8);
                flow = Flow::Return;
            }
            "break" => flow = Flow::Break(number().map_or(1, |loops| loops.clamp(1, 99) as u32)),
            "continue" => flow = Flow::Continue(number().map_or(1, |loops| loops.clamp(1, 99) as u32)),
            "cd" => status = self.change_folder(args).await,
            "pwd" => {
                let line = format!("{}\n", self.cwd);
                let _ = self.stdout.write_all(line.as_bytes()).await;
            }
            "export" | "readonly" | "local" | "typeset" => self.declare(name == "export", args).await,
            "unset" => {
                for name in args {
                    self.unset(name);
                }
            }
            "set" => {
                // Options (`-e`, `-x`) are taken and change nothing that a client here relies on.
                if let Some(at) = args.iter().position(|arg| arg == "--") {
                    self.args = args[at + 1..].to_vec();
                }
            }
            "shift" => {
                let by = number().unwrap_or(1).max(0) as usize;
                status = u8::from(by > self.args.len());
                self.args.drain(..by.min(self.args.len()));
            }
            "read" => status = self.read_line(args).await,
            "eval" => return Some(self.evaluate(&args.join(" ")).await),
            "." | "source" => return Some(self.source(args).await),
            "exec" if args.is_empty() => self.keeps_redirects = true,
            "exec" => {
                self.call(args.to_vec(), values.to_vec()).await;
                return Some(Flow::Exit);
            }
            "command" if !matches!(args.first().map(String::as_str), None | Some("-v" | "-V")) => {
                return Some(self.call(args.to_vec(), values.to_vec()).await);
            }
            _ => return None,
        }
        self.status = status;
        Some(flow)
    }

    async fn change_folder(&mut self, args: &[String]) -> u8 {
        let target = args
            .first()
            .cloned()
            .unwrap_or_else(|| self.lookup("HOME").unwrap_or_default());
        let path = clean(&absolute(&self.cwd, &target));
        match self.phone.files.stat(&format!("{path}/"), true) {
            Ok(_) => {
                self.set("OLDPWD", self.cwd.clone());
                self.set("PWD", path.clone());
                self.cwd = path;
                0
            }
            Err(error) => {
                self.complain(&format!("cd: {target}: {}", reason(&error))).await;
                2
            }
        }
    }

    async fn declare(&mut self, export: bool, args: &[String]) {
        if args.is_empty() && export {
            let mut lines = String::new();
            for (name, value) in &self.exported() {
                lines.push_str(&format!("export {name}={value}\n"));
            }
            let _ = self.stdout.write_all(lines.as_bytes()).await;
        }
        for arg in args.iter().filter(|arg| !arg.starts_with('-')) {
            let (name, value) = match arg.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (arg.as_str(), None),
            };
            if let Some(value) = value {
                self.set(name, value);
            }
            if export {
                self.export(name);
            }
        }
    }

    /// `read [-r] NAME…`: one line, split at blanks, the last name takes the rest.
    async fn read_line(&mut self, args: &[String]) -> u8 {
        let mut line = Vec::new();
        let mut ended = true;
        while let Ok(byte) = self.stdin.read_u8().await {
            if byte == b'\n' {
                ended = false;
                break;
            }
            line.push(byte);
        }
        let text = String::from_utf8_lossy(&line).into_owned();
        let mut rest = text.trim_matches([' ', '\t']);
        let names: Vec<&String> = args.iter().filter(|arg| !arg.starts_with('-')).collect();
        for (number, name) in names.iter().enumerate() {
            let (value, after) = if number + 1 == names.len() {
                (rest, "")
            } else {
                rest.split_once([' ', '\t']).unwrap_or((rest, ""))
            };
            let value = value.to_owned();
            rest = after.trim_start_matches([' ', '\t']);
            self.set(name, value);
        }
        if names.is_empty() {
            self.set("REPLY", text);
        }
        u8::from(ended)
    }

    fn evaluate<'a>(&'a mut self, text: &'a str) -> BoxFuture<'a, Flow> {
        Box::pin(async move {
            match super::parse::parse(text) {
                Ok(list) => {
                    self.status = 0;
                    self.list(&list).await
                }
                Err(error) => {
                    self.complain(&error.message).await;
                    self.status = 1;
                    Flow::Next
                }
            }
        })
    }

    async fn source(&mut self, args: &[String]) -> Flow {
        let name = args.first().cloned().unwrap_or_default();
        let path = self.phone.files.host_path(&absolute(&self.cwd, &name));
        match std::fs::read(path) {
            Ok(text) => self.evaluate(&String::from_utf8_lossy(&text)).await,
            Err(error) => {
                self.complain(&format!("{name}: {}", reason(&error))).await;
                self.status = 1;
                Flow::Next
            }
        }
    }
}
