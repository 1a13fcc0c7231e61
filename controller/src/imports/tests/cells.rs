//! What cells mean: numbers that were typed, the statistics, a password with its 2FA secret.

use super::*;

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
