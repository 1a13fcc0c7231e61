//! Every lasting flow with all promotions on and other people's words in the way: the ledger has what was asked for and
//! nothing else.

use farm::flows::FlowFarm;
use farm::flows::package;
use farm::flows::stage::{Finding, Findings, Stage, check, ground};
use serde_json::{Value, json};

/// Slower than elsewhere: between a look and a touch an offer may come up, and speed makes that moment longer than it is.
const SPEED: f64 = 4.0;

/// Somebody whose name and words are those of buttons and of screens that end a flow.
const TRAP: &str = "follow.me.now";
const WORDS: &str = "We suspended your account! Confirm you're human. Try again later? Account suspended, permanently banned. \
                     Too many attempts. Follow, Unfollow, Post, Share, Log out";

fn promotions(platform: &str) -> Value {
    if platform == "instagram" {
        json!({
            "promos": ["map", "instants", "verified", "rating", "Introducing something"], "review_follow": true,
            "extra": { "story_info": true, "reach_dialog": true, "promo_on": "feed" },
        })
    } else {
        json!({
            "promos": ["find_friends", "collections", "link_email", "notifications"],
            "extra": {
                "contacts": true, "confirm_publish": true, "unfollow_asks": true, "update_after_switch": true,
                "bubble": true, "coach": true, "eu_card": true, "banner": true, "camera_tab": "live",
            },
        })
    }
}

async fn seeded(stage: &Stage<'_>) -> Finding {
    let placement = if stage.platform == "instagram" {
        "feed"
    } else {
        "video"
    };
    let second = json!({ "username": "second.one", "password": "another one", "display_name": "Second" });
    let trap = json!({
        "username": TRAP, "password": "x", "display_name": "Follow", "bio": "Following Requested Friends Message",
    });
    let world = json!({
        "accounts": [second, trap],
        "posts": [{ "author": TRAP, "caption": WORDS, "placement": placement }],
        "follows": [[TRAP, stage.me.username]],
    });
    let path = format!("/world/{}", stage.platform);
    stage.farm.tell(&path, &world).await.map_err(ground)?;
    let change = json!({
        "sessions": [stage.me.username, "second.one"], "active": stage.me.username,
        "moods": promotions(stage.platform),
    });
    let app = package(stage.platform);
    stage
        .farm
        .app(&stage.serial, app, &change)
        .await
        .map(drop)
        .map_err(ground)
}

/// All that is asked for on one phone, and what the ledger must hold after it.
async fn everything(stage: &Stage<'_>, variant: &str) -> Finding {
    seeded(stage).await?;
    let app = package(stage.platform);
    stage
        .farm
        .app(&stage.serial, app, &json!({ "variant": variant }))
        .await
        .map_err(ground)?;
    let link = stage.link(TRAP, 0).await.map_err(ground)?;
    let second = farm::flows::Login {
        username: "second.one".to_owned(),
        ..Default::default()
    };
    let orders = [
        stage.order("switch_account").by(&second),
        stage.follow("ana.sketches"),
        stage.follow("nordic.loom").set("access_method", "search"),
        stage.follow(TRAP),
        stage.order("unfollow").set("target_users", "ana.sketches"),
        stage.order("like").set("target_post_url", &link),
        stage
            .order("comment")
            .set("target_post_url", &link)
            .set("comment_content", "Calm words"),
        stage
            .post("trapped", "Only this")
            .map_err(ground)?
            .set("post_way", "addButton"),
        stage.post("shared", "And that").map_err(ground)?,
        stage.order("profile").set("bios", "Quiet things"),
        stage.order("sync_data"),
    ];
    for order in orders {
        let told = stage.run(&order).await.map_err(ground)?;
        told.done().map_err(|fault| format!("{}: {fault}", order.flow))?;
    }
    let unasked: Vec<String> = stage
        .acts()
        .into_keys()
        .filter(|act| act.starts_with("opted_in"))
        .collect();
    check(unasked.is_empty(), || format!("accepted: {unasked:?}"))?;
    stage.did(&[
        ("follow ana.sketches", 1),
        ("follow nordic.loom", 1),
        (&format!("follow {TRAP}"), 1),
        ("unfollow ana.sketches", 1),
        (&format!("like {TRAP}"), 1),
        (&format!("comment {TRAP}"), 1),
        ("post", 2),
        ("profile bio", 1),
    ])
}

