//! The disk of a phone's host: its files for posts, and its journal, without which nothing lasting is done.

use std::path::Path;
use std::time::Duration;

use agent::journal::{Entry, FILE, Intent, Journal};
use farm::SmallDisk;
use farm::site::until;
use jiff::Timestamp;
use serde_json::{Value, json};
use shared::wire::work::CommitKind;

use crate::stand::{Stand, sha256};

const SOON: Duration = Duration::from_secs(90);
/// Of a disk in memory; a file of which the last block is full needs another one for the next byte.
const BLOCK: u64 = 4096;

fn intent(grant: &str, filling: usize) -> Intent {
    Intent {
        grant: grant.to_owned(),
        number: 0,
        task: String::new(),
        attempt: String::new(),
        account: None,
        commit: "pad".to_owned(),
        kind: CommitKind::State,
        key: "pad".to_owned(),
        evidence: json!("x".repeat(filling)),
        at: Timestamp::UNIX_EPOCH,
    }
}

/// Writes records that mean nothing until the journal's last block is full.
fn fill_last_block(folder: &Path) {
    let mut journal = Journal::open(folder).unwrap();
    let file = folder.join(FILE);
    let size = || std::fs::metadata(&file).unwrap().len();
    let before = size();
    journal.intent(intent("pad-0", 0)).unwrap();
    let least = size() - before;
    let left = BLOCK - size() % BLOCK;
    let filling = if left >= least {
        left - least
    } else {
        left + BLOCK - least
    };
    journal
        .intent(intent("pad-1", usize::try_from(filling).unwrap()))
        .unwrap();
    assert_eq!(size() % BLOCK, 0, "{} bytes", size());
}

#[test]
fn what_a_full_disk_does_not_take_stands_in_no_journal_and_the_rest_of_it_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let disk = SmallDisk::mount(&folder.path().join("small"), 2).unwrap();
    let mut journal = Journal::open(disk.path()).unwrap();
    disk.fill().unwrap();
    let mut stand = Vec::new();
    let refused = loop {
        let grant = format!("grant-{}", stand.len());
        match journal.intent(intent(&grant, 1_000)) {
            Ok(()) => stand.push(grant),
            Err(error) => break (grant, error),
        }
        assert!(stand.len() < 10, "the disk is not full");
    };
    assert!(refused.1.is_full_disk(), "{}", refused.1);
    assert_eq!(journal.entry(&refused.0).unwrap(), None);
    disk.free().unwrap();
    journal.intent(intent(&refused.0, 1_000)).unwrap();
    stand.push(refused.0);
    drop(journal);
    let journal = Journal::open(disk.path()).unwrap();
    for grant in stand {
        let entry = journal.entry(&grant).unwrap();
        assert!(matches!(entry, Some(Entry::Intent { .. })), "{grant}: {entry:?}");
    }
}

/// A farm whose agent keeps its things on a small disk.
async fn on_a_small_disk(megabytes: u64) -> (Stand, SmallDisk) {
    let folder = tempfile::Builder::new().prefix("site").tempdir().unwrap();
    let disk = SmallDisk::mount(&folder.path().join("agent"), megabytes).unwrap();
    (Stand::start(folder, &[]).await, disk)
}

