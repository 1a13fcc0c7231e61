//! The own profile, the accounts that are logged in, lists of followers, options and the way out.

use serde_json::{Value, json};

use super::super::social::upload::UploadState;
use super::super::social::{Act, Install, World, count};
use super::super::{Call, Context, Look};
use super::{HERE, Instagram, me, perform, show};
use crate::ui::page::Page;

/// Rows of a list that are loaded.
const ROWS: usize = 40;

pub(super) fn model(look: Look<'_>, page: &Page, me: &str) -> Value {
    let install = look.phone.social.install(HERE);
    let world = look.phone.social.world(HERE);
    match page.screen.as_str() {
        "switcher" => switcher(&install, look.language),
        "follow_list" => {
            let of = page.arg("of");
            follow_list(&world, me, &of, &page.arg("which"), look.language)
        }
        _ => own(&install, &world, me, look.language),
    }
}

fn own(install: &Install, world: &World, me: &str, language: &str) -> Value {
    let Some(account) = world.account(me) else {
        return json!({"cells": []});
    };
    let posts: Vec<_> = world.posts_of(me, me).collect();
    let mut all = counters(world, me, posts.len() as u64, language);
    let cells: Vec<Value> = posts
        .iter()
        .enumerate()
        .map(|(at, post)| show::cell(post, at, language))
        .collect();
    let more = json!({
        "name": account.display_name,
        "bio": account.bio,
        "professional": account.professional,
        "color": show::color(me),
        "letter": show::letter(me),
        "cells": cells,
        "uploads": uploads(install, world),
    });
    merge(&mut all, more);
    all
}

/// The three numbers of a profile with their words.
pub(super) fn counters(world: &World, username: &str, posts: u64, language: &str) -> Value {
    let (followers, following) = (world.followers(username), world.following(username));
    let words = |number: u64, one: &str, many: &str| (if number == 1 { one } else { many }).to_owned();
    let fr = language == "fr";
    json!({
        "posts": count::short(posts, language),
        "followers": count::short(followers, language),
        "following_n": count::short(following, language),
        "posts_label": if fr { words(posts, "publication", "publications") } else { words(posts, "post", "posts") },
        "followers_label": words(followers, "follower", "followers"),
        "following_label": if fr { "suivi(e)s" } else { "following" },
    })
}

pub(super) fn merge(all: &mut Value, more: Value) {
    if let (Value::Object(all), Value::Object(more)) = (all, more) {
        all.extend(more);
    }
}

/// Uploads of the active account, as rows.
pub(super) fn uploads(install: &Install, world: &World) -> Value {
    let me = install.active().unwrap_or_default();
    let own = install.uploads.iter().filter(|upload| upload.post.author == me);
    own.map(|upload| {
        let part = upload.progress(world.now());
        json!({
            "id": upload.id,
            "failed": upload.state == UploadState::Failed,
            "part": part,
            "percent": format!("{:.1}", part * 100.0),
            "bg": show::picture(upload.post.media.first().map_or("", |one| one.hash.as_str())),
        })
    })
    .collect()
}

fn switcher(install: &Install, language: &str) -> Value {
    let accounts: Vec<Value> = install
        .sessions
        .iter()
        .enumerate()
        .map(|(at, username)| {
            let active = install.active() == Some(username);
            let news = !active && at == 1;
            json!({
                "username": username,
                "active": active,
                "suffix": match (news, language) {
                    (false, _) => "",
                    (true, "fr") => ",  Nouvelles notifications",
                    (true, _) => ",  New notifications",
                },
                "color": show::color(username),
                "letter": show::letter(username),
            })
        })
        .collect();
    json!({"accounts": accounts})
}

fn follow_list(world: &World, me: &str, of: &str, which: &str, language: &str) -> Value {
    let names: Vec<&String> = if which == "followers" {
        let all = world.follows.iter();
        all.filter(|(_, targets)| targets.contains_key(of))
            .map(|(name, _)| name)
            .collect()
    } else {
        world
            .follows
            .get(of)
            .into_iter()
            .flat_map(|targets| targets.keys())
            .collect()
    };
    let rows: Vec<Value> = names
        .into_iter()
        .take(ROWS)
        .filter_map(|name| world.account(name))
        .map(|account| {
            let button = show::relation(world, me, &account.username);
            let mut row = show::person(account, language, 0);
            let filled = button.starts_with("follow") && button != "following";
            merge(
                &mut row,
                json!({
                    "button": button,
                    "button_bg": if filled { "#0095f6" } else { "#efefef" },
                    "button_color": if filled { "#ffffff" } else { "#0f1419" },
                }),
            );
            row
        })
        .collect();
    let posts = world.posts_of(of, me).count() as u64;
    let mut all = counters(world, of, posts, language);
    merge(&mut all, json!({"rows": rows, "of": of, "which": which}));
    all
}

pub(super) fn act(app: &mut Instagram, context: &mut Context<'_>, action: &str, argument: &str) -> bool {
    match action {
        "switcher" => {
            if context.page.screen != "profile" {
                context.call(Call::Reset("profile".to_owned(), json!({"root": true})));
            }
            context.call(Call::Go("switcher".to_owned(), json!({})));
        }
        "switch_to" => switch_to(context, argument),
        "list" => {
            let of = match context.page.arg("username") {
                name if name.is_empty() => me(context.phone).unwrap_or_default(),
                name => name.into_owned(),
            };
            context.call(Call::Go(
                "follow_list".to_owned(),
                json!({"of": of, "which": argument}),
            ));
        }
        "row_follow" => row_follow(app, context, argument),
        "log_out" => log_out(context),
        "discard_upload" => {
            if let Ok(id) = argument.parse() {
                super::super::social::upload::discard(context.phone, HERE, id);
            }
        }
        "create" => create(context),
        _ => return false,
    }
    true
}

fn switch_to(context: &mut Context<'_>, username: &str) {
    {
        let mut install = context.phone.social.install(HERE);
        install.active = Some(username.to_owned());
        install.keep();
    }
    let (screen, args) = Instagram::first_screen(context.phone);
    let screen = if screen == "feed" {
        "profile".to_owned()
    } else {
        screen
    };
    context.call(Call::Reset(screen, args));
}

fn row_follow(app: &mut Instagram, context: &mut Context<'_>, other: &str) {
    let Some(me) = me(context.phone) else { return };
    let relation = show::relation(&context.phone.social.world(HERE), &me, other);
    let act = match relation {
        "follow" | "follow_back" => Act::follow(&me, other),
        _ => Act::unfollow(&me, other),
    };
    perform(app, context, act);
}

/// The session ends here for good: a flow that taps this has gone astray.
fn log_out(context: &mut Context<'_>) {
    if let Some(me) = me(context.phone) {
        super::super::social::commit(context.phone, HERE, Act::Logout { account: me });
    }
    let (screen, args) = Instagram::first_screen(context.phone);
    context.call(Call::Reset(screen, args));
}

/// What can be created; the sheet lies over the profile.
pub(super) fn create(context: &mut Context<'_>) {
    context.call(Call::Go("create_sheet".to_owned(), json!({})));
}
