//! The rules, table by table: what each cell means, and what becomes of each row.

use proptest::prelude::*;
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

#[test]
fn each_class_of_faulty_cell_is_told_with_row_column_and_cause() {
    use FaultClass as F;
    let long = "x".repeat(600);
    let tags = (0..51).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
    let cases: &[(Column, Cell<'_>, FaultClass)] = &[
        (Column::Username, Empty, F::Missing),
        (Column::Username, Text(" @ "), F::Missing),
        (Column::Username, Text(&long), F::TooLong),
        (Column::Username, Text("a\tb"), F::ControlCharacters),
        (Column::Username, Number("1e21"), F::DigitsLost),
        (Column::Username, Number("1234567890123456"), F::DigitsLost),
        (Column::Username, Truth(true), F::TruthValue),
        (Column::Username, Faulty, F::ErrorValue),
        (Column::Username, Text("Joe"), F::DuplicateUsername),
        (Column::Id, Text("first"), F::NotANumber),
        (Column::Id, Number("0"), F::OutOfRange),
        (Column::Id, Number("1.5"), F::NotWhole),
        (Column::Id, Number("-1"), F::Negative),
        (Column::Email, Text(&long), F::TooLong),
        (Column::Email, Text("a\nb"), F::ControlCharacters),
        (Column::Email, Faulty, F::ErrorValue),
        (Column::Pwd, Text(&long), F::TooLong),
        (Column::Pwd, Number("12345678901234567"), F::DigitsLost),
        (Column::Pwd, Text("a\nb"), F::ControlCharacters),
        (Column::Pwd, Truth(false), F::TruthValue),
        (Column::Pwd, Faulty, F::ErrorValue),
        (Column::Device, Text(&long), F::TooLong),
        (Column::Device, Number("1e15"), F::DigitsLost),
        (Column::DeviceIndex, Text("seven"), F::NotANumber),
        (Column::DeviceIndex, Number("0"), F::OutOfRange),
        (Column::DeviceIndex, Number("1000001"), F::OutOfRange),
        (Column::DeviceIndex, Number("-7"), F::Negative),
        (Column::DeviceIndex, Number("99"), F::UnknownDeviceIndex),
        (Column::Logined, Number("2"), F::OutOfRange),
        (Column::Logined, Text("yes"), F::NotANumber),
        (Column::Status, Number("2"), F::OutOfRange),
        (Column::Status, Number("-1"), F::Negative),
        (Column::Status, Number("0.5"), F::NotWhole),
        (Column::Status, Text("enabled"), F::NotANumber),
        (Column::Status, Truth(true), F::TruthValue),
        (Column::Status, Number("1e21"), F::TooLarge),
        (Column::Followers, Text("many"), F::NotANumber),
        (Column::Followers, Text("1,234"), F::NotANumber),
        (Column::Followers, Text("inf"), F::NotANumber),
        (Column::Followers, Number("-5"), F::Negative),
        (Column::Following, Number("1e21"), F::TooLarge),
        (Column::Hearts, Text("1e999"), F::TooLarge),
        (Column::Videos, Number("1.5"), F::NotWhole),
        (Column::Friends, Truth(true), F::TruthValue),
        (Column::Nickname, Text(&long), F::TooLong),
        (Column::Country, Text("a\u{7}"), F::ControlCharacters),
        (Column::Platform, Text("facebook"), F::UnknownPlatform),
        (Column::Platform, Text("instagram"), F::OtherPlatform),
        (Column::PackageName, Text("com.x; reboot"), F::Malformed),
        (Column::Tags, Text(&tags), F::TooMany),
        (Column::Tags, Text(&long), F::TooLong),
    ];
    for (column, cell, class) in cases {
        let mut sheet = Sheet::new(TIKTOK);
        sheet.line = 11;
        let decision = if *column == Column::Username {
            sheet.row(&[(*column, *cell), (Column::Email, Text("other"))])
        } else {
            sheet.row(&[USER, (*column, *cell)])
        };
        assert_eq!(
            faults(&decision),
            [(12, column.name(), *class)],
            "{column} {cell:?}"
        );
        let Fault {
            wrong,
            allowed,
            found,
            ..
        } = &decision.fate.unwrap_err()[0];
        assert!(
            !wrong.is_empty() && !allowed.is_empty() && !found.is_empty(),
            "{column} {cell:?}"
        );
        for shown in [wrong, allowed] {
            assert!(
                !shown.contains("xxx") && !shown.contains("1234567"),
                "{column}: a value is told: {shown}"
            );
        }
    }
}

#[test]
fn all_that_is_wrong_with_a_row_is_told_at_once() {
    let decision = one(
        TIKTOK,
        &[
            (Column::Username, Empty),
            (Column::Status, Number("2")),
            (Column::Hearts, Text("x")),
        ],
    );
    let columns: Vec<&str> = faults(&decision).iter().map(|(_, column, _)| *column).collect();
    assert_eq!(columns, ["username", "status", "hearts"]);
}

#[test]
fn a_row_without_a_platform_anywhere_is_faulty() {
    let rules = Rules {
        platform: None,
        ..TIKTOK
    };
    let missing = one(rules, &[USER, (Column::Platform, Empty)]);
    assert_eq!(faults(&missing), [(2, "platform", FaultClass::Missing)]);
    let said = one(rules, &[USER, (Column::Platform, Text(" Instagram "))]);
    assert_eq!(said.platform, Platform::Instagram);
    let asked = one(INSTAGRAM, &[USER, (Column::Platform, Empty)]);
    assert_eq!(asked.platform, Platform::Instagram);
}

#[test]
fn a_new_account_has_what_the_row_says_and_the_usual_rest() {
    let decision = one(
        TIKTOK,
        &[
            (Column::Username, Text("  @New.Name ")),
            (Column::Pwd, Text(" 001234 ")),
            (Column::Email, Text(" a@b.example ")),
            (Column::Followers, Text("12.0")),
            (Column::Tags, Text("b, a,")),
            (Column::Device, Empty),
            (Column::Nickname, Absent),
        ],
    );
    assert_eq!(
        changes(&decision),
        [
            ("username", text("New.Name")),
            ("email", text("a@b.example")),
            (
                "pwd",
                Held::password(Password::split(Platform::TikTok, " 001234 "))
            ),
            ("logined", Held::Number(0)),
            ("status", Held::Number(0)),
            ("followers", Held::Number(12)),
            ("tags", Held::tags(Tags::parse("a,b").unwrap())),
        ]
    );
}

#[test]
fn numbers_typed_as_numbers_are_text_to_the_letter() {
    let decision = one(
        TIKTOK,
        &[(Column::Username, Number("12345")), (Column::Pwd, Number("1234"))],
    );
    assert_eq!(changes(&decision)[0], ("username", text("12345")));
    assert_eq!(
        changes(&decision)[1].1,
        Held::password(Password::split(Platform::TikTok, "1234"))
    );
    let decision = one(
        TIKTOK,
        &[(Column::Username, Text("1e21")), (Column::Pwd, Text("1e21"))],
    );
    assert_eq!(changes(&decision)[0], ("username", text("1e21")));
}

#[test]
fn an_id_names_the_account_and_only_the_columns_that_are_there_are_changed() {
    let decision = one(
        TIKTOK,
        &[
            (Column::Id, Number("1")),
            (Column::Username, Text("JANE")),
            (Column::Status, Number("1")),
        ],
    );
    assert_eq!(
        changes(&decision),
        [("username", text("JANE")), ("status", Held::Number(1))]
    );
    let same = one(
        TIKTOK,
        &[(Column::Id, Number("1")), (Column::Username, Text("Jane"))],
    );
    assert!(matches!(same.fate, Ok(Fate::Unchanged { id: 1, .. })));
}

#[test]
fn an_empty_cell_clears_some_fields_and_leaves_the_others() {
    let mut cells = vec![(Column::Id, Number("1")), (Column::Username, Text("Jane"))];
    let blank = [
        Column::Email,
        Column::Pwd,
        Column::Device,
        Column::DeviceIndex,
        Column::Logined,
        Column::Status,
        Column::Nickname,
        Column::Followers,
        Column::PackageName,
        Column::Tags,
    ];
    cells.extend(blank.map(|column| (column, Empty)));
    assert_eq!(
        changes(&one(TIKTOK, &cells)),
        [
            ("email", Held::Nothing),
            ("device", Held::Nothing),
            ("packagename", Held::Nothing),
            ("tags", Held::Nothing),
        ]
    );
}

#[test]
fn an_id_counts_only_within_its_platform_and_an_unknown_one_is_matched_by_username() {
    // 1 is a TikTok account; on Instagram "jane" is the account 3.
    let other = one(
        INSTAGRAM,
        &[
            (Column::Id, Number("1")),
            (Column::Username, Text("jane")),
            (Column::Status, Number("1")),
        ],
    );
    assert!(matches!(other.fate, Ok(Fate::Update { id: 3, .. })), "{other:?}");
    assert_eq!(warned(&other), [WarningKind::UnknownId]);
    let new = one(TIKTOK, &[(Column::Id, Number("77")), USER]);
    assert!(matches!(new.fate, Ok(Fate::Create { .. })));
    assert_eq!(warned(&new), [WarningKind::UnknownId]);
    let rules = Rules {
        ids: Ids::Ignore,
        ..TIKTOK
    };
    let ignored = one(rules, &[(Column::Id, Number("1")), USER]);
    assert!(matches!(ignored.fate, Ok(Fate::Create { .. })));
    assert!(warned(&ignored).is_empty());
}

#[test]
fn a_standing_username_is_unchanged_a_fault_an_update_or_skipped() {
    let equal: Cells<'_> = &[
        (Column::Username, Text("@jane")),
        (Column::Email, Empty),
        (Column::Pwd, Text("001234")),
        (Column::Device, Text("127.0.0.1:5555")),
        (Column::DeviceIndex, Number("7")),
    ];
    let different: Cells<'_> = &[
        (Column::Username, Text("Jane")),
        (Column::Pwd, Text("1234")),
        (Column::Email, Empty),
    ];
    for (on_duplicate, id) in [
        (OnDuplicate::Fault, None),
        (OnDuplicate::Update, Some(1)),
        (OnDuplicate::Skip, Some(1)),
    ] {
        let rules = Rules {
            on_duplicate,
            ..TIKTOK
        };
        let spelt = one(
            rules,
            &[(Column::Username, Text("JANE")), (Column::Pwd, Text("001234"))],
        );
        assert!(
            matches!(spelt.fate, Ok(Fate::Unchanged { id: 1, .. })),
            "{on_duplicate:?}"
        );
        let decision = one(rules, different);
        match (on_duplicate, &decision.fate) {
            (OnDuplicate::Fault, Err(_)) => {
                assert_eq!(
                    faults(&decision),
                    [(2, "username", FaultClass::DuplicateUsername)]
                );
            }
            (
                OnDuplicate::Update,
                Ok(Fate::Update {
                    id: found, changes, ..
                }),
            ) => {
                assert_eq!(Some(*found), id);
                let names: Vec<_> = changes.iter().map(|change| change.field.name()).collect();
                assert_eq!(names, ["email", "pwd"], "an empty cell clears here too");
            }
            (OnDuplicate::Skip, Ok(Fate::Skip { id: found, .. })) => assert_eq!(Some(*found), id),
            (rule, fate) => panic!("{rule:?}: {fate:?}"),
        }
    }
    let mut cells = equal.to_vec();
    assert!(matches!(
        one(TIKTOK, &cells).fate,
        Ok(Fate::Unchanged { id: 1, .. })
    ));
    cells[4].1 = Number("8");
    let disagreeing = one(TIKTOK, &cells);
    assert!(
        matches!(disagreeing.fate, Ok(Fate::Unchanged { id: 1, .. })),
        "the device is the same"
    );
    assert_eq!(warned(&disagreeing), [WarningKind::DeviceIndexDisagrees]);
}

