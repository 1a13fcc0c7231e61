//! One platform's world: accounts, who follows whom, posts, likes, comments. Kept as one file, replaced whole.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::time::{BEGINNING, WorldClock, WorldTime};
use super::{Act, Platform, mood, people};
use crate::clock::SimClock;
use crate::phone::{identity, write_whole};

/// A person (or a shop) on the platform.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Account {
    pub username: String,
    /// The platform's number for it; given by the world where it is 0.
    pub id: u64,
    pub password: String,
    pub email: String,
    pub phone: String,
    pub display_name: String,
    pub bio: String,
    pub country: String,
    /// Hash of the picture; empty: none.
    pub avatar: String,
    /// Base32 secret of its 2FA; none: no second factor.
    pub totp: Option<String>,
    pub private: bool,
    pub verified: bool,
    pub professional: bool,
    /// A shop whose posts are advertisements.
    pub sponsor: bool,
    /// What it had before this world began to count.
    pub followers: u64,
    pub following: u64,
    pub hearts: u64,
    pub friends: u64,
    pub moods: Map<String, Value>,
    /// Wrong passwords since the last right one.
    pub failures: u32,
    /// The last step of its secret that was used up.
    pub used_step: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Follow {
    pub at: WorldTime,
    /// Until then nobody sees it.
    pub shows_at: WorldTime,
    /// A private account has not said yes yet.
    #[serde(default)]
    pub requested: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaterialKind {
    #[default]
    Video,
    Photo,
}

/// A file that was posted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Material {
    /// SHA-256 of its bytes, in hex.
    pub hash: String,
    pub kind: MaterialKind,
    pub name: String,
    pub millis: Option<u64>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PostState {
    #[default]
    Published,
    /// Its author sees it, others do not.
    Held,
    Removed,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Post {
    /// Given by the world where it is 0.
    pub id: u64,
    /// As it stands in addresses.
    pub code: String,
    pub author: String,
    pub media: Vec<Material>,
    pub title: String,
    pub caption: String,
    /// "reel", "feed", "story", "video", "photos".
    pub placement: String,
    pub visibility: String,
    pub sound: String,
    /// Of the original sound and of the added one, in percent, where the app asks.
    pub volumes: Option<(u8, u8)>,
    pub product: String,
    pub ai: bool,
    pub comments_off: bool,
    pub state: PostState,
    pub at: WorldTime,
    pub shows_at: WorldTime,
    /// What it had before this world began to count.
    pub likes: u64,
    pub comments: u64,
    pub shares: u64,
    pub saves: u64,
    pub views: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Comment {
    pub id: u64,
    pub post: u64,
    pub author: String,
    pub text: String,
    /// Hash of a picture.
    pub image: Option<String>,
    pub at: WorldTime,
    pub shows_at: WorldTime,
}

/// Why a seed is refused.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    #[error("an account needs a username")]
    NoUsername,
    #[error("there is no account {0}")]
    NoAccount(String),
    #[error("reading account {username}")]
    Account {
        username: String,
        #[source]
        source: serde_json::Error,
    },
    #[error("reading a post")]
    Post(#[source] serde_json::Error),
    #[error("cannot keep the world")]
    Keep(#[from] std::io::Error),
}

/// More posts than this are not kept: the oldest seeded ones go first.
const MOST_POSTS: usize = 20_000;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct World {
    pub platform: Platform,
    pub accounts: BTreeMap<String, Account>,
    /// Follower → followed.
    pub follows: BTreeMap<String, BTreeMap<String, Follow>>,
    /// The oldest first.
    pub posts: Vec<Post>,
    /// Post → who likes it.
    pub likes: BTreeMap<u64, BTreeSet<String>>,
    /// Post → who saved it.
    pub saves: BTreeMap<u64, BTreeSet<String>>,
    /// The oldest first.
    pub comments: Vec<Comment>,
    last_id: u64,
    time: WorldTime,
    /// How far each phone's ledger has been taken in, by the phone's folder.
    pub(super) taken: BTreeMap<String, u64>,
    #[serde(skip)]
    clock: Option<WorldClock>,
    #[serde(skip)]
    file: PathBuf,
}

impl World {
    pub(super) fn open(platform: Platform, folder: &Path, clock: &SimClock) -> std::io::Result<Self> {
        let file = folder.join(format!("{}.json", platform.name()));
        let mut world = match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice::<Self>(&bytes)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self::fresh(platform),
            Err(error) => return Err(error),
        };
        world.clock = Some(WorldClock::from(world.time, clock));
        world.file = file;
        Ok(world)
    }

    fn fresh(platform: Platform) -> Self {
        let mut world = Self {
            platform,
            accounts: BTreeMap::new(),
            follows: BTreeMap::new(),
            posts: Vec::new(),
            likes: BTreeMap::new(),
            saves: BTreeMap::new(),
            comments: Vec::new(),
            last_id: 0,
            time: BEGINNING,
            taken: BTreeMap::new(),
            clock: None,
            file: PathBuf::new(),
        };
        people::settle_in(&mut world);
        world
    }

    pub fn now(&self) -> WorldTime {
        self.clock.as_ref().map_or(self.time, WorldClock::now)
    }

    /// Writes it all; call it after each change.
    pub fn keep(&mut self) -> std::io::Result<()> {
        self.time = self.now();
        if self.file.as_os_str().is_empty() {
            return Ok(());
        }
        write_whole(&self.file, &serde_json::to_vec(self)?)
    }

    pub fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    pub fn account(&self, username: &str) -> Option<&Account> {
        self.accounts.get(username)
    }

    /// By username, e-mail address or telephone number, as login forms take them.
    pub fn account_named(&self, name: &str) -> Option<&Account> {
        let name = name.trim().trim_start_matches('@').to_lowercase();
        if name.is_empty() {
            return None;
        }
        let mut all = self.accounts.values();
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        all.find(|account| {
            account.username == name
                || account.email.to_lowercase() == name
                || (!account.phone.is_empty() && digits(&account.phone) == digits(&name))
        })
    }

    pub fn account_by_id(&self, id: u64) -> Option<&Account> {
        self.accounts.values().find(|account| account.id == id)
    }

    pub fn post(&self, id: u64) -> Option<&Post> {
        self.posts.iter().find(|post| post.id == id)
    }

    pub fn post_by_code(&self, code: &str) -> Option<&Post> {
        self.posts.iter().find(|post| post.code == code)
    }

    /// What `viewer` sees of it by now.
    pub fn visible(&self, post: &Post, viewer: &str) -> bool {
        let own = post.author == viewer;
        let open = own
            || !self.account(&post.author).is_some_and(|author| author.private)
            || self
                .follow(viewer, &post.author)
                .is_some_and(|follow| !follow.requested);
        let state = match post.state {
            PostState::Published => true,
            PostState::Held => own,
            PostState::Removed => false,
        };
        state && open && post.shows_at <= self.now()
    }

    /// The posts of one author that `viewer` sees, the newest first; stories apart.
    pub fn posts_of<'a>(&'a self, author: &'a str, viewer: &'a str) -> impl Iterator<Item = &'a Post> {
        let own = self.posts.iter().rev().filter(move |post| post.author == author);
        own.filter(move |post| post.placement != "story" && self.visible(post, viewer))
    }

    /// How `follower` stands to `target`, as far as it shows.
    pub fn follow(&self, follower: &str, target: &str) -> Option<Follow> {
        let follow = *self.follows.get(follower)?.get(target)?;
        (follow.shows_at <= self.now()).then_some(follow)
    }

    pub fn follows(&self, follower: &str, target: &str) -> bool {
        self.follow(follower, target)
            .is_some_and(|follow| !follow.requested)
    }

    pub fn followers(&self, username: &str) -> u64 {
        let base = self.account(username).map_or(0, |account| account.followers);
        let now = self.now();
        let counted = self.follows.values().filter(|targets| {
            targets
                .get(username)
                .is_some_and(|follow| !follow.requested && follow.shows_at <= now)
        });
        base + counted.count() as u64
    }

    pub fn following(&self, username: &str) -> u64 {
        let base = self.account(username).map_or(0, |account| account.following);
        let now = self.now();
        let own = self.follows.get(username).into_iter().flat_map(BTreeMap::values);
        base + own
            .filter(|follow| !follow.requested && follow.shows_at <= now)
            .count() as u64
    }

    /// All likes that an author's posts have.
    pub fn hearts(&self, username: &str) -> u64 {
        let base = self.account(username).map_or(0, |account| account.hearts);
        let posts = self.posts.iter().filter(|post| post.author == username);
        base + posts.map(|post| self.likes_of(post)).sum::<u64>()
    }

    pub fn likes_of(&self, post: &Post) -> u64 {
        post.likes + self.likes.get(&post.id).map_or(0, |who| who.len() as u64)
    }

    pub fn saves_of(&self, post: &Post) -> u64 {
        post.saves + self.saves.get(&post.id).map_or(0, |who| who.len() as u64)
    }

    pub fn likes(&self, username: &str, post: u64) -> bool {
        self.likes.get(&post).is_some_and(|who| who.contains(username))
    }

    pub fn saved(&self, username: &str, post: u64) -> bool {
        self.saves.get(&post).is_some_and(|who| who.contains(username))
    }

    /// The comments that show, the newest first.
    pub fn comments_of(&self, post: u64) -> impl Iterator<Item = &Comment> {
        let now = self.now();
        let all = self.comments.iter().rev();
        all.filter(move |comment| comment.post == post && comment.shows_at <= now)
    }

    pub fn comment_count(&self, post: &Post) -> u64 {
        post.comments + self.comments_of(post.id).count() as u64
    }

    /// Adds an account or changes what is named of one that is there.
    pub fn seed_account(&mut self, fields: &Map<String, Value>) -> Result<&Account, WorldError> {
        let username = fields
            .get("username")
            .and_then(Value::as_str)
            .filter(|name| !name.is_empty())
            .ok_or(WorldError::NoUsername)?
            .to_owned();
        let failed = |source| WorldError::Account {
            username: username.clone(),
            source,
        };
        let old = self.accounts.get(&username).cloned();
        let fresh = old.is_none();
        let mut all = match serde_json::to_value(old.unwrap_or_default()) {
            Ok(Value::Object(all)) => all,
            _ => Map::new(),
        };
        for (name, value) in fields.iter().filter(|(name, _)| *name != "moods") {
            all.insert(name.clone(), value.clone());
        }
        let mut account: Account = serde_json::from_value(Value::Object(all)).map_err(failed)?;
        if let Some(Value::Object(moods)) = fields.get("moods") {
            mood::set(&mut account.moods, moods).map_err(failed)?;
        }
        if account.id == 0 {
            account.id = 6_800_000_000_000_000_000 + self.next_id() * 7_919;
        }
        if fresh && account.display_name.is_empty() {
            account.display_name.clone_from(&username);
        }
        Ok(self
            .accounts
            .entry(username)
            .and_modify(|kept| kept.clone_from(&account))
            .or_insert(account))
    }

    /// Adds a post that somebody made before.
    pub fn seed_post(&mut self, fields: Value) -> Result<&Post, WorldError> {
        let mut post: Post = serde_json::from_value(fields).map_err(WorldError::Post)?;
        if !self.accounts.contains_key(&post.author) {
            return Err(WorldError::NoAccount(post.author));
        }
        if post.at == WorldTime::default() {
            post.at = self.now();
        }
        if post.media.is_empty() {
            let salt = identity::of_text(&post.author);
            let hash = identity::mix(salt, self.last_id);
            post.media.push(Material {
                hash: format!("{hash:016x}"),
                ..Material::default()
            });
        }
        Ok(self.add_post(post))
    }

    pub(super) fn add_post(&mut self, mut post: Post) -> &Post {
        if post.id == 0 {
            post.id = self.next_id();
        }
        self.last_id = self.last_id.max(post.id);
        if post.code.is_empty() {
            post.code = code(self.platform, post.id);
        }
        if self.posts.len() >= MOST_POSTS {
            self.posts.remove(0);
        }
        let at = self.posts.partition_point(|kept| kept.at <= post.at);
        self.posts.insert(at, post);
        &self.posts[at]
    }

    /// Says on whose behalf `follower` sees `target`: nobody is told of what does not exist.
    pub fn seed_follow(&mut self, follower: &str, target: &str) -> Result<(), WorldError> {
        for name in [follower, target] {
            if !self.accounts.contains_key(name) {
                return Err(WorldError::NoAccount(name.to_owned()));
            }
        }
        let at = self.now();
        let follow = Follow {
            at,
            shows_at: at,
            requested: false,
        };
        let own = self.follows.entry(follower.to_owned()).or_default();
        own.insert(target.to_owned(), follow);
        Ok(())
    }

    /// What an act, once it is in a ledger, makes of the world.
    pub(super) fn apply(&mut self, act: &Act) {
        act.apply(self);
    }
}

/// How a post is called in addresses: letters on Instagram, a long number on TikTok.
fn code(platform: Platform, id: u64) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    if platform == Platform::TikTok {
        return (7_412_000_000_000_000_000 + id * 104_729).to_string();
    }
    let mut number = identity::mix(77, id) >> 4;
    let mut out = "C".to_owned();
    for _ in 0..10 {
        out.push(char::from(LETTERS[(number & 63) as usize]));
        number >>= 6;
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_seed_changes_only_what_it_names() {
        let mut world = World::fresh(Platform::Instagram);
        let seed = |world: &mut World, value: Value| {
            let map = value.as_object().cloned().unwrap();
            world.seed_account(&map).cloned()
        };
        seed(&mut world, json!({"username": "a", "password": "p", "bio": "hi"})).unwrap();
        let id = world.account("a").unwrap().id;
        let after = seed(
            &mut world,
            json!({"username": "a", "bio": "ho", "moods": {"held": true}}),
        )
        .unwrap();
        assert_eq!(
            (after.password.as_str(), after.bio.as_str(), after.id),
            ("p", "ho", id)
        );
        assert!(seed(&mut world, json!({"username": "a", "moods": {"nonsense": true}})).is_err());
        assert!(seed(&mut world, json!({"username": "a", "pass": "x"})).is_err());
        assert!(seed(&mut world, json!({"bio": "x"})).is_err());
        assert_eq!(world.account("a").unwrap().bio, "ho");
    }

    #[test]
    fn a_login_name_may_be_an_address_or_a_number() {
        let mut world = World::fresh(Platform::TikTok);
        let seed = json!({"username": "a.b", "email": "A@b.org", "phone": "+33 6 12"});
        world.seed_account(seed.as_object().unwrap()).unwrap();
        for name in ["a.b", "@a.b", " a@B.org ", "+336 12"] {
            assert_eq!(
                world.account_named(name).map(|account| account.username.as_str()),
                Some("a.b"),
                "{name}"
            );
        }
        assert!(world.account_named("").is_none());
        assert!(world.account_named("nobody").is_none());
    }
}
