//! A request's `script_config`, held against what the script of each platform takes, and divided by its targets.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value as Json, json};
use shared::account::Username;
use shared::pack::parameters::{Checked, Parameter};
use shared::pack::{Flow, Pack};

use super::{Refused, Wanted, links};
use crate::media::{Media, choose};
use crate::packs::Packs;

/// The parameters of this group name what a script is done to: each is a task of its own.
const TARGETS: &str = "target";

/// What the tasks for one phone and account get, one each.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) pack: String,
    pub(super) configs: Vec<Map<String, Json>>,
}

/// The configurations of a request, worked out once for each platform.
pub(super) struct Configs<'w> {
    packs: &'w Packs,
    media: &'w Media,
    wanted: &'w Wanted,
    parts: BTreeMap<String, Arc<Parts>>,
    warnings: Vec<String>,
}

impl<'w> Configs<'w> {
    pub(super) fn new(packs: &'w Packs, media: &'w Media, wanted: &'w Wanted) -> Self {
        Self {
            packs,
            media,
            wanted,
            parts: BTreeMap::new(),
            warnings: Vec::new(),
        }
    }

    pub(super) fn parts(&mut self, platform: &str) -> Result<Arc<Parts>, Refused> {
        if let Some(parts) = self.parts.get(platform) {
            return Ok(Arc::clone(parts));
        }
        let script = &self.wanted.script;
        let pack = self.packs.find(platform, script);
        let flow = pack.and_then(|pack| pack.flow(script));
        let (Some(pack), Some(flow)) = (pack, flow) else {
            return Err(Refused::Script(format!(
                "script_name: {script} is not offered for {platform}"
            )));
        };
        let parts = Arc::new(self.work_out(pack, flow)?);
        self.parts.insert(platform.to_owned(), Arc::clone(&parts));
        Ok(parts)
    }

    /// Each once, though several platforms have them.
    pub(super) fn warnings(self) -> Vec<String> {
        let mut seen = BTreeSet::new();
        let once = self.warnings.into_iter();
        once.filter(|warning| seen.insert(warning.clone())).collect()
    }

    fn work_out(&mut self, pack: &Pack, flow: &Flow) -> Result<Parts, Refused> {
        let given = &self.wanted.config;
        let checked = check(flow, given)?;
        let unknown = checked.warnings.iter();
        self.warnings
            .extend(unknown.map(|warning| format!("script_config.{warning}")));
        let mut config = given_of(flow, given, &checked);
        choose::check_paths(self.media, flow, &config)
            .map_err(|(name, why)| Refused::Parameter(format!("script_config.{name} {why}")))?;
        let configs = match targets(flow, &checked) {
            None if in_group(flow).next().is_some() => {
                let names: Vec<&str> = in_group(flow).map(|parameter| parameter.name.as_str()).collect();
                return Err(Refused::Parameter(format!(
                    "script_config.{} names nothing: one target or more is required",
                    names.join(" or ")
                )));
            }
            None => vec![config],
            Some((parameter, targets)) => {
                let targets = read_targets(pack, &parameter.name, &targets, &mut self.warnings)?;
                let as_text = picked(parameter, given).is_some_and(Json::is_string);
                for other in in_group(flow) {
                    config.remove(&other.name);
                }
                let one = |target: String| {
                    let mut config = config.clone();
                    let target = if as_text { json!(target) } else { json!([target]) };
                    config.insert(parameter.name.clone(), target);
                    config
                };
                targets.into_iter().map(one).collect()
            }
        };
        Ok(Parts {
            pack: pack.name.clone(),
            configs,
        })
    }
}

fn check(flow: &Flow, config: &Json) -> Result<Checked, Refused> {
    flow.parameters.check(config).map_err(|faults| {
        let faults: Vec<String> = faults
            .iter()
            .map(|fault| match fault.parameter.as_str() {
                "script_config" => fault.to_string(),
                _ => format!("script_config.{fault}"),
            })
            .collect();
        Refused::Parameter(faults.join("; "))
    })
}

/// What was given, in its declared types and under its own names; what was not given is the pack's to fill in when the
/// task starts.
fn given_of(flow: &Flow, given: &Json, checked: &Checked) -> Map<String, Json> {
    let parameters = flow.parameters.iter().filter(|parameter| !parameter.given);
    parameters
        .filter(|parameter| picked(parameter, given).is_some())
        .filter_map(|parameter| {
            let value = checked.values.get(&parameter.name)?;
            Some((parameter.name.clone(), value.clone()))
        })
        .collect()
}

/// What came for a parameter, under its name or an alias.
fn picked<'g>(parameter: &Parameter, given: &'g Json) -> Option<&'g Json> {
    std::iter::once(&parameter.name)
        .chain(&parameter.aliases)
        .filter_map(|name| given.get(name))
        .find(|value| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty()))
}

fn in_group(flow: &Flow) -> impl Iterator<Item = &Parameter> {
    let parameters = flow.parameters.iter();
    parameters.filter(|parameter| parameter.one_of.as_deref() == Some(TARGETS))
}

/// What the script is done to: what the first of the parameters has that has any. `None` for a script without targets.
fn targets<'f>(flow: &'f Flow, checked: &Checked) -> Option<(&'f Parameter, Vec<String>)> {
    in_group(flow).find_map(|parameter| {
        let list = checked.values.get(&parameter.name)?.as_array()?;
        let texts: Vec<String> = list.iter().filter_map(Json::as_str).map(str::to_owned).collect();
        (!texts.is_empty()).then_some((parameter, texts))
    })
}

/// The targets in their one form, each once.
fn read_targets(
    pack: &Pack,
    parameter: &str,
    targets: &[String],
    warnings: &mut Vec<String>,
) -> Result<Vec<String>, Refused> {
    let mut seen = BTreeSet::new();
    let mut read = Vec::new();
    for target in targets {
        let (target, key) = if links::takes_links(parameter) {
            let link = link(pack, parameter, target)?;
            (link.clone(), link)
        } else if parameter.starts_with("target_user") {
            username(parameter, target)?
        } else {
            (target.clone(), target.clone())
        };
        if seen.insert(key) {
            read.push(target);
        } else {
            warnings.push(format!(
                "script_config.{parameter}: {target} was given twice and is done once"
            ));
        }
    }
    Ok(read)
}

fn link(pack: &Pack, parameter: &str, target: &str) -> Result<String, Refused> {
    let shown: String = target.chars().take(100).collect();
    let wrong = |why: &str| Refused::Parameter(format!("script_config.{parameter}: {shown:?} {why}"));
    match links::read(target) {
        None => Err(wrong(&format!(
            "is no link to a post: it must be {}",
            links::ALLOWED
        ))),
        Some((platform, _)) if platform.as_str() != pack.platform => Err(wrong(&format!(
            "is a link to {}, but the task is for {}",
            platform.title(),
            pack.platform
        ))),
        Some((_, link)) => Ok(link),
    }
}

/// A username as it was spelt, and equal for all spellings.
fn username(parameter: &str, target: &str) -> Result<(String, String), Refused> {
    let name = Username::parse(target).ok();
    let name = name.filter(|name| !name.as_str().contains(|c: char| c.is_whitespace() || c == '/'));
    let name = name.ok_or_else(|| {
        let shown: String = target.chars().take(100).collect();
        Refused::Parameter(format!(
            "script_config.{parameter}: {shown:?} is no username: give the name alone, such as natgeo"
        ))
    })?;
    Ok((name.as_str().to_owned(), name.folded().to_owned()))
}
