//! What is written comes back to the letter, in every format.

use std::sync::{Arc, Mutex};

use proptest::prelude::*;

use super::*;

/// What a cell may hold in tests.
#[derive(Debug, Clone, PartialEq)]
enum Held {
    Empty,
    Text(String),
    Whole(i64),
}

/// Letters that have led some program astray, and any others.
fn text(controls: bool) -> impl Strategy<Value = String> {
    let odd = prop::sample::select(vec![
        "=cmd|' /C calc'!A0",
        "+46",
        "-1",
        "@name",
        "'",
        "''=x",
        "'=",
        "\"",
        "\"\"",
        ";",
        ",",
        "\t",
        "\n",
        "a\nb",
        "\n\n",
        " ",
        "  ",
        "001234",
        "1e21",
        "TRUE",
        "#N/A",
        "2024-01-01",
        "a:b:JBSWY3DPEHPK3PXP",
        "é",
        "åäö",
        "密码",
        "שלום",
        "مرحبا",
        "\u{202e}rtl",
        "👩‍👩‍👧",
        "\u{a0}",
        "\u{2028}",
        "<b>&amp;</b>",
        "_x000D_",
        "_x005F_",
        "]]>",
        "\u{feff}",
        "0",
        "12345678901234567890",
        "$",
        "%",
        "\\",
        "x\u{301}",
        "\u{85}",
        "'\t",
    ]);
    let control = prop::sample::select(if controls {
        vec!["\r", "\r\n", "\u{1}", "\u{1f}", "\u{b}"]
    } else {
        vec!["x"]
    });
    let any = any::<String>().prop_map(move |text| {
        text.chars()
            .filter(|letter| controls || !letter.is_control())
            .filter(|letter| *letter != '\0')
            .collect::<String>()
    });
    let piece = prop_oneof![4 => odd.prop_map(str::to_owned), 1 => control.prop_map(str::to_owned), 2 => any];
    prop::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

fn cell(controls: bool) -> impl Strategy<Value = Held> {
    prop_oneof![
        1 => Just(Held::Empty),
        4 => text(controls).prop_map(|text| if text.is_empty() { Held::Empty } else { Held::Text(text) }),
        1 => any::<i64>().prop_map(Held::Whole),
        1 => (0..1_000_000_i64).prop_map(Held::Whole),
    ]
}

fn rows(controls: bool) -> impl Strategy<Value = Vec<Vec<Held>>> {
    let row = prop::collection::vec(cell(controls), Column::COUNT).prop_map(|mut row| {
        // A row of blanks alone is none.
        row[Column::Username.index()] = Held::Text("user".to_owned());
        row
    });
    prop::collection::vec(row, 0..8)
}

fn written(rows: &[Vec<Held>], format: Format, secrets: bool) -> Vec<u8> {
    let options = WriteOptions {
        format,
        columns: Column::ALL.to_vec(),
        language: Language::Fr,
        secrets,
    };
    let mut writer = SheetWriter::begin(Vec::new(), &options).unwrap();
    for row in rows {
        let mut out = OutRow::default();
        for (column, held) in Column::ALL.into_iter().zip(row) {
            out.set(
                column,
                match held {
                    Held::Empty => OutCell::Empty,
                    Held::Text(text) => OutCell::Text(text),
                    Held::Whole(number) => OutCell::Whole(*number),
                },
            );
        }
        writer.row(&out).unwrap();
    }
    writer.finish().unwrap()
}

fn comes_back(rows: &[Vec<Held>], format: Format, secrets: bool) {
    let taken = take(&written(rows, format, secrets)).unwrap();
    assert_eq!(taken.done.header.columns.len(), Column::COUNT);
    assert_eq!(taken.done.header.notices, []);
    assert_eq!(taken.rows.len(), rows.len());
    for ((line, cells), (at, row)) in taken.rows.iter().zip((2..).zip(rows)) {
        assert_eq!(*line, at);
        for ((column, cell), held) in cells.iter().zip(row) {
            let expected = match held {
                Held::Empty => None,
                Held::Text(text) => Some(text.clone()),
                Held::Whole(number) => Some(number.to_string()),
            };
            assert_eq!(cell, &expected, "{column} as {format:?}");
        }
    }
    assert_eq!(taken.flaws, [] as [&str; 0]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn rows_come_back_through_xlsx(rows in rows(true), secrets: bool) {
        comes_back(&rows, Format::Xlsx, secrets);
    }

    #[test]
    fn rows_come_back_through_csv(rows in rows(true), at in 0..3_usize) {
        comes_back(&rows, Format::Csv { delimiter: Delimiter::ALL[at] }, false);
    }

    #[test]
    fn rows_come_back_through_ods(rows in rows(false)) {
        comes_back(&rows, Format::Ods, false);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), start in 0..5_usize) {
        let starts: [&[u8]; 5] = [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"username;pwd\n", b"\xff\xfe"];
        let _ = take(&[starts[start], &bytes].concat());
    }

    #[test]
    fn damage_to_a_workbook_is_an_error_or_other_rows(at in any::<prop::sample::Index>(), byte: u8, format in 0..2_usize) {
        let rows = vec![vec![Held::Text("x".to_owned()); Column::COUNT]; 3];
        let mut bytes = written(&rows, [Format::Xlsx, Format::Ods][format], false);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = take(&bytes);
        let _ = take(&bytes[..at]);
    }
}

#[test]
fn an_empty_export_is_a_header_that_can_be_filled_in() {
    for format in [
        Format::Xlsx,
        Format::Ods,
        Format::Csv {
            delimiter: Delimiter::Semicolon,
        },
    ] {
        let taken = take(&written(&[], format, false)).unwrap();
        assert_eq!(taken.done.header.columns.len(), Column::COUNT);
        assert_eq!(taken.done.rows, 0);
    }
}

#[test]
fn what_a_format_cannot_hold_is_told_by_its_cell() {
    let mut row = OutRow::default();
    row.set(Column::Pwd, OutCell::Text("a\u{1}b"));
    let options = |format| WriteOptions {
        format,
        columns: vec![Column::Username, Column::Pwd],
        language: Language::En,
        secrets: false,
    };
    let mut ods = SheetWriter::begin(Vec::new(), &options(Format::Ods)).unwrap();
    let error = ods.row(&row).unwrap_err().to_string();
    assert!(
        error.starts_with("row 2, column pwd: a control character"),
        "{error}"
    );
    let long = "😀".repeat(16_384);
    row.set(Column::Pwd, OutCell::Text(&long));
    let mut xlsx = SheetWriter::begin(Vec::new(), &options(Format::Xlsx)).unwrap();
    let error = xlsx.row(&row).unwrap_err().to_string();
    assert!(
        error.starts_with("row 2, column pwd: longer than the 32767 characters"),
        "{error}"
    );
    assert!(!error.contains('😀'));
}

/// A file that is looked at while it is written.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn with_secrets_no_temporary_file_lies_on_a_disk() {
    let options = |secrets| WriteOptions {
        format: Format::Xlsx,
        columns: vec![Column::Username, Column::Pwd],
        language: Language::Zh,
        secrets,
    };
    let plain = SheetWriter::begin(Shared::default(), &options(false)).unwrap();
    assert_eq!(plain.scratch(), Scratch::Disk);
    let secret = SheetWriter::begin(Shared::default(), &options(true)).unwrap();
    assert!(
        matches!(secret.scratch(), Scratch::MemoryFolder(_) | Scratch::Memory),
        "{}",
        secret.scratch()
    );
}
