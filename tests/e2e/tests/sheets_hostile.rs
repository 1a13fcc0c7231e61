//! Files that are meant to harm, or that merely are no sheets: each ends in a clear error, quickly and in little memory.
//! Each is read by a process of its own under a limit, so that one that swells fails the test and not the machine.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

use std::io::{Cursor, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// What reading a hostile file may take. Seconds of the processor, so that a busy machine proves nothing wrong.
const SECONDS: f64 = 2.0;
const MEGABYTES: f64 = 100.0;
/// Address space of the process, in kilobytes: far above the limit, far below the machine.
const ADDRESS_SPACE_KB: u64 = 1 << 20;

fn probe(path: &Path) -> Value {
    let output = Command::new("sh")
        .args(["-c", &format!("ulimit -v {ADDRESS_SPACE_KB}; exec \"$@\""), "sh"])
        .arg(farm::binary("sheet_probe"))
        .arg("read")
        .arg(path)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{} ended badly: {output:?}",
        path.display()
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Reads the file and holds the error against what it must say, and the cost against the limits.
fn refused(name: &str, bytes: &[u8], said: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let answer = probe(&path);
    let error = answer["error"]
        .as_str()
        .unwrap_or_else(|| panic!("{name} was read: {answer}"));
    assert!(error.contains(said), "{name}: {error}");
    within_limits(name, &answer);
}

fn within_limits(name: &str, answer: &Value) {
    let (cpu, peak) = (
        answer["cpu_s"].as_f64().unwrap(),
        answer["peak_mb"].as_f64().unwrap(),
    );
    assert!(cpu < SECONDS, "{name} took {cpu} s");
    assert!(peak < MEGABYTES, "{name} took {peak} MB");
}

const RELS: &str = "<Relationships><Relationship Id=\"rId1\" \
    Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" \
    Target=\"xl/workbook.xml\"/></Relationships>";
const BOOK: &str =
    "<workbook xmlns:r=\"r\"><sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>";
const BOOK_RELS: &str = "<Relationships><Relationship Id=\"rId1\" \
    Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" \
    Target=\"worksheets/sheet1.xml\"/></Relationships>";
const HEADER: &str = "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>username</t></is></c></row>";

fn sheet(rows: &str) -> String {
    format!("<worksheet><sheetData>{HEADER}{rows}</sheetData></worksheet>")
}

fn start(zip: &mut ZipWriter<Cursor<Vec<u8>>>, name: &str, bytes: &[u8]) {
    zip.start_file(name, SimpleFileOptions::default()).unwrap();
    zip.write_all(bytes).unwrap();
}

/// A workbook with one sheet, and further parts.
fn workbook(sheet: &[u8], further: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    start(&mut zip, "[Content_Types].xml", b"<Types/>");
    start(&mut zip, "_rels/.rels", RELS.as_bytes());
    start(&mut zip, "xl/workbook.xml", BOOK.as_bytes());
    start(&mut zip, "xl/_rels/workbook.xml.rels", BOOK_RELS.as_bytes());
    start(&mut zip, "xl/worksheets/sheet1.xml", sheet);
    for (name, bytes) in further {
        start(&mut zip, name, bytes);
    }
    zip.finish().unwrap().into_inner()
}

/// Writes another size into a zip's records wherever the true one stands.
fn with_false_size(mut bytes: Vec<u8>, truth: usize, told: u32) -> Vec<u8> {
    let truth = (truth as u32).to_le_bytes();
    let mut changed = 0;
    for at in 0..bytes.len() - 4 {
        if bytes[at..at + 4] == truth {
            bytes[at..at + 4].copy_from_slice(&told.to_le_bytes());
            changed += 1;
        }
    }
    assert!(changed >= 1, "the size stands nowhere");
    bytes
}

#[test]
fn one_far_cell_is_refused_at_once() {
    let far = workbook(
        sheet("<row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>").as_bytes(),
        &[],
    );
    assert!(far.len() < 5_000);
    refused("far.xlsx", &far, "more than 256 columns");
}

#[test]
fn a_sheet_of_16384_columns_is_refused() {
    let cells = "<c t=\"inlineStr\"><is><t>x</t></is></c>".repeat(16_384);
    let wide = format!("<worksheet><sheetData><row r=\"1\">{cells}</row></sheetData></worksheet>");
    refused(
        "wide.xlsx",
        &workbook(wide.as_bytes(), &[]),
        "more than 256 columns",
    );
}

/// A worksheet whose rows are `size` bytes long when unpacked.
fn swollen(piece: &str, size: usize) -> Vec<u8> {
    let mut part = format!("<worksheet><sheetData>{HEADER}").into_bytes();
    part.extend(piece.as_bytes().iter().cycle().take(size - part.len()));
    part
}

#[test]
fn a_bomb_of_one_part_is_refused_whatever_it_announces() {
    let part = swollen("<row>           </row>", 401 << 20);
    let honest = workbook(&part, &[]);
    assert!(honest.len() < part.len() / 100);
    let lying = with_false_size(honest.clone(), part.len(), 4_000);
    refused("bomb.xlsx", &honest, "bytes when unpacked");
    refused("lying.xlsx", &lying, "larger than its declared");
}

#[test]
fn a_sheet_of_endless_cells_or_rows_is_refused() {
    refused(
        "cells.xlsx",
        &workbook(
            &swollen(&format!("<row>{}</row>", "<c/>".repeat(200)), 30 << 20),
            &[],
        ),
        "more than 6000000 cells",
    );
    refused(
        "rows.xlsx",
        &workbook(&swollen("<row/>", 10 << 20), &[]),
        "more than 1048576 rows",
    );
}

#[test]
fn a_part_without_a_tag_or_without_an_end_is_refused() {
    let long = vec![b'a'; 40 << 20];
    refused("long.xlsx", &workbook(&long, &[]), "a text without an end");
}

#[test]
fn bombs_of_many_parts_are_refused() {
    // One packed part, under many names.
    let part = vec![b' '; 1 << 20];
    let mut donor = ZipArchive::new(Cursor::new(workbook(b"<a/>", &[("bomb.xml", &part)]))).unwrap();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    start(&mut zip, "[Content_Types].xml", b"<Types/>");
    start(&mut zip, "_rels/.rels", RELS.as_bytes());
    for number in 0..2_000 {
        zip.raw_copy_file_rename(donor.by_name("bomb.xml").unwrap(), format!("xl/{number}.xml"))
            .unwrap();
    }
    refused(
        "parts.xlsx",
        &zip.finish().unwrap().into_inner(),
        "bytes when unpacked",
    );

    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for number in 0..60_000 {
        zip.start_file(format!("{number}"), SimpleFileOptions::default())
            .unwrap();
    }
    refused("entries.xlsx", &zip.finish().unwrap().into_inner(), "parts");
}

#[test]
fn strings_that_would_fill_memory_are_refused() {
    for (name, strings, said) in [
        ("nested", "<sst>".to_owned() + &*"<si>".repeat(100_000), "deep"),
        ("announced", "<sst uniqueCount=\"4000000000\"></sst>".to_owned(), "announcement"),
        ("many", "<sst>".to_owned() + &*"<si/>".repeat(20 << 20), "shared strings"),
        (
            "entities",
            "<!DOCTYPE a [<!ENTITY b \"bbbbbbbbbb\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]><sst><si><t>&c;</t></si></sst>"
                .to_owned(),
            "DOCTYPE",
        ),
        ("entity", "<sst><si><t>&lol;</t></si></sst>".to_owned(), "lol"),
    ] {
        let book = workbook(sheet("").as_bytes(), &[("xl/sharedStrings.xml", strings.as_bytes())]);
        refused(&format!("{name}.xlsx"), &book, said);
    }
}

#[test]
fn a_path_that_leads_out_of_the_file_is_refused() {
    let book = workbook(sheet("").as_bytes(), &[("../../etc/passwd", b"x")]);
    refused("path.xlsx", &book, "path leads out");
}

#[test]
fn a_zip_cut_short_is_damaged_wherever_it_is_cut() {
    let whole = workbook(
        sheet("<row r=\"2\"><c r=\"A2\"><v>1</v></c></row>").as_bytes(),
        &[],
    );
    for part in [2, 3, 5] {
        refused(
            "short.xlsx",
            &whole[..whole.len() * (part - 1) / part],
            "damaged or cut short",
        );
    }
}

#[test]
fn what_is_no_sheet_is_named() {
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01";
    for (name, bytes, said) in [
        ("picture.xlsx", &png[..], "a PNG picture"),
        (
            "page.xls",
            b"<html><table><tr><td>username</td></tr></table></html>",
            "a web page",
        ),
        (
            "xml.xls",
            b"<?xml version=\"1.0\"?><Workbook/>",
            "an XML document",
        ),
        ("print.csv", b"%PDF-1.7 username", "document"),
        ("noise.csv", b"\x01\x02\x03\x04", "neither a workbook nor text"),
        ("empty.xlsx", b"", "is empty"),
        (
            "old.xls",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and no more",
            "damaged or cut short",
        ),
    ] {
        refused(name, bytes, said);
    }
    let folder = tempfile::tempdir().unwrap();
    let answer = probe(folder.path());
    assert!(
        answer["error"].as_str().unwrap().contains("is a folder"),
        "{answer}"
    );

    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    start(&mut zip, "[Content_Types].xml", b"<Types/>");
    start(&mut zip, "_rels/.rels", RELS.as_bytes());
    start(&mut zip, "xl/workbook.bin", b"\0\0\0");
    refused(
        "binary.xlsx",
        &zip.finish().unwrap().into_inner(),
        "save it as .xlsx",
    );
}

#[test]
fn an_encrypted_workbook_is_named_as_such() {
    let mut container = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    for name in ["/EncryptionInfo", "/EncryptedPackage"] {
        container
            .create_stream(name)
            .unwrap()
            .write_all(&[7; 5_000])
            .unwrap();
    }
    refused(
        "locked.xlsx",
        &container.into_inner().into_inner(),
        "protected by a password",
    );
}

#[test]
fn an_old_workbook_with_one_far_cell_is_refused() {
    let record = |kind: u16, data: &[u8]| {
        let mut bytes = kind.to_le_bytes().to_vec();
        bytes.extend((data.len() as u16).to_le_bytes());
        bytes.extend(data);
        bytes
    };
    let begin = |kind: u16| record(0x0809, &[&[0, 6][..], &kind.to_le_bytes(), &[0; 12]].concat());
    let number = |row: u16, column: u16| {
        record(
            0x0203,
            &[&row.to_le_bytes()[..], &column.to_le_bytes(), &[0; 10]].concat(),
        )
    };
    let end = record(0x000a, &[]);
    let head = begin(5);
    let place = head.len() + 13 + end.len();
    let bound = record(
        0x0085,
        &[&(place as u32).to_le_bytes()[..], &[0, 0, 1, 0, b'a']].concat(),
    );
    let stream = [
        head,
        bound,
        end.clone(),
        begin(16),
        number(0, 0),
        number(65_535, 255),
        end,
    ]
    .concat();
    let mut container = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    container
        .create_stream("/Workbook")
        .unwrap()
        .write_all(&stream)
        .unwrap();
    refused("far.xls", &container.into_inner().into_inner(), "cells as .xls");
}

#[test]
fn a_text_that_never_ends_its_quote_is_refused() {
    let mut text = b"username,pwd\nx,\"".to_vec();
    text.resize(60 << 20, b'y');
    refused("quote.csv", &text, "bytes in one row");
}

#[test]
fn macros_and_pictures_are_not_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("macros.xlsm");
    let rows = sheet("<row r=\"2\"><c r=\"A2\"><v>1</v></c></row>");
    let picture = vec![b'a'; 40 << 20];
    for (name, bytes) in [
        ("xl/vbaProject.bin", &b"no macro at all"[..]),
        ("xl/media/image1.png", &picture),
    ] {
        std::fs::write(&path, workbook(rows.as_bytes(), &[(name, bytes)])).unwrap();
        let answer = probe(&path);
        assert_eq!(answer["rows"], serde_json::json!([["1"]]), "{answer}");
        within_limits(name, &answer);
    }
}

#[test]
fn sheets_that_share_one_part_are_not_read_without_end() {
    let sheets: Vec<String> = (0..4_000)
        .map(|number| format!("<sheet name=\"a{number}\" sheetId=\"{number}\" r:id=\"rId1\"/>"))
        .collect();
    let sheets = sheets.concat();
    let book = format!("<workbook xmlns:r=\"r\"><sheets>{sheets}</sheets></workbook>");
    let part = format!(
        "<worksheet><sheetData>{}</sheetData></worksheet>",
        " ".repeat(1 << 20)
    );
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    start(&mut zip, "[Content_Types].xml", b"<Types/>");
    start(&mut zip, "_rels/.rels", RELS.as_bytes());
    start(&mut zip, "xl/workbook.xml", book.as_bytes());
    start(&mut zip, "xl/_rels/workbook.xml.rels", BOOK_RELS.as_bytes());
    start(&mut zip, "xl/worksheets/sheet1.xml", part.as_bytes());
    refused(
        "shared.xlsx",
        &zip.finish().unwrap().into_inner(),
        "bytes when unpacked",
    );
}
