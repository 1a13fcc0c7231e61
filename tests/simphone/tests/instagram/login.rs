//! Getting in: both forms, saved profiles, run-out sessions, the second factor, and what keeps one out.

use serde_json::json;
use simphone::app::social::{Platform, login};

use crate::stage::{Stage, stage};

const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const USER: &str = "Username, email or mobile number,";

fn submit(stage: &Stage, name: &str, password: &str) {
    stage.fill(USER, name);
    stage.fill("Password,", password);
    stage.tap("Log in");
}

#[test]
fn the_bloks_form_has_no_ids_but_descriptions_and_lets_one_in_by_mail_address() {
    for make in 0..4 {
        let stage = stage(make);
        stage.launch();
        if stage.has("Se connecter") {
            stage.fill("Nom de profil, e-mail ou numéro de mobile,", "ada@example.org");
            stage.fill("Mot de passe,", "s3cret");
            stage.tap("Se connecter");
        } else {
            assert!(stage.has("Instagram from Meta") && stage.has("bloks_container"));
            assert!(!stage.xml().contains("login_username"));
            assert!(!stage.has("Clear Username, email or mobile number text"));
            stage.fill(USER, "ada@example.org");
            assert!(stage.has("Clear Username, email or mobile number text"));
            stage.fill("Password,", "s3cret");
            assert!(stage.xml().contains("••••••"), "a password shows as bullets");
            stage.tap("Log in");
        }
        stage.wait("feed_tab");
        assert_eq!(stage.kinds(), ["login"]);
        assert_eq!(stage.last()["account"], "ada");
    }
}

#[test]
fn wrong_passwords_and_names_are_told_apart_and_counted() {
    let stage = stage(0);
    stage.launch();
    submit(&stage, "ada", "wrong");
    stage.wait("Incorrect password");
    stage.tap("OK");
    for _ in 1..login::PATIENCE {
        stage.tap("Log in");
        stage.wait("Incorrect password");
        stage.tap("OK");
    }
    stage.tap("Log in");
    stage.wait("Try again later");
    stage.tap("OK");
    stage.tap("Clear Username, email or mobile number text");
    stage.fill(USER, "nobody.here");
    stage.tap("Log in");
    stage.wait("Incorrect username");
    assert!(stage.ledger().is_empty());
}

#[test]
fn the_legacy_form_is_found_by_its_ids() {
    let stage = stage(0);
    stage.variant("legacy");
    stage.launch();
    stage.tap("button_text");
    assert!(stage.has("login_username"), "an empty form is not sent");
    stage.fill("login_username", "ada");
    stage.fill("password", "s3cret");
    stage.tap("button_text");
    stage.wait("creation_tab");
    assert!(!stage.has("direct_tab"));
    assert_eq!(stage.kinds(), ["login"]);
}

#[test]
fn a_second_factor_takes_a_real_code_once() {
    let stage = stage(0);
    stage.seed(&json!({"username": "ada", "totp": SECRET}));
    stage.launch();
    submit(&stage, "ada", "s3cret");
    stage.wait("Check your authentication app");
    assert_eq!(
        stage
            .screen()
            .nodes()
            .filter(|node| node.class().ends_with("EditText"))
            .count(),
        1
    );
    stage.fill("Code,", "000000");
    stage.tap("Continue");
    stage.wait("Please check the security code and try again.");
    assert!(stage.ledger().is_empty());
    stage.phone.ui().clear_text(&stage.phone);
    stage.tap("Try another way");
    stage.tap("Authentication app");
    stage.tap("Continue");
    stage.wait("Code,");
    let code = login::code_now(SECRET).unwrap();
    stage.fill("Code,", &code);
    stage.tap("Continue");
    stage.wait("feed_tab");
    assert_eq!(stage.kinds(), ["login"]);
    assert!(
        !login::code_is_right(&stage.phone, Platform::Instagram, "ada", &code),
        "a code is right once"
    );
}

