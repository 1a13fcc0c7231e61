//! `token api`: a token for the API without the API, as a machine needs that listens to the network alone.

use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::json;
use shared::clock::{Clock as _, SystemClock};
use shared::terminal::{Exit, Output};

use super::CliError;
use crate::config::Config;
use crate::http::token::{fresh, hash};
use crate::store::{NewApiToken, Store};

pub(super) async fn make(
    config: &Config,
    name: String,
    scope: String,
    days: Option<u32>,
    output: Output,
) -> Result<Exit, CliError> {
    let name = name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(CliError::BadInput("the name has 1 to 100 characters".to_owned()));
    }
    let store = Store::open(&config.database, Arc::new(SystemClock)).await?;
    let secret = fresh();
    let expires_at = days.map(|days| {
        SystemClock
            .now()
            .saturating_add(SignedDuration::from_hours(24 * i64::from(days)))
    });
    let token = NewApiToken {
        name,
        scopes: vec![scope],
        hash: hash(&secret),
        expires_at: expires_at.and_then(Result::ok),
    };
    let made = store.create_api_token(token, "command line").await?;
    store.close().await;
    let value = json!({"id": made.id, "name": made.name, "scopes": made.scopes, "expires_at": made.expires_at, "token": secret});
    output.result(&value, || secret.clone());
    if !output.is_json() {
        output.remark("It is shown this once. Clients send it as `Authorization: Bearer TOKEN`.");
    }
    Ok(Exit::Done)
}
