//! TikTok as the phone's programs see it: packages, versions, activities, and a hierarchy that comes only at rest.

use std::sync::Arc;
use std::time::Duration;

use simphone::phone::Phone;
use tokio::io::AsyncReadExt;

use crate::bench::{Bench, PACKAGE};

async fn say(phone: &Arc<Phone>, line: &str) -> String {
    let (feed, input) = tokio::io::duplex(1 << 16);
    let (stdout, mut out) = tokio::io::duplex(1 << 20);
    let (stderr, mut err) = tokio::io::duplex(1 << 16);
    drop(feed);
    let run = simphone::shell::run(
        Arc::clone(phone),
        line,
        Box::pin(input),
        Box::pin(stdout),
        Box::pin(stderr),
    );
    let (mut text, mut faults) = (String::new(), String::new());
    let all = async {
        let (_, told, failed) = tokio::join!(
            run,
            out.read_to_string(&mut text),
            err.read_to_string(&mut faults)
        );
        told.and(failed).unwrap();
    };
    tokio::time::timeout(Duration::from_secs(30), all)
        .await
        .expect(line);
    text + &*faults
}

#[tokio::test]
async fn the_package_manager_tells_the_version_that_is_on_the_phone() {
    let bench = Bench::logged_in(0);
    let told = say(&bench.phone, &format!("dumpsys package {PACKAGE}")).await;
    assert!(told.contains("versionName=46.8.2"), "{told}");
    bench.version("43.1.4");
    let told = say(&bench.phone, &format!("dumpsys package {PACKAGE}")).await;
    assert!(
        told.contains("versionName=43.1.4") && told.contains("versionCode=2024301040"),
        "{told}"
    );
}

#[tokio::test]
async fn its_activities_are_found_by_asking() {
    let bench = Bench::logged_in(3);
    let splash = "com.ss.android.ugc.aweme.splash.SplashActivity";
    let told = say(
        &bench.phone,
        &format!("cmd package resolve-activity --brief {PACKAGE}"),
    )
    .await;
    assert!(told.contains(&format!("{PACKAGE}/{splash}")), "{told}");
    let packages = say(&bench.phone, "pm list packages").await;
    assert!(
        packages.contains("package:com.ss.android.ugc.trill\n"),
        "{packages}"
    );
    let told = say(
        &bench.phone,
        &format!("am start -W -n com.ss.android.ugc.trill/{splash}"),
    )
    .await;
    assert!(told.contains("Status: ok"), "{told}");
    assert!(
        bench.xml().contains("com.ss.android.ugc.trill:id/lxd"),
        "its own ids of 38.3.2"
    );
    let told = say(&bench.phone, "am start -a android.intent.action.VIEW -d https://www.tiktok.com/@ana.sketches com.ss.android.ugc.trill").await;
    assert!(told.starts_with("Starting: Intent"), "{told}");
    assert!(bench.has("@ana.sketches"));
}

#[tokio::test]
async fn a_dump_fails_while_a_video_plays_and_comes_once_a_tap_has_paused_it() {
    let bench = Bench::logged_in(0);
    bench.open();
    let told = say(&bench.phone, "uiautomator dump /dev/tty").await;
    assert!(told.contains("could not get idle state"), "{told}");
    say(&bench.phone, "input tap 540 1100").await;
    let told = say(&bench.phone, "uiautomator dump /dev/tty").await;
    assert!(
        told.contains("</hierarchy>") && told.contains("Like video"),
        "{told}"
    );
}
