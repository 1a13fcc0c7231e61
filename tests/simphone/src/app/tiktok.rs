//! The simulated TikTok: its packages and activities, what it remembers while it runs, and which file answers for
//! which screen.
//!
//! What lasts is in the social core; what screens look like is in `apps/tiktok`; each family of screens has a file of
//! its own here.

mod comment;
mod edit;
mod feed;
mod gallery;
mod interrupt;
mod link;
mod login;
mod manifest;
mod person;
mod post;
mod profile;
mod search;
mod shoot;
mod shown;
mod sound;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::social::{self, Act, Challenge, Moods, Outcome, Platform, World};
use super::{App, Call, Context, Look};
use crate::phone::Phone;
use crate::ui::Intent;
use crate::ui::page::Page;

use manifest::{CAMERA, LINK, SHARE};

pub use link::short_link;
pub use manifest::{MUSICALLY, TRILL};
pub use sound::id_of as sound_id;

const PLATFORM: Platform = Platform::TikTok;

/// What the process remembers; it is gone when it dies.
#[derive(Debug)]
struct TikTok {
    package: &'static str,
    seed: u64,
    feed: feed::Place,
    /// The video in front has been stopped by a tap.
    paused: bool,
    /// What is being made for publishing.
    shoot: Option<shoot::Shoot>,
    gallery: gallery::Choice,
    /// Permissions that are still to be asked for, the next one first.
    asking: Vec<String>,
    login: login::Attempt,
    /// Acts that the platform has swallowed and that still look done: "follow:x".
    pretended: BTreeSet<String>,
    grid_tab: String,
    result_tab: String,
    /// The sound whose row was tapped.
    tried_sound: Option<String>,
    /// A picture for the comment that is being written.
    picture: Option<social::Material>,
    /// A new picture for the profile.
    avatar: Option<social::Material>,
    /// What is told of the last upload.
    notice: Option<&'static str>,
    /// What will come over the screen, the next one first.
    coming: Vec<String>,
    banner: bool,
    /// The profile was scrolled since it was opened: its bubble has gone.
    bubble_gone: bool,
}

impl TikTok {
    fn new(package: &'static str, seed: u64) -> Self {
        Self {
            package,
            seed,
            feed: feed::Place::default(),
            paused: false,
            shoot: None,
            gallery: gallery::Choice::default(),
            asking: Vec::new(),
            login: login::Attempt::default(),
            pretended: BTreeSet::new(),
            grid_tab: "videos".to_owned(),
            result_tab: "top".to_owned(),
            tried_sound: None,
            picture: None,
            avatar: None,
            notice: None,
            coming: Vec::new(),
            banner: false,
            bubble_gone: false,
        }
    }

    /// "a" from 46 on, "b" before.
    fn layout(phone: &Phone, package: &str) -> &'static str {
        let info = super::registry::known(package);
        let version = info.map_or("", |info| super::registry::version(phone, info.manifest).0);
        let major = version
            .split('.')
            .next()
            .and_then(|major| major.parse::<u32>().ok());
        if major.unwrap_or(0) >= 46 { "a" } else { "b" }
    }

    /// Does something that lasts, or shows why not; true where it is done, or looks so.
    fn deed(&mut self, context: &mut Context<'_>, act: Act, pretence: &str) -> bool {
        match social::commit(context.phone, PLATFORM, act) {
            Outcome::Done => true,
            Outcome::Swallowed => {
                self.pretended.insert(pretence.to_owned());
                context.call(Call::Later(feed::PRETENCE, "forget".to_owned()));
                true
            }
            other => {
                refuse(context, &other);
                false
            }
        }
    }

    /// The account that acts; without one the login comes up.
    fn actor(context: &mut Context<'_>) -> Option<String> {
        let me = active(context.phone);
        if me.is_none() {
            context.call(Call::Go("login_entry".to_owned(), json!({"way": "login"})));
        }
        me
    }
}

/// Who is logged in and in front.
fn active(phone: &Phone) -> Option<String> {
    phone.social.install(PLATFORM).active().map(str::to_owned)
}

fn world(phone: &Phone) -> std::sync::MutexGuard<'_, World> {
    phone.social.world(PLATFORM)
}

/// The moods towards whoever is in front.
fn moods(phone: &Phone) -> Moods {
    let me = active(phone).unwrap_or_default();
    social::moods_of(phone, PLATFORM, &me)
}

/// Texts of refusals that the string table knows; others are shown as they are.
const REFUSALS: &[&str] = &[
    "try_again_later",
    "too_many_attempts",
    "too_fast",
    "cannot_post",
    "posting_restricted",
];

