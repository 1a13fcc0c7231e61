//! A material as the API shows it.

use jiff::Timestamp;
use serde::Serialize;
use shared::account::Username;
use utoipa::ToSchema;

use crate::http::API;
use crate::store::MaterialRow;

/// A content of the library.
#[derive(Debug, Serialize, ToSchema)]
pub struct MaterialItem {
    pub id: i64,
    #[schema(example = "morning.mp4")]
    pub name: String,
    /// video, image.
    #[schema(example = "video")]
    pub kind: String,
    /// In bytes.
    pub size: u64,
    /// SHA-256 of the content; no two materials have the same.
    pub hash: String,
    pub tags: Vec<String>,
    /// Empty where it has none. Wins over the captions of a task.
    pub caption: String,
    /// The account that alone may publish it; empty for any.
    pub username: String,
    /// Lower ones are chosen first; `null` comes after all numbers.
    pub sort: Option<i64>,
    /// free, reserved, used.
    #[schema(example = "free")]
    pub state: &'static str,
    /// Whether it was published. It is not chosen again then.
    pub used: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub used_at: Option<Timestamp>,
    /// The task that published it; `null` where a person marked it.
    pub used_by: Option<i64>,
    /// The task that has it now.
    pub reserved_by: Option<i64>,
    /// Its file is gone from the data folder: send it again.
    pub missing: bool,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
    /// Where the content is to be had.
    #[schema(example = "/api/v1/materials/7/content")]
    pub url: String,
}

impl MaterialItem {
    pub(super) fn of(row: MaterialRow) -> Self {
        Self {
            state: row.state(),
            url: format!("{API}/materials/{}/content", row.id),
            id: row.id,
            name: row.name,
            kind: row.kind,
            size: row.size,
            hash: row.hash,
            tags: row.tags.to_vec(),
            caption: row.caption.unwrap_or_default(),
            username: row
                .username
                .as_ref()
                .map(Username::as_str)
                .unwrap_or_default()
                .to_owned(),
            sort: row.sort,
            used: row.used,
            used_at: row.used_at,
            used_by: row.used_by,
            reserved_by: row.reserved_by,
            missing: row.missing,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
