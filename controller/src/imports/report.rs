//! What came of an import, for people and programs: counts, faulty cells, warnings, and the difference field by field. A
//! password is never told, only that it changed.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shared::account::Platform;
use utoipa::ToSchema;

use super::decide::{Decision, Fate};
use super::fault::{Fault, Warning};
use super::field::{Change, Field, Held};
use super::sheet::Wish;

/// Faulty cells that a report lists; more are only counted.
pub const FAULTS_TOLD: usize = 10_000;
pub const WARNINGS_TOLD: usize = 1_000;
/// Rows of the difference that a report lists; more are only counted.
pub const ROWS_TOLD: usize = 1_000;

/// What came of an import's rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Report {
    /// Rows with something in them.
    pub rows: u32,
    pub created: u32,
    pub updated: u32,
    pub unchanged: u32,
    /// Left aside: they stand with other values, and on_duplicate was skip.
    pub skipped: u32,
    /// Rows with at least one faulty cell.
    pub faulty: u32,
    /// Rows of which the password held a 2FA secret that was recognised.
    pub two_factor: u32,
    /// Why the sheet as a whole was refused.
    pub refusal: Option<String>,
    /// In the order of the sheet; the first 10,000.
    pub faults: Vec<Fault>,
    pub faults_total: u32,
    /// The first 1,000.
    pub warnings: Vec<Warning>,
    pub warnings_total: u32,
    /// Rows that create or update; the first 1,000.
    pub changes: Vec<RowChange>,
    pub changes_total: u32,
    /// Phones that got another index (`adopt_device_index`).
    pub phones: Vec<PhoneChange>,
}

/// As what a row was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    Created,
    Updated,
    Unchanged,
    Skipped,
}

/// What one row does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RowChange {
    pub row: u32,
    /// created, updated.
    #[schema(example = "updated")]
    pub action: String,
    /// None for an account that is not made yet.
    pub id: Option<i64>,
    #[schema(example = "tiktok")]
    pub platform: String,
    pub username: String,
    pub fields: Vec<FieldChange>,
}

/// One field of an account, before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldChange {
    #[schema(example = "email")]
    pub field: String,
    /// Left out for the password.
    #[schema(value_type = Option<Value>)]
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub old: Value,
    #[schema(value_type = Option<Value>)]
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub new: Value,
    /// For the password alone: whether a 2FA secret was recognised in the new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_2fa: Option<bool>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PhoneChange {
    pub serial: String,
    pub old: u32,
    pub new: u32,
}

impl Report {
    pub fn warn(&mut self, warning: Warning) {
        self.warnings_total += 1;
        if self.warnings.len() < WARNINGS_TOLD {
            self.warnings.push(warning);
        }
    }

    /// One row's faulty cells.
    pub fn fault(&mut self, faults: Vec<Fault>) {
        self.faulty += 1;
        for fault in faults {
            self.faults_total += 1;
            if self.faults.len() < FAULTS_TOLD {
                self.faults.push(fault);
            }
        }
    }

    /// Counts what was decided of a row; `None` for a faulty one.
    pub fn count(&mut self, decision: &Decision) -> Option<Counted> {
        match decision.fate.as_ref().ok()? {
            Fate::Create { username, changes } => {
                self.created += 1;
                self.change(decision, "created", None, username.as_str(), changes);
                Some(Counted::Created)
            }
            Fate::Update {
                id,
                username,
                changes,
            } => {
                self.updated += 1;
                self.change(decision, "updated", Some(*id), username.as_str(), changes);
                Some(Counted::Updated)
            }
            Fate::Unchanged { .. } => {
                self.unchanged += 1;
                Some(Counted::Unchanged)
            }
            Fate::Skip { .. } => {
                self.skipped += 1;
                Some(Counted::Skipped)
            }
        }
    }

    fn change(
        &mut self,
        decision: &Decision,
        action: &str,
        id: Option<i64>,
        username: &str,
        changes: &[Change],
    ) {
        self.changes_total += 1;
        let two_factor =
            |change: &Change| matches!(&change.new, Held::Secret(password) if password.totp.is_some());
        self.two_factor += u32::from(changes.iter().any(two_factor));
        if self.changes.len() < ROWS_TOLD {
            self.changes.push(RowChange {
                row: decision.line,
                action: action.to_owned(),
                id,
                platform: decision.platform.as_str().to_owned(),
                username: username.to_owned(),
                fields: changes.iter().map(told).collect(),
            });
        }
    }

