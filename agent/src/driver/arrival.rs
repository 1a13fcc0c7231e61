//! Whether typed text arrived, judged by two dumps. Pure; what cannot be judged is told apart from what is wrong.

use shared::screen::{Node, Screen};

/// What the dump after typing says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// The focused field shows it.
    Arrived,
    /// The focused field is as it was before: nothing arrived, typing again is safe.
    Nothing,
    /// The focused field shows something else; how many characters it has.
    Other(usize),
    /// The field hides what is in it.
    Hidden,
    /// No editable field has the focus.
    NoField,
}

/// The field that has the focus, the topmost first.
pub fn focused_field(screen: &Screen) -> Option<Node<'_>> {
    screen
        .nodes()
        .rev()
        .find(|node| node.flags().focused() && is_editable(node))
}

/// What the focused field holds; a placeholder counts as nothing.
pub fn field_text<'a>(field: &Node<'a>) -> &'a str {
    if field.flags().showing_hint() || (!field.hint().is_empty() && field.text() == field.hint()) {
        ""
    } else {
        field.text()
    }
}

fn is_editable(node: &Node<'_>) -> bool {
    let class = node.class();
    class.ends_with("EditText")
        || class.ends_with("AutoCompleteTextView")
        || class.ends_with("TextInputEditText")
}

/// Judges the dump taken after `typed` was typed; `before` is the focused field's text before, where it was read.
pub fn judge(after: &Screen, typed: &str, before: Option<&str>) -> Arrival {
    let Some(field) = focused_field(after) else {
        return Arrival::NoField;
    };
    if field.flags().password() {
        return Arrival::Hidden;
    }
    let shown = field_text(&field);
    let wanted = as_dumped(typed);
    let times = |text: &str| as_dumped(text).matches(&wanted).count();
    if times(shown) > 0 {
        return match before {
            // It stood there already and the field did not change: nothing arrived.
            Some(before) if before == field.text() => Arrival::Nothing,
            // A keyboard that was only slow took it twice.
            Some(before) if times(shown) > times(before) + 1 => Arrival::Other(shown.chars().count()),
            _ => Arrival::Arrived,
        };
    }
    if before == Some(field.text()) {
        Arrival::Nothing
    } else {
        Arrival::Other(shown.chars().count())
    }
}

/// The form in which two texts are compared: `uiautomator` prints dots for characters outside the basic plane, one
/// or two each, and builds differ in how they print line breaks.
fn as_dumped(text: &str) -> String {
    let mut form = String::with_capacity(text.len());
    for c in text.chars() {
        let c = match c {
            c if c as u32 > 0xFFFF => '.',
            '\u{FE0E}' | '\u{FE0F}' | '\u{200D}' => continue,
            c if c.is_whitespace() => ' ',
            c => c,
        };
        let repeats = matches!(c, '.' | ' ') && form.ends_with(c);
        if !repeats {
            form.push(c);
        }
    }
    form
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(text: &str, more: &str) -> Screen {
        let text = text
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('"', "&quot;");
        Screen::parse(&format!(
            r#"<hierarchy rotation="0"><node class="android.widget.EditText" package="p" text="{text}" focused="true" bounds="[0,0][9,9]" {more}/></hierarchy>"#
        ))
        .unwrap()
    }

    #[test]
    fn text_that_stands_in_the_field_arrived_even_where_emoji_became_dots() {
        assert_eq!(
            judge(&field("Hallo 你好 ..!", ""), "你好 👋!", Some("Hallo ")),
            Arrival::Arrived
        );
        assert_eq!(
            judge(&field("Hallo 你好 .!", ""), "你好 👋!", None),
            Arrival::Arrived
        );
        assert_eq!(judge(&field("a\u{a0}b", ""), "a b", None), Arrival::Arrived);
    }

    #[test]
    fn an_unchanged_field_got_nothing_and_a_changed_one_something_else() {
        assert_eq!(judge(&field("old", ""), "new", Some("old")), Arrival::Nothing);
        assert_eq!(
            judge(&field("new", ""), "new", Some("new")),
            Arrival::Nothing,
            "it stood there before"
        );
        assert_eq!(judge(&field("oldne", ""), "new", Some("old")), Arrival::Other(5));
    }

    #[test]
    fn a_text_that_arrived_twice_is_not_what_was_typed() {
        assert_eq!(
            judge(&field("oldnewnew", ""), "new", Some("old")),
            Arrival::Other(9)
        );
        assert_eq!(
            judge(&field("newnew", ""), "new", Some("new")),
            Arrival::Arrived,
            "one stood there before"
        );
    }

    #[test]
    fn a_placeholder_is_not_text_and_a_password_is_not_judged() {
        assert_eq!(
            judge(&field("Title", r#"hint="Title""#), "Title", None),
            Arrival::Other(0)
        );
        assert_eq!(
            judge(&field("•••", r#"password="true""#), "abc", None),
            Arrival::Hidden
        );
        let none = Screen::parse(
            r#"<hierarchy><node class="android.widget.TextView" text="x" bounds="[0,0][1,1]"/></hierarchy>"#,
        );
        assert_eq!(judge(&none.unwrap(), "x", None), Arrival::NoField);
    }
}
