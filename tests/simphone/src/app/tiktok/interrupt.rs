//! What comes over the screens unasked: prompts after a login, promotions, the overlay that wants an update.

use std::time::Duration;

use serde_json::{Value, json};

use super::person::suggested;
use super::{PLATFORM, TikTok, active, moods, world};
use crate::app::social::{Act, Outcome, commit};
use crate::app::{Call, Context, Look};
use crate::phone::Phone;
use crate::ui::page::Page;

/// Between one prompt and the next.
const BETWEEN: Duration = Duration::from_millis(800);

/// A sheet: name, sign, title, text, what its primary button says, what its declining button says.
type Sheet = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

static SHEETS: &[Sheet] = &[
    (
        "save_login",
        "lock",
        "save_login_title",
        "save_login_text",
        "save",
        "not_now",
    ),
    (
        "find_friends",
        "friends",
        "ask_contacts_title",
        "ask_contacts_text",
        "sync",
        "not_now",
    ),
    (
        "collections",
        "bookmark",
        "collections_title",
        "collections_text",
        "try_it",
        "not_now",
    ),
    (
        "link_email",
        "inbox",
        "link_email_title",
        "link_email_text",
        "link_now",
        "skip",
    ),
    (
        "notifications",
        "bell",
        "notify_title",
        "notify_text",
        "turn_on",
        "not_now",
    ),
    ("shop", "bag", "shop_title", "shop_text", "turn_on", "not_now"),
    (
        "new_feature",
        "star",
        "new_feature_title",
        "new_feature_text",
        "try_it",
        "not_now",
    ),
];

impl TikTok {
    /// At a start of the app: what is left of the login's prompts, promotions that are due, the overlay.
    pub(super) fn plan_interruptions(&mut self, phone: &Phone) {
        let moods = moods(phone);
        let mut install = phone.social.install(PLATFORM);
        install.launches += 1;
        install.keep();
        self.coming.clone_from(&install.prompts);
        let every = moods.promo_every.unwrap_or(1).max(1);
        if install.launches.is_multiple_of(every) {
            let fresh = |name: &&String| !install.answered.contains(*name);
            self.coming.extend(moods.promos.iter().filter(fresh).cloned());
        }
        if moods.update_overlay {
            self.coming.push("update".to_owned());
        }
        self.banner = moods.extra("banner");
    }

    pub(super) fn prompt_model(&self, look: Look<'_>, page: &Page) -> Value {
        if page.screen == "follow_friends" {
            let me = active(look.phone);
            let world = world(look.phone);
            return json!({"rows": suggested(&world, me.as_deref(), "", look.language)});
        }
        let name = page.arg("name");
        let found = SHEETS.iter().find(|sheet| sheet.0 == name);
        let Some((_, icon, title, text, yes, no)) = found else {
            return Value::Null;
        };
        json!({"prompt": {"icon": icon, "title": title, "text": text, "yes": yes, "no": no}})
    }

    pub(super) fn prompt_act(&mut self, context: &mut Context<'_>, action: &str, argument: &str) -> bool {
        match action {
            "interrupt" => self.interrupt(context),
            "prompt_no" => self.answered(context),
            "prompt_yes" => {
                let name = context.page.arg("name").into_owned();
                opt_in(context, &name);
                self.answered(context);
            }
            "follow_all" => {
                let me = active(context.phone);
                let rows = suggested(&world(context.phone), me.as_deref(), "", context.language);
                for row in rows.as_array().into_iter().flatten() {
                    let target = row.get("username").and_then(Value::as_str).unwrap_or_default();
                    if !self.follow(context, target) {
                        return true;
                    }
                }
                self.answered(context);
            }
            "overlay_gone" => {
                self.paused = false;
                context.call(Call::Back);
                self.interrupt_soon(context);
            }
            "coach_done" => remember(context, "coach"),
            "eu_done" => remember(context, "eu_card"),
            "banner_gone" => self.banner = false,
            "banner" => {
                self.banner = false;
                super::note(context, "banner_opened");
                context.call(Call::Reset("inbox".to_owned(), json!({"tab": "inbox"})));
            }
            "update_required" => context.call(Call::Go("update_required".to_owned(), json!({}))),
            "contacts_yes" => {
                opt_in(context, "contacts");
                context.call(Call::Back);
            }
            "go_live" => super::note(context, "live_started"),
            _ => {
                tracing::debug!(action, argument, "an action that TikTok does not know");
                return false;
            }
        }
        true
    }

    /// The next thing comes over whatever is in front, but over nothing that is being made or asked.
    fn interrupt(&mut self, context: &mut Context<'_>) {
        let quiet = matches!(context.page.screen.as_str(), "feed" | "profile" | "inbox");
        if !quiet || self.coming.is_empty() {
            return;
        }
        let name = self.coming.remove(0);
        let (screen, args) = match name.as_str() {
            "update" => ("update_overlay", json!({})),
            "follow_friends" => ("follow_friends", json!({"name": name})),
            known if SHEETS.iter().any(|sheet| sheet.0 == known) => ("prompt", json!({"name": name})),
            _ => {
                tracing::warn!(name, "a prompt that TikTok does not have");
                return;
            }
        };
        // Under it the video stands still.
        self.paused = true;
        context.call(Call::Go(screen.to_owned(), args));
    }

    fn answered(&mut self, context: &mut Context<'_>) {
        let name = context.page.arg("name").into_owned();
        remember(context, &name);
        self.paused = false;
        context.call(Call::Back);
        self.interrupt_soon(context);
    }

    pub(super) fn interrupt_soon(&self, context: &mut Context<'_>) {
        if !self.coming.is_empty() {
            context.call(Call::Later(BETWEEN, "interrupt".to_owned()));
        }
    }
}

fn remember(context: &Context<'_>, what: &str) {
    let mut install = context.phone.social.install(PLATFORM);
    install.answered.insert(what.to_owned());
    install.prompts.retain(|prompt| prompt != what);
    install.keep();
}

/// Somebody said yes to what nobody had asked for.
fn opt_in(context: &mut Context<'_>, what: &str) {
    let act = Act::OptedIn {
        account: active(context.phone).unwrap_or_default(),
        what: what.to_owned(),
    };
    let outcome = commit(context.phone, PLATFORM, act);
    if outcome == Outcome::Unwritten {
        super::refuse(context, &outcome);
    }
}
