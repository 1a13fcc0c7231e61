//! Publishing: through the camera and the gallery, through a share, with a sound; and what can go wrong.

use serde_json::json;
use sha2::{Digest, Sha256};
use simphone::app::social::Platform;
use simphone::ui::Intent;

use crate::bench::{Bench, PACKAGE};

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |out, byte| format!("{out}{byte:02x}"))
}

/// From the feed to the editor with the newest file.
fn to_editor(bench: &Bench) {
    bench.open();
    bench.tap("Create");
    bench.wait("the camera", || {
        bench.place("upload_hot_area").is_some() || bench.place("permission_message").is_some()
    });
    bench.wait("the first question", || {
        bench.place("permission_message").is_some()
    });
    bench.allow_all();
    if bench.has("Upload") {
        bench.picture("camera");
    } else {
        bench.tap("POST");
    }
    bench.tap("upload_hot_area");
    bench.allow_all();
    bench.wait_for("Select multiple");
}

fn share(bench: &Bench, action: &str, mime: &str, stream: &str, flags: u32) {
    let intent = Intent {
        action: Some(action.to_owned()),
        mime: Some(mime.to_owned()),
        component: Some(format!(
            "{PACKAGE}/com.ss.android.ugc.aweme.share.SystemShareActivity"
        )),
        extras: vec![("android.intent.extra.STREAM".to_owned(), stream.to_owned())],
        flags: flags | 0x1000_0000,
        ..Intent::default()
    };
    bench.phone.ui().start(&bench.phone, &intent);
}

#[test]
fn a_video_goes_from_the_camera_to_the_profile() {
    for (make, version) in [(0, "46.8.2"), (1, "43.1.4"), (2, "38.3.2")] {
        let bench = Bench::logged_in(make);
        bench.version(version);
        bench.file("/sdcard/Movies/old.mp4", b"old");
        bench.file("/sdcard/DCIM/Mine/clip.mp4", b"clip");
        to_editor(&bench);
        bench.tap(if bench.has("Recents") {
            "Recents"
        } else {
            "Récents"
        });
        bench.picture(&format!("albums-{version}"));
        bench.tap("Mine");
        assert!(!bench.enabled("Next"));
        let thumb = match version {
            "46.8.2" => "ymg",
            "43.1.4" => "r3r",
            _ => "c_u",
        };
        bench.tap(thumb);
        assert!(bench.enabled("Next"));
        bench.picture(&format!("gallery-{version}"));
        assert!(
            bench.place("upload_hot_area").is_some() && !bench.moving(),
            "the camera behind stands still and is in the same hierarchy"
        );
        bench.tap("Next");
        assert!(bench.has("Your Story") && !bench.moving());
        bench.picture(&format!("editor-{version}"));
        bench.tap("Next");
        bench.picture(&format!("post-{version}"));
        assert!(
            bench.has("Your Story") && bench.has("Next") && !bench.moving(),
            "the editor behind"
        );
        assert!(bench.has("Everyone can view this post") && bench.has("Drafts") && bench.has("More options"));
        if version == "46.8.2" {
            bench.tap("Add a catchy title");
            bench.type_text("Float");
        }
        bench.tap_part(match version {
            "46.8.2" => "Writing a long description",
            "43.1.4" => "Describe your video",
            _ => "Add description",
        });
        bench.type_text("On the river #otter");
        bench.tap("Post");
        assert!(bench.acts().is_empty(), "it must be uploaded first");
        bench.wait("the upload's bar", || bench.tells("Uploading"));
        bench.picture(&format!("uploading-{version}"));
        bench.wait("the post", || bench.kinds() == ["post"]);
        let (_, post) = bench.acts().remove(0);
        assert_eq!(post["content"], json!(hash(b"clip")));
        assert_eq!(post["post"]["caption"], "On the river #otter");
        assert_eq!(post["post"]["ai"], false);
        assert!(bench.has("Your post is live"));
        bench.tap("Profile");
        bench.tap("cover");
        assert!(bench.tells("On the river #otter"));
    }
}

#[test]
fn several_photos_keep_the_order_in_which_they_were_chosen() {
    let bench = Bench::logged_in(0);
    for name in ["a", "b", "c"] {
        bench.file(&format!("/sdcard/Pictures/{name}.jpg"), name.as_bytes());
    }
    to_editor(&bench);
    bench.tap("Photos");
    bench.tap("Select multiple");
    bench.tap_thumb(2);
    bench.tap_thumb(0);
    bench.picture("gallery-multiple");
    bench.tap("Next (2)");
    bench.tap("Next");
    bench.tap("Post");
    bench.wait("the post", || bench.kinds() == ["post"]);
    let (_, post) = bench.acts().remove(0);
    assert_eq!(post["contents"], json!([hash(b"a"), hash(b"c")]));
    assert_eq!(post["post"]["placement"], "photos");
}

