//! What is asked unasked: declined, nothing is in the ledger; accepted, it is.

use serde_json::json;

use crate::stage::{Stage, inside, stage};

static DECLINING: [&str; 3] = ["negative_button", "igds_alert_dialog_cancel_button", "Not now"];

fn enter(stage: &Stage) {
    stage.launch();
    stage.fill("Username, email or mobile number,", "ada");
    stage.fill("Password,", "s3cret");
    stage.tap("Log in");
    stage.until("the login", |stage| stage.kinds() == ["login"]);
}

#[test]
fn every_prompt_after_a_login_comes_and_can_be_declined() {
    let stage = stage(0);
    stage.moods(&json!({"prompts": null}));
    enter(&stage);
    for number in 0..4 {
        stage.until("a prompt", |stage| DECLINING.iter().any(|label| stage.has(label)));
        stage.picture(&format!("prompt-{number}"));
        let button = DECLINING.into_iter().find(|label| stage.has(label)).unwrap();
        stage.tap(button);
    }
    stage.wait("feed_tab");
    assert_eq!(stage.kinds(), ["login"]);
}

#[test]
fn the_order_of_the_prompts_follows_from_the_seed() {
    let order = |seed: u64| {
        let stage = stage(0);
        let mut spec = stage.phone.spec.clone();
        spec.seed = seed;
        spec.data = spec.data.join(format!("seed{seed}"));
        let phone = simphone::phone::Phone::open(spec).unwrap();
        let other = stage.like(phone);
        other.seed(&json!({"username": "ada", "password": "s3cret"}));
        enter(&other);
        let install = other
            .phone
            .social
            .install(simphone::app::social::Platform::Instagram);
        install.prompts.clone()
    };
    let orders: std::collections::BTreeSet<Vec<String>> = (1..6).map(order).collect();
    assert!(orders.len() > 1, "{orders:?}");
    assert!(orders.iter().all(|order| order.len() == 4));
}

#[test]
fn a_page_that_cannot_be_left_is_behind_after_a_force_stop() {
    let stage = stage(0);
    stage.moods(&json!({"prompts": ["contacts_stuck"]}));
    enter(&stage);
    stage.wait("Find friends from your contacts");
    stage.tap("Next");
    stage.back();
    assert!(stage.has("Find friends from your contacts"));
    stage.stop();
    stage.launch();
    assert!(stage.has("feed_tab"));
}

#[test]
fn the_primary_button_of_a_promotion_opts_in_and_the_ledger_tells() {
    for (promo, yes, no) in [
        (
            "map",
            "igds_headline_primary_action_button",
            "igds_headline_secondary_action_text_button",
        ),
        (
            "Something nobody has seen",
            "igds_headline_primary_action_button",
            "background_dimmer",
        ),
        (
            "verified",
            "bb_primary_action_container",
            "bb_secondary_action_container",
        ),
        (
            "rating",
            "igds_alert_dialog_primary_button",
            "igds_alert_dialog_cancel_button",
        ),
    ] {
        let stage = inside(0);
        stage.stop();
        stage.moods(&json!({"promos": [promo]}));
        stage.launch();
        stage.wait(no);
        stage.picture(&format!("promo-{}", promo.split(' ').next().unwrap()));
        if promo != "rating" {
            assert!(
                stage.has("row_feed_profile_header"),
                "the feed is behind it in the dump"
            );
        }
        if no == "background_dimmer" {
            // Its middle lies behind the sheet: Back does the same.
            assert_eq!(stage.desc("background_dimmer"), "@2131954894");
            stage.back();
        } else {
            stage.tap(no);
        }
        assert!(stage.has("feed_tab") && stage.ledger().is_empty(), "{promo}");
        stage.stop();
        stage.launch();
        stage.wait(yes);
        stage.tap(yes);
        assert_eq!(stage.kinds(), ["opted_in"]);
        assert_eq!(stage.last()["what"], promo);
    }
}

#[test]
fn an_update_overlay_has_no_label_at_all() {
    let stage = inside(0);
    stage.stop();
    stage.moods(&json!({"update_overlay": true}));
    stage.launch();
    stage.until("the overlay", |stage| stage.xml().contains("NAF=\"true\""));
    stage.back();
    assert!(stage.ledger().is_empty());
}

#[test]
fn consent_is_three_pages_and_agreeing_is_told() {
    let stage = stage(0);
    stage.moods(&json!({"prompts": ["consent"]}));
    enter(&stage);
    stage.wait("Use free of charge with ads");
    stage.picture("consent");
    stage.tap("Use free of charge with ads");
    stage.wait("Agree");
    stage.tap("Agree");
    stage.wait("OK");
    stage.tap("OK");
    assert_eq!(stage.kinds(), ["login", "opted_in"]);
}

#[test]
fn an_accepted_prompt_asks_the_phone_and_goes_on_after_its_answer() {
    let stage = stage(0);
    stage.moods(&json!({"prompts": ["location", "notifications"]}));
    enter(&stage);
    stage.wait("Use your location");
    stage.tap("primary_button");
    stage.tap("permission_deny_button");
    stage.wait("Turn on notifications");
    assert_eq!(stage.kinds(), ["login", "opted_in"]);
}
