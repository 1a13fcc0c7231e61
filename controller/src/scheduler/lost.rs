//! Hosts come back: what they still work on goes on, what they have lost is lost, and their journals are asked what
//! became of acts.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use shared::task::AttemptState;
use shared::wire::message::AgentAsk;
use shared::wire::work::{GrantOutcome, JournalRecord, JournalState, Standing};
use uuid::Uuid;

use super::board::Working;
use super::{Engine, TaskNews, complain, retry};
use crate::store::{How, StoreError};

/// A journal answers within this time.
const ANSWER: Duration = Duration::from_secs(30);
/// Grants that a journal is asked for at once.
const ASKED_AT_ONCE: usize = 200;
/// Between two tries to hear a journal whole.
const AGAIN: Duration = Duration::from_secs(5);

impl Engine {
    /// A link came up: its host says where it stands.
    pub(super) async fn hear_standing(&self, host: Uuid, standing: &Standing) -> Result<(), StoreError> {
        let stood = self.store().hear_standing(host, standing).await?;
        self.board().stands(host, &standing.journal);
        if stood.went_back {
            tracing::error!(%host, highest = standing.highest, "this host knows of more grants than the database: it went back; nothing is granted until all journals have told what is in them");
            self.give_up_history().await?;
            self.ask_all_again(host);
        }
        self.set_untold(self.store().untold_hosts().await?);
        if stood.replay {
            let (engine, journal) = (self.clone(), standing.journal.clone());
            self.spawn(async move { engine.replay(host, journal, stood.epoch).await });
        }
        let named: BTreeSet<Uuid> = standing.attempts.iter().map(|id| Uuid::from_bytes(*id)).collect();
        let live = self.store().live_attempts(Some(host)).await?;
        for one in &live {
            let attempt = &one.attempt;
            self.board().put(Working::of(attempt));
            let has_it = named.contains(&attempt.id);
            if attempt.epoch != stood.epoch {
                self.lose(attempt.id, attempt.task, "the database was taken back")
                    .await;
                self.send_stop(host, attempt.id);
            } else if has_it && one.stop_asked {
                self.send_stop(host, attempt.id);
            } else if has_it {
                if let Some(task) = self.store().acknowledge(attempt.id, host).await? {
                    self.tell(TaskNews::State(&task));
                }
            } else if attempt.state == AttemptState::Handed && !one.stop_asked {
                // It may never have heard of it.
                let (engine, attempt) = (self.clone(), attempt.clone());
                self.spawn(async move {
                    if let Err(error) = engine.send_again(attempt).await {
                        complain("sending an order again", &error);
                    }
                });
            } else {
                self.lose(attempt.id, attempt.task, "its host came back without it")
                    .await;
            }
        }
        for id in named {
            if live.iter().all(|one| one.attempt.id != id) {
                self.send_stop(host, id);
            }
        }
        self.look_up(host).await;
        self.inner.scheduler.wake_all();
        Ok(())
    }

    /// An attempt is gone. Its host's journal is asked first what became of its acts.
    async fn lose(&self, attempt: Uuid, task: i64, why: &str) {
        self.look_up_task(task).await;
        let why = why.to_owned();
        self.close(attempt, How::Lost { why }).await;
    }

    /// Every attempt of an earlier history is over.
    async fn give_up_history(&self) -> Result<(), StoreError> {
        let epoch = self.store().epoch().await?;
        for one in self.store().live_attempts(None).await? {
            if one.attempt.epoch < epoch {
                let why = "the database was taken back".to_owned();
                self.close(one.attempt.id, How::Lost { why }).await;
                self.send_stop(one.attempt.host, one.attempt.id);
            }
        }
        Ok(())
    }

    /// The journals of the hosts that are here have to tell again.
    fn ask_all_again(&self, but: Uuid) {
        let known = self.board().known_journals();
        for (host, journal) in known {
            if host == but {
                continue;
            }
            let engine = self.clone();
            self.spawn(async move {
                match engine.store().epoch().await {
                    Ok(epoch) => engine.replay(host, journal, epoch).await,
                    Err(error) => complain("reading the history", &error),
                }
            });
        }
    }