#[test]
fn two_rows_for_one_account_are_told_apart_from_one_that_stands() {
    let mut sheet = Sheet::new(TIKTOK);
    assert!(sheet.row(&[(Column::Username, Text("new"))]).fate.is_ok());
    let again = sheet.row(&[(Column::Username, Text("@NEW"))]);
    assert_eq!(faults(&again), [(3, "username", FaultClass::DuplicateInSheet)]);
    // Row 4 renames Joe, row 5 means him by his name before.
    assert!(
        sheet
            .row(&[(Column::Id, Number("2")), (Column::Username, Text("joseph"))])
            .fate
            .is_ok()
    );
    let both = sheet.row(&[(Column::Username, Text("joe"))]);
    assert_eq!(faults(&both), [(5, "username", FaultClass::DuplicateInSheet)]);
    let twice = sheet.row(&[(Column::Id, Number("2")), (Column::Username, Text("joey"))]);
    assert_eq!(faults(&twice), [(6, "id", FaultClass::DuplicateInSheet)]);
}

#[test]
fn the_same_username_on_both_platforms_is_two_accounts() {
    let rules = Rules {
        platform: None,
        ..TIKTOK
    };
    let mut sheet = Sheet::new(rules);
    for platform in ["tiktok", "instagram"] {
        let decision = sheet.row(&[
            (Column::Username, Text("both")),
            (Column::Platform, Text(platform)),
        ]);
        assert!(matches!(decision.fate, Ok(Fate::Create { .. })), "{decision:?}");
    }
}

