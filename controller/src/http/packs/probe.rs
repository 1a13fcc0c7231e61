//! Whether an element is on a screen, and why not: on a phone now, or as a task saw it when it failed. What is tried need
//! not be in the pack yet.

use std::time::Duration;

use axum::extract::State;
use serde::Serialize;
use serde_json::{Map, Value};
use shared::pack::Pack;
use shared::pack::edit::Draft;
use shared::pack::files::ELEMENTS;
use shared::screen::find::selector::Version;
use shared::screen::find::{Search, View};
use shared::screen::{Bounds, Node, Screen};
use utoipa::ToSchema;

use super::edit::{draft, known_element, read, with_draft};
use super::{Wrong, find};
use crate::fleet::{Answer, Ask};
use crate::http::API;
use crate::http::body::Sent;
use crate::http::envelope::{ApiError, Envelope, Success};
use crate::http::fields::{Fields, FromFields};
use crate::http::path::NamedMany;
use crate::http::phones::astray;
use crate::scheduler::artifact_file;
use crate::state::AppState;
use crate::store::ArtifactRow;

/// The hierarchy of a busy screen takes a few seconds.
const DEADLINE: Duration = Duration::from_secs(30);
/// More nodes than a person looks at.
const MOST_NODES: usize = 50;

const HIERARCHY: &str = "hierarchy.xml";
const META: &str = "meta.json";
const PICTURE: &str = "screen.png";

/// What is looked for, and where.
#[derive(Debug, ToSchema)]
pub struct ElementProbe {
    /// As `PUT` takes them; without them and `toml` the element is looked for as it is.
    #[schema(value_type = Option<Vec<Object>>, example = json!([{"text": "Publish"}]))]
    pub alternatives: Option<Vec<Value>>,
    /// Instead: the list as it would stand in `elements.toml`.
    pub toml: Option<String>,
    /// On this phone, now: its serial or any alias.
    pub serial: Option<String>,
    /// Or on the screen that the last attempt of this task left which left one.
    pub task: Option<i64>,
    /// That of this attempt.
    pub attempt: Option<u32>,
    /// Or on this one, as `GET /devices/{serial}/hierarchy` gave it; a task then still says language and version.
    pub xml: Option<String>,
    /// The phone's language; the task's where it is left out.
    #[schema(example = "fr")]
    pub language: Option<String>,
    /// The app's version; the task's where it is left out.
    #[schema(example = "43.1.4")]
    pub app_version: Option<String>,
    #[schema(ignore)]
    draft: Option<Draft>,
}

impl FromFields for ElementProbe {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let filled =
            |name: &str| Ok::<_, ApiError>(fields.text(name)?.filter(|text| !text.trim().is_empty()));
        let probe = Self {
            alternatives: None,
            toml: None,
            serial: filled("serial")?,
            task: fields.number("task", 1..=i64::MAX)?,
            attempt: fields
                .number("attempt", 1..=i64::from(u32::MAX))?
                .and_then(|attempt| u32::try_from(attempt).ok()),
            xml: filled("xml")?,
            language: filled("language")?,
            app_version: filled("app_version")?,
            draft: draft(fields)?,
        };
        if probe.serial.is_none() && probe.task.is_none() && probe.xml.is_none() {
            return Err(ApiError::parameter(
                "serial",
                "is required, or `task`, or `xml`: where the element is looked for",
            ));
        }
        Ok(probe)
    }
}

/// Whether it is there.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProbeResult {
    pub found: bool,
    /// Which alternative matched, from 1.
    pub alternative: Option<usize>,
    /// What it matched: the first is what a flow would touch.
    pub nodes: Vec<FoundNode>,
    /// What became of each, as `drover-agent flow find` tells it.
    pub alternatives: Vec<TriedAlternative>,
    /// The list as it stands in `elements.toml`, with the draft in it.
    pub any: String,
    pub screen: ProbedScreen,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct FoundNode {
    pub class: String,
    pub id: String,
    pub text: String,
    pub description: String,
    pub bounds: BoundsItem,
    /// Something lies over its middle.
    pub covered: bool,
    /// Where a touch would go; `null` where none reaches it.
    pub touch: Option<PointItem>,
}

