//! `$(( … ))`: whole numbers, as far as loops and sizes in scripts go.

/// Sums in brackets within each other.
const MAX_DEPTH: usize = 32;

/// The value of `text`; `None` where it is none (or divides by zero).
pub(super) fn evaluate(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Option<i64> {
    let mut sum = Sum {
        text: text.as_bytes(),
        lookup,
        depth: 0,
    };
    let value = sum.level(0)?;
    sum.blanks();
    sum.text.is_empty().then_some(value)
}

struct Sum<'a> {
    text: &'a [u8],
    lookup: &'a dyn Fn(&str) -> Option<String>,
    depth: usize,
}

/// From the loosest to the tightest; longer signs before their beginnings.
const LEVELS: [&[&str]; 6] = [
    &["||"],
    &["&&"],
    &["==", "!="],
    &["<=", ">=", "<", ">"],
    &["+", "-"],
    &["*", "/", "%"],
];

impl Sum<'_> {
    fn blanks(&mut self) {
        self.text = self.text.trim_ascii_start();
    }

    fn level(&mut self, level: usize) -> Option<i64> {
        let Some(signs) = LEVELS.get(level) else {
            return self.atom();
        };
        let mut left = self.level(level + 1)?;
        loop {
            self.blanks();
            let Some(sign) = signs.iter().find(|sign| self.text.starts_with(sign.as_bytes())) else {
                return Some(left);
            };
            self.text = &self.text[sign.len()..];
            let right = self.level(level + 1)?;
            left = apply(sign, left, right)?;
        }
    }

    fn atom(&mut self) -> Option<i64> {
        self.blanks();
        match self.text {
            [b'(', rest @ ..] => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return None;
                }
                self.text = rest;
                let value = self.level(0)?;
                self.blanks();
                self.text = self.text.strip_prefix(b")")?;
                self.depth -= 1;
                Some(value)
            }
            [sign @ (b'-' | b'!' | b'+'), rest @ ..] => {
                let sign = *sign;
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return None;
                }
                self.text = rest;
                let value = self.atom()?;
                self.depth -= 1;
                Some(match sign {
                    b'-' => value.wrapping_neg(),
                    b'!' => i64::from(value == 0),
                    _ => value,
                })
            }
            _ => self.number(),
        }
    }

    fn number(&mut self) -> Option<i64> {
        let length = self
            .text
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_')
            .count();
        let (word, rest) = self.text.split_at(length);
        self.text = rest;
        let word = std::str::from_utf8(word).ok()?;
        if word.starts_with(|first: char| first.is_ascii_digit()) {
            return match word.strip_prefix("0x") {
                Some(hex) => i64::from_str_radix(hex, 16).ok(),
                None => word.parse().ok(),
            };
        }
        if word.is_empty() {
            return None;
        }
        let value = (self.lookup)(word).unwrap_or_default();
        if value.trim().is_empty() {
            Some(0)
        } else {
            value.trim().parse().ok()
        }
    }
}

fn apply(sign: &str, left: i64, right: i64) -> Option<i64> {
    Some(match sign {
        "||" => i64::from(left != 0 || right != 0),
        "&&" => i64::from(left != 0 && right != 0),
        "==" => i64::from(left == right),
        "!=" => i64::from(left != right),
        "<=" => i64::from(left <= right),
        ">=" => i64::from(left >= right),
        "<" => i64::from(left < right),
        ">" => i64::from(left > right),
        "+" => left.wrapping_add(right),
        "-" => left.wrapping_sub(right),
        "*" => left.wrapping_mul(right),
        "/" => left.checked_div(right)?,
        _ => left.checked_rem(right)?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sums_have_the_value_that_they_have_in_a_shell() {
        let lookup = |name: &str| (name == "i").then(|| "4".to_owned());
        for (text, value) in [
            ("i + 1", Some(5)),
            ("2 + 3 * (i - 1)", Some(11)),
            ("-i % 3", Some(-1)),
            ("i >= 4 && !none", Some(1)),
            ("0x10", Some(16)),
            ("1 / 0", None),
            ("1 +", None),
            ("1 2", None),
        ] {
            assert_eq!(evaluate(text, &lookup), value, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_a_sum_panic(text in "[-+*/%()<>=!&|0-9a-z ]{0,80}") {
            let _ = evaluate(&text, &|_| None);
        }
    }
}
