//! A journal through starts, torn lines and damage.

use proptest::prelude::*;
use serde_json::json;

use super::*;

const NOON: Timestamp = Timestamp::UNIX_EPOCH;

fn intent(grant: &str, number: u64, evidence: Value) -> Intent {
    Intent {
        grant: grant.to_owned(),
        number,
        task: "70".to_owned(),
        attempt: "a1".to_owned(),
        account: Some(5),
        commit: "publish".to_owned(),
        kind: CommitKind::State,
        key: format!("k{number}"),
        evidence,
        at: NOON,
    }
}

fn filled(folder: &Path) -> Vec<u8> {
    let mut journal = Journal::open(folder).unwrap();
    journal
        .intent(intent("a", 1, json!({"caption": "Grüße"})))
        .unwrap();
    journal.done("a", &json!({"url": "x"}), NOON).unwrap();
    journal.intent(intent("b", 2, json!({}))).unwrap();
    journal.void("b", "not sent", NOON).unwrap();
    journal.intent(intent("c", 3, json!({}))).unwrap();
    drop(journal);
    std::fs::read(folder.join(FILE)).unwrap()
}

#[test]
fn what_was_written_is_read_again_under_the_same_identity() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path());
    let first = Journal::open(folder.path()).unwrap();
    let identity = first.identity().to_owned();
    drop(first);
    let journal = Journal::open(folder.path()).unwrap();
    assert_eq!(journal.identity(), identity);
    let entry = |grant| journal.entry(grant).unwrap();
    assert_eq!(
        entry("a"),
        Some(Entry::Done {
            proof: json!({"url": "x"})
        })
    );
    assert_eq!(entry("b"), Some(Entry::Void));
    assert_eq!(entry("c"), Some(Entry::Intent { evidence: json!({}) }));
    assert_eq!(entry("d"), None);
    assert_eq!(journal.highest(), 3);
    let told = journal.after(1, 100).unwrap();
    let grants: Vec<&str> = told.iter().map(|told| told.grant.as_str()).collect();
    assert_eq!(grants, ["b", "c"]);
    assert_eq!(told[1].intent, Some(intent("c", 3, json!({}))));
    let first = journal.look_up("a").unwrap().unwrap();
    assert_eq!(
        first.intent.unwrap().evidence,
        json!({"caption": "Grüße"}),
        "what was done keeps its intent"
    );
}

#[test]
fn one_process_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let _held = Journal::open(folder.path()).unwrap();
    assert!(matches!(
        Journal::open(folder.path()),
        Err(JournalError::InUse(_))
    ));
}

#[test]
fn a_void_never_undoes_what_was_done() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(folder.path()).unwrap();
    journal.done("a", &json!(1), NOON).unwrap();
    journal.void("a", "late", NOON).unwrap();
    assert_eq!(journal.entry("a").unwrap(), Some(Entry::Done { proof: json!(1) }));
}

#[test]
fn nothing_is_intended_under_a_leave_that_was_given_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(folder.path()).unwrap();
    journal.void("a", "nobody knew of it", NOON).unwrap();
    let refused = journal.intent(intent("a", 1, json!({})));
    assert!(matches!(refused, Err(JournalError::Settled(_))), "{refused:?}");
    drop(journal);
    let mut journal = Journal::open(folder.path()).unwrap();
    assert!(journal.intent(intent("a", 1, json!({}))).is_err());
    assert_eq!(journal.highest(), 0);
    assert!(journal.after(0, 9).unwrap().is_empty(), "it has no number");
}

#[test]
fn lines_of_the_first_version_are_read_and_those_of_a_later_one_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    let with = |texts: &[&str]| {
        let lines = texts
            .iter()
            .map(|text| format!("{} {text}\n", checksum(text.as_bytes())));
        std::fs::write(&path, lines.collect::<String>()).unwrap();
    };
    let old = r#"{"record":"intent","grant":"a","number":4,"commit":"post","key":"k","evidence":{},"at":"1970-01-01T00:00:00Z"}"#;
    with(&[r#"{"record":"journal","identity":"i","version":1}"#, old]);
    let told = Journal::open(folder.path()).unwrap().after(0, 9).unwrap();
    let read = told[0].intent.clone().unwrap();
    assert_eq!(
        (read.number, read.kind, read.account),
        (4, CommitKind::Append, None)
    );
    with(&[r#"{"record":"journal","identity":"i","version":3}"#]);
    let newer = Journal::open(folder.path());
    assert!(matches!(newer, Err(JournalError::Newer { version: 3, .. })));
}

#[test]
fn a_damaged_line_in_the_middle_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = filled(folder.path());
    let second = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 30;
    bytes[second] ^= 1;
    std::fs::write(folder.path().join(FILE), &bytes).unwrap();
    assert!(matches!(
        Journal::open(folder.path()),
        Err(JournalError::Damaged { line: 2, .. })
    ));
    std::fs::write(folder.path().join(FILE), "some text\nand more\n").unwrap();
    assert!(matches!(
        Journal::open(folder.path()),
        Err(JournalError::NotAJournal(_))
    ));
}

proptest! {
    /// A power cut at any byte: every record that was whole is there, the torn one is not, and it can be written on.
    #[test]
    fn cut_anywhere_it_holds_what_was_whole(cut in 0.0_f64..1.0) {
        let folder = tempfile::tempdir().unwrap();
        let bytes = filled(folder.path());
        let at = (bytes.len() as f64 * cut) as usize;
        std::fs::write(folder.path().join(FILE), &bytes[..at]).unwrap();
        let lines = bytes[..at].split(|byte| *byte == b'\n').count() - 1;
        let mut journal = Journal::open(folder.path()).unwrap();
        prop_assert_eq!(journal.entry("a").unwrap().is_some(), lines >= 2);
        let done = matches!(journal.entry("a").unwrap(), Some(Entry::Done { .. }));
        prop_assert_eq!(done, lines >= 3);
        prop_assert_eq!(journal.entry("c").unwrap().is_some(), lines >= 6);
        journal.intent(intent("z", 9, json!({}))).unwrap();
        drop(journal);
        let again = Journal::open(folder.path()).unwrap();
        prop_assert!(again.entry("z").unwrap().is_some());
    }
}