    /// Takes back what [`Report::count`] counted of a row that turned out faulty when the whole sheet was known.
    pub fn uncount(&mut self, line: u32, counted: Counted) {
        let count = match counted {
            Counted::Created => &mut self.created,
            Counted::Updated => &mut self.updated,
            Counted::Unchanged => &mut self.unchanged,
            Counted::Skipped => &mut self.skipped,
        };
        *count = count.saturating_sub(1);
        if matches!(counted, Counted::Created | Counted::Updated) {
            self.changes_total = self.changes_total.saturating_sub(1);
            self.changes.retain(|change| change.row != line);
        }
    }

    /// One sentence for those who read no more.
    pub fn first_fault(&self) -> String {
        let Some(Fault {
            row,
            column,
            wrong,
            allowed,
            ..
        }) = self.faults.first()
        else {
            return String::new();
        };
        format!(
            "nothing was changed: {} faulty cells in {} rows; row {row}, {column} {wrong} (allowed: {allowed})",
            self.faults_total, self.faulty
        )
    }

    /// The phones that get another index.
    pub fn phones(&mut self, wishes: &BTreeMap<String, Wish>, is_taken: impl Fn(&Wish) -> bool) {
        let changed = wishes
            .iter()
            .filter(|(_, wish)| wish.from != wish.to && is_taken(wish));
        self.phones = changed
            .map(|(serial, wish)| PhoneChange {
                serial: serial.clone(),
                old: wish.from,
                new: wish.to,
            })
            .collect();
    }

    /// The counts alone, for lists.
    #[must_use]
    pub fn brief(self) -> Self {
        Self {
            faults: Vec::new(),
            warnings: Vec::new(),
            changes: Vec::new(),
            phones: Vec::new(),
            ..self
        }
    }

    /// Whether there is anything to do.
    pub fn changes_something(&self) -> bool {
        self.created + self.updated > 0 || !self.phones.is_empty()
    }
}

/// A change as it may be seen.
fn told(change: &Change) -> FieldChange {
    let mut told = FieldChange {
        field: change.field.name().to_owned(),
        old: Value::Null,
        new: Value::Null,
        has_2fa: None,
    };
    if change.field == Field::Pwd {
        told.has_2fa = Some(matches!(&change.new, Held::Secret(password) if password.totp.is_some()));
    } else {
        (told.old, told.new) = (shown(&change.old), shown(&change.new));
    }
    told
}

fn shown(held: &Held) -> Value {
    match held {
        Held::Text(text) => json!(text),
        Held::Number(number) => json!(number),
        Held::Tags(tags) => json!(tags.to_vec()),
        Held::Nothing | Held::Secret(_) | Held::Damaged => Value::Null,
    }
}

/// What came of taking an import back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UndoReport {
    /// Accounts that the import had made and that are gone again.
    pub deleted: u32,
    /// Accounts that are as they were before.
    pub restored: u32,
    /// Phones that have their index again.
    pub phones: u32,
    /// Rows that were left as they are; the first 10,000.
    pub refused: Vec<UndoRefusal>,
    pub refused_total: u32,
}

/// Why one row was not taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UndoRefusal {
    /// Of the sheet; none for a phone's index.
    pub row: Option<u32>,
    pub id: Option<i64>,
    pub why: String,
}

impl UndoReport {
    /// The counts alone, for lists.
    #[must_use]
    pub fn brief(self) -> Self {
        Self {
            refused: Vec::new(),
            ..self
        }
    }

    pub fn refuse(&mut self, row: Option<u32>, id: Option<i64>, why: impl Into<String>) {
        self.refused_total += 1;
        if self.refused.len() < FAULTS_TOLD {
            self.refused.push(UndoRefusal {
                row,
                id,
                why: why.into(),
            });
        }
    }
}

/// An import as it is listed and polled.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Import {
    pub id: i64,
    /// reading, applying, done, refused, failed, dropped (the controller ended before it changed anything), undoing, undone.
    #[schema(example = "done")]
    pub state: String,
    pub dry_run: bool,
    pub who: String,
    /// The platform that the import named.
    pub platform: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    pub progress: Progress,
    /// Until then it can be taken back.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub undo_until: Option<Timestamp>,
    /// Once the sheet is read.
    pub report: Option<Report>,
    /// Once it was taken back.
    pub undo: Option<UndoReport>,
}

/// Rows so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Progress {
    /// Read and compared.
    pub read: u32,
    /// To be applied, or taken back.
    pub total: u32,
    /// Applied, or taken back.
    pub applied: u32,
}

/// The platform as an import names it.
pub fn platform_name(platform: Option<Platform>) -> Option<String> {
    platform.map(|platform| platform.as_str().to_owned())
}
