//! Changing the own profile.

use crate::stage::inside;

#[test]
fn each_field_is_saved_and_in_the_ledger() {
    let stage = inside(0);
    stage.tap("profile_tab");
    stage.tap("Edit profile");
    stage.picture("edit");
    for (row, value) in [
        ("full_name", "Ada Lovelace"),
        ("bio", "Numbers 🔢\nand engines"),
        ("username", "ada.l"),
    ] {
        stage.tap(row);
        stage.phone.ui().clear_text(&stage.phone);
        stage.type_text(value);
        stage.tap("action_bar_button_action");
        assert_eq!(stage.last()["value"], value);
    }
    assert_eq!(stage.kinds(), ["profile", "profile", "profile"]);
    stage.back();
    assert_eq!(stage.text("action_bar_title"), "ada.l");
    assert_eq!(
        stage.text("profile_header_full_name_above_vanity"),
        "Ada Lovelace"
    );
}

#[test]
fn a_taken_or_impossible_username_is_refused() {
    let stage = inside(0);
    stage.tap("profile_tab");
    stage.tap("Edit profile");
    stage.tap("username");
    for name in ["bob", "no blanks", "UPPER"] {
        stage.phone.ui().clear_text(&stage.phone);
        stage.type_text(name);
        stage.tap("action_bar_button_action");
        assert!(stage.has("This username isn't available."), "{name}");
    }
    assert!(stage.ledger().is_empty());
}

#[test]
fn a_picture_from_the_gallery_becomes_the_avatar() {
    let stage = inside(0);
    stage.media("/storage/emulated/0/Pictures/me.jpg", b"my face");
    stage.allow_media();
    stage.tap("profile_tab");
    stage.tap("Edit profile");
    stage.tap("change_avatar_button");
    stage.tap("Choose from library");
    stage.tap("gallery_grid_item_thumbnail");
    stage.tap("next_button_textview");
    assert_eq!(stage.last()["field"], "avatar");
    assert!(stage.has("full_name"));
}
