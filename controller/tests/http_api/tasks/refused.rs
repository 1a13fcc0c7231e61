//! Each refusal with its code; nothing is created.

use axum::http::Method;
use controller::http::token;
use controller::media::{Media, Roots};
use serde_json::{Value, json};

use super::{account, create, stats, warmup};
use crate::api::{CURL, ask};
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
