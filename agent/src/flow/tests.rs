//! The engine on a phone of paper. Time runs five hundred times as fast, so that waits end at once.

mod bounds;
mod commits;
mod screens;
mod still;
mod turns;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Map, Value};
use shared::clock::SystemClock;
use shared::pack::Pack;
use shared::pack::failure::FailureKind;
use shared::pack::files::PackFiles;
use shared::secret::SecretText;
use tokio_util::sync::CancellationToken;

use super::commit::local::LocalGrantor;
use super::failure::Failure;
use super::pace::Pace;
use super::step::{Step, Watch};
use super::thread::ScriptThread;
use super::{Account, Material, Outcome, Rig, Secrets, Task};
use crate::device::fake::Fake;
use crate::journal::Journal;

const APP: &str = "com.x";
const SPEED: f64 = 500.0;

const MANIFEST: &str = r#"
name = "test"
version = "1"
platform = "test"
packages = ["com.x"]
[flow.go]
title = "Go"
lasting = true
[flow.go.parameters.name]
type = "line"
default = "Anna"
[flow.go.parameters.key]
type = "secret"
"#;

const ELEMENTS: &str = r#"
[post]
any = [{ id = "pwo" }, { text = "Post" }]
[field]
any = [{ class = "EditText" }]
[gone]
any = [{ text = "Gone" }]
[item]
any = [{ class = "TextView", inside = "list" }]
[list]
any = [{ id = "list" }]
[posted]
any = [{ text = "Posted" }]
[rate]
any = [{ text = "Rate us" }]
[not_now]
any = [{ text = "Not now" }]
[blocked]
any = [{ text_contains = "try again later" }]
[watcher.rate]
when = "rate"
tap = "not_now"
[stop.blocked]
when = "blocked"
kind = "limited"
help = "the app says that it is enough for today"
"#;

/// A node of the app.
fn node(text: &str, class: &str, bounds: &str, more: &str) -> String {
    format!(
        r#"<node package="com.x" text="{text}" class="android.widget.{class}" enabled="true" bounds="{bounds}" {more}/>"#
    )
}

/// A screen of the app around some nodes.
fn screen(inner: &str) -> String {
    format!(
        r#"<node package="com.x" class="android.widget.FrameLayout" bounds="[0,0][100,200]">{inner}</node>"#
    )
}

fn both(a: &str, b: &str) -> String {
    format!("{a}{b}")
}

fn button(text: &str) -> String {
    node(text, "Button", "[10,10][90,30]", r#"clickable="true""#)
}

/// What a run told.
#[derive(Default)]
struct Told {
    steps: Mutex<Vec<Step>>,
    log: Mutex<Vec<String>>,
}

impl Watch for Told {
    fn step(&self, step: &Step) {
        self.steps.lock().unwrap().push(step.clone());
    }
    fn progress(&self, percent: u8, line: &str) {
        self.log.lock().unwrap().push(format!("{percent} {line}"));
    }
    fn log(&self, line: &str) {
        self.log.lock().unwrap().push(line.to_owned());
    }
}

struct NoSecrets;

#[async_trait]
impl Secrets for NoSecrets {
    async fn password(&self) -> Result<SecretText, Failure> {
        Ok(SecretText::new("hunter2!"))
    }
    async fn totp(&self) -> Result<SecretText, Failure> {
        Ok(SecretText::new("123456"))
    }
}

/// A run to be put together.
struct Run {
    script: String,
    fake: Arc<Fake>,
    folder: tempfile::TempDir,
    told: Arc<Told>,
    stop: CancellationToken,
    parameters: Map<String, Value>,
    materials: Vec<Material>,
    longest: Duration,
    allow: bool,
}

impl Run {
    fn new(fake: Fake, body: &str) -> Self {
        Self::with_functions(fake, body, "fn seen(e) { #{state: \"unknown\"} }")
    }

    fn with_functions(fake: Fake, body: &str, functions: &str) -> Self {
        Self {
            script: format!("fn run(p) {{\n{body}\n}}\n{functions}"),
            fake: Arc::new(fake),
            folder: tempfile::tempdir().unwrap(),
            told: Arc::default(),
            stop: CancellationToken::new(),
            parameters: Map::new(),
            materials: Vec::new(),
            longest: Duration::from_secs(100_000),
            allow: true,
        }
    }

    async fn go(&self) -> Outcome {
        let (task, rig) = self.parts();
        super::run(task, rig, self.stop.clone()).await
    }

    fn parts(&self) -> (Task, Rig) {
        let files = [
            ("pack.toml", MANIFEST),
            ("elements.toml", ELEMENTS),
            ("go.rhai", self.script.as_str()),
        ];
        let files = files
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        let pack = Pack::read(PackFiles::new(files))
            .unwrap_or_else(|faults| panic!("{faults:?}"))
            .0;
        let parameters = pack.flows[0]
            .parameters
            .check_all(&self.parameters)
            .unwrap()
            .values;
        let allow = self.allow;
        let task = Task {
            name: "task".to_owned(),
            attempt: format!("{:032x}", rand::random::<u128>()),
            pack: Arc::new(pack),
            flow: "go".to_owned(),
            parameters,
            account: Account {
                username: "me".to_owned(),
                ..Account::default()
            },
            materials: self.materials.clone(),
            seed: 7,
            package: None,
        };
        let rig = Rig {
            device: Arc::clone(&self.fake) as Arc<dyn crate::device::Device>,
            grantor: Arc::new(LocalGrantor::open(self.folder.path(), Box::new(move |_| Ok(allow))).unwrap()),
            journal: Arc::new(Mutex::new(Journal::open(self.folder.path()).unwrap())),
            secrets: Arc::new(NoSecrets),
            watch: Arc::clone(&self.told) as Arc<dyn Watch>,
            pace: Pace::new(Arc::new(SystemClock), SPEED),
            bundle: Some(self.folder.path().join("bundle")),
            longest: self.longest,
            thread: ScriptThread::default(),
        };
        (task, rig)
    }

    async fn result(&self) -> Value {
        self.go()
            .await
            .result
            .unwrap_or_else(|failure| panic!("{failure} {:?}", failure.place))
    }

    async fn failure(&self) -> Failure {
        match self.go().await.result {
            Err(failure) => failure,
            Ok(result) => panic!("it did not fail: {result}"),
        }
    }

    fn bundled(&self, file: &str) -> String {
        std::fs::read_to_string(self.folder.path().join("bundle").join(file)).unwrap()
    }
}
