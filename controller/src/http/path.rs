//! The one thing that a path names: a serial, an id.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;

use super::envelope::ApiError;

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
        Ok(Self(name))
    }
}
