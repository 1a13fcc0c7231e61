//! Text files: `.csv`, `.tsv`. Streamed; memory for one row. The encoding is told by a byte order mark, by the caller,
//! or by being valid UTF-8 throughout, else asked for; the delimiter is told or found in the header row.

use std::io::{Read, Seek, SeekFrom};

use csv::{ReaderBuilder, StringRecord, Terminator};
use memchr::memchr_iter;

use super::bounded::Bounded;
use super::encoding::{Decoded, Delimiter, Encoding};
use super::error::ReadError;
use super::gather::{Gather, Value};
use super::header::Origin;
use super::{Kind, ReadOptions, Source, question};
use crate::sheets::column::Column;
use crate::sheets::guard;

/// Bytes in which the header row must lie.
const HEAD: u64 = 256 << 10;
/// Bytes of one row. A quote that is never closed makes the rest of the file one row.
pub(super) const ROW_BYTES: u64 = 4 << 20;
/// Stands between the cells of a file that has one column only.
const NO_DELIMITER: u8 = 0x1f;
/// A row of its own behind the last one. It comes out as a row only where every quote was closed.
const END_OF_LINES: &[u8] = b"\n\x03\n";
const END_OF_RETURNS: &[u8] = b"\r\x03\r";
const END: &str = "\x03";

pub(super) fn read(
    mut source: Source<'_>,
    options: &ReadOptions,
    gather: &mut Gather<'_>,
) -> Result<(), ReadError> {
    let (encoding, start) = encoding(&mut source, options)?;
    source.seek(SeekFrom::Start(start)).map_err(ReadError::io)?;
    let layout = Layout::of(&head(&mut source, encoding)?, options.delimiter)?;
    source.seek(SeekFrom::Start(start)).map_err(ReadError::io)?;
    gather.begin_sheet(Origin {
        kind: Kind::Csv,
        sheet: None,
        others: Vec::new(),
        encoding: Some(encoding),
        delimiter: layout.delimiter,
    });
    rows(source, encoding, &layout, gather)?;
    gather.end_sheet()
}

fn rows(
    source: Source<'_>,
    encoding: Encoding,
    layout: &Layout,
    gather: &mut Gather<'_>,
) -> Result<(), ReadError> {
    let tail = if layout.newline == b'\r' {
        END_OF_RETURNS
    } else {
        END_OF_LINES
    };
    let whole = gather.limits.unpacked_bytes;
    let text = Bounded::new(
        Decoded::new(source, encoding, tail),
        "bytes in one row",
        ROW_BYTES,
        whole,
    );
    let mut reader = layout.builder().from_reader(text);
    let mut record = StringRecord::new();
    let mut line = 0_u32;
    let mut inside = 0;
    let mut ended = false;
    while reader.read_record(&mut record).map_err(failed)? {
        reader.get_mut().pause();
        // As spreadsheet programs count: line breaks inside cells do not. The reader has come to the line behind the row.
        inside += breaks_inside(&record);
        let counted = reader.position().line().saturating_sub(1 + inside);
        line = u32::try_from(counted).unwrap_or(u32::MAX).max(line + 1);
        if record.len() == 1 && &record[0] == END {
            ended = true;
            continue;
        }
        if line == 1 && layout.names_delimiter {
            continue;
        }
        let last = record.len().saturating_sub(1);
        for (place, cell) in record.iter().enumerate() {
            // Lines end with "\r\n" or "\n"; the reader is told of the latter alone, so that it counts them right.
            let cell = if place == last {
                cell.strip_suffix('\r').unwrap_or(cell)
            } else {
                cell
            };
            let value = if cell.is_empty() {
                Value::Blank
            } else {
                Value::Text(guard::take_off(cell))
            };
            if gather.cell(line, place as u32, value)?.is_break() {
                return Ok(());
            }
        }
    }
    if ended {
        Ok(())
    } else {
        Err(ReadError::damaged(format!(
            "a quote is never closed, in row {line} or above"
        )))
    }
}

/// Line breaks inside the cells of one row.
fn breaks_inside(record: &StringRecord) -> u64 {
    memchr_iter(b'\n', record.as_byte_record().as_slice()).count() as u64
}

