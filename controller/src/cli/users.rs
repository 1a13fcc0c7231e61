//! `users`: list, add, set, remove. A password never stands on the command line.

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Map, Value, json};
use shared::terminal::{Exit, Output, table};

use super::CliError;
use super::ask::{rows, text};
use super::client::Client;
use super::password::PasswordArgs;
use crate::config::Config;

const ADD_EXAMPLES: &str = "\
Examples:
  drover-controller users add anna --role operator
  pass show drover/anna | drover-controller users add anna --role admin --password-file -

A viewer sees everything but secrets and changes nothing; an operator works with phones, accounts and tasks; an admin
also sees to hosts, users, tokens, settings and backups.";

#[derive(Debug, Subcommand)]
pub(super) enum UsersCommand {
    /// List them by name.
    List,
    /// Let somebody in; the password is asked for where none is given.
    Add(AddArgs),
    /// Change somebody's role or password, or keep them out; they have to log in again.
    Set(SetArgs),
    /// Forget somebody; what they did stays on record.
    Remove(OneArgs),
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum RoleArg {
    Viewer,
    Operator,
    Admin,
}

impl RoleArg {
    fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct OneArgs {
    name: String,
}

#[derive(Debug, Args)]
#[command(after_help = ADD_EXAMPLES)]
pub(super) struct AddArgs {
    name: String,
    #[arg(long, default_value = "viewer")]
    role: RoleArg,
    #[command(flatten)]
    password: PasswordArgs,
}

#[derive(Debug, Args)]
pub(super) struct SetArgs {
    name: String,
    #[arg(long)]
    role: Option<RoleArg>,
    /// Keep them out.
    #[arg(long, conflicts_with = "enable")]
    disable: bool,
    /// Let them in again.
    #[arg(long)]
    enable: bool,
    #[command(flatten)]
    password: PasswordArgs,
}

pub(super) async fn run(config: &Config, command: &UsersCommand, output: Output) -> Result<Exit, CliError> {
    let client = Client::new(config)?;
    match command {
        UsersCommand::List => {
            let answer = client.get("/api/v1/users").await?;
            output.result(&answer, || listed(&rows(&answer["users"])));
        }
        UsersCommand::Add(args) => {
            let password = args.password.read_or_ask(output)?;
            let body = json!({"name": args.name, "role": args.role.name(), "password": password.expose()});
            let answer = client.send("POST", "/api/v1/users", Some(&body)).await?;
            output.result(&answer, || listed(std::slice::from_ref(&answer)));
        }
        UsersCommand::Set(args) => {
            let mut body = Map::new();
            if let Some(role) = args.role {
                body.insert("role".to_owned(), role.name().into());
            }
            if args.disable || args.enable {
                body.insert("enabled".to_owned(), args.enable.into());
            }
            if let Some(password) = args.password.read(output)? {
                body.insert("password".to_owned(), password.expose().into());
            }
            if body.is_empty() {
                let what = "nothing is to be changed: give --role, --enable, --disable or --password";
                return Err(CliError::BadInput(what.to_owned()));
            }
            let path = path_of(&client, &args.name).await?;
            let answer = client.send("PATCH", &path, Some(&Value::Object(body))).await?;
            output.result(&answer, || listed(std::slice::from_ref(&answer)));
        }
        UsersCommand::Remove(args) => {
            let path = path_of(&client, &args.name).await?;
            let answer = client.send("DELETE", &path, None).await?;
            output.result(&answer, || format!("{} is forgotten", args.name));
        }
    }
    Ok(Exit::Done)
}

async fn path_of(client: &Client, name: &str) -> Result<String, CliError> {
    let answer = client.get("/api/v1/users").await?;
    let users = rows(&answer["users"]);
    let found = users
        .iter()
        .find(|user| text(&user["name"]).to_lowercase() == name.to_lowercase());
    match found {
        Some(user) => Ok(format!("/api/v1/users/{}", user["id"])),
        None => Err(CliError::BadInput(format!(
            "there is no user {name:?}: `drover-controller users list` shows those there are"
        ))),
    }
}

fn listed(users: &[Value]) -> String {
    if users.is_empty() {
        return "No user. `drover-controller users add` lets somebody in; this machine itself needs none."
            .to_owned();
    }
    let header = ["NAME", "ROLE", "ENABLED", "LAST LOGIN"]
        .map(str::to_owned)
        .to_vec();
    let lines = users.iter().map(|user| {
        ["name", "role", "enabled", "last_login_at"]
            .map(|field| text(&user[field]))
            .to_vec()
    });
    table(&std::iter::once(header).chain(lines).collect::<Vec<_>>())
}
