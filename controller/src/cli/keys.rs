//! `keys`: which keys seal the secrets, and a new one.

use std::time::Duration;

use clap::Subcommand;
use serde_json::Value;
use shared::clock::{Clock as _, SystemClock};
use shared::terminal::{Exit, Output, table};

use super::CliError;
use super::ask::{rows, text};
use super::client::Client;
use crate::config::Config;

/// How often it is asked how far a change is.
const ASKED_EACH: Duration = Duration::from_millis(200);

#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// List the keys that seal passwords and 2FA secrets, and how many each seals.
    List,
    /// Make a new key the current one and seal all secrets with it, while the farm works.
    ///
    /// The old key is kept: backups from before need it. Copy the new file vault-ID.key from the folder of the keys to
    /// where you keep copies.
    Rotate,
}

pub(super) async fn run(config: &Config, command: &KeysCommand, output: Output) -> Result<Exit, CliError> {
    let client = Client::new(config)?;
    let answer = match command {
        KeysCommand::List => client.get("/api/v1/keys").await?,
        KeysCommand::Rotate => rotated(&client, output).await?,
    };
    output.result(&answer, || shown(&answer));
    if matches!(command, KeysCommand::Rotate) {
        let folder = config.keys_dir.display();
        output.remark(&format!(
            "The new key lies in {folder}: copy it to where you keep copies of the keys. Keep the old one too: backups from before need it."
        ));
    }
    Ok(Exit::Done)
}

async fn rotated(client: &Client, output: Output) -> Result<Value, CliError> {
    let mut answer = client.send("POST", "/api/v1/keys/rotate", None).await?;
    let mut told = String::new();
    loop {
        let moving = !answer["rotation"].is_null();
        let current = rows(&answer["keys"])
            .into_iter()
            .find(|key| key["current"] == true);
        let left: u64 = rows(&answer["keys"])
            .iter()
            .filter(|key| key["current"] != true)
            .filter_map(|key| key["secrets"].as_u64())
            .sum();
        if !moving {
            if left > 0 {
                output.remark(&format!(
                    "{left} secrets could not be sealed anew: the controller's log names them."
                ));
            }
            return Ok(answer);
        }
        let progress = format!(
            "{} of {} secrets are sealed with {}",
            answer["rotation"]["done"],
            answer["rotation"]["total"],
            current.map(|key| text(&key["id"])).unwrap_or_default()
        );
        if progress != told {
            output.remark(&progress);
            told = progress;
        }
        SystemClock.sleep(ASKED_EACH).await;
        answer = client.get("/api/v1/keys").await?;
    }
}

fn shown(answer: &Value) -> String {
    let header = ["KEY", "STATE", "SECRETS", "SINCE", "RETIRED"]
        .map(str::to_owned)
        .to_vec();
    let lines = rows(&answer["keys"]).into_iter().map(|key| {
        let state = match (key["current"] == true, key["present"] == true) {
            (true, _) => "current",
            (false, true) => "retired",
            (false, false) => "not here",
        };
        vec![
            text(&key["id"]),
            state.to_owned(),
            text(&key["secrets"]),
            text(&key["created_at"]),
            text(&key["retired_at"]),
        ]
    });
    table(&std::iter::once(header).chain(lines).collect::<Vec<_>>())
}
