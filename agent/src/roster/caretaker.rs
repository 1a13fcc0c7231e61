//! Owns the table: hears what happens, starts and ends workers, publishes. What follows from what is the table's
//! business.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use shared::clock::SharedClock;
use tokio::sync::{Notify, Semaphore, broadcast, mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::table::{ServerIs, Table};
use super::worker::{News, Role, Worker};
use super::{Change, Changed, Devices, Phones};
use crate::adb::network::Reach;
use crate::adb::supervise::ServerStatus;
use crate::adb::track::Listing;
use crate::adb::{AdbPhone, AdbServer, Transport};

/// How often knowledge becomes state, and states that depend on time are looked at.
const TICK: Duration = Duration::from_millis(100);

/// How often a table is published that differs in facts only.
const FACTS_EVERY: Duration = Duration::from_millis(300);

/// A server that was just started here may not have looked at its USB ports yet.
const OWN_SERVER_WARMUP: Duration = Duration::from_secs(2);

/// Owns the table: hears what happens, starts and ends workers, publishes.
pub(super) struct Caretaker {
    pub(super) table: Table,
    pub(super) server: AdbServer,
    pub(super) clock: SharedClock,
    pub(super) listed: watch::Receiver<Listing>,
    pub(super) status: watch::Receiver<ServerStatus>,
    pub(super) up_since: Option<Instant>,
    /// By address: poked to connect anew.
    pub(super) keepers: BTreeMap<String, Arc<Notify>>,
    pub(super) workers: BTreeMap<Transport, Employed>,
    pub(super) entrance: Arc<Semaphore>,
    pub(super) news_in: mpsc::Sender<(Transport, News)>,
    pub(super) state: Option<PathBuf>,
    pub(super) devices: watch::Sender<Devices>,
    pub(super) phones: watch::Sender<Phones>,
    pub(super) settled: watch::Sender<bool>,
    pub(super) changes: broadcast::Sender<Change>,
    /// When the table was last given out.
    pub(super) published: Option<Instant>,
    /// The writing of the names that is under way.
    pub(super) saving: Option<JoinHandle<()>>,
}

/// A worker's task and what it is told.
pub(super) struct Employed {
    phone: AdbPhone,
    role: watch::Sender<Role>,
    task: JoinHandle<()>,
}

impl Drop for Employed {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// How much of the table differs from what was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Dirt {
    None,
    Facts,
    State,
}

impl Caretaker {
    pub(super) async fn run(
        mut self,
        mut news: mpsc::Receiver<(Transport, News)>,
        mut reach: mpsc::Receiver<(String, Reach)>,
        stop: CancellationToken,
    ) {
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut dirt = Dirt::State;
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                _ = ticks.tick() => {
                    dirt = self.settle(dirt);
                    continue;
                }
                changed = self.listed.changed() => {
                    if changed.is_err() {
                        break;
                    }
                    self.hear_listing();
                    self.employ();
                }
                Some((key, news)) = news.recv() => {
                    let now = self.clock.now();
                    if let Some(address) = self.table.news(&key, news, now)
                        && let Some(keeper) = self.keepers.get(&address)
                    {
                        keeper.notify_one();
                    }
                }
                Some((address, reached)) = reach.recv() => self.table.reach(&address, reached),
            }
            dirt = dirt.max(Dirt::Facts);
        }
        self.workers.clear();
        self.finish_saving().await;
        self.remember();
        self.finish_saving().await;
    }

    async fn finish_saving(&mut self) {
        if let Some(task) = self.saving.take() {
            // A panic in there was told by the runtime.
            let _ = task.await;
        }
    }

    fn hear_listing(&mut self) {
        let listing = self.listed.borrow_and_update().clone();
        let now = self.clock.now();
        if listing.up_since != self.up_since {
            self.up_since = listing.up_since;
            self.workers.clear();
            self.table.server(match listing.up_since {
                Some(_) => ServerIs::Up { since: now },
                None => ServerIs::Down(self.why_down()),
            });
        }
        if listing.up_since.is_some() {
            self.table.listing(&listing.devices, now);
        }
    }

    fn why_down(&self) -> String {
        match &*self.status.borrow() {
            ServerStatus::Failed(why) => why.clone(),
            _ => "the adb server does not answer".to_owned(),
        }
    }

    /// Turns what was heard into states, and gives out what is due.
    fn settle(&mut self, heard: Dirt) -> Dirt {
        let now = self.clock.now();
        if self.up_since.is_none() {
            self.table.server(ServerIs::Down(self.why_down()));
        }
        let changes = self.table.settle(now);
        self.employ();
        let state = changes.iter().any(|change| change.what != Changed::Facts);
        let dirt = if state { Dirt::State } else { heard };
        self.remember();
        let due = self.published.is_none_or(|at| at.elapsed() >= FACTS_EVERY);
        let left = if dirt == Dirt::State || (dirt == Dirt::Facts && due) {
            self.publish();
            Dirt::None
        } else {
            dirt
        };
        for change in changes {
            if let Changed::State { from, to, reason } = &change.what {
                let reason = reason.as_deref().unwrap_or_default();
                tracing::info!(serial = %change.serial, %from, %to, reason, "phone");
            }
            // Nobody has to listen.
            let _ = self.changes.send(change);
        }
        let fresh = matches!(*self.status.borrow(), ServerStatus::Own { .. })
            && self.up_since.is_none_or(|up| up.elapsed() < OWN_SERVER_WARMUP);
        // Where no server can be started there is nothing left to wait for.
        let hopeless = self.up_since.is_none() && matches!(*self.status.borrow(), ServerStatus::Failed(_));
        let settled = hopeless || (!fresh && left == Dirt::None && self.table.is_settled(now));
        self.settled.send_if_modified(|was| {
            let news = *was != settled;
            *was = settled;
            news
        });
        left
    }

    fn publish(&mut self) {
        self.published = Some(Instant::now());
        let mut phones = BTreeMap::new();
        for serial in self.table.devices.keys() {
            let employed = self.table.main(serial).and_then(|key| self.workers.get(key));
            if let Some(employed) = employed {
                phones.insert(serial.clone(), employed.phone.clone());
            }
        }
        self.phones.send_replace(Arc::new(phones));
        self.devices.send_replace(Arc::new(self.table.devices.clone()));
    }

    /// Starts, ends and instructs workers as the table wants them. One that has ended by a fault of its own is
    /// started again.
    fn employ(&mut self) {
        let wanted = self.table.wanted();
        self.workers
            .retain(|key, employed| wanted.contains_key(key) && !employed.task.is_finished());
        for (key, (role, usb)) in wanted {
            if let Some(employed) = self.workers.get(&key) {
                employed.role.send_if_modified(|was| {
                    let news = *was != role;
                    *was = role;
                    news
                });
                continue;
            }
            let phone = AdbPhone::new(self.server, key.clone());
            let (role_in, role_out) = watch::channel(role);
            let worker = Worker {
                phone: phone.clone(),
                usb,
                role: role_out,
                news: self.news_in.clone(),
                clock: Arc::clone(&self.clock),
                entrance: Arc::clone(&self.entrance),
            };
            let employed = Employed {
                phone,
                role: role_in,
                task: tokio::spawn(worker.run()),
            };
            self.workers.insert(key, employed);
        }
    }

    /// Writes the names down where they have changed.
    fn remember(&mut self) {
        // One writer at a time, or an older text could come out last.
        let busy = self.saving.as_ref().is_some_and(|task| !task.is_finished());
        if busy || !std::mem::take(&mut self.table.names_changed) {
            return;
        }
        let Some(path) = self.state.clone() else { return };
        let names = self.table.names.clone();
        self.saving = Some(tokio::task::spawn_blocking(move || {
            if let Err(error) = names.save(&path) {
                tracing::warn!(path = %path.display(), %error, "the names of phones cannot be kept");
            }
        }));
    }
}
