//! The own profile with its numbers, the switcher, and the way out.

use crate::stage::inside;

#[test]
fn the_profile_tells_its_numbers_in_values_and_descriptions() {
    for (make, followers, following) in [(0, "12.3K", "1,234"), (1, "12.3K", "1,234")] {
        let stage = inside(make);
        stage.tap("profile_tab");
        if stage.phone.spec.personality.language == "fr" {
            continue;
        }
        assert_eq!(stage.text("action_bar_title"), "ada");
        assert_eq!(stage.text("profile_header_familiar_followers_value"), followers);
        assert_eq!(
            stage.desc("profile_header_followers_stacked_familiar"),
            format!("{followers}followers")
        );
        assert_eq!(stage.text("profile_header_familiar_following_value"), following);
        assert_eq!(stage.desc("profile_header_post_count_front_familiar"), "0posts");
        assert_eq!(stage.count("button_container"), 2);
        assert!(stage.has("Edit profile") && stage.has("Share profile"));
        stage.picture("profile");
    }
}

#[test]
fn a_phone_in_french_tells_french_numbers() {
    let stage = inside(0);
    let settings = &stage.phone.settings;
    let french = simphone::phone::settings::Namespace::System;
    simphone::phone::lock(settings)
        .put(french, "system_locales", "fr-FR")
        .unwrap();
    stage.tap("profile_tab");
    assert_eq!(
        stage.text("profile_header_familiar_followers_value"),
        "12,3\u{a0}k"
    );
    assert_eq!(
        stage.text("profile_header_familiar_following_value"),
        "1\u{202f}234"
    );
    assert!(stage.has("Modifier le profil"));
}

#[test]
fn the_switcher_marks_the_active_account_and_switches() {
    let stage = inside(0);
    stage.tap("profile_tab");
    stage.tap("action_bar_username_container");
    assert!(stage.has("Add Instagram account") && stage.has("Go to Accounts Center"));
    assert!(stage.has("Edit profile"), "the profile stays behind the sheet");
    stage.picture("switcher");
    let screen = stage.screen();
    let rows: Vec<(String, bool)> = screen
        .nodes()
        .filter(|node| {
            node.class() == "android.view.ViewGroup"
                && node
                    .parent()
                    .is_some_and(|parent| parent.resource_id().ends_with("recycler_view_container_id"))
        })
        .map(|node| (node.description().to_owned(), node.flags().selected()))
        .collect();
    assert_eq!(
        rows,
        [
            ("ada".to_owned(), true),
            ("bob,  New notifications".to_owned(), false)
        ]
    );
    stage.tap("bob,  New notifications");
    assert_eq!(stage.text("action_bar_title"), "bob");
    assert!(stage.ledger().is_empty());
}

#[test]
fn another_account_is_added_beside_those_that_are() {
    let stage = inside(0);
    stage.log_in(&["bob"]);
    stage.tap("profile_tab");
    stage.tap("action_bar_username_container");
    stage.tap("Add Instagram account");
    stage.fill("Username, email or mobile number,", "ada");
    stage.fill("Password,", "s3cret");
    stage.tap("Log in");
    stage.wait("feed_tab");
    stage.tap("profile_tab");
    assert_eq!(stage.text("action_bar_title"), "ada");
    stage.tap("action_bar_username_container");
    assert!(stage.has("bob") || stage.has("bob,  New notifications"));
}

#[test]
fn logging_out_asks_and_is_in_the_ledger() {
    let stage = inside(0);
    stage.tap("profile_tab");
    stage.tap("Options");
    stage.tap("Log out");
    stage.tap("negative_button");
    assert!(stage.ledger().is_empty());
    stage.tap("Log out");
    stage.tap("primary_button");
    assert_eq!(stage.kinds(), ["logout"]);
}

#[test]
fn tabs_come_in_two_layouts_and_the_active_one_is_selected() {
    let stage = inside(0);
    assert!(stage.has("direct_tab") && !stage.has("creation_tab"));
    assert!(stage.selected("feed_tab") && !stage.selected("profile_tab"));
    for tab in ["search_tab", "profile_tab", "direct_tab"] {
        stage.tap(tab);
        assert!(stage.selected(tab), "{tab}");
    }
    stage.back();
    assert!(stage.selected("feed_tab"), "back goes to the feed first");
    stage.variant("old");
    assert!(stage.has("creation_tab") && !stage.has("direct_tab"));
}
