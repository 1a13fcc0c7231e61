//! `.ods` documents, made of the XML that LibreOffice writes.

use super::*;

const MIME: &str = "application/vnd.oasis.opendocument.spreadsheet";

fn ods(styles: &str, tables: &str) -> Vec<u8> {
    let content = format!(
        "<?xml version=\"1.0\"?><office:document-content><office:automatic-styles>{styles}</office:automatic-styles>\
         <office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    );
    zip_of(&[("mimetype", MIME), ("content.xml", &content)])
}

fn text(text: &str) -> String {
    format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>")
}

fn table(name: &str, rows: &str) -> String {
    format!("<table:table table:name=\"{name}\"><table:table-column/>{rows}</table:table>")
}

fn row(cells: &str) -> String {
    format!("<table:table-row>{cells}</table:table-row>")
}

#[test]
fn values_survive_to_the_letter() {
    let rows = [
        row(&(text("username") + &*text("pwd") + &*text("followers"))),
        row(&(text("a<text:s text:c=\"3\"/>b<text:tab/>c &amp; <text:span>d</text:span>")
            + "<table:table-cell office:value-type=\"string\"><office:annotation><text:p>a note</text:p></office:annotation>\
               <text:p>one</text:p><text:p>two<text:line-break/>three</text:p></table:table-cell>\
               <table:table-cell office:value-type=\"float\" office:value=\"12345\"><text:p>12 345</text:p></table:table-cell>")),
        row("<table:table-cell office:value-type=\"float\" office:value=\"1E+021\"/>\
             <table:table-cell office:value-type=\"boolean\" office:boolean-value=\"true\"/>\
             <table:table-cell table:formula=\"of:=1+1\" office:value-type=\"percentage\" office:value=\"0.5\"/>"),
    ]
    .concat();
    let taken = take(&ods("", &table("accounts", &rows))).unwrap();
    assert_eq!(
        taken.column(Column::Username),
        [Some("a   b\tc & d"), Some("1e21")]
    );
    assert_eq!(taken.column(Column::Pwd), [Some("one\ntwo\nthree"), Some("TRUE")]);
    assert_eq!(taken.column(Column::Followers), [Some("12345"), Some("0.5")]);
}

#[test]
fn repeated_rows_and_cells_count_and_blank_ones_cost_nothing() {
    let rows = [
        "<table:table-row table:number-rows-repeated=\"2\"><table:table-cell table:number-columns-repeated=\"1024\"/></table:table-row>".to_owned(),
        "<table:table-header-rows>".to_owned() + &*row(&("<table:covered-table-cell/>".to_owned() + &*text("username") + &*text("pwd"))) + "</table:table-header-rows>",
        "<table:table-row table:number-rows-repeated=\"2\"><table:table-cell/>".to_owned()
            + "<table:table-cell office:value-type=\"string\" table:number-columns-repeated=\"2\"><text:p>x</text:p></table:table-cell>"
            + "</table:table-row>",
        "<table:table-row table:number-rows-repeated=\"1048000\"><table:table-cell/></table:table-row>".to_owned(),
    ]
    .concat();
    let taken = take(&ods("", &table("accounts", &rows))).unwrap();
    assert_eq!(taken.done.header.line, 3);
    assert_eq!(
        taken.rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(),
        [4, 5]
    );
    assert_eq!(taken.column(Column::Pwd), [Some("x"), Some("x")]);
}

#[test]
fn a_small_file_that_means_a_huge_one_is_refused() {
    let head = row(&text("username"));
    let many_rows = "<table:table-row table:number-rows-repeated=\"4000000000\">".to_owned()
        + &*text("x")
        + "</table:table-row>";
    let wide = "<table:table-cell office:value-type=\"string\" table:number-columns-repeated=\"4000000000\"><text:p>x</text:p></table:table-cell>";
    let blanks = text("<text:s text:c=\"4000000000\"/>");
    for (rows, said) in [
        (many_rows, "200000 rows"),
        (row(wide), "256 columns"),
        (row(&blanks), "bytes in one cell"),
    ] {
        let error = take(&ods("", &table("accounts", &(head.clone() + &*rows))))
            .unwrap_err()
            .to_string();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn what_is_no_value_is_told_by_its_cell() {
    let rows = [
        row(&(text("username") + &*text("pwd"))),
        row("<table:table-cell office:value-type=\"date\" office:date-value=\"2023-03-15\"/><table:table-cell office:value-type=\"time\" office:time-value=\"PT1H\"/>"),
        row("<table:table-cell table:formula=\"of:=NA()\" office:value-type=\"string\" office:string-value=\"\" calcext:value-type=\"error\"><text:p>#N/A</text:p></table:table-cell><table:table-cell table:formula=\"of:=1\"/>"),
    ]
    .concat();
    let flaws = take(&ods("", &table("accounts", &rows))).unwrap().flaws;
    let starts = [
        "row 2, column A (username): holds a date (2023-03-15)",
        "row 2, column B (pwd): holds a date; what",
        "row 3, column A (username): holds the error value #N/A",
        "row 3, column B (pwd): holds a formula without a result",
    ];
    assert_eq!(flaws.len(), starts.len(), "{flaws:?}");
    assert!(
        flaws
            .iter()
            .zip(starts)
            .all(|(flaw, start)| flaw.starts_with(start)),
        "{flaws:?}"
    );
}

#[test]
fn hidden_and_unfit_sheets_are_passed_over() {
    let style =
        "<style:style style:name=\"ta2\"><style:table-properties table:display=\"false\"/></style:style>";
    let good = row(&text("username")) + &*row(&text("x"));
    let tables = format!(
        "<table:table table:name=\"hidden\" table:style-name=\"ta2\">{good}</table:table>{}{}{}",
        table("notes", &(row(&text("a note")) + &*row(&text("another")))),
        table("mine", &good),
        table("later", &good)
    );
    let taken = take(&ods(style, &tables)).unwrap();
    assert_eq!(taken.done.header.sheet.as_deref(), Some("mine"));
    assert_eq!(taken.column(Column::Username), [Some("x")]);
}

#[test]
fn entities_of_its_own_and_locked_documents_are_refused() {
    let entity = zip_of(&[
        ("mimetype", MIME),
        (
            "content.xml",
            "<!DOCTYPE a [<!ENTITY b \"cc\">]><office:document-content>&b;</office:document-content>",
        ),
    ]);
    assert!(matches!(take(&entity), Err(ReadError::Unsafe { .. })));
    let locked = zip_of(&[
        ("mimetype", MIME),
        (
            "META-INF/manifest.xml",
            "<manifest:manifest><manifest:encryption-data/></manifest:manifest>",
        ),
        ("content.xml", "noise"),
    ]);
    assert!(matches!(take(&locked), Err(ReadError::Encrypted)));
    let deep = ods("", &"<table:table>".repeat(300));
    assert!(matches!(take(&deep), Err(ReadError::Unsafe { .. })));
    let short = zip_of(&[
        ("mimetype", MIME),
        (
            "content.xml",
            "<office:document-content><table:table table:name=\"a\">",
        ),
    ]);
    assert!(matches!(take(&short), Err(ReadError::Damaged { .. })));
}