    /// Hears all that is in a journal, until it has told or its host is away.
    async fn replay(&self, host: Uuid, journal: String, epoch: i64) {
        let hosts = &self.inner.parts.hosts;
        while hosts.is_connected(host) {
            let told = match hosts.work(host, AgentAsk::Replay { after: 0 }, ANSWER).await {
                Ok(records) => self.keep_told(host, &journal, records, epoch).await,
                Err(error) => {
                    tracing::warn!(%host, %error, "a journal did not tell what is in it");
                    self.inner.parts.clock.sleep(AGAIN).await;
                    continue;
                }
            };
            match told {
                Ok(()) => return,
                Err(error) => complain("keeping what a journal told", &error),
            }
            self.inner.parts.clock.sleep(AGAIN).await;
        }
    }

    async fn keep_told(
        &self,
        host: Uuid,
        journal: &str,
        records: Vec<JournalRecord>,
        epoch: i64,
    ) -> Result<(), StoreError> {
        let count = records.len();
        for part in records.chunks(ASKED_AT_ONCE) {
            let rules = self.rules();
            let day = move |at: Timestamp| rules.day(at).0;
            self.store().replay(host, journal, part.to_vec(), day).await?;
        }
        self.store().journal_told(journal, epoch).await?;
        tracing::info!(%host, journal, count, "a journal has told what is in it");
        self.set_untold(self.store().untold_hosts().await?);
        self.inner.scheduler.wake_all();
        Ok(())
    }

    /// Asks a host's journal what became of all acts that are in question and stand in it.
    async fn look_up(&self, host: Uuid) {
        let Some(journal) = self.board().journal(host).map(str::to_owned) else {
            return;
        };
        match self.store().unsettled_grants(None).await {
            Ok(grants) => {
                let ours = grants.into_iter().filter(|grant| {
                    // One that is being worked under is told by itself.
                    grant.journal == journal && self.board().attempt(grant.attempt).is_none()
                });
                let ours: Vec<(Uuid, i64)> = ours.map(|grant| (grant.id, grant.task)).collect();
                self.ask_journal(host, &journal, ours).await;
            }
            Err(error) => complain("reading which acts are in question", &error),
        }
    }

    /// The same for one task's acts, wherever their journal is.
    pub(super) async fn look_up_task(&self, task: i64) {
        match self.store().unsettled_grants(Some(task)).await {
            Ok(grants) => {
                for grant in grants {
                    let host = self.board().host_of_journal(&grant.journal);
                    if let Some(host) = host {
                        self.ask_journal(host, &grant.journal, vec![(grant.id, grant.task)])
                            .await;
                    }
                }
            }
            Err(error) => complain("reading which acts are in question", &error),
        }
    }

    async fn ask_journal(&self, host: Uuid, journal: &str, grants: Vec<(Uuid, i64)>) {
        for part in grants.chunks(ASKED_AT_ONCE) {
            let ids = part.iter().map(|(grant, _)| grant.into_bytes()).collect();
            let ask = AgentAsk::LookUp { grants: ids };
            let records = match self.inner.parts.hosts.work(host, ask, ANSWER).await {
                Ok(records) => records,
                Err(error) => {
                    tracing::warn!(%host, %error, "a journal did not say what became of acts");
                    return;
                }
            };
            for record in records {
                let grant = Uuid::from_bytes(record.grant);
                let outcome = outcome_of(record.state);
                if let Err(error) = self.store().settle_by_journal(journal, grant, outcome).await {
                    complain("keeping what became of an act", &error);
                }
            }
            let tasks: BTreeSet<i64> = part.iter().map(|(_, task)| *task).collect();
            for task in tasks {
                self.reconsider(task).await;
            }
        }
    }

    /// A task that waits to know what became of its acts goes on where that is known now.
    pub(super) async fn reconsider(&self, task: i64) {
        let now = self.now();
        let decided = self
            .store()
            .reconsider(task, move |task, grants| retry::once_settled(task, grants, now))
            .await;
        match decided {
            Ok(Some(task)) => {
                self.tell(TaskNews::State(&task));
                self.inner.scheduler.wake([&task.serial]);
            }
            Ok(None) => {}
            Err(error) => complain("taking a task on whose acts are settled", &error),
        }
    }
}

fn outcome_of(state: JournalState) -> GrantOutcome {
    match state {
        JournalState::Intent { .. } => GrantOutcome::Unknown {
            why: "it was about to be done, and nothing is written after that".to_owned(),
        },
        JournalState::Done { proof } => GrantOutcome::Done { proof },
        JournalState::Void => GrantOutcome::Void {
            why: "its journal says so".to_owned(),
        },
    }
}
