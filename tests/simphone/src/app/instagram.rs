//! A simulated Instagram: its screens are in `apps/instagram`, each with the source of its ids, texts and traps; here
//! is what they show and do. One family of screens a file; everything that lasts goes through the social core.

mod challenge;
mod comment;
mod compose;
mod edit;
mod entry;
mod feed;
mod link;
mod profile;
mod prompt;
mod reel;
mod search;
mod share;
mod show;
mod user;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::social::{self, Act, Challenge, Outcome, Platform};
use super::{Activity, App, Call, Context, Filter, LaunchMode, Look, Manifest};
use crate::phone::{Phone, identity};
use crate::ui::Intent;
use crate::ui::page::Page;

pub const PACKAGE: &str = "com.instagram.android";
const HERE: Platform = Platform::Instagram;

const SHARES: Filter = Filter {
    action: "android.intent.action.SEND",
    schemes: &[],
    hosts: &[],
    mimes: &["video/*", "image/*"],
    verified: false,
};
const SHARES_SEVERAL: Filter = Filter {
    action: "android.intent.action.SEND_MULTIPLE",
    schemes: &[],
    hosts: &[],
    mimes: &["video/*", "image/*", "*/*"],
    verified: false,
};

/// The launcher's component: Y's scripts; the share handlers: notes in three public projects; the web view: I. The
/// class that takes addresses and the handlers' names in the chooser are guesses.
pub static MANIFEST: Manifest = Manifest {
    package: PACKAGE,
    label: &[("en", "Instagram")],
    version_name: "410.0.0.53.71",
    version_code: 383_900_112,
    versions: &[("443.0.0.48.82", 403_200_345), ("380.0.0.31.109", 374_900_021)],
    system: false,
    icon: ("camera", "#d62976"),
    activities: &[
        Activity {
            class: "com.instagram.mainactivity.LauncherActivity",
            exported: true,
            launcher: true,
            mode: LaunchMode::SingleTop,
            ..Activity::PRIVATE
        },
        Activity {
            class: "com.instagram.url.UrlHandlerActivity",
            exported: true,
            filters: &[
                Filter {
                    action: "android.intent.action.VIEW",
                    schemes: &["https", "http"],
                    hosts: &["www.instagram.com", "instagram.com"],
                    mimes: &[],
                    verified: true,
                },
                Filter {
                    action: "android.intent.action.VIEW",
                    schemes: &["instagram"],
                    hosts: &[],
                    mimes: &[],
                    verified: true,
                },
            ],
            ..Activity::PRIVATE
        },
        Activity {
            class: "com.instagram.share.handleractivity.ShareHandlerActivity",
            exported: true,
            label: &[("en", "Feed"), ("fr", "Fil")],
            filters: &[SHARES, SHARES_SEVERAL],
            ..Activity::PRIVATE
        },
        Activity {
            class: "com.instagram.share.handleractivity.StoryShareHandlerActivity",
            exported: true,
            label: &[("en", "Stories"), ("fr", "Stories")],
            filters: &[SHARES, SHARES_SEVERAL],
            ..Activity::PRIVATE
        },
        Activity {
            class: "com.instagram.share.handleractivity.CustomStoryShareHandlerActivity",
            exported: true,
            ..Activity::PRIVATE
        },
        Activity {
            class: "com.instagram.direct.share.handler.DirectShareHandlerActivity",
            exported: true,
            label: &[("en", "Chats"), ("fr", "Discussions")],
            filters: &[SHARES],
            ..Activity::PRIVATE
        },
        Activity {
            class: "com.instagram.simplewebview.SimpleWebViewActivity",
            ..Activity::PRIVATE
        },
    ],
    permissions: &[
        "android.permission.POST_NOTIFICATIONS",
        "android.permission.READ_MEDIA_VIDEO",
        "android.permission.READ_MEDIA_IMAGES",
        "android.permission.READ_EXTERNAL_STORAGE",
        "android.permission.CAMERA",
        "android.permission.RECORD_AUDIO",
        "android.permission.READ_CONTACTS",
        "android.permission.ACCESS_FINE_LOCATION",
    ],
    layouts: &[
        include_str!("../../apps/instagram/chrome.xml"),
        include_str!("../../apps/instagram/login.xml"),
        include_str!("../../apps/instagram/challenge.xml"),
        include_str!("../../apps/instagram/prompt.xml"),
        include_str!("../../apps/instagram/profile.xml"),
        include_str!("../../apps/instagram/feed.xml"),
        include_str!("../../apps/instagram/user.xml"),
        include_str!("../../apps/instagram/search.xml"),
        include_str!("../../apps/instagram/reel.xml"),
        include_str!("../../apps/instagram/comments.xml"),
        include_str!("../../apps/instagram/create.xml"),
        include_str!("../../apps/instagram/share.xml"),
        include_str!("../../apps/instagram/edit.xml"),
    ],
    on: |_| true,
    open: |_| Box::new(Instagram::default()),
};

