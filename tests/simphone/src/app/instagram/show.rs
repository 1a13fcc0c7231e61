//! Small values that many screens show: colours that stand for pictures, names, relations.

use serde_json::{Value, json};

use super::super::social::{Account, MaterialKind, Post, World, count, text};
use crate::phone::identity;

/// By language, for the few texts that are made here.
pub(super) fn word(language: &str, en: &str, fr: &str) -> String {
    if language == "fr" { fr } else { en }.to_owned()
}

/// The colour that stands for somebody's picture.
pub(super) fn color(name: &str) -> String {
    const COLORS: [&str; 8] = [
        "#c13584", "#5851db", "#e1306c", "#f77737", "#405de6", "#2a9d8f", "#8a5a44", "#4f6d7a",
    ];
    COLORS[(identity::of_text(name) % COLORS.len() as u64) as usize].to_owned()
}

/// Two colours for a picture that nobody can see.
pub(super) fn picture(hash: &str) -> String {
    let mix = identity::mix(identity::of_text(hash), 5);
    let shade = |shift: u32| 0x30 + ((mix >> shift) & 0x7f);
    format!(
        "#{:02x}{:02x}{:02x}..#{:02x}{:02x}{:02x}",
        shade(0),
        shade(8),
        shade(16),
        shade(24),
        shade(32),
        shade(40)
    )
}

pub(super) fn letter(name: &str) -> String {
    name.chars()
        .next()
        .map(|first| first.to_uppercase().collect())
        .unwrap_or_default()
}

/// Somebody as a row of a list.
pub(super) fn person(account: &Account, language: &str, followers: u64) -> Value {
    json!({
        "username": account.username,
        "name": account.display_name,
        "color": color(&account.username),
        "letter": letter(&account.username),
        "verified": account.verified,
        "with_followers": word(
            language,
            &format!("{} • {} followers", account.display_name, count::short(followers, language)),
            &format!("{} • {} followers", account.display_name, count::short(followers, language)),
        ),
    })
}

/// How `me` stands to `other`: the word on the button.
pub(super) fn relation(world: &World, me: &str, other: &str) -> &'static str {
    match world.follow(me, other) {
        Some(follow) if follow.requested => "requested",
        Some(_) => "following",
        None if world.follows(other, me) => "follow_back",
        None => "follow",
    }
}

/// A post as a cell of a grid, with its place told.
pub(super) fn cell(post: &Post, index: usize, language: &str) -> Value {
    let video = post
        .media
        .first()
        .is_some_and(|one| one.kind == MaterialKind::Video);
    let (row, column) = (index / 3 + 1, index % 3 + 1);
    let kind = if post.placement == "reel" {
        "Reel"
    } else if video {
        if language == "fr" { "Vidéo" } else { "Video" }
    } else {
        "Photo"
    };
    let author = &post.author;
    json!({
        "id": post.id,
        "video": video,
        "bg": picture(post.media.first().map_or("", |one| one.hash.as_str())),
        "label": word(
            language,
            &format!("{kind} by {author} at Row {row}, Column {column}"),
            &format!("{kind} de {author} à la ligne {row}, colonne {column}"),
        ),
    })
}

/// "18 hours ago", by the world's clock.
pub(super) fn ago(world: &World, post: &Post, language: &str) -> String {
    text::ago(world.now().seconds_since(post.at), language)
}
