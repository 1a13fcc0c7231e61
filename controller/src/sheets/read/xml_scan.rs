//! Looks over XML before a parser sees it: how deep, how long, how many elements. A parser keeps each of these in
//! memory, so that a small file can be made to take all there is. Knows tags and text, and not what they mean.

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

    /// Elements that cost the parser nothing once it is past them.
    fn is_passing(self, name: &[u8]) -> bool {
        match self {
            Self::Worksheet => matches!(name, b"c" | b"v" | b"f" | b"is" | b"t" | b"r" | b"row"),
            Self::Strings => matches!(name, b"si" | b"t" | b"r"),
            Self::Other => false,
        }
    }

    /// Elements of all other names.
    fn elements(self) -> u64 {
        match self {
            Self::Worksheet | Self::Other => 200_000,
            Self::Strings => 400_000,
        }
    }
}

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
pub(super) struct XmlScan {
    part: Part,
    state: State,
    depth: usize,
    /// Bytes of the tag or the text so far.
    run: usize,
    previous: u8,
    tag: Vec<u8>,
    elements: u64,
    strings: u64,
    bytes: u64,
}

/// What no honest file has, for a person to read.
pub(super) type Refused = String;

/// Bytes kept of a tag: its name, or all of the strings' head.
const KEPT: usize = 4 << 10;

impl XmlScan {
    pub(super) fn new(part: Part) -> Self {
        Self {
            part,
            state: State::Text,
            depth: 0,
            run: 0,
            previous: 0,
            tag: Vec::with_capacity(64),
            elements: 0,
            strings: 0,
            bytes: 0,
        }
    }

    pub(super) fn feed(&mut self, bytes: &[u8]) -> Result<(), Refused> {
        self.bytes += bytes.len() as u64;
        for &byte in bytes {
            self.step(byte)?;
        }
        if self.part == Part::Strings && self.strings * STRING_BYTES + self.bytes > STRINGS_BYTES {
            return Err(format!("more than {} MB of shared strings", STRINGS_BYTES >> 20));
        }
        Ok(())
    }

    #[inline]
    fn step(&mut self, byte: u8) -> Result<(), Refused> {
        self.run += 1;
        match self.state {
            State::Text => {
                if byte == b'<' {
                    self.run = 0;
                    self.state = State::Opened;
                } else if self.run > TEXT_BYTES {
                    return Err("a text without an end".to_owned());
                }
            }
            State::Tag { closing, quote: 0 } => {
                if byte == b'>' {
                    self.end_tag(closing)?;
                } else {
                    if matches!(byte, b'"' | b'\'') {
                        self.state = State::Tag { closing, quote: byte };
                    }
                    self.keep(byte)?;
                }
            }
            State::Tag { closing, quote } => {
                if byte == quote {
                    self.state = State::Tag { closing, quote: 0 };
                }
                self.keep(byte)?;
            }
            State::Opened => return self.open(byte),
            State::Declaration => {
                if byte != b'-' {
                    return Err("a declaration of its own (DOCTYPE, ENTITY or CDATA)".to_owned());
                }
                self.state = State::Comment(0);
            }
            State::Comment(hyphens) => {
                self.state = match byte {
                    b'>' if hyphens >= 2 => State::Text,
                    b'-' => State::Comment(hyphens.saturating_add(1)),
                    _ => State::Comment(0),
                };
                self.bound(TEXT_BYTES)?;
            }
            State::Instruction => {
                if byte == b'>' && self.previous == b'?' {
                    self.state = State::Text;
                    self.run = 0;
                }
                self.previous = byte;
                self.bound(TAG_BYTES)?;
            }
        }
        Ok(())
    }

    fn open(&mut self, byte: u8) -> Result<(), Refused> {
        self.tag.clear();
        self.previous = 0;
        self.state = match byte {
            0 => return Err("XML in an encoding other than UTF-8".to_owned()),
            b'!' => State::Declaration,
            b'?' => State::Instruction,
            b'/' => State::Tag {
                closing: true,
                quote: 0,
            },
            b'>' => return Err("a tag without a name".to_owned()),
            _ => {
                self.tag.push(byte);
                self.previous = byte;
                State::Tag {
                    closing: false,
                    quote: 0,
                }
            }
        };
        Ok(())
    }

    #[inline]
    fn keep(&mut self, byte: u8) -> Result<(), Refused> {
        if self.tag.len() < KEPT {
            self.tag.push(byte);
        }
        self.previous = byte;
        self.bound(TAG_BYTES)
    }

    #[inline]
    fn bound(&self, limit: usize) -> Result<(), Refused> {
        if self.run > limit {
            return Err("a tag without an end".to_owned());
        }
        Ok(())
    }

    fn end_tag(&mut self, closing: bool) -> Result<(), Refused> {
        self.state = State::Text;
        self.run = 0;
        if closing {
            self.depth = self.depth.saturating_sub(1);
            return Ok(());
        }
        if self.previous != b'/' {
            self.depth += 1;
            if self.depth > DEPTH {
                return Err(format!("elements in one another, more than {DEPTH} deep"));
            }
        }
        let name = local_name(&self.tag);
        if self.part.is_passing(name) {
            self.strings += u64::from(name == b"si");
            return Ok(());
        }
        self.elements += 1;
        if self.elements > self.part.elements() {
            return Err(format!("more than {} elements in one part", self.part.elements()));
        }
        // A parser makes room for as many strings as this says, before it has seen one of them.
        if name == b"sst" && announced(&self.tag) * STRING_BYTES > STRINGS_BYTES {
            return Err("an announcement of more strings than fit".to_owned());
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
        let mut scan = XmlScan::new(part);
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
        let deep = "<a>".repeat(DEPTH) + &"</a>".repeat(DEPTH);
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
            let refused = scan(part, &xml).unwrap_err();
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
        scan(Part::Worksheet, &row.repeat(60_000)).unwrap();
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
