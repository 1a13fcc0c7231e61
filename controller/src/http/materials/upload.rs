//! A file into the library: streamed to the disk as it comes, whatever its size.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::{MaterialEntry, MaterialItem, tell};
use crate::http::body;
use crate::http::envelope::{Answered, ApiError, Code, Envelope, Success};
use crate::http::events::MaterialEvent;
use crate::http::fields::{Asked, Fields, FromFields};
use crate::http::token::Caller;
use crate::media::Blobs;
use crate::media::library::{NotTaken, Whole};
use crate::state::AppState;
use crate::store::NewMaterial;

/// A client that is silent for so long while it sends is not waited for.
const SILENCE: Duration = Duration::from_secs(30);
/// What a form has beside the file.
const WRAPPING: u64 = 128 << 10;
/// A field of a form beside the file, in bytes.
const LARGEST_FIELD: usize = 64 << 10;

/// As what browsers may send a file. Not as a form, which any page may send unasked: those are for programs.
pub(in crate::http) const CONTENT_TYPES: [&str; 4] =
    ["application/octet-stream", "video/mp4", "image/jpeg", "image/png"];

#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UploadWish {
    /// What the file is called, where the body is the file itself.
    #[param(required = false, example = "morning.mp4", value_type = String)]
    pub name: Option<String>,
    /// With commas between.
    #[param(required = false, value_type = String)]
    pub tags: Option<String>,
    /// Wins over the captions of a task.
    #[param(required = false, value_type = String)]
    pub caption: Option<String>,
    /// The account that alone may publish it.
    #[param(required = false, value_type = String)]
    pub username: Option<String>,
    /// Lower ones are chosen first.
    #[param(required = false, value_type = i64)]
    pub sort: Option<i64>,
    #[param(ignore)]
    fields: Fields,
}

impl FromFields for UploadWish {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        // Wrong ones are told before the file is taken in.
        MaterialEntry::from_fields(fields)?;
        Ok(Self {
            name: fields.text("name")?.filter(|name| !name.trim().is_empty()),
            tags: None,
            caption: None,
            username: None,
            sort: None,
            fields: fields.clone(),
        })
    }
}

/// A material that was taken in.
#[derive(Debug, Serialize, ToSchema)]
pub struct SavedMaterial {
    #[serde(flatten)]
    pub material: MaterialItem,
    /// false: the same content was in the library already, and nothing of it was changed.
    pub created: bool,
    /// What an operator should know.
    pub warnings: Vec<String>,
}

/// Takes a video (.mp4) or an image (.jpg, .png) into the library, once a content
#[utoipa::path(post, path = "/materials", tag = "materials", params(UploadWish),
    request_body(content((Vec<u8> = "application/octet-stream"), (Vec<u8> = "video/mp4"), (Vec<u8> = "image/jpeg"),
        (Vec<u8> = "image/png"), (Vec<u8> = "multipart/form-data")),
        description = "The file, with `name` in the query; or a form with the field `file` and, beside it, tags, caption, username, sort"),
    responses(
        (status = 200, description = "The material; where the same content was there already, that one", body = Envelope<SavedMaterial>),
        (status = 400, description = "40001: it is not what its name says, or neither a video nor an image"),
        (status = 503, description = "50301: there is no room left for it"),
    ))]
pub async fn upload(
    State(state): State<AppState>,
    caller: Caller,
    request: Request,
) -> Answered<SavedMaterial> {
    let (mut parts, body) = request.into_parts();
    let Asked(wish) = Asked::<UploadWish>::from_request_parts(&mut parts, &state).await?;
    let most = state.scheduler.rules().largest_material;
    body::check_length(&parts.headers, most + WRAPPING).map_err(|_| too_large(most))?;
    let blobs = state.media.library();
    let (whole, fields) = received(&parts.headers, body, blobs, wish, most).await?;
    let entry = MaterialEntry::from_fields(&fields)?;
    // The file and its row come together, and nobody deletes the one before the other is there.
    let held = blobs.hold().await;
    let content = whole.keep(&held).await.map_err(|error| refused(error, most))?;
    let mut new = NewMaterial::of(&content.hash, &content.name, content.kind.as_str(), content.size);
    entry.put_new(&mut new);
    let taken = match state.store.add_material(new, &caller.name).await {
        Ok(taken) => taken,
        Err(error) => {
            // What has no row is of use to nobody; what may have one stays.
            if matches!(error, crate::store::StoreError::Full(_))
                && !state
                    .store
                    .material_hashes()
                    .await
                    .map_or(true, |all| all.iter().any(|(hash, _)| *hash == content.hash))
            {
                let _ = blobs.remove(&content.hash, &held).await;
            }
            return Err(error.into());
        }
    };
    drop(held);
    let mut warnings = Vec::new();
    if taken.is_new {
        tell(&state, MaterialEvent::Created, std::slice::from_ref(&taken.row));
    } else {
        warnings.push(format!(
            "the library has this content already, as the material {} ({}): nothing of it was changed",
            taken.row.id, taken.row.name
        ));
    }
    if let Some(task) = taken.published_by {
        warnings.push(format!(
            "the task {task} published this content already, so it counts as used; PATCH used=false to have it published again"
        ));
    }
    Ok(Success(SavedMaterial {
        material: MaterialItem::of(taken.row),
        created: taken.is_new,
        warnings,
    }))
}

