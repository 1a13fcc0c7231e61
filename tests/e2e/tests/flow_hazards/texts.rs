//! Typing: every text arrives to the letter, the owner's keyboard is his again however the run ends, and no password
//! stands in a log.

use farm::flows::FlowFarm;
use farm::flows::stage::{Finding, Findings, Stage, Told, check, ground};
use serde_json::json;

use super::SPEED;

const KEYBOARD: &str = "settings get secure default_input_method";
/// Emoji with joiners and colours, quotes of the shell, right-to-left, and what `input` itself would take for blanks.
const TEXTS: [&str; 4] = [
    "So good \u{1f469}\u{200d}\u{1f3a8}\u{1f44f}\u{1f3fd} it's \"quoted\" & $HOME `x` \\ 100%s",
    "\u{05e9}\u{05dc}\u{05d5}\u{05dd} \u{05dc}\u{05db}\u{05d5}\u{05dc}\u{05dd}, abc \u{05e2}\u{05d5}\u{05d3}",
    "\u{0645}\u{0631}\u{062d}\u{0628}\u{0627} \u{0628}\u{0643}\u{0645} \u{2764}\u{fe0f}",
    "C'est l'\u{e9}t\u{e9} \u{2019}\u{ab}\u{a0}enfin\u{a0}\u{bb}; rm -rf / #tag @ana.sketches",
];

/// Each text as a comment of its own.
async fn to_the_letter(stage: &Stage<'_>) -> Finding {
    let owners = stage.shell(KEYBOARD).await.map_err(ground)?;
    let authors = ["ana.sketches", "nordic.loom", "jonas_builds", "lumen.ceramics"];
    for (text, author) in TEXTS.iter().zip(authors) {
        let order = stage.comment(author, text).await.map_err(ground)?;
        stage.run(&order).await.map_err(ground)?.done()?;
        let ledger = stage.ledger();
        let arrived = ledger.last().map(|entry| entry.detail["comment"]["text"].clone());
        check(arrived == Some(json!(text)), || {
            format!("sent {text:?}, arrived {arrived:?}")
        })?;
        let now = stage.shell(KEYBOARD).await.map_err(ground)?;
        check(now == owners, || format!("the keyboard is {now}, was {owners}"))?;
    }
    check(stage.count("comment") == TEXTS.len(), || {
        format!("{:?}", stage.acts())
    })
}

/// The typing keyboard answers nothing: no half text is sent, and the owner has his keyboard again.
async fn a_broken_keyboard(stage: &Stage<'_>) -> Finding {
    let owners = stage.shell(KEYBOARD).await.map_err(ground)?;
    stage
        .fault(json!({ "kind": "keyboard_broken" }))
        .await
        .map_err(ground)?;
    let order = stage.comment("ridgeline_runs", TEXTS[0]).await.map_err(ground)?;
    let before = stage.count("comment");
    let told = stage.run(&order).await.map_err(ground)?;
    stage
        .fault(json!({ "clear": "keyboard_broken" }))
        .await
        .map_err(ground)?;
    check(told.kind() != "done", || told.story())?;
    told.failed(told.kind())?;
    check(stage.count("comment") == before, || format!("{:?}", stage.acts()))?;
    let now = stage.shell(KEYBOARD).await.map_err(ground)?;
    check(now == owners, || format!("the keyboard is {now}, was {owners}"))
}

/// Killed while the typing keyboard is chosen: the next run gives the owner his own back.
async fn killed_while_typing(stage: &Stage<'_>) -> Finding {
    let owners = stage.shell(KEYBOARD).await.map_err(ground)?;
    let order = stage.comment("studio.verbena", TEXTS[1]).await.map_err(ground)?;
    let phone = stage.phone();
    // The phone does not answer any more once it has the typing keyboard: else it could be over before it is seen.
    stage
        .fault(json!({ "kind": "hang_after", "words": "ime set" }))
        .await
        .map_err(ground)?;
    let chosen = || {
        let settings = simphone::phone::lock(&phone.settings);
        settings.get(
            simphone::phone::settings::Namespace::Secure,
            "default_input_method",
        ) != Some(owners.as_str())
    };
    let killed = stage.kill_when(&order, chosen).await.map_err(ground)?;
    check(killed, || "it ended before it was killed".to_owned())?;
    stage
        .run(&stage.order("sync_data"))
        .await
        .map_err(ground)?
        .done()?;
    let now = stage.shell(KEYBOARD).await.map_err(ground)?;
    check(now == owners, || format!("the keyboard is {now}, was {owners}"))
}

