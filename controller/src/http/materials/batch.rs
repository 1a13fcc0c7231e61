//! The same done to many materials, named one by one: never "all that the filter shows".

use std::collections::HashMap;

use axum::extract::State;
use serde::Serialize;
use shared::account::Tags;
use utoipa::ToSchema;

use super::{entry, remove_file, tell};
use crate::http::body::Sent;
use crate::http::envelope::{Answered, ApiError, Envelope, Success};
use crate::http::events::MaterialEvent;
use crate::http::fields::{Fields, FromFields};
use crate::http::token::Caller;
use crate::state::AppState;
use crate::store::{MaterialRow, StoreError};

const ACTIONS: &str = "tag, untag, used, unused, sort or delete";

/// What is to be done to which materials.
#[derive(Debug, ToSchema)]
pub struct MaterialBatch {
    /// 1 to 10,000 ids.
    pub ids: Vec<i64>,
    /// tag, untag, used, unused, sort, delete.
    #[schema(value_type = String, example = "tag")]
    pub action: MaterialAction,
    /// For tag and untag: a list, or one text with commas.
    #[schema(value_type = Option<Vec<String>>)]
    pub tags: Option<Tags>,
    /// For sort: the order numbers, one for each of the ids.
    #[schema(required = false)]
    pub sorts: Vec<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaterialAction {
    Tag,
    Untag,
    Used,
    Unused,
    Sort,
    Delete,
}

impl FromFields for MaterialBatch {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let batch = Self {
            ids: fields.ids("ids", "materials")?,
            action: action(fields)?,
            tags: entry::tags(fields)?,
            sorts: entry::sorts(fields)?,
        };
        if batch.action == MaterialAction::Sort && batch.sorts.len() != batch.ids.len() {
            let told = "must be as many order numbers as there are different ids";
            return Err(ApiError::parameter("sorts", told));
        }
        let tags = matches!(batch.action, MaterialAction::Tag | MaterialAction::Untag);
        if tags && batch.tags.as_ref().is_none_or(Tags::is_empty) {
            return Err(ApiError::parameter("tags", "is required: one tag or more"));
        }
        Ok(batch)
    }
}

fn action(fields: &Fields) -> Result<MaterialAction, ApiError> {
    match fields.need_text("action")?.trim().to_ascii_lowercase().as_str() {
        "tag" => Ok(MaterialAction::Tag),
        "untag" => Ok(MaterialAction::Untag),
        "used" | "mark_used" => Ok(MaterialAction::Used),
        "unused" | "mark_unused" => Ok(MaterialAction::Unused),
        "sort" => Ok(MaterialAction::Sort),
        "delete" => Ok(MaterialAction::Delete),
        _ => Err(ApiError::parameter("action", format!("must be {ACTIONS}"))),
    }
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct MaterialBatchAnswer {
    pub changed_count: usize,
    /// They were so already.
    pub unchanged_count: u64,
    pub deleted_count: usize,
    pub refused: Vec<RefusedMaterial>,
}

/// A material to which it was not done.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusedMaterial {
    pub id: i64,
    pub reason: String,
}

/// Does the same to many materials, each on record
#[utoipa::path(post, path = "/materials/batch", tag = "materials", request_body = MaterialBatch,
    responses((status = 200, description = "What was done, and to which it was not", body = Envelope<MaterialBatchAnswer>)))]
pub async fn batch(
    State(state): State<AppState>,
    caller: Caller,
    Sent(batch): Sent<MaterialBatch>,
) -> Answered<MaterialBatchAnswer> {
    let tags = batch.tags.unwrap_or_default();
    let sorts: HashMap<i64, i64> = batch.ids.iter().copied().zip(batch.sorts).collect();
    let deleting = batch.action == MaterialAction::Delete;
    let done = if deleting {
        let held = state.media.library().hold().await;
        let done = state.store.delete_materials(&batch.ids, &caller.name).await?;
        for row in &done.changed {
            remove_file(&state, row, &held).await;
        }
        done
    } else {
        let action = batch.action;
        let change = move |row: &mut MaterialRow| {
            if let Some(sort) = sorts.get(&row.id).filter(|_| action == MaterialAction::Sort) {
                row.sort = Some(*sort);
            }
            changed(row, action, &tags)
        };
        state
            .store
            .change_materials(&batch.ids, change, &caller.name)
            .await?
    };
    let event = if deleting {
        MaterialEvent::Deleted
    } else {
        MaterialEvent::Changed
    };
    tell(&state, event, &done.changed);
    let refused = done.refused.into_iter();
    Ok(Success(MaterialBatchAnswer {
        changed_count: if deleting { 0 } else { done.changed.len() },
        unchanged_count: done.unchanged,
        deleted_count: if deleting { done.changed.len() } else { 0 },
        refused: refused
            .map(|(id, reason)| RefusedMaterial { id, reason })
            .collect(),
    }))
}

fn changed(row: &mut MaterialRow, action: MaterialAction, tags: &Tags) -> Result<(), StoreError> {
    match action {
        MaterialAction::Tag => {
            for tag in tags.iter() {
                let added = row.tags.add(tag.clone());
                added.map_err(|wrong| StoreError::Conflict(format!("its tags: {wrong}")))?;
            }
        }
        MaterialAction::Untag => tags.iter().for_each(|tag| row.tags.remove(tag)),
        MaterialAction::Used => row.used = true,
        MaterialAction::Unused => row.used = false,
        MaterialAction::Sort | MaterialAction::Delete => {}
    }
    Ok(())
}
