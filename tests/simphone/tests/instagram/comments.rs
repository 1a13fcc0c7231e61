//! The comment sheet over a post.

use serde_json::json;

use crate::stage::{Stage, inside};

const FIELD: &str = "layout_comment_thread_edittext_multiline";

fn sheet(stage: &Stage) {
    stage.tap("row_feed_button_comment");
    assert_eq!(stage.text("title_text_view"), "Comments");
}

#[test]
fn a_comment_is_typed_posted_and_read_back() {
    let stage = inside(0);
    sheet(&stage);
    assert!(
        stage.has("row_feed_profile_header"),
        "the feed is behind it in the dump"
    );
    assert!(
        !stage.has("layout_comment_thread_post_button_icon"),
        "absent until text is entered"
    );
    assert!(
        stage
            .screen()
            .nodes()
            .any(|node| node.class().ends_with("AutoCompleteTextView"))
    );
    let hint = stage.text(FIELD);
    assert!(
        hint.starts_with("Add a comment for") || hint == "Join the conversation…",
        "{hint}"
    );
    stage.picture("comments");
    stage.type_text("lovely 👋");
    stage.picture("comments-typed");
    stage.tap("layout_comment_thread_post_button_click_area");
    assert_eq!(stage.text(FIELD), hint, "the field is back at its hint");
    assert!(stage.has("ada said lovely .."), "{}", stage.seen());
    assert_eq!(stage.kinds(), ["comment"]);
    assert_eq!(stage.last()["comment"]["text"], "lovely 👋");
}

#[test]
fn a_closed_thread_has_no_composer() {
    let stage = inside(0);
    stage.moods(&json!({"comments_closed": true}));
    sheet(&stage);
    assert!(stage.has("Comments on this post are limited"));
    assert!(!stage.has(FIELD));
}

#[test]
fn a_refused_comment_leaves_the_text_and_no_trace() {
    let stage = inside(0);
    stage.moods(&json!({"limit_after": 0}));
    sheet(&stage);
    stage.type_text("hello");
    stage.tap("layout_comment_thread_post_button_click_area");
    assert!(stage.has("Try Again Later"));
    stage.tap("OK");
    assert_eq!(stage.text(FIELD), "hello");
    assert!(stage.ledger().is_empty());
}

#[test]
fn an_emoji_of_the_quick_row_is_appended() {
    let stage = inside(0);
    sheet(&stage);
    stage.tap("item_emoji");
    stage.tap("layout_comment_thread_post_button_click_area");
    assert_eq!(stage.last()["comment"]["text"], "❤️");
}
