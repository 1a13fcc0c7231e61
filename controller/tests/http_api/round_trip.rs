//! Exported with secrets and imported again, accounts are the same: into an empty farm, and into the one they came from.

use std::collections::BTreeSet;

use axum::http::{Method, StatusCode};
use controller::sheets::Column;
use controller::store::WholeAccount;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::api::{Api, CURL, ask};
use crate::importing::{all, import, password};

const SEED: &str = "JBSWY3DPEHPK3PXP";

/// One account as somebody would type it.
#[derive(Debug, Clone)]
struct Typed {
    instagram: bool,
    username: String,
    pwd: String,
    email: String,
    device: String,
    logined: bool,
    disabled: bool,
    nickname: String,
    followers: Option<u32>,
    tags: String,
    package: bool,
}

/// A line of text such as people and machines have: scripts, blanks, zeros, signs that sheets like to take for something
/// else.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        "[0]{0,3}[0-9]{1,18}",
        "[=+\\-@'][A-Za-z0-9()!, ]{0,12}",
        "[a-z]{1,8}@[a-z]{1,8}\\.example",
        "\\PC{1,24}",
        "(1e21|TRUE|#N/A|1/2/2026|null|NaN|;|\"|,|\t?)".prop_map(|text: String| text.trim().to_owned()),
        "[\u{4e00}-\u{4e20}\u{5d0}-\u{5ea}\u{1f600}-\u{1f640} ]{1,12}",
    ]
}

fn pwd() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        " {0,2}\\PC{1,20} {0,2}",
        "[0]{1,4}[0-9]{1,14}",
        "[a-z:]{1,8}".prop_map(|text| format!("{text}:{SEED}")),
        Just(format!(":{SEED}")),
        "[a-z]{3}:[A-Z2-7]{8}",
    ]
}

fn typed() -> impl Strategy<Value = Typed> {
    let names = (any::<bool>(), line(), pwd(), line(), line());
    let rest = (
        any::<bool>(),
        any::<bool>(),
        line(),
        any::<Option<u32>>(),
        line(),
        any::<bool>(),
    );
    (names, rest).prop_map(|(names, rest)| {
        let (instagram, username, pwd, email, device) = names;
        let (logined, disabled, nickname, followers, tags, package) = rest;
        Typed {
            instagram,
            username,
            pwd,
            email,
            device,
            logined,
            disabled,
            nickname,
            followers,
            tags,
            package,
        }
    })
}

/// As a CSV file that says nothing twice.
fn sheet(accounts: &[Typed]) -> String {
    let quoted = |text: &str| {
        // The apostrophe is what a sheet writes before what could be taken for a formula.
        let guard = if text.starts_with(['=', '+', '-', '@', '\'', '\t', '\r']) {
            "'"
        } else {
            ""
        };
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    };
    let mut names = BTreeSet::new();
    let mut text =
        "username,pwd,email,device,logined,status,nickname,followers,tags,packagename,platform\n".to_owned();
    for (place, account) in accounts.iter().enumerate() {
        let folded = account.username.to_lowercase();
        let username = if names.insert((account.instagram, folded)) && !account.username.trim().is_empty() {
            account.username.clone()
        } else {
            format!("user{place}")
        };
        let cells = [
            quoted(&username),
            quoted(&account.pwd),
            quoted(&account.email),
            quoted(&account.device),
            u8::from(account.logined).to_string(),
            u8::from(account.disabled).to_string(),
            quoted(&account.nickname),
            account
                .followers
                .map(|count| count.to_string())
                .unwrap_or_default(),
            quoted(&account.tags),
            if account.package {
                "com.ss.android.ugc.trill".to_owned()
            } else {
                String::new()
            },
            if account.instagram { "instagram" } else { "tiktok" }.to_owned(),
        ];
        text.push_str(&cells.join(","));
        text.push('\n');
    }
    text
}

/// All that there is to know of an account but its id and times.
fn told(api: &Api, account: &WholeAccount) -> String {
    let row = &account.row;
    let secrets = password(api, account);
    format!(
        "{:?} {:?} {:?} {:?} {:?} {} {:?} {:?} {:?} {secrets:?}",
        row.platform,
        row.username.as_str(),
        row.email,
        row.device,
        row.packagename,
        row.logined,
        row.status,
        row.statistics,
        row.tags.to_vec()
    )
}

