//! Tasks as lists show them.

use std::time::Duration;

use serde_json::json;

use super::{account, create, warmup};
use crate::devices::farm;

#[tokio::test]
async fn a_list_is_filtered_clamped_and_sorted() {
    let api = farm().await;
    account(&api, "instagram", "gram", "SIM0002", 1).await;
    create(&api, warmup()).await.data();
    api.clock.advance(Duration::from_secs(60));
    create(
        &api,
        json!({"usernames": ["gram"], "script_name": "match_account"}),
    )
    .await
    .data();
    create(&api, json!({"usernames": ["gram"], "script_name": "sync_data"}))
        .await
        .data();
    api.post("/api/v1/task/1/stop", "").await.data();
    for (query, expected) in [
        ("", vec![3, 2, 1]),
        (
            "status=&serial=&script_name=&source=&username=&platform=&sort=&created_after=",
            vec![3, 2, 1],
        ),
        ("status=0", vec![3, 2]),
        ("status=failed,completed", vec![1]),
        ("status=3&status=0", vec![3, 2, 1]),
        ("serial=SIM0002", vec![3, 2]),
        ("serial=NOBODY", vec![]),
        ("script_name=match_account", vec![2]),
        ("source=api", vec![3, 2, 1]),
        ("source=ui", vec![]),
        ("username=%40GRAM", vec![3]),
        ("platform=instagram", vec![3, 2]),
        ("created_after=2027-01-15T08:00:30Z", vec![3, 2]),
        ("sort=id", vec![1, 2, 3]),
        ("sort=-finished_at", vec![1, 3, 2]),
        ("page=2&page_size=2", vec![1]),
    ] {
        let list = api.get(&format!("/api/v1/task?{query}")).await.data();
        let ids: Vec<i64> = list["tasks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|task| task["id"].as_i64().unwrap())
            .collect();
        assert_eq!(ids, expected, "{query}");
        if !query.contains("page") {
            assert_eq!(list["total"], expected.len(), "{query}");
        }
    }
    let clamped = api.get("/api/v1/task?page_size=5000").await.data();
    assert_eq!(clamped["page_size"], 100);
    for bad in [
        "status=4",
        "status=odd",
        "source=me",
        "platform=x",
        "sort=size",
        "created_after=then",
        "page=0",
    ] {
        let refused = api.get(&format!("/api/v1/task?{bad}")).await;
        assert_eq!(refused.code(), 40001, "{bad}");
        let name = bad.split('=').next().unwrap();
        assert!(refused.message().starts_with(name), "{}", refused.message());
    }
}
