//! One phone's way through all flows: what is asked, and what must have been done by then, and nothing else.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Instant;

use farm::flows::matrix::{Combination, Table};
use farm::flows::{FlowFarm, Login, Order};
use serde_json::{Value, json};
use simphone::ledger::Entry;

/// In the order in which a phone goes through them; also the rows of the table.
pub(crate) const FLOWS: [&str; 13] = [
    "login",
    "login again",
    "match_accounts",
    "switch_account",
    "sync_data",
    "follow",
    "unfollow",
    "like",
    "comment",
    "post",
    "post images",
    "profile",
    "account_warmup",
];

const FOLLOWERS: u64 = 1_234;
const COMMENT: &str = "So good, thank you! \u{1f44f} C'est l'été";

/// What a step found wrong.
type Outcome = Result<(), String>;

/// A phone, its accounts, and what it has done so far.
#[derive(Debug)]
pub(crate) struct Journey<'a> {
    farm: &'a FlowFarm,
    platform: &'static str,
    column: Combination,
    driver: Vec<String>,
    me: Login,
    second: Login,
}

impl<'a> Journey<'a> {
    /// Gives the phone its language, its layout and its accounts.
    pub(crate) async fn new(
        farm: &'a FlowFarm,
        platform: &'static str,
        column: &Combination,
    ) -> std::io::Result<Self> {
        let number = column.serial.trim_start_matches("SIM");
        let account = |name: &str, totp: &str| Login {
            username: format!("{name}.{number}"),
            email: if totp.is_empty() {
                String::new()
            } else {
                format!("{name}{number}@example.com")
            },
            password: format!("secret {name} {number}"),
            totp: totp.to_owned(),
        };
        let code = if platform == "instagram" {
            "JBSWY3DPEHPK3PXPJBSWY3DP"
        } else {
            ""
        };
        let me = account("maker", code);
        let second = account("second", "");
        let seeded = |login: &Login| {
            json!({
                "username": login.username, "password": login.password, "email": login.email,
                "totp": (!login.totp.is_empty()).then_some(&login.totp),
                "display_name": format!("Name of {}", login.username), "followers": FOLLOWERS,
            })
        };
        let accounts = json!({ "accounts": [seeded(&me), seeded(&second)] });
        farm.tell(&format!("/world/{platform}"), &accounts).await?;
        farm.speaks(&column.serial, column.locale()).await?;
        farm.app(
            &column.serial,
            package(platform),
            &json!({ "variant": column.layout }),
        )
        .await?;
        Ok(Self {
            farm,
            platform,
            column: column.clone(),
            driver: driver(column.driver),
            me,
            second,
        })
    }

    /// All flows, each after the one before it ended well.
    pub(crate) async fn run(&self, table: &Mutex<Table>) {
        for row in FLOWS {
            let began = Instant::now();
            let outcome = self.step(row).await.and_then(|()| self.nothing_else());
            let failed = outcome.is_err();
            let cell = outcome.map(|()| began.elapsed());
            table.lock().unwrap().put(&self.column, row, cell);
            if failed && row == "login" {
                return;
            }
        }
    }

    async fn step(&self, row: &str) -> Outcome {
        match row {
            "login" => self.log_in().await,
            "login again" => self.log_in_again().await,
            "match_accounts" => self.match_accounts().await,
            "switch_account" => self.switch_account().await,
            "sync_data" => self.sync_data().await,
            "follow" => self.follow().await,
            "unfollow" => self.unfollow().await,
            "like" => self.like().await,
            "comment" => self.comment().await,
            "post" => self.post().await,
            "post images" => self.post_images().await,
            "profile" => self.profile().await,
            _ => self.warm_up().await,
        }
    }

    fn order(&self, flow: &str) -> Order {
        Order::new(&self.column.serial, self.platform, flow)
            .over(&self.driver)
            .by(&self.me)
    }

    /// Runs it; answers its result.
    async fn done(&self, order: Order) -> Result<Value, String> {
        let ended = self.farm.run(&order).await.map_err(|error| error.to_string())?;
        if ended.code != Some(0) {
            let told: Vec<&str> = ended.stderr.lines().rev().take(12).collect();
            let told: Vec<&str> = told.into_iter().rev().collect();
            return Err(format!(
                "exit code {:?}: {}\n{}",
                ended.code,
                ended.stdout,
                told.join("\n")
            ));
        }
        let mut answer: Value =
            serde_json::from_str(&ended.stdout).map_err(|error| format!("{error}: {}", ended.stdout))?;
        Ok(answer["result"].take())
    }

    fn ledger(&self) -> Vec<Entry> {
        self.farm.ledger(&self.column.serial, package(self.platform))
    }

    /// How often each kind of act was done to each target.
    fn acts(&self) -> BTreeMap<(String, String), usize> {
        let mut acts = BTreeMap::new();
        for entry in self.ledger() {
            let target = entry
                .detail
                .get("target")
                .and_then(Value::as_str)
                .unwrap_or_default();
            *acts.entry((entry.kind, target.to_owned())).or_insert(0) += 1;
        }
        acts
    }

