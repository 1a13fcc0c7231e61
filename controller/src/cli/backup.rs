//! `backup` and `restore`.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use serde_json::json;
use shared::clock::SystemClock;
use shared::terminal::{Exit, Output};

use super::CliError;
use crate::backup::{BackupError, backup, restore as put_back};
use crate::config::Config;
use crate::store::{DatabaseUrl, Store};

#[derive(Debug, Args)]
pub(super) struct BackupArgs {
    /// The file to write; it must not be there yet.
    file: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct RestoreArgs {
    /// A file that `backup` wrote.
    file: PathBuf,
}

pub(super) async fn save(config: &Config, args: &BackupArgs, output: Output) -> Result<Exit, CliError> {
    if args.file.exists() {
        return Err(CliError::BadInput(format!(
            "{} is there already: choose another name",
            args.file.display()
        )));
    }
    // Opening would make an empty database, and an empty backup would look like a good one.
    if let DatabaseUrl::Sqlite(path) = &config.database
        && !path.exists()
    {
        return Err(CliError::Misconfigured(format!(
            "there is no database at {}: is this the right data_dir?",
            path.display()
        )));
    }
    let store = Store::open(&config.database, Arc::new(SystemClock)).await?;
    let bytes = backup(&store, &args.file).await.map_err(failed)?;
    store.close().await;
    output.result(&json!({"file": args.file, "bytes": bytes}), || {
        format!("{} ({bytes} bytes)", args.file.display())
    });
    output.remark(
        "The keys are not in it: keep a copy of keys_dir apart, without it the agents must enrol again.",
    );
    Ok(Exit::Done)
}

pub(super) async fn restore(config: &Config, args: &RestoreArgs, output: Output) -> Result<Exit, CliError> {
    let restored = put_back(&config.database, &args.file, Arc::new(SystemClock))
        .await
        .map_err(failed)?;
    output.result(&json!({"restored": args.file, "kept": restored.kept}), || {
        let kept = restored
            .kept
            .as_ref()
            .map(|kept| format!("; the database before is kept at {}", kept.display()));
        format!(
            "restored from {}{}",
            args.file.display(),
            kept.unwrap_or_default()
        )
    });
    Ok(Exit::Done)
}

fn failed(error: BackupError) -> CliError {
    match error {
        BackupError::InUse { .. } => CliError::TryLater(error.to_string()),
        BackupError::NotABackup { .. } => CliError::BadFile(Box::new(error)),
        other => CliError::failed("nothing was changed")(Box::new(other)),
    }
}
