//! `.csv`: UTF-8 with a byte order mark, so that Excel takes it for what it is, and cells guarded against being run as
//! formulas.

use std::io::Write;

use csv::{QuoteStyle, Terminator, WriterBuilder};

use super::{OutCell, OutRow, WriteError};
use crate::sheets::column::Column;
use crate::sheets::guard;
use crate::sheets::read::Delimiter;

const MARK: &[u8] = b"\xef\xbb\xbf";

pub(super) struct Writer<W: Write> {
    csv: csv::Writer<W>,
}

impl<W: Write> Writer<W> {
    pub(super) fn begin(mut out: W, delimiter: Delimiter, columns: &[Column]) -> Result<Self, WriteError> {
        out.write_all(MARK)?;
        let mut csv = WriterBuilder::new()
            .delimiter(delimiter.byte())
            .terminator(Terminator::CRLF)
            .quote_style(QuoteStyle::Necessary)
            .from_writer(out);
        csv.write_record(columns.iter().map(|column| column.name()))
            .map_err(failed)?;
        Ok(Self { csv })
    }

    pub(super) fn row(&mut self, columns: &[Column], row: &OutRow<'_>) -> Result<(), WriteError> {
        for column in columns {
            let written = match row.cell(*column) {
                OutCell::Empty => self.csv.write_field(""),
                OutCell::Text(text) => self.csv.write_field(guard::put_on(text).as_bytes()),
                OutCell::Whole(number) => self.csv.write_field(number.to_string()),
            };
            written.map_err(failed)?;
        }
        self.csv.write_record(None::<&[u8]>).map_err(failed)
    }

    pub(super) fn finish(self) -> Result<W, WriteError> {
        self.csv
            .into_inner()
            .map_err(|error| WriteError::Io(error.into_error()))
    }
}

fn failed(error: csv::Error) -> WriteError {
    WriteError::Io(error.into())
}
