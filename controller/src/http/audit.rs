//! Who changed what, newest first.

use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::envelope::{Answered, Envelope, Success};
use super::fields::Asked;
use super::page::Paged;
use crate::state::AppState;
use crate::store::AuditRow;

/// A change on record.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditItem {
    pub id: i64,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// A token, the command line, this machine.
    #[schema(example = "token ci (3)")]
    pub who: String,
    #[schema(example = "device.change")]
    pub what: String,
    /// The serial, id or name of what was changed.
    pub subject: String,
    #[schema(value_type = Value)]
    pub before: Option<Value>,
    #[schema(value_type = Value)]
    pub after: Option<Value>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AuditList {
    pub entries: Vec<AuditItem>,
    pub total: u64,
    pub page: u32,
    pub page_size: u32,
}

impl From<AuditRow> for AuditItem {
    fn from(row: AuditRow) -> Self {
        Self {
            id: row.id,
            at: row.at,
            who: row.entry.who,
            what: row.entry.what,
            subject: row.entry.subject,
            before: row.entry.before,
            after: row.entry.after,
        }
    }
}

/// Who changed what, newest first
#[utoipa::path(get, path = "/audit", tag = "audit", params(Paged),
    responses((status = 200, description = "A page of the record", body = Envelope<AuditList>)))]
pub async fn list(State(state): State<AppState>, Asked(paged): Asked<Paged>) -> Answered<AuditList> {
    let listed = state.store.list_audit(paged.of_store()).await?;
    Ok(Success(AuditList {
        entries: listed.rows.into_iter().map(AuditItem::from).collect(),
        total: listed.total,
        page: paged.page,
        page_size: paged.page_size,
    }))
}
