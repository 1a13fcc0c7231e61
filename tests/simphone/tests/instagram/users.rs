//! Other people's profiles: the follow button and everything beside it that is called the same.

use serde_json::json;
use simphone::app::social::Platform;

use crate::stage::{Stage, inside};

fn maya(stage: &Stage) {
    stage.open("https://www.instagram.com/maya.trails/");
    assert_eq!(stage.text("action_bar_title"), "maya.trails");
}

#[test]
fn a_follow_is_in_the_ledger_and_other_buttons_appear() {
    let stage = inside(0);
    maya(&stage);
    assert!(
        stage
            .text("profile_header_follow_context_text")
            .starts_with("Followed by")
    );
    assert_eq!(stage.text("profile_header_follow_button"), "Follow");
    assert_eq!(
        stage.desc("profile_header_follow_button"),
        "Follow Maya Okafor ..",
        "emoji become dots"
    );
    assert!(!stage.has("suggested_user_card_follow_button"));
    stage.picture("user");
    stage.tap("profile_header_follow_button");
    assert_eq!(stage.text("profile_header_follow_button"), "Following");
    assert!(stage.has("suggested_user_card_follow_button"));
    assert!(stage.has("Follow"), "other people's buttons are called so");
    stage.picture("user-followed");
    assert_eq!(stage.kinds(), ["follow"]);
    assert_eq!(
        (&stage.last()["account"], &stage.last()["target"]),
        (&json!("ada"), &json!("maya.trails"))
    );
    stage.tap("suggested_user_card_follow_button");
    assert_ne!(stage.last()["target"], "maya.trails");
}

#[test]
fn a_private_account_is_requested_and_unfollowed_after_a_question() {
    let stage = inside(0);
    stage.open("instagram://user?username=ivy.keeps.quiet");
    assert!(stage.has("private_profile_empty_state"));
    stage.tap("profile_header_follow_button");
    assert_eq!(stage.text("profile_header_follow_button"), "Requested");
    stage.tap("profile_header_follow_button");
    stage.tap("follow_sheet_unfollow_row");
    stage.tap("primary_button");
    assert_eq!(stage.text("profile_header_follow_button"), "Follow");
    assert_eq!(stage.kinds(), ["follow", "unfollow"]);
}

#[test]
fn unfollowing_goes_through_a_sheet_with_other_rows() {
    let stage = inside(0);
    maya(&stage);
    stage.tap("profile_header_follow_button");
    stage.tap("profile_header_follow_button");
    stage.picture("follow-sheet");
    assert!(
        stage.has("Unfollow") && stage.has("profile_header_follow_button"),
        "what is behind is in the dump"
    );
    stage.tap("follow_sheet_unfollow_row");
    assert_eq!(stage.kinds(), ["follow", "unfollow"]);
    assert_eq!(stage.text("profile_header_follow_button"), "Follow");
}

#[test]
fn a_follow_may_be_asked_about_refused_swallowed_or_late() {
    let stage = inside(0);
    stage.moods(&json!({"review_follow": true}));
    maya(&stage);
    stage.tap("profile_header_follow_button");
    assert!(stage.has("Review this account before following"));
    stage.tap("igds_alert_dialog_cancel_button");
    assert!(stage.ledger().is_empty());
    stage.tap("profile_header_follow_button");
    stage.tap("igds_alert_dialog_primary_button");
    assert_eq!(stage.kinds(), ["follow"]);

    let stage = inside(0);
    stage.moods(&json!({"limit_after": 0, "limit_text": "action_blocked"}));
    maya(&stage);
    stage.tap("profile_header_follow_button");
    assert!(stage.has("Action Blocked"));
    stage.picture("limit");
    stage.tap("OK");
    assert_eq!(stage.text("profile_header_follow_button"), "Follow");
    assert!(stage.ledger().is_empty());

    let stage = inside(0);
    stage.moods(&json!({"swallow": ["follow"]}));
    maya(&stage);
    stage.tap("profile_header_follow_button");
    assert_eq!(stage.text("profile_header_follow_button"), "Following");
    stage.until("the platform to forget", |stage| {
        stage.text("profile_header_follow_button") == "Follow"
    });
    assert!(stage.ledger().is_empty());

    let stage = inside(0);
    stage.moods(&json!({"late_seconds": 30}));
    maya(&stage);
    stage.tap("profile_header_follow_button");
    assert_eq!(stage.text("profile_header_follow_button"), "Follow");
    assert_eq!(stage.kinds(), ["follow"], "it is done before it shows");
    stage.until("the effect", |stage| {
        stage.text("profile_header_follow_button") == "Following"
    });
}

