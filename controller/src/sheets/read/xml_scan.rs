//! Looks over XML before a parser sees it: how deep, how long, how many elements. A parser keeps each of these in
//! memory, so that a small file can be made to take all there is. Knows tags and text, and not what they mean.

use memchr::{memchr, memchr3};

use crate::sheets::limits::Limits;

/// Deeper than any workbook, by far.
const DEPTH: usize = 256;
/// Bytes of one tag with its attributes.
const TAG_BYTES: usize = 64 << 10;
/// Bytes between two tags: a cell's text at its longest, each letter as a reference, and room.
const TEXT_BYTES: usize = 1 << 20;

/// What a part of a workbook is, which says what may be many in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Worksheet,
    Strings,
    Other,
}

impl Part {
    /// By the part's name inside the package.
    pub(super) fn of(name: &str) -> Self {
        let name = name.to_ascii_lowercase();
        let (folder, file) = name.rsplit_once('/').unwrap_or(("", &name));
        match file {
            "sharedstrings.xml" => Self::Strings,
            "styles.xml" | "theme1.xml" => Self::Other,
            _ if folder.ends_with("worksheets") => Self::Worksheet,
            _ => Self::Other,
        }
    }

    /// How many elements of the name there may be; none where it is counted among all others.
    fn most(self, name: &[u8], limits: &Limits) -> Option<(Counted, u64)> {
        match (self, name) {
            (Self::Worksheet, b"c") => Some((Counted::Cells, limits.cells)),
            (Self::Worksheet, b"row") => Some((Counted::Rows, SHEET_ROWS)),
            // At most two of these in an honest cell: a formula and its value, or two tags around a text.
            (Self::Worksheet, b"v" | b"f" | b"is" | b"t" | b"r") => {
                Some((Counted::Values, limits.cells.saturating_mul(2)))
            }
            (Self::Strings, b"si") => Some((Counted::Strings, STRINGS_BYTES / STRING_BYTES)),
            (Self::Strings, b"t" | b"r") => Some((Counted::Values, 4 * STRINGS_BYTES / STRING_BYTES)),
            _ => None,
        }
    }

    /// Elements of all other names.
    fn most_others(self) -> u64 {
        match self {
            Self::Worksheet | Self::Other => 200_000,
            Self::Strings => 400_000,
        }
    }
}

/// Which of the counters an element belongs to.
#[derive(Debug, Clone, Copy)]
enum Counted {
    Cells,
    Rows,
    Values,
    Strings,
    Others,
}

impl Counted {
    const fn name(self) -> &'static str {
        match self {
            Self::Cells => "cells in one part",
            Self::Rows => "rows in one part",
            Self::Values => "values in one part",
            Self::Strings => "shared strings",
            Self::Others => "elements in one part",
        }
    }
}

/// Rows of a worksheet, at most.
const SHEET_ROWS: u64 = 1_048_576;
/// What a string costs in memory beside its letters.
const STRING_BYTES: u64 = 56;
/// All shared strings of a workbook in memory.
const STRINGS_BYTES: u64 = 96 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Text,
    /// Behind a `<`.
    Opened,
    Tag {
        closing: bool,
        quote: u8,
    },
    /// Behind `<!`; only comments go on from here.
    Declaration,
    /// With the hyphens seen in a row.
    Comment(u8),
    /// Behind `<?`.
    Instruction,
}

/// Fed with the bytes of one part, piece by piece.
#[derive(Debug)]
pub(super) struct XmlScan<'l> {
    part: Part,
    limits: &'l Limits,
    state: State,
    depth: usize,
    /// Bytes of the tag or the text so far.
    run: usize,
    /// The last byte of the tag so far.
    previous: u8,
    tag: Vec<u8>,
    counts: [u64; 5],
    bytes: u64,
}

/// Why a part does not go to a parser.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// What no honest file has, for a person to read.
    Odd(String),
    TooMany {
        what: &'static str,
        limit: u64,
    },
}

fn odd<T>(what: impl Into<String>) -> Result<T, Refused> {
    Err(Refused::Odd(what.into()))
}

/// Bytes kept of a tag: its name, or all of the strings' head.
const KEPT: usize = 4 << 10;

impl<'l> XmlScan<'l> {
    pub(super) fn new(part: Part, limits: &'l Limits) -> Self {
        Self {
            part,
            limits,
            state: State::Text,
            depth: 0,
            run: 0,
            previous: 0,
            tag: Vec::with_capacity(64),
            counts: [0; 5],
            bytes: 0,
        }
    }

    pub(super) fn feed(&mut self, mut bytes: &[u8]) -> Result<(), Refused> {
        self.bytes += bytes.len() as u64;
        while !bytes.is_empty() {
            let taken = self.step(bytes)?;
            bytes = &bytes[taken..];
        }
        let strings = self.counts[Counted::Strings as usize];
        if self.part == Part::Strings && strings * STRING_BYTES + self.bytes > STRINGS_BYTES {
            return odd(format!("more than {} MB of shared strings", STRINGS_BYTES >> 20));
        }
        Ok(())
    }

