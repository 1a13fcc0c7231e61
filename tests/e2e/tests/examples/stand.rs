//! A farm with accounts on it, and the few things that every example does: ask, wait for the end, count what was done.

use std::path::PathBuf;
use std::time::Duration;

use farm::flows::package;
use farm::http::{self, Answer};
use farm::site::{Site, until};
use serde_json::{Value, json};
use simphone::ledger::Entry;

/// For phones and flows alike.
const SPEED: f64 = 10.0;
/// For tasks that were asked for together, on a loaded machine.
const TASKS: Duration = Duration::from_secs(240);

pub(crate) struct Stand {
    pub(crate) site: Site,
}

impl Stand {
    pub(crate) async fn start(phones: usize) -> Self {
        let site = Site::start_quick(phones, SPEED, &["--set", "time_zone=UTC"]).await;
        Self { site: site.unwrap() }
    }

    /// Accounts that are logged in on a phone, the last one active; known to the platform and to the controller. Their
    /// ids.
    pub(crate) async fn logged_in(&self, platform: &str, serial: &str, names: &[&str]) -> Vec<i64> {
        let mut ids = Vec::new();
        for name in names {
            self.known(platform, name, json!({})).await;
            ids.push(self.account(platform, name, serial, json!({"logined": 1})).await);
        }
        self.sessions(platform, serial, names).await;
        ids
    }

    /// An account that the platform knows.
    pub(crate) async fn known(&self, platform: &str, username: &str, more: Value) {
        let mut account = json!({
            "username": username, "password": password(username), "display_name": format!("Maker {username}"),
        });
        account
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let path = format!("/world/{platform}");
        self.site
            .tell_phones(&path, &json!({ "accounts": [account] }))
            .await
            .unwrap();
    }

    /// Who is logged in on a phone.
    pub(crate) async fn sessions(&self, platform: &str, serial: &str, names: &[&str]) {
        self.app(
            platform,
            serial,
            json!({"sessions": names, "active": names.last()}),
        )
        .await;
    }

    /// Changes an app on a phone; answers how it is then.
    pub(crate) async fn app(&self, platform: &str, serial: &str, change: Value) -> Value {
        let path = format!("/phones/{serial}/apps/{}", package(platform));
        self.site.tell_phones(&path, &change).await.unwrap()
    }

    /// An account that the controller knows; answers its id.
    pub(crate) async fn account(&self, platform: &str, username: &str, serial: &str, more: Value) -> i64 {
        let mut new = json!({"platform": platform, "username": username, "device": serial});
        new.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        self.send("POST", "accounts", &new).await.data()["id"]
            .as_i64()
            .unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.site
            .controller
            .get(&format!("/api/v1/{path}"))
            .await
            .unwrap()
            .data()
    }