#[test]
fn a_rename_to_a_username_of_another_account_is_faulty() {
    let decision = one(
        TIKTOK,
        &[(Column::Id, Number("1")), (Column::Username, Text("JOE"))],
    );
    assert_eq!(
        faults(&decision),
        [(2, "username", FaultClass::DuplicateUsername)]
    );
    let free = one(
        TIKTOK,
        &[(Column::Id, Number("1")), (Column::Username, Text("janet"))],
    );
    assert_eq!(changes(&free), [("username", text("janet"))]);
}

/// What becomes of the binding: the device after it where it changes, and the warnings.
#[expect(clippy::option_option, reason = "left as it is, unbound, bound")]
fn bound(rules: Rules, cells: Cells<'_>) -> (Option<Option<String>>, Vec<WarningKind>) {
    let decision = one(rules, cells);
    let device = match decision.fate.as_ref().unwrap() {
        Fate::Create { .. } | Fate::Update { .. } => changes(&decision)
            .into_iter()
            .find(|(name, _)| *name == "device")
            .map(|(_, held)| held.as_text().map(str::to_owned)),
        _ => None,
    };
    (device, warned(&decision))
}

#[test]
fn a_phone_is_bound_by_serial_alias_or_index() {
    use WarningKind as W;
    let jane = |cells: Cells<'_>| {
        let mut all = vec![(Column::Id, Number("1")), (Column::Username, Text("Jane"))];
        all.extend_from_slice(cells);
        bound(TIKTOK, &all)
    };
    let joe = |cells: Cells<'_>| {
        let mut all = vec![(Column::Id, Number("2")), (Column::Username, Text("joe"))];
        all.extend_from_slice(cells);
        bound(TIKTOK, &all)
    };
    let to = |serial: &str| Some(Some(serial.to_owned()));
    let device = |text| (Column::Device, Text(text));
    let index = |text| (Column::DeviceIndex, Number(text));
    // The index alone binds the new and the unbound.
    assert_eq!(bound(TIKTOK, &[USER, index("8")]), (to("SIM0008"), vec![]));
    assert_eq!(
        bound(TIKTOK, &[USER, (Column::Device, Empty), index("8")]),
        (to("SIM0008"), vec![])
    );
    assert_eq!(joe(&[index("8")]), (to("SIM0008"), vec![]));
    assert_eq!(
        joe(&[(Column::Device, Empty), index("8")]),
        (to("SIM0008"), vec![])
    );
    // It does not move a bound one.
    assert_eq!(jane(&[index("8")]), (None, vec![W::DeviceIndexUnused]));
    assert_eq!(jane(&[index("7")]), (None, vec![]));
    // An emptied device unbinds, whatever the index says.
    assert_eq!(
        jane(&[(Column::Device, Empty), index("7")]),
        (Some(None), vec![W::Unbound])
    );
    assert_eq!(jane(&[(Column::Device, Empty)]), (Some(None), vec![]));
    // The device wins over the index.
    assert_eq!(jane(&[device("SIM0008"), index("8")]), (to("SIM0008"), vec![]));
    assert_eq!(
        jane(&[device("SIM0008"), index("7")]),
        (to("SIM0008"), vec![W::DeviceIndexDisagrees])
    );
    assert_eq!(joe(&[device("127.0.0.1:5555")]), (to("SIM0007"), vec![]));
    // A phone that was never seen is taken as it is written.
    assert_eq!(joe(&[device("R58M")]), (to("R58M"), vec![W::UnknownDevice]));
    assert_eq!(
        joe(&[device("R58M"), index("7")]),
        (to("R58M"), vec![W::UnknownDevice, W::DeviceIndexDisagrees])
    );
    assert_eq!(
        joe(&[device("R58M"), index("70")]),
        (to("R58M"), vec![W::UnknownDevice])
    );
}

