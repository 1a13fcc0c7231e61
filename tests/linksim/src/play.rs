//! A seed from its beginning to its end.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use base64::Engine as _;
use controller::ca::Authority;
use controller::fleet::new_join_token;
use controller::scheduler::proof_of_main_act;
use controller::settings::{self, WorkRules};
use controller::store::{
    AccountRow, AccountSecrets, Created, NewTask, Page, Resolution, Store, StoreError, TaskRow, TaskSource,
    Verdict, WholeAccount,
};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde_json::{Map, json};
use sha2::{Digest as _, Sha256};
use shared::account::{Platform, Username};
use shared::clock::SharedClock;
use shared::device::Serial;
use shared::task::TaskState;
use shared::wire::token::JoinToken;

use crate::away::Away;
use crate::hub::Hub;
use crate::office::Office;
use crate::trouble::Trouble;
use crate::world::{SimClock, World, lock};
use crate::{HOST, Outcome, Sabotage, Story, check};

const TICK: Duration = Duration::from_millis(20);
/// Everything has ended long before, in simulated time.
const LONGEST: Duration = Duration::from_secs(3_600);
/// How long a hub goes on alone.
const LEASE: Duration = Duration::from_secs(30);
/// How often it is looked for what a person has to decide, and whether all has ended.
const LOOK: Duration = Duration::from_secs(2);
/// A person takes so long.
const PERSON: Duration = Duration::from_secs(15);
/// What every Ed25519 key begins with as PKCS 8.
const ED25519: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

type Failed = Box<dyn std::error::Error>;

pub(crate) fn play(seed: u64, plot: Story, sabotage: Option<Sabotage>) -> Outcome {
    let world = Arc::new(World::new(seed, sabotage));
    let mut outcome = Outcome {
        seed,
        hash: String::new(),
        trace: Vec::new(),
        faults: Vec::new(),
        acts: 0,
        crashes: 0,
        cuts: 0,
        took: Duration::ZERO,
    };
    if let Err(error) = played(seed, plot, &world, &mut outcome) {
        outcome.faults.push(format!("the run broke off: {error}"));
    }
    let (count, hash) = world.datagrams();
    world.note(world.elapsed(), format_args!("{count} datagrams, {hash:016x}"));
    outcome.trace = world.trace();
    outcome.acts = lock(&world.ledger).len();
    outcome.took = world.elapsed();
    let digest = Sha256::digest(outcome.trace.join("\n").as_bytes());
    outcome.hash = shared::pack::files::hex(&digest);
    outcome
}

fn played(seed: u64, plot: Story, world: &Arc<World>, outcome: &mut Outcome) -> Result<(), Failed> {
    let ground = tempfile::Builder::new().prefix("linksim").tempdir_in(memory())?;
    let clock = SimClock::new(world, SignedDuration::ZERO);
    let shared_clock: SharedClock = Arc::<SimClock>::clone(&clock);
    let store = Store::memory_in_step(Arc::clone(&shared_clock))?;
    let keys = ground.path().join("keys");
    std::fs::create_dir_all(&keys)?;
    std::fs::write(keys.join("farm-ca.key"), ca_key())?;
    let ca = Arc::new(Authority::load_or_make(&keys)?);
    let office = Office {
        world: Arc::clone(world),
        clock,
        store: store.clone(),
        ca: Arc::clone(&ca),
        rules: rules(),
        data: ground.path().join("controller"),
    };
    let hubs = hubs(world, &store, &ca, &shared_clock, ground.path())?;
    let phones = ["P0", "P1", "P2"].map(str::to_owned);
    for phone in &phones {
        world.put(phone, &world.one_of(&hubs).name);
    }
    let tasks = at_once(tasks(world, plot, &store, &phones))?;

    let mut sim = turmoil::Builder::new()
        .tick_duration(TICK)
        .simulation_duration(LONGEST * 2)
        .min_message_latency(Duration::from_millis(1))
        .max_message_latency(Duration::from_millis(80))
        .udp_capacity(4_096)
        .rng_seed(seed)
        .build();
    {
        let office = office.clone();
        sim.host(HOST, move || office.clone().run());
    }
    for hub in &hubs {
        let software = hub.clone();
        sim.host(hub.name.as_str(), move || software.clone().run());
    }
    let mut trouble = Trouble::new(world, &hubs, &phones);
    let mut away = (plot == Story::Away).then(|| Away::new(world));
    let mut next_look = LOOK;
    let mut rows = Vec::new();
    while sim.elapsed() < LONGEST {
        let now = sim.elapsed();
        world.set_elapsed(now);
        match &mut away {
            Some(away) => away.step(&mut sim, now),
            None => trouble.step(&mut sim, now),
        }
        sim.step()?;
        world.set_elapsed(sim.elapsed());
        world.arrive(sim.elapsed());
        if now >= next_look {
            next_look = now + LOOK;
            at_once(decide(world, &store, &office))?;
            rows = at_once(read(&store, &tasks))?;
            let ended = rows
                .iter()
                .all(|task| matches!(task.state, TaskState::Completed | TaskState::Failed));
            let over = away
                .as_ref()
                .map_or_else(|| trouble.is_over(now), |away| away.is_over(now));
            if ended && over && check::is_quiet(&hubs) {
                break;
            }
        }
    }
    if sim.elapsed() >= LONGEST {
        outcome.faults.push("it does not come to an end".to_owned());
    }
    (outcome.crashes, outcome.cuts) = (trouble.crashes, trouble.cuts);
    for hub in &hubs {
        sim.crash(hub.name.as_str());
        drop(lock(&hub.seen).take());
    }
    sim.crash(HOST);
    drop(sim);
    rows.sort_by_key(|task| task.id);
    outcome
        .faults
        .extend(at_once(check::faults(world, &office, &hubs, &rows))?);
    if let Some(away) = &away {
        outcome.faults.extend(away.faults(world, &rows, LEASE));
    }
    at_once(store.close());
    Ok(())
}

