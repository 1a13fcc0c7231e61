//! A week of a farm without anybody looking: forty phones at four hosts, 120 accounts, follows beyond their cap, posts out
//! of the library, schedules, a change of clocks, a phone in the sun, a host without power for a day, a sheet in the
//! middle, a controller that is restarted twice. What the phones did is what a plain model says, to the last follow.

mod hosts;
mod model;
mod story;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use axum::http::Method;
use controller::media::{Media, Roots};
use controller::scheduler::{Engine, Listener, LocalFiles, Parts, TaskNews};
use controller::state::ApiConfig;
use controller::store::{AccountRow, Page, SeenDevice, TaskQuery, TaskRow};
use controller::vault::Vault;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use shared::clock::Clock as _;
use shared::device::Serial;
use shared::task::TaskState;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::api::{Api, ask};
use crate::importing::import;
use crate::schedules::{Running, make, seen_to};
use crate::tasks::create;
use hosts::{Act, EVIDENCE, Shelves};
use story::{Event, KEEP_DAYS, Noted, PHONES, STEP};

/// Whatever is waited for comes long before.
const DEADLINE: Duration = Duration::from_secs(60);
/// Contents in the library: more than are wanted.
const MATERIALS: usize = 600;
const ALL: Page = Page {
    number: 1,
    size: 100_000,
};

#[derive(Debug)]
struct Nobody;

impl Listener for Nobody {
    fn told(&self, _at: Timestamp, _news: TaskNews<'_>) {}

    fn dispatched(&self, _took: Duration) {}

    fn accounts(&self, _at: Timestamp, _created: bool, _accounts: &[AccountRow]) {}
}

/// What ends with the controller's process.
struct Process {
    engine: Engine,
    stop: CancellationToken,
    working: JoinHandle<()>,
    runner: Running,
}

struct Week {
    api: Api,
    shelves: Arc<Shelves>,
    process: Option<Process>,
    data: tempfile::TempDir,
    book: Vec<Noted>,
}

impl Week {
    async fn begins() -> Self {
        let config = ApiConfig {
            zone: story::zone(),
            ..ApiConfig::default()
        };
        let api = Api::with(config).await;
        let ahead = story::begins().duration_since(api.clock.now());
        api.clock.advance(Duration::try_from(ahead).unwrap());
        let mut week = Self {
            shelves: Arc::new(Shelves::new(api.clock.now())),
            api,
            process: None,
            data: tempfile::tempdir().unwrap(),
            book: story::accounts(),
        };
        week.comes_up().await;
        week.sets_up().await;
        week
    }

    /// A new process over the same database and the same folder.
    async fn comes_up(&mut self) {
        let api = &mut self.api;
        let state = api.new_process().await;
        let media = Media::new(Roots::default()).with_library(self.data.path());
        api.state = state.with_media(media).with_data_dir(self.data.path());
        api.router = controller::http::router(api.state.clone());
        let state = &api.state;
        let files = LocalFiles::new(state.store.clone(), state.packs.clone(), state.media.clone());
        let parts = Parts {
            store: state.store.clone(),
            vault: Vault::ephemeral(),
            hosts: self.shelves.clone(),
            packs: Arc::new(state.packs.clone()),
            materials: Arc::new(files),
            listener: Arc::new(Nobody),
            clock: api.clock.clone(),
            data_dir: self.data.path().to_owned(),
            device_limit: PHONES,
        };
        let engine = Engine::new(state.scheduler.clone(), parts);
        engine.prepare().await.unwrap();
        let (stop, works) = (CancellationToken::new(), engine.clone());
        let stopped = stop.clone();
        let working = tokio::spawn(async move { works.run(stopped).await });
        self.shelves.all_stand(&engine).await;
        self.process = Some(Process {
            engine,
            stop,
            working,
            runner: Running::start(api),
        });
    }

    async fn goes_down(&mut self) {
        let process = self.process.take().unwrap();
        process.runner.stop().await;
        process.stop.cancel();
        process.working.await.unwrap();
    }

