//! Reads or writes one sheet in a process of its own, so that what it costs can be measured and limited. Prints one line
//! of JSON: what came out, and the processor time and memory that it took.
//!
//! ```text
//! sheet_probe read FILE [ENCODING]          all rows, or the error
//! sheet_probe count FILE                    rows as typed records, counted
//! sheet_probe count-bare FILE               the same cells by calamine's cell reader alone
//! sheet_probe write FORMAT FILE ROWS        made-up accounts
//! sheet_probe write-bare FILE ROWS          the same cells by rust_xlsxwriter alone
//! sheet_probe rows FILE ROWS                the made-up accounts as JSON, for other programs
//! ```

use std::error::Error;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write as _};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;

use calamine::{Reader as _, Xlsx};
use controller::sheets::{
    Cell, Column, Format, Item, Language, OutCell, OutRow, ReadOptions, SheetRow, SheetWriter, WriteOptions,
    read_file,
};
use farm::accounts_made_up::Account;
use farm::figures::Process;
use serde_json::{Map, Value, json};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut answer = match run(&arguments) {
        Ok(answer) => answer,
        Err(error) => {
            let _ = writeln!(io::stderr(), "sheet_probe: {error}");
            return ExitCode::FAILURE;
        }
    };
    answer.extend(cost());
    if writeln!(io::stdout(), "{}", Value::Object(answer)).is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// What a command found out, by name.
type Answer = Map<String, Value>;

