//! The material library: contents to publish, taken in, listed, changed, deleted, sent back.

pub mod batch;
pub mod content;
mod entry;
pub mod upload;
mod view;

use axum::extract::State;
use serde::Serialize;
use shared::account::{Tag, Username};
use utoipa::{IntoParams, ToSchema};

use super::body::Sent;
use super::envelope::{Answered, ApiError, Envelope, Success};
use super::events::MaterialEvent;
use super::fields::{Asked, Fields, FromFields};
use super::page::Paged;
use super::path::Named;
use super::token::Caller;
use crate::media::Kind;
use crate::state::AppState;
use crate::store::{MaterialQuery, MaterialRow, MaterialSort, MaterialSortKey};
pub use entry::MaterialEntry;
pub use view::MaterialItem;

/// In characters.
const LONGEST_SEARCH: usize = 200;

#[derive(Debug, Serialize, ToSchema)]
pub struct MaterialList {
    pub materials: Vec<MaterialItem>,
    /// On all pages.
    pub total: u64,
    pub page: u32,
    pub page_size: u32,
}

/// Which materials are wanted; several values of one parameter, with commas between, mean any of them.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MaterialFilter {
    /// With this tag, in any case.
    #[param(required = false)]
    pub tags: Vec<String>,
    /// Meant for this account, whatever its case.
    #[param(required = false)]
    pub username: Vec<String>,
    /// true: published already.
    pub used: Option<bool>,
    /// true: a task has it now.
    pub reserved: Option<bool>,
    /// video, image.
    #[param(value_type = Option<String>)]
    pub kind: Option<Kind>,
    /// Words that stand in name, username, caption, tags or hash; all of them.
    pub search: Option<String>,
    /// id, name, kind, size, username, sort, used, used_at, created_at, updated_at; with `-` before it the other way
    /// round. Newest first where absent.
    #[param(value_type = Option<String>, example = "sort")]
    pub sort: MaterialSort,
    /// Counts from 1.
    #[param(default = 1, minimum = 1, required = false)]
    pub page: u32,
    /// More than 100 is taken as 100.
    #[param(default = 20, minimum = 1, maximum = 100, required = false)]
    pub page_size: u32,
}

impl FromFields for MaterialFilter {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let paged = Paged::from_fields(fields)?;
        // Scripts that fill in a form's values send empty ones for "any".
        let given = |name: &str| {
            fields
                .text(name)
                .map(|text| text.filter(|text| !text.trim().is_empty()))
        };
        let flag = |name: &str| match fields.raw(name).and_then(|value| value.as_str()) {
            Some(text) if text.trim().is_empty() => Ok(None),
            _ => fields.flag(name),
        };
        let search = match given("search")? {
            Some(search) => Some(search),
            None => given("q")?,
        };
        if search
            .as_ref()
            .is_some_and(|search| search.chars().count() > LONGEST_SEARCH)
        {
            let told = format!("at most {LONGEST_SEARCH} characters");
            return Err(ApiError::parameter("search", told));
        }
        let kind = given("kind")?
            .map(|text| {
                let known = Kind::named(&text.trim().to_ascii_lowercase());
                known.ok_or_else(|| ApiError::parameter("kind", "must be video or image"))
            })
            .transpose()?;
        let mut tags = fields.list("tags")?.unwrap_or_default();
        tags.extend(fields.list("tag")?.unwrap_or_default());
        Ok(Self {
            tags,
            username: fields.list("username")?.unwrap_or_default(),
            used: flag("used")?,
            reserved: flag("reserved")?,
            kind,
            search,
            sort: sort(fields)?,
            page: paged.page,
            page_size: paged.page_size,
        })
    }
}

fn sort(fields: &Fields) -> Result<MaterialSort, ApiError> {
    let keys = MaterialSortKey::ALL.map(|key| (key, key.name()));
    let sort = fields.sort(&keys)?;
    Ok(
        sort.map_or_else(MaterialSort::default, |(key, descending)| MaterialSort {
            key,
            descending,
        }),
    )
}

impl MaterialFilter {
    fn query(&self) -> MaterialQuery {
        let folded = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<String>();
        let words = self.search.as_deref().unwrap_or_default().split_whitespace();
        // What can be no username is nobody's, and what can be no tag is on no material.
        let username = |text: &String| {
            Username::parse(text).map_or_else(|_| text.clone(), |name| name.folded().to_owned())
        };
        let tag =
            |text: &String| Tag::parse(text).map_or_else(|_| text.clone(), |tag| tag.folded().to_owned());
        MaterialQuery {
            tags: self.tags.iter().map(tag).collect(),
            usernames: self.username.iter().map(username).collect(),
            used: self.used,
            reserved: self.reserved,
            kind: self.kind.map(|kind| kind.as_str().to_owned()),
            words: words.map(|word| folded(word.trim_start_matches('@'))).collect(),
            sort: self.sort,
        }
    }
}

/// Materials, newest first
#[utoipa::path(get, path = "/materials", tag = "materials", params(MaterialFilter),
    responses((status = 200, description = "The materials", body = Envelope<MaterialList>)))]
pub async fn list(
    State(state): State<AppState>,
    Asked(filter): Asked<MaterialFilter>,
) -> Answered<MaterialList> {
    let page = Paged {
        page: filter.page,
        page_size: filter.page_size,
    };
    let listed = state
        .store
        .list_materials(filter.query(), page.of_store())
        .await?;
    Ok(Success(MaterialList {
        materials: listed.rows.into_iter().map(MaterialItem::of).collect(),
        total: listed.total,
        page: page.page,
        page_size: page.page_size,
    }))
}

