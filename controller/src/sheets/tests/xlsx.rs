//! Workbooks, made of the XML that spreadsheet programs write.

use super::*;

mod forms;

const TYPES: &str = "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>";
const RELS: &str = "<Relationships><Relationship Id=\"rId1\" \
    Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" \
    Target=\"xl/workbook.xml\"/></Relationships>";
const STYLES: &str = "<styleSheet><numFmts count=\"1\"><numFmt numFmtId=\"164\" formatCode=\"yyyy\\-mm\\-dd\"/></numFmts>\
    <cellXfs count=\"3\"><xf numFmtId=\"0\"/><xf numFmtId=\"164\"/><xf numFmtId=\"49\"/></cellXfs></styleSheet>";

struct Book {
    /// Name, attributes, rows.
    sheets: Vec<(&'static str, &'static str, String)>,
    strings: String,
    properties: &'static str,
}

fn book(rows: &str) -> Book {
    Book {
        sheets: vec![("accounts", "", rows.to_owned())],
        strings: String::new(),
        properties: "",
    }
}

impl Book {
    fn bytes(&self) -> Vec<u8> {
        let mut workbook = format!("<workbook xmlns:r=\"r\">{}<sheets>", self.properties);
        let mut rels = "<Relationships>".to_owned();
        let mut parts = Vec::new();
        for (at, (name, attributes, rows)) in self.sheets.iter().enumerate() {
            workbook += &format!("<sheet name=\"{name}\" sheetId=\"{at}\" r:id=\"rId{at}\" {attributes}/>");
            rels += &format!(
                "<Relationship Id=\"rId{at}\" \
                 Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" \
                 Target=\"worksheets/sheet{at}.xml\"/>"
            );
            parts.push((
                format!("xl/worksheets/sheet{at}.xml"),
                format!("<worksheet><sheetData>{rows}</sheetData></worksheet>"),
            ));
        }
        workbook += "</sheets></workbook>";
        rels += "</Relationships>";
        let strings = format!("<sst>{}</sst>", self.strings);
        let mut all = vec![
            ("[Content_Types].xml", TYPES),
            ("_rels/.rels", RELS),
            ("xl/workbook.xml", &workbook),
            ("xl/_rels/workbook.xml.rels", &rels),
            ("xl/styles.xml", STYLES),
            ("xl/sharedStrings.xml", &strings),
        ];
        all.extend(parts.iter().map(|(name, text)| (name.as_str(), text.as_str())));
        zip_of(&all)
    }
}

fn inline(cell: &str, text: &str) -> String {
    format!("<c r=\"{cell}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{text}</t></is></c>")
}

fn header(names: &[&str]) -> String {
    let cells: String = (0..)
        .zip(names)
        .map(|(at, name)| inline(&format!("{}1", letters(at)), name))
        .collect();
    format!("<row r=\"1\">{cells}</row>")
}

#[test]
fn values_survive_to_the_letter() {
    let mut book = book(
        &(header(&["username", "pwd", "followers", "nickname"])
            + "<row r=\"2\"><c r=\"A2\"><v>12345</v></c><c r=\"B2\" s=\"2\" t=\"s\"><v>0</v></c>\
               <c r=\"C2\"><v>3.0</v></c><c r=\"D2\" t=\"s\"><v>1</v></c></row>\
               <row r=\"3\"><c r=\"A3\"><v>1E+21</v></c><c r=\"B3\" t=\"b\"><v>1</v></c>\
               <c r=\"C3\" t=\"n\"><v>1.5</v></c><c r=\"D3\" t=\"s\"><v>2</v></c></row>\
               <row r=\"4\"><c r=\"A4\" t=\"str\"><f>CONCAT(\"a\",\"b\")</f><v>ab</v></c>\
               <c r=\"B4\" t=\"s\"><v>3</v></c><c r=\"C4\"><f>1+1</f><v>2</v></c><c r=\"D4\" t=\"s\"><v>4</v></c></row>"),
    );
    book.strings = "<si><t>001234</t></si>\
        <si><r><t xml:space=\"preserve\">rich </t></r><r><rPr><b/></rPr><t>text</t></r><rPh sb=\"0\" eb=\"1\"><t>ignored</t></rPh></si>\
        <si><t xml:space=\"preserve\"> outer blanks </t></si>\
        <si><t>a_x000D_b_x005F_x000D_c</t></si>\
        <si><t>1 &lt; 2 &amp;&#233;&#x1F600;</t></si>"
        .to_owned();
    let taken = take(&book.bytes()).unwrap();
    assert_eq!(
        taken.column(Column::Username),
        [Some("12345"), Some("1e21"), Some("ab")]
    );
    assert_eq!(
        taken.column(Column::Pwd),
        [Some("001234"), Some("TRUE"), Some("a\rb_x000D_c")]
    );
    assert_eq!(
        taken.column(Column::Followers),
        [Some("3"), Some("1.5"), Some("2")]
    );
    assert_eq!(
        taken.column(Column::Nickname),
        [Some("rich text"), Some(" outer blanks "), Some("1 < 2 &é😀")]
    );
    assert_eq!(taken.flaws.len(), 1, "{:?}", taken.flaws);
    assert!(taken.flaws[0].starts_with("row 3, column A (username): is a number of more than 15 digits"));
}

