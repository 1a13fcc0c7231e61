//! Which number formats make a date of a number. Knows no cell.

use std::collections::BTreeMap;

use calamine::ExcelDateTimeType;

use crate::sheets::read::error::ReadError;
use crate::sheets::read::tags::{Next, Tags};

/// Formats of cells, and number formats of a workbook's own; spreadsheet programs have 65,490 of the former at most.
const FORMATS: usize = 200_000;

/// What a number is shown as: none for a number.
type Shown = Option<ExcelDateTimeType>;

#[derive(Debug, Default)]
pub(super) struct Styles {
    /// By the number that a cell gives.
    shown: Vec<Shown>,
}

impl Styles {
    pub(super) fn read(tags: &mut Tags<'_>) -> Result<Self, ReadError> {
        let mut own: BTreeMap<u32, Shown> = BTreeMap::new();
        let mut shown = Vec::new();
        let mut in_cells = None;
        loop {
            let depth = tags.depth();
            let tag = match tags.next()? {
                Next::Open(tag) => tag,
                Next::End => return Ok(Self { shown }),
                Next::Close | Next::Text(_) => {
                    in_cells = in_cells.filter(|inside| *inside < tags.depth());
                    continue;
                }
            };
            let number = |value: Option<String>| value.and_then(|value| value.trim().parse().ok());
            match tag.name {
                "numFmt" => {
                    let code = tag.attribute("formatCode")?.unwrap_or_default();
                    if let Some(id) = number(tag.attribute("numFmtId")?) {
                        own.insert(id, of_code(&code));
                    }
                }
                "cellXfs" => in_cells = Some(depth),
                "xf" if in_cells.is_some() => {
                    let id = number(tag.attribute("numFmtId")?).unwrap_or_default();
                    shown.push(own.get(&id).copied().unwrap_or_else(|| built_in(id)));
                }
                _ => (),
            }
            if own.len() > FORMATS || shown.len() > FORMATS {
                return Err(ReadError::TooLarge {
                    what: "formats",
                    limit: FORMATS as u64,
                });
            }
        }
    }

    #[inline]
    pub(super) fn shown(&self, style: usize) -> Shown {
        self.shown.get(style).copied().flatten()
    }
}

/// Formats that every workbook has; some of them only in East Asian programs.
fn built_in(id: u32) -> Shown {
    match id {
        14..=22 | 27..=36 | 45 | 47 | 50..=58 => Some(ExcelDateTimeType::DateTime),
        46 => Some(ExcelDateTimeType::TimeDelta),
        _ => None,
    }
}

/// By the first letter that stands for a part of a date or a time. What is in quotes, behind a backslash, or the width
/// of a letter stands for itself; in brackets are colours, currencies, and times that may go beyond a day.
fn of_code(code: &str) -> Shown {
    let mut letters = code.chars();
    while let Some(letter) = letters.next() {
        match letter.to_ascii_lowercase() {
            '\\' | '_' | '*' => {
                letters.next();
            }
            '"' => {
                letters.by_ref().find(|letter| *letter == '"');
            }
            '[' => {
                let inside: String = letters.by_ref().take_while(|letter| *letter != ']').collect();
                let first = inside.chars().next().map(|letter| letter.to_ascii_lowercase());
                if let Some(first @ ('h' | 'm' | 's')) = first
                    && inside.chars().all(|letter| letter.eq_ignore_ascii_case(&first))
                {
                    return Some(ExcelDateTimeType::TimeDelta);
                }
            }
            // The first of up to four formats, that of positive numbers, decides.
            ';' => return None,
            'd' | 'm' | 'h' | 'y' | 's' => return Some(ExcelDateTimeType::DateTime),
            // "AM/PM"; the `g` and `e` of East Asian years never stand alone.
            'a' if letters
                .clone()
                .next()
                .is_some_and(|next| matches!(next, 'm' | 'M' | '/')) =>
            {
                return Some(ExcelDateTimeType::DateTime);
            }
            // "General", not a date though letters of one are in it.
            'g' if letters.as_str().len() >= 6
                && letters.as_str().is_char_boundary(6)
                && letters.as_str()[..6].eq_ignore_ascii_case("eneral") =>
            {
                letters.by_ref().take(6).for_each(drop);
            }
            _ => (),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_dates_are_told_from_codes_of_numbers() {
        use ExcelDateTimeType::{DateTime, TimeDelta};
        for (code, shown) in [
            ("DD/MM/YY", Some(DateTime)),
            ("yyyy\\-mm\\-dd", Some(DateTime)),
            ("H:MM:SS;@", Some(DateTime)),
            ("m\"M\"d\"D\";@", Some(DateTime)),
            ("[$-409]d\\-mmm\\-yy;@", Some(DateTime)),
            ("AM/PM", Some(DateTime)),
            ("[h]:mm:ss", Some(TimeDelta)),
            ("[MM]:ss", Some(TimeDelta)),
            ("General", None),
            ("General\"d\"", None),
            ("@", None),
            ("0.00E+00", None),
            ("#,##0\\ [$\u{20bd}-46D]", None),
            ("[Red]#,##0;[Magenta]-0", None),
            ("\"Y: \"0.00\"m\";\"Y: \"-0.00\"m\"", None),
            ("_(* #,##0_);_(* (#,##0)", None),
            ("0_d*s0", None),
            ("0;d", None),
            ("[", None),
            ("\"", None),
        ] {
            assert_eq!(of_code(code), shown, "{code}");
        }
    }
}