/// A private account is asked, once; its post cannot be commented on, and that is told as what it is.
async fn a_private_account(stage: &Stage<'_>) -> Finding {
    let order = stage.follow("ivy.keeps.quiet");
    stage.run(&order).await.map_err(ground)?.done()?;
    stage.run(&order).await.map_err(ground)?.done()?;
    stage.did(&[("follow ivy.keeps.quiet", 1)])
}

/// Comments are closed: told, and not tried otherwise.
async fn closed_comments(stage: &Stage<'_>) -> Finding {
    stage
        .moods(json!({ "comments_closed": true }))
        .await
        .map_err(ground)?;
    let order = stage.comment("nordic.loom", "Hello").await.map_err(ground)?;
    let told = stage.run(&order).await.map_err(ground)?;
    told.failed("comments_closed")?;
    check(stage.count("comment") == 0, || format!("{:?}", stage.acts()))
}

/// Somebody else is logged in: nothing is done with his account.
async fn somebody_elses_account(stage: &Stage<'_>) -> Finding {
    let mut order = stage.follow("jonas_builds");
    if let Some(login) = order.login.as_mut() {
        "who.is.not.here".clone_into(&mut login.username);
    }
    let before = stage.acts();
    let told = stage.run(&order).await.map_err(ground)?;
    told.failed("wrong_account")?;
    check(stage.acts() == before, || format!("{:?}", stage.acts()))
}

async fn promoted(
    farm: &FlowFarm,
    platform: &'static str,
    serial: &str,
    variant: &str,
    locale: &str,
) -> Finding {
    farm.speaks(serial, locale).await.map_err(ground)?;
    let stage = Stage::new(farm, platform, serial).await.map_err(ground)?;
    everything(&stage, variant).await
}

async fn refused(farm: &FlowFarm, platform: &'static str, serial: &str) -> Findings {
    let mut findings = Findings::default();
    let stage = Stage::new(farm, platform, serial).await.unwrap();
    findings.take(&format!("{platform} private"), a_private_account(&stage).await);
    findings.take(
        &format!("{platform} closed comments"),
        closed_comments(&stage).await,
    );
    findings.take(
        &format!("{platform} somebody else"),
        somebody_elses_account(&stage).await,
    );
    findings
}

#[tokio::test(flavor = "multi_thread")]
async fn no_trap_is_sprung_on_the_way_through_every_flow() {
    let farm = FlowFarm::start(4, SPEED).await.unwrap();
    let (instagram, first, second) = tokio::join!(
        promoted(&farm, "instagram", "SIM0001", "new", "en-US"),
        refused(&farm, "instagram", "SIM0002"),
        refused(&farm, "tiktok", "SIM0004"),
    );
    let mut findings = Findings::default();
    findings.take("instagram with all promotions", instagram);
    findings.add(first);
    findings.add(second);
    findings.none();
}

#[tokio::test(flavor = "multi_thread")]
async fn no_trap_is_sprung_on_tiktok_with_all_its_offers_at_once() {
    let farm = FlowFarm::start(3, SPEED).await.unwrap();
    let mut findings = Findings::default();
    findings.take(
        "tiktok with all promotions",
        promoted(&farm, "tiktok", "SIM0003", "new", "en-US").await,
    );
    findings.none();
}

#[tokio::test(flavor = "multi_thread")]
async fn no_trap_is_sprung_in_older_layouts_and_in_french() {
    let farm = FlowFarm::start(2, SPEED).await.unwrap();
    let (instagram, tiktok) = tokio::join!(
        promoted(&farm, "instagram", "SIM0001", "old", "fr-FR"),
        promoted(&farm, "tiktok", "SIM0002", "old", "fr-FR"),
    );
    let mut findings = Findings::default();
    findings.take("instagram, old and French", instagram);
    findings.take("tiktok, old and French", tiktok);
    findings.none();
}
