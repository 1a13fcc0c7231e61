//! One workbook in the many forms that programs give it, and odd cells in it.

use super::*;

/// The parts of a workbook with one sheet, told apart by what differs between programs.
struct Form {
    /// Before each element's name.
    prefix: &'static str,
    /// The folder's address of relations' kinds.
    kinds: &'static str,
    book: &'static str,
    /// As the workbook's relations name it, and where it lies.
    sheet: (&'static str, &'static str),
    strings: (&'static str, &'static str),
    /// How the parts' letters are written.
    bytes: fn(&str) -> Vec<u8>,
}

const TRANSITIONAL: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const STRICT: &str = "http://purl.oclc.org/ooxml/officeDocument/relationships";

const PLAIN: Form = Form {
    prefix: "",
    kinds: TRANSITIONAL,
    book: "xl/workbook.xml",
    sheet: ("worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
    strings: ("sharedStrings.xml", "xl/sharedStrings.xml"),
    bytes: |text| text.as_bytes().to_vec(),
};

impl Form {
    fn workbook(&self, rows: &str, strings: &str) -> Vec<u8> {
        let Self { prefix, kinds, .. } = self;
        let named = |text: &str| {
            text.replace("</", "\u{1}")
                .replace('<', &format!("<{prefix}"))
                .replace('\u{1}', &format!("</{prefix}"))
        };
        let relation = |id: &str, kind: &str, target: &str| {
            format!("<Relationship Id=\"{id}\" Type=\"{kinds}/{kind}\" Target=\"{target}\"/>")
        };
        let list = |relations: &str| format!("<Relationships>{relations}</Relationships>");
        let (folder, file) = self.book.rsplit_once('/').unwrap();
        let parts = [
            ("[Content_Types].xml".to_owned(), TYPES.to_owned()),
            (
                "_rels/.rels".to_owned(),
                list(&relation("rId1", "officeDocument", self.book)),
            ),
            (
                self.book.to_owned(),
                named(
                    "<workbook><sheets><sheet name=\"a &amp; b\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>",
                ),
            ),
            (
                format!("{folder}/_rels/{file}.rels"),
                list(
                    &(relation("rId1", "worksheet", self.sheet.0)
                        + relation("rId2", "sharedStrings", self.strings.0).as_str()),
                ),
            ),
            (
                self.sheet.1.to_owned(),
                named(&format!("<worksheet><sheetData>{rows}</sheetData></worksheet>")),
            ),
            (self.strings.1.to_owned(), named(&format!("<sst>{strings}</sst>"))),
        ];
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in parts {
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(&(self.bytes)(&format!("<?xml version=\"1.0\"?>\n{text}")))
                .unwrap();
        }
        zip.finish().unwrap().into_inner()
    }
}

fn utf16(text: &str) -> Vec<u8> {
    "\u{feff}"
        .chars()
        .chain(text.chars())
        .collect::<String>()
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect()
}

#[test]
fn a_workbook_is_read_in_whatever_form_it_comes() {
    let rows = "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row>\n <row r=\"2\"><c r=\"A2\" t=\"s\"><v>1</v></c></row>";
    let strings = "<si><t>username</t></si>\
        <si><r><rPr><b/></rPr><t xml:space=\"preserve\">élan </t></r><r><t>😀</t></r>\
        <rPh sb=\"0\" eb=\"1\"><t>left out</t></rPh><phoneticPr fontId=\"1\"/></si>";
    for form in [
        PLAIN,
        Form {
            prefix: "x:",
            ..PLAIN
        },
        Form {
            kinds: STRICT,
            ..PLAIN
        },
        Form {
            bytes: |text| ["\u{feff}", text].concat().into_bytes(),
            ..PLAIN
        },
        Form {
            bytes: utf16,
            ..PLAIN
        },
        Form {
            book: "other/book.xml",
            sheet: ("/data/one.xml", "data/one.xml"),
            strings: ("../s.xml", "s.xml"),
            ..PLAIN
        },
        Form {
            sheet: ("worksheets\\sheet1.xml", "xl\\worksheets\\Sheet1.xml"),
            ..PLAIN
        },
    ] {
        let taken = take(&form.workbook(rows, strings)).unwrap();
        assert_eq!(taken.done.header.sheet.as_deref(), Some("a & b"));
        assert_eq!(
            taken.rows,
            [(2, vec![(Column::Username, Some("élan 😀".to_owned()))])]
        );
        assert_eq!(taken.flaws, Vec::<String>::new());
    }
}

#[test]
fn an_odd_cell_is_a_fault_of_its_own_and_costs_no_other() {
    let rows = header(&["username", "pwd", "nickname"])
        + "<row r=\"2\"><c r=\"A2\" t=\"e\"><v>#SPILL!</v></c><c r=\"B2\" t=\"e\"><v>hunter2</v></c>\
           <c r=\"C2\" t=\"b\"><v>7</v></c></row>\
           <row r=\"3\"><c r=\"A3\" t=\"str\"><v><![CDATA[a<b>&amp;_x000D_]]></v></c><c r=\"B3\"><v>12a</v></c>\
           <c r=\"C3\" t=\"n\"><v>nan</v><extLst><ext>x</ext></extLst></c></row>\
           <row r=\"4\"><c r=\"A4\"><v>007</v></c><c r=\"B4\" t=\"inlineStr\"><v>7</v><is><t> 007 </t></is></c>\
           <c r=\"C4\" t=\"inlineStr\"><is><t>a</t><rPh><t>b</t></rPh><r><t>c</t></r></is></c></row>";
    let taken = take(&book(&rows).bytes()).unwrap();
    let starts = [
        "row 2, column A (username): holds the error value #SPILL!",
        "row 2, column B (pwd): holds the error value of no known name",
        "row 2, column C (nickname): holds the error value of no known name",
    ];
    assert_eq!(taken.flaws.len(), starts.len(), "{:#?}", taken.flaws);
    for (flaw, start) in taken.flaws.iter().zip(starts) {
        assert!(flaw.starts_with(start), "{flaw}");
    }
    assert_eq!(
        taken.column(Column::Username),
        [None, Some("a<b>&amp;\r"), Some("7")]
    );
    assert_eq!(taken.column(Column::Pwd), [None, Some("12a"), Some("007")]);
    assert_eq!(taken.column(Column::Nickname), [None, Some("nan"), Some("ac")]);
}

#[test]
fn a_part_that_is_missing_or_has_no_cells_is_told_or_passed_over() {
    let no_part = zip_of(&[
        ("[Content_Types].xml", TYPES),
        ("_rels/.rels", RELS),
        (
            "xl/workbook.xml",
            "<workbook><sheets><sheet name=\"a\" r:id=\"rId1\"/></sheets></workbook>",
        ),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships><Relationship Id=\"rId1\" Type=\"r/worksheet\" Target=\"a.xml\"/></Relationships>",
        ),
    ]);
    let error = take(&no_part).unwrap_err().to_string();
    assert!(error.contains("its part xl/a.xml is missing"), "{error}");
    let mut chart = book("");
    chart.sheets.push(("mine", "", header(&["username"])));
    assert_eq!(
        take(&chart.bytes()).unwrap().done.header.sheet.as_deref(),
        Some("mine")
    );
}

#[test]
fn damage_behind_the_last_row_is_found_too() {
    let rows = header(&["username"]) + "<row r=\"2\"><c r=\"A2\"><v>1</v></c></row>";
    let text = format!("<worksheet><sheetData>{rows}</sheetData><pageMargins left=\"0.7\"/></worksheet>");
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, part) in [
        ("[Content_Types].xml", TYPES),
        ("_rels/.rels", RELS),
        (
            "xl/workbook.xml",
            "<workbook><sheets><sheet name=\"a\" r:id=\"rId1\"/></sheets></workbook>",
        ),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships><Relationship Id=\"rId1\" Type=\"r/worksheet\" Target=\"a.xml\"/></Relationships>",
        ),
        ("xl/a.xml", &text),
    ] {
        zip.start_file(name, stored).unwrap();
        zip.write_all(part.as_bytes()).unwrap();
    }
    let mut bytes = zip.finish().unwrap().into_inner();
    assert_eq!(take(&bytes).unwrap().done.rows, 1);
    let place = bytes.windows(5).position(|window| window == b"\"0.7\"").unwrap();
    bytes[place + 1] = b'9';
    let error = take(&bytes).unwrap_err();
    assert!(matches!(error, ReadError::Damaged { .. }), "{error}");
}
