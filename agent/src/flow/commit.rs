//! A lasting act, at most once: leave is asked for, the intent is written down, then it is done, then it is written
//! down as done. After a crash at any point the next attempt finds what stands and never guesses.
//!
//! A *state* act may be done again only after somebody has read that it is not done; an *append* act never again once
//! its intent stands in a journal that has not voided it.

mod crash;
pub mod local;

use std::time::Duration;

use async_trait::async_trait;
use rhai::{Dynamic, FnPtr, Map, NativeCallContext};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::broken::{Part, lacks};
use shared::pack::failure::{FailureKind, Person};
pub use shared::wire::work::CommitKind;

use super::failure::{self, Failure};
use super::host::Host;
use super::step::Step;
use super::values;
use crate::journal::{Entry, Intent, JournalError, is_full_disk};

/// How often an append act that is not seen is looked for, and how far apart, in the flow's time.
const APPEND_LOOKS: u32 = 3;
const APPEND_APART: Duration = Duration::from_secs(20);
/// A state that could not be read is looked at once more.
const STATE_LOOKS: u32 = 2;
const STATE_APART: Duration = Duration::from_secs(5);
/// A grant can be resolved and asked for again this often in one attempt.
const MOST_ROUNDS: u32 = 4;

/// What is asked leave for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GrantRequest {
    pub task: String,
    pub attempt: String,
    /// The same number asks for the same grant again, after a lost answer.
    pub request: String,
    /// The request's number: no other one of its attempt has it.
    #[serde(default)]
    pub number: u64,
    pub commit: String,
    pub kind: CommitKind,
    pub key: String,
    /// What was read before the act.
    pub evidence: Value,
    pub account: String,
    /// Whose intents it will stand in.
    pub journal: String,
    /// The highest number of a grant that this agent has seen.
    pub highest_seen: u64,
}

/// The answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    Granted(Grant),
    /// It was done before; nothing is to be done.
    Done(Value),
    /// Leave was given before and nobody knows what came of it.
    Unknown {
        grant: String,
        evidence: Value,
        /// Its intent would stand in another journal: that it is not in this one says nothing.
        elsewhere: bool,
    },
    /// Not now; the flow ends.
    Refused {
        kind: FailureKind,
        why: String,
    },
}

/// Leave to act once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub id: String,
    pub number: u64,
    /// Until then the act may begin, by [`shared::clock::Clock::since_boot`].
    pub until: Duration,
}

/// Why no answer came.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    #[error("{0}")]
    Away(String),
    /// This attempt is not alive any more, or not this host's.
    #[error("{0}")]
    NotYours(String),
    #[error("{doing}")]
    Io { doing: String, source: std::io::Error },
}

/// Who gives leave: the controller, or its stand-in on this host.
#[async_trait]
pub trait Grantor: Send + Sync {
    async fn ask(&self, request: &GrantRequest) -> Result<Decision, GrantError>;
    /// What became of this act before, without asking for leave; `None` where nothing is known or it is free.
    async fn earlier(&self, request: &GrantRequest) -> Result<Option<Decision>, GrantError>;
    /// It was done, or seen to be done.
    async fn done(&self, grant: &str, proof: &Value) -> Result<(), GrantError>;
    /// It was not done and will not be under this grant; the journal says so already.
    async fn free(&self, grant: &str, why: &str) -> Result<(), GrantError>;
    /// It was looked for and is not done: a state act is free again, in whichever journal its intent stands.
    async fn not_seen(&self, grant: &str, why: &str) -> Result<(), GrantError>;
    /// Nobody knows; evidence for whoever looks.
    async fn unknown(&self, grant: &str, why: &str) -> Result<(), GrantError>;
}

/// What a look at the app said.
enum Seen {
    Done(Dynamic),
    NotDone,
    Unknown(String),
}

type Thrown = Box<rhai::EvalAltResult>;

/// One call of `commit`.
pub(super) struct Commit<'a> {
    pub(super) host: &'a Host,
    pub(super) context: &'a NativeCallContext<'a>,
    pub(super) name: String,
    pub(super) kind: CommitKind,
    pub(super) key: String,
    pub(super) evidence: Map,
    /// `None` where only the past is asked for.
    pub(super) action: Option<FnPtr>,
    pub(super) verify: FnPtr,
}

