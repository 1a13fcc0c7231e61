//! `schedules`: list, show, add, set, remove, enable, disable, run, next, runs, preview.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use shared::terminal::{Exit, Output, table};

use super::CliError;
use super::accounts::PlatformArg;
use super::ask::{rows, text};
use super::client::Client;
use super::tasks::read_config;
use crate::config::Config;

const ADD_EXAMPLES: &str = "\
Examples:
  drover-controller schedules add \"warm up\" account_warmup --group shelf1 --time 09:00 --time 18:30 --weekday mon-fri
  drover-controller schedules add nightly sync_data --username jane.doe --cron \"30 2 * * *\" --time-zone Europe/Stockholm
  drover-controller schedules add posts post --serial SIM0001 --time 12:00 --jitter 20 --missed run-once --config-file post.json";

const SET_EXAMPLES: &str = "\
Examples:
  drover-controller schedules set 3 --time 10:00 --weekday sat-sun
  drover-controller schedules set 3 --group shelf1 --group shelf2
  drover-controller schedules set 3 --clear valid_until --clear grace_minutes";

#[derive(Debug, Subcommand)]
pub(super) enum SchedulesCommand {
    /// List them, newest first.
    List(ListArgs),
    /// Show all that is known of one, and what came of its last run.
    Show(OneArgs),
    /// Make one.
    Add(AddArgs),
    /// Change what is given of one.
    Set(SetArgs),
    /// Delete one and what is known of its runs; its tasks stay.
    Remove(OneArgs),
    /// Let one run from now on.
    Enable(OneArgs),
    /// Keep one from running.
    Disable(OneArgs),
    /// Have one run once, now; prints the ids of the tasks.
    Run(OneArgs),
    /// Print when one runs next.
    Next(NextArgs),
    /// Print what came of its runs, newest first.
    Runs(OneArgs),
    /// Print what all of them will do in the next hours.
    Preview(PreviewArgs),
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
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
pub(super) struct NextArgs {
    id: i64,
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    count: u32,
}

#[derive(Debug, Args)]
pub(super) struct PreviewArgs {
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=168))]
    hours: u32,
}

#[derive(Debug, Args)]
#[command(after_help = ADD_EXAMPLES)]
pub(super) struct AddArgs {
    name: String,
    /// As in `tasks create`.
    script: String,
    #[command(flatten)]
    more: Fields,
    /// It does not run until it is enabled.
    #[arg(long)]
    disabled: bool,
}

#[derive(Debug, Args)]
#[command(after_help = SET_EXAMPLES)]
pub(super) struct SetArgs {
    id: i64,
    #[arg(long)]
    name: Option<String>,
    #[arg(long)]
    script: Option<String>,
    #[command(flatten)]
    more: Fields,
    /// Take this value back to its default. May be given several times.
    #[arg(long, value_name = "FIELD", value_parser = CLEARED)]
    clear: Vec<String>,
}

const CLEARED: [&str; 10] = [
    "time_zone",
    "jitter_minutes",
    "grace_minutes",
    "missed",
    "valid_from",
    "valid_until",
    "platform",
    "min_interval",
    "max_interval",
    "max_retries",
];

