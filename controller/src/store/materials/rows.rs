//! The rows of a material: read, inserted, updated where something changed, deleted.

use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};
use shared::account::{Tag, Tags, Username};

use crate::store::error::StoreError;
use crate::store::row::Row;
use crate::store::session::{Session, Value, made_sql, sql};
use crate::store::{audit, many};

/// A content in the library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaterialRow {
    pub id: i64,
    /// SHA-256 of the content, in hexadecimal digits.
    pub hash: String,
    pub name: String,
    /// video, image.
    pub kind: String,
    /// In bytes.
    pub size: u64,
    /// The account that alone may publish it; `None` for any.
    pub username: Option<Username>,
    pub caption: Option<String>,
    pub tags: Tags,
    /// Lower ones are chosen first; `None` comes after all numbers.
    pub sort: Option<i64>,
    pub used: bool,
    pub used_at: Option<Timestamp>,
    /// The task that published it; `None` where a person says so.
    pub used_by: Option<i64>,
    /// The task that has it.
    pub reserved_by: Option<i64>,
    /// Its content was not there when it was looked for.
    pub missing: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A content to be taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMaterial {
    pub hash: String,
    pub name: String,
    pub kind: String,
    pub size: u64,
    pub username: Option<Username>,
    pub caption: Option<String>,
    pub tags: Tags,
    pub sort: Option<i64>,
}

const COLUMNS: [&str; 18] = [
    "id",
    "hash",
    "name",
    "kind",
    "size",
    "username",
    "username_folded",
    "caption",
    "tags",
    "sort",
    "used",
    "used_at",
    "used_by",
    "reserved_by",
    "missing",
    "search_text",
    "created_at",
    "updated_at",
];

impl MaterialRow {
    pub(super) fn new(id: i64, new: NewMaterial, now: Timestamp) -> Self {
        Self {
            id,
            hash: new.hash,
            name: new.name,
            kind: new.kind,
            size: new.size,
            username: new.username,
            caption: new.caption,
            tags: new.tags,
            sort: new.sort,
            used: false,
            used_at: None,
            used_by: None,
            reserved_by: None,
            missing: false,
            created_at: now,
            updated_at: now,
        }
    }

    pub(super) fn read(row: &Row) -> Result<Self, StoreError> {
        let row = row.of("materials", "id");
        let tags = row.text("tags")?;
        Ok(Self {
            id: row.integer("id")?,
            hash: row.text("hash")?,
            name: row.text("name")?,
            kind: row.text("kind")?,
            size: row.number("size")?,
            username: row.optional_parsed("username")?,
            caption: row.optional_text("caption")?,
            tags: Tags::parse(&tags).map_err(|wrong| row.corrupt("tags", wrong))?,
            sort: row.optional_integer("sort")?,
            used: row.integer("used")? != 0,
            used_at: row.optional_time("used_at")?,
            used_by: row.optional_integer("used_by")?,
            reserved_by: row.optional_integer("reserved_by")?,
            missing: row.integer("missing")? != 0,
            created_at: row.time("created_at")?,
            updated_at: row.time("updated_at")?,
        })
    }

    /// free, reserved or used.
    pub fn state(&self) -> &'static str {
        match (self.used, self.reserved_by) {
            (true, _) => "used",
            (false, Some(_)) => "reserved",
            (false, None) => "free",
        }
    }

    /// Whether both would be written alike. Unlike `==`, it tells spellings apart.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.values() == other.values()
    }

    /// What a search looks through.
    fn search_text(&self) -> String {
        let username = self.username.as_ref().map(Username::as_str).unwrap_or_default();
        let caption = self.caption.as_deref().unwrap_or_default();
        let all = [
            self.name.as_str(),
            username,
            caption,
            &self.tags.to_string(),
            &self.hash,
        ]
        .join("\n");
        all.chars().flat_map(char::to_lowercase).collect()
    }

    /// In the order of [`COLUMNS`].
    fn values(&self) -> [Value; COLUMNS.len()] {
        let username = self.username.as_ref();
        [
            self.id.into(),
            (&self.hash).into(),
            (&self.name).into(),
            (&self.kind).into(),
            i64::try_from(self.size).unwrap_or(i64::MAX).into(),
            username.map(|name| name.as_str().to_owned()).into(),
            username.map(|name| name.folded().to_owned()).into(),
            self.caption.clone().into(),
            self.tags.to_string().into(),
            self.sort.into(),
            i64::from(self.used).into(),
            self.used_at.into(),
            self.used_by.into(),
            self.reserved_by.into(),
            i64::from(self.missing).into(),
            self.search_text().into(),
            self.created_at.into(),
            self.updated_at.into(),
        ]
    }
}

