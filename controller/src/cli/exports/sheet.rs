//! Any list of JSON objects as a workbook of one sheet: a column for each key, in the order in which keys come up. Text
//! stays text, so that nothing in it becomes a formula.

use rust_xlsxwriter::{Format, Workbook, XlsxError};
use serde_json::Value;

/// Characters (UTF-16 units) of a cell.
const CELL: usize = 32_767;
/// A number cell keeps fifteen digits.
const DIGITS: f64 = 999_999_999_999_999.0;
/// Columns of a sheet; what more keys there are stands in the JSON file.
const COLUMNS: usize = 16_384;

pub(super) fn of(name: &str, rows: &[Value]) -> Result<Vec<u8>, XlsxError> {
    let keys = keys(rows);
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(name)?;
    sheet.set_freeze_panes(1, 0)?;
    let bold = Format::new().set_bold();
    for (column, key) in (0_u16..).zip(&keys) {
        sheet.set_column_width(column, 20)?;
        sheet.write_string_with_format(0, column, *key, &bold)?;
    }
    for (line, row) in (1_u32..).zip(rows) {
        for (column, key) in (0_u16..).zip(&keys) {
            match &row[*key] {
                Value::Null => continue,
                Value::Bool(truth) => sheet.write_boolean(line, column, *truth)?,
                Value::Number(number) => match number.as_f64().filter(|number| number.abs() <= DIGITS) {
                    Some(number) => sheet.write_number(line, column, number)?,
                    None => sheet.write_string(line, column, number.to_string())?,
                },
                Value::String(text) => sheet.write_string(line, column, cut(text))?,
                nested => sheet.write_string(line, column, cut(&nested.to_string()))?,
            };
        }
    }
    book.save_to_buffer()
}

fn keys(rows: &[Value]) -> Vec<&str> {
    let mut keys: Vec<&str> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for key in rows
        .iter()
        .filter_map(Value::as_object)
        .flat_map(|row| row.keys())
    {
        if keys.len() < COLUMNS && seen.insert(key) {
            keys.push(key);
        }
    }
    keys
}

/// As much as a cell holds; the whole stands in the JSON file.
fn cut(text: &str) -> String {
    let mut units = 0;
    text.chars()
        .take_while(|letter| {
            units += letter.len_utf16();
            units <= CELL
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_key_is_a_column_and_long_texts_are_cut() {
        let rows = [
            json!({"a": 1, "b": "=cmd"}),
            json!({"b": null, "c": {"x": [1]}, "d": 1e300}),
        ];
        assert_eq!(keys(&rows), ["a", "b", "c", "d"]);
        let file = of("things", &rows).unwrap();
        assert!(file.starts_with(b"PK"));
        assert_eq!(cut(&"🙂".repeat(20_000)).encode_utf16().count(), 32_766);
        assert!(of("nothing", &[]).is_ok());
    }
}
