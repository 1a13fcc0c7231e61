//! The social apps from outside: a platform's world (seed it, look at it), and how it treats one phone.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Door;
use super::refusal::{Refusal, read};
use crate::app::social::{Install, Platform, World};

fn platform(name: &str) -> Result<Platform, Refusal> {
    Platform::by_name(name).ok_or_else(|| {
        let names = Platform::ALL.map(Platform::name);
        Refusal::new(
            StatusCode::NOT_FOUND,
            format!("there is no world {name}"),
            json!(names),
        )
    })
}

fn whole(world: &World) -> Result<Json<Value>, Refusal> {
    let value = serde_json::to_value(world).map_err(|error| Refusal::bad(error.to_string(), Value::Null))?;
    Ok(Json(value))
}

/// Everything: accounts with their secrets too, posts, follows, likes, comments.
pub(super) async fn world(
    State(door): State<Door>,
    Path(name): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let platform = platform(&name)?;
    let worlds = door.farm()?.worlds();
    let world = worlds.world(platform);
    whole(&world)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Seed {
    accounts: Vec<Map<String, Value>>,
    posts: Vec<Value>,
    /// (who, whom)
    follows: Vec<(String, String)>,
}

/// Adds accounts, posts and follows; an account that is there is changed in what is named. Answers the whole world.
pub(super) async fn seed(
    State(door): State<Door>,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let allowed = json!({
        "accounts": [{"username": "a", "password": "p", "email": "", "totp": "BASE32 or null", "display_name": "",
            "bio": "", "country": "", "private": false, "followers": 0, "moods": {"held": true}}],
        "posts": [{"author": "a", "caption": "", "placement": "reel, feed, video or photos"}],
        "follows": [["who", "whom"]],
    });
    let platform = platform(&name)?;
    let wanted: Seed = read(&body, &allowed)?;
    let refuse = |error: &dyn std::error::Error| {
        let because = error
            .source()
            .map(|source| format!(": {source}"))
            .unwrap_or_default();
        Refusal::bad(format!("{error}{because}"), allowed.clone())
    };
    let worlds = door.farm()?.worlds();
    let mut world = worlds.world(platform);
    for account in &wanted.accounts {
        world.seed_account(account).map_err(|error| refuse(&error))?;
    }
    for post in wanted.posts {
        world.seed_post(post).map_err(|error| refuse(&error))?;
    }
    for (who, whom) in &wanted.follows {
        world.seed_follow(who, whom).map_err(|error| refuse(&error))?;
    }
    world.keep().map_err(|error| Refusal::disk(&error))?;
    whole(&world)
}

fn of_package(package: &str) -> Result<Platform, Refusal> {
    Platform::of_package(package).ok_or_else(|| {
        let known = Platform::ALL.map(Platform::package);
        Refusal::new(
            StatusCode::NOT_FOUND,
            format!("{package} is no social app"),
            json!(known),
        )
    })
}

fn told(install: &Install) -> Json<Value> {
    Json(serde_json::to_value(install).unwrap_or_default())
}

/// One social app on one phone: version, layout, moods, who is logged in, drafts, uploads.
pub(super) async fn install(
    State(door): State<Door>,
    Path((name, package)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    let stand = door.stand(&name)?;
    let platform = of_package(&package)?;
    Ok(told(&stand.phone.social.install(platform)))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Change {
    version: Option<String>,
    variant: Option<String>,
    moods: Map<String, Value>,
    /// Takes all moods away first.
    clear_moods: bool,
    sessions: Option<Vec<String>>,
    active: Option<String>,
    saved: Option<Vec<String>>,
    /// Sessions that the platform has ended.
    expired: Option<Vec<String>>,
    /// Forget how many acts were counted.
    reset_limits: bool,
}

pub(super) async fn change(
    State(door): State<Door>,
    Path((name, package)): Path<(String, String)>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let allowed = json!({
        "version": "410.0.0.53.71", "variant": "new or old", "moods": {"limit_after": 3, "held": null},
        "clear_moods": false, "sessions": ["usernames"], "active": "username", "saved": ["usernames"],
        "expired": ["usernames"], "reset_limits": false,
    });
    let stand = door.stand(&name)?;
    let platform = of_package(&package)?;
    let wanted: Change = read(&body, &allowed)?;
    if let Some(version) = &wanted.version {
        known_version(&package, version)?;
    }
    let mut install = stand.phone.social.install(platform);
    let named = [&wanted.sessions, &wanted.saved, &wanted.expired];
    let named = named.into_iter().flatten().flatten().chain(&wanted.active);
    let world = stand.phone.social.world(platform);
    for username in named {
        if world.account(username).is_none() {
            return Err(Refusal::bad(format!("there is no account {username}"), allowed));
        }
    }
    drop(world);
    if wanted.clear_moods {
        install.moods.clear();
    }
    install
        .set_moods(&wanted.moods)
        .map_err(|error| Refusal::bad(error.to_string(), allowed))?;
    apply(&mut install, wanted);
    install.keep();
    Ok(told(&install))
}

/// Versions that the simulator knows; empty: the usual one.
fn known_version(package: &str, version: &str) -> Result<(), Refusal> {
    let Some(manifest) = crate::app::registry::known(package).map(|info| info.manifest) else {
        return Ok(());
    };
    let others = manifest.versions.iter().map(|(name, _)| *name);
    let known: Vec<&str> = std::iter::once(manifest.version_name).chain(others).collect();
    if version.is_empty() || known.contains(&version) {
        return Ok(());
    }
    Err(Refusal::bad(
        format!("{package} has no version {version} here"),
        json!(known),
    ))
}

fn apply(install: &mut Install, wanted: Change) {
    if let Some(version) = wanted.version {
        install.version = version;
    }
    if let Some(variant) = wanted.variant {
        install.variant = variant;
    }
    if let Some(sessions) = wanted.sessions {
        install.active = sessions.first().cloned();
        install.sessions = sessions;
    }
    if let Some(active) = wanted.active {
        install.enter(&active);
    }
    if let Some(saved) = wanted.saved {
        install.saved = saved;
    }
    if let Some(expired) = wanted.expired {
        install.expired = expired.into_iter().collect();
    }
    if wanted.reset_limits {
        install.acts.clear();
    }
}
