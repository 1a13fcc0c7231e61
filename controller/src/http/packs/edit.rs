//! A pack is mended: a file, one element, or all of it taken back to what it was. Only what could be run is taken, each
//! change is a version of its own, and the next attempt of a task runs it.

use axum::extract::State;
use serde::Serialize;
use serde_json::{Map, Value};
use shared::pack::Pack;
use shared::pack::edit::{Draft, with_alternatives};
use shared::pack::fault::Fault;
use shared::pack::files::{ELEMENTS, MANIFEST, MAX_FILE, MAX_FILES, PackFiles, belongs};
use utoipa::ToSchema;

use super::{FaultItem, FaultList, PackItem, Wrong, find, version};
use crate::http::body::Sent;
use crate::http::envelope::{ApiError, Envelope, Success};
use crate::http::fields::{Fields, FromFields, kind};
use crate::http::path::{Named, NamedMany};
use crate::http::token::Caller;
use crate::packs::Standing;
use crate::state::AppState;
use crate::store::{NewPackVersion, PackContent, PackOrigin, changed_meanwhile};

const LONGEST_REASON: usize = 500;

/// Why a pack is changed, and on what ground.
#[derive(Debug, Clone)]
pub struct Grounds {
    pub reason: String,
    pub made_from: Option<String>,
    pub dry_run: bool,
}

impl FromFields for Grounds {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let dry_run = fields.flag("dry_run")?.unwrap_or_default();
        let reason = if dry_run {
            fields.text("reason")?.unwrap_or_default()
        } else {
            fields.need_text("reason")?
        };
        let reason = reason.trim().to_owned();
        if reason.chars().count() > LONGEST_REASON {
            return Err(ApiError::parameter(
                "reason",
                format!("must be at most {LONGEST_REASON} characters"),
            ));
        }
        Ok(Self {
            reason,
            made_from: fields.text("made_from")?,
            dry_run,
        })
    }
}

impl Grounds {
    /// Of a change that leaves the rest of this pack as it is: it may not take back what came in between.
    fn on(mut self, standing: &Standing) -> Self {
        self.made_from.get_or_insert_with(|| standing.pack.hash.clone());
        self
    }
}

/// Texts of a pack's files.
#[derive(Debug, ToSchema)]
pub struct PackPatch {
    /// Names and texts; `null` takes a file away. Files that are not named stay.
    #[schema(value_type = Object, example = json!({"post.rhai": "fn run(p) {\n}\n"}))]
    pub files: Vec<(String, Option<String>)>,
    /// Why, for those who come after.
    #[schema(max_length = 500, example = "the app renamed its button")]
    pub reason: String,
    /// The hash of the pack that was changed: where another one is in force by now, nothing is changed (40901).
    pub made_from: Option<String>,
    /// Only look whether it could be taken.
    #[schema(required = false)]
    pub dry_run: bool,
    #[schema(ignore)]
    grounds: Grounds,
}

impl FromFields for PackPatch {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let grounds = Grounds::from_fields(fields)?;
        let files = texts(fields, true)?;
        if files.is_empty() {
            return Err(ApiError::parameter("files", "names no file to change"));
        }
        Ok(Self {
            files,
            reason: grounds.reason.clone(),
            made_from: grounds.made_from.clone(),
            dry_run: grounds.dry_run,
            grounds,
        })
    }
}

/// `files` of a body: names and texts.
pub(super) fn texts(fields: &Fields, may_be_gone: bool) -> Result<Vec<(String, Option<String>)>, ApiError> {
    let wrong = |told: String| ApiError::parameter("files", told);
    let files = match fields.raw("files") {
        None => return Ok(Vec::new()),
        Some(Value::Object(files)) => files,
        Some(other) => {
            return Err(wrong(format!(
                "must be an object of names and texts, not {}",
                kind(other)
            )));
        }
    };
    files
        .iter()
        .map(|(name, text)| {
            if !belongs(name) || name.contains(['/', '\\']) {
                let shown: String = name.chars().take(80).collect();
                return Err(wrong(format!(
                    "{shown:?} is no file of a pack: there are pack.toml, elements.toml and NAME.rhai"
                )));
            }
            match text {
                Value::String(text) => Ok((name.clone(), Some(text.clone()))),
                Value::Null if may_be_gone => Ok((name.clone(), None)),
                other => Err(wrong(format!("{name:?} must be a text, not {}", kind(other)))),
            }
        })
        .collect()
}

