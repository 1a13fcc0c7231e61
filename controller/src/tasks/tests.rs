//! The rules by which a request becomes tasks, on the packs that come along.

use serde_json::{Value as Json, json};
use shared::account::{AccountStatus, Platform, Username};
use shared::device::Serial;

use super::*;
use crate::store::NewTask;

fn now() -> Timestamp {
    "2026-03-01T08:00:00Z".parse().unwrap()
}

fn account(id: i64, platform: Platform, username: &str) -> AccountRow {
    let mut account = AccountRow::new(id, platform, Username::parse(username).unwrap());
    account.logined = true;
    account.device = Some(Serial("A".to_owned()));
    account
}

fn phone(serial: &str, accounts: Vec<AccountRow>) -> Phone {
    Phone {
        serial: Serial(serial.to_owned()),
        replaced: false,
        accounts,
    }
}

fn phones(phones: Vec<Phone>, every_account: bool) -> On {
    On::Phones {
        phones,
        every_account,
    }
}

fn named(username: &str, accounts: Vec<AccountRow>) -> Named {
    Named {
        username: Username::parse(username).unwrap(),
        accounts,
    }
}

fn wanted(script: &str, config: Json, on: On) -> Wanted {
    Wanted {
        script: script.to_owned(),
        config,
        on,
        platform: None,
        usual_platform: Platform::TikTok,
        start_at: None,
        spacing: None,
        max_retries: None,
        random_order: false,
        seed: 7,
        now: now(),
    }
}

fn planned(wanted: &Wanted) -> Planned {
    plan(&Packs::built_in(), &Media::default(), wanted).unwrap()
}

fn refused(wanted: &Wanted) -> Refused {
    plan(&Packs::built_in(), &Media::default(), wanted).unwrap_err()
}

/// `SERIAL platform username`, one each.
fn told(tasks: &[NewTask]) -> Vec<String> {
    let told = tasks.iter().map(|task| {
        let who = task.username.as_ref().map_or("-", Username::as_str);
        format!("{} {} {who}", task.serial, task.platform)
    });
    told.collect()
}

fn skips(planned: &Planned) -> Vec<String> {
    let skips = planned.skipped.iter().map(|skipped| match &skipped.who {
        Who::Phone(serial) => format!("{serial}: {}", skipped.reason),
        Who::Account(username) => format!("@{username}: {}", skipped.reason),
    });
    skips.collect()
}

fn warmup(on: On) -> Wanted {
    wanted("account_warmup", Json::Null, on)
}

#[test]
fn a_phone_works_for_its_first_account_that_is_enabled_and_logged_in() {
    let mut disabled = account(1, Platform::TikTok, "off");
    disabled.status = AccountStatus::Disabled;
    let mut away = account(2, Platform::TikTok, "away");
    away.logined = false;
    let here = account(3, Platform::TikTok, "here");
    let later = account(4, Platform::TikTok, "later");
    let all = vec![disabled.clone(), away.clone(), here, later];
    let of = |accounts| {
        planned(&warmup(phones(
            vec![phone("A", accounts), phone("B", vec![])],
            false,
        )))
    };
    assert_eq!(told(&of(all).tasks), ["A tiktok here", "B tiktok -"]);
    // Whether it is logged in after all, the flow sees on the phone.
    assert_eq!(told(&of(vec![disabled.clone(), away]).tasks)[0], "A tiktok away");
    let none = of(vec![disabled]);
    assert_eq!(told(&none.tasks), ["B tiktok -"]);
    assert_eq!(skips(&none), ["A: account_disabled"]);
}

#[test]
fn with_many_accounts_each_enabled_one_gets_a_task() {
    let mut off = account(2, Platform::TikTok, "off");
    off.status = AccountStatus::Disabled;
    let mut lite = account(3, Platform::Instagram, "gram");
    lite.packagename = Some("com.instagram.lite".to_owned());
    let accounts = vec![account(1, Platform::TikTok, "tok"), off, lite];
    let mut request = warmup(phones(vec![phone("A", accounts), phone("B", vec![])], true));
    let all = planned(&request);
    assert_eq!(told(&all.tasks), ["A tiktok tok", "A instagram gram"]);
    assert_eq!(skips(&all), ["@off: account_disabled", "B: no_account"]);
    assert_eq!(all.tasks[1].package.as_deref(), Some("com.instagram.lite"));
    assert_eq!(
        (all.tasks[1].account_id, all.tasks[1].pack.as_str()),
        (Some(3), "instagram")
    );
    request.platform = Some(Platform::Instagram);
    assert_eq!(told(&planned(&request).tasks), ["A instagram gram"]);
}