/// When, for whom, what.
#[derive(Debug, Args)]
pub(super) struct Fields {
    /// A time of day, HH:MM. May be given several times.
    #[arg(long = "time", value_name = "HH:MM", conflicts_with = "cron")]
    times: Vec<String>,
    /// mon to sun, or a range such as mon-fri; every day where it is left out. May be given several times.
    #[arg(long = "weekday", value_name = "DAY", conflicts_with = "cron")]
    weekdays: Vec<String>,
    /// Minute, hour, day, month, weekday.
    #[arg(long)]
    cron: Option<String>,
    /// Such as Europe/Stockholm; the controller's where it is left out.
    #[arg(long)]
    time_zone: Option<String>,
    /// Each run begins by a random time of up to so many minutes later.
    #[arg(long, value_name = "MINUTES")]
    jitter: Option<u32>,
    /// What becomes of runs at whose time no controller was there.
    #[arg(long, value_parser = ["skip", "run-once"])]
    missed: Option<String>,
    /// How late a run still counts as on time.
    #[arg(long, value_name = "MINUTES")]
    grace: Option<u32>,
    /// No run is due before (RFC 3339).
    #[arg(long, value_name = "TIME")]
    valid_from: Option<String>,
    /// No run is due after (RFC 3339).
    #[arg(long, value_name = "TIME")]
    valid_until: Option<String>,
    /// On this phone. May be given several times.
    #[arg(long)]
    serial: Vec<String>,
    /// On the phones of this group. May be given several times.
    #[arg(long)]
    group: Vec<String>,
    /// For this account. May be given several times.
    #[arg(long = "username", value_name = "USERNAME", conflicts_with_all = ["serial", "group"])]
    usernames: Vec<String>,
    /// A parameter of the script. May be given several times.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = super::assignment)]
    parameters: Vec<(String, String)>,
    /// A file with the script's parameters, as a JSON object.
    #[arg(long, value_name = "FILE")]
    config_file: Option<PathBuf>,
    /// For each enabled account of the phone.
    #[arg(long)]
    multi_account: Option<bool>,
    #[arg(long)]
    platform: Option<PlatformArg>,
    #[arg(long, value_name = "MINUTES")]
    min_interval: Option<u32>,
    #[arg(long, value_name = "MINUTES")]
    max_interval: Option<u32>,
    #[arg(long, value_parser = clap::value_parser!(u32).range(0..=10))]
    max_retries: Option<u32>,
}

impl Fields {
    /// What is given, by the names that the API has.
    fn body(&self) -> Result<Map<String, Value>, CliError> {
        let list = |values: &[String]| (!values.is_empty()).then(|| json!(values));
        let mut targets = [list(&self.serial), list(&self.group), list(&self.usernames)];
        // Others in the place of those before.
        if targets.iter().any(Option::is_some) {
            targets = targets.map(|values| values.or_else(|| Some(json!([]))));
        }
        let [serials, groups, usernames] = targets;
        let mut config = match &self.config_file {
            Some(file) => Some(read_config(file)?),
            None => None,
        };
        for (name, value) in &self.parameters {
            config
                .get_or_insert_with(Map::new)
                .insert(name.clone(), json!(value));
        }
        let missed = self.missed.as_ref().map(|missed| missed.replace('-', "_"));
        let given = [
            ("times", list(&self.times)),
            ("weekdays", list(&self.weekdays)),
            ("cron", self.cron.as_ref().map(|cron| json!(cron))),
            ("time_zone", self.time_zone.as_ref().map(|zone| json!(zone))),
            ("jitter_minutes", self.jitter.map(|jitter| json!(jitter))),
            ("missed", missed.map(|missed| json!(missed))),
            ("grace_minutes", self.grace.map(|grace| json!(grace))),
            ("valid_from", self.valid_from.as_ref().map(|time| json!(time))),
            ("valid_until", self.valid_until.as_ref().map(|time| json!(time))),
            ("serials", serials),
            ("groups", groups),
            ("usernames", usernames),
            ("script_config", config.map(Value::Object)),
            ("enable_multi_account", self.multi_account.map(|all| json!(all))),
            ("platform", self.platform.map(|platform| json!(platform.name()))),
            ("min_interval", self.min_interval.map(|minutes| json!(minutes))),
            ("max_interval", self.max_interval.map(|minutes| json!(minutes))),
            ("max_retries", self.max_retries.map(|most| json!(most))),
        ];
        let given = given
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Ok(given.collect())
    }
}

