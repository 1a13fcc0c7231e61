//! What is on a phone's screen, node by node: how flows would name each, and which element of which pack it is.

mod selector;

use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use shared::pack::Pack;
use shared::screen::find::{Search, View};
use shared::screen::{Bounds, Node, Screen};
use utoipa::ToSchema;

use super::look::DEADLINE;
use crate::fleet::{Answer, Ask};
use crate::http::envelope::{Answered, ApiError, Envelope, Success};
use crate::http::path::Named;
use crate::http::phones::astray;
use crate::state::AppState;
use selector::Namer;

/// A screen, taken apart.
#[derive(Debug, Serialize, ToSchema)]
pub struct Inspected {
    #[schema(example = "SIM0001")]
    pub serial: String,
    /// Which driver read it: plain or resident.
    pub driver: String,
    /// The size of the largest window in pixels.
    pub width: i32,
    pub height: i32,
    /// In document order: what is drawn later stands later.
    pub nodes: Vec<InspectedNode>,
    /// What the packs find here, whatever the phone's language and the app's version.
    pub elements: Vec<InspectedElement>,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct InspectedNode {
    /// The node that it lies in, as a place in the list; `null` for a window.
    pub parent: Option<usize>,
    pub class: String,
    pub resource_id: String,
    pub package: String,
    pub text: String,
    /// The content description.
    pub desc: String,
    pub hint: String,
    /// left, top, right, bottom; the last two lie outside.
    #[schema(value_type = Vec<i32>, example = json!([0, 0, 1080, 2400]))]
    pub bounds: [i32; 4],
    /// clickable, enabled, focused, …: what is so.
    pub flags: Vec<&'static str>,
    /// An alternative for elements.toml that matches it and nothing else on this screen; `null` where it has no area.
    #[schema(example = "{ id = \"ok\" }")]
    pub selector: Option<String>,
    /// It is told from others by its place alone.
    pub by_place: bool,
}

/// An element of a pack that is on the screen.
#[derive(Debug, Serialize, ToSchema)]
pub struct InspectedElement {
    #[schema(example = "instagram")]
    pub pack: String,
    #[schema(example = "like_button")]
    pub element: String,
    pub help: String,
    /// Which alternative matches, from 1.
    pub alternative: usize,
    /// Where that is written in elements.toml.
    pub line: usize,
    /// Places in the list of nodes; the first is the one that is meant.
    pub nodes: Vec<usize>,
}

/// What is on the phone's screen, how flows would name it, and which elements of the packs are there
#[utoipa::path(get, path = "/devices/{serial}/inspect", tag = "devices",
    params(("serial" = String, Path, description = "Its serial or any alias")),
    responses(
        (status = 200, description = "The screen, taken apart", body = Envelope<Inspected>),
        (status = 409, description = "40901: the phone is not online, or its screen cannot be read now"),
    ))]
pub async fn inspect(State(state): State<AppState>, Named(name): Named) -> Answered<Inspected> {
    let (xml, driver) = match state.phones.ask(&name, Ask::Hierarchy, DEADLINE).await? {
        Answer::Hierarchy { xml, driver } => (xml, driver),
        other => return Err(astray(&other)),
    };
    let serial = state
        .phones
        .find(&name)
        .map_or(name, |live| live.device.serial.0.clone());
    let at = state.clock.now();
    let packs = state.packs.get();
    // A large screen keeps a core busy for some milliseconds.
    let taken = tokio::task::spawn_blocking(move || {
        let screen = Screen::parse(&xml)?;
        let packs = packs.iter().map(AsRef::as_ref);
        Ok::<_, shared::screen::ScreenError>((nodes(&screen), elements(&screen, packs)))
    });
    let (nodes, elements) = taken
        .await
        .map_err(|error| ApiError::internal_told(&error.to_string(), "the screen could not be taken apart"))?
        .map_err(|error| ApiError::conflict(error.to_string()))?;
    let largest = |side: usize| nodes.iter().map(|node| node.bounds[side]).max().unwrap_or(0);
    Ok(Success(Inspected {
        serial,
        driver,
        width: largest(2),
        height: largest(3),
        nodes,
        elements,
        at,
    }))
}

fn nodes(screen: &Screen) -> Vec<InspectedNode> {
    let namer = Namer::new(screen);
    screen
        .nodes()
        .map(|node| {
            let selector = namer.name(node);
            let by_place = selector.as_ref().is_some_and(|selector| selector.by_place);
            InspectedNode {
                parent: node.parent().map(|parent| parent.index()),
                class: node.class().to_owned(),
                resource_id: node.resource_id().to_owned(),
                package: node.package().to_owned(),
                text: node.text().to_owned(),
                desc: node.description().to_owned(),
                hint: node.hint().to_owned(),
                bounds: sides(node.bounds()),
                flags: flags(&node),
                selector: selector.map(|selector| selector.text),
                by_place,
            }
        })
        .collect()
}

fn sides(bounds: Bounds) -> [i32; 4] {
    [bounds.left, bounds.top, bounds.right, bounds.bottom]
}

fn flags(node: &Node<'_>) -> Vec<&'static str> {
    let flags = node.flags();
    let named = [
        ("checkable", flags.checkable()),
        ("checked", flags.checked()),
        ("clickable", flags.clickable()),
        ("enabled", flags.enabled()),
        ("focusable", flags.focusable()),
        ("focused", flags.focused()),
        ("scrollable", flags.scrollable()),
        ("long-clickable", flags.long_clickable()),
        ("password", flags.password()),
        ("selected", flags.selected()),
    ];
    named
        .into_iter()
        .filter_map(|(name, is_so)| is_so.then_some(name))
        .collect()
}

/// Of packs whose app or system windows are on the screen, what they find.
fn elements<'p>(screen: &Screen, packs: impl Iterator<Item = &'p Pack>) -> Vec<InspectedElement> {
    let shown = screen.packages();
    let mut found = Vec::new();
    for pack in packs {
        let is_its = |package: &&str| pack.packages.iter().any(|own| own == package);
        if !shown.iter().any(is_its) {
            continue;
        }
        let view = View {
            packages: pack.packages.clone(),
            system: pack.system_packages.clone(),
            ..View::default()
        };
        let search = Search::new(screen, &pack.elements, &view);
        for element in pack.elements.values() {
            let Some(matched) = search.find(&element.name) else {
                continue;
            };
            let alternative = element.alternatives.get(matched.alternative);
            found.push(InspectedElement {
                pack: pack.name.clone(),
                element: element.name.clone(),
                help: element.help.clone(),
                alternative: matched.alternative + 1,
                line: alternative.map_or(element.line, |alternative| alternative.line),
                nodes: matched.nodes.clone(),
            });
        }
    }
    found
}
