//! Numbers as the apps print them: `1,234`, `12.3K`, `1.5M`, and `1 234`, `12,3 k`, `1,5 M` in French.

/// Between thousands, and between a number and its unit, in French.
const NARROW: char = '\u{202f}';
const FIXED: char = '\u{a0}';

/// All digits, in groups of three.
pub fn full(number: u64, language: &str) -> String {
    let digits = number.to_string();
    let separator = if language == "fr" { NARROW } else { ',' };
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(separator);
        }
        out.push(digit);
    }
    out
}

/// Whole below ten thousand, then with one digit behind the point, cut and not rounded.
pub fn short(number: u64, language: &str) -> String {
    shortened(number, language, 10_000)
}

/// The same from `from` on.
pub fn shortened(number: u64, language: &str, from: u64) -> String {
    if number < from {
        return full(number, language);
    }
    let french = language == "fr";
    let (unit, sign) = match number {
        0..1_000_000 => (1_000, if french { "k" } else { "K" }),
        1_000_000..1_000_000_000 => (1_000_000, "M"),
        _ => (1_000_000_000, if french { "Md" } else { "B" }),
    };
    let (whole, tenth) = (number / unit, number % unit * 10 / unit);
    let point = if french { ',' } else { '.' };
    let space = if french { FIXED.to_string() } else { String::new() };
    if tenth == 0 {
        return format!("{whole}{space}{sign}");
    }
    format!("{whole}{point}{tenth}{space}{sign}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_shortened_by_language() {
        for (number, en, fr) in [
            (0, "0", "0"),
            (999, "999", "999"),
            (1_234, "1,234", "1\u{202f}234"),
            (12_345, "12.3K", "12,3\u{a0}k"),
            (120_000, "120K", "120\u{a0}k"),
            (999_999, "999.9K", "999,9\u{a0}k"),
            (1_550_000, "1.5M", "1,5\u{a0}M"),
            (2_000_000_000, "2B", "2\u{a0}Md"),
        ] {
            assert_eq!(
                (short(number, "en").as_str(), short(number, "fr").as_str()),
                (en, fr)
            );
        }
        assert_eq!(shortened(1_234, "en", 1_000), "1.2K");
    }
}