    /// What an operator does before leaving the farm alone.
    async fn sets_up(&self) {
        let api = &self.api;
        let settings = json!({"caps.tiktok.follow": story::CAP, "evidence.keep_days": KEEP_DAYS});
        api.patch("/api/v1/settings", &settings.to_string()).await.data();
        let seen: Vec<SeenDevice> = (1..=PHONES)
            .map(|number| SeenDevice {
                serial: Serial(story::serial(number)),
                host_id: hosts::host((number - 1) / story::A_HOST),
                manufacturer: "Google".to_owned(),
                model: "Pixel 7".to_owned(),
                android: "14".to_owned(),
                sdk: 34,
            })
            .collect();
        api.state.store.record_seen(&seen).await.unwrap();
        let serials: Vec<String> = (1..=PHONES).map(story::serial).collect();
        let group = json!({"name": "all", "serials": serials});
        api.post("/api/v1/groups", &group.to_string()).await.data();
        self.takes_sheet(&self.book).await;
        for number in 0..MATERIALS {
            let path = format!("/api/v1/materials?name=clip{number}.mp4&tags=week");
            let mut request = ask(Method::POST, &path, &[("content-type", "video/mp4")], "");
            let clip = format!("\0\0\0\x18ftypmp42\0\0\0\0mp42isom clip {number}");
            *request.body_mut() = clip.into();
            api.call(request).await.data();
        }
        let who: Vec<&Noted> = self.book.iter().filter(|account| story::posts(account)).collect();
        let who: Vec<&str> = who.iter().map(|account| account.username.as_str()).collect();
        let posts = json!({
            "name": "posts", "times": ["09:00"], "usernames": who, "script_name": "post",
            "script_config": {"materials_tags": "week", "captions": "A clip of the week"},
        });
        let walks = json!({
            "name": "walks", "times": ["20:00"], "groups": ["all"], "script_name": "account_warmup",
        });
        for schedule in [posts, walks] {
            make(api, &schedule).await.data();
        }
    }

    async fn takes_sheet(&self, rows: &[Noted]) {
        let mut sheet = "username,device,logined,status\n".to_owned();
        for row in rows {
            let (phone, status) = (story::serial(row.phone), u8::from(!row.enabled));
            sheet.push_str(&format!("{},{phone},1,{status}\n", row.username));
        }
        let done = import(&self.api, "platform=tiktok&on_duplicate=update", sheet)
            .await
            .data();
        assert_eq!(
            (&done["state"], &done["report"]["faulty"]),
            (&json!("done"), &json!(0)),
            "{done}"
        );
    }

    async fn happens(&mut self, event: Event) {
        match event {
            Event::Follow => {
                let who: Vec<&str> = self
                    .book
                    .iter()
                    .map(|account| account.username.as_str())
                    .collect();
                let today = story::local(self.api.clock.now()).date();
                let body = json!({
                    "usernames": who, "script_name": "follow",
                    "script_config": {"target_users": story::targets(today)},
                });
                create(&self.api, body).await.data();
            }
            // The schedules'.
            Event::Posts | Event::Walks => {}
            Event::HostGoes(number) => self.shelves.goes(number),
            Event::HostComes(number) => {
                self.shelves
                    .comes(number, &self.process.as_ref().unwrap().engine)
                    .await;
            }
            Event::Heats(number) => self.shelves.heats(number, true),
            Event::Cools(number) => self.shelves.heats(number, false),
            Event::Sheet => {
                let rows = story::sheet();
                self.takes_sheet(&rows).await;
                for row in rows {
                    if !self.book.iter().any(|known| known.username == row.username) {
                        self.book.push(row);
                    }
                }
            }
            Event::Restart => {
                self.goes_down().await;
                self.comes_up().await;
            }
        }
    }

