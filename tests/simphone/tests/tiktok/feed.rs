//! The feed and what comes over it; comments.

use serde_json::json;
use simphone::app::social::Platform;
use simphone::app::tiktok::short_link;
use simphone::ui::Started;

use crate::bench::Bench;

#[test]
fn the_feed_is_never_at_rest_until_a_tap_pauses_the_video() {
    let bench = Bench::logged_in(0);
    bench.open();
    assert!(bench.moving());
    bench.tap("Video");
    assert!(!bench.moving());
    bench.picture("feed-paused");
    bench.swipe_up();
    assert!(bench.moving(), "the next one plays");
    for tab in [
        "For You",
        "Following",
        "Explore",
        "Shop",
        "STEM",
        "LIVE",
        "Search",
    ] {
        assert!(bench.has(tab), "{tab}");
    }
    for bar in ["Home", "Friends", "Create", "Inbox", "Profile"] {
        assert!(bench.has(bar), "{bar}");
    }
}

#[test]
fn a_like_goes_to_the_ledger_and_changes_the_buttons_words() {
    for (version, liked) in [("46.8.2", "Video liked. "), ("43.1.4", "Unlike video. ")] {
        let bench = Bench::logged_in(0);
        bench.version(version);
        let post = bench.post_of("oldharbor_coffee");
        bench.link(&short_link(post));
        assert!(bench.tells("Like video. "));
        assert!(!bench.tells(liked));
        let at = bench.place("comments").or_else(|| bench.place("Video"));
        assert!(at.is_some());
        bench.tap_part("Like video. ");
        assert!(bench.tells(liked), "{version}");
        bench.tap("Add or remove this video from Favorites.");
        let acts = bench.acts();
        assert_eq!(acts[0].0, "like");
        assert_eq!(acts[0].1["account"], "quiet.otter");
        assert_eq!(acts[0].1["target"], "oldharbor_coffee");
        assert_eq!(acts[1].0, "collect");
        bench.tap_part(liked);
        assert_eq!(bench.kinds(), ["like", "collect", "unlike"]);
    }
}

#[test]
fn ids_change_with_the_version_and_the_surviving_ones_stay() {
    let like = |version: &str| {
        let bench = Bench::logged_in(0);
        bench.version(version);
        bench.link(&short_link(bench.post_of("oldharbor_coffee")));
        assert!(bench.place("desc").is_some() && bench.place("long_press_layout").is_some());
        let screen = shared::screen::Screen::parse(&bench.xml()).unwrap();
        let mut nodes = screen.nodes();
        let node = nodes.find(|node| node.description().starts_with("Like video"));
        node.unwrap().resource_id().to_owned()
    };
    assert_eq!(like("43.1.4"), "com.zhiliaoapp.musically:id/f57");
    assert_eq!(like("46.8.2"), "com.zhiliaoapp.musically:id/fn3");
    assert_eq!(like("38.3.2"), "com.zhiliaoapp.musically:id/evz");
}

#[test]
fn the_feed_has_advertisements_and_live_rooms_between_the_videos() {
    let bench = Bench::logged_in(0);
    bench.open();
    let (mut ads, mut live) = (0, 0);
    for _ in 0..20 {
        ads += u32::from(bench.has("Sponsored"));
        live += u32::from(bench.has("Tap to watch LIVE"));
        if bench.has("Tap to watch LIVE") {
            assert!(!bench.tells("Like video"), "a live room has no such buttons");
            bench.picture("feed-live");
        }
        bench.swipe_up();
    }
    assert!(ads > 1 && live > 1, "{ads} {live}");
    assert!(bench.acts().is_empty(), "looking does nothing");
}

#[test]
fn a_comment_is_armed_by_text_and_is_the_newest_row_afterwards() {
    let bench = Bench::logged_in(0);
    let post = bench.post_of("ana.sketches");
    bench.link(&short_link(post));
    let before = bench.comment_count(post);
    bench.tap_part("Read or add comments. ");
    assert!(bench.has("Add comment...") && bench.has("Sort") && bench.has("Mention someone"));
    assert!(
        bench.has("Video"),
        "the video behind the panel is in the same hierarchy"
    );
    assert!(bench.armed().is_none(), "nothing to send");
    bench.tap("Add comment...");
    assert_eq!(bench.armed(), Some(false));
    bench.type_text("what a line 👋");
    assert_eq!(bench.armed(), Some(true));
    bench.picture("comments-typed");
    bench.send();
    let acts = bench.acts();
    assert_eq!(acts[0].0, "comment");
    assert_eq!(acts[0].1["comment"]["text"], "what a line 👋");
    assert_eq!(acts[0].1["content"].as_str().unwrap().len(), 64);
    assert!(bench.has("what a line .."), "emoji are dots in a hierarchy");
    let count = simphone::app::social::count::short(before + 1, "en");
    assert!(bench.has(&format!("{count} comments")));
    assert!(bench.has("Add comment..."), "the field is empty again");
    bench.picture("comments-sent");
    bench.back();
    assert!(!bench.has("Sort"));
}

#[test]
fn a_comment_may_have_an_emoji_and_a_picture() {
    let bench = Bench::logged_in(0);
    bench.file("/sdcard/Pictures/cat.jpg", b"cat");
    bench.link(&short_link(bench.post_of("ana.sketches")));
    bench.tap_part("Read or add comments. ");
    bench.tap("Stickers");
    bench.tap("Photos");
    bench.allow_all();
    bench.tap_soon("ymg");
    bench.tap("Next");
    bench.wait_for("Comment picture");
    bench.send();
    let acts = bench.acts();
    assert_eq!(acts[0].0, "comment");
    assert_eq!(acts[0].1["comment"]["image"].as_str().unwrap().len(), 64);
}