    pub(crate) async fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        let path = format!("/api/v1/{path}");
        self.site.controller.send(method, &path, body).await.unwrap()
    }

    /// The same with a header.
    pub(crate) async fn send_as(&self, header: (&str, &str), body: &Value) -> Answer {
        let headers = [("Content-Type", "application/json"), header];
        let sent = http::send(
            self.site.controller.api,
            "POST",
            "/api/v1/task",
            &headers,
            body.to_string(),
        );
        sent.await.unwrap()
    }

    /// Tasks, asked for; their ids.
    pub(crate) async fn create(&self, body: Value) -> Vec<i64> {
        let answer = self.send("POST", "task", &body).await;
        assert_eq!(answer.status, 200, "{body}: {answer:?}");
        let data = answer.data();
        let ids = data["task_ids"].as_array().unwrap().iter();
        let ids: Vec<i64> = ids.map(|id| id.as_i64().unwrap()).collect();
        assert_eq!(data["created_count"], ids.len(), "{data}");
        ids
    }

    pub(crate) async fn task(&self, id: i64) -> Value {
        self.get(&format!("task/{id}")).await
    }

    /// Waits until a task is in a state.
    pub(crate) async fn until_state(&self, id: i64, state: &str) {
        let mut last = Value::Null;
        let what = format!("task {id} to be {state}");
        let waited = until(&what, TASKS, async || {
            last = self.task(id).await;
            last["state"] == state || last["status"].as_i64() >= Some(2)
        });
        waited.await.unwrap();
        assert_eq!(last["state"], state, "{}", self.story(&last));
    }

    /// Waits until tasks have ended; answers them.
    pub(crate) async fn ended(&self, ids: &[i64]) -> Vec<Value> {
        let mut all = Vec::new();
        for id in ids {
            let mut last = Value::Null;
            let waited = until("the task to end", TASKS, async || {
                last = self.task(*id).await;
                last["status"].as_i64() >= Some(2)
            });
            let waited = waited.await;
            assert!(waited.is_ok(), "{}", self.story(&last));
            all.push(last);
        }
        all
    }

    /// The same, where all must have done what they should.
    pub(crate) async fn completed(&self, ids: &[i64]) -> Vec<Value> {
        let all = self.ended(ids).await;
        for task in &all {
            assert_eq!(
                (
                    &task["status"],
                    &task["status_text"],
                    &task["progress"],
                    &task["error"]
                ),
                (&json!(2), &json!("completed"), &json!(100), &Value::Null),
                "{}",
                self.story(task)
            );
        }
        all
    }

    /// Asks for tasks and waits until all have done what they should.
    pub(crate) async fn done(&self, body: Value) -> Vec<Value> {
        let ids = self.create(body).await;
        self.completed(&ids).await
    }

    /// What was done of a kind on a phone, in order.
    pub(crate) fn acts(&self, serial: &str, kind: &str) -> Vec<Entry> {
        let entries = self.site.farm.phone(serial).ledger.entries().into_iter();
        entries.filter(|entry| entry.kind == kind).collect()
    }

    /// To whom.
    pub(crate) fn targets(&self, serial: &str, kind: &str) -> Vec<String> {
        let acts = self.acts(serial, kind);
        let targets = acts
            .iter()
            .map(|entry| entry.detail["target"].as_str().unwrap().to_owned());
        let mut targets: Vec<String> = targets.collect();
        targets.sort_unstable();
        targets
    }

    /// Links of somebody's posts.
    pub(crate) async fn links(&self, platform: &str, author: &str) -> Vec<String> {
        let world = self
            .site
            .tell_phones(&format!("/world/{platform}"), &json!({}))
            .await
            .unwrap();
        let posts = world["posts"].as_array().unwrap().iter();
        let own = posts.filter(|post| post["author"] == author);
        own.map(|post| {
            let code = post["code"].as_str().unwrap();
            match (platform, post["placement"].as_str()) {
                ("tiktok", _) => format!("https://www.tiktok.com/@{author}/video/{code}"),
                (_, Some("reel")) => format!("https://www.instagram.com/reel/{code}/"),
                _ => format!("https://www.instagram.com/p/{code}/"),
            }
        })
        .collect()
    }

    /// Takes a file into the material library; answers the material.
    pub(crate) async fn take_in(&self, name: &str, more: &str, bytes: Vec<u8>) -> Value {
        let path = format!("/api/v1/materials?name={name}{more}");
        let headers = [("Content-Type", "application/octet-stream")];
        let sent = http::send(self.site.controller.api, "POST", &path, &headers, bytes);
        sent.await.unwrap().data()
    }

    /// The folder that tasks may take files from.
    pub(crate) fn media(&self) -> PathBuf {
        let folder = self.site.folder().join("controller/media");
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    /// A video in it that is like no other.
    pub(crate) fn video(&self, name: &str) -> PathBuf {
        self.file(name, b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom")
    }

    pub(crate) fn image(&self, name: &str) -> PathBuf {
        self.file(name, b"\xff\xd8\xff\xe0")
    }

    fn file(&self, name: &str, start: &[u8]) -> PathBuf {
        let path = self.media().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, [start, name.as_bytes()].concat()).unwrap();
        path
    }

    /// What a reader of a failed example needs.
    pub(crate) fn story(&self, task: &Value) -> String {
        format!(
            "{task:#}\n{}\n{}",
            self.site.controller.log(),
            self.site.agent_log()
        )
    }
}

/// Everybody's own.
pub(crate) fn password(username: &str) -> String {
    format!("Quiet-Zebra&{username}")
}

pub(crate) fn sha256(path: &std::path::Path) -> String {
    simphone::app::social::pick::hash_file(path).unwrap()
}
