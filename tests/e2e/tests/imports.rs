//! An import of many rows through a real controller that is killed at random moments: all rows or none, and the farm
//! answers.
//!
//! `DROVER_TEST_IMPORT_ROWS=100000` makes it as large as sheets get, `DROVER_TEST_SEED` repeats a run.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

use std::time::{Duration, Instant};

use farm::http::{self, Answer};
use farm::site::{Controller, until};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};

/// Of the ordinary run; enough for ten chunks.
const ROWS: u32 = 5_000;
const MOMENTS: u32 = 10;
const UP: Duration = Duration::from_secs(60);
const PATIENCE: Duration = Duration::from_secs(600);

fn rows() -> u32 {
    let given = std::env::var("DROVER_TEST_IMPORT_ROWS").ok();
    given.map_or(ROWS, |rows| rows.parse().unwrap())
}

fn seed() -> u64 {
    let given = std::env::var("DROVER_TEST_SEED").ok();
    given.map_or_else(rand::random, |seed| seed.parse().unwrap())
}

/// A controller in a folder of its own.
struct Place {
    controller: Controller,
    folder: tempfile::TempDir,
}

impl Place {
    async fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("imports").tempdir().unwrap();
        let mut controller = Controller::new(&folder.path().join("controller"), &[]).unwrap();
        controller.start().unwrap();
        controller.until_ready(UP).await.unwrap();
        Self { controller, folder }
    }

    async fn kill_and_restart(&mut self) {
        self.controller.kill().await.unwrap();
        self.controller.start().unwrap();
        self.controller.until_ready(PATIENCE).await.unwrap();
    }

    async fn post(&self, path: &str, body: impl Into<bytes::Bytes>) -> Answer {
        let kind = [("Content-Type", "text/csv")];
        http::send(self.controller.api, "POST", path, &kind, body)
            .await
            .unwrap()
    }

    async fn begin(&self, sheet: &str) -> i64 {
        let path = "/api/v1/accounts/import?platform=tiktok&wait=false";
        let begun = self.post(path, sheet.to_owned()).await.data();
        begun["id"].as_i64().unwrap()
    }

    async fn import(&self, id: i64) -> Value {
        let path = format!("/api/v1/accounts/imports/{id}");
        self.controller.get(&path).await.unwrap().data()
    }

    async fn until_over(&self, id: i64) -> Value {
        let mut import = Value::Null;
        until("the import to be over", PATIENCE, async || {
            import = self.import(id).await;
            !["reading", "applying", "undoing"].contains(&import["state"].as_str().unwrap())
        })
        .await
        .unwrap();
        import
    }

    /// How many accounts stand.
    async fn accounts(&self) -> u32 {
        let answer = self
            .controller
            .get("/api/v1/accounts/export?format=csv")
            .await
            .unwrap();
        assert_eq!(answer.status, 200);
        String::from_utf8_lossy(&answer.body).lines().count() as u32 - 1
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_tells_faults_by_row_and_column_and_ends_with_65() {
    let place = Place::start().await;
    let file = place.folder.path().join("accounts.csv");
    let path = file.display().to_string();
    let run = async |text: &str, more: &[&str]| {
        std::fs::write(&file, text).unwrap();
        let words = [&["accounts", "import", &path, "--platform", "tiktok"], more].concat();
        let output = place.controller.command(&words).output().await.unwrap();
        let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        (output.status.code().unwrap(), told)
    };
    let (code, told) = run("username,status\na,0\nb,2\n", &[]).await;
    assert_eq!(code, 65, "{told}");
    assert!(told.contains("3    status  out_of_range"), "{told}");
    assert_eq!(place.accounts().await, 0);
    let (code, told) = run("username,email\na,a@x\n", &["--dry-run"]).await;
    assert_eq!(code, 0, "{told}");
    assert!(
        told.contains("tiktok/a  email     -    a@x") && told.contains("nothing was changed"),
        "{told}"
    );
    let (code, told) = run("no header,at all\n", &[]).await;
    assert_eq!(code, 65, "{told}");
    assert!(!told.contains("0 created"), "{told}");
    let (code, told) = run("username,email\na,a@x\n", &[]).await;
    assert_eq!(code, 0, "{told}");
    assert!(
        !told.contains("reading:"),
        "nothing to tell of so short a time: {told}"
    );
    let missing = ["accounts", "import", "/nowhere.csv"];
    assert_eq!(
        place
            .controller
            .command(&missing)
            .output()
            .await
            .unwrap()
            .status
            .code(),
        Some(65)
    );
    let undone = place
        .controller
        .command(&["accounts", "undo"])
        .output()
        .await
        .unwrap();
    let told = String::from_utf8_lossy(&undone.stdout).into_owned();
    assert!(told.contains("1 account deleted"), "{told}");
    assert_eq!(place.accounts().await, 0);
}

fn sheet(prefix: &str, rows: u32) -> String {
    let mut sheet = "username,pwd,email,status\n".to_owned();
    for row in 0..rows {
        sheet.push_str(&format!("{prefix}{row},secret-{row},{prefix}{row}@x.example,0\n"));
    }
    sheet
}

/// How much of an import's work is done: each row counts once when it is read and once when it is applied.
fn done(import: &Value, rows: u32) -> u32 {
    let count = |name: &str| import["progress"][name].as_u64().unwrap() as u32;
    match import["state"].as_str().unwrap() {
        "reading" => count("read"),
        "applying" => rows + count("applied"),
        "undoing" => count("total") - count("applied"),
        _ => u32::MAX,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_killed_at_any_moment_leaves_all_rows_or_none() {
    let (rows, seed) = (rows(), seed());
    let mut random = StdRng::seed_from_u64(seed);
    let mut place = Place::start().await;
    let (mut standing, mut whole) = (0, 0);
    for moment in 0..MOMENTS {
        // Half of the moments before the decision, half behind it.
        let half = if moment % 2 == 0 { 0..rows } else { rows..2 * rows };
        let at = random.random_range(half);
        let told = format!("seed {seed}, kill {moment} of {MOMENTS} at {at} of {}", 2 * rows);
        let id = place.begin(&sheet(&format!("m{moment}x"), rows)).await;
        let mut last = Value::Null;
        while last.is_null() || done(&last, rows) < at {
            last = place.import(id).await;
        }
        let killed = Instant::now();
        place.kill_and_restart().await;
        let back = killed.elapsed();
        let now = place.accounts().await;
        let import = place.import(id).await;
        let state = import["state"].as_str().unwrap();
        eprintln!("{told}: {} then, {state} after {back:.1?}", last["state"]);
        assert!(
            (state == "dropped" && now == standing) || (state == "done" && now == standing + rows),
            "{told}: {now} accounts, {standing} before; {import}"
        );
        assert!(
            last["state"] != "applying" || state == "done",
            "{told}: a decided import was not carried to its end"
        );
        whole += u32::from(state == "done");
        standing = now;
    }
    assert!(
        whole > 0 && whole < MOMENTS,
        "seed {seed}: {whole} of {MOMENTS} were whole: all moments on one side"
    );
    // The farm works as before.
    let id = place.begin(&sheet("after", 10)).await;
    assert_eq!(place.until_over(id).await["state"], "done");
    assert_eq!(place.accounts().await, standing + 10);
    let log = place.controller.log();
    assert!(!log.contains("panicked") && !log.contains("secret-1"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn taking_an_import_back_is_whole_over_a_kill_too() {
    let (rows, seed) = (rows(), seed());
    let mut random = StdRng::seed_from_u64(seed);
    let mut place = Place::start().await;
    let id = place.begin(&sheet("first", 10)).await;
    place.until_over(id).await;
    for moment in 0..3 {
        let id = place.begin(&sheet("many", rows)).await;
        assert_eq!(place.until_over(id).await["state"], "done");
        let at = random.random_range(1..rows);
        // In the background: the answer may never come.
        let (api, path) = (
            place.controller.api,
            format!("/api/v1/accounts/imports/{id}/undo"),
        );
        let asked = tokio::spawn(async move { http::send(api, "POST", &path, &[], "").await });
        let mut last = Value::Null;
        while last.is_null() || last["state"] == "done" || done(&last, rows) < at {
            last = place.import(id).await;
        }
        place.kill_and_restart().await;
        asked.abort();
        let import = place.import(id).await;
        eprintln!("seed {seed}, kill {moment} at {at}: {} then", last["state"]);
        assert_eq!(
            import["state"], "undone",
            "seed {seed}, kill {moment} at {at}: {import}"
        );
        assert_eq!(
            import["undo"]["deleted"],
            json!(rows),
            "seed {seed}: {}",
            import["undo"]
        );
        assert_eq!(place.accounts().await, 10, "seed {seed}, kill {moment}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_sheet_is_imported_other_writes_go_through() {
    let place = Place::start().await;
    let id = place.begin(&sheet("busy", rows())).await;
    let mut writes = 0;
    loop {
        let changed = place
            .controller
            .send(
                "PATCH",
                "/api/v1/settings",
                &json!({"api.always_200": writes % 2 == 1}),
            )
            .await
            .unwrap();
        assert_eq!(changed.status, 200);
        writes += 1;
        if done(&place.import(id).await, rows()) == u32::MAX {
            break;
        }
    }
    // How long the longest of them waits is measured by `make bench`.
    eprintln!("{writes} writes while {} rows came in", rows());
    assert!(writes > 3, "the import was over too soon to see anything");
}
