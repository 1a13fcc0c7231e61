//! The question about a text file that is not UTF-8: which encodings it could have, and how a cell of it would read in
//! each. A sample is never taken from a secret or an unknown column.

use std::fmt;
use std::io::Seek;

use csv::ByteRecord;

use super::bounded::Bounded;
use super::csv::{Layout, ROW_BYTES, head};
use super::encoding::Encoding;
use super::error::ReadError;
use super::{ReadOptions, Source};
use crate::sheets::column::Column;

/// Letters of a sample.
const LETTERS: usize = 40;
/// Rows in which a sample is looked for.
const ROWS: usize = 200_000;

/// One choice, and how a cell of the file reads with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodingSample {
    pub encoding: Encoding,
    /// Missing where only secrets would show the difference.
    pub sample: Option<String>,
}

impl fmt::Display for EncodingSample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.encoding)?;
        if let Some(sample) = &self.sample {
            write!(f, " (\"{sample}\")")?;
        }
        Ok(())
    }
}

/// Builds the question; the source is somewhere in the file.
pub(super) fn which_encoding(source: &mut Source<'_>, options: &ReadOptions) -> Result<ReadError, ReadError> {
    let mut sample = None;
    for encoding in Encoding::ASKED {
        source.rewind().map_err(ReadError::io)?;
        let head = head(source, encoding)?;
        source.rewind().map_err(ReadError::io)?;
        // A header that is not understood in this encoding may be in the other one.
        if let Ok(layout) = Layout::of(&head, options.delimiter) {
            sample = find_sample(source, &layout, encoding);
        }
        if sample.is_some() {
            break;
        }
    }
    let samples = Encoding::ASKED.map(|encoding| EncodingSample {
        encoding,
        sample: sample.as_ref().map(|bytes| shown(bytes, encoding)),
    });
    Ok(ReadError::WhichEncoding {
        samples: samples.to_vec(),
    })
}

/// The first cell with a letter beyond ASCII, in the header or in a column that is no secret.
fn find_sample(source: &mut Source<'_>, layout: &Layout, encoding: Encoding) -> Option<Vec<u8>> {
    let mut reader =
        layout
            .builder()
            .from_reader(Bounded::new(source, "bytes in one row", ROW_BYTES, u64::MAX));
    let mut record = ByteRecord::new();
    let mut columns: Option<Vec<Option<Column>>> = None;
    for _ in 0..ROWS {
        if !reader.read_byte_record(&mut record).ok()? {
            return None;
        }
        reader.get_mut().pause();
        let known = columns.get_or_insert_with(|| {
            let name =
                |cell: &[u8]| Column::from_header(&encoding.table().decode_without_bom_handling(cell).0);
            record.iter().map(name).collect()
        });
        if !known.contains(&Some(Column::Username)) {
            // Not the header yet (`sep=;`, a blank row), or no header at all.
            columns = None;
            continue;
        }
        let telling = |(cell, column): (&[u8], &Option<Column>)| {
            let open = column.is_some_and(|column| !column.is_secret());
            (open && !cell.is_ascii()).then(|| cell.to_vec())
        };
        if let Some(cell) = record.iter().zip(known.iter()).find_map(telling) {
            return Some(cell);
        }
    }
    None
}

fn shown(bytes: &[u8], encoding: Encoding) -> String {
    let (text, _) = encoding.table().decode_without_bom_handling(bytes);
    text.chars()
        .filter(|letter| !letter.is_control())
        .take(LETTERS)
        .collect()
}
