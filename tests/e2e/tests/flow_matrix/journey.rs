//! One phone's way through all flows: what is asked, and what must have been done by then, and nothing else.

mod making;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Instant;

use farm::flows::matrix::{Combination, Table};
use farm::flows::stage::Told;
use farm::flows::{FlowFarm, Login, Order, driver, package};
use serde_json::{Value, json};
use simphone::ledger::Entry;

/// In the order in which a phone goes through them; also the rows of the table.
const FLOWS: [&str; 17] = [
    "login",
    "login again",
    "match_accounts",
    "switch_account",
    "sync_data",
    "follow",
    "unfollow",
    "like",
    "comment",
    "comment image",
    "post",
    "post images",
    "post with sound",
    "story",
    "profile",
    "warm-up",
    "warm-up on topic",
];

/// What only one of the apps can do.
const ONE_ALONE: [(&str, &str); 3] = [
    ("tiktok", "comment image"),
    ("tiktok", "post with sound"),
    ("instagram", "story"),
];

/// The rows of one app.
pub(crate) fn rows(platform: &str) -> Vec<&'static str> {
    let others = |row: &&str| {
        ONE_ALONE
            .iter()
            .any(|(whose, what)| what == row && *whose != platform)
    };
    FLOWS.into_iter().filter(|row| !others(row)).collect()
}

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
                "professional": true,
            })
        };
        let accounts = json!({ "accounts": [seeded(&me), seeded(&second)] });
        farm.tell(&format!("/world/{platform}"), &accounts).await?;
        if column.driver == "plain" {
            farm.install_keyboard(&column.serial).await?;
        }
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
        for row in rows(self.platform) {
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
            "comment image" => self.comment_image().await,
            "post" => self.post().await,
            "post images" => self.post_images().await,
            "post with sound" => self.post_with_sound().await,
            "story" => self.story().await,
            "profile" => self.profile().await,
            "warm-up" => self.warm_up("").await,
            _ => self.warm_up("day").await,
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
        let mut told = Told::of(ended).map_err(|error| error.to_string())?;
        told.done()?;
        Ok(told.answer["result"].take())
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
            "login", "follow", "unfollow", "like", "comment", "collect", "post", "story", "profile",
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
}

fn check(right: bool, told: impl FnOnce() -> String) -> Outcome {
    if right { Ok(()) } else { Err(told()) }
}
