//! The explore page and the search: by name, with what was looked for before.

use serde_json::{Value, json};

use super::super::social::World;
use super::super::{Call, Context, Look};
use super::feed::Viewer;
use super::{HERE, Instagram, profile, show};
use crate::ui::page::Page;

/// Rows of a search, cells of the explore page, searches that are remembered.
const ROWS: usize = 12;
const CELLS: usize = 24;
const REMEMBERED: usize = 8;

pub(super) fn model(app: &Instagram, look: Look<'_>, page: &Page, me: &str) -> Value {
    let install = look.phone.social.install(HERE);
    let world = look.phone.social.world(HERE);
    let language = look.language;
    let typed = match page.fields.get("query") {
        Some(field) => field.text.clone(),
        None => page.arg("query").into_owned(),
    };
    let view = Viewer {
        app,
        world: &world,
        me,
        language,
    };
    let cells: Vec<Value> = view
        .visible_posts()
        .filter(|post| post.author != me)
        .take(CELLS)
        .enumerate()
        .map(|(at, post)| {
            let mut cell = show::cell(post, at, language);
            profile::merge(&mut cell, json!({"cell_h": 150}));
            cell
        })
        .collect();
    let recent = typed.trim().is_empty();
    let rows: Vec<Value> = if recent {
        let names = install.recents.iter();
        names
            .filter_map(|name| world.account(name))
            .map(|account| row(&view, account, true))
            .collect()
    } else {
        found(&world, &typed, me)
            .into_iter()
            .map(|account| row(&view, account, false))
            .collect()
    };
    json!({
        "rows": rows,
        "cells": cells,
        "hint": if install.variant == "new" { "hint_meta" } else { "hint_search" },
        "tabs_id": if install.variant == "legacy" { "fixed_tabbar" } else { "tab_layout" },
        "serp_tab": page.vars.get("serp_tab"),
    })
}

fn row(view: &Viewer<'_>, account: &super::super::social::Account, recent: bool) -> Value {
    let followers = view.world.followers(&account.username);
    let mut row = show::person(account, view.language, followers);
    let button = view.app.relation(view.world, view.me, &account.username);
    profile::merge(&mut row, json!({"recent": recent, "button": button}));
    row
}

/// Accounts whose handle or name has the words in it; handles that begin so come first, the exact one not always.
fn found<'a>(world: &'a World, typed: &str, me: &str) -> Vec<&'a super::super::social::Account> {
    let wanted = typed.trim().trim_start_matches('@').to_lowercase();
    let mut hits: Vec<_> = world
        .accounts
        .values()
        .filter(|account| account.username != me)
        .filter(|account| {
            account.username.contains(&wanted) || account.display_name.to_lowercase().contains(&wanted)
        })
        .collect();
    hits.sort_by_key(|account| {
        (
            !account.username.starts_with(&wanted),
            std::cmp::Reverse(world.followers(&account.username)),
        )
    });
    hits.truncate(ROWS);
    hits
}

pub(super) fn act(_app: &mut Instagram, context: &mut Context<'_>, action: &str, argument: &str) -> bool {
    match action {
        "search" => context.call(Call::Go("search_typing".to_owned(), json!({"query": ""}))),
        "serp" => {
            let query = context.page.text("query").trim().to_owned();
            if !query.is_empty() {
                context.call(Call::Go("serp".to_owned(), json!({"query": query})));
            }
        }
        "found" => {
            remember(context, argument);
            context.call(Call::Run(format!("user:{argument}")));
        }
        "forget_search" => {
            let mut install = context.phone.social.install(HERE);
            install.recents.retain(|name| name != argument);
            install.keep();
        }
        _ => return false,
    }
    true
}

fn remember(context: &Context<'_>, username: &str) {
    let mut install = context.phone.social.install(HERE);
    install.recents.retain(|name| name != username);
    install.recents.insert(0, username.to_owned());
    install.recents.truncate(REMEMBERED);
    install.keep();
}
