//! What waits for a person: listed, shown, decided; what cannot be said is refused with what can.

use axum::http::{Method, StatusCode};
use controller::http::token;
use serde_json::{Value, json};
use shared::task::TaskState;
use shared::wire::work::GrantOutcome;
use uuid::Uuid;

use super::work::{begin, fails, leave, needs_person, settle};
use super::{create, task};
use crate::api::{Answer, Api, CURL, ask};
use crate::devices::farm;

/// A task for a follow on a phone of its own, of whose act nobody knows what became; answers the task, the item, the
/// grant.
async fn in_question(api: &Api, serial: &str) -> (i64, i64, Uuid) {
    let id = follow(api, serial).await;
    let store = &api.state.store;
    let attempt = begin(store, id).await;
    let grant = leave(store, attempt, "follow", "ana").await;
    let unknown = GrantOutcome::Unknown {
        why: "not seen".to_owned(),
    };
    settle(store, attempt, grant, unknown).await;
    needs_person(store, id, attempt, "unknown", Some(grant)).await;
    (id, newest(api).await, grant)
}

/// The same with a picture puzzle and no act.
async fn puzzled(api: &Api, serial: &str) -> (i64, i64) {
    let id = follow(api, serial).await;
    let attempt = begin(&api.state.store, id).await;
    needs_person(&api.state.store, id, attempt, "captcha", None).await;
    (id, newest(api).await)
}

async fn follow(api: &Api, serial: &str) -> i64 {
    let body =
        json!({"serials": [serial], "script_name": "follow", "script_config": {"target_username": "ana"}});
    create(api, body).await.data()["task_ids"][0].as_i64().unwrap()
}

async fn newest(api: &Api) -> i64 {
    let list = api.get("/api/v1/attention").await.data();
    list["items"][0]["id"].as_i64().unwrap()
}

async fn item(api: &Api, id: i64) -> Value {
    api.get(&format!("/api/v1/attention/{id}")).await.data()
}

async fn say(api: &Api, id: i64, what: &str, body: &Value) -> Answer {
    let path = format!("/api/v1/attention/{id}/{what}");
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    api.post(&path, &body).await
}

