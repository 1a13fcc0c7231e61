//! Logging in, switching, logging out, and what the platform says to all of it.

use serde_json::json;
use simphone::app::social::{Platform, login};

use crate::bench::Bench;

const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/// From the profile's tab to the page of the second tab.
fn to_email_tab(bench: &Bench) {
    bench.open();
    bench.tap("Profile");
    bench.tap("Log in");
    if bench.has("Use phone or email") {
        bench.tap("Use phone or email");
        bench.tap("Email");
    } else {
        bench.tap("Use phone / email / username");
        bench.tap("Email / Username");
    }
}

/// Types name and password where the version wants them, and sends them off.
fn log_in(bench: &Bench, name: &str, password: &str) {
    to_email_tab(bench);
    bench.tap("Email or username");
    bench.type_text(name);
    if bench.has("Continue") {
        bench.tap("Continue");
        bench.wait_for("Enter password");
        bench.type_text(password);
        bench.tap("Continue");
    } else {
        bench.tap("Password");
        bench.type_text(password);
        bench.tap("Log in");
    }
}

#[test]
fn nobody_logged_in_sees_the_ways_in_by_either_wording() {
    for (version, first, title) in [
        ("46.8.2", "Use phone or email", "Log in to TikTok"),
        ("43.1.4", "Use phone / email / username", "Sign up for TikTok"),
    ] {
        let bench = Bench::fresh(0);
        bench.version(version);
        bench.open();
        bench.tap("Profile");
        assert!(bench.has(title), "{version}");
        bench.picture(&format!("profile-out-{version}"));
        bench.tap("Log in");
        assert!(bench.has(first) && bench.has("Continue with Google"));
        bench.picture(&format!("login-entry-{version}"));
    }
}

#[test]
fn a_right_password_is_in_the_ledger_and_prompts_follow_that_can_be_declined() {
    for version in ["46.8.2", "43.1.4"] {
        for name in ["quiet.otter", "quiet.otter@example.org"] {
            let bench = Bench::fresh(0);
            bench.version(version);
            log_in(&bench, name, "correct horse");
            bench.wait("the login", || bench.kinds() == ["login"]);
            for number in 0..3 {
                let left = bench.phone.social.install(Platform::TikTok).prompts.clone();
                bench.wait(&format!("prompt {number} {left:?}"), || {
                    bench.has("Not now") || bench.has("Skip")
                });
                bench.picture(&format!("prompt-{}", bench.has("Not now")));
                bench.tap(if bench.has("Not now") { "Not now" } else { "Skip" });
            }
            bench.tap("Profile");
            assert!(bench.has("@quiet.otter"));
            assert_eq!(bench.kinds(), ["login"], "nothing was opted into");
        }
    }
}

#[test]
fn the_buttons_are_disabled_until_the_fields_are_filled() {
    let bench = Bench::fresh(0);
    bench.version("43.1.4");
    to_email_tab(&bench);
    bench.picture("login-email-43");
    assert!(!bench.enabled("Log in"));
    bench.tap("Log in");
    bench.tap("Email or username");
    bench.type_text("quiet.otter");
    assert!(!bench.enabled("Log in"));
    bench.tap("Password");
    bench.type_text("x");
    assert!(bench.enabled("Log in"));
    assert!(bench.has("•"), "the password is covered");
    bench.tap("Phone");
    assert!(!bench.enabled("Continue"));
    bench.tap("Phone number");
    bench.type_text("5550123456");
    assert!(bench.enabled("Continue"));
    bench.picture("login-phone");
    bench.tap("Continue");
    assert!(bench.has("Enter the code") && bench.has("Resend code"));
}

#[test]
fn wrong_passwords_are_told_and_too_many_are_too_many() {
    let bench = Bench::fresh(0);
    log_in(&bench, "quiet.otter", "wrong");
    bench.wait_for("Incorrect account or password");
    bench.picture("wrong-password");
    for _ in 0..5 {
        bench.wait("the page to be ready", || bench.enabled("Continue"));
        bench.tap("Continue");
    }
    bench.wait_for("Too many attempts. Try again later.");
    assert!(bench.acts().is_empty());
    let bench = Bench::fresh(0);
    log_in(&bench, "nobody.here", "x");
    bench.wait_for("This account doesn’t exist");
}

#[test]
fn a_code_that_only_its_owner_knows_lets_in() {
    let bench = Bench::fresh(0);
    bench.seed(&json!({"username": "quiet.otter", "totp": SECRET}));
    log_in(&bench, "quiet.otter", "correct horse");
    bench.wait_for("Enter the code");
    bench.picture("login-code");
    bench.type_text("000000");
    assert!(bench.has("Incorrect verification code"));
    for _ in 0..6 {
        bench.phone.ui().key(&bench.phone, 67);
    }
    bench.type_text(&login::code_now(SECRET).unwrap());
    assert_eq!(bench.kinds(), ["login"]);
}

