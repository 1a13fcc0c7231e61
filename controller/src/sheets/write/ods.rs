//! `.ods`, by hand: a zip with one document in it, which goes out as rows come in. No temporary file.

use std::borrow::Cow;
use std::io::{self, Write};

use zip::write::{SimpleFileOptions, StreamWriter, ZipWriter};
use zip::{CompressionMethod, DateTime};

use super::{OutCell, OutRow, WriteError, WriteOptions, guide};
use crate::sheets::column::Column;

const MIME: &str = "application/vnd.oasis.opendocument.spreadsheet";

const MANIFEST: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
    <manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\" manifest:version=\"1.3\">\
    <manifest:file-entry manifest:full-path=\"/\" manifest:version=\"1.3\" \
    manifest:media-type=\"application/vnd.oasis.opendocument.spreadsheet\"/>\
    <manifest:file-entry manifest:full-path=\"content.xml\" manifest:media-type=\"text/xml\"/>\
    </manifest:manifest>";

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
    <office:document-content xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
    xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" \
    xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\" office:version=\"1.3\">\
    <office:body><office:spreadsheet>";

const TAIL: &str = "</office:spreadsheet></office:body></office:document-content>";

/// A number cell keeps fifteen digits; longer ones go out as text.
const NUMBER_DIGITS: u64 = 999_999_999_999_999;

pub(super) struct Writer<W: Write> {
    zip: ZipWriter<StreamWriter<W>>,
    guide: String,
    row: String,
}

impl<W: Write> Writer<W> {
    pub(super) fn begin(out: W, options: &WriteOptions) -> Result<Self, WriteError> {
        let mut zip = ZipWriter::new_stream(out);
        // The time of writing says nothing that a reader needs, and the same rows give the same file.
        let packed = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default());
        let plain = packed.compression_method(CompressionMethod::Stored);
        zip.start_file("mimetype", plain).map_err(io::Error::from)?;
        zip.write_all(MIME.as_bytes())?;
        zip.start_file("META-INF/manifest.xml", packed)
            .map_err(io::Error::from)?;
        zip.write_all(MANIFEST.as_bytes())?;
        zip.start_file("content.xml", packed).map_err(io::Error::from)?;
        let mut head = format!("{HEAD}<table:table table:name=\"accounts\"><table:table-row>");
        for column in &options.columns {
            push_text(&mut head, column.name());
        }
        head.push_str("</table:table-row>");
        zip.write_all(head.as_bytes())?;
        Ok(Self {
            zip,
            guide: explained(options),
            row: String::new(),
        })
    }

    pub(super) fn row(&mut self, line: u32, columns: &[Column], row: &OutRow<'_>) -> Result<(), WriteError> {
        self.row.clear();
        self.row.push_str("<table:table-row>");
        for column in columns {
            match row.cell(*column) {
                OutCell::Empty | OutCell::Text("") => self.row.push_str("<table:table-cell/>"),
                OutCell::Text(text) if text.contains(is_unwritable) => {
                    return Err(WriteError::Control {
                        line,
                        column: *column,
                    });
                }
                OutCell::Text(text) => push_text(&mut self.row, text),
                OutCell::Whole(number) if number.unsigned_abs() > NUMBER_DIGITS => {
                    push_text(&mut self.row, &number.to_string());
                }
                OutCell::Whole(number) => self.row.push_str(&format!(
                    "<table:table-cell office:value-type=\"float\" office:value=\"{number}\">\
                     <text:p>{number}</text:p></table:table-cell>"
                )),
            }
        }
        self.row.push_str("</table:table-row>");
        self.zip.write_all(self.row.as_bytes())?;
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<W, WriteError> {
        self.zip
            .write_all(format!("</table:table>{}{TAIL}", self.guide).as_bytes())?;
        Ok(self.zip.finish().map_err(io::Error::from)?.into_inner())
    }
}

fn explained(options: &WriteOptions) -> String {
    let words = guide::words(options.language);
    let mut table = format!("<table:table table:name=\"{}\"><table:table-row>", words.sheet);
    for name in words.head {
        push_text(&mut table, name);
    }
    table.push_str("</table:table-row>");
    for column in &options.columns {
        let [meaning, values] = guide::explained(*column, options.language);
        table.push_str("<table:table-row>");
        for text in [column.name(), meaning, values] {
            push_text(&mut table, text);
        }
        table.push_str("</table:table-row>");
    }
    table + "</table:table>"
}

/// What XML cannot hold, and the carriage return, which it does not keep.
fn is_unwritable(letter: char) -> bool {
    matches!(letter, '\0'..='\x08' | '\x0b' | '\x0c' | '\r' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}')
}

/// A text cell: a paragraph a line, and tags for blanks that would not count as letters.
fn push_text(row: &mut String, text: &str) {
    row.push_str("<table:table-cell office:value-type=\"string\">");
    for line in text.split('\n') {
        row.push_str("<text:p>");
        let mut blank_counts = false;
        let mut letters = line.chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                ' ' if blank_counts && letters.peek().is_some_and(|next| *next != ' ') => row.push(' '),
                ' ' => row.push_str("<text:s/>"),
                '\t' => row.push_str("<text:tab/>"),
                _ => row.push_str(&escaped(letter)),
            }
            blank_counts = !matches!(letter, ' ' | '\t');
        }
        row.push_str("</text:p>");
    }
    row.push_str("</table:table-cell>");
}

fn escaped(letter: char) -> Cow<'static, str> {
    match letter {
        '&' => Cow::Borrowed("&amp;"),
        '<' => Cow::Borrowed("&lt;"),
        '>' => Cow::Borrowed("&gt;"),
        letter => Cow::Owned(letter.to_string()),
    }
}
