//! Accounts a page at a time, with the phones that they are bound to.

use super::*;

#[tokio::test]
async fn lists_are_filtered_searched_sorted_and_paged() {
    let api = farm().await;
    for (platform, username, device, logined, status, tags) in [
        ("tiktok", "anna", "SIM0001", 1, 0, "red"),
        ("tiktok", "ben", "SIM0002", 0, 1, "Red,blue"),
        ("instagram", "anna", "SIM0001", 0, 0, ""),
        ("instagram", "zoe", "", 1, 1, "blue"),
    ] {
        let body = json!({
            "platform": platform, "username": username, "device": device, "logined": logined,
            "status": status, "tags": tags, "email": format!("{username}@{platform}.example"),
        });
        create(&api, &body).await;
    }
    for (query, expected) in [
        ("", vec!["zoe", "anna", "ben", "anna"]),
        ("platform=tiktok", vec!["ben", "anna"]),
        ("platform=&status=&logined=", vec!["zoe", "anna", "ben", "anna"]),
        ("username=@ANNA&platform=tiktok", vec!["anna"]),
        ("username=ann", vec![]),
        ("device=SIM0001", vec!["anna", "anna"]),
        ("device=127.0.0.1:6007&platform=instagram", vec!["anna"]),
        ("logined=1", vec!["zoe", "anna"]),
        ("logined=false&status=1", vec!["ben"]),
        ("status=enabled", vec!["anna", "anna"]),
        ("tag=RED", vec!["ben", "anna"]),
        ("tag=red,blue&platform=instagram", vec!["zoe"]),
        ("q=ann", vec!["anna", "anna"]),
        ("q=@anna%20tiktok", vec!["anna"]),
        ("q=2", vec!["ben"]),
        ("sort=username&platform=tiktok", vec!["anna", "ben"]),
        ("sort=-device_index&platform=tiktok", vec!["ben", "anna"]),
        ("page=2&page_size=3", vec!["anna"]),
        ("page=9", vec![]),
    ] {
        let list = api.get(&format!("/api/v1/accounts?{query}")).await.data();
        assert_eq!(names(&list), expected, "{query}");
    }
    let list = api.get("/api/v1/accounts?page_size=5000").await.data();
    assert_eq!((&list["page_size"], &list["total"]), (&json!(100), &json!(4)));
    for query in [
        "platform=myspace",
        "status=2",
        "logined=x",
        "sort=password",
        "page=0",
    ] {
        assert_eq!(
            api.get(&format!("/api/v1/accounts?{query}")).await.code(),
            40001,
            "{query}"
        );
    }
    let tags = api.get("/api/v1/accounts/tags?platform=tiktok").await.data();
    assert_eq!(tags["tags"][0], json!({"name": "blue", "accounts": 1}));
    assert_eq!(tags["tags"][1]["accounts"], 2);
}

#[tokio::test]
async fn phones_tell_how_many_accounts_they_have_and_are_found_by_platform() {
    let api = farm().await;
    create(
        &api,
        &json!({"platform": "tiktok", "username": "anna", "device": "SIM0001"}),
    )
    .await;
    create(
        &api,
        &json!({"platform": "instagram", "username": "anna", "device": "SIM0001"}),
    )
    .await;
    create(
        &api,
        &json!({"platform": "instagram", "username": "zoe", "device": "AWAY"}),
    )
    .await;
    let phones = async |query: &str| {
        let list = api.get(&format!("/api/v1/devices?{query}")).await.data();
        let phones = list["devices"].as_array().unwrap().iter();
        phones
            .map(|phone| format!("{}:{}", phone["serial"].as_str().unwrap(), phone["accounts"]))
            .collect::<Vec<_>>()
    };
    assert_eq!(phones("").await, ["SIM0001:2", "SIM0002:0", "AWAY:1", "NEW:0"]);
    assert_eq!(phones("platform=tiktok").await, ["SIM0001:2"]);
    assert_eq!(phones("platform=instagram&state=unplugged").await, ["AWAY:1"]);
    assert_eq!(api.get("/api/v1/devices/SIM0001").await.data()["accounts"], 2);
}
