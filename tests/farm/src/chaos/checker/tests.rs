//! Each rule is seen to fail, on facts that are right but for one thing.

use jiff::Timestamp;
use shared::task::{GrantState, TaskState};
use shared::wire::work::CommitKind;

use super::super::facts::{Deed, Effect, Facts, GrantFact, JournalFact, Line, TaskFact};
use super::{Rule, check};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn deed(what: &str) -> Deed {
    Deed {
        platform: "tiktok".to_owned(),
        account: "me".to_owned(),
        kind: "post".to_owned(),
        what: what.to_owned(),
    }
}

fn grant(number: i64, task: i64, state: GrantState) -> GrantFact {
    GrantFact {
        id: format!("{number:032x}"),
        number,
        task,
        attempt: format!("attempt {task}"),
        commit: "post".to_owned(),
        kind: CommitKind::Append,
        key: format!("key {task}"),
        journal: "J".to_owned(),
        state,
        why: None,
        granted_at: at(number),
        settled_at: Some(at(number + 5)),
        by_person: false,
    }
}

fn intent(number: i64) -> Line {
    Line::Intent {
        grant: format!("{number:032x}"),
        number,
    }
}

fn done(number: i64) -> Line {
    Line::Done {
        grant: format!("{number:032x}"),
        at: at(number),
    }
}

fn void(number: i64) -> Line {
    Line::Void {
        grant: format!("{number:032x}"),
    }
}

fn effect(what: &str, second: i64) -> Effect {
    Effect {
        serial: "SIM0001".to_owned(),
        seq: 1,
        deed: deed(what),
        content: Some(format!("content of {what}")),
        at: at(second),
    }
}

/// Task 1 was done at once, task 2 at the second leave for it, task 3 waits for a person, task 4 failed.
fn right() -> Facts {
    let tasks = [
        (1, TaskState::Completed),
        (2, TaskState::Completed),
        (3, TaskState::Person),
        (4, TaskState::Failed),
    ];
    Facts {
        accepted: (1..=4).map(|id| (id, deed(&format!("file {id}")))).collect(),
        effects: vec![effect("file 1", 11), effect("file 2", 31)],
        tasks: tasks
            .into_iter()
            .map(|(id, state)| TaskFact {
                id,
                state,
                error: None,
                at_attention: state == TaskState::Person,
            })
            .collect(),
        attempts: Vec::new(),
        grants: vec![
            grant(10, 1, GrantState::Done),
            grant(20, 2, GrantState::Void),
            grant(30, 2, GrantState::Done),
            grant(40, 3, GrantState::Unknown),
        ],
        journals: vec![JournalFact {
            identity: "J".to_owned(),
            lines: vec![intent(10), done(10), void(20), intent(30), done(30), intent(40)],
            lost: false,
        }],
    }
}

/// The rules that fail.
fn broken(change: impl FnOnce(&mut Facts)) -> Vec<Rule> {
    let mut facts = right();
    change(&mut facts);
    check(&facts).into_iter().map(|fault| fault.rule).collect()
}

#[test]
fn what_is_right_has_no_fault() {
    assert_eq!(check(&right()), []);
}

#[test]
fn a_thing_that_was_done_twice_is_told() {
    assert_eq!(
        broken(|facts| facts.effects.push(effect("file 1", 50))),
        [Rule::Twice]
    );
}

#[test]
fn a_content_that_two_tasks_published_is_told_on_whatever_phone() {
    let same = |facts: &mut Facts| facts.effects[1].content = facts.effects[0].content.clone();
    assert_eq!(broken(same), [Rule::ContentTwice]);
    let elsewhere = |facts: &mut Facts| {
        same(facts);
        let deed = &mut facts.effects[1].deed;
        "instagram".clone_into(&mut deed.platform);
        "you".clone_into(&mut deed.account);
        facts.accepted.insert(2, deed.clone());
        "SIM0002".clone_into(&mut facts.effects[1].serial);
    };
    assert_eq!(broken(elsewhere), [Rule::ContentTwice]);
    // What publishes no file has no content to share.
    assert_eq!(
        broken(|facts| facts.effects.iter_mut().for_each(|effect| effect.content = None)),
        []
    );
}

