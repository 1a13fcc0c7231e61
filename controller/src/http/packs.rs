//! The packs by which apps are operated: looked at, file by file and element by element, and mended while the farm runs.

pub mod edit;
pub mod probe;
pub mod take_in;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use shared::pack::Pack;
use shared::pack::edit::{AlternativeSource, ElementSource, elements};
use shared::pack::fault::Fault;
use shared::pack::files::{ELEMENTS, PackFiles};
use utoipa::{IntoParams, ToSchema};

use super::envelope::{Answered, ApiError, Code, Envelope, Refusal, Success};
use super::fields::{Asked, Fields, FromFields};
use super::path::Named;
use crate::packs::{Packs, Standing};
use crate::state::AppState;
use crate::store::{PackOrigin, PackRow, PackTexts, PackVersionRow, StoreError};

#[derive(Debug, Serialize, ToSchema)]
pub struct PackList {
    /// Those that win first.
    pub packs: Vec<PackItem>,
}

/// A pack: what operates one app.
#[derive(Debug, Serialize, ToSchema)]
pub struct PackItem {
    #[schema(example = "tiktok")]
    pub name: String,
    #[schema(example = "tiktok")]
    pub platform: String,
    /// What its `pack.toml` calls its version.
    pub version: String,
    /// Of the version that is kept here; `null` where it lies with the program or in the folder.
    pub number: Option<u32>,
    /// Of its content.
    pub hash: String,
    /// built_in, folder, edited, imported, reverted.
    #[schema(example = "built_in")]
    pub origin: &'static str,
    /// `false`: it was taken out, cannot be used, or other packs have all its flows and go first.
    pub in_force: bool,
    /// The app's packages, the usual one first.
    pub packages: Vec<String>,
    /// The flows of which it is the pack.
    pub flows: Vec<String>,
    pub elements: usize,
    #[schema(value_type = String, format = DateTime, nullable)]
    pub changed_at: Option<Timestamp>,
    pub changed_by: Option<String>,
    pub reason: Option<String>,
    /// What lies beneath a kept version and is in force without it.
    pub beneath: Option<BeneathItem>,
    /// Why a kept version that should be in force cannot be used.
    pub fault: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct BeneathItem {
    /// built_in, folder.
    pub origin: &'static str,
    pub version: String,
    pub hash: String,
}

/// A pack with all that is in it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PackDetails {
    pub pack: PackItem,
    /// The version that is shown; `null` where it is the one in force and not kept here.
    pub shown: Option<u32>,
    /// By name.
    pub files: Vec<PackFileItem>,
    /// In the order of `elements.toml`.
    pub elements: Vec<ElementItem>,
    /// What is odd about it and keeps it from nothing.
    pub warnings: Vec<FaultItem>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PackFileItem {
    #[schema(example = "elements.toml")]
    pub name: String,
    pub text: String,
}

/// Something on the app's screens, by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct ElementItem {
    #[schema(example = "post_button")]
    pub name: String,
    pub help: String,
    /// Its facts are guessed.
    pub experimental: bool,
    /// In `elements.toml`, from 1.
    pub line: usize,
    pub last_line: usize,
    /// Where the list of alternatives begins.
    pub any_line: usize,
    /// The list of alternatives as it is written.
    pub any: String,
    /// In the order of trial.
    pub alternatives: Vec<AlternativeItem>,
    /// Where its name stands: scripts, other elements, pop-ups.
    pub used: Vec<UseItem>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AlternativeItem {
    pub line: usize,
    /// As it is written.
    #[schema(example = "{ text = \"Post\", class = \"Button\" }")]
    pub source: String,
    /// Keys and values: texts, lists of texts, numbers, true and false.
    #[schema(value_type = Object)]
    pub fields: Map<String, Value>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct UseItem {
    pub file: String,
    pub line: usize,
}

/// What is wrong or odd in a file.
#[derive(Debug, Serialize, ToSchema)]
pub struct FaultItem {
    pub file: String,
    pub line: Option<usize>,
    /// error, warning.
    pub severity: &'static str,
    /// With what is allowed.
    pub what: String,
}

/// Why a pack is not taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct FaultList {
    pub faults: Vec<FaultItem>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PackVersions {
    /// Newest first.
    pub versions: Vec<PackVersionItem>,
}

/// A version that is kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct PackVersionItem {
    /// From 1.
    pub number: u32,
    pub version: String,
    pub hash: String,
    /// built_in or folder (what was there before the first change), edited, imported, reverted.
    pub origin: &'static str,
    pub reason: String,
    /// Empty where nobody made it here.
    pub changed_by: String,
    #[schema(value_type = String, format = DateTime)]
    pub changed_at: Timestamp,
    pub in_force: bool,
}

#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct VersionWish {
    /// The number of a kept version; the one in force where it is left out.
    #[param(minimum = 1)]
    pub version: Option<u32>,
}

