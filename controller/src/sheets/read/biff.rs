//! Looks into the container and the records of an `.xls` file before it is loaded whole: whether it is locked, and how
//! much memory its cells would take. Knows the records' outline and no cell's value.

use std::io::{Read, Seek};

use super::Source;
use super::compound::Compound;
use super::error::ReadError;
use crate::sheets::limits::Limits;

/// Sheets of one workbook; each is walked.
const SHEETS: usize = 256;
/// Bytes of the table of strings, each of which costs some twenty more in memory.
const STRINGS_BYTES: u64 = 12 << 20;

const BOUND_SHEET: u16 = 0x0085;
const FILE_PASS: u16 = 0x002f;
const STRINGS: u16 = 0x00fc;
const CONTINUE: u16 = 0x003c;
const DIMENSIONS: u16 = 0x0200;
const MULTIPLE_NUMBERS: u16 = 0x00bd;
const END: u16 = 0x000a;

/// Says what a compound file is, where it is not a workbook that can be read.
pub(super) fn check_container(source: &mut Source<'_>, limits: &Limits) -> Result<(), ReadError> {
    let bytes = all(source, limits)?;
    let container = opened(&bytes)?;
    if container.has("EncryptedPackage") {
        return Err(ReadError::Encrypted);
    }
    if !WORKBOOK.into_iter().any(|name| container.has(name)) {
        return Err(ReadError::NotASheet {
            looks_like: "an old Office document without a workbook",
        });
    }
    Ok(())
}

/// Walks through the records and refuses what is locked, broken, or too much to be loaded.
pub(super) fn look_over(source: &mut Source<'_>, limits: &Limits) -> Result<(), ReadError> {
    let bytes = all(source, limits)?;
    let container = opened(&bytes)?;
    let Some(stream) = WORKBOOK.into_iter().find_map(|name| container.stream(name)) else {
        return Err(ReadError::damaged("its workbook is missing"));
    };
    let sheets = globals(&stream)?;
    let mut cells = 0;
    for start in sheets {
        let Some(records) = stream.get(start as usize..) else {
            return Err(ReadError::damaged("a sheet begins behind its end"));
        };
        cells += rectangle(records, limits)?;
        if cells > limits.xls_cells {
            return Err(too_many(limits));
        }
    }
    Ok(())
}

/// The stream's name, of late and of old.
const WORKBOOK: [&str; 2] = ["Workbook", "Book"];

fn all(source: &mut Source<'_>, limits: &Limits) -> Result<Vec<u8>, ReadError> {
    source.rewind().map_err(ReadError::io)?;
    let mut bytes = Vec::new();
    source
        .take(limits.xls_bytes)
        .read_to_end(&mut bytes)
        .map_err(ReadError::io)?;
    Ok(bytes)
}

fn opened(bytes: &[u8]) -> Result<Compound<'_>, ReadError> {
    Compound::of(bytes).ok_or_else(|| ReadError::damaged("its container leads nowhere"))
}

/// The workbook's own records: where its sheets begin.
fn globals(stream: &[u8]) -> Result<Vec<u32>, ReadError> {
    let mut sheets = Vec::new();
    let mut string_bytes = 0;
    let mut in_strings = false;
    for record in Records(stream) {
        let (kind, data) = record?;
        in_strings = kind == STRINGS || (in_strings && kind == CONTINUE);
        match kind {
            BOUND_SHEET => {
                sheets.push(
                    data.first_chunk()
                        .map_or(u32::MAX, |start| u32::from_le_bytes(*start)),
                );
                if sheets.len() > SHEETS {
                    return Err(ReadError::TooLarge {
                        what: "sheets",
                        limit: SHEETS as u64,
                    });
                }
            }
            FILE_PASS => return Err(ReadError::Encrypted),
            END => break,
            _ => (),
        }
        if in_strings {
            string_bytes += data.len() as u64;
            if string_bytes > STRINGS_BYTES {
                return Err(ReadError::TooLarge {
                    what: "bytes of strings as .xls",
                    limit: STRINGS_BYTES,
                });
            }
        }
    }
    Ok(sheets)
}

/// How many cells are loaded for a sheet: the rectangle around all that it holds or announces.
fn rectangle(records: &[u8], limits: &Limits) -> Result<u64, ReadError> {
    let mut filled = Area::default();
    let mut cells = 0_u64;
    for record in Records(records) {
        let (kind, data) = record?;
        match kind {
            DIMENSIONS if announced(data).is_none_or(|area| area > limits.xls_cells) => {
                return Err(too_many(limits));
            }
            // Formula, number, label, truth or error, string, rich label, small number, label of the table, several.
            0x0006 | 0x0203 | 0x0204 | 0x0205 | 0x00d6 | 0x027e | 0x00fd | MULTIPLE_NUMBERS => {
                let (Some(row), Some(column)) = (word(data, 0), word(data, 2)) else {
                    return Err(ReadError::damaged("a cell is cut short"));
                };
                let last = if kind == MULTIPLE_NUMBERS {
                    word(data, data.len().saturating_sub(2))
                } else {
                    None
                };
                let last = last.unwrap_or(column);
                filled.add(row, column, last);
                cells += 1 + u64::from(last.saturating_sub(column));
            }
            END => break,
            _ => (),
        }
        if cells > limits.xls_cells {
            return Err(too_many(limits));
        }
    }
    Ok(filled.cells())
}

