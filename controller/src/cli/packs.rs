//! `packs`: list, show, versions, export, import, revert.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use shared::pack::files::PackFiles;
use shared::terminal::{Exit, Output, table};

use super::CliError;
use super::ask::{encoded, rows, text};
use super::client::Client;
use super::transfer::{self, NewFile, Upload};
use crate::config::Config;

const IMPORT_EXAMPLES: &str = "\
Examples:
  drover-controller packs import flows/tiktok --reason \"the app renamed its button\"
  drover-controller packs import tiktok.zip --reason \"from the other farm\" --dry-run";

#[derive(Debug, Subcommand)]
pub(super) enum PacksCommand {
    /// List them, those that win first.
    List,
    /// Show one: its files and its elements.
    #[command(disable_version_flag = true)]
    Show(ShowArgs),
    /// List every version that is kept of one, the newest first.
    Versions(OneArgs),
    /// Write one into a zip.
    #[command(disable_version_flag = true)]
    Export(ExportArgs),
    /// Take one in and put it in force: a folder with pack.toml, or a zip of one.
    Import(ImportArgs),
    /// Take one back to an earlier version, or to what it came as.
    #[command(disable_version_flag = true)]
    Revert(RevertArgs),
}

#[derive(Debug, Args)]
pub(super) struct OneArgs {
    name: String,
}

#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    name: String,
    /// Of this version; of the one in force where it is left out.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    version: Option<u32>,
    /// Print this file alone.
    #[arg(long, value_name = "NAME")]
    file: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    name: String,
    /// Of this version; of the one in force where it is left out.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    version: Option<u32>,
    /// The file to write; NAME.zip where it is left out. One that is there is replaced.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = IMPORT_EXAMPLES)]