/// Neither the phone's logs nor what the agent tells holds the password, also where each step is told.
async fn a_password_is_in_no_log(stage: &Stage<'_>) -> Finding {
    let mut order = stage.order("login");
    order.more.push("--verbose".to_owned());
    let told = stage.run(&order).await.map_err(ground)?;
    told.done()?;
    secret_everywhere(stage, &told).await?;
    stage.did(&[("login", 1)])
}

async fn secret_everywhere(stage: &Stage<'_>, told: &Told) -> Finding {
    let logcat = stage.shell("logcat -d").await.map_err(ground)?;
    let history = stage.shell("dumpsys activity broadcasts").await.map_err(ground)?;
    for (place, text) in [
        ("logcat", &logcat),
        ("the history of broadcasts", &history),
        ("stderr", &told.ended.stderr),
        ("stdout", &told.ended.stdout),
    ] {
        check(!text.contains(&stage.me.password), || {
            format!("{place} holds the password")
        })?;
        let coded = base64_of(&stage.me.password);
        check(!text.contains(&coded), || {
            format!("{place} holds the password in base64")
        })?;
    }
    Ok(())
}

/// A password that only the typing keyboard can type arrives to the letter, though it may then stand in the history of
/// broadcasts, as Android keeps them; what the agent tells does not hold it.
async fn a_password_beyond_ascii(farm: &FlowFarm, platform: &'static str, serial: &str) -> Finding {
    let mut stage = Stage::logged_out(farm, platform, serial)
        .await
        .map_err(ground)?
        .plain()
        .with_keyboard()
        .await
        .map_err(ground)?;
    "Schl\u{fc}ssel-\u{e9}t\u{e9}&'9 \u{4f60}\u{597d}".clone_into(&mut stage.me.password);
    let account = json!({ "username": stage.me.username, "password": stage.me.password });
    farm.tell(&format!("/world/{platform}"), &json!({ "accounts": [account] }))
        .await
        .map_err(ground)?;
    let mut order = stage.order("login");
    order.more.push("--verbose".to_owned());
    let told = stage.run(&order).await.map_err(ground)?;
    told.done()?;
    for text in [&told.ended.stderr, &told.ended.stdout] {
        check(!text.contains(&stage.me.password), || {
            "the agent tells the password".to_owned()
        })?;
    }
    stage.did(&[("login", 1)])
}

fn base64_of(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    // The last, unfinished group is left out: what stands before it is telling enough.
    text.as_bytes()
        .chunks_exact(3)
        .flat_map(|three| {
            let bits = u32::from(three[0]) << 16 | u32::from(three[1]) << 8 | u32::from(three[2]);
            [18, 12, 6, 0].map(|shift| char::from(LETTERS[(bits >> shift & 63) as usize]))
        })
        .collect()
}

async fn typed(farm: &FlowFarm, platform: &'static str, serial: &str, plain: bool) -> Findings {
    let mut findings = Findings::default();
    let stage = Stage::new(farm, platform, serial).await.unwrap();
    let stage = if plain {
        stage.plain().with_keyboard().await.unwrap()
    } else {
        stage
    };
    let name = |what: &str| format!("{platform} plain={plain}: {what}");
    findings.take(&name("to the letter"), to_the_letter(&stage).await);
    if plain {
        findings.take(&name("a broken keyboard"), a_broken_keyboard(&stage).await);
        findings.take(&name("killed while typing"), killed_while_typing(&stage).await);
    }
    findings
}

async fn logged_in(farm: &FlowFarm, platform: &'static str, serial: &str) -> Finding {
    let stage = Stage::logged_out(farm, platform, serial)
        .await
        .map_err(ground)?
        .plain();
    a_password_is_in_no_log(&stage).await
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_arrive_to_the_letter_and_passwords_nowhere_else() {
    let farm = FlowFarm::start(6, SPEED).await.unwrap();
    let (one, two, three, login, beyond_instagram, beyond_tiktok) = tokio::join!(
        typed(&farm, "instagram", "SIM0001", true),
        typed(&farm, "instagram", "SIM0003", false),
        typed(&farm, "tiktok", "SIM0002", false),
        logged_in(&farm, "instagram", "SIM0004"),
        a_password_beyond_ascii(&farm, "instagram", "SIM0005"),
        a_password_beyond_ascii(&farm, "tiktok", "SIM0006"),
    );
    let mut findings = Findings::default();
    for more in [one, two, three] {
        findings.add(more);
    }
    findings.take("instagram login", login);
    findings.take("instagram login beyond ASCII", beyond_instagram);
    findings.take("tiktok login beyond ASCII", beyond_tiktok);
    findings.none();
}
