//! `.xlsx`, by rust_xlsxwriter. Rows go to a temporary file of that library as they come; with passwords among them that
//! file lies in a folder that is memory, or else the whole sheet stays in the process's memory.

use std::io::Write;

use rust_xlsxwriter::{Format, FormatAlign, Workbook, Worksheet, XlsxError};

use super::scratch::memory_folder;
use super::{OutCell, OutRow, Scratch, WriteError, WriteOptions, guide};
use crate::sheets::column::Column;

/// Characters (UTF-16 units) of a cell.
const CELL_CHARS: usize = 32_767;
/// A number cell keeps fifteen digits; longer ones go out as text.
const DIGITS: u64 = 999_999_999_999_999;

const SHEET: &str = "accounts";

pub(super) struct Writer<W> {
    out: W,
    book: Workbook,
    columns: u16,
    scratch: Scratch,
}

impl<W: Write + Send> Writer<W> {
    pub(super) fn begin(out: W, options: &WriteOptions) -> Result<Self, WriteError> {
        let mut book = Workbook::new();
        let scratch = if options.secrets {
            memory_folder().map_or(Scratch::Memory, Scratch::MemoryFolder)
        } else {
            Scratch::Disk
        };
        if let Scratch::MemoryFolder(folder) = &scratch {
            book.set_tempdir(folder).map_err(failed(1))?;
        }
        let sheet = if scratch == Scratch::Memory {
            book.add_worksheet()
        } else {
            book.add_worksheet_with_constant_memory().map_err(failed(1))?
        };
        let columns = options.columns.len() as u16;
        lay_out(sheet, &options.columns).map_err(failed(1))?;
        explain(book.add_worksheet(), options).map_err(failed(1))?;
        Ok(Self {
            out,
            book,
            columns,
            scratch,
        })
    }

    pub(super) fn row(&mut self, line: u32, columns: &[Column], row: &OutRow<'_>) -> Result<(), WriteError> {
        let sheet = self.book.worksheet_from_index(0).map_err(failed(line))?;
        for (place, column) in (0_u16..).zip(columns) {
            let written = match row.cell(*column) {
                OutCell::Empty | OutCell::Text("") => continue,
                OutCell::Text(text)
                    if text.len() > CELL_CHARS && text.encode_utf16().count() > CELL_CHARS =>
                {
                    return Err(WriteError::TooLong {
                        line,
                        column: *column,
                        limit: CELL_CHARS,
                    });
                }
                OutCell::Text(text) => sheet.write_string(line - 1, place, text),
                OutCell::Whole(number) if number.unsigned_abs() > DIGITS => {
                    sheet.write_string(line - 1, place, number.to_string())
                }
                OutCell::Whole(number) => sheet.write_number(line - 1, place, number as f64),
            };
            written.map_err(failed(line))?;
        }
        Ok(())
    }

    /// `line` is the last one written.
    pub(super) fn finish(mut self, line: u32) -> Result<W, WriteError> {
        if self.columns > 0 {
            let sheet = self.book.worksheet_from_index(0).map_err(failed(line))?;
            sheet
                .autofilter(0, 0, line - 1, self.columns - 1)
                .map_err(failed(line))?;
        }
        self.book.save_to_writer(&mut self.out).map_err(failed(line))?;
        Ok(self.out)
    }

    pub(super) fn scratch(&self) -> &Scratch {
        &self.scratch
    }
}

/// Names, widths and formats; what is typed into a text column later stays text, leading zeros and all.
fn lay_out(sheet: &mut Worksheet, columns: &[Column]) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    let text = Format::new().set_num_format("@");
    sheet.set_name(SHEET)?;
    sheet.set_freeze_panes(1, 0)?;
    for (place, column) in (0_u16..).zip(columns) {
        sheet.set_column_width(place, width(*column))?;
        if !is_number(*column) {
            sheet.set_column_format(place, &text)?;
        }
    }
    for (place, column) in (0_u16..).zip(columns) {
        sheet.write_string_with_format(0, place, column.name(), &bold)?;
    }
    Ok(())
}

fn explain(sheet: &mut Worksheet, options: &WriteOptions) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    let words = guide::words(options.language);
    sheet.set_name(words.sheet)?;
    sheet.set_freeze_panes(1, 0)?;
    for (place, (name, width)) in (0_u16..).zip(words.head.into_iter().zip([16, 60, 60])) {
        sheet.set_column_width(place, width)?;
        sheet.write_string_with_format(0, place, name, &bold)?;
    }
    for (line, column) in (1_u32..).zip(&options.columns) {
        let [meaning, values] = guide::explained(*column, options.language);
        for (place, text) in (0_u16..).zip([column.name(), meaning, values]) {
            sheet.write_string_with_format(line, place, text, &wrapped)?;
        }
    }
    Ok(())
}

const fn is_number(column: Column) -> bool {
    matches!(
        column,
        Column::Id
            | Column::DeviceIndex
            | Column::Logined
            | Column::Status
            | Column::Followers
            | Column::Following
            | Column::Hearts
            | Column::Videos
            | Column::Friends
    )
}

const fn width(column: Column) -> u32 {
    match column {
        Column::Email | Column::Tags => 30,
        Column::Pwd | Column::Username | Column::Device | Column::Nickname | Column::PackageName => 22,
        Column::Country | Column::Platform => 14,
        _ => 12,
    }
}

fn failed(line: u32) -> impl FnOnce(XlsxError) -> WriteError {
    move |error| match error {
        XlsxError::IoError(error) => WriteError::Io(error),
        error => WriteError::Workbook {
            line,
            what: error.to_string(),
        },
    }
}
