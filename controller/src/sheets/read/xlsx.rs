//! `.xlsx` and `.xlsm`, streamed by calamine's cell reader: memory for the shared strings and one row. Macros are never
//! looked at. The package was looked over before; what still trips calamine ends as a damaged file, not as a panic.

use std::io::{Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, ExcelDateTime, Reader as _, SheetType, SheetVisible, Xlsx, XlsxError};

use super::error::ReadError;
use super::gather::{Gather, Value};
use super::header::Origin;
use super::package::{Package, broken};
use super::{Kind, Source};
use crate::sheets::column::letters;

pub(super) fn read(source: Source<'_>, gather: &mut Gather<'_>) -> Result<(), ReadError> {
    let mut package = Package::open(source)?;
    package.look_over(gather.limits)?;
    let mut book = guarded(|| Xlsx::new(package.into_source()).map_err(failed))?;
    let sheets = visible(book.sheets_metadata());
    for (at, sheet) in sheets.iter().enumerate() {
        gather.begin_sheet(origin(Kind::Xlsx, &sheets, at));
        read_sheet(&mut book, sheet, gather)?;
        gather.end_sheet()?;
        if gather.is_over() {
            break;
        }
    }
    Ok(())
}

/// The sheets that a person sees and that have cells.
pub(super) fn visible(sheets: &[calamine::Sheet]) -> Vec<String> {
    sheets
        .iter()
        .filter(|sheet| sheet.visible == SheetVisible::Visible && sheet.typ == SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .collect()
}

pub(super) fn origin(kind: Kind, sheets: &[String], at: usize) -> Origin {
    Origin {
        kind,
        sheet: Some(sheets[at].clone()),
        others: sheets
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != at)
            .map(|(_, name)| name.clone())
            .collect(),
        encoding: None,
        delimiter: None,
    }
}

fn read_sheet<RS: Read + Seek>(
    book: &mut Xlsx<RS>,
    sheet: &str,
    gather: &mut Gather<'_>,
) -> Result<(), ReadError> {
    let mut cells = match guarded(|| Ok(book.worksheet_cells_reader(sheet)))? {
        Ok(cells) => cells,
        // A chart or a dialogue in a sheet's place.
        Err(XlsxError::NotAWorksheet(_)) => return Ok(()),
        Err(error) => return Err(failed(error)),
    };
    let mut last = (0, 0);
    loop {
        let next = guarded(|| {
            cells
                .next_cell_with_formula_metadata()
                .map_err(|error| failed_behind(error, last))
        })?;
        let Some(cell) = next else {
            return Ok(());
        };
        last = cell.pos;
        let (line, place) = (cell.pos.0.saturating_add(1), cell.pos.1);
        let date;
        let value = match &cell.value {
            DataRef::Empty if cell.formula.is_some() => Value::NotCalculated,
            DataRef::Empty => Value::Blank,
            DataRef::String(text) => Value::Text(text),
            DataRef::SharedString(text) => Value::Text(text),
            DataRef::Float(number) => Value::Number(*number),
            DataRef::Int(number) => Value::Number(*number as f64),
            DataRef::Bool(truth) => Value::Truth(*truth),
            DataRef::DateTime(moment) => {
                date = date_text(*moment);
                Value::Date(&date)
            }
            DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Value::Date(text),
            DataRef::Error(error) => {
                date = error.to_string();
                Value::Error(&date)
            }
        };
        if gather.cell(line, place, value)?.is_break() {
            return Ok(());
        }
    }
}

/// A date as people write it in reports.
pub(super) fn date_text(moment: ExcelDateTime) -> String {
    if moment.is_duration() {
        return format!("{} days", moment.as_f64());
    }
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    if (hour, minute, second) == (0, 0, 0) {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
    }
}

/// Runs one of calamine's calls. It counts with numbers from the file without looking, and a panic of that is no reason
/// to take more down than this file.
pub(super) fn guarded<T>(call: impl FnOnce() -> Result<T, ReadError>) -> Result<T, ReadError> {
    catch_unwind(AssertUnwindSafe(call))
        .unwrap_or_else(|_| Err(ReadError::damaged("a number in it is out of all bounds")))
}

fn failed_behind(error: XlsxError, (row, column): (u32, u32)) -> ReadError {
    match error {
        XlsxError::Io(_) | XlsxError::Zip(_) | XlsxError::Password => failed(error),
        error => ReadError::damaged(format!(
            "{error}, behind cell {}{}",
            letters(column),
            row.saturating_add(1)
        )),
    }
}

fn failed(error: XlsxError) -> ReadError {
    match error {
        XlsxError::Io(error) => ReadError::io(error),
        XlsxError::Zip(error) => broken(error),
        XlsxError::Password => ReadError::Encrypted,
        error => ReadError::damaged(error),
    }
}