impl From<GrantError> for Failure {
    fn from(error: GrantError) -> Self {
        let kind = match error {
            GrantError::Away(_) => FailureKind::ControllerAway,
            GrantError::NotYours(_) => FailureKind::Stopped,
            GrantError::Io { ref source, .. } if is_full_disk(source) => FailureKind::HostDiskFull,
            GrantError::Io { .. } => FailureKind::Device,
        };
        let mut message = format!("asking for leave to act: {error}");
        if let GrantError::Io { source, .. } = &error {
            message = format!("{message}: {source}");
        }
        Self::new(kind, message)
    }
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        let kind = if error.is_full_disk() {
            FailureKind::HostDiskFull
        } else {
            FailureKind::Device
        };
        let mut message = error.to_string();
        if let JournalError::Io { source, .. } = &error {
            message = format!("{message}: {source}");
        }
        Self::new(kind, message)
    }
}

impl Commit<'_> {
    /// Asks, acts, tells; answers what the script gets.
    pub(super) fn run(&self) -> Result<Map, Thrown> {
        let request = self.request();
        for _ in 0..MOST_ROUNDS {
            self.reached("asked");
            let decision = self.step("ask", async { Ok(self.host.grantor.ask(&request).await?) })?;
            if let Decision::Granted(grant) = &decision {
                return self.act(&request, grant);
            }
            if let Some(proof) = self.past(decision)? {
                return Ok(answer("already", proof));
            }
        }
        Err(self.unsettled())
    }

    /// What an earlier attempt left; `None` where the act is still to be done.
    pub(super) fn settled(&self) -> Result<Option<Map>, Thrown> {
        let request = self.request();
        for _ in 0..MOST_ROUNDS {
            let earlier = self.step("look back", async {
                Ok(self.host.grantor.earlier(&request).await?)
            })?;
            let Some(decision) = earlier else { return Ok(None) };
            if let Some(proof) = self.past(decision)? {
                return Ok(Some(answer("already", proof)));
            }
        }
        Err(self.unsettled())
    }

    /// The proof of what was done before; `None` where it is free now.
    fn past(&self, decision: Decision) -> Result<Option<Dynamic>, Thrown> {
        match decision {
            Decision::Granted(_) => Ok(None),
            Decision::Done(proof) => Ok(Some(values::from_json(&proof))),
            Decision::Refused { kind, why } => Err(self.fails(Failure::new(kind, why))),
            Decision::Unknown {
                grant,
                evidence,
                elsewhere,
            } => self.resolve(&grant, &evidence, elsewhere, None),
        }
    }

    fn unsettled(&self) -> Thrown {
        self.fails(Failure::new(
            FailureKind::NeedPerson(Person::Unknown),
            format!("leave for {} {} cannot be settled", self.name, self.key),
        ))
    }

    fn request(&self) -> GrantRequest {
        let evidence = values::to_json(&Dynamic::from(self.evidence.clone()));
        let (journal, highest_seen) = {
            let journal = self.host.journal();
            (journal.identity().to_owned(), journal.highest())
        };
        // Another one than any before of this attempt, also where the process has begun anew and got its order again: the
        // same number would be answered with leave for another act. The controller keeps 63 bits of it.
        let number = rand::random::<u64>() >> 1;
        GrantRequest {
            task: self.host.task.clone(),
            attempt: self.host.attempt.clone(),
            request: format!("{}-{number}", self.host.attempt),
            number,
            commit: self.name.clone(),
            kind: self.kind,
            key: self.key.clone(),
            evidence,
            account: self.host.account.username.clone(),
            journal,
            highest_seen,
        }
    }

    fn act(&self, request: &GrantRequest, grant: &Grant) -> Result<Map, Thrown> {
        self.reached("granted");
        self.step("check", self.still_mine())?;
        if self.host.pace.clock().since_boot() > grant.until {
            // Nothing was done under it, and nothing will be.
            self.void(&grant.id, "it had run out before the act")?;
            return Err(self.fails(Failure::new(
                FailureKind::Timeout,
                "the leave to act ran out before the act; try again",
            )));
        }
        self.written(|journal, at| {
            journal.intent(Intent {
                grant: grant.id.clone(),
                number: grant.number,
                task: request.task.clone(),
                attempt: request.attempt.clone(),
                account: self.host.account.id,
                commit: self.name.clone(),
                kind: self.kind,
                key: self.key.clone(),
                evidence: request.evidence.clone(),
                at,
            })
        })?;
        self.reached("intent");
        let before = self.host.acts();
        self.host.state().acting = true;
        let result = match &self.action {
            Some(action) => action.call_within_context::<Dynamic>(self.context, ()),
            None => Ok(Dynamic::UNIT),
        };
        self.host.state().acting = false;
        self.reached("acted");
        let thrown = match result {
            Ok(proof) => return self.finish(&grant.id, proof).map(|proof| answer("done", proof)),
            Err(thrown) => thrown,
        };
        if self.host.acts() == before {
            // Nothing was sent to the phone: that is certain, and needs no look.
            let ended = self.host.suspend_end();
            self.void(&grant.id, "nothing was sent to the phone")?;
            self.put_end_back(ended);
            return Err(thrown);
        }
        self.settle(&grant.id, &request.evidence, thrown)
    }

    /// The action failed halfway: looks what it left behind, and lets the failure stand unless it was done after all.
    fn settle(&self, grant: &str, evidence: &Value, thrown: Thrown) -> Result<Map, Thrown> {
        let failure = self.failure_of(&thrown);
        let usable = failure.kind.leaves_the_app_usable() || failure.uncertain;
        if self.host.stop.is_cancelled() || !usable {
            // Whoever comes next finds the intent and looks.
            let told = self
                .host
                .waiting
                .wait(self.host.grantor.unknown(grant, &failure.message));
            if let Err(error) = told {
                self.host.watch.log(&format!(
                    "the outcome of {} could not be reported: {error}",
                    self.name
                ));
            }
            return Err(thrown);
        }
        let ended = self.host.suspend_end();
        match self.resolve(grant, evidence, false, Some(&failure)) {
            // A limit stays the end of the flow, also where the act itself had gone through; a lost answer is found again.
            Ok(Some(proof)) if ended.is_none() || failure.uncertain => Ok(answer("done", proof)),
            Ok(_) => {
                self.put_end_back(ended);
                Err(thrown)
            }
            // A person looks at the grant; that the platform said "enough" is still why the flow ends.
            Err(_) if failure.kind == FailureKind::Limited => {
                self.host.suspend_end();
                self.put_end_back(Some(failure));
                Err(thrown)
            }
            Err(worse) => Err(worse),
        }
    }

    fn put_end_back(&self, ended: Option<Failure>) {
        if let Some(ended) = ended {
            self.host.ends_with(&ended);
        }
    }

    /// Finds out what came of a grant; the proof where it was done, `None` where it is free again.
    fn resolve(
        &self,
        grant: &str,
        evidence: &Value,
        elsewhere: bool,
        first: Option<&Failure>,
    ) -> Result<Option<Dynamic>, Thrown> {
        let entry = self.host.journal().entry(grant);
        match entry.map_err(|error| self.fails(error.into()))? {
            Some(Entry::Done { proof }) => {
                let proof = values::from_json(&proof);
                return self.finish(grant, proof).map(Some);
            }
            Some(Entry::Void) | None if !elsewhere => {
                self.void(grant, "no intent was written down")?;
                return Ok(None);
            }
            _ => {}
        }
        let (looks, apart) = match self.kind {
            CommitKind::State => (STATE_LOOKS, STATE_APART),
            CommitKind::Append => (APPEND_LOOKS, APPEND_APART),
        };
        let mut last = String::new();
        for look in 0..looks {
            if look > 0 {
                self.step("wait", async {
                    self.host.sleep(apart).await;
                    Ok(())
                })?;
            }
            match self.verify(evidence)? {
                Seen::Done(proof) => return self.finish(grant, proof).map(Some),
                Seen::NotDone if self.kind == CommitKind::State => {
                    self.not_seen(grant, "it was looked for and is not done")?;
                    return Ok(None);
                }
                Seen::NotDone => "it is not to be seen".clone_into(&mut last),
                Seen::Unknown(why) => last = why,
            }
        }
        let first = first
            .map(|failure| format!("; it failed first with {failure}"))
            .unwrap_or_default();
        let why = format!(
            "whether {} {} was done cannot be told: {last}{first}",
            self.name, self.key
        );
        self.step("report", async {
            Ok(self.host.grantor.unknown(grant, &why).await?)
        })?;
        Err(self.fails(Failure::new(FailureKind::NeedPerson(Person::Unknown), why)))
    }

    /// Looks whether it was done, from a fresh start of the app.
    fn verify(&self, evidence: &Value) -> Result<Seen, Thrown> {
        self.step("verify", self.host.restart_app())?;
        self.reached("verifying");
        let looked = self
            .verify
            .call_within_context::<Dynamic>(self.context, (values::from_json(evidence),));
        let answer = match looked {
            Ok(answer) => answer,
            Err(thrown) => {
                let failure = self.failure_of(&thrown);
                // What ends the flow ends the looking too.
                if self.host.state().ended.is_some() {
                    return Err(thrown);
                }
                return Ok(Seen::Unknown(format!("the look failed: {failure}")));
            }
        };
        let Some(map) = answer.clone().try_cast::<Map>() else {
            return Err(self.fails(Failure::script(format!(
                "{} must answer #{{state: \"done\"|\"not_done\"|\"unknown\", proof}}, not {answer}",
                self.verify.fn_name()
            ))));
        };
        let state = map.get("state").map(ToString::to_string).unwrap_or_default();
        match state.as_str() {
            "done" => Ok(Seen::Done(map.get("proof").cloned().unwrap_or(Dynamic::UNIT))),
            "not_done" => Ok(Seen::NotDone),
            "unknown" => Ok(Seen::Unknown("the look was not conclusive".to_owned())),
            other => Err(self.fails(Failure::script(format!(
                "{} answered the state {other:?}: allowed are done, not_done, unknown",
                self.verify.fn_name()
            )))),
        }
    }

    /// Writes down that it was done, then tells.
    fn finish(&self, grant: &str, proof: Dynamic) -> Result<Dynamic, Thrown> {
        let value = values::to_json(&proof);
        self.written(|journal, at| journal.done(grant, &value, at))?;
        self.reached("done");
        self.step("report", async {
            Ok(self.host.grantor.done(grant, &value).await?)
        })?;
        self.reached("reported");
        Ok(proof)
    }

    fn void(&self, grant: &str, why: &str) -> Result<(), Thrown> {
        self.written(|journal, at| journal.void(grant, why, at))?;
        self.step("report", async { Ok(self.host.grantor.free(grant, why).await?) })
    }

    fn not_seen(&self, grant: &str, why: &str) -> Result<(), Thrown> {
        self.written(|journal, at| journal.void(grant, why, at))?;
        self.step("report", async {
            Ok(self.host.grantor.not_seen(grant, why).await?)
        })
    }

    /// The phone is still this attempt's, and its screen can be read.
    async fn still_mine(&self) -> Result<(), Failure> {
        self.host.look().await?;
        let holder = self.host.device.holder().await?;
        if holder == self.host.attempt || lacks(Part::Holder) {
            Ok(())
        } else {
            Err(Failure::new(
                FailureKind::Device,
                "somebody else works with this phone now: nothing was done",
            ))
        }
    }

    fn written(
        &self,
        write: impl FnOnce(&mut crate::journal::Journal, jiff::Timestamp) -> Result<(), JournalError>,
    ) -> Result<(), Thrown> {
        let at = self.host.pace.clock().now();
        let written = write(&mut self.host.journal(), at);
        written.map_err(|error| self.fails(error.into()))
    }

    fn step<T>(&self, what: &str, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Thrown> {
        let step = Step::of(&format!("commit: {what}")).detailed(&format!("{} {}", self.name, self.key));
        self.host.step(self.context.call_position(), step, work)
    }

    /// A point at which a process may die; tests have it die there.
    fn reached(&self, point: &str) {
        crash::at(point, &self.host.task);
        self.host.waiting.at(point);
    }

    fn fails(&self, mut failure: Failure) -> Thrown {
        failure.place = failure
            .place
            .or_else(|| self.host.place(self.context.call_position()));
        self.host.ends_with(&failure);
        failure.thrown(self.context.call_position())
    }

    fn failure_of(&self, thrown: &rhai::EvalAltResult) -> Failure {
        let places = self
            .host
            .places
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        failure::of_engine(thrown, &places)
    }
}

fn answer(state: &str, proof: Dynamic) -> Map {
    let mut map = Map::new();
    map.insert("state".into(), state.to_owned().into());
    map.insert("proof".into(), proof);
    map
}