/// Told by the file itself, or by the caller, or plain to see, in that order; with the bytes to skip.
fn encoding(source: &mut Source<'_>, options: &ReadOptions) -> Result<(Encoding, u64), ReadError> {
    let mut mark = Vec::with_capacity(4);
    source.take(4).read_to_end(&mut mark).map_err(ReadError::io)?;
    source.rewind().map_err(ReadError::io)?;
    if let Some(told) = Encoding::by_mark(&mark) {
        return Ok(told);
    }
    if let Some(told) = options.encoding {
        return Ok((told, 0));
    }
    let checked = std::io::copy(
        &mut Decoded::new(&mut *source, Encoding::Utf8, b""),
        &mut std::io::sink(),
    );
    match checked.map_err(ReadError::io) {
        Ok(_) => Ok((Encoding::Utf8, 0)),
        Err(ReadError::WrongEncoding { .. }) => Err(question::which_encoding(source, options)?),
        Err(error) => Err(error),
    }
}

pub(super) fn head(source: &mut Source<'_>, encoding: Encoding) -> Result<String, ReadError> {
    let mut bytes = Vec::new();
    source.take(HEAD).read_to_end(&mut bytes).map_err(ReadError::io)?;
    let (text, _) = encoding.table().decode_without_bom_handling(&bytes);
    Ok(text.into_owned())
}

/// How the rows of a text file are laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    /// None where there is one column only.
    pub(super) delimiter: Option<Delimiter>,
    /// Whether the first line is `sep=;`, which Excel writes and reads.
    names_delimiter: bool,
    newline: u8,
}

impl Layout {
    pub(super) fn of(head: &str, told: Option<Delimiter>) -> Result<Self, ReadError> {
        let newline = if head.contains('\r') && !head.contains('\n') {
            b'\r'
        } else {
            b'\n'
        };
        let named = head
            .lines()
            .next()
            .and_then(|line| line.trim_matches('"').strip_prefix("sep="))
            .map(|rest| {
                Delimiter::ALL
                    .into_iter()
                    .find(|delimiter| rest.as_bytes() == [delimiter.byte()])
            });
        let mut layout = Self {
            delimiter: told.or(named.flatten()),
            names_delimiter: named.is_some(),
            newline,
        };
        if layout.delimiter.is_none() {
            layout.delimiter = layout.find(head)?;
        }
        Ok(layout)
    }

    pub(super) fn builder(&self) -> ReaderBuilder {
        let mut builder = ReaderBuilder::new();
        builder
            .has_headers(false)
            .flexible(true)
            .terminator(Terminator::Any(self.newline))
            .delimiter(self.delimiter.map_or(NO_DELIMITER, Delimiter::byte));
        builder
    }

    /// The delimiter by which the first row gives most known columns.
    fn find(&self, head: &str) -> Result<Option<Delimiter>, ReadError> {
        let mut most = 1;
        let mut candidates: Vec<Delimiter> = Vec::new();
        for delimiter in Delimiter::ALL {
            let tried = Self {
                delimiter: Some(delimiter),
                ..self.clone()
            };
            let (cells, known) = tried.first_row(head);
            if cells < 2 || known < most {
                continue;
            }
            if known > most {
                candidates.clear();
                most = known;
            }
            candidates.push(delimiter);
        }
        match candidates.as_slice() {
            [] => Ok(None),
            [delimiter] => Ok(Some(*delimiter)),
            _ => Err(ReadError::WhichDelimiter { candidates }),
        }
    }

    /// How many cells the first row that is not blank has, and how many of them name a column.
    fn first_row(&self, head: &str) -> (usize, usize) {
        let mut reader = self.builder().from_reader(head.as_bytes());
        let rows = reader
            .records()
            .map_while(Result::ok)
            .skip(usize::from(self.names_delimiter));
        let first = rows
            .into_iter()
            .find(|row| row.iter().any(|cell| !cell.trim().is_empty()));
        first.map_or((0, 0), |row| {
            let known = row
                .iter()
                .filter(|cell| Column::from_header(cell).is_some())
                .count();
            (row.len(), known)
        })
    }
}

fn failed(error: csv::Error) -> ReadError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => ReadError::io(error),
        kind => ReadError::damaged(format!("{kind:?}")),
    }
}
