//! Each refusal with its code; nothing is created.

use axum::http::{Method, StatusCode};
use controller::http::token;
use controller::media::{Media, Roots};
use controller::state::{ApiConfig, Plan, Readiness};
use serde_json::{Value, json};

use super::{account, create, stats, warmup};
use crate::api::{Api, CURL, PORT, ask};
use crate::devices::farm;

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

/// What is refused before a task is thought of, on the tasks' own paths.
#[tokio::test]
async fn each_layer_refuses_with_its_own_code() {
    let starter = ApiConfig {
        plan: Plan::Starter,
        ..ApiConfig::default()
    };
    let api = Api::with(starter).await;
    for path in ["task", "task/stats", "task/1", "task/1/log", "attention"] {
        let refused = api.get(&format!("/api/v1/{path}")).await;
        assert_eq!(
            (refused.code(), refused.status),
            (40301, StatusCode::FORBIDDEN),
            "{path}"
        );
    }
    let api = farm().await;
    let send = |method: Method, path: &'static str, headers: &[(&str, &str)], body: &str| {
        api.call(ask(method, path, headers, body))
    };
    let json = ("content-type", "application/json");
    let stranger = [("origin", "https://evil.example"), json];
    let body = warmup().to_string();
    let refused = send(Method::POST, "/api/v1/task", &stranger, &body).await;
    assert_eq!((refused.code(), refused.status), (40302, StatusCode::FORBIDDEN));
    for (method, path) in [
        (Method::PUT, "/api/v1/task"),
        (Method::POST, "/api/v1/task/1"),
        (Method::GET, "/api/v1/task/1/stop"),
        (Method::POST, "/api/v1/task/stats"),
        (Method::DELETE, "/api/v1/attention/1"),
    ] {
        let refused = send(method.clone(), path, &[], "").await;
        assert_eq!(
            (refused.code(), refused.status),
            (40501, StatusCode::METHOD_NOT_ALLOWED),
            "{method} {path}"
        );
    }
    let refused = send(Method::POST, "/api/v1/task", &[CURL], &" ".repeat((1 << 20) + 1)).await;
    assert_eq!(
        (refused.code(), refused.status),
        (41301, StatusCode::PAYLOAD_TOO_LARGE)
    );
    let own = format!("http://localhost:{PORT}");
    let form = [("origin", own.as_str()), ("content-type", "text/plain")];
    let refused = send(Method::POST, "/api/v1/task", &form, &body).await;
    assert_eq!(
        (refused.code(), refused.status),
        (41501, StatusCode::UNSUPPORTED_MEDIA_TYPE)
    );
    for nowhere in [
        "/api/v1/task/",
        "/api/v1/task/1/nothing",
        "/api/v1/attention/1/nothing",
    ] {
        assert_eq!(api.get(nowhere).await.code(), 40401, "{nowhere}");
    }
    api.patch("/api/v1/settings", r#"{"api.always_200": true}"#)
        .await
        .data();
    let refused = api.get("/api/v1/task/99").await;
    assert_eq!((refused.code(), refused.status), (40401, StatusCode::OK));
    let why = "a host has not told".to_owned();
    api.readiness.send_replace(Readiness::Recovering { why });
    let refused = create(&api, warmup()).await;
    assert_eq!(refused.code(), 50301);
    assert!(refused.message().contains("recovering"), "{}", refused.message());
}

#[tokio::test]
async fn a_login_is_for_whom_is_not_logged_in_and_a_match_is_one_a_phone() {
    let api = farm().await;
    for (name, logined) in [("anna", 1), ("ben", 0), ("cleo", 0)] {
        account(&api, "tiktok", name, "SIM0001", logined).await;
    }
    let on = |script: &str, phones: &[&str]| json!({"serials": phones, "script_name": script});
    let login = create(&api, on("login", &["SIM0001"])).await.data();
    assert_eq!(login["created_count"], 2);
    let both = create(&api, on("match_account", &["SIM0001", "SIM0002"]))
        .await
        .data();
    assert_eq!(both["created_count"], 2);
    let many = json!({"serials": ["SIM0001"], "script_name": "sync_data", "enable_multi_account": true});
    assert_eq!(create(&api, many).await.data()["created_count"], 3);
    // The lowest id of those that are logged in; where no account is bound, the app's own session.
    let one = create(&api, on("account_warmup", &["SIM0001", "SIM0002"]))
        .await
        .data();
    let shown = async |place: usize| {
        let id = one["task_ids"][place].as_i64().unwrap();
        super::task(&api, id).await["username"].clone()
    };
    assert_eq!((shown(0).await, shown(1).await), (json!("anna"), Value::Null));
    let refused = create(&api, on("login", &["SIM0002"])).await;
    assert_eq!(refused.code(), 40001, "{}", refused.message());
    assert!(
        refused.message().contains("SIM0002 (no_account)"),
        "{}",
        refused.message()
    );
}
