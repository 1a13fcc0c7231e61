//! Asks for work: so many tasks ahead for each account, each asked for until it is answered, whatever becomes of the
//! controller meanwhile.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use controller::store::{Page, Store, TaskQuery};
use shared::task::{TaskState, TaskStatus};

use super::super::crew::Crew;
use super::super::facts::Deed;
use super::super::rack::serial;
use super::super::work::{Job, Work, accounts};
use super::TARGETS;
use crate::http;

/// An answer that takes longer is asked for again.
const ANSWER: Duration = Duration::from_secs(10);
const AGAIN: Duration = Duration::from_millis(300);
const LOOK: Duration = Duration::from_secs(2);

/// See the module.
#[derive(Debug)]
pub(super) struct Feed {
    api: SocketAddr,
    phones: usize,
    ahead: usize,
    work: Mutex<Work>,
    accepted: Mutex<BTreeMap<i64, Deed>>,
    over: AtomicBool,
}

impl Feed {
    pub(super) fn new(crew: &Crew, ahead: usize) -> io::Result<Self> {
        let media = crew.controller.data.join("media");
        Ok(Self {
            api: crew.controller.api,
            phones: crew.spec.phones,
            ahead,
            work: Mutex::new(Work::new(crew.spec.seed, TARGETS, &media)?),
            accepted: Mutex::default(),
            over: AtomicBool::new(false),
        })
    }

    pub(super) fn accepted(&self) -> BTreeMap<i64, Deed> {
        self.accepted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(super) fn count(&self) -> usize {
        self.accepted.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    pub(super) fn stop(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    /// Keeps every account supplied until it is stopped.
    pub(super) async fn go_on(self: std::sync::Arc<Self>, store: Store) -> io::Result<()> {
        while !self.over.load(Ordering::Relaxed) {
            let mut there: BTreeMap<(String, String), usize> = BTreeMap::new();
            // A database that is busy is looked at again.
            let Ok(tasks) = listed(&store).await else {
                tokio::time::sleep(LOOK).await;
                continue;
            };
            for task in tasks {
                *there.entry((task.serial.0, task.platform)).or_default() += 1;
            }
            for (phone, platform) in accounts(self.phones) {
                let have = there
                    .get(&(serial(phone), platform.to_owned()))
                    .copied()
                    .unwrap_or_default();
                for _ in have..self.ahead {
                    let job = {
                        let mut work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
                        work.job(phone, platform)?
                    };
                    self.ask(job).await?;
                }
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    /// Asks until there is an answer; the call has a name, so that it creates one task however often it is asked.
    async fn ask(&self, job: Job) -> io::Result<()> {
        if let Some((name, bytes)) = &job.material {
            self.take_in(name, bytes).await?;
        }
        let headers = [
            ("Content-Type", "application/json"),
            ("Idempotency-Key", job.key.as_str()),
        ];
        loop {
            let asked = http::send(self.api, "POST", "/api/v1/task", &headers, job.body.to_string());
            match tokio::time::timeout(ANSWER, asked).await {
                Ok(Ok(answer)) if answer.status == 200 => {
                    let answer = answer.json();
                    let Some(task) = answer["data"]["task_ids"][0].as_i64() else {
                        return Err(io::Error::other(format!(
                            "no task came of {}: {answer}",
                            job.body
                        )));
                    };
                    let mut accepted = self.accepted.lock().unwrap_or_else(PoisonError::into_inner);
                    accepted.insert(task, job.deed);
                    return Ok(());
                }
                Ok(Ok(answer)) if (400..500).contains(&answer.status) => {
                    return Err(io::Error::other(format!("{} was refused: {answer:?}", job.body)));
                }
                _ => tokio::time::sleep(AGAIN).await,
            }
        }
    }

    /// Sends a file into the library until it is there; a content that it has already stays as it is.
    async fn take_in(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let path = format!("/api/v1/materials?name={name}&tags=chaos");
        let headers = [("Content-Type", "video/mp4")];
        loop {
            let sent = http::send(self.api, "POST", &path, &headers, bytes.to_vec());
            match tokio::time::timeout(ANSWER, sent).await {
                Ok(Ok(answer)) if answer.status == 200 => return Ok(()),
                Ok(Ok(answer)) if (400..500).contains(&answer.status) => {
                    return Err(io::Error::other(format!("{name} was refused: {answer:?}")));
                }
                _ => tokio::time::sleep(AGAIN).await,
            }
        }
    }
}

async fn listed(store: &Store) -> io::Result<Vec<controller::store::TaskRow>> {
    let query = TaskQuery {
        statuses: vec![TaskStatus::Pending, TaskStatus::Running],
        ..TaskQuery::default()
    };
    let page = Page {
        number: 1,
        size: 100_000,
    };
    let listed = store.list_tasks(query, page).await.map_err(io::Error::other)?;
    Ok(listed.rows.into_iter().map(|listed| listed.row).collect())
}

/// The tasks that are neither at their ends nor wait for a person, in words; and how many wait for one.
pub(super) async fn unfinished(store: &Store) -> io::Result<(Vec<String>, usize)> {
    let tasks = listed(store).await?;
    let waits = super::read::at_attention(store).await?;
    let all = tasks.len();
    let own: Vec<String> = tasks
        .into_iter()
        .filter(|task| task.state != TaskState::Person || !waits.contains(&task.id))
        .map(|task| {
            format!(
                "task {} ({} on {}) is {}: {}",
                task.id,
                task.script,
                task.serial,
                task.state,
                task.waiting_for.unwrap_or_default()
            )
        })
        .collect();
    let asked = all - own.len();
    Ok((own, asked))
}
