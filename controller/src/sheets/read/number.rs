//! A number cell as the text that a person would have typed. Knows nothing of cells.

use std::fmt::Write as _;

/// From here on a spreadsheet program's fifteen digits no longer reach to the last one.
const DIGITS_LOST: f64 = 1e15;
/// From here on, and below its counterpart, digits without an exponent would be guessed.
const EXPONENT: f64 = 1e21;
const SMALL: f64 = 1e-7;

/// Writes the number behind `text`: `12345`, `1.5`, `1e21`.
pub(super) fn push(number: f64, text: &mut String) {
    let size = number.abs();
    let written = if size == 0.0 {
        text.push('0');
        Ok(())
    } else if size < DIGITS_LOST && number.fract() == 0.0 {
        write!(text, "{}", number as i64)
    } else if !(SMALL..EXPONENT).contains(&size) {
        write!(text, "{number:e}")
    } else {
        write!(text, "{number}")
    };
    debug_assert!(written.is_ok(), "a String takes all that is written to it");
}

/// Whether the program that saved it may have dropped digits that somebody typed.
pub(super) fn may_have_lost_digits(number: f64) -> bool {
    number.abs() >= DIGITS_LOST
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(number: f64) -> String {
        let mut text = String::new();
        push(number, &mut text);
        text
    }

    #[test]
    fn numbers_read_as_they_were_typed() {
        for (number, typed) in [
            (0.0, "0"),
            (-0.0, "0"),
            (12_345.0, "12345"),
            (-7.0, "-7"),
            (1.5, "1.5"),
            (0.1, "0.1"),
            (1e20, "100000000000000000000"),
            (1e21, "1e21"),
            (1.25e300, "1.25e300"),
            (1e-7, "0.0000001"),
            (1e-9, "1e-9"),
            (999_999_999_999_999.0, "999999999999999"),
            (9_007_199_254_740_991.0, "9007199254740991"),
        ] {
            assert_eq!(text(number), typed);
        }
    }

    #[test]
    fn sixteen_digits_are_worth_a_warning() {
        assert!(!may_have_lost_digits(999_999_999_999_999.0));
        assert!(may_have_lost_digits(1e15));
    }
}