#[test]
fn nodes_of_a_server_driven_page_come_late() {
    let stage = stage(0);
    stage.seed(&json!({"username": "ada", "totp": SECRET}));
    stage.launch();
    submit(&stage, "ada", "s3cret");
    stage.until("the page", |stage| {
        !stage.has("Log in") && stage.has("bloks_container")
    });
    stage.wait("Code,");
}

#[test]
fn a_saved_profile_lets_in_at_a_tap_and_a_run_out_session_wants_the_password() {
    let stage = stage(0);
    {
        let mut install = stage.phone.social.install(Platform::Instagram);
        install.saved = vec!["ada".to_owned(), "bob".to_owned()];
        install.expired.insert("bob".to_owned());
    }
    stage.launch();
    assert!(stage.has("ada,  New notifications"), "{}", stage.seen());
    stage.picture("picker");
    stage.tap("bob");
    assert!(stage.has("bob") && !stage.has("Username, email or mobile number,"));
    stage.fill("Password,", "hunter2");
    stage.tap("Log in");
    stage.wait("feed_tab");
    assert_eq!(stage.last()["account"], "bob");
}

#[test]
fn autofill_covers_the_form_under_another_package() {
    let stage = stage(0);
    stage.moods(&json!({"autofill": "dialog", "autofill_save": true}));
    stage.launch();
    stage.tap(USER);
    assert!(stage.has("autofill_dialog_picker"));
    assert_eq!(stage.screen().packages(), ["android"]);
    stage.tap("cancel");
    submit(&stage, "ada", "s3cret");
    stage.wait("autofill_save_title");
    stage.tap("autofill_save_no");
    stage.wait("feed_tab");
    assert_eq!(stage.kinds(), ["login"]);
}

#[test]
fn each_challenge_keeps_the_right_password_out_and_tells_who_taps_through() {
    for (challenge, marker) in [
        ("human_check", "Confirm you're human to use your account"),
        ("video_selfie", "Confirm you're a real person with a video selfie"),
        ("id_upload", "Upload your ID"),
        ("suspended", "We suspended your account"),
        ("disabled", "We disabled your account"),
        ("email_code", "Check your email"),
        ("sms_code", "Check your SMS"),
        ("approve_elsewhere", "Check your notifications on another device"),
        ("confirm_identity", "Confirm it's you"),
        ("slider", "Drag the slider to fit the puzzle piece."),
        ("web_block", "Your account has been temporarily blocked"),
        ("blank_page", "Menu"),
    ] {
        let stage = stage(0);
        stage.seed(&json!({"username": "ada", "moods": {"challenge": challenge}}));
        stage.launch();
        submit(&stage, "ada", "s3cret");
        stage.wait(marker);
        stage.picture(&format!("stop-{challenge}"));
        assert!(stage.ledger().is_empty(), "{challenge}");
        let in_web_view = stage.front().contains("simplewebview.SimpleWebViewActivity");
        assert_eq!(in_web_view, challenge == "web_block");
        if challenge == "human_check" {
            stage.tap("Continue");
            assert_eq!(stage.last()["what"], "tapped_through:human_check");
        }
    }
}

#[test]
fn a_slow_network_keeps_the_button_busy() {
    let stage = stage(0);
    stage.moods(&json!({"slow_seconds": 20.0}));
    stage.launch();
    submit(&stage, "ada", "s3cret");
    assert!(stage.has("Loading..."));
    assert!(stage.phone.ui().animating(), "a plain dump never finds it idle");
    stage.wait("feed_tab");
}

#[test]
fn a_block_page_comes_in_an_activity_of_its_own_at_every_start() {
    let stage = crate::stage::inside(0);
    stage.stop();
    stage.moods(&json!({"challenge": "web_block"}));
    stage.launch();
    stage.until("the web view", |stage| {
        stage.front().contains("SimpleWebViewActivity")
    });
    stage.wait("Your account has been temporarily blocked");
}
