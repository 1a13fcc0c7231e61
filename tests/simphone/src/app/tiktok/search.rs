//! Searching: the field, the tabs, people and videos that match.

use serde_json::{Value, json};

use super::shown::{Seer, caption, cell, row};
use super::{TikTok, moods, world};
use crate::app::social::{Account, World};
use crate::app::{Call, Context, Look};
use crate::ui::page::Page;

/// How many rows a list shows, how many recent searches are kept.
const LISTED: usize = 40;
const RECENT: usize = 8;

impl TikTok {
    pub(super) fn search_model(&self, look: Look<'_>, page: &Page) -> Value {
        if page.screen == "search" {
            let recent = look.phone.social.install(super::PLATFORM).recents.clone();
            return json!({"recent": recent, "trends": ["morning routine", "soup recipe", "trail run"], "fresh": true});
        }
        let wait = moods(look.phone).slow_seconds;
        let seer = Seer::of(look, self.package);
        let world = world(look.phone);
        let query = page.arg("query").trim().trim_start_matches('@').to_lowercase();
        let found = matching(&world, &query);
        let me = seer.me.as_deref();
        let rows: Vec<Value> = found
            .iter()
            .take(LISTED)
            .map(|one| row(&world, me, one, look.language))
            .collect();
        let viewer = me.unwrap_or_default();
        let posts: Vec<Value> = world
            .posts
            .iter()
            .rev()
            .filter(|post| post.placement != "story" && world.visible(post, viewer))
            .filter(|post| {
                query
                    .split_whitespace()
                    .any(|word| caption(post).to_lowercase().contains(word))
            })
            .take(LISTED)
            .map(|post| cell(&world, post, look.language))
            .collect();
        let none = rows.is_empty() && (posts.is_empty() || self.result_tab == "users");
        json!({
            "rows": if self.result_tab == "top" { json!(rows.iter().take(2).collect::<Vec<_>>()) } else { json!(rows) },
            "posts": posts,
            "none": none,
            "loading": !page.vars.contains_key("found"),
            "wait": format!("{}s", 1.0 + wait),
            "result_tab": self.result_tab,
            "result_tabs": ["top", "users", "videos", "sounds", "live"],
            "fresh": false,
        })
    }

    pub(super) fn search_act(&mut self, context: &mut Context<'_>, action: &str, argument: &str) -> bool {
        match action {
            "search" => context.call(Call::Go("search".to_owned(), json!({"query": ""}))),
            "search_go" => {
                let typed = context.page.fields.get("query").map(|field| field.text.clone());
                let query = typed.unwrap_or_else(|| context.page.arg("query").into_owned());
                self.search_for(context, &query);
            }
            "search_for" => self.search_for(context, argument),
            "forget_search" => {
                let mut install = context.phone.social.install(super::PLATFORM);
                install.recents.retain(|one| one != argument);
                install.keep();
            }
            "result" => argument.clone_into(&mut self.result_tab),
            _ => return false,
        }
        true
    }

    fn search_for(&mut self, context: &mut Context<'_>, query: &str) {
        let query = query.trim();
        if query.is_empty() {
            return;
        }
        {
            let mut install = context.phone.social.install(super::PLATFORM);
            install.recents.retain(|one| one != query);
            install.recents.insert(0, query.to_owned());
            install.recents.truncate(RECENT);
            install.keep();
        }
        "top".clone_into(&mut self.result_tab);
        let args = json!({"query": query});
        context.call(Call::HideKeyboard);
        if context.page.screen == "results" {
            context.call(Call::Replace("results".to_owned(), args));
        } else {
            context.call(Call::Go("results".to_owned(), args));
        }
    }
}

/// People whose name has the words, the exact username first.
fn matching<'a>(world: &'a World, query: &str) -> Vec<&'a Account> {
    if query.is_empty() {
        return Vec::new();
    }
    let rank = |account: &Account| match account.username.as_str() {
        name if name == query => 0,
        name if name.starts_with(query) => 1,
        name if name.contains(query) => 2,
        _ if account.display_name.to_lowercase().contains(query) => 3,
        // A search is never strict: what has the beginning of the word comes too.
        name if query.chars().count() > 3 && name.contains(query.get(..3).unwrap_or(query)) => 4,
        _ => 9,
    };
    let mut found: Vec<&Account> = world.accounts.values().filter(|one| rank(one) < 9).collect();
    found.sort_by_key(|account| (rank(account), std::cmp::Reverse(account.followers)));
    found
}
