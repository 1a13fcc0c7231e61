//! The feed and the viewer of one post: what comes after what, playing and pausing, likes, favourites, the bars.

use std::time::Duration;

use serde_json::{Value, json};

use super::shown::{Seer, bond, caption, scene, tint};
use super::{TikTok, active, moods, world};
use crate::app::social::{Act, MaterialKind, Post, World, count};
use crate::app::{Call, Context, Look};
use crate::phone::{Phone, identity};
use crate::ui::page::Page;

/// So long something that the platform forgot still looks done.
pub(super) const PRETENCE: Duration = Duration::from_millis(2500);
/// Every so many videos an advertisement, every so many a live room.
const AD_EVERY: usize = 5;
const LIVE_EVERY: usize = 7;

/// Rows of the inbox: sign, colour, and the string table's names begin with the last.
const EVENTS: &[(&str, &str, &str)] = &[
    ("friends", "#20a0d5", "new_followers"),
    ("heart_full", "#fe2c55", "activity"),
    ("bell", "#7a5cff", "system_news"),
];

/// Where somebody is in the feed.
#[derive(Debug, Default)]
pub(super) struct Place {
    tab: String,
    at: usize,
    /// The picture of a photo post that shows.
    picture: usize,
}

impl Place {
    pub(super) fn friends(&self) -> bool {
        self.tab == "friends"
    }
}

