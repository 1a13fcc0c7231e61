//! What follows an attempt, case by case, and what never does.

use proptest::prelude::*;
use serde_json::Map;
use shared::device::Serial;
use shared::task::AttemptState;
use shared::wire::work::{AttemptEnd, AttemptFailure};
use uuid::Uuid;

use super::*;
use crate::store::{AttemptRow, TaskSource};

const NOON: Timestamp = Timestamp::UNIX_EPOCH;

fn task(script: &str) -> TaskRow {
    TaskRow {
        id: 7,
        platform: "tiktok".to_owned(),
        pack: "tiktok".to_owned(),
        script: script.to_owned(),
        config: Map::new(),
        serial: Serial("A".to_owned()),
        account_id: Some(3),
        username: None,
        package: None,
        source: TaskSource::Api,
        created_by: "test".to_owned(),
        schedule_id: None,
        state: TaskState::Running,
        queue_key: 7,
        start_at: None,
        due_at: NOON,
        created_at: NOON,
        started_at: Some(NOON),
        ended_at: None,
        attempt: Some(Uuid::nil()),
        attempts: 1,
        retries: 0,
        max_retries: None,
        stop_asked_at: None,
        stop_asked_by: None,
        delete_asked_at: None,
        seed: 1,
        sequence: 0,
        of_phone: false,
        awaits_login: false,
        materials: None,
        progress: 0,
        progress_text: None,
        waiting_for: None,
        error: None,
        result: None,
        proof: None,
    }
}

fn attempt(number: u32) -> AttemptRow {
    AttemptRow {
        id: Uuid::nil(),
        task: 7,
        number,
        epoch: 1,
        host: Uuid::nil(),
        serial: Serial("A".to_owned()),
        account_id: Some(3),
        holds: true,
        state: AttemptState::Running,
        pack_hash: String::new(),
        lease: Duration::from_secs(60),
        handed_at: NOON,
        acknowledged_at: None,
        lost_at: None,
        ended_at: None,
        outcome: None,
        message: None,
        uncertain: false,
        place: None,
        steps: None,
        took: None,
        driver: None,
        app_version: None,
    }
}

fn grant(commit: &str, state: GrantState) -> GrantRow {
    GrantRow {
        id: Uuid::from_u128(9),
        number: 1,
        task: 7,
        attempt: Uuid::nil(),
        account_id: Some(3),
        serial: Serial("A".to_owned()),
        platform: "tiktok".to_owned(),
        action: "follow".to_owned(),
        commit: commit.to_owned(),
        kind: CommitKind::State,
        key: "anna".to_owned(),
        host: Uuid::nil(),
        journal: "j".to_owned(),
        evidence: Json::Null,
        state,
        why: None,
        proof: Some(json!("Following")),
        granted_at: NOON,
        settled_at: None,
    }
}

fn ground(task: TaskRow, grants: Vec<GrantRow>) -> Ground {
    Ground {
        attempt: attempt(task.attempts),
        task,
        grants,
        looks: 0,
    }
}

fn ended(outcome: AttemptOutcome) -> How {
    let end = AttemptEnd {
        attempt: [0; 16],
        outcome,
        steps: 1,
        took: 1,
        driver: String::new(),
        app_version: String::new(),
    };
    How::Ended {
        host: Uuid::nil(),
        end,
    }
}

fn failed_with(kind: &str) -> How {
    ended(AttemptOutcome::Failed(AttemptFailure {
        kind: kind.to_owned(),
        message: "why".to_owned(),
        uncertain: false,
        place: None,
    }))
}

fn lost() -> How {
    How::Lost {
        why: "gone".to_owned(),
    }
}

fn follows(ground: &Ground, how: &How) -> Ending {
    after(ground, how, &WorkRules::default(), NOON, 0)
}