pub(super) async fn find(session: &mut Session, id: i64) -> Result<Option<MaterialRow>, StoreError> {
    let row = sql("SELECT * FROM materials WHERE id = $1")
        .bind(id)
        .row(session)
        .await?;
    row.as_ref().map(MaterialRow::read).transpose()
}

pub(super) async fn of_hash(session: &mut Session, hash: &str) -> Result<Option<MaterialRow>, StoreError> {
    let row = sql("SELECT * FROM materials WHERE hash = $1")
        .bind(hash)
        .row(session)
        .await?;
    row.as_ref().map(MaterialRow::read).transpose()
}

/// A content that was missing came again.
pub(super) async fn found_again(
    session: &mut Session,
    now: Timestamp,
    known: MaterialRow,
) -> Result<MaterialRow, StoreError> {
    if !known.missing {
        return Ok(known);
    }
    sql("UPDATE materials SET missing = 0, updated_at = $2 WHERE id = $1")
        .bind(known.id)
        .bind(now)
        .execute(session)
        .await?;
    Ok(MaterialRow {
        missing: false,
        updated_at: now,
        ..known
    })
}

pub(super) async fn insert(session: &mut Session, row: &MaterialRow) -> Result<(), StoreError> {
    many::insert(session, "materials", &COLUMNS, row.values().into()).await?;
    insert_tags(session, row).await
}

async fn insert_tags(session: &mut Session, row: &MaterialRow) -> Result<(), StoreError> {
    let of = |tag: &Tag| [row.id.into(), tag.folded().into(), tag.as_str().into()];
    let tags: Vec<Value> = row.tags.iter().flat_map(of).collect();
    many::insert(session, "material_tags", &["material_id", "folded", "name"], tags).await
}

/// Writes what differs; `after` has the id of `before`.
pub(super) async fn update(
    session: &mut Session,
    before: &MaterialRow,
    after: &MaterialRow,
) -> Result<(), StoreError> {
    let assignments: Vec<String> = COLUMNS
        .iter()
        .enumerate()
        .skip(1)
        .map(|(place, column)| format!("{column} = ${}", place + 1))
        .collect();
    made_sql(format!(
        "UPDATE materials SET {} WHERE id = $1",
        assignments.join(", ")
    ))
    .bind_all(after.values())
    .execute(session)
    .await?;
    if before.tags.to_vec() != after.tags.to_vec() {
        delete_tags(session, before.id).await?;
        insert_tags(session, after).await?;
    }
    Ok(())
}

async fn delete_tags(session: &mut Session, id: i64) -> Result<(), StoreError> {
    sql("DELETE FROM material_tags WHERE material_id = $1")
        .bind(id)
        .execute(session)
        .await
        .map(drop)
}

pub(super) async fn delete(session: &mut Session, id: i64) -> Result<(), StoreError> {
    delete_tags(session, id).await?;
    sql("DELETE FROM materials WHERE id = $1")
        .bind(id)
        .execute(session)
        .await
        .map(drop)
}

/// What is put on record of it.
pub(super) fn told(row: &MaterialRow) -> Json {
    json!({
        "name": row.name, "kind": row.kind, "size": row.size, "hash": row.hash,
        "username": row.username.as_ref().map(Username::as_str), "caption": row.caption, "tags": row.tags.to_vec(),
        "sort": row.sort, "used": row.used,
    })
}

/// Only what differs: as it was, and as it is.
pub(super) fn difference(
    before: &MaterialRow,
    after: &MaterialRow,
) -> (Map<String, Json>, Map<String, Json>) {
    let fields = |row| match told(row) {
        Json::Object(fields) => fields,
        _ => Map::new(),
    };
    let (was, mut is) = audit::difference(fields(before), fields(after));
    is.insert("name".to_owned(), json!(after.name));
    (was, is)
}