fn answer<const N: usize>(parts: [(&str, Value); N]) -> Answer {
    parts
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn run(arguments: &[&str]) -> Result<Answer, Box<dyn Error>> {
    match arguments {
        ["read", file] => Ok(read(Path::new(file), &ReadOptions::default())),
        ["read", file, encoding] => {
            let options = ReadOptions {
                encoding: Some(encoding.parse()?),
                ..ReadOptions::default()
            };
            Ok(read(Path::new(file), &options))
        }
        ["count", file] => count(Path::new(file)),
        ["count-bare", file] => count_bare(Path::new(file)),
        ["write", format, file, rows] => write(format.parse()?, Path::new(file), rows.parse()?),
        ["write-bare", file, rows] => write_bare(Path::new(file), rows.parse()?),
        ["rows", file, rows] => rows_as_json(Path::new(file), rows.parse()?),
        _ => Err("see the beginning of its source for what it does".into()),
    }
}

fn read(file: &Path, options: &ReadOptions) -> Answer {
    let mut columns = Vec::new();
    let mut rows = Vec::new();
    let mut flaws = Vec::new();
    let done = read_file(file, options, |item| {
        match item {
            Item::Header(header) => {
                columns = header
                    .columns
                    .iter()
                    .map(|(column, _)| *column)
                    .collect::<Vec<_>>();
            }
            Item::Row(row) => {
                rows.push(
                    columns
                        .iter()
                        .map(|column| row.cell(*column).text())
                        .collect::<Value>(),
                );
                flaws.extend(row.flaws().iter().map(ToString::to_string));
            }
        }
        ControlFlow::Continue(())
    });
    let columns: Vec<&str> = columns.iter().map(|column| column.name()).collect();
    match done {
        Ok(_) => answer([
            ("columns", json!(columns)),
            ("rows", json!(rows)),
            ("flaws", json!(flaws)),
        ]),
        Err(error) => answer([("error", json!(error.to_string()))]),
    }
}

/// A row as an importer has it: every cell parsed to what its column holds.
#[derive(Debug, Default)]
struct Record {
    texts: [Option<String>; Column::COUNT],
    numbers: [Option<i64>; Column::COUNT],
}

impl Record {
    fn of(row: &SheetRow) -> Self {
        let mut record = Self::default();
        for column in Column::ALL {
            match row.cell(column) {
                Cell::Number(text) => record.numbers[column.index()] = text.parse().ok(),
                cell => record.texts[column.index()] = cell.text().map(str::to_owned),
            }
        }
        record
    }
}

fn count(file: &Path) -> Result<Answer, Box<dyn Error>> {
    let mut cells = 0_u64;
    let done = read_file(file, &ReadOptions::default(), |item| {
        if let Item::Row(row) = item {
            let record = std::hint::black_box(Record::of(row));
            cells +=
                record.texts.iter().flatten().count() as u64 + record.numbers.iter().flatten().count() as u64;
        }
        ControlFlow::Continue(())
    })?;
    Ok(answer([("rows", json!(done.rows)), ("cells", json!(cells))]))
}

fn count_bare(file: &Path) -> Result<Answer, Box<dyn Error>> {
    let mut book = Xlsx::new(BufReader::new(File::open(file)?))?;
    let name = book.sheet_names().into_iter().next().ok_or("no sheet")?;
    let mut reader = book.worksheet_cells_reader(&name)?;
    let mut cells = 0_u64;
    while let Some(cell) = reader.next_cell()? {
        std::hint::black_box(&cell);
        cells += 1;
    }
    Ok(answer([("cells", json!(cells))]))
}

fn write(format: Format, file: &Path, rows: u32) -> Result<Answer, Box<dyn Error>> {
    let options = WriteOptions {
        format,
        columns: Column::OF_ONE_PLATFORM.to_vec(),
        language: Language::En,
        secrets: true,
    };
    let mut writer = SheetWriter::begin(BufWriter::new(File::create(file)?), &options)?;
    for number in 0..rows {
        let account = Account::of(number);
        let mut row = OutRow::default();
        for (column, cell) in Column::OF_ONE_PLATFORM.into_iter().zip(account.cells()) {
            row.set(column, cell);
        }
        writer.row(&row)?;
    }
    let scratch = writer.scratch().to_string();
    writer.finish()?.flush()?;
    Ok(answer([("rows", json!(rows)), ("scratch", json!(scratch))]))
}

fn write_bare(file: &Path, rows: u32) -> Result<Answer, Box<dyn Error>> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet_with_constant_memory()?;
    for (place, column) in (0_u16..).zip(Column::OF_ONE_PLATFORM) {
        sheet.write_string(0, place, column.name())?;
    }
    for number in 0..rows {
        let account = Account::of(number);
        for (place, cell) in (0_u16..).zip(account.cells()) {
            match cell {
                OutCell::Text(text) => sheet.write_string(number + 1, place, text)?,
                OutCell::Whole(whole) => sheet.write_number(number + 1, place, whole as f64)?,
                OutCell::Empty => continue,
            };
        }
    }
    book.save_to_writer(BufWriter::new(File::create(file)?))?;
    Ok(answer([("rows", json!(rows))]))
}

fn rows_as_json(file: &Path, rows: u32) -> Result<Answer, Box<dyn Error>> {
    let mut out = BufWriter::new(File::create(file)?);
    let names: Vec<&str> = Column::OF_ONE_PLATFORM
        .iter()
        .map(|column| column.name())
        .collect();
    write!(out, "[{}", json!(names))?;
    for number in 0..rows {
        let account = Account::of(number);
        let cells: Vec<Value> = account
            .cells()
            .into_iter()
            .map(|cell| match cell {
                OutCell::Text(text) => json!(text),
                OutCell::Whole(whole) => json!(whole),
                OutCell::Empty => Value::Null,
            })
            .collect();
        write!(out, ",{}", json!(cells))?;
    }
    writeln!(out, "]")?;
    out.flush()?;
    Ok(answer([("rows", json!(rows))]))
}

/// What this process has used so far; empty where the system does not tell.
fn cost() -> Answer {
    let process = Process::own();
    let mut cost = Map::new();
    if let Ok(peak) = process.peak_mb() {
        cost.insert("peak_mb".to_owned(), json!(peak));
    }
    if let Ok(seconds) = process.cpu_seconds() {
        cost.insert("cpu_s".to_owned(), json!(seconds));
    }
    cost
}
