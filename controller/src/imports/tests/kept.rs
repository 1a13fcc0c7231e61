//! What is laid ready, and that no row, whatever is in it, tells a password.

use proptest::prelude::*;

use super::*;

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
