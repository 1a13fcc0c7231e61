//! `attention`: what waits for a person, and what the person decides.

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use shared::terminal::{Exit, Output, table};

use super::CliError;
use super::ask::{more, rows, text};
use super::client::Client;
use crate::config::Config;

const RESOLVE_EXAMPLES: &str = "\
Examples:
  drover-controller attention resolve 3 --done --proof https://www.tiktok.com/@jane/video/7
  drover-controller attention resolve 3 --not-done --comment \"the drafts are empty\"";

#[derive(Debug, Subcommand)]
pub(super) enum AttentionCommand {
    /// List what waits, newest first.
    List(ListArgs),
    /// Show one item.
    Show(OneArgs),
    /// Say whether the act was done.
    Resolve(ResolveArgs),
    /// What kept the task is out of the way: it goes on.
    Resume(RemarkArgs),
    /// Give the task up.
    Abandon(AbandonArgs),
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// What was decided too.
    #[arg(long)]
    all: bool,
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
#[command(after_help = RESOLVE_EXAMPLES)]
pub(super) struct ResolveArgs {
    id: i64,
    /// It was done, by whomever: it is not done again.
    #[arg(long, required_unless_present = "not_done", conflicts_with = "not_done")]
    done: bool,
    /// It was not: the task does it.
    #[arg(long)]
    not_done: bool,
    /// A link that shows it.
    #[arg(long, value_name = "URL")]
    proof: Option<String>,
    #[arg(long)]
    comment: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct RemarkArgs {
    id: i64,
    #[arg(long)]
    comment: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct AbandonArgs {
    id: i64,
    /// Whether its act was done; needed where that is in question.
    #[arg(long, value_name = "true|false")]
    was_done: Option<bool>,
    #[arg(long)]
    comment: Option<String>,
}

pub(super) async fn run(
    config: &Config,
    command: &AttentionCommand,
    output: Output,
) -> Result<Exit, CliError> {
    let (id, what, body) = match command {
        AttentionCommand::List(args) => return list(config, args, output).await,
        AttentionCommand::Show(args) => return show(config, args, output).await,
        AttentionCommand::Resolve(args) => (
            args.id,
            "resolve",
            json!({"done": args.done, "proof": args.proof, "comment": args.comment}),
        ),
        AttentionCommand::Resume(args) => (args.id, "resume", json!({"comment": args.comment})),
        AttentionCommand::Abandon(args) => (
            args.id,
            "abandon",
            json!({"was_done": args.was_done, "comment": args.comment}),
        ),
    };
    let path = format!("/api/v1/attention/{id}/{what}");
    let item = Client::new(config)?.send("POST", &path, Some(&body)).await?;
    output.result(&item, || {
        let task = match &item["task"] {
            Value::Null => String::new(),
            task => format!("; the task {task} is {}", text(&item["task_state"])),
        };
        format!("{id} is resolved as {}{task}", text(&item["resolution"]))
    });
    Ok(Exit::Done)
}

async fn list(config: &Config, args: &ListArgs, output: Output) -> Result<Exit, CliError> {
    let state = if args.all { "all" } else { "open" };
    let path = format!(
        "/api/v1/attention?state={state}&page={}&page_size={}",
        args.page, args.page_size
    );
    let answer = Client::new(config)?.get(&path).await?;
    let items = rows(&answer["items"]);
    output.result(&answer, || shown(&items));
    more(output, items.len(), &answer, args.page);
    Ok(Exit::Done)
}

fn shown(items: &[Value]) -> String {
    if items.is_empty() {
        return "Nothing waits for a person.".to_owned();
    }
    let header = [
        "ID",
        "SINCE",
        "KIND",
        "TASK",
        "PHONE",
        "ACCOUNT",
        "MAY BE",
        "WHAT TO DO",
    ]
    .map(str::to_owned)
    .to_vec();
    let lines = items.iter().map(|item| {
        let allowed: Vec<String> = rows(&item["allowed"]).iter().map(text).collect();
        let may_be = match item["resolution"].as_str() {
            Some(resolution) => format!("was {resolution}"),
            None => allowed.join(", "),
        };
        vec![
            text(&item["id"]),
            text(&item["created_at"]),
            text(&item["kind"]),
            text(&item["task"]),
            text(&item["serial"]),
            text(&item["username"]),
            may_be,
            text(&item["message"]),
        ]
    });
    table(&std::iter::once(header).chain(lines).collect::<Vec<_>>())
}

async fn show(config: &Config, args: &OneArgs, output: Output) -> Result<Exit, CliError> {
    let path = format!("/api/v1/attention/{}", args.id);
    let item = Client::new(config)?.get(&path).await?;
    output.result(&item, || {
        let fields = item.as_object().cloned().unwrap_or_default();
        let lines = fields.iter().map(|(name, value)| match value {
            Value::Array(all) => {
                let all: Vec<String> = all.iter().map(text).collect();
                vec![name.clone(), all.join(", ")]
            }
            other => vec![name.clone(), text(other)],
        });
        table(&lines.collect::<Vec<_>>())
    });
    Ok(Exit::Done)
}
