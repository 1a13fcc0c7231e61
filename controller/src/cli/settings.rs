//! `settings`: list, set, clear, docs.

use clap::{Args, Subcommand};
use serde_json::{Map, Value};
use shared::terminal::{Exit, Output, table};

use super::CliError;
use super::ask::{rows, text};
use super::client::Client;
use crate::config::Config;

const SET_EXAMPLES: &str = "\
Examples:
  drover-controller settings set tasks.retries=3 tasks.hours=08:00-22:00
  drover-controller settings set caps.tiktok.follow=50
  drover-controller settings clear tasks.hours";

#[derive(Debug, Subcommand)]
pub(super) enum SettingsCommand {
    /// List them with what is in force, what is usual, and what is allowed.
    List,
    /// Change one or more; they are in force at once, and on record.
    Set(SetArgs),
    /// Take one or more back to what is configured, or usual.
    Clear(ClearArgs),
    /// Print the documentation of all settings, in Markdown.
    Docs,
}

#[derive(Debug, Args)]
#[command(after_help = SET_EXAMPLES)]
pub(super) struct SetArgs {
    #[arg(required = true, value_name = "NAME=VALUE", value_parser = super::assignment)]
    settings: Vec<(String, String)>,
}

#[derive(Debug, Args)]
pub(super) struct ClearArgs {
    #[arg(required = true)]
    names: Vec<String>,
}

pub(super) async fn run(
    config: &Config,
    command: &SettingsCommand,
    output: Output,
) -> Result<Exit, CliError> {
    const PATH: &str = "/api/v1/settings";
    let client = Client::new(config)?;
    let answer = match command {
        SettingsCommand::List | SettingsCommand::Docs => client.get(PATH).await?,
        SettingsCommand::Set(args) => {
            let named = args.settings.iter();
            let body: Map<String, Value> = named
                .map(|(name, value)| (name.clone(), Value::from(value.as_str())))
                .collect();
            client.send("PATCH", PATH, Some(&Value::Object(body))).await?
        }
        SettingsCommand::Clear(args) => {
            let body: Map<String, Value> = args
                .names
                .iter()
                .map(|name| (name.clone(), Value::Null))
                .collect();
            client.send("PATCH", PATH, Some(&Value::Object(body))).await?
        }
    };
    let changed: Option<Vec<&String>> = match command {
        SettingsCommand::List | SettingsCommand::Docs => None,
        SettingsCommand::Set(args) => Some(args.settings.iter().map(|(name, _)| name).collect()),
        SettingsCommand::Clear(args) => Some(args.names.iter().collect()),
    };
    output.result(&answer, || {
        let header = ["SETTING", "VALUE", "USUALLY", "WHAT IT IS"]
            .map(str::to_owned)
            .to_vec();
        let wanted = |setting: &&Value| {
            let name = text(&setting["name"]);
            changed.as_ref().is_none_or(|changed| changed.contains(&&name))
        };
        let all = rows(&answer["settings"]);
        let lines = all.iter().filter(wanted).map(|setting| {
            vec![
                text(&setting["name"]),
                text(&setting["value"]),
                text(&setting["default"]),
                text(&setting["help"]),
            ]
        });
        table(&std::iter::once(header).chain(lines).collect::<Vec<_>>())
    });
    Ok(Exit::Done)
}
