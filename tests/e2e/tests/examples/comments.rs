//! Comments: several posts on several phones, in an order or at random, with an emoji, with a picture; and likes.

use std::collections::BTreeMap;

use serde_json::json;
use simphone::ledger::Entry;

use crate::stand::Stand;

fn text(entry: &Entry) -> &str {
    entry.detail["comment"]["text"].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn comments_are_left_under_each_post_by_each_phone() {
    let stand = Stand::start(3).await;
    stand.logged_in("tiktok", "SIM0001", &["anna.makes"]).await;
    stand.logged_in("tiktok", "SIM0002", &["ben.makes"]).await;
    stand.logged_in("instagram", "SIM0003", &["cleo.makes"]).await;
    tokio::join!(
        in_order_then_with_a_picture(&stand),
        at_random_with_an_emoji(&stand)
    );
    // Phones that began together wanted the same pack.
    let log = stand.site.agent_log();
    assert!(!log.contains("cannot be kept"), "{log}");
}

async fn in_order_then_with_a_picture(stand: &Stand) {
    let links = stand.links("tiktok", "ana.sketches").await;
    assert!(links.len() >= 2, "{links:?}");
    let ids = stand
        .create(json!({
            "serials": ["SIM0001", "SIM0002"], "script_name": "comment",
            "script_config": {"target_post_urls": links[..2], "comment_order": "sequential",
                "comment_content": "First of all: lovely\nSecond to none\nThird time lucky"},
        }))
        .await;
    assert_eq!(ids.len(), 4, "two posts on two phones");
    let tasks = stand.completed(&ids).await;
    // The n-th task takes the n-th line, and begins again after the last.
    let lines = [
        "First of all: lovely",
        "Second to none",
        "Third time lucky",
        "First of all: lovely",
    ];
    let mut wanted: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (task, line) in tasks.iter().zip(lines) {
        wanted
            .entry(task["serial"].as_str().unwrap().to_owned())
            .or_default()
            .push(line);
    }
    for (serial, lines) in wanted {
        let acts = stand.acts(&serial, "comment");
        let mut texts: Vec<&str> = acts.iter().map(text).collect();
        texts.sort_unstable();
        let mut lines = lines;
        lines.sort_unstable();
        assert_eq!(texts, lines, "{serial}");
    }
    stand.image("smile.jpg");
    stand
        .done(json!({
            "usernames": ["anna.makes"], "script_name": "comment",
            "script_config": {"target_post_url": stand.links("tiktok", "nordic.loom").await[0],
                "comment_content": "Look at this", "comment_image_path": "smile.jpg"},
        }))
        .await;
    let acts = stand.acts("SIM0001", "comment");
    let last = acts.last().unwrap();
    assert_eq!((acts.len(), text(last)), (3, "Look at this"));
    assert!(last.detail["comment"]["image"].is_string(), "{last:?}");
    stand
        .done(json!({"serials": ["SIM0001"], "script_name": "like", "script_config": {"target_post_url": links[0]}}))
        .await;
    assert_eq!(stand.acts("SIM0001", "like").len(), 1);
}

async fn at_random_with_an_emoji(stand: &Stand) {
    let links = stand.links("instagram", "jonas_builds").await;
    assert!(links.len() >= 2, "{links:?}");
    let ids = stand
        .create(json!({
            "serials": ["SIM0003"], "script_name": "comment",
            "script_config": {"target_post_url": links[..2].join("\n"), "insert_emoji": true, "comment_order": "random",
                "comment_content": "{Great|Great} work\nGreat work"},
        }))
        .await;
    assert_eq!(ids.len(), 2, "links name their app");
    stand.completed(&ids).await;
    let acts = stand.acts("SIM0003", "comment");
    assert_eq!(acts.len(), 2, "{acts:?}");
    for act in &acts {
        let emoji = text(act).strip_prefix("Great work ");
        assert!(
            emoji.is_some_and(|emoji| !emoji.is_empty() && !emoji.is_ascii()),
            "{act:?}"
        );
    }
}
