//! Reading TOML so that everything wrong is told with its line and what is allowed there.

use std::cell::RefCell;

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::Fault;
use crate::nearest::nearest;

/// One file while it is read.
#[derive(Debug)]
pub(super) struct Document<'a> {
    pub(super) file: &'a str,
    text: &'a str,
    pub(super) faults: RefCell<Vec<Fault>>,
}

impl<'a> Document<'a> {
    pub(super) fn new(file: &'a str, text: &'a str) -> Self {
        Self {
            file,
            text,
            faults: RefCell::default(),
        }
    }

    /// The whole file as a table; a file that is no TOML is one fault.
    pub(super) fn parse(&self) -> Option<DeTable<'a>> {
        match DeTable::parse(self.text) {
            Ok(table) => Some(table.into_inner()),
            Err(error) => {
                let line = error.span().map(|span| self.line(span.start));
                self.faults
                    .borrow_mut()
                    .push(Fault::error(self.file, line, error.message()));
                None
            }
        }
    }

    pub(super) fn line(&self, at: usize) -> usize {
        line_at(self.text, at)
    }

    pub(super) fn error(&self, at: usize, what: impl Into<String>) {
        let fault = Fault::error(self.file, self.line(at), what);
        self.faults.borrow_mut().push(fault);
    }
}

/// A table and what has been read of it.
#[derive(Debug)]
pub(super) struct Fields<'d, 'a> {
    pub(super) document: &'d Document<'a>,
    /// How messages call it: `[flow.post]`.
    pub(super) name: String,
    pub(super) at: usize,
    table: &'d DeTable<'a>,
    taken: RefCell<Vec<String>>,
}

impl<'d, 'a> Fields<'d, 'a> {
    pub(super) fn new(document: &'d Document<'a>, name: &str, at: usize, table: &'d DeTable<'a>) -> Self {
        Self {
            document,
            name: name.to_owned(),
            at,
            table,
            taken: RefCell::default(),
        }
    }

    pub(super) fn line(&self) -> usize {
        self.document.line(self.at)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.iter().any(|(name, _)| name.get_ref() == key)
    }

    pub(super) fn value(&self, key: &str) -> Option<&'d Spanned<DeValue<'a>>> {
        self.taken.borrow_mut().push(key.to_owned());
        self.table
            .iter()
            .find(|(name, _)| name.get_ref() == key)
            .map(|(_, value)| value)
    }

    pub(super) fn text(&self, key: &str) -> Option<String> {
        let value = self.value(key)?;
        if let Some(text) = value.get_ref().as_str() {
            return Some(text.to_owned());
        }
        self.wrong(key, value, "a text in quotes");
        None
    }

    pub(super) fn required_text(&self, key: &str) -> Option<String> {
        if !self.has(key) {
            self.document
                .error(self.at, format!("{} needs `{key} = \"…\"`", self.name));
            return None;
        }
        self.text(key)
    }

    pub(super) fn boolean(&self, key: &str) -> Option<bool> {
        let value = self.value(key)?;
        let boolean = value.get_ref().as_bool();
        if boolean.is_none() {
            self.wrong(key, value, "true or false");
        }
        boolean
    }

    pub(super) fn integer(&self, key: &str) -> Option<i64> {
        let value = self.value(key)?;
        let integer = integer(value.get_ref());
        if integer.is_none() {
            self.wrong(key, value, "a whole number");
        }
        integer
    }

    pub(super) fn number(&self, key: &str) -> Option<f64> {
        let value = self.value(key)?;
        let number = number(value.get_ref());
        if number.is_none() {
            self.wrong(key, value, "a number");
        }
        number
    }

    /// A text or a list of texts.
    pub(super) fn texts(&self, key: &str) -> Vec<String> {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        if let Some(text) = value.get_ref().as_str() {
            return vec![text.to_owned()];
        }
        let texts: Option<Vec<String>> = value.get_ref().as_array().map(|array| {
            array
                .iter()
                .filter_map(|one| one.get_ref().as_str().map(str::to_owned))
                .collect()
        });
        match (texts, value.get_ref().as_array()) {
            (Some(texts), Some(array)) if texts.len() == array.len() && !texts.is_empty() => texts,
            _ => {
                self.wrong(key, value, "a text in quotes or a list of texts");
                Vec::new()
            }
        }
    }