/// Other alternatives of an element, as data or as they are written.
#[derive(Debug, ToSchema)]
pub struct ElementPatch {
    /// In the order of trial; those that stand there already keep their comments.
    #[schema(value_type = Option<Vec<Object>>, example = json!([{"text": ["Post", "Publish"], "class": "Button"}]))]
    pub alternatives: Option<Vec<Map<String, Value>>>,
    /// Instead: the list as it shall stand in `elements.toml`.
    #[schema(example = "[\n  { text = \"Post\" }, # as in 43\n]")]
    pub toml: Option<String>,
    /// Why, for those who come after.
    #[schema(max_length = 500, example = "the app renamed its button")]
    pub reason: String,
    /// The hash of the pack that was changed: where another one is in force by now, nothing is changed (40901).
    pub made_from: Option<String>,
    /// Only look whether it could be taken.
    #[schema(required = false)]
    pub dry_run: bool,
    #[schema(ignore)]
    draft: Option<Draft>,
    #[schema(ignore)]
    grounds: Option<Grounds>,
}

impl FromFields for ElementPatch {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let draft = draft(fields)?.ok_or_else(|| {
            ApiError::parameter(
                "alternatives",
                "is required: a list of objects, or `toml`, the list as it is written",
            )
        })?;
        let grounds = Grounds::from_fields(fields)?;
        Ok(Self {
            alternatives: None,
            toml: None,
            reason: grounds.reason.clone(),
            made_from: grounds.made_from.clone(),
            dry_run: grounds.dry_run,
            draft: Some(draft),
            grounds: Some(grounds),
        })
    }
}

/// `alternatives` or `toml` of a body; `None` where it has neither.
pub(super) fn draft(fields: &Fields) -> Result<Option<Draft>, ApiError> {
    if let Some(text) = fields.text("toml")? {
        return Ok(Some(Draft::Toml(text.replace("\r\n", "\n"))));
    }
    let wrong = |told: String| ApiError::parameter("alternatives", told);
    match fields.raw("alternatives") {
        None => Ok(None),
        Some(Value::Array(all)) => {
            let one = |value: &Value| match value {
                Value::Object(fields) => Ok(fields.clone()),
                other => Err(wrong(format!(
                    "must be a list of objects, not of {}",
                    kind(other)
                ))),
            };
            let all: Vec<_> = all.iter().map(one).collect::<Result<_, _>>()?;
            Ok(Some(Draft::Fields(all)))
        }
        Some(other) => Err(wrong(format!("must be a list of objects, not {}", kind(other)))),
    }
}

/// Which version shall be in force again.
#[derive(Debug, ToSchema)]
pub struct PackRevert {
    /// The number of a kept version; left out: what comes with the program or lies in the folder.
    #[schema(minimum = 1)]
    pub version: Option<u32>,
    /// Why, for those who come after.
    #[schema(max_length = 500)]
    pub reason: String,
    /// The hash of the pack that was looked at: where another one is in force by now, nothing is changed (40901).
    pub made_from: Option<String>,
    /// Only look what it would change.
    #[schema(required = false)]
    pub dry_run: bool,
    #[schema(ignore)]
    grounds: Grounds,
}

impl FromFields for PackRevert {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let version = fields.number("version", 1..=i64::from(u32::MAX))?;
        let grounds = Grounds::from_fields(fields)?;
        Ok(Self {
            version: version.and_then(|version| u32::try_from(version).ok()),
            reason: grounds.reason.clone(),
            made_from: grounds.made_from.clone(),
            dry_run: grounds.dry_run,
            grounds,
        })
    }
}

/// What came of a change.
#[derive(Debug, Serialize, ToSchema)]
pub struct PackChange {
    /// Whether a new version was made; `false` where it is the same as before, or was a dry run.
    pub changed: bool,
    /// As it is in force now; `null` where it is no longer.
    pub pack: Option<PackItem>,
    /// What differs, or would.
    pub files: Vec<FileChange>,
    /// What is odd about it and keeps it from nothing.
    pub warnings: Vec<FaultItem>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct FileChange {
    pub name: String,
    /// `null`: it was not there.
    pub before: Option<String>,
    /// `null`: it is gone.
    pub after: Option<String>,
}

/// Changes files of a pack, on record; it is in force for the next attempt of a task
#[utoipa::path(patch, path = "/packs/{name}", tag = "flows", request_body = PackPatch,
    params(("name" = String, Path, description = "The pack's name")),
    responses(
        (status = 200, description = "What came of it", body = Envelope<PackChange>),
        (status = 400, description = "40001: the pack would be faulty; `data` names each fault with its line", body = Envelope<FaultList>),
        (status = 409, description = "40901: it was changed meanwhile"),
    ))]
