//! The document says all that the router does, and is one that tools can read.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use serde_json::Value;

use crate::api::Api;

fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            all.push((path.clone(), method.clone(), operation.clone()));
        }
    }
    all
}

/// The router's own list, as its `Debug` shows it.
fn paths_of(router: &axum::Router) -> BTreeSet<String> {
    let shown = format!("{router:?}");
    let texts = shown.split('"').skip(1).step_by(2);
    texts
        .filter(|text| text.starts_with('/') && !text.contains("__private"))
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn every_route_of_the_router_is_documented_and_no_other() {
    let api = Api::start().await;
    let routed = paths_of(&api.router);
    assert!(routed.contains("/api/v1/devices/{serial}/input"), "{routed:?}");
    let document = controller::http::openapi();
    let documented: BTreeSet<String> = document["paths"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(routed, documented);
    for (path, method, _) in operations(&document) {
        let path = path.replace(['{', '}'], "");
        let method = method.to_uppercase().parse().unwrap();
        let answer = api.send(crate::api::ask(method, &path, &[], "")).await;
        assert_ne!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
    }
}

#[tokio::test]
async fn the_document_is_openapi_3_1_with_every_parameter_and_error() {
    let api = Api::start().await;
    let served = api.get("/openapi.json").await;
    assert_eq!(served.headers["content-type"], "application/json");
    let document = served.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
    assert!(document["info"]["title"].is_string() && document["info"]["version"].is_string());
    let mut ids = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let place = format!("{method} {path}");
        assert!(
            ["get", "put", "post", "delete", "patch"].contains(&method.as_str()),
            "{place}"
        );
        assert!(
            ids.insert(operation["operationId"].as_str().unwrap().to_owned()),
            "{place} has another's id"
        );
        assert!(
            operation["summary"]
                .as_str()
                .is_some_and(|summary| summary.len() > 3),
            "{place} has no summary"
        );
        assert!(operation["tags"][0].is_string(), "{place}");
        check_parameters(&place, &path, &operation);
        check_answers(&place, &path, &operation);
        if let Some(body) = operation.get("requestBody") {
            assert!(!body["content"].as_object().unwrap().is_empty(), "{place}");
        }
    }
    check_references(&document, &document, "#");
    let picture =
        "/paths/~1api~1v1~1devices~1{serial}~1screenshot/get/responses/200/content/image~1png/schema";
    assert_eq!(document.pointer(picture).unwrap()["format"], "binary");
}

fn check_parameters(place: &str, path: &str, operation: &Value) {
    let none = Vec::new();
    let parameters = operation["parameters"].as_array().unwrap_or(&none);
    let mut in_path = BTreeSet::new();
    for parameter in parameters {
        let name = parameter["name"].as_str().unwrap();
        assert!(parameter["schema"].is_object(), "{place}: {name} has no schema");
        let documented = parameter["description"]
            .as_str()
            .is_some_and(|text| !text.is_empty());
        assert!(documented, "{place}: {name} is not described");
        match parameter["in"].as_str().unwrap() {
            "path" => {
                assert_eq!(parameter["required"], true, "{place}: {name}");
                in_path.insert(name);
            }
            other => assert!(
                ["query", "header"].contains(&other),
                "{place}: {name} is in {other}"
            ),
        }
    }
    let templated: BTreeSet<&str> = path.split(['{', '}']).skip(1).step_by(2).collect();
    assert_eq!(in_path, templated, "{place}");
}

fn check_answers(place: &str, path: &str, operation: &Value) {
    let answers = operation["responses"].as_object().unwrap();
    // A WebSocket goes on with 101.
    let answered = |status: &String| status == "200" || status == "101";
    assert!(answers.keys().any(answered), "{place}");
    for (status, answer) in answers {
        assert!(
            answer["description"]
                .as_str()
                .is_some_and(|text| !text.is_empty()),
            "{place}: {status}"
        );
        assert!(answer["content"].is_object(), "{place}: {status} has no content");
    }
    let says = |status: &str, code: &str| {
        let told = answers
            .get(status)
            .and_then(|answer| answer["description"].as_str());
        assert!(
            told.is_some_and(|told| told.contains(code)),
            "{place} does not tell of {code}"
        );
    };
    says("403", "40302");
    says("500", "50001");
    if path.starts_with("/api/v1") {
        says("401", "40101");
        says("403", "40301");
        says("503", "50301");
        assert!(["read", "control", "admin"].contains(&operation["x-scope"].as_str().unwrap()));
    }
    if operation.get("requestBody").is_some() {
        says("400", "40001");
        says("413", "41301");
        says("415", "41501");
    }
    if path.contains('{') {
        says("404", "40401");
    }
}

fn check_references(document: &Value, node: &Value, place: &str) {
    match node {
        Value::Object(map) => {
            if let Some(target) = map.get("$ref") {
                let target = target.as_str().unwrap();
                let pointer = target
                    .strip_prefix('#')
                    .unwrap_or_else(|| panic!("{place}: {target} is elsewhere"));
                assert!(
                    document.pointer(pointer).is_some(),
                    "{place}: {target} is nowhere"
                );
            }
            for (name, child) in map {
                check_references(document, child, &format!("{place}/{name}"));
            }
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| check_references(document, item, place)),
        _ => {}
    }
}

#[tokio::test]
async fn what_is_answered_has_the_fields_that_are_documented() {
    let api = crate::devices::farm().await;
    let document = controller::http::openapi();
    for path in [
        "license/check",
        "overview",
        "devices",
        "devices/SIM0001",
        "hosts",
        "tokens",
        "settings",
        "audit",
        "backups",
        "keys",
        "accounts",
        "accounts/tags",
        "groups",
        "schedules",
        "schedules/preview",
    ] {
        let template = format!("/api/v1/{}", path.replace("SIM0001", "{serial}"));
        let schema =
            &document["paths"][&template]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        let envelope = document
            .pointer(schema["$ref"].as_str().unwrap().trim_start_matches('#'))
            .unwrap();
        let mut data = &envelope["properties"]["data"];
        if let Some(target) = data["$ref"].as_str() {
            data = document.pointer(target.trim_start_matches('#')).unwrap();
        }
        let documented: BTreeSet<_> = data["properties"].as_object().unwrap().keys().cloned().collect();
        let answered = api.get(&format!("/api/v1/{path}")).await.data();
        let answered: BTreeSet<_> = answered.as_object().unwrap().keys().cloned().collect();
        assert_eq!(answered, documented, "{path}");
    }
}

#[tokio::test]
async fn the_pages_come_from_here_alone() {
    let api = Api::start().await;
    for (path, kind) in [
        ("/", "text/html"),
        ("/docs", "text/html"),
        ("/docs/docs.js", "text/javascript"),
        ("/docs/docs.css", "text/css"),
    ] {
        let page = api.get(path).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(
            page.headers["content-type"].to_str().unwrap().starts_with(kind),
            "{path}"
        );
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self'"),
            "{policy}"
        );
        let text = page.text();
        assert!(
            !text.contains("http://") && !text.contains("https://"),
            "{path} points elsewhere"
        );
        assert!(
            !text.contains("<script>") && !text.contains("style="),
            "{path} has what its policy forbids"
        );
        for (_, link) in text
            .match_indices("href=\"/")
            .chain(text.match_indices("src=\"/"))
        {
            assert!(link.ends_with('/'));
        }
    }
    let home = api.get("/").await.text();
    let built = home.contains("<div id=\"app\">");
    assert!(
        built || home.contains(env!("CARGO_PKG_VERSION")) && home.contains("make console"),
        "{home}"
    );
    let links = home
        .split("href=\"")
        .chain(home.split("src=\"").skip(1))
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned());
    for link in links {
        let file = api.get(&link).await;
        assert_eq!(file.status, StatusCode::OK, "{link}");
        let forever = file.headers["cache-control"]
            .to_str()
            .unwrap()
            .contains("immutable");
        assert_eq!(forever, link.starts_with("/assets/"), "{link}");
    }
}

