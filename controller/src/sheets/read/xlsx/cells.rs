//! The cells of one worksheet, in the order in which they stand in the file. Knows what a cell holds and nothing of
//! what it means.

use calamine::{ExcelDateTime, ExcelDateTimeType};

use super::strings::{Strings, push_text, unescaped};
use super::styles::Styles;
use crate::sheets::read::error::ReadError;
use crate::sheets::read::gather::{Flow, Gather, Value};
use crate::sheets::read::moment::date_text;
use crate::sheets::read::tags::{Next, Tag, Tags};

/// Rows and columns of a worksheet, at most.
const ROWS: u32 = 1_048_576;
const COLUMNS: u32 = 16_384;
/// Digits that a number keeps for certain.
const DIGITS: usize = 15;

/// What a cell says of the kind of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A number, or whatever there is.
    Untold,
    Shared,
    Inline,
    Text,
    Truth,
    Error,
    Date,
}

/// What a cell's own tag says.
struct Head {
    line: u32,
    place: u32,
    kind: Kind,
    style: usize,
}

pub(super) struct Cells<'b> {
    strings: &'b Strings,
    styles: &'b Styles,
    counts_from_1904: bool,
    /// Rows that the file has, blank ones too.
    rows: u32,
    /// Where the next cell stands that does not say where.
    line: u32,
    place: u32,
    value: String,
}

impl<'b> Cells<'b> {
    pub(super) fn new(strings: &'b Strings, styles: &'b Styles, counts_from_1904: bool) -> Self {
        Self {
            strings,
            styles,
            counts_from_1904,
            rows: 0,
            line: 1,
            place: 0,
            value: String::new(),
        }
    }

    /// Hands over all cells, or as many as are wanted.
    pub(super) fn read(mut self, tags: &mut Tags<'_>, gather: &mut Gather<'_>) -> Result<(), ReadError> {
        loop {
            match tags.next()? {
                Next::Open(tag) if tag.name == "sheetData" => break,
                // A chart in a sheet's place.
                Next::End => return Ok(()),
                _ => (),
            }
        }
        let depth = tags.depth();
        while tags.depth() >= depth {
            match tags.next()? {
                Next::Open(tag) if tag.name == "c" => {
                    let head = self.head(&tag)?;
                    if self.cell(&head, tags, gather)?.is_break() {
                        return Ok(());
                    }
                }
                Next::Open(tag) if tag.name == "row" => self.row(&tag)?,
                _ => (),
            }
        }
        tags.drain()
    }

    fn row(&mut self, tag: &Tag<'_>) -> Result<(), ReadError> {
        self.place = 0;
        self.rows += 1;
        if self.rows > ROWS {
            return Err(ReadError::TooLarge {
                what: "rows in one part",
                limit: ROWS.into(),
            });
        }
        // The first row's line is where the counting begins.
        if self.rows > 1 {
            self.line += 1;
        }
        for attribute in tag.attributes() {
            let (name, value) = attribute?;
            if name == "r" {
                self.line = line(value.trim_ascii().as_bytes()).ok_or_else(out_of_bounds)?;
            }
        }
        Ok(())
    }

    #[inline]
    fn head(&mut self, tag: &Tag<'_>) -> Result<Head, ReadError> {
        let mut head = Head {
            line: self.line,
            place: self.place,
            kind: Kind::Untold,
            style: 0,
        };
        for attribute in tag.attributes() {
            let (name, value) = attribute?;
            match name {
                "r" => (head.line, head.place) = reference(value).ok_or_else(out_of_bounds)?,
                "t" => {
                    head.kind = match value {
                        "n" => Kind::Untold,
                        "s" => Kind::Shared,
                        "inlineStr" | "is" => Kind::Inline,
                        "str" => Kind::Text,
                        "b" => Kind::Truth,
                        "e" => Kind::Error,
                        "d" => Kind::Date,
                        _ => return Err(ReadError::damaged("a cell of a kind that is not known")),
                    };
                }
                "s" => head.style = value.parse().unwrap_or_default(),
                _ => (),
            }
        }
        if head.place >= COLUMNS || head.line > ROWS {
            return Err(out_of_bounds());
        }
        self.place = head.place + 1;
        Ok(head)
    }

    /// Reads on to the cell's end and hands it over.
    #[inline]
    fn cell(&mut self, head: &Head, tags: &mut Tags<'_>, gather: &mut Gather<'_>) -> Flow {
        self.value.clear();
        let mut kind = head.kind;
        let mut is_formula = false;
        let depth = tags.depth();
        while tags.depth() >= depth {
            let Next::Open(tag) = tags.next()? else { continue };
            match tag.name {
                // Beside a text of its own a value says nothing more.
                "v" if kind != Kind::Inline => {
                    self.value.clear();
                    tags.text(&mut self.value)?;
                }
                "is" => {
                    kind = Kind::Inline;
                    self.value.clear();
                    push_text(tags, &mut self.value)?;
                }
                "f" => {
                    is_formula = true;
                    tags.skip()?;
                }
                _ => tags.skip()?,
            }
        }
        let dated;
        let value = if self.value.is_empty() {
            if is_formula {
                Value::NotCalculated
            } else {
                Value::Blank
            }
        } else {
            match kind {
                Kind::Untold => match self.styles.shown(head.style) {
                    None => number(&self.value),
                    Some(shown) => {
                        dated = self.moment(shown);
                        dated.as_deref().map_or_else(|| number(&self.value), Value::Date)
                    }
                },
                Kind::Shared => {
                    let found = digits(self.value.as_bytes()).and_then(|at| self.strings.get(at as usize));
                    Value::Text(found.ok_or_else(|| ReadError::damaged("a shared string is missing"))?)
                }
                Kind::Inline => Value::Text(&self.value),
                Kind::Text => {
                    dated = Some(unescaped(&self.value).into_owned());
                    Value::Text(dated.as_deref().unwrap_or_default())
                }
                Kind::Truth => truth(&self.value),
                Kind::Error => Value::Error(error_name(&self.value)),
                Kind::Date => Value::Date(&self.value),
            }
        };
        gather.cell(head.line, head.place, value)
    }

