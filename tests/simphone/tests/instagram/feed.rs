//! The feed, single posts and the reel viewer.

use serde_json::json;
use simphone::app::social::Platform;

use crate::stage::{Stage, inside};

fn code_of(stage: &Stage, placement: &str) -> String {
    let world = stage.phone.social.world(Platform::Instagram);
    let post = world.posts.iter().rev().find(|post| post.placement == placement);
    post.unwrap().code.clone()
}

#[test]
fn several_posts_are_visible_and_their_signs_cannot_be_tapped_themselves() {
    let stage = inside(0);
    stage.picture("feed");
    let screen = stage.screen();
    let likes: Vec<_> = screen
        .nodes()
        .filter(|node| node.resource_id().ends_with("row_feed_button_like"))
        .collect();
    assert!(!likes.is_empty());
    assert!(stage.count("row_feed_profile_header") >= 2, "{}", stage.seen());
    for like in likes {
        assert!(!like.flags().clickable());
        assert!(like.ancestors().any(|node| node.flags().clickable()));
    }
    assert!(stage.xml().contains("… more"), "a long caption is cut");
    assert!(stage.xml().contains("posted a"));
}

#[test]
fn a_like_by_the_box_around_the_sign_is_in_the_ledger() {
    let stage = inside(0);
    stage.tap("row_feed_button_like");
    assert_eq!(stage.kinds(), ["like"]);
    assert!(stage.has("Liked") && stage.selected("Liked"));
    stage.tap("Liked");
    assert_eq!(stage.kinds(), ["like", "unlike"]);
}

#[test]
fn advertisements_stand_between_the_posts() {
    let stage = inside(0);
    for _ in 0..12 {
        if stage.has("Sponsored") {
            break;
        }
        stage.swipe_up();
    }
    assert!(stage.has("Sponsored"));
    stage.picture("feed-ad");
}

#[test]
fn a_post_by_its_address_has_the_feeds_shape_and_a_reel_has_its_viewer() {
    let stage = inside(0);
    let photo = code_of(&stage, "feed");
    stage.open(&format!("https://www.instagram.com/p/{photo}/"));
    assert!(stage.has("row_feed_view_group_buttons") && stage.has("row_feed_photo_imageview"));
    stage.picture("post");
    let reel = code_of(&stage, "reel");
    stage.open(&format!("https://www.instagram.com/reel/{reel}/"));
    assert!(stage.has("clips_viewer_container") && !stage.has("row_feed_button_like"));
    stage.picture("reel");
    stage.open("https://www.instagram.com/p/NOSUCHCODE/");
    assert!(stage.has("Sorry, this page isn't available."));
}

#[test]
fn a_reel_never_comes_to_rest_until_it_is_paused_and_its_like_keeps_its_words() {
    let stage = inside(0);
    let reel = code_of(&stage, "reel");
    stage.open(&format!("https://www.instagram.com/reel/{reel}/"));
    assert!(stage.phone.ui().animating());
    stage.tap("clips_video_container");
    assert!(!stage.phone.ui().animating());
    assert!(!stage.selected("like_button"));
    stage.tap("like_button");
    assert_eq!(stage.desc("like_button"), "Like");
    assert!(stage.selected("like_button"));
    assert_eq!(stage.last()["code"], reel.as_str());
    stage.swipe_up();
    assert!(stage.phone.ui().animating(), "the next one plays");
    assert!(!stage.selected("like_button"));
}

#[test]
fn the_own_reel_offers_insights_and_a_boost() {
    let stage = inside(0);
    let seed = json!({"author": "ada", "placement": "reel", "caption": "mine"});
    let code = {
        let mut world = stage.phone.social.world(Platform::Instagram);
        world.seed_post(seed).unwrap().code.clone()
    };
    stage.open(&format!("https://www.instagram.com/reel/{code}/"));
    assert!(stage.has("View insights") && stage.has("Boost reel"));
    assert!(!stage.has("inline_follow_button"));
}

#[test]
fn the_resident_dump_has_the_bars_and_the_keyboard_too() {
    let stage = inside(0);
    stage.tap("search_tab");
    stage.tap("action_bar_search_edit_text");
    let all = stage.phone.ui().dump(&stage.phone, true);
    assert!(all.contains("com.android.systemui") && all.contains("inputmethod"));
    assert!(
        all.contains("content-desc=\"Home\""),
        "the bar's key is called like the app's tab"
    );
    assert!(!stage.xml().contains("com.android.systemui"));
}
