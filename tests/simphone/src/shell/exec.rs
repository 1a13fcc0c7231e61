//! Running commands: one after the other, in pipelines side by side, in the background.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use tokio::io::AsyncReadExt;
use tokio::task::JoinSet;

use super::fd::{FileReader, FileWriter, In, Out};
use super::syntax::{Command, Item, List, Redirect, RedirectKind, Simple, Word};
use super::{Shell, glob};
use crate::phone::files::absolute;
use crate::phone::files::stat::is_device;
use crate::phone::files::storage::reason;
use crate::program::{self, Process};

pub(super) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Bytes that may wait between two stages of a pipeline.
const PIPE: usize = 32 * 1024;
/// Functions and groups in each other; beyond it the phone's shell would have used up its stack.
const MAX_CALLS: usize = 60;
/// Who writes where nobody reads any longer is ended so.
const ENDED_BY_SIGPIPE: u8 = 141;

/// How it goes on after a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    Next,
    /// So many loops are left, counting this.
    Break(u32),
    Continue(u32),
    Return,
    Exit,
}

impl Shell {
    pub(super) async fn list(&mut self, list: &List) -> Flow {
        for item in &list.0 {
            let flow = self.item(item).await;
            if flow != Flow::Next {
                return flow;
            }
        }
        Flow::Next
    }

    async fn item(&mut self, item: &Item) -> Flow {
        if !item.background {
            return self.command(&item.command).await;
        }
        let mut child = self.clone();
        child.stdin = In::empty();
        let command = Arc::clone(&item.command);
        let phone = Arc::clone(&self.phone);
        // It outlives this shell as on a phone, but no restart.
        tokio::spawn(async move {
            if let Command::Simple(Simple { redirects, .. }) | Command::Redirected(_, redirects) = &*command {
                // Nothing follows it in this child, so what is redirected is not kept open to be put back.
                child.redirect(redirects).await;
            }
            tokio::select! {
                _ = child.command(&command) => {}
                () = phone.power.ended() => {}
            }
        });
        self.background = self.background.wrapping_add(1);
        self.status = 0;
        Flow::Next
    }

    pub(super) fn command<'a>(&'a mut self, command: &'a Command) -> BoxFuture<'a, Flow> {
        Box::pin(async move {
            if self.calls >= MAX_CALLS {
                self.complain("Maximum function depth exceeded").await;
                self.status = 1;
                return Flow::Exit;
            }
            self.calls += 1;
            let flow = self.command_here(command).await;
            self.calls -= 1;
            if self.stdout.is_broken() { Flow::Exit } else { flow }
        })
    }

    async fn command_here(&mut self, command: &Command) -> Flow {
        match command {
            Command::Simple(simple) => self.simple(simple).await,
            Command::Pipeline(stages) => self.pipeline(stages).await,
            Command::Not(inner) => {
                let flow = self.command(inner).await;
                self.status = u8::from(self.status == 0);
                flow
            }
            Command::And(left, right) | Command::Or(left, right) => {
                let flow = self.command(left).await;
                let wanted = matches!(command, Command::And(..));
                if flow != Flow::Next || (self.status == 0) != wanted {
                    return flow;
                }
                self.command(right).await
            }
            Command::Group(list) => self.list(list).await,
            Command::Subshell(list) => {
                let mut child = self.clone();
                child.list(list).await;
                self.status = child.status;
                Flow::Next
            }
            Command::If { arms, otherwise } => self.conditional(arms, otherwise).await,
            Command::For { name, words, body } => self.for_each(name, words.as_deref(), body).await,
            Command::Loop {
                condition,
                wanted,
                body,
            } => self.repeat(condition, *wanted, body).await,
            Command::Case { word, arms } => self.case(word, arms).await,
            Command::Function { name, body } => {
                self.functions.insert(name.clone(), Arc::clone(body));
                self.status = 0;
                Flow::Next
            }
            Command::Redirected(inner, redirects) => {
                let before = self.descriptors();
                let flow = if self.redirect(redirects).await {
                    self.command(inner).await
                } else {
                    self.status = 1;
                    Flow::Next
                };
                self.restore(before);
                flow
            }
        }
    }

    async fn conditional(&mut self, arms: &[(List, List)], otherwise: &List) -> Flow {
        for (condition, body) in arms {
            let flow = self.list(condition).await;
            if flow != Flow::Next {
                return flow;
            }
            if self.status == 0 {
                return self.list(body).await;
            }
        }
        self.status = 0;
        self.list(otherwise).await
    }

    async fn for_each(&mut self, name: &str, words: Option<&[Word]>, body: &List) -> Flow {
        let values = match words {
            Some(words) => self.arguments(words).await,
            None => self.args.clone(),
        };
        self.status = 0;
        for value in values {
            self.set(name, value);
            match after_round(self.list(body).await) {
                Round::Again => {}
                Round::Stop(flow) => return flow,
            }
            tokio::task::yield_now().await;
        }
        Flow::Next
    }

