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
use farm::chaos::work::OUT_OF_LIBRARY;
use farm::chaos::{read, run};
use farm::http;
use farm::site::until;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use shared::clock::SystemClock;

const PATIENCE: Duration = Duration::from_secs(240);
const PHONE: usize = 1;
const PLATFORM: &str = "tiktok";

/// A small farm and what it works for.
struct Scene {
    crew: Crew,
    accepted: BTreeMap<i64, Deed>,
    _folder: tempfile::TempDir,
}

impl Scene {
    /// An agent for each of `points`, with that in its environment.
    async fn start(points: &[(&str, &str)], phones: usize, without: Option<&str>, settings: Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut all = run::settings();
        all.as_object_mut()
            .unwrap()
            .extend(settings.as_object().unwrap().clone());
        let missing = without.into_iter();
        let spec = CrewSpec {
            agents: points.len(),
            phones,
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
        for (number, (name, point)) in points.iter().enumerate() {
            let environment = vec![((*name).to_owned(), (*point).to_owned())];
            crew.start_agent(number, environment).await.unwrap();
        }
        crew.open_accounts().await.unwrap();
        Self {
            crew,
            accepted: BTreeMap::new(),
            _folder: folder,
        }
    }

    /// Asks for the same on each phone of the farm; `what` is how the ledger tells of it.
    async fn ask(&mut self, script: &str, what: String, config: Value) {
        let serials: Vec<String> = (1..=self.crew.spec.phones).map(serial).collect();
        let body = json!({
            "serials": serials, "platform": PLATFORM, "script_name": script, "script_config": config,
        });
        let answer = self
            .crew
            .controller
            .send("POST", "/api/v1/task", &body)
            .await
            .unwrap();
        for (number, task) in (1..).zip(answer.data()["task_ids"].as_array().unwrap()) {
            let deed = Deed {
                platform: PLATFORM.to_owned(),
                account: username(number),
                kind: script.to_owned(),
                what: what.clone(),
            };
            self.accepted.insert(task.as_i64().unwrap(), deed);
        }
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

    /// Waits until an agent says so, as that it died or stands still at its point.
    async fn until_told(&self, agent: usize, word: &str) {
        self.wait(word, async || self.crew.hands[agent].agent.log().contains(word))
            .await;
    }

    /// Lets an agent that stands still go on.
    fn go_on(&self, agent: usize) {
        let pid = i32::try_from(self.crew.hands[agent].agent.pid().unwrap()).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), Signal::CONT).unwrap();
    }

    /// Starts the first agent again, whole.
    async fn start_again(&mut self) {
        self.crew.hands[0].agent.kill().await.unwrap();
        self.crew.start_agent(0, Vec::new()).await.unwrap();
    }

    /// Whether anything was done more than once.
    fn twice(&self) -> bool {
        let ledgers = self.crew.ledgers();
        let effects = ledgers
            .iter()
            .flat_map(|(serial, file)| read::ledger(serial, file).unwrap());
        let times = read::times(&effects.collect::<Vec<_>>());
        self.accepted
            .values()
            .any(|deed| times.get(deed).is_some_and(|times| *times > 1))
    }

    async fn ended(&self) -> bool {
        for task in self.accepted.keys() {
            let answer = self.crew.controller.get(&format!("/api/v1/task/{task}")).await;
            let status = answer.map_or(-1, |answer| answer.data()["status"].as_i64().unwrap_or(-1));
            if status < 2 {
                return false;
            }
        }
        true
    }

    /// Waits until every task has ended, or something was done twice.
    async fn until_ended(&self) {
        self.wait("the tasks to end", async || self.ended().await || self.twice())
            .await;
    }

    /// Ends everything and checks it. The rules that do not hold, but for a task that is not at its end yet.
    async fn rules(mut self) -> (Vec<Rule>, String) {
        for hand in &mut self.crew.hands {
            hand.agent.kill().await.unwrap();
        }
        self.crew.controller.kill().await.unwrap();
        let mut facts = Facts {
            accepted: self.accepted.clone(),
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
    let mut scene = Scene::start(&[("DROVER_CRASH_AT", "acted")], 1, without, json!({})).await;
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
    scene.until_told(0, "dies at acted").await;
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
    let mut scene = Scene::start(&[("DROVER_CRASH_AT", "granted")], 1, without, json!({})).await;
    let config = json!({"target_username": target(2)});
    scene.ask("follow", target(2), config).await;
    scene.until_told(0, "dies at granted").await;
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

/// An agent stands still with leave in its hand while the phone, which it still reaches, is another agent's by now: that
/// one has looked, found nothing done, and has leave of its own when the first goes on. Its lease is long, and so is the
/// leave: who has the phone is all that keeps it from acting.
async fn stand_still_and_go_on(without: Option<&str>) -> (Vec<Rule>, String) {
    let long = json!({"tasks.lease_seconds": 600, "grants.valid_seconds": 600});
    let still = ("DROVER_STAND_AT", "granted");
    let mut scene = Scene::start(&[still, still], 1, without, long).await;
    let config = json!({"target_post_url": post_url(PLATFORM, 3)});
    scene.ask("like", post_code(PLATFORM, 3), config).await;
    scene.until_told(0, "stands still at granted").await;
    scene.crew.cables_of(PHONE).unwrap()[&1].plug(true);
    scene.until_told(1, "stands still at granted").await;
    // Nobody can tell it to stop.
    scene.crew.hands[0].line.cut();
    scene.go_on(0);
    scene.until_told(0, "work ended").await;
    scene.go_on(1);
    scene.until_ended().await;
    scene.rules().await
}

#[tokio::test]
async fn a_phone_that_is_anothers_is_not_touched_and_without_the_holder_it_is() {
    let ((whole, told), (broken, story)) =
        tokio::join!(stand_still_and_go_on(None), stand_still_and_go_on(Some("holder")));
    assert_eq!(whole, [], "{told}");
    assert!(broken.contains(&Rule::VoidDone), "{broken:?}\n{story}");
}

/// Two phones want a clip out of a library that has one.
async fn take_the_last_clip(without: Option<&str>) -> (Vec<Rule>, String) {
    let mut scene = Scene::start(&[("RUST_LOG", "info")], 2, without, json!({})).await;
    let clip = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom the last clip";
    let headers = [("Content-Type", "video/mp4")];
    let path = "/api/v1/materials?name=last.mp4&tags=chaos";
    let taken = http::send(scene.crew.controller.api, "POST", path, &headers, clip.to_vec()).await;
    assert_eq!(taken.unwrap().status, 200);
    let caption = format!("The last clip {OUT_OF_LIBRARY}");
    let config = json!({"materials_tags": "chaos", "captions": caption});
    scene.ask("post", caption, config).await;
    scene.until_ended().await;
    scene.rules().await
}

#[tokio::test]
async fn a_content_of_the_library_is_one_tasks_and_without_its_reservation_two_publish_it() {
    let ((whole, told), (broken, story)) =
        tokio::join!(take_the_last_clip(None), take_the_last_clip(Some("material")));
    assert_eq!(whole, [], "{told}");
    assert_eq!(broken, [Rule::ContentTwice], "{story}");
}