    async fn step(&mut self) {
        self.api.clock.advance(STEP);
        let now = self.api.clock.now();
        self.shelves.steps_to(now);
        for event in story::events(now) {
            self.happens(event).await;
        }
        seen_to(&self.api).await;
        self.shelves.work(&self.process.as_ref().unwrap().engine).await;
        let quiet = async {
            while self.is_busy(now).await {
                tokio::task::yield_now().await;
            }
        };
        let rests = tokio::time::timeout(DEADLINE, quiet).await;
        assert!(rests.is_ok(), "the farm comes to rest at {}", story::local(now));
    }

    /// Whether a phone could begin something that it has not begun, or an order is on its way to it.
    async fn is_busy(&self, now: Timestamp) -> bool {
        let (store, scheduler) = (&self.api.state.store, &self.api.state.scheduler);
        for phone in (1..=PHONES).map(story::serial) {
            let has_work = self.shelves.has_work(&phone);
            if self.shelves.is_here(&phone) && scheduler.running(&phone).is_some() != has_work {
                return true;
            }
        }
        for phone in store.phones_with_due_tasks(now).await.unwrap() {
            if self.shelves.may_begin(&phone)
                && !self.shelves.has_work(&phone)
                && !store.queue(&phone, now, 1).await.unwrap().runnable.is_empty()
            {
                return true;
            }
        }
        false
    }

    async fn tasks(&self) -> Vec<TaskRow> {
        let listed = self.api.state.store.list_tasks(TaskQuery::default(), ALL).await;
        listed
            .unwrap()
            .rows
            .into_iter()
            .map(|listed| listed.row)
            .collect()
    }