pub(super) async fn run(
    config: &Config,
    command: &SchedulesCommand,
    output: Output,
) -> Result<Exit, CliError> {
    let client = Client::new(config)?;
    let of = |id: i64, more: &str| format!("/api/v1/schedules/{id}{more}");
    match command {
        SchedulesCommand::List(args) => {
            let path = format!(
                "/api/v1/schedules?page={}&page_size={}",
                args.page, args.page_size
            );
            let answer = client.get(&path).await?;
            output.result(&answer, || listed(&rows(&answer["schedules"])));
        }
        SchedulesCommand::Show(args) => shown(&client.get(&of(args.id, "")).await?, output),
        SchedulesCommand::Add(args) => {
            let mut body = args.more.body()?;
            body.insert("name".to_owned(), json!(args.name));
            body.insert("script_name".to_owned(), json!(args.script));
            body.insert("enabled".to_owned(), json!(!args.disabled));
            let body = Value::Object(body);
            shown(
                &client.send("POST", "/api/v1/schedules", Some(&body)).await?,
                output,
            );
        }
        SchedulesCommand::Set(args) => {
            let mut body = args.more.body()?;
            for (name, value) in [("name", &args.name), ("script_name", &args.script)] {
                if let Some(value) = value {
                    body.insert(name.to_owned(), json!(value));
                }
            }
            for name in &args.clear {
                body.insert(name.clone(), Value::Null);
            }
            let body = Value::Object(body);
            shown(
                &client.send("PATCH", &of(args.id, ""), Some(&body)).await?,
                output,
            );
        }
        SchedulesCommand::Remove(args) => {
            let answer = client.send("DELETE", &of(args.id, ""), None).await?;
            output.result(&answer, || format!("schedule {} is deleted", args.id));
        }
        SchedulesCommand::Enable(args) => {
            shown(&client.send("POST", &of(args.id, "/enable"), None).await?, output);
        }
        SchedulesCommand::Disable(args) => {
            shown(
                &client.send("POST", &of(args.id, "/disable"), None).await?,
                output,
            );
        }
        SchedulesCommand::Run(args) => {
            let made = client.send("POST", &of(args.id, "/run"), None).await?;
            output.result(&made, || {
                let ids: Vec<String> = rows(&made["task_ids"]).iter().map(text).collect();
                ids.join("\n")
            });
        }
        SchedulesCommand::Next(args) => {
            let answer = client
                .get(&of(args.id, &format!("/next?count={}", args.count)))
                .await?;
            output.result(&answer, || {
                let runs: Vec<String> = rows(&answer["next_runs"])
                    .iter()
                    .map(|run| text(&run["local"]))
                    .collect();
                runs.join("\n")
            });
        }
        SchedulesCommand::Runs(args) => {
            let answer = client.get(&of(args.id, "/runs?page_size=100")).await?;
            output.result(&answer, || {
                columns(
                    &[
                        "due_at",
                        "state",
                        "by_hand",
                        "created_count",
                        "first_task_id",
                        "missed_before",
                        "error",
                    ],
                    &rows(&answer["runs"]),
                )
            });
        }
        SchedulesCommand::Preview(args) => {
            let answer = client
                .get(&format!("/api/v1/schedules/preview?hours={}", args.hours))
                .await?;
            output.result(&answer, || {
                columns(
                    &["at", "schedule_id", "name", "script_name", "tasks"],
                    &rows(&answer["runs"]),
                )
            });
            if !output.is_json() {
                for failing in rows(&answer["failing"]) {
                    output.remark(&format!(
                        "schedule {} ({}) would fail: {}",
                        failing["schedule_id"],
                        text(&failing["name"]),
                        text(&failing["message"])
                    ));
                }
            }
        }
    }
    Ok(Exit::Done)
}

fn listed(schedules: &[Value]) -> String {
    if schedules.is_empty() {
        return "No schedule. `drover-controller schedules add` makes one.".to_owned();
    }
    columns(
        &["id", "name", "enabled", "script_name", "next_run_at"],
        schedules,
    )
}

fn columns(names: &[&str], items: &[Value]) -> String {
    let header = names
        .iter()
        .map(|name| name.to_uppercase().replace('_', " "))
        .collect();
    let lines = items.iter().map(|item| {
        let cell = |name: &&str| match &item[*name] {
            Value::Object(fault) => fault.get("message").map(text).unwrap_or_default(),
            value => text(value),
        };
        names.iter().map(cell).collect()
    });
    table(&std::iter::once(header).chain(lines).collect::<Vec<_>>())
}

fn shown(schedule: &Value, output: Output) {
    output.result(schedule, || {
        let fields = schedule.as_object().cloned().unwrap_or_default();
        let lines = fields.iter().filter(|(name, _)| *name != "warnings");
        table(
            &lines
                .map(|(name, value)| vec![name.clone(), text(value)])
                .collect::<Vec<_>>(),
        )
    });
    if !output.is_json() {
        for warning in rows(&schedule["warnings"]) {
            output.remark(&format!("warning: {}", text(&warning)));
        }
    }
}
