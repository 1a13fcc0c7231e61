//! One row of a sheet as the file has it: each known column's cell to the letter, and what is wrong with cells. Says
//! nothing of what a value means.

use super::column::Column;
use super::flaw::{Flaw, FlawKind, Severity};

/// What a row holds in one column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell<'a> {
    /// The sheet has no such column.
    Absent,
    /// The column is there, the cell is blank.
    Empty,
    /// To the letter, outer blanks and all.
    Text(&'a str),
    /// A number cell as text: `12345`, `1.5`, `1e21`.
    Number(&'a str),
    Truth(bool),
    /// What stands there is no value; the row's flaws tell why.
    Faulty,
}

impl<'a> Cell<'a> {
    /// As a person would have typed it; nothing for a blank, absent or faulty cell.
    pub fn text(self) -> Option<&'a str> {
        match self {
            Self::Text(text) | Self::Number(text) => Some(text),
            Self::Truth(truth) => Some(if truth { "TRUE" } else { "FALSE" }),
            Self::Absent | Self::Empty | Self::Faulty => None,
        }
    }

    /// The word for reports: which class of value it is.
    pub fn class(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Empty => "empty",
            Self::Text(_) => "text",
            Self::Number(_) => "number",
            Self::Truth(_) => "truth value",
            Self::Faulty => "faulty",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Absent,
    Empty,
    Text(usize, usize),
    Number(usize, usize),
    Truth(bool),
    Faulty,
}

/// One row. It is handed out by reference and used again for the next one.
#[derive(Clone)]
pub struct SheetRow {
    line: u32,
    slots: [Slot; Column::COUNT],
    text: String,
    flaws: Vec<Flaw>,
}

impl std::fmt::Debug for SheetRow {
    /// Without the cells: there is a password among them.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SheetRow")
            .field("line", &self.line)
            .field("flaws", &self.flaws)
            .finish_non_exhaustive()
    }
}

impl SheetRow {
    /// The row's number as spreadsheet programs show it, counted from 1.
    pub fn line(&self) -> u32 {
        self.line
    }

    pub fn cell(&self, column: Column) -> Cell<'_> {
        match self.slots[column.index()] {
            Slot::Absent => Cell::Absent,
            Slot::Empty => Cell::Empty,
            Slot::Text(start, end) => Cell::Text(&self.text[start..end]),
            Slot::Number(start, end) => Cell::Number(&self.text[start..end]),
            Slot::Truth(truth) => Cell::Truth(truth),
            Slot::Faulty => Cell::Faulty,
        }
    }

    /// All that is odd about cells of this row, faults and warnings.
    pub fn flaws(&self) -> &[Flaw] {
        &self.flaws
    }

    /// Whether a cell cannot be taken as it stands.
    pub fn is_faulty(&self) -> bool {
        self.flaws
            .iter()
            .any(|flaw| flaw.kind.severity() == Severity::Fault)
    }

    pub(super) fn new() -> Self {
        Self {
            line: 0,
            slots: [Slot::Absent; Column::COUNT],
            text: String::new(),
            flaws: Vec::new(),
        }
    }

    /// Blank in the columns that the sheet has.
    pub(super) fn begin(&mut self, line: u32, present: &[Column]) {
        self.line = line;
        self.text.clear();
        self.flaws.clear();
        for column in present {
            self.slots[column.index()] = Slot::Empty;
        }
    }

    pub(super) fn set_text(&mut self, column: Column, text: &str) {
        if text.is_empty() {
            return;
        }
        let start = self.text.len();
        self.text.push_str(text);
        self.slots[column.index()] = Slot::Text(start, self.text.len());
    }

    /// The number is written by `write` behind what the row holds already.
    pub(super) fn set_number(&mut self, column: Column, write: impl FnOnce(&mut String)) {
        let start = self.text.len();
        write(&mut self.text);
        self.slots[column.index()] = Slot::Number(start, self.text.len());
    }

    pub(super) fn set_truth(&mut self, column: Column, truth: bool) {
        self.slots[column.index()] = Slot::Truth(truth);
    }

    /// `place` is the column's place in the sheet, counted from 0.
    pub(super) fn add_flaw(&mut self, place: u32, column: Option<Column>, kind: FlawKind) {
        if kind.severity() == Severity::Fault
            && let Some(column) = column
        {
            self.slots[column.index()] = Slot::Faulty;
        }
        self.flaws.push(Flaw {
            line: self.line,
            letters: super::column::letters(place),
            column,
            kind,
        });
    }
}

#[cfg(test)]
impl SheetRow {
    /// A row of these cells alone, for tests of what is made of rows.
    pub(crate) fn of(line: u32, cells: &[(Column, Cell<'_>)]) -> Self {
        let mut row = Self::new();
        let columns: Vec<Column> = cells.iter().map(|(column, _)| *column).collect();
        row.begin(line, &columns);
        for (place, (column, cell)) in cells.iter().enumerate() {
            match cell {
                Cell::Text(text) => row.set_text(*column, text),
                Cell::Number(number) => row.set_number(*column, |text| text.push_str(number)),
                Cell::Truth(truth) => row.set_truth(*column, *truth),
                Cell::Faulty => row.add_flaw(
                    place as u32,
                    Some(*column),
                    FlawKind::ErrorValue {
                        shown: "#N/A".to_owned(),
                    },
                ),
                Cell::Absent | Cell::Empty => {}
            }
        }
        row
    }
}
