//! What becomes of a row: an account is made, changed, left as it is or left aside, or the row is faulty. Pure: it knows
//! what stands and what the sheet has said so far, and changes neither accounts nor phones.
//!
//! Every username is judged by what stands before the import: one that another row of the sheet would free is taken. So
//! the order of rows and of their being applied means nothing.

use std::sync::Arc;

use shared::account::{Platform, Username};

use super::fault::{Fault, FaultClass, Warning, WarningKind};
use super::field::{Change, Field, Held, Record};
use super::given::{Given, GivenRow};
use super::rules::{Ids, OnDuplicate, Rules};
use super::sheet::SheetSoFar;
use super::standing::{KnownAccount, KnownAccounts, KnownPhones};
use crate::sheets::{Cell, Column};

/// What becomes of a good row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// A new account; its id is given later.
    Create {
        username: Username,
        changes: Vec<Change>,
    },
    Update {
        id: i64,
        username: Username,
        changes: Vec<Change>,
    },
    Unchanged {
        id: i64,
        username: Username,
    },
    /// It stands with other values, and such rows were to be left aside.
    Skip {
        id: i64,
        username: Username,
    },
}

/// What was decided of a row.
#[derive(Debug)]
pub struct Decision {
    pub line: u32,
    pub platform: Platform,
    pub fate: Result<Fate, Vec<Fault>>,
    pub warnings: Vec<Warning>,
}

/// Decides of one row, and notes in `sheet` what it said.
pub fn decide(
    row: &GivenRow,
    accounts: &KnownAccounts,
    phones: &KnownPhones,
    rules: &Rules,
    sheet: &mut SheetSoFar,
) -> Decision {
    let mut judge = Judge {
        row,
        phones,
        rules,
        faults: Vec::new(),
        warnings: Vec::new(),
    };
    let fate = judge.fate(accounts, sheet);
    let Judge { faults, warnings, .. } = judge;
    Decision {
        line: row.line,
        platform: row.platform,
        fate: match fate {
            Some(fate) if faults.is_empty() => Ok(fate),
            _ => Err(faults),
        },
        warnings,
    }
}

struct Judge<'j> {
    row: &'j GivenRow,
    phones: &'j KnownPhones,
    rules: &'j Rules,
    faults: Vec<Fault>,
    warnings: Vec<Warning>,
}

/// The account that a row means.
enum Meant<'k> {
    ById(&'k Arc<KnownAccount>),
    /// `id_was_unknown`: the row had an id, which is nobody's here.
    ByName {
        account: &'k Arc<KnownAccount>,
        id_was_unknown: bool,
    },
    New(Username),
}

