//! What the app asks unasked: after a login, at a start, around a post. Who accepts finds it in the ledger.

use serde_json::{Value, json};

use super::super::social::{self, Act};
use super::super::{Call, Context};
use super::{HERE, chance, me};
use crate::phone::Phone;
use crate::ui::page::Page;

/// What comes after a login unless a mood says otherwise; in which order follows from the phone's seed.
static USUAL: [&str; 4] = ["save_login", "notifications", "contacts", "location"];

/// Puts the prompts of a login in line.
pub(super) fn queue(phone: &Phone) {
    let moods = phone.social.install(HERE).moods();
    let mut wanted = moods.prompts.unwrap_or_else(|| usual(phone));
    if moods.autofill_save {
        wanted.insert(0, "autofill_save".to_owned());
    }
    let mut install = phone.social.install(HERE);
    install.prompts = wanted;
    install.keep();
}

/// The usual ones in this phone's order.
fn usual(phone: &Phone) -> Vec<String> {
    let mut usual = USUAL;
    let mut turns = chance(phone, "prompts");
    for left in (2..=usual.len()).rev() {
        usual.swap(left - 1, (turns % left as u64) as usize);
        turns /= left as u64;
    }
    usual.map(str::to_owned).to_vec()
}

/// Which screen a prompt has on this phone.
fn screen(phone: &Phone, prompt: &str) -> String {
    match prompt {
        "save_login" if chance(phone, "save_login").is_multiple_of(2) => "save_login_bloks".to_owned(),
        other => other.to_owned(),
    }
}

/// At a cold start with somebody logged in: prompts that were left, else a promotion.
pub(super) fn after_start(context: &mut Context<'_>) {
    context.call(Call::Later(
        std::time::Duration::from_millis(300),
        "first_prompt".to_owned(),
    ));
}

fn first_prompt(context: &mut Context<'_>) {
    let waiting = context.phone.social.install(HERE).prompts.first().cloned();
    match waiting {
        Some(prompt) => show_prompt(context, &prompt),
        None => promote(context, "feed"),
    }
}

fn show_prompt(context: &mut Context<'_>, prompt: &str) {
    match prompt {
        "android_notifications" => {
            done(context);
            context.call(Call::Permission(
                "android.permission.POST_NOTIFICATIONS".to_owned(),
            ));
        }
        "consent" => context.call(Call::Go("consent".to_owned(), json!({"page": 1}))),
        other => {
            let screen = screen(context.phone, other);
            context.call(Call::Go(screen, json!({"prompt": other})));
        }
    }
}

/// The first in line is answered.
fn done(context: &Context<'_>) {
    let mut install = context.phone.social.install(HERE);
    if !install.prompts.is_empty() {
        install.prompts.remove(0);
    }
    install.keep();
}

/// Shows a promotion where the mood wants one here; whether it did.
pub(super) fn promote(context: &mut Context<'_>, place: &str) {
    let (moods, launches) = {
        let install = context.phone.social.install(HERE);
        (install.moods(), install.launches)
    };
    let wanted_place = moods
        .extra
        .get("promo_on")
        .and_then(Value::as_str)
        .unwrap_or("feed");
    if moods.update_overlay && place == "feed" {
        context.call(Call::Go("update".to_owned(), json!({"what": "update"})));
        return;
    }
    let every = moods.promo_every.unwrap_or(1).max(1);
    if moods.promos.is_empty() || wanted_place != place || !launches.is_multiple_of(every) {
        return;
    }
    let turn = (launches / every) as usize % moods.promos.len();
    let what = &moods.promos[turn];
    match what.as_str() {
        "verified" | "rating" => context.call(Call::Go(what.clone(), json!({"what": what}))),
        "consent" => context.call(Call::Go("consent".to_owned(), json!({"page": 1}))),
        _ => context.call(Call::Go("promo".to_owned(), json!({"what": what}))),
    }
}

pub(super) fn act(context: &mut Context<'_>, action: &str, argument: &str) -> bool {
    match action {
        "first_prompt" => first_prompt(context),
        "prompt" => answer(context, argument),
        "promo" => {
            if argument == "accept" {
                accept(context, &context.page.arg("what"));
            }
            context.call(Call::Back);
        }
        "consent" => consent(context),
        "permission_granted" | "permission_denied" if context.page.screen == "feed" => {
            context.call(Call::Run("first_prompt".to_owned()));
        }
        _ => return false,
    }
    true
}

fn answer(context: &mut Context<'_>, word: &str) {
    let prompt = context.page.arg("prompt").into_owned();
    if word == "accept" {
        accept(context, &prompt);
    }
    if prompt == "save_login"
        && word == "accept"
        && let Some(me) = me(context.phone)
    {
        let mut install = context.phone.social.install(HERE);
        install.saved.retain(|one| *one != me);
        install.saved.push(me);
        install.keep();
    }
    done(context);
    context.call(Call::Back);
    if word == "accept"
        && let Some(permission) = permission(&prompt, context.phone.spec.personality.sdk)
    {
        context.call(Call::Permission(permission.to_owned()));
        return;
    }
    context.call(Call::Later(
        std::time::Duration::from_millis(200),
        "first_prompt".to_owned(),
    ));
}

/// What an accepted prompt asks the phone for.
fn permission(prompt: &str, sdk: u32) -> Option<&'static str> {
    match prompt {
        "notifications" if sdk >= 33 => Some("android.permission.POST_NOTIFICATIONS"),
        "contacts" => Some("android.permission.READ_CONTACTS"),
        "location" => Some("android.permission.ACCESS_FINE_LOCATION"),
        _ => None,
    }
}

fn accept(context: &Context<'_>, what: &str) {
    let account = me(context.phone).unwrap_or_default();
    let act = Act::OptedIn {
        account,
        what: what.to_owned(),
    };
    social::commit(context.phone, HERE, act);
}

/// Three pages; agreeing to the last one is a choice that was made for somebody.
fn consent(context: &mut Context<'_>) {
    let page = context.page.args.get("page").and_then(Value::as_u64).unwrap_or(1);
    if page < 3 {
        context.call(Call::Replace("consent".to_owned(), json!({"page": page + 1})));
        return;
    }
    accept(context, "consent");
    done(context);
    context.call(Call::Back);
}

pub(super) fn model(page: &Page) -> Value {
    let what = page.arg("what");
    let (known, sign, no) = match what.as_ref() {
        "map" => (true, "globe", "not_now"),
        "instants" => (true, "camera", "not_now"),
        "info" => (true, "play", ""),
        _ => (false, "bell", "not_now"),
    };
    let name = |part: &str| {
        if known {
            format!("promo_{what}_{part}")
        } else {
            format!("promo_unknown_{part}")
        }
    };
    json!({
        "sign": sign,
        "title": if known { name("title") } else { what.to_string() },
        "body": name("body"),
        "yes": name("yes"),
        "no": no,
        "page": page.args.get("page"),
    })
}
