//! A run: work is asked for while blows fall, then everything is brought back, all tasks come to their ends, and the
//! facts are read.

mod blows;
mod feed;

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use controller::store::Store;
use jiff::Timestamp;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::json;
use shared::clock::{Clock as _, SystemClock};
use tokio::time::Instant;

use super::counts::{self, Happened, POINTS};
use super::crew::{Crew, CrewSpec};
use super::facts::{Facts, JournalFact};
use super::person;
use super::plan::{Size, plan};
use super::read;
use blows::Then;
use feed::Feed;

/// Tasks come to their ends within this time after everything is back, and something must change meanwhile.
const SETTLE: Duration = Duration::from_secs(30 * 60);
const STUCK: Duration = Duration::from_secs(4 * 60);
/// A person who has said nothing for so long has nothing to say.
const NO_WORD: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(100);
const TELL: Duration = Duration::from_secs(30);
const PERSON: Duration = Duration::from_secs(15);
/// People and posts in each world.
pub const TARGETS: usize = 120;

/// What is wanted.
#[derive(Debug, Clone)]
pub struct Wish {
    pub crew: CrewSpec,
    pub length: Duration,
    /// Tasks that wait or run for each account at most.
    pub ahead: usize,
    /// At each passage of a crash point, how likely the agent dies there.
    pub deadly: f64,
}

/// The settings of a run: short leases, and no task given up for what the run does to it.
pub fn settings() -> serde_json::Value {
    let mut settings = json!({
        "tasks.lease_seconds": 10, "grants.valid_seconds": 60, "tasks.retries": 10, "tasks.expire_minutes": 600,
        "tasks.longest_minutes": 30, "phones.battery_pause": 0, "phones.battery_resume": 1, "phones.heat_pause": 80,
        "phones.heat_resume": 79,
    });
    for platform in ["tiktok", "instagram"] {
        for action in ["follow", "unfollow", "like", "comment", "post"] {
            settings[format!("caps.{platform}.{action}")] = json!(0);
        }
    }
    settings
}

/// A run under way.
pub struct Run<'a> {
    crew: Crew,
    store: Store,
    feed: Arc<Feed>,
    wish: Wish,
    happened: Happened,
    dice: StdRng,
    then: Vec<(Instant, Then)>,
    /// How far each agent's log was read.
    read: Vec<u64>,
    /// Since when the process runs that has this journal.
    since: BTreeMap<String, Timestamp>,
    /// What stands still, by a name of its own.
    stopped: BTreeMap<String, u32>,
    lost: Vec<JournalFact>,
    losses: usize,
    say: &'a mut dyn FnMut(&str),
}