#[test]
fn what_is_no_value_is_told_by_its_cell() {
    let long = "x".repeat(32_768);
    let rows = header(&["username", "pwd"])
        + "<row r=\"2\"><c r=\"A2\" s=\"1\"><v>45000</v></c><c r=\"B2\" s=\"1\"><v>45000.5</v></c></row>\
           <row r=\"3\"><c r=\"A3\" t=\"e\"><v>#N/A</v></c><c r=\"B3\"><f>A1</f></c></row>\
           <row r=\"4\"><c r=\"A4\" t=\"d\"><v>2024-02-01T00:00:00</v></c><c r=\"B4\"><f>A1</f><v></v></c></row>"
        + &*format!("<row r=\"5\">{}</row>", inline("A5", &long))
        + &*format!("<row r=\"6\">{}</row>", inline("A6", &long[1..]));
    let taken = take(&book(&rows).bytes()).unwrap();
    let starts = [
        "row 2, column A (username): holds a date (2023-03-15)",
        "row 2, column B (pwd): holds a date; what was typed is lost",
        "row 3, column A (username): holds the error value #N/A",
        "row 3, column B (pwd): holds a formula without a result",
        "row 4, column A (username): holds a date (2024-02-01",
        "row 4, column B (pwd): holds a formula without a result",
        "row 5, column A (username): holds 32768 characters; at most 32767",
    ];
    assert_eq!(taken.flaws.len(), starts.len(), "{:#?}", taken.flaws);
    for (flaw, start) in taken.flaws.iter().zip(starts) {
        assert!(flaw.starts_with(start), "{flaw}");
    }
    assert_eq!(taken.column(Column::Username)[4].map(str::len), Some(32_767));
}

#[test]
fn dates_count_from_1904_where_the_workbook_says_so() {
    let mut book = book(&(header(&["username"]) + "<row r=\"2\"><c r=\"A2\" s=\"1\"><v>43538</v></c></row>"));
    book.properties = "<workbookPr date1904=\"1\"/>";
    assert!(take(&book.bytes()).unwrap().flaws[0].contains("(2023-03-15)"));
}

#[test]
fn blank_rows_are_skipped_and_lines_are_those_of_the_sheet() {
    let rows = format!(
        "<row r=\"3\">{}</row><row r=\"5\">{}<c r=\"B5\"/></row><row r=\"7\"><c r=\"A7\" s=\"1\"/>{}</row>\
         <row r=\"1000000\">{}</row>",
        inline("B3", " USERNAME "),
        inline("A5", "left of the header"),
        inline("B7", "  "),
        inline("B1000000", "far")
    );
    let taken = take(&book(&rows).bytes()).unwrap();
    assert_eq!(taken.done.header.line, 3);
    assert_eq!(
        taken.rows,
        [(1_000_000, vec![(Column::Username, Some("far".to_owned()))])]
    );
}

#[test]
fn cells_without_references_stand_one_after_the_other() {
    let rows = "<row><c t=\"inlineStr\"><is><t>pwd</t></is></c><c t=\"inlineStr\"><is><t>username</t></is></c></row>\
        <row><c/><c><v>7</v></c></row>";
    let taken = take(&book(rows).bytes()).unwrap();
    assert_eq!(
        taken.rows,
        [(
            2,
            vec![(Column::Pwd, None), (Column::Username, Some("7".to_owned()))]
        )]
    );
}

#[test]
fn columns_come_in_any_order_and_unknown_ones_are_left_out_with_a_warning() {
    let rows = header(&["Notes", "Mot de passe", "用户名"])
        + &*format!(
            "<row r=\"2\">{}{}{}{}</row>",
            inline("A2", "n"),
            inline("B2", "p"),
            inline("C2", "u"),
            inline("E2", "?")
        )
        + &*format!("<row r=\"3\">{}{}</row>", inline("C3", "v"), inline("E3", "?"));
    let taken = take(&book(&rows).bytes()).unwrap();
    assert_eq!(
        taken.done.header.columns,
        [(Column::Pwd, 1), (Column::Username, 2)]
    );
    assert_eq!(taken.done.header.letters(Column::Username).as_deref(), Some("C"));
    assert_eq!(
        taken.done.header.notices,
        [Notice::UnknownColumn {
            letters: "A".to_owned(),
            name: "Notes".to_owned()
        }]
    );
    assert_eq!(
        taken.done.notices,
        [Notice::UnnamedColumn {
            letters: "E".to_owned(),
            line: 2
        }]
    );
    assert_eq!(taken.column(Column::Pwd), [Some("p"), None]);
}

