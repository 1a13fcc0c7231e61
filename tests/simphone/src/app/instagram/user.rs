//! Somebody else's profile: following and its traps, and the dialog of a platform that has had enough.

use serde_json::{Value, json};

use super::super::social::{self, Act, World, count};
use super::super::{Call, Context, Look};
use super::{HERE, Instagram, me, perform, profile, show};
use crate::ui::page::Page;

/// Cards that the carousel has.
const SUGGESTED: usize = 6;

pub(super) fn model(app: &Instagram, look: Look<'_>, page: &Page, me: &str) -> Value {
    let world = look.phone.social.world(HERE);
    let language = look.language;
    let username = page.arg("username").into_owned();
    let Some(account) = world.account(&username) else {
        return json!({"username": username, "found": false});
    };
    let posts: Vec<_> = world.posts_of(&username, me).collect();
    let button = app.relation(&world, me, &username);
    let mut all = profile::counters(&world, &username, posts.len() as u64, language);
    let cells: Vec<Value> = posts
        .iter()
        .enumerate()
        .map(|(at, post)| show::cell(post, at, language))
        .collect();
    let filled = matches!(button, "follow" | "follow_back");
    let more = json!({
        "found": true,
        "username": username,
        "name": account.display_name,
        "bio": account.bio,
        "country": account.country,
        "color": show::color(&username),
        "letter": show::letter(&username),
        "closed": account.private && !world.follows(me, &username),
        "context": context_text(&world, (me, &username), language),
        "button": button,
        "button_desc": format!("{} {}", button_word(button, language), account.display_name),
        "button_bg": if filled { "#0095f6" } else { "#efefef" },
        "button_color": if filled { "#ffffff" } else { "#0f1419" },
        "carousel": app.carousel.as_deref() == Some(username.as_str()),
        "suggestions": suggestions(app, &world, me, &username, language),
        "cells": cells,
    });
    profile::merge(&mut all, more);
    all
}

/// The word on a follow button.
fn button_word(button: &str, language: &str) -> String {
    match button {
        "following" => show::word(language, "Following", "Suivi(e)"),
        "requested" => show::word(language, "Requested", "Demandé"),
        "follow_back" => show::word(language, "Follow back", "Suivre en retour"),
        _ => show::word(language, "Follow", "Suivre"),
    }
}

/// "Followed by …": the word of the button in a text that is none.
fn context_text(world: &World, (me, username): (&str, &str), language: &str) -> String {
    let mut others = world.accounts.values().filter(|account| {
        !account.private && !account.sponsor && account.username != username && account.username != me
    });
    let first = others.next().map_or("", |account| account.username.as_str());
    let more = count::full(world.followers(username) % 40 + 2, language);
    show::word(
        language,
        &format!("Followed by {first} and {more} others"),
        &format!("Suivi(e) par {first} et {more} autres personnes"),
    )
}

fn suggestions(app: &Instagram, world: &World, me: &str, shown: &str, language: &str) -> Vec<Value> {
    let others = world.accounts.values().rev();
    let others = others.filter(|account| {
        account.username != me && account.username != shown && !world.follows(me, &account.username)
    });
    others
        .take(SUGGESTED)
        .map(|account| {
            let button = app.relation(world, me, &account.username);
            let mut card = show::person(account, language, 0);
            let desc = format!("{} {}", button_word(button, language), account.display_name);
            profile::merge(&mut card, json!({"button": button, "button_desc": desc}));
            card
        })
        .collect()
}

/// The dialog's texts, by the name that a mood gave; other names are shown as they are.
pub(super) fn limit_model(page: &Page) -> Value {
    let text = page.arg("text");
    let (headline, body, button, alert) = match text.as_ref() {
        "try_again_later" => ("limit_try_title", "limit_try_body", "tell_us", true),
        "action_blocked" => ("limit_blocked_title", "limit_blocked_body", "tell_us", true),
        "follow_limit" => ("limit_follow_title", "limit_follow_body", "ok", false),
        "unusual_activity" => ("limit_unusual_title", "limit_unusual_body", "ok", false),
        other => (other, "limit_try_body", "ok", true),
    };
    json!({
        "headline": headline,
        "body": body,
        "button": button,
        "alert": alert,
        "root_id": if alert { "dialog_root_view" } else { "dialog_container" },
    })
}

pub(super) fn act(app: &mut Instagram, context: &mut Context<'_>, action: &str, argument: &str) -> bool {
    match action {
        "follow_button" => follow_button(app, context),
        "review" => {
            let username = context.page.arg("username").into_owned();
            context.call(Call::Back);
            follow(app, context, &username);
        }
        "card_follow" => {
            if let Some(me) = me(context.phone) {
                perform(app, context, Act::follow(&me, argument));
            }
        }
        "unfollow" => unfollow(app, context),
        "unfollow_now" => {
            let username = context.page.arg("username").into_owned();
            context.call(Call::Back);
            context.call(Call::Back);
            end(app, context, &username);
        }
        _ => return false,
    }
    true
}

fn follow_button(app: &mut Instagram, context: &mut Context<'_>) {
    let Some(me) = me(context.phone) else { return };
    let username = context.page.arg("username").into_owned();
    let relation = app.relation(&context.phone.social.world(HERE), &me, &username);
    if matches!(relation, "following" | "requested") {
        context.call(Call::Go("follow_sheet".to_owned(), json!({"username": username})));
        return;
    }
    if social::moods_of(context.phone, HERE, &me).review_follow {
        context.call(Call::Go(
            "review_follow".to_owned(),
            json!({"username": username}),
        ));
        return;
    }
    follow(app, context, &username);
}

fn follow(app: &mut Instagram, context: &mut Context<'_>, username: &str) {
    let Some(me) = me(context.phone) else { return };
    if perform(app, context, Act::follow(&me, username)) {
        app.carousel = Some(username.to_owned());
    }
}

fn unfollow(app: &mut Instagram, context: &mut Context<'_>) {
    let username = context.page.arg("username").into_owned();
    let private = {
        let world = context.phone.social.world(HERE);
        world.account(&username).is_some_and(|account| account.private)
    };
    if private {
        context.call(Call::Go(
            "confirm_unfollow".to_owned(),
            json!({"username": username}),
        ));
        return;
    }
    context.call(Call::Back);
    end(app, context, &username);
}

fn end(app: &mut Instagram, context: &mut Context<'_>, username: &str) {
    let Some(me) = me(context.phone) else { return };
    perform(app, context, Act::unfollow(&me, username));
    app.carousel = None;
}