impl<'a> Run<'a> {
    /// Brings the farm up, with all phones online.
    pub async fn start(wish: Wish, say: &'a mut dyn FnMut(&str)) -> io::Result<Run<'a>> {
        say("the farm comes up");
        let mut crew = Crew::start(wish.crew.clone(), TARGETS).await?;
        for number in 0..crew.spec.agents {
            crew.start_agent(number, Vec::new()).await?;
        }
        crew.open_accounts().await?;
        let store = Store::open(&crew.database()?, Arc::new(SystemClock))
            .await
            .map_err(io::Error::other)?;
        let feed = Arc::new(Feed::new(&crew, wish.ahead)?);
        let agents = crew.spec.agents;
        Ok(Run {
            dice: StdRng::seed_from_u64(crew.spec.seed ^ 0xB10),
            store,
            feed,
            wish,
            happened: Happened::default(),
            then: Vec::new(),
            read: vec![0; agents],
            since: BTreeMap::new(),
            stopped: BTreeMap::new(),
            lost: Vec::new(),
            losses: 0,
            crew,
            say,
        })
    }

    /// The whole of it. Answers what was found, and what happened.
    pub async fn whole(mut self) -> io::Result<(Facts, Happened)> {
        self.arm().await?;
        self.storm().await?;
        self.bring_back().await?;
        self.settle().await?;
        self.facts().await
    }

    /// The agents go on with their crash points set.
    async fn arm(&mut self) -> io::Result<()> {
        for number in 0..self.crew.spec.agents {
            self.kill_agent(number).await?;
            self.start_agent(number).await?;
        }
        Ok(())
    }

    /// Work is asked for while blows fall.
    async fn storm(&mut self) -> io::Result<()> {
        let spec = &self.crew.spec;
        let size = Size {
            agents: spec.agents,
            phones: spec.phones,
            racks: self.crew.racks.len(),
        };
        let mut events = plan(spec.seed, self.wish.length, size).into_iter().peekable();
        let begin = Instant::now();
        let feeding = tokio::spawn(Arc::clone(&self.feed).go_on(self.store.clone()));
        let (mut told, mut looked) = (begin, begin);
        while begin.elapsed() < self.wish.length {
            while let Some(event) = events.next_if(|event| event.at <= begin.elapsed()) {
                self.strike(event.blow).await?;
            }
            self.follow_up().await?;
            self.look_at_agents()?;
            if looked.elapsed() > PERSON {
                looked = Instant::now();
                self.person().await;
            }
            if told.elapsed() > TELL {
                told = Instant::now();
                self.tell(begin.elapsed()).await;
            }
            tokio::time::sleep(LOOK).await;
        }
        self.feed.stop();
        // What it asked for last is answered by a controller that may just be down.
        while !feeding.is_finished() {
            self.follow_up().await?;
            self.look_at_agents()?;
            tokio::time::sleep(LOOK).await;
        }
        feeding.await.map_err(io::Error::other)?
    }

    /// The person looks; a database that is busy is looked at again later.
    async fn person(&mut self) {
        // Whoever stands still may act when it goes on.
        if self
            .stopped
            .keys()
            .any(|name| name.starts_with("agent") || name.starts_with("rack"))
        {
            return;
        }
        let accepted = self.feed.accepted();
        match person::look(&self.crew, &self.store, &accepted, &self.since).await {
            Ok(decided) => self.happened.decided.add(&decided),
            Err(error) => (self.say)(&format!("the person could not look: {error}")),
        }
    }

    async fn tell(&mut self, at: Duration) {
        let kills: u32 = self.happened.points.values().sum();
        let points: Vec<String> = POINTS
            .iter()
            .map(|(point, _)| {
                let kills = self.happened.points.get(*point).copied().unwrap_or_default();
                format!("{point} {kills}")
            })
            .collect();
        let counts = match self.store.task_counts().await {
            Ok(counts) => format!("{counts:?}"),
            Err(error) => error.to_string(),
        };
        (self.say)(&format!(
            "{:>4} s: {} tasks accepted; {counts}; {kills} kills at crash points ({})",
            at.as_secs(),
            self.feed.count(),
            points.join(", "),
        ));
    }

    /// Everything is back, nothing more is killed.
    async fn bring_back(&mut self) -> io::Result<()> {
        (self.say)("everything is brought back");
        for (_, pid) in std::mem::take(&mut self.stopped) {
            blows::signal(pid, rustix::process::Signal::CONT)?;
        }
        self.then.clear();
        for rack in &mut self.crew.racks {
            if rack.pid().is_none() {
                rack.start().await?;
            }
        }
        if self.crew.controller.pid().is_none() {
            self.crew.controller.start()?;
        }
        self.crew.controller.until_ready(Duration::from_secs(120)).await?;
        for number in 0..self.crew.spec.agents {
            self.look_at_agents()?;
            let hand = self.hand(number)?;
            hand.line.mend();
            hand.line.set_weather(crate::line::Weather::default());
            self.kill_agent(number).await?;
            self.crew.start_agent(number, Vec::new()).await?;
            self.note_journal(number);
        }
        self.then.clear();
        for number in 1..=self.crew.spec.phones {
            let cables = self.crew.cables_of(number);
            let Some(cables) = cables else { continue };
            let mut plugged = cables.values().filter(|cable| cable.is_plugged());
            if plugged.next().is_none()
                && let Some(cable) = cables.values().next()
            {
                cable.plug(true);
            }
        }
        Ok(())
    }

    /// Waits until all tasks have ended, or wait for a person who has nothing more to say.
    async fn settle(&mut self) -> io::Result<()> {
        let begin = Instant::now();
        let (mut last, mut changed, mut told) = (String::new(), begin, begin);
        loop {
            self.look_at_agents()?;
            self.follow_up().await?;
            self.person().await;
            self.note_journals();
            let (now, asked) = feed::unfinished(&self.store).await?;
            if now.is_empty() && (asked == 0 || changed.elapsed() > NO_WORD) {
                return Ok(());
            }
            let state = format!("{now:?} {asked} {:?}", self.store.task_counts().await);
            if state != last {
                (last, changed) = (state, Instant::now());
            }
            if told.elapsed() > TELL {
                told = Instant::now();
                (self.say)(&format!(
                    "{:>4} s after the end: {} tasks are not at their ends",
                    begin.elapsed().as_secs(),
                    now.len()
                ));
            }
            if changed.elapsed() > STUCK || begin.elapsed() > SETTLE {
                for task in now.iter().take(20) {
                    (self.say)(&format!("not at its end: {task}"));
                }
                return Ok(());
            }
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
    }

    /// Ends everything and reads what there is.
    async fn facts(mut self) -> io::Result<(Facts, Happened)> {
        for number in 0..self.crew.spec.agents {
            self.kill_agent(number).await?;
        }
        self.crew.controller.kill().await?;
        for rack in &mut self.crew.racks {
            rack.kill().await?;
        }
        let mut journals = std::mem::take(&mut self.lost);
        for hand in &self.crew.hands {
            journals.extend(read::journal(
                &hand.agent.state().join(agent::journal::FILE),
                false,
            )?);
        }
        let mut effects = Vec::new();
        for (serial, file) in self.crew.ledgers() {
            effects.extend(read::ledger(&serial, &file)?);
        }
        let (tasks, attempts, grants) = read::database(&self.store).await?;
        self.store.close().await;
        let facts = Facts {
            accepted: self.feed.accepted(),
            effects,
            tasks,
            attempts,
            grants,
            journals,
        };
        Ok((facts, self.happened))
    }

    /// How likely an agent dies at each point: more at those where few have died.
    fn crash_points(&mut self) -> Vec<(String, String)> {
        let of = |point: &str| self.happened.points.get(point).copied().unwrap_or_default();
        let owed = counts::owed(self.wish.length);
        let fewest = POINTS
            .iter()
            .map(|(point, _)| of(point))
            .min()
            .unwrap_or_default();
        let chances: Vec<String> = POINTS
            .iter()
            .map(|(point, _)| {
                let mut chance = self.wish.deadly;
                if of(point) <= fewest {
                    chance *= 3.0;
                } else if of(point) >= owed * 2 {
                    // Enough: what is killed all the time gets nothing done.
                    chance *= 0.25;
                }
                if *point == "verifying" {
                    chance *= 5.0;
                }
                format!("{point}:{:.4}", chance.min(0.6))
            })
            .collect();
        vec![
            ("DROVER_CRASH_AT".to_owned(), chances.join(",")),
            (
                "DROVER_CRASH_SEED".to_owned(),
                self.dice.random::<u32>().to_string(),
            ),
        ]
    }

    /// Which journal an agent has, and since when its process runs.
    fn note_journal(&mut self, number: usize) {
        let Some(hand) = self.crew.hands.get(number) else {
            return;
        };
        let file = hand.agent.state().join(agent::journal::FILE);
        if let Ok(Some(journal)) = read::journal(&file, false) {
            self.since.insert(journal.identity, SystemClock.now());
        }
    }

    /// Journals that came to be since their agents were started.
    fn note_journals(&mut self) {
        for hand in &self.crew.hands {
            let file = hand.agent.state().join(agent::journal::FILE);
            if let Ok(Some(journal)) = read::journal(&file, false) {
                self.since.entry(journal.identity).or_insert(SystemClock.now());
            }
        }
    }
}

impl std::fmt::Debug for Run<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run")
            .field("wish", &self.wish)
            .finish_non_exhaustive()
    }
}
