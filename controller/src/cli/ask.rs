//! Commands that ask or tell a running controller.

use serde_json::{Value, json};
use shared::terminal::{Exit, Output, table};
use uuid::Uuid;

use super::CliError;
use super::client::Client;
use crate::config::Config;

pub(super) async fn status(config: &Config, output: Output) -> Result<Exit, CliError> {
    let client = Client::new(config)?;
    let overview = client.get("/api/v1/overview").await?;
    let devices = client.get("/api/v1/devices").await?;
    let hosts = client.get("/api/v1/hosts").await?;
    let count = |list: &Value, key: &str, wanted: &dyn Fn(&Value) -> bool| {
        list[key]
            .as_array()
            .map_or(0, |all| all.iter().filter(|one| wanted(one)).count())
    };
    let all = count(&devices, "devices", &|_| true);
    let online = count(&devices, "devices", &|device| device["state"] == "online");
    let linked = count(&hosts, "hosts", &|host| host["connected"] == true);
    output.result(
        &json!({"overview": overview, "devices": all, "online": online, "hosts_connected": linked}),
        || {
            format!(
                "running: phones {online} of {all} online, hosts connected {linked} of {}",
                count(&hosts, "hosts", &|host| host["revoked_at"].is_null())
            )
        },
    );
    Ok(Exit::Done)
}

pub(super) async fn new_token(config: &Config, ttl: u64, output: Output) -> Result<Exit, CliError> {
    let made = Client::new(config)?
        .send("POST", "/api/v1/hosts/tokens", Some(&json!({"ttl_secs": ttl})))
        .await?;
    let token = text(&made["token"]);
    output.result(&made, || token.clone());
    if !output.is_json() {
        let port = config.join_listen.port();
        output.remark(&format!(
            "It works once, until {}. On the hub host, with this machine's name or address for CONTROLLER:\n\n    \
             drover-agent run --controller CONTROLLER:{port} --token {token}\n",
            text(&made["expires_at"])
        ));
    }
    Ok(Exit::Done)
}

pub(super) async fn hosts(config: &Config, output: Output) -> Result<Exit, CliError> {
    let answer = Client::new(config)?.get("/api/v1/hosts").await?;
    let hosts = rows(&answer["hosts"]);
    output.result(&answer, || {
        if hosts.is_empty() {
            return "No hub host has enrolled. `drover-controller token create` makes a token for one."
                .to_owned();
        }
        let header = ["ID", "NAME", "STATE", "PHONES", "AGENT", "LAST SEEN"]
            .map(str::to_owned)
            .to_vec();
        let lines = hosts.iter().map(|host| {
            let state = match (host["revoked_at"].is_null(), host["connected"] == true) {
                (false, _) => "revoked",
                (true, true) => "connected",
                (true, false) => "away",
            };
            vec![
                text(&host["id"]),
                text(&host["name"]),
                state.to_owned(),
                text(&host["devices"]),
                text(&host["agent_version"]),
                text(&host["last_seen"]),
            ]
        });
        table(&std::iter::once(header).chain(lines).collect::<Vec<_>>())
    });
    Ok(Exit::Done)
}

pub(super) async fn revoke(config: &Config, id: Uuid, output: Output) -> Result<Exit, CliError> {
    let answer = Client::new(config)?
        .send("DELETE", &format!("/api/v1/hosts/{id}"), None)
        .await?;
    output.result(&answer, || format!("{id} is revoked and its link closed"));
    Ok(Exit::Done)
}

pub(super) async fn devices(config: &Config, output: Output) -> Result<Exit, CliError> {
    let answer = Client::new(config)?.get("/api/v1/devices").await?;
    let devices = rows(&answer["devices"]);
    output.result(&answer, || {
        if devices.is_empty() {
            return "No phone was ever seen. `drover-controller hosts list` shows which hub hosts are connected.".to_owned();
        }
        let header = ["INDEX", "SERIAL", "STATE", "MODEL", "ANDROID", "BATTERY", "HOST", "NAME"].map(str::to_owned).to_vec();
        let lines = devices.iter().map(|device| {
            let battery = match &device["battery"]["level"] {
                Value::Null => "-".to_owned(),
                level => format!("{level}%"),
            };
            let state = match device["replaced_by"].as_str() {
                Some(by) => format!("replaced by {by}"),
                None => text(&device["state"]),
            };
            [text(&device["device_index"]), text(&device["serial"]), state]
                .into_iter()
                .chain([text(&device["model"]), text(&device["android"]), battery, text(&device["host_name"]), text(&device["name"])])
                .collect::<Vec<_>>()
        });
        table(&std::iter::once(header).chain(lines).collect::<Vec<_>>())
    });
    Ok(Exit::Done)
}

pub(super) async fn set_device(
    config: &Config,
    serial: &str,
    (index, name, in_use): (Option<u32>, Option<String>, bool),
    output: Output,
) -> Result<Exit, CliError> {
    if index.is_none() && name.is_none() && !in_use {
        return Err(CliError::BadInput(
            "nothing to change: give --index, --name or --in-use".to_owned(),
        ));
    }
    let mut change = serde_json::Map::new();
    change.extend(index.map(|index| ("device_index".to_owned(), json!(index))));
    change.extend(name.map(|name| ("name".to_owned(), json!(name))));
    change.extend(in_use.then(|| ("replaced".to_owned(), json!(false))));
    let path = format!("/api/v1/devices/{}", encoded(serial));
    let answer = Client::new(config)?
        .send("PATCH", &path, Some(&Value::Object(change)))
        .await?;
    output.result(&answer, || format!("{serial} is changed"));
    Ok(Exit::Done)
}

pub(super) async fn replace_device(
    config: &Config,
    old: &str,
    by: &str,
    merge: bool,
    output: Output,
) -> Result<Exit, CliError> {
    let path = format!("/api/v1/devices/{}/replace", encoded(old));
    let answer = Client::new(config)?
        .send("POST", &path, Some(&json!({"by": by, "merge": merge})))
        .await?;
    output.result(&answer, || {
        format!(
            "{} has the place of {} now: {} accounts, {} waiting tasks, {} schedules",
            text(&answer["device"]["serial"]),
            text(&answer["replaced"]),
            rows(&answer["accounts"]).len(),
            rows(&answer["task_ids"]).len(),
            rows(&answer["schedules"]).len(),
        )
    });
    for warning in rows(&answer["warnings"]) {
        output.remark(&text(&warning));
    }
    Ok(Exit::Done)
}

pub(super) fn rows(list: &Value) -> Vec<Value> {
    list.as_array().cloned().unwrap_or_default()
}

/// Says how to see the rest, where a page does not show all that there is.
pub(super) fn more(output: Output, shown: usize, answer: &Value, page: u32) {
    let total = &answer["total"];
    if !output.is_json() && *total != json!(shown) {
        output.remark(&format!("{shown} of {total}: --page {} shows more", page + 1));
    }
}

pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A serial as a part of a path: it may be an address or have blanks.
pub(super) fn encoded(part: &str) -> String {
    part.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn a_serial_is_safe_in_a_path() {
        assert_eq!(encoded("SIM0001~2"), "SIM0001~2");
        assert_eq!(encoded("127.0.0.1:5600 (2)/x"), "127.0.0.1%3A5600%20%282%29%2Fx");
    }
}
