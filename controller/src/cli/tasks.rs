//! `tasks`: list, show, bundle, create, stop, retry, delete.

mod told;

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Map, Value, json};
use shared::terminal::{Exit, Output, table};

use super::CliError;
use super::accounts::PlatformArg;
use super::ask::{encoded, more, rows, text};
use super::client::Client;
use super::transfer::{self, NewFile, Upload};
use crate::config::Config;

const LIST_EXAMPLES: &str = "\
Examples:
  drover-controller tasks list --status failed
  drover-controller tasks list --serial SIM0001 --script post --sort=-finished_at
  drover-controller tasks list --username jane.doe --json";

const CREATE_EXAMPLES: &str = "\
Examples:
  drover-controller tasks create account_warmup --serial SIM0001 --param task_duration=10m
  drover-controller tasks create post --username jane.doe --config-file post.json --start-time 09:30
  drover-controller tasks create follow --serial SIM0001 --serial SIM0002 --param target_user=natgeo,nasa --min-interval 5 --max-interval 10";

#[derive(Debug, Args)]
#[command(after_help = LIST_EXAMPLES)]
pub(super) struct ListArgs {
    /// In this status.
    #[arg(long, value_parser = ["pending", "running", "completed", "failed"])]
    status: Option<String>,
    /// On this phone: its serial or any alias.
    #[arg(long)]
    serial: Option<String>,
    #[arg(long)]
    script: Option<String>,
    #[arg(long)]
    username: Option<String>,
    #[arg(long)]
    platform: Option<PlatformArg>,
    #[arg(long, value_parser = ["ui", "api"])]
    source: Option<String>,
    /// Created after this time (RFC 3339).
    #[arg(long, value_name = "TIME")]
    created_after: Option<String>,
    /// id, created_at, start_time, started_at or finished_at, with - before it the other way round.
    #[arg(long)]
    sort: Option<String>,
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    page: u32,
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100))]
    page_size: u32,
}

#[derive(Debug, Args)]
pub(super) struct OneArgs {
    id: i64,
}

#[derive(Debug, Args)]
pub(super) struct LogArgs {
    id: i64,
    /// Of this attempt, by its number; the latest where it is left out.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    attempt: Option<u32>,
    /// What comes after the line of this number.
    #[arg(long, value_name = "LINE")]
    after: Option<u32>,
}

#[derive(Debug, Args)]
pub(super) struct BundleArgs {
    id: i64,
    /// The file to write; task-ID.zip where it is left out. One that is there is replaced.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct SeveralArgs {
    #[arg(required = true)]
    ids: Vec<i64>,
}

#[derive(Debug, Args)]
pub(super) struct RetryArgs {
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    ids: Vec<i64>,
    /// All that failed, but for what was stopped by hand and what is not known to have failed.
    #[arg(long)]
    all: bool,
}

#[derive(Debug, Args)]
#[command(after_help = CREATE_EXAMPLES)]
pub(super) struct CreateArgs {
    /// post, follow, unfollow, comment, like, account_warmup, profile, login, match_accounts, switch_account, sync_data,
    /// or a script of your own packs.
    script: String,
    /// On this phone: its serial or any alias. May be given several times.
    #[arg(long, required_unless_present_any = ["usernames", "group"], conflicts_with = "usernames")]
    serial: Vec<String>,
    /// On the phones of this group. May be given several times.
    #[arg(long, conflicts_with = "usernames")]
    group: Vec<String>,
    /// For this account. May be given several times.
    #[arg(long = "username", value_name = "USERNAME")]
    usernames: Vec<String>,
    /// A parameter of the script. May be given several times.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = super::assignment)]
    parameters: Vec<(String, String)>,
    /// A file with the script's parameters, as a JSON object.
    #[arg(long, value_name = "FILE")]
    config_file: Option<PathBuf>,
    /// For each enabled account of the phone.
    #[arg(long)]
    multi_account: bool,
    #[arg(long)]
    platform: Option<PlatformArg>,
    /// HH:MM, the next time that it is so late.
    #[arg(long, value_name = "HH:MM", conflicts_with = "start_at")]
    start_time: Option<String>,
    /// RFC 3339.
    #[arg(long, value_name = "TIME")]
    start_at: Option<String>,
    /// Minutes between the tasks of a phone, at least.
    #[arg(long, value_name = "MINUTES")]
    min_interval: Option<u32>,
    /// Minutes between the tasks of a phone, at most.
    #[arg(long, value_name = "MINUTES")]
    max_interval: Option<u32>,
    #[arg(long, value_parser = clap::value_parser!(u32).range(0..=10))]
    max_retries: Option<u32>,
}

