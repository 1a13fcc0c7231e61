//! Looking, touching, typing, telling.

use serde_json::json;

use super::super::{Material, MaterialKind};
use super::*;
use crate::device::fake::Event;
use crate::device::{DeviceError, Key};

fn list_of(texts: &[&str]) -> String {
    let rows: String = texts
        .iter()
        .enumerate()
        .map(|(row, text)| {
            node(
                text,
                "TextView",
                &format!("[0,{}][100,{}]", 40 + row * 20, 60 + row * 20),
                "",
            )
        })
        .collect();
    format!(
        r#"<node package="com.x" resource-id="com.x:id/list" class="a.List" bounds="[0,40][100,200]">{rows}</node>"#
    )
}

#[tokio::test]
async fn what_is_there_is_found_and_what_is_not_is_nothing() {
    let fake = Fake::new(APP).screen(
        "one",
        &screen(&both(&button("Post"), &list_of(&["1,234 likes", "b"]))),
    );
    let script = r#"
        let post = find("post");
        let items = find_all("item");
        #{ post: post.text, none: find("gone") == (), nothing: post == (), exists: exists("post"), count: items.len(),
           in_list: find_all_in(find("list"), "item").len(), not_in_list: find_in(find("list"), "post") == (),
           next: next(items[0]).text, previous: previous(items[1]).text, parent: parent(items[0]).id,
           children: children(find("list")).len(), read: read("item"), number: number(read("item")),
           clickable: post.clickable, left: post.left, class: post.class, covered: post.covered, sees: sees_within("gone", 1) == () }"#;
    let result = Run::new(fake, script).result().await;
    assert_eq!(
        result,
        json!({
            "post": "Post", "none": true, "nothing": false, "exists": true, "count": 2, "in_list": 2, "not_in_list": true,
            "next": "b", "previous": "1,234 likes", "parent": "com.x:id/list", "children": 2, "read": "1,234 likes",
            "number": 1234, "clickable": true, "left": 10, "class": "android.widget.Button", "covered": false, "sees": true,
        })
    );
}

