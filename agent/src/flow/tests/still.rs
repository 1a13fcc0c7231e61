//! Nothing is touched that is no longer what it was, and a phone is shared with nobody.

use super::*;
use crate::device::Device as _;
use crate::device::fake::Event;

/// An offer of which every button lies where one was about to touch.
fn offer() -> String {
    let yes = node("Yes, please", "Button", "[0,0][100,40]", r#"clickable="true""#);
    let no = node("Not now", "Button", "[10,50][90,70]", r#"clickable="true""#);
    screen(&format!(
        "{}{}{yes}{no}",
        button("Post"),
        node("Rate us", "TextView", "[10,100][90,120]", "")
    ))
}

#[tokio::test]
async fn an_offer_that_comes_between_the_look_and_the_touch_does_not_get_it() {
    let coming = || {
        Fake::new(APP)
            .screen("one", &screen(&button("Post")))
            .screen("offer", &offer())
            .screen("clear", &screen(&button("Post")))
            .on_looks("one", 1, "offer")
            .on_tap("offer", "Not now", "clear")
    };
    for script in [
        r#"tap("post"); #{}"#,
        r#"let post = find("post"); tap(post); #{}"#,
        r#"long_press("post"); #{}"#,
        r#"commit("post", "append", p.name, #{}, || { tap("post"); "proof" }, "seen"); #{}"#,
    ] {
        let run = Run::new(coming(), script);
        run.result().await;
        let hits: Vec<String> = run
            .fake
            .events()
            .into_iter()
            .filter_map(|event| match event {
                Event::Tap { hit, .. } | Event::LongPress { hit, .. } => Some(hit),
                _ => None,
            })
            .collect();
        assert_eq!(hits, ["Not now", "Post"], "{script}");
    }
}

#[tokio::test]
async fn a_control_that_became_another_one_is_not_touched_for_it() {
    let fake = Fake::new(APP)
        .screen("one", &screen(&button("Post")))
        .screen("two", &screen(&button("Posted")))
        .on_looks("one", 1, "two");
    let run = Run::new(fake, r#"let post = find("post"); tap(post);"#);
    assert_eq!(run.failure().await.kind, FailureKind::ElementMissing);
    assert_eq!(run.fake.events(), []);
}

#[tokio::test]
async fn nothing_is_touched_before_the_screen_rests_after_a_start() {
    // Behind the first look comes an offer: who acts on that look alone finds a button that will be gone.
    let fake = Fake::new(APP)
        .screen("off", &screen(""))
        .screen("first", &screen(&button("Post")))
        .screen("second", &offer())
        .screen(
            "third",
            &screen(&node("Posted", "Button", "[10,10][90,30]", r#"clickable="true""#)),
        )
        .on_start("off", "first")
        .on_looks("first", 1, "second")
        .on_tap("second", "Not now", "third");
    let run = Run::new(
        fake,
        r#"start_app(); if exists("post") { tap("post"); } tap("posted"); #{}"#,
    );
    run.result().await;
    assert_eq!(run.fake.taps(), ["Not now", "Posted"]);
}

#[tokio::test]
async fn a_run_stops_when_somebody_else_takes_the_phone() {
    let run = Run::new(
        Fake::new(APP).screen("one", &screen(&button("Post"))),
        r#"exists("post"); log("seen"); wait_for("gone", 5000000);"#,
    );
    let fake = Arc::clone(&run.fake);
    let told = Arc::clone(&run.told);
    let taken = async {
        while !told.log.lock().unwrap().iter().any(|line| line == "seen") {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        fake.hold_for_ever("somebody else");
    };
    let (outcome, ()) = tokio::join!(run.go(), taken);
    let failure = outcome.result.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Device, "{failure}");
    assert!(
        failure.message.contains("somebody else works with this phone"),
        "{failure}"
    );
}

#[tokio::test]
async fn files_of_a_run_that_died_are_taken_away_by_the_next() {
    let fake = Fake::new(APP).screen("a", &screen(""));
    let left = [
        "/storage/emulated/0/DCIM/Album1a2b3c/00_a.mp4",
        "/storage/emulated/0/DCIM/Camera/mine.jpg",
    ];
    fake.note_files(&left.map(str::to_owned)).await.unwrap();
    let run = Run::new(fake, "#{}");
    run.result().await;
    assert_eq!(
        run.fake.events(),
        [Event::Remove(left[0].to_owned())],
        "the owner's own stay"
    );
    assert_eq!(run.fake.noted_files().await.unwrap(), Vec::<String>::new());
}
