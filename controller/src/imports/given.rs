//! A row's cells read as what they mean: text, numbers, tags, a password, each by the rules that hold wherever a value
//! enters. All that is wrong with a row is told at once, each cell in a class of its own. Knows no account and no phone.

use shared::account::{self, LARGEST_COUNT, Password, Platform, Tags, Username, Wrong};

use super::fault::{Fault, FaultClass, Warning, WarningKind};
use super::field::{Field, Held};
use super::rules::Rules;
use crate::sheets::{Cell, Column, FlawKind, SheetRow};

/// The largest index that a phone may have.
pub const LARGEST_INDEX: u64 = 1_000_000;

/// What a cell gives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Given<T> {
    /// The sheet has no such column, or it has no say in this row.
    #[default]
    Absent,
    Empty,
    Value(T),
}

impl<T> Given<T> {
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            _ => None,
        }
    }
}

/// A row of which every cell can be taken.
#[derive(Debug, Clone)]
pub struct GivenRow {
    pub line: u32,
    pub platform: Platform,
    pub id: Option<i64>,
    /// None in rows that name their account by id alone.
    pub username: Option<Username>,
    pub device_index: Given<u32>,
    fields: [Given<Held>; Field::COUNT],
}

impl GivenRow {
    pub fn field(&self, field: Field) -> &Given<Held> {
        &self.fields[field as usize]
    }
}

/// What reading a row gave: the row, or what is wrong with it; and in both cases what is odd.
#[derive(Debug)]
pub struct Reading {
    pub row: Result<GivenRow, Vec<Fault>>,
    pub warnings: Vec<Warning>,
}

/// Reads a row.
pub fn read(row: &SheetRow, rules: Rules) -> Reading {
    let mut reader = Reader {
        row,
        faults: Vec::new(),
        warnings: Vec::new(),
    };
    reader.note_flaws();
    let given = reader.read(rules);
    let Reader { faults, warnings, .. } = reader;
    Reading {
        row: match given {
            Some(given) if faults.is_empty() => Ok(given),
            _ => Err(faults),
        },
        warnings,
    }
}

/// What is wrong with a cell's value.
struct Amiss {
    class: FaultClass,
    wrong: String,
    allowed: String,
}

impl Amiss {
    fn new(class: FaultClass, wrong: impl Into<String>, allowed: impl Into<String>) -> Self {
        Self {
            class,
            wrong: wrong.into(),
            allowed: allowed.into(),
        }
    }
}

struct Reader<'r> {
    row: &'r SheetRow,
    faults: Vec<Fault>,
    warnings: Vec<Warning>,
}

