//! Layout files read into trees: screens, named templates, the string tables by language, and the tables of resource
//! ids by the app's version.
//!
//! Knows the shape of the files only; what an attribute means is `inflate`'s business.

use std::collections::BTreeMap;

use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;
use serde_json::{Map, Value};

/// What is wrong with a layout file. They are part of the build, so this shows in the first test that opens one.
#[derive(Debug, thiserror::Error)]
pub enum LayoutError {
    #[error("reading a layout near byte {at}")]
    Syntax {
        at: u64,
        #[source]
        source: quick_xml::Error,
    },
    #[error("a layout's attribute cannot be read in <{tag}>")]
    Attribute { tag: String },
    #[error("a layout's tags are not balanced")]
    Unbalanced,
    #[error("<{tag}> needs a name")]
    Unnamed { tag: String },
}

/// One tag of a layout file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Element {
    pub tag: String,
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Element>,
}

impl Element {
    pub fn attr(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Reads one file; its root tag only holds things together.
    pub fn parse(xml: &str) -> Result<Self, LayoutError> {
        let mut reader = Reader::from_str(xml);
        let mut open = vec![Self::default()];
        loop {
            let event = reader.read_event();
            match event.map_err(|source| LayoutError::Syntax {
                at: reader.error_position(),
                source,
            })? {
                Event::Start(start) => open.push(Self::from_tag(&start)?),
                Event::Empty(start) => {
                    let element = Self::from_tag(&start)?;
                    open.last_mut()
                        .ok_or(LayoutError::Unbalanced)?
                        .children
                        .push(element);
                }
                Event::End(_) => {
                    let done = open.pop().ok_or(LayoutError::Unbalanced)?;
                    open.last_mut()
                        .ok_or(LayoutError::Unbalanced)?
                        .children
                        .push(done);
                }
                Event::Eof => break,
                _ => {}
            }
        }
        let mut top = open.pop().ok_or(LayoutError::Unbalanced)?;
        if !open.is_empty() {
            return Err(LayoutError::Unbalanced);
        }
        top.children.pop().ok_or(LayoutError::Unbalanced)
    }

    fn from_tag(start: &BytesStart<'_>) -> Result<Self, LayoutError> {
        let tag = start.name().as_ref().to_owned();
        let mut element = Self {
            tag,
            ..Self::default()
        };
        for attribute in start.attributes() {
            let read = attribute.ok().and_then(|attribute| {
                let value = attribute
                    .normalized_value(quick_xml::XmlVersion::Implicit1_0)
                    .ok()?
                    .into_owned();
                Some((attribute.key.as_ref().to_owned(), value))
            });
            let Some(pair) = read else {
                return Err(LayoutError::Attribute { tag: element.tag });
            };
            element.attributes.push(pair);
        }
        Ok(element)
    }
}

/// Everything that an app's layout files define.
#[derive(Debug, Default)]
pub struct Layouts {
    screens: BTreeMap<String, Element>,
    templates: BTreeMap<String, Element>,
    /// Name → language → text.
    strings: BTreeMap<String, BTreeMap<String, String>>,
    /// Version → what the layouts call it → resource id.
    ids: BTreeMap<String, Map<String, Value>>,
}

impl Layouts {
    /// `<Layouts>` files hold `<Screen>`, `<Template>` and `<Ids>`, `<Strings>` files `<s name= en= fr=/>`; a file may
    /// hold all of them. `<Ids name="VERSION" like="f57"/>` may stand several times for a version.
    pub fn parse(files: &[&str]) -> Result<Self, LayoutError> {
        let mut layouts = Self::default();
        for file in files {
            for element in Element::parse(file)?.children {
                layouts.add(element)?;
            }
        }
        Ok(layouts)
    }

    fn add(&mut self, element: Element) -> Result<(), LayoutError> {
        let name = element.attr("name").map(str::to_owned);
        let name = name.ok_or_else(|| LayoutError::Unnamed {
            tag: element.tag.clone(),
        })?;
        match element.tag.as_str() {
            "Screen" => drop(self.screens.insert(name, element)),
            "Template" => drop(self.templates.insert(name, element)),
            "Ids" => {
                let ids = element.attributes.into_iter().filter(|(key, _)| key != "name");
                let ids = ids.map(|(key, id)| (key, Value::from(id)));
                self.ids.entry(name).or_default().extend(ids);
            }
            _ => {
                let texts = element.attributes.into_iter().filter(|(key, _)| key != "name");
                self.strings.insert(name, texts.collect());
            }
        }
        Ok(())
    }

    pub fn screen(&self, name: &str) -> Option<&Element> {
        self.screens.get(name)
    }

    pub fn screens(&self) -> impl Iterator<Item = &str> {
        self.screens.keys().map(String::as_str)
    }

    pub fn template(&self, name: &str) -> Option<&Element> {
        self.templates.get(name)
    }

    /// The resource ids of an app's version, by what the layouts call them: `id="{ids.like}"`.
    pub fn ids(&self, version: &str) -> Option<&Map<String, Value>> {
        self.ids.get(version)
    }

    /// The text of that name in `language`, else in English.
    pub fn string(&self, name: &str, language: &str) -> Option<&str> {
        let texts = self.strings.get(name)?;
        texts
            .get(language)
            .or_else(|| texts.get("en"))
            .map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layout_file_gives_screens_templates_and_strings() {
        let layouts = Layouts::parse(&[
            r#"<Layouts><Screen name="a"><Text text="@hi"/></Screen><Template name="t"><Row/></Template></Layouts>"#,
            r#"<Strings><s name="hi" en="Hi &amp; ho" fr="Salut"/></Strings>"#,
            r#"<Layouts><Ids name="43.1.4" like="f57"/><Ids name="43.1.4" create="mkn"/></Layouts>"#,
        ])
        .unwrap();
        assert_eq!(layouts.screen("a").unwrap().children[0].attr("text"), Some("@hi"));
        assert!(layouts.template("t").is_some());
        assert_eq!(layouts.string("hi", "en"), Some("Hi & ho"));
        assert_eq!(layouts.string("hi", "fr"), Some("Salut"));
        assert_eq!(layouts.string("hi", "de"), Some("Hi & ho"));
        let ids = layouts.ids("43.1.4").unwrap();
        assert_eq!((&ids["like"], &ids["create"]), (&"f57".into(), &"mkn".into()));
        assert!(layouts.ids("46.8.2").is_none());
    }

    #[test]
    fn a_broken_layout_file_is_an_error() {
        assert!(Layouts::parse(&["<Layouts><Screen name='a'></Layouts>"]).is_err());
        assert!(Layouts::parse(&["<Layouts><Screen/></Layouts>"]).is_err());
    }
}