#[test]
fn phones_get_the_sheets_indexes_where_that_was_asked_for() {
    let rules = Rules {
        adopt_device_index: true,
        ..TIKTOK
    };
    let row = |name, serial, index| {
        [
            (Column::Username, Text(name)),
            (Column::Device, Text(serial)),
            (Column::DeviceIndex, Number(index)),
        ]
    };
    let mut sheet = Sheet::new(rules);
    for cells in [
        row("a", "SIM0007", "8"),
        row("b", "127.0.0.1:5555", "8"),
        row("c", "SIM0008", "7"),
    ] {
        let decision = sheet.row(&cells);
        assert!(
            decision.fate.is_ok() && decision.warnings.is_empty(),
            "{decision:?}"
        );
    }
    assert!(
        taken_indexes(&sheet.so_far, &phones()).is_empty(),
        "they change places"
    );
    let mut report = Report::default();
    report.phones(sheet.so_far.wishes(), |_| true);
    assert_eq!(report.phones.len(), 2);
    let twice = sheet.row(&row("d", "SIM0008", "9"));
    assert_eq!(
        faults(&twice),
        [(5, "device_index", FaultClass::DeviceIndexTaken)]
    );
    let unseen = sheet.row(&row("e", "R58M", "10"));
    assert_eq!(
        warned(&unseen),
        [WarningKind::UnknownDevice, WarningKind::DeviceIndexNotAdopted]
    );

    let mut sheet = Sheet::new(rules);
    assert!(sheet.row(&row("a", "SIM0007", "8")).fate.is_ok());
    let taken = taken_indexes(&sheet.so_far, &phones());
    assert_eq!(
        (taken[0].row, taken[0].class),
        (2, FaultClass::DeviceIndexTaken),
        "the phone that has it is not in the sheet"
    );
}

