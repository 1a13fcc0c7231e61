//! The way back, and what stands in it.

use super::*;

#[tokio::test]
async fn the_last_import_is_taken_back_row_by_row_within_a_day() {
    let api = Api::start().await;
    import(
        &api,
        "platform=instagram",
        "username,pwd,email\njane,pw:JBSWY3DPEHPK3PXP,old@x\njoe,,\n",
    )
    .await
    .data();
    let before = all(&api).await;
    let sheet = "id,username,pwd,email\n1,janet,other,new@x\n2,joe,secret,\n,new,x,\n,newer,x,\n";
    let done = import(&api, "platform=instagram&allow_rename=true", sheet)
        .await
        .data();
    assert_eq!(counts(&done["report"]), [2, 2, 0, 0, 0], "{done}");
    assert!(done["undo_until"].is_string());
    // One of the new ones is changed meanwhile.
    let id = done["id"].as_i64().unwrap();
    import_behind_the_back(&api, "newer").await;
    let undone = api
        .post(&format!("/api/v1/accounts/imports/{id}/undo"), "")
        .await
        .data();
    assert_eq!(undone["state"], "undone", "{undone}");
    let undo = &undone["undo"];
    assert_eq!(
        (undo["deleted"].as_u64(), undo["restored"].as_u64()),
        (Some(1), Some(2)),
        "{undo}"
    );
    assert_eq!(undo["refused"][0]["row"], 5);
    assert_eq!(undo["refused"][0]["why"], "it was changed since: email");
    let after = all(&api).await;
    assert_eq!(after.len(), 3);
    for (was, is) in before.iter().zip(&after) {
        assert_eq!(
            (&was.row.username, &was.row.email),
            (&is.row.username, &is.row.email)
        );
        assert_eq!(was.row.username.as_str(), is.row.username.as_str());
        assert_eq!(password(&api, was), password(&api, is), "{}", was.row.username);
    }
    let twice = api.post(&format!("/api/v1/accounts/imports/{id}/undo"), "").await;
    assert_eq!(twice.code(), 40901);
    assert!(twice.message().contains("already"), "{}", twice.message());
    assert_eq!(
        api.post("/api/v1/accounts/imports/99/undo", "").await.code(),
        40401
    );
}

#[tokio::test]
async fn an_import_cannot_be_taken_back_after_a_day_or_behind_another_one() {
    let api = Api::start().await;
    let one = import(&api, "platform=tiktok", "username\na\n").await.data();
    let two = import(&api, "platform=tiktok", "username\nb\n").await.data();
    // Neither a dry run nor a sheet that changes nothing counts as a later one.
    import(&api, "platform=tiktok&dry_run=1", "username\nc\n")
        .await
        .data();
    let nothing = import(&api, "platform=tiktok", "username\nb\n").await.data();
    let undo = async |import: &Value| {
        api.post(&format!("/api/v1/accounts/imports/{}/undo", import["id"]), "")
            .await
    };
    for (import, why) in [(&one, "a later one"), (&nothing, "changed nothing")] {
        let answer = undo(import).await;
        assert_eq!(answer.code(), 40901);
        assert!(answer.message().contains(why), "{}", answer.message());
    }
    api.clock.advance(Duration::from_secs(24 * 3600 + 1));
    let answer = undo(&two).await;
    assert!(answer.message().contains("24 hours"), "{}", answer.message());
    let listed = api.get("/api/v1/accounts/imports?page_size=2").await.data();
    assert_eq!(
        (listed["total"].as_u64(), listed["imports"][0]["id"].as_u64()),
        (Some(4), Some(4))
    );
    let listed = api.get("/api/v1/accounts/imports?dry_run=false").await.data();
    assert_eq!(listed["total"], 3);
    // How much it did is told, and not to which rows.
    let report = &listed["imports"][1]["report"];
    assert_eq!(
        (&report["created"], &report["changes_total"], &report["changes"]),
        (&json!(1), &json!(1), &json!([]))
    );
    let dry = api.get("/api/v1/accounts/imports?dry_run=1").await.data();
    assert_eq!((&dry["total"], &dry["imports"][0]["id"]), (&json!(1), &json!(3)));
}
