//! What happens in the fleet, told as it happens: each event has an id, and a reader that lost its connection goes on
//! where it was.

mod devices;
mod materials;
mod schedules;

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use shared::account::Username;
use shared::device::{DeviceState, Serial};
use tokio::sync::{broadcast, watch};
use utoipa::{IntoParams, ToSchema};

use super::envelope::ApiError;
use super::fields::{Asked, Fields, FromFields};
use crate::fleet::{EventKind, FleetEvent};
use crate::imports::report::Progress;
use crate::scheduler::TaskNews;
use crate::state::{AppState, Readiness};
use crate::store::{AccountRow, AttentionRow, ImportState, TaskRow};
pub use materials::MaterialEvent;
pub use schedules::ScheduleEvent;

/// Events that a reader who comes back can still get.
const KEPT: usize = 4_096;
/// How far a slow reader may be behind.
const BEHIND: usize = 1_024;
/// Alerts that the overview shows.
const ALERTS: usize = 20;
/// A proxy or a dead peer shows within this time.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// A reader comes back after this time.
const COME_BACK: Duration = Duration::from_secs(1);
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

/// What happened to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountEvent {
    Created,
    Changed,
    Deleted,
}

impl AccountEvent {
    fn name(self) -> &'static str {
        match self {
            Self::Created => "account_created",
            Self::Changed => "account_changed",
            Self::Deleted => "account_deleted",
        }
    }
}

/// What happened to a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskEvent {
    Created,
    Changed,
    Deleted,
}

impl TaskEvent {
    fn name(self) -> &'static str {
        match self {
            Self::Created => "task_created",
            Self::Changed => "task_changed",
            Self::Deleted => "task_deleted",
        }
    }

    fn of_many(self) -> &'static str {
        match self {
            Self::Created => "tasks_created",
            Self::Changed => "tasks_changed",
            Self::Deleted => "tasks_deleted",
        }
    }
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

    /// Tasks were created, are gone, or have changed their state; of many at once it is told in one word.
    pub fn tasks(&self, at: Timestamp, what: TaskEvent, tasks: &[TaskRow]) {
        if tasks.len() > TOLD_ONE_BY_ONE {
            return self.many_tasks(at, what, tasks.len());
        }
        for task in tasks {
            self.task(at, what, task);
        }
    }

    /// The same of so many of which nobody needs to know each.
    pub fn many_tasks(&self, at: Timestamp, what: TaskEvent, count: usize) {
        let data = json!({"at": at, "what": what.of_many(), "count": count});
        self.pass_on(Topic::Task, &data);
    }

    /// A task was created, is gone, or has changed its state.
    pub fn task(&self, at: Timestamp, what: TaskEvent, task: &TaskRow) {
        let data = json!({
            "at": at, "what": what.name(), "task": task.id, "serial": task.serial, "script": task.script,
            "platform": task.platform, "account": task.account_id, "username": task.username.as_ref().map(Username::as_str),
            "state": task.state.as_str(), "status": task.status().as_str(),
            "reason": task.error.as_ref().map(|error| format!("{}: {}", error.kind, error.message)),
        });
        self.pass_on(Topic::Task, &data);
    }

    /// A task has another state; one that was to be deleted goes with its end.
    pub fn task_turned(&self, at: Timestamp, task: &TaskRow) {
        let gone = task.delete_asked_at.is_some() && task.status().is_end();
        let what = if gone {
            TaskEvent::Deleted
        } else {
            TaskEvent::Changed
        };
        self.task(at, what, task);
        self.materials_of(at, task);
    }

    /// What a task says while it runs.
    pub fn task_told(&self, at: Timestamp, news: &TaskNews<'_>) {
        let data = match news {
            TaskNews::State(task) => return self.task_turned(at, task),
            TaskNews::Attention(row) => return self.attention(at, row),
            TaskNews::Progress { task, percent, line } => {
                json!({"at": at, "what": "task_progress", "task": task, "percent": percent, "line": line})
            }
            TaskNews::Line { task, at, line } => {
                json!({"at": at, "what": "task_log", "task": task, "line": line})
            }
            TaskNews::File { task, name } => {
                json!({"at": at, "what": "task_file", "task": task, "name": name})
            }
        };
        self.pass_on(Topic::Task, &data);
    }

    /// A person is asked for, or has decided.
    pub fn attention(&self, at: Timestamp, row: &AttentionRow) {
        let what = if row.resolved_at.is_some() {
            "attention_resolved"
        } else {
            "attention_added"
        };
        let data = json!({
            "at": at, "what": what, "id": row.id, "task": row.item.task, "account": row.item.account_id,
            "serial": row.item.serial, "kind": row.item.kind, "message": row.item.message,
            "resolution": row.resolution,
        });
        self.pass_on(Topic::Attention, &data);
    }

    fn pass_on(&self, topic: Topic, data: &Value) {
        let mut book = self.book();
        if topic == Topic::Alert {
            book.alerts.push_front(data.clone());
            book.alerts.truncate(ALERTS);
        }
        self.put(&mut book, topic, data);
    }

    /// Tells of accounts; of many at once in one word, so that readers are not flooded.
    pub fn accounts(&self, at: Timestamp, what: AccountEvent, accounts: &[AccountRow]) {
        let mut book = self.book();
        if accounts.len() > TOLD_ONE_BY_ONE {
            let data = json!({"at": at, "what": "accounts_changed", "count": accounts.len()});
            return self.put(&mut book, Topic::Account, &data);
        }
        for account in accounts {
            let data = json!({
                "at": at, "what": what.name(), "account": account.id,
                "username": account.username.as_str(), "platform": account.platform.as_str(),
            });
            self.put(&mut book, Topic::Account, &data);
        }
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

/// Which events are wanted.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EventFilter {
    /// device, host, account, task, attention, import, material, schedule, alert; several with commas between; all where absent.
    #[param(required = false)]
    pub kinds: Vec<String>,
    /// Go on after this id, as the header Last-Event-ID does.
    pub last_event_id: Option<String>,
}

