//! Sheets from the outside: what is written comes back, and what spreadsheet programs write is taken to the letter.

use std::io::{Cursor, Write as _};
use std::ops::ControlFlow;

use zip::write::SimpleFileOptions;

use super::*;

mod csv;
mod ods;
mod round_trip;
mod xlsx;

/// A row as tests compare it: its line, and the cells of the columns that the sheet has.
type Plain = (u32, Vec<(Column, Option<String>)>);

/// All that a reading brought up.
#[derive(Debug)]
struct Taken {
    done: Done,
    rows: Vec<Plain>,
    flaws: Vec<String>,
}

impl Taken {
    fn column(&self, column: Column) -> Vec<Option<&str>> {
        let cell = |row: &Plain| -> Option<usize> { row.1.iter().position(|(own, _)| *own == column) };
        self.rows
            .iter()
            .map(|row| cell(row).and_then(|at| row.1[at].1.as_deref()))
            .collect()
    }
}

fn take_with(bytes: &[u8], options: &ReadOptions) -> Result<Taken, ReadError> {
    let mut rows = Vec::new();
    let mut flaws = Vec::new();
    let mut columns = Vec::new();
    let done = read(Cursor::new(bytes), options, |item| {
        match item {
            Item::Header(header) => columns = header.columns.iter().map(|(column, _)| *column).collect(),
            Item::Row(row) => {
                let cells = columns
                    .iter()
                    .map(|column| (*column, row.cell(*column).text().map(str::to_owned)));
                rows.push((row.line(), cells.collect()));
                flaws.extend(row.flaws().iter().map(ToString::to_string));
            }
        }
        ControlFlow::Continue(())
    })?;
    Ok(Taken { done, rows, flaws })
}

fn take(bytes: &[u8]) -> Result<Taken, ReadError> {
    take_with(bytes, &ReadOptions::default())
}

fn zip_of(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}
