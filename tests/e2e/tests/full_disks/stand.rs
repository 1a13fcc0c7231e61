//! A farm of one phone with an account on it, and the few things that a full disk is met with.

use std::path::{Path, PathBuf};
use std::time::Duration;

use farm::flows::package;
use farm::http::Answer;
use farm::site::{Site, until};
use serde_json::{Value, json};
use simphone::ledger::Entry;

pub(crate) const SERIAL: &str = "SIM0001";
pub(crate) const ME: &str = "maker.one";
/// For phones and flows alike.
const SPEED: f64 = 10.0;
/// For one task with its tries, on a loaded machine.
const TASK: Duration = Duration::from_secs(240);

pub(crate) struct Stand {
    pub(crate) site: Site,
}

impl Stand {
    /// In this folder, of which parts may lie on another disk.
    pub(crate) async fn start(folder: tempfile::TempDir, more: &[&str]) -> Self {
        let site = Site::start_quick_in(folder, 1, SPEED, more).await.unwrap();
        let stand = Self { site };
        let known =
            json!({"accounts": [{"username": ME, "password": "Quiet-Zebra&1", "display_name": "A Maker"}]});
        stand.site.tell_phones("/world/tiktok", &known).await.unwrap();
        let app = format!("/phones/{SERIAL}/apps/{}", package("tiktok"));
        stand
            .site
            .tell_phones(&app, &json!({"sessions": [ME]}))
            .await
            .unwrap();
        let new = json!({"platform": "tiktok", "username": ME, "device": SERIAL, "logined": 1});
        stand.send("POST", "accounts", &new).await.data();
        stand
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

    pub(crate) async fn create(&self, body: Value) -> i64 {
        let data = self.send("POST", "task", &body).await.data();
        data["task_ids"][0].as_i64().unwrap()
    }

    pub(crate) async fn follow(&self, whom: &str) -> i64 {
        self.create(
            json!({"serials": [SERIAL], "script_name": "follow", "script_config": {"target_username": whom}}),
        )
        .await
    }

    pub(crate) async fn post(&self, file: &str, more: Value) -> i64 {
        let mut task = json!({"serials": [SERIAL], "script_name": "post",
            "script_config": {"material_list": [file], "captions": format!("About {file}")}});
        task.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        self.create(task).await
    }

    pub(crate) async fn task(&self, id: i64) -> Value {
        self.get(&format!("task/{id}")).await
    }

    /// Waits until a task is like this.
    pub(crate) async fn until(&self, id: i64, what: &str, like: impl Fn(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        let wanted = format!("task {id} {what}");
        let waited = until(&wanted, TASK, async || {
            last = self.task(id).await;
            like(&last)
        });
        let waited = waited.await;
        assert!(waited.is_ok(), "{waited:?}: {}", self.story(&last));
        last
    }

    pub(crate) async fn ended(&self, id: i64) -> Value {
        self.until(id, "to end", |task| task["status"].as_i64() >= Some(2))
            .await
    }

    pub(crate) async fn completed(&self, id: i64) -> Value {
        let task = self.ended(id).await;
        assert_eq!(task["status_text"], "completed", "{}", self.story(&task));
        task
    }

    pub(crate) async fn failed(&self, id: i64, kind: &str) -> Value {
        let task = self.ended(id).await;
        assert_eq!(task["error"]["kind"], kind, "{}", self.story(&task));
        task
    }

    /// What was done of a kind on the phone, in order.
    pub(crate) fn acts(&self, kind: &str) -> Vec<Entry> {
        let entries = self.site.farm.phone(SERIAL).ledger.entries().into_iter();
        entries.filter(|entry| entry.kind == kind).collect()
    }

    /// A video of so many megabytes where tasks may take it.
    pub(crate) fn video(&self, name: &str, megabytes: usize) -> PathBuf {
        let folder = self.site.folder().join("controller/media");
        std::fs::create_dir_all(&folder).unwrap();
        let mut bytes = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom".to_vec();
        bytes.extend_from_slice(name.as_bytes());
        bytes.resize(megabytes << 20, 7);
        let path = folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// What a reader of a failed journey needs.
    pub(crate) fn story(&self, task: &Value) -> String {
        format!(
            "{task:#}\n{}\n{}",
            self.site.controller.log(),
            self.site.agent_log()
        )
    }
}

pub(crate) fn sha256(path: &Path) -> String {
    simphone::app::social::pick::hash_file(path).unwrap()
}
