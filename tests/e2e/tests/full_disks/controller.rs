//! The controller's own disk: a file that has no room, a database that has none, and the log beside them.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use farm::SmallDisk;
use farm::http::{self, Answer};
use farm::site::{Controller, until};
use serde_json::{Value, json};

const UP: Duration = Duration::from_secs(60);
/// The role is lost after six seconds without a word in the database.
const SOON: Duration = Duration::from_secs(90);
/// Accounts that are asked for while the disk is full; its last block is used up long before.
const MOST: usize = 2_000;

/// A video of so many bytes that is like no other.
fn video(seed: u8, size: usize) -> Bytes {
    let mut bytes = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom".to_vec();
    bytes.resize(size, seed);
    bytes.into()
}

async fn upload(controller: &Controller, name: &str, bytes: Bytes) -> Answer {
    let path = format!("/api/v1/materials?name={name}");
    let headers = [("Content-Type", "video/mp4")];
    http::send(controller.api, "POST", &path, &headers, bytes)
        .await
        .unwrap()
}

async fn account(controller: &Controller, number: usize) -> Answer {
    let new = json!({"platform": "tiktok", "username": format!("maker.{number}")});
    controller.send("POST", "/api/v1/accounts", &new).await.unwrap()
}

fn is_refused_for_room(answer: &Answer) {
    let told = answer.json();
    assert_eq!((answer.status, &told["code"]), (503, &json!(50301)), "{answer:?}");
    assert!(
        told["message"].as_str().unwrap().contains("no room left"),
        "{told}"
    );
    assert!(answer.header("retry-after").is_some(), "{answer:?}");
}

/// The files of a folder and of those in it.
fn files(folder: &Path) -> Vec<String> {
    let mut all = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                all.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
    }
    all.sort();
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_of_the_controller_is_told_and_costs_nothing_that_was_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let disk = SmallDisk::mount(&folder.path().join("farm"), 32).unwrap();
    // Its log lies on the same disk.
    let mut controller = Controller::new(&disk.path().join("controller"), &[]).unwrap();
    controller.start().unwrap();
    controller.until_ready(UP).await.unwrap();
    let process = controller.pid();
    let data = controller.data.clone();
    assert_eq!(
        upload(&controller, "one.mp4", video(1, 1 << 20)).await.data()["created"],
        true
    );

    // Sixteen megabytes where there is room for three.
    disk.fill_but(3 << 20).unwrap();
    let large = video(2, 16 << 20);
    is_refused_for_room(&upload(&controller, "two.mp4", large.clone()).await);
    assert_eq!(
        files(&data.join("materials")).len(),
        1,
        "half a file stays: {:?}",
        files(&data)
    );
    assert_eq!(
        controller.get("/api/v1/materials").await.unwrap().data()["total"],
        1
    );
    let backups = files(&data.join("backups"));
    disk.fill_but(64 << 10).unwrap();
    is_refused_for_room(
        &controller
            .send("POST", "/api/v1/backups", &Value::Null)
            .await
            .unwrap(),
    );
    assert_eq!(files(&data.join("backups")), backups, "a part of one stays");

    // The database itself.
    disk.fill().unwrap();
    let mut accepted = 0;
    let refused = loop {
        assert!(accepted < MOST, "the disk is not full");
        let answer = account(&controller, accepted).await;
        if answer.status != 200 {
            break answer;
        }
        accepted += 1;
    };
    is_refused_for_room(&refused);
    let known = controller.get("/api/v1/accounts").await.unwrap();
    assert_eq!(known.data()["total"], accepted, "what stands can be read");
    // Who cannot write must not act: it says so and waits, also for longer than its role lasts.
    until("the controller to say that it is not ready", SOON, async || {
        controller
            .get("/readyz")
            .await
            .is_ok_and(|answer| answer.status == 503)
    })
    .await
    .unwrap();
    let answer = account(&controller, accepted).await;
    assert_eq!(answer.json()["code"], 50301, "{answer:?}");

    // With room it goes on by itself, in the same process.
    disk.free().unwrap();
    controller.until_ready(SOON).await.unwrap();
    assert_eq!((controller.pid(), controller.ended().unwrap()), (process, None));
    assert_eq!(
        account(&controller, accepted).await.status,
        200,
        "the one that was refused"
    );
    let taken = upload(&controller, "two.mp4", large.clone()).await.data();
    assert_eq!(
        (&taken["created"], &taken["size"]),
        (&json!(true), &json!(16 << 20))
    );
    let path = format!("/api/v1/materials/{}/content", taken["id"]);
    assert_eq!(controller.get(&path).await.unwrap().body, large);
    controller.kill().await.unwrap();
    controller.start().unwrap();
    controller.until_ready(UP).await.unwrap();
    let known = controller.get("/api/v1/accounts").await.unwrap().data();
    assert_eq!(known["total"], accepted + 1, "each that was accepted, once");
    let record = controller
        .get("/api/v1/audit?page_size=100")
        .await
        .unwrap()
        .data();
    assert!(
        record["total"].as_u64() > Some(accepted as u64),
        "{}",
        record["total"]
    );
    controller.kill().await.unwrap();
}