    /// Takes as many bytes as the state lasts, and at least one.
    #[inline]
    fn step(&mut self, bytes: &[u8]) -> Result<usize, Refused> {
        match self.state {
            State::Text => {
                let end = memchr(b'<', bytes);
                self.run += end.unwrap_or(bytes.len());
                if self.run > TEXT_BYTES {
                    return odd("a text without an end");
                }
                let Some(end) = end else { return Ok(bytes.len()) };
                self.state = State::Opened;
                Ok(end + 1)
            }
            State::Opened => self.open(bytes[0]).map(|()| 1),
            State::Tag { closing, quote: 0 } => {
                let Some(end) = memchr3(b'>', b'"', b'\'', bytes) else {
                    return self.keep(bytes);
                };
                self.keep(&bytes[..end])?;
                if bytes[end] == b'>' {
                    self.end_tag(closing)?;
                } else {
                    self.keep(&bytes[end..=end])?;
                    self.state = State::Tag {
                        closing,
                        quote: bytes[end],
                    };
                }
                Ok(end + 1)
            }
            State::Tag { closing, quote } => {
                let Some(end) = memchr(quote, bytes) else {
                    return self.keep(bytes);
                };
                self.state = State::Tag { closing, quote: 0 };
                self.keep(&bytes[..=end])
            }
            State::Declaration => {
                if bytes[0] != b'-' {
                    return odd("a declaration of its own (DOCTYPE, ENTITY or CDATA)");
                }
                self.state = State::Comment(0);
                Ok(1)
            }
            State::Comment(hyphens) => {
                self.state = match bytes[0] {
                    b'>' if hyphens >= 2 => self.text_begins(),
                    b'-' => State::Comment(hyphens.saturating_add(1)),
                    _ => State::Comment(0),
                };
                self.bound(1).map(|()| 1)
            }
            State::Instruction => {
                if bytes[0] == b'>' && self.previous == b'?' {
                    self.state = self.text_begins();
                }
                self.previous = bytes[0];
                self.bound(1).map(|()| 1)
            }
        }
    }

    fn open(&mut self, byte: u8) -> Result<(), Refused> {
        self.tag.clear();
        self.run = 0;
        self.previous = 0;
        self.state = match byte {
            0 => return odd("XML in an encoding other than UTF-8"),
            b'!' => State::Declaration,
            b'?' => State::Instruction,
            b'/' => State::Tag {
                closing: true,
                quote: 0,
            },
            b'>' => return odd("a tag without a name"),
            _ => {
                self.tag.push(byte);
                State::Tag {
                    closing: false,
                    quote: 0,
                }
            }
        };
        Ok(())
    }

    /// Takes all of `bytes` as part of the tag.
    #[inline]
    fn keep(&mut self, bytes: &[u8]) -> Result<usize, Refused> {
        let room = KEPT.saturating_sub(self.tag.len()).min(bytes.len());
        self.tag.extend_from_slice(&bytes[..room]);
        self.previous = bytes.last().copied().unwrap_or(self.previous);
        self.bound(bytes.len())?;
        Ok(bytes.len())
    }

    #[inline]
    fn bound(&mut self, more: usize) -> Result<(), Refused> {
        self.run += more;
        if self.run > TAG_BYTES {
            return odd("a tag without an end");
        }
        Ok(())
    }

    fn text_begins(&mut self) -> State {
        self.run = 0;
        State::Text
    }

    fn end_tag(&mut self, closing: bool) -> Result<(), Refused> {
        self.state = self.text_begins();
        if closing {
            self.depth = self.depth.saturating_sub(1);
            return Ok(());
        }
        if self.previous != b'/' {
            self.depth += 1;
            if self.depth > DEPTH {
                return odd(format!("elements in one another, more than {DEPTH} deep"));
            }
        }
        let name = local_name(&self.tag);
        // A parser makes room for as many strings as this says, before it has seen one of them.
        if name == b"sst" && announced(&self.tag).saturating_mul(STRING_BYTES) > STRINGS_BYTES {
            return odd("an announcement of more strings than fit");
        }
        let (counted, most) = self
            .part
            .most(name, self.limits)
            .unwrap_or((Counted::Others, self.part.most_others()));
        self.counts[counted as usize] += 1;
        if self.counts[counted as usize] > most {
            return Err(Refused::TooMany {
                what: counted.name(),
                limit: most,
            });
        }
        Ok(())
    }
}

