//! Flows through the agent's command line, on the simulated Notes: run, killed, broken, mended, recorded.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

use std::path::{Path, PathBuf};
use std::process::Stdio;

use farm::Hub;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

/// The phones of a hub live so many times faster.
const SPEED: &str = "20";
const PACK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../packs/notes");

fn resident() -> Vec<String> {
    let own = std::env::var("DROVER_RESOURCES")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/resident").to_owned());
    let jar = format!("{own}/u2.jar");
    assert!(
        Path::new(&jar).is_file(),
        "{jar} is missing: run tests/prepare.sh"
    );
    ["--driver", "resident", "--resident-jar", &jar]
        .map(str::to_owned)
        .to_vec()
}

fn plain() -> Vec<String> {
    ["--driver", "plain"].map(str::to_owned).to_vec()
}

/// A flow of a pack on a phone, with everything that a test wants the same each time.
fn arguments(
    hub: &Hub,
    pack: &str,
    flow: &str,
    serial: &str,
    driver: &[String],
    more: &[&str],
) -> Vec<String> {
    let mut all: Vec<String> = [
        "flow",
        "run",
        &format!("{pack}/{flow}"),
        "-s",
        serial,
        "--speed",
        SPEED,
        "--allow-commits",
    ]
    .map(str::to_owned)
    .to_vec();
    all.extend([
        "--journal".to_owned(),
        hub.folder().join("flows").display().to_string(),
    ]);
    all.extend(driver.iter().cloned());
    all.extend(more.iter().map(|one| (*one).to_owned()));
    all
}

async fn run(hub: &Hub, all: &[String]) -> farm::Ended {
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    hub.agent(&all).await.unwrap()
}

