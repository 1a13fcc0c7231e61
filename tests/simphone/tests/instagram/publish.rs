//! Publishing: through the screens and through the share intent, with what is asked on the way and what comes after.

use serde_json::{Value, json};
use simphone::app::social::Platform;
use simphone::app::social::pick::hash_file;
use simphone::ui::Intent;

use crate::stage::{PACKAGE, Stage, inside};

const VIDEO: &str = "/storage/emulated/0/Movies/clip.mp4";

fn with_video() -> Stage {
    let stage = inside(0);
    stage.media("/storage/emulated/0/DCIM/Camera/old.jpg", b"an old photo");
    stage.media(VIDEO, b"a video");
    stage.allow_media();
    stage
}

fn hash(stage: &Stage, path: &str) -> Value {
    json!(hash_file(&stage.phone.files.host_path(path)).unwrap())
}

/// From the profile to the gallery of reels.
fn gallery(stage: &Stage) {
    stage.tap("profile_tab");
    stage.tap("Create New");
    stage.tap("Create new reel");
    assert_eq!(stage.text("gallery_title_text"), "New reel");
}

fn thumbnail(stage: &Stage, begins: &str) -> String {
    let screen = stage.screen();
    let found = screen.nodes().find(|node| {
        node.resource_id().ends_with("gallery_grid_item_thumbnail") && node.description().starts_with(begins)
    });
    found
        .unwrap_or_else(|| panic!("no {begins} in {}", stage.seen()))
        .description()
        .to_owned()
}

/// From the gallery to the share page.
fn share_page(stage: &Stage) {
    gallery(stage);
    let video = thumbnail(stage, "Unselected Video thumbnail created on");
    stage.tap(&video);
    thumbnail(stage, "Selected Video thumbnail created on");
    stage.tap("media_thumbnail_tray_button");
    stage.tap("clips_right_action_button");
    assert_eq!(stage.text("action_bar_title"), "New reel");
}

fn caption(stage: &Stage, text: &str) {
    stage.tap("caption_input_text_view");
    stage.type_text(text);
    stage.tap("action_bar_button_text");
}

fn share_intent(stage: &Stage, uri: &str, component: &str, flags: u32) {
    let mut intent = Intent::component(&format!("{PACKAGE}/{component}"));
    intent.action = Some("android.intent.action.SEND".to_owned());
    intent.mime = Some("video/mp4".to_owned());
    intent.extras = vec![("android.intent.extra.STREAM".to_owned(), uri.to_owned())];
    intent.flags = flags;
    stage.start(&intent);
}

const HANDLER: &str = "com.instagram.share.handleractivity.ShareHandlerActivity";

#[test]
fn a_reel_is_published_through_the_screens_and_is_in_the_ledger_once() {
    let stage = with_video();
    stage.moods(&json!({"upload_seconds": 60}));
    share_page(&stage);
    stage.picture("share");
    caption(&stage, "Hello 👋 #tag");
    assert_eq!(stage.text("caption_input_text_view"), "Hello .. #tag");
    stage.tap("share_button");
    assert!(
        stage.has("upload_snackbar_container") && stage.has("Sharing to Reels…"),
        "{}",
        stage.seen()
    );
    assert!(stage.has("Keep Instagram open to finish posting…"));
    let percent: f64 = stage.text("row_pending_media_progress_bar").parse().unwrap();
    assert!((0.0..100.0).contains(&percent));
    assert!(stage.ledger().is_empty());
    stage.picture("uploading");
    stage.until("the post", |stage| stage.kinds() == ["post"]);
    let posted = stage.last();
    assert_eq!(
        (&posted["account"], &posted["content"]),
        (&json!("ada"), &hash(&stage, VIDEO))
    );
    assert_eq!(
        (&posted["post"]["caption"], &posted["post"]["placement"]),
        (&json!("Hello 👋 #tag"), &json!("reel"))
    );
    // The page says so a moment after the platform has it.
    stage.until("the word of it", |stage| {
        stage.has("status_text") && !stage.has("Sharing to Reels…")
    });
    assert!(stage.xml().contains("ada posted a video"));
    stage.tap("profile_tab");
    assert!(stage.has("Reel by ada at Row 1, Column 1"));
}

#[test]
fn the_gallery_asks_for_the_permission_first() {
    let stage = inside(0);
    stage.media(VIDEO, b"a video");
    stage.tap("profile_tab");
    stage.tap("Create New");
    stage.tap("Create new reel");
    stage.wait("permission_allow_button");
    stage.tap("permission_deny_button");
    assert!(stage.has("Allow access") && !stage.has("gallery_grid_item_thumbnail"));
    stage.tap("Allow access");
    stage.tap("permission_allow_button");
    assert!(stage.has("gallery_grid_item_thumbnail"));
    stage.picture("gallery");
}

