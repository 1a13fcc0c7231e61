//! What an account may do in a day: a task beyond that is put off before a phone begins it in vain.

use super::*;

#[tokio::test]
async fn a_task_beyond_the_days_number_is_begun_on_the_next_day() {
    let farm = Farm::with_limit(9).await;
    let set = BTreeMap::from([
        ("caps.tiktok.follow".to_owned(), json!(1)),
        (crate::settings::HOURS.to_owned(), json!("07:00-23:00")),
    ]);
    farm.scheduler
        .set_rules(WorkRules::of(&set, jiff::tz::TimeZone::UTC));
    let first = farm.create("A", "follow").await;
    let attempt = farm.order(first).await;
    farm.grant(attempt).await;
    let settled = shared::wire::work::Settlement {
        attempt: attempt.into_bytes(),
        grant: farm.store.grants_of(first).await.unwrap()[0].id.into_bytes(),
        outcome: shared::wire::work::GrantOutcome::Done {
            proof: "{}".to_owned(),
        },
    };
    farm.say(ToController::Settle(settled)).await;
    farm.end(attempt, through()).await;
    farm.state(first, TaskState::Completed).await;

    let next = farm.create("A", "follow").await;
    let other = farm.create("A", "comment").await;
    farm.order(other).await;
    let row = farm.store.task(next).await.unwrap().unwrap().row;
    assert_eq!((row.state, row.attempts), (TaskState::Waiting, 0));
    assert_eq!(row.due_at, "2026-03-02T07:00:00Z".parse().unwrap());
    let why = row.waiting_for.unwrap_or_default();
    assert_eq!(
        why,
        "daily_cap: deferred to 2026-03-02 07:00 by the cap: 1 of 1 times follow today"
    );
}
