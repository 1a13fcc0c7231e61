//! The home feed and single posts in its shape: what a post shows, likes and saves, and where taps on it lead.

use serde_json::{Value, json};

use super::super::social::{Act, MaterialKind, Post, World, count, text};
use super::super::{Call, Context, Look};
use super::{HERE, Instagram, me, perform, profile, show};
use crate::phone::identity;
use crate::ui::page::Page;

/// Posts that the feed has loaded, and after how many of them an advertisement stands.
const LOADED: usize = 24;
const BETWEEN_ADS: usize = 4;
/// Letters of a caption before "… more".
const CAPTION: usize = 90;
const STORIES: usize = 7;
/// Seconds for which a story is shown.
const STORY_LASTS: u64 = 86_400;

pub(super) fn model(app: &Instagram, look: Look<'_>, page: &Page, me: &str) -> Value {
    let install = look.phone.social.install(HERE);
    let plays = install.moods().extra("feed_plays");
    let world = look.phone.social.world(HERE);
    let view = Viewer {
        app,
        world: &world,
        me,
        language: look.language,
    };
    if page.screen == "post_menu" {
        let saved = page.arg("post").parse().is_ok_and(|post| world.saved(me, post));
        return json!({"saved": saved});
    }
    let posts: Vec<Value> = match page.screen.as_str() {
        "my_story" => Vec::new(),
        "post" => view.thread(&page.arg("post")),
        _ => view.feed(),
    };
    let story = view.my_story();
    json!({
        "posts": posts,
        "my_story": story.is_some(),
        "story_age": story.map(|post| text::age(world.now().seconds_since(post.at), look.language)),
        "story_bg": story.and_then(|post| post.media.first()).map(|one| show::picture(&one.hash)),
        "stories": view.stories(),
        "friends": view.stories(),
        "plays": plays,
        "my_letter": show::letter(me),
        "uploads": profile::uploads(&install, &world),
        "notice": app.notice.as_deref().or_else(|| sharing(&install)),
    })
}

/// While something is on its way.
fn sharing(install: &super::super::social::Install) -> Option<&'static str> {
    use super::super::social::upload::UploadState;
    let running = |upload: &&super::super::social::upload::Upload| upload.state == UploadState::Running;
    install.uploads.iter().find(running).map(|_| "sharing")
}

/// Who looks at which world.
pub(super) struct Viewer<'a> {
    pub(super) app: &'a Instagram,
    pub(super) world: &'a World,
    pub(super) me: &'a str,
    pub(super) language: &'a str,
}