#[test]
fn instagram_rows_leave_the_seven_statistics_aside_even_wrong_ones() {
    let cells: Cells<'_> = &[
        (Column::Id, Number("3")),
        (Column::Username, Text("jane")),
        (Column::Nickname, Text("N")),
        (Column::Country, Text("SE")),
        (Column::Followers, Number("-5")),
        (Column::Following, Text("x")),
        (Column::Hearts, Number("1e21")),
        (Column::Videos, Number("0")),
        (Column::Friends, Number("0")),
    ];
    assert!(matches!(
        one(INSTAGRAM, cells).fate,
        Ok(Fate::Unchanged { id: 3, .. })
    ));
}

#[test]
fn a_2fa_secret_is_recognised_on_instagram_alone_and_its_loss_is_told() {
    let typed = format!("a:b:{SEED}");
    let decision = one(INSTAGRAM, &[USER, (Column::Pwd, Text(&typed))]);
    let mut report = Report::default();
    report.count(&decision);
    assert_eq!(report.two_factor, 1);
    let shown = serde_json::to_string(&report).unwrap();
    assert!(shown.contains("\"has_2fa\":true"), "{shown}");
    assert!(!shown.contains(SEED) && !shown.contains("a:b"), "{shown}");
    let tiktok = one(TIKTOK, &[USER, (Column::Pwd, Text(&typed))]);
    assert_eq!(
        changes(&tiktok)[1].1,
        Held::password(Password::split(Platform::TikTok, &typed))
    );
    let lost = one(
        INSTAGRAM,
        &[
            (Column::Id, Number("3")),
            (Column::Username, Text("jane")),
            (Column::Pwd, Text("pw")),
        ],
    );
    assert_eq!(warned(&lost), [WarningKind::TwoFactorRemoved]);
    let kept = format!("pw:{}", SEED.to_lowercase());
    let same = one(
        INSTAGRAM,
        &[
            (Column::Id, Number("3")),
            (Column::Username, Text("jane")),
            (Column::Pwd, Text(&kept)),
        ],
    );
    assert!(matches!(same.fate, Ok(Fate::Unchanged { .. })));
}