    async fn repeat(&mut self, condition: &List, wanted: bool, body: &List) -> Flow {
        let mut status = 0;
        loop {
            let flow = self.list(condition).await;
            if flow != Flow::Next {
                return flow;
            }
            if (self.status == 0) != wanted {
                self.status = status;
                return Flow::Next;
            }
            match after_round(self.list(body).await) {
                Round::Again => {}
                Round::Stop(flow) => return flow,
            }
            status = self.status;
            // A loop that waits for nothing must not keep the thread to itself.
            tokio::task::yield_now().await;
        }
    }

    async fn case(&mut self, word: &Word, arms: &[(Vec<Word>, List)]) -> Flow {
        let text = self.text(word).await;
        for (patterns, body) in arms {
            for pattern in patterns {
                let pattern = self.pattern(pattern).await;
                if glob::matches(&pattern, &text) {
                    self.status = 0;
                    return self.list(body).await;
                }
            }
        }
        self.status = 0;
        Flow::Next
    }

    async fn pipeline(&mut self, stages: &[Arc<Command>]) -> Flow {
        let mut running = JoinSet::new();
        let mut input = self.stdin.clone();
        for (number, stage) in stages.iter().enumerate() {
            let mut child = self.clone();
            child.stdin = input;
            let last = number + 1 == stages.len();
            if last {
                input = In::empty();
            } else {
                let (reading, writing) = tokio::io::duplex(PIPE);
                child.stdout = Out::new(writing);
                input = In::new(Box::pin(reading));
            }
            let stage = Arc::clone(stage);
            running.spawn(async move {
                child.command(&stage).await;
                last.then_some(child.status)
            });
        }
        while let Some(ended) = running.join_next().await {
            if let Ok(Some(status)) = ended {
                self.status = status;
            }
        }
        Flow::Next
    }

    /// `$( … )`
    pub(super) async fn output_of(&mut self, list: &List) -> String {
        let (mut reading, writing) = tokio::io::duplex(PIPE);
        let mut child = self.clone();
        child.stdout = Out::new(writing);
        let run = async move {
            let list: BoxFuture<'_, Flow> = Box::pin(child.list(list));
            list.await;
            child.status
        };
        let mut output = Vec::new();
        let (status, _) = tokio::join!(run, reading.read_to_end(&mut output));
        self.status = status;
        // A shell variable holds no NUL.
        output.retain(|byte| *byte != 0);
        let text = String::from_utf8_lossy(&output);
        text.trim_end_matches('\n').to_owned()
    }

    async fn simple(&mut self, simple: &Simple) -> Flow {
        let argv = self.arguments(&simple.words).await;
        let mut values = Vec::new();
        for (name, word) in &simple.assignments {
            values.push((name.clone(), self.text(word).await));
        }
        let before = self.descriptors();
        if !self.redirect(&simple.redirects).await {
            self.restore(before);
            self.status = 1;
            return Flow::Next;
        }
        let flow = if argv.is_empty() {
            let substituted = simple.assignments.iter().any(|(_, word)| word.runs_commands());
            if !substituted {
                self.status = 0;
            }
            for (name, value) in values {
                self.set(&name, value);
            }
            Flow::Next
        } else {
            self.call(argv, values).await
        };
        if self.keeps_redirects {
            // `exec > file` is for all that follows.
            self.keeps_redirects = false;
        } else {
            self.restore(before);
        }
        flow
    }

