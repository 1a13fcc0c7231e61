//! What waits for a person: seen, and decided.

use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use shared::account::Username;
use utoipa::{IntoParams, ToSchema};

use super::body::Sent;
use super::envelope::{Answered, ApiError, Envelope, Success};
use super::fields::{Asked, Fields, FromFields};
use super::page::Paged;
use super::path::Named;
use super::tasks::details::GrantItem;
use super::token::Caller;
use crate::scheduler::proof_of_main_act;
use crate::state::AppState;
use crate::store::{Resolution, ShownAttention, Verdict};

/// The longest link or comment, in characters.
const LONGEST_TEXT: usize = 2_000;

/// Something that waits for a person, or did.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttentionItem {
    pub id: i64,
    /// unknown (nobody could find out what became of an act), captcha, code, …
    #[schema(example = "unknown")]
    pub kind: String,
    /// What happened, and what to do.
    pub message: String,
    /// The task's id.
    pub task: Option<i64>,
    /// Of the task; `null` where it was deleted.
    pub task_state: Option<&'static str>,
    pub script_name: Option<String>,
    pub platform: Option<String>,
    pub account_id: Option<i64>,
    pub username: Option<String>,
    pub serial: Option<String>,
    /// The act that is in question.
    pub grant: Option<GrantItem>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Until when its phone is kept as it is, so that a person finds on its screen what it is about.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub held_until: Option<Timestamp>,
    /// Since when its phone goes on with other tasks although nobody came; its account rests.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub freed_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub resolved_at: Option<Timestamp>,
    /// done, not_done, resume, abandon, stopped.
    pub resolution: Option<String>,
    pub resolved_by: Option<String>,
    /// What may be said of it now: done, not_done, resume, abandon.
    #[schema(value_type = Vec<String>)]
    pub allowed: Vec<&'static str>,
}

impl From<ShownAttention> for AttentionItem {
    fn from(shown: ShownAttention) -> Self {
        let allowed = shown.allowed().into_iter().map(Resolution::as_str).collect();
        let (row, task) = (shown.row, shown.task);
        let username = task.as_ref().and_then(|task| task.username.as_ref());
        Self {
            id: row.id,
            kind: row.item.kind,
            message: row.item.message,
            task: row.item.task,
            task_state: task.as_ref().map(|task| task.state.as_str()),
            script_name: task.as_ref().map(|task| task.script.clone()),
            platform: task.as_ref().map(|task| task.platform.clone()),
            account_id: row.item.account_id,
            username: username.map(Username::as_str).map(str::to_owned),
            serial: row.item.serial,
            grant: shown.grant.map(|grant| GrantItem::of(grant, None)),
            created_at: row.created_at,
            held_until: row.item.held_until,
            freed_at: row.freed_at,
            resolved_at: row.resolved_at,
            resolution: row.resolution,
            resolved_by: row.resolved_by,
            allowed,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AttentionList {
    pub items: Vec<AttentionItem>,
    /// On all pages.
    pub total: u64,
    pub page: u32,
    pub page_size: u32,
}

/// Which items are wanted.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AttentionFilter {
    /// open (what waits) or all.
    #[param(required = false, value_type = String, default = "open")]
    pub state: bool,
    /// Counts from 1.
    #[param(default = 1, minimum = 1, required = false)]
    pub page: u32,
    /// More than 100 is taken as 100.
    #[param(default = 20, minimum = 1, maximum = 100, required = false)]
    pub page_size: u32,
}

impl FromFields for AttentionFilter {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let paged = Paged::from_fields(fields)?;
        let state = match fields.text("state")?.as_deref().map(str::trim) {
            None | Some("" | "open") => true,
            Some("all") => false,
            Some(_) => return Err(ApiError::parameter("state", "must be open or all")),
        };
        Ok(Self {
            state,
            page: paged.page,
            page_size: paged.page_size,
        })
    }
}

/// What waits for a person, newest first
#[utoipa::path(get, path = "/attention", tag = "attention", params(AttentionFilter),
    responses((status = 200, description = "The items", body = Envelope<AttentionList>)))]
pub async fn list(
    State(state): State<AppState>,
    Asked(filter): Asked<AttentionFilter>,
) -> Answered<AttentionList> {
    let page = Paged {
        page: filter.page,
        page_size: filter.page_size,
    };
    let listed = state.store.list_attention(filter.state, page.of_store()).await?;
    Ok(Success(AttentionList {
        items: listed.rows.into_iter().map(AttentionItem::from).collect(),
        total: listed.total,
        page: page.page,
        page_size: page.page_size,
    }))
}

/// One item
#[utoipa::path(get, path = "/attention/{id}", tag = "attention",
    params(("id" = i64, Path, description = "The item's id")),
    responses((status = 200, description = "The item", body = Envelope<AttentionItem>)))]
pub async fn get(State(state): State<AppState>, Named(id): Named) -> Answered<AttentionItem> {
    find(&state, number(&id)?).await.map(Success)
}

/// What became of the act.
#[derive(Debug, ToSchema)]
pub struct ActSaid {
    /// true: it was done, by whomever; it is not done again. false: it was not; the task does it.
    pub done: bool,
    /// A link that shows it.
    #[schema(value_type = Option<String>, example = "https://www.tiktok.com/@jane/video/7")]
    pub proof: Option<String>,
    #[schema(value_type = Option<String>)]
    pub comment: Option<String>,
}

impl FromFields for ActSaid {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let done = fields.flag("done")?;
        Ok(Self {
            done: done.ok_or_else(|| {
                ApiError::parameter(
                    "done",
                    "is required: true where the act was done, false where it was not",
                )
            })?,
            proof: link(fields)?,
            comment: comment(fields)?,
        })
    }
}

