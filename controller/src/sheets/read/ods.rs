//! `.ods`, streamed: its one document is read tag by tag, and a row is the most that is in memory. Repeated rows and
//! cells, by which a small file can mean a huge one, are counted before they are made.

use std::collections::BTreeSet;
use std::io::{BufReader, Read};
use std::ops::ControlFlow;

use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::bounded::Bounded;
use super::error::ReadError;
use super::gather::{Flow, Gather, Value};
use super::header::Origin;
use super::package::Package;
use super::{Kind, Source};
use crate::sheets::limits::Limits;

/// Bytes of one tag or one text.
const PIECE_BYTES: u64 = 1 << 20;
const DEPTH: usize = 256;
/// Styles that hide sheets.
const HIDING_STYLES: usize = 10_000;
/// Bytes of the list of parts, in which it says whether they are encrypted.
const MANIFEST_BYTES: u64 = 4 << 20;

pub(super) fn read(source: Source<'_>, gather: &mut Gather<'_>) -> Result<(), ReadError> {
    let mut package = Package::open(source)?;
    if is_encrypted(&mut package)? {
        return Err(ReadError::Encrypted);
    }
    let mut document = Document::new(package.part("content.xml")?, gather.limits);
    let mut hiding = BTreeSet::new();
    let mut style = String::new();
    let mut passed = Vec::new();
    let mut buffer = Vec::new();
    loop {
        let table = match document.next(&mut buffer)? {
            Some(Event::Start(tag)) => match tag.name().as_ref() {
                "style:style" => {
                    style = attribute(&tag, "style:name")?.unwrap_or_default();
                    continue;
                }
                "style:table-properties" => {
                    if attribute(&tag, "table:display")?.as_deref() == Some("false") {
                        hiding.insert(style.clone());
                    }
                    if hiding.len() > HIDING_STYLES {
                        return Err(ReadError::Unsafe {
                            what: "thousands of styles that hide sheets".to_owned(),
                        });
                    }
                    continue;
                }
                "table:table" => Table::of(&tag)?,
                _ => continue,
            },
            Some(_) => continue,
            None => return Ok(()),
        };
        if table.style.is_some_and(|style| hiding.contains(&style)) {
            document.skip()?;
            continue;
        }
        gather.begin_sheet(Origin {
            kind: Kind::Ods,
            sheet: Some(table.name.clone()),
            others: passed.clone(),
            encoding: None,
            delimiter: None,
        });
        let flow = read_table(&mut document, gather)?;
        gather.end_sheet()?;
        if gather.is_over() {
            return Ok(());
        }
        if flow.is_break() {
            document.skip()?;
        }
        passed.push(table.name);
    }
}

struct Table {
    name: String,
    style: Option<String>,
}

impl Table {
    fn of(tag: &BytesStart<'_>) -> Result<Self, ReadError> {
        Ok(Self {
            name: attribute(tag, "table:name")?.unwrap_or_default(),
            style: attribute(tag, "table:style-name")?,
        })
    }
}

fn is_encrypted(package: &mut Package<'_>) -> Result<bool, ReadError> {
    const MANIFEST: &str = "META-INF/manifest.xml";
    if !package.has(MANIFEST) {
        return Ok(false);
    }
    let mut text = Vec::new();
    package
        .part(MANIFEST)?
        .take(MANIFEST_BYTES)
        .read_to_end(&mut text)
        .map_err(ReadError::io)?;
    let mark = b"encryption-data";
    Ok(text.windows(mark.len()).any(|window| window == mark))
}

/// Reads to the table's end, or breaks off inside it, at its own depth.
fn read_table<R: Read>(document: &mut Document<R>, gather: &mut Gather<'_>) -> Flow {
    let depth = document.depth;
    let mut line = 1_u32;
    let mut row = Row::default();
    let mut buffer = Vec::new();
    while document.depth >= depth {
        let repeated = match document.next(&mut buffer)? {
            Some(Event::Start(tag)) if tag.name().as_ref() == "table:table-row" => {
                repetition(&tag, "table:number-rows-repeated")?
            }
            // A header group, a row group; what is in them are rows again. Notes and pictures are no cells.
            Some(Event::Start(tag)) if tag.name().as_ref().starts_with("table:table-") => continue,
            Some(Event::Start(_)) => {
                document.skip()?;
                continue;
            }
            Some(_) => continue,
            None => return Err(ReadError::damaged("a table has no end")),
        };
        row.read(document)?;
        if row.hand_over(line, repeated, gather)?.is_break() {
            document.leave_to(depth)?;
            return Ok(ControlFlow::Break(()));
        }
        line = line.saturating_add(repeated);
    }
    Ok(ControlFlow::Continue(()))
}

/// What a cell holds, its text apart.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Held {
    Blank,
    Text,
    Number(f64),
    Truth(bool),
    Date,
    Error,
    NotCalculated,
}

/// One row, kept because it may stand for many.
#[derive(Debug, Default)]
struct Row {
    cells: Vec<(Held, String, u32)>,
}

