//! Every code of the contract, in the envelope, from where it comes.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use controller::state::{ApiConfig, Plan, Readiness};

use crate::api::{Api, PORT, ask, every_route};

#[tokio::test]
async fn unknown_paths_and_methods_are_told_in_the_envelope() {
    let api = Api::start().await;
    for path in [
        "/api/v1/nowhere",
        "/api/v1",
        "/api/v1/",
        "/api/v1/devices/",
        "/api/v1/tokens/%ff",
    ] {
        let answer = api.get(path).await;
        assert!(
            answer.code() == 40401 || answer.code() == 40501,
            "{path}: {}",
            answer.text()
        );
    }
    assert_eq!(api.get("/api/v1/nowhere").await.status, StatusCode::NOT_FOUND);
    assert!(
        api.get("/api/v1/nowhere")
            .await
            .message()
            .contains("/api/v1/nowhere")
    );
    let answer = api.post("/api/v1/license/check", "{}").await;
    assert_eq!(
        (answer.code(), answer.status),
        (40501, StatusCode::METHOD_NOT_ALLOWED)
    );
    assert!(answer.headers["allow"].to_str().unwrap().contains("GET"));
}

#[tokio::test]
async fn malformed_json_is_told_with_its_position() {
    let api = Api::start().await;
    let answer = api
        .post("/api/v1/tokens", "{\"name\": \"x\",\n \"scopes\" [}")
        .await;
    assert_eq!((answer.code(), answer.status), (40001, StatusCode::BAD_REQUEST));
    assert!(
        answer.message().contains("line 2 column 11"),
        "{}",
        answer.message()
    );
    let answer = api.post("/api/v1/tokens", "[1]").await;
    assert!(
        answer.message().contains("must be a JSON object"),
        "{}",
        answer.message()
    );
    let answer = api.post("/api/v1/tokens", "").await;
    assert_eq!(answer.message(), "name: is required");
    let answer = api.get("/api/v1/audit?page=x").await;
    assert_eq!(answer.code(), 40001);
    assert!(
        answer
            .message()
            .starts_with("page: must be a whole number from 1"),
        "{}",
        answer.message()
    );
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_announced_or_not() {
    let api = Api::start().await;
    let body = format!("{{\"name\": \"{}\"}}", "x".repeat(2 << 20));
    let answer = api.post("/api/v1/tokens", &body).await;
    assert_eq!(
        (answer.code(), answer.status),
        (41301, StatusCode::PAYLOAD_TOO_LARGE)
    );
    let unannounced = Request::post("/api/v1/tokens").header("host", format!("localhost:{PORT}"));
    let answer = api.call(unannounced.body(Body::from(body)).unwrap()).await;
    assert_eq!(answer.code(), 41301);
}

#[tokio::test]
async fn the_starter_plan_has_no_api() {
    let api = Api::with(ApiConfig {
        plan: Plan::Starter,
        ..ApiConfig::default()
    })
    .await;
    for (method, path) in every_route() {
        let answer = api.call(ask(method.clone(), &path, &[], "")).await;
        if path.starts_with("/api/v1") {
            assert_eq!(
                (answer.code(), answer.status),
                (40301, StatusCode::FORBIDDEN),
                "{method} {path}"
            );
        } else {
            assert_eq!(answer.status, StatusCode::OK, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn plans_tell_their_limits() {
    for (plan, name, limit) in [
        (Plan::Pro, "Pro", 20),
        (Plan::Team, "Team", 50),
        (Plan::Business, "Business", 100),
        (Plan::SelfHosted, "Self-hosted", 100_000),
    ] {
        let api = Api::with(ApiConfig {
            plan,
            ..ApiConfig::default()
        })
        .await;
        let data = api.get("/api/v1/license/check").await.data();
        let expected = serde_json::json!({
            "plan_name": name, "api_enabled": true, "device_limit": limit, "message": "API access enabled",
        });
        assert_eq!(data, expected);
    }
}

#[tokio::test]
async fn a_controller_that_cannot_serve_says_which() {
    let api = Api::start().await;
    for (state, told) in [
        (Readiness::Starting, "starting"),
        (
            Readiness::Standby {
                holder: "process 7 on hub".to_owned(),
            },
            "process 7 on hub",
        ),
        (
            Readiness::Recovering {
                why: "a restore".to_owned(),
            },
            "recovering: a restore",
        ),
        (Readiness::ShuttingDown, "shutting down"),
    ] {
        api.readiness.send(state).unwrap();
        let answer = api.get("/api/v1/license/check").await;
        assert_eq!(
            (answer.code(), answer.status),
            (50301, StatusCode::SERVICE_UNAVAILABLE)
        );
        assert!(answer.message().contains(told), "{}", answer.message());
        assert!(answer.headers.contains_key("retry-after"));
        let ready = api.get("/readyz").await;
        assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(ready.text().contains(told));
        assert_eq!(api.get("/livez").await.status, StatusCode::OK);
        assert!(api.get("/metrics").await.text().contains("drover_ready 0"));
    }
    api.readiness.send(Readiness::Ready).unwrap();
    assert_eq!(api.get("/readyz").await.text(), "ok\n");
}

#[tokio::test]
async fn a_store_that_fails_is_told_with_an_id_and_no_internals() {
    let api = Api::start().await;
    api.state.store.close().await;
    let answer = api.get("/api/v1/tokens").await;
    assert_eq!(
        answer.code(),
        50301,
        "a closed store is a controller that shuts down"
    );
    let ready = api.get("/readyz").await;
    assert!(ready.text().contains("database"), "{}", ready.text());
}

#[tokio::test]
async fn always_200_answers_every_envelope_with_200_and_nothing_else() {
    let api = Api::start().await;
    let set = api.patch("/api/v1/settings", r#"{"api.always_200": "1"}"#).await;
    assert_eq!(set.data()["settings"][0]["value"], true);
    for path in ["/api/v1/nowhere", "/api/v1/audit?page=0"] {
        let answer = api.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(answer.code() >= 40000);
    }
    let foreign = ask(Method::GET, "/api/v1/audit", &[("host", "evil.example")], "");
    let answer = api.call(foreign).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::OK, 40302));
    assert_eq!(api.get("/nowhere").await.status, StatusCode::NOT_FOUND);
    let unset = api.patch("/api/v1/settings", r#"{"api.always_200": null}"#).await;
    assert_eq!(unset.data()["settings"][0]["is_set"], false);
    assert_eq!(api.get("/api/v1/nowhere").await.status, StatusCode::NOT_FOUND);
    let record = api.get("/api/v1/audit").await.data();
    assert_eq!(record["total"], 2);
    assert_eq!(record["entries"][0]["what"], "setting.clear");
    assert_eq!(record["entries"][1]["who"], "local API");
}

#[tokio::test]
async fn every_answer_has_an_id_and_is_not_sniffed_framed_or_kept() {
    let api = Api::start().await;
    for path in ["/livez", "/api/v1/license/check", "/nowhere"] {
        let answer = api.get(path).await;
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers["x-frame-options"], "DENY");
        assert_eq!(answer.headers["cache-control"], "no-store");
        assert_eq!(answer.headers["x-request-id"].len(), 32);
        assert!(!answer.headers.contains_key("access-control-allow-origin"));
    }
}