impl FromFields for EventFilter {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let kinds = fields.list("kinds")?.unwrap_or_default();
        let known = Topic::ALL.map(Topic::name);
        if let Some(wrong) = kinds.iter().find(|kind| !known.contains(&kind.as_str())) {
            let known = known.join(", ");
            return Err(ApiError::parameter(
                "kinds",
                format!("{wrong:?} is none of {known}"),
            ));
        }
        Ok(Self {
            kinds,
            last_event_id: fields.text("last_event_id")?,
        })
    }
}

impl EventFilter {
    fn wants(&self, topic: Topic) -> bool {
        self.kinds.is_empty() || self.kinds.iter().any(|kind| kind == topic.name())
    }
}

/// What happens, as server-sent events
///
/// `event` is device, host, account, task, attention, import, material, schedule or alert; `data` is JSON. A comment comes every 10 s. A reader
/// that was away for too long gets an alert whose `what` is `missed`: it should read the lists again.
#[utoipa::path(get, path = "/events", tag = "events",
    params(EventFilter, ("Last-Event-ID" = Option<String>, Header, description = "Go on after this id")),
    responses((status = 200, description = "A stream that does not end", body = EventData, content_type = "text/event-stream")))]
pub async fn stream(
    State(state): State<AppState>,
    Asked(filter): Asked<EventFilter>,
    headers: HeaderMap,
) -> Response {
    let last = headers.get("last-event-id").and_then(|last| last.to_str().ok());
    let last = last.or(filter.last_event_id.as_deref());
    let reader = state.events.subscribe(last);
    let listening = Listening {
        hub: state.events.clone(),
        reader,
        filter,
        readiness: state.readiness.clone(),
        clock: state.clock.clone(),
        greeted: false,
    };
    let events = stream::unfold(listening, |mut listening| async move {
        let event = listening.next().await?;
        Some((Ok::<_, Infallible>(event), listening))
    });
    let heartbeat = KeepAlive::new().interval(HEARTBEAT).text("heartbeat");
    Sse::new(events).keep_alive(heartbeat).into_response()
}

/// More happened than a reader took in.
struct TooSlow;

struct Listening {
    hub: EventHub,
    reader: Reader,
    filter: EventFilter,
    readiness: watch::Receiver<Readiness>,
    clock: shared::clock::SharedClock,
    greeted: bool,
}

impl Listening {
    /// `None` once the controller shuts down: the reader comes back to the next one.
    async fn next(&mut self) -> Option<Event> {
        if !self.greeted {
            self.greeted = true;
            return Some(Event::default().retry(COME_BACK).comment("listening"));
        }
        if self.reader.missed {
            self.reader.missed = false;
            return Some(self.missed());
        }
        loop {
            let told = match self.reader.backlog.pop_front() {
                Some(told) => told,
                None => match self.wait().await? {
                    Ok(told) => told,
                    Err(TooSlow) => return Some(self.missed()),
                },
            };
            if self.filter.wants(told.topic) {
                return Some(self.hub.event(&told));
            }
        }
    }

    /// The next event; `None` where there will be no more.
    async fn wait(&mut self) -> Option<Result<Arc<Told>, TooSlow>> {
        tokio::select! {
            told = self.reader.live.recv() => match told {
                Ok(told) => Some(Ok(told)),
                Err(broadcast::error::RecvError::Lagged(_)) => Some(Err(TooSlow)),
                Err(broadcast::error::RecvError::Closed) => None,
            },
            _ = self.readiness.wait_for(|now| *now == Readiness::ShuttingDown) => None,
        }
    }

    /// Without an id: the place that it stands for is nowhere.
    fn missed(&self) -> Event {
        let data = json!({"at": self.clock.now(), "what": "missed"});
        Event::default().event(Topic::Alert.name()).data(data.to_string())
    }
}
