//! `flow find`: which alternative of an element matches a stored screen, and why the others do not.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use shared::pack::Pack;
use shared::screen::Screen;
use shared::screen::find::selector::Version;
use shared::screen::find::{Search, View};
use shared::terminal::{Exit, Output};

use super::{CliError, pack};
use crate::cli::act::describe;
use crate::flow::bundle;

#[derive(Debug, Args)]
pub(in crate::cli) struct FindArgs {
    /// The pack's folder.
    #[arg(value_name = "PACK")]
    folder: PathBuf,
    /// The element's name.
    #[arg(long, short, value_name = "NAME")]
    element: String,
    /// The folder that a failed run left.
    #[arg(
        long,
        value_name = "DIR",
        conflicts_with = "xml",
        required_unless_present = "xml"
    )]
    bundle: Option<PathBuf>,
    /// A stored hierarchy.
    #[arg(long, value_name = "FILE")]
    xml: Option<PathBuf>,
    /// The phone's language, as "fr" [default: the bundle's].
    #[arg(long, value_name = "LANG")]
    language: Option<String>,
    /// The app's version [default: the bundle's].
    #[arg(long, value_name = "VERSION")]
    app_version: Option<String>,
}

pub(super) fn find(args: &FindArgs, output: Output) -> Result<Exit, CliError> {
    let (pack, _) = pack::read(&args.folder)?;
    let Some(element) = pack.elements.get(&args.element) else {
        let near = shared::nearest::nearest(&args.element, pack.elements.keys().map(String::as_str));
        let near = near
            .map(|near| format!(": did you mean {near}?"))
            .unwrap_or_default();
        return Err(CliError::BadInput(format!(
            "the pack {} has no element {}{near}",
            pack.name, args.element
        )));
    };
    let screen = screen(&args.file())?;
    let view = view(&pack, args);
    let search = Search::new(&screen, &pack.elements, &view);
    let found = search.find(&args.element);
    let stories = search.stories(element);
    let nodes: Vec<Value> = found
        .iter()
        .flat_map(|found| &found.nodes)
        .map(|index| {
            let node = screen.node(*index);
            json!({"index": index, "node": describe(&node), "bounds": node.bounds().to_string(), "covered": search.covered(*index) > 0})
        })
        .collect();
    let value = json!({
        "element": args.element, "found": found.is_some(), "alternative": found.as_ref().map(|found| found.alternative + 1),
        "nodes": nodes, "alternatives": stories,
    });
    output.result(&value, || {
        let mut text = match &found {
            Some(found) => format!(
                "{} is there, by its alternative {}:\n",
                args.element,
                found.alternative + 1
            ),
            None => format!("{} is not on this screen:\n", args.element),
        };
        for index in found.iter().flat_map(|found| &found.nodes) {
            let covered = if search.covered(*index) > 0 {
                " (covered by something else)"
            } else {
                ""
            };
            text.push_str(&format!("  {}{covered}\n", describe(&screen.node(*index))));
        }
        for story in stories {
            text.push_str(&format!(
                "alternative {} (elements.toml:{}):\n",
                story.alternative + 1,
                story.line
            ));
            for line in &story.said {
                text.push_str(&format!("    {line}\n"));
            }
        }
        text
    });
    Ok(if found.is_some() { Exit::Done } else { Exit::Failed })
}

impl FindArgs {
    fn file(&self) -> PathBuf {
        match (&self.xml, &self.bundle) {
            (Some(file), _) => file.clone(),
            (None, bundle) => bundle.clone().unwrap_or_default().join(bundle::HIERARCHY),
        }
    }
}

/// A stored hierarchy, as a phone or a bundle gave it.
pub(super) fn screen(file: &Path) -> Result<Screen, CliError> {
    let xml = std::fs::read_to_string(file).map_err(|source| CliError::Io {
        doing: format!("reading {}", file.display()),
        source,
    })?;
    Screen::parse(&xml).map_err(|error| CliError::BadInput(format!("{}: {error}", file.display())))
}

fn view(pack: &Pack, args: &FindArgs) -> View {
    let meta: Value = args
        .bundle
        .as_ref()
        .and_then(|folder| std::fs::read(folder.join(bundle::META)).ok())
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default();
    let of_meta = |pointer: &str| meta.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let version = args.app_version.clone().or_else(|| of_meta("/app/version"));
    View {
        packages: pack.packages.clone(),
        system: pack.system_packages.clone(),
        language: args.language.clone().or_else(|| of_meta("/phone/language")),
        app_version: version.as_deref().and_then(Version::parse),
    }
}
