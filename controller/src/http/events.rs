//! What happens in the fleet, told as it happens: each event has an id, and a reader that lost its connection goes on
//! where it was.

mod accounts;
mod devices;
mod listening;
mod materials;
mod schedules;
mod tasks;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::response::sse::Event;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use shared::device::{DeviceState, Serial};
use tokio::sync::broadcast;
use utoipa::ToSchema;

use crate::fleet::{EventKind, FleetEvent};
use crate::imports::report::Progress;
use crate::store::ImportState;
pub use accounts::AccountEvent;
pub use listening::{__path_stream, stream};
pub use materials::MaterialEvent;
pub use schedules::ScheduleEvent;
pub use tasks::TaskEvent;

/// Events that a reader who comes back can still get.
const KEPT: usize = 4_096;
/// How far a slow reader may be behind.
const BEHIND: usize = 1_024;
/// Alerts that the overview shows.
const ALERTS: usize = 20;
/// Accounts or tasks that change at once and are told of each.
pub(super) const TOLD_ONE_BY_ONE: usize = 100;
/// Times that are remembered of one phone's faults.
const FAULTS: usize = 1_000;
const AN_HOUR: SignedDuration = SignedDuration::from_hours(1);

/// What an event is about: the `event` of the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Topic {
    Device,
    Host,
    Account,
    Task,
    /// What waits for a person.
    Attention,
    Import,
    Schedule,
    Material,
    /// Something that a person should look at.
    Alert,
}

impl Topic {
    const ALL: [Self; 9] = [
        Self::Device,
        Self::Host,
        Self::Account,
        Self::Task,
        Self::Attention,
        Self::Import,
        Self::Schedule,
        Self::Material,
        Self::Alert,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Host => "host",
            Self::Account => "account",
            Self::Task => "task",
            Self::Attention => "attention",
            Self::Import => "import",
            Self::Schedule => "schedule",
            Self::Material => "material",
            Self::Alert => "alert",
        }
    }
}

/// An event on its way to readers.
#[derive(Debug)]
struct Told {
    number: u64,
    topic: Topic,
    json: String,
}

/// The data of an event; which of the fields it has depends on `what`.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventData {
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// device_added, device_changed, state_changed, device_removed, device_replaced · host_enrolled, host_connected, host_lost,
    /// host_revoked · account_created, account_changed, account_deleted, accounts_changed · task_created, task_changed,
    /// task_deleted, tasks_created, tasks_changed, tasks_deleted, task_progress, task_log, task_file · attention_added,
    /// attention_resolved · import_changed · material_created, material_changed, material_deleted, materials_changed ·
    /// schedule_created, schedule_changed, schedule_deleted, schedule_run, schedule_failed, schedule_missed ·
    /// host_refused, missed.
    #[schema(example = "state_changed")]
    what: String,
    serial: Option<String>,
    /// A host's id.
    host: Option<String>,
    /// A host's name, or that of a file which a task has left.
    name: Option<String>,
    /// An account's id.
    account: Option<i64>,
    username: Option<String>,
    platform: Option<String>,
    /// How many accounts or tasks there are, where it is too many to tell of each.
    count: Option<usize>,
    state: Option<String>,
    from: Option<String>,
    to: Option<String>,
    reason: Option<String>,
    /// A task's id.
    task: Option<i64>,
    /// Of a task: pending, running, completed, failed.
    status: Option<String>,
    script: Option<String>,
    /// How far a task is.
    percent: Option<u8>,
    /// What a task says.
    line: Option<String>,
    /// A schedule's id.
    schedule: Option<i64>,
    /// The id of a schedule's run.
    run: Option<i64>,
    /// The moment of a schedule's run.
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<Timestamp>,
    /// An import's, a material's or an attention item's id.
    id: Option<i64>,
    /// Of an import.
    progress: Option<Progress>,
    /// Of what waits for a person: unknown, captcha, code, …
    kind: Option<String>,
    /// Of what waits for a person: what happened, and what to do.
    message: Option<String>,
    /// What a person decided: done, not_done, resume, abandon.
    resolution: Option<String>,
}

/// All that was told, and to whom it goes. Clones share it.
#[derive(Debug, Clone)]
pub struct EventHub(Arc<Hub>);

#[derive(Debug)]
struct Hub {
    /// Tells the numbers of this run from those of another.
    run: String,
    book: Mutex<Book>,
    live: broadcast::Sender<Arc<Told>>,
}

#[derive(Debug, Default)]
struct Book {
    next: u64,
    kept: VecDeque<Arc<Told>>,
    alerts: VecDeque<Value>,
    faults: BTreeMap<Serial, VecDeque<Timestamp>>,
}

