//! Many accounts at once, and from one workspace to the other.

use super::*;

#[tokio::test]
async fn a_batch_names_its_accounts_and_tells_what_became_of_each() {
    let api = farm().await;
    for username in ["anna", "ben", "cleo"] {
        tiktok(&api, username).await;
    }
    let batch = async |body: Value| api.post("/api/v1/accounts/batch", &body.to_string()).await.data();
    let done = batch(json!({"ids": [1, "2", 2, 99], "action": "disable"})).await;
    assert_eq!(
        (&done["changed_count"], &done["unchanged_count"]),
        (&json!(2), &json!(0))
    );
    assert_eq!(
        done["refused"],
        json!([{"id": 99, "reason": "there is no account 99"}])
    );
    assert_eq!(
        batch(json!({"ids": "1,2,3", "action": "Disable"})).await["unchanged_count"],
        2
    );
    assert_eq!(
        batch(json!({"ids": [3], "action": "enable"})).await["changed_count"],
        1
    );
    batch(json!({"ids": [1, 2], "action": "tag", "tags": "x, y"})).await;
    batch(json!({"ids": [2], "action": "untag", "tags": ["X"]})).await;
    batch(json!({"ids": [1, 2], "action": "bind", "device_index": 1})).await;
    let two = api.get("/api/v1/accounts/2").await.data();
    assert_eq!(
        (&two["tags"], &two["device"], &two["status"]),
        (&json!(["y"]), &json!("SIM0001"), &json!(1))
    );
    let unseen = batch(json!({"ids": [2], "action": "bind", "device": "FUTURE"})).await;
    assert!(unseen["warnings"][0].as_str().unwrap().contains("FUTURE"));
    batch(json!({"ids": [2], "action": "bind", "device": ""})).await;
    assert_eq!(api.get("/api/v1/accounts/2").await.data()["device"], "");
    let gone = batch(json!({"ids": [1, 3], "action": "delete"})).await;
    assert_eq!(
        (&gone["deleted_count"], &gone["changed_count"]),
        (&json!(2), &json!(0))
    );
    assert_eq!(api.get("/api/v1/accounts").await.data()["total"], 1);
    for (body, name) in [
        (json!({"action": "enable"}), "ids"),
        (json!({"ids": [], "action": "enable"}), "ids"),
        (json!({"ids": ["x"], "action": "enable"}), "ids"),
        (json!({"ids": [1]}), "action"),
        (json!({"ids": [1], "action": "post"}), "action"),
        (json!({"ids": [1], "action": "tag"}), "tags"),
        (json!({"ids": [1], "action": "bind"}), "device"),
        (json!({"ids": [1], "action": "move"}), "platform"),
    ] {
        let answer = api.post("/api/v1/accounts/batch", &body.to_string()).await;
        assert_eq!(answer.code(), 40001, "{body}");
        assert!(answer.message().starts_with(name), "{}", answer.message());
    }
}

#[tokio::test]
async fn a_move_to_the_other_workspace_reads_the_password_by_its_rule() {
    let api = farm().await;
    let typed = format!("hunter2:{SEED}");
    let body = json!({"platform": "tiktok", "username": "anna", "pwd": typed, "logined": 1, "packagename": "com.zhiliaoapp.musically.go"});
    create(&api, &body).await;
    create(&api, &json!({"platform": "instagram", "username": "ben"})).await;
    create(&api, &json!({"platform": "tiktok", "username": "Ben"})).await;
    let to = async |platform: &str, ids: Value| {
        let body = json!({"ids": ids, "action": "move", "platform": platform});
        api.post("/api/v1/accounts/batch", &body.to_string()).await.data()
    };
    let moved = to("instagram", json!([1, 2, 3])).await;
    assert_eq!(
        (&moved["changed_count"], &moved["unchanged_count"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(moved["refused"][0]["id"], 3, "{moved}");
    let anna = api.get("/api/v1/accounts/1").await.data();
    assert_eq!(
        (
            &anna["platform"],
            &anna["has_2fa"],
            &anna["logined"],
            &anna["packagename"]
        ),
        (&json!("instagram"), &json!(true), &json!(0), &Value::Null)
    );
    assert_eq!(
        api.post("/api/v1/accounts/1/reveal", "").await.data()["password"],
        "hunter2"
    );
    to("tiktok", json!([1])).await;
    let back = api.post("/api/v1/accounts/1/reveal", "").await.data();
    assert_eq!(
        (&back["password"], &back["has_2fa"]),
        (&json!(typed), &json!(false))
    );
}
