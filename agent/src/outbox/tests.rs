//! What is kept is there after a power cut, and what cannot be read stops nothing.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use shared::clock::ManualClock;
use shared::wire::message::ToController;
use shared::wire::work::{AttemptEnd, AttemptOutcome, GrantOutcome, Settlement};

use super::files::Files;
use super::*;

fn end(attempt: u8) -> AttemptEnd {
    AttemptEnd {
        attempt: [attempt; 16],
        outcome: AttemptOutcome::Done {
            result: "{}".to_owned(),
        },
        steps: 1,
        took: 2,
        driver: "plain".to_owned(),
        app_version: "1".to_owned(),
    }
}

fn settlement(attempt: u8) -> Settlement {
    Settlement {
        attempt: [attempt; 16],
        grant: [7; 16],
        outcome: GrantOutcome::Void {
            why: "why".to_owned(),
        },
    }
}

#[test]
fn messages_come_back_in_their_order_without_what_was_torn() {
    let folder = tempfile::tempdir().unwrap();
    let now = Timestamp::UNIX_EPOCH;
    let (files, kept) = Files::open(folder.path(), now).unwrap();
    assert!(kept.is_empty());
    let all = [
        ToController::Settle(settlement(1)),
        ToController::Ended(end(1)),
        ToController::Settle(settlement(2)),
    ];
    let numbers: Vec<u64> = all.iter().map(|message| files.put(message).unwrap()).collect();
    files.remove(numbers[1]).unwrap();
    // A power cut before the rename, and a file that somebody damaged.
    std::fs::write(folder.path().join("00000000000000000009.new"), b"half").unwrap();
    std::fs::write(folder.path().join("00000000000000000005.message"), b"\xff\xff").unwrap();
    let (files, kept) = Files::open(folder.path(), now).unwrap();
    let messages: Vec<ToController> = kept.into_iter().map(|(_, message)| message).collect();
    assert_eq!(messages, [all[0].clone(), all[2].clone()]);
    assert!(files.put(&all[1]).unwrap() > numbers[2], "no number twice");
}

#[test]
fn an_attempt_is_known_to_have_ended_for_a_day() {
    let folder = tempfile::tempdir().unwrap();
    let now = Timestamp::UNIX_EPOCH;
    let (files, _) = Files::open(folder.path(), now).unwrap();
    files.ended([1; 16], now).unwrap();
    let later = now + SignedDuration::from_hours(20);
    files.ended([2; 16], later).unwrap();
    // The last line was torn by a power cut.
    let list = folder.path().join("ended");
    let mut text = std::fs::read_to_string(&list).unwrap();
    text.push_str("0303");
    std::fs::write(&list, text).unwrap();
    let (files, _) = Files::open(folder.path(), later).unwrap();
    assert!(files.has_ended(&[1; 16]) && files.has_ended(&[2; 16]) && !files.has_ended(&[3; 16]));
    let next_day = now + SignedDuration::from_hours(25);
    let (files, _) = Files::open(folder.path(), next_day).unwrap();
    assert!(!files.has_ended(&[1; 16]) && files.has_ended(&[2; 16]));
}

#[tokio::test]
async fn an_end_that_is_kept_counts_as_ended_also_where_that_was_not_noted() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
    let controller = Controller::new(clock);
    let (files, _) = Files::open(&folder.path().join("outbox"), Timestamp::UNIX_EPOCH).unwrap();
    files.put(&ToController::Ended(end(1))).unwrap();
    let outbox = Outbox::open(folder.path(), controller).unwrap();
    assert!(outbox.has_ended(&[1; 16]));
    assert_eq!(outbox.unconfirmed_ends(), [[1; 16]]);
}

#[tokio::test]
async fn an_attempt_that_was_killed_after_it_told_of_an_act_is_not_named_as_one_whose_end_is_to_come() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
    let (files, _) = Files::open(&folder.path().join("outbox"), Timestamp::UNIX_EPOCH).unwrap();
    files.put(&ToController::Settle(settlement(1))).unwrap();
    files.put(&ToController::Settle(settlement(2))).unwrap();
    files.put(&ToController::Ended(end(2))).unwrap();
    let outbox = Outbox::open(folder.path(), Controller::new(clock)).unwrap();
    assert_eq!(outbox.unconfirmed_ends(), [[2; 16]]);
}
