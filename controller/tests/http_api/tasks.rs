//! Tasks: asked for in every documented way, listed, stopped, retried, deleted; each refusal with its code.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use controller::http::token;
use controller::media::{Media, Roots};
use controller::state::ApiConfig;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::api::{Answer, Api, CURL, ask};
use crate::devices::farm;

async fn account(api: &Api, platform: &str, username: &str, device: &str, logined: u8) -> i64 {
    let body = json!({"platform": platform, "username": username, "device": device, "logined": logined});
    let made = api.post("/api/v1/accounts", &body.to_string()).await.data();
    made["id"].as_i64().unwrap()
}

async fn create(api: &Api, body: Value) -> Answer {
    api.post("/api/v1/task", &body.to_string()).await
}

async fn task(api: &Api, id: i64) -> Value {
    api.get(&format!("/api/v1/task/{id}")).await.data()
}

async fn stats(api: &Api) -> Value {
    api.get("/api/v1/task/stats").await.data()
}

fn warmup() -> Value {
    json!({"serials": ["SIM0001"], "script_name": "account_warmup"})
}

#[tokio::test]
async fn a_task_is_created_and_shown_with_the_documented_fields_and_types() {
    let api = farm().await;
    let id = account(&api, "tiktok", "Jane", "127.0.0.1:6007", 1).await;
    let made = create(
        &api,
        json!({
            "serials": ["127.0.0.1:6007"], "script_name": "post", "max_retries": "3",
            "script_config": {"content_type": "1", "image_count": "2", "captoins": "x"},
        }),
    )
    .await
    .data();
    let warning =
        "script_config.captoins is no parameter of this script and was left aside; did you mean captions?";
    assert_eq!(
        made,
        json!({"task_ids": [1], "created_count": 1, "skipped": [], "warnings": [warning]})
    );
    let expected = json!({
        "id": 1, "script_name": "post", "script_config": {"content_type": "1", "image_count": 2},
        "serial": "SIM0001", "device_index": 1, "username": "Jane", "account_id": id, "platform": "tiktok",
        "status": 0, "status_text": "pending", "state": "waiting", "source": "api", "start_time": null,
        "created_at": "2027-01-15T08:00:00Z", "started_at": null, "finished_at": null, "retry_at": null,
        "attempts": 0, "max_retries": 3, "progress": 0, "progress_text": "", "waiting_for": null,
        "error": null, "result": null, "proof": null,
    });
    let shown = task(&api, 1).await;
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(shown[name], *value, "{name}");
    }
    let list = api
        .get("/api/v1/task?status=0&serial=127.0.0.1:6007")
        .await
        .data();
    assert_eq!(
        (&list["total"], &list["page"], &list["page_size"]),
        (&json!(1), &json!(1), &json!(20))
    );
    assert_eq!(list["tasks"][0]["id"], 1);
    assert_eq!(
        stats(&api).await,
        json!({"total": 1, "pending": 1, "running": 0, "completed": 0, "failed": 0})
    );
    // The account is called otherwise now, and the task with it; deleted, it is called as it was.
    api.patch(&format!("/api/v1/accounts/{id}"), r#"{"username": "Jo"}"#)
        .await
        .data();
    assert_eq!(task(&api, 1).await["username"], "Jo");
    api.delete(&format!("/api/v1/accounts/{id}")).await.data();
    assert_eq!(task(&api, 1).await["username"], "Jane");
}