impl EventHub {
    /// Follows the fleet until it is gone.
    pub fn follow(mut fleet: broadcast::Receiver<FleetEvent>, started_at: Timestamp) -> Self {
        let hub = Self(Arc::new(Hub {
            run: format!("{:x}", started_at.as_millisecond()),
            book: Mutex::default(),
            live: broadcast::Sender::new(BEHIND),
        }));
        let told = hub.clone();
        tokio::spawn(async move {
            loop {
                match fleet.recv().await {
                    Ok(event) => told.tell(&event),
                    Err(broadcast::error::RecvError::Lagged(missed)) => {
                        tracing::warn!(missed, "events of the fleet came too fast to be told");
                    }
                    Err(broadcast::error::RecvError::Closed) => return,
                }
            }
        });
        hub
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, event: &FleetEvent) {
        let (topic, data) = shown(event);
        if let EventKind::StateChanged { serial, from, to, .. } = &event.kind
            && *from == DeviceState::Online
            && *to != DeviceState::Online
        {
            let mut book = self.book();
            let faults = book.faults.entry(serial.clone()).or_default();
            faults.push_back(event.at);
            if faults.len() > FAULTS {
                faults.pop_front();
            }
        }
        self.pass_on(topic, &data);
    }

    /// An import has come further, or has ended.
    pub fn import(&self, at: Timestamp, id: i64, state: ImportState, progress: Progress) {
        let data = json!({
            "at": at,
            "what": "import_changed",
            "id": id,
            "state": state.as_str(),
            "progress": progress,
        });
        self.pass_on(Topic::Import, &data);
    }

    fn pass_on(&self, topic: Topic, data: &Value) {
        let mut book = self.book();
        if topic == Topic::Alert {
            book.alerts.push_front(data.clone());
            book.alerts.truncate(ALERTS);
        }
        self.put(&mut book, topic, data);
    }

    fn put(&self, book: &mut Book, topic: Topic, data: &Value) {
        book.next += 1;
        let told = Arc::new(Told {
            number: book.next,
            topic,
            json: data.to_string(),
        });
        book.kept.push_back(Arc::clone(&told));
        if book.kept.len() > KEPT {
            book.kept.pop_front();
        }
        // Sent while the book is held, so that a reader who comes now gets it from the one or from the other.
        let _ = self.0.live.send(told);
    }

    /// How often a phone went away within the hour before `now`.
    pub fn faults(&self, serial: &Serial, now: Timestamp) -> u32 {
        let mut book = self.book();
        let Some(times) = book.faults.get_mut(serial) else {
            return 0;
        };
        while times.front().is_some_and(|at| now.duration_since(*at) > AN_HOUR) {
            times.pop_front();
        }
        let count = times.len() as u32;
        if count == 0 {
            book.faults.remove(serial);
        }
        count
    }

    /// The latest alerts, newest first.
    pub fn alerts(&self) -> Vec<Value> {
        self.book().alerts.iter().cloned().collect()
    }

    /// What was told of a topic and is still kept, oldest first.
    pub fn told(&self, topic: &str) -> Vec<Value> {
        let book = self.book();
        let told = book.kept.iter().filter(|told| told.topic.name() == topic);
        told.filter_map(|told| serde_json::from_str(&told.json).ok())
            .collect()
    }

    /// How many events were told so far.
    pub fn count(&self) -> u64 {
        self.book().next
    }

    fn subscribe(&self, last: Option<&str>) -> Reader {
        let book = self.book();
        let live = self.0.live.subscribe();
        let mut reader = Reader {
            backlog: VecDeque::new(),
            live,
            missed: false,
        };
        let Some(last) = last else { return reader };
        let number = last
            .strip_prefix(&self.0.run)
            .and_then(|rest| rest.strip_prefix('-'));
        let number: Option<u64> = number.and_then(|number| number.parse().ok());
        let oldest = book.kept.front().map_or(book.next + 1, |told| told.number);
        match number {
            Some(number) if number + 1 >= oldest => {
                reader.backlog = book
                    .kept
                    .iter()
                    .filter(|told| told.number > number)
                    .cloned()
                    .collect();
            }
            // Another run's id, or too long ago: what is kept does not join what the reader has.
            _ => reader.missed = true,
        }
        reader
    }

    fn event(&self, told: &Told) -> Event {
        Event::default()
            .id(format!("{}-{}", self.0.run, told.number))
            .event(told.topic.name())
            .data(&told.json)
    }
}

/// One who listens.
struct Reader {
    backlog: VecDeque<Arc<Told>>,
    live: broadcast::Receiver<Arc<Told>>,
    missed: bool,
}

fn shown(event: &FleetEvent) -> (Topic, Value) {
    let (topic, mut data) = match &event.kind {
        EventKind::DeviceAdded { serial, host, state } => (
            Topic::Device,
            json!({"serial": serial, "host": host, "state": state}),
        ),
        EventKind::DeviceChanged { serial } | EventKind::DeviceRemoved { serial } => {
            (Topic::Device, json!({"serial": serial}))
        }
        EventKind::StateChanged {
            serial,
            from,
            to,
            reason,
        } => (
            Topic::Device,
            json!({"serial": serial, "from": from, "to": to, "reason": reason}),
        ),
        EventKind::HostEnrolled { host, name }
        | EventKind::HostConnected { host, name }
        | EventKind::HostRevoked { host, name } => (Topic::Host, json!({"host": host, "name": name})),
        EventKind::HostLost { host, name, reason } => {
            (Topic::Host, json!({"host": host, "name": name, "reason": reason}))
        }
        EventKind::HostRefused { host, name, reason } => (
            Topic::Alert,
            json!({"host": host, "name": name, "reason": reason}),
        ),
    };
    data["at"] = json!(event.at);
    data["what"] = json!(event.kind.name());
    (topic, data)
}