    fn count(&self, kind: &str) -> usize {
        self.ledger().iter().filter(|entry| entry.kind == kind).count()
    }

    /// No trap was sprung: nobody was followed, liked or accepted who was not asked for.
    fn nothing_else(&self) -> Outcome {
        const KNOWN: [&str; 9] = [
            "login", "follow", "unfollow", "like", "comment", "post", "save", "profile", "switch",
        ];
        let strange: Vec<_> = self
            .acts()
            .into_keys()
            .filter(|(kind, _)| !KNOWN.contains(&kind.as_str()))
            .collect();
        check(strange.is_empty(), || {
            format!("the ledger has acts that nobody asked for: {strange:?}")
        })
    }

    // ---- the steps -----------------------------------------------------------------------------------------------

    async fn log_in(&self) -> Outcome {
        for login in [&self.second, &self.me] {
            let result = self.done(self.order("login").by(login)).await?;
            check(
                result["username"] == login.username && result["logined"] == 1,
                || format!("{result}"),
            )?;
        }
        check(self.count("login") == 2, || format!("{:?}", self.acts()))
    }

    async fn log_in_again(&self) -> Outcome {
        let result = self.done(self.order("login")).await?;
        check(result["already"] == true, || format!("{result}"))?;
        check(self.count("login") == 2, || format!("{:?}", self.acts()))
    }

    async fn match_accounts(&self) -> Outcome {
        let mut order = self.order("match_accounts");
        order.login = None;
        let result = self.done(order).await?;
        let mut names: Vec<&str> = result["accounts"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|one| one["username"].as_str())
            .collect();
        names.sort_unstable();
        check(
            names == [self.me.username.as_str(), self.second.username.as_str()],
            || format!("{result}"),
        )?;
        check(result["active"] == self.me.username, || format!("{result}"))
    }

    async fn switch_account(&self) -> Outcome {
        for login in [&self.second, &self.me] {
            let result = self.done(self.order("switch_account").by(login)).await?;
            check(result["username"] == login.username, || format!("{result}"))?;
            let path = format!("/phones/{}/apps/{}", self.column.serial, package(self.platform));
            let app = self.farm.ask(&path).await.map_err(|error| error.to_string())?;
            check(app["active"] == login.username, || {
                format!("active is {}", app["active"])
            })?;
        }
        Ok(())
    }

    async fn sync_data(&self) -> Outcome {
        let result = self.done(self.order("sync_data")).await?;
        check(
            result["followers"] == FOLLOWERS && result["following"] == 0,
            || format!("{result}"),
        )?;
        check(
            result["nickname"] == format!("Name of {}", self.me.username),
            || format!("{result}"),
        )
    }

    async fn follow(&self) -> Outcome {
        for (target, method) in [
            ("ana.sketches", "direct"),
            ("nordic.loom", "search"),
            ("ana.sketches", "direct"),
        ] {
            let order = self
                .order("follow")
                .set("target_username", target)
                .set("access_method", method);
            self.done(order).await?;
        }
        let acts = self.acts();
        let follows: Vec<_> = acts.iter().filter(|((kind, _), _)| kind == "follow").collect();
        let wanted = [("ana.sketches", 1), ("nordic.loom", 1)];
        let same = follows
            .iter()
            .map(|((_, target), count)| (target.as_str(), **count))
            .eq(wanted);
        check(same, || format!("{follows:?}"))
    }

    async fn unfollow(&self) -> Outcome {
        for _ in 0..2 {
            self.done(self.order("unfollow").set("target_users", "ana.sketches"))
                .await?;
        }
        let acts = self.acts();
        let unfollows: Vec<_> = acts.iter().filter(|((kind, _), _)| kind == "unfollow").collect();
        let same = unfollows
            .iter()
            .map(|((_, target), count)| (target.as_str(), **count))
            .eq([("ana.sketches", 1)]);
        check(same, || format!("{unfollows:?}"))
    }

    /// Links of the first posts of a person.
    async fn links(&self, author: &str) -> Result<Vec<(String, String)>, String> {
        let path = format!("/world/{}", self.platform);
        let world = self.farm.ask(&path).await.map_err(|error| error.to_string())?;
        let links = world["posts"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|post| post["author"] == author)
            .filter_map(|post| {
                let code = post["code"].as_str()?;
                let link = match (self.platform, post["placement"].as_str()?) {
                    ("tiktok", _) => format!("https://www.tiktok.com/@{author}/video/{code}"),
                    (_, "reel") => format!("https://www.instagram.com/reel/{code}/"),
                    _ => format!("https://www.instagram.com/p/{code}/"),
                };
                Some((link, code.to_owned()))
            })
            .collect();
        Ok(links)
    }

    async fn like(&self) -> Outcome {
        let links = self.links("ana.sketches").await?;
        check(links.len() >= 2, || format!("{links:?}"))?;
        for (link, code) in links.iter().take(2) {
            for _ in 0..2 {
                self.done(self.order("like").set("target_post_url", link)).await?;
            }
            let likes = self.of_code("like", code);
            check(likes == 1, || {
                format!("{likes} likes of {link}: {:?}", self.acts())
            })?;
        }
        check(self.count("like") == 2, || format!("{:?}", self.acts()))
    }

