//! Other people: their pages, following, unfollowing, searching.

use serde_json::json;
use simphone::app::social::Platform;

use crate::bench::Bench;

fn person(bench: &Bench, name: &str) {
    bench.link(&format!("https://www.tiktok.com/@{name}"));
}

#[test]
fn follow_is_one_button_among_counters_of_nearly_the_same_name() {
    let bench = Bench::logged_in(0);
    person(&bench, "ana.sketches");
    bench.picture("person");
    for label in ["Follow", "Following", "Followers", "Likes", "Message"] {
        assert!(bench.has(label), "{label}");
    }
    bench.tap("Follow");
    let acts = bench.acts();
    assert_eq!(acts[0].0, "follow");
    assert_eq!(acts[0].1["target"], "ana.sketches");
    bench.wait_for("Suggested accounts");
    bench.picture("person-followed");
    assert!(bench.has("Follow"), "other people's buttons come up below");
    assert_eq!(bench.kinds(), ["follow"]);
}

#[test]
fn friends_requests_and_followers_have_their_own_words() {
    let bench = Bench::logged_in(0);
    {
        let mut world = bench.phone.social.world(Platform::TikTok);
        world.seed_follow("ana.sketches", "quiet.otter").unwrap();
        world.seed_follow("jonas_builds", "quiet.otter").unwrap();
        world.seed_follow("quiet.otter", "jonas_builds").unwrap();
    }
    person(&bench, "ana.sketches");
    bench.tap("Follow back");
    assert!(bench.has("Friends"));
    person(&bench, "ivy.keeps.quiet");
    assert!(bench.has("This account is private"));
    bench.picture("person-private");
    bench.tap("Follow");
    assert!(bench.has("Requested"));
    person(&bench, "jonas_builds");
    assert!(bench.has("Friends"));
    assert_eq!(bench.kinds(), ["follow", "follow"]);
}

#[test]
fn unfollowing_asks_sometimes() {
    for (version, asks) in [("43.1.4", true), ("46.8.2", false)] {
        let bench = Bench::logged_in(0);
        bench.version(version);
        let mut world = bench.phone.social.world(Platform::TikTok);
        world.seed_follow("quiet.otter", "jonas_builds").unwrap();
        drop(world);
        person(&bench, "jonas_builds");
        assert!(!bench.has("Follow"));
        // The counter of the same name comes first, the button after it.
        bench.tap("Following");
        if asks {
            assert!(bench.acts().is_empty());
            bench.picture("unfollow");
            bench.tap("Unfollow");
        }
        assert_eq!(bench.kinds(), ["unfollow"], "{version}");
        assert!(bench.has("Follow"));
    }
}

#[test]
fn a_swallowed_follow_reverts_by_itself() {
    let bench = Bench::unhurried(0);
    bench.moods(&json!({"swallow": ["follow"]}));
    person(&bench, "ana.sketches");
    bench.tap("Follow");
    assert!(!bench.has("Follow"), "it looks done");
    bench.wait("the button to revert", || {
        bench.place("Message").is_some() && bench.has("Follow")
    });
    assert!(bench.acts().is_empty());
}

#[test]
fn searching_leads_to_rows_of_people_each_with_a_button() {
    let bench = Bench::logged_in(0);
    bench.open();
    bench.tap("Search");
    bench.picture("search");
    bench.type_text("studio.verbena");
    bench.tap_last_text("Search");
    bench.wait_for("Users");
    bench.tap("Users");
    bench.wait_for("studio.verbena");
    bench.picture("results");
    bench.tap("Studio Verbena");
    assert!(bench.has("@studio.verbena"));
    assert!(bench.acts().is_empty());
    bench.back();
    bench.tap("Follow");
    assert_eq!(bench.kinds(), ["follow"]);
}

#[test]
fn lists_of_people_have_buttons_of_others() {
    let bench = Bench::logged_in(0);
    let mut world = bench.phone.social.world(Platform::TikTok);
    world.seed_follow("quiet.otter", "jonas_builds").unwrap();
    drop(world);
    bench.open();
    bench.tap("Profile");
    bench.tap("Following");
    assert!(bench.has("jonas_builds") && bench.has("Following"));
    bench.picture("people");
}

#[test]
fn a_slow_network_shows_a_page_without_a_button_first() {
    let bench = Bench::logged_in(0);
    bench.moods(&json!({"slow_seconds": 60.0}));
    person(&bench, "ana.sketches");
    assert!(!bench.has("Follow"));
    bench.wait_for("Follow");
    bench.link(&simphone::app::tiktok::short_link(bench.post_of("ana.sketches")));
    assert!(!bench.tells("Like video") && !bench.has("This post is currently unavailable"));
    bench.wait("the video", || bench.tells("Like video"));
}
