//! What lasts: each act as it stands in a phone's ledger, and what it makes of the world.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::time::WorldTime;
use super::world::{Comment, Follow, Post, World};

/// An act; its kind is the ledger's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Act {
    Login {
        account: String,
    },
    Logout {
        account: String,
    },
    Follow {
        account: String,
        target: String,
        requested: bool,
        shows_at: WorldTime,
    },
    Unfollow {
        account: String,
        target: String,
    },
    Like {
        account: String,
        post: u64,
        /// The post's author and address, for who reads the ledger.
        target: String,
        code: String,
    },
    Unlike {
        account: String,
        post: u64,
        target: String,
        code: String,
    },
    /// Saved to the account's collection.
    Collect {
        account: String,
        post: u64,
        target: String,
        code: String,
    },
    Uncollect {
        account: String,
        post: u64,
        target: String,
        code: String,
    },
    Comment {
        account: String,
        target: String,
        code: String,
        comment: Comment,
        /// SHA-256 of the text.
        content: String,
    },
    Post {
        account: String,
        /// SHA-256 of the first file, and of all.
        content: String,
        contents: Vec<String>,
        post: Post,
    },
    Story {
        account: String,
        content: String,
        contents: Vec<String>,
        post: Post,
    },
    Draft {
        account: String,
        content: String,
        caption: String,
    },
    Profile {
        account: String,
        /// "name", "username", "bio", "avatar", "private", …
        field: String,
        value: String,
    },
    /// A promotion was accepted.
    OptedIn {
        account: String,
        what: String,
    },
    /// Anything else that a person would not want done unasked: a message sent, a report filed.
    Deed {
        account: String,
        what: String,
    },
}

impl Act {
    /// A post (or, in that place, a story) of that account.
    pub fn post(post: Post) -> Self {
        let account = post.author.clone();
        let contents: Vec<String> = post.media.iter().map(|one| one.hash.clone()).collect();
        let content = contents.first().cloned().unwrap_or_default();
        if post.placement == "story" {
            return Self::Story {
                account,
                content,
                contents,
                post,
            };
        }
        Self::Post {
            account,
            content,
            contents,
            post,
        }
    }

    pub fn account(&self) -> &str {
        match self {
            Self::Login { account }
            | Self::Logout { account }
            | Self::Follow { account, .. }
            | Self::Unfollow { account, .. }
            | Self::Like { account, .. }
            | Self::Unlike { account, .. }
            | Self::Collect { account, .. }
            | Self::Uncollect { account, .. }
            | Self::Comment { account, .. }
            | Self::Post { account, .. }
            | Self::Story { account, .. }
            | Self::Draft { account, .. }
            | Self::Profile { account, .. }
            | Self::OptedIn { account, .. }
            | Self::Deed { account, .. } => account,
        }
    }

    /// The ledger's kind and detail.
    pub(super) fn told(&self) -> (String, Map<String, Value>) {
        let mut detail = match serde_json::to_value(self) {
            Ok(Value::Object(detail)) => detail,
            _ => Map::new(),
        };
        let kind = match detail.remove("kind") {
            Some(Value::String(kind)) => kind,
            _ => String::new(),
        };
        (kind, detail)
    }

    pub fn kind(&self) -> String {
        self.told().0
    }

    /// Reads an entry of a ledger back; `None` for what is no act of a social app.
    pub(super) fn read(kind: &str, detail: &Map<String, Value>) -> Option<Self> {
        let mut all = detail.clone();
        all.insert("kind".to_owned(), Value::from(kind));
        serde_json::from_value(Value::Object(all)).ok()
    }

    /// Whether a platform counts it towards its limits.
    pub(super) fn counted(&self) -> bool {
        matches!(
            self,
            Self::Follow { .. }
                | Self::Unfollow { .. }
                | Self::Like { .. }
                | Self::Comment { .. }
                | Self::Post { .. }
                | Self::Story { .. }
        )
    }

    pub(super) fn apply(&self, world: &mut World) {
        let now = world.now();
        match self {
            Self::Follow {
                account,
                target,
                requested,
                shows_at,
            } => {
                let follow = Follow {
                    at: now,
                    shows_at: *shows_at,
                    requested: *requested,
                };
                let own = world.follows.entry(account.clone()).or_default();
                own.insert(target.clone(), follow);
            }
            Self::Unfollow { account, target } => {
                if let Some(own) = world.follows.get_mut(account) {
                    own.remove(target);
                }
            }
            Self::Like { account, post, .. } => {
                world.likes.entry(*post).or_default().insert(account.clone());
            }
            Self::Unlike { account, post, .. } => {
                world.likes.entry(*post).or_default().remove(account);
            }
            Self::Collect { account, post, .. } => {
                world.saves.entry(*post).or_default().insert(account.clone());
            }
            Self::Uncollect { account, post, .. } => {
                world.saves.entry(*post).or_default().remove(account);
            }
            Self::Comment { comment, .. } => world.comments.push(comment.clone()),
            Self::Post { post, .. } | Self::Story { post, .. } => drop(world.add_post(post.clone()).id),
            Self::Profile {
                account,
                field,
                value,
            } => change_profile(world, account, field, value),
            Self::Login { .. }
            | Self::Logout { .. }
            | Self::Draft { .. }
            | Self::OptedIn { .. }
            | Self::Deed { .. } => {}
        }
    }
}

fn change_profile(world: &mut World, account: &str, field: &str, value: &str) {
    if field == "username" {
        rename(world, account, value);
        return;
    }
    let Some(kept) = world.accounts.get_mut(account) else {
        return;
    };
    match field {
        "name" => value.clone_into(&mut kept.display_name),
        "bio" => value.clone_into(&mut kept.bio),
        "avatar" => value.clone_into(&mut kept.avatar),
        "email" => value.clone_into(&mut kept.email),
        "private" => kept.private = value == "true",
        _ => tracing::debug!(field, "a profile field that no account has"),
    }
}

fn rename(world: &mut World, from: &str, to: &str) {
    if world.accounts.contains_key(to) {
        return;
    }
    let Some(mut account) = world.accounts.remove(from) else {
        return;
    };
    to.clone_into(&mut account.username);
    world.accounts.insert(to.to_owned(), account);
    if let Some(own) = world.follows.remove(from) {
        world.follows.insert(to.to_owned(), own);
    }
    for targets in world.follows.values_mut() {
        if let Some(follow) = targets.remove(from) {
            targets.insert(to.to_owned(), follow);
        }
    }
    for post in world.posts.iter_mut().filter(|post| post.author == from) {
        to.clone_into(&mut post.author);
    }
    for who in world.likes.values_mut().chain(world.saves.values_mut()) {
        if who.remove(from) {
            who.insert(to.to_owned());
        }
    }
    for comment in world.comments.iter_mut().filter(|comment| comment.author == from) {
        to.clone_into(&mut comment.author);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_act_is_read_back_from_what_the_ledger_tells() {
        let act = Act::post(Post {
            author: "a".to_owned(),
            caption: "x".to_owned(),
            ..Post::default()
        });
        let (kind, detail) = act.told();
        assert_eq!(kind, "post");
        assert_eq!(detail["account"], "a");
        assert_eq!(Act::read(&kind, &detail), Some(act));
        assert_eq!(Act::read("note_saved", &Map::new()), None);
    }
}
