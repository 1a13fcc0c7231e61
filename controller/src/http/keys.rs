//! The keys that seal the farm's secrets: which there are, and a new one in the place of the current one. The keys
//! themselves are never told.

use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::envelope::{Answered, ApiError, Envelope, Success};
use super::token::Caller;
use crate::state::AppState;
use crate::vault::{KeyInUse, VaultError};

/// A key of the vault.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyItem {
    /// Follows from the key; its file is `vault-ID.key`.
    #[schema(example = "3f9a02c1")]
    pub id: String,
    /// Whether secrets are sealed with it from now on.
    pub current: bool,
    /// Whether the controller has it.
    pub present: bool,
    /// Secrets that it seals.
    pub secrets: u64,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub retired_at: Option<Timestamp>,
}

/// How far a change of keys is.
#[derive(Debug, Serialize, ToSchema)]
pub struct RotationItem {
    /// Secrets that were looked at.
    pub done: u64,
    pub total: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct KeyList {
    /// Oldest first.
    pub keys: Vec<KeyItem>,
    /// `null` where no change of keys is under way.
    pub rotation: Option<RotationItem>,
}

impl From<KeyInUse> for KeyItem {
    fn from(key: KeyInUse) -> Self {
        Self {
            id: key.row.id.0,
            current: key.row.current,
            present: key.present,
            secrets: key.secrets,
            created_at: key.row.created_at,
            retired_at: key.row.retired_at,
        }
    }
}

impl From<VaultError> for ApiError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Store(error) => error.into(),
            VaultError::Rotating | VaultError::NoNewKey => Self::conflict(error.to_string()),
            other => Self::internal(&other),
        }
    }
}

async fn all(state: &AppState) -> Result<KeyList, ApiError> {
    // First whether a change is under way, then what each key seals: who hears that it is over sees all of it.
    let rotation = state.vault.progress().map(|progress| RotationItem {
        done: progress.done,
        total: progress.total,
    });
    let keys = state.vault.keys(&state.store).await?;
    Ok(KeyList {
        keys: keys.into_iter().map(KeyItem::from).collect(),
        rotation,
    })
}

/// The keys that seal passwords and 2FA secrets
#[utoipa::path(get, path = "/keys", tag = "keys",
    responses((status = 200, description = "The keys, without what they are", body = Envelope<KeyList>)))]
pub async fn list(State(state): State<AppState>) -> Answered<KeyList> {
    all(&state).await.map(Success)
}

/// Makes a new key the current one, on record
///
/// From now on secrets are sealed with it; the old ones are sealed anew while the farm works: `GET /keys` tells how far
/// that is. The old key is kept, for backups that were made before need it.
#[utoipa::path(post, path = "/keys/rotate", tag = "keys",
    responses(
        (status = 200, description = "The keys after the change", body = Envelope<KeyList>),
        (status = 409, description = "40901: a change is under way already, or the operator who gives the keys gave no new one"),
    ))]
pub async fn rotate(State(state): State<AppState>, caller: Caller) -> Answered<KeyList> {
    let rotation = state.vault.rotate(&state.store, &caller.name).await?;
    let answer = all(&state).await;
    let store = state.store.clone();
    // On a task of its own: who asked need not wait. What breaks off goes on at the next start.
    tokio::spawn(async move {
        if let Err(error) = rotation.drain(&store).await {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "sealing the secrets anew broke off"
            );
        }
    });
    answer.map(Success)
}
