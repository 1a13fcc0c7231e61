//! Accounts: created, listed, changed, deleted; their passwords go in and come out of two audited calls alone.

use axum::http::{Method, StatusCode};
use controller::state::{ApiConfig, Plan};
use controller::vault::{KeyFiles, Vault};
use serde_json::{Value, json};

use crate::api::{Answer, Api, CURL, ask};
use crate::devices::farm;

const SEED: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

async fn create(api: &Api, body: &Value) -> Value {
    api.post("/api/v1/accounts", &body.to_string()).await.data()
}

async fn tiktok(api: &Api, username: &str) -> i64 {
    let made = create(api, &json!({"platform": "tiktok", "username": username})).await;
    made["id"].as_i64().unwrap()
}

fn names(list: &Value) -> Vec<&str> {
    let accounts = list["accounts"].as_array().unwrap();
    accounts
        .iter()
        .map(|account| account["username"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn an_account_is_shown_with_the_documented_fields_and_types() {
    let api = farm().await;
    let body = json!({
        "platform": "Instagram", "username": "@Jane.Doe", "email": "jane@mail.example",
        "pwd": format!("hunter2:{SEED}"), "device": "127.0.0.1:6007", "logined": "1", "tags": "us, Food",
        "followers": "12",
    });
    let made = create(&api, &body).await;
    let expected = json!({
        "id": 1, "username": "Jane.Doe", "email": "jane@mail.example", "platform": "instagram",
        "packagename": null, "device": "SIM0001", "device_online": true, "device_name": "Pixel 7",
        "device_index": 1, "logined": 1, "logined_text": "logged_in", "status": 0, "status_text": "enabled",
        "tags": ["Food", "us"], "has_password": true, "has_2fa": true, "resting_until": null,
        "nickname": null, "country": null, "followers": 12, "following": null, "hearts": null,
        "videos": null, "friends": null, "synced_at": null,
        "created_at": "2027-01-15T08:00:00Z", "updated_at": "2027-01-15T08:00:00Z",
    });
    let mut shown = made.clone();
    let hint = shown.as_object_mut().unwrap().remove("hint").unwrap();
    assert!(
        hint.as_str().unwrap().contains("2FA secret was recognised"),
        "{hint}"
    );
    assert_eq!(shown.as_object_mut().unwrap().remove("warnings"), Some(json!([])));
    assert_eq!(shown, expected);
    assert_eq!(api.get("/api/v1/accounts/1").await.data(), expected);
    let list = api.get("/api/v1/accounts?platform=instagram").await.data();
    assert_eq!(
        list,
        json!({"accounts": [expected], "total": 1, "page": 1, "page_size": 20})
    );
    let bare = create(&api, &json!({"platform": "tiktok", "username": "bare"})).await;
    let told = (
        &bare["email"],
        &bare["device"],
        &bare["device_index"],
        &bare["hint"],
    );
    assert_eq!(told, (&json!(""), &json!(""), &Value::Null, &Value::Null));
    assert_eq!(
        (&bare["logined_text"], &bare["has_2fa"]),
        (&json!("not_logged_in"), &json!(false))
    );
}

#[tokio::test]
async fn no_answer_and_no_record_holds_a_password_but_the_two_that_are_audited() {
    let api = farm().await;
    let body = json!({"platform": "instagram", "username": "jane", "pwd": format!("hunter2:{SEED}")});
    create(&api, &body).await;
    api.patch(
        "/api/v1/accounts/1",
        &json!({"pwd": format!("hunter3:{SEED}")}).to_string(),
    )
    .await
    .data();
    let mut all = String::new();
    for path in [
        "accounts",
        "accounts/1",
        "accounts/tags",
        "audit",
        "overview",
        "devices",
        "keys",
    ] {
        all.push_str(&api.get(&format!("/api/v1/{path}")).await.text());
    }
    for secret in ["hunter", SEED] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
    let revealed = api.post("/api/v1/accounts/1/reveal", "").await;
    assert_eq!(revealed.headers["cache-control"], "no-store");
    let expected = json!({
        "id": 1, "username": "jane", "platform": "instagram", "password": "hunter3", "has_2fa": true,
    });
    assert_eq!(revealed.data(), expected);
    let record = api.get("/api/v1/audit").await.data();
    let whats: Vec<_> = record["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["what"])
        .collect();
    assert_eq!(whats[..3], ["account.reveal", "account.change", "account.create"]);
    assert_eq!(record["entries"][0]["subject"], "1");
    assert_eq!(record["entries"][1]["after"]["password"], "changed");
    assert!(!record.to_string().contains("hunter"));
    assert_eq!(api.post("/api/v1/accounts/9/reveal", "").await.code(), 40401);
}

#[tokio::test]
async fn a_code_is_given_with_the_seconds_that_it_is_good_and_not_to_an_agent_as_well() {
    let api = farm().await;
    create(
        &api,
        &json!({"platform": "instagram", "username": "jane", "pwd": format!(":{SEED}")}),
    )
    .await;
    // 1,800,000,000 is the first second of a step.
    let step = 1_800_000_000 / 30;
    let seed = shared::totp::TotpSeed::parse(SEED).unwrap();
    for (advance, seconds_left, of) in [(0, 30, step), (29, 1, step), (1, 30, step + 1)] {
        api.clock.advance(std::time::Duration::from_secs(advance));
        let code = api.get("/api/v1/accounts/1/totp").await;
        assert_eq!(code.headers["cache-control"], "no-store");
        let code = code.data();
        assert_eq!(code["code"], seed.at_step(of).expose());
        assert_eq!(
            (&code["seconds_left"], &code["username"]),
            (&json!(seconds_left), &json!("jane"))
        );
        assert!(!api.state.store.take_totp_step(1, of).await.unwrap());
    }
    assert!(api.state.store.take_totp_step(1, step + 2).await.unwrap());
    assert_eq!(
        api.get("/api/v1/audit").await.data()["entries"][0]["what"],
        "account.totp"
    );
    let without = tiktok(&api, "joe").await;
    let answer = api.get(&format!("/api/v1/accounts/{without}/totp")).await;
    assert_eq!(answer.code(), 40401);
    assert!(answer.message().contains("no 2FA secret"), "{}", answer.message());
}

#[tokio::test]
async fn what_is_wrong_is_named_and_creates_nothing() {
    let api = farm().await;
    let refused = async |body: &str| -> Answer { api.post("/api/v1/accounts", body).await };
    for (body, told) in [
        (
            r#"{"username": "jane"}"#,
            "platform: is required: tiktok or instagram",
        ),
        (
            r#"{"platform": "myspace", "username": "jane"}"#,
            "platform: must be tiktok or instagram",
        ),
        (r#"{"platform": "tiktok"}"#, "username: is required"),
        (
            r#"{"platform": "tiktok", "username": " @ "}"#,
            "username: is required",
        ),
        (
            r#"{"platform": "tiktok", "username": {}}"#,
            "username: must be text",
        ),
        (
            r#"{"platform": "tiktok", "username": "a", "status": 2}"#,
            "status: must be a whole number from 0 to 1",
        ),
        (
            r#"{"platform": "tiktok", "username": "a", "device_index": 77}"#,
            "device_index: no phone has the index 77",
        ),
        (
            r#"{"platform": "tiktok", "username": "a", "packagename": "a b"}"#,
            "packagename: must be",
        ),
    ] {
        let answer = refused(body).await;
        assert_eq!(
            (answer.code(), answer.status),
            (40001, StatusCode::BAD_REQUEST),
            "{body}"
        );
        assert!(answer.message().starts_with(told), "{}", answer.message());
    }
    tiktok(&api, "jane").await;
    let again = refused(r#"{"platform": "tiktok", "username": "@JANE"}"#).await;
    assert_eq!((again.code(), again.status), (40901, StatusCode::CONFLICT));
    assert!(
        again.message().contains("JANE") && again.message().contains("account 1"),
        "{}",
        again.message()
    );
    assert_eq!(api.get("/api/v1/accounts").await.data()["total"], 1);
    for path in ["accounts/9", "accounts/x", "accounts/9/totp"] {
        assert_eq!(api.get(&format!("/api/v1/{path}")).await.code(), 40401, "{path}");
    }
    assert_eq!(api.delete("/api/v1/accounts/9").await.code(), 40401);
    assert_eq!(api.patch("/api/v1/accounts/9", "{}").await.code(), 40401);
}

#[tokio::test]
async fn what_is_given_is_changed_and_the_rest_stays() {
    let api = farm().await;
    let body = json!({
        "platform": "instagram", "username": "jane", "email": "a@b.example", "pwd": format!("hunter2:{SEED}"),
        "device": "SIM0001", "tags": ["x"], "resting_until": "2027-01-16T08:00:00Z", "nickname": "Jane",
    });
    create(&api, &body).await;
    let patch = async |body: Value| api.patch("/api/v1/accounts/1", &body.to_string()).await.data();
    let changed = patch(json!({"status": 1, "username": "JANE"})).await;
    assert_eq!(
        (&changed["status_text"], &changed["username"]),
        (&json!("disabled"), &json!("JANE"))
    );
    assert_eq!(
        (&changed["email"], &changed["has_2fa"]),
        (&json!("a@b.example"), &json!(true))
    );
    let cleared =
        patch(json!({"email": "", "tags": null, "device": "", "resting_until": "", "nickname": null})).await;
    for field in ["email", "device", "resting_until", "nickname"] {
        assert!(
            cleared[field] == "" || cleared[field].is_null(),
            "{field} in {cleared}"
        );
    }
    assert_eq!(cleared["tags"], json!([]));
    // An empty password is that of a form which left it alone.
    let untouched = patch(json!({"pwd": ""})).await;
    assert_eq!(
        (&untouched["has_password"], &untouched["hint"]),
        (&json!(true), &Value::Null)
    );
    let same = patch(json!({"pwd": format!("hunter2:{SEED}")})).await;
    assert_eq!(
        same["updated_at"], cleared["updated_at"],
        "the same password is no change"
    );
    let without = patch(json!({"password": "a:b"})).await;
    assert_eq!(without["has_2fa"], false);
    assert!(
        without["hint"]
            .as_str()
            .unwrap()
            .starts_with("no 2FA secret was recognised")
    );
    let gone = patch(json!({"clear_password": true})).await;
    assert_eq!(gone["has_password"], false);
    let moved = api.patch("/api/v1/accounts/1", r#"{"platform": "tiktok"}"#).await;
    assert_eq!(moved.code(), 40001);
    let deleted = api.delete("/api/v1/accounts/1").await.data();
    assert_eq!(deleted, json!({"deleted": true, "id": 1, "username": "JANE"}));
    assert_eq!(api.get("/api/v1/accounts/1").await.code(), 40401);
}

#[tokio::test]
async fn an_account_is_bound_by_any_name_of_a_phone_or_by_its_index() {
    let api = farm().await;
    tiktok(&api, "jane").await;
    let bind = async |body: Value| api.patch("/api/v1/accounts/1", &body.to_string()).await.data();
    for (body, device, warned) in [
        (json!({"device": "127.0.0.1:6007"}), "SIM0001", ""),
        (json!({"device": "AWAY"}), "AWAY", ""),
        (json!({"device_index": "2"}), "SIM0002", ""),
        (json!({"device": "SIM0001", "device_index": 1}), "SIM0001", ""),
        (
            json!({"device": "SIM0001", "device_index": 2}),
            "SIM0001",
            "device_index: 2 is another phone's",
        ),
        (json!({"device": "", "device_index": 2}), "", ""),
        (
            json!({"device": "FUTURE"}),
            "FUTURE",
            "no phone FUTURE was ever seen",
        ),
    ] {
        let bound = bind(body.clone()).await;
        assert_eq!(bound["device"], device, "{body}");
        let warnings = bound["warnings"].to_string();
        assert!(
            if warned.is_empty() {
                warnings == "[]"
            } else {
                warnings.contains(warned)
            },
            "{warnings}"
        );
    }
    let future = api.get("/api/v1/accounts/1").await.data();
    assert_eq!(
        (
            &future["device_online"],
            &future["device_index"],
            &future["device_name"]
        ),
        (&json!(false), &Value::Null, &json!(""))
    );
}

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

#[tokio::test]
async fn events_tell_of_accounts() {
    let api = farm().await;
    let before = api.state.events.count();
    tiktok(&api, "anna").await;
    api.patch("/api/v1/accounts/1", r#"{"status": 1}"#).await.data();
    api.post("/api/v1/accounts/batch", r#"{"ids": [1], "action": "delete"}"#)
        .await
        .data();
    assert_eq!(api.state.events.count(), before + 3);
    let read = api.state.events.told("account");
    let whats: Vec<_> = read.iter().map(|event| &event["what"]).collect();
    assert_eq!(whats, ["account_created", "account_changed", "account_deleted"]);
    assert_eq!(
        (&read[2]["account"], &read[2]["username"]),
        (&json!(1), &json!("anna"))
    );
}

#[tokio::test]
async fn a_plan_without_the_api_has_no_accounts_for_clients() {
    let config = ApiConfig {
        plan: Plan::Starter,
        command_line_hash: Some(controller::http::token::hash("mine")),
        ..ApiConfig::default()
    };
    let api = Api::with(config).await;
    for path in ["accounts", "accounts/1", "accounts/tags"] {
        assert_eq!(api.get(&format!("/api/v1/{path}")).await.code(), 40301);
    }
    let own = [("authorization", "Bearer mine"), CURL];
    let body = r#"{"platform": "tiktok", "username": "anna"}"#;
    let made = api.call(ask(Method::POST, "/api/v1/accounts", &own, body)).await;
    assert_eq!(made.data()["id"], 1);
}

#[tokio::test]
async fn a_damaged_secret_is_told_of_its_account_and_of_no_other() {
    let api = farm().await;
    for username in ["anna", "ben"] {
        create(
            &api,
            &json!({"platform": "instagram", "username": username, "pwd": format!("{username}:{SEED}")}),
        )
        .await;
    }
    let swapped = api.state.store.account_secrets(1).await.unwrap().unwrap();
    let swap = move |account: &mut controller::store::WholeAccount| {
        account.secrets = swapped;
        Ok(())
    };
    api.state.store.change_account(2, swap, "test").await.unwrap();
    for answer in [
        api.post("/api/v1/accounts/2/reveal", "").await,
        api.get("/api/v1/accounts/2/totp").await,
    ] {
        assert_eq!(answer.code(), 50001);
        assert!(answer.message().contains("set it anew"), "{}", answer.message());
    }
    assert_eq!(
        api.get("/api/v1/audit").await.data()["entries"][0]["what"],
        "account.change",
        "nothing was revealed"
    );
    assert_eq!(
        api.post("/api/v1/accounts/1/reveal", "").await.data()["password"],
        "anna"
    );
    // Set anew, it is whole again.
    api.patch("/api/v1/accounts/2", r#"{"pwd": "fresh"}"#)
        .await
        .data();
    assert_eq!(
        api.post("/api/v1/accounts/2/reveal", "").await.data()["password"],
        "fresh"
    );
}

#[tokio::test]
async fn a_new_key_is_made_on_demand_and_everything_opens_with_it() {
    let mut api = farm().await;
    let keys = tempfile::tempdir().unwrap();
    let files = KeyFiles {
        folder: keys.path().to_owned(),
        given: Vec::new(),
    };
    api.state.vault = Vault::open(files, &api.state.store).await.unwrap();
    api.router = controller::http::router(api.state.clone());
    for number in 0..30 {
        let body =
            json!({"platform": "tiktok", "username": format!("u{number}"), "pwd": format!("hunter{number}")});
        create(&api, &body).await;
    }
    let before = api.get("/api/v1/keys").await.data();
    assert_eq!(
        (&before["keys"][0]["secrets"], &before["rotation"]),
        (&json!(30), &Value::Null)
    );
    let rotated = api.post("/api/v1/keys/rotate", "").await.data();
    assert_eq!(rotated["rotation"]["total"], 30);
    let done = async {
        loop {
            let keys = api.get("/api/v1/keys").await.data();
            if keys["rotation"].is_null() {
                return keys;
            }
            tokio::task::yield_now().await;
        }
    };
    let after = tokio::time::timeout(std::time::Duration::from_secs(30), done)
        .await
        .unwrap();
    let current: Vec<_> = after["keys"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|key| key["current"] == true)
        .collect();
    assert_eq!((current.len(), &current[0]["secrets"]), (1, &json!(30)));
    assert_ne!(current[0]["id"], before["keys"][0]["id"]);
    assert_eq!(
        api.post("/api/v1/accounts/7/reveal", "").await.data()["password"],
        "hunter6"
    );
}
