//! Text to commands. Never panics, whatever the text; too deep a nesting is an error.

mod word;

use std::sync::Arc;

use super::syntax::{Command, Item, List, Redirect, RedirectKind, Simple, Word};

/// How deep commands may stand in each other.
const MAX_DEPTH: usize = 40;

/// Why a text is no script, in the shell's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SyntaxError {
    pub(super) message: String,
    /// More lines might complete it.
    pub(super) incomplete: bool,
}

type Parsed<T> = Result<T, SyntaxError>;

/// Reads a whole script.
pub(super) fn parse(text: &str) -> Parsed<List> {
    let mut parser = Parser::new(text);
    let list = parser.list(&[])?;
    match parser.peek() {
        None => Ok(list),
        Some(_) => Err(parser.unexpected()),
    }
}

struct Parser {
    text: Vec<char>,
    at: usize,
    depth: usize,
}

/// Words that end a list, where a command could begin.
const ENDERS: [&str; 8] = ["then", "else", "elif", "fi", "do", "done", "esac", "}"];

impl Parser {
    fn new(text: &str) -> Self {
        Self {
            text: text.chars().collect(),
            at: 0,
            depth: 0,
        }
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn ahead(&self, by: usize) -> Option<char> {
        self.text.get(self.at + by).copied()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += 1;
        Some(next)
    }

    fn starts_with(&self, text: &str) -> bool {
        text.chars()
            .enumerate()
            .all(|(by, wanted)| self.ahead(by) == Some(wanted))
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.starts_with(text);
        if found {
            self.at += text.chars().count();
        }
        found
    }

    /// Blanks, comments and continued lines.
    fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(' ' | '\t' | '\r') => self.at += 1,
                Some('\\') if self.ahead(1) == Some('\n') => self.at += 2,
                Some('#') => {
                    while self.peek().is_some_and(|next| next != '\n') {
                        self.at += 1;
                    }
                }
                _ => return,
            }
        }
    }

    fn skip_lines(&mut self) {
        self.skip_blanks();
        while self.peek() == Some('\n') {
            self.at += 1;
            self.skip_blanks();
        }
    }

    fn unexpected(&self) -> SyntaxError {
        match self.peek() {
            None => SyntaxError {
                message: "syntax error: unexpected EOF".to_owned(),
                incomplete: true,
            },
            Some('\n') => SyntaxError {
                message: "syntax error: unexpected newline".to_owned(),
                incomplete: false,
            },
            Some(_) => {
                let word: String = self.text[self.at..]
                    .iter()
                    .take_while(|next| !next.is_whitespace())
                    .take(20)
                    .collect();
                let length = word
                    .chars()
                    .take_while(|next| next.is_alphanumeric())
                    .count()
                    .max(1);
                let word: String = word.chars().take(length).collect();
                SyntaxError {
                    message: format!("syntax error: unexpected '{word}'"),
                    incomplete: false,
                }
            }
        }
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= MAX_DEPTH {
            return Err(SyntaxError {
                message: "syntax error: nested too deep".to_owned(),
                incomplete: false,
            });
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    /// Whether the bare word `word` stands here.
    fn at_word(&self, word: &str) -> bool {
        self.starts_with(word)
            && self
                .ahead(word.chars().count())
                .is_none_or(|next| next.is_whitespace() || ";&|()<>".contains(next))
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = self.at_word(word);
        if found {
            self.at += word.chars().count();
        }
        found
    }

    fn expect_word(&mut self, word: &str) -> Parsed<()> {
        self.skip_lines();
        if self.eat_word(word) {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    /// Commands up to one of `ends` (which is left), a closing bracket, `;;` or the end of the text.
    fn list(&mut self, ends: &[&str]) -> Parsed<List> {
        self.deeper(|parser| {
            let mut items = Vec::new();
            loop {
                parser.skip_lines();
                let closes = parser.peek().is_none_or(|next| next == ')') || parser.starts_with(";;");
                if closes || ends.iter().any(|end| parser.at_word(end)) {
                    return Ok(List(items));
                }
                let command = Arc::new(parser.and_or()?);
                parser.skip_blanks();
                let background = parser.peek() == Some('&') && parser.ahead(1) != Some('&');
                items.push(Item { command, background });
                match parser.peek() {
                    Some('&') if background => parser.at += 1,
                    Some(';') if parser.ahead(1) != Some(';') => parser.at += 1,
                    Some('\n' | ')' | ';') | None => {}
                    Some(_) => return Err(parser.unexpected()),
                }
            }
        })
    }

    fn and_or(&mut self) -> Parsed<Command> {
        let mut left = self.pipeline()?;
        loop {
            self.skip_blanks();
            let both = self.eat("&&");
            if !both && !self.eat("||") {
                return Ok(left);
            }
            self.skip_lines();
            let right = Arc::new(self.pipeline()?);
            left = if both {
                Command::And(Arc::new(left), right)
            } else {
                Command::Or(Arc::new(left), right)
            };
        }
    }

    fn pipeline(&mut self) -> Parsed<Command> {
        self.skip_blanks();
        if self.eat_word("!") {
            let negated = self.deeper(Self::pipeline)?;
            return Ok(Command::Not(Arc::new(negated)));
        }
        let mut stages = vec![self.command()?];
        loop {
            self.skip_blanks();
            if self.peek() != Some('|') || self.ahead(1) == Some('|') {
                break;
            }
            self.at += 1;
            self.skip_lines();
            stages.push(self.command()?);
        }
        if stages.len() > 1 {
            return Ok(Command::Pipeline(stages.into_iter().map(Arc::new).collect()));
        }
        stages.pop().ok_or_else(|| self.unexpected())
    }

    fn command(&mut self) -> Parsed<Command> {
        self.skip_blanks();
        let compound = self.deeper(Self::compound)?;
        let Some(compound) = compound else {
            return self.simple();
        };
        let mut redirects = Vec::new();
        loop {
            self.skip_blanks();
            match self.redirect()? {
                Some(redirect) => redirects.push(redirect),
                None if redirects.is_empty() => return Ok(compound),
                None => return Ok(Command::Redirected(Arc::new(compound), redirects)),
            }
        }
    }

    fn compound(&mut self) -> Parsed<Option<Command>> {
        if self.peek() == Some('(') {
            self.at += 1;
            let list = self.list(&[])?;
            if !self.eat(")") {
                return Err(self.unexpected());
            }
            return Ok(Some(Command::Subshell(list)));
        }
        if self.eat_word("{") {
            let list = self.list(&["}"])?;
            self.expect_word("}")?;
            return Ok(Some(Command::Group(list)));
        }
        if self.eat_word("if") {
            return self.conditional().map(Some);
        }
        if self.eat_word("while") {
            return self.repeated(true).map(Some);
        }
        if self.eat_word("until") {
            return self.repeated(false).map(Some);
        }
        if self.eat_word("for") {
            return self.for_each().map(Some);
        }
        if self.eat_word("case") {
            return self.case().map(Some);
        }
        if ENDERS.iter().any(|word| self.at_word(word)) {
            return Err(self.unexpected());
        }
        self.function()
    }

    fn conditional(&mut self) -> Parsed<Command> {
        let mut arms = Vec::new();
        loop {
            let condition = self.list(&["then"])?;
            self.expect_word("then")?;
            let body = self.list(&["elif", "else", "fi"])?;
            arms.push((condition, body));
            if !self.eat_word("elif") {
                break;
            }
        }
        let otherwise = if self.eat_word("else") {
            self.list(&["fi"])?
        } else {
            List::default()
        };
        self.expect_word("fi")?;
        Ok(Command::If { arms, otherwise })
    }

    fn repeated(&mut self, wanted: bool) -> Parsed<Command> {
        let condition = self.list(&["do"])?;
        let body = self.body()?;
        Ok(Command::Loop {
            condition,
            wanted,
            body,
        })
    }

    fn body(&mut self) -> Parsed<List> {
        self.expect_word("do")?;
        let body = self.list(&["done"])?;
        self.expect_word("done")?;
        Ok(body)
    }

    fn for_each(&mut self) -> Parsed<Command> {
        self.skip_blanks();
        let name = self.name();
        if name.is_empty() {
            return Err(self.unexpected());
        }
        self.skip_lines();
        let words = if self.eat_word("in") {
            let mut words = Vec::new();
            loop {
                self.skip_blanks();
                match self.word()? {
                    Some(word) => words.push(word),
                    None => break Some(words),
                }
            }
        } else {
            None
        };
        self.skip_blanks();
        self.eat(";");
        let body = self.body()?;
        Ok(Command::For { name, words, body })
    }

    fn case(&mut self) -> Parsed<Command> {
        self.skip_blanks();
        let word = self.word()?.ok_or_else(|| self.unexpected())?;
        self.expect_word("in")?;
        let mut arms = Vec::new();
        loop {
            self.skip_lines();
            if self.eat_word("esac") {
                return Ok(Command::Case { word, arms });
            }
            self.eat("(");
            let mut patterns = Vec::new();
            loop {
                self.skip_blanks();
                patterns.push(self.word()?.ok_or_else(|| self.unexpected())?);
                self.skip_blanks();
                if !self.eat("|") {
                    break;
                }
            }
            if !self.eat(")") {
                return Err(self.unexpected());
            }
            let body = self.list(&["esac"])?;
            arms.push((patterns, body));
            self.skip_lines();
            self.eat(";;");
        }
    }

    /// `name() command`
    fn function(&mut self) -> Parsed<Option<Command>> {
        let start = self.at;
        let name = self.name();
        self.skip_blanks();
        if name.is_empty() || !self.eat("(") {
            self.at = start;
            return Ok(None);
        }
        self.skip_blanks();
        if !self.eat(")") {
            return Err(self.unexpected());
        }
        self.skip_lines();
        let body = Arc::new(self.command()?);
        Ok(Some(Command::Function { name, body }))
    }

    /// A variable's name; empty where there is none.
    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(next) = self.peek() {
            let fits =
                next == '_' || next.is_ascii_alphabetic() || (!name.is_empty() && next.is_ascii_digit());
            if !fits {
                break;
            }
            name.push(next);
            self.at += 1;
        }
        name
    }

    fn simple(&mut self) -> Parsed<Command> {
        let mut simple = Simple::default();
        loop {
            self.skip_blanks();
            if let Some(redirect) = self.redirect()? {
                simple.redirects.push(redirect);
                continue;
            }
            if simple.words.is_empty()
                && let Some(name) = self.assignment()
            {
                let value = self.word()?.unwrap_or_default();
                simple.assignments.push((name, value));
                continue;
            }
            match self.word()? {
                Some(word) => simple.words.push(word),
                None => break,
            }
        }
        if simple == Simple::default() {
            return Err(self.unexpected());
        }
        Ok(Command::Simple(simple))
    }

    /// `NAME=`
    fn assignment(&mut self) -> Option<String> {
        let start = self.at;
        let name = self.name();
        if !name.is_empty() && self.eat("=") {
            return Some(name);
        }
        self.at = start;
        None
    }

    fn redirect(&mut self) -> Parsed<Option<Redirect>> {
        let number = self
            .peek()
            .and_then(|next| next.to_digit(10))
            .filter(|_| matches!(self.ahead(1), Some('<' | '>')));
        if number.is_some() {
            self.at += 1;
        }
        let (kind, usual) = if self.eat("&>") {
            (RedirectKind::Both, 1)
        } else if self.eat(">>") {
            (RedirectKind::Append, 1)
        } else if self.eat(">&") {
            (RedirectKind::Duplicate, 1)
        } else if self.eat(">|") || self.eat(">") {
            (RedirectKind::Write, 1)
        } else if self.eat("<&") {
            (RedirectKind::Duplicate, 0)
        } else if self.peek() == Some('<') && self.ahead(1) != Some('<') {
            self.at += 1;
            (RedirectKind::Read, 0)
        } else {
            return Ok(None);
        };
        self.skip_blanks();
        let target: Word = self.word()?.ok_or_else(|| self.unexpected())?;
        Ok(Some(Redirect {
            descriptor: number.unwrap_or(usual),
            kind,
            target,
        }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_not_complete_is_told_from_what_is_wrong() {
        for text in [
            "if true; then",
            "echo 'a",
            "for x in a; do",
            "(echo",
            "echo \"$(",
            "a &&",
        ] {
            assert!(parse(text).unwrap_err().incomplete, "{text}");
        }
        for text in ["fi", "echo )", "| a", "if true; fi", "a ; ; b"] {
            assert!(!parse(text).unwrap_err().incomplete, "{text}");
        }
    }

    #[test]
    fn nesting_has_a_limit() {
        let deep = "(".repeat(5000);
        assert!(parse(&deep).is_err());
        let deep = format!("echo {}", "$(".repeat(5000));
        assert!(parse(&deep).is_err());
        let deep = format!("echo {}", "\"${a:-".repeat(5000));
        assert!(parse(&deep).is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC{0,60}") {
            let _ = parse(&text);
        }

        #[test]
        fn no_mix_of_its_signs_makes_the_parser_panic(
            parts in proptest::collection::vec(
                proptest::sample::select(vec![
                    "if", "then", "fi", "for", "in", "do", "done", "while", "case", "esac", ";;", ";", "&", "&&",
                    "|", "(", ")", "{", "}", "$(", "${", "`", "\"", "'", "\\", ">", "<", ">&", "2>", "=", "a", " ",
                    "\n", "$", "#", "$((", "))", "!", "*", "é",
                ]),
                0..25,
            )
        ) {
            let _ = parse(&parts.concat());
        }
    }
}