impl Judge<'_> {
    /// `None` where the row is faulty.
    fn fate(&mut self, accounts: &KnownAccounts, sheet: &mut SheetSoFar) -> Option<Fate> {
        let line = self.row.line;
        if let Some(username) = &self.row.username
            && let Some(first) = sheet.name(self.row.platform, username, line)
        {
            self.fault(
                Column::Username,
                FaultClass::DuplicateInSheet,
                format!("is the username of row {first} too"),
            );
        }
        let meant = self.meant(accounts)?;
        if let Meant::ById(account) | Meant::ByName { account, .. } = &meant
            && let Some(first) = sheet.account(account.id, line)
            && self.faults.is_empty()
        {
            let column = if self.row.id.is_some() {
                Column::Id
            } else {
                Column::Username
            };
            self.fault(
                column,
                FaultClass::DuplicateInSheet,
                format!("means the account of row {first} too"),
            );
        }
        match meant {
            Meant::New(username) => Some(self.created(username, sheet)),
            Meant::ById(account) => {
                self.judge_rename(account, accounts, sheet);
                Some(self.updated(account, sheet))
            }
            Meant::ByName {
                account,
                id_was_unknown: true,
            } => Some(self.updated(account, sheet)),
            Meant::ByName { account, .. } => self.standing(account, sheet),
        }
    }

    fn meant<'k>(&mut self, accounts: &'k KnownAccounts) -> Option<Meant<'k>> {
        let platform = self.row.platform;
        let id = self.row.id.filter(|_| self.rules.ids == Ids::Match);
        if let Some(account) = id.and_then(|id| accounts.with_id(platform, id)) {
            return Some(Meant::ById(account));
        }
        let Some(username) = &self.row.username else {
            self.fault(
                Column::Username,
                FaultClass::Missing,
                "is required where the id is no account of this workspace",
            );
            return None;
        };
        let account = accounts.named(platform, username);
        if id.is_some() {
            let then = if account.is_some() {
                "the account of this username is meant"
            } else {
                "a new account is made"
            };
            self.warn(
                Column::Id,
                WarningKind::UnknownId,
                format!("is no {platform} account here: {then}"),
            );
        }
        Some(match account {
            Some(account) => Meant::ByName {
                account,
                id_was_unknown: id.is_some(),
            },
            None => Meant::New(username.clone()),
        })
    }

    fn judge_rename(&mut self, account: &KnownAccount, accounts: &KnownAccounts, sheet: &mut SheetSoFar) {
        let wanted = self.row.username.as_ref();
        let renamed = wanted.filter(|wanted| **wanted != account.username);
        sheet.known_id(renamed.is_some());
        if let Some(wanted) = renamed
            && let Some(holder) = accounts.named(account.platform, wanted)
        {
            self.fault(
                Column::Username,
                FaultClass::DuplicateUsername,
                format!("is the username of the account {}", holder.id),
            );
        }
    }

    fn created(&mut self, username: Username, sheet: &mut SheetSoFar) -> Fate {
        let nothing = Record::default();
        let mut start = Record::default();
        start.set(Field::Logined, Held::Number(0));
        start.set(Field::Status, Held::Number(0));
        let after = self.after(&start, true, sheet);
        let changes = nothing.changes_to(&after);
        Fate::Create { username, changes }
    }

    fn updated(&mut self, account: &KnownAccount, sheet: &mut SheetSoFar) -> Fate {
        let mut after = self.after(&account.record, false, sheet);
        self.judge_move(&account.record, &mut after);
        let changes = account.record.changes_to(&after);
        let (id, username) = (
            account.id,
            self.row
                .username
                .clone()
                .unwrap_or_else(|| account.username.clone()),
        );
        if changes.is_empty() {
            return Fate::Unchanged { id, username };
        }
        if let Some(change) = changes.iter().find(|change| change.field == Field::Pwd)
            && has_two_factor(&change.old)
            && !has_two_factor(&change.new)
        {
            self.warn(
                Column::Pwd,
                WarningKind::TwoFactorRemoved,
                "comes without the 2FA secret that the account had, which is removed",
            );
        }
        Fate::Update {
            id,
            username,
            changes,
        }
    }

    /// An account that goes to another phone is not known to be logged in there: what the sheet says of that is what it
    /// was before, unless it is news.
    fn judge_move(&mut self, before: &Record, after: &mut Record) {
        let (from, to) = (before.get(Field::Device), after.get(Field::Device));
        if to.as_text().is_none() || from == to {
            return;
        }
        let was_logined = before.get(Field::Logined).as_number() == Some(1);
        if let Some(from) = from.as_text() {
            let has = if was_logined { "has" } else { "may have" };
            let message = format!(
                "takes the account from {from}, which {has} a session of it still: log it out there; its tasks that wait go along"
            );
            self.warn(Column::Device, WarningKind::Moved, message);
        }
        if was_logined {
            after.set(Field::Logined, Held::Number(0));
        }
    }

    /// A row without an id whose username stands.
    fn standing(&mut self, account: &Arc<KnownAccount>, sheet: &mut SheetSoFar) -> Option<Fate> {
        let (id, username) = (account.id, account.username.clone());
        if self.says_what_stands(account, sheet) {
            return Some(Fate::Unchanged { id, username });
        }
        match self.rules.on_duplicate {
            OnDuplicate::Update => Some(self.updated(account, sheet)),
            OnDuplicate::Skip => Some(Fate::Skip { id, username }),
            OnDuplicate::Fault => {
                self.fault(
                    Column::Username,
                    FaultClass::DuplicateUsername,
                    format!("stands already (account {id}), and this row gives it other values"),
                );
                None
            }
        }
    }

    /// Whether every cell that holds something holds what stands.
    fn says_what_stands(&mut self, account: &KnownAccount, sheet: &mut SheetSoFar) -> bool {
        let same = Field::ALL.into_iter().all(|field| match self.row.field(field) {
            // By it the account was found; another spelling of it is the same.
            Given::Value(_) if field == Field::Username => true,
            Given::Value(Held::Text(device)) if field == Field::Device => {
                account.record.get(field).as_text() == Some(self.serial(device))
            }
            Given::Value(given) => account.record.get(field) == given,
            Given::Empty | Given::Absent => true,
        });
        let Given::Value(index) = self.row.device_index else {
            return same;
        };
        let bound = account.record.get(Field::Device).as_text();
        let phone = bound.and_then(|device| self.phones.named(device));
        if self.row.field(Field::Device).value().is_none() {
            return same && phone.is_some_and(|phone| phone.index == index);
        }
        // The phone is named: the index says nothing of the account, but may still be wished for the phone.
        if same {
            self.named(bound.unwrap_or_default(), sheet);
        }
        same
    }

    /// The account's fields with this row's cells in them.
    fn after(&mut self, before: &Record, is_new: bool, sheet: &mut SheetSoFar) -> Record {
        let mut after = before.clone();
        for field in Field::ALL {
            match self.row.field(field) {
                Given::Value(held) => after.set(field, held.clone()),
                Given::Empty if field.is_cleared_by_empty() => after.set(field, Held::Nothing),
                Given::Empty | Given::Absent => {}
            }
        }
        let bound = before.get(Field::Device).as_text().filter(|_| !is_new);
        let device = self.binding(bound, sheet);
        after.set(Field::Device, Held::text(device));
        after
    }

    /// The phone to which the account is bound after this row; `bound` is the one before.
    fn binding(&mut self, bound: Option<&str>, sheet: &mut SheetSoFar) -> Option<String> {
        if let Given::Value(Held::Text(device)) = self.row.field(Field::Device) {
            return Some(self.named(&device.clone(), sheet));
        }
        // A row without an id was never exported: its blank device was not emptied, and its index is all it says.
        let says_index_alone = self.row.id.is_none() && self.row.device_index.value().is_some();
        let emptied = *self.row.field(Field::Device) == Given::Empty && !says_index_alone;
        match (bound, self.row.device_index.value()) {
            (Some(_), index) if emptied => {
                if index.is_some() {
                    self.warn(
                        Column::DeviceIndex,
                        WarningKind::Unbound,
                        "was not looked at, because the device cell is empty: the account is unbound",
                    );
                }
                None
            }
            (Some(bound), Some(index)) => {
                if self.phones.named(bound).is_none_or(|phone| phone.index != *index) {
                    self.warn(
                        Column::DeviceIndex,
                        WarningKind::DeviceIndexUnused,
                        "was not used, because the account has a phone: name another in the column device",
                    );
                }
                Some(bound.to_owned())
            }
            (Some(bound), None) => Some(bound.to_owned()),
            (None, Some(index)) => {
                let phone = self.phones.with_index(*index);
                if phone.is_none() {
                    self.fault(
                        Column::DeviceIndex,
                        FaultClass::UnknownDeviceIndex,
                        format!("is {index}, which no phone has"),
                    );
                }
                phone.map(|phone| phone.serial.clone())
            }
            (None, None) => None,
        }
    }

    /// The serial of a phone that is named, with what the row's index means beside it.
    fn named(&mut self, device: &str, sheet: &mut SheetSoFar) -> String {
        let phone = self.phones.named(device);
        let index = self.row.device_index.value().copied();
        let Some(phone) = phone else {
            self.warn(
                Column::Device,
                WarningKind::UnknownDevice,
                "is no phone that was ever seen",
            );
            match index {
                Some(_) if self.rules.adopt_device_index => self.warn(
                    Column::DeviceIndex,
                    WarningKind::DeviceIndexNotAdopted,
                    "cannot be given to a phone that was never seen",
                ),
                Some(index) if self.phones.with_index(index).is_some() => self.disagrees(),
                _ => {}
            }
            return device.to_owned();
        };
        match index {
            Some(index) if self.rules.adopt_device_index => {
                if let Err((class, told)) = sheet.wish(&phone.serial, phone.index, index, self.row.line) {
                    self.fault(Column::DeviceIndex, class, told);
                }
            }
            Some(index) if index != phone.index => self.disagrees(),
            _ => {}
        }
        phone.serial.clone()
    }

    fn disagrees(&mut self) {
        self.warn(
            Column::DeviceIndex,
            WarningKind::DeviceIndexDisagrees,
            "is not the index of the phone in the column device, which was taken",
        );
    }

    fn serial<'s>(&'s self, device: &'s str) -> &'s str {
        self.phones.named(device).map_or(device, |phone| &phone.serial)
    }

    fn fault(&mut self, column: Column, class: FaultClass, wrong: impl Into<String>) {
        let allowed = match class {
            FaultClass::DuplicateInSheet => "one row for each account",
            FaultClass::DuplicateUsername => "a free username, or on_duplicate=update or skip",
            FaultClass::UnknownDeviceIndex => {
                "the index of a phone that was seen, or a serial in the column device"
            }
            FaultClass::DeviceIndexTaken => "another index for each phone",
            _ => "a username",
        };
        let found = match column {
            Column::Id | Column::DeviceIndex => Cell::Number(""),
            _ if class == FaultClass::Missing => Cell::Empty,
            _ => Cell::Text(""),
        };
        self.faults
            .push(Fault::new(self.row.line, column, class, found, wrong, allowed));
    }

    fn warn(&mut self, column: Column, kind: WarningKind, message: impl Into<String>) {
        self.warnings
            .push(Warning::of_row(self.row.line, column, kind, message));
    }
}

fn has_two_factor(held: &Held) -> bool {
    matches!(held, Held::Secret(password) if password.totp.is_some())
}

/// Rows whose phone cannot have the index that they give it, because another phone keeps it.
pub fn taken_indexes(sheet: &SheetSoFar, phones: &KnownPhones) -> Vec<Fault> {
    let wishes = sheet.wishes();
    wishes
        .values()
        .filter(|wish| wish.from != wish.to)
        .filter_map(|wish| {
            let holder = phones.with_index(wish.to)?;
            let keeps = !wishes.contains_key(&holder.serial);
            keeps.then(|| {
                Fault::new(
                    wish.row,
                    Column::DeviceIndex,
                    FaultClass::DeviceIndexTaken,
                    Cell::Number(""),
                    format!("is {}, which a phone has that this sheet does not name", wish.to),
                    "another index for each phone",
                )
            })
        })
        .collect()
}
