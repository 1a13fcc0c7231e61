//! The steps that make something or change the profile, and the warm-up, which does a little of everything.

use std::time::Instant;

use simphone::ledger::Entry;

use super::{COMMENT, Journey, Outcome, check};

impl Journey<'_> {
    pub(super) async fn comment(&self) -> Outcome {
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

    pub(super) async fn comment_image(&self) -> Outcome {
        let links = self.links("nordic.loom").await?;
        let (link, code) = links.first().ok_or("nordic.loom has no post")?;
        let file = self.picture("smile")?;
        let order = self
            .order("comment")
            .set("target_post_url", link)
            .set("comment_content", "Look at this")
            .with(&file);
        self.done(order).await?;
        let entries = self.ledger();
        let with_picture = |entry: &&Entry| {
            entry.kind == "comment"
                && entry.detail.get("code").is_some_and(|one| one == code)
                && entry.detail["comment"]["text"] == "Look at this"
                && entry.detail["comment"]["image"].is_string()
        };
        let comments = entries.iter().filter(with_picture).count();
        check(comments == 1, || {
            format!("{comments} with a picture: {entries:?}")
        })
    }

    /// A picture of this phone's own.
    fn picture(&self, name: &str) -> Result<std::path::PathBuf, String> {
        let name = format!("{name}-{}.jpg", self.me.username);
        self.farm
            .material(&name, &name)
            .map_err(|error| error.to_string())
    }

    pub(super) async fn post(&self) -> Outcome {
        let name = format!("clip-{}.mp4", self.me.username);
        let file = self
            .farm
            .material(&name, &self.me.username)
            .map_err(|error| error.to_string())?;
        let caption = format!("First {{light|light}} of {} #morning \u{1f305}", self.me.username);
        let order = self.order("post").with(&file).set("captions", &caption);
        let result = self.done(order).await?;
        check(!result["proof"].is_null(), || format!("{result}"))?;
        let posts = self.posts();
        let wanted = format!("First light of {} #morning \u{1f305}", self.me.username);
        check(posts.len() == 1 && text_of(&posts[0]).contains(&wanted), || {
            format!("{posts:?}")
        })
    }

    pub(super) async fn post_images(&self) -> Outcome {
        let mut order = self
            .order("post")
            .set("content_type", "1")
            .set("image_count", "2")
            .set("post_way", "addButton")
            .set("captions", &format!("Two views##from {}", self.me.username));
        for number in 0..2 {
            order = order.with(&self.picture(&format!("view{number}"))?);
        }
        let result = self.done(order).await?;
        check(!result["proof"].is_null(), || format!("{result}"))?;
        let posts = self.posts();
        let last = posts.last().ok_or("nothing was posted")?;
        check(posts.len() == 2, || format!("{posts:?}"))?;
        check(
            last.detail["contents"].as_array().map(Vec::len) == Some(2),
            || format!("{last:?}"),
        )
    }

    fn posts(&self) -> Vec<Entry> {
        let entries = self.ledger().into_iter();
        entries.filter(|entry| entry.kind == "post").collect()
    }

    /// From a sound's page, with a product of the own shop under it.
    pub(super) async fn post_with_sound(&self) -> Outcome {
        let sound = simphone::app::tiktok::sound_id("Slow River");
        let name = format!("sounding-{}.mp4", self.me.username);
        let file = self
            .farm
            .material(&name, &name)
            .map_err(|error| error.to_string())?;
        let order = self
            .order("post")
            .with(&file)
            .set("captions", &format!("With a river, by {}", self.me.username))
            .set("post_way", "useSound")
            .set(
                "sound_name",
                &format!("https://www.tiktok.com/music/Slow-River-{sound}"),
            )
            .set("add_product_link", "true");
        let result = self.done(order).await?;
        check(!result["proof"].is_null(), || format!("{result}"))?;
        let posts = self.posts();
        let last = posts.last().ok_or("nothing was posted")?;
        check(
            posts.len() == 3
                && last.detail["post"]["sound"] == "Slow River"
                && last.detail["post"]["product"]
                    .as_str()
                    .is_some_and(|product| !product.is_empty()),
            || format!("{last:?}"),
        )
    }

    pub(super) async fn story(&self) -> Outcome {
        let order = self
            .order("post")
            .set("content_type", "1")
            .set("placement", "story")
            .with(&self.picture("today")?);
        let result = self.done(order).await?;
        check(!result["proof"].is_null(), || format!("{result}"))?;
        check(self.count("story") == 1, || format!("{:?}", self.acts()))
    }

    pub(super) async fn profile(&self) -> Outcome {
        // Under comments names stand, not handles: each phone has its own.
        let name = format!("Quiet {}", self.me.username);
        let order = || {
            self.order("profile")
                .set("nicknames", &name)
                .set("bios", "Handmade things, new every Friday")
        };
        self.done(order().with(&self.picture("face")?)).await?;
        // What stands already is not typed again.
        self.done(order()).await?;
        let path = format!("/world/{}", self.platform);
        let world = self.farm.ask(&path).await.map_err(|error| error.to_string())?;
        let mine = &world["accounts"][&self.me.username];
        check(
            mine["display_name"] == name.as_str() && mine["bio"] == "Handmade things, new every Friday",
            || format!("{mine}"),
        )?;
        let entries = self.ledger();
        let mut fields: Vec<&str> = entries
            .iter()
            .filter(|entry| entry.kind == "profile")
            .filter_map(|entry| entry.detail.get("field")?.as_str())
            .collect();
        fields.sort_unstable();
        check(fields == ["avatar", "bio", "name"], || format!("{fields:?}"))
    }

    /// Watches, and does everything that may be done while watching.
    pub(super) async fn warm_up(&self, topic: &str) -> Outcome {
        const KINDS: [(&str, &str); 4] = [
            ("liked", "like"),
            ("collected", "collect"),
            ("commented", "comment"),
            ("followed", "follow"),
        ];
        const SECONDS: u32 = 120;
        let before = KINDS.map(|(_, kind)| self.count(kind));
        let mut order = self
            .order("account_warmup")
            .set("task_duration", &SECONDS.to_string())
            .set("min_duration", "5")
            .set("max_duration", "8")
            .set("like_probable", "100");
        if !topic.is_empty() {
            order = order
                .set("topic", topic)
                .set("collect_probable", "100")
                .set("comment_probable", "100")
                .set("floow_probable", "100")
                .set("comment", &format!("Beautiful work, says {}", self.me.username));
        }
        let began = Instant::now();
        let result = self.done(order).await?;
        let counts = &result["counts"];
        check(counts["watched"].as_u64() >= Some(1), || format!("{result}"))?;
        for ((told, kind), before) in KINDS.into_iter().zip(before) {
            let really = self.count(kind) - before;
            let told = counts[told].as_u64().unwrap_or_default();
            check(u64::try_from(really).is_ok_and(|really| really == told), || {
                format!("{told} times {kind} told, {really} done: {result}")
            })?;
        }
        // What would not end in time is not begun, and with the plain driver a look at the screen takes seconds.
        let sure = if topic.is_empty() { "liked" } else { "commented" };
        check(
            self.column.driver == "plain" || counts[sure].as_u64() >= Some(1),
            || format!("{result}"),
        )?;
        let took = began.elapsed().as_secs_f64() * self.farm.speed;
        check(took >= f64::from(SECONDS), || {
            format!("ended after {took:.0} s instead of {SECONDS}")
        })
    }
}

fn text_of(entry: &Entry) -> String {
    serde_json::to_value(&entry.detail)
        .unwrap_or_default()
        .to_string()
        .replace("\\ud83c\\udf05", "\u{1f305}")
}
