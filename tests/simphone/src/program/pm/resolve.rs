//! `cmd package resolve-activity` and `query-activities`: who would take an intent.

use std::fmt::Write as _;

use super::super::{Answer, candidates, intent};
use super::packages;
use crate::phone::Phone;

/// With `--brief` two lines, the component second; without, a page about it.
pub(super) fn activity(phone: &Phone, args: &[&str]) -> Answer {
    let parsed = match intent::parse(args) {
        Ok(parsed) => parsed,
        Err(message) => return Answer::error(255, &format!("Error: {message}")),
    };
    let brief = brief(&parsed.other);
    let Some(component) = candidates::of(phone, &parsed.intent).into_iter().next() else {
        return Answer::line("No activity found");
    };
    Answer::text(if brief {
        format!("{PRIORITY}\n{component}\n")
    } else {
        page(phone, &component, "")
    })
}

pub(super) fn activities(phone: &Phone, args: &[&str]) -> Answer {
    let parsed = match intent::parse(args) {
        Ok(parsed) => parsed,
        Err(message) => return Answer::error(255, &format!("Error: {message}")),
    };
    let brief = brief(&parsed.other);
    let takers = candidates::of(phone, &parsed.intent);
    if takers.is_empty() {
        return Answer::line("No activities found");
    }
    let mut out = format!("{} activities found:\n", takers.len());
    for (number, component) in takers.iter().enumerate() {
        if brief {
            let _ = writeln!(out, "  {PRIORITY}\n  {component}");
        } else {
            let _ = writeln!(out, "  Activity #{number}:");
            out.push_str(&page(phone, component, "    "));
        }
    }
    Answer::text(out)
}

const PRIORITY: &str = "priority=0 preferredOrder=0 match=0x108000 specificIndex=-1 isDefault=false";

fn brief(options: &[String]) -> bool {
    options
        .iter()
        .any(|option| option == "--brief" || option == "--components")
}

fn page(phone: &Phone, component: &str, indent: &str) -> String {
    let (package, class) = component.split_once('/').unwrap_or((component, ""));
    let class = if class.starts_with('.') {
        format!("{package}{class}")
    } else {
        class.to_owned()
    };
    let about = packages::find(phone, package);
    let mut out = String::new();
    let _ = writeln!(out, "{indent}{PRIORITY}");
    let _ = writeln!(
        out,
        "{indent}ActivityInfo:\n{indent}  name={class}\n{indent}  packageName={package}\n{indent}  enabled=true exported=true directBootAware=false"
    );
    let _ = writeln!(
        out,
        "{indent}  ApplicationInfo:\n{indent}    packageName={package}\n{indent}    processName={package}"
    );
    if let Some(about) = about {
        let _ = writeln!(
            out,
            "{indent}    sourceDir={}\n{indent}    enabled={} minSdkVersion={} targetSdkVersion={} versionCode={}",
            about.path, about.enabled, about.min_sdk, about.target_sdk, about.version_code
        );
    }
    out
}
