//! A controller that is away for much longer than a lease: its agents fall silent and hold their phones as they are; when
//! it is back they go on where they were, and nothing starts over.
#![expect(clippy::unwrap_used, reason = "a journey that cannot go on has failed")]

use std::time::Duration;

use farm::chaos::crew::{Crew, CrewSpec};
use farm::chaos::facts::Effect;
use farm::chaos::rack::serial;
use farm::chaos::{read, run};
use farm::site::until;
use serde_json::{Value, json};
use shared::clock::{Clock as _, SystemClock};

const PATIENCE: Duration = Duration::from_secs(240);
/// So often the agent looks for its controller in vain before that comes back.
const TRIES: usize = 3;

struct Farm {
    crew: Crew,
    _folder: tempfile::TempDir,
}

impl Farm {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = run::settings();
        settings["tasks.lease_seconds"] = json!(10);
        settings["tasks.longest_minutes"] = json!(240);
        let spec = CrewSpec {
            agents: 1,
            phones: 1,
            racks: 1,
            seed: 1,
            controller: Vec::new(),
            settings,
            environment: Vec::new(),
            speed: 12.0,
            folder: folder.path().to_owned(),
        };
        let mut crew = Crew::start(spec, 2).await.unwrap();
        crew.start_agent(0, Vec::new()).await.unwrap();
        crew.open_accounts().await.unwrap();
        Self {
            crew,
            _folder: folder,
        }
    }

    fn log(&self) -> String {
        self.crew.hands[0].agent.log()
    }

    async fn wait(&self, what: &str, holds: impl AsyncFnMut() -> bool) {
        let waited = until(what, PATIENCE, holds).await;
        assert!(
            waited.is_ok(),
            "{waited:?}\n{}\n{}",
            self.log(),
            self.crew.controller.log()
        );
    }

    fn likes(&self) -> Vec<Effect> {
        let (serial, file) = &self.crew.ledgers()[0];
        let mut effects = read::ledger(serial, file).unwrap();
        effects.retain(|effect| effect.deed.kind == "like");
        effects
    }

    async fn task(&self, id: i64) -> Value {
        let answer = self.crew.controller.get(&format!("/api/v1/task/{id}")).await;
        answer.map_or(Value::Null, |answer| answer.json()["data"].clone())
    }
}

#[tokio::test]
async fn agents_fall_silent_hold_their_phones_and_go_on_where_they_were() {
    let mut farm = Farm::start().await;
    // Watches one video after the other, and likes each.
    let body = json!({
        "serials": [serial(1)], "platform": "tiktok", "script_name": "account_warmup",
        "script_config": {
            "task_duration": 7_200, "min_duration": 10, "max_duration": 12, "like_probable": 100,
            "floow_probable": 0, "collect_probable": 0, "comment_probable": 0,
        },
    });
    let answer = farm
        .crew
        .controller
        .send("POST", "/api/v1/task", &body)
        .await
        .unwrap();
    let task = answer.data()["task_ids"][0].as_i64().unwrap();
    farm.wait("the work to be under way", async || farm.likes().len() >= 2)
        .await;

    farm.crew.controller.kill().await.unwrap();
    farm.wait("the agent to fall silent", async || {
        farm.log().contains("alone for longer than the lease")
    })
    .await;
    let silent = SystemClock.now();
    let tries = |log: &str| log.matches("no link").count();
    let so_far = tries(&farm.log());
    farm.wait("the controller to be away for a while", async || {
        tries(&farm.log()) >= so_far + TRIES
    })
    .await;
    let back = SystemClock.now();
    assert!(
        !farm.log().contains("work goes on where it was"),
        "{}",
        farm.log()
    );
    let before = farm.likes();

    farm.crew.controller.start().unwrap();
    farm.crew.controller.until_ready(PATIENCE).await.unwrap();
    farm.wait("the work to go on", async || {
        farm.log().contains("work goes on where it was") && farm.likes().len() > before.len()
    })
    .await;
    let meanwhile: Vec<_> = farm.likes();
    let meanwhile: Vec<_> = meanwhile
        .iter()
        .filter(|like| like.at > silent && like.at < back)
        .collect();
    assert!(meanwhile.is_empty(), "silent since {silent}: {meanwhile:?}");
    let shown = farm.task(task).await;
    assert_eq!(
        (&shown["status"], shown["attempts"].as_i64()),
        (&json!(1), Some(1)),
        "{shown}"
    );
    // The likes go on: none is made twice, and the one attempt ends when it is told to.
    farm.crew
        .controller
        .send("POST", &format!("/api/v1/task/{task}/stop"), &Value::Null)
        .await
        .unwrap();
    farm.wait("the task to end", async || {
        farm.task(task).await["status"].as_i64() >= Some(2)
    })
    .await;
    let shown = farm.task(task).await;
    assert_eq!(shown["error"]["kind"], "stopped", "{shown}");
    let twice: Vec<_> = read::times(&farm.likes())
        .into_iter()
        .filter(|(_, times)| *times > 1)
        .collect();
    assert!(twice.is_empty(), "{twice:?}");
}
