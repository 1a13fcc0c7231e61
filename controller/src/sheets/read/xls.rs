//! `.xls`, which calamine loads whole; it was looked over before, so that what is loaded is bounded. What still trips
//! calamine ends as a damaged file, not as a panic.

use std::io::Seek;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Data, Reader as _, SheetType, SheetVisible, Xls, XlsError};

use super::biff;
use super::error::ReadError;
use super::gather::{Flow, Gather, Value};
use super::header::Origin;
use super::moment::date_text;
use super::{Kind, Source};

pub(super) fn read(mut source: Source<'_>, gather: &mut Gather<'_>) -> Result<(), ReadError> {
    guarded(|| biff::look_over(&mut source, gather.limits))?;
    source.rewind().map_err(ReadError::io)?;
    let mut book = guarded(|| Xls::new(source).map_err(failed))?;
    let sheets = visible(book.sheets_metadata());
    for (at, sheet) in sheets.iter().enumerate() {
        gather.begin_sheet(Origin::among(Kind::Xls, &sheets, at));
        let cells = guarded(|| book.worksheet_range(sheet).map_err(failed))?;
        let (top, left) = cells.start().unwrap_or_default();
        'rows: for (line, row) in (top + 1..).zip(cells.rows()) {
            for (place, cell) in (left..).zip(row) {
                if take(gather, line, place, cell)?.is_break() {
                    break 'rows;
                }
            }
        }
        gather.end_sheet()?;
        if gather.is_over() {
            break;
        }
    }
    Ok(())
}

/// The sheets that a person sees and that have cells.
fn visible(sheets: &[calamine::Sheet]) -> Vec<String> {
    sheets
        .iter()
        .filter(|sheet| sheet.visible == SheetVisible::Visible && sheet.typ == SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .collect()
}

/// Runs one of calamine's calls. It counts with numbers from the file without looking, and a panic of that is no reason
/// to take more down than this file.
fn guarded<T>(call: impl FnOnce() -> Result<T, ReadError>) -> Result<T, ReadError> {
    catch_unwind(AssertUnwindSafe(call))
        .unwrap_or_else(|_| Err(ReadError::damaged("a number in it is out of all bounds")))
}

fn take(gather: &mut Gather<'_>, line: u32, place: u32, cell: &Data) -> Flow {
    let told;
    let value = match cell {
        Data::Empty => Value::Blank,
        Data::String(text) => Value::Text(text),
        Data::Float(number) => Value::Number(*number),
        Data::Int(number) => Value::Number(*number as f64),
        Data::Bool(truth) => Value::Truth(*truth),
        Data::DateTime(moment) => {
            told = date_text(*moment);
            Value::Date(&told)
        }
        Data::DateTimeIso(text) | Data::DurationIso(text) => Value::Date(text),
        Data::Error(error) => {
            told = error.to_string();
            Value::Error(&told)
        }
    };
    gather.cell(line, place, value)
}

fn failed(error: XlsError) -> ReadError {
    match error {
        XlsError::Io(error) => ReadError::io(error),
        XlsError::Password => ReadError::Encrypted,
        error => ReadError::damaged(error),
    }
}