/// One material
#[utoipa::path(get, path = "/materials/{id}", tag = "materials",
    params(("id" = i64, Path, description = "The material's id")),
    responses((status = 200, description = "The material", body = Envelope<MaterialItem>)))]
pub async fn get(State(state): State<AppState>, Named(id): Named) -> Answered<MaterialItem> {
    let row = find(&state, &id).await?;
    Ok(Success(MaterialItem::of(row)))
}

/// Changes what is given of a material, on record
#[utoipa::path(patch, path = "/materials/{id}", tag = "materials", request_body = MaterialEntry,
    params(("id" = i64, Path, description = "The material's id")),
    responses(
        (status = 200, description = "The material after the change", body = Envelope<MaterialItem>),
        (status = 409, description = "40901: `used` is changed of what a task has now"),
    ))]
pub async fn change(
    State(state): State<AppState>,
    caller: Caller,
    Named(id): Named,
    Sent(entry): Sent<MaterialEntry>,
) -> Answered<MaterialItem> {
    let apply = move |row: &mut MaterialRow| {
        entry.put(row);
        Ok(())
    };
    let row = state
        .store
        .change_material(number(&id)?, apply, &caller.name)
        .await?;
    tell(&state, MaterialEvent::Changed, std::slice::from_ref(&row));
    Ok(Success(MaterialItem::of(row)))
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DeletedMaterial {
    pub deleted: bool,
    pub id: i64,
    pub name: String,
}

/// Deletes a material and its file, on record
#[utoipa::path(delete, path = "/materials/{id}", tag = "materials",
    params(("id" = i64, Path, description = "The material's id")),
    responses(
        (status = 200, description = "What it was", body = Envelope<DeletedMaterial>),
        (status = 409, description = "40901: a task has it, or may have published it"),
    ))]
pub async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Named(id): Named,
) -> Answered<DeletedMaterial> {
    let blobs = state.media.library();
    let held = blobs.hold().await;
    let row = state.store.delete_material(number(&id)?, &caller.name).await?;
    remove_file(&state, &row, &held).await;
    drop(held);
    tell(&state, MaterialEvent::Deleted, std::slice::from_ref(&row));
    Ok(Success(DeletedMaterial {
        deleted: true,
        id: row.id,
        name: row.name,
    }))
}

#[derive(Debug, Serialize, ToSchema)]
pub struct MaterialTag {
    pub name: String,
    /// Materials that have it.
    pub materials: u64,
    /// Those of them that were not published yet.
    pub unused: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct MaterialTags {
    /// In alphabetical order.
    pub tags: Vec<MaterialTag>,
}

/// Every tag, and how many materials have it
#[utoipa::path(get, path = "/materials/tags", tag = "materials",
    responses((status = 200, description = "The tags", body = Envelope<MaterialTags>)))]
pub async fn tags(State(state): State<AppState>) -> Answered<MaterialTags> {
    let tags = state.store.material_tags().await?.into_iter();
    Ok(Success(MaterialTags {
        tags: tags
            .map(|(name, materials, unused)| MaterialTag {
                name,
                materials,
                unused,
            })
            .collect(),
    }))
}

/// The row is gone already: a file that stays costs room and nothing else.
async fn remove_file(state: &AppState, row: &MaterialRow, held: &tokio::sync::MutexGuard<'_, ()>) {
    if let Err(error) = state.media.library().remove(&row.hash, held).await {
        tracing::warn!(%error, hash = row.hash, "the file of a deleted material stays for now");
    }
}

fn tell(state: &AppState, what: MaterialEvent, rows: &[MaterialRow]) {
    state.events.materials(state.clock.now(), what, rows);
}

async fn find(state: &AppState, id: &str) -> Result<MaterialRow, ApiError> {
    let row = state.store.material(number(id)?).await?;
    row.ok_or_else(|| unknown(id))
}

fn unknown(id: &str) -> ApiError {
    let id: String = id.chars().take(40).collect();
    ApiError::not_found(format!("there is no material {id:?}"))
}

fn number(id: &str) -> Result<i64, ApiError> {
    id.parse().map_err(|_| unknown(id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_filter_is_read_leniently_and_what_is_wrong_is_named() {
        let read = |value| MaterialFilter::from_fields(&Fields::of_body(value)?);
        let filter = read(
            json!({"tags": "A, b", "used": "0", "reserved": "", "kind": "Video", "q": "x", "sort": "-size"}),
        )
        .unwrap();
        let query = filter.query();
        assert_eq!(query.tags, ["a", "b"]);
        assert_eq!((query.used, query.reserved), (Some(false), None));
        assert_eq!(query.kind.as_deref(), Some("video"));
        assert_eq!(query.words, ["x"]);
        assert!(query.sort.descending);
        for (value, name) in [
            (json!({"kind": "sound"}), "kind"),
            (json!({"used": "maybe"}), "used"),
            (json!({"sort": "colour"}), "sort"),
            (json!({"search": "x".repeat(201)}), "search"),
        ] {
            let error = read(value).unwrap_err();
            assert!(
                error.message.starts_with(&format!("{name}: ")),
                "{}",
                error.message
            );
        }
    }
}
