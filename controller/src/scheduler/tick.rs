//! What happens by itself with time: phones whose moment has come, hosts that are away for too long, tasks that expire,
//! and what attempts have told goes to the database.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use shared::device::{DeviceState, Serial};
use shared::task::TaskState;
use shared::wire::message::AgentAsk;
use tokio::sync::broadcast::error::RecvError;
use uuid::Uuid;

use super::{Engine, TaskNews, complain, expire};
use crate::fleet::{EventKind, FleetEvent};
use crate::store::{How, NewAttention, TaskChange, TaskRow};

/// After a lease so much more time is given: the two sides' clocks do not begin at the same moment.
const MARGIN: Duration = Duration::from_secs(10);
/// How often, in seconds, what attempts have told is written down.
const WRITE_EVERY: i64 = 3;
/// How often, in seconds, a task that is to stop is told so again.
const STOP_EVERY: i64 = 5;
/// How often, in seconds, all phones with tasks are looked at, whatever was missed.
const SWEEP_EVERY: i64 = 30;
/// How often, in seconds, evidence is held against its bounds.
const EVIDENCE_EVERY: i64 = 300;
/// How often, in seconds, files of evidence are looked for that no row names.
const STRAYS_EVERY: i64 = 24 * 3600;
/// A host says within this time that it stopped a task, or is told again.
const STOP_WITHIN: Duration = Duration::from_secs(5);
/// Tasks that expire in one look.
const EXPIRE_AT_ONCE: u32 = 500;

impl Engine {
    pub(super) async fn tick(&self) {
        let now = self.now();
        let seconds = now.duration_since(self.inner.started_at).as_secs();
        let before = std::mem::replace(&mut self.board().seconds, seconds);
        // Also where the timer comes late.
        let is_time = |every: i64| before / every != seconds / every;
        self.board().wake_due(now);
        let open = self.rules().is_open(now);
        if std::mem::replace(&mut self.board().was_open, open) != open {
            self.board().all_woken = true;
        }
        self.give_up_lost(now);
        if is_time(WRITE_EVERY) {
            self.write_told(None).await;
            self.free_held_phones(now).await;
        }
        if is_time(STOP_EVERY) {
            self.stop_asked().await;
        }
        if is_time(SWEEP_EVERY) {
            self.board().all_woken = true;
            self.see_to_replaced().await;
            self.expire(now).await;
            self.give_up_waiting().await;
            if let Ok(untold) = self.store().untold_hosts().await {
                self.set_untold(untold);
            }
        }
        if is_time(EVIDENCE_EVERY) {
            self.sweep_evidence(is_time(STRAYS_EVERY));
        }
    }

    pub(super) fn hear_fleet(&self, event: Result<FleetEvent, RecvError>) {
        let Ok(event) = event else {
            self.board().all_woken = true;
            return;
        };
        match event.kind {
            EventKind::DeviceAdded { serial, .. }
            | EventKind::StateChanged { serial, .. }
            | EventKind::DeviceRemoved { serial } => self.board().wake(&serial.0),
            EventKind::DeviceChanged { serial } => {
                let mut board = self.board();
                if board.paused.of(&serial.0).is_some() {
                    board.wake(&serial.0);
                }
            }
            EventKind::HostLost { host, .. } | EventKind::HostRevoked { host, .. } => {
                self.board().host_away(host, event.at);
            }
            EventKind::HostEnrolled { .. }
            | EventKind::HostConnected { .. }
            | EventKind::HostRefused { .. } => {}
        }
    }

    /// Attempts whose host has been away for longer than they go on alone, or whose phone is at another host by now.
    fn give_up_lost(&self, now: Timestamp) {
        let hosts = &self.inner.parts.hosts;
        let away = self.board().hosts_away();
        for host in away {
            // The word that a link ended may come after the next link.
            if hosts.is_connected(host) {
                self.board().host_back(host);
            }
        }
        let devices = hosts.devices();
        let lost: Vec<(Uuid, String)> = {
            let board = self.board();
            board
                .all()
                .filter_map(|working| {
                    let since = board.away_since(working.host)?;
                    let live = devices.get(&Serial(working.serial.clone()));
                    let moved = live.is_some_and(|live| {
                        live.host != working.host && live.device.state == DeviceState::Online
                    });
                    let alone =
                        SignedDuration::try_from(working.lease + MARGIN).unwrap_or(SignedDuration::MAX);
                    if moved {
                        return Some((working.attempt, "its phone came up at another host".to_owned()));
                    }
                    (now.duration_since(since) >= alone)
                        .then(|| (working.attempt, "its host is away".to_owned()))
                })
                .collect()
        };
        for (attempt, why) in lost {
            let engine = self.clone();
            self.spawn(async move {
                engine.close(attempt, How::Lost { why }).await;
            });
        }
    }