#[test]
fn comments_that_are_off_have_no_composer() {
    let bench = Bench::logged_in(0);
    bench.moods(&json!({"comments_closed": true}));
    bench.link(&short_link(bench.post_of("ana.sketches")));
    bench.tap_part("Read or add comments. ");
    assert!(bench.has("Comments are turned off"));
    assert!(!bench.has("Add comment..."));
    bench.picture("comments-off");
}

#[test]
fn a_limit_is_told_in_a_dialog_and_nothing_is_done() {
    let bench = Bench::logged_in(0);
    bench.moods(&json!({"limit_after": 0, "limit_text": "too_fast"}));
    bench.link("https://www.tiktok.com/@ana.sketches");
    bench.tap("Follow");
    bench.picture("limited");
    assert!(bench.has("You’re following too fast"));
    assert!(bench.acts().is_empty());
    bench.tap("OK");
    assert!(bench.has("Follow"));
}

#[test]
fn what_comes_over_the_feed_goes_by_its_declining_control() {
    let bench = Bench::logged_in(0);
    bench.moods(&json!({"extra": {"coach": true, "eu_card": true, "banner": true}}));
    bench.open();
    bench.picture("feed-covered");
    assert!(bench.has("Swipe up for more") && bench.has("Your privacy"));
    bench.tap("Got it");
    bench.swipe_up();
    assert!(!bench.has("Swipe up for more"));
    assert!(bench.acts().is_empty());

    let bench = Bench::logged_in(0);
    bench.moods(&json!({"promos": ["shop", "collections"]}));
    bench.open();
    bench.wait_for("Get more from TikTok Shop");
    bench.picture("promo");
    bench.tap("Not now");
    bench.wait_for("Create shared collections");
    bench.back();
    assert!(!bench.has("Create shared collections"));
    assert!(bench.acts().is_empty());
}

#[test]
fn the_primary_button_of_a_promotion_opts_in() {
    let bench = Bench::logged_in(0);
    bench.moods(&json!({"promos": ["shop"]}));
    bench.open();
    bench.tap_soon("Turn on");
    let acts = bench.acts();
    assert_eq!(
        (acts[0].0.as_str(), &acts[0].1["what"]),
        ("opted_in", &json!("shop"))
    );
}

#[test]
fn the_overlay_for_an_update_tells_nothing_and_goes_by_back() {
    let bench = Bench::logged_in(0);
    bench.moods(&json!({"update_overlay": true}));
    bench.open();
    let overlay = || {
        let screen = shared::screen::Screen::parse(&bench.xml()).unwrap();
        screen.nodes().any(|node| {
            let silent =
                node.text().is_empty() && node.description().is_empty() && node.resource_id().is_empty();
            let bounds = node.bounds();
            silent
                && node.flags().clickable()
                && bounds.right - bounds.left == 1080
                && bounds.bottom - bounds.top > 1500
        })
    };
    bench.wait("the overlay", overlay);
    assert!(
        !bench.has("Home") && !bench.moving(),
        "it is a window of its own, and nothing moves"
    );
    bench.picture("update-overlay");
    bench.back();
    assert!(!overlay());
    assert!(bench.has("Home") && bench.acts().is_empty());
}

#[test]
fn links_open_people_posts_and_sounds_and_what_is_not_there_says_so() {
    let bench = Bench::logged_in(0);
    let (post, code, id) = {
        let world = bench.phone.social.world(Platform::TikTok);
        let post = world.posts_of("nordic.loom", "").next().unwrap();
        (
            post.id,
            post.code.clone(),
            world.account("nordic.loom").unwrap().id,
        )
    };
    for address in [
        "https://www.tiktok.com/@nordic.loom".to_owned(),
        format!("snssdk1233://user/profile/{id}"),
    ] {
        assert!(matches!(bench.link(&address), Started::Launched { .. }));
        assert!(bench.has("@nordic.loom"), "{address}");
    }
    for address in [
        format!("https://www.tiktok.com/@nordic.loom/video/{code}"),
        short_link(post),
        format!("snssdk1233://aweme/detail/{code}"),
        format!("tiktok://video/{code}"),
    ] {
        bench.link(&address);
        assert!(bench.tells("Original audio - nordic.loom"), "{address}");
    }
    bench.link("https://www.tiktok.com/@nobody.at.all");
    assert!(bench.has("Couldn’t find this account"));
    bench.link("https://www.tiktok.com/@nordic.loom/video/1");
    assert!(bench.has("This post is currently unavailable"));
    bench.picture("unavailable");
}

#[test]
fn a_photo_post_is_turned_by_swipes_to_the_side() {
    let bench = Bench::logged_in(0);
    let id = {
        let mut world = bench.phone.social.world(Platform::TikTok);
        let photo = |hash: &str| json!({"hash": hash, "kind": "photo"});
        let post = json!({"author": "ana.sketches", "caption": "three", "placement": "photos",
            "media": [photo("aa"), photo("bb"), photo("cc")]});
        world.seed_post(post).unwrap().id
    };
    bench.link(&short_link(id));
    assert!(bench.has("1 / 3"));
    bench.swipe_left();
    assert!(bench.has("2 / 3"));
    bench.picture("photos");
}
