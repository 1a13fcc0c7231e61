//! Screens that no other test visits are drawn once, in both languages and all variants.

use crate::stage::{inside, stage};

#[test]
fn the_forms_and_the_tabs_can_be_drawn_in_every_variant() {
    for make in 0..4 {
        for variant in ["new", "old", "legacy"] {
            let stage = stage(make);
            stage.variant(variant);
            stage.launch();
            stage.picture(&format!("login-{variant}-{make}"));
            let stage = inside(make);
            stage.variant(variant);
            stage.picture(&format!("feed-{variant}-{make}"));
            stage.tap("profile_tab");
            stage.picture(&format!("profile-{variant}-{make}"));
            assert!(!stage.phone.ui().screenshot(&stage.phone).is_empty());
        }
    }
}
