//! `flow test`: a pack against stored screens, without a phone.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use serde::Deserialize;
use serde_json::json;
use shared::pack::Pack;
use shared::screen::find::selector::Version;
use shared::screen::find::{Search, View};
use shared::terminal::{Exit, Output};

use super::find::screen;
use super::{CliError, pack};

pub(super) const EXAMPLE: &str = "\
The folder `screens` of the pack holds hierarchies (`drover-agent hierarchy --xml > screens/feed.xml`, or out of a
bundle) and a file expect.toml that says what is on each:

  [feed]                          # screens/feed.xml
  language = \"en\"                 # both may be left out
  app_version = \"43.1.4\"
  shows = [\"tab_home\", \"like\"]    # found
  hides = [\"post_button\"]         # not found
  texts = { author = \"anna\" }     # found, with this text or description
  counts = { comment_row = 3 }    # found so often
  taps = { like = [540, 1200] }   # where a tap would go

Example:
  drover-agent flow test flows/tiktok";

const EXPECT: &str = "expect.toml";

#[derive(Debug, Args)]
pub(in crate::cli) struct TestArgs {
    /// The pack's folder.
    #[arg(value_name = "PACK")]
    folder: PathBuf,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Expected {
    language: Option<String>,
    app_version: Option<String>,
    shows: Vec<String>,
    hides: Vec<String>,
    texts: BTreeMap<String, String>,
    counts: BTreeMap<String, usize>,
    taps: BTreeMap<String, (i32, i32)>,
}

pub(super) fn test(args: &TestArgs, output: Output) -> Result<Exit, CliError> {
    let (pack, _) = pack::read(&args.folder)?;
    let folder = args.folder.join("screens");
    let path = folder.join(EXPECT);
    let text = std::fs::read_to_string(&path).map_err(|source| CliError::Io {
        doing: format!("reading {}", path.display()),
        source,
    })?;
    let expected: BTreeMap<String, Expected> =
        toml::from_str(&text).map_err(|error| CliError::BadInput(format!("{}: {error}", path.display())))?;
    let mut wrong: Vec<String> = Vec::new();
    let mut checks = 0;
    for (name, expected) in &expected {
        let screen = screen(&folder.join(format!("{name}.xml")))?;
        let view = View {
            packages: pack.packages.clone(),
            system: pack.system_packages.clone(),
            language: expected.language.clone(),
            app_version: expected.app_version.as_deref().and_then(Version::parse),
        };
        let search = Search::new(&screen, &pack.elements, &view);
        checks += expected.check(name, &pack, &search, &mut wrong);
    }
    let value = json!({"ok": wrong.is_empty(), "screens": expected.len(), "checks": checks, "wrong": wrong});
    output.result(&value, || {
        let mut lines = wrong.clone();
        lines.push(format!(
            "{} screens, {checks} expectations, {} wrong",
            expected.len(),
            wrong.len()
        ));
        lines.join("\n")
    });
    Ok(if wrong.is_empty() {
        Exit::Done
    } else {
        Exit::Failed
    })
}

impl Expected {
    /// How many expectations were looked at; those that do not hold are told.
    fn check(&self, name: &str, pack: &Pack, search: &Search<'_>, wrong: &mut Vec<String>) -> usize {
        let named = self.shows.iter().chain(&self.hides).chain(self.texts.keys());
        for element in named.chain(self.counts.keys()).chain(self.taps.keys()) {
            if !pack.elements.contains_key(element) {
                wrong.push(format!("{name}: the pack has no element {element}"));
            }
        }
        for element in &self.shows {
            if search.find(element).is_none() {
                wrong.push(format!("{name}: {element} is not there"));
            }
        }
        for element in &self.hides {
            if let Some(found) = search.find(element) {
                wrong.push(format!(
                    "{name}: {element} is there, by its alternative {}",
                    found.alternative + 1
                ));
            }
        }
        for (element, text) in &self.texts {
            let node = search
                .find(element)
                .and_then(|found| found.nodes.first().map(|index| search.screen().node(*index)));
            match node {
                None => wrong.push(format!("{name}: {element} is not there")),
                Some(node) if node.text() != text && node.description() != text => wrong.push(format!(
                    "{name}: {element} shows {:?}, not {text:?}",
                    if node.text().is_empty() {
                        node.description()
                    } else {
                        node.text()
                    }
                )),
                Some(_) => {}
            }
        }
        for (element, count) in &self.counts {
            let there = search.find(element).map_or(0, |found| found.nodes.len());
            if there != *count {
                wrong.push(format!("{name}: {element} is there {there} times, not {count}"));
            }
        }
        for (element, point) in &self.taps {
            let node = search
                .find(element)
                .and_then(|found| found.nodes.first().map(|index| search.screen().node(*index)));
            let tapped = node.map(|node| search.touch_point(node));
            if !matches!(tapped, Some(Ok(there)) if there == *point) {
                wrong.push(format!(
                    "{name}: a tap on {element} would not go to {point:?}: {tapped:?}"
                ));
            }
        }
        self.shows.len() + self.hides.len() + self.texts.len() + self.counts.len() + self.taps.len()
    }
}