/// What is only in memory: a killed process has forgotten it.
#[derive(Debug, Default)]
struct Instagram {
    /// The process has shown something since it started.
    awake: bool,
    /// What the platform answers to the login that is on its way.
    answer: Option<entry::Pending>,
    /// What looks done although the platform has forgotten it: (account, kind, target).
    swallowed: BTreeSet<(String, &'static str, String)>,
    /// Under whose profile the suggestions are unfolded.
    carousel: Option<String>,
    /// What is said of the last upload.
    notice: Option<String>,
    /// What is being made.
    compose: Option<compose::Compose>,
}

impl Instagram {
    /// What the process does when it starts.
    fn wake(&mut self, phone: &Phone) {
        if self.awake {
            return;
        }
        self.awake = true;
        let mut install = phone.social.install(HERE);
        install.launches += 1;
        // A page that could not be left is behind once the app has been stopped.
        install.prompts.retain(|prompt| prompt != "contacts_stuck");
        install.keep();
    }

    /// The first screen of the launcher.
    fn first_screen(phone: &Phone) -> (String, Value) {
        let root = |screen: &str| (screen.to_owned(), json!({"root": true}));
        let (active, expired, saved, legacy) = {
            let install = phone.social.install(HERE);
            let active = install.active().map(str::to_owned);
            let expired = active.as_ref().is_some_and(|name| install.expired.contains(name));
            (active, expired, install.saved.len(), install.variant == "legacy")
        };
        let Some(active) = active else {
            return match saved {
                0 if entry::form(phone) == "login_legacy" => root("login_legacy"),
                0 => root("login"),
                _ if legacy => root("login_legacy"),
                _ => root("picker"),
            };
        };
        if expired {
            return (
                "password_only".to_owned(),
                json!({"root": true, "username": active}),
            );
        }
        match social::login::challenge(phone, HERE, &active) {
            Some(challenge) if challenge != Challenge::WebBlock => challenge::screen(challenge, &active),
            _ => root("feed"),
        }
    }

    /// Whether something looks done that the platform has forgotten.
    fn seems(&self, account: &str, kind: &str, target: &str) -> bool {
        self.seeming(account, kind).any(|seeming| seeming == target)
    }

    fn seeming<'a>(&'a self, account: &'a str, kind: &'a str) -> impl Iterator<Item = &'a str> {
        let all = self.swallowed.iter();
        let own = all.filter(move |(who, what, _)| who == account && *what == kind);
        own.map(|(.., target)| target.as_str())
    }

    /// How `me` seems to stand to `other`.
    fn relation(&self, world: &social::World, me: &str, other: &str) -> &'static str {
        if me == other {
            return "self";
        }
        if self.seems(me, "follow", other) {
            return "following";
        }
        show::relation(world, me, other)
    }

    fn act_any(&mut self, context: &mut Context<'_>, action: &str, argument: &str) -> bool {
        entry::act(self, context, action, argument)
            || challenge::act(context, action)
            || prompt::act(context, action, argument)
            || profile::act(self, context, action, argument)
            || feed::act(self, context, action, argument)
            || user::act(self, context, action, argument)
            || search::act(self, context, action, argument)
            || reel::act(self, context, action, argument)
            || comment::act(self, context, action, argument)
            || compose::act(self, context, action, argument)
            || share::act(self, context, action, argument)
            || edit::act(self, context, action, argument)
            || tabs(self, context, action, argument)
    }
}

/// The account that acts.
fn me(phone: &Phone) -> Option<String> {
    phone.social.install(HERE).active().map(str::to_owned)
}

/// Does an act and shows what the platform makes of it; whether it looks done.
fn perform(app: &mut Instagram, context: &mut Context<'_>, act: Act) -> bool {
    let account = act.account().to_owned();
    let trace = match &act {
        Act::Follow { target, .. } => Some(("follow", target.clone())),
        Act::Like { code, .. } => Some(("like", code.clone())),
        Act::Comment { comment, .. } => Some(("comment", comment.text.clone())),
        _ => None,
    };
    match social::commit(context.phone, HERE, act) {
        Outcome::Done => true,
        Outcome::Swallowed => {
            if let Some((kind, target)) = trace {
                app.swallowed.insert((account, kind, target));
                context.call(Call::Later(
                    std::time::Duration::from_secs(3),
                    "forget".to_owned(),
                ));
            }
            true
        }
        Outcome::Limited(text) => {
            context.call(Call::HideKeyboard);
            context.call(Call::Go("limit".to_owned(), json!({"text": text})));
            false
        }
        Outcome::Challenged(challenge) => {
            challenge::show(context, challenge, &account);
            false
        }
        Outcome::Unwritten => {
            context.call(Call::Toast(show::word(
                context.language,
                "Couldn't refresh",
                "Impossible d’actualiser",
            )));
            false
        }
    }
}

