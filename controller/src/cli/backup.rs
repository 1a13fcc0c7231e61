//! `backup` and `restore`.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand};
use serde_json::json;
use shared::clock::SystemClock;
use shared::terminal::{Exit, Output};
use uuid::Uuid;

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
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct RestoreArgs {
    /// A file that `backup` wrote.
    #[arg(required = true)]
    file: Option<PathBuf>,
    #[command(subcommand)]
    then: Option<AfterRestore>,
}

#[derive(Debug, Subcommand)]
enum AfterRestore {
    /// Go on without a host that does not come back to tell what it did; what it did since the backup may be done again.
    Accept {
        /// Its id, as `hosts list` shows it.
        #[arg(long, value_name = "ID")]
        host: Uuid,
    },
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
    let file = match (&args.then, &args.file) {
        (Some(AfterRestore::Accept { host }), _) => return accept(config, *host, output).await,
        (None, Some(file)) => file,
        (None, None) => return Err(CliError::BadInput("name the file to restore".to_owned())),
    };
    let restored = put_back(&config.database, file, Arc::new(SystemClock))
        .await
        .map_err(failed)?;
    output.result(&json!({"restored": file, "kept": restored.kept}), || {
        let kept = restored
            .kept
            .as_ref()
            .map(|kept| format!("; the database before is kept at {}", kept.display()));
        format!("restored from {}{}", file.display(), kept.unwrap_or_default())
    });
    output.remark(
        "Nothing is done anew before every host has told what it did since; go on without one: restore accept --host ID",
    );
    Ok(Exit::Done)
}

/// Straight in the database; a running controller sees it within a minute.
async fn accept(config: &Config, host: Uuid, output: Output) -> Result<Exit, CliError> {
    let store = Store::open(&config.database, Arc::new(SystemClock)).await?;
    let known = store.host(host).await?;
    let done = match &known {
        Some(_) => store.accept_host(host, "command line").await,
        None => Ok(()),
    };
    store.close().await;
    done?;
    let Some(known) = known else {
        return Err(CliError::BadInput(format!(
            "there is no host {host}: see hosts list"
        )));
    };
    output.result(&json!({"accepted": host}), || {
        format!("goes on without what {} would have told", known.name)
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