/// One place of the feed.
enum Item<'a> {
    Post(&'a Post),
    Ad(&'a Post),
    Live(&'a str),
}

impl TikTok {
    /// The first screen: the feed, and what will come over it.
    pub(super) fn open_feed(&mut self, context: &mut Context<'_>) -> (String, Value) {
        self.paused = false;
        if self.feed.tab.is_empty() {
            "for_you".clone_into(&mut self.feed.tab);
        }
        self.plan_interruptions(context.phone);
        self.interrupt_soon(context);
        ("feed".to_owned(), json!({}))
    }

    pub(super) fn feed_model(&self, look: Look<'_>, page: &Page) -> Value {
        let phone = look.phone;
        let moods = moods(phone);
        let answered = phone.social.install(super::PLATFORM).answered.clone();
        let asked = |what: &str| moods.extra(what) && !answered.contains(what);
        let item = self.item_value(look, page);
        let tabs: Vec<Value> = ["stem", "explore", "shop", "following_tab", "for_you"]
            .iter()
            .map(|name| json!({"name": name, "selected": self.feed.tab == *name}))
            .collect();
        let events: Vec<Value> = EVENTS
            .iter()
            .map(|(icon, color, name)| json!({"icon": icon, "color": color, "name": name}))
            .collect();
        json!({
            "item": item,
            "tabs": tabs,
            "loading": page.screen == "video" && loading(moods.slow_seconds, page),
            "wait": format!("{}s", moods.slow_seconds),
            "coach": asked("coach"),
            "eu_card": asked("eu_card"),
            "banner": self.banner,
            "events": events,
        })
    }

    fn item_value(&self, look: Look<'_>, page: &Page) -> Value {
        let seer = Seer::of(look, self.package);
        let world = world(look.phone);
        let viewer = seer.me.as_deref().unwrap_or_default();
        if page.screen == "video" {
            if loading(seer.slow, page) {
                return Value::Null;
            }
            let id = page.arg("post").parse().unwrap_or(0);
            let post = world.post(id).filter(|post| world.visible(post, viewer));
            return post.map_or(Value::Null, |post| self.post_value(&world, &seer, post, false));
        }
        match self.item(&world, viewer) {
            None => Value::Null,
            Some(Item::Post(post)) => self.post_value(&world, &seer, post, false),
            Some(Item::Ad(post)) => self.post_value(&world, &seer, post, true),
            Some(Item::Live(host)) => {
                let nickname = world.account(host).map_or(host, |one| one.display_name.as_str());
                json!({"kind": "live", "author": host, "nickname": nickname, "scene": "#4a1942..#0c0a1e", "caption": "",
                    "touch": "tab_live"})
            }
        }
    }

    /// What the feed shows at this place; it has no end.
    fn item<'a>(&self, world: &'a World, viewer: &str) -> Option<Item<'a>> {
        let at = self.feed.at;
        let following = self.feed.tab == "following_tab";
        let sponsor = |post: &Post| world.account(&post.author).is_some_and(|one| one.sponsor);
        let mut posts: Vec<&Post> = world
            .posts
            .iter()
            .filter(|post| post.author != viewer && post.placement != "story" && world.visible(post, viewer))
            .collect();
        let salt = identity::mix(self.seed, identity::of_text(&self.feed.tab));
        posts.sort_by_key(|post| identity::mix(salt, post.id));
        let (ads, videos): (Vec<&Post>, Vec<&Post>) = posts.into_iter().partition(|post| sponsor(post));
        if self.feed.tab == "friends" || following {
            let own: Vec<&Post> = videos
                .into_iter()
                .filter(|post| {
                    world.follows(viewer, &post.author) && (following || world.follows(&post.author, viewer))
                })
                .collect();
            return own.get(at % own.len().max(1)).copied().map(Item::Post);
        }
        if at % LIVE_EVERY == LIVE_EVERY - 1 {
            let host = videos.get(at % videos.len().max(1))?;
            return Some(Item::Live(&host.author));
        }
        if at % AD_EVERY == AD_EVERY - 1 && !ads.is_empty() {
            return Some(Item::Ad(ads[at % ads.len()]));
        }
        videos.get(at % videos.len().max(1)).copied().map(Item::Post)
    }

    fn post_value(&self, world: &World, seer: &Seer<'_>, post: &Post, ad: bool) -> Value {
        let me = &seer.me;
        let author = world.account(&post.author);
        let photos = post
            .media
            .iter()
            .filter(|one| one.kind == MaterialKind::Photo)
            .count();
        let all_photos = photos == post.media.len() && photos > 0;
        let pretended = |what: &str| self.pretended.contains(&format!("{what}:{}", post.id));
        let real = me.as_deref().is_some_and(|me| world.likes(me, post.id));
        let liked = real || pretended("like");
        let saved = me.as_deref().is_some_and(|me| world.saved(me, post.id)) || pretended("save");
        let bond = bond(world, me.as_deref(), &post.author);
        let short = |number| count::short(number, seer.language);
        let page = self.feed.picture.min(post.media.len().saturating_sub(1));
        json!({
            "touch": "touch_video",
            "kind": if ad { "ad" } else if all_photos { "photos" } else { "video" },
            "id": post.id,
            "author": post.author,
            "nickname": author.map_or(post.author.as_str(), |one| one.display_name.as_str()),
            "tint": tint(&post.author),
            "scene": scene(post.media.get(page)),
            "caption": caption(post),
            "sound": post.sound,
            "sound_id": super::sound::id_of(&post.sound),
            "product": post.product,
            "comments_off": post.comments_off || seer.comments_closed,
            "page": page + 1,
            "pages": post.media.len(),
            "can_follow": matches!(bond, "none" | "back") && !self.pretended.contains(&format!("follow:{}", post.author)),
            "liked": liked,
            "liked_word": seer.liked_word,
            "liked_selected": seer.liked_word == "liked_desc",
            "likes": short(world.likes_of(post) + u64::from(liked && !real)),
            "comments": short(world.comment_count(post)),
            "favourite": saved,
            "favourite_tint": if saved { "#ffc24a" } else { "#ffffff" },
            "favourites": short(world.saves_of(post)),
            "shares": short(post.shares),
        })
    }

    /// The post that the page in front is about.
    pub(super) fn post_in_front(&self, phone: &Phone, page: &Page) -> Option<Post> {
        let viewer = active(phone).unwrap_or_default();
        let world = world(phone);
        let named = page.arg("post").parse::<u64>().ok();
        if let Some(id) = named {
            return world.post(id).cloned();
        }
        match self.item(&world, &viewer)? {
            Item::Post(post) | Item::Ad(post) => Some(post.clone()),
            Item::Live(_) => None,
        }
    }

    pub(super) fn feed_act(&mut self, context: &mut Context<'_>, action: &str, argument: &str) -> bool {
        match action {
            "next" | "previous" => self.step(context, action == "next"),
            "picture_next" => self.feed.picture += 1,
            "picture_previous" => self.feed.picture = self.feed.picture.saturating_sub(1),
            "touch_video" => self.paused = !self.paused,
            "hold" | "share" => context.call(Call::Go("share_sheet".to_owned(), json!({}))),
            "top" => self.go_tab(argument),
            "tab_live" => context.call(Call::Go("live_room".to_owned(), json!({}))),
            "bar" => self.go_bar(context, argument),
            "like" => self.like(context),
            "favourite" => self.favourite(context),
            "follow_here" => self.follow_here(context),
            "ad" => super::note(context, "ad_opened"),
            "open_post" => context.call(Call::Go("video".to_owned(), json!({"post": argument}))),
            "forget" => self.pretended.clear(),
            _ => return false,
        }
        true
    }

    fn step(&mut self, context: &mut Context<'_>, forward: bool) {
        self.paused = false;
        self.feed.picture = 0;
        if context.page.screen != "video" {
            self.feed.at = if forward {
                self.feed.at + 1
            } else {
                self.feed.at.saturating_sub(1)
            };
            return;
        }
        // From somebody's grid the next older post of the same author comes.
        let id: u64 = context.page.arg("post").parse().unwrap_or(0);
        let viewer = active(context.phone).unwrap_or_default();
        let next = {
            let world = world(context.phone);
            let author = world.post(id).map(|post| post.author.clone()).unwrap_or_default();
            let ids: Vec<u64> = world.posts_of(&author, &viewer).map(|post| post.id).collect();
            let at = ids.iter().position(|one| *one == id).unwrap_or(0);
            let to = if forward { at + 1 } else { at.wrapping_sub(1) };
            ids.get(to).copied()
        };
        if let Some(next) = next {
            context.call(Call::Replace(
                "video".to_owned(),
                json!({"post": next.to_string()}),
            ));
        }
    }

    fn go_tab(&mut self, name: &str) {
        name.clone_into(&mut self.feed.tab);
        self.feed.at = 0;
        self.feed.picture = 0;
        self.paused = false;
    }

    fn go_bar(&mut self, context: &mut Context<'_>, to: &str) {
        let logged_in = active(context.phone).is_some();
        let screen = match to {
            "home" | "friends" => {
                let tab = if to == "home" { "for_you" } else { "friends" };
                if self.feed.tab != tab {
                    self.go_tab(tab);
                }
                self.paused = false;
                "feed"
            }
            "inbox" if logged_in => "inbox",
            _ if logged_in => {
                self.bubble_gone = false;
                "videos".clone_into(&mut self.grid_tab);
                "profile"
            }
            _ => "profile_out",
        };
        context.call(Call::Reset(screen.to_owned(), json!({"tab": to})));
    }

    fn like(&mut self, context: &mut Context<'_>) {
        let Some(post) = self.post_in_front(context.phone, context.page) else {
            return;
        };
        let Some(me) = Self::actor(context) else { return };
        let yes = !world(context.phone).likes(&me, post.id);
        self.deed(context, Act::like(&me, &post, yes), &format!("like:{}", post.id));
    }

    fn favourite(&mut self, context: &mut Context<'_>) {
        let Some(post) = self.post_in_front(context.phone, context.page) else {
            return;
        };
        let Some(me) = Self::actor(context) else { return };
        let yes = !world(context.phone).saved(&me, post.id);
        if self.deed(
            context,
            Act::collect(&me, &post, yes),
            &format!("save:{}", post.id),
        ) {
            let text = match (yes, context.language) {
                (true, "fr") => "Ajouté aux favoris",
                (true, _) => "Added to Favorites",
                (false, "fr") => "Retiré des favoris",
                (false, _) => "Removed from Favorites",
            };
            context.call(Call::Toast(text.to_owned()));
        }
    }

    fn follow_here(&mut self, context: &mut Context<'_>) {
        let Some(post) = self.post_in_front(context.phone, context.page) else {
            return;
        };
        self.follow(context, &post.author);
    }
}

/// On a slow network a page comes empty first.
fn loading(slow: f64, page: &Page) -> bool {
    slow > 0.0 && !page.vars.contains_key("loaded")
}