#[tokio::test]
async fn each_refusal_has_its_code_and_names_what_is_wrong_and_creates_nothing() {
    let api = farm().await;
    account(&api, "tiktok", "jane", "SIM0001", 1).await;
    let with = |more: Value| {
        let mut all = warmup();
        all.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        all
    };
    let post = |config: Value| with(json!({"script_name": "post", "script_config": config}));
    for (body, code, told) in [
        (json!({"serials": ["SIM0001"]}), 40002, "script_name"),
        (with(json!({"script_name": ""})), 40002, "script_name"),
        (json!({}), 40002, "script_name"),
        (with(json!({"script_name": "dance"})), 40003, "dance"),
        (
            with(json!({"script_name": "message"})),
            40003,
            "message is not offered",
        ),
        (
            with(json!({"script_name": "super_marketing"})),
            40003,
            "not offered",
        ),
        (with(json!({"script_name": "scrape_user"})), 40003, "not offered"),
        (with(json!({"serials": []})), 40001, "serials"),
        (with(json!({"serials": {}})), 40001, "serials"),
        (with(json!({"serials": ["SIM0001", "NOBODY"]})), 40401, "NOBODY"),
        (
            json!({"usernames": ["jane", "@ghost"], "script_name": "post"}),
            40401,
            "ghost",
        ),
        (
            json!({"usernames": ["jane"], "platform": "instagram", "script_name": "post"}),
            40401,
            "Instagram account jane",
        ),
        (with(json!({"platform": "myspace"})), 40001, "platform"),
        (with(json!({"start_time": "half past"})), 40001, "start_time"),
        (with(json!({"start_at": "soon"})), 40001, "start_at"),
        (
            with(json!({"start_at": "2027-02-01T00:00:00Z", "start_time": "10:00"})),
            40001,
            "start_at",
        ),
        (
            with(json!({"min_interval": 9, "max_interval": 1})),
            40001,
            "min_interval",
        ),
        (with(json!({"max_retries": 11})), 40001, "max_retries"),
        (with(json!({"script_config": "fast"})), 40001, "script_config"),
        (
            with(json!({"script_config": {"like_probable": 101}})),
            40001,
            "script_config.like_probable is the number 101",
        ),
        (
            with(json!({"script_config": {"generate_by_chatgpt": true}})),
            40001,
            "script_config.generate_by_chatgpt",
        ),
        (
            post(json!({"image_count": "many"})),
            40001,
            "script_config.image_count is the text \"many\"",
        ),
        (
            post(json!({"material_list": ["/etc/passwd"]})),
            40001,
            "script_config.material_list",
        ),
        (
            post(json!({"material_path": "../.."})),
            40001,
            "script_config.material_path",
        ),
        (with(json!({"script_name": "follow"})), 40001, "target_users"),
        (
            with(
                json!({"script_name": "like", "script_config": {"target_post_url": "https://example.org/"}}),
            ),
            40001,
            "script_config.target_post_url",
        ),
    ] {
        let refused = create(&api, body.clone()).await;
        assert_eq!(refused.code(), code, "{body}: {}", refused.message());
        assert_eq!(u64::from(refused.status.as_u16()), code / 100, "{body}");
        assert!(refused.message().contains(told), "{body}: {}", refused.message());
    }
    let malformed = api.post("/api/v1/task", "{").await;
    assert_eq!(malformed.code(), 40001);
    assert_eq!(stats(&api).await["total"], 0);
}