/// In pixels of the phone.
#[derive(Debug, Serialize, ToSchema)]
pub struct BoundsItem {
    pub left: i32,
    pub top: i32,
    pub right: i32,
    pub bottom: i32,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PointItem {
    pub x: i32,
    pub y: i32,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TriedAlternative {
    /// From 1.
    pub number: usize,
    /// In `elements.toml`, with the draft in it.
    pub line: usize,
    /// As it is written there.
    pub source: String,
    /// What it says: texts, lists of texts, numbers, true and false.
    #[schema(value_type = Object)]
    pub fields: Map<String, Value>,
    /// How many nodes it matches.
    pub matches: usize,
    /// How many nodes were left after each condition, or what rules it out.
    pub said: Vec<String>,
}

/// The screen on which it was looked for.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProbedScreen {
    pub width: i32,
    pub height: i32,
    pub nodes: usize,
    /// Whose windows are on it.
    pub packages: Vec<String>,
    /// Whether the pack's app is among them.
    pub shows_app: bool,
    pub language: Option<String>,
    pub app_version: Option<String>,
    /// The attempt that left it.
    pub attempt: Option<u32>,
    /// The picture that was left with it.
    #[schema(example = "/api/v1/task/7/artifacts/1/screen.png")]
    pub picture: Option<String>,
}

/// Looks for an element on a phone's screen, or on the one that a failed task left, and tells why it is not there
#[utoipa::path(post, path = "/packs/{name}/elements/{element}/test", tag = "flows", request_body = ElementProbe,
    params(
        ("name" = String, Path, description = "The pack's name"),
        ("element" = String, Path, description = "The element's name"),
    ),
    responses(
        (status = 200, description = "Whether it is there", body = Envelope<ProbeResult>),
        (status = 400, description = "40001: the draft is faulty, `data` names each fault with its line; or the screen cannot be read"),
        (status = 409, description = "40901: the phone is not online, or its screen cannot be read now"),
    ))]
pub async fn test(
    State(state): State<AppState>,
    NamedMany([name, element]): NamedMany<2>,
    Sent(probe): Sent<ElementProbe>,
) -> Result<Success<ProbeResult>, Wrong> {
    let (_, standing) = find(&state, &name)?;
    let pack = standing.pack;
    known_element(&pack, &element)?;
    let pack = match &probe.draft {
        None => (*pack).clone(),
        Some(draft) => {
            let files = with_draft(&pack, &element, draft).map_err(Wrong::Faults)?;
            read(files).await?.map_err(Wrong::Faults)?.0
        }
    };
    let seen = seen(&state, probe).await?;
    let looked = tokio::task::spawn_blocking(move || look(&pack, &element, seen));
    let looked = looked
        .await
        .map_err(|lost| ApiError::internal_told(&lost.to_string(), "the screen could not be searched"))?;
    Ok(Success(looked?))
}

/// A screen and what is known of it.
struct Seen {
    xml: String,
    language: Option<String>,
    app_version: Option<String>,
    attempt: Option<u32>,
    picture: Option<String>,
    /// It is a phone's, as it was read just now.
    is_live: bool,
}

async fn seen(state: &AppState, probe: ElementProbe) -> Result<Seen, ApiError> {
    let mut seen = Seen {
        xml: String::new(),
        language: None,
        app_version: None,
        attempt: None,
        picture: None,
        is_live: false,
    };
    if let Some(task) = probe.task {
        of_task(state, task, probe.attempt, &mut seen).await?;
    }
    if let Some(xml) = probe.xml {
        seen.xml = xml;
    } else if let Some(serial) = &probe.serial {
        match state.phones.ask(serial, Ask::Hierarchy, DEADLINE).await? {
            Answer::Hierarchy { xml, .. } => {
                seen.xml = xml;
                seen.is_live = true;
            }
            other => return Err(astray(&other)),
        }
    }
    seen.language = probe.language.or(seen.language);
    seen.app_version = probe.app_version.or(seen.app_version);
    Ok(seen)
}

