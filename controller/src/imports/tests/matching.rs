//! Which account a row means, and what becomes of it.

use super::*;

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
