//! What a client gives of a material: read leniently, checked by the rules that hold wherever a value enters.

use serde_json::Value;
use shared::account::{Tags, Username, Wrong};
use utoipa::ToSchema;

use crate::http::accounts::Edit;
use crate::http::envelope::ApiError;
use crate::http::fields::{Fields, FromFields};
use crate::store::{MaterialRow, NewMaterial};

/// In characters: longer than either app takes.
const LONGEST_CAPTION: usize = 10_000;
const HIGHEST_SORT: i64 = 1_000_000_000;

/// What is given of a material; what is absent stays as it is.
#[derive(Debug, Clone, Default, ToSchema)]
pub struct MaterialEntry {
    /// All tags that it shall have: a list, or one text with commas. Empty clears them.
    #[schema(value_type = Option<Vec<String>>)]
    pub tags: Option<Tags>,
    /// Spintax as in `captions`, over several lines too; empty clears it.
    #[schema(value_type = Option<String>)]
    pub caption: Edit<String>,
    /// The account that alone may publish it; empty for any.
    #[schema(value_type = Option<String>)]
    pub username: Edit<Username>,
    /// Lower ones are chosen first; empty: after all numbers.
    #[schema(value_type = Option<i64>)]
    pub sort: Edit<i64>,
    /// true: it is not chosen; false: it may be chosen (again).
    pub used: Option<bool>,
}

impl FromFields for MaterialEntry {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let caption = match clearable(fields, "caption")? {
            None => Edit::Keep,
            Some(text) if text.trim().is_empty() => Edit::Clear,
            Some(text) if text.chars().count() > LONGEST_CAPTION => {
                let told = format!("at most {LONGEST_CAPTION} characters");
                return Err(ApiError::parameter("caption", told));
            }
            Some(text) => Edit::To(text),
        };
        let username = match clearable(fields, "username")? {
            None => Edit::Keep,
            Some(text) => match Username::parse(&text) {
                Ok(username) => Edit::To(username),
                Err(Wrong::Missing) => Edit::Clear,
                Err(wrong) => return Err(ApiError::parameter("username", wrong.to_string())),
            },
        };
        let sort = match clearable(fields, "sort")? {
            None => Edit::Keep,
            Some(text) if text.trim().is_empty() => Edit::Clear,
            Some(_) => fields
                .number("sort", -HIGHEST_SORT..=HIGHEST_SORT)?
                .map_or(Edit::Keep, Edit::To),
        };
        Ok(Self {
            tags: tags(fields)?,
            caption,
            username,
            sort,
            used: fields.flag("used")?,
        })
    }
}

impl MaterialEntry {
    pub(super) fn put(&self, row: &mut MaterialRow) {
        if let Some(tags) = &self.tags {
            row.tags = tags.clone();
        }
        self.caption.put(&mut row.caption);
        self.username.put(&mut row.username);
        self.sort.put(&mut row.sort);
        row.used = self.used.unwrap_or(row.used);
    }

    pub(super) fn put_new(&self, new: &mut NewMaterial) {
        new.tags = self.tags.clone().unwrap_or_default();
        self.caption.put(&mut new.caption);
        self.username.put(&mut new.username);
        self.sort.put(&mut new.sort);
    }
}

/// The tags that are given as a list or as one text.
pub(super) fn tags(fields: &Fields) -> Result<Option<Tags>, ApiError> {
    if is_null(fields, "tags") {
        return Ok(Some(Tags::default()));
    }
    let tags = fields.list("tags")?;
    tags.map(|tags| {
        Tags::of(tags.iter().map(String::as_str))
            .map_err(|wrong| ApiError::parameter("tags", wrong.to_string()))
    })
    .transpose()
}

/// Order numbers, one for each of the rows that are named.
pub(super) fn sorts(fields: &Fields) -> Result<Vec<i64>, ApiError> {
    let wrong = || {
        let told = format!("must be whole numbers from -{HIGHEST_SORT} to {HIGHEST_SORT}");
        ApiError::parameter("sorts", told)
    };
    let texts = fields.list("sorts")?.unwrap_or_default();
    let number = |text: &String| {
        let number = text.parse().map_err(|_| wrong())?;
        let allowed = (-HIGHEST_SORT..=HIGHEST_SORT).contains(&number);
        allowed.then_some(number).ok_or_else(wrong)
    };
    texts.iter().map(number).collect()
}

/// A text of which `null` means an empty one.
fn clearable(fields: &Fields, name: &str) -> Result<Option<String>, ApiError> {
    if is_null(fields, name) {
        return Ok(Some(String::new()));
    }
    fields.text(name)
}

fn is_null(fields: &Fields, name: &str) -> bool {
    fields.all().get(name).is_some_and(Value::is_null)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_read_leniently_and_cleared_by_empty_ones() {
        let read = |value| MaterialEntry::from_fields(&Fields::of_body(value)?);
        let entry =
            read(json!({"tags": "b, a", "caption": " ", "username": "@Anna", "sort": "7", "used": 1}))
                .unwrap();
        assert_eq!(entry.tags.unwrap().to_vec(), ["a", "b"]);
        assert_eq!(entry.caption, Edit::Clear);
        assert_eq!(entry.username, Edit::To(Username::parse("anna").unwrap()));
        assert_eq!((entry.sort, entry.used), (Edit::To(7), Some(true)));
        let cleared = read(json!({"tags": null, "username": "", "sort": null})).unwrap();
        assert!(cleared.tags.unwrap().is_empty());
        assert_eq!((cleared.username, cleared.sort), (Edit::Clear, Edit::Clear));
        for (value, name) in [
            (json!({"sort": "first"}), "sort"),
            (json!({"used": "perhaps"}), "used"),
            (json!({"username": "a\tb"}), "username"),
            (json!({"tags": "x".repeat(65)}), "tags"),
            (json!({"caption": "x".repeat(LONGEST_CAPTION + 1)}), "caption"),
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