#[test]
fn planned_rows_come_back_from_their_written_form() {
    let mut next = 0;
    let decisions = [
        one(
            INSTAGRAM,
            &[
                USER,
                (Column::Pwd, Text(&format!("p:{SEED}"))),
                (Column::Tags, Text("x")),
            ],
        ),
        one(
            TIKTOK,
            &[
                (Column::Id, Number("1")),
                (Column::Username, Text("janet")),
                (Column::Email, Empty),
            ],
        ),
        one(
            TIKTOK,
            &[(Column::Id, Number("1")), (Column::Username, Text("Jane"))],
        ),
    ];
    let rows: Vec<PlannedRow> = decisions
        .into_iter()
        .filter_map(|d| PlannedRow::of(d.line, d.platform, d.fate.unwrap(), &mut next))
        .collect();
    assert_eq!((rows.len(), next), (2, 1), "what is unchanged is not planned");
    let written = planned::write(&rows).unwrap();
    assert_eq!(planned::read(&written).unwrap(), rows);
}

fn any_cell() -> impl Strategy<Value = Option<(bool, String)>> {
    prop_oneof![
        Just(None),
        "\\PC{0,20}".prop_map(|text| Some((false, text))),
        "-?[0-9]{1,22}(\\.[0-9]{1,3})?(e[0-9]{1,3})?".prop_map(|text| Some((true, text))),
        "[01]".prop_map(|text| Some((true, text))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Whatever stands in the cells, a row ends as a fate or with faults that name it, and no report tells a password.
    #[test]
    fn no_row_panics_and_no_report_tells_a_password(
        cells in prop::collection::vec(any_cell(), Column::COUNT),
        instagram: bool,
        adopt: bool,
    ) {
        let secret = "Zq9canary";
        let rules = Rules { adopt_device_index: adopt, on_duplicate: OnDuplicate::Update, ..if instagram { INSTAGRAM } else { TIKTOK } };
        let cells: Vec<(Column, Cell<'_>)> = Column::ALL
            .into_iter()
            .zip(&cells)
            .map(|(column, cell)| match cell {
                _ if column == Column::Pwd => (column, Text(secret)),
                None => (column, Empty),
                Some((true, text)) => (column, Number(text)),
                Some((false, text)) => (column, Text(text)),
            })
            .collect();
        let decision = one(rules, &cells);
        let mut report = Report::default();
        if let Err(faults) = &decision.fate {
            prop_assert!(faults.iter().all(|fault| fault.row == 2) && !faults.is_empty());
            report.fault(faults.clone());
        }
        report.count(&decision);
        let shown = format!("{} {decision:?}", serde_json::to_string(&report).unwrap());
        prop_assert!(!shown.contains(secret), "{shown}");
    }
}