/// What the newest attempt left that left a hierarchy.
async fn of_task(state: &AppState, task: i64, attempt: Option<u32>, seen: &mut Seen) -> Result<(), ApiError> {
    if state.store.task(task).await?.is_none() {
        return Err(ApiError::not_found(format!("there is no task {task}")));
    }
    let left = state.store.artifacts_of(task).await?;
    let wanted = |row: &&ArtifactRow| attempt.is_none_or(|attempt| attempt == row.number);
    let hierarchy = left.iter().filter(wanted).find(|row| row.name == HIERARCHY);
    let Some(hierarchy) = hierarchy else {
        return Err(ApiError::not_found(format!(
            "task {task} left no screen: its files are gone by now, or it left none"
        )));
    };
    let beside = |name: &str| {
        left.iter()
            .find(|row| row.attempt == hierarchy.attempt && row.name == name)
    };
    let path = |row: &ArtifactRow| artifact_file(&state.data_dir, row.attempt, &row.name);
    seen.xml = tokio::fs::read_to_string(path(hierarchy))
        .await
        .map_err(|_| ApiError::not_found(format!("the file {HIERARCHY} was deleted from the data folder")))?;
    let meta = match beside(META) {
        Some(row) => tokio::fs::read(path(row)).await.unwrap_or_default(),
        None => Vec::new(),
    };
    let meta: Value = serde_json::from_slice(&meta).unwrap_or_default();
    let of_meta = |place: &str| {
        let text = meta.pointer(place).and_then(Value::as_str);
        text.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    seen.language = of_meta("/phone/language");
    seen.app_version = of_meta("/app/version");
    seen.attempt = Some(hierarchy.number);
    seen.picture = beside(PICTURE).map(|row| format!("{API}/task/{task}/artifacts/{}/{PICTURE}", row.number));
    Ok(())
}

fn look(pack: &Pack, element: &str, seen: Seen) -> Result<ProbeResult, ApiError> {
    let screen = Screen::parse(&seen.xml).map_err(|error| {
        let why = format!("the screen cannot be read: {error}");
        if seen.is_live {
            ApiError::conflict(why)
        } else {
            ApiError::parameter("xml", why)
        }
    })?;
    let view = View {
        packages: pack.packages.clone(),
        system: pack.system_packages.clone(),
        language: seen.language.clone(),
        app_version: seen.app_version.as_deref().and_then(Version::parse),
    };
    let search = Search::new(&screen, &pack.elements, &view);
    let found = search.find(element);
    let stories = pack
        .elements
        .get(element)
        .map(|element| search.stories(element))
        .unwrap_or_default();
    let text = pack.files.get(ELEMENTS).unwrap_or_default();
    let source = shared::pack::edit::elements(text)
        .into_iter()
        .find(|source| source.name == element);
    let written = |number: usize| {
        let alternative = source.as_ref().and_then(|source| source.alternatives.get(number));
        alternative
            .map(|alternative| (alternative.text.clone(), alternative.fields.clone()))
            .unwrap_or_default()
    };
    let nodes = found.iter().flat_map(|found| &found.nodes);
    let (width, height) = screen.nodes().fold((0, 0), |(width, height), node| {
        let bounds = node.bounds();
        (width.max(bounds.right), height.max(bounds.bottom))
    });
    let packages: Vec<String> = screen.packages().into_iter().map(str::to_owned).collect();
    Ok(ProbeResult {
        found: found.is_some(),
        alternative: found.as_ref().map(|found| found.alternative + 1),
        nodes: nodes
            .take(MOST_NODES)
            .map(|index| FoundNode::of(&search, screen.node(*index)))
            .collect(),
        alternatives: stories
            .into_iter()
            .map(|story| {
                let (source, fields) = written(story.alternative);
                TriedAlternative {
                    number: story.alternative + 1,
                    line: story.line,
                    source,
                    fields,
                    matches: story.matches,
                    said: story.said,
                }
            })
            .collect(),
        any: source
            .as_ref()
            .map(|source| source.any.clone())
            .unwrap_or_default(),
        screen: ProbedScreen {
            width,
            height,
            nodes: screen.nodes().len(),
            shows_app: pack.packages.iter().any(|app| packages.contains(app)),
            packages,
            language: seen.language,
            app_version: seen.app_version,
            attempt: seen.attempt,
            picture: seen.picture,
        },
    })
}

impl FoundNode {
    fn of<'a>(search: &Search<'a>, node: Node<'a>) -> Self {
        Self {
            class: node.class().to_owned(),
            id: node.resource_id().to_owned(),
            text: node.text().to_owned(),
            description: node.description().to_owned(),
            bounds: node.bounds().into(),
            covered: search.covered(node.index()) > 0,
            touch: search.touch_point(node).ok().map(|(x, y)| PointItem { x, y }),
        }
    }
}

impl From<Bounds> for BoundsItem {
    fn from(bounds: Bounds) -> Self {
        Self {
            left: bounds.left,
            top: bounds.top,
            right: bounds.right,
            bottom: bounds.bottom,
        }
    }
}