/// The size that a sheet announces, for which room is made at once; none where it makes no sense.
fn announced(data: &[u8]) -> Option<u64> {
    let double = |at| Some(u64::from(word(data, at)?) | u64::from(word(data, at + 2)?) << 16);
    let single = |at| word(data, at).map(u64::from);
    let (first, behind, columns) = match data.len() {
        10 => (single(0)?, single(2)?, single(6)?),
        14 | 16 => (double(0)?, double(4)?, single(10)?),
        _ => return None,
    };
    if behind == 0 {
        Some(0)
    } else {
        Some(behind.checked_sub(first)?.saturating_mul(columns))
    }
}

#[derive(Debug, Default)]
struct Area(Option<(u16, u16, u16, u16)>);

impl Area {
    fn add(&mut self, row: u16, first: u16, last: u16) {
        let (top, left, bottom, right) = self.0.unwrap_or((row, first, row, last));
        self.0 = Some((top.min(row), left.min(first), bottom.max(row), right.max(last)));
    }

    fn cells(&self) -> u64 {
        self.0.map_or(0, |(top, left, bottom, right)| {
            (u64::from(bottom - top) + 1) * (u64::from(right.saturating_sub(left)) + 1)
        })
    }
}

fn too_many(limits: &Limits) -> ReadError {
    ReadError::TooLarge {
        what: "cells as .xls",
        limit: limits.xls_cells,
    }
}

fn word(data: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes([*data.get(at)?, *data.get(at + 1)?]))
}

/// A stream's records, one after the other.
struct Records<'b>(&'b [u8]);

impl<'b> Iterator for Records<'b> {
    type Item = Result<(u16, &'b [u8]), ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let kind = word(self.0, 0)?;
        let length = usize::from(word(self.0, 2)?);
        let rest = &self.0[4..];
        if rest.len() < length {
            self.0 = &[];
            return Some(Err(ReadError::damaged("a record is cut short")));
        }
        let (data, rest) = rest.split_at(length);
        self.0 = rest;
        Some(Ok((kind, data)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u16, data: &[u8]) -> Vec<u8> {
        let mut bytes = kind.to_le_bytes().to_vec();
        bytes.extend((data.len() as u16).to_le_bytes());
        bytes.extend(data);
        bytes
    }

    fn number(row: u16, column: u16) -> Vec<u8> {
        let mut data = [row.to_le_bytes(), column.to_le_bytes()].concat();
        data.extend([0; 10]);
        record(0x0203, &data)
    }

    #[test]
    fn two_far_cells_span_all_that_lies_between() {
        let sheet = [number(0, 0), number(9, 4), record(END, &[])].concat();
        assert_eq!(rectangle(&sheet, &Limits::default()).unwrap(), 50);
        let sheet = [number(0, 0), number(65_535, 255)].concat();
        assert_eq!(rectangle(&sheet, &Limits::default()).unwrap(), 65_536 * 256);
    }

    #[test]
    fn an_announced_size_is_believed_for_the_worse() {
        let size = |first: u32, behind: u32, columns: u16| {
            let mut data = [first.to_le_bytes(), behind.to_le_bytes()].concat();
            data.extend([0, 0]);
            data.extend(columns.to_le_bytes());
            data.extend([0, 0]);
            record(DIMENSIONS, &data)
        };
        let limits = Limits::default();
        rectangle(&size(0, 100, 15), &limits).unwrap();
        rectangle(&size(0, 0, 0), &limits).unwrap();
        for sheet in [
            size(0, 65_536, 256),
            size(5, 4, 1),
            size(0, u32::MAX, 1),
            record(DIMENSIONS, &[0; 3]),
        ] {
            assert!(matches!(
                rectangle(&sheet, &limits),
                Err(ReadError::TooLarge { .. })
            ));
        }
    }

    #[test]
    fn a_locked_or_endless_workbook_is_refused() {
        assert!(matches!(
            globals(&record(FILE_PASS, &[1, 0])),
            Err(ReadError::Encrypted)
        ));
        let strings = [
            record(STRINGS, &[0; 8000]),
            record(CONTINUE, &[0; 8000]).repeat(1600),
        ]
        .concat();
        assert!(matches!(globals(&strings), Err(ReadError::TooLarge { .. })));
        assert!(matches!(
            globals(&[0xfc, 0, 9, 0, 1]),
            Err(ReadError::Damaged { .. })
        ));
        let sheets = record(BOUND_SHEET, &[0; 8]).repeat(SHEETS + 1);
        assert!(matches!(globals(&sheets), Err(ReadError::TooLarge { .. })));
    }
}