#[test]
fn a_thing_that_nobody_asked_for_is_told() {
    assert_eq!(
        broken(|facts| facts.effects.push(effect("file 9", 50))),
        [Rule::Unasked]
    );
}

#[test]
fn a_thing_that_was_done_without_leave_is_told() {
    assert_eq!(
        broken(|facts| facts.effects.push(effect("file 4", 50))),
        [Rule::NoGrant]
    );
    // Leave that came later is none.
    assert_eq!(broken(|facts| facts.effects[0].at = at(9)), [Rule::NoGrant]);
    // Nor is leave for something else.
    assert_eq!(
        broken(|facts| facts.grants[0].commit = "login".to_owned()),
        [Rule::NoGrant]
    );
}

#[test]
fn a_thing_that_was_done_without_an_intent_is_told() {
    assert_eq!(
        broken(|facts| {
            facts.journals[0].lines.retain(|line| *line != intent(10));
        }),
        [Rule::NoIntent]
    );
}

#[test]
fn a_task_that_is_completed_and_was_not_done_is_told() {
    assert_eq!(broken(|facts| drop(facts.effects.remove(0))), [Rule::NoEffect]);
}

#[test]
fn a_task_that_is_forgotten_or_not_at_its_end_is_told() {
    assert_eq!(broken(|facts| drop(facts.tasks.remove(3))), [Rule::Forgotten]);
    for state in TaskState::ALL {
        let ended = matches!(state, TaskState::Completed | TaskState::Failed);
        let told = broken(|facts| facts.tasks[0].state = state);
        assert_eq!(told.is_empty(), ended, "{state}: {told:?}");
    }
    assert_eq!(
        broken(|facts| facts.tasks[2].at_attention = false),
        [Rule::NotEnded]
    );
}

#[test]
fn leave_that_was_given_twice_is_told() {
    for state in [GrantState::Open, GrantState::Unknown, GrantState::Done] {
        assert_eq!(
            broken(|facts| facts.grants[1].state = state),
            [Rule::TwoGrants],
            "{state:?}"
        );
    }
}

#[test]
fn a_void_that_stands_in_no_journal_is_told_unless_a_person_said_so() {
    let without = |facts: &mut Facts| facts.journals[0].lines.retain(|line| *line != void(20));
    assert_eq!(broken(without), [Rule::VoidUnwritten]);
    assert_eq!(
        broken(|facts| {
            without(facts);
            facts.grants[1].by_person = true;
        }),
        []
    );
}

#[test]
fn what_is_void_and_was_done_is_told() {
    assert_eq!(
        broken(|facts| facts.journals[0].lines.extend([done(20)])),
        [Rule::VoidDone]
    );
}

#[test]
fn an_intent_after_the_void_is_told() {
    assert_eq!(
        broken(|facts| facts.journals[0].lines.push(intent(20))),
        [Rule::IntentAfterVoid]
    );
}

#[test]
fn an_intent_without_leave_is_told() {
    assert_eq!(
        broken(|facts| facts.journals[0].lines.push(intent(77))),
        [Rule::IntentUnknown]
    );
    // So is one in a journal for which the leave was not given.
    assert_eq!(
        broken(|facts| {
            facts.journals.push(JournalFact {
                identity: "K".to_owned(),
                lines: vec![intent(40)],
                lost: false,
            });
        }),
        [Rule::IntentUnknown]
    );
}

#[test]
fn every_rule_is_seen_to_fail_here() {
    let source = include_str!("tests.rs");
    for rule in Rule::ALL {
        assert!(source.contains(&format!("[Rule::{rule:?}]")), "{rule:?}");
    }
}
