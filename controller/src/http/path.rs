//! What a path names: a serial, an id, a file of an attempt.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;

use super::envelope::ApiError;

/// No database keeps U+0000 in a text.
fn can_name(text: &str) -> bool {
    !text.contains('\0')
}

/// The path's parameter.
#[derive(Debug)]
pub struct Named(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(name) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| {
                // Bytes that are no text cannot name anything.
                ApiError::not_found(format!("there is no {}", parts.uri.path()))
            })?;
        if !can_name(&name) {
            return Err(ApiError::not_found(format!("there is no {}", parts.uri.path())));
        }
        Ok(Self(name))
    }
}

/// The path's parameters, in order.
#[derive(Debug)]
pub struct NamedMany<const COUNT: usize>(pub [String; COUNT]);

impl<S: Send + Sync, const COUNT: usize> FromRequestParts<S> for NamedMany<COUNT> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = parts.uri.path().to_owned();
        let names = Path::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        let names: Option<[String; COUNT]> = names.ok().and_then(|Path(names)| {
            let names: Vec<String> = names.into_iter().map(|(_, name)| name).collect();
            names.try_into().ok()
        });
        names
            .filter(|names| names.iter().all(|name| can_name(name)))
            .map(Self)
            .ok_or_else(|| ApiError::not_found(format!("there is no {path}")))
    }
}
