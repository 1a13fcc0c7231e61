//! The layouts' words: none is missing, in neither language, and each id comes from a table.

use regex::Regex;
use simphone::app::registry;

use crate::bench::PACKAGE;

fn files() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/apps/tiktok");
    let found = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    found
        .map(|path| {
            (
                path.display().to_string(),
                std::fs::read_to_string(&path).unwrap(),
            )
        })
        .collect()
}

#[test]
fn every_text_that_a_layout_names_is_there_in_both_languages() {
    let layouts = &registry::known(PACKAGE).unwrap().layouts;
    let system = &registry::known("android").unwrap().layouts;
    let named = Regex::new(r#"="@([a-z0-9_]+)""#).unwrap();
    for (file, text) in files() {
        for found in named.captures_iter(&text) {
            let known = |language| {
                layouts
                    .string(&found[1], language)
                    .or_else(|| system.string(&found[1], language))
            };
            assert!(known("en").is_some(), "{file}: {}", &found[1]);
        }
        for line in text.lines().filter(|line| line.trim_start().starts_with("<s ")) {
            assert!(
                line.contains(" en=\"") && line.contains(" fr=\""),
                "{file}: {line}"
            );
        }
    }
}

#[test]
fn every_version_has_an_id_for_what_the_layouts_call_one() {
    let info = registry::known(PACKAGE).unwrap();
    let named = Regex::new(r"\{ids\.([a-z_]+)\}").unwrap();
    for version in ["46.8.2", "43.1.4", "38.3.2"] {
        let ids = info.layouts.ids(version).unwrap();
        for (file, text) in files() {
            for found in named.captures_iter(&text).filter(|found| &found[1] != "live") {
                assert!(ids.contains_key(&found[1]), "{version} {file}: {}", &found[1]);
            }
        }
    }
}
