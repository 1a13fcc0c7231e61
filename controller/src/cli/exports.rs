//! `accounts export` and `export all`: what the farm knows, as sheets and JSON. Passwords only where they are asked for.

mod parts;
mod sheet;

use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use shared::terminal::{Exit, Output};

use super::CliError;
use super::client::Client;
use super::transfer::{self, NewFile, Upload};
use crate::config::Config;
use parts::PARTS;

/// Rows of one page of a list.
const PAGE: usize = 100;

#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    /// The file to write; its end says the format: .xlsx, .csv or .ods. One that is there is replaced.
    file: PathBuf,
    /// One platform alone; both where it is left out.
    #[arg(long, value_parser = ["tiktok", "instagram"])]
    platform: Option<String>,
    /// Passwords too, with their 2FA secrets; this is put on record.
    #[arg(long)]
    include_secrets: bool,
    /// Instead of what the file's name says.
    #[arg(long, value_parser = ["xlsx", "csv", "ods"])]
    format: Option<String>,
    /// Of the sheet that explains the columns.
    #[arg(long, default_value = "en", value_parser = ["en", "fr", "sv", "zh"])]
    language: String,
}

#[derive(Debug, Args)]
pub(super) struct AllArgs {
    /// The folder to write to; it must be empty or not be there yet.
    folder: PathBuf,
    /// Passwords too, with their 2FA secrets; this is put on record.
    #[arg(long)]
    include_secrets: bool,
}

pub(super) async fn accounts(config: &Config, args: &ExportArgs, output: Output) -> Result<Exit, CliError> {
    let named = args
        .file
        .extension()
        .and_then(|end| end.to_str())
        .map(str::to_ascii_lowercase);
    let format = match args.format.as_deref().or(named.as_deref()) {
        Some(format @ ("xlsx" | "csv" | "ods")) => format.to_owned(),
        _ => {
            return Err(CliError::BadInput(format!(
                "{} does not say the format: end it with .xlsx, .csv or .ods, or give --format",
                args.file.display()
            )));
        }
    };
    let client = transfer::client(config)?;
    let wish = json!({
        "platform": args.platform,
        "include_secrets": args.include_secrets,
        "format": format,
        "language": args.language,
    });
    let bytes = sheet_of_accounts(&client, &wish, &args.file, output).await?;
    output.result(&json!({"file": args.file, "bytes": bytes}), || {
        format!("{} ({bytes} bytes)", args.file.display())
    });
    if args.include_secrets {
        output.remark("It holds passwords in plain: keep it where nobody else can read it, and delete it when it is done with.");
    }
    Ok(Exit::Done)
}

async fn sheet_of_accounts(
    client: &Client,
    wish: &Value,
    file: &Path,
    output: Output,
) -> Result<u64, CliError> {
    let request = Upload {
        method: "POST",
        path: "/api/v1/accounts/export".to_owned(),
        content_type: "application/json",
        body: wish.to_string().into(),
    };
    let new = NewFile::beside(file)?;
    let bar = if output.is_json() {
        ProgressBar::hidden()
    } else {
        ProgressBar::no_length()
    };
    if let Ok(style) = ProgressStyle::with_template("{spinner} {bytes} {elapsed}") {
        bar.set_style(style);
    }
    let fetched = transfer::fetch(client, request, new.writer()?, |size| bar.set_position(size)).await;
    bar.finish_and_clear();
    let bytes = fetched?;
    new.keep(file)?;
    Ok(bytes)
}

/// Everything that the farm knows, a part a file.
pub(super) async fn all(config: &Config, args: &AllArgs, output: Output) -> Result<Exit, CliError> {
    let client = transfer::client(config)?;
    let beside = beside(&args.folder)?;
    let mut names = vec!["accounts.xlsx".to_owned()];
    let wish = json!({"include_secrets": args.include_secrets});
    sheet_of_accounts(&client, &wish, &beside.path().join("accounts.xlsx"), output).await?;
    for part in PARTS {
        let rows = every(&client, part.path, part.list).await?;
        let json = serde_json::to_string_pretty(&rows).unwrap_or_default();
        let mut files = vec![(format!("{}.json", part.name), json.into_bytes())];
        if part.as_sheet {
            let sheet = sheet::of(part.name, &rows);
            let sheet = sheet.map_err(|error| CliError::failed("writing a sheet")(error.into()))?;
            files.push((format!("{}.xlsx", part.name), sheet));
        }
        for (name, bytes) in files {
            write(&beside.path().join(&name), &bytes)?;
            names.push(name);
        }
        output.remark(&format!("{}: {} rows", part.name, rows.len()));
    }
    put_in_place(beside, &args.folder)?;
    output.result(&json!({"folder": args.folder, "files": names}), || {
        format!("{} files in {}", names.len(), args.folder.display())
    });
    Ok(Exit::Done)
}

/// All pages of a list.
async fn every(client: &Client, path: &str, list: &str) -> Result<Vec<Value>, CliError> {
    let mut rows: Vec<Value> = Vec::new();
    let joint = if path.contains('?') { '&' } else { '?' };
    for page in 1_u32.. {
        let answer = client
            .get(&format!("{path}{joint}page={page}&page_size={PAGE}"))
            .await?;
        let Value::Array(more) = answer[list].clone() else {
            break;
        };
        let last = more.len() < PAGE || answer["page"].is_null();
        rows.extend(more);
        if last {
            break;
        }
    }
    Ok(rows)
}

/// A folder for this user alone beside the wanted one, gone with its handle: what breaks off leaves nothing half written.
fn beside(folder: &Path) -> Result<tempfile::TempDir, CliError> {
    if let Ok(1..) = std::fs::read_dir(folder).map(Iterator::count) {
        return Err(CliError::BadInput(format!(
            "{} is not empty: give a folder of its own",
            folder.display()
        )));
    }
    let parent = match folder.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(parent)
        .and_then(|()| {
            tempfile::Builder::new()
                .prefix(".drover-export")
                .tempdir_in(parent)
        })
        .map_err(|error| CliError::BadInput(format!("cannot write into {}: {error}", parent.display())))
}

/// Gives the whole folder its name.
fn put_in_place(beside: tempfile::TempDir, folder: &Path) -> Result<(), CliError> {
    // One that is there is empty; not every system renames onto it.
    let _ = std::fs::remove_dir(folder);
    let whole = beside.keep();
    std::fs::rename(&whole, folder).map_err(|error| {
        CliError::BadInput(format!(
            "cannot name the folder {}: {error}; what was exported lies in {}",
            folder.display(),
            whole.display()
        ))
    })
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let wrong =
        |error: std::io::Error| CliError::BadInput(format!("cannot write {}: {error}", file.display()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut open = options.open(file).map_err(wrong)?;
    std::io::Write::write_all(&mut open, bytes).map_err(wrong)
}
