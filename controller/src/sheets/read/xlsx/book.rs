//! What a workbook says of itself: which sheets a person sees, and which part holds what. Knows no cell.

use std::collections::BTreeMap;

use super::Parts;
use crate::sheets::read::error::ReadError;
use crate::sheets::read::tags::{Next, Tags};

/// Sheets of one workbook.
const SHEETS: usize = 4_096;
/// Relations of one part to others.
const RELATIONS: usize = 65_536;

#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) name: String,
    pub(super) part: String,
}

#[derive(Debug, Default)]
pub(super) struct Book {
    /// The visible ones that have cells.
    pub(super) sheets: Vec<Sheet>,
    pub(super) strings: Option<String>,
    pub(super) styles: Option<String>,
    pub(super) counts_from_1904: bool,
}

/// One part's pointer to another. The kind's address differs between the transitional and the strict format; its last
/// word does not.
#[derive(Debug)]
struct Relation {
    kind: String,
    part: String,
}

impl Book {
    pub(super) fn read(parts: &mut Parts<'_>) -> Result<Self, ReadError> {
        let roots = relations(parts, "")?;
        let own = roots
            .into_values()
            .find(|relation| relation.kind == "officeDocument")
            .map_or_else(|| "xl/workbook.xml".to_owned(), |relation| relation.part);
        let relations = relations(parts, &own)?;
        let named = |kind: &str, usual: &str| {
            let told = relations.values().find(|relation| relation.kind == kind);
            let part = told.map_or_else(|| resolved(&own, usual), |relation| relation.part.clone());
            parts.has(&part).then_some(part)
        };
        let mut book = Self {
            strings: named("sharedStrings", "sharedStrings.xml"),
            styles: named("styles", "styles.xml"),
            ..Self::default()
        };
        parts.read(&own, |tags| book.take(tags, &relations))?;
        Ok(book)
    }

    fn take(&mut self, tags: &mut Tags<'_>, relations: &BTreeMap<String, Relation>) -> Result<(), ReadError> {
        let mut sheets = 0;
        loop {
            let tag = match tags.next()? {
                Next::Open(tag) => tag,
                Next::End => return Ok(()),
                Next::Close | Next::Text(_) => continue,
            };
            match tag.name {
                // An extension has one of this name too, which never says how days are counted.
                "workbookPr" => {
                    if let Some(told) = tag.attribute("date1904")? {
                        self.counts_from_1904 = matches!(&*told, "1" | "true");
                    }
                }
                "sheet" => {
                    sheets += 1;
                    if sheets > SHEETS {
                        return Err(ReadError::TooLarge {
                            what: "sheets",
                            limit: SHEETS as u64,
                        });
                    }
                    let id = tag.attribute("id")?.unwrap_or_default();
                    let relation = relations
                        .get(&id)
                        .ok_or_else(|| ReadError::damaged("a sheet has no part of its own"))?;
                    let state = tag.attribute("state")?;
                    if relation.kind == "worksheet" && state.is_none_or(|state| state == "visible") {
                        self.sheets.push(Sheet {
                            name: tag.attribute("name")?.unwrap_or_default(),
                            part: relation.part.clone(),
                        });
                    }
                }
                _ => (),
            }
        }
    }
}

/// By their identifiers; nothing where the part relates to none.
fn relations(parts: &mut Parts<'_>, of: &str) -> Result<BTreeMap<String, Relation>, ReadError> {
    let (folder, file) = of.rsplit_once('/').unwrap_or(("", of));
    let name = resolved(of, &format!("_rels/{file}.rels"));
    let mut found = BTreeMap::new();
    if !parts.has(&name) {
        return Ok(found);
    }
    parts.read(&name, |tags| {
        loop {
            let tag = match tags.next()? {
                Next::Open(tag) if tag.name == "Relationship" => tag,
                Next::End => return Ok(()),
                _ => continue,
            };
            if tag.attribute("TargetMode")?.as_deref() == Some("External") {
                continue;
            }
            let kind = tag.attribute("Type")?.unwrap_or_default();
            let target = tag.attribute("Target")?.unwrap_or_default();
            let relation = Relation {
                kind: kind.rsplit('/').next().unwrap_or_default().to_owned(),
                part: in_folder(folder, &target),
            };
            found.insert(tag.attribute("Id")?.unwrap_or_default(), relation);
            if found.len() > RELATIONS {
                return Err(ReadError::TooLarge {
                    what: "relations of one part",
                    limit: RELATIONS as u64,
                });
            }
        }
    })?;
    Ok(found)
}

/// The part that `target` names when the part `of` does.
fn resolved(of: &str, target: &str) -> String {
    in_folder(of.rsplit_once('/').map_or("", |(folder, _)| folder), target)
}

fn in_folder(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    let mut steps: Vec<&str> = if target.starts_with('/') {
        Vec::new()
    } else {
        folder.split('/').collect()
    };
    for step in target.split('/') {
        match step {
            "" | "." => (),
            ".." => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    steps.retain(|step| !step.is_empty());
    steps.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_found_from_where_they_are_named() {
        for (of, target, part) in [
            ("", "xl/workbook.xml", "xl/workbook.xml"),
            ("", "/xl/workbook.xml", "xl/workbook.xml"),
            (
                "xl/workbook.xml",
                "worksheets/sheet1.xml",
                "xl/worksheets/sheet1.xml",
            ),
            (
                "xl/workbook.xml",
                "/xl/worksheets/sheet1.xml",
                "xl/worksheets/sheet1.xml",
            ),
            ("xl/workbook.xml", "..\\other\\./a.xml", "other/a.xml"),
            ("workbook.xml", "../../a.xml", "a.xml"),
            (
                "xl/workbook.xml",
                "_rels/workbook.xml.rels",
                "xl/_rels/workbook.xml.rels",
            ),
        ] {
            assert_eq!(resolved(of, target), part);
        }
    }
}