    /// Runs a function, a builtin or a program.
    pub(super) fn call(&mut self, argv: Vec<String>, values: Vec<(String, String)>) -> BoxFuture<'_, Flow> {
        Box::pin(async move {
            let name = argv.first().cloned().unwrap_or_default();
            if let Some(body) = self.functions.get(&name).cloned() {
                for (name, value) in values {
                    self.set(&name, value);
                }
                let args = std::mem::replace(&mut self.args, argv[1..].to_vec());
                let flow = self.command(&body).await;
                self.args = args;
                return if flow == Flow::Return { Flow::Next } else { flow };
            }
            if let Some(flow) = self.builtin(&argv, &values).await {
                return flow;
            }
            self.status = self.program(argv, values).await;
            Flow::Next
        })
    }

    async fn program(&mut self, argv: Vec<String>, values: Vec<(String, String)>) -> u8 {
        let name = argv.first().cloned().unwrap_or_default();
        if name.contains('/')
            && let Some(status) = self.by_path(&name, &argv).await
        {
            return status;
        }
        let mut env = self.exported();
        env.extend(values);
        let process = Process {
            phone: Arc::clone(&self.phone),
            argv,
            env,
            cwd: self.cwd.clone(),
            stdin: Box::pin(self.stdin.clone()),
            stdout: Box::pin(self.stdout.clone()),
            stderr: Box::pin(self.stderr.clone()),
        };
        let ran: BoxFuture<'_, Option<u8>> = Box::pin(program::run(process));
        let ran = tokio::select! {
            biased;
            ran = ran => ran,
            () = self.stdout.broken() => Some(ENDED_BY_SIGPIPE),
        };
        let Some(status) = ran else {
            let what = if self.phone.spec.personality.sdk >= 29 {
                "inaccessible or not found"
            } else {
                "not found"
            };
            self.complain(&format!("{name}: {what}")).await;
            return 127;
        };
        status
    }

    /// What a path leads to, where it is not one of the system's programs (`None`): a script, or nothing to run.
    async fn by_path(&mut self, name: &str, argv: &[String]) -> Option<u8> {
        let path = crate::phone::files::resolve(&absolute(&self.cwd, name));
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        if matches!(folder, "/system/bin" | "/system/xbin" | "/vendor/bin" | "/bin") {
            return None;
        }
        let Ok(stat) = self.phone.files.stat(&path, true) else {
            return None;
        };
        if stat.is_folder() || stat.mode & 0o111 == 0 {
            self.complain(&format!("{name}: can't execute: Permission denied"))
                .await;
            return Some(126);
        }
        let text = std::fs::read(self.phone.files.host_path(&path)).unwrap_or_default();
        if text.starts_with(b"\x7fELF") {
            self.complain(&format!("{name}: not executable: 64-bit ELF file"))
                .await;
            return Some(126);
        }
        let mut child = self.clone();
        child.name.clone_from(&path);
        child.args = argv[1..].to_vec();
        Some(child.script(&String::from_utf8_lossy(&text)).await)
    }

    fn descriptors(&self) -> (In, Out, Out) {
        (self.stdin.clone(), self.stdout.clone(), self.stderr.clone())
    }

    fn restore(&mut self, (stdin, stdout, stderr): (In, Out, Out)) {
        self.stdin = stdin;
        self.stdout = stdout;
        self.stderr = stderr;
    }

    /// False where one could not be made; the reason is told.
    async fn redirect(&mut self, redirects: &[Redirect]) -> bool {
        for redirect in redirects {
            let target = self.text(&redirect.target).await;
            let done = match redirect.kind {
                RedirectKind::Read => self.read_from(&target),
                RedirectKind::Duplicate => self.duplicate(redirect.descriptor, &target),
                RedirectKind::Write | RedirectKind::Append | RedirectKind::Both => {
                    self.write_to(redirect, &target)
                }
            };
            if let Err(why) = done {
                self.complain(&why).await;
                return false;
            }
        }
        true
    }

    fn read_from(&mut self, target: &str) -> Result<(), String> {
        let path = absolute(&self.cwd, target);
        if is_device(&path) {
            self.stdin = In::empty();
            return Ok(());
        }
        let opened = match self.phone.files.stat(&path, true) {
            Ok(_) => std::fs::File::open(self.phone.files.host_path(&path)),
            Err(error) => Err(error),
        };
        let file = opened.map_err(|error| format!("can't open {target}: {}", reason(&error)))?;
        self.stdin = In::new(Box::pin(FileReader(file)));
        Ok(())
    }

    fn write_to(&mut self, redirect: &Redirect, target: &str) -> Result<(), String> {
        let path = absolute(&self.cwd, target);
        let out = if path == "/dev/tty" {
            // The terminal of a command is the stream that it was started on.
            return Err(format!("can't create {target}: No such device or address"));
        } else if is_device(&path) {
            Out::nowhere()
        } else {
            let append = redirect.kind == RedirectKind::Append;
            let file = self
                .phone
                .create_file(&path, append)
                .map_err(|error| format!("can't create {target}: {}", reason(&error)))?;
            Out::new(FileWriter(file))
        };
        if redirect.kind == RedirectKind::Both {
            self.stderr = out.clone();
        }
        match redirect.descriptor {
            1 => self.stdout = out,
            2 => self.stderr = out,
            // Descriptors that no program of this phone uses.
            _ => {}
        }
        Ok(())
    }

    fn duplicate(&mut self, descriptor: u32, target: &str) -> Result<(), String> {
        match (descriptor, target) {
            (1, "2") => self.stdout = self.stderr.clone(),
            (2, "1") => self.stderr = self.stdout.clone(),
            (0, "-") => self.stdin = In::empty(),
            (1, "-") => self.stdout = Out::nowhere(),
            (2, "-") => self.stderr = Out::nowhere(),
            (from, to) if to.parse() == Ok(from) => {}
            _ => return Err(format!("{target}: bad file descriptor")),
        }
        Ok(())
    }
}

enum Round {
    Again,
    Stop(Flow),
}

fn after_round(flow: Flow) -> Round {
    match flow {
        Flow::Next | Flow::Continue(0 | 1) => Round::Again,
        Flow::Break(0 | 1) => Round::Stop(Flow::Next),
        Flow::Break(loops) => Round::Stop(Flow::Break(loops - 1)),
        Flow::Continue(loops) => Round::Stop(Flow::Continue(loops - 1)),
        Flow::Return | Flow::Exit => Round::Stop(flow),
    }
}