/// Waits until the host is linked, or is not.
async fn connected(stand: &Stand, wanted: bool) {
    let is = async || stand.get("hosts").await["hosts"][0]["connected"] == wanted;
    until("the link to come or go", SOON, is).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_done_where_it_cannot_be_written_down_first() {
    let (mut stand, disk) = on_a_small_disk(8).await;
    // Everything that a follow needs is on the host from now on.
    let first = stand.follow("ana.sketches").await;
    stand.completed(first).await;
    stand.site.kill_agent().await.unwrap();
    connected(&stand, false).await;
    fill_last_block(disk.path());
    // It comes up on a full disk, too.
    disk.fill().unwrap();
    stand.site.start_agent().await.unwrap();
    connected(&stand, true).await;
    stand.site.controller.until_online(1, SOON).await.unwrap();
    let task = stand.follow("nordic.loom").await;
    // It has ended, and not even that can be written down: the task says so, and the phone waits.
    let told = |task: &Value| {
        let attempts = task["attempt_list"].as_array().unwrap();
        let lines = attempts
            .iter()
            .flat_map(|attempt| attempt["log"].as_array().unwrap());
        lines.clone().any(|line| {
            line["line"]
                .as_str()
                .is_some_and(|line| line.contains("No space left on device"))
        })
    };
    let waiting = stand.until(task, "to tell of the full disk", told).await;
    assert_eq!(waiting["status"], 1, "{waiting}");
    assert_eq!(
        stand.acts("follow").len(),
        1,
        "nothing was done: {}",
        stand.story(&waiting)
    );

    disk.free().unwrap();
    let done = stand.completed(task).await;
    let attempts = done["attempt_list"].as_array().unwrap();
    assert_eq!(attempts[0]["outcome"], "host_disk_full", "{}", stand.story(&done));
    let why = attempts[0]["message"].as_str().unwrap();
    assert!(
        why.contains("journal") && why.contains("No space left on device"),
        "{why}"
    );
    let grants = done["grants"].as_array().unwrap();
    let states: Vec<&Value> = grants.iter().map(|grant| &grant["state"]).collect();
    assert!(
        states.contains(&&json!("void")) && states.contains(&&json!("done")),
        "{grants:?}"
    );
    assert_eq!(stand.acts("follow").len(), 2, "{}", stand.story(&done));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_before_the_disk_was_full_is_told_when_it_is_not() {
    let (stand, disk) = on_a_small_disk(8).await;
    let first = stand.follow("ana.sketches").await;
    stand.completed(first).await;
    // The journal's block has room for one more act, and nothing has any for what came of it.
    disk.fill().unwrap();
    let task = stand.follow("nordic.loom").await;
    until("the act", SOON, async || stand.acts("follow").len() == 2)
        .await
        .unwrap();
    disk.free().unwrap();
    let done = stand.completed(task).await;
    assert_eq!(stand.acts("follow").len(), 2, "{}", stand.story(&done));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_nobody_needs_make_room_and_where_there_is_none_the_task_says_so() {
    let (stand, disk) = on_a_small_disk(16).await;
    let media = disk.path().join("media");
    let names = || {
        let all = std::fs::read_dir(&media).unwrap().flatten();
        let mut all: Vec<String> = all
            .map(|one| one.file_name().to_string_lossy().into_owned())
            .collect();
        all.sort();
        all
    };
    let (one, two, three) = (
        stand.video("one.mp4", 8),
        stand.video("two.mp4", 8),
        stand.video("three.mp4", 8),
    );
    let done = stand.post("one.mp4", json!({})).await;
    stand.completed(done).await;
    assert_eq!(names(), [sha256(&one)], "kept for the next phone that needs it");
    let done = stand.post("two.mp4", json!({})).await;
    stand.completed(done).await;
    assert_eq!(names(), [sha256(&two)], "there was no room for both");

    // Four megabytes beside what is kept: not enough, whatever goes.
    std::fs::remove_file(media.join(sha256(&two))).unwrap();
    disk.fill_but(4 << 20).unwrap();
    let task = stand.post("three.mp4", json!({"max_retries": 0})).await;
    let failed = stand.failed(task, "host_disk_full").await;
    let why = failed["error"]["message"].as_str().unwrap();
    assert!(
        why.contains("three.mp4") && why.contains(media.to_str().unwrap()) && why.contains("free some space"),
        "{why}"
    );
    assert!(
        names().is_empty(),
        "half a file is in the way of the journal: {:?}",
        names()
    );
    assert_eq!(stand.acts("post").len(), 2);

    disk.free().unwrap();
    let again = stand
        .send("POST", &format!("task/{task}/retry"), &Value::Null)
        .await;
    assert_eq!(again.data(), json!({"retried_count": 1}));
    stand.completed(task).await;
    let posts = stand.acts("post");
    assert_eq!(posts.len(), 3, "{posts:?}");
    assert_eq!(posts[2].detail["contents"], json!([sha256(&three)]));
}
