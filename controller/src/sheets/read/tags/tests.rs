//! Tags and texts in every form that they come in, across borders of what is taken in at a time, and what is refused.

use super::*;

/// Hands out three bytes at a time, so that everything lies across a border once.
struct Slowly<'a>(&'a [u8]);

impl Read for Slowly<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = buffer.len().min(3);
        self.0.read(&mut buffer[..count])
    }
}

fn told(xml: &[u8]) -> Result<String, ReadError> {
    // Without a buffer between: what is taken in at a time is what the tags see.
    let mut tags = Tags::new(Slowly(xml), 64 << 20)?;
    let mut told = String::new();
    loop {
        match tags.next()? {
            Next::Open(tag) => {
                told += &format!("<{}", tag.name);
                for attribute in tag.attributes() {
                    let (name, value) = attribute?;
                    told += &format!(" {name}={value}");
                }
                told.push('>');
            }
            Next::Close => told += "</>",
            Next::Text(text) => text.push_to(&mut told)?,
            Next::End => return Ok(told),
        }
    }
}

#[test]
fn tags_and_texts_come_one_by_one() {
    for (xml, expected) in [
        ("<a/>", "<a></>"),
        (
            "<?xml version=\"1.0\"?>\n<a><!-- b > c -- d --><b/></a>\n",
            "\n<a><b></></>\n",
        ),
        (
            "<x:a r:id=\"1\" b = 'c > \"d\"/' ><x:b>t</x:b ></x:a>",
            "<a id=1 b=c > \"d\"/><b>t</></>",
        ),
        ("<a>&lt;&#233;&#x1F600;\r\nb\rc&#13;</a>", "<a><é😀\nb\nc\r</>"),
        ("<a>b<![CDATA[<c>&lt;]] ]]>d</a>", "<a>b<c>&lt;]] d</>"),
        ("<a b=\"\"/>", "<a b=></>"),
    ] {
        assert_eq!(told(xml.as_bytes()).unwrap(), expected, "{xml}");
        let marked = ["\u{feff}", xml].concat();
        assert_eq!(told(marked.as_bytes()).unwrap(), expected);
        let units: Vec<u16> = marked.encode_utf16().collect();
        let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        assert_eq!(told(&little).unwrap(), expected);
        assert_eq!(told(&big).unwrap(), expected);
    }
}

#[test]
fn what_is_broken_is_an_error() {
    for xml in [
        "<a>",
        "<a",
        "<a b=\"c",
        "<",
        "<a></b>",
        "</a>",
        "<a></a></a>",
        "<a b></a>",
        "<a b=c/>",
        "<a =\"c\"/>",
        "<a>&amp</a>",
        "<a>&#x110000;</a>",
        "<a>&#xd800;</a>",
        "<a><!-- </a>",
        "<a><![CDATA[ </a>",
    ] {
        let error = told(xml.as_bytes()).unwrap_err();
        assert!(matches!(error, ReadError::Damaged { .. }), "{xml}: {error:?}");
    }
    let mut cut = "<a>é</a>".as_bytes().to_vec();
    cut.truncate(4);
    assert!(matches!(told(&cut).unwrap_err(), ReadError::Damaged { .. }));
}

#[test]
fn what_would_fill_memory_is_refused() {
    for (xml, said) in [
        ("<!DOCTYPE a [<!ENTITY b \"c\">]>".to_owned(), "declaration"),
        ("<a>&lol;</a>".to_owned(), "lol"),
        ("<a b=\"&lol;\"/>".to_owned(), "lol"),
        ("<a>".repeat(DEPTH + 1), "deep"),
        (format!("<a b=\"{}\"/>", "c".repeat(TAG_BYTES)), "tag"),
        (format!("<t>{}</t>", "c".repeat(TEXT_BYTES + 1)), "text"),
        (format!("<!--{}-->", "c".repeat(2 * TEXT_BYTES)), "comment"),
        ("<\0a\0".to_owned(), "encoding"),
        ("<>".to_owned(), "tag without a name"),
    ] {
        let mut tags = Tags::new(xml.as_bytes(), 64 << 20).unwrap();
        let refused = loop {
            match tags.next() {
                Ok(Next::Open(tag)) => {
                    if let Err(error) = tag.attribute("b") {
                        break error;
                    }
                }
                Ok(Next::Text(text)) => {
                    if let Err(error) = text.push_to(&mut String::new()) {
                        break error;
                    }
                }
                Ok(Next::Close) => (),
                Ok(Next::End) => panic!("{} was read", &xml[..20.min(xml.len())]),
                Err(error) => break error,
            }
        };
        assert!(refused.to_string().contains(said), "{refused}");
        assert!(matches!(refused, ReadError::Unsafe { .. }), "{refused:?}");
    }
    let mut tags = Tags::new(&b"<a>1234567</a>"[..], 8).unwrap();
    let refused = std::iter::repeat_with(|| tags.next().map(|_| ()))
        .find_map(Result::err)
        .unwrap();
    assert!(
        refused.to_string().contains("more than 8 bytes when unpacked"),
        "{refused}"
    );
}

#[test]
fn texts_split_by_comments_are_one_and_others_inside_are_left_out() {
    let xml = b"<a><v>1<!-- -->2<x>no</x>3</v><b><c/><c>no</c></b>4</a>";
    let mut tags = Tags::new(&xml[..], 1 << 20).unwrap();
    let mut text = String::new();
    tags.next().unwrap();
    tags.next().unwrap();
    tags.text(&mut text).unwrap();
    tags.next().unwrap();
    tags.skip().unwrap();
    tags.text(&mut text).unwrap();
    assert_eq!(text, "1234");
    assert!(matches!(tags.next().unwrap(), Next::End));
}