#[tokio::test]
async fn the_consoles_own_paths_are_its_page_and_need_no_token() {
    let api = Api::start().await.public();
    let home = api.get("/").await;
    for path in ["/tasks", "/tasks/7", "/accounts", "/settings"] {
        let page = api.get(path).await;
        assert_eq!(
            (page.status, page.text()),
            (StatusCode::OK, home.text()),
            "{path}"
        );
        assert!(page.headers.contains_key("content-security-policy"), "{path}");
    }
    for path in ["/nowhere", "/index.html", "/assets/none.js", "/task/7"] {
        assert_eq!(api.get(path).await.code(), 40101, "{path}");
    }
    let posted = api.post("/tasks", "{}").await;
    assert_eq!(posted.code(), 40401);
    let packed = api
        .call(crate::api::ask(
            axum::http::Method::GET,
            "/",
            &[("accept-encoding", "gzip, br")],
            "",
        ))
        .await;
    let is_built = home.text().contains("<div id=\"app\">");
    assert_eq!(packed.headers.contains_key("content-encoding"), is_built);
    if let Some(tag) = home.headers.get("etag").and_then(|tag| tag.to_str().ok()) {
        let again = crate::api::ask(axum::http::Method::GET, "/", &[("if-none-match", tag)], "");
        assert_eq!(api.call(again).await.status, StatusCode::NOT_MODIFIED);
    }
}

#[tokio::test]
async fn a_backup_is_made_on_demand_and_put_on_record() {
    let mut api = Api::start().await;
    assert_eq!(api.post("/api/v1/backups", "").await.code(), 40901);
    let folder = tempfile::tempdir().unwrap();
    let last = controller::backup::BackupStatus {
        next: Some(jiff::Timestamp::UNIX_EPOCH),
        ..Default::default()
    };
    let (_status, seen) = tokio::sync::watch::channel(last);
    let backups = controller::http::backups::Backups {
        folder: folder.path().join("backups"),
        status: seen,
    };
    api.state = api.state.clone().with_backups(backups);
    api.router = controller::http::router(api.state.clone());
    let made = api.post("/api/v1/backups", "").await.data();
    let file = made["file"].as_str().unwrap();
    assert_eq!(
        std::fs::metadata(file).unwrap().len(),
        made["bytes"].as_u64().unwrap()
    );
    assert!(std::fs::read(file).unwrap().starts_with(b"SQLite format 3\0"));
    let record = api.get("/api/v1/audit").await.data();
    assert_eq!(record["entries"][0]["what"], "backup.make");
    assert_eq!(record["entries"][0]["subject"], file);
    assert_eq!(
        api.get("/api/v1/backups").await.data()["next"],
        "1970-01-01T00:00:00Z"
    );
    assert_eq!(
        api.get("/api/v1/overview").await.data()["backups"]["next"],
        "1970-01-01T00:00:00Z"
    );
}