/// Two hosts, whose clocks are not quite right.
fn hubs(
    world: &Arc<World>,
    store: &Store,
    ca: &Arc<Authority>,
    clock: &SharedClock,
    ground: &Path,
) -> Result<Vec<Hub>, Failed> {
    let mut hubs = Vec::new();
    for name in ["hub-0", "hub-1"] {
        let token: JoinToken = at_once(new_join_token(
            store,
            ca,
            clock,
            Duration::from_secs(86_400),
            "sim",
        ))?
        .parse()?;
        let skew = world.millis(0..4_000).as_millis();
        hubs.push(Hub {
            name: name.to_owned(),
            world: Arc::clone(world),
            clock: SimClock::new(world, SignedDuration::from_millis(i64::try_from(skew)? - 2_000)),
            folder: ground.join(name),
            token,
            seen: Arc::default(),
        });
    }
    Ok(hubs)
}

/// Where the hosts' files lie: nothing here is to outlast a power cut, and a real disk takes most of a seed's time.
fn memory() -> PathBuf {
    let shared = Path::new("/dev/shm");
    if shared.is_dir() {
        shared.to_owned()
    } else {
        std::env::temp_dir()
    }
}

/// Always the same: with another key, certificates would have other lengths. It guards nothing.
fn ca_key() -> String {
    let der = [&ED25519[..], &[7; 32]].concat();
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n")
}

/// For what asks the store alone, which answers at once: no runtime, whose time would be another one.
fn at_once<T>(work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    loop {
        let polled = work.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        if let Poll::Ready(done) = polled {
            return done;
        }
        std::thread::yield_now();
    }
}

fn rules() -> WorkRules {
    let set = BTreeMap::from([
        (settings::LEASE.to_owned(), json!(LEASE.as_secs())),
        (settings::RETRIES.to_owned(), json!(10)),
    ]);
    WorkRules::of(&set, TimeZone::UTC)
}

/// Two or three tasks for each phone, each for another act; or one of many acts.
async fn tasks(world: &World, plot: Story, store: &Store, phones: &[String]) -> Result<Vec<i64>, StoreError> {
    let mut new = Vec::new();
    for (number, serial) in phones.iter().enumerate() {
        let id = store.next_account_ids(1).await?;
        let username = Username::parse(&format!("account{number}"))
            .map_err(|error| StoreError::Conflict(error.to_string()))?;
        let mut row = AccountRow::new(id, Platform::TikTok, username.clone());
        row.device = Some(Serial(serial.clone()));
        let whole = WholeAccount {
            row,
            secrets: AccountSecrets::default(),
        };
        store.create_account(whole, "sim").await?;
        let (count, scripts): (_, &[&str]) = match plot {
            Story::Storm => (world.millis(2..4).as_millis(), &["follow", "post"]),
            Story::Away => (1, &["walk"]),
        };
        for place in 0..count {
            let script = *world.one_of(scripts);
            let key = format!("{serial}-{place}");
            new.push(NewTask {
                platform: "tiktok".to_owned(),
                pack: "paper".to_owned(),
                script: script.to_owned(),
                config: Map::from_iter([("key".to_owned(), json!(key))]),
                serial: Serial(serial.clone()),
                account_id: Some(id),
                username: Some(username.clone()),
                package: None,
                start_at: None,
                max_retries: Some(10),
                seed: 1,
                sequence: 0,
                queue_key: None,
                of_phone: false,
            });
        }
    }
    let made = store
        .create_tasks(new, TaskSource::Api, "sim", None, |_| json!({}))
        .await?;
    Ok(match made {
        Created::New { ids, .. } => ids,
        Created::Before(_) => Vec::new(),
    })
}

async fn read(store: &Store, ids: &[i64]) -> Result<Vec<TaskRow>, StoreError> {
    let mut rows = Vec::new();
    for id in ids {
        rows.extend(store.task(*id).await?.map(|listed| listed.row));
    }
    Ok(rows)
}

/// A person looks at the phone, and says what is so.
async fn decide(world: &World, store: &Store, office: &Office) -> Result<(), StoreError> {
    let page = Page { number: 1, size: 50 };
    let waiting = store.list_attention(true, page).await?;
    for item in waiting.rows.into_iter().map(|shown| shown.row) {
        let now = shared::clock::Clock::now(office.clock.as_ref());
        let waits = now.duration_since(item.created_at);
        if Duration::try_from(waits).unwrap_or_default() < PERSON {
            continue;
        }
        let mut resolution = Resolution::Resume;
        if let (Some(grant), Some(task)) = (item.item.grant, item.item.task) {
            let grants = store.grants_of(task).await?;
            if let Some(grant) = grants.iter().find(|one| one.id == grant) {
                let done = lock(&world.ledger)
                    .iter()
                    .any(|act| act.commit == grant.commit && act.key == grant.key);
                resolution = if done {
                    Resolution::Done
                } else {
                    Resolution::NotDone
                };
            }
        }
        let kind = &item.item.kind;
        let task = item.item.task.unwrap_or_default();
        let words = resolution.as_str();
        world.note(
            world.elapsed(),
            format_args!("a person decides of task {task} ({kind}): {words}"),
        );
        store
            .resolve_attention(item.id, Verdict::of(resolution), "a person", proof_of_main_act)
            .await?;
        if let Some(scheduler) = lock(&world.scheduler).as_ref() {
            scheduler.wake_all();
        }
    }
    Ok(())
}
