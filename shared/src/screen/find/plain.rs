//! The form in which a label on a screen and a label in a pack are compared: plain quotes, single blanks, no marks
//! that nobody sees, and no reference that the app failed to resolve.

use std::borrow::Cow;

/// A label in its plain form.
pub fn plain(text: &str) -> Cow<'_, str> {
    if is_unresolved(text) {
        return Cow::Borrowed("");
    }
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '‘' | '’' | '‚' | '‛' | 'ʼ' | '´' | '`' => out.push('\''),
            '“' | '”' | '„' | '‟' | '«' | '»' => out.push('"'),
            '…' => out.push_str("..."),
            '‐' | '‑' | '–' | '—' => out.push('-'),
            // Marks of writing direction, joiners, variation selectors: nobody sees them.
            '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}'
            | '\u{fe0e}'
            | '\u{fe0f}'
            | '\u{ad}' => {}
            c if c.is_whitespace() => {
                if !out.is_empty() && !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            c => out.push(c),
        }
    }
    out.truncate(out.trim_end().len());
    Cow::Owned(out)
}

/// The same, without case.
pub fn folded(text: &str) -> String {
    plain(text).to_lowercase()
}

fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut before = b' ';
    for &byte in bytes {
        if !(b' '..=b'~').contains(&byte) || byte == b'`' || (byte == b' ' && before == b' ') {
            return false;
        }
        before = byte;
    }
    bytes.is_empty() || before != b' '
}

/// "@2131954894": the app printed the number of a text instead of the text.
fn is_unresolved(text: &str) -> bool {
    text.strip_prefix('@')
        .is_some_and(|rest| rest.len() > 5 && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_blanks_and_invisible_marks_do_not_tell_labels_apart() {
        assert_eq!(plain("Don’t  allow\u{a0}"), "Don't allow");
        assert_eq!(plain("\u{200e}J’aime\u{202f}: «\u{a0}x »"), "J'aime : \" x \"");
        assert_eq!(plain("Add…"), "Add...");
        assert_eq!(plain("@2131954894"), "", "never a label");
        assert_eq!(plain("@user1"), "@user1");
        assert_eq!(plain(" a"), "a");
        assert_eq!(folded("ÉTÉ"), "été");
    }
}