    /// The date that a number cell shows; none where it holds no number.
    fn moment(&self, shown: ExcelDateTimeType) -> Option<String> {
        let Value::Number(days) = number(&self.value) else {
            return None;
        };
        Some(date_text(ExcelDateTime::new(days, shown, self.counts_from_1904)))
    }
}

/// A number, or the text that stands where one was to be.
fn number(text: &str) -> Value<'_> {
    let trimmed = text.trim_ascii();
    let looks_like_one = trimmed.starts_with(|letter: char| matches!(letter, '0'..='9' | '-' | '+' | '.'));
    if trimmed.len() <= DIGITS
        && let Some(whole) = digits(trimmed.as_bytes())
    {
        return Value::Number(whole as f64);
    }
    match trimmed.parse::<f64>() {
        Ok(number) if looks_like_one && number.is_finite() => Value::Number(number),
        _ => Value::Text(text),
    }
}

fn truth(text: &str) -> Value<'_> {
    match text.trim_ascii() {
        "0" => Value::Truth(false),
        "1" => Value::Truth(true),
        word if word.eq_ignore_ascii_case("false") => Value::Truth(false),
        word if word.eq_ignore_ascii_case("true") => Value::Truth(true),
        _ => Value::Error(NAMELESS),
    }
}

/// What is said of an error value by no known name: what stands there may be anything, a password too.
const NAMELESS: &str = "of no known name";

/// New ones come with new programs: `#SPILL!`, `#BLOCKED!`.
fn error_name(text: &str) -> &str {
    const LONGEST: usize = 24;
    let is_name = text.strip_prefix('#').is_some_and(|name| {
        name.bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"/!?_".contains(&byte))
    });
    if is_name && text.len() <= LONGEST {
        text
    } else {
        NAMELESS
    }
}

/// Row, counted from 1, and column, counted from 0, of a reference like `B7`.
#[inline]
fn reference(text: &str) -> Option<(u32, u32)> {
    let bytes = text.as_bytes();
    let mut column = 0_u32;
    let mut at = 0;
    while let Some(letter) = bytes.get(at).filter(|byte| byte.is_ascii_alphabetic()) {
        column = column.checked_mul(26)? + u32::from(letter.to_ascii_uppercase() - b'A') + 1;
        at += 1;
        if at > 6 {
            return None;
        }
    }
    Some((line(&bytes[at..])?, column.checked_sub(1)?))
}

#[inline]
fn line(text: &[u8]) -> Option<u32> {
    let line = digits(text).filter(|line| (1..=u64::from(ROWS)).contains(line))?;
    Some(line as u32)
}

/// A whole number that is written in digits alone, of which there are not too many.
#[inline]
fn digits(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > 18 {
        return None;
    }
    let mut number = 0;
    for byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number * 10 + u64::from(digit);
    }
    Some(number)
}

fn out_of_bounds() -> ReadError {
    ReadError::damaged("a row or a column is out of all bounds")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_or_refused() {
        assert_eq!(reference("A1"), Some((1, 0)));
        assert_eq!(reference("xfd1048576"), Some((ROWS, COLUMNS - 1)));
        for odd in [
            "",
            "A",
            "1",
            "A0",
            "A-1",
            "A1048577",
            "ZZZZZZZZZZZZ1",
            "é1",
            "A1B",
            "$A$1",
        ] {
            assert_eq!(reference(odd), None, "{odd}");
        }
    }

    #[test]
    fn what_is_no_number_is_a_text() {
        for (text, number_of_it) in [
            ("12345", Some(12_345.0_f64)),
            (" 7 ", Some(7.0)),
            ("007", Some(7.0)),
            ("1E+21", Some(1e21)),
            ("-.5", Some(-0.5)),
            ("1234567890123456789", Some(1.234_567_890_123_456_8e18)),
            ("nan", None),
            ("infinity", None),
            ("-inf", None),
            ("1e999", None),
            ("12a", None),
            ("-", None),
        ] {
            match (number(text), number_of_it) {
                (Value::Number(number), Some(expected)) => {
                    assert_eq!(number.to_bits(), expected.to_bits(), "{text}");
                }
                (Value::Text(same), None) => assert_eq!(same, text),
                (value, _) => panic!("{text}: {value:?}"),
            }
        }
    }

    #[test]
    fn an_error_is_named_only_by_a_name() {
        assert_eq!(error_name("#SPILL!"), "#SPILL!");
        assert_eq!(error_name("#N/A"), "#N/A");
        for odd in ["hunter2", "#hunter2", "", "#ABCDEFGHIJKLMNOPQRSTUVWXYZ"] {
            assert_eq!(error_name(odd), NAMELESS);
        }
    }
}
