//! Passwords and codes: given by two audited calls, and by nothing else.

use super::*;

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