#[tokio::test]
async fn what_waits_for_a_person_is_listed_and_shown() {
    let api = farm().await;
    let empty = json!({"items": [], "total": 0, "page": 1, "page_size": 20});
    assert_eq!(api.get("/api/v1/attention").await.data(), empty);
    let (id, first, grant) = in_question(&api, "SIM0001").await;
    let (_, second) = puzzled(&api, "SIM0002").await;
    let shown = item(&api, first).await;
    let expected = json!({
        "id": first, "kind": "unknown", "message": "look at the phone", "task": id, "task_state": "person",
        "script_name": "follow", "platform": "tiktok", "account_id": null, "username": null, "serial": "SIM0001",
        "created_at": "2027-01-15T08:00:00Z", "resolved_at": null, "resolution": null, "resolved_by": null,
        "allowed": ["done", "not_done", "resume", "abandon"],
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(shown[name], *value, "{name}");
    }
    assert_eq!(shown["grant"]["id"], grant.to_string());
    assert_eq!(
        (&shown["grant"]["key"], &shown["grant"]["why"]),
        (&json!("ana"), &json!("not seen"))
    );
    assert_eq!(
        item(&api, second).await["allowed"],
        json!(["done", "resume", "abandon"])
    );
    let told = task(&api, id).await;
    assert_eq!((&told["status"], &told["state"]), (&json!(1), &json!("person")));
    say(&api, second, "resume", &Value::Null).await.data();
    for (query, ids) in [
        ("", vec![first]),
        ("state=open", vec![first]),
        ("state=all", vec![second, first]),
        ("state=all&page=2&page_size=1", vec![first]),
    ] {
        let list = api.get(&format!("/api/v1/attention?{query}")).await.data();
        let listed: Vec<i64> = list["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["id"].as_i64().unwrap())
            .collect();
        assert_eq!(listed, ids, "{query}");
        assert_eq!(list["total"], if query.contains("all") { 2 } else { 1 });
    }
    for bad in ["state=odd", "page=0"] {
        assert_eq!(
            api.get(&format!("/api/v1/attention?{bad}")).await.code(),
            40001,
            "{bad}"
        );
    }
    for missing in ["99", "x"] {
        assert_eq!(
            api.get(&format!("/api/v1/attention/{missing}")).await.code(),
            40401
        );
        assert_eq!(
            api.post(&format!("/api/v1/attention/{missing}/resume"), "")
                .await
                .code(),
            40401
        );
    }
}

#[tokio::test]
async fn a_decision_takes_the_task_on_and_stands_on_record_with_its_proof() {
    let api = farm().await;
    let done = json!({"done": "1", "proof": "https://example.org/seen", "comment": " it is there "});
    let (id, one, _) = in_question(&api, "SIM0001").await;
    let said = say(&api, one, "resolve", &done).await.data();
    assert_eq!(
        (&said["resolution"], &said["resolved_by"], &said["allowed"]),
        (&json!("done"), &json!("local API"), &json!([]))
    );
    let completed = task(&api, id).await;
    assert_eq!(
        (&completed["status"], &completed["error"]),
        (&json!(2), &Value::Null)
    );
    let proof = json!({"by": "local API", "link": "https://example.org/seen", "comment": "it is there"});
    assert_eq!(completed["grants"][0]["proof"], proof);
    assert_eq!(completed["grants"][0]["settled_by"], "person");
    assert_eq!(completed["proof"][0]["proof"], proof);

    let (id, one, _) = in_question(&api, "SIM0001").await;
    say(&api, one, "resolve", &json!({"done": false})).await.data();
    let again = task(&api, id).await;
    assert_eq!(
        (&again["state"], &again["error"]),
        (&json!("waiting"), &Value::Null)
    );
    assert_eq!(
        (&again["grants"][0]["state"], &again["grants"][0]["settled_by"]),
        (&json!("void"), &json!("person"))
    );
    api.delete(&format!("/api/v1/task/{id}")).await.data();

    let (id, one) = puzzled(&api, "SIM0002").await;
    say(&api, one, "resume", &json!({"comment": "solved"}))
        .await
        .data();
    assert_eq!(task(&api, id).await["state"], "waiting");
    let attempt = begin(&api.state.store, id).await;
    needs_person(&api.state.store, id, attempt, "captcha", None).await;
    let one = newest(&api).await;
    say(&api, one, "abandon", &json!({"comment": "no use"}))
        .await
        .data();
    assert_eq!(
        task(&api, id).await["error"],
        json!({"kind": "abandoned", "message": "given up by local API: no use"})
    );
    let retried = api.post("/api/v1/task/retry-all", "").await.data();
    assert_eq!(
        retried["retried_count"], 0,
        "what a person gave up is not done again by the way"
    );

    let record = api.get("/api/v1/audit?page_size=100").await.data();
    let decisions: Vec<&Value> = record["entries"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["what"] == "attention.resolve")
        .collect();
    let resolutions: Vec<&Value> = decisions
        .iter()
        .map(|entry| &entry["after"]["resolution"])
        .collect();
    assert_eq!(resolutions, ["abandon", "resume", "not_done", "done"]);
    assert_eq!(decisions[3]["after"]["proof"], "https://example.org/seen");
    assert_eq!(decisions[3]["after"]["comment"], "it is there");
}

#[tokio::test]
async fn what_cannot_be_said_now_is_refused_with_what_can() {
    let api = farm().await;
    let refused = async |id: i64, what: &str, body: Value, told: &str| {
        let answer = say(&api, id, what, &body).await;
        assert_eq!(
            (answer.code(), answer.status),
            (40901, StatusCode::CONFLICT),
            "{what} {body}: {}",
            answer.message()
        );
        assert!(
            answer.message().contains(told),
            "{what} {body}: {}",
            answer.message()
        );
    };
    let (_, puzzle) = puzzled(&api, "SIM0002").await;
    refused(
        puzzle,
        "resolve",
        json!({"done": false}),
        "allowed: done, resume, abandon",
    )
    .await;
    let (id, one, _) = in_question(&api, "SIM0001").await;
    refused(one, "abandon", Value::Null, "was_done").await;
    assert_eq!(task(&api, id).await["state"], "person", "nothing has changed");
    // Stopped: the task has ended, its act is still in question.
    api.post(&format!("/api/v1/task/{id}/stop"), "").await.data();
    assert_eq!(item(&api, one).await["allowed"], json!(["done", "not_done"]));
    refused(
        one,
        "resume",
        Value::Null,
        "its task is failed; allowed: done, not_done",
    )
    .await;
    refused(
        one,
        "abandon",
        json!({"was_done": false}),
        "allowed: done, not_done",
    )
    .await;
    // Deleted: the same.
    api.delete(&format!("/api/v1/task/{id}")).await.data();
    refused(one, "resume", Value::Null, "its task is gone").await;
    say(&api, one, "resolve", &json!({"done": true})).await.data();
    for (what, body) in [
        ("resolve", json!({"done": true})),
        ("resume", Value::Null),
        ("abandon", Value::Null),
    ] {
        refused(one, what, body, "resolved already: done, by local API").await;
    }
    // What was found out meanwhile cannot be denied.
    let (_, one, grant) = in_question(&api, "SIM0001").await;
    let proof = json!({"seen": true}).to_string();
    let store = &api.state.store;
    store
        .settle_by_journal("journal", grant, GrantOutcome::Done { proof })
        .await
        .unwrap();
    refused(
        one,
        "resolve",
        json!({"done": false}),
        "allowed: done, resume, abandon",
    )
    .await;
    for (what, body, name) in [
        ("resolve", json!({}), "done"),
        ("resolve", json!({"done": "maybe"}), "done"),
        (
            "resolve",
            json!({"done": true, "proof": "javascript:alert(1)"}),
            "proof",
        ),
        ("resolve", json!({"done": true, "proof": "https://a b"}), "proof"),
        ("resume", json!({"comment": "x".repeat(2_001)}), "comment"),
        ("abandon", json!({"was_done": "perhaps"}), "was_done"),
    ] {
        let answer = say(&api, one, what, &body).await;
        assert_eq!(answer.code(), 40001, "{what} {body}");
        assert!(answer.message().starts_with(name), "{}", answer.message());
    }
}

#[tokio::test]
async fn a_task_that_went_on_leaves_nothing_to_resume() {
    let api = farm().await;
    let (id, first) = puzzled(&api, "SIM0001").await;
    say(&api, first, "resume", &Value::Null).await.data();
    let attempt = begin(&api.state.store, id).await;
    fails(&api.state.store, attempt, "timeout", TaskState::Failed).await;
    let again = say(&api, first, "resume", &Value::Null).await;
    assert_eq!(again.code(), 40901);
}

#[tokio::test]
async fn a_reader_may_look_and_not_decide() {
    let api = farm().await.public();
    let secret = token::fresh();
    let new = controller::store::NewApiToken {
        name: "reader".to_owned(),
        hash: token::hash(&secret),
        scopes: vec!["read".to_owned()],
        expires_at: None,
    };
    api.state.store.create_api_token(new, "test").await.unwrap();
    let authorization = format!("Bearer {secret}");
    let headers = [("authorization", authorization.as_str()), CURL];
    let look = ask(Method::GET, "/api/v1/attention", &headers, "");
    assert_eq!(api.call(look).await.code(), 0);
    for what in ["resolve", "resume", "abandon"] {
        let path = format!("/api/v1/attention/1/{what}");
        let decide = ask(Method::POST, &path, &headers, r#"{"done":true}"#);
        assert_eq!(api.call(decide).await.code(), 40101, "{what}");
    }
}