impl FromFields for VersionWish {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let version = fields.number("version", 1..=i64::from(u32::MAX))?;
        Ok(Self {
            version: version.and_then(|version| u32::try_from(version).ok()),
        })
    }
}

/// A refusal, or a pack that is faulty.
#[derive(Debug)]
pub enum Wrong {
    Api(ApiError),
    Faults(Vec<Fault>),
}

impl From<ApiError> for Wrong {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

impl From<StoreError> for Wrong {
    fn from(error: StoreError) -> Self {
        Self::Api(error.into())
    }
}

impl IntoResponse for Wrong {
    fn into_response(self) -> Response {
        const SHOWN: usize = 5;
        match self {
            Self::Api(error) => error.into_response(),
            Self::Faults(faults) => {
                let errors: Vec<String> = faults
                    .iter()
                    .filter(|fault| fault.is_error())
                    .map(ToString::to_string)
                    .collect();
                let more = match errors.len().saturating_sub(SHOWN) {
                    0 => String::new(),
                    more => format!("; and {more} more"),
                };
                let shown: Vec<&str> = errors.iter().take(SHOWN).map(String::as_str).collect();
                Refusal {
                    code: Code::BadParameter,
                    message: format!("{}{more}", shown.join("; ")),
                    data: FaultList {
                        faults: faults.into_iter().map(FaultItem::from).collect(),
                    },
                }
                .into_response()
            }
        }
    }
}

impl From<Fault> for FaultItem {
    fn from(fault: Fault) -> Self {
        Self {
            severity: if fault.is_error() { "error" } else { "warning" },
            file: fault.file,
            line: fault.line,
            what: fault.what,
        }
    }
}

/// The packs, those that win first
#[utoipa::path(get, path = "/packs", tag = "flows",
    responses((status = 200, description = "The packs", body = Envelope<PackList>)))]
pub async fn list(State(state): State<AppState>) -> Answered<PackList> {
    let packs = state.packs.get();
    let mut items: Vec<PackItem> = packs
        .standing()
        .map(|standing| PackItem::of(&packs, standing))
        .collect();
    let unusable = state.packs.unusable();
    for one in unusable.iter() {
        if let Some(item) = items.iter_mut().find(|item| item.name == one.name) {
            item.fault = Some(one.why.clone());
        }
    }
    for row in state.store.packs().await? {
        if items.iter().all(|item| item.name != row.name) {
            let fault = unusable.iter().find(|one| one.name == row.name);
            items.push(out_of_force(&state, row, fault.map(|one| one.why.clone())).await?);
        }
    }
    Ok(Success(PackList { packs: items }))
}

