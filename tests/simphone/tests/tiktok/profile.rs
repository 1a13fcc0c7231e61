//! One's own profile: what it tells, editing it, in two languages.

use serde_json::json;
use simphone::app::social::Platform;

use crate::bench::Bench;

#[test]
fn the_own_profile_tells_its_numbers_before_their_labels() {
    for version in ["46.8.2", "43.1.4", "38.3.2"] {
        let bench = Bench::logged_in(0);
        bench.version(version);
        bench
            .phone
            .social
            .world(Platform::TikTok)
            .seed_post(json!({"author": "quiet.otter", "caption": "mine"}))
            .unwrap();
        bench.open();
        bench.tap("Profile");
        bench.picture(&format!("profile-{version}"));
        for label in [
            "@quiet.otter",
            "1,234",
            "56",
            "12.3K",
            "Followers",
            "TikTok Studio",
            "Profile menu",
            "Videos",
        ] {
            assert!(bench.has(label), "{version} {label}");
        }
        assert!(bench.has("Edit profile") || bench.has("Edit"));
        let screen = shared::screen::Screen::parse(&bench.xml()).unwrap();
        let label = screen.nodes().find(|node| node.text() == "Followers").unwrap();
        let group = label.parent().unwrap();
        assert_eq!(group.children().next().unwrap().text(), "1,234");
        assert!(group.flags().clickable());
        bench.tap("cover");
        assert!(bench.has("mine"));
    }
}

#[test]
fn the_edit_icon_of_the_older_layout_has_no_name_at_all() {
    let bench = Bench::logged_in(0);
    bench.version("43.1.4");
    bench.open();
    bench.tap("Profile");
    assert!(bench.xml().contains("NAF=\"true\""));
}

#[test]
fn french_words_are_those_of_the_dumps() {
    let bench = Bench::logged_in(0);
    bench.french();
    bench.open();
    bench.picture("feed-fr");
    assert!(bench.has("Pour toi") && bench.has("Accueil"));
    bench.tap("Profil");
    assert!(bench.has("Menu du profil") && bench.has("12,3\u{a0}k"));
    bench.picture("profile-fr");
}

#[test]
fn name_username_and_bio_change_and_rest_afterwards() {
    let bench = Bench::logged_in(0);
    bench.open();
    bench.tap("Profile");
    bench.tap("Edit");
    bench.picture("edit");
    bench.tap("Bio");
    bench.type_text("I float.\nMostly.");
    bench.picture("edit-bio");
    bench.tap("Save");
    bench.tap("Username");
    assert!(!bench.enabled("Save"), "nothing has changed");
    bench.tap("Clear");
    bench.type_text("ana.sketches");
    bench.tap("Save");
    assert!(bench.has("This username isn’t available"));
    bench.tap("Clear");
    bench.type_text("calm.otter");
    bench.tap("Save");
    bench.picture("edit-confirm");
    bench.tap("Confirm");
    assert!(bench.has("calm.otter"));
    bench.tap("Username");
    bench.tap("Clear");
    bench.type_text("calmer.otter");
    assert!(!bench.enabled("Save"), "thirty days have not passed");
    assert!(bench.has("You can change your username once every 30 days."));
    let acts = bench.acts();
    assert_eq!(acts.len(), 2);
    assert_eq!(
        (&acts[0].1["field"], &acts[0].1["value"]),
        (&json!("bio"), &json!("I float.\nMostly."))
    );
    assert_eq!(
        (&acts[1].1["field"], &acts[1].1["value"]),
        (&json!("username"), &json!("calm.otter"))
    );
}

#[test]
fn a_new_picture_comes_from_the_gallery() {
    let bench = Bench::logged_in(0);
    bench.file("/sdcard/Pictures/face.jpg", b"face");
    bench.open();
    bench.tap("Profile");
    bench.tap("Edit");
    bench.tap("Change photo");
    bench.tap("Select from gallery");
    bench.allow_all();
    bench.tap_soon("ymg");
    bench.tap("Next");
    bench.tap("Save");
    let acts = bench.acts();
    assert_eq!(acts[0].1["field"], "avatar");
    assert_eq!(acts[0].1["value"].as_str().unwrap().len(), 64);
}