#[test]
fn login_takes_those_that_are_not_logged_in_and_match_accounts_the_phone() {
    let mut out = account(1, Platform::TikTok, "out");
    out.logined = false;
    let mut off = out.clone();
    (off.id, off.username) = (2, Username::parse("off").unwrap());
    off.status = AccountStatus::Disabled;
    let accounts = vec![out, off, account(3, Platform::TikTok, "in")];
    let on = || phones(vec![phone("A", accounts.clone()), phone("B", vec![])], false);
    let login = planned(&wanted("login", Json::Null, on()));
    assert_eq!(told(&login.tasks), ["A tiktok out"]);
    assert_eq!(
        skips(&login),
        ["@off: account_disabled", "@in: logged_in", "B: no_account"]
    );
    let every = phones(vec![phone("A", accounts.clone()), phone("B", vec![])], true);
    let matching = planned(&wanted("match_accounts", Json::Null, every));
    assert_eq!(told(&matching.tasks), ["A tiktok -", "B tiktok -"]);
    let names = accounts
        .iter()
        .map(|one| named(one.username.as_str(), vec![one.clone()]));
    let matching = planned(&wanted(
        "match_accounts",
        Json::Null,
        On::Accounts(names.collect()),
    ));
    assert_eq!(told(&matching.tasks), ["A tiktok -"]);
    let switch = wanted(
        "switch_account",
        Json::Null,
        phones(vec![phone("B", vec![])], false),
    );
    let Refused::NothingLeft(why) = refused(&switch) else {
        panic!("it needs an account");
    };
    assert!(why.contains("B (no_account)"), "{why}");
}

#[test]
fn a_username_of_both_platforms_is_the_usual_ones_unless_said_otherwise() {
    let both = || {
        vec![named(
            "jane",
            vec![
                account(1, Platform::TikTok, "jane"),
                account(2, Platform::Instagram, "Jane"),
            ],
        )]
    };
    let mut request = warmup(On::Accounts(both()));
    assert_eq!(told(&planned(&request).tasks), ["A tiktok jane"]);
    request.usual_platform = Platform::Instagram;
    assert_eq!(told(&planned(&request).tasks), ["A instagram Jane"]);
    request.platform = Some(Platform::TikTok);
    assert_eq!(told(&planned(&request).tasks), ["A tiktok jane"]);
    // A link says it, too.
    let config = json!({"target_post_url": "https://www.tiktok.com/@a/video/1"});
    let mut like = wanted("like", config, On::Accounts(both()));
    like.usual_platform = Platform::Instagram;
    assert_eq!(told(&planned(&like).tasks), ["A tiktok jane"]);
    let mut only = warmup(On::Accounts(vec![named(
        "zoe",
        vec![account(3, Platform::Instagram, "zoe")],
    )]));
    assert_eq!(told(&planned(&only).tasks), ["A instagram zoe"]);
    only.platform = Some(Platform::TikTok);
    let why = refused(&only);
    assert_eq!(
        why,
        Refused::UnknownAccount("usernames: there is no TikTok account zoe".to_owned())
    );
}

#[test]
fn accounts_without_a_phone_or_disabled_are_skipped_and_told() {
    let mut nowhere = account(1, Platform::TikTok, "nowhere");
    nowhere.device = None;
    let mut off = account(2, Platform::TikTok, "off");
    off.status = AccountStatus::Disabled;
    let of = |accounts: &[AccountRow]| {
        let names = accounts
            .iter()
            .map(|one| named(one.username.as_str(), vec![one.clone()]));
        warmup(On::Accounts(names.collect()))
    };
    let two = planned(&of(&[
        nowhere.clone(),
        off.clone(),
        account(3, Platform::TikTok, "on"),
    ]));
    assert_eq!(told(&two.tasks), ["A tiktok on"]);
    assert_eq!(skips(&two), ["@nowhere: no_device", "@off: account_disabled"]);
    let Refused::NothingLeft(why) = refused(&of(&[nowhere, off])) else {
        panic!("nothing is left");
    };
    assert!(
        why.ends_with("nowhere (no_device), off (account_disabled)"),
        "{why}"
    );
}

