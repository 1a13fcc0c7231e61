//! Tokens: needed beyond loopback, limited by scope and time, gone when revoked.

use axum::http::{Method, StatusCode};
use controller::http::token;
use controller::state::{ApiConfig, Plan};

use crate::api::{Answer, Api, ask, every_route};

async fn with_token(api: &Api, method: Method, path: &str, token: &str, body: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    api.call(ask(method, path, &[("authorization", &bearer)], body))
        .await
}

async fn made(api: &Api, body: &str) -> (i64, String) {
    let data = api.post("/api/v1/tokens", body).await.data();
    (
        data["id"].as_i64().unwrap(),
        data["token"].as_str().unwrap().to_owned(),
    )
}

#[tokio::test]
async fn beyond_loopback_every_route_that_tells_of_the_farm_needs_a_token() {
    let api = Api::start().await.public();
    for (method, path) in every_route() {
        let answer = api.call(ask(method.clone(), &path, &[], "")).await;
        let tells_nothing = ["/livez", "/readyz", "/", "/openapi.json"].contains(&path.as_str());
        if tells_nothing || path.starts_with("/docs") {
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            continue;
        }
        if (method.as_str(), path.as_str()) == ("POST", "/api/v1/session") {
            // Whoever logs in has nothing yet.
            assert_eq!(answer.code(), 40001);
            continue;
        }
        assert_eq!(
            (answer.code(), answer.status),
            (40101, StatusCode::UNAUTHORIZED),
            "{method} {path}"
        );
        let wrong = with_token(&api, method.clone(), &path, "drv_wrong", "").await;
        assert_eq!(wrong.code(), 40101, "{method} {path}");
    }
}

#[tokio::test]
async fn a_token_is_shown_once_and_does_what_its_scope_says() {
    let mut api = Api::start().await;
    let (id, reader) = made(&api, r#"{"name": "reader", "scopes": "read", "ttl_secs": "60"}"#).await;
    let (_, admin) = made(&api, r#"{"name": "boss", "scopes": ["admin"]}"#).await;
    let listed = api.get("/api/v1/tokens").await;
    assert!(!listed.text().contains(&reader));
    assert_eq!(listed.data()["tokens"][1]["name"], "reader");
    assert_eq!(listed.data()["tokens"][1]["active"], true);
    api = api.public();
    let check = "/api/v1/license/check";
    assert_eq!(with_token(&api, Method::GET, check, &reader, "").await.code(), 0);
    let refused = with_token(&api, Method::GET, "/api/v1/tokens", &reader, "").await;
    assert_eq!(refused.code(), 40101);
    assert!(refused.message().contains("admin"), "{}", refused.message());
    let path = format!("/api/v1/tokens/{id}");
    assert_eq!(
        with_token(&api, Method::DELETE, &path, &admin, "").await.data()["active"],
        false
    );
    assert_eq!(
        with_token(&api, Method::GET, check, &reader, "").await.code(),
        40101
    );
    let record = with_token(&api, Method::GET, "/api/v1/audit", &admin, "")
        .await
        .data();
    assert_eq!(record["entries"][0]["what"], "api_token.revoke");
    assert!(
        record["entries"][0]["who"]
            .as_str()
            .unwrap()
            .starts_with("token boss (")
    );
    assert!(!record.to_string().contains(&reader));
    let unknown = with_token(&api, Method::DELETE, "/api/v1/tokens/99", &admin, "").await;
    assert_eq!(unknown.code(), 40401);
}

#[tokio::test]
async fn a_token_ends_when_its_time_is_over() {
    let api = Api::start().await;
    let (_, token) = made(&api, r#"{"name": "short", "ttl_secs": 60}"#).await;
    let api = api.public();
    let check = "/api/v1/license/check";
    assert_eq!(with_token(&api, Method::GET, check, &token, "").await.code(), 0);
    api.clock.advance(std::time::Duration::from_secs(61));
    assert_eq!(
        with_token(&api, Method::GET, check, &token, "").await.code(),
        40101
    );
}

#[tokio::test]
async fn a_wrong_token_is_refused_on_loopback_too() {
    let api = Api::start().await;
    assert_eq!(
        with_token(&api, Method::GET, "/api/v1/license/check", "drv_x", "")
            .await
            .code(),
        40101
    );
    for header in ["Basic eDp5", "Bearer", "nonsense"] {
        let headers = [("authorization", header)];
        let answer = api
            .call(ask(Method::GET, "/api/v1/license/check", &headers, ""))
            .await;
        assert_eq!(answer.code(), 40101, "{header}");
    }
}

#[tokio::test]
async fn the_command_line_works_where_the_plan_has_no_api() {
    let secret = token::fresh();
    let config = ApiConfig {
        plan: Plan::Starter,
        command_line_hash: Some(token::hash(&secret)),
        ..ApiConfig::default()
    };
    let api = Api::with(config).await;
    let data = with_token(&api, Method::GET, "/api/v1/license/check", &secret, "")
        .await
        .data();
    assert_eq!(data["api_enabled"], false);
    assert_eq!(data["device_limit"], 5);
    assert_eq!(api.get("/api/v1/license/check").await.code(), 40301);
}

#[tokio::test]
async fn a_wish_for_a_token_is_checked() {
    let api = Api::start().await;
    for (body, told) in [
        (r#"{"name": " "}"#, "name: is required"),
        (
            r#"{"name": "x", "scopes": ["root"]}"#,
            "scopes: \"root\" is none of read, control, admin",
        ),
        (
            r#"{"name": "x", "ttl_secs": 0}"#,
            "ttl_secs: must be a whole number from 1 to",
        ),
        (r#"{"name": "x", "ttl_secs": true}"#, "ttl_secs: must be"),
    ] {
        let answer = api.post("/api/v1/tokens", body).await;
        assert_eq!(answer.code(), 40001);
        assert!(answer.message().starts_with(told), "{}", answer.message());
    }
}
