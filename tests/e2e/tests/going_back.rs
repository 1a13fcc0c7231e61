//! A farm whose database went back to what it was: by `restore`, or by a file that somebody copied. What was done since
//! is not done again, whoever is there to tell of it, and whoever is not.
#![expect(clippy::unwrap_used, reason = "a journey that cannot go on has failed")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use farm::chaos::crew::{Crew, CrewSpec, target};
use farm::chaos::rack::serial;
use farm::chaos::{read, run};
use farm::site::until;
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(240);
const PLATFORM: &str = "tiktok";
/// In the folder that tasks take their videos from.
const CLIPS: [&str; 3] = ["a.mp4", "b.mp4", "c.mp4"];

struct Farm {
    crew: Crew,
    folder: tempfile::TempDir,
}

impl Farm {
    /// As many agents as phones, each with one.
    async fn start(agents: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let spec = CrewSpec {
            agents,
            phones: agents,
            racks: 1,
            seed: 1,
            controller: Vec::new(),
            settings: run::settings(),
            environment: Vec::new(),
            speed: 12.0,
            folder: folder.path().to_owned(),
        };
        let mut crew = Crew::start(spec, 8).await.unwrap();
        for number in 0..agents {
            crew.start_agent(number, Vec::new()).await.unwrap();
        }
        crew.open_accounts().await.unwrap();
        let clips = crew.controller.data.join("media/clips");
        std::fs::create_dir_all(&clips).unwrap();
        for name in CLIPS {
            let clip = [b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom ".as_slice(), name.as_bytes()].concat();
            std::fs::write(clips.join(name), clip).unwrap();
        }
        let farm = Self { crew, folder };
        for number in 1..=agents {
            farm.until_seen(number).await;
        }
        farm
    }

    /// A phone is known a moment after its host is linked.
    async fn until_seen(&self, phone: usize) {
        let path = format!("/api/v1/devices/{}", serial(phone));
        self.wait("a phone to be seen", async || {
            let answer = self.crew.controller.get(&path).await;
            answer.is_ok_and(|answer| answer.json()["data"]["state"] == "online")
        })
        .await;
    }

    fn story(&self) -> String {
        let logs = self.crew.hands.iter().map(|hand| hand.agent.log());
        let logs: Vec<String> = logs.chain([self.crew.controller.log()]).collect();
        logs.join("\n----\n")
    }

    async fn wait(&self, what: &str, holds: impl AsyncFnMut() -> bool) {
        let waited = until(what, PATIENCE, holds).await;
        assert!(waited.is_ok(), "{waited:?}\n{}", self.story());
    }

    async fn ask(&self, phone: usize, script: &str, config: Value) -> i64 {
        let body = json!({
            "serials": [serial(phone)], "platform": PLATFORM, "script_name": script, "script_config": config,
        });
        let answer = self
            .crew
            .controller
            .send("POST", "/api/v1/task", &body)
            .await
            .unwrap();
        let id = answer.data()["task_ids"][0].as_i64();
        assert!(id.is_some(), "{answer:?}");
        id.unwrap()
    }

    /// A video out of the folder, whichever is next.
    async fn post(&self, phone: usize) -> i64 {
        let config =
            json!({"material_source": "localFolder", "material_path": "clips", "captions": "A clip"});
        self.ask(phone, "post", config).await
    }

    async fn follow(&self, phone: usize, whom: usize) -> i64 {
        self.ask(phone, "follow", json!({"target_username": target(whom)}))
            .await
    }

    async fn task(&self, id: i64) -> Value {
        let answer = self.crew.controller.get(&format!("/api/v1/task/{id}")).await;
        answer.map_or(Value::Null, |answer| answer.json()["data"].clone())
    }

    async fn until_completed(&self, id: i64) {
        self.wait("the task to end", async || {
            self.task(id).await["status"].as_i64() >= Some(2)
        })
        .await;
        let task = self.task(id).await;
        assert_eq!(task["status"], 2, "{task}\n{}", self.story());
    }

    /// What was really done, and how often each.
    fn deeds(&self) -> BTreeMap<String, usize> {
        let mut effects = Vec::new();
        for (serial, file) in self.crew.ledgers() {
            effects.extend(read::ledger(&serial, &file).unwrap());
        }
        read::times(&effects)
            .into_iter()
            .map(|(deed, times)| (format!("{} {}", deed.kind, deed.what), times))
            .collect()
    }

    fn count(&self, kind: &str) -> (usize, usize) {
        let deeds = self.deeds();
        let of_kind = deeds.iter().filter(|(name, _)| name.starts_with(kind));
        of_kind.fold((0, 0), |(different, all), (_, times)| {
            (different + 1, all + times)
        })
    }

    async fn backup(&self) -> PathBuf {
        let file = self.folder.path().join("yesterday.backup");
        let saved = self
            .crew
            .controller
            .command(&["backup"])
            .arg(&file)
            .output()
            .await
            .unwrap();
        assert!(saved.status.success(), "{saved:?}");
        file
    }

    async fn end_all(&mut self) {
        self.crew.controller.kill().await.unwrap();
        for hand in &mut self.crew.hands {
            hand.agent.kill().await.unwrap();
        }
    }

    /// Puts the backup in the place of what stands, as soon as it is sure that no controller runs.
    async fn restore(&self, file: &Path) {
        let mut last = None;
        let done = until("the backup to be put back", PATIENCE, async || {
            let output = self
                .crew
                .controller
                .command(&["restore"])
                .arg(file)
                .output()
                .await
                .unwrap();
            let done = output.status.success();
            last = Some(output);
            done
        });
        assert!(done.await.is_ok(), "{last:?}");
    }

    async fn start_controller(&mut self) {
        self.crew.controller.start().unwrap();
        self.crew.controller.until_ready(PATIENCE).await.unwrap();
    }

    async fn host(&self, name: &str) -> String {
        let answer = self.crew.controller.get("/api/v1/hosts").await.unwrap();
        let hosts = answer.data()["hosts"].as_array().unwrap().clone();
        let host = hosts.iter().find(|host| host["name"] == name).unwrap();
        host["id"].as_str().unwrap().to_owned()
    }

    async fn ready(&self) -> String {
        let answer = self.crew.controller.get("/readyz").await.unwrap();
        String::from_utf8_lossy(&answer.body).into_owned()
    }

    /// Waits until a task waits because a host has not told yet.
    async fn until_held(&self, id: i64) {
        self.wait("the task to be held back", async || {
            let task = self.task(id).await;
            assert_eq!(task["status"], 0, "it went on: {task}\n{}", self.story());
            let why = task["waiting_for"].as_str().unwrap_or_default().to_owned();
            why.contains("has not told yet") || why.contains("has to tell")
        })
        .await;
    }
}

#[tokio::test]
async fn a_backup_is_put_back_and_what_was_done_since_is_not_done_again() {
    let mut farm = Farm::start(2).await;
    // The second phone is away while the backup is made: what is asked of it is pending in it.
    farm.crew.hands[1].agent.kill().await.unwrap();
    let (pending_follow, pending_post) = (farm.follow(2, 1).await, farm.post(2).await);
    let backup = farm.backup().await;
    let done_since = farm.post(1).await;
    farm.until_completed(done_since).await;
    farm.crew.start_agent(1, Vec::new()).await.unwrap();
    farm.until_completed(pending_follow).await;
    farm.until_completed(pending_post).await;
    assert_eq!(
        (farm.count("post"), farm.count("follow")),
        ((2, 2), (1, 1)),
        "{:?}",
        farm.deeds()
    );

    farm.end_all().await;
    farm.restore(&backup).await;
    farm.start_controller().await;
    farm.crew.start_agent(0, Vec::new()).await.unwrap();
    farm.crew.until_linked("agent0", true, PATIENCE).await.unwrap();
    let absent = farm.host("agent1").await;
    farm.wait("the absent host alone to be waited for", async || {
        let ready = farm.ready().await;
        ready.contains(&absent) && !ready.contains(&farm.host("agent0").await)
    })
    .await;
    // What this host's journal can vouch for goes on; a video may have been published by the other one.
    let next_post = farm.post(1).await;
    assert!(next_post > done_since, "{next_post} is given twice");
    farm.until_held(next_post).await;
    let next_follow = farm.follow(1, 2).await;
    farm.until_completed(next_follow).await;
    assert_eq!(farm.task(pending_post).await["status"], 0);
    assert_eq!(
        (farm.count("post"), farm.count("follow")),
        ((2, 2), (2, 2)),
        "{:?}",
        farm.deeds()
    );

    farm.crew.start_agent(1, Vec::new()).await.unwrap();
    farm.until_completed(pending_follow).await;
    farm.until_completed(pending_post).await;
    farm.until_completed(next_post).await;
    assert_eq!(
        (farm.count("post"), farm.count("follow")),
        ((3, 3), (2, 2)),
        "{:?}",
        farm.deeds()
    );
}

#[tokio::test]
async fn a_host_that_does_not_come_back_is_waited_for_until_somebody_accepts_it() {
    let mut farm = Farm::start(2).await;
    let backup = farm.backup().await;
    farm.end_all().await;
    farm.restore(&backup).await;
    farm.start_controller().await;
    farm.crew.start_agent(0, Vec::new()).await.unwrap();
    farm.crew.until_linked("agent0", true, PATIENCE).await.unwrap();
    farm.until_seen(1).await;
    let held = farm.post(1).await;
    farm.until_held(held).await;
    let absent = farm.host("agent1").await;
    let accepted = farm
        .crew
        .controller
        .command(&["restore", "accept", "--host", &absent])
        .output()
        .await
        .unwrap();
    assert!(accepted.status.success(), "{accepted:?}");
    farm.until_completed(held).await;
    farm.wait("nobody to be waited for", async || {
        !farm.ready().await.contains(&absent)
    })
    .await;
    let audit = farm.crew.controller.get("/api/v1/audit").await.unwrap().json();
    assert!(audit.to_string().contains("restore.accept"), "{audit}");
}

#[tokio::test]
async fn a_file_that_was_copied_back_is_noticed() {
    let mut farm = Farm::start(1).await;
    let file = farm.crew.controller.data.join("drover.db");
    farm.crew.controller.kill().await.unwrap();
    let copy = farm.folder.path().join("copy.db");
    std::fs::copy(&file, &copy).unwrap();
    // What had not reached the file yet stands beside it.
    let beside = |file: &Path| PathBuf::from(format!("{}-wal", file.display()));
    let wal = std::fs::read(beside(&file)).unwrap_or_default();
    farm.start_controller().await;
    let before = farm.follow(1, 3).await;
    farm.until_completed(before).await;

    farm.crew.controller.kill().await.unwrap();
    std::fs::copy(&copy, &file).unwrap();
    std::fs::write(beside(&file), wal).unwrap();
    let _ = std::fs::remove_file(format!("{}-shm", file.display()));
    farm.start_controller().await;
    farm.wait("it to be noticed", async || {
        let audit = farm.crew.controller.get("/api/v1/audit").await;
        audit.is_ok_and(|audit| audit.json().to_string().contains("restore.noticed"))
    })
    .await;
    let again = farm.follow(1, 3).await;
    assert!(again > before, "{again} is given twice");
    farm.until_completed(again).await;
    assert_eq!(farm.count("follow"), (1, 1), "{:?}", farm.deeds());
}
