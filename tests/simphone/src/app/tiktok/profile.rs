//! One's own profile, the page of nobody logged in, the switcher, settings, logging out.

use serde_json::{Value, json};

use super::shown::{Seer, cell, scene, tint};
use super::{TikTok, active, moods, world};
use crate::app::social::{Act, Post, World};
use crate::app::{Call, Context, Look};
use crate::ui::page::Page;

/// So many accounts at most are logged in at the same time.
const MOST_ACCOUNTS: usize = 8;

impl TikTok {
    pub(super) fn profile_model(&self, look: Look<'_>, page: &Page) -> Value {
        let moods = moods(look.phone);
        let seer = Seer::of(look, self.package);
        let (sessions, drafts) = {
            let install = look.phone.social.install(super::PLATFORM);
            (install.sessions.clone(), install.drafts.clone())
        };
        let me = seer.me.clone().unwrap_or_default();
        let scrolled = page
            .scroll
            .get("profile_scroll")
            .is_some_and(|offset| *offset > 0);
        let world = world(look.phone);
        let mine: Vec<_> = drafts.iter().filter(|draft| draft.account == me).collect();
        let draft_list: Vec<Value> = mine
            .iter()
            .map(|draft| json!({"id": draft.id, "caption": draft.caption, "scene": scene(draft.media.first())}))
            .collect();
        let accounts: Vec<Value> = sessions
            .iter()
            .map(|name| json!({"username": name, "active": *name == me, "tint": tint(name)}))
            .collect();
        let sticky = seer.layout == "b" || scrolled;
        let several = sessions.len() > 1 || seer.layout == "a";
        json!({
            // The header at the top: always before 46, only over a scrolled page since; a chooser for several only.
            "header": sticky && several,
            "header_class": "android.widget.LinearLayout",
            "header_desc": "",
            "bubble": moods.extra("bubble") && !scrolled && !self.bubble_gone,
            "grid": if page.screen == "profile" { self.grid(&world, &me, look.language) } else { Value::Null },
            "drafts": if self.grid_tab == "videos" { draft_list.len() } else { 0 },
            "draft_list": draft_list,
            "accounts": accounts,
        })
    }

    fn grid(&self, world: &World, me: &str, language: &str) -> Value {
        let show = |post: &&Post| match self.grid_tab.as_str() {
            "videos" => post.author == me && post.visibility != "me",
            "private" => post.author == me && post.visibility == "me",
            "favorites" => world.saved(me, post.id),
            "liked" => world.likes(me, post.id),
            _ => false,
        };
        let posts = world.posts.iter().rev().filter(show);
        let shown = posts.filter(|post| post.placement != "story" && world.visible(post, me));
        Value::Array(shown.map(|post| cell(world, post, language)).collect())
    }

    pub(super) fn profile_act(&mut self, context: &mut Context<'_>, action: &str, argument: &str) -> bool {
        match action {
            "grid" => argument.clone_into(&mut self.grid_tab),
            "name_tapped" => self.name_tapped(context),
            "handle_tapped" => Self::handle_tapped(context, self.package),
            "switcher" => self.open_switcher(context),
            "switch" => self.switch(context, argument),
            "add_account" => {
                let many = context.phone.social.install(super::PLATFORM).sessions.len();
                if many < MOST_ACCOUNTS {
                    context.call(Call::Go("login_entry".to_owned(), json!({"way": "login"})));
                } else {
                    context.call(Call::Toast(format!("{MOST_ACCOUNTS}/{MOST_ACCOUNTS}")));
                }
            }
            "log_out" => self.log_out(context),
            "store" => {
                super::note(context, "store_opened");
                context.call(Call::Back);
            }
            "drafts" => context.call(Call::Go("drafts".to_owned(), json!({}))),
            _ => return false,
        }
        true
    }

    /// Since 46 the name opens the switcher; on new accounts it opens the name's editing instead.
    fn name_tapped(&mut self, context: &mut Context<'_>) {
        if moods(context.phone).extra("name_edits") {
            context.call(Call::Go("edit_field".to_owned(), json!({"field": "name"})));
        } else {
            self.open_switcher(context);
        }
    }

    /// The handle is plain text since 46: a tap copies it.
    fn handle_tapped(context: &mut Context<'_>, package: &str) {
        let text = match (Self::layout(context.phone, package), context.language) {
            ("a", "fr") => "Copié",
            ("a", _) => "Copied",
            _ => return,
        };
        context.call(Call::Toast(text.to_owned()));
    }

    /// Before 46 there is a chooser only where there are several to choose from.
    fn open_switcher(&self, context: &mut Context<'_>) {
        let several = context.phone.social.install(super::PLATFORM).sessions.len() > 1;
        let settings = context.page.screen == "settings";
        if several || settings || Self::layout(context.phone, self.package) == "a" {
            context.call(Call::Go("switcher".to_owned(), json!({})));
        }
    }

    fn switch(&mut self, context: &mut Context<'_>, to: &str) {
        if active(context.phone).as_deref() == Some(to) {
            context.call(Call::Back);
            return;
        }
        let expired = {
            let mut install = context.phone.social.install(super::PLATFORM);
            let expired = install.expired.contains(to);
            if !expired {
                install.active = Some(to.to_owned());
                install.keep();
            }
            expired
        };
        if expired {
            context.call(Call::Go("login_password".to_owned(), json!({"name": to})));
            return;
        }
        self.notice = None;
        let challenge = crate::app::social::login::challenge(context.phone, super::PLATFORM, to);
        if let Some(challenge) = challenge {
            context.call(Call::Reset("stop".to_owned(), super::stop_page(challenge)));
            return;
        }
        "videos".clone_into(&mut self.grid_tab);
        self.bubble_gone = false;
        context.call(Call::Reset("profile".to_owned(), json!({})));
        if moods(context.phone).extra("update_after_switch") {
            context.call(Call::Later(
                std::time::Duration::from_millis(600),
                "update_required".to_owned(),
            ));
        }
    }

    fn log_out(&mut self, context: &mut Context<'_>) {
        let Some(me) = active(context.phone) else { return };
        if self.deed(context, Act::Logout { account: me }, "logout") {
            let next = active(context.phone);
            let screen = if next.is_some() { "profile" } else { "profile_out" };
            context.call(Call::Reset(screen.to_owned(), json!({})));
        }
    }
}
