//! Running a flow: a script of a pack, on a phone, to its result or to a failure that says what happened.
//!
//! The script runs on a thread of its own, bounded and without any way to this host; what it can do is in
//! `shared::pack::words`. This module puts a run together and takes it apart; it knows phones as [`Device`]s, and
//! leave to act as a [`Grantor`], whoever that is.

#![allow(
    clippy::unnecessary_box_returns,
    reason = "the script engine's own errors come in boxes"
)]

mod app;
pub mod bundle;
pub mod commit;
pub mod failure;
mod host;
mod media;
pub mod pace;
mod screen;
mod script;
pub mod step;
mod still;
mod text;
pub mod thread;
mod ui;
mod values;
mod wait;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use serde::Serialize;
use serde_json::{Map, Value};
use shared::pack::Pack;
use shared::pack::failure::{FailureKind, Person};
use shared::secret::SecretText;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::device::Device;
use crate::journal::Journal;
use commit::Grantor;
use failure::Failure;
use host::{Host, State};
use pace::Pace;
use step::Watch;
use thread::ScriptThread;

/// A flow that takes longer than this, in its own time, hangs.
pub const LONGEST_RUN: Duration = Duration::from_secs(4 * 3600);

/// What shall be run, for whom, with what.
#[derive(Debug, Clone)]
pub struct Task {
    /// The same name is the same task, also in another attempt after a crash.
    pub name: String,
    /// This attempt's own name.
    pub attempt: String,
    pub pack: Arc<Pack>,
    pub flow: String,
    /// As `Parameters::check_all` gave them.
    pub parameters: Map<String, Value>,
    pub account: Account,
    pub materials: Vec<Material>,
    /// Everything random follows from it.
    pub seed: u64,
    /// The app's package; the first of the pack's that is installed where `None`.
    pub package: Option<String>,
}

/// For whom a flow runs; empty texts where it is nobody in particular.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Account {
    /// As the controller counts them; for the journal alone.
    #[serde(skip)]
    pub id: Option<i64>,
    pub username: String,
    pub email: String,
    pub has_2fa: bool,
}

/// A file that the task brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Material {
    pub name: String,
    pub kind: MaterialKind,
    /// SHA-256 of its content, in hexadecimal.
    pub hash: String,
    /// Where it lies on this host.
    pub path: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MaterialKind {
    Video,
    Image,
}

/// Where secrets come from; each is asked for when a script needs it and kept no longer than the run.
#[async_trait]
pub trait Secrets: Send + Sync {
    async fn password(&self) -> Result<SecretText, Failure>;
    /// A one-time code of this moment, never the same twice.
    async fn totp(&self) -> Result<SecretText, Failure>;
}

/// What a run works with.
pub struct Rig {
    pub device: Arc<dyn Device>,
    pub grantor: Arc<dyn Grantor>,
    pub journal: Arc<Mutex<Journal>>,
    pub secrets: Arc<dyn Secrets>,
    pub watch: Arc<dyn Watch>,
    pub pace: Pace,
    /// Where a failure's bundle goes; none is written where `None`.
    pub bundle: Option<PathBuf>,
    /// In the flow's time.
    pub longest: Duration,
    pub thread: ScriptThread,
}

/// How a run ended.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The result map of the script.
    pub result: Result<Value, Failure>,
    pub bundle: Option<PathBuf>,
    pub steps: u64,
    /// In the flow's time.
    pub took: Duration,
}

/// Runs a flow to its end; `stop` ends it within a second.
pub async fn run(task: Task, rig: Rig, stop: CancellationToken) -> Outcome {
    let bundle = rig.bundle.clone();
    let longest = rig.longest;
    let pace = rig.pace.clone();
    let host = match prepare(&task, rig, stop.child_token()).await {
        Ok(host) => Arc::new(host),
        Err(failure) => {
            return Outcome {
                result: Err(failure),
                bundle: None,
                steps: 0,
                took: pace.elapsed(),
            };
        }
    };
    let result = play(&host, &task, longest).await;
    let mut written = None;
    if let (Err(failure), Some(folder)) = (&result, &bundle) {
        match host.write_bundle(folder, failure).await {
            Ok(folder) => written = Some(folder),
            Err(error) => host.watch.log(&format!(
                "the bundle {} could not be written: {error}",
                folder.display()
            )),
        }
    }
    if let Err(failure) = host.remove_media().await {
        host.watch
            .log(&format!("files were left on the phone: {failure}"));
    }
    let steps = host.state().step.index;
    Outcome {
        result,
        bundle: written,
        steps,
        took: pace.elapsed(),
    }
}