#[test]
fn the_middle_of_the_buttons_container_saves_a_draft() {
    let stage = with_video();
    share_page(&stage);
    stage.tap("share_button_container");
    assert_eq!(stage.kinds(), ["draft"]);
    assert_eq!(stage.phone.social.install(Platform::Instagram).drafts.len(), 1);
}

#[test]
fn on_443_the_caption_keeps_its_label_and_photos_have_a_footer() {
    let stage = with_video();
    "443.0.0.48.82".clone_into(&mut stage.phone.social.install(Platform::Instagram).version);
    stage.media("/storage/emulated/0/Pictures/new.jpg", b"a new photo");
    stage.tap("profile_tab");
    stage.tap("Create New");
    stage.tap("Create new post");
    assert_eq!(stage.text("new_post_title"), "New post");
    thumbnail(&stage, "Selected Photo thumbnail");
    stage.picture("gallery-post");
    stage.tap("next_button_textview");
    stage.tap("creation_next_button");
    caption(&stage, "A caption");
    assert_eq!(
        stage.text("caption_input_text_view"),
        "Write a caption and add hashtags…"
    );
    assert!(stage.has("save_draft_button") && !stage.has("share_button"));
    stage.picture("share-443");
    stage.tap("share_footer_button");
    stage.until("the post", |stage| stage.kinds() == ["post"]);
    assert_eq!(stage.last()["post"]["caption"], "A caption");
    assert_eq!(
        stage.last()["content"],
        hash(&stage, "/storage/emulated/0/Pictures/new.jpg")
    );
}

#[test]
fn several_photos_become_a_carousel_in_the_order_they_were_chosen() {
    let stage = with_video();
    let first = "/storage/emulated/0/DCIM/Camera/old.jpg";
    stage.tap("profile_tab");
    stage.tap("Create New");
    stage.tap("Create new post");
    stage.tap("multi_select_slide_button_alt");
    let photo = thumbnail(&stage, "Unselected Photo thumbnail");
    stage.tap(&photo);
    stage.tap("next_button_textview");
    stage.tap("creation_next_button");
    stage.tap("share_button");
    stage.until("the post", |stage| stage.kinds() == ["post"]);
    assert_eq!(
        stage.last()["contents"],
        json!([hash(&stage, VIDEO), hash(&stage, first)])
    );
    assert_eq!(stage.last()["post"]["placement"], "feed");
}

#[test]
fn an_album_narrows_the_gallery() {
    let stage = with_video();
    gallery(&stage);
    assert_eq!(stage.count("gallery_grid_item_thumbnail"), 2);
    stage.tap("gallery_folder_menu_tv");
    stage.picture("albums");
    stage.tap("Movies");
    assert_eq!(stage.text("gallery_folder_menu_tv"), "Movies");
    assert_eq!(stage.count("gallery_grid_item_thumbnail"), 1);
}

#[test]
fn a_shared_video_lands_in_the_editor_and_one_that_may_not_be_read_nowhere() {
    let stage = inside(0);
    let id = stage.media(VIDEO, b"a video");
    let uri = format!("content://media/external/video/media/{id}");
    share_intent(&stage, &uri, HANDLER, 0x1);
    assert!(stage.has("clips_right_action_button"), "{}", stage.seen());
    stage.picture("reel-editor");
    stage.tap("clips_right_action_button");
    caption(&stage, "shared");
    stage.tap("share_button");
    stage.until("the post", |stage| stage.kinds() == ["post"]);
    for (uri, flags) in [(uri.as_str(), 0), ("file:///sdcard/Movies/clip.mp4", 1)] {
        share_intent(&stage, uri, HANDLER, flags);
        assert!(!stage.has("clips_right_action_button"));
        stage.until("the refusal", |stage| {
            stage.phone.ui().last_toast() == Some("Unable to load media")
        });
    }
    assert_eq!(stage.kinds(), ["post"]);
}

#[test]
fn a_shared_story_is_a_story_after_its_information() {
    let stage = inside(0);
    stage.moods(&json!({"extra": {"story_info": true}}));
    let id = stage.media(VIDEO, b"a video");
    let uri = format!("content://media/external/video/media/{id}");
    share_intent(
        &stage,
        &uri,
        "com.instagram.share.handleractivity.StoryShareHandlerActivity",
        0x1,
    );
    stage.picture("story");
    stage.tap("your_story_share_shortcut_button");
    assert!(stage.has("Your stories can now reach more people"));
    stage.tap("igds_headline_primary_action_button");
    stage.until("the story", |stage| stage.kinds() == ["story"]);
}

