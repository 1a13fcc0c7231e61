//! What the programs print on each of the four generations, against lines that real phones were seen to print.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

use std::sync::Arc;
use std::time::Duration;

use simphone::clock::SimClock;
use simphone::phone::fault::Fault;
use simphone::phone::personality::Personality;
use simphone::phone::{Phone, PhoneSpec};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// A phone of one generation in a folder of its own.
struct Bench {
    phone: Arc<Phone>,
    dir: tempfile::TempDir,
}

struct Said {
    out: String,
    err: String,
    code: u8,
}

fn open(dir: &std::path::Path, name: &str) -> Arc<Phone> {
    Phone::open(PhoneSpec {
        serial: "SIM0001".to_owned(),
        personality: Personality::by_name(name).unwrap(),
        seed: 7,
        data: dir.to_owned(),
        clock: SimClock::new(100.0),
    })
    .unwrap()
}

impl Bench {
    fn new(name: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self {
            phone: open(dir.path(), name),
            dir,
        }
    }

    /// The same phone after its simulator was started again.
    fn again(self, name: &str) -> Self {
        let Self { phone, dir } = self;
        drop(phone);
        Self {
            phone: open(dir.path(), name),
            dir,
        }
    }

    async fn say(&self, line: &str) -> Said {
        self.say_with(line, &[]).await
    }

    async fn say_with(&self, line: &str, stdin: &[u8]) -> Said {
        let (mut feed, input) = tokio::io::duplex(1 << 20);
        let (stdout, mut out) = tokio::io::duplex(1 << 20);
        let (stderr, mut err) = tokio::io::duplex(1 << 20);
        let run = async {
            feed.write_all(stdin).await.unwrap();
            feed.shutdown().await.unwrap();
            simphone::shell::run(
                Arc::clone(&self.phone),
                line,
                Box::pin(input),
                Box::pin(stdout),
                Box::pin(stderr),
            )
            .await
        };
        let (mut out_text, mut err_text) = (String::new(), String::new());
        let all = async {
            tokio::join!(
                run,
                out.read_to_string(&mut out_text),
                err.read_to_string(&mut err_text)
            )
            .0
        };
        let code = tokio::time::timeout(Duration::from_secs(30), all)
            .await
            .expect(line);
        Said {
            out: out_text,
            err: err_text,
            code,
        }
    }

    async fn out(&self, line: &str) -> String {
        let said = self.say(line).await;
        assert_eq!(said.code, 0, "{line}: {}", said.err);
        assert!(!said.out.contains('\r'), "no carriage returns with shell v2");
        said.out
    }
}

const ALL: [&str; 4] = ["android8", "android11", "android13", "android15"];

#[tokio::test]
async fn properties_name_the_phone_and_a_missing_one_is_an_empty_line() {
    for (name, release, sdk) in [
        ("android8", "8.0.0", "26"),
        ("android11", "11", "30"),
        ("android13", "13", "33"),
        ("android15", "15", "35"),
    ] {
        let bench = Bench::new(name);
        assert_eq!(
            bench.out("getprop ro.build.version.release").await,
            format!("{release}\n")
        );
        assert_eq!(
            bench.out("getprop ro.build.version.sdk").await,
            format!("{sdk}\n")
        );
        assert_eq!(bench.out("getprop ro.serialno").await, "SIM0001\n");
        assert_eq!(bench.out("getprop sys.boot_completed").await, "1\n");
        assert_eq!(bench.out("getprop no.such.property").await, "\n");
        let all = bench.out("getprop").await;
        assert!(
            all.lines()
                .any(|line| line == format!("[ro.build.version.sdk]: [{sdk}]"))
        );
        assert!(all.contains("release-keys]\n"), "{all}");
    }
}

#[tokio::test]
async fn one_phone_has_a_property_that_spans_lines() {
    let all = Bench::new("android11").out("getprop").await;
    assert!(all.contains("[speaker tuning v3\nreceiver tuning v1\nmic tuning v2]\n"));
}