    /// Any plain value as JSON.
    pub(super) fn json(&self, key: &str) -> Option<Value> {
        let value = self.value(key)?;
        let json = as_json(value.get_ref());
        if json.is_none() {
            self.wrong(key, value, "a text, a number, true, false or a list of them");
        }
        json
    }

    /// A table below it, with the name in which messages call it.
    pub(super) fn table(&self, key: &str) -> Option<Fields<'d, 'a>> {
        let value = self.value(key)?;
        if let Some(table) = value.get_ref().as_table() {
            let name = if self.name.is_empty() {
                format!("[{key}]")
            } else {
                format!("{}.{key}]", self.name.trim_end_matches(']'))
            };
            return Some(Fields::new(self.document, &name, value.span().start, table));
        }
        self.wrong(key, value, "a table");
        None
    }

    /// All tables in it, by key, in the order of the file; what is no table is told.
    pub(super) fn tables(&self) -> Vec<(String, Fields<'d, 'a>)> {
        let mut keys: Vec<(usize, String)> = self
            .table
            .iter()
            .map(|(key, _)| (key.span().start, key.get_ref().to_string()))
            .collect();
        keys.sort();
        keys.into_iter()
            .filter_map(|(at, key)| {
                let mut fields = self.table(&key)?;
                fields.at = at;
                Some((key, fields))
            })
            .collect()
    }

    /// Tells keys that nobody asked for.
    pub(super) fn no_others(&self) {
        let taken = self.taken.borrow();
        for (key, _) in self.table {
            let name = key.get_ref().as_ref();
            if taken.iter().any(|known| known == name) {
                continue;
            }
            let mut allowed: Vec<&str> = taken.iter().map(String::as_str).collect();
            allowed.sort_unstable();
            allowed.dedup();
            let advice = match nearest(name, allowed.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("allowed are {}", allowed.join(", ")),
            };
            let place = if self.name.is_empty() {
                "this file"
            } else {
                &self.name
            };
            self.document.error(
                key.span().start,
                format!("`{name}` is no key of {place}: {advice}"),
            );
        }
    }

    pub(super) fn error_at(&self, key: &str, what: impl Into<String>) {
        let at = self
            .table
            .iter()
            .find(|(name, _)| name.get_ref() == key)
            .map_or(self.at, |(name, _)| name.span().start);
        self.document.error(at, what);
    }

    fn wrong(&self, key: &str, value: &Spanned<DeValue<'_>>, allowed: &str) {
        let is = value.get_ref().type_str();
        self.document.error(
            value.span().start,
            format!(
                "`{key}` in {} is {}: it must be {allowed}",
                self.name,
                with_article(is)
            ),
        );
    }
}

/// The line, from 1, of a place in a text.
pub(super) fn line_at(text: &str, at: usize) -> usize {
    let before = text.as_bytes().iter().take(at);
    before.filter(|byte| **byte == b'\n').count() + 1
}

fn with_article(word: &str) -> String {
    let article = if word.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {word}")
}

pub(super) fn integer(value: &DeValue<'_>) -> Option<i64> {
    let integer = value.as_integer()?;
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

fn number(value: &DeValue<'_>) -> Option<f64> {
    match value.as_float() {
        Some(float) => float
            .as_str()
            .parse()
            .ok()
            .filter(|float: &f64| float.is_finite()),
        None => integer(value).map(|integer| integer as f64),
    }
}

pub(super) fn as_json(value: &DeValue<'_>) -> Option<Value> {
    Some(match value {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Integer(_) => Value::from(integer(value)?),
        DeValue::Float(_) => Value::from(number(value)?),
        DeValue::Boolean(boolean) => Value::from(*boolean),
        DeValue::Array(array) => {
            let values: Option<Vec<Value>> = array.iter().map(|one| as_json(one.get_ref())).collect();
            Value::from(values?)
        }
        DeValue::Datetime(_) | DeValue::Table(_) => return None,
    })
}