#[test]
fn the_first_visible_sheet_with_a_header_is_taken_and_named() {
    let good = header(&["username"]) + "<row r=\"2\"><c r=\"A2\"><v>1</v></c></row>";
    let mut book = book("");
    book.sheets = vec![
        ("hidden", "state=\"hidden\"", good.replace("<v>1<", "<v>9<")),
        ("deep", "state=\"veryHidden\"", good.replace("<v>1<", "<v>9<")),
        ("blank", "", String::new()),
        ("notes", "", header(&["some", "notes"])),
        ("lacking", "", header(&["pwd", "email"])),
        ("mine", "", good.clone()),
        ("later", "", good.replace("<v>1<", "<v>9<")),
        ("Kolumner", "", String::new()),
    ];
    let taken = take(&book.bytes()).unwrap();
    assert_eq!(taken.done.header.sheet.as_deref(), Some("mine"));
    assert_eq!(taken.column(Column::Username), [Some("1")]);
    let left_out = ["blank", "notes", "lacking", "later"].map(str::to_owned).to_vec();
    assert_eq!(
        taken.done.header.notices,
        [Notice::OtherSheets {
            taken: "mine".to_owned(),
            left_out
        }]
    );
}

#[test]
fn a_header_that_will_not_do_is_a_clear_fault() {
    let twice = take(&book(&header(&["username", "pwd", "Password"])).bytes()).unwrap_err();
    assert_eq!(twice.to_string(), "the columns B and C are both `pwd`; keep one");
    let lacking = take(&book(&header(&["id", "pwd"])).bytes()).unwrap_err();
    assert_eq!(
        lacking.to_string(),
        "the header row has no `username` column (it names id, pwd)"
    );
    for rows in [String::new(), header(&["1", "a@b.example", "hunter2"])] {
        let none = take(&book(&rows).bytes()).unwrap_err();
        assert!(matches!(none, ReadError::NoHeader), "{none}");
        assert!(!none.to_string().contains("hunter2"));
    }
}

#[test]
fn limits_are_named_when_they_are_met() {
    let rows = header(&["username"])
        + "<row r=\"2\"><c r=\"A2\"><v>1</v></c></row><row r=\"3\"><c r=\"A3\"><v>2</v></c></row>";
    let bytes = book(&rows).bytes();
    let with = |limits| {
        take_with(
            &bytes,
            &ReadOptions {
                limits,
                ..ReadOptions::default()
            },
        )
    };
    assert_eq!(
        with(Limits {
            rows: 2,
            cells: 3,
            columns: 1,
            ..Limits::default()
        })
        .unwrap()
        .done
        .rows,
        2
    );
    for (limits, said) in [
        (
            Limits {
                rows: 1,
                ..Limits::default()
            },
            "more than 1 rows",
        ),
        (
            Limits {
                cells: 2,
                ..Limits::default()
            },
            "more than 2 cells",
        ),
        (
            Limits {
                columns: 0,
                ..Limits::default()
            },
            "more than 0 columns",
        ),
        (
            Limits {
                file_bytes: 100,
                ..Limits::default()
            },
            "more than 100 bytes",
        ),
        (
            Limits {
                unpacked_bytes: 500,
                ..Limits::default()
            },
            "more than 500 bytes when unpacked",
        ),
    ] {
        let error = with(limits).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn numbers_out_of_all_bounds_end_as_an_error_and_not_as_a_panic() {
    for rows in [
        "<row r=\"99999999999999\"><c r=\"A1\"><v>1</v></c></row>",
        "<row r=\"0\"><c r=\"A0\"><v>1</v></c></row>",
        "<row r=\"1\"><c r=\"ZZZZZZZZZZZZ1\"><v>1</v></c></row>",
        "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>7</v></c></row>",
        "<row r=\"1\"><c r=\"A1\" t=\"what\"><v>7</v></c></row>",
        "<row r=\"1\"><c r=\"A1\"><f t=\"shared\" si=\"99999999999\" ref=\"A1:A2\">1</f><v>1</v></c></row>",
        "<row r=\"2\"><c r=\"A2\"><v>1</v></c></row><row r=\"1\"><c r=\"A1\"><v>1</v></c></row>",
    ] {
        take(&book(rows).bytes()).unwrap_err();
    }
}

#[test]
fn the_receiver_of_the_rows_can_break_off() {
    let rows = header(&["username"])
        + &*(2..9)
            .map(|at| format!("<row r=\"{at}\"><c r=\"A{at}\"><v>1</v></c></row>"))
            .collect::<Vec<_>>()
            .concat();
    let bytes = book(&rows).bytes();
    for (most, expected) in [(0, 0), (1, 1), (3, 3)] {
        let mut seen = 0;
        let done = read(Cursor::new(&bytes), &ReadOptions::default(), |item| {
            seen += u32::from(matches!(item, Item::Row(_)));
            if seen >= most {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })
        .unwrap();
        assert!(done.stopped);
        assert_eq!((seen, done.rows), (expected, expected));
    }
}
