//! The checker of the chaos run is seen to fail on a product that lacks one part of the guarantee, and to find nothing
//! where the same happens to the whole one. One scenario for each part, aimed at what it is there for.
#![expect(clippy::unwrap_used, reason = "a journey that cannot go on has failed")]

use std::collections::BTreeMap;
use std::time::Duration;

use controller::store::Store;
use farm::chaos::checker::{Rule, check};
use farm::chaos::crew::{Crew, CrewSpec, post_code, post_url, target, username};
use farm::chaos::facts::{Deed, Facts};
use farm::chaos::rack::serial;
use farm::chaos::{read, run};
use farm::site::until;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use shared::clock::SystemClock;

const PATIENCE: Duration = Duration::from_secs(240);
const PHONE: usize = 1;
const PLATFORM: &str = "tiktok";

/// A small farm and the one task that it works for.
struct Scene {
    crew: Crew,
    deed: Deed,
    task: i64,
    _folder: tempfile::TempDir,
}

impl Scene {
    /// The first agent is started with `first` in its environment, once its phone is known.
    async fn start(agents: usize, without: Option<&str>, first: (&str, &str), settings: Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut all = run::settings();
        all.as_object_mut()
            .unwrap()
            .extend(settings.as_object().unwrap().clone());
        let missing = without.into_iter();
        let spec = CrewSpec {
            agents,
            phones: 1,
            racks: 1,
            seed: 1,
            controller: Vec::new(),
            settings: all,
            environment: missing
                .map(|part| ("DROVER_BREAK".to_owned(), part.to_owned()))
                .collect(),
            speed: 12.0,
            folder: folder.path().to_owned(),
        };
        let mut crew = Crew::start(spec, 5).await.unwrap();
        let crash = vec![(first.0.to_owned(), first.1.to_owned())];
        crew.start_agent(0, crash).await.unwrap();
        for number in 1..agents {
            crew.start_agent(number, Vec::new()).await.unwrap();
        }
        crew.open_accounts().await.unwrap();
        Self {
            crew,
            deed: Deed {
                platform: PLATFORM.to_owned(),
                account: username(PHONE),
                kind: String::new(),
                what: String::new(),
            },
            task: 0,
            _folder: folder,
        }
    }

    async fn ask(&mut self, script: &str, what: String, config: Value) {
        let body = json!({
            "serials": [serial(PHONE)], "platform": PLATFORM, "script_name": script, "script_config": config,
        });
        let answer = self
            .crew
            .controller
            .send("POST", "/api/v1/task", &body)
            .await
            .unwrap();
        self.task = answer.data()["task_ids"][0].as_i64().unwrap();
        script.clone_into(&mut self.deed.kind);
        self.deed.what = what;
    }

    /// Everything that may explain a surprise.
    fn story(&self) -> String {
        let logs = self.crew.hands.iter().map(|hand| hand.agent.log());
        let logs: Vec<String> = logs.chain([self.crew.controller.log()]).collect();
        logs.join("\n----\n")
    }

    async fn wait(&self, what: &str, holds: impl AsyncFnMut() -> bool) {
        let waited = until(what, PATIENCE, holds).await;
        assert!(waited.is_ok(), "{waited:?}\n{}", self.story());
    }

    /// Waits until the first agent died, or stands still, at its point.
    async fn until_told(&self, word: &str) {
        self.wait(word, async || self.crew.hands[0].agent.log().contains(word))
            .await;
    }

    /// Starts the first agent again, whole.
    async fn start_again(&mut self) {
        self.crew.hands[0].agent.kill().await.unwrap();
        self.crew.start_agent(0, Vec::new()).await.unwrap();
    }

    fn times(&self) -> usize {
        let (serial, file) = &self.crew.ledgers()[0];
        let effects = read::ledger(serial, file).unwrap();
        read::times(&effects).get(&self.deed).copied().unwrap_or_default()
    }

    async fn status(&self) -> i64 {
        let answer = self
            .crew
            .controller
            .get(&format!("/api/v1/task/{}", self.task))
            .await;
        answer.map_or(-1, |answer| answer.data()["status"].as_i64().unwrap_or(-1))
    }

    /// Waits until the task has ended, or was done twice.
    async fn until_ended(&self) {
        self.wait("the task to end", async || {
            self.status().await >= 2 || self.times() > 1
        })
        .await;
    }

