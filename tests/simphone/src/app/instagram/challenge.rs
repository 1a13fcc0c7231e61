//! Pages on which nothing a program could do would be right: each tap through them is written down, so that a test
//! sees it.

use serde_json::{Value, json};

use super::super::social::{self, Challenge};
use super::super::{Call, Context};
use super::{HERE, PACKAGE, entry, me};
use crate::phone::Phone;
use crate::ui::Intent;

/// The screen of a challenge, and what it is opened with.
pub(super) fn screen(challenge: Challenge, username: &str) -> (String, Value) {
    let screen = match challenge {
        Challenge::BlankPage => "blank",
        Challenge::WebBlock => "web_block",
        Challenge::EmailCode
        | Challenge::SmsCode
        | Challenge::ApproveElsewhere
        | Challenge::ConfirmIdentity => "elsewhere",
        _ => "stop",
    };
    let args = json!({"root": true, "username": username, "which": challenge.name()});
    (screen.to_owned(), args)
}

/// Takes the screen: most in place of everything else, the web view as an activity of its own.
pub(super) fn show(context: &mut Context<'_>, challenge: Challenge, username: &str) {
    if challenge == Challenge::WebBlock {
        let component = format!("{PACKAGE}/com.instagram.simplewebview.SimpleWebViewActivity");
        context.call(Call::Start(Intent::component(&component)));
        return;
    }
    let (screen, args) = screen(challenge, username);
    context.call(Call::Reset(screen, args));
}

/// Whether the web view stands before the account that acts.
pub(super) fn blocks(phone: &Phone) -> bool {
    let found = me(phone).and_then(|me| social::login::challenge(phone, HERE, &me));
    found == Some(Challenge::WebBlock)
}

/// Past the challenge: to where it came from, or in.
fn go_on(context: &mut Context<'_>, username: &str) {
    context.call(Call::HideKeyboard);
    let is_in = {
        let install = context.phone.social.install(HERE);
        install.sessions.iter().any(|one| one == username)
    };
    if is_in {
        context.call(Call::Reset("feed".to_owned(), json!({"root": true})));
    } else {
        entry::passed(context, username);
    }
}

pub(super) fn act(context: &mut Context<'_>, action: &str) -> bool {
    if action == "web_block" {
        show(context, Challenge::WebBlock, "");
        return true;
    }
    if !matches!(action, "tapped_through" | "owner_code") {
        return false;
    }
    let account = context.page.arg("username").into_owned();
    let which = context.page.arg("which").into_owned();
    if action == "owner_code" {
        let code = context.page.text("code").to_owned();
        if social::login::challenge_is_answered(context.phone, HERE, &account, &code) {
            go_on(context, &account);
            return true;
        }
        context.page.vars.insert("wrong".to_owned(), Value::Bool(true));
    }
    social::note(context.phone, HERE, &account, &format!("tapped_through:{which}"));
    context.call(Call::Toast("…".to_owned()));
    true
}
