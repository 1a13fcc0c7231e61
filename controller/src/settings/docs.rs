//! The settings as a page for people: made from the two tables, so that it says what the program does.

use std::fmt::Write as _;

use serde_json::Value;

use super::{Definition, Kind, definitions};
use crate::config::environment_name;
use crate::config::keys::{KEYS, Key};
use crate::http::settings::{ALLOWED_HOSTS, ALWAYS_200};

const ABOUT: &str = "\
# Settings

This page is made from the program's own tables: `drover-controller settings docs > docs/settings.md`.

Every setting can be given, the later ones winning over those before them,

* in the file that `--config FILE` names (TOML; a dot is a section: `tasks.retries` is `retries` in `[tasks]`;
  `drover-controller config example` prints one),
* in the environment (`DROVER_TASKS_RETRIES`),
* on the command line (`--set tasks.retries=3`).

`drover-controller config show` lists them all with where each value comes from; a name that is none is refused, and so is a
value beyond its bounds.
";

const WHILE_RUNNING: &str = "\
## While the farm runs

These can also be changed at any time, by whoever may administer the farm:

    drover-controller settings list
    drover-controller settings set tasks.retries=3 caps.tiktok.follow=50
    drover-controller settings clear tasks.retries
    curl -X PATCH -d '{\"tasks.retries\":3}' localhost:50809/api/v1/settings

A change is in force at once, outlives a restart, and wins over the configuration until it is cleared (`null` over the API).
Each stands on record (`GET /api/v1/audit`) with who made it, when, and what was in force before and after.
";

const AT_START: &str = "\
## At the start

These are read once, when the controller starts. A secret may come from a file: `NAME_file`, `DROVER_NAME_FILE`.
";

/// The whole page.
pub fn markdown() -> String {
    let mut page = format!("{ABOUT}\n{WHILE_RUNNING}\n");
    page.push_str("| setting | what it is | allowed | usually |\n|---|---|---|---|\n");
    let keys = KEYS.iter().filter(|key| is_tunable(key));
    for key in keys {
        let allowed = if key.name == ALWAYS_200 {
            Kind::Flag.allowed()
        } else {
            "`HOST` or `HOST:PORT`, separated by commas".to_owned()
        };
        row(&mut page, &[&code(key.name), key.help, &allowed, &usual_of(key)]);
    }
    for one in definitions() {
        let usual = one.default_text();
        let usual = if usual.is_empty() {
            "empty".to_owned()
        } else {
            code(&usual)
        };
        row(
            &mut page,
            &[&code(&one.name), &one.help, &one.kind.allowed(), &usual],
        );
    }
    let _ = write!(page, "\n{AT_START}\n");
    page.push_str("| setting | what it is | usually | in the environment |\n|---|---|---|---|\n");
    for key in KEYS.iter().filter(|key| !is_tunable(key)) {
        let variable = code(&environment_name(key.name));
        row(&mut page, &[&code(key.name), key.help, &usual_of(key), &variable]);
    }
    page
}

fn is_tunable(key: &Key) -> bool {
    [ALWAYS_200, ALLOWED_HOSTS].contains(&key.name)
}

fn usual_of(key: &Key) -> String {
    if key.default.is_empty() {
        key.default_text.to_owned()
    } else {
        code(key.default)
    }
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn row(page: &mut String, cells: &[&str]) {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    let _ = writeln!(page, "| {} |", cells.join(" | "));
}

impl Definition {
    /// As it is written in a file or on a command line.
    pub fn default_text(&self) -> String {
        match &self.default {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }
}

impl Kind {
    /// What a value may be, in words.
    pub fn allowed(self) -> String {
        match self {
            Self::Flag => "true or false".to_owned(),
            Self::Number(least, most) => format!("a whole number from {least} to {most}"),
            Self::Choice(choices) => format!("one of {}", choices.join(", ")),
            Self::Hours => "like 08:00-22:00, or empty".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_in_docs_is_the_one_that_the_tables_make() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/settings.md");
        let kept = std::fs::read_to_string(file).unwrap_or_default();
        assert_eq!(
            kept,
            markdown(),
            "make it anew: drover-controller settings docs > docs/settings.md"
        );
    }

    #[test]
    fn every_setting_stands_on_the_page_once() {
        let page = markdown();
        let names = KEYS.iter().map(|key| key.name.to_owned());
        for name in names.chain(definitions().into_iter().map(|one| one.name)) {
            let row = format!("| `{name}` |");
            assert_eq!(page.matches(&row).count(), 1, "{name}");
        }
    }
}
