//! Work on a phone of paper for a controller of paper: orders, ends, grants, leases.

mod acts;
mod files;
mod leases;
mod orders;

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use shared::clock::{ManualClock, SharedClock, SystemClock};
use shared::pack::files::PackFiles;
use shared::secret::SecretText;
use shared::wire::message::{ControllerReply, Failure, FailureKind as Refusal, ToController};
use shared::wire::stream;
use shared::wire::work::{
    AttemptEnd, AttemptOutcome, GrantAnswer, Hash, Id, Order, OrderAccount, Settlement, Told,
};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::watch;

use super::{Phone, PhoneSource, Worker, WorkerConfig};
use crate::device::fake::Fake;
use crate::flow::thread::ScriptThread;
use crate::journal::Journal;
use crate::link::Controller;
use crate::link::controller::Streams;
use crate::outbox::Outbox;

const APP: &str = "com.x";
/// How long anything may take that is waited for; generous, because tests share two cores.
const PATIENCE: Duration = Duration::from_secs(30);

const MANIFEST: &str = r#"
name = "test"
version = "1"
platform = "test"
packages = ["com.x"]
[flow.go]
title = "Go"
lasting = true
"#;

const ELEMENTS: &str = r#"
[post]
any = [{ text = "Post" }]
[posted]
any = [{ text = "Posted" }]
"#;

const TAP: &str = "tap(\"post\"); done(#{tapped: true})";
const POST: &str = r#"let r = commit("post", "append", "k", #{a: 1}, || { tap("post"); wait_for("posted", 2); "the proof" }, "seen"); done(#{state: r.state})"#;
/// It never ends by itself.
const WAITS: &str = "tap(\"post\"); wait_for(\"posted\", 1000000);";

/// What the controller of paper does with a question.
enum Say {
    Reply(ControllerReply),
    /// It heard it, and the answer is lost.
    Lose,
    /// So many bytes of a file are announced, and these follow.
    Bytes(u64, Vec<u8>),
}

type Matcher = fn(&ToController) -> bool;

/// A controller of paper: answers as a test says, else as one that agrees with everything.
#[derive(Default)]
struct Paper {
    heard: Mutex<Vec<ToController>>,
    told: watch::Sender<usize>,
    next: Mutex<VecDeque<(Matcher, Say)>>,
    packs: Mutex<BTreeMap<Hash, PackFiles>>,
    grants: Mutex<u64>,
}

impl Paper {
    /// What is said once to the next question of that kind.
    fn say(&self, to: Matcher, say: Say) {
        self.next.lock().unwrap().push_back((to, say));
    }

    fn heard(&self) -> MutexGuard<'_, Vec<ToController>> {
        self.heard.lock().unwrap()
    }

    /// Waits until something was heard.
    async fn until(&self, what: &str, wanted: impl Fn(&[ToController]) -> bool) {
        let mut told = self.told.subscribe();
        let reached = tokio::time::timeout(PATIENCE, told.wait_for(|_| wanted(&self.heard()))).await;
        assert!(reached.is_ok(), "not heard: {what}; but {:?}", self.heard());
    }

    fn ends(&self) -> Vec<AttemptEnd> {
        let heard = self.heard();
        let ends = heard.iter().filter_map(|one| match one {
            ToController::Ended(end) => Some(end.clone()),
            _ => None,
        });
        ends.collect()
    }

    fn settlements(&self) -> Vec<Settlement> {
        let heard = self.heard();
        let all = heard.iter().filter_map(|one| match one {
            ToController::Settle(settlement) => Some(settlement.clone()),
            _ => None,
        });
        all.collect()
    }

    fn answer(&self, question: &ToController) -> Say {
        let mut next = self.next.lock().unwrap();
        if let Some(at) = next.iter().position(|(fits, _)| fits(question)) {
            return next.remove(at).unwrap().1;
        }
        Say::Reply(match question {
            ToController::Grant(_) => {
                let mut number = self.grants.lock().unwrap();
                *number += 1;
                let mut grant = Id::default();
                grant[15] = *number as u8;
                ControllerReply::Grant(GrantAnswer::Granted {
                    grant,
                    number: *number,
                    valid: 120_000,
                })
            }
            ToController::Earlier(_) => ControllerReply::Grant(GrantAnswer::Nothing),
            ToController::Secret { .. } => ControllerReply::Secret(Told::new(&SecretText::new("hunter2!"))),
            ToController::Pack { hash } => match self.packs.lock().unwrap().get(hash) {
                Some(files) => ControllerReply::Pack(
                    files
                        .iter()
                        .map(|(name, text)| (name.to_owned(), text.to_owned()))
                        .collect(),
                ),
                None => ControllerReply::Failed {
                    message: "no such pack".to_owned(),
                },
            },
            _ => ControllerReply::Done,
        })
    }

    async fn serve(&self, mut line: tokio::io::DuplexStream) {
        let Ok(question) = stream::expect::<ToController>(&mut line).await else {
            return;
        };
        if let ToController::Artifact { size, .. } = &question {
            let mut bytes = vec![0; *size as usize];
            line.read_exact(&mut bytes).await.unwrap();
        }
        self.heard().push(question.clone());
        let say = self.answer(&question);
        self.told.send_modify(|heard| *heard += 1);
        match say {
            // Who asked may not wait for it any more.
            Say::Reply(reply) => drop(stream::send(&mut line, &reply).await),
            Say::Lose => {}
            Say::Bytes(size, bytes) => {
                drop(stream::send(&mut line, &ControllerReply::Bytes { size }).await);
                drop(line.write_all(&bytes).await);
            }
        }
    }
}