#[test]
fn a_share_opens_the_editor_only_with_a_uri_that_may_be_read() {
    let bench = Bench::logged_in(0);
    let id = bench.file("/sdcard/Movies/clip.mp4", b"clip");
    let uri = format!("content://media/external/video/media/{id}");
    share(&bench, "android.intent.action.SEND", "video/mp4", &uri, 0);
    assert!(!bench.has("Your Story"), "nobody granted it");
    share(
        &bench,
        "android.intent.action.SEND",
        "video/mp4",
        "file:///sdcard/Movies/clip.mp4",
        1,
    );
    assert!(!bench.has("Your Story"));
    share(&bench, "android.intent.action.SEND", "video/mp4", &uri, 1);
    assert!(bench.has("Your Story") && bench.has("Next"));
    bench.tap("Next");
    bench.tap("Post");
    bench.wait("the post", || bench.kinds() == ["post"]);
    assert_eq!(bench.acts()[0].1["content"], json!(hash(b"clip")));

    let first = bench.file("/sdcard/Pictures/1.png", b"one");
    let second = bench.file("/sdcard/Pictures/2.png", b"two");
    let uris = format!(
        "content://media/external/images/media/{first},content://media/external/images/media/{second}"
    );
    share(
        &bench,
        "android.intent.action.SEND_MULTIPLE",
        "image/png",
        &uris,
        1,
    );
    assert!(bench.has("1 / 2"));
}

#[test]
fn drafts_stand_beside_post_and_are_told_in_the_ledger() {
    let bench = Bench::logged_in(0);
    let id = bench.file("/sdcard/Movies/clip.mp4", b"clip");
    let uri = format!("content://media/external/video/media/{id}");
    share(&bench, "android.intent.action.SEND", "video/mp4", &uri, 1);
    bench.back();
    assert!(bench.has("Discard edits?"));
    bench.picture("discard");
    bench.tap("Keep editing");
    bench.tap("Next");
    bench.tap("Drafts");
    assert_eq!(bench.kinds(), ["draft"]);
    bench.tap("Profile");
    bench.picture("profile-draft");
    bench.tap("Drafts: 1");
    let install = bench.phone.social.install(Platform::TikTok);
    assert_eq!(install.drafts.len(), 1);
}

#[test]
fn a_story_is_one_tap_away_from_the_editor() {
    let bench = Bench::logged_in(0);
    let id = bench.file("/sdcard/Movies/clip.mp4", b"clip");
    let uri = format!("content://media/external/video/media/{id}");
    share(&bench, "android.intent.action.SEND", "video/mp4", &uri, 1);
    bench.tap("Your Story");
    bench.wait("the story", || bench.kinds() == ["story"]);
}

#[test]
fn options_product_and_visibility_are_what_was_chosen_and_a_question_comes_before() {
    let bench = Bench::logged_in(0);
    bench.seed(&json!({"username": "quiet.otter", "professional": true}));
    bench.moods(&json!({"extra": {"confirm_publish": true}}));
    let id = bench.file("/sdcard/Movies/clip.mp4", b"clip");
    let uri = format!("content://media/external/video/media/{id}");
    share(&bench, "android.intent.action.SEND", "video/mp4", &uri, 1);
    bench.tap("Next");
    bench.tap("More options");
    bench.picture("more-options");
    bench.tap_switch("AI-generated content");
    bench.back();
    bench.tap("Add link");
    bench.tap("Products");
    bench.picture("products");
    bench.tap("Add");
    bench.picture("post-product");
    bench.tap("Everyone can view this post");
    bench.picture("visibility");
    bench.back();
    bench.tap("Post");
    assert!(bench.has("Publish video publicly"));
    bench.picture("publish-confirm");
    bench.tap("Publish now");
    bench.wait("the post", || bench.kinds() == ["post"]);
    let (_, post) = bench.acts().remove(0);
    assert_eq!(post["post"]["ai"], true);
    assert_eq!(post["post"]["product"], "Wool socks");
    assert_eq!(post["post"]["visibility"], "everyone");
}

