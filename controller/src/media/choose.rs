//! Which files a task takes with it, and what the texts beside them add to its parameters.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use shared::pack::Flow;
use shared::pack::parameters::Kind as ParameterKind;

use super::content::Kind;
use super::folder::{Folder, Texts, in_order};
use super::{Media, MediaError, MediaFile, RootsError};

/// What a task wants.
#[derive(Debug, Clone)]
pub struct Wish<'a> {
    pub flow: &'a Flow,
    /// Checked by the pack.
    pub parameters: &'a Map<String, Value>,
    pub username: Option<&'a str>,
    /// The how manyth task of its call it is, from 0.
    pub sequence: u64,
    /// The task's own: decides where any will do.
    pub seed: u64,
    /// Hashes of what is published or promised to another task: not taken again out of a folder.
    pub used: &'a BTreeSet<String>,
}

impl Wish<'_> {
    /// Whose turn it is among many: the task's in its call where an order is asked for, else anybody's.
    fn pick(&self) -> u64 {
        let in_order = self
            .parameters
            .iter()
            .any(|(name, value)| name.ends_with("_order") && value == "sequential");
        if in_order { self.sequence } else { self.seed }
    }
}

/// What it gets.
#[derive(Debug, Clone, PartialEq)]
pub struct Chosen {
    pub files: Vec<MediaFile>,
    /// Parameters that the files bring with them, in the place of the task's own.
    pub parameters: Map<String, Value>,
    /// Whether nobody else may take these files from now on: out of a folder, not out of a list.
    pub exclusive: bool,
}

/// Why it gets nothing.
#[derive(Debug, thiserror::Error)]
pub enum NotChosen {
    /// For whoever filled the folder: says where it was looked.
    #[error("{0}")]
    NoMaterial(String),
    #[error("script_config.{name} {why}")]
    NotAllowed { name: String, why: RootsError },
    #[error(transparent)]
    Unusable(#[from] MediaError),
}

/// Looks whether the paths of a new task may be used at all; answers the parameter and what is wrong with it.
pub fn check_paths(
    media: &Media,
    flow: &Flow,
    parameters: &Map<String, Value>,
) -> Result<(), (String, RootsError)> {
    for (name, path) in paths(flow, parameters) {
        media.roots().resolve(&path).map_err(|why| (name, why))?;
    }
    Ok(())
}

/// Whether a task of this flow takes files with it at all.
pub fn takes_files(flow: &Flow, parameters: &Map<String, Value>) -> bool {
    flow.parameters.get(LIST).is_some() || !paths(flow, parameters).is_empty()
}

/// The paths among the parameters, with the names of these.
fn paths(flow: &Flow, parameters: &Map<String, Value>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for parameter in flow.parameters.iter() {
        let is_path = parameter.kind == ParameterKind::Path;
        match parameters.get(&parameter.name) {
            Some(Value::String(path)) if is_path && !path.trim().is_empty() => {
                found.push((parameter.name.clone(), path.clone()));
            }
            Some(Value::Array(list)) if parameter.name == LIST => {
                let entries = list.iter().filter_map(Value::as_str);
                found.extend(entries.map(|path| (parameter.name.clone(), path.to_owned())));
            }
            _ => {}
        }
    }
    found
}

/// What a task takes out of the material library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfLibrary {
    pub kind: Kind,
    pub count: usize,
    /// As they were given, without what is empty.
    pub tags: Vec<String>,
}

/// What a task takes out of the material library; `None` where its files come from elsewhere.
pub fn out_of_library(flow: &Flow, parameters: &Map<String, Value>) -> Option<OfLibrary> {
    flow.parameters.get(LIST)?;
    if !listed(parameters).is_empty() || text(parameters, "material_source") == "localFolder" {
        return None;
    }
    let (kind, number) = published(parameters);
    let tags = text(parameters, "materials_tags");
    let tags = tags.split([',', '，', '\n']).map(str::trim);
    Some(OfLibrary {
        kind,
        count: index(number),
        tags: tags.filter(|tag| !tag.is_empty()).map(str::to_owned).collect(),
    })
}