#[test]
fn a_flow_that_is_through_completes_its_task_with_its_proof() {
    let done = ended(AttemptOutcome::Done {
        result: "{\"a\":1}".to_owned(),
    });
    let stands = ground(task("follow"), vec![grant("follow", GrantState::Done)]);
    let ending = follows(&stands, &done);
    assert_eq!(ending.to, TaskState::Completed);
    let told = format!("{:?}", ending.change);
    assert!(
        told.contains("Following") && told.contains("\\\"a\\\":1"),
        "{told}"
    );
    let open = ground(task("account_warmup"), vec![grant("like", GrantState::Unknown)]);
    assert_eq!(follows(&open, &done).to, TaskState::Verifying);
}

#[test]
fn what_was_done_completes_its_task_however_the_flow_ended() {
    let stands = ground(task("follow"), vec![grant("follow", GrantState::Done)]);
    for how in [
        failed_with("device"),
        failed_with("stopped"),
        lost(),
        failed_with("limited"),
    ] {
        assert_eq!(follows(&stands, &how).to, TaskState::Completed, "{how:?}");
    }
    // One like on the way is not the task.
    let warm = ground(task("account_warmup"), vec![grant("like", GrantState::Done)]);
    assert_eq!(follows(&warm, &failed_with("device")).to, TaskState::Retrying);
    let mut stopping = task("follow");
    (stopping.state, stopping.stop_asked_at) = (TaskState::Stopping, Some(NOON));
    let stands = ground(stopping.clone(), vec![grant("follow", GrantState::Done)]);
    assert_eq!(follows(&stands, &failed_with("stopped")).to, TaskState::Completed);
    let nothing = ground(stopping, vec![grant("follow", GrantState::Void)]);
    assert_eq!(follows(&nothing, &failed_with("stopped")).to, TaskState::Failed);
}

#[test]
fn an_act_in_question_is_looked_for_before_anything_else_and_in_the_end_by_a_person() {
    let mut stands = ground(task("follow"), vec![grant("follow", GrantState::Open)]);
    for how in [
        failed_with("device"),
        failed_with("limited"),
        lost(),
        failed_with("held"),
    ] {
        assert_eq!(follows(&stands, &how).to, TaskState::Verifying, "{how:?}");
    }
    stands.looks = MOST_LOOKS;
    let ending = follows(&stands, &lost());
    assert_eq!(ending.to, TaskState::Person);
    assert_eq!(ending.attention.unwrap().grant, Some(Uuid::from_u128(9)));
    let unseen = ground(task("post"), vec![grant("post", GrantState::Unknown)]);
    let ending = follows(&unseen, &failed_with("need_person:unknown"));
    assert_eq!(
        (ending.to, ending.attention.unwrap().kind.as_str()),
        (TaskState::Person, "unknown")
    );
}

#[test]
fn a_limit_rests_the_account_and_is_not_tried_again() {
    let ending = follows(&ground(task("follow"), vec![]), &failed_with("limited"));
    assert_eq!(ending.to, TaskState::Failed);
    let day = SignedDuration::from_hours(24);
    assert_eq!(ending.rest_until, Some(NOON + day));
    let ending = follows(&ground(task("follow"), vec![]), &failed_with("device"));
    assert_eq!(ending.rest_until, None);
}

#[test]
fn only_what_may_go_otherwise_is_tried_again_and_only_so_often() {
    for kind in [
        "wrong_password",
        "limited",
        "stopped",
        "suspended",
        "no_material",
        "private",
        "phone_full",
        "script",
        "nonsense",
    ] {
        let ending = follows(&ground(task("follow"), vec![]), &failed_with(kind));
        assert_eq!(ending.to, TaskState::Failed, "{kind}");
    }
    for kind in [
        "device",
        "host_disk_full",
        "timeout",
        "controller_away",
        "element_missing",
        "app_crashed",
    ] {
        let ending = follows(&ground(task("follow"), vec![]), &failed_with(kind));
        assert_eq!(ending.to, TaskState::Retrying, "{kind}");
    }
    let mut used = task("follow");
    used.retries = 2;
    assert_eq!(
        follows(&ground(used.clone(), vec![]), &lost()).to,
        TaskState::Failed
    );
    used.max_retries = Some(3);
    assert_eq!(
        follows(&ground(used.clone(), vec![]), &lost()).to,
        TaskState::Retrying
    );
    used.max_retries = Some(0);
    assert_eq!(follows(&ground(used, vec![]), &lost()).to, TaskState::Failed);
}

