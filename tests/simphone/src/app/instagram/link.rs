//! Addresses that the app opens: people, posts, reels.

use serde_json::{Value, json};

use super::HERE;
use crate::phone::Phone;

/// Where an address leads; none where the app knows nothing better than its first screen.
pub(super) fn screen(phone: &Phone, address: &str) -> Option<(String, Value)> {
    let (scheme, rest) = address.split_once("://")?;
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    if scheme == "instagram" {
        let value = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value.to_owned())
        };
        return match path.trim_end_matches('/') {
            "user" => value("username").map(|username| user(&username)),
            "media" => value("id").map(|id| post(phone, |post| post.id.to_string() == id, false)),
            _ => None,
        };
    }
    let parts: Vec<&str> = path.split('/').skip(1).filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        ["p", code, ..] => Some(post(phone, |post| post.code == *code, false)),
        ["reel" | "reels", code, ..] => Some(post(phone, |post| post.code == *code, true)),
        [username] | [username, ..] => Some(user(username)),
        [] => None,
    }
}

fn user(username: &str) -> (String, Value) {
    ("user".to_owned(), json!({"username": username.to_lowercase()}))
}

/// A reel in its viewer; by the other address any post in the feed's shape.
fn post(phone: &Phone, wanted: impl Fn(&super::super::social::Post) -> bool, reel: bool) -> (String, Value) {
    let world = phone.social.world(HERE);
    let found = world.posts.iter().find(|post| wanted(post));
    let id = found.map_or(0, |post| post.id).to_string();
    let screen = if reel && found.is_some() { "reel" } else { "post" };
    (screen.to_owned(), json!({"post": id}))
}