/// A link to it.
struct Line(Arc<Paper>);

#[async_trait]
impl Streams for Line {
    async fn open(
        &self,
    ) -> io::Result<(
        Box<dyn AsyncWrite + Send + Unpin>,
        Box<dyn AsyncRead + Send + Unpin>,
    )> {
        let (here, there) = tokio::io::duplex(1 << 20);
        let paper = Arc::clone(&self.0);
        tokio::spawn(async move { paper.serve(there).await });
        let (read, write) = tokio::io::split(here);
        Ok((Box::new(write), Box::new(read)))
    }
}

struct OnePhone(Phone);

impl PhoneSource for OnePhone {
    fn phone(&self, name: &str) -> Result<Phone, Failure> {
        if name == self.0.device.serial().0 {
            return Ok(self.0.clone());
        }
        Err(Failure {
            kind: Refusal::UnknownPhone,
            message: format!("this host has no phone {name}"),
        })
    }
}

/// A host.
struct Ground {
    paper: Arc<Paper>,
    controller: Controller,
    fake: Arc<Fake>,
    worker: Worker,
    folder: tempfile::TempDir,
}

/// A phone with a button that works.
fn shop() -> Fake {
    let node = |text: &str| {
        format!(
            r#"<node package="com.x" class="android.widget.FrameLayout" bounds="[0,0][100,200]"><node package="com.x" text="{text}" class="android.widget.Button" enabled="true" clickable="true" bounds="[10,10][90,30]"/></node>"#
        )
    };
    Fake::new(APP)
        .screen("page", &node("Post"))
        .screen("done", &node("Posted"))
        .on_tap("page", "Post", "done")
}

impl Ground {
    /// With a link.
    fn new(fake: Fake) -> Self {
        let ground = Self::alone(fake, tempfile::tempdir().unwrap());
        ground.link();
        ground
    }

    fn alone(fake: Fake, folder: tempfile::TempDir) -> Self {
        let clock: SharedClock = Arc::new(SystemClock);
        let controller = Controller::new(clock);
        let fake = Arc::new(fake);
        let phone = Phone {
            device: Arc::clone(&fake) as Arc<dyn crate::device::Device>,
            turn: Arc::default(),
        };
        let worker = Worker::new(
            WorkerConfig {
                folder: folder.path().to_owned(),
                media_bytes: 1_000,
                speed: 500.0,
                thread: ScriptThread::default(),
            },
            controller.clone(),
            Journal::open(folder.path()).unwrap(),
            Outbox::open(folder.path(), controller.clone()).unwrap(),
            Arc::new(OnePhone(phone)),
        )
        .unwrap();
        Self {
            paper: Arc::default(),
            controller,
            fake,
            worker,
            folder,
        }
    }

    fn link(&self) {
        self.controller.up(Arc::new(Line(Arc::clone(&self.paper))), 2);
    }

    /// An order for this script, whose pack the controller has.
    fn order(&self, attempt: u8, body: &str) -> Order {
        let script = format!("fn run(p) {{\n{body}\n}}\nfn seen(e) {{ #{{state: \"not_done\"}} }}");
        let files = [
            ("pack.toml", MANIFEST),
            ("elements.toml", ELEMENTS),
            ("go.rhai", script.as_str()),
        ];
        let files = files
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        let files = PackFiles::new(files);
        let mut pack = Hash::default();
        let digits = files.hash();
        for (at, byte) in pack.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap();
        }
        self.paper.packs.lock().unwrap().insert(pack, files);
        Order {
            attempt: [attempt; 16],
            task: 70,
            number: 1,
            epoch: 1,
            serial: "FAKE".to_owned(),
            pack,
            flow: "go".to_owned(),
            parameters: "{}".to_owned(),
            account: Some(OrderAccount {
                id: 5,
                username: "me".to_owned(),
                email: String::new(),
                has_2fa: false,
            }),
            materials: Vec::new(),
            seed: 7,
            package: None,
            lease: 60_000,
            longest: 100_000_000,
        }
    }

    /// Waits until the controller has heard how everything ended; answers the ends.
    async fn ended(&self) -> Vec<AttemptEnd> {
        self.paper
            .until("an end", |heard| {
                heard.iter().any(|one| matches!(one, ToController::Ended(_)))
            })
            .await;
        tokio::time::timeout(PATIENCE, self.worker.inner.outbox.empty())
            .await
            .unwrap();
        self.paper.ends()
    }

    /// Ends everything of this process but its files.
    async fn dies(self) -> tempfile::TempDir {
        let folder = self.folder;
        drop(self.worker);
        // What runs on keeps the journal's lock for a moment.
        let free = async {
            while Journal::open(folder.path()).is_err() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, free).await.unwrap();
        folder
    }
}

fn failure_kind(end: &AttemptEnd) -> &str {
    match &end.outcome {
        AttemptOutcome::Done { result } => result,
        AttemptOutcome::Failed(failure) => &failure.kind,
    }
}

/// What a host knows of time when a test says so.
fn standing_clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(
        jiff::Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(1),
    ))
}

/// Looks whether it is ready, once.
async fn is_ready<T>(work: &mut (impl Future<Output = T> + Unpin)) -> Option<T> {
    tokio::select! {
        biased;
        done = work => Some(done),
        () = std::future::ready(()) => None,
    }
}
