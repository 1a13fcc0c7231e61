//! One word: quotes, variables, `$( … )`, backticks, `$(( … ))`.

use super::super::syntax::{Change, List, Part, PartKind, Word};
use super::{Parsed, Parser, SyntaxError, parse};

/// Where a word stops.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    /// At blanks and operators.
    Word,
    /// At the closing double quote.
    Quote,
    /// At the closing brace of `${ … }`, within double quotes or not.
    Brace { quoted: bool },
    /// At the `))` of a sum.
    Sum,
}

impl Parser {
    /// The next word; `None` where an operator, the line's or the text's end stands.
    pub(super) fn word(&mut self) -> Parsed<Option<Word>> {
        let start = self.at;
        let word = self.deeper(|parser| parser.parts(Stop::Word))?;
        Ok((self.at > start).then_some(word))
    }

    fn parts(&mut self, stop: Stop) -> Parsed<Word> {
        let quoted = matches!(stop, Stop::Quote | Stop::Brace { quoted: true } | Stop::Sum);
        let mut word = Building::default();
        loop {
            let Some(next) = self.peek() else {
                return if stop == Stop::Word {
                    Ok(word.end())
                } else {
                    Err(no_closing())
                };
            };
            let ends = match stop {
                Stop::Word => next.is_whitespace() || ";&|()<>".contains(next),
                Stop::Quote => next == '"',
                Stop::Brace { .. } => next == '}',
                Stop::Sum => next == ')' && self.ahead(1) == Some(')'),
            };
            if ends {
                return Ok(word.end());
            }
            match next {
                '\\' => {
                    self.at += 1;
                    self.escaped(quoted, &mut word);
                }
                '\'' if !quoted => {
                    self.at += 1;
                    let text = self.until('\'')?;
                    word.text(&text, true);
                }
                '"' if stop != Stop::Quote => {
                    self.at += 1;
                    let inner = self.deeper(|parser| parser.parts(Stop::Quote))?;
                    self.at += 1;
                    word.quotation(inner);
                }
                '$' => {
                    self.at += 1;
                    self.dollar(quoted, &mut word)?;
                }
                '`' => {
                    self.at += 1;
                    let text = self.backticks()?;
                    let list = self.inner(&text)?;
                    word.push(PartKind::Output(list), quoted);
                }
                // Brackets within a sum belong to it.
                '(' if stop == Stop::Sum => {
                    self.at += 1;
                    let inner = self.deeper(Self::bracketed)?;
                    word.text("(", true);
                    word.parts.extend(inner.0);
                    word.text(")", true);
                }
                other => {
                    self.at += 1;
                    word.text(other.encode_utf8(&mut [0; 4]), quoted);
                }
            }
        }
    }

    /// The rest of a bracket within a sum, with its end eaten.
    fn bracketed(&mut self) -> Parsed<Word> {
        let mut text = String::new();
        let mut open = 1;
        while let Some(next) = self.next() {
            match next {
                '(' => open += 1,
                ')' => open -= 1,
                _ => {}
            }
            if open == 0 {
                let mut inner = Parser::new(&format!("{text}\""));
                inner.depth = self.depth;
                return inner.parts(Stop::Quote);
            }
            text.push(next);
        }
        Err(no_closing())
    }

    fn escaped(&mut self, quoted: bool, word: &mut Building) {
        match self.next() {
            // A backslash at the very end stands for itself.
            None => word.text("\\", true),
            Some('\n') => {}
            Some(next) => {
                if quoted && !"$`\"\\}".contains(next) {
                    word.text("\\", true);
                }
                word.text(next.encode_utf8(&mut [0; 4]), true);
            }
        }
    }

    fn until(&mut self, end: char) -> Parsed<String> {
        let mut text = String::new();
        loop {
            match self.next() {
                None => return Err(no_closing()),
                Some(next) if next == end => return Ok(text),
                Some(next) => text.push(next),
            }
        }
    }

    fn backticks(&mut self) -> Parsed<String> {
        let mut text = String::new();
        loop {
            match self.next() {
                None => return Err(no_closing()),
                Some('`') => return Ok(text),
                Some('\\') if self.peek().is_some_and(|next| "`$\\".contains(next)) => {
                    text.extend(self.next());
                }
                Some(next) => text.push(next),
            }
        }
    }

    /// A script within this one, as deep as this place is.
    fn inner(&mut self, text: &str) -> Parsed<List> {
        if self.depth > 30 {
            return self.deeper(|_| Err(no_closing()));
        }
        parse(text)
    }

