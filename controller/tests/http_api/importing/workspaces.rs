//! Sheets of other workspaces and platforms, and the phones that they name.

use super::*;

#[tokio::test]
async fn a_sheet_of_another_workspace_is_refused_whole_unless_it_is_meant() {
    let api = Api::start().await;
    let names: Vec<String> = (0..30).map(|n| format!("name{n}")).collect();
    import(
        &api,
        "platform=tiktok",
        format!("username\n{}\n", names.join("\n")),
    )
    .await
    .data();
    let sheet = |renamed: usize| {
        let rows = (0..30).map(|n| {
            let name = if n < renamed {
                format!("other{n}")
            } else {
                names[n].clone()
            };
            format!("{},{name}\n", n + 1)
        });
        format!("id,username\n{}", rows.collect::<String>())
    };
    let few = import(&api, "platform=tiktok&dry_run=true", sheet(3))
        .await
        .data();
    assert_eq!(few["state"], "done", "a tenth");
    let many = import(&api, "platform=tiktok&on_error=skip", sheet(4)).await;
    assert_eq!(many.code(), 40001);
    assert!(
        many.message().contains("another workspace") && many.message().contains("allow_rename"),
        "{}",
        many.message()
    );
    assert!(standing(&api).await[0].contains("name0"));
    let meant = import(&api, "platform=tiktok&allow_rename=true", sheet(4))
        .await
        .data();
    assert_eq!(counts(&meant["report"]), [0, 4, 26, 0, 0]);
    assert!(standing(&api).await[0].contains("other0"));
}

#[tokio::test]
async fn sheets_of_two_platforms_with_the_same_ids_stand_side_by_side() {
    let api = Api::start().await;
    let sheet = |tag: &str| format!("id,username,pwd,email\n1,jane,a-{tag},{tag}@x\n2,joe,b-{tag},\n");
    for platform in ["tiktok", "instagram"] {
        let done = import(&api, &format!("platform={platform}"), sheet(platform))
            .await
            .data();
        assert_eq!(counts(&done["report"]), [2, 0, 0, 0, 0], "{done}");
    }
    assert_eq!(
        standing(&api).await,
        [
            "1 tiktok/jane tiktok@x - 00",
            "2 tiktok/joe - - 00",
            "3 instagram/jane instagram@x - 00",
            "4 instagram/joe - - 00"
        ]
    );
    // The Instagram sheet again, with the incumbent's ids: they are the TikTok accounts' here, and leave those alone.
    let again = import(&api, "platform=instagram", sheet("instagram"))
        .await
        .data();
    assert_eq!(counts(&again["report"]), [0, 0, 2, 0, 0], "{again}");
    assert_eq!(again["report"]["warnings"][0]["kind"], "unknown_id");
}

#[tokio::test]
async fn a_device_index_binds_and_is_adopted_where_asked_for() {
    let api = Api::start().await;
    seen(&api, &["SIM0001", "SIM0002", "SIM0003"]).await;
    let bound = import(&api, "platform=tiktok", "username,device_index\na,1\nb,2\n")
        .await
        .data();
    assert_eq!(counts(&bound["report"]), [2, 0, 0, 0, 0]);
    assert_eq!(
        standing(&api).await,
        ["1 tiktok/a - SIM0001 00", "2 tiktok/b - SIM0002 00"]
    );
    let swapped = "username,device,device_index\na,SIM0001,2\nb,SIM0002,1\n";
    let told = import(&api, "platform=tiktok", swapped).await.data();
    assert_eq!(
        told["report"]["warnings"][0]["kind"], "device_index_disagrees",
        "{told}"
    );
    let adopted = import(
        &api,
        "platform=tiktok&adopt_device_index=true",
        "username,device,device_index\na,SIM0001,2\nb,SIM0002,1\n",
    )
    .await
    .data();
    assert_eq!(
        adopted["report"]["phones"],
        json!([{"serial": "SIM0001", "old": 1, "new": 2}, {"serial": "SIM0002", "old": 2, "new": 1}])
    );
    assert_eq!(
        indexes(&api).await,
        [
            ("SIM0002".to_owned(), 1),
            ("SIM0001".to_owned(), 2),
            ("SIM0003".to_owned(), 3)
        ]
    );
    let id = adopted["id"].clone();
    let undone = api
        .post(&format!("/api/v1/accounts/imports/{id}/undo"), "")
        .await
        .data();
    assert_eq!(
        (undone["state"].as_str(), undone["undo"]["phones"].as_u64()),
        (Some("undone"), Some(2)),
        "{undone}"
    );
    assert_eq!(indexes(&api).await[0], ("SIM0001".to_owned(), 1));
    let taken = import(
        &api,
        "platform=tiktok&adopt_device_index=true",
        "username,device,device_index\na,SIM0001,3\n",
    )
    .await;
    assert_eq!(
        taken.json()["data"]["report"]["faults"][0]["class"],
        "device_index_taken"
    );
}
