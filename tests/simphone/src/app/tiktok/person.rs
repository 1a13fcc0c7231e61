//! Other people's pages and lists of people: following and unfollowing, by the button of the page or of a row.

use std::time::Duration;

use serde_json::{Value, json};

use super::shown::{Seer, bond, cell, row, tint};
use super::{TikTok, active, moods, world};
use crate::app::social::{Account, Act, World, count};
use crate::app::{Call, Context, Look};
use crate::ui::page::Page;

/// How many are suggested below somebody's page, and how many a list shows.
const SUGGESTED: usize = 3;
const LISTED: usize = 200;
/// Before the name of whom somebody followed: the action that brings suggestions.
const SUGGEST: &str = "suggest:";

impl TikTok {
    pub(super) fn person_model(&self, look: Look<'_>, page: &Page) -> Value {
        let moods = moods(look.phone);
        let seer = Seer::of(look, self.package);
        let world = world(look.phone);
        let me = seer.me.as_deref();
        if page.screen == "people" {
            return people(&world, me, page, look.language);
        }
        let name = page.arg("user");
        let wait = moods.slow_seconds;
        let loading = wait > 0.0 && page.screen == "person" && !page.vars.contains_key("loaded");
        let account = world.account(&name);
        let Some(account) = account.filter(|_| !loading) else {
            let person =
                json!({"known": false, "loading": loading, "wait": format!("{wait}s"), "nickname": ""});
            return json!({"person": person});
        };
        let state = self.bond_shown(&world, me, &name);
        let viewer = me.unwrap_or_default();
        let closed = account.private && !matches!(state, "following" | "friends" | "self");
        let posts = world
            .posts_of(&name, viewer)
            .filter(|post| post.visibility != "me");
        let grid: Vec<Value> = posts.map(|post| cell(&world, post, look.language)).collect();
        let short = |number| count::short(number, look.language);
        json!({
            "person": {
                "known": true,
                "username": account.username,
                "nickname": account.display_name,
                "bio": account.bio,
                "tint": tint(&account.username),
                "following": short(world.following(&name)),
                "followers": short(world.followers(&name)),
                "likes": short(world.hearts(&name)),
                "state": state,
                "closed": closed,
                "ready": true,
            },
            "handle_class": if seer.layout == "a" { "TextView" } else { "Button" },
            "suggested": if page.vars.contains_key("suggest") { suggested(&world, me, &name, look.language) } else { Value::Null },
            "grid": grid,
        })
    }

    /// How it looks: what the platform swallowed still shows for a moment.
    fn bond_shown(&self, world: &World, me: Option<&str>, name: &str) -> &'static str {
        let real = bond(world, me, name);
        match real {
            "none" if self.pretended.contains(&format!("follow:{name}")) => "following",
            "back" if self.pretended.contains(&format!("follow:{name}")) => "friends",
            "following" if self.pretended.contains(&format!("unfollow:{name}")) => "none",
            "friends" if self.pretended.contains(&format!("unfollow:{name}")) => "back",
            _ => real,
        }
    }

    pub(super) fn follow(&mut self, context: &mut Context<'_>, target: &str) -> bool {
        let Some(me) = Self::actor(context) else {
            return false;
        };
        self.deed(context, Act::follow(&me, target), &format!("follow:{target}"))
    }

    fn unfollow(&mut self, context: &mut Context<'_>, target: &str) -> bool {
        let Some(me) = Self::actor(context) else {
            return false;
        };
        self.deed(context, Act::unfollow(&me, target), &format!("unfollow:{target}"))
    }

    /// Unfollowing asks first for friends and requests; for others it depends on the version and on the mood.
    fn asks(context: &Context<'_>, package: &str, target: &str) -> bool {
        let moods = moods(context.phone);
        if let Some(Value::Bool(asks)) = moods.extra.get("unfollow_asks") {
            return *asks;
        }
        let me = active(context.phone);
        let bond = bond(&world(context.phone), me.as_deref(), target);
        Self::layout(context.phone, package) == "b" || bond != "following"
    }

    pub(super) fn person_act(&mut self, context: &mut Context<'_>, action: &str, argument: &str) -> bool {
        let shown = context.page.arg("user").into_owned();
        match action {
            "person" => {
                let own = active(context.phone).as_deref() == Some(argument);
                let screen = if own { "profile" } else { "person" };
                context.call(Call::Go(screen.to_owned(), json!({"user": argument})));
            }
            "follow" => {
                if self.follow(context, &shown) {
                    // Other people's buttons come up a moment later.
                    let action = format!("{SUGGEST}{shown}");
                    context.call(Call::Later(Duration::from_millis(700), action));
                }
            }
            "ask_unfollow" if Self::asks(context, self.package, &shown) => {
                context.call(Call::Go("unfollow".to_owned(), json!({"user": shown})));
            }
            "ask_unfollow" => drop(self.unfollow(context, &shown)),
            "unfollow" => {
                context.call(Call::Back);
                self.unfollow(context, &shown);
            }
            "follow_other" => drop(self.follow(context, argument)),
            "unfollow_other" => drop(self.unfollow(context, argument)),
            "people" => {
                let user = if context.page.screen == "person" {
                    shown
                } else {
                    active(context.phone).unwrap_or_default()
                };
                context.call(Call::Go(
                    "people".to_owned(),
                    json!({"user": user, "which": argument}),
                ));
            }
            "message" => super::note(context, &format!("message_opened:{shown}")),
            _ => return Self::suggest(context, action),
        }
        true
    }

    /// Suggestions come up on the page of whom was followed, if it is still in front.
    fn suggest(context: &mut Context<'_>, action: &str) -> bool {
        let Some(followed) = action.strip_prefix(SUGGEST) else {
            return false;
        };
        if context.page.screen == "person" && context.page.arg("user") == followed {
            context.call(Call::Run("set:suggest=true".to_owned()));
        }
        true
    }
}

fn people(world: &World, me: Option<&str>, page: &Page, language: &str) -> Value {
    let (user, which) = (page.arg("user"), page.arg("which"));
    let wanted = |account: &&Account| {
        if which == "followers" {
            world.follows(&account.username, &user)
        } else {
            world.follows(&user, &account.username)
        }
    };
    let rows: Vec<Value> = world
        .accounts
        .values()
        .filter(wanted)
        .take(LISTED)
        .map(|account| row(world, me, account, language))
        .collect();
    json!({"rows": rows, "which": which})
}

/// People whom `me` does not follow, beside the one whose page it is.
pub(super) fn suggested(world: &World, me: Option<&str>, beside: &str, language: &str) -> Value {
    let strangers = world.accounts.values().filter(|account| {
        account.username != beside && !account.sponsor && bond(world, me, &account.username) == "none"
    });
    let rows: Vec<Value> = strangers
        .take(SUGGESTED)
        .map(|account| row(world, me, account, language))
        .collect();
    json!(rows)
}
