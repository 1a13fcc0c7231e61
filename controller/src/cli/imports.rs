//! `accounts import` and `accounts undo`: a sheet into the running controller, with its progress, its faults by row and
//! column, and its difference as a table.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use shared::terminal::{Exit, Output, table};

use super::CliError;
use super::client::Client;
use super::transfer::{self, Upload};
use crate::config::Config;

/// How often a running import is asked how far it is.
const ASK_EVERY: Duration = Duration::from_millis(150);
/// Without a terminal, a line so often, the first one after as long.
const LINE_EVERY: Duration = Duration::from_secs(1);
/// Characters of a cell in the table of differences.
const SHOWN: usize = 40;

#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// The sheet: .xlsx, .xlsm, .xls, .ods or .csv.
    file: PathBuf,
    /// Of rows that do not say it themselves.
    #[arg(long, value_parser = ["tiktok", "instagram"])]
    platform: Option<String>,
    /// Show what would be done, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// What one faulty row means: refuse the sheet, or skip that row.
    #[arg(long, default_value = "refuse", value_parser = ["refuse", "skip"])]
    on_error: String,
    /// For rows without an id whose username stands with other values.
    #[arg(long, default_value = "fault", value_parser = ["fault", "update", "skip"])]
    on_duplicate: String,
    /// Whether the sheet's ids are this farm's; `ignore` for a sheet from elsewhere or an empty farm.
    #[arg(long, default_value = "match", value_parser = ["match", "ignore"])]
    ids: String,
    /// Take a sheet that renames many accounts.
    #[arg(long)]
    allow_rename: bool,
    /// Give phones the indexes of the sheet too.
    #[arg(long)]
    adopt_device_index: bool,
    /// Of a text file that is not UTF-8, such as windows-1252.
    #[arg(long)]
    encoding: Option<String>,
    /// Of a text file: comma, semicolon or tab.
    #[arg(long)]
    delimiter: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct UndoArgs {
    /// The import's id; the last one that can be taken back where it is left out.
    import: Option<i64>,
}

pub(super) async fn import(config: &Config, args: &ImportArgs, output: Output) -> Result<Exit, CliError> {
    let body = read(&args.file)?;
    let client = transfer::client(config)?;
    let upload = Upload {
        method: "POST",
        path: args.path(),
        content_type: "application/octet-stream",
        body: body.into(),
    };
    let begun = transfer::send(&client, upload).await?;
    let import = followed(&client, &begun["id"], output).await?;
    output.result(&import, || told(&import));
    Ok(exit(&import))
}

pub(super) async fn undo(config: &Config, args: &UndoArgs, output: Output) -> Result<Exit, CliError> {
    let client = transfer::client(config)?;
    let id = match args.import {
        Some(id) => Value::from(id),
        None => last(&client).await?,
    };
    let begun = client
        .send("POST", &format!("/api/v1/accounts/imports/{id}/undo"), None)
        .await?;
    let import = followed(&client, &begun["id"], output).await?;
    output.result(&import, || taken_back(&import));
    let refused = import["undo"]["refused_total"].as_u64().unwrap_or_default();
    let whole = import["state"] == "undone" && refused == 0;
    Ok(if whole { Exit::Done } else { Exit::Failed })
}

/// The id of the last import that can be taken back.
async fn last(client: &Client) -> Result<Value, CliError> {
    let listed = client.get("/api/v1/accounts/imports?page_size=100").await?;
    let imports = listed["imports"].as_array().cloned().unwrap_or_default();
    let last = imports
        .into_iter()
        .find(|import| import["undo_until"].is_string());
    last.map(|import| import["id"].clone())
        .ok_or_else(|| CliError::BadInput("there is no import that can be taken back".to_owned()))
}

fn read(file: &Path) -> Result<Vec<u8>, CliError> {
    std::fs::read(file)
        .map_err(|error| CliError::BadInput(format!("cannot read {}: {error}", file.display())))
}

impl ImportArgs {
    fn path(&self) -> String {
        let mut path = format!(
            "/api/v1/accounts/import?wait=false&dry_run={}&on_error={}&on_duplicate={}&ids={}&allow_rename={}&adopt_device_index={}",
            self.dry_run,
            self.on_error,
            self.on_duplicate,
            self.ids,
            self.allow_rename,
            self.adopt_device_index
        );
        let named = [
            ("platform", &self.platform),
            ("encoding", &self.encoding),
            ("delimiter", &self.delimiter),
        ];
        for (name, value) in named {
            if let Some(value) = value {
                path.push_str(&format!("&{name}={}", super::ask::encoded(value)));
            }
        }
        path
    }
}