pub async fn change(
    State(state): State<AppState>,
    caller: Caller,
    Named(name): Named,
    Sent(patch): Sent<PackPatch>,
) -> Result<Success<PackChange>, Wrong> {
    let (_, standing) = find(&state, &name)?;
    let mut files = standing.pack.files.clone();
    for (file, text) in patch.files {
        files = files.with(&file, text);
    }
    let grounds = patch.grounds.on(&standing);
    let change = Change {
        name,
        standing: Some(standing),
        files,
        how: PackOrigin::Edited,
        grounds,
    };
    change.take(&state, &caller).await
}

/// Replaces the alternatives of one element, on record; all else in `elements.toml` stays as it is
#[utoipa::path(put, path = "/packs/{name}/elements/{element}", tag = "flows", request_body = ElementPatch,
    params(
        ("name" = String, Path, description = "The pack's name"),
        ("element" = String, Path, description = "The element's name"),
    ),
    responses(
        (status = 200, description = "What came of it", body = Envelope<PackChange>),
        (status = 400, description = "40001: the pack would be faulty; `data` names each fault with its line", body = Envelope<FaultList>),
        (status = 409, description = "40901: it was changed meanwhile"),
    ))]
pub async fn element(
    State(state): State<AppState>,
    caller: Caller,
    NamedMany([name, element]): NamedMany<2>,
    Sent(patch): Sent<ElementPatch>,
) -> Result<Success<PackChange>, Wrong> {
    let (_, standing) = find(&state, &name)?;
    known_element(&standing.pack, &element)?;
    let (Some(draft), Some(grounds)) = (patch.draft, patch.grounds) else {
        return Err(ApiError::parameter("alternatives", "is required").into());
    };
    let files = with_draft(&standing.pack, &element, &draft).map_err(Wrong::Faults)?;
    let grounds = grounds.on(&standing);
    let change = Change {
        name,
        standing: Some(standing),
        files,
        how: PackOrigin::Edited,
        grounds,
    };
    change.take(&state, &caller).await
}

/// Takes a pack back to an earlier version or to what it came as, on record
#[utoipa::path(post, path = "/packs/{name}/revert", tag = "flows", request_body = PackRevert,
    params(("name" = String, Path, description = "The pack's name")),
    responses(
        (status = 200, description = "What came of it", body = Envelope<PackChange>),
        (status = 400, description = "40001: this program cannot run that version; `data` names each fault", body = Envelope<FaultList>),
    ))]
pub async fn revert(
    State(state): State<AppState>,
    caller: Caller,
    Named(name): Named,
    Sent(wish): Sent<PackRevert>,
) -> Result<Success<PackChange>, Wrong> {
    let standing = find(&state, &name).ok().map(|(_, standing)| standing);
    let Some(number) = wish.version else {
        if let (Some(made_from), Some(standing)) = (&wish.made_from, &standing)
            && *made_from != standing.pack.hash
        {
            return Err(ApiError::from(changed_meanwhile(&name)).into());
        }
        if wish.dry_run {
            let is = standing.as_ref().map(|one| one.pack.files.clone());
            let beneath = standing.as_ref().and_then(|one| one.beneath.as_ref());
            let would = match (beneath, &standing) {
                (Some((_, pack)), _) => Some(pack.files.clone()),
                (None, Some(one)) if one.kept.is_none() => is.clone(),
                (None, _) => None,
            };
            return Ok(Success(PackChange {
                changed: false,
                pack: item(&state, &name),
                files: differing(&is.unwrap_or_default(), &would.unwrap_or_default()),
                warnings: Vec::new(),
            }));
        }
        let was = standing.map(|standing| standing.pack.files.clone());
        if was.is_none() && state.store.pack_versions(&name).await?.is_empty() {
            find(&state, &name)?;
        }
        let changed = state
            .store
            .take_pack_out(&name, &wish.reason, &caller.name)
            .await?;
        in_force(&state).await?;
        let pack = item(&state, &name);
        let packs = state.packs.get();
        let is = packs.named(&name).map(|standing| standing.pack.files.clone());
        return Ok(Success(PackChange {
            changed,
            pack,
            files: differing(&was.unwrap_or_default(), &is.unwrap_or_default()),
            warnings: Vec::new(),
        }));
    };
    let (_, texts) = version(&state, &name, number).await?;
    let change = Change {
        name,
        standing,
        files: PackFiles::new(texts),
        how: PackOrigin::Reverted,
        grounds: wish.grounds,
    };
    change.take(&state, &caller).await
}

/// A content that a pack shall have.
pub(super) struct Change {
    pub(super) name: String,
    /// What is in force now.
    pub(super) standing: Option<Standing>,
    pub(super) files: PackFiles,
    pub(super) how: PackOrigin,
    pub(super) grounds: Grounds,
}