fn follow(config: Json) -> Wanted {
    wanted(
        "follow",
        config,
        phones(vec![phone("A", vec![]), phone("B", vec![])], false),
    )
}

#[test]
fn each_target_and_phone_is_a_task_in_whatever_form_targets_come() {
    for config in [
        json!({"target_users": ["@nasa", "natgeo", "NASA", "bbc"], "target_user": "ignored"}),
        json!({"target_user": "nasa\nnatgeo, bbc"}),
        json!({"target_username": "@nasa,natgeo\r\nbbc", "target_users": []}),
    ] {
        let planned = planned(&follow(config.clone()));
        let targets: Vec<String> = planned
            .tasks
            .iter()
            .map(|task| format!("{} {}", task.serial, Json::Object(task.config.clone())))
            .collect();
        let one = |serial: &str, name: &str| {
            let config = if config["target_users"]
                .as_array()
                .is_some_and(|list| !list.is_empty())
            {
                json!({"target_users": [name]})
            } else {
                json!({"target_user": name})
            };
            format!("{serial} {config}")
        };
        let expected: Vec<String> = ["A", "B"]
            .iter()
            .flat_map(|serial| ["nasa", "natgeo", "bbc"].map(|name| one(serial, name)))
            .collect();
        assert_eq!(targets, expected, "{config}");
        let numbers: Vec<u32> = planned.tasks.iter().map(|task| task.sequence).collect();
        assert_eq!(numbers, [0, 1, 2, 3, 4, 5]);
    }
    let twice = planned(&follow(json!({"target_users": ["nasa", "@NASA"]})));
    assert_eq!(twice.tasks.len(), 2);
    assert!(
        twice.warnings[0].contains("NASA was given twice"),
        "{:?}",
        twice.warnings
    );
}

#[test]
fn targets_that_name_nobody_are_refused() {
    for config in [json!({"target_user": " , "}), json!({"target_users": ["", " "]})] {
        let Refused::Parameter(why) = refused(&follow(config.clone())) else {
            panic!("{config}");
        };
        assert!(why.contains("script_config.target_users"), "{why}");
    }
}

#[test]
fn links_come_in_their_forms_and_are_kept_in_one() {
    let of = |config: Json| {
        let mut all = json!({"comment_content": "Nice\nLovely"});
        all.as_object_mut()
            .unwrap()
            .extend(config.as_object().unwrap().clone());
        wanted("comment", all, phones(vec![phone("A", vec![])], false))
    };
    let two = planned(&of(
        json!({"target_post_url": "tiktok.com/@u/video/1?x=1\nvm.tiktok.com/Zx"}),
    ));
    let links: Vec<&Json> = two
        .tasks
        .iter()
        .map(|task| &task.config["target_post_url"])
        .collect();
    assert_eq!(
        links,
        [
            &json!("https://www.tiktok.com/@u/video/1"),
            &json!("https://vm.tiktok.com/Zx/")
        ]
    );
    assert_eq!(two.tasks[0].config["comment_content"], json!(["Nice", "Lovely"]));
    let gram = planned(&of(json!({"target_post_urls": ["https://instagram.com/p/C1/"]})));
    assert_eq!(gram.tasks[0].platform, "instagram");
    for (config, why) in [
        (
            json!({"target_post_urls": ["https://example.org/x"]}),
            "is no link to a post",
        ),
        (
            json!({"target_post_urls": ["vm.tiktok.com/a", "instagram.com/p/b"]}),
            "is a link to Instagram",
        ),
        (json!({}), "one of them is required"),
        (
            json!({"target_post_url": "vm.tiktok.com/a", "comment_content": " "}),
            "script_config.comment_content",
        ),
        (
            json!({"target_post_url": "vm.tiktok.com/a", "generate_by_chatgpt": true}),
            "is not offered here",
        ),
    ] {
        let Refused::Parameter(told) = refused(&of(config.clone())) else {
            panic!("{config}");
        };
        assert!(told.starts_with("script_config.") && told.contains(why), "{told}");
    }
    assert!(
        planned(&of(
            json!({"target_post_url": "vm.tiktok.com/a", "generate_by_chatgpt": "0"})
        ))
        .warnings
        .is_empty()
    );
}

