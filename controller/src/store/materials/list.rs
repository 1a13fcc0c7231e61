//! Materials as lists show them: filtered, searched, sorted, a page at a time with an exact total; and which tags there
//! are.

use super::rows::MaterialRow;
use crate::store::error::StoreError;
use crate::store::listing::{Condition, blanks, order, somewhere};
use crate::store::session::{Value, made_sql, sql};
use crate::store::{Listed, Page, Store};

/// Which materials are wanted; what is empty or absent wants all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MaterialQuery {
    /// With any of these tags, folded.
    pub tags: Vec<String>,
    /// Meant for any of these accounts, folded.
    pub usernames: Vec<String>,
    pub used: Option<bool>,
    pub reserved: Option<bool>,
    /// video, image.
    pub kind: Option<String>,
    /// Each of these words stands somewhere in name, username, caption, tags or hash. Folded.
    pub words: Vec<String>,
    pub sort: MaterialSort,
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaterialSort {
    pub key: MaterialSortKey,
    pub descending: bool,
}

/// Newest first.
impl Default for MaterialSort {
    fn default() -> Self {
        Self {
            key: MaterialSortKey::Id,
            descending: true,
        }
    }
}

/// By what a list is sorted. What has no value comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaterialSortKey {
    Id,
    Name,
    Kind,
    Size,
    Username,
    Sort,
    Used,
    UsedAt,
    CreatedAt,
    UpdatedAt,
}

impl MaterialSortKey {
    pub const ALL: [Self; 10] = [
        Self::Id,
        Self::Name,
        Self::Kind,
        Self::Size,
        Self::Username,
        Self::Sort,
        Self::Used,
        Self::UsedAt,
        Self::CreatedAt,
        Self::UpdatedAt,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Username => "username",
            other => other.sql(),
        }
    }

    fn sql(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Name => "name",
            Self::Kind => "kind",
            Self::Size => "size",
            Self::Username => "username_folded",
            Self::Sort => "sort",
            Self::Used => "used",
            Self::UsedAt => "used_at",
            Self::CreatedAt => "created_at",
            Self::UpdatedAt => "updated_at",
        }
    }
}

impl MaterialSort {
    fn sql(self) -> String {
        order(self.key.sql(), self.descending)
    }
}

impl Store {
    pub async fn list_materials(
        &self,
        query: MaterialQuery,
        page: Page,
    ) -> Result<Listed<MaterialRow>, StoreError> {
        self.snapshot(move |session| {
            Box::pin(async move {
                let Condition { text, values } = condition(&query);
                let total = made_sql(format!("SELECT COUNT(*) FROM materials{text}"))
                    .bind_all(values.clone())
                    .number(session)
                    .await?;
                let (limit, offset) = (values.len() + 1, values.len() + 2);
                let order = query.sort.sql();
                let rows = made_sql(format!(
                    "SELECT * FROM materials{text} ORDER BY {order} LIMIT ${limit} OFFSET ${offset}"
                ))
                .bind_all(values)
                .bind(page.size)
                .bind(page.offset())
                .rows(session)
                .await?;
                Ok(Listed {
                    rows: rows.iter().map(MaterialRow::read).collect::<Result<_, _>>()?,
                    total: total.unsigned_abs(),
                })
            })
        })
        .await
    }

    /// Every tag as it is spelt somewhere, how many materials have it and how many of those are not used; in
    /// alphabetical order.
    pub async fn material_tags(&self) -> Result<Vec<(String, u64, u64)>, StoreError> {
        self.read(|session| {
            Box::pin(async move {
                let rows = sql("SELECT MIN(t.name) AS name, COUNT(*) AS materials, \
                     CAST(SUM(1 - m.used) AS BIGINT) AS unused FROM material_tags t \
                     JOIN materials m ON m.id = t.material_id GROUP BY t.folded")
                .rows(session)
                .await?;
                let mut tags = rows
                    .iter()
                    .map(|row| {
                        let row = row.of("material_tags", "name");
                        Ok((row.text("name")?, row.number("materials")?, row.number("unused")?))
                    })
                    .collect::<Result<Vec<(String, u64, u64)>, StoreError>>()?;
                // Here rather than by the database, whose idea of the alphabet depends on where it runs.
                tags.sort_by_cached_key(|(name, ..)| name.to_lowercase());
                Ok(tags)
            })
        })
        .await
    }
}

fn condition(query: &MaterialQuery) -> Condition {
    let mut condition = Condition::default();
    condition.any("kind", query.kind.iter().map(Value::from));
    condition.any("used", query.used.map(|used| i64::from(used).into()));
    match query.reserved {
        Some(true) => condition.and("reserved_by IS NOT NULL", []),
        Some(false) => condition.and("reserved_by IS NULL", []),
        None => {}
    }
    condition.any("username_folded", query.usernames.iter().map(Value::from));
    if !query.tags.is_empty() {
        let tags = blanks(query.tags.len());
        condition.and(
            &format!("id IN (SELECT material_id FROM material_tags WHERE folded IN ({tags}))"),
            query.tags.iter().map(Value::from),
        );
    }
    for word in &query.words {
        condition.and("search_text LIKE {} ESCAPE '\\'", [somewhere(word)]);
    }
    condition
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_numbers_its_values_through() {
        let query = MaterialQuery {
            tags: vec!["a".to_owned(), "b".to_owned()],
            used: Some(false),
            reserved: Some(false),
            words: vec!["50%_\\".to_owned()],
            ..MaterialQuery::default()
        };
        let Condition { text, values } = condition(&query);
        assert_eq!(
            text,
            " WHERE used = $1 AND reserved_by IS NULL AND id IN (SELECT material_id FROM material_tags \
             WHERE folded IN ($2, $3)) AND search_text LIKE $4 ESCAPE '\\'"
        );
        assert_eq!(values[3], Value::from("%50\\%\\_\\\\%"));
        assert_eq!(condition(&MaterialQuery::default()).text, "");
    }
}