#[test]
fn without_a_component_the_chooser_asks() {
    let stage = inside(0);
    let id = stage.media(VIDEO, b"a video");
    let intent = Intent {
        action: Some("android.intent.action.SEND".to_owned()),
        mime: Some("video/mp4".to_owned()),
        package: Some(PACKAGE.to_owned()),
        extras: vec![(
            "android.intent.extra.STREAM".to_owned(),
            format!("content://media/external/video/media/{id}"),
        )],
        flags: 0x1,
        ..Intent::default()
    };
    stage.start(&intent);
    assert!(stage.has("button_once"));
    stage.picture("chooser");
    stage.tap("button_once");
    assert!(stage.has("button_once"), "nothing is chosen yet");
    stage.tap("Feed");
    stage.tap("button_once");
    assert!(stage.has("clips_right_action_button"));
}

#[test]
fn a_failed_upload_tells_so_and_can_be_thrown_away() {
    let stage = with_video();
    stage.moods(&json!({"upload_fails": true}));
    share_page(&stage);
    stage.tap("share_button");
    stage.wait("row_pending_media_discard_button");
    assert!(stage.has("Video can't be posted"));
    stage.picture("failed");
    stage.tap("row_pending_media_discard_button");
    assert!(!stage.has("row_pending_container") && stage.ledger().is_empty());
}

#[test]
fn a_killed_app_loses_its_upload_or_has_done_it_all_the_same() {
    for survives in [false, true] {
        let stage = with_video();
        stage.moods(&json!({"upload_seconds": 600, "survives_stop": survives}));
        share_page(&stage);
        stage.tap("share_button");
        stage.stop();
        assert_eq!(stage.kinds().len(), usize::from(survives));
        stage.launch();
        assert_eq!(stage.has("Video can't be posted"), !survives);
        assert_eq!(stage.xml().contains("ada posted a video"), survives);
    }
}

#[test]
fn a_post_may_be_late_or_held() {
    let stage = with_video();
    stage.moods(&json!({"late_seconds": 60, "held": true}));
    share_page(&stage);
    stage.tap("share_button");
    stage.until("the post", |stage| stage.kinds() == ["post"]);
    assert_eq!(stage.last()["post"]["state"], "held");
    stage.tap("profile_tab");
    assert!(!stage.has("image_button"));
    stage.wait("image_button");
    let world = stage.phone.social.world(Platform::Instagram);
    assert_eq!(world.posts_of("ada", "bob").count(), 0, "others do not see it");
}

#[test]
fn a_limit_at_the_end_of_an_upload_is_a_dialog_and_no_post() {
    let stage = with_video();
    stage.moods(&json!({"limit_after": 0, "limit_on": ["post"]}));
    share_page(&stage);
    stage.tap("share_button");
    stage.wait("Try Again Later");
    assert!(stage.ledger().is_empty());
}

#[test]
fn leaving_the_editor_asks_and_an_unfinished_video_is_offered_again() {
    let stage = with_video();
    gallery(&stage);
    let video = thumbnail(&stage, "Unselected Video");
    stage.tap(&video);
    stage.tap("media_thumbnail_tray_button");
    stage.back();
    assert_eq!(stage.text("action_sheet_header_text_view"), "Save draft?");
    assert!(
        stage.has("clips_right_action_button"),
        "the editor is behind the sheet"
    );
    stage.picture("save-draft");
    stage.tap("Keep editing");
    assert!(!stage.has("action_sheet_header_text_view"));
    stage.stop();
    stage.launch();
    stage.tap("profile_tab");
    stage.tap("Create New");
    stage.tap("Create new reel");
    assert!(stage.has("Keep editing your draft?"));
    stage.tap("auxiliary_button");
    assert!(stage.has("gallery_grid_item_thumbnail"));
    assert!(stage.ledger().is_empty());
}

#[test]
fn the_reach_dialog_shares_by_its_primary_button_and_an_upsell_follows() {
    let stage = with_video();
    stage.moods(&json!({"extra": {"reach_dialog": true, "promo_on": "share"}, "promos": ["verified"]}));
    share_page(&stage);
    stage.tap("share_button");
    assert!(stage.has("Your reel may get limited reach"));
    assert!(stage.ledger().is_empty());
    stage.tap("igds_alert_dialog_primary_button");
    stage.wait("bb_secondary_action_container");
    stage.tap("bb_secondary_action_container");
    assert_eq!(stage.kinds(), ["post"]);
}

#[test]
fn in_the_old_layout_the_tab_creates_and_chips_choose_the_kind() {
    let stage = with_video();
    stage.variant("old");
    stage.tap("creation_tab");
    assert!(stage.has("new_post_title") && stage.selected("cam_dest_feed"));
    stage.tap("cam_dest_clips");
    stage.picture("gallery-old");
    let video = thumbnail(&stage, "Unselected Video");
    stage.tap(&video);
    assert!(stage.has("clips_right_action_button"), "a tap leads on at once");
}