/// How often a note was saved or deleted, by the ledger.
fn entries(hub: &Hub, serial: &str, kind: &str, title: &str) -> usize {
    let entries = hub.phone(serial).ledger.entries();
    entries
        .iter()
        .filter(|entry| entry.kind == kind && entry.detail["title"] == title)
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn notes_are_written_read_and_deleted_by_both_drivers() {
    let hub = Hub::start().await.unwrap();
    for (serial, driver) in [("SIM0001", plain()), ("SIM0003", resident())] {
        let go = async |flow: &str, more: &[&str]| {
            run(&hub, &arguments(&hub, PACK, flow, serial, &driver, more)).await
        };
        let written = go(
            "write",
            &["--set", "title=Milk", "--set", "body={two|2} pints & \"eggs\""],
        )
        .await
        .expect_done()
        .json();
        assert_eq!(written["result"]["state"], "done", "{written}");
        assert_eq!(written["result"]["notes"], 1, "{written}");
        let read = go("read", &[]).await.expect_done().json();
        assert_eq!(
            read["result"],
            json!({"titles": ["Milk"], "count": 1, "empty": false})
        );
        let deleted = go("delete", &["--set", "title=Milk"]).await.expect_done().json();
        assert_eq!(deleted["result"], json!({"deleted": true, "state": "done"}));
        assert_eq!(
            (
                entries(&hub, serial, "note_saved", "Milk"),
                entries(&hub, serial, "note_deleted", "Milk")
            ),
            (1, 1)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_point_of_a_commit_the_note_is_there_at_most_once() {
    let hub = Hub::start().await.unwrap();
    let serial = "SIM0001";
    for (point, again, saved) in [
        ("asked", "done", 1),
        ("granted", "done", 1),
        // The intent stands and nothing is to be seen: a person must look, nothing is repeated.
        ("intent", "need_person:unknown", 0),
        ("acted", "already", 1),
        ("done", "already", 1),
    ] {
        let title = format!("title={point}");
        let all = arguments(&hub, PACK, "write", serial, &plain(), &["--set", &title]);
        let borrowed: Vec<&str> = all.iter().map(String::as_str).collect();
        let killed = hub
            .agent_command(&borrowed)
            .env("DROVER_CRASH_AT", point)
            .output()
            .await
            .unwrap();
        assert_eq!(
            killed.status.code(),
            None,
            "{point}: it should have been killed: {killed:?}"
        );
        let second = run(&hub, &all).await;
        let answer = second.json();
        let outcome = if answer["ok"] == true {
            &answer["result"]["state"]
        } else {
            &answer["error"]["kind"]
        };
        assert_eq!(outcome, again, "{point}: {answer}");
        assert_eq!(entries(&hub, serial, "note_saved", point), saved, "{point}");
    }
}

/// A copy of the pack with one line changed.
fn changed(hub: &Hub, name: &str, from: &str, to: &str) -> PathBuf {
    let folder = hub.folder().join(name);
    std::fs::create_dir_all(&folder).unwrap();
    for entry in std::fs::read_dir(PACK).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::write(folder.join(path.file_name().unwrap()), text.replace(from, to)).unwrap();
        }
    }
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_element_stops_the_flow_and_one_line_mends_it() {
    let hub = Hub::start().await.unwrap();
    let serial = "SIM0004";
    let sound = r#"any = [{ id = "save" }, { text = "Save", class = "Button" }, { text = "Enregistrer", lang = "fr" }]"#;
    let broken = changed(
        &hub,
        "broken",
        sound,
        r#"any = [{ id = "keep" }, { text = "Keep", class = "Button" }]"#,
    );
    let broken = broken.display().to_string();
    let more = ["--set", "title=Mend"];
    let failed = run(&hub, &arguments(&hub, &broken, "write", serial, &plain(), &more)).await;
    assert_eq!(failed.code, Some(1), "{failed:?}");
    let answer = failed.json();
    assert_eq!(
        (&answer["error"]["kind"], &answer["error"]["element"]),
        (&json!("element_missing"), &json!("save"))
    );
    let bundle = answer["bundle"].as_str().unwrap();
    for file in ["screen.png", "hierarchy.xml", "steps.jsonl", "meta.json"] {
        assert!(Path::new(bundle).join(file).is_file(), "{file}");
    }
    let told = hub
        .agent(&["flow", "find", "-e", "save", &broken, "--bundle", bundle])
        .await
        .unwrap();
    assert_eq!(told.code, Some(1), "{told:?}");
    assert!(
        told.stdout.contains("id keep: no node") && told.stdout.contains("they show \"Save\""),
        "{}",
        told.stdout
    );

    let mended = changed(
        &hub,
        "broken",
        sound,
        r#"any = [{ id = "keep" }, { text = ["Keep", "Save"], class = "Button" }]"#,
    );
    let told = hub
        .agent(&[
            "flow",
            "find",
            "-e",
            "save",
            &mended.display().to_string(),
            "--bundle",
            bundle,
        ])
        .await
        .unwrap();
    assert!(told.expect_done().stdout.contains("by its alternative 2"));
    let done = run(&hub, &arguments(&hub, &broken, "write", serial, &plain(), &more))
        .await
        .expect_done()
        .json();
    assert_eq!(done["result"]["state"], "done");
    assert_eq!(entries(&hub, serial, "note_saved", "Mend"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn lasting_acts_need_a_yes_and_wrong_arguments_are_told() {
    let hub = Hub::start().await.unwrap();
    let all = arguments(&hub, PACK, "write", "SIM0001", &plain(), &["--set", "title=No"]);
    let without: Vec<&str> = all
        .iter()
        .map(String::as_str)
        .filter(|one| *one != "--allow-commits")
        .collect();
    let refused = hub.agent(&without).await.unwrap();
    assert!(refused.stderr.contains("--allow-commits"), "{refused:?}");
    assert_eq!(entries(&hub, "SIM0001", "note_saved", "No"), 0);
    for (arguments, code, said) in [
        (
            vec!["flow", "run", "nowhere/write", "-s", "SIM0001"],
            65,
            "is not a folder",
        ),
        (
            vec!["flow", "run", &format!("{PACK}/wrote"), "-s", "SIM0001"],
            65,
            "no flow wrote: it has write, read, delete",
        ),
        (
            vec!["flow", "run", &format!("{PACK}/write"), "-s", "SIM0001"],
            65,
            "title is missing: it must be a text",
        ),
        (
            vec!["flow", "find", "-e", "sav", PACK, "--xml", "x"],
            65,
            "did you mean save?",
        ),
        (
            vec!["flow", "run", &format!("{PACK}/write")],
            65,
            "title is missing",
        ),
    ] {
        let ended = hub.agent(&arguments).await.unwrap();
        assert_eq!(ended.code, Some(code), "{ended:?}");
        assert!(ended.stderr.contains(said), "{said}: {}", ended.stderr);
    }
    let checked = hub
        .agent(&["flow", "check", PACK, "--json"])
        .await
        .unwrap()
        .expect_done()
        .json();
    assert_eq!(
        (&checked["ok"], &checked["pack"]["name"]),
        (&json!(true), &json!("notes"))
    );
    let wrong = changed(&hub, "wrong", "tap(\"save\");", "tap(\"saev\");");
    let checked = hub
        .agent(&["flow", "check", &wrong.display().to_string()])
        .await
        .unwrap();
    assert_eq!(checked.code, Some(1));
    assert!(
        checked
            .stdout
            .contains("there is no element \"saev\" in elements.toml: did you mean \"save\"?"),
        "{}",
        checked.stdout
    );
    let listed = hub
        .agent(&["flow", "list", PACK, "--json"])
        .await
        .unwrap()
        .expect_done()
        .json();
    let title: Vec<&Value> = listed["flows"][0]["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["name"] == "title")
        .collect();
    assert_eq!(
        (&title[0]["type"], &title[0]["required"]),
        (&json!("line"), &json!(true))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_by_hand_becomes_a_draft() {
    let hub = Hub::start().await.unwrap();
    let start = [
        "flow",
        "record",
        "-s",
        "SIM0001",
        "--package",
        "com.example.notes",
        "--pack",
        PACK,
        "--driver",
        "plain",
    ];
    let mut recording = hub
        .agent_command(&start)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = recording.stdin.take().unwrap();
    stdin.write_all(b"back\nquit\n").await.unwrap();
    drop(stdin);
    let output = recording.wait_with_output().await.unwrap();
    let draft = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(
        draft.trim(),
        "fn run(p) {\n    start_app();\n    back();\n}",
        "{output:?}"
    );
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("= new_note"),
        "{output:?}"
    );
}
