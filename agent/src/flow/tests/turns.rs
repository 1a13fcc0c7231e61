//! The script's thread and the runtime in turns: the same ends, and an end at any point of a commit.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use super::*;
use crate::journal::Entry;

const POST: &str = r#"let c = commit("post", "append", "k", #{a: 1}, || { tap("post"); wait_for("posted", 5); "proof" }, "seen"); #{state: c.state}"#;

fn shop() -> Fake {
    Fake::new(APP)
        .screen("page", &screen(&button("Post")))
        .screen("done", &screen(&button("Posted")))
        .on_tap("page", "Post", "done")
}

#[tokio::test]
async fn a_run_in_turns_ends_as_one_beside_the_runtime_does() {
    let run = Run::new(shop(), POST);
    let (task, mut rig) = run.parts();
    let points: Arc<Mutex<Vec<String>>> = Arc::default();
    let heard = Arc::clone(&points);
    rig.thread = ScriptThread::InTurns(Arc::new(move |point| {
        heard.lock().unwrap().push(point.to_owned());
        false
    }));
    let outcome = super::super::run(task, rig, run.stop.clone()).await;
    assert_eq!(outcome.result.unwrap(), json!({"state": "done"}));
    let points = points.lock().unwrap().join(" ");
    assert_eq!(points, "begun asked granted intent acted done reported");
}

#[tokio::test]
async fn a_process_that_dies_at_a_point_takes_not_another_step() {
    let run = Run::new(shop(), POST);
    let (task, mut rig) = run.parts();
    let (reached, told) = tokio::sync::oneshot::channel();
    let reached = Mutex::new(Some(reached));
    let once = AtomicBool::new(false);
    rig.thread = ScriptThread::InTurns(Arc::new(move |point| {
        let dies = point == "acted" && !once.swap(true, Ordering::SeqCst);
        if dies && let Some(reached) = reached.lock().unwrap().take() {
            let _ = reached.send(());
        }
        dies
    }));
    {
        let running = super::super::run(task, rig, run.stop.clone());
        tokio::pin!(running);
        tokio::select! {
            biased;
            outcome = &mut running => panic!("it went on: {:?}", outcome.result),
            reached = told => reached.unwrap(),
        }
    }
    // Its thread is gone, and with it the lock on the journal.
    let journal = Journal::open(run.folder.path()).unwrap();
    let stands = journal.after(0, 10).unwrap();
    assert_eq!(stands.len(), 1);
    assert!(matches!(stands[0].entry, Entry::Intent { .. }), "{stands:?}");
    assert_eq!(run.fake.taps(), ["Post"]);
}