fn refuse(context: &mut Context<'_>, outcome: &Outcome) {
    match outcome {
        Outcome::Limited(word) => {
            let known = REFUSALS.contains(&word.as_str());
            context.call(Call::Go(
                "limited".to_owned(),
                json!({"word": word, "known": known}),
            ));
        }
        Outcome::Challenged(challenge) => {
            context.call(Call::Reset("stop".to_owned(), stop_page(*challenge)));
        }
        Outcome::Unwritten => {
            let text = if context.language == "fr" {
                "Espace de stockage insuffisant"
            } else {
                "Not enough storage space"
            };
            context.call(Call::Toast(text.to_owned()));
        }
        Outcome::Done | Outcome::Swallowed => {}
    }
}

/// Something that nobody should do unasked and that changes nothing else: the ledger tells it.
fn note(context: &mut Context<'_>, what: &str) {
    let me = active(context.phone).unwrap_or_default();
    let outcome = social::note(context.phone, PLATFORM, &me, what);
    refuse(context, &outcome);
}

fn stop_page(challenge: Challenge) -> Value {
    json!({"challenge": challenge.name()})
}

/// What `page` of which screen names; every screen gets `me`, `bar`, `layout`.
impl App for TikTok {
    fn open(&mut self, context: &mut Context<'_>, class: &str, intent: &Intent) -> (String, Value) {
        let challenged =
            active(context.phone).and_then(|me| social::login::challenge(context.phone, PLATFORM, &me));
        if let Some(challenge) = challenged {
            return ("stop".to_owned(), stop_page(challenge));
        }
        match class {
            SHARE => self.open_share(context, intent),
            CAMERA => self.open_camera(context, intent),
            LINK => self.open_link(context, intent),
            _ => self.open_feed(context),
        }
    }

    fn model(&self, look: Look<'_>, page: &Page) -> Value {
        let mut values = self.everywhere(look, page);
        let own = match page.screen.as_str() {
            "feed" | "inbox" | "video" => self.feed_model(look, page),
            "profile" | "profile_out" | "switcher" | "drafts" | "likes_note" => {
                self.profile_model(look, page)
            }
            "person" | "people" | "unfollow" => self.person_model(look, page),
            "search" | "results" => self.search_model(look, page),
            "comments" => self.comment_model(look, page),
            "login_entry" | "login" | "login_password" | "login_code" | "stop" => {
                self.login_model(look, page)
            }
            "camera" | "editor" | "post" | "visibility" | "more_options" | "products" | "add_link" => {
                self.shoot_model(look, page)
            }
            "gallery" | "albums" => self.gallery_model(look, page),
            "sounds" | "volume" | "sound" => self.sound_model(look, page),
            "edit" | "edit_field" | "crop" => self.edit_model(look, page),
            "prompt" | "follow_friends" => self.prompt_model(look, page),
            _ => Value::Null,
        };
        if let (Value::Object(all), Value::Object(own)) = (&mut values, own) {
            all.extend(own);
        }
        values
    }

    fn act(&mut self, context: &mut Context<'_>, action: &str, argument: &str) {
        let _ = self.feed_act(context, action, argument)
            || self.profile_act(context, action, argument)
            || self.person_act(context, action, argument)
            || self.search_act(context, action, argument)
            || self.comment_act(context, action, argument)
            || self.login_act(context, action, argument)
            || self.shoot_act(context, action, argument)
            || self.gallery_act(context, action, argument)
            || self.post_act(context, action, argument)
            || self.sound_act(context, action, argument)
            || self.edit_act(context, action, argument)
            || self.prompt_act(context, action, argument);
    }

    fn back(&mut self, context: &mut Context<'_>) -> bool {
        match context.page.screen.as_str() {
            "camera" => self.shoot_act(context, "leave_camera", ""),
            "editor" => self.shoot_act(context, "leave_editor", ""),
            "gallery" => self.gallery_act(context, "close_gallery", ""),
            "post" => {
                self.paused = false;
                false
            }
            "prompt" | "follow_friends" => self.prompt_act(context, "prompt_no", ""),
            "update_overlay" => self.prompt_act(context, "overlay_gone", ""),
            // A page that stops an account does not let go of it.
            "stop" => true,
            "inbox" | "friends" | "profile" | "profile_out" => {
                self.feed_act(context, "bar", "home");
                true
            }
            _ => false,
        }
    }

    fn clear(&mut self, phone: &Phone) {
        phone.social.install(PLATFORM).clear();
        self.died();
    }

    fn died(&mut self) {
        *self = Self::new(self.package, self.seed);
    }
}

impl TikTok {
    /// Values that every screen may name.
    fn everywhere(&self, look: Look<'_>, page: &Page) -> Value {
        let tab = match page.screen.as_str() {
            "feed" if self.feed.friends() => "friends",
            "feed" => "home",
            "inbox" => "inbox",
            "profile" | "profile_out" => "profile",
            other => other,
        };
        let mut bar = Map::new();
        bar.insert(tab.to_owned(), Value::Bool(true));
        json!({
            "bar": bar,
            "layout": Self::layout(look.phone, self.package),
            "me": self.me_value(look),
            "upload": self.upload_value(look),
            "playing": !self.paused,
            "paused": self.paused,
            "grid_tab": self.grid_tab,
        })
    }
}
