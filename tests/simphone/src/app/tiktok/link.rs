//! Links into the app: people, posts, sounds, in all the forms in which they are passed on.

use serde_json::{Value, json};

use super::{TikTok, active, moods, world};
use crate::app::Context;
use crate::app::social::World;
use crate::ui::Intent;

/// What a link leads to.
#[derive(Debug, PartialEq, Eq)]
enum Goal {
    Person(String),
    Post(u64),
    Sound(String),
    Nothing,
}

/// The short form of a post's address, as it is passed on.
pub fn short_link(post: u64) -> String {
    format!("https://vm.tiktok.com/ZM{post:07X}/")
}

impl TikTok {
    pub(super) fn open_link(&mut self, context: &mut Context<'_>, intent: &Intent) -> (String, Value) {
        self.paused = false;
        if moods(context.phone).link_ignored {
            return self.open_feed(context);
        }
        let goal = {
            let world = world(context.phone);
            goal(&world, intent.data.as_deref().unwrap_or_default())
        };
        match goal {
            Goal::Person(user) => {
                let own = active(context.phone).as_deref() == Some(&user);
                let screen = if own { "profile" } else { "person" };
                (screen.to_owned(), json!({"user": user}))
            }
            Goal::Post(id) => ("video".to_owned(), json!({"post": id.to_string()})),
            Goal::Sound(id) => ("sound".to_owned(), json!({"sound": id})),
            Goal::Nothing => self.open_feed(context),
        }
    }
}

fn goal(world: &World, address: &str) -> Goal {
    let Some((scheme, rest)) = address.split_once("://") else {
        return Goal::Nothing;
    };
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let parts: Vec<&str> = rest.split('/').filter(|part| !part.is_empty()).collect();
    let post = |code: &str| {
        world
            .post_by_code(code)
            .map_or(Goal::Post(0), |post| Goal::Post(post.id))
    };
    match (scheme, parts.as_slice()) {
        ("snssdk1233", ["user", "profile", id]) => {
            let account = id.parse().ok().and_then(|id| world.account_by_id(id));
            Goal::Person(account.map_or_else(|| (*id).to_owned(), |one| one.username.clone()))
        }
        ("snssdk1233", ["aweme", "detail", code]) | ("tiktok", ["video", code]) => post(code),
        ("http" | "https", ["vm.tiktok.com" | "vt.tiktok.com", short]) => {
            let id = short
                .strip_prefix("ZM")
                .and_then(|hex| u64::from_str_radix(hex, 16).ok());
            Goal::Post(id.unwrap_or(0))
        }
        ("http" | "https", [_, user]) if user.starts_with('@') => {
            Goal::Person(user.trim_start_matches('@').to_lowercase())
        }
        ("http" | "https", [_, user, "video" | "photo", code]) if user.starts_with('@') => post(code),
        ("http" | "https", [_, "music", name]) => {
            let id = name.rsplit('-').next().unwrap_or(name);
            Goal::Sound(id.to_owned())
        }
        _ => Goal::Nothing,
    }
}