    /// Ends everything and checks it. The rules that do not hold, but for a task that is not at its end yet.
    async fn rules(mut self) -> (Vec<Rule>, String) {
        for hand in &mut self.crew.hands {
            hand.agent.kill().await.unwrap();
        }
        self.crew.controller.kill().await.unwrap();
        let mut facts = Facts {
            accepted: BTreeMap::from([(self.task, self.deed.clone())]),
            ..Facts::default()
        };
        for (serial, file) in self.crew.ledgers() {
            facts.effects.extend(read::ledger(&serial, &file).unwrap());
        }
        for hand in &self.crew.hands {
            let file = hand.agent.state().join(agent::journal::FILE);
            facts.journals.extend(read::journal(&file, false).unwrap());
        }
        let store = Store::open(&self.crew.database().unwrap(), std::sync::Arc::new(SystemClock))
            .await
            .unwrap();
        (facts.tasks, facts.attempts, facts.grants) = read::database(&store).await.unwrap();
        store.close().await;
        let faults = check(&facts);
        let told = format!("{faults:#?}\n{facts:#?}\n{}", self.story());
        (faults.iter().map(|fault| fault.rule).collect(), told)
    }
}

/// The agent dies after it has posted and before it has written that down; the next attempt must look, not post.
async fn post_and_die(without: Option<&str>) -> (Vec<Rule>, String) {
    let mut scene = Scene::start(1, without, ("DROVER_CRASH_AT", "acted"), json!({})).await;
    let media = scene.crew.controller.data.join("media");
    std::fs::create_dir_all(&media).unwrap();
    let clip = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom a clip";
    std::fs::write(media.join("clip.mp4"), clip).unwrap();
    let hash = {
        use sha2::Digest as _;
        shared::pack::files::hex(&sha2::Sha256::digest(clip))
    };
    let config = json!({"material_list": ["clip.mp4"], "captions": "A clip of the long winter"});
    scene.ask("post", hash, config).await;
    scene.until_told("dies at acted").await;
    scene.start_again().await;
    scene.until_ended().await;
    scene.rules().await
}

#[tokio::test]
async fn a_post_whose_agent_died_is_looked_for_and_without_the_check_of_grants_it_is_posted_twice() {
    let ((whole, told), (broken, story)) = tokio::join!(post_and_die(None), post_and_die(Some("grant")));
    assert_eq!(whole, [], "{told}");
    assert!(broken.contains(&Rule::Twice), "{story}");
    assert!(broken.contains(&Rule::TwoGrants), "{story}");
}

/// The agent dies with leave and without an intent; its journal says so when it is back.
async fn take_leave_and_die(without: Option<&str>) -> (Vec<Rule>, String) {
    let mut scene = Scene::start(1, without, ("DROVER_CRASH_AT", "granted"), json!({})).await;
    let config = json!({"target_username": target(2)});
    scene.ask("follow", target(2), config).await;
    scene.until_told("dies at granted").await;
    scene.start_again().await;
    scene.until_ended().await;
    scene.rules().await
}

#[tokio::test]
async fn leave_that_was_not_used_is_void_in_the_journal_and_without_the_void_that_is_missed() {
    let ((whole, told), (broken, story)) =
        tokio::join!(take_leave_and_die(None), take_leave_and_die(Some("void")));
    assert_eq!(whole, [], "{told}");
    assert_eq!(broken, [Rule::VoidUnwritten], "{story}");
}

/// An agent stands still with leave in its hand while the phone, which it still reaches, is another agent's by now; then
/// it goes on. Its lease is long, and so is the leave: who has the phone is all that keeps it from acting.
async fn stand_still_and_go_on(without: Option<&str>) -> (Vec<Rule>, String) {
    let long = json!({"tasks.lease_seconds": 600, "grants.valid_seconds": 600});
    let mut scene = Scene::start(2, without, ("DROVER_STAND_AT", "granted"), long).await;
    let config = json!({"target_post_url": post_url(PLATFORM, 3)});
    scene.ask("like", post_code(PLATFORM, 3), config).await;
    scene.until_told("stands still at granted").await;
    scene.crew.cables_of(PHONE).unwrap()[&1].plug(true);
    scene.until_ended().await;
    // Nobody can tell it to stop.
    scene.crew.hands[0].line.cut();
    let pid = i32::try_from(scene.crew.hands[0].agent.pid().unwrap()).unwrap();
    kill_process(Pid::from_raw(pid).unwrap(), Signal::CONT).unwrap();
    scene.until_told("work ended").await;
    scene.rules().await
}

#[tokio::test]
#[ignore = "the scene without the holder passed before and does not come about every time: which of the two agents acts first is open"]
async fn a_phone_that_is_anothers_is_not_touched_and_without_the_holder_it_is() {
    let ((whole, told), (broken, story)) =
        tokio::join!(stand_still_and_go_on(None), stand_still_and_go_on(Some("holder")));
    assert_eq!(whole, [], "{told}");
    assert!(broken.contains(&Rule::Unasked), "{broken:?}\n{story}");
}
