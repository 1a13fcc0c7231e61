//! A task that needs a person: its phone is kept as it is, and goes on where nobody comes.

use super::*;
use crate::settings::{GIVE_UP, PERSON};
use crate::store::{Resolution, Verdict};

async fn waits_for_a_person(farm: &Farm) -> (i64, i64) {
    let task = farm.create("A", "login").await;
    let attempt = farm.order(task).await;
    farm.end(attempt, failed("need_person:captcha")).await;
    farm.state(task, TaskState::Person).await;
    let item = farm.store.attention_of(task).await.unwrap().remove(0);
    (task, item.id)
}

fn rules(minutes: u32, hours: u32) -> WorkRules {
    let set = BTreeMap::from([
        (PERSON.to_owned(), json!(minutes)),
        (GIVE_UP.to_owned(), json!(hours)),
    ]);
    WorkRules::of(&set, jiff::tz::TimeZone::UTC)
}

#[tokio::test]
async fn a_phone_is_kept_as_it_is_for_a_person_and_goes_on_with_that_task() {
    let farm = Farm::with_limit(9).await;
    let (task, item) = waits_for_a_person(&farm).await;
    let next = farm.create("A", "follow").await;
    let elsewhere = farm.create("B", "follow").await;
    farm.order(elsewhere).await;
    farm.pass(60).await;
    let row = farm.store.task(next).await.unwrap().unwrap().row;
    assert_eq!(row.state, TaskState::Waiting);
    let why = row.waiting_for.unwrap_or_default();
    assert!(why.contains(&format!("attention {item}")), "{why}");

    let seen = farm.hubs.asked.borrow().len();
    let verdict = Verdict::of(Resolution::Resume);
    farm.store
        .resolve_attention(item, verdict, "Ann", proof_of_main_act)
        .await
        .unwrap();
    farm.scheduler.wake([&Serial("A".to_owned())]);
    let any = |ask: &AgentAsk| match ask {
        AgentAsk::Work(order) => Some((order.task, Uuid::from_bytes(order.attempt))),
        _ => None,
    };
    let (_, (first, attempt)) = farm.asked(seen, any).await;
    assert_eq!(first, task, "what the person dealt with goes first");
    farm.end(attempt, through()).await;
    farm.order(next).await;
}

#[tokio::test]
async fn a_phone_goes_on_where_nobody_comes_and_the_item_stays() {
    let farm = Farm::with_limit(9).await;
    farm.scheduler.set_rules(rules(15, 2));
    let (task, item) = waits_for_a_person(&farm).await;
    let next = farm.create("A", "follow").await;
    farm.pass(14 * 60).await;
    let early = farm.store.task(next).await.unwrap().unwrap().row;
    assert_eq!(early.state, TaskState::Waiting);
    farm.comes_to(next, TaskState::Running).await;
    let shown = farm.store.attention_item(item).await.unwrap().unwrap();
    assert!(shown.row.freed_at.is_some() && shown.row.resolved_at.is_none());
    assert_eq!(shown.task.unwrap().state, TaskState::Person);

    farm.clock.advance(Duration::from_secs(2 * 3600));
    let ended = farm.comes_to(task, TaskState::Failed).await;
    let error = ended.error.unwrap();
    assert_eq!(error.kind, "abandoned");
    assert!(error.message.contains("2 hours"), "{}", error.message);
    let shown = farm.store.attention_item(item).await.unwrap().unwrap();
    assert!(shown.row.resolved_at.is_none(), "the item stays");
}

#[tokio::test]
async fn no_phone_is_kept_where_the_setting_says_so() {
    let farm = Farm::with_limit(9).await;
    farm.scheduler.set_rules(rules(0, 0));
    let (task, _) = waits_for_a_person(&farm).await;
    let next = farm.create("A", "follow").await;
    farm.comes_to(next, TaskState::Running).await;
    farm.clock.advance(Duration::from_secs(90 * 24 * 3600));
    farm.pass(60).await;
    let row = farm.store.task(task).await.unwrap().unwrap().row;
    assert_eq!(row.state, TaskState::Person, "nothing ends it by itself");
}
