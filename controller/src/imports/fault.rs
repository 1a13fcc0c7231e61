//! What is wrong or odd with a cell, as a report tells it: where, which class of value stands there, what is wrong, what
//! is allowed. Never the value itself: in a sheet whose columns have slipped, any cell may hold a password.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::sheets::{Cell, Column};

/// Why a cell cannot be taken; programs tell cases apart by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultClass {
    /// Blank where something must stand.
    Missing,
    /// Text where a number belongs.
    NotANumber,
    /// A number with a fraction where a whole one belongs.
    NotWhole,
    Negative,
    /// Beyond what a spreadsheet keeps of a number: 1e21.
    TooLarge,
    /// A number, but none of those allowed: a status of 2.
    OutOfRange,
    TooLong,
    /// Too many tags.
    TooMany,
    /// Line breaks and other control characters.
    ControlCharacters,
    /// Not of the form that the column takes.
    Malformed,
    /// A number of which the spreadsheet lost digits, where each one counts.
    DigitsLost,
    /// TRUE or FALSE where text or a number belongs.
    TruthValue,
    /// What the file itself makes unreadable: a date, #N/A, a formula without a result.
    Date,
    ErrorValue,
    NotCalculated,
    BesideHeader,
    UnknownPlatform,
    /// The row says another platform than was asked for.
    OtherPlatform,
    /// Another row of the sheet is the same account.
    DuplicateInSheet,
    /// The username stands already, with other values, or at another account.
    DuplicateUsername,
    /// No phone has this index.
    UnknownDeviceIndex,
    /// Two phones cannot have one index, nor one phone two.
    DeviceIndexTaken,
}

/// One faulty cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Fault {
    /// As spreadsheet programs count: the header is row 1 in most sheets.
    #[schema(example = 12)]
    pub row: u32,
    #[schema(example = "status")]
    pub column: String,
    pub class: FaultClass,
    /// Which class of value stands there: empty, text, number, truth value, date, error.
    #[schema(example = "number")]
    pub found: String,
    #[schema(example = "is 2")]
    pub wrong: String,
    #[schema(example = "0 (enabled) or 1 (disabled)")]
    pub allowed: String,
}

/// What is odd, but was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WarningKind {
    /// A header that no column has; it is left aside.
    UnknownColumn,
    /// The file itself: several sheets, an encoding that was told, and the like.
    File,
    /// A number of more than 15 digits where that does no harm.
    DigitsLost,
    /// No account of this workspace has this id.
    UnknownId,
    /// No phone by this name was ever seen.
    UnknownDevice,
    /// `device` and `device_index` disagree; `device` was taken.
    DeviceIndexDisagrees,
    /// The account has a phone already: an index alone does not bind it to another.
    DeviceIndexUnused,
    /// The phone was never seen, so that it cannot get an index.
    DeviceIndexNotAdopted,
    /// The device cell was emptied, so that the index was not looked at.
    Unbound,
    /// The password came without the 2FA secret that the account had.
    TwoFactorRemoved,
    /// The account goes to another phone; the old one has a session of it still.
    Moved,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Warning {
    /// None for the sheet as a whole.
    pub row: Option<u32>,
    pub column: Option<String>,
    pub kind: WarningKind,
    pub message: String,
}

impl Fault {
    pub fn new(
        row: u32,
        column: Column,
        class: FaultClass,
        found: Cell<'_>,
        wrong: impl Into<String>,
        allowed: impl Into<String>,
    ) -> Self {
        Self {
            row,
            column: column.name().to_owned(),
            class,
            found: found.class().to_owned(),
            wrong: wrong.into(),
            allowed: allowed.into(),
        }
    }
}

impl Warning {
    pub fn of_row(row: u32, column: Column, kind: WarningKind, message: impl Into<String>) -> Self {
        Self {
            row: Some(row),
            column: Some(column.name().to_owned()),
            kind,
            message: message.into(),
        }
    }

    pub fn of_sheet(kind: WarningKind, message: impl Into<String>) -> Self {
        Self {
            row: None,
            column: None,
            kind,
            message: message.into(),
        }
    }
}