#[tokio::test]
async fn disabled_accounts_are_skipped_and_nothing_left_is_refused() {
    let api = farm().await;
    account(&api, "tiktok", "on", "SIM0001", 1).await;
    let off = account(&api, "tiktok", "off", "SIM0002", 1).await;
    account(&api, "tiktok", "nowhere", "", 1).await;
    api.patch(&format!("/api/v1/accounts/{off}"), r#"{"status": 1}"#)
        .await
        .data();
    let body = json!({"usernames": "@ON, off, nowhere", "script_name": "account_warmup"});
    let made = create(&api, body).await.data();
    assert_eq!(made["created_count"], 1);
    let skipped = json!([
        {"username": "off", "reason": "account_disabled"},
        {"username": "nowhere", "reason": "no_device"},
    ]);
    assert_eq!(made["skipped"], skipped);
    let mut phones = warmup();
    phones["serials"] = json!(["SIM0001", "SIM0002"]);
    let made = create(&api, phones.clone()).await.data();
    assert_eq!(
        made["skipped"],
        json!([{"serial": "SIM0002", "reason": "account_disabled"}])
    );
    phones["serials"] = json!(["SIM0002"]);
    let refused = create(&api, phones).await;
    assert_eq!(refused.code(), 40001);
    assert!(
        refused.message().contains("SIM0002 (account_disabled)"),
        "{}",
        refused.message()
    );
    assert_eq!(stats(&api).await["total"], 2);
}

#[tokio::test]
async fn targets_times_phones_are_tasks_of_their_own() {
    let api = farm().await;
    let body = json!({
        "serials": ["SIM0001", "AWAY", "SIM0001"], "script_name": "follow",
        "script_config": {"target_username": "@a, b\nc"},
    });
    let made = create(&api, body).await.data();
    assert_eq!(made["task_ids"], json!([1, 2, 3, 4, 5, 6]));
    let mut told = Vec::new();
    for id in 1..=6 {
        let task = task(&api, id).await;
        told.push(format!("{} {}", task["serial"], task["script_config"]["target_user"]).replace('"', ""));
    }
    assert_eq!(
        told,
        [
            "SIM0001 a",
            "SIM0001 b",
            "SIM0001 c",
            "AWAY a",
            "AWAY b",
            "AWAY c"
        ]
    );
    let mut many = warmup();
    many["script_name"] = json!("follow");
    let users: Vec<String> = (0..10_000).map(|number| format!("user{number}")).collect();
    many["script_config"] = json!({ "target_users": users });
    let made = create(&api, many.clone()).await.data();
    assert_eq!(made["created_count"], 10_000);
    let users: Vec<String> = (0..10_001).map(|number| format!("user{number}")).collect();
    many["script_config"] = json!({ "target_users": users });
    assert_eq!(create(&api, many).await.code(), 40001);
    assert_eq!(stats(&api).await["total"], 10_006);
}

#[tokio::test]
async fn a_time_of_day_is_the_controllers_own() {
    let config = ApiConfig {
        zone: TimeZone::get("Asia/Tokyo").unwrap(),
        ..ApiConfig::default()
    };
    let api = Api::with(config).await;
    let body = json!({"platform": "tiktok", "username": "jane", "device": "SIM0001"});
    api.post("/api/v1/accounts", &body.to_string()).await.data();
    // It is 17:00 in Tokyo.
    for (more, expected) in [
        (json!({"start_time": "17:30"}), json!("2027-01-15T08:30:00Z")),
        (json!({"start_time": "16:57"}), Value::Null),
        (json!({"start_time": "16:54"}), json!("2027-01-16T07:54:00Z")),
        (
            json!({"start_at": "2027-01-15T10:00:00+01:00"}),
            json!("2027-01-15T09:00:00Z"),
        ),
        (json!({"start_at": "2020-01-01T00:00:00Z"}), Value::Null),
    ] {
        let mut body = json!({"usernames": ["jane"], "script_name": "sync_data"});
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let made = create(&api, body).await.data();
        let id = made["task_ids"][0].as_i64().unwrap();
        assert_eq!(task(&api, id).await["start_time"], expected, "{more}");
    }
    let spaced = json!({
        "usernames": ["jane"], "script_name": "follow", "min_interval": 10, "max_interval": "20",
        "script_config": {"target_users": ["a", "b"]}, "start_time": "18:00",
    });
    let made = create(&api, spaced).await.data();
    assert_eq!(
        task(&api, made["task_ids"][0].as_i64().unwrap()).await["start_time"],
        "2027-01-15T09:00:00Z"
    );
    let second = task(&api, made["task_ids"][1].as_i64().unwrap()).await;
    let second: jiff::Timestamp = second["start_time"].as_str().unwrap().parse().unwrap();
    let wait = second
        .duration_since("2027-01-15T09:00:00Z".parse().unwrap())
        .as_mins();
    assert!((10..=20).contains(&wait), "{wait}");
}

#[tokio::test]
async fn the_same_call_again_is_answered_as_before() {
    let api = farm().await;
    let send = async |key: &str, body: &Value| {
        let headers = [("idempotency-key", key), CURL];
        api.call(ask(Method::POST, "/api/v1/task", &headers, &body.to_string()))
            .await
    };
    let first = send("order-7", &warmup()).await.data();
    assert_eq!(first["task_ids"], json!([1]));
    // The order of what is in the body says nothing.
    let turned = r#"{"script_name": "account_warmup", "serials": ["SIM0001"]}"#;
    let again = serde_json::from_str(turned).unwrap();
    assert_eq!(send("order-7", &again).await.data(), first);
    assert_eq!(send("order-8", &warmup()).await.data()["task_ids"], json!([2]));
    let mut other = warmup();
    other["serials"] = json!(["SIM0002"]);
    let refused = send("order-7", &other).await;
    assert_eq!((refused.code(), refused.status), (40901, StatusCode::CONFLICT));
    assert_eq!(send(" ", &warmup()).await.code(), 40001);
    assert_eq!(send(&"x".repeat(256), &warmup()).await.code(), 40001);
    api.clock.advance(Duration::from_secs(24 * 3600));
    assert_eq!(send("order-7", &other).await.data()["task_ids"], json!([3]));
    assert_eq!(stats(&api).await["total"], 3);
}

#[tokio::test]
async fn a_list_is_filtered_clamped_and_sorted() {
    let api = farm().await;
    account(&api, "instagram", "gram", "SIM0002", 1).await;
    create(&api, warmup()).await.data();
    api.clock.advance(Duration::from_secs(60));
    create(
        &api,
        json!({"usernames": ["gram"], "script_name": "match_account"}),
    )
    .await
    .data();
    create(&api, json!({"usernames": ["gram"], "script_name": "sync_data"}))
        .await
        .data();
    api.post("/api/v1/task/1/stop", "").await.data();
    for (query, expected) in [
        ("", vec![3, 2, 1]),
        (
            "status=&serial=&script_name=&source=&username=&platform=&sort=&created_after=",
            vec![3, 2, 1],
        ),
        ("status=0", vec![3, 2]),
        ("status=failed,completed", vec![1]),
        ("status=3&status=0", vec![3, 2, 1]),
        ("serial=SIM0002", vec![3, 2]),
        ("serial=NOBODY", vec![]),
        ("script_name=match_account", vec![2]),
        ("source=api", vec![3, 2, 1]),
        ("source=ui", vec![]),
        ("username=%40GRAM", vec![3]),
        ("platform=instagram", vec![3, 2]),
        ("created_after=2027-01-15T08:00:30Z", vec![3, 2]),
        ("sort=id", vec![1, 2, 3]),
        ("sort=-finished_at", vec![1, 3, 2]),
        ("page=2&page_size=2", vec![1]),
    ] {
        let list = api.get(&format!("/api/v1/task?{query}")).await.data();
        let ids: Vec<i64> = list["tasks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|task| task["id"].as_i64().unwrap())
            .collect();
        assert_eq!(ids, expected, "{query}");
        if !query.contains("page") {
            assert_eq!(list["total"], expected.len(), "{query}");
        }
    }
    let clamped = api.get("/api/v1/task?page_size=5000").await.data();
    assert_eq!(clamped["page_size"], 100);
    for bad in [
        "status=4",
        "status=odd",
        "source=me",
        "platform=x",
        "sort=size",
        "created_after=then",
        "page=0",
    ] {
        let refused = api.get(&format!("/api/v1/task?{bad}")).await;
        assert_eq!(refused.code(), 40001, "{bad}");
        let name = bad.split('=').next().unwrap();
        assert!(refused.message().starts_with(name), "{}", refused.message());
    }
}

#[tokio::test]
async fn tasks_are_stopped_retried_and_deleted_and_answers_say_what_changed() {
    let api = farm().await;
    for _ in 0..5 {
        create(&api, warmup()).await.data();
    }
    let stopped = api.post("/api/v1/task/1/stop", "").await.data();
    assert_eq!(stopped["stopped"], true);
    let one = task(&api, 1).await;
    assert_eq!(
        (&one["status"], &one["status_text"]),
        (&json!(3), &json!("failed"))
    );
    assert_eq!(
        one["error"],
        json!({"kind": "stopped", "message": "stopped by local API"})
    );
    assert_eq!(one["finished_at"], "2027-01-15T08:00:00Z");
    for path in ["task/1/stop", "task/2/retry"] {
        let refused = api.post(&format!("/api/v1/{path}"), "").await;
        assert_eq!(
            (refused.code(), refused.status),
            (40901, StatusCode::CONFLICT),
            "{path}"
        );
    }
    // What was stopped by hand is not done again by the way, only by name.
    assert_eq!(
        api.post("/api/v1/task/retry-all", "").await.data(),
        json!({"retried_count": 0})
    );
    assert_eq!(
        api.post("/api/v1/task/1/retry", "").await.data(),
        json!({"retried_count": 1})
    );
    assert_eq!(task(&api, 1).await["status"], 0);
    let deleted = api.delete("/api/v1/task/1").await.data();
    assert_eq!(deleted["deleted_count"], 1);
    assert_eq!(api.get("/api/v1/task/1").await.code(), 40401);
    let batch = |body: &'static str| {
        let request = ask(Method::DELETE, "/api/v1/task/batch", &[CURL], body);
        api.call(request)
    };
    assert_eq!(
        batch(r#"{"task_ids": [2, "3", 3, 99]}"#).await.data()["deleted_count"],
        2
    );
    for body in ["", "{}", r#"{"task_ids": []}"#, r#"{"task_ids": ["x"]}"#] {
        let refused = batch(body).await;
        assert_eq!(refused.code(), 40001, "{body}");
        assert!(refused.message().starts_with("task_ids"), "{}", refused.message());
    }
    for (method, path) in [
        (Method::GET, "task/99"),
        (Method::GET, "task/x"),
        (Method::DELETE, "task/99"),
        (Method::POST, "task/99/stop"),
        (Method::POST, "task/99/retry"),
    ] {
        let answer = api.call(ask(method, &format!("/api/v1/{path}"), &[], "")).await;
        assert_eq!(
            (answer.code(), answer.status),
            (40401, StatusCode::NOT_FOUND),
            "{path}"
        );
    }
    assert_eq!(
        stats(&api).await,
        json!({"total": 2, "pending": 2, "running": 0, "completed": 0, "failed": 0})
    );
    let record = api.get("/api/v1/audit?page_size=100").await.data();
    let mut whats: Vec<&str> = record["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["what"].as_str().unwrap())
        .filter(|what| what.starts_with("task."))
        .collect();
    whats.sort_unstable();
    whats.dedup();
    assert_eq!(whats, ["task.create", "task.delete", "task.retry", "task.stop"]);
}

#[tokio::test]
async fn the_usual_platform_is_a_setting() {
    let api = farm().await;
    let platform = async |body: Value| {
        let made = create(&api, body).await.data();
        task(&api, made["task_ids"][0].as_i64().unwrap()).await["platform"].clone()
    };
    assert_eq!(platform(warmup()).await, "tiktok");
    let refused = api
        .patch("/api/v1/settings", r#"{"tasks.platform": "myspace"}"#)
        .await;
    assert_eq!(refused.code(), 40001);
    api.patch("/api/v1/settings", r#"{"tasks.platform": "Instagram"}"#)
        .await
        .data();
    assert_eq!(platform(warmup()).await, "instagram");
    let mut named = warmup();
    named["platform"] = json!("tiktok");
    assert_eq!(platform(named).await, "tiktok");
}

#[tokio::test]
async fn files_are_named_under_the_allowed_folders_alone() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let mut api = farm().await;
    let map = vec![("C:/Videos".to_owned(), root.clone())];
    let state = api
        .state
        .clone()
        .with_media(Media::new(Roots::new(vec![root.clone()], map)));
    api.router = controller::http::router(state);
    let post = async |config: Value| {
        create(
            &api,
            json!({"serials": ["SIM0001"], "script_name": "post", "script_config": config}),
        )
        .await
    };
    let inside = root.join("one.mp4");
    // Whether it is there is seen when the task starts.
    for good in [
        json!({"material_list": [inside]}),
        json!({"material_path": "C:\\Videos\\spring"}),
    ] {
        assert_eq!(post(good.clone()).await.code(), 0, "{good}");
    }
    let refused = post(json!({"material_list": [inside, "/etc/passwd"]})).await;
    assert_eq!(refused.code(), 40001);
    assert!(refused.message().contains("/etc/passwd"), "{}", refused.message());
}

#[tokio::test]
async fn a_reader_may_look_at_tasks_and_not_touch_them() {
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
    let send = |method: Method, path: &'static str, body: String| {
        let request = ask(method, path, &headers, &body);
        api.call(request)
    };
    assert_eq!(send(Method::GET, "/api/v1/task", String::new()).await.code(), 0);
    assert_eq!(send(Method::GET, "/api/v1/flows", String::new()).await.code(), 0);
    assert_eq!(
        send(Method::POST, "/api/v1/task", warmup().to_string())
            .await
            .code(),
        40101
    );
    assert_eq!(
        send(Method::DELETE, "/api/v1/task/1", String::new()).await.code(),
        40101
    );
}

#[tokio::test]
async fn scripts_are_listed_with_what_they_take() {
    let api = farm().await;
    let flows = api.get("/api/v1/flows").await.data();
    let flows = flows["flows"].as_array().unwrap();
    let comment = flows
        .iter()
        .find(|flow| flow["name"] == "comment" && flow["platform"] == "tiktok")
        .unwrap();
    let names: Vec<&str> = comment["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|parameter| parameter["name"].as_str().unwrap())
        .collect();
    assert!(
        names.contains(&"comment_content") && !names.contains(&"sequence"),
        "{names:?}"
    );
    for script in [
        "post",
        "follow",
        "unfollow",
        "account_warmup",
        "comment",
        "like",
        "profile",
        "login",
        "match_accounts",
        "switch_account",
        "sync_data",
    ] {
        let platforms = flows.iter().filter(|flow| flow["name"] == script).count();
        assert_eq!(platforms, 2, "{script}");
    }
}