#[test]
fn each_stop_has_its_words_and_lets_nobody_past() {
    for (challenge, words) in [
        ("slider", "Slide to verify"),
        ("human_check", "Verify you are human"),
        ("suspended", "Account suspended"),
        ("disabled", "Your account was permanently banned"),
        ("confirm_identity", "Security verification"),
    ] {
        let bench = Bench::logged_in(0);
        bench.moods(&json!({"challenge": challenge}));
        bench.open();
        assert!(bench.has(words), "{challenge}");
        bench.picture(&format!("stop-{challenge}"));
        bench.back();
        bench.back();
        assert!(bench.has(words), "{challenge}");
        assert!(bench.acts().is_empty());
    }
}

#[test]
fn a_code_by_mail_is_right_for_nobody_on_the_phone() {
    let bench = Bench::fresh(0);
    bench.moods(&json!({"challenge": "email_code"}));
    log_in(&bench, "quiet.otter", "correct horse");
    bench.wait_for("Enter the code");
    bench.type_text("123456");
    assert!(bench.has("Incorrect verification code"));
    assert!(bench.acts().is_empty());
}

#[test]
fn the_switcher_lists_who_is_logged_in_and_switches() {
    for version in ["46.8.2", "43.1.4"] {
        let bench = Bench::logged_in(0);
        bench.version(version);
        {
            let mut install = bench.phone.social.install(Platform::TikTok);
            install.enter("second.otter");
            install.enter("quiet.otter");
        }
        bench.moods(&json!({"extra": {"update_after_switch": true}}));
        bench.open();
        bench.tap("Profile");
        if version.starts_with("46") {
            bench.tap("Quiet Otter");
        } else {
            bench.tap("rv5");
        }
        assert!(
            bench.has("Switch account") && bench.has("Add account"),
            "{version}"
        );
        assert!(bench.selected("quiet.otter") && !bench.selected("second.otter"));
        bench.picture("switcher");
        bench.tap("second.otter");
        bench.wait_for("Account update required");
        bench.picture("update-required");
        bench.tap("Not now");
        assert!(bench.has("@second.otter"));
        assert!(bench.acts().is_empty());
    }
}

#[test]
fn the_header_differs_a_tap_on_the_handle_copies_and_a_bubble_is_in_the_way() {
    let bench = Bench::logged_in(0);
    bench.moods(&json!({"extra": {"bubble": true}}));
    for name in [
        "ana", "bea", "cleo", "dora", "eve", "fay", "gil", "hana", "ida", "joy", "kim", "lea",
    ] {
        let mut world = bench.phone.social.world(Platform::TikTok);
        world
            .seed_post(json!({"author": "quiet.otter", "caption": name}))
            .unwrap();
    }
    bench.open();
    bench.tap("Profile");
    bench.picture("profile-bubble");
    assert!(bench.has("Share your day with a Story"));
    assert!(
        bench.place("sv6").is_none(),
        "the header is not there before a scroll"
    );
    bench.swipe_up();
    assert!(!bench.has("Share your day with a Story"));
    bench.tap("sv6");
    assert!(bench.has("Switch account"));
    bench.back();
    let bench = Bench::logged_in(0);
    bench.open();
    bench.tap("Profile");
    bench.tap("@quiet.otter");
    assert!(!bench.has("Switch account"));
    assert_eq!(bench.phone.ui().last_toast(), Some("Copied"));
    bench.moods(&json!({"extra": {"name_edits": true}}));
    bench.tap("Quiet Otter");
    assert!(bench.has("Add your name") || bench.has("Save"), "{}", bench.xml());
    assert!(!bench.has("Switch account"));
}

#[test]
fn before_46_one_account_alone_has_no_switcher() {
    let bench = Bench::logged_in(0);
    bench.version("43.1.4");
    bench.open();
    bench.tap("Profile");
    assert!(bench.place("rv5").is_none());
    bench.tap("Quiet Otter");
    assert!(!bench.has("Switch account"));
    bench.tap("Profile menu");
    bench.tap("Settings and privacy");
    bench.tap("Switch account");
    assert!(bench.has("Add account"));
    bench.tap("Add account");
    assert!(bench.has("Use phone / email / username"));
}

#[test]
fn logging_out_is_in_the_ledger() {
    let bench = Bench::logged_in(0);
    bench.open();
    bench.tap("Profile");
    bench.tap("Profile menu");
    bench.picture("menu");
    assert!(bench.has("Bottom sheet"));
    bench.tap("Settings and privacy");
    bench.picture("settings");
    bench.tap("Log out");
    assert!(bench.acts().is_empty(), "it asks first");
    bench.picture("log-out");
    bench.tap("Log out");
    assert_eq!(bench.kinds(), ["logout"]);
    assert!(bench.has("Log in to TikTok"));
}