impl Row {
    fn read<R: Read>(&mut self, document: &mut Document<R>) -> Result<(), ReadError> {
        self.cells.clear();
        let depth = document.depth;
        let mut buffer = Vec::new();
        while document.depth >= depth {
            let cell = match document.next(&mut buffer)? {
                Some(Event::Start(tag))
                    if matches!(
                        tag.name().as_ref(),
                        "table:table-cell" | "table:covered-table-cell"
                    ) =>
                {
                    CellTag::of(&tag)?
                }
                Some(Event::Start(_)) => {
                    document.skip()?;
                    continue;
                }
                Some(_) => continue,
                None => return Err(ReadError::damaged("a row has no end")),
            };
            let content = cell_text(document)?;
            let repeated = cell.repeated;
            let (held, text) = cell.held(content);
            self.cells.push((held, text, repeated));
            if self.cells.len() > document.most_cells {
                return Err(ReadError::TooLarge {
                    what: "cells in one row",
                    limit: document.most_cells as u64,
                });
            }
        }
        Ok(())
    }

    fn hand_over(&self, line: u32, repeated: u32, gather: &mut Gather<'_>) -> Flow {
        if self.cells.iter().all(|(held, ..)| *held == Held::Blank) {
            return Ok(ControlFlow::Continue(()));
        }
        for line in line..line.saturating_add(repeated) {
            let mut place = 0_u32;
            for (held, text, repeated) in &self.cells {
                let value = match held {
                    Held::Blank => {
                        place = place.saturating_add(*repeated);
                        continue;
                    }
                    Held::Text => Value::Text(text),
                    Held::Number(number) => Value::Number(*number),
                    Held::Truth(truth) => Value::Truth(*truth),
                    Held::Date => Value::Date(text),
                    Held::Error => Value::Error(text),
                    Held::NotCalculated => Value::NotCalculated,
                };
                for _ in 0..*repeated {
                    if gather.cell(line, place, value)?.is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                    place = place.saturating_add(1);
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

/// What a cell's own tag says.
#[derive(Debug, Default)]
struct CellTag {
    repeated: u32,
    kind: Option<String>,
    number: Option<f64>,
    truth: bool,
    date: Option<String>,
    string: Option<String>,
    is_formula: bool,
    is_error: bool,
}

impl CellTag {
    fn of(tag: &BytesStart<'_>) -> Result<Self, ReadError> {
        let mut cell = Self {
            repeated: 1,
            ..Self::default()
        };
        for found in tag.attributes().with_checks(false) {
            let found = found.map_err(ReadError::damaged)?;
            let value = found
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(ReadError::damaged)?;
            match found.key.as_ref() {
                "table:number-columns-repeated" => cell.repeated = number(&value)?,
                "office:value-type" => cell.kind = Some(value.into_owned()),
                "office:value" => {
                    let number = value
                        .trim()
                        .parse()
                        .map_err(|_| ReadError::damaged("a number cell holds no number"))?;
                    cell.number = Some(number);
                }
                "office:boolean-value" => cell.truth = value.eq_ignore_ascii_case("true"),
                "office:date-value" | "office:time-value" => cell.date = Some(value.into_owned()),
                "office:string-value" => cell.string = Some(value.into_owned()),
                "table:formula" => cell.is_formula = true,
                "calcext:value-type" => cell.is_error = value == "error",
                _ => (),
            }
        }
        Ok(cell)
    }

    fn held(self, content: String) -> (Held, String) {
        if self.is_error {
            return (Held::Error, content);
        }
        match self.kind.as_deref() {
            Some("float" | "percentage" | "currency") => match self.number {
                Some(number) => (Held::Number(number), String::new()),
                None => (Held::NotCalculated, String::new()),
            },
            Some("boolean") => (Held::Truth(self.truth), String::new()),
            Some("date" | "time") => (Held::Date, self.date.unwrap_or(content)),
            Some(_) => {
                let text = self.string.unwrap_or(content);
                (if text.is_empty() { Held::Blank } else { Held::Text }, text)
            }
            None if self.is_formula => (Held::NotCalculated, String::new()),
            None if content.is_empty() => (Held::Blank, content),
            None => (Held::Text, content),
        }
    }
}

/// The paragraphs of a cell, up to its end. White space is as the format has it: runs count as one blank, and blanks
/// that count are tags.
fn cell_text<R: Read>(document: &mut Document<R>) -> Result<String, ReadError> {
    let depth = document.depth;
    let mut text = String::new();
    let mut paragraphs = 0;
    let mut inside = None;
    let mut buffer = Vec::new();
    while document.depth >= depth {
        let Some(event) = document.next(&mut buffer)? else {
            return Err(ReadError::damaged("a cell has no end"));
        };
        match event {
            Event::Start(tag) => match tag.name().as_ref() {
                "text:p" | "text:h" => {
                    if paragraphs > 0 {
                        text.push('\n');
                    }
                    paragraphs += 1;
                    inside.get_or_insert(document.depth);
                }
                "text:s" => {
                    let count = attribute(&tag, "text:c")?.map_or(Ok(1), |count| number(&count))?;
                    if u64::from(count) + text.len() as u64 > PIECE_BYTES {
                        return Err(ReadError::TooLarge {
                            what: "bytes in one cell",
                            limit: PIECE_BYTES,
                        });
                    }
                    text.extend(std::iter::repeat_n(' ', count as usize));
                }
                "text:tab" => text.push('\t'),
                "text:line-break" => text.push('\n'),
                "text:span" | "text:a" => (),
                _ => document.skip()?,
            },
            Event::End(_) if inside.is_some_and(|inside| document.depth < inside) => inside = None,
            Event::Text(piece) if inside.is_some() => push_collapsed(&mut text, &piece.xml10_content()),
            Event::CData(piece) if inside.is_some() => push_collapsed(&mut text, &piece.xml10_content()),
            Event::GeneralRef(reference) if inside.is_some() => {
                let name: &str = reference.as_ref();
                if let Some(letters) = resolve_xml_entity(name) {
                    text.push_str(letters);
                } else if let Some(letter) = reference.resolve_char_ref().map_err(ReadError::damaged)? {
                    text.push(letter);
                } else {
                    return Err(ReadError::Unsafe {
                        what: "an entity of its own".to_owned(),
                    });
                }
            }
            _ => (),
        }
        if text.len() as u64 > PIECE_BYTES {
            return Err(ReadError::TooLarge {
                what: "bytes in one cell",
                limit: PIECE_BYTES,
            });
        }
    }
    Ok(text)
}

fn push_collapsed(text: &mut String, piece: &str) {
    for letter in piece.chars() {
        if matches!(letter, ' ' | '\t' | '\n' | '\r') {
            if !text.is_empty() && !text.ends_with([' ', '\n', '\t']) {
                text.push(' ');
            }
        } else {
            text.push(letter);
        }
    }
}

fn repetition(tag: &BytesStart<'_>, name: &str) -> Result<u32, ReadError> {
    attribute(tag, name)?.map_or(Ok(1), |value| number(&value))
}

fn number(value: &str) -> Result<u32, ReadError> {
    value
        .trim()
        .parse()
        .map_err(|_| ReadError::damaged("a count is no number"))
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Result<Option<String>, ReadError> {
    let found = tag.try_get_attribute(name).map_err(ReadError::damaged)?;
    let value = found.map(|found| {
        found
            .normalized_value(XmlVersion::Implicit1_0)
            .map(std::borrow::Cow::into_owned)
    });
    value.transpose().map_err(ReadError::damaged)
}

/// The document's tags, one by one, with everything bounded that a parser keeps.
struct Document<R> {
    reader: Reader<Bounded<BufReader<R>>>,
    depth: usize,
    most_cells: usize,
}

impl<R: Read> Document<R> {
    fn new(part: R, limits: &Limits) -> Self {
        let bounded = Bounded::new(
            BufReader::new(part),
            "bytes in one text",
            PIECE_BYTES,
            limits.unpacked_bytes,
        );
        let mut reader = Reader::from_reader(bounded);
        reader.config_mut().expand_empty_elements = true;
        Self {
            reader,
            depth: 0,
            most_cells: limits.columns as usize * 4,
        }
    }

    /// The next event; none at the document's end.
    fn next<'b>(&mut self, buffer: &'b mut Vec<u8>) -> Result<Option<Event<'b>>, ReadError> {
        buffer.clear();
        self.reader.get_mut().pause();
        let event = self.reader.read_event_into(buffer).map_err(failed)?;
        match &event {
            Event::Start(_) => {
                self.depth += 1;
                if self.depth > DEPTH {
                    return Err(ReadError::Unsafe {
                        what: format!("elements in one another, more than {DEPTH} deep"),
                    });
                }
            }
            Event::End(_) => self.depth = self.depth.saturating_sub(1),
            Event::DocType(_) => {
                return Err(ReadError::Unsafe {
                    what: "a declaration of its own (DOCTYPE or ENTITY)".to_owned(),
                });
            }
            Event::Eof if self.depth > 0 => return Err(ReadError::damaged("it ends too early")),
            Event::Eof => return Ok(None),
            _ => (),
        }
        Ok(Some(event))
    }

    /// Goes on behind the element whose start came last.
    fn skip(&mut self) -> Result<(), ReadError> {
        let depth = self.depth;
        self.leave_to(depth)?;
        let mut buffer = Vec::new();
        while self.depth >= depth && self.next(&mut buffer)?.is_some() {}
        Ok(())
    }

    /// Goes on until nothing deeper than `depth` is open.
    fn leave_to(&mut self, depth: usize) -> Result<(), ReadError> {
        let mut buffer = Vec::new();
        while self.depth > depth && self.next(&mut buffer)?.is_some() {}
        Ok(())
    }
}

fn failed(error: quick_xml::Error) -> ReadError {
    match error {
        quick_xml::Error::Io(error) => match error.get_ref().and_then(|inner| inner.downcast_ref()) {
            Some(ReadError::TooLarge { what, limit }) => ReadError::TooLarge { what, limit: *limit },
            _ => ReadError::damaged(error),
        },
        error => ReadError::damaged(error),
    }
}