    /// Tells the hosts of all tasks that are to stop.
    pub(super) async fn stop_asked(&self) {
        let serials: Vec<String> = self.board().all().map(|working| working.serial.clone()).collect();
        if serials.is_empty() {
            return;
        }
        match self.store().live_attempts(None).await {
            Ok(live) => {
                for one in live.into_iter().filter(|one| one.stop_asked) {
                    self.send_stop(one.attempt.host, one.attempt.id);
                }
            }
            Err(error) => complain("looking for tasks that are to stop", &error),
        }
    }

    /// The same for the task of one phone.
    pub(super) async fn stop_if_asked(&self, serial: &str) {
        let working = self.board().working(serial).cloned();
        let Some(working) = working else { return };
        match self.store().task(working.task).await {
            Ok(Some(listed)) if listed.row.stop_asked_at.is_some() => {
                self.send_stop(working.host, working.attempt);
            }
            Ok(_) => {}
            Err(error) => complain("reading a task", &error),
        }
    }

    pub(super) fn send_stop(&self, host: Uuid, attempt: Uuid) {
        let hosts = std::sync::Arc::clone(&self.inner.parts.hosts);
        self.spawn(async move {
            let ask = AgentAsk::StopWork {
                attempt: attempt.into_bytes(),
            };
            // Told again with a later tick, or when the host is back.
            let _ = hosts.work(host, ask, STOP_WITHIN).await;
        });
    }

    /// Writes down what attempts have told.
    pub(super) async fn write_told(&self, attempt: Option<Uuid>) {
        let told = self.board().take_unwritten(attempt);
        if !told.is_empty()
            && let Err(error) = self.store().note_told(told).await
        {
            complain("writing down what attempts told", &error);
        }
    }

    /// Phones go on that were kept for a person who did not come.
    async fn free_held_phones(&self, now: Timestamp) {
        let rest = SignedDuration::try_from(self.rules().rest).unwrap_or(SignedDuration::MAX);
        let rest_until = now.saturating_add(rest).unwrap_or(now);
        match self.store().free_held_phones(rest_until).await {
            Ok(items) => {
                let mut board = self.board();
                for serial in items.iter().filter_map(|item| item.item.serial.as_deref()) {
                    board.wake(serial);
                }
            }
            Err(error) => complain("freeing phones that were kept for a person", &error),
        }
    }

    /// Ends the tasks for which no person came.
    async fn give_up_waiting(&self) {
        let Some(after) = self.rules().give_up else {
            return;
        };
        match self.store().give_up_waiting(after).await {
            Ok(tasks) => tasks.iter().for_each(|task| self.tell(TaskNews::State(task))),
            Err(error) => complain("ending tasks for which nobody came", &error),
        }
    }

    /// Ends the tasks whose phones stay away.
    async fn expire(&self, now: Timestamp) {
        let after = self.rules().expire;
        let edge = expire::expired_before(now, Timestamp::MIN, after);
        let serials = match edge {
            Some(edge) => self.store().phones_with_due_tasks(edge).await,
            None => return,
        };
        let serials = match serials {
            Ok(serials) => serials,
            Err(error) => return complain("looking for tasks that expire", &error),
        };
        let devices = self.inner.parts.hosts.devices();
        for serial in serials {
            let live = devices.get(&Serial(serial.clone()));
            let away_since = match live {
                Some(live) if live.device.state == DeviceState::Online => continue,
                // A controller that has just started has not seen anybody come yet.
                Some(live) => live.device.since.max(self.inner.started_at),
                None => self.inner.started_at,
            };
            let Some(before) = expire::expired_before(now, away_since, after) else {
                continue;
            };
            match self.store().queue_before(&serial, before, EXPIRE_AT_ONCE).await {
                Ok(tasks) => {
                    for task in tasks {
                        self.expire_task(&task, after).await;
                    }
                }
                Err(error) => complain("looking for tasks that expire", &error),
            }
        }
    }

    async fn expire_task(&self, task: &TaskRow, after: Duration) {
        let minutes = after.as_secs() / 60;
        let turned = if task.state == TaskState::Verifying {
            let why = format!("its phone is away for {minutes} minutes: look whether its act was done");
            let item = NewAttention {
                task: Some(task.id),
                grant: None,
                account_id: task.account_id,
                serial: Some(task.serial.0.clone()),
                kind: "unknown".to_owned(),
                message: why.clone(),
                held_until: None,
            };
            self.store().need_person(task.id, item).await
        } else {
            let why = format!("its phone was away for {minutes} minutes");
            let change = TaskChange::new().error("expired", &why);
            self.store()
                .turn_task(task.id, task.state, TaskState::Failed, change)
                .await
        };
        match turned {
            Ok(Some(task)) => self.tell(TaskNews::State(&task)),
            Ok(None) => {}
            Err(error) => complain("ending a task whose phone is away", &error),
        }
    }
}