#[test]
fn what_is_put_off_or_refused_waits_without_counting() {
    for kind in ["held", "deferred", "recovering"] {
        let ending = follows(&ground(task("follow"), vec![]), &failed_with(kind));
        assert_eq!(ending.to, TaskState::Waiting, "{kind}");
    }
    let refused = How::Refused {
        why: "busy".to_owned(),
    };
    assert_eq!(
        follows(&ground(task("follow"), vec![]), &refused).to,
        TaskState::Waiting
    );
    let open = ground(task("follow"), vec![grant("follow", GrantState::Open)]);
    assert_eq!(follows(&open, &refused).to, TaskState::Verifying);
}

#[test]
fn a_retry_comes_between_five_and_sixty_seconds() {
    for dice in [0, 1, 55_000, 55_001, u64::MAX] {
        let pause = pause(dice);
        assert!(
            pause >= Duration::from_secs(5) && pause <= Duration::from_secs(60),
            "{pause:?}"
        );
    }
}

#[test]
fn once_its_acts_are_settled_a_task_goes_on() {
    let mut verifying = task("follow");
    verifying.state = TaskState::Verifying;
    let to =
        |task: &TaskRow, state| once_settled(task, &[grant("follow", state)], NOON).map(|ending| ending.to);
    assert_eq!(to(&verifying, GrantState::Unknown), None);
    assert_eq!(to(&verifying, GrantState::Done), Some(TaskState::Completed));
    assert_eq!(to(&verifying, GrantState::Void), Some(TaskState::Retrying));
    verifying.stop_asked_at = Some(NOON);
    assert_eq!(to(&verifying, GrantState::Void), Some(TaskState::Failed));
    assert_eq!(to(&verifying, GrantState::Done), Some(TaskState::Completed));
}

fn any_grants() -> impl Strategy<Value = Vec<GrantRow>> {
    let one = (prop::sample::select(vec!["follow", "like"]), 0_usize..4);
    let one = one.prop_map(|(commit, state)| grant(commit, GrantState::ALL[state]));
    prop::collection::vec(one, 0..4)
}

proptest! {
    /// Whatever happens: what follows is allowed, nothing is repeated while an act is in question, and nothing is
    /// completed by a failure without its act.
    #[test]
    fn nothing_follows_that_could_do_a_thing_twice(
        grants in any_grants(),
        which in 0_usize..35,
        state in prop::sample::select(vec![TaskState::Handed, TaskState::Running, TaskState::Stopping, TaskState::Verifying]),
        stops in any::<bool>(),
        retries in 0_u32..4,
        looks in 0_u32..12,
        dice in any::<u64>(),
    ) {
        let kinds: Vec<&str> = FailureKind::names().collect();
        let how = match kinds.get(which) {
            Some(kind) => failed_with(kind),
            None if which % 2 == 0 => lost(),
            None => How::Refused { why: "busy".to_owned() },
        };
        let mut row = task("follow");
        row.state = state;
        row.retries = retries;
        row.stop_asked_at = (stops || state == TaskState::Stopping).then_some(NOON);
        let open = unsettled(&grants).is_some();
        let done = proof_of_main_act(&row, &grants).is_some();
        let mut stands = ground(row, grants);
        stands.looks = looks;
        let ending = after(&stands, &how, &WorkRules::default(), NOON, dice);
        prop_assert!(state == ending.to || state.may_become(ending.to), "{} from {state}", ending.to);
        if open {
            prop_assert!(matches!(ending.to, TaskState::Verifying | TaskState::Person), "{}", ending.to);
        }
        if ending.to == TaskState::Completed {
            prop_assert!(done && !open);
        }
        if ending.to == TaskState::Retrying && !matches!(how, How::Refused { .. }) {
            prop_assert!(stands.task.retries < 2 && !stops);
        }
    }
}