#[test]
fn a_sound_is_searched_or_taken_from_its_link_and_has_a_volume() {
    let bench = Bench::logged_in(0);
    let id = bench.file("/sdcard/Movies/clip.mp4", b"clip");
    let uri = format!("content://media/external/video/media/{id}");
    share(&bench, "android.intent.action.SEND", "video/mp4", &uri, 1);
    bench.tap("Add sound");
    bench.tap("Search sounds");
    bench.type_text("slow river");
    bench.tap_last_text("Search");
    bench.wait("the search", || {
        bench.has("Slow River") && !bench.has("Night Bus")
    });
    bench.tap("Slow River");
    bench.picture("sounds");
    bench.tap("Use sound");
    assert!(bench.has("Slow River"));
    bench.tap("Volume");
    bench.picture("volume");
    bench.slide("Original sound", 20);
    bench.slide("Added sound", 90);
    bench.tap("Done");
    bench.tap("Next");
    bench.tap("Post");
    bench.wait("the post", || bench.kinds() == ["post"]);
    let (_, post) = bench.acts().remove(0);
    assert_eq!(post["post"]["sound"], "Slow River");
    let volumes: Vec<i64> = post["post"]["volumes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one.as_i64().unwrap())
        .collect();
    assert!(
        (volumes[0] - 20).abs() <= 2 && (volumes[1] - 90).abs() <= 2,
        "{volumes:?}"
    );

    bench.link(&format!(
        "https://www.tiktok.com/music/Slow-River-{}",
        bench.sound_id()
    ));
    bench.picture("sound");
    assert!(bench.has("Slow River") && bench.has("1 videos"));
    bench.tap("Use this sound");
    bench.wait("the first question", || {
        bench.place("permission_message").is_some()
    });
    bench.allow_all();
    assert!(bench.has("Slow River"), "the camera has it");
}

#[test]
fn an_upload_fails_and_is_tried_again_or_is_held_or_restricted() {
    let bench = Bench::logged_in(0);
    let id = bench.file("/sdcard/Movies/clip.mp4", b"clip");
    let uri = format!("content://media/external/video/media/{id}");
    let publish = || {
        share(&bench, "android.intent.action.SEND", "video/mp4", &uri, 1);
        bench.tap("Next");
        bench.tap("Post");
    };
    bench.moods(&json!({"upload_fails": true}));
    publish();
    bench.wait("the failure", || bench.tells("Couldn’t post"));
    bench.picture("upload-failed");
    assert!(bench.acts().is_empty());
    bench.moods(&json!({"upload_fails": null, "held": true}));
    bench.tap("Retry");
    bench.wait_for("Your post is under review");
    assert_eq!(bench.acts()[0].1["post"]["state"], "held");
    bench.moods(&json!({"held": null, "limit_after": 0, "limit_text": "posting_restricted"}));
    publish();
    bench.wait_for("Your posting is restricted");
    assert_eq!(bench.kinds(), ["post"]);
}

#[test]
fn what_was_not_allowed_is_asked_for_and_the_gallery_stays_empty() {
    let bench = Bench::logged_in(0);
    bench.file("/sdcard/Movies/clip.mp4", b"clip");
    bench.moods(&json!({"extra": {"contacts": true, "camera_tab": "create"}}));
    bench.open();
    bench.tap("Create");
    bench.wait("the first question", || {
        bench.place("permission_message").is_some()
    });
    bench.allow_all();
    assert!(bench.tells("To connect with people you know"));
    bench.picture("contacts");
    bench.tap("Don’t allow");
    bench.picture("camera-create");
    assert!(
        bench.place("upload_hot_area").is_none(),
        "it opened on the templates"
    );
    bench.tap("LIVE");
    bench.picture("camera-live");
    bench.tap("POST");
    bench.tap("upload_hot_area");
    bench.wait("the question", || bench.place("permission_deny_button").is_some());
    bench.tap("permission_deny_button");
    bench.tap("permission_deny_button");
    assert!(bench.has("Allow access to your photos and videos"));
    bench.picture("needs-access");
    bench.tap("Not now");
    assert!(bench.has("No photos or videos") && bench.acts().is_empty());
}

#[test]
fn an_upload_in_a_killed_app_is_told_at_the_next_start() {
    for survives in [false, true] {
        let bench = Bench::logged_in(0);
        bench.moods(&json!({"survives_stop": survives, "upload_seconds": 600.0}));
        let id = bench.file("/sdcard/Movies/clip.mp4", b"clip");
        let uri = format!("content://media/external/video/media/{id}");
        share(&bench, "android.intent.action.SEND", "video/mp4", &uri, 1);
        bench.tap("Next");
        bench.tap("Post");
        bench.phone.ui().force_stop(&bench.phone, PACKAGE);
        bench.open();
        assert_eq!(bench.kinds().is_empty(), !survives);
        assert_eq!(bench.tells("Couldn’t post"), !survives);
    }
}