/// What an operator wants to be kept with it.
#[derive(Debug, ToSchema)]
pub struct Remark {
    #[schema(value_type = Option<String>)]
    pub comment: Option<String>,
}

impl FromFields for Remark {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        Ok(Self {
            comment: comment(fields)?,
        })
    }
}

/// The task is given up.
#[derive(Debug, ToSchema)]
pub struct GivenUp {
    /// Whether the act was done; needed where that is in question.
    #[schema(value_type = Option<bool>)]
    pub was_done: Option<bool>,
    #[schema(value_type = Option<String>)]
    pub comment: Option<String>,
}

impl FromFields for GivenUp {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        Ok(Self {
            was_done: fields.flag("was_done")?,
            comment: comment(fields)?,
        })
    }
}

fn comment(fields: &Fields) -> Result<Option<String>, ApiError> {
    let text = fields.text("comment")?.map(|text| text.trim().to_owned());
    match text.filter(|text| !text.is_empty()) {
        Some(text) if text.chars().count() > LONGEST_TEXT => Err(ApiError::parameter(
            "comment",
            format!("must be at most {LONGEST_TEXT} characters"),
        )),
        text => Ok(text),
    }
}

fn link(fields: &Fields) -> Result<Option<String>, ApiError> {
    let text = fields.text("proof")?.map(|text| text.trim().to_owned());
    let is_link = |text: &str| {
        let rest = text.strip_prefix("https://").or(text.strip_prefix("http://"));
        rest.is_some_and(|rest| {
            !rest.is_empty() && !rest.contains(|c: char| c.is_whitespace() || c.is_control())
        }) && text.chars().count() <= LONGEST_TEXT
    };
    match text.filter(|text| !text.is_empty()) {
        Some(text) if !is_link(&text) => Err(ApiError::parameter(
            "proof",
            format!("must be a link, http:// or https://, of at most {LONGEST_TEXT} characters"),
        )),
        text => Ok(text),
    }
}

/// Says whether the act was done
///
/// The task goes on: as completed where it was all about that act, else to what is left of it.
#[utoipa::path(post, path = "/attention/{id}/resolve", tag = "attention", request_body = ActSaid,
    params(("id" = i64, Path, description = "The item's id")),
    responses(
        (status = 200, description = "The item as it is now", body = Envelope<AttentionItem>),
        (status = 409, description = "40901: that cannot be said of it now; the message says what can"),
    ))]
pub async fn resolve(
    State(state): State<AppState>,
    caller: Caller,
    Named(id): Named,
    Sent(said): Sent<ActSaid>,
) -> Answered<AttentionItem> {
    let resolution = if said.done {
        Resolution::Done
    } else {
        Resolution::NotDone
    };
    let verdict = Verdict {
        proof: said.proof,
        comment: said.comment,
        ..Verdict::of(resolution)
    };
    decided(&state, &caller, &id, verdict).await
}

/// Lets the task go on: what kept it is out of the way
///
/// Where an act is in question, the phone looks again what became of it.
#[utoipa::path(post, path = "/attention/{id}/resume", tag = "attention",
    request_body(content = Remark, description = "May be absent"),
    params(("id" = i64, Path, description = "The item's id")),
    responses(
        (status = 200, description = "The item as it is now", body = Envelope<AttentionItem>),
        (status = 409, description = "40901: its task does not wait for a person; the message says what can be said"),
    ))]
pub async fn resume(
    State(state): State<AppState>,
    caller: Caller,
    Named(id): Named,
    Sent(remark): Sent<Remark>,
) -> Answered<AttentionItem> {
    let verdict = Verdict {
        comment: remark.comment,
        ..Verdict::of(Resolution::Resume)
    };
    decided(&state, &caller, &id, verdict).await
}

/// Gives the task up: it fails as abandoned
#[utoipa::path(post, path = "/attention/{id}/abandon", tag = "attention",
    request_body(content = GivenUp, description = "May be absent"),
    params(("id" = i64, Path, description = "The item's id")),
    responses(
        (status = 200, description = "The item as it is now", body = Envelope<AttentionItem>),
        (status = 409, description = "40901: its task does not wait for a person, or was_done is missing; the message says what can be said"),
    ))]
pub async fn abandon(
    State(state): State<AppState>,
    caller: Caller,
    Named(id): Named,
    Sent(given): Sent<GivenUp>,
) -> Answered<AttentionItem> {
    let verdict = Verdict {
        was_done: given.was_done,
        comment: given.comment,
        ..Verdict::of(Resolution::Abandon)
    };
    decided(&state, &caller, &id, verdict).await
}

async fn decided(state: &AppState, caller: &Caller, id: &str, verdict: Verdict) -> Answered<AttentionItem> {
    let id = number(id)?;
    let resolved = state
        .store
        .resolve_attention(id, verdict, &caller.name, proof_of_main_act)
        .await?;
    let now = state.clock.now();
    state.events.attention(now, &resolved.item);
    if let Some(task) = &resolved.task {
        state.events.task_turned(now, task);
        state.scheduler.wake([&task.serial]);
    }
    if resolved.settled {
        // Others of the account may have waited for it, on any phone.
        state.scheduler.wake_all();
    }
    find(state, id).await.map(Success)
}

async fn find(state: &AppState, id: i64) -> Result<AttentionItem, ApiError> {
    let item = state.store.attention_item(id).await?;
    item.map(AttentionItem::from)
        .ok_or_else(|| unknown(&id.to_string()))
}

fn number(id: &str) -> Result<i64, ApiError> {
    id.parse().map_err(|_| unknown(id))
}

fn unknown(id: &str) -> ApiError {
    let id: String = id.chars().take(40).collect();
    ApiError::not_found(format!("there is no attention item {id:?}"))
}
