//! An account goes to another phone, over HTTP: what goes along, what is told, what is not known any more.

use super::*;
use crate::tasks::work::begin;

async fn jane(api: &Api) {
    let body = json!({"platform": "tiktok", "username": "jane", "device": "SIM0001", "logined": 1});
    create(api, &body).await;
}

async fn task(api: &Api, body: Value) -> i64 {
    let made = api.post("/api/v1/task", &body.to_string()).await.data();
    made["task_ids"][0].as_i64().unwrap()
}

async fn serial(api: &Api, id: i64) -> String {
    let shown = api.get(&format!("/api/v1/task/{id}")).await.data();
    shown["serial"].as_str().unwrap().to_owned()
}

async fn patch(api: &Api, body: Value) -> Value {
    api.patch("/api/v1/accounts/1", &body.to_string()).await.data()
}

#[tokio::test]
async fn its_tasks_go_along_it_is_not_logged_in_and_the_answer_says_what_the_old_phone_has() {
    let api = farm().await;
    jane(&api).await;
    let by_name = json!({"usernames": ["jane"], "script_name": "account_warmup"});
    let by_phone = json!({"serials": ["SIM0001"], "script_name": "account_warmup"});
    let runs = task(&api, by_name.clone()).await;
    begin(&api.state.store, runs).await;
    let (goes, stays) = (task(&api, by_name).await, task(&api, by_phone).await);
    let moved = patch(&api, json!({"device": "SIM0002"})).await;
    assert_eq!(
        (&moved["device"], &moved["logined"]),
        (&json!("SIM0002"), &json!(0))
    );
    assert_eq!(
        moved["warnings"],
        json!([format!(
            "device: jane went from SIM0001 to SIM0002: SIM0001 has a session of it still, log it out there; it counts as \
             not logged in until login has run on SIM0002; 1 task that waits went along; first task {runs} ends on the \
             old phone"
        )])
    );
    assert_eq!(serial(&api, goes).await, "SIM0002");
    assert_eq!(serial(&api, stays).await, "SIM0001");
    assert_eq!(serial(&api, runs).await, "SIM0001");
    let record = api.get("/api/v1/audit?page_size=1").await.data();
    let after = &record["entries"][0]["after"];
    assert_eq!(after["moved"]["session_left_on"], "SIM0001");
    assert_eq!(after["moved"]["tasks"], json!([goes]));
    // Whoever says that it is logged in there knows.
    let back = patch(&api, json!({"device": "SIM0001", "logined": 1})).await;
    assert_eq!(
        (&back["device"], &back["logined"]),
        (&json!("SIM0001"), &json!(1))
    );
    let same = patch(&api, json!({"device": "SIM0001"})).await;
    assert_eq!((&same["logined"], &same["warnings"]), (&json!(1), &json!([])));
    let unbound = patch(&api, json!({"device": ""})).await;
    assert_eq!(unbound["logined"], 0);
    assert!(
        unbound["warnings"][0]
            .as_str()
            .unwrap()
            .contains("has no phone any more"),
        "{unbound}"
    );
}

#[tokio::test]
async fn a_batch_that_binds_tells_the_same() {
    let api = farm().await;
    jane(&api).await;
    tiktok(&api, "joe").await;
    let goes = task(
        &api,
        json!({"usernames": ["jane"], "script_name": "account_warmup"}),
    )
    .await;
    let body = json!({"ids": [1, 2], "action": "bind", "device": "SIM0002"});
    let done = api.post("/api/v1/accounts/batch", &body.to_string()).await.data();
    assert_eq!(done["changed_count"], 2);
    let warnings = done["warnings"].as_array().unwrap();
    assert_eq!(warnings.len(), 1, "joe had no phone: {warnings:?}");
    assert!(
        warnings[0]
            .as_str()
            .unwrap()
            .starts_with("device: jane went from SIM0001 to SIM0002")
    );
    assert_eq!(api.get("/api/v1/accounts/1").await.data()["logined"], 0);
    assert_eq!(serial(&api, goes).await, "SIM0002");
}

#[tokio::test]
async fn a_sheet_moves_accounts_as_a_change_does_and_its_undo_takes_them_back() {
    let api = farm().await;
    jane(&api).await;
    let goes = task(
        &api,
        json!({"usernames": ["jane"], "script_name": "account_warmup"}),
    )
    .await;
    // As it was exported, with another phone: that it was logged in was said of the old one.
    let sheet = "id,username,device,logined\n1,jane,SIM0002,1\n";
    let path = "/api/v1/accounts/import?platform=tiktok";
    let import = async |query: &str| {
        let headers = [("content-type", "text/csv")];
        let answer = api
            .call(ask(Method::POST, &format!("{path}{query}"), &headers, sheet))
            .await;
        answer.data()
    };
    let dry = import("&dry_run=true").await;
    let told = dry["report"]["warnings"].to_string();
    assert!(
        told.contains("takes the account from SIM0001, which has a session of it still"),
        "{told}"
    );
    assert_eq!(serial(&api, goes).await, "SIM0001");
    import("").await;
    let account = api.get("/api/v1/accounts/1").await.data();
    assert_eq!(
        (&account["device"], &account["logined"]),
        (&json!("SIM0002"), &json!(0))
    );
    assert_eq!(serial(&api, goes).await, "SIM0002");
    let undone = api.post("/api/v1/accounts/imports/2/undo", "").await;
    undone.data();
    let account = api.get("/api/v1/accounts/1").await.data();
    assert_eq!(
        (&account["device"], &account["logined"]),
        (&json!("SIM0001"), &json!(1))
    );
    assert_eq!(serial(&api, goes).await, "SIM0001");
}

#[tokio::test]
async fn schedules_that_name_an_account_which_is_gone_are_told() {
    let api = farm().await;
    jane(&api).await;
    tiktok(&api, "joe").await;
    let schedule = json!({
        "name": "nightly", "cron": "0 3 * * *", "usernames": ["jane", "joe"], "script_name": "sync_data",
    });
    api.post("/api/v1/schedules", &schedule.to_string()).await.data();
    let renamed = patch(&api, json!({"username": "jane.doe"})).await;
    assert_eq!(
        renamed["warnings"],
        json!([
            "usernames: the schedule 1 (nightly) names jane, which has another name now: its runs fail until it names others"
        ])
    );
    let gone = api.delete("/api/v1/accounts/2").await.data();
    assert_eq!(
        gone["warnings"],
        json!([
            "usernames: the schedule 1 (nightly) names joe, which is deleted: its runs fail until it names others"
        ])
    );
    let preview = api.get("/api/v1/schedules/preview?hours=48").await.data();
    assert_eq!(preview["failing"][0]["code"], 40401);
    patch(&api, json!({"username": "jane"})).await;
    let body = json!({"ids": [1], "action": "delete"});
    let gone = api.post("/api/v1/accounts/batch", &body.to_string()).await.data();
    assert!(
        gone["warnings"][0]
            .as_str()
            .unwrap()
            .contains("nightly) names jane"),
        "{gone}"
    );
}
