//! `groups`: list, show, add, set, remove.

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use shared::terminal::{Exit, Output, table};

use super::CliError;
use super::ask::{encoded, rows, text};
use super::client::Client;
use crate::config::Config;

const SET_EXAMPLES: &str = "\
Examples:
  drover-controller groups set \"shelf 1\" --name \"shelf 2\"
  drover-controller groups set \"shelf 1\" --add SIM0003 --remove SIM0001";

#[derive(Debug, Subcommand)]
pub(super) enum GroupsCommand {
    /// List them by name, with how many phones they have.
    List,
    /// Show one, and who is in it.
    Show(OneArgs),
    /// Make one.
    Add(AddArgs),
    /// Change a group's name, and who is in it.
    Set(SetArgs),
    /// Delete one that no schedule runs on; its phones stay.
    Remove(OneArgs),
}

#[derive(Debug, Args)]
pub(super) struct OneArgs {
    name: String,
}

#[derive(Debug, Args)]
pub(super) struct AddArgs {
    name: String,
    /// A phone that is in it: its serial or any alias. May be given several times.
    #[arg(long)]
    serial: Vec<String>,
}

#[derive(Debug, Args)]
#[command(after_help = SET_EXAMPLES)]
pub(super) struct SetArgs {
    group: String,
    /// Its new name; schedules that name it go with it.
    #[arg(long)]
    name: Option<String>,
    /// A phone that joins it. May be given several times.
    #[arg(long, value_name = "SERIAL")]
    add: Vec<String>,
    /// A phone that leaves it. May be given several times.
    #[arg(long, value_name = "SERIAL")]
    remove: Vec<String>,
}

pub(super) async fn run(config: &Config, command: &GroupsCommand, output: Output) -> Result<Exit, CliError> {
    let client = Client::new(config)?;
    let of = |name: &str| format!("/api/v1/groups/{}", encoded(name));
    match command {
        GroupsCommand::List => {
            let answer = client.get("/api/v1/groups").await?;
            output.result(&answer, || listed(&rows(&answer["groups"])));
        }
        GroupsCommand::Show(args) => told(&client.get(&of(&args.name)).await?, output),
        GroupsCommand::Add(args) => {
            let body = json!({"name": args.name, "serials": args.serial});
            told(&client.send("POST", "/api/v1/groups", Some(&body)).await?, output);
        }
        GroupsCommand::Set(args) => {
            let body = json!({"name": args.name, "add": args.add, "remove": args.remove});
            told(
                &client.send("PATCH", &of(&args.group), Some(&body)).await?,
                output,
            );
        }
        GroupsCommand::Remove(args) => {
            let answer = client.send("DELETE", &of(&args.name), None).await?;
            output.result(&answer, || format!("{} is deleted", args.name));
        }
    }
    Ok(Exit::Done)
}

fn listed(groups: &[Value]) -> String {
    if groups.is_empty() {
        return "No group. `drover-controller groups add` makes one.".to_owned();
    }
    let header = ["NAME", "PHONES", "ONLINE"].map(str::to_owned).to_vec();
    let lines = groups.iter().map(|group| {
        vec![
            text(&group["name"]),
            text(&group["devices"]),
            text(&group["online"]),
        ]
    });
    table(&std::iter::once(header).chain(lines).collect::<Vec<_>>())
}

fn told(group: &Value, output: Output) {
    output.result(group, || {
        let serials: Vec<String> = rows(&group["serials"]).iter().map(text).collect();
        table(&[
            vec!["name".to_owned(), text(&group["name"])],
            vec!["phones".to_owned(), text(&group["devices"])],
            vec!["online".to_owned(), text(&group["online"])],
            vec!["serials".to_owned(), serials.join(", ")],
        ])
    });
}