impl Viewer<'_> {
    fn feed(&self) -> Vec<Value> {
        let sponsor = |post: &Post| {
            self.world
                .account(&post.author)
                .is_some_and(|author| author.sponsor)
        };
        let mut posts: Vec<&Post> = self.visible_posts().filter(|post| !sponsor(post)).collect();
        posts.truncate(LOADED);
        let ads: Vec<&Post> = self.visible_posts().filter(|post| sponsor(post)).collect();
        let mut out = Vec::new();
        for (at, post) in posts.into_iter().enumerate() {
            if at > 0 && at % BETWEEN_ADS == 0 && !ads.is_empty() {
                out.push(self.post(ads[(at / BETWEEN_ADS) % ads.len()]));
            }
            out.push(self.post(post));
        }
        out
    }

    /// The newest first; stories apart.
    pub(super) fn visible_posts(&self) -> impl Iterator<Item = &Post> {
        let all = self.world.posts.iter().rev();
        all.filter(|post| post.placement != "story" && self.world.visible(post, self.me))
    }

    /// A post and, under it, the older ones of its author.
    fn thread(&self, id: &str) -> Vec<Value> {
        let found = id.parse().ok().and_then(|id| self.world.post(id));
        let Some(first) = found.filter(|post| self.world.visible(post, self.me)) else {
            return Vec::new();
        };
        let older = self.world.posts_of(&first.author, self.me);
        let older = older
            .filter(|post| post.id != first.id && post.at <= first.at)
            .take(4);
        std::iter::once(first)
            .chain(older)
            .map(|post| self.post(post))
            .collect()
    }

    pub(super) fn liked(&self, post: &Post) -> bool {
        self.world.likes(self.me, post.id) || self.app.seems(self.me, "like", &post.code)
    }

    pub(super) fn post(&self, post: &Post) -> Value {
        let (world, language) = (self.world, self.language);
        let author = post.author.as_str();
        let first = post.media.first();
        let photo = first.is_none_or(|one| one.kind == MaterialKind::Photo);
        let likes = count::short(world.likes_of(post), language);
        let comments = count::short(world.comment_count(post), language);
        let ago = show::ago(world, post, language);
        let (thing, article, chose) = if photo {
            ("photo", "une photo", "Photo")
        } else {
            ("video", "une vidéo", "Video")
        };
        json!({
            "id": post.id,
            "author": author,
            "color": show::color(author),
            "letter": show::letter(author),
            "ad": world.account(author).is_some_and(|account| account.sponsor),
            "photo": photo,
            "header": show::word(
                language,
                &format!("{author} posted a {thing} {ago}"),
                &format!("{author} a publié {article} {ago}"),
            ),
            "media_desc": show::word(
                language,
                &format!("{chose} by {author}, {likes} likes, {comments} comments"),
                &format!("{} de {author}, {likes} J’aime, {comments} commentaires", chose.replace("Video", "Vidéo")),
            ),
            "media_h": 230 + identity::mix(post.id, 3) % 170,
            "bg": show::picture(first.map_or("", |one| one.hash.as_str())),
            "liked": self.liked(post),
            "saved": world.saved(self.me, post.id),
            "likes": likes,
            "comments": comments,
            "caption": text::cut(&post.caption, CAPTION, language),
            "ago": ago,
        })
    }

    /// The newest own story that is still shown.
    fn my_story(&self) -> Option<&Post> {
        let own = |post: &&Post| post.author == self.me && post.placement == "story";
        let posts = self.world.posts.iter().rev().filter(own);
        let lasts = |post: &&Post| self.world.now().seconds_since(post.at) < STORY_LASTS;
        posts.filter(|post| self.world.visible(post, self.me)).find(lasts)
    }

    fn stories(&self) -> Vec<Value> {
        let others = self.world.accounts.values();
        let others =
            others.filter(|account| !account.sponsor && !account.private && account.username != self.me);
        others
            .take(STORIES)
            .enumerate()
            .map(|(at, account)| {
                let mut person = show::person(account, self.language, 0);
                let username = &account.username;
                let label = show::word(
                    self.language,
                    &format!("{username}'s story, {} of {STORIES}, Unseen.", at + 1),
                    &format!("Story de {username}, {} sur {STORIES}, non vue.", at + 1),
                );
                profile::merge(&mut person, json!({"label": label}));
                person
            })
            .collect()
    }
}

pub(super) fn act(app: &mut Instagram, context: &mut Context<'_>, action: &str, argument: &str) -> bool {
    match action {
        "like" => toggle(app, context, argument, true),
        "save" => toggle(app, context, argument, false),
        "menu_save" => {
            context.call(Call::Back);
            toggle(app, context, argument, false);
        }
        "my_story" => {
            let there = me(context.phone).is_some_and(|me| {
                let world = context.phone.social.world(HERE);
                let (app, world, language) = (&*app, &*world, context.language);
                let view = Viewer {
                    app,
                    world,
                    me: &me,
                    language,
                };
                view.my_story().is_some()
            });
            if there {
                context.call(Call::Go("my_story".to_owned(), json!({})));
            }
        }
        "open_post" => open(context, argument, None),
        "open_reel" => open(context, argument, Some("reel")),
        "user" => {
            let own = me(context.phone).is_some_and(|me| me == argument);
            if own {
                context.call(Call::Reset("profile".to_owned(), json!({"root": true})));
            } else {
                context.call(Call::Go("user".to_owned(), json!({"username": argument})));
            }
        }
        "notice_over" => app.notice = None,
        _ => return false,
    }
    true
}

fn toggle(app: &mut Instagram, context: &mut Context<'_>, id: &str, like: bool) {
    let Some(me) = me(context.phone) else { return };
    let act = {
        let world = context.phone.social.world(HERE);
        let Some(post) = id.parse().ok().and_then(|id| world.post(id)) else {
            return;
        };
        if like {
            Act::like(&me, post, !world.likes(&me, post.id))
        } else {
            Act::collect(&me, post, !world.saved(&me, post.id))
        }
    };
    perform(app, context, act);
}

/// A reel in its viewer, anything else in the feed's shape.
fn open(context: &mut Context<'_>, id: &str, force: Option<&str>) {
    let placement = {
        let world = context.phone.social.world(HERE);
        let post = id.parse().ok().and_then(|id| world.post(id));
        post.map(|post| post.placement.clone()).unwrap_or_default()
    };
    let screen = match force.unwrap_or(&placement) {
        "reel" => "reel",
        _ => "post",
    };
    context.call(Call::Go(screen.to_owned(), json!({"post": id})));
}
