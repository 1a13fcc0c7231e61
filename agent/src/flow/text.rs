//! What flows do with the texts of a screen. Pure.

/// How many letters a fingerprint keeps; captions are cut on screens.
const KEPT: usize = 120;
/// Shorter texts must agree as a whole to count as the same.
const FEWEST: usize = 12;

/// The count in "1,234", "12.3K", "1,2 M", "12 345", "1.5 млн", "76followers"; `None` where there is none.
pub(super) fn number(text: &str) -> Option<i64> {
    let text = shared::screen::find::plain::plain(text).to_lowercase();
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let negative = text[..start].ends_with('-');
    let rest = &text[start..];
    let mut digits = String::new();
    let mut end = rest.len();
    for (at, c) in rest.char_indices() {
        let digit_next = rest[at + c.len_utf8()..].starts_with(|next: char| next.is_ascii_digit());
        match c {
            '0'..='9' => digits.push(c),
            '.' | ',' if digit_next => digits.push(c),
            // A blank groups by three and nothing else: "2 3" are two numbers.
            ' ' | '\'' if three_digits(&rest[at + c.len_utf8()..]) => digits.push(c),
            _ => {
                end = at;
                break;
            }
        }
    }
    let value = match factor(rest[end..].trim_start()) {
        Some(factor) => decimal(&digits)? * factor,
        None => whole(&digits)?,
    };
    let value = if negative { -value } else { value };
    (value.abs() < 9e15).then_some(value.round() as i64)
}

fn three_digits(rest: &str) -> bool {
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    digits == 3
}

/// Thousand or million behind a number, in the languages of the apps; a letter that goes on as a word is none.
fn factor(rest: &str) -> Option<f64> {
    const UNITS: [(&str, f64); 19] = [
        ("k", 1e3),
        ("m", 1e6),
        ("b", 1e9),
        ("mio", 1e6),
        ("mrd", 1e9),
        ("mil", 1e3),
        ("mi", 1e6),
        ("mln", 1e6),
        ("tsd", 1e3),
        ("rb", 1e3),
        ("jt", 1e6),
        ("md", 1e9),
        ("тыс", 1e3),
        ("млн", 1e6),
        ("bn", 1e9),
        ("thousand", 1e3),
        ("million", 1e6),
        ("millions", 1e6),
        ("tr", 1e6),
    ];
    let word: String = rest.chars().take_while(|c| c.is_alphabetic()).collect();
    if rest.starts_with('万') {
        return Some(1e4);
    }
    UNITS
        .iter()
        .find(|(unit, _)| *unit == word)
        .map(|(_, factor)| *factor)
}

/// A number without a unit: separators group by three, else they are a decimal point.
fn whole(digits: &str) -> Option<f64> {
    let groups: Vec<&str> = digits.split(['.', ',', ' ', '\'']).collect();
    let grouped = groups.len() > 1 && groups.iter().skip(1).all(|group| group.len() == 3);
    if groups.len() == 1 || grouped {
        groups.concat().parse().ok()
    } else {
        decimal(digits)
    }
}

/// A number before a unit: the last separator is a decimal point.
fn decimal(digits: &str) -> Option<f64> {
    match digits.rfind(['.', ',', ' ', '\'']) {
        Some(at) => {
            let whole: String = digits[..at].chars().filter(char::is_ascii_digit).collect();
            format!("{whole}.{}", &digits[at + 1..]).parse().ok()
        }
        None => digits.parse().ok(),
    }
}

/// The lines that are not empty.
pub(super) fn lines(text: &str) -> Vec<String> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Letters and digits in small letters: what is left of a text however a phone prints it, dots for emoji, curly quotes
/// and a cut end included.
pub(super) fn fingerprint(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric() && (*c as u32) <= 0xFFFF)
        .flat_map(char::to_lowercase)
        .take(KEPT)
        .collect()
}

/// Whether both fingerprints agree as far as the shorter one goes; a short one must be the whole.
pub(super) fn same_text(a: &str, b: &str) -> bool {
    let (a, b) = (fingerprint(a), fingerprint(b));
    let (short, long) = if a.chars().count() <= b.chars().count() {
        (&a, &b)
    } else {
        (&b, &a)
    };
    if a.is_empty() || b.is_empty() {
        return false;
    }
    a == b || (short.chars().count() >= FEWEST && long.starts_with(short.as_str()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn counts_are_read_as_the_apps_languages_print_them() {
        for (text, count) in [
            ("0", 0),
            ("1,234", 1_234),
            ("1.234", 1_234),
            ("12 345", 12_345),
            ("12\u{202f}345", 12_345),
            ("12.3K", 12_300),
            ("1,2 k", 1_200),
            ("1.5M", 1_500_000),
            ("1,5\u{a0}M", 1_500_000),
            ("2 Mio.", 2_000_000),
            ("3B", 3_000_000_000),
            ("76followers", 76),
            ("15posts", 15),
            ("2,161 comments", 2_161),
            ("Like video. 140.9K likes", 140_900),
            ("1,234,567", 1_234_567),
            ("4.5", 5),
            ("12 mentions", 12),
            ("3 millions", 3_000_000),
        ] {
            assert_eq!(number(text), Some(count), "{text}");
        }
        assert_eq!(number("no likes"), None);
        assert_eq!(number("--"), None);
    }

    #[test]
    fn a_caption_is_known_again_however_it_is_printed() {
        let typed = "It’s ÉTÉ 👋 — new video #fun, see you!";
        assert!(same_text(typed, "It's été .. - new video #fun, see you!"));
        assert!(same_text(typed, "It's été new vide…"));
        assert!(!same_text(typed, "It's été old video"));
        assert!(!same_text("ok", "okay then friends"), "short ones must be whole");
        assert!(!same_text("👋", "👋"), "nothing is left to compare");
        assert!(same_text("OK!", "ok"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(a in "\\PC{0,40}", b in "[0-9., 'kmKM]{0,20}") {
            let _ = (number(&a), number(&b), same_text(&a, &b), lines(&a));
        }
    }
}
