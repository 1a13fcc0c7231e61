//! To which phone a row binds, and which index phones get.

use super::*;

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
    assert_eq!(
        jane(&[device("SIM0008"), index("8")]),
        (to("SIM0008"), vec![W::Moved])
    );
    assert_eq!(
        jane(&[device("SIM0008"), index("7")]),
        (to("SIM0008"), vec![W::DeviceIndexDisagrees, W::Moved])
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
