//! The one way to do something that lasts: moods and limits first, then the phone's ledger, then the world. After a
//! kill between the last two the world takes in what its phones' ledgers tell and it does not know.

use serde_json::Value;

use super::world::PostState;
use super::{Act, Challenge, Moods, Platform};
use crate::phone::Phone;

/// What became of an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// It looked done, but the platform has forgotten it: nothing lasts.
    Swallowed,
    /// The platform refuses more; which of its texts tells it.
    Limited(String),
    /// The account must prove something first.
    Challenged(Challenge),
    /// The phone could not write it down.
    Unwritten,
}

impl Outcome {
    pub fn done(&self) -> bool {
        *self == Self::Done
    }
}

/// The moods towards an account on this phone.
pub fn moods_of(phone: &Phone, platform: Platform, account: &str) -> Moods {
    let own = phone.social.install(platform).moods.clone();
    let world = phone.social.world(platform);
    Moods::merged(&own, world.account(account).map(|account| &account.moods))
}

/// Does an act for good.
pub fn commit(phone: &Phone, platform: Platform, act: Act) -> Outcome {
    let moods = moods_of(phone, platform, act.account());
    let kind = act.kind();
    if act.counted() {
        let done = phone
            .social
            .install(platform)
            .acts
            .get(act.account())
            .copied()
            .unwrap_or(0);
        if let Some(challenge) = moods.challenge_of(&kind, done) {
            let mut install = phone.social.install(platform);
            install.challenged.insert(act.account().to_owned());
            install.keep();
            return Outcome::Challenged(challenge);
        }
        let meant = moods.limit_on.is_empty() || moods.limit_on.contains(&kind);
        if meant && moods.limit_after.is_some_and(|after| done >= after) {
            let text = moods.limit_text.unwrap_or_else(|| "try_again_later".to_owned());
            return Outcome::Limited(text);
        }
    }
    if moods.swallow.contains(&kind) {
        return Outcome::Swallowed;
    }
    write_down(phone, platform, &timed(phone, platform, act, &moods))
}

/// Something small that must be seen in the ledger and changes nothing in the world.
pub fn note(phone: &Phone, platform: Platform, account: &str, what: &str) -> Outcome {
    let deed = Act::Deed {
        account: account.to_owned(),
        what: what.to_owned(),
    };
    write_down(phone, platform, &deed)
}

/// When the act shows, and whether it is held.
fn timed(phone: &Phone, platform: Platform, mut act: Act, moods: &Moods) -> Act {
    let mut world = phone.social.world(platform);
    let now = world.now();
    let shows = now.plus_seconds(moods.late_seconds);
    match &mut act {
        Act::Follow {
            shows_at,
            requested,
            target,
            ..
        } => {
            *shows_at = shows;
            *requested = world.account(target).is_some_and(|account| account.private);
        }
        Act::Comment { comment, .. } => {
            comment.id = world.next_id();
            comment.at = now;
            comment.shows_at = shows;
        }
        Act::Post { post, .. } | Act::Story { post, .. } => {
            post.id = world.next_id();
            post.at = now;
            post.shows_at = shows;
            if moods.held {
                post.state = PostState::Held;
            }
        }
        _ => {}
    }
    act
}

fn write_down(phone: &Phone, platform: Platform, act: &Act) -> Outcome {
    if phone.faults.has("storage_full") {
        return Outcome::Unwritten;
    }
    let mut install = phone.social.install(platform);
    let mut world = phone.social.world(platform);
    let (kind, detail) = act.told();
    let entry = match phone.ledger.record(platform.package(), &kind, detail) {
        Ok(entry) => entry,
        Err(error) => {
            tracing::error!(%error, kind, "the ledger cannot be written");
            return Outcome::Unwritten;
        }
    };
    world.apply(act);
    world.taken.insert(phone_key(phone), entry.seq);
    if let Err(error) = world.keep() {
        tracing::error!(%error, "the world cannot be kept; it is made again from the ledgers");
    }
    if act.counted() {
        *install.acts.entry(act.account().to_owned()).or_default() += 1;
    }
    match act {
        Act::Login { account } => install.enter(account),
        Act::Logout { account } => install.leave(account),
        Act::Profile {
            account,
            field,
            value,
        } if field == "username" => install.renamed(account, value),
        _ => {}
    }
    install.keep();
    Outcome::Done
}

/// How a world calls a phone: by its folder, which twins do not share.
fn phone_key(phone: &Phone) -> String {
    let name = phone.spec.data.file_name();
    name.map_or_else(
        || phone.spec.serial.clone(),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// Takes into the worlds what this phone's ledger tells and they do not know yet.
pub fn catch_up(phone: &Phone) {
    let key = phone_key(phone);
    let entries = phone.ledger.entries();
    for platform in Platform::ALL {
        let mut world = phone.social.world(platform);
        let known = world.taken.get(&key).copied().unwrap_or(0);
        let mut missed = 0;
        for entry in entries.iter().filter(|entry| entry.seq > known) {
            if entry.app != platform.package() {
                continue;
            }
            if let Some(act) = Act::read(&entry.kind, &entry.detail) {
                world.apply(&act);
                world.taken.insert(key.clone(), entry.seq);
                missed += 1;
            }
        }
        if missed > 0
            && let Err(error) = world.keep()
        {
            tracing::error!(%error, "the world cannot be kept");
        }
    }
}

/// SHA-256 in hex: how ledgers name what was written or shown.
pub(super) fn hash_text(text: &str) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(text.as_bytes());
    super::pick::hex(&digest)
}

impl Act {
    /// A comment under a post; its number and time are given when it is done.
    pub fn comment(account: &str, post: &super::Post, text: &str, image: Option<String>) -> Self {
        Self::Comment {
            account: account.to_owned(),
            target: post.author.clone(),
            code: post.code.clone(),
            content: hash_text(text),
            comment: super::Comment {
                post: post.id,
                author: account.to_owned(),
                text: text.to_owned(),
                image,
                ..super::Comment::default()
            },
        }
    }

    pub fn follow(account: &str, target: &str) -> Self {
        Self::Follow {
            account: account.to_owned(),
            target: target.to_owned(),
            requested: false,
            shows_at: super::WorldTime::default(),
        }
    }

    pub fn unfollow(account: &str, target: &str) -> Self {
        Self::Unfollow {
            account: account.to_owned(),
            target: target.to_owned(),
        }
    }

    /// A like or its taking back.
    pub fn like(account: &str, post: &super::Post, yes: bool) -> Self {
        let (account, target, code) = (account.to_owned(), post.author.clone(), post.code.clone());
        let post = post.id;
        if yes {
            return Self::Like {
                account,
                post,
                target,
                code,
            };
        }
        Self::Unlike {
            account,
            post,
            target,
            code,
        }
    }

    /// Saving to the collection or taking out of it.
    pub fn collect(account: &str, post: &super::Post, yes: bool) -> Self {
        let (account, target, code) = (account.to_owned(), post.author.clone(), post.code.clone());
        let post = post.id;
        if yes {
            return Self::Collect {
                account,
                post,
                target,
                code,
            };
        }
        Self::Uncollect {
            account,
            post,
            target,
            code,
        }
    }

    pub fn profile(account: &str, field: &str, value: impl Into<String>) -> Self {
        Self::Profile {
            account: account.to_owned(),
            field: field.to_owned(),
            value: value.into(),
        }
    }

    /// What a ledger entry's detail holds, for tests.
    pub fn detail(&self) -> Value {
        Value::Object(self.told().1)
    }
}
