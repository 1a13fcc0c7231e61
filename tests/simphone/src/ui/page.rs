//! One screen that an activity shows: which layout, with what arguments, and what the user has done to it so far.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::clock::SimTime;

/// A text field's content and caret.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Field {
    pub text: String,
    /// In characters, 0 to the text's length.
    pub caret: usize,
}

impl Field {
    pub fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            caret: text.chars().count(),
        }
    }

    fn byte(&self, at: usize) -> usize {
        self.text
            .char_indices()
            .nth(at)
            .map_or(self.text.len(), |(byte, _)| byte)
    }

    pub fn insert(&mut self, text: &str) {
        let at = self.byte(self.caret);
        self.text.insert_str(at, text);
        self.caret += text.chars().count();
    }

    /// Removes the character before the caret; an emoji of several code points goes with its joining marks.
    pub fn backspace(&mut self) {
        while self.caret > 0 {
            self.caret -= 1;
            let at = self.byte(self.caret);
            let gone = self.text.remove(at);
            if !matches!(gone, '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}') {
                break;
            }
        }
    }

    /// Removes the character after the caret.
    pub fn delete(&mut self) {
        let at = self.byte(self.caret);
        if at < self.text.len() {
            self.text.remove(at);
        }
    }

    pub fn move_to(&mut self, caret: usize) {
        self.caret = caret.min(self.text.chars().count());
    }
}

/// A screen in front of the user, or under another one.
#[derive(Debug, Clone, Default)]
pub struct Page {
    pub screen: String,
    /// What it was opened with.
    pub args: Value,
    /// `set:` and `toggle:` of the layout.
    pub vars: Map<String, Value>,
    pub fields: BTreeMap<String, Field>,
    pub focus: Option<String>,
    pub scroll: BTreeMap<String, i32>,
    /// Timers of the layout that run, and those that have struck.
    pub timers: BTreeMap<String, SimTime>,
    pub struck: BTreeSet<String>,
    /// Has been seen once: the field with `autofocus` has got its focus.
    pub settled: bool,
}

impl Page {
    pub fn new(screen: &str, args: Value) -> Self {
        Self {
            screen: screen.to_owned(),
            args,
            ..Self::default()
        }
    }

    /// The text of a field; empty where nothing was typed.
    pub fn text(&self, field: &str) -> &str {
        self.fields.get(field).map_or("", |field| field.text.as_str())
    }

    /// An argument as text.
    pub fn arg(&self, name: &str) -> Cow<'_, str> {
        match self.args.get(name) {
            Some(Value::String(text)) => Cow::Borrowed(text),
            Some(other) => Cow::Owned(other.to_string()),
            None => Cow::Borrowed(""),
        }
    }

    /// What its layout may name of it.
    pub fn values(&self) -> Value {
        let fields: Map<String, Value> = self
            .fields
            .iter()
            .map(|(key, field)| (key.clone(), Value::from(field.text.clone())))
            .collect();
        let mut values = self.vars.clone();
        values.insert("field".to_owned(), Value::Object(fields));
        values.insert("arg".to_owned(), self.args.clone());
        values.insert("focus".to_owned(), json!(self.focus));
        Value::Object(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_edited_by_characters_not_by_bytes() {
        let mut field = Field::new("Grüße 👋");
        field.backspace();
        assert_eq!(field.text, "Grüße ");
        field.move_to(2);
        field.insert("ö👍");
        assert_eq!((field.text.as_str(), field.caret), ("Grö👍üße ", 4));
        field.delete();
        field.backspace();
        assert_eq!(field.text, "Größe ");
    }
}
