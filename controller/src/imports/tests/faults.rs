//! What is wrong with a row, told by row, column and cause.

use super::*;

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
