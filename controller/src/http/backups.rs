//! Backups on demand, and how the scheduled ones fare.

use std::path::PathBuf;

use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::watch;
use utoipa::ToSchema;

use super::envelope::{Answered, ApiError, Envelope, Success};
use super::token::Caller;
use crate::backup::{BackupStatus, Done, once};
use crate::state::AppState;
use crate::store::AuditEntry;

/// Where backups lie, and how their schedule fares.
#[derive(Debug, Clone)]
pub struct Backups {
    pub folder: PathBuf,
    pub status: watch::Receiver<BackupStatus>,
}

/// A backup that was made.
#[derive(Debug, Serialize, ToSchema)]
pub struct BackupItem {
    /// On the controller's machine.
    pub file: String,
    pub bytes: u64,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

/// How the schedule fares.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct BackupsItem {
    /// The newest of the schedule.
    pub last: Option<BackupItem>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next: Option<Timestamp>,
    /// Why the latest attempt failed; `null` where it did not.
    pub trouble: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub trouble_at: Option<Timestamp>,
}

impl From<Done> for BackupItem {
    fn from(done: Done) -> Self {
        Self {
            file: done.file.display().to_string(),
            bytes: done.bytes,
            at: done.at,
        }
    }
}

/// How the schedule of this controller fares; nothing where it has none.
pub(super) fn fare(state: &AppState) -> BackupsItem {
    let Some(backups) = &state.backups else {
        return BackupsItem::default();
    };
    let status = backups.status.borrow().clone();
    let (trouble_at, trouble) = status.trouble.unzip();
    BackupsItem {
        last: status.last.map(BackupItem::from),
        next: status.next,
        trouble,
        trouble_at,
    }
}

/// How the scheduled backups fare
#[utoipa::path(get, path = "/backups", tag = "backups",
    responses((status = 200, description = "The schedule", body = Envelope<BackupsItem>)))]
pub async fn status(State(state): State<AppState>) -> Answered<BackupsItem> {
    Ok(Success(fare(&state)))
}

/// Makes a backup now, beside the scheduled ones, while the farm works
#[utoipa::path(post, path = "/backups", tag = "backups",
    responses(
        (status = 200, description = "The backup", body = Envelope<BackupItem>),
        (status = 409, description = "40901: this controller has no folder for backups"),
    ))]
pub async fn make(State(state): State<AppState>, caller: Caller) -> Answered<BackupItem> {
    let Some(backups) = &state.backups else {
        return Err(ApiError::conflict("this controller has no folder for backups"));
    };
    let made = once(&state.store, &backups.folder, state.clock.now()).await;
    let made = BackupItem::from(made.map_err(|error| ApiError::internal(&error))?);
    let entry = AuditEntry::new(caller.name, "backup.make", &made.file);
    state.store.append_audit(entry).await?;
    Ok(Success(made))
}