fn local_name(tag: &[u8]) -> &[u8] {
    let end = tag
        .iter()
        .position(|byte| byte.is_ascii_whitespace() || *byte == b'/')
        .unwrap_or(tag.len());
    let name = &tag[..end];
    match name.iter().rposition(|byte| *byte == b':') {
        Some(colon) => &name[colon + 1..],
        None => name,
    }
}

/// The largest number that an attribute `uniqueCount` of the tag gives; all there is where the tag is too long to tell.
fn announced(tag: &[u8]) -> u64 {
    const ATTRIBUTE: &[u8] = b"uniqueCount";
    if tag.len() >= KEPT {
        return u64::from(u32::MAX);
    }
    let mut largest = 0;
    for start in 0..tag.len().saturating_sub(ATTRIBUTE.len()) {
        if tag[start..].starts_with(ATTRIBUTE) {
            let digits = tag[start + ATTRIBUTE.len()..]
                .iter()
                .skip_while(|byte| !byte.is_ascii_digit())
                .take_while(|byte| byte.is_ascii_digit())
                .fold(0_u64, |sum, digit| {
                    sum.saturating_mul(10).saturating_add(u64::from(digit - b'0'))
                });
            largest = largest.max(digits.min(u64::from(u32::MAX)));
        }
    }
    largest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(part: Part, xml: &str) -> Result<(), Refused> {
        let limits = Limits {
            cells: 1_000,
            ..Limits::default()
        };
        let mut scan = XmlScan::new(part, &limits);
        for piece in xml.as_bytes().chunks(7) {
            scan.feed(piece)?;
        }
        Ok(())
    }

    #[test]
    fn honest_parts_pass() {
        let sheet = "<?xml version=\"1.0\"?><!-- a > b -- c --><worksheet><sheetData><row r=\"1\">\
            <c r=\"A1\" note='a > b / \"c\"'><v>1</v></c><c r=\"B1\"/></row></sheetData></worksheet>";
        scan(Part::Worksheet, sheet).unwrap();
        let deep = "<a>".repeat(DEPTH) + &*"</a>".repeat(DEPTH);
        scan(Part::Other, &deep.repeat(3)).unwrap();
    }

    #[test]
    fn what_would_fill_memory_is_refused() {
        let strings = "<si/>".repeat((STRINGS_BYTES / STRING_BYTES) as usize + 1);
        for (part, xml, said) in [
            (
                Part::Other,
                "<!DOCTYPE a [<!ENTITY b \"c\">]>".to_owned(),
                "declaration",
            ),
            (Part::Other, "<a><![CDATA[b]]></a>".to_owned(), "declaration"),
            (Part::Other, "<a>".repeat(DEPTH + 1), "deep"),
            (Part::Worksheet, "<row>".repeat(DEPTH + 1), "deep"),
            (Part::Other, "<xf/>".repeat(200_001), "elements"),
            (Part::Worksheet, "<sheet/>".repeat(200_001), "elements"),
            (Part::Worksheet, "<c/>".repeat(1_001), "cells"),
            (Part::Worksheet, "<x:f/>".repeat(2_001), "values"),
            (Part::Strings, strings, "shared strings"),
            (
                Part::Strings,
                "<sst uniqueCount=\"99999999999\">".to_owned(),
                "announcement",
            ),
            (
                Part::Strings,
                format!("<x:sst {} uniqueCount='9'>", " ".repeat(KEPT)),
                "announcement",
            ),
            (
                Part::Other,
                format!("<a b=\"{}\"/>", "c".repeat(TAG_BYTES)),
                "tag",
            ),
            (
                Part::Worksheet,
                format!("<t>{}</t>", "c".repeat(TEXT_BYTES + 1)),
                "text",
            ),
            (Part::Other, "<\0a\0".to_owned(), "encoding"),
        ] {
            let refused = format!("{:?}", scan(part, &xml).unwrap_err());
            assert!(
                refused.contains(said),
                "{refused} of {}",
                &xml[..20.min(xml.len())]
            );
        }
    }

    #[test]
    fn many_cells_are_no_reason_to_refuse() {
        let row = "<x:row r=\"1\"><x:c><x:v>1</x:v></x:c><x:c t=\"inlineStr\"><x:is><x:t>a</x:t></x:is></x:c></x:row>";
        scan(Part::Worksheet, &row.repeat(500)).unwrap();
        scan(Part::Strings, &"<si><r><t>a</t></r></si>".repeat(100_000)).unwrap();
    }

    #[test]
    fn parts_are_known_by_their_names() {
        assert_eq!(Part::of("xl/worksheets/sheet1.xml"), Part::Worksheet);
        assert_eq!(Part::of("xl/SharedStrings.xml"), Part::Strings);
        assert_eq!(Part::of("xl/worksheets/styles.xml"), Part::Other);
        assert_eq!(Part::of("styles.xml"), Part::Other);
        assert_eq!(Part::of("xl/worksheets/_rels/sheet1.xml.rels"), Part::Other);
    }
}