/// A pack that nothing lies beneath and that is not in force.
async fn out_of_force(state: &AppState, row: PackRow, fault: Option<String>) -> Result<PackItem, ApiError> {
    let versions = state.store.pack_versions(&row.name).await?;
    let newest = versions.into_iter().next();
    Ok(PackItem {
        platform: String::new(),
        version: newest.as_ref().map(|row| row.label.clone()).unwrap_or_default(),
        number: row.number,
        hash: newest.as_ref().map(|row| row.hash.clone()).unwrap_or_default(),
        origin: newest
            .as_ref()
            .map_or(PackOrigin::Imported, |row| row.how)
            .as_str(),
        in_force: false,
        packages: Vec::new(),
        flows: Vec::new(),
        elements: 0,
        changed_at: Some(row.changed_at),
        changed_by: Some(row.changed_by),
        reason: newest.map(|row| row.reason),
        beneath: None,
        fault,
        name: row.name,
    })
}

impl PackItem {
    fn of(packs: &Packs, standing: &Standing) -> Self {
        let pack = &standing.pack;
        let wins = |script: &str| {
            let found = packs.find(&pack.platform, script);
            found.is_some_and(|found| Arc::ptr_eq(found, pack))
        };
        let flows = pack.flows.iter().map(|flow| flow.name.clone());
        let flows: Vec<String> = flows.filter(|flow| wins(flow)).collect();
        let kept = standing.kept.as_ref();
        Self {
            name: pack.name.clone(),
            platform: pack.platform.clone(),
            version: pack.version.clone(),
            number: kept.map(|row| row.number),
            hash: pack.hash.clone(),
            origin: standing.origin.as_str(),
            in_force: !flows.is_empty(),
            packages: pack.packages.clone(),
            flows,
            elements: pack.elements.len(),
            changed_at: kept.map(|row| row.at),
            changed_by: kept.map(|row| row.who.clone()),
            reason: kept.map(|row| row.reason.clone()),
            beneath: standing.beneath.as_ref().map(|(origin, pack)| BeneathItem {
                origin: origin.as_str(),
                version: pack.version.clone(),
                hash: pack.hash.clone(),
            }),
            fault: None,
        }
    }
}

/// A pack with its files, and its elements as they are written
#[utoipa::path(get, path = "/packs/{name}", tag = "flows",
    params(("name" = String, Path, description = "The pack's name"), VersionWish),
    responses((status = 200, description = "The pack", body = Envelope<PackDetails>)))]
pub async fn get(
    State(state): State<AppState>,
    Named(name): Named,
    Asked(wish): Asked<VersionWish>,
) -> Answered<PackDetails> {
    let (packs, standing) = find(&state, &name)?;
    let item = PackItem::of(&packs, &standing);
    let (shown, files) = match wish.version {
        None => (item.number, standing.pack.files.clone()),
        Some(number) => {
            let (_, texts) = version(&state, &name, number).await?;
            (Some(number), PackFiles::new(texts))
        }
    };
    Ok(Success(details(item, shown, files).await?))
}

/// Every version of a pack that is kept, the newest first; none where it was never changed here
#[utoipa::path(get, path = "/packs/{name}/versions", tag = "flows",
    params(("name" = String, Path, description = "The pack's name")),
    responses((status = 200, description = "The versions", body = Envelope<PackVersions>)))]
pub async fn versions(State(state): State<AppState>, Named(name): Named) -> Answered<PackVersions> {
    let rows = state.store.pack_versions(&name).await?;
    if rows.is_empty() {
        find(&state, &name)?;
    }
    let packs = state.packs.get();
    let kept = packs.named(&name).and_then(|standing| standing.kept.as_ref());
    let in_force = kept.map(|row| row.number);
    let versions = rows.into_iter().map(|row| PackVersionItem {
        in_force: in_force == Some(row.number),
        number: row.number,
        version: row.label,
        hash: row.hash,
        origin: row.how.as_str(),
        reason: row.reason,
        changed_by: row.who,
        changed_at: row.at,
    });
    Ok(Success(PackVersions {
        versions: versions.collect(),
    }))
}

