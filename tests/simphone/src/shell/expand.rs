//! Words to arguments: variables, command output, splitting at blanks, file name patterns.

use super::exec::BoxFuture;
use super::sum;
use super::syntax::{Change, Part, PartKind, Word};
use super::{Shell, glob};

/// An argument that grows.
#[derive(Default)]
struct Field {
    /// With backslashes before signs that shall have no meaning.
    pattern: String,
    /// An empty argument counts only when it was quoted.
    quoted: bool,
}

impl Field {
    fn push(&mut self, text: &str, quoted: bool) {
        self.quoted |= quoted;
        for sign in text.chars() {
            if sign == '\\' || (quoted && matches!(sign, '*' | '?' | '[')) {
                self.pattern.push('\\');
            }
            self.pattern.push(sign);
        }
    }
}

impl Shell {
    /// The arguments that `words` stand for.
    pub(super) async fn arguments(&mut self, words: &[Word]) -> Vec<String> {
        let mut arguments = Vec::new();
        for word in words {
            for field in self.fields(word).await {
                if glob::is_pattern(&field.pattern) {
                    let found = glob::paths(&self.phone, &self.cwd, &field.pattern);
                    if !found.is_empty() {
                        arguments.extend(found);
                        continue;
                    }
                }
                arguments.push(glob::plain(&field.pattern));
            }
        }
        arguments
    }

    /// The one text that `word` stands for: a value, a file name.
    pub(super) fn text<'a>(&'a mut self, word: &'a Word) -> BoxFuture<'a, String> {
        Box::pin(async move {
            let mut text = String::new();
            for part in &word.0 {
                text.push_str(&self.value(part).await);
            }
            text
        })
    }

    /// `word` as a pattern of `case` and `${NAME%…}`.
    pub(super) fn pattern<'a>(&'a mut self, word: &'a Word) -> BoxFuture<'a, String> {
        Box::pin(async move {
            let mut field = Field::default();
            for part in &word.0 {
                let value = self.value(part).await;
                field.push(&value, part.quoted);
            }
            field.pattern
        })
    }

    async fn fields(&mut self, word: &Word) -> Vec<Field> {
        let mut done = Vec::new();
        let mut current: Option<Field> = None;
        for part in &word.0 {
            let every = matches!(&part.kind, PartKind::Variable { name, change: None } if name == "@");
            if every {
                for (number, argument) in self.args.clone().iter().enumerate() {
                    if number > 0 {
                        done.extend(current.take());
                    }
                    current.get_or_insert_default().push(argument, part.quoted);
                }
                continue;
            }
            let value = self.value(part).await;
            let literal = matches!(part.kind, PartKind::Text(_));
            if part.quoted || literal {
                current.get_or_insert_default().push(&value, part.quoted);
                continue;
            }
            for (number, piece) in value.split([' ', '\t', '\n']).enumerate() {
                if number > 0 {
                    done.extend(current.take());
                }
                if !piece.is_empty() {
                    current.get_or_insert_default().push(piece, false);
                }
            }
        }
        done.extend(current);
        done.retain(|field| field.quoted || !field.pattern.is_empty());
        done
    }

    async fn value(&mut self, part: &Part) -> String {
        match &part.kind {
            PartKind::Text(text) => text.clone(),
            PartKind::Variable { name, change } => self.variable(name, change.as_ref()).await,
            PartKind::Output(list) => self.output_of(list).await,
            PartKind::Sum(word) => {
                let text = self.text(word).await;
                let sum = sum::evaluate(&text, &|name| self.lookup(name));
                if sum.is_none() {
                    self.complain(&format!("{text}: unexpected token")).await;
                }
                sum.map(|value| value.to_string()).unwrap_or_default()
            }
        }
    }

    async fn variable(&mut self, name: &str, change: Option<&Change>) -> String {
        let value = self.lookup(name);
        match change {
            None => value.unwrap_or_default(),
            Some(Change::Length) => value.unwrap_or_default().chars().count().to_string(),
            Some(Change::Strip {
                front,
                longest,
                pattern,
            }) => {
                let pattern = self.pattern(pattern).await;
                strip(&value.unwrap_or_default(), &pattern, *front, *longest)
            }
            Some(Change::Otherwise { sign, empty, word }) => {
                let missing = value.as_ref().is_none_or(|value| *empty && value.is_empty());
                match (sign, missing) {
                    ('+', true) => String::new(),
                    ('+', false) | ('-', true) => self.text(word).await,
                    ('=', true) => {
                        let text = self.text(word).await;
                        self.set(name, text.clone());
                        text
                    }
                    ('?', true) => {
                        let text = self.text(word).await;
                        self.complain(&format!("{name}: {text}")).await;
                        String::new()
                    }
                    _ => value.unwrap_or_default(),
                }
            }
        }
    }
}

/// `value` without its shortest or longest beginning or end that fits.
fn strip(value: &str, pattern: &str, front: bool, longest: bool) -> String {
    let mut cuts: Vec<usize> = value
        .char_indices()
        .map(|(at, _)| at)
        .chain([value.len()])
        .collect();
    // From the shortest piece to the longest.
    if !front {
        cuts.reverse();
    }
    if longest {
        cuts.reverse();
    }
    for cut in cuts {
        let (head, tail) = value.split_at(cut);
        let (piece, rest) = if front { (head, tail) } else { (tail, head) };
        if glob::matches(pattern, piece) {
            return rest.to_owned();
        }
    }
    value.to_owned()
}
