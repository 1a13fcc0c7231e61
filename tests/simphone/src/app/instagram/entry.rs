//! Getting in: the two forms, saved profiles, run-out sessions, and the second factor.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::social::{self, login, login::Answer};
use super::super::{Call, Context, Look};
use super::{HERE, Instagram, challenge, prompt, show};
use crate::phone::Phone;
use crate::ui::page::Page;

/// A question to the platform that is on its way.
#[derive(Debug)]
pub(super) enum Pending {
    Password { name: String, password: String },
    Code { username: String, code: String },
}

/// What the platform takes to answer on a good network.
const ANSWERS_IN: f64 = 0.8;

/// Which form this phone shows.
pub(super) fn form(phone: &Phone) -> &'static str {
    let install = phone.social.install(HERE);
    let moods = install.moods();
    let forced = moods
        .extra
        .get("login")
        .and_then(Value::as_str)
        .map(str::to_owned);
    match forced.as_deref().unwrap_or(&install.variant) {
        "legacy" => "login_legacy",
        _ => "login",
    }
}

pub(super) fn model(app: &Instagram, look: Look<'_>, page: &Page) -> Value {
    let username = page.arg("username");
    let install = look.phone.social.install(HERE);
    let profiles: Vec<Value> = install
        .saved
        .iter()
        .enumerate()
        .map(|(at, username)| {
            // The first one has something new.
            let suffix = match (at, look.language) {
                (0, "fr") => ",  Nouvelles notifications",
                (0, _) => ",  New notifications",
                _ => "",
            };
            json!({
                "username": username,
                "label": format!("{username}{suffix}"),
                "color": show::color(username),
                "letter": show::letter(username),
            })
        })
        .collect();
    json!({
        "busy": app.answer.is_some(),
        "username": username,
        "color": show::color(&username),
        "letter": show::letter(&username),
        "profiles": profiles,
    })
}

pub(super) fn code_model(app: &Instagram, page: &Page) -> Value {
    let method = page.arg("method");
    json!({
        "busy": app.answer.is_some(),
        "method": if method.is_empty() { "app" } else { method.as_ref() },
        "wrong": page.vars.get("wrong"),
    })
}

pub(super) fn act(app: &mut Instagram, context: &mut Context<'_>, action: &str, argument: &str) -> bool {
    match action {
        "submit" => submit(app, context),
        "code" => submit_code(app, context),
        "answered" => answered(app, context),
        "clear_user" => context.call(Call::Write("user".to_owned(), String::new())),
        "field" => autofill(context, argument),
        "fill" => {
            context.call(Call::Back);
            social::note(context.phone, HERE, "", "autofilled");
        }
        "other_profile" | "add_account" => {
            let form = form(context.phone);
            context.call(Call::Go(form.to_owned(), json!({})));
        }
        "pick" => pick(context, argument),
        "method" => choose_method(context),
        _ => return false,
    }
    true
}

fn submit(app: &mut Instagram, context: &mut Context<'_>) {
    if app.answer.is_some() {
        return;
    }
    let name = if context.page.screen == "password_only" {
        context.page.arg("username").into_owned()
    } else {
        context.page.text("user").to_owned()
    };
    let password = context.page.text("password").to_owned();
    if name.is_empty() || password.is_empty() {
        return;
    }
    wait_for(app, context, Pending::Password { name, password });
}

fn submit_code(app: &mut Instagram, context: &mut Context<'_>) {
    let code = context.page.text("code").to_owned();
    if app.answer.is_some() || code.is_empty() {
        return;
    }
    let username = context.page.arg("username").into_owned();
    wait_for(app, context, Pending::Code { username, code });
}

fn wait_for(app: &mut Instagram, context: &mut Context<'_>, pending: Pending) {
    let slow = context.phone.social.install(HERE).moods().slow_seconds;
    context.page.vars.remove("wrong");
    app.answer = Some(pending);
    context.call(Call::HideKeyboard);
    context.call(Call::Later(
        Duration::from_secs_f64(ANSWERS_IN + slow),
        "answered".to_owned(),
    ));
}

fn answered(app: &mut Instagram, context: &mut Context<'_>) {
    let answer = match app.answer.take() {
        None => return,
        Some(Pending::Password { name, password }) => {
            login::submit_password(context.phone, HERE, &name, &password)
        }
        Some(Pending::Code { username, code }) => {
            if !login::code_is_right(context.phone, HERE, &username, &code) {
                context.page.vars.insert("wrong".to_owned(), Value::Bool(true));
                return;
            }
            login::pass(context.phone, HERE, &username)
        }
    };
    let error = |context: &mut Context<'_>, which: &str| {
        context.call(Call::Go("login_error".to_owned(), json!({"error": which})));
    };
    match answer {
        Answer::In(_) => entered(context),
        Answer::NeedCode(username) => {
            context.call(Call::Go("two_factor".to_owned(), json!({"username": username})));
        }
        Answer::Challenged(username, which) => challenge::show(context, which, &username),
        Answer::UnknownUser => error(context, "unknown_user"),
        Answer::WrongPassword => error(context, "wrong_password"),
        Answer::TooMany => error(context, "too_many"),
        Answer::Unwritten => error(context, "unwritten"),
    }
}

/// The feed, and what is asked before one gets to it.
fn entered(context: &mut Context<'_>) {
    prompt::queue(context.phone);
    context.call(Call::Reset("feed".to_owned(), json!({"root": true})));
    prompt::after_start(context);
}

/// A profile whose login was saved needs no password; one whose session has run out does.
fn pick(context: &mut Context<'_>, username: &str) {
    let expired = context.phone.social.install(HERE).expired.contains(username);
    if expired {
        context.call(Call::Go(
            "password_only".to_owned(),
            json!({"username": username}),
        ));
        return;
    }
    passed(context, username);
}

/// Nothing of the account's own is asked any more.
pub(super) fn passed(context: &mut Context<'_>, username: &str) {
    match login::pass(context.phone, HERE, username) {
        Answer::In(_) => entered(context),
        Answer::Challenged(username, which) => challenge::show(context, which, &username),
        _ => context.call(Call::Go("login_error".to_owned(), json!({"error": "unwritten"}))),
    }
}

/// The phone's own password service, once a process.
fn autofill(context: &mut Context<'_>, field: &str) {
    if field != "user" || context.page.vars.contains_key("offered") {
        return;
    }
    let offered = context.phone.social.install(HERE).moods().autofill;
    let screen = match offered.as_deref() {
        Some("dataset") => "autofill_dataset",
        Some(_) => "autofill_dialog",
        None => return,
    };
    context.page.vars.insert("offered".to_owned(), Value::Bool(true));
    context.call(Call::Go(screen.to_owned(), json!({})));
}

fn choose_method(context: &mut Context<'_>) {
    let chosen = context.page.vars.get("chosen").and_then(Value::as_str);
    let Some(method) = chosen.map(str::to_owned) else {
        return;
    };
    let username = context.page.arg("username").into_owned();
    context.call(Call::Replace(
        "two_factor".to_owned(),
        json!({"username": username, "method": method}),
    ));
}