/// What a post is made of: its kind, and how many.
fn published(parameters: &Map<String, Value>) -> (Kind, u64) {
    match text(parameters, "content_type").as_str() {
        "1" => {
            let number = parameters.get("image_count").and_then(Value::as_u64);
            (Kind::Image, number.unwrap_or(1))
        }
        _ => (Kind::Video, 1),
    }
}

/// The files that `material_list` names.
fn listed(parameters: &Map<String, Value>) -> Vec<&str> {
    let list = parameters.get(LIST).and_then(Value::as_array);
    list.map(|list| list.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default()
}

const LIST: &str = "material_list";
const FOLDER: &str = "material_path";

impl Media {
    /// The files for a task, but for those of the library. Reads folders and files: not for a thread that others wait for.
    pub fn choose(&self, wish: &Wish<'_>) -> Result<Chosen, NotChosen> {
        if wish.flow.parameters.get(LIST).is_some() {
            return self.to_publish(wish);
        }
        let mut chosen = Chosen {
            files: Vec::new(),
            parameters: Map::new(),
            exclusive: false,
        };
        for (name, given) in paths(wish.flow, wish.parameters) {
            let path = self.resolve(&name, &given)?;
            chosen.files.push(self.picture(&path, wish)?);
        }
        Ok(chosen)
    }

    fn resolve(&self, name: &str, given: &str) -> Result<PathBuf, NotChosen> {
        self.roots().resolve(given).map_err(|why| NotChosen::NotAllowed {
            name: name.to_owned(),
            why,
        })
    }

    /// A picture that goes along: the file itself, or one of a folder.
    fn picture(&self, path: &Path, wish: &Wish<'_>) -> Result<MediaFile, NotChosen> {
        if path.is_dir() {
            let found = in_order(path, Kind::Image).map_err(|source| io(path, source))?;
            let one = turn(&found, wish.pick())
                .ok_or_else(|| NotChosen::NoMaterial(none_in(Kind::Image, &[path])))?;
            return Ok(self.look(&self.inside(one)?)?);
        }
        if !path.exists() {
            return Err(NotChosen::NoMaterial(format!("there is no {}", path.display())));
        }
        Ok(self.look(path)?)
    }

    /// A file of an allowed folder may itself be a link out of it.
    fn inside(&self, path: &Path) -> Result<PathBuf, NotChosen> {
        self.roots().within(path).ok_or_else(|| NotChosen::NotAllowed {
            name: FOLDER.to_owned(),
            why: RootsError::Outside {
                path: path.display().to_string(),
                allowed: self.roots().allowed(),
            },
        })
    }

    fn to_publish(&self, wish: &Wish<'_>) -> Result<Chosen, NotChosen> {
        let (kind, number) = published(wish.parameters);
        let listed = listed(wish.parameters);
        if !listed.is_empty() {
            return self.out_of_the_list(&listed, kind, number, wish);
        }
        let folder = text(wish.parameters, FOLDER);
        if folder.is_empty() {
            return Err(NotChosen::NoMaterial(
                "material_source is localFolder, but material_path names no folder".to_owned(),
            ));
        }
        self.out_of_the_folder(&self.resolve(FOLDER, &folder)?, kind, number, wish)
    }

    /// Images all together, videos one a task.
    fn out_of_the_list(
        &self,
        listed: &[&str],
        kind: Kind,
        number: u64,
        wish: &Wish<'_>,
    ) -> Result<Chosen, NotChosen> {
        let taken: Vec<&str> = match kind {
            Kind::Video => turn(listed, wish.sequence).into_iter().copied().collect(),
            Kind::Image => listed.iter().take(index(number)).copied().collect(),
        };
        if (taken.len() as u64) < number {
            return Err(NotChosen::NoMaterial(format!(
                "{number} images are wanted, material_list names {}",
                taken.len()
            )));
        }
        let mut files = Vec::new();
        for given in taken {
            let path = self.resolve(LIST, given)?;
            if !path.is_file() {
                return Err(NotChosen::NoMaterial(format!(
                    "{given} of material_list is not there (looked at {})",
                    path.display()
                )));
            }
            let file = self.look(&path)?;
            if file.kind != kind {
                return Err(NotChosen::NoMaterial(format!(
                    "{given} of material_list is none of the {}; content_type says what is published",
                    kind.files()
                )));
            }
            files.push(file);
        }
        Ok(Chosen {
            files,
            parameters: Map::new(),
            exclusive: false,
        })
    }

    /// The first that nobody has taken; the folder's texts go along.
    fn out_of_the_folder(
        &self,
        folder: &Path,
        kind: Kind,
        number: u64,
        wish: &Wish<'_>,
    ) -> Result<Chosen, NotChosen> {
        let fails = |source| io(folder, source);
        if !folder.is_dir() {
            return Err(NotChosen::NoMaterial(format!(
                "there is no folder {}",
                folder.display()
            )));
        }
        let folder = Folder::of(folder, wish.username).map_err(fails)?;
        let mut files = Vec::new();
        let mut used = 0_u64;
        for path in folder.files(kind).map_err(fails)? {
            let file = self.look(&self.inside(&path)?)?;
            if wish.used.contains(&file.hash) {
                used += 1;
            } else if files.len() < index(number) {
                files.push(file);
            }
        }
        if (files.len() as u64) < number {
            let places: Vec<&Path> = folder.places().collect();
            return Err(NotChosen::NoMaterial(format!(
                "{}: {number} wanted, {} left, {used} used already",
                none_in(kind, &places),
                files.len()
            )));
        }
        // How many posts there were before says whose turn it is among the texts.
        let turn_of = used / number.max(1);
        let line = |texts| -> Result<Option<String>, NotChosen> {
            let lines = folder.lines(texts).map_err(fails)?;
            Ok(turn(&lines, turn_of).cloned())
        };
        let mut parameters = Map::new();
        let empty =
            |name: &str| wish.flow.parameters.get(name).is_some() && is_empty(wish.parameters.get(name));
        if empty("captions")
            && let Some(caption) = line(Texts::Captions)?
        {
            parameters.insert("captions".to_owned(), json!([caption]));
        }
        if text(wish.parameters, "post_way") == "useSound" && empty("sound_name") {
            let sound = match line(Texts::SoundUrls)? {
                Some(url) => Some(url),
                None => line(Texts::SoundNames)?,
            };
            if let Some(sound) = sound {
                parameters.insert("sound_name".to_owned(), sound.into());
            }
        }
        if text(wish.parameters, "add_sound") == "custom"
            && empty("custom_sound_keyword")
            && let Some(name) = line(Texts::SoundNames)?
        {
            parameters.insert("custom_sound_keyword".to_owned(), name.into());
        }
        Ok(Chosen {
            files,
            parameters,
            exclusive: true,
        })
    }
}

/// The n-th of a list that begins again at its end.
fn turn<T>(list: &[T], number: u64) -> Option<&T> {
    let length = list.len() as u64;
    list.get(index(number.checked_rem(length)?))
}

fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn text(parameters: &Map<String, Value>, name: &str) -> String {
    match parameters.get(name) {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

fn is_empty(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(Value::Array(list)) => list.is_empty(),
        Some(_) => false,
    }
}

fn none_in(kind: Kind, places: &[&Path]) -> String {
    let places: Vec<String> = places.iter().map(|place| place.display().to_string()).collect();
    format!("not enough {} in {}", kind.files(), places.join(" and "))
}

fn io(path: &Path, source: std::io::Error) -> NotChosen {
    NotChosen::Unusable(MediaError::Io {
        path: path.to_owned(),
        source,
    })
}
