//! The rules, table by table: what each cell means, and what becomes of each row. Here the farm that sheets are
//! imported into.

use shared::account::{Password, Platform, Tags, Username};

use super::decide::{Decision, Fate, decide, taken_indexes};
use super::fault::{Fault, FaultClass, WarningKind};
use super::field::{Field, Held, Record};
use super::given::read;
use super::planned::{self, PlannedRow};
use super::report::Report;
use super::rules::{Ids, OnDuplicate, Rules};
use super::sheet::SheetSoFar;
use super::standing::{KnownAccount, KnownAccounts, KnownPhone, KnownPhones};
use crate::sheets::Cell::{Absent, Empty, Faulty, Number, Text, Truth};
use crate::sheets::{Cell, Column, SheetRow};

mod binding;
mod cells;
mod faults;
mod kept;
mod matching;

const SEED: &str = "JBSWY3DPEHPK3PXP";
const TIKTOK: Rules = Rules {
    platform: Some(Platform::TikTok),
    on_error: super::rules::OnError::Refuse,
    on_duplicate: OnDuplicate::Fault,
    ids: Ids::Match,
    allow_rename: false,
    adopt_device_index: false,
};
const INSTAGRAM: Rules = Rules {
    platform: Some(Platform::Instagram),
    ..TIKTOK
};

type Cells<'c> = &'c [(Column, Cell<'c>)];

fn account(id: i64, platform: Platform, username: &str, fields: &[(Field, Held)]) -> KnownAccount {
    let username = Username::parse(username).unwrap();
    let mut record = Record::default();
    record.set(Field::Username, Held::Text(username.as_str().to_owned()));
    record.set(Field::Logined, Held::Number(0));
    record.set(Field::Status, Held::Number(0));
    for (field, held) in fields {
        record.set(*field, held.clone());
    }
    KnownAccount {
        id,
        platform,
        username,
        record,
    }
}

fn text(text: &str) -> Held {
    Held::Text(text.to_owned())
}

/// Jane (TikTok, 1) on the phone of index 7, Joe (TikTok, 2) without a phone, Jane (Instagram, 3) with 2FA.
fn accounts() -> KnownAccounts {
    KnownAccounts::from_iter([
        account(
            1,
            Platform::TikTok,
            "Jane",
            &[
                (Field::Email, text("jane@x.example")),
                (
                    Field::Pwd,
                    Held::password(Password::split(Platform::TikTok, "001234")),
                ),
                (Field::Device, text("SIM0007")),
                (Field::Logined, Held::Number(1)),
                (Field::Nickname, text("Jane D.")),
                (Field::Followers, Held::Number(10)),
                (Field::Tags, Held::tags(Tags::parse("a, b").unwrap())),
                (Field::PackageName, text("com.ss.android.ugc.trill")),
            ],
        ),
        account(2, Platform::TikTok, "joe", &[]),
        account(
            3,
            Platform::Instagram,
            "jane",
            &[
                (
                    Field::Pwd,
                    Held::password(Password::split(Platform::Instagram, &format!("pw:{SEED}"))),
                ),
                (Field::Followers, Held::Number(5)),
            ],
        ),
    ])
}

fn phones() -> KnownPhones {
    KnownPhones::from_iter([
        KnownPhone {
            serial: "SIM0007".to_owned(),
            index: 7,
            aliases: vec!["127.0.0.1:5555".to_owned()],
        },
        KnownPhone {
            serial: "SIM0008".to_owned(),
            index: 8,
            aliases: Vec::new(),
        },
    ])
}

/// A sheet being imported into the farm above.
struct Sheet {
    rules: Rules,
    so_far: SheetSoFar,
    line: u32,
}

impl Sheet {
    fn new(rules: Rules) -> Self {
        Self {
            rules,
            so_far: SheetSoFar::default(),
            line: 1,
        }
    }

    fn row(&mut self, cells: Cells<'_>) -> Decision {
        self.line += 1;
        let reading = read(&SheetRow::of(self.line, cells), self.rules);
        match reading.row {
            Ok(row) => {
                let mut decision = decide(&row, &accounts(), &phones(), &self.rules, &mut self.so_far);
                decision.warnings.extend(reading.warnings);
                decision
            }
            Err(faults) => Decision {
                line: self.line,
                platform: Platform::TikTok,
                fate: Err(faults),
                warnings: reading.warnings,
            },
        }
    }
}

fn one(rules: Rules, cells: Cells<'_>) -> Decision {
    Sheet::new(rules).row(cells)
}

/// What an update or a creation sets, by name.
fn changes(decision: &Decision) -> Vec<(&'static str, Held)> {
    match decision.fate.as_ref().unwrap() {
        Fate::Create { changes, .. } | Fate::Update { changes, .. } => changes
            .iter()
            .map(|change| (change.field.name(), change.new.clone()))
            .collect(),
        other => panic!("{other:?}"),
    }
}

fn faults(decision: &Decision) -> Vec<(u32, &str, FaultClass)> {
    let faults = decision.fate.as_ref().unwrap_err();
    faults
        .iter()
        .map(|fault| (fault.row, fault.column.as_str(), fault.class))
        .collect()
}

fn warned(decision: &Decision) -> Vec<WarningKind> {
    decision.warnings.iter().map(|warning| warning.kind).collect()
}

const USER: (Column, Cell<'static>) = (Column::Username, Text("new"));
