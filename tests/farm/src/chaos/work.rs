//! What tasks are asked for: each with a target, a text or a file that no other task uses, so that the ledger's entries
//! tell of which task they are; and now and then one that is for the same as one before.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use shared::pack::files::hex;

use super::crew::{PLATFORMS, post_code, post_url, target, username};
use super::facts::Deed;
use super::rack::serial;

/// One follow of so many is of somebody whom the account was asked to follow before.
const SHARED: f64 = 0.05;
/// Of a hundred tasks: follows, likes, comments; the rest are posts.
const MIX: (u32, u32, u32) = (35, 25, 20);
/// So many posts name no file, and take one out of the library.
const LIBRARY: f64 = 0.5;
/// In the caption of each such post, and of no other.
pub const OUT_OF_LIBRARY: &str = "out of the library";

/// A task as it is asked for.
#[derive(Debug, Clone)]
pub struct Job {
    pub deed: Deed,
    /// The body of `POST /task`.
    pub body: Value,
    /// The call's own name: the same call again creates nothing.
    pub key: String,
    /// What is taken into the library before: a name and bytes that are no other's. Any task may be given it.
    pub material: Option<(String, Vec<u8>)>,
}

/// Chooses the next job of each account.
#[derive(Debug)]
pub struct Work {
    dice: StdRng,
    seed: u64,
    /// So many people, and posts of theirs, are there.
    targets: usize,
    media: PathBuf,
    /// By phone and platform: whom to follow, what to like next; who was followed.
    next: BTreeMap<(usize, &'static str), Next>,
    made: u64,
}

#[derive(Debug, Default)]
struct Next {
    follow: usize,
    like: usize,
    comment: usize,
    followed: Vec<usize>,
}

impl Work {
    /// Files to post are put into `media`, from where the controller takes them.
    pub fn new(seed: u64, targets: usize, media: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(media)?;
        Ok(Self {
            dice: StdRng::seed_from_u64(seed ^ 0x5EED),
            seed,
            targets,
            media: media.to_owned(),
            next: BTreeMap::new(),
            made: 0,
        })
    }

    /// The next job of the account on this phone.
    pub fn job(&mut self, phone: usize, platform: &'static str) -> io::Result<Job> {
        self.made += 1;
        let kind = self.kind(phone, platform);
        let targets = self.targets;
        let next = self.next.entry((phone, platform)).or_default();
        // Each account begins somewhere else, so that not all of them comment below the same post.
        let turned = |number: usize| (number + phone * 7) % targets;
        let mut material = None;
        let (what, config) = match kind {
            "follow" => {
                let again = self.dice.random_bool(SHARED);
                let number = match next.followed.choose(&mut self.dice) {
                    Some(number) if again => *number,
                    _ => {
                        next.follow += 1;
                        turned(next.follow)
                    }
                };
                next.followed.push(number);
                (target(number), json!({"target_username": target(number)}))
            }
            "like" => {
                next.like += 1;
                let number = turned(next.like);
                let config = json!({"target_post_url": post_url(platform, number)});
                (post_code(platform, number), config)
            }
            "comment" => {
                next.comment += 1;
                let url = post_url(platform, turned(next.comment * 3));
                let text = format!("Well made, number {} of {}", self.made, username(phone));
                let config = json!({"target_post_url": url, "comment_content": text});
                (text, config)
            }
            _ => {
                let name = format!("clip{}.mp4", self.made);
                let bytes = format!(
                    "\0\0\0\x18ftypmp42\0\0\0\0mp42isom clip {} of {}",
                    self.made, self.seed
                );
                if self.dice.random_bool(LIBRARY) {
                    material = Some((name, bytes.into_bytes()));
                    let caption = format!("Clip {} {OUT_OF_LIBRARY} by {}", self.made, username(phone));
                    let config = json!({"materials_tags": "chaos", "captions": caption});
                    (caption, config)
                } else {
                    std::fs::write(self.media.join(&name), &bytes)?;
                    let caption = format!("Clip {} of the long winter by {}", self.made, username(phone));
                    let hash = hex(&Sha256::digest(bytes.as_bytes()));
                    (hash, json!({"material_list": [name], "captions": caption}))
                }
            }
        };
        let deed = Deed {
            platform: platform.to_owned(),
            account: username(phone),
            kind: kind.to_owned(),
            what,
        };
        let body = json!({
            "serials": [serial(phone)], "platform": platform, "script_name": kind, "script_config": config,
        });
        Ok(Job {
            deed,
            body,
            key: format!("chaos-{}-{}", self.seed, self.made),
            material,
        })
    }

    fn kind(&mut self, phone: usize, platform: &'static str) -> &'static str {
        let (follows, likes, comments) = MIX;
        let next = self.next.entry((phone, platform)).or_default();
        match self.dice.random_range(0..100) {
            drawn if drawn < follows && next.follow + 1 < self.targets => "follow",
            drawn if drawn < follows + likes && next.like + 1 < self.targets => "like",
            drawn if drawn < follows + likes + comments => "comment",
            _ => "post",
        }
    }
}

/// The accounts of a farm: each phone's on each platform.
pub fn accounts(phones: usize) -> impl Iterator<Item = (usize, &'static str)> {
    (1..=phones).flat_map(|phone| PLATFORMS.iter().map(move |(platform, _)| (phone, *platform)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_job_is_its_own_but_for_follows_that_are_asked_for_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut work = Work::new(3, 40, folder.path()).unwrap();
        let mut seen = BTreeSet::new();
        let (mut shared, mut keys) = (0, BTreeSet::new());
        let (mut posts, mut materials) = (0, BTreeSet::new());
        for _ in 0..150 {
            for (phone, platform) in accounts(3) {
                let job = work.job(phone, platform).unwrap();
                assert!(keys.insert(job.key));
                posts += usize::from(job.deed.kind == "post");
                if let Some((name, bytes)) = job.material {
                    assert!(job.deed.what.contains(OUT_OF_LIBRARY));
                    assert!(job.body["script_config"]["material_list"].is_null());
                    assert!(materials.insert(bytes), "{name}");
                }
                if !seen.insert(job.deed.clone()) {
                    assert_eq!(job.deed.kind, "follow");
                    shared += 1;
                }
            }
        }
        assert!(shared > 0);
        assert!(materials.len() > posts / 4 && materials.len() < posts * 3 / 4);
        let kinds: BTreeSet<&str> = seen.iter().map(|deed| deed.kind.as_str()).collect();
        assert_eq!(kinds, BTreeSet::from(["comment", "follow", "like", "post"]));
    }

    #[test]
    fn the_same_seed_asks_for_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let jobs = |seed| {
            let mut work = Work::new(seed, 40, folder.path()).unwrap();
            (0..50)
                .map(|_| work.job(1, "tiktok").unwrap().deed)
                .collect::<Vec<_>>()
        };
        assert_eq!(jobs(1), jobs(1));
        assert_ne!(jobs(1), jobs(2));
    }
}
