//! Tasks over HTTP: asked for, listed, told of, changed, decided by a person.

mod changed;
mod creating;
mod deciding;
mod details;
mod listed;
mod refused;
mod told;
pub(crate) mod work;

use serde_json::{Value, json};

use crate::api::{Answer, Api};

pub(crate) async fn account(api: &Api, platform: &str, username: &str, device: &str, logined: u8) -> i64 {
    let body = json!({"platform": platform, "username": username, "device": device, "logined": logined});
    let made = api.post("/api/v1/accounts", &body.to_string()).await.data();
    made["id"].as_i64().unwrap()
}

pub(crate) async fn create(api: &Api, body: Value) -> Answer {
    api.post("/api/v1/task", &body.to_string()).await
}

pub(crate) async fn task(api: &Api, id: i64) -> Value {
    api.get(&format!("/api/v1/task/{id}")).await.data()
}

pub(crate) async fn stats(api: &Api) -> Value {
    api.get("/api/v1/task/stats").await.data()
}

pub(crate) fn warmup() -> Value {
    json!({"serials": ["SIM0001"], "script_name": "account_warmup"})
}