    fn of_code(&self, kind: &str, code: &str) -> usize {
        let entries = self.ledger();
        let of =
            |entry: &&Entry| entry.kind == kind && entry.detail.get("code").is_some_and(|one| one == code);
        entries.iter().filter(of).count()
    }

    async fn comment(&self) -> Outcome {
        let links = self.links("ana.sketches").await?;
        for (link, code) in links.iter().take(2) {
            let order = self
                .order("comment")
                .set("target_post_url", link)
                .set("comment_content", COMMENT);
            self.done(order).await?;
            let comments = self.of_code("comment", code);
            check(comments == 1, || format!("{comments} comments on {link}"))?;
        }
        let texts_arrived = self
            .ledger()
            .iter()
            .filter(|entry| entry.kind == "comment")
            .all(|entry| entry.detail["comment"]["text"] == COMMENT);
        check(texts_arrived, || format!("{:?}", self.ledger()))
    }

    async fn post(&self) -> Outcome {
        let name = format!("clip-{}.mp4", self.me.username);
        let file = self
            .farm
            .material(&name, &self.me.username)
            .map_err(|error| error.to_string())?;
        let caption = format!("First {{light|light}} of {} #morning \u{1f305}", self.me.username);
        let order = self.order("post").with(&file).set("captions", &caption);
        let result = self.done(order).await?;
        check(!result["proof"].is_null(), || format!("{result}"))?;
        let posts: Vec<Entry> = self
            .ledger()
            .into_iter()
            .filter(|entry| entry.kind == "post")
            .collect();
        let wanted = format!("First light of {} #morning \u{1f305}", self.me.username);
        check(posts.len() == 1 && text_of(&posts[0]).contains(&wanted), || {
            format!("{posts:?}")
        })
    }

    async fn post_images(&self) -> Outcome {
        let mut order = self
            .order("post")
            .set("content_type", "1")
            .set("image_count", "2")
            .set("post_way", "addButton")
            .set("captions", &format!("Two views##from {}", self.me.username));
        for number in 0..2 {
            let name = format!("view{number}-{}.jpg", self.me.username);
            let file = self
                .farm
                .material(&name, &name)
                .map_err(|error| error.to_string())?;
            order = order.with(&file);
        }
        let before = self.count("post");
        let result = self.done(order).await?;
        check(!result["proof"].is_null(), || format!("{result}"))?;
        check(self.count("post") == before + 1, || {
            format!("{:?}", self.ledger())
        })
    }

    async fn profile(&self) -> Outcome {
        let order = self
            .order("profile")
            .set("nicknames", "Quiet Maker")
            .set("bios", "Handmade things, new every Friday");
        self.done(order).await?;
        let path = format!("/world/{}", self.platform);
        let world = self.farm.ask(&path).await.map_err(|error| error.to_string())?;
        let mine = &world["accounts"][&self.me.username];
        check(
            mine["display_name"] == "Quiet Maker" && mine["bio"] == "Handmade things, new every Friday",
            || format!("{mine}"),
        )
    }

    async fn warm_up(&self) -> Outcome {
        let before = self.count("like");
        let order = self
            .order("account_warmup")
            .set("task_duration", "120")
            .set("min_duration", "5")
            .set("max_duration", "8")
            .set("like_probable", "100");
        let began = Instant::now();
        let result = self.done(order).await?;
        check(result["counts"]["watched"].as_u64() >= Some(2), || {
            format!("{result}")
        })?;
        let liked = result["counts"]["liked"].as_u64().unwrap_or_default();
        let really = self.count("like") - before;
        check(u64::try_from(really).is_ok_and(|really| really == liked), || {
            format!("{liked} likes told, {really} done")
        })?;
        let took = began.elapsed().as_secs_f64() * self.farm.speed;
        check(took >= 120.0, || {
            format!("ended after {took:.0} s instead of 120")
        })
    }
}

fn text_of(entry: &Entry) -> String {
    serde_json::to_value(&entry.detail)
        .unwrap_or_default()
        .to_string()
        .replace("\\ud83c\\udf05", "\u{1f305}")
}

fn check(right: bool, told: impl FnOnce() -> String) -> Outcome {
    if right { Ok(()) } else { Err(told()) }
}

fn package(platform: &str) -> &'static str {
    if platform == "instagram" {
        "com.instagram.android"
    } else {
        "com.zhiliaoapp.musically"
    }
}

/// The words that choose a driver; the resident one's file was put by `tests/prepare.sh`, or where a developer keeps it.
fn driver(name: &str) -> Vec<String> {
    let mut words = vec!["--driver".to_owned(), name.to_owned()];
    if name == "resident" {
        let own = std::env::var("DROVER_RESOURCES")
            .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/resident").to_owned());
        words.extend(["--resident-jar".to_owned(), format!("{own}/u2.jar")]);
    }
    words
}