impl CreateArgs {
    fn body(&self) -> Result<Value, CliError> {
        let mut config = match &self.config_file {
            Some(file) => read_config(file)?,
            None => Map::new(),
        };
        for (name, value) in &self.parameters {
            config.insert(name.clone(), json!(value));
        }
        let mut body = json!({
            "script_name": self.script,
            "script_config": config,
            "enable_multi_account": self.multi_account,
            "start_time": self.start_time,
            "start_at": self.start_at,
            "min_interval": self.min_interval,
            "max_interval": self.max_interval,
            "max_retries": self.max_retries,
            "platform": self.platform.map(PlatformArg::name),
        });
        if self.usernames.is_empty() {
            body["serials"] = json!(self.serial);
            body["groups"] = json!(self.group);
        } else {
            body["usernames"] = json!(self.usernames);
        }
        Ok(body)
    }
}

pub(super) fn read_config(file: &Path) -> Result<Map<String, Value>, CliError> {
    let wrong = |why: String| CliError::BadInput(format!("{}: {why}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| wrong(format!("it must be a JSON object: {error}")))
}

pub(super) async fn list(config: &Config, args: &ListArgs, output: Output) -> Result<Exit, CliError> {
    let mut query = format!("page={}&page_size={}", args.page, args.page_size);
    let platform = args.platform.map(|platform| platform.name().to_owned());
    for (name, value) in [
        ("status", &args.status),
        ("serial", &args.serial),
        ("script_name", &args.script),
        ("username", &args.username),
        ("platform", &platform),
        ("source", &args.source),
        ("created_after", &args.created_after),
        ("sort", &args.sort),
    ] {
        if let Some(value) = value {
            query += &format!("&{name}={}", encoded(value));
        }
    }
    let answer = Client::new(config)?.get(&format!("/api/v1/task?{query}")).await?;
    let tasks = rows(&answer["tasks"]);
    output.result(&answer, || shown(&tasks));
    more(output, tasks.len(), &answer, args.page);
    Ok(Exit::Done)
}

fn shown(tasks: &[Value]) -> String {
    if tasks.is_empty() {
        return "No task. `drover-controller tasks create` makes one.".to_owned();
    }
    let header = [
        "ID", "SCRIPT", "STATE", "PHONE", "ACCOUNT", "START", "PROGRESS", "WHY",
    ]
    .map(str::to_owned)
    .to_vec();
    let lines = tasks.iter().map(|task| {
        let why = match &task["error"] {
            Value::Null => text(&task["waiting_for"]),
            error => text(&error["kind"]),
        };
        vec![
            text(&task["id"]),
            text(&task["script_name"]),
            text(&task["state"]),
            text(&task["serial"]),
            text(&task["username"]),
            text(&task["start_time"]),
            format!("{}%", task["progress"]),
            why,
        ]
    });
    table(&std::iter::once(header).chain(lines).collect::<Vec<_>>())
}

pub(super) async fn show(config: &Config, args: &OneArgs, output: Output) -> Result<Exit, CliError> {
    let task = Client::new(config)?
        .get(&format!("/api/v1/task/{}", args.id))
        .await?;
    output.result(&task, || told::task(&task));
    Ok(Exit::Done)
}

pub(super) async fn log(config: &Config, args: &LogArgs, output: Output) -> Result<Exit, CliError> {
    let client = Client::new(config)?;
    let mut path = format!("/api/v1/task/{}/log?", args.id);
    if let Some(attempt) = args.attempt {
        path += &format!("attempt={attempt}&");
    }
    let mut after = args.after;
    let (mut attempt, mut lines) = (Value::Null, Vec::new());
    loop {
        let from = after.map_or_else(String::new, |after| format!("after={after}"));
        let part = client.get(&format!("{path}{from}")).await?;
        attempt = if attempt.is_null() {
            part["attempt"].clone()
        } else {
            attempt
        };
        lines.extend(rows(&part["lines"]));
        match part["last"].as_u64() {
            Some(last) if part["more"] == true => {
                after = u32::try_from(last).ok();
                // All parts are of one attempt, also where another one begins meanwhile.
                path = format!("/api/v1/task/{}/log?attempt={}&", args.id, text(&attempt));
            }
            _ => break,
        }
    }
    let whole = json!({"attempt": attempt, "lines": lines});
    output.result(&whole, || told::lines(&lines));
    Ok(Exit::Done)
}

pub(super) async fn bundle(config: &Config, args: &BundleArgs, output: Output) -> Result<Exit, CliError> {
    let file = match &args.out {
        Some(file) => file.clone(),
        None => PathBuf::from(format!("task-{}.zip", args.id)),
    };
    let client = transfer::client(config)?;
    let request = Upload {
        method: "GET",
        path: format!("/api/v1/task/{}/bundle", args.id),
        content_type: "application/json",
        body: bytes::Bytes::new(),
    };
    let new = NewFile::beside(&file)?;
    let bytes = transfer::fetch(&client, request, new.writer()?, |_| {}).await?;
    new.keep(&file)?;
    output.result(&json!({"file": file, "bytes": bytes}), || {
        format!("{} ({bytes} bytes)", file.display())
    });
    Ok(Exit::Done)
}

pub(super) async fn create(config: &Config, args: &CreateArgs, output: Output) -> Result<Exit, CliError> {
    let body = args.body()?;
    let made = Client::new(config)?
        .send("POST", "/api/v1/task", Some(&body))
        .await?;
    output.result(&made, || {
        let ids: Vec<String> = rows(&made["task_ids"]).iter().map(text).collect();
        ids.join("\n")
    });
    if !output.is_json() {
        for skipped in rows(&made["skipped"]) {
            let who = skipped.get("serial").or(skipped.get("username"));
            output.remark(&format!(
                "skipped {}: {}",
                text(who.unwrap_or(&Value::Null)),
                text(&skipped["reason"])
            ));
        }
        for warning in rows(&made["warnings"]) {
            output.remark(&format!("warning: {}", text(&warning)));
        }
    }
    Ok(Exit::Done)
}

pub(super) async fn stop(config: &Config, args: &SeveralArgs, output: Output) -> Result<Exit, CliError> {
    let client = Client::new(config)?;
    let mut answers = Vec::new();
    for id in &args.ids {
        answers.push(
            client
                .send("POST", &format!("/api/v1/task/{id}/stop"), None)
                .await?,
        );
    }
    output.result(&answers, || {
        let lines = answers.iter().map(|answer| match answer["state"].as_str() {
            Some("failed") => format!("{} is stopped", answer["id"]),
            _ => format!("{} is being stopped", answer["id"]),
        });
        lines.collect::<Vec<_>>().join("\n")
    });
    Ok(Exit::Done)
}

pub(super) async fn retry(config: &Config, args: &RetryArgs, output: Output) -> Result<Exit, CliError> {
    let client = Client::new(config)?;
    let paths = if args.all {
        vec!["/api/v1/task/retry-all".to_owned()]
    } else {
        args.ids
            .iter()
            .map(|id| format!("/api/v1/task/{id}/retry"))
            .collect()
    };
    let mut retried = 0;
    for path in paths {
        let answer = client.send("POST", &path, None).await?;
        retried += answer["retried_count"].as_u64().unwrap_or_default();
    }
    output.result(&json!({"retried_count": retried}), || {
        format!("{retried} tasks wait again")
    });
    Ok(Exit::Done)
}

pub(super) async fn delete(config: &Config, args: &SeveralArgs, output: Output) -> Result<Exit, CliError> {
    let client = Client::new(config)?;
    let answer = match args.ids.as_slice() {
        [id] => client.send("DELETE", &format!("/api/v1/task/{id}"), None).await?,
        ids => {
            let body = json!({ "task_ids": ids });
            client.send("DELETE", "/api/v1/task/batch", Some(&body)).await?
        }
    };
    output.result(&answer, || {
        let stopping = rows(&answer["stopping"]).len();
        let more = match stopping {
            0 => String::new(),
            _ => format!("; {stopping} of them are being stopped first"),
        };
        format!("{} tasks are deleted{more}", answer["deleted_count"])
    });
    Ok(Exit::Done)
}

pub(super) async fn stats(config: &Config, output: Output) -> Result<Exit, CliError> {
    let stats = Client::new(config)?.get("/api/v1/task/stats").await?;
    output.result(&stats, || {
        let counts =
            ["pending", "running", "completed", "failed"].map(|name| format!("{} {name}", stats[name]));
        format!("{} tasks: {}", stats["total"], counts.join(", "))
    });
    Ok(Exit::Done)
}