impl Reader<'_> {
    /// What the file itself says is wrong with cells.
    fn note_flaws(&mut self) {
        for flaw in self.row.flaws() {
            let column = flaw
                .column
                .map_or_else(|| flaw.letters.clone(), |column| column.name().to_owned());
            let class = match flaw.kind {
                FlawKind::Date { .. } => FaultClass::Date,
                FlawKind::ErrorValue { .. } => FaultClass::ErrorValue,
                FlawKind::NotCalculated => FaultClass::NotCalculated,
                FlawKind::TooLong { .. } => FaultClass::TooLong,
                FlawKind::BesideHeader => FaultClass::BesideHeader,
                FlawKind::DigitsLost => {
                    // A fault where each digit counts, which the reading of that cell tells.
                    self.warnings.push(Warning {
                        row: Some(flaw.line),
                        column: Some(column),
                        kind: WarningKind::DigitsLost,
                        message: flaw.kind.to_string(),
                    });
                    continue;
                }
            };
            self.faults.push(Fault {
                row: flaw.line,
                column,
                class,
                found: flaw.kind.class().to_owned(),
                wrong: flaw.kind.to_string(),
                allowed: "the value itself, as text".to_owned(),
            });
        }
    }

    fn read(&mut self, rules: Rules) -> Option<GivenRow> {
        let platform = self.platform(rules);
        let id = self.taken(Column::Id, |cell| whole(cell, 1, LARGEST_COUNT));
        let username = self.username(id.value().is_some());
        let device_index = self.taken(Column::DeviceIndex, |cell| whole(cell, 1, LARGEST_INDEX));
        // What a password means depends on the platform; without one the other cells are looked at all the same.
        let assumed = platform.unwrap_or(Platform::TikTok);
        let mut fields: [Given<Held>; Field::COUNT] = std::array::from_fn(|_| Given::Absent);
        for field in Field::ALL {
            if field != Field::Username && field.is_taken_from(assumed) {
                fields[field as usize] = self.taken(field.column(), |cell| value(field, assumed, cell));
            }
        }
        if let Some(name) = &username {
            fields[Field::Username as usize] = Given::Value(Held::Text(name.as_str().to_owned()));
        }
        Some(GivenRow {
            line: self.row.line(),
            platform: platform?,
            id: id.value().map(|id| *id as i64),
            username,
            device_index: match device_index {
                Given::Value(index) => Given::Value(index as u32),
                Given::Empty => Given::Empty,
                Given::Absent => Given::Absent,
            },
            fields,
        })
    }

    fn platform(&mut self, rules: Rules) -> Option<Platform> {
        let said = self.taken(Column::Platform, |cell| {
            text(cell)?
                .parse::<Platform>()
                .map_err(|_| Amiss::new(FaultClass::UnknownPlatform, "is no platform", Platform::ALLOWED))
        });
        match (said, rules.platform) {
            (Given::Value(said), Some(asked)) if said != asked => {
                self.fault(
                    Column::Platform,
                    Amiss::new(
                        FaultClass::OtherPlatform,
                        format!("is {said}, and the import was asked for {asked}"),
                        format!("{asked}, or an import without a platform"),
                    ),
                );
                None
            }
            (Given::Value(said), _) => Some(said),
            (Given::Empty | Given::Absent, Some(asked)) => Some(asked),
            (Given::Empty | Given::Absent, None) => {
                // A cell that is there but wrong was told already.
                if matches!(self.row.cell(Column::Platform), Cell::Empty | Cell::Absent) {
                    let missing = Amiss::new(
                        FaultClass::Missing,
                        "is required where the import names none",
                        Platform::ALLOWED,
                    );
                    self.fault(Column::Platform, missing);
                }
                None
            }
        }
    }

    fn username(&mut self, has_id: bool) -> Option<Username> {
        let read = self.taken(Column::Username, |cell| {
            let text = exact(cell)?;
            Username::parse(text).map_err(|wrong| amiss(wrong, "a username, with or without @"))
        });
        match read {
            Given::Value(username) => Some(username),
            Given::Absent if has_id => None,
            Given::Absent | Given::Empty => {
                let cell = self.row.cell(Column::Username);
                if matches!(cell, Cell::Absent | Cell::Empty) {
                    self.fault(
                        Column::Username,
                        Amiss::new(FaultClass::Missing, "is required", "a username"),
                    );
                }
                None
            }
        }
    }

    /// Reads one cell; a faulty one is told and counts as left out.
    fn taken<T>(&mut self, column: Column, read: impl FnOnce(Cell<'_>) -> Result<T, Amiss>) -> Given<T> {
        let cell = self.row.cell(column);
        match cell {
            Cell::Absent | Cell::Faulty => return Given::Absent,
            Cell::Empty => return Given::Empty,
            // Blanks are part of a password, and nothing anywhere else.
            Cell::Text(text) if column != Column::Pwd && text.trim().is_empty() => return Given::Empty,
            _ => {}
        }
        match read(cell) {
            Ok(value) => Given::Value(value),
            Err(amiss) => {
                self.fault(column, amiss);
                Given::Absent
            }
        }
    }

    fn fault(&mut self, column: Column, amiss: Amiss) {
        let Amiss {
            class,
            wrong,
            allowed,
        } = amiss;
        let cell = self.row.cell(column);
        self.faults
            .push(Fault::new(self.row.line(), column, class, cell, wrong, allowed));
    }
}

/// What one field's cell holds.
fn value(field: Field, platform: Platform, cell: Cell<'_>) -> Result<Held, Amiss> {
    let line = |read: Result<Option<String>, Wrong>, allowed| {
        read.map(Held::text).map_err(|wrong| amiss(wrong, allowed))
    };
    match field {
        Field::Username => Ok(Held::Nothing),
        Field::Email => line(account::email(text(cell)?), "one line"),
        Field::Device => line(account::device(exact(cell)?), "a phone's serial"),
        Field::PackageName => line(account::package(text(cell)?), "the name of an app"),
        Field::Nickname => line(account::nickname(text(cell)?), "one line"),
        Field::Country => line(account::country(text(cell)?), "one line"),
        Field::Pwd => Password::parse(platform, exact(cell)?)
            .map(Held::password)
            .map_err(|wrong| amiss(wrong, "one line")),
        Field::Tags => Tags::parse(text(cell)?)
            .map(Held::tags)
            .map_err(|wrong| amiss(wrong, "tags with commas between them")),
        Field::Logined => match cell {
            Cell::Truth(truth) => Ok(Held::Number(truth.into())),
            _ => choice(cell, "0 (not logged in) or 1 (logged in)"),
        },
        Field::Status => choice(cell, "0 (enabled) or 1 (disabled)"),
        Field::Followers | Field::Following | Field::Hearts | Field::Videos | Field::Friends => {
            whole(cell, 0, LARGEST_COUNT).map(Held::Number)
        }
    }
}