#[test]
fn a_configuration_is_read_leniently_and_what_is_wrong_is_named() {
    let on = || phones(vec![phone("A", vec![])], false);
    let post = planned(&wanted(
        "post",
        json!({"content_type": 1, "image_count": "3", "captoins": "x", "captions": "a\nb", "upload_wait_time": null}),
        on(),
    ));
    assert_eq!(
        Json::Object(post.tasks[0].config.clone()),
        json!({"content_type": "1", "image_count": 3, "captions": ["a", "b"]})
    );
    assert_eq!(
        post.warnings,
        ["script_config.captoins is no parameter of this script and was left aside; did you mean captions?"]
    );
    for empty in [Json::Null, json!([]), json!({})] {
        assert!(planned(&wanted("post", empty, on())).tasks[0].config.is_empty());
    }
    for (config, told) in [
        (
            json!({"image_count": 0}),
            "script_config.image_count is the number 0: it must be a whole number from 1 to",
        ),
        (
            json!({"post_way": "fly"}),
            "script_config.post_way is the text \"fly\": it must be one of",
        ),
        (json!("x"), "script_config is the text"),
        (json!({"material_path": "/etc"}), "script_config.material_path"),
        (
            json!({"material_list": ["../x.mp4"]}),
            "script_config.material_list must not contain `..`",
        ),
    ] {
        let Refused::Parameter(why) = refused(&wanted("post", config.clone(), on())) else {
            panic!("{config}");
        };
        assert!(why.starts_with(told), "{why}");
    }
}

#[test]
fn scripts_are_known_by_their_names_and_some_are_not_offered() {
    let packs = Packs::built_in();
    for (name, meant) in [
        ("post", "post"),
        (" Follow ", "follow"),
        ("match_account", "match_accounts"),
    ] {
        assert_eq!(script(&packs, name), Ok(meant.to_owned()));
    }
    for name in ["message", "super_marketing", "scrape_user"] {
        let Err(Refused::Script(why)) = script(&packs, name) else {
            panic!("{name}");
        };
        assert!(why.contains("not offered"), "{why}");
    }
    let Err(Refused::Script(why)) = script(&packs, "folow") else {
        panic!("there is none");
    };
    assert!(why.ends_with("did you mean follow?"), "{why}");
}

#[test]
fn the_tasks_of_a_phone_follow_one_another_by_a_random_time() {
    let users: Vec<String> = (0..50).map(|number| format!("user{number}")).collect();
    let mut request = follow(json!({ "target_users": users }));
    request.start_at = Some(now() + jiff::SignedDuration::from_hours(1));
    request.spacing = Some(Spacing { least: 2, most: 4 });
    let tasks = planned(&request).tasks;
    let mut gaps = Vec::new();
    for serial in ["A", "B"] {
        let times: Vec<Timestamp> = tasks
            .iter()
            .filter(|task| task.serial.0 == serial)
            .map(|task| task.start_at.unwrap())
            .collect();
        assert_eq!(Some(times[0]), request.start_at);
        gaps.extend(
            times
                .windows(2)
                .map(|two| two[1].duration_since(two[0]).as_secs()),
        );
    }
    assert_eq!(gaps.len(), 98);
    assert!(gaps.iter().all(|gap| (120..=240).contains(gap)), "{gaps:?}");
    let different: std::collections::BTreeSet<_> = gaps.iter().collect();
    assert!(different.len() > 10, "they are not all alike: {gaps:?}");
    assert_eq!(planned(&request).tasks, tasks, "the same seed gives the same");
    request.seed = 8;
    assert_ne!(planned(&request).tasks, tasks);
    request.start_at = None;
    let tasks = planned(&request).tasks;
    assert_eq!(tasks[0].start_at, None, "the first begins at once");
    assert!(tasks[1].start_at.unwrap() >= now() + jiff::SignedDuration::from_mins(2));
}

#[test]
fn a_call_has_ten_thousand_tasks_at_most() {
    let users = |count: usize| {
        (0..count)
            .map(|number| format!("user{number}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        planned(&follow(json!({"target_users": users(5_000)})))
            .tasks
            .len(),
        MOST_TASKS
    );
    let Refused::Parameter(why) = refused(&follow(json!({"target_users": users(5_001)}))) else {
        panic!("they are too many");
    };
    assert!(why.contains("10000"), "{why}");
}