/// Waits for the end of an import, showing how far it is.
async fn followed(client: &Client, id: &Value, output: Output) -> Result<Value, CliError> {
    let path = format!("/api/v1/accounts/imports/{id}");
    let mut shown = Shown::new(output);
    loop {
        let import = client.get(&path).await?;
        let state = import["state"].as_str().unwrap_or_default();
        if !["reading", "applying", "undoing"].contains(&state) {
            shown.end();
            return Ok(import);
        }
        shown.show(state, &import["progress"]);
        tokio::time::sleep(ASK_EVERY).await;
    }
}

/// A bar on a terminal, lines elsewhere.
struct Shown {
    bar: Option<ProgressBar>,
    output: Output,
    line_at: Instant,
}

impl Shown {
    fn new(output: Output) -> Self {
        Self {
            bar: std::io::stderr().is_terminal().then(ProgressBar::no_length),
            output,
            line_at: Instant::now(),
        }
    }

    fn show(&mut self, state: &str, progress: &Value) {
        let count = |name: &str| progress[name].as_u64().unwrap_or_default();
        let (done, total) = match state {
            "reading" => (count("read"), None),
            "undoing" => (
                count("total").saturating_sub(count("applied")),
                Some(count("total")),
            ),
            _ => (count("applied"), Some(count("total"))),
        };
        let Some(bar) = &self.bar else {
            if self.line_at.elapsed() >= LINE_EVERY {
                self.line_at = Instant::now();
                let of = total.map(|total| format!(" of {total}")).unwrap_or_default();
                self.output.remark(&format!("{state}: {done}{of} rows"));
            }
            return;
        };
        let template = match total {
            Some(_) => "{msg} {wide_bar} {pos}/{len} rows {eta}",
            None => "{msg} {spinner} {pos} rows {elapsed}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(state.to_owned());
        if let Some(total) = total {
            bar.set_length(total);
        }
        bar.set_position(done);
        bar.tick();
    }

    fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn exit(import: &Value) -> Exit {
    match import["state"].as_str() {
        Some("done") => Exit::Done,
        Some("refused") => Exit::BadInput,
        _ => Exit::Failed,
    }
}

/// What came of an import, for people.
fn told(import: &Value) -> String {
    let report = &import["report"];
    let count = |name: &str| report[name].as_u64().unwrap_or_default();
    let mut text = String::new();
    if import["dry_run"] == true
        && report["changes"]
            .as_array()
            .is_some_and(|changes| !changes.is_empty())
    {
        text.push_str(&difference(report));
        text.push('\n');
    }
    text.push_str(&listed(
        report,
        "faults",
        &["row", "column", "class", "found", "wrong", "allowed"],
    ));
    text.push_str(&listed(report, "warnings", &["row", "column", "kind", "message"]));
    let sum = format!(
        "{} rows: {} created, {} updated, {} unchanged, {} skipped, {} faulty",
        count("rows"),
        count("created"),
        count("updated"),
        count("unchanged"),
        count("skipped"),
        count("faulty")
    );
    let how = match (import["state"].as_str(), import["dry_run"] == true) {
        (Some("done"), true) => "It would do this (nothing was changed): ",
        (Some("done"), false) => "",
        _ => "Nothing was changed. ",
    };
    if let Some(why) = report["refusal"].as_str().filter(|_| count("faults_total") == 0) {
        text.push_str(&format!("{}\n", as_options(why)));
    }
    text.push_str(how);
    // A file that was refused before its first row has nothing to count.
    if count("rows") > 0 || import["state"] == "done" {
        text.push_str(&sum);
    }
    let end = text.trim_end().len();
    text.truncate(end);
    if import["undo_until"].is_string() {
        text.push_str(&format!(
            "\n`drover-controller accounts undo {}` takes it back, until {}",
            import["id"],
            shown(&import["undo_until"])
        ));
    }
    text
}

/// The API's refusals name its parameters; here they are options.
fn as_options(why: &str) -> String {
    let mut text = why.replacen("platform: ", "give --platform: ", 1);
    for (parameter, option) in [
        ("ids=ignore", "--ids ignore"),
        ("allow_rename=true", "--allow-rename"),
        ("on_duplicate=update", "--on-duplicate update"),
        ("say which encoding it has: ", "give --encoding: "),
        ("name another encoding", "give another --encoding"),
        ("; say which", "; give --delimiter"),
    ] {
        text = text.replace(parameter, option);
    }
    text
}

/// The difference, a line for each field.
fn difference(report: &Value) -> String {
    let mut rows = vec![
        ["ROW", "ACTION", "USERNAME", "FIELD", "OLD", "NEW"]
            .map(str::to_owned)
            .to_vec(),
    ];
    let changes = report["changes"].as_array().cloned().unwrap_or_default();
    for change in &changes {
        for field in change["fields"].as_array().into_iter().flatten() {
            let new = match (&field["field"], &field["has_2fa"]) {
                (Value::String(name), two_factor) if name == "pwd" => {
                    if two_factor == true {
                        "changed, with 2FA".to_owned()
                    } else {
                        "changed".to_owned()
                    }
                }
                _ => shown(&field["new"]),
            };
            rows.push(vec![
                shown(&change["row"]),
                shown(&change["action"]),
                format!("{}/{}", shown(&change["platform"]), shown(&change["username"])),
                shown(&field["field"]),
                shown(&field["old"]),
                new,
            ]);
        }
    }
    let mut text = table(&rows);
    let left = report["changes_total"]
        .as_u64()
        .unwrap_or_default()
        .saturating_sub(changes.len() as u64);
    if left > 0 {
        text.push_str(&format!("… and {left} more rows\n"));
    }
    text
}

/// A list of the report as a table.
fn listed(report: &Value, name: &str, columns: &[&str]) -> String {
    let Some(entries) = report[name].as_array().filter(|entries| !entries.is_empty()) else {
        return String::new();
    };
    let mut rows = vec![
        columns
            .iter()
            .map(|column| column.to_uppercase())
            .collect::<Vec<_>>(),
    ];
    rows.extend(
        entries
            .iter()
            .map(|entry| columns.iter().map(|column| long(&entry[*column])).collect()),
    );
    let total = report[format!("{name}_total")].as_u64().unwrap_or_default();
    let left = total.saturating_sub(entries.len() as u64);
    let more = if left > 0 {
        format!("… and {left} more\n")
    } else {
        String::new()
    };
    format!("{}{more}\n", table(&rows))
}

fn taken_back(import: &Value) -> String {
    let undo = &import["undo"];
    let count = |name: &str| undo[name].as_u64().unwrap_or_default();
    let some = |count: u64, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    format!(
        "{}{} deleted, {} restored, {} left as they are",
        listed(undo, "refused", &["row", "id", "why"]),
        some(count("deleted"), "account", "accounts"),
        count("restored"),
        some(count("refused_total"), "row", "rows")
    )
}

fn long(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(long).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

fn shown(value: &Value) -> String {
    let text = long(value);
    if text.chars().count() <= SHOWN {
        return text;
    }
    text.chars().take(SHOWN - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_faulty_sheet_is_told_by_row_and_column_and_ends_with_65() {
        let import = json!({"id": 3, "state": "refused", "dry_run": false, "report": {
            "rows": 2, "created": 1, "updated": 0, "unchanged": 0, "skipped": 0, "faulty": 1,
            "faults": [{"row": 3, "column": "status", "class": "out_of_range", "found": "number", "wrong": "is 2",
                "allowed": "0 (enabled) or 1 (disabled)"}], "faults_total": 1}});
        let text = told(&import);
        assert!(
            text.contains("3    status  out_of_range  number  is 2   0 (enabled)"),
            "{text}"
        );
        assert!(
            text.ends_with(
                "Nothing was changed. 2 rows: 1 created, 0 updated, 0 unchanged, 0 skipped, 1 faulty"
            ),
            "{text}"
        );
        assert_eq!(exit(&import), Exit::BadInput);
    }

    #[test]
    fn a_dry_run_shows_the_difference_and_no_password() {
        let import = json!({"id": 3, "state": "done", "dry_run": true, "report": {
            "rows": 1, "updated": 1, "changes_total": 2, "changes": [{"row": 2, "action": "updated", "id": 1,
                "platform": "instagram", "username": "jane", "fields": [
                    {"field": "email", "old": "a@b", "new": null},
                    {"field": "pwd", "has_2fa": true}, {"field": "tags", "new": ["a", "b"]}]}]}});
        let text = told(&import);
        assert!(
            text.contains("2    updated  instagram/jane  email  a@b  -"),
            "{text}"
        );
        assert!(text.contains("pwd    -    changed, with 2FA"), "{text}");
        assert!(text.contains("tags   -    a, b"), "{text}");
        assert!(text.contains("… and 1 more rows"), "{text}");
    }
}