#[test]
fn a_tap_on_the_title_leads_astray() {
    let stage = inside(0);
    maya(&stage);
    stage.tap("action_bar_username_container");
    assert!(stage.has("About this account") && stage.has("Date joined"));
    stage.back();
    assert!(stage.has("profile_header_follow_button"));
}

#[test]
fn who_is_not_there_has_no_button() {
    let stage = inside(0);
    stage.open("https://www.instagram.com/nobody.at.all/");
    assert!(stage.has("Sorry, this page isn't available."));
    assert!(!stage.has("profile_header_follow_button"));
}

#[test]
fn the_search_finds_by_name_and_remembers() {
    let stage = inside(0);
    stage.tap("search_tab");
    assert!(stage.has("Search with Meta AI"));
    stage.picture("explore");
    stage.tap("action_bar_search_edit_text");
    stage.type_text("maya");
    assert_eq!(
        stage.text("row_search_user_username"),
        "maya.trails.fans",
        "the exact one is not always first"
    );
    assert!(stage.xml().contains("followers"));
    stage.picture("search");
    stage.tap("maya.trails");
    assert_eq!(stage.text("action_bar_title"), "maya.trails");
    stage.back();
    stage.phone.ui().clear_text(&stage.phone);
    stage.until("the searches of before", |stage| stage.has("dismiss_button"));
    assert!(stage.has("maya.trails"));
}

#[test]
fn enter_shows_all_results_behind_a_tab() {
    let stage = inside(0);
    stage.tap("search_tab");
    stage.tap("action_bar_search_edit_text");
    stage.type_text("ceramics");
    stage.key(66);
    assert_eq!(stage.text("serp_journey_header_query_text"), "ceramics");
    assert!(!stage.has("row_search_user_container"));
    stage.tap("Accounts");
    assert!(stage.has("lumen.ceramics"));
    stage.picture("serp");
}

#[test]
fn a_challenge_after_some_acts_takes_the_screen() {
    let stage = inside(0);
    stage.moods(&json!({"challenge": "human_check", "challenge_after": 1}));
    maya(&stage);
    stage.tap("profile_header_follow_button");
    stage.tap("suggested_user_card_follow_button");
    stage.wait("Confirm you're human to use your account");
    assert_eq!(stage.kinds(), ["follow"]);
    stage.stop();
    stage.launch();
    stage.wait("Confirm you're human to use your account");
    assert!(
        stage
            .phone
            .social
            .world(Platform::Instagram)
            .follows("ada", "maya.trails")
    );
}

#[test]
fn a_link_may_be_ignored() {
    let stage = inside(0);
    stage.tap("profile_tab");
    stage.moods(&json!({"link_ignored": true}));
    stage.open("https://www.instagram.com/maya.trails/");
    assert!(!stage.has("profile_header_follow_button"));
}

#[test]
fn on_a_slow_network_the_page_is_empty_for_a_while() {
    let stage = inside(0);
    stage.moods(&json!({"slow_seconds": 30}));
    maya(&stage);
    assert!(stage.has("loading_spinner") && !stage.has("profile_header_follow_button"));
    assert!(stage.phone.ui().animating());
    stage.wait("profile_header_follow_button");
}