    fn dollar(&mut self, quoted: bool, word: &mut Building) -> Parsed<()> {
        match self.peek() {
            Some('(') if self.ahead(1) == Some('(') => {
                self.at += 2;
                let sum = self.deeper(|parser| parser.parts(Stop::Sum))?;
                self.at += 2;
                word.push(PartKind::Sum(sum), quoted);
            }
            Some('(') => {
                self.at += 1;
                let list = self.deeper(|parser| parser.list(&[]))?;
                if !self.eat(")") {
                    return Err(self.unexpected());
                }
                word.push(PartKind::Output(list), quoted);
            }
            Some('{') => {
                self.at += 1;
                let variable = self.deeper(|parser| parser.braced(quoted))?;
                word.push(variable, quoted);
            }
            Some('\'') if !quoted => {
                self.at += 1;
                let text = self.until('\'')?;
                word.text(&unescape(&text), true);
            }
            Some(next) if "?$#@*!-".contains(next) || next.is_ascii_digit() => {
                self.at += 1;
                word.variable(next.to_string(), quoted);
            }
            _ => {
                let name = self.name();
                if name.is_empty() {
                    word.text("$", true);
                } else {
                    word.variable(name, quoted);
                }
            }
        }
        Ok(())
    }

    /// The inside of `${ … }`, and its end.
    fn braced(&mut self, quoted: bool) -> Parsed<PartKind> {
        let length = self.peek() == Some('#') && self.ahead(1) != Some('}');
        if length {
            self.at += 1;
        }
        let mut name = self.name();
        if name.is_empty()
            && let Some(next) = self.peek()
            && ("?$#@*!-".contains(next) || next.is_ascii_digit())
        {
            self.at += 1;
            name.push(next);
        }
        if name.is_empty() {
            return Err(bad_substitution());
        }
        let change = if length {
            Some(Change::Length)
        } else {
            self.change(quoted)?
        };
        if !self.eat("}") {
            return Err(if self.peek().is_none() {
                no_closing()
            } else {
                bad_substitution()
            });
        }
        Ok(PartKind::Variable { name, change })
    }

    fn change(&mut self, quoted: bool) -> Parsed<Option<Change>> {
        let empty = self.peek() == Some(':') && self.ahead(1).is_some_and(|next| "-+=?".contains(next));
        if empty {
            self.at += 1;
        }
        let change = match self.peek() {
            Some(sign @ ('-' | '+' | '=' | '?')) => {
                self.at += 1;
                let word = self.parts(Stop::Brace { quoted })?;
                Change::Otherwise { sign, empty, word }
            }
            Some(sign @ ('#' | '%')) => {
                self.at += 1;
                let longest = self.peek() == Some(sign);
                if longest {
                    self.at += 1;
                }
                let pattern = self.parts(Stop::Brace { quoted: false })?;
                Change::Strip {
                    front: sign == '#',
                    longest,
                    pattern,
                }
            }
            _ => return Ok(None),
        };
        Ok(Some(change))
    }
}

/// A word that grows; neighbouring text of one kind is one part.
#[derive(Default)]
struct Building {
    parts: Vec<Part>,
}

impl Building {
    fn text(&mut self, text: &str, quoted: bool) {
        if let Some(Part {
            kind: PartKind::Text(before),
            quoted: same,
        }) = self.parts.last_mut()
            && *same == quoted
        {
            before.push_str(text);
            return;
        }
        self.push(PartKind::Text(text.to_owned()), quoted);
    }

    /// `"…"`: also an empty one makes a word.
    fn quotation(&mut self, inner: Word) {
        if inner.0.is_empty() {
            self.text("", true);
        }
        self.parts.extend(inner.0);
    }

    fn variable(&mut self, name: String, quoted: bool) {
        self.push(PartKind::Variable { name, change: None }, quoted);
    }

    fn push(&mut self, kind: PartKind, quoted: bool) {
        self.parts.push(Part { kind, quoted });
    }

    fn end(self) -> Word {
        Word(self.parts)
    }
}

/// The escapes of `$'…'` that scripts use.
fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text.chars();
    while let Some(next) = rest.next() {
        if next != '\\' {
            out.push(next);
            continue;
        }
        match rest.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('e') => out.push('\x1b'),
            Some(other) => out.push(other),
            None => out.push('\\'),
        }
    }
    out
}

fn no_closing() -> SyntaxError {
    SyntaxError {
        message: "no closing quote".to_owned(),
        incomplete: true,
    }
}

fn bad_substitution() -> SyntaxError {
    SyntaxError {
        message: "bad substitution".to_owned(),
        incomplete: false,
    }
}