impl Change {
    /// Checks it as `flow check` does and puts it in force.
    pub(super) async fn take(self, state: &AppState, caller: &Caller) -> Result<Success<PackChange>, Wrong> {
        let (pack, warnings) = read(self.files).await?.map_err(Wrong::Faults)?;
        if pack.name != self.name {
            let what = format!("`name` must stay {:?}: versions are kept by it", self.name);
            return Err(Wrong::Faults(vec![Fault::error(MANIFEST, None, what)]));
        }
        let was = self.standing.as_ref().map(|standing| &standing.pack.files);
        let files = differing(was.unwrap_or(&PackFiles::default()), &pack.files);
        let warnings = warnings.into_iter().map(FaultItem::from).collect();
        let mut changed = false;
        if !self.grounds.dry_run {
            // A kept version that this program cannot use stands for nothing: what was looked at lies beneath it.
            let seen = self
                .standing
                .as_ref()
                .is_some_and(|standing| standing.kept.is_none());
            let unusable = state.packs.unusable();
            let instead_of = unusable
                .iter()
                .find(|one| seen && one.name == self.name)
                .map(|one| one.number);
            let beneath = self.standing.and_then(|standing| {
                let own = standing
                    .kept
                    .is_none()
                    .then_some((standing.origin, standing.pack));
                standing.beneath.or(own)
            });
            let new = NewPackVersion {
                pack: self.name.clone(),
                content: content(&pack),
                how: self.how,
                reason: self.grounds.reason,
                beneath: beneath.map(|(how, pack)| (how, content(&pack))),
                made_from: self.grounds.made_from,
                instead_of,
            };
            let row = state.store.put_pack_in_force(new, &caller.name).await?;
            changed = row.is_some();
            in_force(state).await?;
        }
        Ok(Success(PackChange {
            changed,
            pack: item(state, &self.name),
            files,
            warnings,
        }))
    }
}

/// Takes on what the store keeps, and looks again at what waits.
async fn in_force(state: &AppState) -> Result<(), ApiError> {
    let refreshed = state.packs.refresh().await;
    if let Err(error) = refreshed {
        // It stands in the database: this process has to come to it, whatever its caller does.
        state.packs.refresh_soon(&state.clock, state.scheduler.clone());
        return Err(error.into());
    }
    state.scheduler.wake_all();
    Ok(())
}

fn item(state: &AppState, name: &str) -> Option<PackItem> {
    let packs = state.packs.get();
    packs.named(name).map(|standing| PackItem::of(&packs, standing))
}

fn content(pack: &Pack) -> PackContent {
    let files = pack.files.iter();
    PackContent {
        hash: pack.hash.clone(),
        label: pack.version.clone(),
        files: files
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .collect(),
    }
}

/// Reads a pack, or tells what is wrong with it.
pub(super) async fn read(files: PackFiles) -> Result<shared::pack::Checked, ApiError> {
    if files.iter().count() > MAX_FILES {
        return Err(ApiError::parameter(
            "files",
            format!("a pack has at most {MAX_FILES} files"),
        ));
    }
    let large = files.iter().find(|(_, text)| text.len() as u64 > MAX_FILE);
    if let Some((name, _)) = large {
        return Err(ApiError::parameter(
            "files",
            format!("{name} is larger than {MAX_FILE} bytes"),
        ));
    }
    let read = tokio::task::spawn_blocking(move || Pack::read(files));
    read.await
        .map_err(|lost| ApiError::internal_told(&lost.to_string(), "the pack could not be read"))
}

/// A pack's files with a draft of one element.
pub(super) fn with_draft(pack: &Pack, element: &str, draft: &Draft) -> Result<PackFiles, Vec<Fault>> {
    let text = pack.files.get(ELEMENTS).unwrap_or_default();
    let text = with_alternatives(text, element, draft)?;
    Ok(pack.files.clone().with(ELEMENTS, Some(text)))
}

/// There is such an element.
pub(super) fn known_element(pack: &Pack, element: &str) -> Result<(), ApiError> {
    if pack.elements.contains_key(element) {
        return Ok(());
    }
    let shown: String = element.chars().take(80).collect();
    let near = shared::nearest::nearest(element, pack.elements.keys().map(String::as_str));
    let near = near.map_or(String::new(), |near| format!(": did you mean {near}?"));
    Err(ApiError::not_found(format!(
        "the pack {} has no element {shown:?}{near}",
        pack.name
    )))
}

fn differing(was: &PackFiles, is: &PackFiles) -> Vec<FileChange> {
    let names = was.iter().chain(is.iter()).map(|(name, _)| name.to_owned());
    let names: std::collections::BTreeSet<String> = names.collect();
    names
        .into_iter()
        .filter(|name| was.get(name) != is.get(name))
        .map(|name| FileChange {
            before: was.get(&name).map(str::to_owned),
            after: is.get(&name).map(str::to_owned),
            name,
        })
        .collect()
}
