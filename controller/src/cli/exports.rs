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
    make(&args.folder)?;
    let mut written = Vec::new();
    let accounts = args.folder.join("accounts.xlsx");
    let wish = json!({"include_secrets": args.include_secrets});
    sheet_of_accounts(&client, &wish, &accounts, output).await?;
    written.push(accounts);
    for part in PARTS {
        let rows = every(&client, part.path, part.list).await?;
        let json = args.folder.join(format!("{}.json", part.name));
        let text = serde_json::to_string_pretty(&rows).unwrap_or_default();
        write(&json, text.as_bytes())?;
        written.push(json);
        if part.as_sheet {
            let file = args.folder.join(format!("{}.xlsx", part.name));
            write(
                &file,
                &sheet::of(part.name, &rows)
                    .map_err(|error| CliError::failed("writing a sheet")(error.into()))?,
            )?;
            written.push(file);
        }
        output.remark(&format!("{}: {} rows", part.name, rows.len()));
    }
    output.result(&json!({"folder": args.folder, "files": written}), || {
        format!("{} files in {}", written.len(), args.folder.display())
    });
    Ok(Exit::Done)
}

/// All pages of a list.
async fn every(client: &Client, path: &str, list: &str) -> Result<Vec<Value>, CliError> {
    let mut rows: Vec<Value> = Vec::new();
    for page in 1_u32.. {
        let answer = client
            .get(&format!("{path}?page={page}&page_size={PAGE}"))
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

/// A folder for this user alone.
fn make(folder: &Path) -> Result<(), CliError> {
    let wrong = |error: std::io::Error| {
        CliError::BadInput(format!("cannot write into {}: {error}", folder.display()))
    };
    match std::fs::read_dir(folder).map(Iterator::count) {
        Ok(1..) => Err(CliError::BadInput(format!(
            "{} is not empty: give a folder of its own",
            folder.display()
        ))),
        Ok(0) => close(folder).map_err(wrong),
        Err(_) => super::serve::make_private(folder).map_err(wrong),
    }
}

#[cfg(unix)]
fn close(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn close(_folder: &Path) -> std::io::Result<()> {
    Ok(())
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
