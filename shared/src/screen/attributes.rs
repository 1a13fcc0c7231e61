//! The attributes of a dump's tags, as they stand. A hierarchy is little else than some ten thousand of them, and each is
//! looked at once: so quotes are searched for, and nothing is checked that the tree has no use for.

use super::ScreenError;

/// Names and raw values of one tag.
#[derive(Debug, Clone)]
pub(super) struct Attributes<'a> {
    rest: &'a str,
}

impl<'a> Attributes<'a> {
    /// Of what stands between a tag's name and its end.
    pub(super) fn of(raw: &'a str) -> Self {
        Self { rest: raw }
    }

    fn take(&mut self, text: &'a str) -> Result<(&'a str, &'a str), ScreenError> {
        let equals = place(b'=', text.as_bytes()).ok_or_else(|| broken("no value", text))?;
        let name = text[..equals].trim_ascii_end();
        let behind = text[equals + 1..].trim_ascii_start();
        let quote = match behind.as_bytes().first() {
            Some(quote @ (b'"' | b'\'')) => *quote,
            _ => return Err(broken("no quote", text)),
        };
        let value = &behind[1..];
        let end = place(quote, value.as_bytes()).ok_or_else(|| broken("no end", text))?;
        self.rest = &value[end + 1..];
        Ok((name, &value[..end]))
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Result<(&'a str, &'a str), ScreenError>;

    /// Ends behind the first fault.
    fn next(&mut self) -> Option<Self::Item> {
        let text = self.rest.trim_ascii_start();
        self.rest = "";
        (!text.is_empty()).then(|| self.take(text))
    }
}

/// Where a byte comes first. Most names and values are a few letters, for which a search that is good at long texts is
/// too long in its preparations.
#[inline]
fn place(wanted: u8, text: &[u8]) -> Option<usize> {
    const NEAR: usize = 12;
    let near = text.get(..NEAR).unwrap_or(text);
    match near.iter().position(|byte| *byte == wanted) {
        Some(place) => Some(place),
        None => memchr::memchr(wanted, text.get(NEAR..)?).map(|place| NEAR + place),
    }
}

fn broken(what: &str, text: &str) -> ScreenError {
    let begin: String = text.chars().take(20).collect();
    ScreenError::Malformed(format!("an attribute with {what}: {begin}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(raw: &str) -> Result<Vec<(&str, &str)>, ScreenError> {
        Attributes::of(raw).collect()
    }

    #[test]
    fn both_quotes_and_blanks_around_are_taken() {
        assert_eq!(
            all(" text=\"it's = so\" class = 'a \"b\"'\n\tempty=\"\" ").unwrap(),
            [("text", "it's = so"), ("class", "a \"b\""), ("empty", "")]
        );
        assert_eq!(all(" ").unwrap(), []);
    }

    #[test]
    fn what_is_no_attribute_is_an_error_that_shows_it() {
        for (raw, what) in [
            (" checked", "no value"),
            (" text=\"a\" checked", "no value"),
            (" text=a", "no quote"),
            (" text=", "no quote"),
            (" text=\"a", "no end"),
        ] {
            let said = all(raw).unwrap_err().to_string();
            assert!(said.contains(what), "{raw}: {said}");
        }
    }
}
