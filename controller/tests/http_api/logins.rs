//! People who log in: cookies, roles, passwords, and what is refused.

use axum::http::{Method, StatusCode};
use controller::http::guard::Door;
use serde_json::{Value, json};
use std::time::Duration;

use crate::api::{Answer, Api, CURL, PORT, ask};

const PASSWORD: &str = "correct horse";
const JSON: (&str, &str) = ("content-type", "application/json");

pub(crate) async fn user(api: &Api, name: &str, role: &str) -> i64 {
    let body = json!({"name": name, "role": role, "password": PASSWORD});
    let made = api.post("/api/v1/users", &body.to_string()).await.data();
    assert!(!made.to_string().contains(PASSWORD), "{made}");
    made["id"].as_i64().unwrap()
}

async fn login(api: &Api, name: &str, password: &str) -> Answer {
    let body = json!({"name": name, "password": password});
    api.post("/api/v1/session", &body.to_string()).await
}

/// `name=value` of the cookie that an answer sets.
fn cookie(answer: &Answer) -> String {
    let set = answer.headers.get("set-cookie").unwrap().to_str().unwrap();
    set.split(';').next().unwrap().to_owned()
}

pub(crate) async fn come_in(api: &Api, name: &str) -> String {
    let answer = login(api, name, PASSWORD).await;
    answer.data();
    cookie(&answer)
}

async fn with(api: &Api, cookie: &str, method: Method, path: &str, body: &Value) -> Answer {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    api.call(ask(method, path, &[JSON, ("cookie", cookie)], &body))
        .await
}

async fn who(api: &Api, cookie: &str) -> Answer {
    with(api, cookie, Method::GET, "/api/v1/session", &Value::Null).await
}

#[tokio::test]
async fn beyond_this_machine_a_name_and_a_password_open_a_session() {
    let api = Api::start().await;
    user(&api, "Anna", "operator").await;
    let api = api.public();
    assert_eq!(api.get("/api/v1/devices").await.code(), 40101);
    assert_eq!(api.get("/api/v1/session").await.code(), 40101);
    let answer = login(&api, "anna", PASSWORD).await;
    let who_came = answer.data();
    assert_eq!(
        who_came,
        json!({"name": "user Anna (1)", "kind": "user", "role": "operator"})
    );
    let set = answer
        .headers
        .get("set-cookie")
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Secure"] {
        assert!(set.contains(part), "{set}");
    }
    let anna = cookie(&answer);
    assert_eq!(who(&api, &anna).await.data(), who_came);
    with(&api, &anna, Method::GET, "/api/v1/devices", &Value::Null)
        .await
        .data();
    // With another cookie before it, as browsers send them.
    who(&api, &format!("theme=dark; {anna}")).await.data();
    assert_eq!(who(&api, "drover_session=made-up").await.code(), 40101);
    // What an operator does stands under their name.
    let account = json!({"platform": "tiktok", "username": "jane"});
    with(&api, &anna, Method::POST, "/api/v1/accounts", &account)
        .await
        .data();
    let over = with(&api, &anna, Method::DELETE, "/api/v1/session", &Value::Null).await;
    assert!(
        over.headers
            .get("set-cookie")
            .unwrap()
            .to_str()
            .unwrap()
            .contains("Max-Age=0")
    );
    assert_eq!(who(&api, &anna).await.code(), 40101);
    let local = Api {
        door: Door::loopback(PORT),
        ..api
    };
    let noted = local.get("/api/v1/audit").await.data();
    let entries = noted["entries"].as_array().unwrap().iter();
    let of_anna = entries.filter(|entry| entry["who"] == "user Anna (1)");
    let actions: Vec<&str> = of_anna.map(|entry| entry["what"].as_str().unwrap()).collect();
    assert_eq!(actions, ["session.close", "account.create", "session.open"]);
}

