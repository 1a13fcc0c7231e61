//! Sheets into accounts through the API: reports, refusals, differences, what stands afterwards, and the way back.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use controller::store::{ImportState, NewImport, StoreError, WholeAccount};
use serde_json::{Value, json};

use crate::api::{Answer, Api, ask};
use crate::scripted::phone;

mod taking_back;
mod workspaces;

pub(crate) const IMPORT: &str = "/api/v1/accounts/import";

/// What stands, in order of ids, without secrets: platform/username and the fields that are set.
pub(crate) async fn standing(api: &Api) -> Vec<String> {
    let accounts = all(api).await;
    accounts
        .iter()
        .map(|account| {
            let row = &account.row;
            let device = row.device.as_ref().map_or("-", |serial| &serial.0);
            let email = row.email.as_deref().unwrap_or("-");
            let (logined, status) = (u8::from(row.logined), row.status.number());
            format!(
                "{} {}/{} {email} {device} {logined}{status}",
                row.id, row.platform, row.username
            )
        })
        .collect()
}

pub(crate) async fn all(api: &Api) -> Vec<WholeAccount> {
    api.state.store.accounts_after(None, 0, 1_000_000).await.unwrap()
}

/// Sends a sheet and waits for the end of its import.
pub(crate) async fn import(api: &Api, query: &str, sheet: impl AsRef<[u8]>) -> Answer {
    let answer = send(api, query, sheet.as_ref()).await;
    let data = answer.json()["data"].clone();
    if !["reading", "applying"].contains(&data["state"].as_str().unwrap_or_default()) {
        return answer;
    }
    until_over(api, data["id"].as_i64().unwrap()).await
}

async fn send(api: &Api, query: &str, sheet: &[u8]) -> Answer {
    let mut request = ask(
        Method::POST,
        &format!("{IMPORT}?{query}"),
        &[("content-type", "application/octet-stream")],
        "",
    );
    *request.body_mut() = sheet.to_vec().into();
    api.call(request).await
}

async fn until_over(api: &Api, id: i64) -> Answer {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
    loop {
        let answer = api.get(&format!("/api/v1/accounts/imports/{id}")).await;
        let state = answer.data()["state"].clone();
        if !["reading", "applying", "undoing"].contains(&state.as_str().unwrap()) {
            return answer;
        }
        assert!(tokio::time::Instant::now() < deadline, "{state} for a minute");
        tokio::task::yield_now().await;
    }
}

fn counts(report: &Value) -> [u64; 5] {
    ["created", "updated", "unchanged", "skipped", "faulty"].map(|name| report[name].as_u64().unwrap())
}

/// Phones of a host, as the database and the fleet know them.
async fn seen(api: &Api, serials: &[&str]) {
    for serial in serials {
        let device = phone(serial, api.state.clock.now());
        let seen = controller::store::SeenDevice {
            serial: device.serial.clone(),
            host_id: crate::scripted::HUB,
            manufacturer: String::new(),
            model: String::new(),
            android: String::new(),
            sdk: 0,
        };
        let row = api.state.store.record_seen(&[seen]).await.unwrap().remove(0);
        api.phones.put(device, Some(row));
    }
}

async fn indexes(api: &Api) -> Vec<(String, u32)> {
    let devices = api.state.store.list_devices().await.unwrap();
    devices
        .into_iter()
        .map(|row| (row.serial.0, row.device_index))
        .collect()
}

/// Changes an account's e-mail as somebody else would.
async fn import_behind_the_back(api: &Api, username: &str) {
    let account = all(api)
        .await
        .into_iter()
        .find(|account| account.row.username.as_str() == username)
        .unwrap();
    let id = account.row.id;
    set_email(api, id, "someone@else").await.unwrap();
}

async fn set_email(api: &Api, id: i64, email: &str) -> Result<(), StoreError> {
    let email = Some(email.to_owned());
    let change = move |account: &mut WholeAccount| {
        account.row.email = email;
        Ok(())
    };
    api.state
        .store
        .change_account(id, change, "somebody")
        .await
        .map(drop)
}

const TWO: &str = "username,pwd,email,device_index\n@Jane,001234,jane@x.example,\njoe,secret,,\n";

#[tokio::test]
async fn a_sheet_makes_accounts_and_the_same_sheet_changes_nothing_the_second_time() {
    let api = Api::start().await;
    let import_one = import(&api, "platform=tiktok", TWO).await.data();
    assert_eq!(
        (import_one["state"].as_str(), import_one["dry_run"].as_bool()),
        (Some("done"), Some(false))
    );
    assert_eq!(counts(&import_one["report"]), [2, 0, 0, 0, 0], "{import_one}");
    let accounts = standing(&api).await;
    assert_eq!(
        accounts,
        ["1 tiktok/Jane jane@x.example - 00", "2 tiktok/joe - - 00"]
    );
    let before = all(&api).await;
    let again = import(&api, "platform=tiktok", TWO).await.data();
    assert_eq!(counts(&again["report"]), [0, 0, 2, 0, 0], "{again}");
    assert_eq!(all(&api).await, before);
    let record = api.get("/api/v1/audit").await.data();
    assert_eq!(record["entries"][0]["what"], "accounts.import");
    assert_eq!(record["entries"][0]["after"]["created"], 2);
    assert_eq!(record["total"], 1, "an import that changed nothing is no change");
}

