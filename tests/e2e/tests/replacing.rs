//! A phone breaks and another one takes its place, through real processes: what was to be published is published once, on
//! the new phone, after its login there.
#![expect(clippy::unwrap_used, reason = "a journey that cannot go on has failed")]

use std::time::Duration;

use farm::flows::package;
use farm::site::{Site, until};
use serde_json::{Value, json};

/// For a phone to go or to come, on a loaded machine.
const SHOWN: Duration = Duration::from_secs(120);
/// For one task on a loaded machine.
const TASK: Duration = Duration::from_secs(240);
/// For phones and flows alike.
const SPEED: f64 = 10.0;
const ME: &str = "maker.one";
const PASSWORD: &str = "Quiet-Zebra&1";
const OLD: &str = "SIM0001";
const NEW: &str = "SIM0002";

struct Stand {
    site: Site,
}

impl Stand {
    async fn get(&self, path: &str) -> Value {
        let answer = self.site.controller.get(&format!("/api/v1/{path}")).await;
        answer.unwrap().data()
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let path = format!("/api/v1/{path}");
        let answer = self.site.controller.send("POST", &path, &body).await.unwrap();
        assert_eq!(answer.status, 200, "{path} {body}: {answer:?}");
        answer.data()
    }

    async fn create(&self, body: Value) -> i64 {
        self.post("task", body).await["task_ids"][0].as_i64().unwrap()
    }

    async fn until_state(&self, serial: &str, state: &str) {
        let mut last = Value::Null;
        let seen = until(state, SHOWN, async || {
            last = self.get(&format!("devices/{serial}")).await;
            last["state"] == state
        });
        assert!(seen.await.is_ok(), "{last}\n{}", self.site.agent_log());
    }

    /// Waits until a task is over and was done; answers it.
    async fn done(&self, task: i64) -> Value {
        let mut last = Value::Null;
        let over = until("the task to end", TASK, async || {
            last = self.get(&format!("task/{task}")).await;
            last["status"].as_i64().is_some_and(|status| status >= 2)
        });
        let over = over.await;
        assert!(
            over.is_ok() && last["status"] == 2,
            "{last}\n{}\n{}",
            self.site.controller.log(),
            self.site.agent_log()
        );
        last
    }

    fn acts(&self, serial: &str, kind: &str) -> usize {
        let entries = self.site.farm.phone(serial).ledger.entries();
        entries.iter().filter(|entry| entry.kind == kind).count()
    }
}

#[tokio::test]
async fn a_broken_phones_work_is_done_once_on_the_phone_that_takes_its_place() {
    let site = Site::start_quick(2, SPEED, &["--set", "time_zone=UTC"])
        .await
        .unwrap();
    let stand = Stand { site };
    let known = json!({"accounts": [{"username": ME, "password": PASSWORD, "display_name": "A Maker"}]});
    stand.site.tell_phones("/world/tiktok", &known).await.unwrap();
    let app = format!("/phones/{OLD}/apps/{}", package("tiktok"));
    stand
        .site
        .tell_phones(&app, &json!({"sessions": [ME]}))
        .await
        .unwrap();
    let new = json!({"platform": "tiktok", "username": ME, "pwd": PASSWORD, "device": OLD, "logined": 1});
    let account = stand.post("accounts", new).await["id"].as_i64().unwrap();
    let media = stand.site.folder().join("controller/media");
    std::fs::create_dir_all(&media).unwrap();
    std::fs::write(
        media.join("morning.mp4"),
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom a clip",
    )
    .unwrap();
    let schedule = json!({
        "name": "yearly", "cron": "0 0 1 1 *", "serials": [OLD], "platform": "tiktok", "script_name": "sync_data",
    });
    stand.post("schedules", schedule).await;

    // It breaks; what it was to do waits.
    stand
        .site
        .tell_phones(&format!("/phones/{OLD}/unplug"), &json!({}))
        .await
        .unwrap();
    stand.until_state(OLD, "unplugged").await;
    let post = stand
        .create(json!({
            "usernames": [ME], "script_name": "post",
            "script_config": {"material_list": ["morning.mp4"], "captions": "A quiet morning"},
        }))
        .await;
    let words = ["devices", "replace", OLD, "--by", NEW, "--json"];
    let told = stand.site.controller.command(&words).output().await.unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!(
        (&told["replaced"], &told["device"]["serial"], &told["task_ids"]),
        (&json!(OLD), &json!(NEW), &json!([post]))
    );
    let mine = stand.get(&format!("accounts/{account}")).await;
    assert_eq!((&mine["device"], &mine["logined"]), (&json!(NEW), &json!(0)));
    assert_eq!(stand.get("schedules/1").await["serials"], json!([NEW]));
    assert_eq!(stand.get(&format!("devices/{OLD}")).await["replaced_by"], NEW);
    let why = until("the post waits for the login", SHOWN, async || {
        let waits = stand.get(&format!("task/{post}")).await;
        waits["waiting_for"].to_string().contains("login_needed")
    });
    why.await.unwrap();
    assert_eq!(stand.acts(NEW, "post"), 0);

    // Somebody has it log in: the post follows by itself.
    let login = stand
        .create(json!({"serials": [NEW], "platform": "tiktok", "script_name": "login"}))
        .await;
    assert_eq!(stand.done(login).await["serial"], NEW);
    let posted = stand.done(post).await;
    assert_eq!((&posted["serial"], &posted["attempts"]), (&json!(NEW), &json!(1)));
    let ran = stand.post("schedules/1/run", json!({})).await;
    let ran = ran["task_ids"][0].as_i64().unwrap();
    assert_eq!(stand.done(ran).await["serial"], NEW);

    // The old one comes back to life, and nothing is left for it.
    stand
        .site
        .tell_phones(&format!("/phones/{OLD}/plug"), &json!({}))
        .await
        .unwrap();
    stand.until_state(OLD, "online").await;
    let counts = stand.get("task/stats").await;
    assert_eq!(
        (&counts["completed"], &counts["pending"], &counts["running"]),
        (&json!(3), &json!(0), &json!(0))
    );
    assert_eq!((stand.acts(NEW, "post"), stand.acts(OLD, "post")), (1, 0));
    let listed = stand.site.controller.command(&["devices", "list"]).output();
    let listed = String::from_utf8(listed.await.unwrap().stdout).unwrap();
    assert!(listed.contains(&format!("replaced by {NEW}")), "{listed}");
}