async fn farm(api: &Api) -> Vec<String> {
    all(api).await.iter().map(|account| told(api, account)).collect()
}

async fn exported(api: &Api, format: &str) -> Vec<u8> {
    let body = format!(r#"{{"include_secrets": true, "format": "{format}"}}"#);
    let answer = api
        .call(ask(Method::POST, "/api/v1/accounts/export", &[CURL], &body))
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    let name = answer.headers["content-disposition"].to_str().unwrap();
    assert_eq!(name, format!("attachment; filename=\"accounts.{format}\""));
    answer.bytes
}

async fn goes_round(accounts: &[Typed]) {
    let api = Api::start().await;
    let first = import(&api, "on_error=skip&on_duplicate=skip", sheet(accounts))
        .await
        .data();
    let before = farm(&api).await;
    assert!(!before.is_empty(), "{first}");
    for format in ["xlsx", "csv", "ods"] {
        let file = exported(&api, format).await;
        let again = import(&api, "", &file).await.data();
        assert_eq!(
            (
                again["report"]["unchanged"].as_u64(),
                again["report"]["faulty"].as_u64()
            ),
            (Some(before.len() as u64), Some(0)),
            "{format} into the same farm: {again}"
        );
        assert_eq!(farm(&api).await, before, "{format} into the same farm");
        let empty = Api::start().await;
        let there = import(&empty, "ids=ignore", &file).await.data();
        assert_eq!(
            there["report"]["created"],
            before.len() as u64,
            "{format} into an empty farm: {there}"
        );
        assert_eq!(farm(&empty).await, before, "{format} into an empty farm");
    }
}

#[test]
fn exported_and_imported_accounts_are_the_same_through_every_format() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut runner = TestRunner::new(Config {
        cases: 24,
        failure_persistence: None,
        ..Config::default()
    });
    let accounts = prop::collection::vec(typed(), 1..30);
    runner
        .run(&accounts, |accounts| {
            let with_one_good = {
                let mut accounts = accounts;
                accounts.push(Typed {
                    instagram: true,
                    username: "plain.jane".to_owned(),
                    pwd: format!("  p:w 0{SEED} :{SEED}"),
                    email: "=cmd|'/c calc'!A0".to_owned(),
                    device: "001234".to_owned(),
                    logined: true,
                    disabled: true,
                    nickname: String::new(),
                    followers: None,
                    tags: "a,b".to_owned(),
                    package: false,
                });
                accounts
            };
            runtime.block_on(goes_round(&with_one_good));
            Ok(())
        })
        .unwrap();
}

#[tokio::test]
async fn an_export_without_secrets_has_none_and_changes_nothing_when_it_comes_back() {
    let api = Api::start().await;
    import(
        &api,
        "platform=instagram",
        format!("username,pwd\njane,topsecret:{SEED}\n"),
    )
    .await
    .data();
    let before = farm(&api).await;
    for path in [
        "/api/v1/accounts/export?format=csv",
        "/api/v1/accounts/export?format=csv&platform=instagram",
    ] {
        let answer = api.get(path).await;
        let text = answer.text();
        assert!(
            text.contains("jane") && !text.contains("topsecret") && !text.contains(SEED),
            "{text}"
        );
        let columns = text
            .lines()
            .next()
            .unwrap()
            .trim_start_matches('\u{feff}')
            .split(',')
            .count();
        let wanted = if path.contains("platform") {
            Column::OF_ONE_PLATFORM.len()
        } else {
            Column::ALL.len()
        };
        assert_eq!(columns, wanted, "{text}");
        let again = import(&api, "platform=instagram", &answer.bytes).await.data();
        assert_eq!(again["report"]["unchanged"], 1, "{again}");
        assert_eq!(farm(&api).await, before);
    }
    let audit = api.get("/api/v1/audit").await.data();
    assert!(
        audit["entries"]
            .as_array()
            .unwrap()
            .iter()
            .all(|entry| entry["what"] != "accounts.export")
    );
    exported(&api, "csv").await;
    let audit = api.get("/api/v1/audit").await.data();
    assert_eq!(audit["entries"][0]["what"], "accounts.export");
    assert_eq!(audit["entries"][0]["after"]["include_secrets"], true);
    let wrong = api.get("/api/v1/accounts/export?format=pdf").await;
    assert_eq!(wrong.code(), 40001);
}