#[tokio::test]
async fn a_dry_run_tells_the_same_and_the_difference_and_writes_nothing() {
    let api = Api::start().await;
    import(&api, "platform=tiktok", TWO).await.data();
    let before = all(&api).await;
    let sheet = "id,username,pwd,email\n1,Jane,changed,\n,new,x,\n2,joe,,\n";
    let dry = import(&api, "platform=tiktok&dry_run=true", sheet).await.data();
    assert_eq!(
        (dry["state"].as_str(), dry["dry_run"].as_bool()),
        (Some("done"), Some(true))
    );
    assert_eq!(counts(&dry["report"]), [1, 1, 1, 0, 0], "{dry}");
    assert_eq!(
        dry["report"]["changes"][0],
        json!({"row": 2, "action": "updated", "id": 1, "platform": "tiktok", "username": "Jane", "fields": [
            {"field": "email", "old": "jane@x.example"}, {"field": "pwd", "has_2fa": false}]})
    );
    assert!(!dry.to_string().contains("001234"), "a password is told");
    assert_eq!(all(&api).await, before);
    let wet = import(&api, "platform=tiktok", sheet).await.data();
    assert_eq!(wet["report"], dry["report"]);
    assert_eq!(standing(&api).await.len(), 3);
}

#[tokio::test]
async fn one_fault_among_five_thousand_rows_changes_nothing_and_is_named() {
    let api = Api::start().await;
    let mut sheet = "username,pwd,status\n".to_owned();
    for row in 2..5002 {
        let status = if row == 4321 { 2 } else { 0 };
        sheet.push_str(&format!("user{row},pw{row},{status}\n"));
    }
    let query = "platform=tiktok&on_error=refuse";
    let answer = import(&api, query, &sheet).await;
    let import_one = answer.json()["data"].clone();
    assert_eq!(import_one["state"], "refused");
    assert_eq!(
        import_one["report"]["faults"],
        json!([{"row": 4321, "column": "status", "class": "out_of_range", "found": "text", "wrong": "is 2",
            "allowed": "0 (enabled) or 1 (disabled)"}])
    );
    assert_eq!(standing(&api).await, [] as [String; 0]);
    let skipped = import(&api, "platform=tiktok&on_error=skip", &sheet).await.data();
    assert_eq!(counts(&skipped["report"]), [4999, 0, 0, 0, 1]);
    assert_eq!(standing(&api).await.len(), 4999);
}

#[tokio::test]
async fn a_refused_sheet_is_an_error_with_its_report() {
    let api = Api::start().await;
    let answer = import(&api, "platform=tiktok", "username,hearts\na,many\n").await;
    assert_eq!((answer.status, answer.code()), (StatusCode::BAD_REQUEST, 40001));
    let message = answer.message();
    assert!(
        message.contains("row 2, hearts is text where a number belongs"),
        "{message}"
    );
    assert_eq!(answer.json()["data"]["report"]["faults_total"], 1);
    // A dry run was asked what would be: that is no error.
    let dry = import(&api, "platform=tiktok&dry_run=1", "username,hearts\na,many\n").await;
    assert_eq!(dry.data()["state"], "refused");
}

#[tokio::test]
async fn what_is_no_sheet_of_accounts_is_refused_with_what_to_do() {
    let api = Api::start().await;
    let cases: [(&str, &[u8], &str); 6] = [
        ("", b"username\na\n", "platform"),
        ("platform=tiktok", b"", "is empty"),
        (
            "platform=tiktok",
            b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR",
            "not a sheet",
        ),
        ("platform=tiktok", b"email,pwd,device\nx,y,z\n", "username"),
        ("platform=myspace", b"username\na\n", "tiktok or instagram"),
        (
            "platform=tiktok&on_error=ignore",
            b"username\na\n",
            "refuse or skip",
        ),
    ];
    for (query, sheet, told) in cases {
        let answer = import(&api, query, sheet).await;
        assert_eq!(
            (answer.status, answer.code()),
            (StatusCode::BAD_REQUEST, 40001),
            "{query}"
        );
        assert!(answer.message().contains(told), "{query}: {}", answer.message());
    }
    assert!(standing(&api).await.is_empty());
}