/// The script from its beginning to its end, on a phone that is made ready for it.
async fn play(host: &Arc<Host>, task: &Task, longest: Duration) -> Result<Value, Failure> {
    host.ready().await?;
    let script = script::start(Arc::clone(host), task);
    tokio::pin!(script);
    tokio::select! {
        result = &mut script => result,
        () = host.pace.sleep(longest) => {
            host.ends_by_itself(&Failure::new(
                FailureKind::Timeout,
                format!("the flow took longer than {} s", longest.as_secs()),
            ));
            script.await
        }
    }
}

/// What a run is on which phone; nothing is done to it yet.
async fn prepare(task: &Task, rig: Rig, stop: CancellationToken) -> Result<Host, Failure> {
    let Some(flow) = task.pack.flow(&task.flow).cloned() else {
        return Err(Failure::script(format!(
            "the pack {} has no flow {}",
            task.pack.name, task.flow
        )));
    };
    let system = rig.device.system().await?;
    let (package, app_version) = installed(task, rig.device.as_ref()).await?;
    if !system.language.is_empty() {
        rig.watch.language(&system.language);
    }
    let view = Host::view_of(&package, &task.pack, &app_version, &system.language);
    let started = rig.pace.clock().now();
    Ok(Host {
        device: rig.device,
        pack: Arc::clone(&task.pack),
        flow,
        package,
        app_version,
        system,
        view,
        account: task.account.clone(),
        materials: task.materials.clone(),
        secrets: rig.secrets,
        grantor: rig.grantor,
        journal: rig.journal,
        task: task.name.clone(),
        attempt: task.attempt.clone(),
        watch: rig.watch,
        pace: rig.pace,
        stop,
        waiting: rig.thread.waiting(Handle::current()),
        places: Mutex::default(),
        state: Mutex::new(State::new(task.seed)),
        over: AtomicBool::new(false),
        acts: AtomicU64::new(0),
        started,
    })
}

/// The app's package and version on this phone.
async fn installed(task: &Task, device: &dyn Device) -> Result<(String, String), Failure> {
    let wanted: Vec<&String> = match &task.package {
        Some(package) => vec![package],
        None => task.pack.packages.iter().collect(),
    };
    for package in &wanted {
        if let Some(version) = device.app_version(package).await? {
            return Ok(((*package).clone(), version));
        }
    }
    let names: Vec<&str> = wanted.iter().map(|name| name.as_str()).collect();
    Err(Failure::new(
        FailureKind::AppMissing,
        format!("{} is not installed on {}", names.join(" or "), device.serial()),
    ))
}

impl Host {
    /// Everything that must stand on the phone before the script begins.
    async fn ready(&self) -> Result<(), Failure> {
        self.device.hold(&self.attempt).await?;
        if !self.device.wake().await? {
            self.aside("waking", None, "the phone stays locked");
            return Err(Failure::new(
                FailureKind::NeedPerson(Person::Unknown),
                "the phone is locked by a PIN, a pattern or a password: unlock it, or take the lock away",
            ));
        }
        self.remove_left_behind().await;
        self.grant().await;
        Ok(())
    }

    /// What cannot be granted is asked for by the app in its own time; some makers forbid it over USB.
    async fn grant(&self) {
        for permission in &self.flow.permissions {
            if let Err(error) = self.device.grant(&self.package, permission).await {
                tracing::info!(%error, permission, "not granted beforehand");
            }
        }
    }

    /// An end that comes from outside of the script.
    fn ends_by_itself(&self, failure: &Failure) {
        self.state().ended.get_or_insert_with(|| failure.clone());
        self.over.store(true, std::sync::atomic::Ordering::Release);
        self.stop.cancel();
    }
}

#[cfg(test)]
mod tests;