pub(super) struct ImportArgs {
    #[arg(value_name = "FOLDER|ZIP")]
    from: PathBuf,
    /// Why, for those who come after.
    #[arg(long)]
    reason: String,
    /// Only look whether it could be taken.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Args)]
pub(super) struct RevertArgs {
    name: String,
    /// This version; what it came as where it is left out.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    version: Option<u32>,
    /// Why, for those who come after.
    #[arg(long)]
    reason: String,
}

fn path(name: &str, rest: &str, version: Option<u32>) -> String {
    let query = version.map_or(String::new(), |version| format!("?version={version}"));
    format!("/api/v1/packs/{}{rest}{query}", encoded(name))
}

pub(super) async fn run(config: &Config, command: &PacksCommand, output: Output) -> Result<Exit, CliError> {
    let client = Client::new(config)?;
    match command {
        PacksCommand::List => {
            let answer = client.get("/api/v1/packs").await?;
            output.result(&answer, || listed(&rows(&answer["packs"])));
        }
        PacksCommand::Show(args) => {
            let answer = client.get(&path(&args.name, "", args.version)).await?;
            if let Some(wanted) = &args.file {
                let files = rows(&answer["files"]);
                let file = files.iter().find(|file| file["name"] == wanted.as_str());
                let file = file.ok_or_else(|| {
                    let names: Vec<String> = files.iter().map(|file| text(&file["name"])).collect();
                    CliError::BadInput(format!(
                        "the pack has no file {wanted}: it has {}",
                        names.join(", ")
                    ))
                })?;
                output.result(file, || text(&file["text"]));
            } else {
                output.result(&answer, || shown(&answer));
            }
        }
        PacksCommand::Versions(args) => {
            let answer = client.get(&path(&args.name, "/versions", None)).await?;
            output.result(&answer, || versions(&rows(&answer["versions"])));
        }
        PacksCommand::Export(args) => export(&client, args, output).await?,
        PacksCommand::Import(args) => {
            let query = format!("reason={}&dry_run={}", encoded(&args.reason), args.dry_run);
            let (content_type, body) = packed(&args.from)?;
            let upload = Upload {
                method: "POST",
                path: format!("/api/v1/packs?{query}"),
                content_type,
                body,
            };
            changed(&transfer::send(&client, upload).await?, args.dry_run, output);
        }
        PacksCommand::Revert(args) => {
            let body = json!({"version": args.version, "reason": args.reason});
            let answer = client
                .send("POST", &path(&args.name, "/revert", None), Some(&body))
                .await?;
            changed(&answer, false, output);
        }
    }
    Ok(Exit::Done)
}

async fn export(client: &Client, args: &ExportArgs, output: Output) -> Result<(), CliError> {
    let out = args
        .out
        .clone()
        .unwrap_or_else(|| PathBuf::from(format!("{}.zip", args.name)));
    let request = Upload {
        method: "GET",
        path: path(&args.name, "/export", args.version),
        content_type: "application/json",
        body: Bytes::new(),
    };
    let file = NewFile::beside(&out)?;
    let size = transfer::fetch(client, request, file.writer()?, |_| {}).await?;
    file.keep(&out)?;
    let value = json!({"file": out.display().to_string(), "bytes": size});
    output.result(&value, || out.display().to_string());
    Ok(())
}

/// What is sent of a folder or a zip.
fn packed(from: &Path) -> Result<(&'static str, Bytes), CliError> {
    let wrong = |why: String| CliError::BadInput(format!("{}: {why}", from.display()));
    if from.is_dir() {
        let files = PackFiles::from_folder(from).map_err(|error| wrong(error.to_string()))?;
        let files: serde_json::Map<String, Value> = files
            .iter()
            .map(|(name, text)| (name.to_owned(), json!(text)))
            .collect();
        return Ok(("application/json", json!({ "files": files }).to_string().into()));
    }
    let bytes = std::fs::read(from).map_err(|error| wrong(error.to_string()))?;
    Ok(("application/zip", bytes.into()))
}

fn listed(packs: &[Value]) -> String {
    let header = ["NAME", "PLATFORM", "VERSION", "EDIT", "ORIGIN", "FLOWS", "HASH"];
    let header = header.map(str::to_owned).to_vec();
    let lines = packs.iter().map(|pack| {
        let flows = match pack["in_force"].as_bool() {
            Some(true) => rows(&pack["flows"]).len().to_string(),
            _ => "not in force".to_owned(),
        };
        vec![
            text(&pack["name"]),
            text(&pack["platform"]),
            text(&pack["version"]),
            text(&pack["number"]),
            text(&pack["origin"]),
            flows,
            text(&pack["hash"]).chars().take(12).collect(),
        ]
    });
    table(&std::iter::once(header).chain(lines).collect::<Vec<_>>())
}

fn shown(details: &Value) -> String {
    let pack = &details["pack"];
    let names = |list: &Value| -> String {
        let names: Vec<String> = rows(list).iter().map(|one| text(&one["name"])).collect();
        names.join(", ")
    };
    let texts = |list: &Value| -> String {
        let texts: Vec<String> = rows(list).iter().map(text).collect();
        texts.join(", ")
    };
    let line = |name: &str, value: String| vec![name.to_owned(), value];
    table(&[
        line("name", text(&pack["name"])),
        line("platform", text(&pack["platform"])),
        line("version", text(&pack["version"])),
        line("edit", text(&details["shown"])),
        line("origin", text(&pack["origin"])),
        line("hash", text(&pack["hash"])),
        line("packages", texts(&pack["packages"])),
        line("flows", texts(&pack["flows"])),
        line("files", names(&details["files"])),
        line("elements", names(&details["elements"])),
    ])
}

fn versions(versions: &[Value]) -> String {
    if versions.is_empty() {
        return "It was never changed here.".to_owned();
    }
    let header = ["NUMBER", "ORIGIN", "IN FORCE", "WHEN", "WHO", "REASON"];
    let header = header.map(str::to_owned).to_vec();
    let lines = versions.iter().map(|one| {
        vec![
            text(&one["number"]),
            text(&one["origin"]),
            if one["in_force"] == true { "yes" } else { "" }.to_owned(),
            text(&one["changed_at"]),
            text(&one["changed_by"]),
            text(&one["reason"]),
        ]
    });
    table(&std::iter::once(header).chain(lines).collect::<Vec<_>>())
}

fn changed(answer: &Value, dry_run: bool, output: Output) {
    output.result(answer, || {
        let files: Vec<String> = rows(&answer["files"])
            .iter()
            .map(|file| text(&file["name"]))
            .collect();
        let files = match files.as_slice() {
            [] => "no file differs".to_owned(),
            files => format!("differing: {}", files.join(", ")),
        };
        let pack = &answer["pack"];
        match (dry_run, pack.is_null()) {
            (true, _) => format!("It could be taken; {files}"),
            (false, true) => "It is no longer in force".to_owned(),
            (false, false) if answer["changed"] == true => format!(
                "{} is in force as {}{}; {files}",
                text(&pack["name"]),
                text(&pack["origin"]),
                pack["number"]
                    .as_u64()
                    .map_or(String::new(), |number| format!(", edit {number}")),
            ),
            (false, false) => format!("{} is as it was", text(&pack["name"])),
        }
    });
    for warning in rows(&answer["warnings"]) {
        output.remark(&format!(
            "warning: {}:{} {}\n",
            text(&warning["file"]),
            text(&warning["line"]),
            text(&warning["what"])
        ));
    }
}