#[tokio::test]
async fn waits_end_when_it_comes_and_fail_with_its_name_when_it_does_not() {
    let fake = || {
        Fake::new(APP)
            .screen("empty", &screen(""))
            .screen("there", &screen(&button("Post")))
            .on_looks("empty", 3, "there")
    };
    let run = Run::new(
        fake(),
        r#"wait_for("post", 900); let seen = wait_any(["gone", "post"], 5); #{name: seen.name, text: seen.node.text}"#,
    );
    assert_eq!(run.result().await, json!({"name": "post", "text": "Post"}));

    let run = Run::new(fake(), "let x = 1;\nwait_for(\"gone\", 2);");
    let failure = run.failure().await;
    assert_eq!(failure.kind, FailureKind::ElementMissing);
    assert_eq!(failure.element.as_deref(), Some("gone"));
    assert_eq!(
        failure
            .place
            .as_ref()
            .map(|place| (place.file.as_str(), place.line)),
        Some(("go.rhai", 3))
    );
    assert!(
        failure.message.contains("gone did not come up within 2 s"),
        "{failure}"
    );

    let gone = Fake::new(APP)
        .screen("a", &screen(&button("Gone")))
        .screen("b", &screen(""))
        .on_looks("a", 4, "b");
    let run = Run::new(gone, r#"wait_gone("gone", 900); wait_rest(900); #{}"#);
    assert_eq!(run.result().await, json!({}));
    let stays = Fake::new(APP).screen("a", &screen(&button("Gone")));
    assert_eq!(
        Run::new(stays, r#"wait_gone("gone", 1);"#).failure().await.kind,
        FailureKind::Timeout
    );
}

#[tokio::test]
async fn touches_go_to_the_node_and_the_screen_is_read_anew_afterwards() {
    let fake = Fake::new(APP)
        .screen("one", &screen(&button("Post")))
        .screen("two", &screen(&button("Posted")))
        .on_tap("one", "Post", "two");
    let run = Run::new(
        fake,
        r#"tap("post"); #{now: exists("posted"), again: tap_if("post"), hit: tap_if("posted")}"#,
    );
    assert_eq!(
        run.result().await,
        json!({"now": true, "again": false, "hit": true})
    );
    assert_eq!(run.fake.taps(), ["Post", "Posted"]);
}

#[tokio::test]
async fn an_old_node_is_looked_for_again_before_it_is_touched() {
    let moved = node("Post", "Button", "[10,100][90,120]", r#"clickable="true""#);
    let fake = Fake::new(APP)
        .screen(
            "one",
            &screen(&both(
                &button("Post"),
                &node("Posted", "Button", "[10,40][90,60]", r#"clickable="true""#),
            )),
        )
        .screen("two", &screen(&moved))
        .screen("three", &screen(""))
        .on_tap("one", "Posted", "two")
        .on_tap("two", "Post", "three");
    let run = Run::new(
        fake,
        r#"let post = find("post"); tap("posted"); tap(post); tap(post);"#,
    );
    let failure = run.failure().await;
    assert_eq!(
        failure.kind,
        FailureKind::ElementMissing,
        "the third time it is gone: {failure}"
    );
    assert_eq!(run.fake.taps(), ["Posted", "Post"]);
}

#[tokio::test]
async fn a_thing_that_lies_over_the_whole_target_is_not_touched() {
    let dimmer = node(
        "",
        "View",
        "[0,0][100,200]",
        r#"clickable="true" content-desc="dimmer""#,
    );
    let fake = Fake::new(APP).screen("one", &screen(&both(&button("Post"), &dimmer)));
    let run = Run::new(fake, r#"tap("post");"#);
    let failure = run.failure().await;
    assert_eq!(failure.kind, FailureKind::UnexpectedScreen);
    assert!(
        failure.message.contains("post is covered by View \"dimmer\""),
        "{failure}"
    );
    assert_eq!(run.fake.events(), []);
}

#[tokio::test]
async fn texts_replace_what_stood_there_and_secrets_show_nowhere() {
    let field = r#"<node package="com.x" text="{typed}" class="android.widget.EditText" focused="true" bounds="[0,40][100,60]"/>"#;
    let secret =
        r#"<node package="com.x" text="{typed}" class="android.widget.TextView" bounds="[0,80][100,100]"/>"#;
    let fake = Fake::new(APP).screen("one", &screen(&format!("{field}{secret}")));
    let mut run = Run::new(
        fake,
        r#"type_text("field", "old"); type_text("field", "new"); clear("field"); type_text("field", "a", #{check: false});
           log(secret("password")); print(p.key); type_secret("field", secret("password")); type_secret("field", p.key);
           wait_for("gone", 1);"#,
    );
    run.parameters.insert("key".to_owned(), json!("topsecret"));
    assert_eq!(run.failure().await.kind, FailureKind::ElementMissing);
    let texts: Vec<Event> = run.fake.events();
    let expected = [
        Event::Text("old".to_owned()),
        Event::Clear,
        Event::Text("new".to_owned()),
        Event::Clear,
        Event::Text("a".to_owned()),
        Event::Clear,
        Event::Text("hunter2!".to_owned()),
        Event::Clear,
        Event::Text("topsecret".to_owned()),
    ];
    assert_eq!(texts, expected);
    let told = format!(
        "{:?} {:?}",
        run.told.steps.lock().unwrap(),
        run.told.log.lock().unwrap()
    );
    for file in ["hierarchy.xml", "steps.jsonl", "meta.json"] {
        let kept = run.bundled(file);
        for secret in ["hunter2!", "topsecret"] {
            assert!(!kept.contains(secret), "{secret} in {file}: {kept}");
            assert!(!told.contains(secret), "{secret} in {told}");
        }
    }
    assert!(told.contains("***"));
}

#[tokio::test]
async fn expected_pop_ups_are_declined_and_told_and_others_stop_the_flow() {
    let rate = both(
        &button("Rate us"),
        &node("Not now", "Button", "[10,50][90,70]", r#"clickable="true""#),
    );
    let fake = Fake::new(APP)
        .screen("rate", &screen(&rate))
        .screen("clear", &screen(&button("Post")))
        .on_tap("rate", "Not now", "clear");
    let run = Run::new(fake, r#"tap("post"); #{}"#);
    run.result().await;
    assert_eq!(run.fake.taps(), ["Not now", "Post"]);
    let steps = run.told.steps.lock().unwrap().clone();
    assert!(
        steps
            .iter()
            .any(|step| step.what == "declined" && step.element.as_deref() == Some("rate")),
        "{steps:?}"
    );

    let stubborn = Fake::new(APP).screen("rate", &screen(&rate));
    let failure = Run::new(stubborn, r#"exists("post");"#).failure().await;
    assert_eq!(failure.kind, FailureKind::UnexpectedScreen);
    assert!(failure.message.contains("comes back"), "{failure}");

    let unknown = node(
        "Surprise!",
        "TextView",
        "[10,50][90,70]",
        r#"resource-id="android:id/alertTitle""#,
    );
    let dialog = Fake::new(APP).screen("d", &screen(&unknown));
    let failure = Run::new(dialog, r#"wait_for("post", 1);"#).failure().await;
    assert_eq!(failure.kind, FailureKind::UnexpectedScreen);
    assert!(failure.message.contains("Surprise!"), "{failure}");
}

#[tokio::test]
async fn a_limit_ends_the_flow_and_no_script_can_catch_it() {
    let fake = Fake::new(APP).screen(
        "b",
        &screen(&both(
            &button("Post"),
            &node("Please TRY again later", "TextView", "[0,100][99,120]", ""),
        )),
    );
    let run = Run::new(
        fake,
        r#"try { tap("post"); } catch (e) { log("caught"); } tap("post");"#,
    );
    let failure = run.failure().await;
    assert_eq!(failure.kind, FailureKind::Limited);
    assert_eq!(failure.message, "the app says that it is enough for today");
    assert_eq!(run.fake.events(), [], "nothing is touched on such a screen");
    assert!(!run.told.log.lock().unwrap().iter().any(|line| line == "caught"));

    let fake = Fake::new(APP).screen("b", &screen(&button("Post")));
    let run = Run::new(
        fake,
        r#"try { limited("enough"); } catch (e) { tap("post"); } tap("post"); #{}"#,
    );
    assert_eq!(run.failure().await.kind, FailureKind::Limited);
    assert_eq!(run.fake.events(), []);
}

#[tokio::test]
async fn what_may_be_caught_is_caught_with_its_kind_and_line() {
    let fake = Fake::new(APP).screen("b", &screen(""));
    let run = Run::new(
        fake,
        r#"let r = #{}; try { wait_for("gone", 1); } catch (e) { r.kind = e.kind; r.element = e.element; r.line = e.line; } r"#,
    );
    let result = run.result().await;
    assert_eq!(
        (&result["kind"], &result["element"]),
        (&json!("element_missing"), &json!("gone"))
    );
    assert!(result["line"].as_str().unwrap().contains("did not come up"));
}

#[tokio::test]
async fn androids_permission_dialogs_are_denied_unless_the_flow_needs_them() {
    let dialog = r#"<node package="com.google.android.permissioncontroller" class="a.F" bounds="[0,50][100,150]">
        <node package="com.google.android.permissioncontroller" resource-id="com.android.permissioncontroller:id/permission_allow_button" text="ALLOW" clickable="true" bounds="[0,60][100,80]"/>
        <node package="com.google.android.permissioncontroller" resource-id="com.android.permissioncontroller:id/permission_deny_button" text="Don’t allow" clickable="true" bounds="[0,90][100,110]"/></node>"#;
    for (first, hit) in [("", "Don’t allow"), (r#"permissions("allow");"#, "ALLOW")] {
        let fake = Fake::new(APP)
            .screen("ask", dialog)
            .screen("clear", &screen(&button("Post")))
            .on_tap("ask", hit, "clear");
        let run = Run::new(fake, &format!(r#"{first} tap("post"); #{{}}"#));
        run.result().await;
        assert_eq!(run.fake.taps(), [hit, "Post"]);
    }
}

#[tokio::test]
async fn a_crashed_app_and_another_app_in_front_are_told_as_such() {
    let crash = r#"<node package="android" class="a.F" bounds="[0,50][100,150]"><node package="android" resource-id="android:id/alertTitle" text="X has stopped" bounds="[0,50][99,60]"/><node package="android" resource-id="android:id/aerr_close" text="Close" clickable="true" bounds="[0,60][100,80]"/></node>"#;
    let run = Run::new(Fake::new(APP).screen("c", crash), r#"exists("post");"#);
    let failure = run.failure().await;
    assert_eq!(failure.kind, FailureKind::AppCrashed);
    assert!(failure.message.contains("X has stopped"), "{failure}");

    let launcher = r#"<node package="com.launcher" class="a.F" text="Post" bounds="[0,0][100,200]"/>"#;
    let fake = Fake::new(APP)
        .screen("app", &screen(&button("Posted")))
        .screen("home", launcher)
        .on_tap("app", "Posted", "home");
    let run = Run::new(fake, r#"start_app(); tap("posted"); wait_for("post", 2);"#);
    let failure = run.failure().await;
    assert_eq!(failure.kind, FailureKind::UnexpectedScreen);
    assert!(
        failure.message.contains("is in front instead of com.x"),
        "{failure}"
    );
}

#[tokio::test]
async fn a_screen_in_motion_is_read_again_and_a_dead_phone_is_told() {
    let fake = Fake::new(APP).screen("a", &screen(&button("Post")));
    let run = Run::new(fake, r#"#{there: exists("post")}"#);
    // The system's facts and the app's version are asked for first, the holder is written down, the phone woken, and
    // files that somebody left behind are looked for.
    run.fake.trouble_after(5, DeviceError::NotIdle);
    assert_eq!(run.result().await, json!({"there": true}));
    let steps = run.told.steps.lock().unwrap().clone();
    assert!(steps.iter().any(|step| step.what == "reading again"), "{steps:?}");

    let fake = Fake::new(APP).screen("a", &screen(&button("Post")));
    let run = Run::new(
        fake,
        r#"try { exists("post"); } catch (e) { } exists("post"); #{}"#,
    );
    run.fake.trouble_after(5, DeviceError::Occupied);
    assert_eq!(run.failure().await.kind, FailureKind::Device, "never caught");
}

#[tokio::test]
async fn back_closes_the_keyboard_before_it_goes_back() {
    let fake = Fake::new(APP)
        .screen("a", &screen(""))
        .screen("b", &screen(""))
        .on_key("a", Key::Back, "b");
    fake.show_keyboard(true);
    let run = Run::new(fake, r#"back(); key("enter"); #{hidden: hide_keyboard()}"#);
    assert_eq!(run.result().await, json!({"hidden": false}));
    assert_eq!(
        run.fake.events(),
        [
            Event::Key(Key::Back),
            Event::Key(Key::Back),
            Event::Key(Key::Enter)
        ]
    );
}

#[tokio::test]
async fn swipes_scrolls_and_points_stay_on_the_screen() {
    let fake = Fake::new(APP)
        .screen("a", &screen(&button("Gone")))
        .screen("b", &screen(&button("Post")))
        .on_swipe("a", "b");
    let run = Run::new(
        fake,
        r#"scroll_to("post", "up", 5); swipe("left", #{inside: "post", from: 100, to: 0, millis: 100}); tap_at(50, 100); long_press("post"); #{}"#,
    );
    run.result().await;
    let events = run.fake.events();
    assert_eq!(
        events[0],
        Event::Swipe {
            from: (50, 139),
            to: (50, 59)
        }
    );
    assert_eq!(
        events[1],
        Event::Swipe {
            from: (89, 20),
            to: (10, 20)
        }
    );
    assert!(
        matches!(events[2], Event::Tap { .. }) && matches!(events[3], Event::LongPress { .. }),
        "{events:?}"
    );
    let nowhere = Fake::new(APP).screen("a", &screen(&button("Gone")));
    let run = Run::new(nowhere, r#"scroll_to("post", "up", 50);"#);
    assert_eq!(run.failure().await.kind, FailureKind::ElementMissing);
    assert_eq!(
        run.fake.events().len(),
        1,
        "a screen that does not move any more is at its end"
    );
}

#[tokio::test]
async fn files_go_into_an_album_the_first_last_and_are_taken_away_in_the_end() {
    let material = |name: &str| Material {
        name: name.to_owned(),
        kind: MaterialKind::Video,
        hash: format!("hash of {name}"),
        path: name.into(),
    };
    let mut run = Run::new(
        Fake::new(APP).screen("a", &screen("")),
        r#"let m = materials(); let put = put_media([m[0]]); share_files([m[0]], #{component: "Share"}); #{count: put.count, kind: material(0).kind}"#,
    );
    run.materials = vec![material("a b.mp4")];
    assert_eq!(run.result().await, json!({"count": 1, "kind": "video"}));
    let events = run.fake.events();
    let Event::Push(remote) = &events[0] else {
        panic!("{events:?}")
    };
    assert!(
        remote.starts_with("/storage/emulated/0/DCIM/Album") && remote.ends_with("/00_a_b.mp4"),
        "{remote}"
    );
    let Event::Share(share) = &events[1] else {
        panic!("{events:?}")
    };
    assert_eq!(
        (share.mime.as_str(), share.component.as_deref()),
        ("video/mp4", Some("Share"))
    );
    assert_eq!(events.last(), Some(&Event::Remove(remote.clone())));

    let run = Run::new(Fake::new(APP).screen("a", &screen("")), "material(0);");
    assert_eq!(run.failure().await.kind, FailureKind::NoMaterial);
}

#[tokio::test]
async fn chance_follows_the_seed_and_time_the_pace() {
    let script = r#"let a = []; for i in 0..5 { a.push(random(1, 100)); } let t = now(); sleep(30); progress(50, "half");
        #{a: a, c: choose([1, 2, 3]), f: random(0.0, 1.0), never: chance(0), always: chance(100), slept: now() - t >= 30.0,
          name: p.name, none: p.key == (), account: account().username, spun: spintax("{a|b} c"), lines: lines(" x\n\ny "),
          same: same_text("It’s a rather long text", "it's a rather long te…"), number: number("12.3K"), app: app_package(), sdk: android(), clock: clock() > 0}"#;
    let result = |script: &str| {
        let run = Run::new(Fake::new(APP).screen("a", &screen("")), script);
        async move { run.result().await }
    };
    let (mut one, two) = (result(script).await, result(script).await);
    assert_eq!(one, two, "the same seed, the same chance");
    assert_eq!(
        (&one["slept"], &one["never"], &one["always"], &one["same"]),
        (&json!(true), &json!(false), &json!(true), &json!(true))
    );
    assert_eq!(
        (&one["name"], &one["none"], &one["account"], &one["number"]),
        (&json!("Anna"), &json!(true), &json!("me"), &json!(12_300))
    );
    assert_eq!(one["lines"].take(), json!(["x", "y"]));
}

#[tokio::test]
async fn a_failures_bundle_has_the_screen_the_steps_and_the_versions() {
    let fake = Fake::new(APP).screen("a", &screen(&button("Publish")));
    let run = Run::new(fake, r#"exists("list"); tap("post");"#);
    let outcome = run.go().await;
    assert_eq!(outcome.bundle, Some(run.folder.path().join("bundle")));
    assert!(run.bundled("hierarchy.xml").contains("Publish"));
    let steps: Vec<Value> = run
        .bundled("steps.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        (&steps[0]["what"], &steps[1]["what"], &steps[1]["element"]),
        (&json!("exists"), &json!("tap"), &json!("post"))
    );
    assert!(
        steps[1]["failed"].as_str().unwrap().contains("element_missing") && steps[1]["screen"].is_string()
    );
    let meta: Value = serde_json::from_str(&run.bundled("meta.json")).unwrap();
    for (pointer, value) in [
        ("/failure/kind", json!("element_missing")),
        ("/failure/element", json!("post")),
        ("/pack/name", json!("test")),
        ("/app/version", json!("1.2.3")),
        ("/phone/android", json!("13")),
        ("/driver", json!("plain")),
    ] {
        assert_eq!(meta.pointer(pointer), Some(&value), "{pointer}");
    }
    let png = std::fs::read(run.folder.path().join("bundle/screen.png")).unwrap();
    assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
}
