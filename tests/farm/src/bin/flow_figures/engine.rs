//! The engine alone: flows on a phone of paper that answers at once, with time that goes on only where somebody waits.

use std::future::Future;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use agent::device::fake::Fake;
use agent::flow::commit::local::LocalGrantor;
use agent::flow::failure::Failure;
use agent::flow::pace::Pace;
use agent::flow::step::{Step, Watch};
use agent::flow::thread::ScriptThread;
use agent::flow::{Account, Rig, Secrets, Task};
use agent::journal::Journal;
use async_trait::async_trait;
use farm::flows::FlowFarm;
use jiff::{SignedDuration, Timestamp};
use shared::clock::{Clock, SharedClock, SystemClock};
use shared::pack::Pack;
use shared::pack::failure::FailureKind;
use shared::pack::files::PackFiles;
use shared::secret::SecretText;
use tokio_util::sync::CancellationToken;

use super::screens::Screens;

const INSTAGRAM: &str = "com.instagram.android";
/// From feed to profile and back, so often.
const WALKS: usize = 50;
const LONGEST: Duration = Duration::from_secs(1_000_000);

/// How long each step of a flow through a real pack took, in milliseconds: the time since the step before. Every look
/// at the screen reads its hierarchy and searches it for all that the pack has to notice.
pub(crate) async fn walk(screens: &Screens) -> io::Result<Vec<f64>> {
    let paper = Fake::new(INSTAGRAM)
        .screen("feed", &screens.feed)
        .screen("profile", &screens.profile)
        .on_tap("feed", "Profile", "profile")
        .on_tap("profile", "Home", "feed");
    let body = format!(
        "for walk in 0..{WALKS} {{
            tap(\"profile_tab\");
            wait_for(\"profile_title\", 5);
            tap(\"home_tab\");
            if exists(\"profile_title\") {{ throw \"still the profile\"; }}
        }}"
    );
    let run = Run::of(&body, paper, Arc::new(Leaping::default()))?;
    let outcome = run.go().await;
    outcome
        .result
        .map_err(|failure| io::Error::other(failure.to_string()))?;
    let told = run.watch.steps.lock().unwrap_or_else(PoisonError::into_inner);
    if told.len() < WALKS * 4 {
        return Err(io::Error::other(format!("only {} steps", told.len())));
    }
    let between = told.windows(2).map(|two| two[1].duration_since(two[0]));
    Ok(between.map(|time| time.as_secs_f64() * 1_000.0).collect())
}

/// How long it takes from a stop in the middle of `body` until the flow has ended.
pub(crate) async fn stopped(body: &str) -> io::Result<Duration> {
    let paper = Fake::new(INSTAGRAM).screen(
        "blank",
        "<node package=\"com.instagram.android\" bounds=\"[0,0][9,9]\"/>",
    );
    let body = format!("log(\"begun\");\n{body}");
    let run = Run::of(&body, paper, Arc::new(SystemClock))?;
    let begun = run.watch.begun.notified();
    let going = run.go();
    tokio::pin!(going);
    tokio::select! {
        () = begun => {}
        outcome = &mut going => return Err(io::Error::other(format!("it ended by itself: {:?}", outcome.result))),
    }
    let asked = Instant::now();
    run.stop.cancel();
    match going.await.result {
        Err(failure) if failure.kind == FailureKind::Stopped => Ok(asked.elapsed()),
        other => Err(io::Error::other(format!("it was not stopped: {other:?}"))),
    }
}

/// A run to be made.
struct Run {
    task: Task,
    paper: Arc<Fake>,
    clock: SharedClock,
    watch: Arc<Seen>,
    stop: CancellationToken,
    folder: tempfile::TempDir,
    journal: Arc<Mutex<Journal>>,
}

impl Run {
    /// With the whole pack for Instagram beside the flow.
    fn of(body: &str, paper: Fake, clock: SharedClock) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("flow-figures").tempdir()?;
        let pack = Arc::new(pack(&FlowFarm::pack("instagram"), body)?);
        let journal = Journal::open(folder.path()).map_err(io::Error::other)?;
        Ok(Self {
            task: Task {
                name: "figures".to_owned(),
                attempt: "figures".to_owned(),
                pack,
                flow: "figures".to_owned(),
                parameters: serde_json::Map::new(),
                account: Account::default(),
                materials: Vec::new(),
                seed: 7,
                package: None,
            },
            paper: Arc::new(paper),
            clock,
            watch: Arc::default(),
            stop: CancellationToken::new(),
            folder,
            journal: Arc::new(Mutex::new(journal)),
        })
    }

    async fn go(&self) -> agent::flow::Outcome {
        let grantor = LocalGrantor::open(self.folder.path(), Box::new(|_| Ok(true)));
        let grantor = match grantor {
            Ok(grantor) => Arc::new(grantor),
            Err(error) => unreachable!("an empty folder has no grants: {error}"),
        };
        let rig = Rig {
            device: Arc::<Fake>::clone(&self.paper),
            grantor,
            journal: Arc::clone(&self.journal),
            secrets: Arc::new(NoSecrets),
            watch: Arc::<Seen>::clone(&self.watch),
            pace: Pace::new(Arc::clone(&self.clock), 1.0),
            bundle: None,
            longest: LONGEST,
            thread: ScriptThread::default(),
        };
        agent::flow::run(self.task.clone(), rig, self.stop.clone()).await
    }
}

/// The pack in that folder and one flow more.
fn pack(folder: &Path, body: &str) -> io::Result<Pack> {
    const FLOW: &str = "\n[flow.figures]\ntitle = \"Figures\"\nhelp = \"Only measured.\"\nlasting = false\n";
    let files = PackFiles::from_folder(folder).map_err(io::Error::other)?;
    let own = (
        "figures.rhai".to_owned(),
        format!("fn run(p) {{\n{body}\n#{{}}\n}}\n"),
    );
    let files = files.iter().map(|(name, text)| {
        let more = if name == shared::pack::files::MANIFEST {
            FLOW
        } else {
            ""
        };
        (name.to_owned(), format!("{text}{more}"))
    });
    let files = PackFiles::new(files.chain([own]));
    Pack::read(files)
        .map(|(pack, _)| pack)
        .map_err(|faults| io::Error::other(format!("{faults:?}")))
}

/// When each step was told, and that the script has begun.
#[derive(Default)]
struct Seen {
    steps: Mutex<Vec<Instant>>,
    begun: tokio::sync::Notify,
}

impl Watch for Seen {
    fn step(&self, _step: &Step) {
        let mut steps = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
        steps.push(Instant::now());
    }
    fn progress(&self, _percent: u8, _line: &str) {}
    fn log(&self, _line: &str) {
        self.begun.notify_one();
    }
}

struct NoSecrets;

#[async_trait]
impl Secrets for NoSecrets {
    async fn password(&self) -> Result<SecretText, Failure> {
        Err(Failure::script("there is no password here"))
    }
    async fn totp(&self) -> Result<SecretText, Failure> {
        Err(Failure::script("there are no codes here"))
    }
}

/// Time that leaps over every wait: what is left of a run is what it works.
#[derive(Debug, Default)]
struct Leaping {
    micros: AtomicU64,
}

impl Clock for Leaping {
    fn now(&self) -> Timestamp {
        let since = SignedDuration::from_micros(self.micros.load(Ordering::Acquire) as i64);
        Timestamp::UNIX_EPOCH
            .saturating_add(since)
            .unwrap_or(Timestamp::MAX)
    }

    fn since_boot(&self) -> Duration {
        Duration::from_micros(self.micros.load(Ordering::Acquire))
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        // The limit of the whole run is no wait: it stands beside all others.
        if duration >= LONGEST {
            return Box::pin(std::future::pending());
        }
        self.micros
            .fetch_add(duration.as_micros() as u64, Ordering::AcqRel);
        Box::pin(tokio::task::yield_now())
    }
}
