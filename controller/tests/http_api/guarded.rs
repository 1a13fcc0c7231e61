//! What a page of another site can send is refused on every route, and on paths that are none.

use axum::http::{Method, StatusCode};
use controller::state::ApiConfig;

use crate::api::{Api, CURL, PORT, ask, every_route};

fn routes_and_others() -> Vec<(Method, String)> {
    let mut routes = every_route();
    assert!(routes.len() >= 8, "{routes:?}");
    for path in [
        "/",
        "/nowhere",
        "/api/v1",
        "/api/v1/",
        "/api/v1/nowhere",
        "/api/v2/devices",
    ] {
        routes.push((Method::GET, path.to_owned()));
        routes.push((Method::POST, path.to_owned()));
    }
    routes
}

async fn refused_everywhere(headers: &[(&str, &str)], body: &str, code: u64, status: StatusCode) {
    let api = Api::start().await;
    for (method, path) in routes_and_others() {
        let answer = api.call(ask(method.clone(), &path, headers, body)).await;
        assert_eq!(
            answer.code(),
            code,
            "{method} {path} with {headers:?}: {}",
            answer.text()
        );
        assert_eq!(answer.status, status, "{method} {path}");
    }
}

#[tokio::test]
async fn foreign_hosts_are_refused_on_every_route() {
    for host in [
        "evil.example",
        "evil.example:50809",
        "127.evil.example:50809",
        "127.evil.example",
        "",
    ] {
        refused_everywhere(&[("host", host)], "", 40302, StatusCode::FORBIDDEN).await;
    }
}

#[tokio::test]
async fn cross_site_requests_are_refused_on_every_route() {
    for headers in [
        [("origin", "http://evil.example")],
        [("origin", "null")],
        [("sec-fetch-site", "cross-site")],
        [("sec-fetch-site", "same-site")],
    ] {
        refused_everywhere(&headers, "", 40302, StatusCode::FORBIDDEN).await;
        refused_everywhere(&headers, "{}", 40302, StatusCode::FORBIDDEN).await;
    }
    let upgrade = [
        ("origin", "http://evil.example"),
        ("connection", "upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    refused_everywhere(&upgrade, "", 40302, StatusCode::FORBIDDEN).await;
}

#[tokio::test]
async fn bodies_that_a_page_may_send_unasked_are_refused_on_every_route() {
    let own = format!("http://localhost:{PORT}");
    for kind in [
        "text/plain",
        "text/plain;application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
    ] {
        for who in [("origin", own.as_str()), ("sec-fetch-site", "same-origin")] {
            let headers = [who, ("content-type", kind)];
            refused_everywhere(&headers, "{}", 41501, StatusCode::UNSUPPORTED_MEDIA_TYPE).await;
        }
    }
}

#[tokio::test]
async fn a_second_host_header_or_a_foreign_request_target_is_refused() {
    let api = Api::start().await;
    let mut twice = ask(Method::GET, "/api/v1/license/check", &[], "");
    twice
        .headers_mut()
        .append("host", "evil.example".parse().unwrap());
    assert_eq!(api.call(twice).await.code(), 40302);
    let foreign = ask(Method::GET, "http://evil.example/api/v1/license/check", &[], "");
    assert_eq!(api.call(foreign).await.code(), 40302);
    let own = ask(
        Method::GET,
        "http://localhost:50809/api/v1/license/check",
        &[],
        "",
    );
    assert_eq!(api.call(own).await.code(), 0);
}

#[tokio::test]
async fn a_request_that_came_through_no_listener_is_refused() {
    use tower_service::Service;
    let api = Api::start().await;
    let answer = api
        .router
        .clone()
        .call(ask(Method::GET, "/livez", &[], ""))
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn curl_may_send_json_under_a_forms_content_type() {
    let api = Api::start().await;
    let body = r#"{"name": "ci"}"#;
    for headers in [vec![CURL], vec![], vec![("content-type", "text/plain")]] {
        let answer = api
            .call(ask(Method::POST, "/api/v1/tokens", &headers, body))
            .await;
        assert_eq!(answer.code(), 0, "{headers:?}: {}", answer.text());
    }
    let own = format!("http://localhost:{PORT}");
    let browser = [
        ("origin", own.as_str()),
        ("sec-fetch-site", "same-origin"),
        ("content-type", "application/json; charset=utf-8"),
    ];
    assert_eq!(
        api.call(ask(Method::POST, "/api/v1/tokens", &browser, body))
            .await
            .code(),
        0
    );
}

#[tokio::test]
async fn a_host_that_the_settings_list_is_allowed_at_once() {
    let config = ApiConfig {
        allowed_hosts: vec!["farm.lan".to_owned()],
        ..ApiConfig::default()
    };
    let api = Api::with(config).await;
    let at = |host| ask(Method::GET, "/api/v1/license/check", &[("host", host)], "");
    assert_eq!(api.call(at("farm.lan:50809")).await.code(), 0);
    assert_eq!(api.call(at("other.lan:50809")).await.code(), 40302);
    let set = api
        .patch(
            "/api/v1/settings",
            r#"{"allowed_hosts": "other.lan, proxy.lan:8443"}"#,
        )
        .await;
    assert_eq!(
        set.data()["settings"][1]["value"],
        serde_json::json!(["other.lan", "proxy.lan:8443"])
    );
    assert_eq!(api.call(at("other.lan:50809")).await.code(), 0);
    assert_eq!(api.call(at("proxy.lan:8443")).await.code(), 0);
    assert_eq!(api.call(at("farm.lan:50809")).await.code(), 40302);
    let bad = api
        .patch("/api/v1/settings", r#"{"allowed_hosts": ["http://x/"]}"#)
        .await;
    assert_eq!(bad.code(), 40001);
}
