//! The one shape of every answer: code, message, data. Errors of all layers become it here and nowhere else.

use std::error::Error;
use std::fmt::Write as _;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::passwords::PasswordError;
use crate::store::StoreError;

/// An answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Envelope<T> {
    /// 0 for success.
    #[schema(example = 0)]
    pub code: u32,
    #[schema(example = "success")]
    pub message: String,
    pub data: T,
}

/// An answer that says why not.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorEnvelope {
    /// Its first three digits are the HTTP status.
    #[schema(example = 40401)]
    pub code: u32,
    /// For people: what is wrong and what is allowed.
    pub message: String,
    /// Empty.
    pub data: Map<String, Value>,
}

/// Nothing to tell but that it is done.
#[derive(Debug, Serialize, ToSchema)]
pub struct Nothing {}

/// Why a request was not done, as clients tell reasons apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    BadParameter,
    NoScript,
    ScriptRefused,
    TokenNeeded,
    NoApiInPlan,
    OriginRefused,
    NotFound,
    MethodRefused,
    BodyTooLarge,
    ContentTypeRefused,
    Conflict,
    TooMany,
    Internal,
    Unavailable,
}

impl Code {
    pub const ALL: [Self; 14] = [
        Self::BadParameter,
        Self::NoScript,
        Self::ScriptRefused,
        Self::TokenNeeded,
        Self::NoApiInPlan,
        Self::OriginRefused,
        Self::NotFound,
        Self::MethodRefused,
        Self::BodyTooLarge,
        Self::ContentTypeRefused,
        Self::Conflict,
        Self::TooMany,
        Self::Internal,
        Self::Unavailable,
    ];

    pub fn number(self) -> u32 {
        match self {
            Self::BadParameter => 40001,
            Self::NoScript => 40002,
            Self::ScriptRefused => 40003,
            Self::TokenNeeded => 40101,
            Self::NoApiInPlan => 40301,
            Self::OriginRefused => 40302,
            Self::NotFound => 40401,
            Self::MethodRefused => 40501,
            Self::BodyTooLarge => 41301,
            Self::ContentTypeRefused => 41501,
            Self::Conflict => 40901,
            Self::TooMany => 42901,
            Self::Internal => 50001,
            Self::Unavailable => 50301,
        }
    }

    pub fn status(self) -> StatusCode {
        match self {
            Self::BadParameter | Self::NoScript | Self::ScriptRefused => StatusCode::BAD_REQUEST,
            Self::TokenNeeded => StatusCode::UNAUTHORIZED,
            Self::NoApiInPlan | Self::OriginRefused => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodRefused => StatusCode::METHOD_NOT_ALLOWED,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::ContentTypeRefused => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Conflict => StatusCode::CONFLICT,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// A refusal on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    pub code: Code,
    pub message: String,
}

impl ApiError {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// `name` is the parameter; `allowed` says what it may be.
    pub fn parameter(name: &str, allowed: impl AsRef<str>) -> Self {
        Self::new(Code::BadParameter, format!("{name}: {}", allowed.as_ref()))
    }

    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(Code::NotFound, message)
    }

    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(Code::Conflict, message)
    }

    /// Puts the whole of `error` into the log, and an id by which to find it there into the answer.
    ///
    /// A disk that is full is told as that: somebody else can do something about it.
    pub fn internal(error: &(dyn Error + 'static)) -> Self {
        let mut told = error.to_string();
        let mut is_full = is_full_disk(error);
        let mut source = error.source();
        while let Some(cause) = source {
            let _ = write!(told, ": {cause}");
            is_full |= is_full_disk(cause);
            source = cause.source();
        }
        if !is_full {
            return Self::internal_told(&told, "internal error");
        }
        let told = Self::internal_told(
            &told,
            "there is no room left on the controller's disk: free some space and try again",
        );
        Self::new(Code::Unavailable, told.message)
    }

    /// The same for what is no error value; `public` is what the client is told beside the id.
    pub fn internal_told(told: &str, public: &str) -> Self {
        let id = Uuid::new_v4().simple();
        tracing::error!(error_id = %id, error = told, "a request failed");
        Self::new(Code::Internal, format!("{public} (the log says more under {id})"))
    }
}

fn is_full_disk(error: &(dyn Error + 'static)) -> bool {
    if let Some(error) = error.downcast_ref::<std::io::Error>() {
        return matches!(
            error.kind(),
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded
        );
    }
    matches!(error.downcast_ref::<StoreError>(), Some(StoreError::Full(_)))
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::NotFound { .. } => Self::not_found(error.to_string()),
            StoreError::IndexTaken { .. }
            | StoreError::UsernameTaken { .. }
            | StoreError::Importing { .. }
            | StoreError::Conflict(_) => Self::conflict(error.to_string()),
            StoreError::Busy(_) => Self::new(Code::Unavailable, "the database is busy: try again"),
            StoreError::Away(_) => Self::new(Code::Unavailable, "the database is away: try again"),
            StoreError::Full(_) => Self::new(Code::Unavailable, error.to_string()),
            StoreError::NotLeader => Self::new(Code::Unavailable, format!("standby: {error}")),
            StoreError::Closed => Self::new(Code::Unavailable, "shutting down"),
            _ => Self::internal(&error),
        }
    }
}

