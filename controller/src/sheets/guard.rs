//! Keeps a value in a text file from being run as a formula by the program that opens it: an apostrophe before it.
//! Putting on and taking off are each other's inverse for every text.

use std::borrow::Cow;

const APOSTROPHE: char = '\'';

/// Whether a spreadsheet program takes what begins so for more than text, apostrophes before it aside.
fn is_formula_behind_apostrophes(text: &str) -> bool {
    text.trim_start_matches(APOSTROPHE)
        .starts_with(['=', '+', '-', '@', '\t', '\r'])
}

pub(super) fn put_on(text: &str) -> Cow<'_, str> {
    if is_formula_behind_apostrophes(text) {
        Cow::Owned(format!("{APOSTROPHE}{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

pub(super) fn take_off(text: &str) -> &str {
    match text.strip_prefix(APOSTROPHE) {
        Some(rest) if is_formula_behind_apostrophes(rest) => rest,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_guarded_and_come_back() {
        for (text, guarded) in [
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("+46701234567", "'+46701234567"),
            ("-1", "'-1"),
            ("@name", "'@name"),
            ("\tx", "'\tx"),
            ("\rx", "'\rx"),
            ("'=x", "''=x"),
            ("''@x", "'''@x"),
            ("'tis", "'tis"),
            ("plain", "plain"),
            ("", ""),
            ("'", "'"),
        ] {
            assert_eq!(put_on(text), guarded);
            assert_eq!(take_off(guarded), text);
        }
    }
}
