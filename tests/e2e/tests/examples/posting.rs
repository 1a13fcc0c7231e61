//! Posts: files out of a list, for accounts, out of a folder for each account of a phone.

use std::time::Duration;

use farm::site::until;
use serde_json::{Value, json};

use crate::stand::{Stand, sha256};

/// For what comes a moment later.
const SOON: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn videos_and_images_are_published_as_the_request_says() {
    let stand = Stand::start(3).await;
    stand.logged_in("tiktok", "SIM0001", &["anna.makes"]).await;
    stand.logged_in("tiktok", "SIM0002", &["ben.makes"]).await;
    stand
        .logged_in("instagram", "SIM0003", &["cleo.makes", "dora.makes"])
        .await;
    tokio::join!(
        out_of_a_list(&stand),
        for_accounts(&stand),
        out_of_a_folder_for_each_account(&stand),
    );
}

async fn out_of_a_list(stand: &Stand) {
    let file = stand.video("spring/one.mp4");
    let done = stand
        .done(json!({
            "serials": ["SIM0001"], "script_name": "post",
            "script_config": {
                "material_list": ["spring\\one.mp4"], "captions": "A {quiet|quiet} morning #workshop",
                "post_way": "share", "upload_wait_time": "30",
            },
        }))
        .await;
    let posts = stand.acts("SIM0001", "post");
    assert_eq!(posts.len(), 1, "{posts:?}");
    assert_eq!(posts[0].detail["contents"], json!([sha256(&file)]));
    assert!(
        format!("{posts:?}").contains("A quiet morning #workshop"),
        "{posts:?}"
    );
    let task = &done[0];
    assert_eq!(task["username"], "anna.makes");
    let grants = task["grants"].as_array().unwrap();
    assert_eq!(grants.len(), 1, "{task}");
    assert_eq!(
        (&grants[0]["state"], &grants[0]["kind"], &grants[0]["settled_by"]),
        (&json!("done"), &json!("append"), &json!("host"))
    );
    assert!(!task["proof"][0]["proof"].is_null(), "{task}");
    let attempt = &task["attempt_list"][0];
    assert_eq!(
        (&attempt["state"], &attempt["outcome"]),
        (&json!("ended"), &json!("done"))
    );
    assert!(attempt["steps"].as_u64() > Some(0), "{attempt}");
    // Its last line comes a moment after its end.
    let path = format!("task/{}/log", task["id"]);
    let mut log = Value::Null;
    let waited = until("the last line of the log", SOON, async || {
        log = stand.get(&path).await;
        log["lines"].to_string().contains("100 %: ")
    });
    waited.await.unwrap();
    assert_eq!(log["attempt"], 1);
    let numbers = log["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["number"].as_u64());
    assert!(
        numbers.eq((0..).map(Some).take(log["lines"].as_array().unwrap().len())),
        "{log}"
    );
}

async fn for_accounts(stand: &Stand) {
    stand.video("evening.mp4");
    let done = stand
        .done(json!({
            "usernames": ["@Ben.Makes"], "platform": "tiktok", "script_name": "post",
            "script_config": {"content_type": 0, "material_list": ["evening.mp4"], "captions": "Evening##The lamp is on",
                "post_way": "addButton"},
        }))
        .await;
    assert_eq!(
        (&done[0]["serial"], &done[0]["username"]),
        (&json!("SIM0002"), &json!("ben.makes"))
    );
    assert_eq!(stand.acts("SIM0002", "post").len(), 1);
}

async fn out_of_a_folder_for_each_account(stand: &Stand) {
    let pictures = |name: &str| {
        let second = stand.image(&format!("gram/@{name}/sort_2_later.jpg"));
        let first = stand.image(&format!("gram/@{name}/sort_10_last.jpg"));
        let zeroth = stand.image(&format!("gram/@{name}/sort_1_first.jpg"));
        std::fs::write(
            second.with_file_name("caption.txt"),
            format!("First light by {name}\nSecond light by {name}\n"),
        )
        .unwrap();
        [sha256(&zeroth), sha256(&second), sha256(&first)]
    };
    let (cleos, doras) = (pictures("cleo.makes"), pictures("Dora.Makes"));
    stand.image("gram/nobodys.jpg");
    let ids = stand
        .create(json!({
            "serials": ["SIM0003"], "platform": "instagram", "script_name": "post", "enable_multi_account": true,
            "script_config": {"material_source": "localFolder", "material_path": "gram", "content_type": "1",
                "image_count": 2},
        }))
        .await;
    assert_eq!(ids.len(), 2);
    stand.completed(&ids).await;
    let posts = stand.acts("SIM0003", "post");
    assert_eq!(posts.len(), 2, "{posts:?}");
    for (name, files) in [("cleo.makes", &cleos), ("dora.makes", &doras)] {
        let own = posts.iter().find(|post| post.detail["account"] == name).unwrap();
        assert_eq!(own.detail["contents"], json!(files[..2]), "{own:?}");
        assert!(
            format!("{own:?}")
                .to_lowercase()
                .contains(&format!("first light by {name}")),
            "{own:?}"
        );
    }
    // What was published is not taken again: one is left of each, and two are wanted.
    let again = stand
        .create(json!({
            "usernames": ["cleo.makes"], "platform": "instagram", "script_name": "post",
            "script_config": {"material_source": "localFolder", "material_path": "gram", "content_type": "1",
                "image_count": 2},
        }))
        .await;
    let ended = stand.ended(&again).await;
    assert_eq!(ended[0]["error"]["kind"], "no_material", "{}", ended[0]);
    assert!(
        ended[0]["error"]["message"]
            .as_str()
            .unwrap()
            .contains("2 used already"),
        "{}",
        ended[0]
    );
}
