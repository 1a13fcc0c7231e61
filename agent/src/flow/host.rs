//! The run's side that scripts do not see: the phone, the present screen, what was done, and how it ends.
//!
//! Scripts run on a thread of their own and block in here on the runtime; a stop ends every wait at once.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rhai::Position;
use shared::pack::script::Places;
use shared::pack::{Flow, Pack};
use shared::screen::find::View;
use shared::screen::find::selector::Version;
use shared::secret::SecretText;
use tokio_util::sync::CancellationToken;

use super::commit::Grantor;
use super::failure::{Failure, Place};
use super::media::Album;
use super::pace::Pace;
use super::screen::Dump;
use super::step::{KEPT, Step, Watch};
use super::thread::Waiting;
use super::{Account, Material, Secrets};
use crate::device::{Device, SystemFacts};
use crate::journal::Journal;

/// More secrets than this are not typed in one run; the oldest is not forgotten, the run ends.
pub(super) const MOST_SECRETS: usize = 50;

/// What becomes of Android's permission dialogs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Permissions {
    #[default]
    Deny,
    Allow,
}

/// What changes while a flow runs.
#[derive(Debug)]
pub(super) struct State {
    /// The screen as it was read last, unless something was done since.
    pub(super) dump: Option<Arc<Dump>>,
    /// The last one of all, for the bundle.
    pub(super) last: Option<Arc<Dump>>,
    pub(super) dumps: u64,
    /// The app was brought to the front, so it should be there.
    pub(super) in_app: bool,
    /// The action of a commit runs.
    pub(super) acting: bool,
    pub(super) permissions: Permissions,
    /// What was typed as a secret: kept to mask it where it shows.
    pub(super) typed: Vec<SecretText>,
    pub(super) album: Option<Album>,
    pub(super) random: StdRng,
    pub(super) steps: VecDeque<Step>,
    pub(super) step: Step,
    /// How the run ends, once that is sure.
    pub(super) ended: Option<Failure>,
    pub(super) result: Option<rhai::Map>,
}

/// Everything of a run.
pub(super) struct Host {
    pub(super) device: Arc<dyn Device>,
    pub(super) pack: Arc<Pack>,
    pub(super) flow: Flow,
    pub(super) package: String,
    pub(super) app_version: String,
    pub(super) system: SystemFacts,
    pub(super) view: View,
    pub(super) account: Account,
    pub(super) materials: Vec<Material>,
    pub(super) secrets: Arc<dyn Secrets>,
    pub(super) grantor: Arc<dyn Grantor>,
    pub(super) journal: Arc<Mutex<Journal>>,
    /// The task as the grantor knows it, and this attempt at it.
    pub(super) task: String,
    pub(super) attempt: String,
    pub(super) watch: Arc<dyn Watch>,
    pub(super) pace: Pace,
    pub(super) stop: CancellationToken,
    pub(super) waiting: Waiting,
    pub(super) places: Mutex<Places>,
    pub(super) state: Mutex<State>,
    /// Set with `State::ended`, for a quick look at each operation of the script.
    pub(super) over: AtomicBool,
    /// Touches, texts and keys that were sent to the phone.
    pub(super) acts: AtomicU64,
    pub(super) started: Timestamp,
}

impl State {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            dump: None,
            last: None,
            dumps: 0,
            in_app: false,
            acting: false,
            permissions: Permissions::default(),
            typed: Vec::new(),
            album: None,
            random: StdRng::seed_from_u64(seed),
            steps: VecDeque::new(),
            step: Step::default(),
            ended: None,
            result: None,
        }
    }
}

impl Host {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn view_of(package: &str, pack: &Pack, version: &str, language: &str) -> View {
        View {
            packages: vec![package.to_owned()],
            system: pack.system_packages.clone(),
            language: (!language.is_empty()).then(|| language.to_owned()),
            app_version: Version::parse(version),
        }
    }

    /// Runs one host function: a step from its beginning to its end.
    pub(super) fn step<T>(
        &self,
        position: Position,
        step: Step,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Box<rhai::EvalAltResult>> {
        if let Some(failure) = self.state().ended.clone() {
            return Err(failure.thrown(position));
        }
        let began = self.pace.clock().now();
        let place = self.place(position);
        {
            let mut state = self.state();
            let index = state.step.index + 1;
            state.step = Step {
                index,
                at_ms: u64::try_from(self.pace.elapsed().as_millis()).unwrap_or(u64::MAX),
                place: place.clone(),
                ..step
            };
        }
        let result = self.block(work);
        let took = self.pace.clock().now().duration_since(began);
        let done = {
            let mut state = self.state();
            state.step.took_ms = u64::try_from(took.as_millis()).unwrap_or(0);
            let dump = state
                .dump
                .as_ref()
                .or(state.last.as_ref())
                .map(|dump| dump.hash());
            state.step.screen = dump;
            state.step.failed = result.as_ref().err().map(ToString::to_string);
            let done = state.step.clone();
            state.steps.push_back(done.clone());
            if state.steps.len() > KEPT {
                state.steps.pop_front();
            }
            done
        };
        self.watch.step(&done);
        result.map_err(|mut failure| {
            failure.place = failure.place.or(place);
            self.ends_with(&failure);
            failure.thrown(position)
        })
    }

    /// A failure that no script may catch is the run's end.
    pub(super) fn ends_with(&self, failure: &Failure) {
        if !failure.kind.may_be_caught() {
            let mut state = self.state();
            state.ended.get_or_insert_with(|| failure.clone());
            self.over.store(true, Ordering::Release);
        }
    }

    /// Takes the end back for as long as it takes to look at what an act left behind.
    pub(super) fn suspend_end(&self) -> Option<Failure> {
        self.over.store(false, Ordering::Release);
        self.state().ended.take()
    }

    pub(super) fn place(&self, position: Position) -> Option<Place> {
        let places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        places.of(position).map(|(file, line)| Place {
            file: file.to_owned(),
            line,
        })
    }

    /// Waits on the runtime from the script's thread; a stop ends it at once.
    pub(super) fn block<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        self.waiting.wait(async {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => Err(Failure::stopped()),
                result = work => result,
            }
        })
    }

    /// Something is about to be sent to the phone: what is known of its screen is old from now on.
    pub(super) fn acts_now(&self) {
        self.acts.fetch_add(1, Ordering::AcqRel);
        self.state().dump = None;
    }

    pub(super) fn acts(&self) -> u64 {
        self.acts.load(Ordering::Acquire)
    }

    /// Notes what the present step is about.
    pub(super) fn note(&self, element: Option<&str>, alternative: Option<usize>) {
        let mut state = self.state();
        if let Some(element) = element {
            state.step.element = Some(element.to_owned());
        }
        if let Some(alternative) = alternative {
            state.step.alternative = Some(alternative + 1);
        }
    }

    pub(super) fn detail(&self, detail: &str) {
        let mut state = self.state();
        state.step.detail = super::step::cut(detail);
    }

    /// Something that the engine did by itself within a step.
    pub(super) fn aside(&self, what: &str, element: Option<&str>, detail: &str) {
        let step = {
            let mut state = self.state();
            let step = Step {
                index: state.step.index,
                at_ms: u64::try_from(self.pace.elapsed().as_millis()).unwrap_or(u64::MAX),
                element: element.map(str::to_owned),
                ..Step::of(what).detailed(detail)
            };
            state.steps.push_back(step.clone());
            step
        };
        self.watch.step(&step);
    }

    pub(super) async fn sleep(&self, time: Duration) {
        self.pace.sleep(time).await;
    }
}