impl From<PasswordError> for ApiError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::new(Code::TooMany, error.to_string()),
            PasswordError::Failed(_) => Self::internal(&error),
        }
    }
}

/// Marks a response as an envelope, for the setting that answers all of them with 200.
#[derive(Debug, Clone, Copy)]
pub struct IsEnvelope(pub u32);

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = ErrorEnvelope {
            code: self.code.number(),
            message: self.message,
            data: Map::new(),
        };
        let mut response = (self.code.status(), Json(body)).into_response();
        response.extensions_mut().insert(IsEnvelope(self.code.number()));
        match self.code {
            Code::TokenNeeded => {
                let scheme = HeaderValue::from_static("Bearer");
                response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
            }
            Code::Unavailable | Code::TooMany => {
                let soon = HeaderValue::from_static("1");
                response.headers_mut().insert(header::RETRY_AFTER, soon);
            }
            _ => {}
        }
        response
    }
}

/// A successful answer.
#[derive(Debug)]
pub struct Success<T>(pub T);

impl<T: Serialize> IntoResponse for Success<T> {
    fn into_response(self) -> Response {
        let body = Envelope {
            code: 0,
            message: "success".to_owned(),
            data: self.0,
        };
        let mut response = Json(body).into_response();
        response.extensions_mut().insert(IsEnvelope(0));
        response
    }
}

/// A refusal that has more to tell than its message.
#[derive(Debug)]
pub struct Refusal<T> {
    pub code: Code,
    pub message: String,
    pub data: T,
}

impl<T: Serialize> IntoResponse for Refusal<T> {
    fn into_response(self) -> Response {
        let number = self.code.number();
        let body = Envelope {
            code: number,
            message: self.message,
            data: self.data,
        };
        let mut response = (self.code.status(), Json(body)).into_response();
        response.extensions_mut().insert(IsEnvelope(number));
        response
    }
}

/// What most handlers return.
pub type Answered<T> = Result<Success<T>, ApiError>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_codes_first_digits_are_its_http_status() {
        for code in Code::ALL {
            assert_eq!(code.number() / 100, u32::from(code.status().as_u16()), "{code:?}");
        }
    }

    #[test]
    fn an_internal_error_tells_the_client_an_id_and_no_internals() {
        let source = std::io::Error::other("disk /dev/sda on fire");
        let error = ApiError::from(StoreError::Unconfirmed(Box::new(source)));
        assert_eq!(error.code, Code::Internal);
        assert!(!error.message.contains("sda"), "{}", error.message);
        let id = error.message.rsplit(' ').next().unwrap().trim_end_matches(')');
        assert!(Uuid::parse_str(id).is_ok(), "{}", error.message);
    }

    #[test]
    fn a_full_disk_is_told_wherever_it_was_met() {
        let full = || std::io::Error::from(std::io::ErrorKind::StorageFull);
        let deep = StoreError::failed("copying the farm", full());
        for error in [
            ApiError::internal(&full()),
            ApiError::from(deep),
            ApiError::from(StoreError::Full(full().into())),
        ] {
            assert_eq!(error.code, Code::Unavailable);
            assert!(error.message.contains("no room left"), "{}", error.message);
        }
    }
}