#[tokio::test]
async fn a_viewer_changes_nothing_and_an_operator_administers_nothing() {
    let api = Api::start().await;
    user(&api, "eve", "viewer").await;
    user(&api, "otto", "operator").await;
    user(&api, "ada", "admin").await;
    let (eve, otto, ada) = (
        come_in(&api, "eve").await,
        come_in(&api, "otto").await,
        come_in(&api, "ada").await,
    );
    let account = json!({"platform": "tiktok", "username": "jane"});
    // On this machine too: who has logged in is no more than they are.
    let refused = with(&api, &eve, Method::POST, "/api/v1/accounts", &account).await;
    assert_eq!(
        (refused.status, refused.code()),
        (StatusCode::UNAUTHORIZED, 40101)
    );
    assert!(
        refused.message().contains("needs the role operator"),
        "{}",
        refused.message()
    );
    with(&api, &eve, Method::GET, "/api/v1/accounts", &Value::Null)
        .await
        .data();
    with(&api, &otto, Method::POST, "/api/v1/accounts", &account)
        .await
        .data();
    let refused = with(&api, &otto, Method::GET, "/api/v1/users", &Value::Null).await;
    assert!(
        refused.message().contains("needs the role admin"),
        "{}",
        refused.message()
    );
    let users = with(&api, &ada, Method::GET, "/api/v1/users", &Value::Null)
        .await
        .data();
    let names: Vec<&str> = users["users"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| user["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["ada", "eve", "otto"]);
    // A token counts before a cookie.
    let both = [JSON, ("cookie", &*ada), ("authorization", "Bearer drv_wrong")];
    let answer = api.call(ask(Method::GET, "/api/v1/users", &both, "")).await;
    assert_eq!(answer.code(), 40101);
}

#[tokio::test]
async fn who_is_changed_has_to_log_in_again() {
    let api = Api::start().await;
    let eve = user(&api, "eve", "viewer").await;
    let path = format!("/api/v1/users/{eve}");
    let first = come_in(&api, "eve").await;
    let changed = api
        .patch(&path, &json!({"role": "operator"}).to_string())
        .await
        .data();
    assert_eq!(changed["role"], "operator");
    let over = who(&api, &first).await;
    assert!(over.message().contains("log in again"), "{}", over.message());
    assert!(over.headers.contains_key("set-cookie"));
    let second = come_in(&api, "eve").await;
    api.patch(&path, &json!({"enabled": false}).to_string())
        .await
        .data();
    assert_eq!(who(&api, &second).await.code(), 40101);
    let out = login(&api, "eve", PASSWORD).await;
    assert!(out.message().contains("disabled"), "{}", out.message());
    api.patch(&path, &json!({"enabled": true}).to_string())
        .await
        .data();
    let third = come_in(&api, "eve").await;
    api.delete(&path).await.data();
    assert_eq!(who(&api, &third).await.code(), 40101);
    assert_eq!(login(&api, "eve", PASSWORD).await.code(), 40101);
    assert_eq!(api.delete(&path).await.code(), 40401);
}

#[tokio::test]
async fn the_last_admin_stays_one_while_others_are_left() {
    let api = Api::start().await;
    let ada = format!("/api/v1/users/{}", user(&api, "ada", "admin").await);
    let eve = format!("/api/v1/users/{}", user(&api, "eve", "viewer").await);
    for change in [json!({"role": "operator"}), json!({"enabled": false})] {
        let refused = api.patch(&ada, &change.to_string()).await;
        assert_eq!(refused.code(), 40901, "{change}");
        assert!(refused.message().contains("last admin"), "{}", refused.message());
    }
    assert_eq!(api.delete(&ada).await.code(), 40901);
    // Nothing of it was done: whoever came in before is still in.
    let users = api.get("/api/v1/users").await.data();
    assert_eq!(
        (&users["users"][0]["role"], &users["users"][0]["enabled"]),
        (&json!("admin"), &json!(true))
    );
    // With another one it may go.
    api.patch(&eve, &json!({"role": "admin"}).to_string())
        .await
        .data();
    api.patch(&ada, &json!({"enabled": false}).to_string())
        .await
        .data();
    assert_eq!(api.delete(&eve).await.code(), 40901);
    api.delete(&ada).await.data();
    // The last of all goes, too: then nobody has to log in.
    api.delete(&eve).await.data();
}

#[tokio::test]
async fn ones_own_password_is_changed_by_whoever_knows_it() {
    let api = Api::start().await;
    user(&api, "eve", "viewer").await;
    let (here, there) = (come_in(&api, "eve").await, come_in(&api, "eve").await);
    let path = "/api/v1/session/password";
    let change = async |old: &str, new: &str| {
        let body = json!({"password": old, "new_password": new});
        with(&api, &here, Method::POST, path, &body).await
    };
    assert_eq!(change("wrong horse", "battery staple").await.code(), 40001);
    assert_eq!(change(PASSWORD, "short").await.code(), 40001);
    change(PASSWORD, "battery staple").await.data();
    who(&api, &here).await.data();
    assert_eq!(who(&api, &there).await.code(), 40101);
    assert_eq!(login(&api, "eve", PASSWORD).await.code(), 40101);
    login(&api, "eve", "battery staple").await.data();
    // This machine itself has none.
    let nobody = json!({"password": "x", "new_password": "battery staple"}).to_string();
    assert_eq!(api.post(path, &nobody).await.code(), 40901);
}

#[tokio::test]
async fn guesses_are_slowed_down_and_noted() {
    let api = Api::start().await;
    user(&api, "eve", "viewer").await;
    for _ in 0..5 {
        assert_eq!(login(&api, "eve", "wrong horse").await.code(), 40101);
    }
    let slow = login(&api, "EVE", PASSWORD).await;
    assert_eq!((slow.status, slow.code()), (StatusCode::TOO_MANY_REQUESTS, 42901));
    assert!(slow.headers.contains_key("retry-after"));
    api.clock.advance(Duration::from_secs(2));
    login(&api, "eve", PASSWORD).await.data();
    // Nobody learns which names there are.
    let (unknown, wrong) = (login(&api, "bert", PASSWORD).await, login(&api, "eve", "x").await);
    assert_eq!(unknown.message(), wrong.message());
    let noted = api.get("/api/v1/audit").await.data();
    let entries = noted["entries"].as_array().unwrap().iter();
    let refused = entries.filter(|entry| entry["what"] == "session.refused");
    assert_eq!(refused.count(), 7, "{noted}");
    assert!(!noted.to_string().contains("horse"));
}

#[tokio::test]
async fn what_nobody_can_have_is_not_even_looked_at() {
    let api = Api::start().await;
    for (name, password, field) in [
        ("a".repeat(65), "password of anna".to_owned(), "name: "),
        ("anna".to_owned(), "a".repeat(201), "password: "),
        ("an\0na".to_owned(), "password of anna".to_owned(), "name: "),
    ] {
        let refused = login(&api, &name, &password).await;
        assert_eq!(refused.code(), 40001, "{field}");
        assert!(refused.message().starts_with(field), "{}", refused.message());
    }
    let record = api.get("/api/v1/audit").await.data();
    assert!(!record.to_string().contains("session.refused"), "{record}");
    assert_eq!(api.get("/api/v1/packs/%00/versions").await.code(), 40401);
}

#[tokio::test]
async fn guesses_that_come_at_once_count_each() {
    let api = Api::start().await;
    user(&api, "anna", "operator").await;
    let guesses = (0..12).map(|_| login(&api, "anna", "not the password"));
    let codes: Vec<_> = futures_util::future::join_all(guesses)
        .await
        .iter()
        .map(Answer::code)
        .collect();
    let looked_at = codes.iter().filter(|code| **code == 40101).count();
    assert!(looked_at <= 6, "{codes:?}");
}

#[tokio::test]
async fn a_session_ends_by_itself() {
    let api = Api::start().await;
    user(&api, "eve", "viewer").await;
    let day = Duration::from_secs(24 * 3600);
    let idle = come_in(&api, "eve").await;
    api.clock.advance(day * 7);
    assert_eq!(who(&api, &idle).await.code(), 40101);
    let busy = come_in(&api, "eve").await;
    for _ in 0..29 {
        api.clock.advance(day);
        who(&api, &busy).await.data();
    }
    api.clock.advance(day);
    assert_eq!(who(&api, &busy).await.code(), 40101);
}

#[tokio::test]
async fn what_is_wrong_with_a_user_is_named() {
    let api = Api::start().await;
    user(&api, "eve", "viewer").await;
    let wrong = [
        (json!({"password": PASSWORD}), 40001, "name"),
        (json!({"name": "two words", "password": PASSWORD}), 40001, "name"),
        (
            json!({"name": "x".repeat(65), "password": PASSWORD}),
            40001,
            "name",
        ),
        (json!({"name": "new"}), 40001, "password"),
        (json!({"name": "new", "password": "short"}), 40001, "password"),
        (
            json!({"name": "new", "password": PASSWORD, "role": "king"}),
            40001,
            "role",
        ),
        (json!({"name": "EVE", "password": PASSWORD}), 40901, "name"),
    ];
    for (body, code, field) in wrong {
        let answer = api.post("/api/v1/users", &body.to_string()).await;
        assert_eq!(answer.code(), code, "{body}");
        assert!(answer.message().starts_with(field), "{}", answer.message());
    }
    let foreign = [CURL, ("origin", "https://evil.example")];
    let body = json!({"name": "eve", "password": PASSWORD}).to_string();
    let answer = api
        .call(ask(Method::POST, "/api/v1/session", &foreign, &body))
        .await;
    assert_eq!(answer.code(), 40302);
}