/// The file of a body, on the disk, and what was said of it.
async fn received(
    headers: &HeaderMap,
    body: Body,
    blobs: &Blobs,
    wish: UploadWish,
    most: u64,
) -> Result<(Whole, Fields), ApiError> {
    let sent = headers
        .get(header::CONTENT_TYPE)
        .and_then(|sent| sent.to_str().ok())
        .unwrap_or_default();
    let (body, rest) = body::shared(headers, body);
    let received = received_of(sent, body, blobs, wish, most).await;
    if received.is_err() {
        rest.drain().await;
    }
    received
}

async fn received_of(
    sent: &str,
    body: body::Pieces,
    blobs: &Blobs,
    wish: UploadWish,
    most: u64,
) -> Result<(Whole, Fields), ApiError> {
    let Ok(boundary) = multer::parse_boundary(sent) else {
        let name = wish.name.ok_or_else(|| {
            ApiError::parameter(
                "name",
                "is required: what the file is called, such as /materials?name=morning.mp4",
            )
        })?;
        return Ok((taken(body, &name, blobs, most).await?, wish.fields));
    };
    let mut form = multer::Multipart::new(body, boundary);
    let (mut whole, mut said) = (None, Map::new());
    loop {
        let field = tokio::time::timeout(SILENCE, form.next_field()).await;
        let Some(field) = field.map_err(|_| silent())?.map_err(|_| broken())? else {
            break;
        };
        match field.name() {
            Some("file") if whole.is_some() => {
                return Err(ApiError::parameter(
                    "file",
                    "is there twice: send one file a request",
                ));
            }
            Some("file") => {
                let name = wish.name.clone().or_else(|| field.file_name().map(str::to_owned));
                let name = name.unwrap_or_default();
                whole = Some(taken(field, &name, blobs, most).await?);
            }
            Some(name) => {
                let name = name.to_owned();
                let text = short(field, &name).await?;
                said.insert(name, Value::String(text));
                // Wrong ones are told before the rest is taken in.
                MaterialEntry::from_fields(&Fields::of_body(Value::Object(said.clone()))?)?;
            }
            None => {}
        }
    }
    let whole = whole.ok_or_else(|| {
        ApiError::parameter("file", "is required: the video or image, as a field of the form")
    })?;
    let mut all = wish.fields.all().clone();
    all.extend(said);
    Ok((whole, Fields::of_body(Value::Object(all))?))
}

/// A field of the form that is no file.
async fn short(mut field: multer::Field<'_>, name: &str) -> Result<String, ApiError> {
    let mut bytes = Vec::new();
    while let Some(piece) = tokio::time::timeout(SILENCE, field.chunk())
        .await
        .map_err(|_| silent())?
        .map_err(|_| broken())?
    {
        bytes.extend_from_slice(&piece);
        if bytes.len() > LARGEST_FIELD {
            return Err(ApiError::parameter(
                name,
                format!("at most {LARGEST_FIELD} bytes"),
            ));
        }
    }
    String::from_utf8(bytes).map_err(|_| ApiError::parameter(name, "must be text in UTF-8"))
}

async fn taken<E>(
    mut pieces: impl Stream<Item = Result<Bytes, E>> + Unpin,
    name: &str,
    blobs: &Blobs,
    most: u64,
) -> Result<Whole, ApiError> {
    let failed = |error| refused(error, most);
    let mut incoming = blobs.begin(name, most).map_err(failed)?;
    while let Some(piece) = tokio::time::timeout(SILENCE, pieces.next())
        .await
        .map_err(|_| silent())?
    {
        incoming
            .add(&piece.map_err(|_| broken())?)
            .await
            .map_err(failed)?;
    }
    incoming.finish().await.map_err(failed)
}

fn refused(error: NotTaken, most: u64) -> ApiError {
    match error {
        NotTaken::Wrong(why) => ApiError::parameter("file", why),
        NotTaken::TooLarge(_) => too_large(most),
        NotTaken::Full(_) => {
            tracing::warn!(%error, "a material was not taken in");
            ApiError::new(Code::Unavailable, format!("the file was not taken in: {error}"))
        }
        NotTaken::Io(_) => ApiError::internal(&error),
    }
}

fn too_large(most: u64) -> ApiError {
    ApiError::new(
        Code::BodyTooLarge,
        format!("the file is larger than {most} bytes (setting materials.largest_megabytes)"),
    )
}

fn silent() -> ApiError {
    ApiError::new(Code::BadParameter, "the body stopped coming")
}

fn broken() -> ApiError {
    ApiError::new(Code::BadParameter, "the body broke off")
}