    /// What evidence takes is bounded by its age, whatever the week brings.
    async fn evidence_is_bounded(&self) {
        // A task that is not over keeps its own; none of them takes longer than two days, but for the four accounts that
        // were disabled.
        let since = self.api.clock.now() - SignedDuration::from_hours(24 * (KEEP_DAYS + 2));
        let recent = self.shelves.attempts_since(since);
        let size = self.api.state.store.evidence_size().await.unwrap();
        let most = (recent + 2 * story::sheet().len()) * EVIDENCE;
        assert!(size <= most as u64, "{size} bytes of {most}");
    }
}

#[tokio::test]
async fn a_week_goes_as_a_plain_model_says() {
    let mut week = Week::begins().await;
    let mut day = story::local(week.api.clock.now()).date();
    while week.api.clock.now() < story::ends() {
        week.step().await;
        let today = story::local(week.api.clock.now()).date();
        if today != std::mem::replace(&mut day, today) {
            week.evidence_is_bounded().await;
        }
    }
    let (expected, ledger, tasks) = (model::outcome(), week.shelves.ledger(), week.tasks().await);
    follows_are(&ledger, &expected);
    posts_are(&week.api, &ledger, &expected).await;
    tasks_are(&tasks, &expected);
    nothing_in_the_sun_or_without_power(&tasks, &ledger);
    disk_is_bounded(&week).await;
    week.goes_down().await;
}

fn of_commit<'a>(ledger: &'a [Act], commit: &'a str) -> impl Iterator<Item = &'a Act> {
    ledger.iter().filter(move |act| act.commit == commit)
}

fn follows_are(ledger: &[Act], expected: &model::Outcome) {
    let (mut told, mut count) = (model::Acts::new(), 0);
    for act in of_commit(ledger, "follow") {
        told.insert((story::local(act.at).date(), act.username.clone(), act.key.clone()));
        count += 1;
    }
    let missing: Vec<_> = expected.follows.difference(&told).take(20).collect();
    let surplus: Vec<_> = told.difference(&expected.follows).take(20).collect();
    assert!(
        missing.is_empty() && surplus.is_empty(),
        "missing: {missing:?}\nsurplus: {surplus:?}"
    );
    assert_eq!(told.len(), count, "something was done twice");
    // The week is worth something.
    assert!(count > 2_000, "{count}");
}

async fn posts_are(api: &Api, ledger: &[Act], expected: &model::Outcome) {
    let (mut told, mut contents) = (BTreeMap::new(), BTreeSet::new());
    for act in of_commit(ledger, "post") {
        *told
            .entry((story::local(act.at).date(), act.username.clone()))
            .or_insert(0) += 1;
        assert!(contents.insert(act.key.clone()), "{act:?} was published before");
    }
    assert_eq!(told, expected.posts);
    let free = api.get("/api/v1/materials?used=0&page_size=1").await.data();
    assert_eq!(free["total"], MATERIALS - contents.len());
    let reserved = api.get("/api/v1/materials?used=1&page_size=1").await.data();
    assert_eq!(reserved["total"], contents.len());
}

fn tasks_are(tasks: &[TaskRow], expected: &model::Outcome) {
    let count = |state: &dyn Fn(TaskState) -> bool| tasks.iter().filter(|task| state(task.state)).count();
    let completed = count(&|state| state == TaskState::Completed);
    let failed: Vec<&TaskRow> = tasks
        .iter()
        .filter(|task| task.state == TaskState::Failed)
        .collect();
    let others: Vec<&&TaskRow> = failed
        .iter()
        .filter(|task| task.error.as_ref().is_none_or(|error| error.kind != "expired"))
        .take(5)
        .collect();
    assert!(others.is_empty(), "{others:?}");
    let walks = tasks.iter().filter(|task| task.script == "account_warmup");
    let walked = walks.filter(|task| task.state == TaskState::Completed).count();
    assert_eq!(
        (
            completed,
            failed.len(),
            tasks.len() - completed - failed.len(),
            walked
        ),
        (
            expected.completed,
            expected.expired,
            expected.waiting,
            expected.walks
        )
    );
    // Those that wait say why.
    for task in tasks.iter().filter(|task| task.state == TaskState::Waiting) {
        let why = task.waiting_for.as_deref().unwrap_or_default();
        assert!(
            why.starts_with("daily_cap") || why.starts_with("account_disabled"),
            "{why}"
        );
    }
}

fn nothing_in_the_sun_or_without_power(tasks: &[TaskRow], ledger: &[Act]) {
    let local = |day, hour, minute| story::at(jiff::civil::date(2027, 3, day).at(hour, minute, 0, 0));
    let sun = local(23, 19, 30)..local(23, 21, 30);
    let hot = story::serial(5);
    let walk = tasks.iter().find(|task| {
        task.serial.0 == hot && task.script == "account_warmup" && sun.contains(&task.created_at)
    });
    let began = walk.and_then(|task| task.started_at).unwrap();
    assert!(began >= sun.end, "{began}");
    let dark = local(25, 9, 10)..local(26, 7, 30);
    let phones: BTreeSet<String> = (11..=20).map(story::serial).collect();
    let acts = ledger
        .iter()
        .filter(|act| phones.contains(&act.phone) && dark.contains(&act.at));
    assert_eq!(acts.count(), 0);
}

/// What lies on the disk is what the database knows of, once what is too old is swept away, and far less than there was.
async fn disk_is_bounded(week: &Week) {
    let store = &week.api.state.store;
    let swept = async {
        while bytes_below(&week.data.path().join("artifacts")) != store.evidence_size().await.unwrap() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(DEADLINE, swept)
        .await
        .expect("what is too old is swept away");
    let all = (week.shelves.attempts_since(Timestamp::MIN) * EVIDENCE) as u64;
    let known = store.evidence_size().await.unwrap();
    assert!(known < all / 2, "{known} of {all}");
}

fn bytes_below(folder: &std::path::Path) -> u64 {
    let attempts = std::fs::read_dir(folder).unwrap().flatten();
    // One may be removed while it is looked at.
    let files =
        attempts.flat_map(|attempt| std::fs::read_dir(attempt.path()).into_iter().flatten().flatten());
    files
        .filter_map(|file| file.metadata().ok())
        .map(|found| found.len())
        .sum()
}