/// The bar at the bottom, and going back to it.
fn tabs(app: &mut Instagram, context: &mut Context<'_>, action: &str, argument: &str) -> bool {
    match action {
        "tab" => {
            let screen = argument;
            if screen == "create" {
                compose::begin(app, context, "post");
            } else if screen == "clips" {
                context.call(Call::Reset("reel".to_owned(), reel::first(context.phone)));
            } else {
                context.call(Call::Reset(screen.to_owned(), json!({"root": true})));
            }
        }
        "forget" => app.swallowed.clear(),
        "menu_deed" => {
            context.call(Call::Back);
            return app.act_any(context, "deed", argument);
        }
        "deed" => {
            if let Some(me) = me(context.phone) {
                social::note(context.phone, HERE, &me, argument);
            }
        }
        "nothing" => {}
        _ => return false,
    }
    true
}

impl App for Instagram {
    fn open(&mut self, context: &mut Context<'_>, class: &str, intent: &Intent) -> (String, Value) {
        let fresh = !self.awake;
        self.wake(context.phone);
        if class.ends_with("SimpleWebViewActivity") {
            let username = me(context.phone).unwrap_or_default();
            return challenge::screen(Challenge::WebBlock, &username);
        }
        let (screen, args) = Self::first_screen(context.phone);
        if screen != "feed" {
            return (screen, args);
        }
        let ignored = context.phone.social.install(HERE).moods().link_ignored;
        if class.ends_with("UrlHandlerActivity") && !ignored {
            let address = intent.data.as_deref().unwrap_or_default();
            if let Some(found) = link::screen(context.phone, address) {
                return found;
            }
        }
        if challenge::blocks(context.phone) {
            context.call(Call::Later(
                std::time::Duration::from_millis(200),
                "web_block".to_owned(),
            ));
            return (screen, args);
        }
        if class.contains(".share.") {
            return compose::shared(self, context, class, intent);
        }
        if fresh {
            prompt::after_start(context);
        }
        (screen, args)
    }

    fn model(&self, look: Look<'_>, page: &Page) -> Value {
        let phone = look.phone;
        let (variant, me, several, slow) = {
            let install = phone.social.install(HERE);
            let me = install.active().unwrap_or_default().to_owned();
            let slow = install.moods().slow_seconds;
            (install.variant.clone(), me, install.sessions.len() > 1, slow)
        };
        let mut model = Map::new();
        model.insert("variant".to_owned(), json!(variant));
        model.insert("my_color".to_owned(), json!(show::color(&me)));
        model.insert("several".to_owned(), json!(several));
        let waiting = slow > 0.0 && !page.vars.contains_key("arrived");
        model.insert("waiting".to_owned(), json!(waiting));
        model.insert("slow".to_owned(), json!(slow));
        model.insert("me".to_owned(), json!(me));
        let own = match page.screen.as_str() {
            "login" | "login_legacy" | "picker" | "password_only" => entry::model(self, look, page),
            "two_factor" => entry::code_model(self, page),
            "elsewhere" | "stop" => json!({"which": page.arg("which"), "wrong": page.vars.get("wrong")}),
            "login_error" => json!({"error": page.arg("error")}),
            "promo" | "consent" => prompt::model(page),
            "profile" | "switcher" | "follow_list" => profile::model(look, page, &me),
            "feed" | "post" | "send_sheet" | "post_menu" | "my_story" => feed::model(self, look, page, &me),
            "user" | "about" => user::model(self, look, page, &me),
            "limit" => user::limit_model(page),
            "search" | "search_typing" | "serp" => search::model(self, look, page, &me),
            "reel" => reel::model(self, look, page, &me),
            "comments" => comment::model(self, look, page, &me),
            "gallery" | "album_menu" => compose::model(self, look, page),
            "reel_editor" | "post_editor" | "story_editor" | "share" | "caption" => {
                share::model(self, look, page)
            }
            "edit_profile" | "edit_field" | "avatar_gallery" => edit::model(self, look, page, &me),
            _ => Value::Null,
        };
        if let Value::Object(own) = own {
            model.extend(own);
        }
        Value::Object(model)
    }

    fn act(&mut self, context: &mut Context<'_>, action: &str, argument: &str) {
        if !self.act_any(context, action, argument) {
            tracing::debug!(action, argument, "Instagram knows no such action");
        }
    }

    fn back(&mut self, context: &mut Context<'_>) -> bool {
        let root = context.page.args.get("root") == Some(&Value::Bool(true));
        match context.page.screen.as_str() {
            "contacts_stuck" | "update" => true,
            "save_login_bloks" | "save_login" | "notifications" | "location" | "contacts" => {
                prompt::act(context, "prompt", "decline")
            }
            "reel_editor" | "post_editor" | "story_editor" => {
                share::leave(context);
                true
            }
            "profile" | "search" | "reel" | "direct" if root => {
                context.call(Call::Reset("feed".to_owned(), json!({"root": true})));
                true
            }
            _ => false,
        }
    }

    fn clear(&mut self, phone: &Phone) {
        *self = Self::default();
        phone.social.install(HERE).clear();
    }

    fn died(&mut self) {
        *self = Self::default();
    }
}

/// What is random about this phone's app, and always the same.
fn chance(phone: &Phone, salt: &str) -> u64 {
    identity::mix(phone.spec.seed, identity::of_text(salt))
}
