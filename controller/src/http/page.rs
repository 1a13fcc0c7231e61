//! Parts of lists: `page` counts from 1, and a `page_size` over the limit is taken as the limit.

use utoipa::IntoParams;

use super::envelope::ApiError;
use super::fields::{Fields, FromFields};
use crate::store::Page;

const USUAL_SIZE: u32 = 20;
pub const LARGEST_SIZE: u32 = 100;

/// Which part of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paged {
    /// Counts from 1.
    #[param(default = 1, minimum = 1, required = false)]
    pub page: u32,
    /// More than 100 is taken as 100.
    #[param(default = 20, minimum = 1, maximum = 100, required = false)]
    pub page_size: u32,
}

impl FromFields for Paged {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let number = |name, usual: u32| {
            let given = fields.number(name, 1..=i64::from(u32::MAX))?;
            Ok::<_, ApiError>(given.map_or(usual, |given| given as u32))
        };
        Ok(Self {
            page: number("page", 1)?,
            page_size: number("page_size", USUAL_SIZE)?.min(LARGEST_SIZE),
        })
    }
}

impl Paged {
    pub fn of_store(self) -> Page {
        Page {
            number: self.page,
            size: self.page_size,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn paged(value: serde_json::Value) -> Result<Paged, ApiError> {
        Paged::from_fields(&Fields::of_body(value)?)
    }

    #[test]
    fn a_large_page_is_clamped_and_nonsense_refused() {
        let page = paged(json!({"page": "3", "page_size": 5000})).unwrap();
        assert_eq!((page.page, page.page_size), (3, 100));
        let page = paged(json!({})).unwrap();
        assert_eq!((page.page, page.page_size), (1, 20));
        assert!(paged(json!({"page": 0})).is_err());
        assert!(paged(json!({"page_size": "many"})).is_err());
    }
}