#[tokio::test]
async fn setprop_keeps_what_the_shell_may_set_and_refuses_the_rest() {
    let bench = Bench::new("android13");
    assert_eq!(bench.out("setprop persist.sys.note kept").await, "");
    assert_eq!(bench.out("setprop debug.note gone").await, "");
    let refused = bench.say("setprop ro.serialno X").await;
    assert_eq!(refused.code, 1);
    assert!(
        refused
            .err
            .starts_with("Failed to set property 'ro.serialno' to 'X'.")
    );
    let bench = bench.again("android13");
    assert_eq!(bench.out("getprop persist.sys.note").await, "kept\n");
    assert_eq!(bench.out("getprop debug.note").await, "\n");
}

#[tokio::test]
async fn the_battery_grows_lines_with_each_android() {
    let keys = |text: &str| {
        text.lines()
            .map(|line| line.trim().split(':').next().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    for name in ALL {
        let text = Bench::new(name).out("dumpsys battery").await;
        assert!(text.starts_with("Current Battery Service state:\n  AC powered: false\n  USB powered: true\n  Wireless powered: false\n"), "{text}");
        for line in [
            "  status: 2\n",
            "  health: 2\n",
            "  present: true\n",
            "  level: 87\n",
            "  scale: 100\n",
            "  temperature: 291\n",
            "  technology: Li-ion\n",
        ] {
            assert!(text.contains(line), "{name}: {line}");
        }
        let new = matches!(name, "android13" | "android15");
        assert_eq!(text.contains("  Dock powered: false\n"), new, "{name}");
        assert_eq!(text.contains("Charging policy"), name == "android15", "{name}");
        assert_eq!(
            keys(&text).contains(&"mSecPlugTypeSummary".to_owned()),
            name == "android8"
        );
    }
}

#[tokio::test]
async fn a_set_battery_is_frozen_until_reset() {
    let bench = Bench::new("android8");
    bench.out("dumpsys battery set level 5").await;
    let frozen = bench.out("dumpsys battery").await;
    assert!(
        frozen.starts_with("Current Battery Service state:\n  (UPDATES STOPPED -- use 'reset' to restart)\n")
    );
    assert!(frozen.contains("  level: 5\n"));
    bench.out("dumpsys battery unplug").await;
    assert!(
        bench
            .out("dumpsys battery")
            .await
            .contains("  USB powered: false\n")
    );
    bench.out("dumpsys battery reset").await;
    assert!(bench.out("dumpsys battery").await.contains("  level: 87\n"));
}

#[tokio::test]
async fn the_window_manager_says_much_around_the_focus() {
    for name in ALL {
        let bench = Bench::new(name);
        let text = bench.out("dumpsys window").await;
        assert!(text.lines().count() > 100, "{name}: {}", text.lines().count());
        let focus: Vec<&str> = text
            .lines()
            .filter(|line| line.contains("mCurrentFocus="))
            .collect();
        let apps = text
            .lines()
            .filter(|line| line.starts_with("  mFocusedApp="))
            .count();
        if name == "android15" {
            assert_eq!((focus.len(), focus[0]), (2, "  mCurrentFocus=null"));
        } else {
            assert_eq!(focus.len(), 1, "{name}");
        }
        assert_eq!(apps, focus.len());
        let windows = bench.out("dumpsys window windows").await;
        assert_eq!(windows.contains("mCurrentFocus="), name == "android8", "{name}");
        assert_eq!(text.contains("mShowingLockscreen=false"), name == "android8");
        assert!(text.contains("mIsShowing=false") && text.contains("showing=false"));
    }
}

#[tokio::test]
async fn power_tells_wakefulness_and_why_it_stays_awake() {
    let bench = Bench::new("android13");
    let before = bench.out("dumpsys power").await;
    assert!(before.contains("  mWakefulness=Awake\n") && before.contains("Display Power: state=ON\n"));
    assert!(before.contains("  mStayOn=false\n") && before.contains("  mPlugType=2\n"));
    assert_eq!(bench.out("svc power stayon true").await, "");
    assert!(bench.out("dumpsys power").await.contains("  mStayOn=true\n"));
    assert_eq!(
        bench.out("settings get global stay_on_while_plugged_in").await,
        "15\n"
    );
}

#[tokio::test]
async fn an_unknown_service_is_told_on_stderr() {
    let said = Bench::new("android13").say("dumpsys nonsense").await;
    assert_eq!(
        (said.err.as_str(), said.code),
        ("Can't find service: nonsense\n", 0)
    );
}

#[tokio::test]
async fn a_size_override_outlives_a_restart_and_is_taken_back() {
    let bench = Bench::new("android11");
    assert_eq!(bench.out("wm size").await, "Physical size: 1080x2340\n");
    bench.out("wm size 480x1024").await;
    bench.out("wm density 160").await;
    let bench = bench.again("android11");
    assert_eq!(
        bench.out("wm size").await,
        "Physical size: 1080x2340\nOverride size: 480x1024\n"
    );
    assert_eq!(
        bench.out("wm density").await,
        "Physical density: 440\nOverride density: 160\n"
    );
    bench.out("wm size reset").await;
    assert_eq!(bench.out("wm size").await, "Physical size: 1080x2340\n");
    assert_eq!(bench.say("wm size broad").await.err, "Error: bad size broad\n");
}

#[tokio::test]
async fn settings_say_null_and_outlive_a_restart() {
    let bench = Bench::new("android8");
    assert_eq!(bench.out("settings get secure no_such_key").await, "null\n");
    let id = bench.out("settings get secure android_id").await;
    assert_eq!(id.trim().len(), 16);
    assert_eq!(
        bench.out("settings put system screen_off_timeout 600000").await,
        ""
    );
    let bench = bench.again("android8");
    assert_eq!(
        bench.out("settings get system screen_off_timeout").await,
        "600000\n"
    );
    assert_eq!(bench.out("settings get secure android_id").await, id);
    assert_eq!(
        bench.out("settings delete system screen_off_timeout").await,
        "Deleted 1 rows\n"
    );
    assert_eq!(
        bench.out("settings get system screen_off_timeout").await,
        "null\n"
    );
}

#[tokio::test]
async fn a_phone_that_guards_its_settings_throws() {
    let bench = Bench::new("android11");
    bench.phone.faults.set(Fault::SettingsRefused);
    let said = bench.say("settings put system screen_off_timeout 1").await;
    assert_eq!(said.code, 255);
    assert!(
        said.err
            .contains("java.lang.SecurityException: Permission denial: writing to settings")
    );
    assert_eq!(bench.say("ime set x/.Y").await.code, 255);
    assert_eq!(
        bench.out("settings get system screen_off_timeout").await,
        "2147483647\n"
    );
}

#[tokio::test]
async fn another_boot_has_another_boot_id_and_the_same_android_id() {
    let bench = Bench::new("android13");
    let path = "/proc/sys/kernel/random/boot_id";
    let read = |bench: &Bench| std::fs::read_to_string(bench.phone.files.host_path(path)).unwrap();
    let first = read(&bench);
    assert_eq!(first.trim().len(), 36);
    let bench = bench.again("android13");
    assert_ne!(read(&bench), first);
}

#[tokio::test]
async fn packages_are_listed_with_their_paths_and_an_absent_one_is_told_so() {
    let bench = Bench::new("android13");
    let list = bench.out("pm list packages").await;
    assert!(list.lines().all(|line| line.starts_with("package:")));
    assert!(list.contains("package:com.android.settings\n"));
    let files = bench.out("pm list packages -f com.google.android.gms").await;
    let (path, name) = files.trim().rsplit_once('=').unwrap();
    assert_eq!(name, "com.google.android.gms");
    assert!(path.ends_with("/base.apk") && path.contains("=="), "{path}");
    let others = bench.out("pm list packages -3").await;
    assert!(others.contains("package:com.example.notes\n"), "{others}");
    assert!(!others.contains("com.android.settings"), "{others}");
    let absent = bench.say("pm path com.absent").await;
    assert_eq!((absent.out.as_str(), absent.code), ("", 1));
    assert_eq!(
        bench.out("dumpsys package com.absent").await,
        "Unable to find package: com.absent\n"
    );
    assert!(bench.out("pm list users").await.contains("UserInfo{0:Owner:"));
}

#[tokio::test]
async fn an_updated_system_app_has_a_second_block() {
    let text = Bench::new("android13")
        .out("dumpsys package com.google.android.gms")
        .await;
    let (first, hidden) = text.split_once("Hidden system packages:\n").unwrap();
    assert!(first.contains("    versionCode=1421403033 minSdk=24 targetSdk=33\n"));
    assert!(hidden.contains("    versionCode=230815045 "));
    assert!(first.contains("        android.permission.CAMERA: granted=false, flags=["));
}

#[tokio::test]
async fn permissions_are_granted_and_kept() {
    let bench = Bench::new("android13");
    assert_eq!(
        bench
            .out("pm grant com.google.android.gms android.permission.CAMERA")
            .await,
        ""
    );
    let bench = bench.again("android13");
    let text = bench.out("dumpsys package com.google.android.gms").await;
    assert!(text.contains("android.permission.CAMERA: granted=true"));
    let refused = bench
        .say("pm grant com.android.settings android.permission.CAMERA")
        .await;
    assert_eq!(refused.code, 255);
    assert!(
        refused
            .err
            .contains("has not requested permission android.permission.CAMERA")
    );
}

/// A ZIP with one stored, empty file: enough of an archive for the installer's first look.
fn zip() -> Vec<u8> {
    let mut bytes = b"PK\x03\x04".to_vec();
    bytes.extend([0; 26]);
    bytes.extend(b"PK\x05\x06");
    bytes.extend([0; 18]);
    bytes
}

#[tokio::test]
async fn an_archive_from_stdin_becomes_a_package_and_other_bytes_do_not() {
    let bench = Bench::new("android13");
    let bytes = zip();
    let said = bench
        .say_with(&format!("cmd package install -r -S {}", bytes.len()), &bytes)
        .await;
    assert_eq!((said.out.as_str(), said.code), ("Success\n", 0));
    let listed = bench.out("pm list packages -3").await;
    let new = listed
        .lines()
        .find(|line| !line.contains("com.example.notes"))
        .unwrap();
    let name = new.strip_prefix("package:").unwrap().to_owned();
    let path = bench.out(&format!("pm path {name}")).await;
    let path = path.trim().strip_prefix("package:").unwrap();
    assert_eq!(std::fs::read(bench.phone.files.host_path(path)).unwrap(), bytes);
    let bench = bench.again("android13");
    assert_eq!(bench.out("pm list packages -3").await, listed);
    assert_eq!(bench.out(&format!("pm uninstall {name}")).await, "Success\n");
    assert!(!bench.out("pm list packages -3").await.contains(&name));
    let kinds: Vec<String> = bench
        .phone
        .ledger
        .entries()
        .into_iter()
        .map(|entry| entry.kind)
        .collect();
    assert_eq!(kinds, ["app_installed", "app_uninstalled"]);

    let said = bench.say_with("pm install -S 9", b"not a zip").await;
    assert_eq!(said.code, 1);
    assert!(
        said.out.starts_with("Failure [INSTALL_PARSE_FAILED_NOT_APK"),
        "{}",
        said.out
    );
}

#[tokio::test]
async fn a_session_installs_what_was_written_into_it() {
    let bench = Bench::new("android11");
    let before = bench.out("pm list packages -3").await.lines().count();
    let created = bench.out("pm install-create -r").await;
    let session = created
        .trim()
        .strip_prefix("Success: created install session [")
        .unwrap();
    let session = session.strip_suffix(']').unwrap();
    let bytes = zip();
    let said = bench
        .say_with(
            &format!("pm install-write -S {} {session} base.apk -", bytes.len()),
            &bytes,
        )
        .await;
    assert_eq!(said.out, format!("Success: streamed {} bytes\n", bytes.len()));
    assert_eq!(
        bench.out(&format!("pm install-commit {session}")).await,
        "Success\n"
    );
    let after = bench.out("pm list packages -3").await.lines().count();
    assert_eq!(after, before + 1);
}

#[tokio::test]
async fn a_full_phone_installs_nothing() {
    let bench = Bench::new("android8");
    bench.phone.faults.set(Fault::StorageFull);
    let said = bench.say_with("cmd package install -S 4", b"PK\x03\x04").await;
    assert!(
        said.out
            .starts_with("Failure [INSTALL_FAILED_INSUFFICIENT_STORAGE")
    );
    let df = bench.out("df -k /sdcard").await;
    assert_eq!(df.lines().last().unwrap().split_whitespace().nth(3), Some("0"));
}

#[tokio::test]
async fn keyboards_are_enabled_and_chosen_only_where_they_are_installed() {
    for (name, suffix) in [("android8", ""), ("android13", " for user #0")] {
        let bench = Bench::new(name);
        let google = "com.google.android.inputmethod.latin/com.android.inputmethod.latin.LatinIME";
        let all = bench.out("ime list -s -a").await;
        assert!(all.lines().any(|line| line == google));
        if name == "android8" {
            assert_eq!(
                bench.out("ime list -s").await,
                "com.sec.android.inputmethod/.SamsungKeypad\n"
            );
            assert_eq!(
                bench.out(&format!("ime enable {google}")).await,
                format!("Input method {google}: now enabled{suffix}\n")
            );
        }
        assert_eq!(
            bench.out(&format!("ime set {google}")).await,
            format!("Input method {google} selected{suffix}\n")
        );
        assert_eq!(
            bench.out("settings get secure default_input_method").await,
            format!("{google}\n")
        );
        let unknown = bench.say("ime enable com.absent/.Ime").await;
        assert_eq!(
            unknown.err,
            "Unknown input method com.absent/.Ime cannot be enabled for user #0\n"
        );
        assert_ne!(unknown.code, 0);
    }
}

#[tokio::test]
async fn am_start_says_what_it_starts_and_what_is_wrong() {
    for name in ALL {
        let bench = Bench::new(name);
        let said = bench.say("am start -a com.example.NOTHING").await;
        assert_eq!(said.out, "Starting: Intent { act=com.example.NOTHING }\n");
        assert_eq!(
            said.err,
            "Error: Activity not started, unable to resolve Intent { act=com.example.NOTHING flg=0x10000000 }\n"
        );
        assert_eq!(said.code, u8::from(matches!(name, "android13" | "android15")));
    }
}

#[tokio::test]
async fn broadcasts_that_nobody_hears_complete_with_zero() {
    let bench = Bench::new("android13");
    assert_eq!(
        bench
            .out("am broadcast -a com.example.NOBODY --es msg hello")
            .await,
        "Broadcasting: Intent { act=com.example.NOBODY flg=0x400000 (has extras) }\nBroadcast completed: result=0\n"
    );
    let said = bench
        .say("am broadcast -a android.intent.action.MEDIA_MOUNTED")
        .await;
    assert!(
        said.err
            .contains("java.lang.SecurityException: Permission Denial: not allowed to send broadcast")
    );
}

#[tokio::test]
async fn a_pushed_video_is_seen_after_a_scan_only() {
    let query =
        "content query --uri content://media/external/video/media --projection _id:_display_name:duration";
    let scan = "content call --uri content://media --method scan_file --arg /storage/emulated/0/DCIM/a.mp4";
    for (name, volume) in [
        ("android11", "external_primary"),
        ("android13", "external_primary"),
    ] {
        let bench = Bench::new(name);
        let path = bench.phone.files.host_path("/sdcard/DCIM/a.mp4");
        std::fs::write(&path, b"no real video").unwrap();
        assert_eq!(bench.out(query).await, "No result found.\n");
        let said = bench.out(scan).await;
        let id = said
            .trim()
            .strip_prefix(&format!(
                "Result: Bundle[{{uri=content://media/{volume}/video/media/"
            ))
            .and_then(|rest| rest.strip_suffix("}]"))
            .unwrap_or_else(|| panic!("{said}"))
            .to_owned();
        let row = format!("Row: 0 _id={id}, _display_name=a.mp4, duration=NULL\n");
        assert_eq!(bench.out(query).await, row);
        let bench = bench.again(name);
        assert_eq!(bench.out(query).await, row);
        std::fs::remove_file(&path).unwrap();
        assert_eq!(bench.out(scan).await, "Result: Bundle[{uri=null}]\n");
        assert_eq!(bench.out(query).await, "No result found.\n");
    }
    let old = Bench::new("android8");
    std::fs::write(old.phone.files.host_path("/sdcard/DCIM/a.mp4"), b"no real video").unwrap();
    assert_eq!(old.out(scan).await, "Result: null\n");
    old.out("am broadcast -a android.intent.action.MEDIA_SCANNER_SCAN_FILE -d file:///storage/emulated/0/DCIM/a.mp4").await;
    assert!(old.out(query).await.contains("_display_name=a.mp4"));
}

#[tokio::test]
async fn df_answers_in_toyboxs_columns() {
    let text = Bench::new("android15").out("df -k /data").await;
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    assert_eq!(
        header,
        [
            "Filesystem",
            "1K-blocks",
            "Used",
            "Available",
            "Use%",
            "Mounted",
            "on"
        ]
    );
    let row: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    assert_eq!(
        (row[0], row[3], row[5]),
        ("/dev/block/dm-59", "60000000", "/data/user/0")
    );
    let old = Bench::new("android8").out("df -k /sdcard").await;
    assert!(old.contains("/data/media"));
}

#[tokio::test]
async fn processes_are_found_by_name() {
    let bench = Bench::new("android13");
    assert_eq!(bench.out("pidof com.android.systemui").await, "1892\n");
    let none = bench.say("pidof com.absent").await;
    assert_eq!((none.out.as_str(), none.code), ("", 1));
    assert!(
        bench
            .out("ps -A")
            .await
            .lines()
            .any(|line| line.ends_with(" system_server"))
    );
    let refused = bench.say("kill 1892").await;
    assert!(refused.err.contains("Operation not permitted") && refused.code == 1);
}

#[tokio::test]
async fn monkey_finds_no_activity_of_an_absent_app() {
    let said = Bench::new("android8")
        .say("monkey -p com.absent -c android.intent.category.LAUNCHER 1")
        .await;
    assert!(
        said.out
            .ends_with("** No activities found to run, monkey aborted.\n")
    );
    assert_eq!(said.code, 252);
}

#[tokio::test]
async fn the_log_is_dumped_and_cleared() {
    let bench = Bench::new("android13");
    bench.say("am start -a com.example.NOTHING").await;
    let log = bench.out("logcat -d").await;
    assert!(log.starts_with("--------- beginning of main\n"));
    assert!(log.contains(" I ActivityTaskManager: START u0 { act=com.example.NOTHING"));
    bench.out("logcat -c").await;
    assert_eq!(bench.out("logcat -d").await, "--------- beginning of main\n");
}

#[tokio::test]
async fn the_input_manager_tells_the_rotation_in_its_androids_words() {
    for (name, word) in [
        ("android8", "SurfaceOrientation: 1"),
        ("android15", "Orientation: Rotation90"),
    ] {
        let bench = Bench::new(name);
        bench.out("settings put system accelerometer_rotation 0").await;
        bench.out("settings put system user_rotation 1").await;
        assert!(bench.out("dumpsys input").await.contains(word), "{name}");
        assert!(
            bench.out("dumpsys window displays").await.contains("mRotation=1"),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_started_app_is_focused_and_resumed_in_its_androids_words() {
    for name in ALL {
        let bench = Bench::new(name);
        let said = bench.out("am start -W -n com.android.settings/.Settings").await;
        let lines: Vec<&str> = said
            .lines()
            .map(|line| line.split(':').next().unwrap_or_default())
            .collect();
        let expected: &[&str] = if name == "android8" {
            &[
                "Starting",
                "Status",
                "Activity",
                "ThisTime",
                "TotalTime",
                "WaitTime",
                "Complete",
            ]
        } else {
            &[
                "Starting",
                "Status",
                "LaunchState",
                "Activity",
                "TotalTime",
                "WaitTime",
                "Complete",
            ]
        };
        assert_eq!(lines, expected, "{name}: {said}");
        assert!(said.starts_with("Starting: Intent { cmp=com.android.settings/.Settings }\nStatus: ok\n"));

        let window = bench.out("dumpsys window").await;
        let focus = window
            .lines()
            .rfind(|line| line.contains("mCurrentFocus="))
            .unwrap();
        assert!(
            focus.ends_with(" u0 com.android.settings/com.android.settings.Settings}"),
            "{focus}"
        );
        let app = window
            .lines()
            .rfind(|line| line.starts_with("  mFocusedApp="))
            .unwrap();
        assert_eq!(app.contains("AppWindowToken{"), name == "android8", "{app}");
        assert!(app.contains("ActivityRecord{") && app.contains(" u0 com.android.settings/.Settings"));

        let activities = bench.out("dumpsys activity activities").await;
        let has = |what: &str| activities.lines().any(|line| line.trim_start().starts_with(what));
        // Newer ones say it too, but within the task.
        assert!(has("mResumedActivity: ActivityRecord{"), "{name}");
        assert_eq!(
            has("topResumedActivity=ActivityRecord{"),
            name != "android8",
            "{name}"
        );
        assert_eq!(
            has("ResumedActivity: ActivityRecord{"),
            matches!(name, "android13" | "android15"),
            "{name}"
        );

        let again = bench.say("am start -n com.android.settings/.Settings").await;
        assert!(
            again.err.starts_with("Warning: Activity not started, "),
            "{name}: {}",
            again.err
        );
        assert_eq!(again.code, 0);
        let absent = bench.say("am start -n com.android.settings/.Absent").await;
        assert_eq!(
            absent.err,
            "Error type 3\nError: Activity class {com.android.settings/.Absent} does not exist.\n"
        );
    }
}

#[tokio::test]
async fn an_app_is_resolved_stopped_and_cannot_be_started_while_disabled() {
    let bench = Bench::new("android13");
    let brief = bench
        .out("cmd package resolve-activity --brief com.example.notes")
        .await;
    assert_eq!(brief.lines().nth(1), Some("com.example.notes/.MainActivity"));
    assert_eq!(
        bench.out("cmd package resolve-activity --brief com.absent").await,
        "No activity found\n"
    );
    let several = bench.out("cmd package query-activities --brief -a android.intent.action.SEND -t text/plain com.example.notes").await;
    assert!(
        several.starts_with("1 activities found:\n  priority=0 ")
            && several.ends_with("  com.example.notes/.ShareActivity\n")
    );

    let monkey = bench
        .out("monkey -p com.example.notes -c android.intent.category.LAUNCHER 1")
        .await;
    assert!(monkey.contains("Events injected: 1\n"));
    assert_ne!(bench.out("pidof com.example.notes").await, "");
    assert_eq!(bench.out("am force-stop com.example.notes").await, "");
    assert_eq!(bench.say("pidof com.example.notes").await.code, 1);
    assert_eq!(
        bench.out("pm disable-user --user 0 com.example.notes").await,
        "Package com.example.notes new state: disabled-user\n"
    );
    assert_ne!(
        bench.say("am start -n com.example.notes/.MainActivity").await.err,
        ""
    );
    bench.out("pm enable com.example.notes").await;
    assert_eq!(
        bench.say("am start -n com.example.notes/.MainActivity").await.err,
        ""
    );
}