/// The pack of this name as it is now, among all of them.
fn find(state: &AppState, name: &str) -> Result<(Packs, Standing), ApiError> {
    let packs = state.packs.get();
    let standing = packs.named(name).cloned();
    let standing = standing.ok_or_else(|| {
        let shown: String = name.chars().take(80).collect();
        let names: Vec<&str> = packs.iter().map(|pack| pack.name.as_str()).collect();
        ApiError::not_found(format!(
            "there is no pack {shown:?} in force: there are {}",
            names.join(", ")
        ))
    })?;
    Ok((packs, standing))
}

async fn version(state: &AppState, name: &str, number: u32) -> Result<(PackVersionRow, PackTexts), ApiError> {
    let found = state.store.pack_version(name, number).await?;
    found.ok_or_else(|| ApiError::not_found(format!("the pack has no version {number}")))
}

/// What is in these files.
async fn details(pack: PackItem, shown: Option<u32>, files: PackFiles) -> Result<PackDetails, ApiError> {
    let read = tokio::task::spawn_blocking(move || {
        let read = Pack::read(files.clone());
        let elements = element_items(&files, read.as_ref().ok().map(|(pack, _)| pack));
        let warnings = match read {
            Ok((_, warnings)) => warnings,
            Err(faults) => faults,
        };
        PackDetails {
            pack,
            shown,
            elements,
            files: files
                .iter()
                .map(|(name, text)| PackFileItem {
                    name: name.to_owned(),
                    text: text.to_owned(),
                })
                .collect(),
            warnings: warnings.into_iter().map(FaultItem::from).collect(),
        }
    });
    read.await
        .map_err(|lost| ApiError::internal_told(&lost.to_string(), "the pack could not be read"))
}

fn element_items(files: &PackFiles, pack: Option<&Pack>) -> Vec<ElementItem> {
    let mut uses = uses(files);
    elements(files.get(ELEMENTS).unwrap_or_default())
        .into_iter()
        .map(|source| {
            let known = pack.and_then(|pack| pack.elements.get(&source.name));
            let own = source.line..=source.last_line;
            let mut used = uses.remove(&source.name).unwrap_or_default();
            used.retain(|one| one.file != ELEMENTS || !own.contains(&one.line));
            ElementItem {
                help: known.map(|element| element.help.clone()).unwrap_or_default(),
                experimental: known.is_some_and(|element| element.experimental),
                used,
                ..ElementItem::of(source)
            }
        })
        .collect()
}

impl ElementItem {
    fn of(source: ElementSource) -> Self {
        Self {
            name: source.name,
            help: String::new(),
            experimental: false,
            line: source.line,
            last_line: source.last_line,
            any_line: source.any_line,
            any: source.any,
            alternatives: source.alternatives.into_iter().map(Into::into).collect(),
            used: Vec::new(),
        }
    }
}

impl From<AlternativeSource> for AlternativeItem {
    fn from(source: AlternativeSource) -> Self {
        Self {
            line: source.line,
            source: source.text,
            fields: source.fields,
        }
    }
}

/// Every text in quotes that could be an element's name, and where it stands.
fn uses(files: &PackFiles) -> BTreeMap<String, Vec<UseItem>> {
    let mut uses: BTreeMap<String, Vec<UseItem>> = BTreeMap::new();
    for (file, text) in files.iter().filter(|(file, _)| {
        *file == ELEMENTS
            || std::path::Path::new(file)
                .extension()
                .is_some_and(|ext| ext == "rhai")
    }) {
        for (number, line) in text.lines().enumerate() {
            for quoted in line.split('"').skip(1).step_by(2) {
                let all = uses.entry(quoted.to_owned()).or_default();
                let line = number + 1;
                if all
                    .last()
                    .is_none_or(|last| last.file != file || last.line != line)
                {
                    all.push(UseItem {
                        file: file.to_owned(),
                        line,
                    });
                }
            }
        }
    }
    uses
}
