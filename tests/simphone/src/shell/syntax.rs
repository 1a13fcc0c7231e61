//! What a script is made of, once it is read.

use std::sync::Arc;

/// Commands one after the other.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct List(pub(super) Vec<Item>);

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    pub(super) command: Arc<Command>,
    /// Ended by `&`.
    pub(super) background: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Command {
    Simple(Simple),
    Pipeline(Vec<Arc<Command>>),
    Not(Arc<Command>),
    And(Arc<Command>, Arc<Command>),
    Or(Arc<Command>, Arc<Command>),
    /// `{ …; }`
    Group(List),
    /// `( … )`
    Subshell(List),
    If {
        /// Each condition with what it leads to.
        arms: Vec<(List, List)>,
        otherwise: List,
    },
    For {
        name: String,
        /// `None` stands for `"$@"`.
        words: Option<Vec<Word>>,
        body: List,
    },
    /// `while`, and `until` with `wanted` false.
    Loop {
        condition: List,
        wanted: bool,
        body: List,
    },
    Case {
        word: Word,
        arms: Vec<(Vec<Word>, List)>,
    },
    Function {
        name: String,
        body: Arc<Command>,
    },
    /// A compound command with redirections of its own.
    Redirected(Arc<Command>, Vec<Redirect>),
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Simple {
    pub(super) assignments: Vec<(String, Word)>,
    pub(super) words: Vec<Word>,
    pub(super) redirects: Vec<Redirect>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Redirect {
    pub(super) descriptor: u32,
    pub(super) kind: RedirectKind,
    pub(super) target: Word,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RedirectKind {
    Read,
    Write,
    Append,
    /// `2>&1`: the target is a number or `-`.
    Duplicate,
    /// `&>`
    Both,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Word(pub(super) Vec<Part>);

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    pub(super) kind: PartKind,
    /// Neither split into words nor taken as a pattern.
    pub(super) quoted: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum PartKind {
    Text(String),
    Variable {
        name: String,
        change: Option<Change>,
    },
    /// `$( … )`
    Output(List),
    /// `$(( … ))`
    Sum(Word),
}

/// What `${NAME…}` does with the value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Change {
    /// `${#NAME}`
    Length,
    /// `-`, `+`, `=`, `?`; `empty` where a colon counts an empty value as none.
    Otherwise { sign: char, empty: bool, word: Word },
    /// `#`, `##`, `%`, `%%`
    Strip {
        front: bool,
        longest: bool,
        pattern: Word,
    },
}

impl Word {
    /// Whether it leaves a status behind, as `x=$(false)` does.
    pub(super) fn runs_commands(&self) -> bool {
        self.0.iter().any(|part| matches!(part.kind, PartKind::Output(_)))
    }
}
