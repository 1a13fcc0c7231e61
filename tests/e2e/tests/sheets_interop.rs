//! The same rows, saved by the programs that people use, come in as the same rows.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

use std::io::Write as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use controller::sheets::{Encoding, Item, ReadOptions, read_file};
use serde_json::Value;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn rows_text() -> String {
    std::fs::read_to_string(root().join("tests/sheets/rows.json")).unwrap()
}

/// The rows that every program was given, as texts.
fn given() -> Vec<Vec<Option<String>>> {
    let rows: Vec<Vec<Value>> = serde_json::from_str(&rows_text()).unwrap();
    let text = |cell: &Value| match cell {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    rows[1..]
        .iter()
        .map(|row| row.iter().map(text).collect())
        .collect()
}

/// What comes in, in the order of the columns of the file.
fn taken(path: &Path, options: &ReadOptions) -> Vec<Vec<Option<String>>> {
    let mut rows = Vec::new();
    let mut columns = Vec::new();
    let done = read_file(path, options, |item| {
        match item {
            Item::Header(header) => columns = header.columns.iter().map(|(column, _)| *column).collect(),
            Item::Row(row) => {
                assert_eq!(row.flaws(), [], "{}", path.display());
                rows.push(
                    columns
                        .iter()
                        .map(|column| row.cell(*column).text().map(str::to_owned))
                        .collect(),
                );
            }
        }
        ControlFlow::Continue(())
    });
    let done = done.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(done.header.notices, [], "{}", path.display());
    rows
}

/// Cell by cell, so that a failure names the one that differs.
fn same(taken: &[Vec<Option<String>>], given: &[Vec<Option<String>>], program: &str) {
    assert_eq!(taken.len(), given.len(), "{program}");
    for (line, (taken, given)) in (2..).zip(taken.iter().zip(given)) {
        for (place, (taken, given)) in taken.iter().zip(given).enumerate() {
            assert_eq!(taken, given, "{program}, row {line}, column {place}");
        }
    }
}

/// Whether what the test needs may be missing: not where `make test` has installed it.
fn may_be_missing() -> bool {
    std::env::var_os("DROVER_TEST_REQUIRE_PYTHON").is_none()
}

/// Lets a program save the rows; none where the program is not there and need not be.
fn saved(mut command: Command, program: &str, path: &Path) -> Option<()> {
    let started = command
        .arg(program)
        .arg(path)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(_) if may_be_missing() => return None,
        Err(error) => panic!("{program} cannot be started: {error}; tests/prepare.sh installs it"),
    };
    child
        .stdin
        .take()
        .unwrap()
        .write_all(rows_text().as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    if said.contains("Cannot find module") || said.contains("ModuleNotFoundError") {
        assert!(
            may_be_missing(),
            "{program}: {said}; tests/prepare.sh installs it"
        );
        return None;
    }
    assert!(output.status.success(), "{program}: {said}");
    Some(())
}

fn python() -> Command {
    let mut command = Command::new(root().join("target/test-python/bin/python"));
    command.arg(root().join("tests/sheets/save.py"));
    command
}

fn node() -> Command {
    let mut command = Command::new("node");
    command
        .env("NODE_PATH", root().join("target/test-node/node_modules"))
        .arg(root().join("tests/sheets/save.cjs"));
    command
}

fn comes_in_as_given(command: Command, program: &str, file: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(file);
    if saved(command, program, &path).is_some() {
        same(&taken(&path, &ReadOptions::default()), &given(), program);
    }
}

#[test]
fn sheets_of_openpyxl() {
    comes_in_as_given(python(), "openpyxl", "a.xlsx");
    comes_in_as_given(python(), "openpyxl-streaming", "a.xlsx");
}

#[test]
fn sheets_of_pandas() {
    comes_in_as_given(python(), "pandas", "a.xlsx");
}

#[test]
fn text_files_of_python() {
    comes_in_as_given(python(), "python-csv-utf-16", "a.txt");

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    if saved(python(), "pandas-csv", &path).is_some() {
        // pandas turns a column of numbers with gaps into fractions: 1.0.
        same(
            &taken(&path, &ReadOptions::default()),
            &with_fractions(given()),
            "pandas-csv",
        );
    }
    if saved(python(), "pandas-csv-windows-1252", &path).is_some() {
        let asked = read_file(&path, &ReadOptions::default(), |_| ControlFlow::Continue(())).unwrap_err();
        assert!(
            asked
                .to_string()
                .contains("windows-1252 (\"élodie@example.com\")"),
            "{asked}"
        );
        let told = ReadOptions {
            encoding: Some(Encoding::Windows1252),
            ..ReadOptions::default()
        };
        let latin: Vec<_> = given()
            .into_iter()
            .filter(|row| {
                row.iter()
                    .flatten()
                    .all(|cell| cell.chars().all(|letter| letter < '\u{100}'))
            })
            .collect();
        assert!(latin.len() >= 4);
        same(&taken(&path, &told), &with_fractions(latin), "windows-1252");
    }
}

/// Numbers of columns with gaps, as pandas writes them to text.
fn with_fractions(mut rows: Vec<Vec<Option<String>>>) -> Vec<Vec<Option<String>>> {
    let width = rows[0].len();
    for place in 0..width {
        let numbers = rows
            .iter()
            .all(|row| row[place].as_ref().is_none_or(|cell| cell.parse::<i64>().is_ok()));
        let gaps = rows.iter().any(|row| row[place].is_none());
        let text = place >= 15 || [1, 2, 3].contains(&place);
        if numbers && gaps && !text {
            for cell in rows.iter_mut().filter_map(|row| row[place].as_mut()) {
                cell.push_str(".0");
            }
        }
    }
    rows
}

#[test]
fn sheets_of_sheetjs() {
    for (program, file) in [
        ("sheetjs-xlsx", "a.xlsx"),
        ("sheetjs-xlsx-shared", "a.xlsx"),
        ("sheetjs-xlsm", "a.xlsm"),
        ("sheetjs-xls", "a.xls"),
        ("sheetjs-ods", "a.ods"),
        ("sheetjs-csv", "a.csv"),
        ("sheetjs-txt", "a.txt"),
    ] {
        comes_in_as_given(node(), program, file);
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.xlsx");
    if saved(node(), "sheetjs-xlsb", &folder.path().join("a.xlsb")).is_some() {
        std::fs::rename(folder.path().join("a.xlsb"), &path).unwrap();
        let refused = read_file(&path, &ReadOptions::default(), |_| ControlFlow::Continue(())).unwrap_err();
        assert!(refused.to_string().contains("save it as .xlsx"), "{refused}");
    }
}

#[test]
fn sheets_of_exceljs() {
    comes_in_as_given(node(), "exceljs", "a.xlsx");
}

/// What LibreOffice saved once; `tests/sheets/libreoffice.sh` makes the files anew.
#[test]
fn sheets_of_libreoffice() {
    for kind in ["xlsx", "xls", "ods", "csv"] {
        let path = root()
            .join("tests/sheets/libreoffice")
            .join(format!("accounts.{kind}"));
        same(&taken(&path, &ReadOptions::default()), &given(), kind);
    }
}
