//! A password and a 2FA secret go into a farm through every door, everything that there is to do with accounts is done,
//! and neither of the two is found anywhere outside: not in plain, not in Base64, not in hex.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

use std::ops::ControlFlow;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use controller::sheets::{Column, Item, ReadOptions, read_file};
use farm::site::{Controller, until};
use farm::{Canary, http};
use http_body_util::BodyExt as _;
use rand::Rng as _;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

const UP: Duration = Duration::from_secs(60);

/// Letters and digits at random.
fn random(alphabet: &str, count: usize) -> String {
    let letters: Vec<char> = alphabet.chars().collect();
    let mut random = rand::rng();
    (0..count)
        .map(|_| letters[random.random_range(0..letters.len())])
        .collect()
}

struct Farm {
    controller: Controller,
    folder: tempfile::TempDir,
    canary: Canary,
    /// As it is typed: the password, a colon, the 2FA secret.
    typed: String,
    password: String,
    /// All that was found so far.
    found: Vec<String>,
}

impl Farm {
    async fn start() -> Self {
        let password = random("ABCDEFGHKLMNPQRSTUVWXYZabcdefghkmnpqrstuvwxyz", 24);
        let seed = random("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 32);
        let folder = tempfile::Builder::new().prefix("canary").tempdir().unwrap();
        // Everything is logged, so that nothing is kept back by the level.
        let more = ["--set", "log.level=info,controller=trace,sqlx=trace"];
        let mut controller = Controller::new(&folder.path().join("controller"), &more).unwrap();
        controller.start().unwrap();
        controller.until_ready(UP).await.unwrap();
        Self {
            controller,
            folder,
            canary: Canary::of(&[("the password", &password), ("the 2FA secret", &seed)]),
            typed: format!("{password}:{seed}"),
            password,
            found: Vec::new(),
        }
    }

    fn look(&mut self, what: &str, bytes: &[u8]) {
        if let Some(name) = self.canary.find(bytes) {
            self.found.push(format!("{name} in {what}"));
        }
    }

    /// The whole folder of the controller with its log, and its processes.
    fn look_around(&mut self, when: &str) {
        let data = self.controller.data.clone();
        for (path, name) in self.canary.find_in_folder(&data).unwrap() {
            self.found.push(format!("{name} in {} {when}", path.display()));
        }
        let log = self.controller.log();
        self.look(&format!("the log {when}"), log.as_bytes());
        let mark = data.display().to_string();
        self.found.extend(self.canary.find_in_processes(&mark));
    }

    /// An answer that must not hold a secret; its body.
    async fn ask(&mut self, method: &str, path: &str, body: &str) -> Value {
        let kind = [("Content-Type", "application/json")];
        let answer = http::send(self.controller.api, method, path, &kind, body.to_owned())
            .await
            .unwrap();
        let told = format!("the answer {} to {method} {path}", answer.status);
        self.look(&told, &answer.body);
        for (name, value) in &answer.headers {
            self.look(&format!("the header {name} of {told}"), value.as_bytes());
        }
        answer.json()
    }

    async fn import(&mut self, query: &str, sheet: &str) -> Value {
        self.ask(
            "POST",
            &format!("/api/v1/accounts/import?platform=instagram&{query}"),
            sheet,
        )
        .await
    }

    /// The controller's command line; neither what it prints nor its arguments may hold a secret.
    async fn command(&mut self, arguments: &[&str], stdin: &str) -> (bool, String) {
        let mut command = self.controller.command(arguments);
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mark = self.controller.data.display().to_string();
        self.found.extend(self.canary.find_in_processes(&mark));
        let mut pipe = process.stdin.take().unwrap();
        let _ = pipe.write_all(stdin.as_bytes()).await;
        drop(pipe);
        let output = process.wait_with_output().await.unwrap();
        let told = [output.stdout, output.stderr].concat();
        self.look(&format!("what {arguments:?} printed"), &told);
        (
            output.status.success(),
            String::from_utf8_lossy(&told).into_owned(),
        )
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_found_outside_whatever_is_done_with_accounts() {
    let mut farm = Farm::start().await;
    let heard = listen(&farm).await;

    let ids = through_every_door(&mut farm).await;
    farm.look_around("after the doors");
    look_at_everything(&mut farm, &ids).await;
    import_with_faults(&mut farm).await;
    go_wrong(&mut farm, ids[0]).await;
    farm.look_around("after the errors");
    save_and_rotate(&mut farm).await;
    farm.look_around("after the backups");
    killed_in_an_import(&mut farm).await;
    farm.look_around("after the kill");

    // The secret was in the farm all the time: the one door that opens shows it.
    let revealed = farm
        .controller
        .send("POST", &format!("/api/v1/accounts/{}/reveal", ids[0]), &json!({}))
        .await;
    assert_eq!(revealed.unwrap().data()["password"], farm.password);
    farm.look_around("after a reveal");
    farm.controller.kill().await.unwrap();
    farm.look_around("at the end");
    let told = heard.lock().unwrap().clone();
    assert!(
        String::from_utf8_lossy(&told).contains("import_changed"),
        "nothing was heard of imports"
    );
    farm.look("the events", &told);
    assert!(farm.found.is_empty(), "{:#?}", farm.found);
}

/// Writes down what the event stream tells until the controller's end.
async fn listen(farm: &Farm) -> Arc<Mutex<Vec<u8>>> {
    let events = http::open(farm.controller.api, "GET", "/api/v1/events", &[], "")
        .await
        .unwrap();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&heard);
    let mut events = events.into_body();
    tokio::spawn(async move {
        while let Some(Ok(frame)) = events.frame().await {
            if let Some(piece) = frame.data_ref() {
                into.lock().unwrap().extend_from_slice(piece);
            }
        }
    });
    heard
}

/// The API, a sheet, the command line; answers the accounts' ids.
async fn through_every_door(farm: &mut Farm) -> Vec<i64> {
    let typed = farm.typed.clone();
    let new = json!({"platform": "instagram", "username": "door.post", "pwd": typed}).to_string();
    let posted = farm.ask("POST", "/api/v1/accounts", &new).await;
    assert_eq!(posted["code"], 0, "{}", posted["message"]);
    let patched = farm
        .ask(
            "POST",
            "/api/v1/accounts",
            r#"{"platform":"instagram","username":"door.patch"}"#,
        )
        .await;
    let id = patched["data"]["id"].clone();
    let change = json!({"pwd": typed}).to_string();
    assert_eq!(
        farm.ask("PATCH", &format!("/api/v1/accounts/{id}"), &change)
            .await["code"],
        0
    );
    let imported = farm
        .import("", &format!("username,pwd\ndoor.sheet,{typed}\n"))
        .await;
    assert_eq!(
        imported["data"]["report"]["two_factor"], 1,
        "{}",
        imported["message"]
    );
    let sheet = farm.file("command-line.csv", &format!("username,pwd\ndoor.file,{typed}\n"));
    let (good, told) = farm
        .command(&["accounts", "import", &sheet, "--platform", "instagram"], "")
        .await;
    assert!(good, "{told}");
    let (good, told) = farm
        .command(
            &[
                "accounts",
                "add",
                "instagram",
                "door.line",
                "--password-file",
                "-",
            ],
            &typed,
        )
        .await;
    assert!(good, "{told}");
    let secret = farm.file("secret.txt", &typed);
    let (good, told) = farm
        .command(
            &[
                "accounts",
                "set",
                "instagram/door.file",
                "--password-file",
                &secret,
            ],
            "",
        )
        .await;
    assert!(good, "{told}");
    let listed = farm.ask("GET", "/api/v1/accounts?page_size=100", "").await;
    let accounts = listed["data"]["accounts"].as_array().unwrap().clone();
    assert_eq!(accounts.len(), 5, "{listed}");
    assert!(
        accounts.iter().all(|account| account["has_2fa"] == true),
        "{listed}"
    );
    accounts
        .iter()
        .map(|account| account["id"].as_i64().unwrap())
        .collect()
}

async fn look_at_everything(farm: &mut Farm, ids: &[i64]) {
    for id in ids {
        farm.ask("GET", &format!("/api/v1/accounts/{id}"), "").await;
        farm.ask("GET", &format!("/api/v1/accounts/{id}/totp"), "").await;
    }
    for path in [
        "/api/v1/accounts/export?format=csv",
        "/api/v1/accounts/export?format=csv&platform=instagram",
        "/api/v1/accounts/imports",
        "/api/v1/accounts/imports/1",
        "/api/v1/accounts/imports/2",
        "/api/v1/audit?page_size=100",
        "/api/v1/settings",
        "/api/v1/keys",
        "/api/v1/overview",
        "/api/v1/devices",
        "/metrics",
        "/readyz",
        "/openapi.json",
    ] {
        farm.ask("GET", path, "").await;
    }
    for words in [
        vec!["accounts", "list"],
        vec!["accounts", "list", "--json"],
        vec!["accounts", "show", "instagram/door.post", "--json"],
        vec!["keys", "list"],
        vec!["status"],
        vec!["config", "show"],
        vec!["doctor"],
    ] {
        farm.command(&words, "").await;
    }
    let all = farm.folder.path().join("all");
    let (good, told) = farm
        .command(&["export", "all", &all.display().to_string()], "")
        .await;
    assert!(good, "{told}");
    for (path, name) in farm.canary.find_in_folder(&all).unwrap() {
        farm.found.push(format!("{name} in {}", path.display()));
    }
    // A workbook is packed: its cells are looked at one by one.
    assert_eq!(passwords_in(&all.join("accounts.xlsx")), 0);
    let with = farm.folder.path().join("with.xlsx").display().to_string();
    farm.command(&["accounts", "export", &with, "--include-secrets"], "")
        .await;
    assert_eq!(
        passwords_in(Path::new(&with)),
        5,
        "where they were asked for they are"
    );
}

/// Rows of a workbook with something in the password's column.
fn passwords_in(file: &Path) -> usize {
    let mut passwords = 0;
    read_file(file, &ReadOptions::default(), |item| {
        if let Item::Row(row) = item {
            passwords += usize::from(row.cell(Column::Pwd).text().is_some());
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    passwords
}

/// Sheets with the secret in faulty rows and in columns where it does not belong; a difference, and the way back.
async fn import_with_faults(farm: &mut Farm) {
    let (typed, password) = (farm.typed.clone(), farm.password.clone());
    for sheet in [
        format!("username,pwd,status\nfaulty,{typed},2\n"),
        format!("username,pwd,logined\nslipped,x,{typed}\n"),
        format!("username,status,device_index\nslipped,{password},{password}\n"),
        format!("username,platform\nslipped,{password}\n"),
        format!("username,packagename,logined\nslipped,com.x {password},{password}\n"),
        format!("username,pwd\ndoor.post,{typed}x\n"),
        format!("username,pwd\nbeside,a,{typed}\n"),
        format!("username;pwd\ntwo;{typed}\ntwo;{typed}\n"),
        format!("{typed},{password}\nno,header\n"),
    ] {
        let refused = farm.import("", &sheet).await;
        assert_eq!(refused["code"], 40001, "{refused}");
        farm.import("dry_run=true", &sheet).await;
        let file = farm.file("faulty.csv", &sheet);
        let (good, _) = farm
            .command(&["accounts", "import", &file, "--platform", "instagram"], "")
            .await;
        assert!(!good);
    }
    let changed = format!("username,pwd,email\ndoor.post,other-{typed},new@x\nfresh,{typed},\n");
    let dry = farm.import("dry_run=true&on_duplicate=update", &changed).await;
    assert_eq!(dry["data"]["report"]["updated"], 1, "{dry}");
    let file = farm.file("changed.csv", &changed);
    let words = [
        "accounts",
        "import",
        &file,
        "--platform",
        "instagram",
        "--on-duplicate",
        "update",
    ];
    farm.command(&[&words[..], &["--dry-run"]].concat(), "").await;
    let (good, told) = farm.command(&words, "").await;
    assert!(good, "{told}");
    farm.look_around("while an import can be taken back");
    let (good, told) = farm.command(&["accounts", "undo"], "").await;
    assert!(good, "{told}");
}

/// Requests that are refused, with the secret in them.
async fn go_wrong(farm: &mut Farm, id: i64) {
    let (typed, password) = (farm.typed.clone(), farm.password.clone());
    let one = format!("/api/v1/accounts/{id}");
    for (method, path, body) in [
        ("POST", "/api/v1/accounts", format!(r#"{{"pwd": "{typed}""#)),
        (
            "POST",
            "/api/v1/accounts",
            format!(r#"{{"platform": "instagram", "username": "x", "pwd": ["{typed}"]}}"#),
        ),
        (
            "POST",
            "/api/v1/accounts",
            format!(r#"{{"platform": "instagram", "username": "door.post", "pwd": "{typed}"}}"#),
        ),
        (
            "POST",
            "/api/v1/accounts",
            format!(r#"{{"platform": "{password}", "username": "x"}}"#),
        ),
        ("PATCH", one.as_str(), format!(r#"{{"pwd": "{typed}\n"}}"#)),
        (
            "PATCH",
            one.as_str(),
            format!(r#"{{"pwd": "{typed}", "status": 7}}"#),
        ),
        (
            "PATCH",
            "/api/v1/accounts/999999",
            format!(r#"{{"pwd": "{typed}"}}"#),
        ),
        ("PUT", one.as_str(), typed.clone()),
    ] {
        let answer = farm.ask(method, path, &body).await;
        assert_ne!(answer["code"], 0, "{method} {path}");
    }
}

async fn save_and_rotate(farm: &mut Farm) {
    let backup = farm
        .folder
        .path()
        .join("controller/canary.backup")
        .display()
        .to_string();
    let (good, told) = farm.command(&["backup", &backup], "").await;
    assert!(good, "{told}");
    assert_eq!(farm.ask("POST", "/api/v1/backups", "").await["code"], 0);
    farm.look_around("in backups");
    let (good, told) = farm.command(&["keys", "rotate"], "").await;
    assert!(good, "{told}");
}

/// A kill while many rows with the secret are under way, uploaded, staged and half applied.
async fn killed_in_an_import(farm: &mut Farm) {
    let mut sheet = "username,pwd\n".to_owned();
    for row in 0..3_000 {
        sheet.push_str(&format!("many{row},{}\n", farm.typed));
    }
    for wanted in ["reading", "applying"] {
        let begun = farm.import("wait=false", &sheet.replace("many", wanted)).await;
        let path = format!("/api/v1/accounts/imports/{}", begun["data"]["id"]);
        let mut state = Value::Null;
        while state != wanted && state != "done" {
            state = farm.ask("GET", &path, "").await["data"]["state"].clone();
        }
        farm.look_around(&format!("while an import is {wanted}"));
        farm.controller.kill().await.unwrap();
        farm.look_around(&format!("after a kill while an import is {wanted}"));
        farm.controller.start().unwrap();
        farm.controller.until_ready(UP).await.unwrap();
        until("the import to be over", UP, async || {
            let import = farm.controller.get(&path).await.unwrap().data();
            ["dropped", "done"].contains(&import["state"].as_str().unwrap_or_default())
        })
        .await
        .unwrap();
    }
}
