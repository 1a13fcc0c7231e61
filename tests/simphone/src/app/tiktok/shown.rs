//! How people, posts and uploads look to the layouts: names, counters in the language's form, colours that follow from
//! who and what it is.

use serde_json::{Value, json};

use super::{TikTok, active, moods, world};
use crate::app::Look;
use crate::app::social::upload::UploadState;
use crate::app::social::{Account, Material, MaterialKind, Post, World, count};
use crate::phone::identity;

const TINTS: &[&str] = &[
    "#7a5cff", "#ff7a59", "#2aa889", "#d94f8a", "#3f7fd9", "#b98a2e", "#5c6b8a", "#a34fd9",
];

const SCENES: &[&str] = &[
    "#27496d..#0c7b93",
    "#8a5a44..#2b1d1a",
    "#2d6a4f..#0b2b20",
    "#b56576..#355070",
    "#6d597a..#1f1b2e",
    "#e07a5f..#3d405b",
    "#457b9d..#1d3557",
    "#606c38..#283618",
];

/// Who looks, with what: read before the world is locked, because the install's lock comes first.
pub(super) struct Seer<'a> {
    pub(super) me: Option<String>,
    pub(super) layout: &'static str,
    pub(super) language: &'a str,
    /// Which of its two forms the description of a liked video's button has.
    pub(super) liked_word: &'static str,
    /// The mood closes all comments.
    pub(super) comments_closed: bool,
    /// How many seconds longer everything takes.
    pub(super) slow: f64,
}

impl<'a> Seer<'a> {
    pub(super) fn of(look: Look<'a>, package: &str) -> Self {
        let layout = TikTok::layout(look.phone, package);
        let moods = moods(look.phone);
        let chosen = moods.extra.get("liked_word");
        let liked_word = match chosen.and_then(Value::as_str) {
            Some("unlike") => "unlike_desc",
            Some(_) => "liked_desc",
            None if layout == "a" => "liked_desc",
            None => "unlike_desc",
        };
        Self {
            me: active(look.phone),
            layout,
            language: look.language,
            liked_word,
            comments_closed: moods.comments_closed,
            slow: moods.slow_seconds,
        }
    }
}

/// The colour behind somebody's head.
pub(super) fn tint(name: &str) -> &'static str {
    TINTS[(identity::of_text(name) % TINTS.len() as u64) as usize]
}

/// What a file looks like, as far as one can tell from its hash.
pub(super) fn scene(material: Option<&Material>) -> &'static str {
    scene_of(material.map_or("", |one| one.hash.as_str()))
}

pub(super) fn scene_of(text: &str) -> &'static str {
    SCENES[(identity::of_text(text) % SCENES.len() as u64) as usize]
}

pub(super) fn sign(kind: MaterialKind) -> &'static str {
    match kind {
        MaterialKind::Video => "play",
        MaterialKind::Photo => "eye",
    }
}

/// "00:15"
pub(super) fn length(millis: Option<u64>) -> String {
    let seconds = millis.unwrap_or(0) / 1000;
    format!("{:02}:{:02}", seconds / 60, seconds % 60)
}

/// How `me` stands to `other`, in the words that buttons know.
pub(super) fn bond(world: &World, me: Option<&str>, other: &str) -> &'static str {
    let Some(me) = me else { return "none" };
    if me == other {
        return "self";
    }
    let back = world.follows(other, me);
    match world.follow(me, other) {
        Some(follow) if follow.requested => "requested",
        Some(_) if back => "friends",
        Some(_) => "following",
        None if back => "back",
        None => "none",
    }
}

/// The string table's name for the button of a bond.
fn word(bond: &str) -> &'static str {
    match bond {
        "requested" => "requested",
        "friends" => "friends",
        "following" => "following",
        "back" => "follow_back",
        "none" => "follow",
        _ => "",
    }
}

/// A row of somebody in a list.
pub(super) fn row(world: &World, me: Option<&str>, account: &Account, language: &str) -> Value {
    let bond = bond(world, me, &account.username);
    let followers = count::short(world.followers(&account.username), language);
    json!({
        "username": account.username,
        "handle": account.username,
        "nickname": account.display_name,
        "about": format!("{followers} followers"),
        "tint": tint(&account.username),
        "word": word(bond),
        "can_follow": matches!(bond, "none" | "back"),
    })
}

/// A picture of a post in a grid.
pub(super) fn cell(world: &World, post: &Post, language: &str) -> Value {
    let first = post.media.first();
    let author = world.account(&post.author);
    json!({
        "id": post.id,
        "desc": "",
        "icon": sign(first.map_or(MaterialKind::Video, |one| one.kind)),
        "scene": scene(first),
        "views": count::short(post.views, language),
        "likes": count::short(world.likes_of(post), language),
        "caption": caption(post),
        "nickname": author.map_or(post.author.as_str(), |one| one.display_name.as_str()),
    })
}

/// Title and description as one text, as they are shown under a video.
pub(super) fn caption(post: &Post) -> String {
    match (post.title.is_empty(), post.caption.is_empty()) {
        (true, _) => post.caption.clone(),
        (_, true) => post.title.clone(),
        _ => format!("{}\n{}", post.title, post.caption),
    }
}

impl TikTok {
    /// The account in front, on its own profile.
    pub(super) fn me_value(&self, look: Look<'_>) -> Value {
        let Some(me) = active(look.phone) else {
            return Value::Null;
        };
        let world = world(look.phone);
        let Some(account) = world.account(&me) else {
            return Value::Null;
        };
        let short = |number| count::short(number, look.language);
        json!({
            "username": me,
            "nickname": account.display_name,
            "bio": account.bio,
            "bio_line": account.bio.lines().next().unwrap_or_default(),
            "country": account.country,
            "following": short(world.following(&me)),
            "followers": short(world.followers(&me)),
            "likes": short(world.hearts(&me)),
            "tint": tint(&format!("{me}{}", account.avatar)),
            "avatar_icon": if account.avatar.is_empty() { "person" } else { "smile" },
        })
    }

    /// The upload that runs or failed, or what is told of the last one.
    pub(super) fn upload_value(&self, look: Look<'_>) -> Value {
        let Some(me) = active(look.phone) else {
            return Value::Null;
        };
        let install = look.phone.social.install(super::PLATFORM);
        let now = world(look.phone).now();
        let Some(upload) = install.uploads.iter().find(|one| one.post.author == me) else {
            return self.notice.map_or(Value::Null, |word| json!({"word": word}));
        };
        if upload.state == UploadState::Failed {
            return json!({"word": "post_failed", "failed": true});
        }
        let percent = (upload.progress(now) * 100.0) as u32;
        json!({"word": "uploading", "running": true, "percent": percent.min(99)})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_stands_over_its_description() {
        let post = |title: &str, caption: &str| Post {
            title: title.to_owned(),
            caption: caption.to_owned(),
            ..Post::default()
        };
        assert_eq!(caption(&post("", "c")), "c");
        assert_eq!(caption(&post("t", "")), "t");
        assert_eq!(caption(&post("t", "c")), "t\nc");
    }

    #[test]
    fn lengths_have_minutes_and_seconds() {
        assert_eq!(length(Some(75_400)), "01:15");
        assert_eq!(length(None), "00:00");
    }
}