#[tokio::test]
async fn a_program_sends_a_form_and_a_browser_the_sheet_itself() {
    let api = Api::start().await;
    let body = "--xyz\r\ncontent-disposition: form-data; name=\"note\"\r\n\r\nhello\r\n--xyz\r\n\
        content-disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\ncontent-type: text/csv\r\n\r\n\
        username\r\nformed\r\n\r\n--xyz--\r\n";
    let form = ("content-type", "multipart/form-data; boundary=xyz");
    let path = format!("{IMPORT}?platform=instagram");
    let answer = api.call(ask(Method::POST, &path, &[form], body)).await;
    assert_eq!(answer.data()["report"]["created"], 1);
    let without = body.replace("name=\"file\"", "name=\"sheet\"");
    let answer = api.call(ask(Method::POST, &path, &[form], &without)).await;
    assert!(
        answer.message().starts_with("file: is required"),
        "{}",
        answer.message()
    );
    let cut = api.call(ask(Method::POST, &path, &[form], &body[..150])).await;
    assert_eq!(cut.code(), 40001, "{}", cut.text());

    let own = ("origin", "http://localhost:50809");
    let csv = ("content-type", "text/csv");
    let answer = api
        .call(ask(Method::POST, &path, &[csv, own], "username\nsent\n"))
        .await;
    assert_eq!(answer.data()["report"]["created"], 1);
    for kind in ["text/html", "multipart/form-data; boundary=xyz"] {
        let answer = api
            .call(ask(Method::POST, &path, &[("content-type", kind), own], body))
            .await;
        assert_eq!(answer.code(), 41501, "{kind}");
    }
    let elsewhere = ("origin", "http://evil.example");
    let answer = api
        .call(ask(Method::POST, &path, &[csv, elsewhere], "username\nx\n"))
        .await;
    assert_eq!(answer.code(), 40302);
}

#[tokio::test]
async fn nobody_else_changes_accounts_while_an_import_is_under_way() {
    let api = Api::start().await;
    import(&api, "platform=tiktok", TWO).await.data();
    let store = &api.state.store;
    let new = NewImport {
        who: "test".to_owned(),
        dry_run: false,
        platform: None,
    };
    let id = store.begin_import(new.clone()).await.unwrap();
    let refused = set_email(&api, 1, "x@y").await.unwrap_err();
    assert!(
        matches!(refused, StoreError::Importing { import } if import == id),
        "{refused:?}"
    );
    assert!(matches!(
        store.delete_account(1, "test").await,
        Err(StoreError::Importing { .. })
    ));
    assert!(matches!(
        store.begin_import(new.clone()).await,
        Err(StoreError::Importing { .. })
    ));
    // A dry run reads alone.
    let dry = NewImport { dry_run: true, ..new };
    store.begin_import(dry).await.unwrap();
    // What a crash has left so is dropped before the next one begins.
    let next = import(&api, "platform=tiktok", "username\nnext\n").await.data();
    assert_eq!(next["report"]["created"], 1);
    assert_eq!(
        store.import(id).await.unwrap().unwrap().state,
        ImportState::Dropped
    );
    set_email(&api, 1, "x@y").await.unwrap();
}

/// A password in plain, with its 2FA secret.
pub(crate) fn password(api: &Api, account: &WholeAccount) -> (Option<String>, Option<String>) {
    use controller::store::accounts::{PASSWORD, TOTP_SEED};
    let open = |column: controller::store::SealedColumn, sealed: &Option<controller::store::Sealed>| {
        let spot = controller::vault::Spot::new(column.table, column.column, account.row.id);
        sealed.as_ref().map(|sealed| {
            api.state
                .vault
                .open_sealed(&spot, sealed)
                .unwrap()
                .expose()
                .to_owned()
        })
    };
    (
        open(PASSWORD, &account.secrets.password),
        open(TOTP_SEED, &account.secrets.totp_seed),
    )
}

#[tokio::test]
async fn an_import_is_told_as_it_goes() {
    let api = Api::start().await;
    let names: Vec<String> = (0..1200).map(|n| format!("user{n}")).collect();
    let rows = names.join("\n");
    let before = api.state.events.count();
    let begun = send(
        &api,
        "platform=tiktok&wait=false",
        format!("username\n{rows}").as_bytes(),
    )
    .await
    .data();
    assert_eq!(begun["state"], "reading");
    let over = until_over(&api, begun["id"].as_i64().unwrap()).await.data();
    assert_eq!(
        over["progress"],
        json!({"read": 1200, "total": 1200, "applied": 1200})
    );
    // The end is stored before it is told.
    let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
    while api.state.events.count() < before + 3 {
        assert!(
            tokio::time::Instant::now() < deadline,
            "what is read, what is applied and the end are told"
        );
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_before_it_is_read() {
    let api = Api::start().await;
    let length = ("content-length", "99999999999");
    let mut request = ask(Method::POST, &format!("{IMPORT}?platform=tiktok"), &[length], "");
    *request.body_mut() = "username\na\n".into();
    assert_eq!(api.call(request).await.code(), 41301);
}
