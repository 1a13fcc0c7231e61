//! Patterns with `*`, `?` and `[…]`, for file names and for `case`. A backslash takes a sign's meaning away.

use crate::phone::Phone;
use crate::phone::files::absolute;

/// Whether any sign of `pattern` has a meaning.
pub(super) fn is_pattern(pattern: &str) -> bool {
    let mut escaped = false;
    pattern.chars().any(|next| {
        let special = !escaped && matches!(next, '*' | '?' | '[');
        escaped = !escaped && next == '\\';
        special
    })
}

/// `pattern` without the backslashes that take meanings away.
pub(super) fn plain(pattern: &str) -> String {
    let mut text = String::new();
    let mut signs = pattern.chars();
    while let Some(next) = signs.next() {
        text.push(if next == '\\' {
            signs.next().unwrap_or('\\')
        } else {
            next
        });
    }
    text
}

/// Whether the whole of `text` fits.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    // The usual walk with one place to go back to: the last star.
    let (mut at, mut read) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while read < text.len() {
        if pattern.get(at) == Some(&'*') {
            star = Some((at, read));
            at += 1;
        } else if let Some(length) = one(&pattern[at.min(pattern.len())..], text[read]) {
            at += length;
            read += 1;
        } else if let Some((place, taken)) = star {
            star = Some((place, taken + 1));
            at = place + 1;
            read = taken + 1;
        } else {
            return false;
        }
    }
    pattern[at.min(pattern.len())..].iter().all(|rest| *rest == '*')
}

/// How long the first sign of `pattern` is, if `next` fits it.
fn one(pattern: &[char], next: char) -> Option<usize> {
    match pattern {
        [] => None,
        ['?', ..] => Some(1),
        ['\\', escaped, ..] => (*escaped == next).then_some(2),
        ['[', rest @ ..] => {
            let negated = matches!(rest.first(), Some('!' | '^'));
            let begin = usize::from(negated);
            let end = rest.iter().skip(begin + 1).position(|sign| *sign == ']')? + begin + 1;
            let set = &rest[begin..end];
            let mut found = set.contains(&next);
            for range in set.windows(3) {
                found |= range[1] == '-' && (range[0]..=range[2]).contains(&next);
            }
            (found != negated).then_some(end + 2)
        }
        [literal, ..] => (*literal == next).then_some(1),
    }
}

/// The paths that fit, sorted; none where nothing fits.
pub(super) fn paths(phone: &Phone, cwd: &str, pattern: &str) -> Vec<String> {
    let rooted = pattern.starts_with('/');
    let mut found = vec![String::new()];
    for part in pattern.split('/').filter(|part| !part.is_empty()) {
        let mut next = Vec::new();
        for base in &found {
            let name = |name: &str| {
                if base.is_empty() && !rooted {
                    name.to_owned()
                } else {
                    format!("{base}/{name}")
                }
            };
            if is_pattern(part) {
                let folder = if base.is_empty() && !rooted {
                    cwd.to_owned()
                } else {
                    absolute(cwd, &format!("{base}/"))
                };
                let names = phone.files.list(&folder).unwrap_or_default();
                let fitting = names
                    .iter()
                    .filter(|entry| !entry.starts_with('.') && matches(part, entry));
                next.extend(fitting.map(|entry| name(entry)));
            } else {
                next.push(name(&plain(part)));
            }
        }
        found = next;
    }
    found.retain(|path| phone.files.stat(&absolute(cwd, path), true).is_ok());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_as_in_a_shell() {
        for (pattern, text, fits) in [
            ("*.mp4", "a.mp4", true),
            ("*.mp4", "a.mp4x", false),
            ("a?c", "abc", true),
            ("[a-c]*[!0-9]", "bxx", true),
            ("[a-c]*[!0-9]", "bx1", false),
            ("a\\*", "a*", true),
            ("a\\*", "ab", false),
            ("", "", true),
            ("*", "", true),
            ("[", "[", false),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
        }
    }
}