fn amiss(wrong: Wrong, allowed: &str) -> Amiss {
    let class = match wrong {
        Wrong::Missing => FaultClass::Missing,
        Wrong::TooLong { .. } => FaultClass::TooLong,
        Wrong::Control => FaultClass::ControlCharacters,
        Wrong::TooMany { .. } => FaultClass::TooMany,
        Wrong::Not(_) => FaultClass::Malformed,
    };
    Amiss::new(class, wrong.to_string(), allowed)
}

fn text(cell: Cell<'_>) -> Result<&str, Amiss> {
    match cell {
        Cell::Text(text) | Cell::Number(text) => Ok(text),
        Cell::Truth(_) => Err(Amiss::new(
            FaultClass::TruthValue,
            "is TRUE or FALSE",
            "text: format the column as text and type it again",
        )),
        Cell::Absent | Cell::Empty | Cell::Faulty => Ok(""),
    }
}

/// Text of which every letter counts: a spreadsheet keeps 15 digits of a number and zeros behind them.
fn exact(cell: Cell<'_>) -> Result<&str, Amiss> {
    if let Cell::Number(number) = cell
        && number.parse::<f64>().is_ok_and(|number| number.abs() >= 1e15)
    {
        return Err(Amiss::new(
            FaultClass::DigitsLost,
            "is a number of more than 15 digits, of which the spreadsheet has lost the last ones",
            "text: format the column as text and type it again",
        ));
    }
    text(cell)
}

/// 0 or 1.
fn choice(cell: Cell<'_>, allowed: &str) -> Result<Held, Amiss> {
    match number(cell, || allowed.to_owned())? {
        0.0 => Ok(Held::Number(0)),
        1.0 => Ok(Held::Number(1)),
        other if other < 0.0 => Err(Amiss::new(FaultClass::Negative, "is negative", allowed)),
        other if other.fract() != 0.0 => Err(Amiss::new(FaultClass::NotWhole, "is no whole number", allowed)),
        other if other > LARGEST_COUNT as f64 => Err(Amiss::new(
            FaultClass::TooLarge,
            "is larger than a sheet can keep",
            allowed,
        )),
        other => Err(Amiss::new(FaultClass::OutOfRange, format!("is {other}"), allowed)),
    }
}

/// A whole number of a range.
fn whole(cell: Cell<'_>, least: u64, most: u64) -> Result<u64, Amiss> {
    let allowed = || format!("a whole number from {least} to {most}");
    let number = number(cell, allowed)?;
    if number < 0.0 {
        Err(Amiss::new(FaultClass::Negative, "is negative", allowed()))
    } else if number > LARGEST_COUNT as f64 {
        Err(Amiss::new(
            FaultClass::TooLarge,
            "is larger than a sheet can keep",
            allowed(),
        ))
    } else if number.fract() != 0.0 {
        Err(Amiss::new(FaultClass::NotWhole, "is no whole number", allowed()))
    } else if number < least as f64 || number > most as f64 {
        Err(Amiss::new(
            FaultClass::OutOfRange,
            format!("is {number}"),
            allowed(),
        ))
    } else {
        Ok(number as u64)
    }
}

/// A number cell, or text that is one: in a CSV file everything is text.
fn number(cell: Cell<'_>, allowed: impl Fn() -> String) -> Result<f64, Amiss> {
    let text = match cell {
        Cell::Text(text) | Cell::Number(text) => text.trim(),
        Cell::Truth(_) => return Err(Amiss::new(FaultClass::TruthValue, "is TRUE or FALSE", allowed())),
        Cell::Absent | Cell::Empty | Cell::Faulty => "",
    };
    // `parse` alone would take "inf" and "nan".
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    match text.parse::<f64>() {
        Ok(number) if plain && number.is_finite() => Ok(number),
        Ok(_) if plain => Err(Amiss::new(
            FaultClass::TooLarge,
            "is larger than a sheet can keep",
            allowed(),
        )),
        _ => Err(Amiss::new(
            FaultClass::NotANumber,
            "is text where a number belongs",
            allowed(),
        )),
    }
}
