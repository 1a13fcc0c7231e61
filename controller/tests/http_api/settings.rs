//! Settings: each of the table is changed within its bounds, by whoever may, on record; where nobody has changed it the
//! configuration says what it is.

use std::collections::BTreeMap;

use controller::settings::{Definition, Kind, definitions};
use controller::state::ApiConfig;
use serde_json::{Value, json};

use crate::api::Api;

const PATH: &str = "/api/v1/settings";

async fn setting(api: &Api, name: &str) -> Value {
    let all = api.get(PATH).await.data();
    let all = all["settings"].as_array().unwrap();
    let mut found = all.iter().filter(|setting| setting["name"] == name);
    let one = found
        .next()
        .unwrap_or_else(|| panic!("there is no {name}"))
        .clone();
    assert!(found.next().is_none(), "{name} is there twice");
    one
}

async fn last_entry(api: &Api) -> Value {
    api.get("/api/v1/audit?page_size=1").await.data()["entries"][0].clone()
}

/// Another value than it usually has, and one that is refused.
fn other_and_beyond(one: &Definition, usual: &Value) -> (Value, Value) {
    match one.kind {
        Kind::Flag => (json!(!usual.as_bool().unwrap()), json!("perhaps")),
        Kind::Number(least, most) => {
            let other = if *usual == json!(most) { least } else { most };
            (json!(other), json!(most + 1))
        }
        Kind::Choice(choices) => (json!(choices.last().unwrap()), json!("neither")),
        Kind::Hours => (json!("08:00-22:00"), json!("8-22")),
    }
}

#[tokio::test]
async fn every_setting_is_changed_within_its_bounds_and_each_change_stands_on_record() {
    let configured = json!(4);
    let config = ApiConfig {
        settings: BTreeMap::from([("tasks.retries".to_owned(), configured.clone())]),
        ..ApiConfig::default()
    };
    let api = Api::with(config).await;
    assert_eq!(api.state.scheduler.rules().retries, 4, "from the first moment");
    for one in definitions() {
        let name = one.name.as_str();
        let usual = if name == "tasks.retries" {
            &configured
        } else {
            &one.default
        };
        let shown = setting(&api, name).await;
        assert_eq!(
            (&shown["value"], &shown["default"], &shown["is_set"]),
            (usual, usual, &json!(false)),
            "{name}"
        );
        let help = shown["help"].as_str().unwrap();
        assert!(
            help.contains(&one.help) && help.contains(&one.kind.allowed()),
            "{help}"
        );

        let (other, beyond) = other_and_beyond(&one, usual);
        api.patch(PATH, &json!({ name: other }).to_string()).await.data();
        let shown = setting(&api, name).await;
        assert_eq!(
            (&shown["value"], &shown["is_set"]),
            (&other, &json!(true)),
            "{name}"
        );
        let entry = last_entry(&api).await;
        assert_eq!(
            (
                &entry["what"],
                &entry["subject"],
                &entry["before"],
                &entry["after"]
            ),
            (&json!("setting.change"), &json!(name), usual, &other),
            "{entry}"
        );
        assert_eq!(entry["who"], "local API");

        let refused = api.patch(PATH, &json!({ name: beyond }).to_string()).await;
        assert_eq!(refused.code(), 40001, "{name} = {beyond}");
        assert!(refused.message().contains(name), "{}", refused.message());
        // Together with one that is refused nothing is changed.
        let both = json!({ name: beyond, "api.always_200": true }).to_string();
        assert_eq!(api.patch(PATH, &both).await.code(), 40001);
        assert_eq!(setting(&api, "api.always_200").await["is_set"], false);
        assert_eq!(setting(&api, name).await["value"], other);

        api.patch(PATH, &json!({ name: null }).to_string()).await.data();
        assert_eq!(setting(&api, name).await["value"], *usual, "{name}");
        let entry = last_entry(&api).await;
        assert_eq!(
            (
                &entry["what"],
                &entry["subject"],
                &entry["before"],
                &entry["after"]
            ),
            (&json!("setting.clear"), &json!(name), &other, usual),
            "{entry}"
        );
    }
    let changes = 2 * definitions().len();
    assert_eq!(api.get("/api/v1/audit").await.data()["total"], changes);
}

#[tokio::test]
async fn a_setting_is_in_force_at_once_and_a_name_that_is_none_is_told() {
    let api = Api::start().await;
    api.patch(PATH, r#"{"tasks.retries": "7", "tasks.platform": "Instagram"}"#)
        .await
        .data();
    let rules = api.state.scheduler.rules();
    assert_eq!((rules.retries, rules.platform.as_str()), (7, "instagram"));
    // The same once more changes nothing, and is not on record again.
    api.patch(PATH, r#"{"tasks.retries": 7}"#).await.data();
    assert_eq!(api.get("/api/v1/audit").await.data()["total"], 2);
    api.patch(PATH, r#"{"tasks.retries": null}"#).await.data();
    assert_eq!(api.state.scheduler.rules().retries, 2);
    let refused = api.patch(PATH, r#"{"tasks.retrys": 1}"#).await;
    assert_eq!(refused.code(), 40001);
    assert!(
        refused.message().contains("is no setting"),
        "{}",
        refused.message()
    );
    assert_eq!(api.patch(PATH, "{}").await.code(), 40001);
}
