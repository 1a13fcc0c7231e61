//! The programs of the screen, called as the shell calls them: `input`, `uiautomator`, `screencap`, `app_process`.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use simphone::clock::SimClock;
use simphone::phone::fault::Fault;
use simphone::phone::services::Address;
use simphone::phone::{Input, Phone, PhoneSpec, Running, personality};
use simphone::program::{self, Process};
use simphone::ui::Intent;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

fn phone(make: usize) -> (Arc<Phone>, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let phone = Phone::open(PhoneSpec {
        serial: "SIM0001".to_owned(),
        personality: &personality::ALL[make],
        seed: 7,
        data: dir.path().to_owned(),
        clock: SimClock::new(50.0),
    })
    .unwrap();
    (phone, dir)
}

struct Said {
    out: Vec<u8>,
    err: String,
    code: u8,
}

impl Said {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.out).into_owned()
    }
}

async fn run(phone: &Arc<Phone>, argv: &[&str]) -> Said {
    run_with(phone, argv, BTreeMap::new()).await
}

async fn run_with(phone: &Arc<Phone>, argv: &[&str], env: BTreeMap<String, String>) -> Said {
    let (stdout, mut out) = tokio::io::duplex(1 << 16);
    let (stderr, mut err) = tokio::io::duplex(1 << 16);
    let process = Process {
        phone: Arc::clone(phone),
        argv: argv.iter().map(|word| (*word).to_owned()).collect(),
        env,
        cwd: "/".to_owned(),
        stdin: Box::pin(tokio::io::empty()),
        stdout: Box::pin(stdout),
        stderr: Box::pin(stderr),
    };
    let (mut said, mut complained) = (Vec::new(), String::new());
    let (code, read, other) = tokio::join!(
        program::run(process),
        out.read_to_end(&mut said),
        err.read_to_string(&mut complained)
    );
    read.unwrap();
    other.unwrap();
    Said {
        out: said,
        err: complained,
        code: code.unwrap(),
    }
}

fn editor(phone: &Arc<Phone>) {
    phone.ui().start(phone, &Intent::launch("com.example.notes"));
}

/// The middle of the node that `mark` names in the dump.
async fn spot(phone: &Arc<Phone>, mark: &str) -> (String, String) {
    let dump = run(phone, &["uiautomator", "dump", "/dev/tty"]).await.text();
    let xml = dump.split("UI hierchary").next().unwrap();
    let screen = shared::screen::Screen::parse(xml).unwrap();
    let node = screen
        .nodes()
        .find(|node| node.description() == mark || node.resource_id().ends_with(mark));
    let (x, y) = node
        .unwrap_or_else(|| panic!("no {mark} in {xml}"))
        .bounds()
        .center();
    (x.to_string(), y.to_string())
}

#[tokio::test]
async fn taps_and_text_arrive_where_the_dump_says() {
    let (phone, _dir) = phone(0);
    editor(&phone);
    let (x, y) = spot(&phone, "New note").await;
    assert_eq!(run(&phone, &["input", "tap", &x, &y]).await.code, 0);
    let said = run(&phone, &["input", "text", "two%swords"]).await;
    assert_eq!(
        (said.code, said.text(), said.err),
        (0, String::new(), String::new())
    );
    assert_eq!(phone.ui().focused_text(&phone).as_deref(), Some("two words"));
    run(&phone, &["input", "keyevent", "KEYCODE_DEL", "67"]).await;
    assert_eq!(phone.ui().focused_text(&phone).as_deref(), Some("two wor"));
}

#[tokio::test]
async fn text_outside_ascii_is_a_null_pointer() {
    for (make, code) in [(1, 1), (0, 255)] {
        let (phone, _dir) = phone(make);
        let said = run(&phone, &["input", "text", "Grüße"]).await;
        assert!(
            said.err
                .contains("java.lang.NullPointerException: Attempt to get length of null array")
        );
        assert_eq!(said.code, code);
    }
}

#[tokio::test]
async fn injected_input_is_refused_until_the_vendors_switch_is_on() {
    let (phone, _dir) = phone(3);
    assert_eq!(run(&phone, &["input", "tap", "1", "1"]).await.code, 0);
    std::fs::write(phone.state_file("vendor_switches"), b"{\"input_allowed\":false}").unwrap();
    let said = run(&phone, &["input", "tap", "1", "1"]).await;
    assert!(said.err.contains("INJECT_EVENTS permission"));
    assert_eq!(said.code, 255);
}

#[tokio::test]
async fn a_dump_goes_to_its_file_and_says_so() {
    let (phone, _dir) = phone(1);
    let said = run(&phone, &["uiautomator", "dump"]).await;
    assert_eq!(said.text(), "UI hierchary dumped to: /sdcard/window_dump.xml\n");
    let kept = std::fs::read_to_string(phone.files.host_path("/sdcard/window_dump.xml")).unwrap();
    assert!(
        kept.starts_with(
            "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?><hierarchy rotation=\"0\">"
        )
    );
    assert!(!kept.contains("visible-to-user"), "Android 8 does not tell it");
    let small = run(&phone, &["uiautomator", "dump", "--compressed", "/dev/tty"])
        .await
        .text();
    assert!(small.contains("</hierarchy>UI hierchary dumped to: /dev/tty"));
    assert!(small.len() < kept.len());
}

#[tokio::test]
async fn a_dump_fails_with_exit_code_0_and_a_line_on_stderr() {
    let (phone, _dir) = phone(0);
    phone.faults.set(Fault::NoIdle);
    let said = run(&phone, &["uiautomator", "dump"]).await;
    assert_eq!(
        (said.code, said.err.as_str()),
        (0, "ERROR: could not get idle state.\n")
    );
    phone.faults.clear_all();
    phone.ui().sleep();
    let said = run(&phone, &["uiautomator", "dump"]).await;
    let null = "ERROR: null root node returned by UiTestAutomationBridge.\n";
    assert_eq!((said.code, said.err.as_str()), (0, null));
    phone.faults.set(Fault::DumpKilled);
    assert_eq!(run(&phone, &["uiautomator", "dump"]).await.code, 137);
}

#[tokio::test]
async fn a_stale_dump_shows_the_launcher_while_an_app_is_in_front() {
    let (phone, _dir) = phone(0);
    editor(&phone);
    phone.faults.set(Fault::DumpStale);
    let xml = run(&phone, &["uiautomator", "dump", "/dev/tty"]).await.text();
    assert!(xml.contains("nexuslauncher") && !xml.contains("com.example.notes"));
}

#[tokio::test]
async fn pictures_come_as_png_or_raw_and_with_the_warning_of_a_folding_phone() {
    let (phone, _dir) = self::phone(0);
    let png = run(&phone, &["screencap", "-p"]).await.out;
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
    let raw = run(&phone, &["screencap"]).await.out;
    assert_eq!(raw.len(), 16 + 1080 * 2400 * 4);
    assert_eq!(raw[..4], 1080_u32.to_le_bytes());
    let said = run(&phone, &["screencap", "-p", "/sdcard/a.png"]).await;
    assert_eq!((said.code, said.out.len()), (0, 0));
    assert_eq!(
        std::fs::read(phone.files.host_path("/sdcard/a.png")).unwrap(),
        png
    );

    let (fold, _dir) = self::phone(2);
    let out = run(&fold, &["screencap", "-p"]).await.out;
    assert!(out.starts_with(b"[Warning] Multiple displays were found"));
    assert_eq!(
        out.windows(8).position(|part| part == b"\x89PNG\r\n\x1a\n"),
        Some(347)
    );
    assert!(
        run(&fold, &["screencap", "-p", "-d", "0"])
            .await
            .out
            .starts_with(b"\x89PNG")
    );
}

#[tokio::test]
async fn a_server_that_was_never_pushed_cannot_be_started() {
    let (phone, _dir) = phone(0);
    let env = BTreeMap::from([("CLASSPATH".to_owned(), "/data/local/tmp/u2.jar".to_owned())]);
    let said = run_with(
        &phone,
        &["app_process", "/", "com.wetest.uia2.Main", "-p", "9008"],
        env,
    )
    .await;
    assert!(said.err.contains("ClassNotFoundException"));
    assert_eq!(said.code, 134);
}

/// Starts the resident server and waits until it listens.
async fn resident(phone: &Arc<Phone>) -> tokio::task::JoinHandle<Said> {
    let jar = phone.files.host_path("/data/local/tmp/u2.jar");
    std::fs::create_dir_all(jar.parent().unwrap()).unwrap();
    std::fs::write(jar, b"PK\x03\x04rest").unwrap();
    let env = BTreeMap::from([("CLASSPATH".to_owned(), "/data/local/tmp/u2.jar".to_owned())]);
    let other = Arc::clone(phone);
    let running = tokio::spawn(async move {
        run_with(
            &other,
            &["app_process", "/", "com.wetest.uia2.Main", "-p", "9008"],
            env,
        )
        .await
    });
    let listening = async {
        while phone.services.connect(&Address::Tcp(9008)).is_none() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), listening)
        .await
        .unwrap();
    running
}

async fn rpc(phone: &Arc<Phone>, method: &str, params: serde_json::Value) -> serde_json::Value {
    let (mut stream, conversation) = phone.services.connect(&Address::Tcp(9008)).unwrap();
    tokio::spawn(conversation);
    let body = serde_json::json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string();
    let head = format!(
        "POST /jsonrpc/0 HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &*body).as_bytes()).await.unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.unwrap();
    serde_json::from_str(reply.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[tokio::test]
async fn the_resident_server_types_any_text_and_excludes_uiautomator() {
    let (phone, _dir) = phone(0);
    editor(&phone);
    let running = resident(&phone).await;
    let said = run(&phone, &["uiautomator", "dump"]).await;
    assert!(said.err.contains("already registered"), "{}", said.err);
    let found = rpc(
        &phone,
        "click",
        serde_json::json!([{"description": "New note", "mask": 64}]),
    )
    .await;
    assert_eq!(found["result"], true, "{found}");
    rpc(&phone, "setClipboard", serde_json::json!([null, "Grüße 👋"])).await;
    rpc(&phone, "pasteClipboard", serde_json::json!({})).await;
    assert_eq!(phone.ui().focused_text(&phone).as_deref(), Some("Grüße 👋"));
    let xml = rpc(&phone, "dumpWindowHierarchy", serde_json::json!([false, 50])).await;
    let xml = xml["result"].as_str().unwrap();
    assert!(
        xml.contains("com.android.systemui") && xml.contains("inputmethod"),
        "all windows"
    );
    let missing = rpc(&phone, "objInfo", serde_json::json!([{"text": "nowhere"}])).await;
    let message = missing["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("androidx.test.uiautomator.UiObjectNotFoundException"));
    let shot = rpc(&phone, "takeScreenshot", serde_json::json!([0.5, 80])).await;
    assert!(shot["result"].as_str().unwrap().starts_with("/9j/"), "a JPEG");

    phone.faults.set(Fault::ResidentDies);
    let said = tokio::time::timeout(Duration::from_secs(30), running)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(said.code, 137);
    assert!(phone.services.connect(&Address::Tcp(9008)).is_none());
    assert!(run(&phone, &["uiautomator", "dump"]).await.err.is_empty());
}

#[tokio::test]
async fn the_server_cannot_start_while_a_fault_says_so() {
    let (phone, _dir) = phone(0);
    let running = resident(&phone).await;
    running.abort();
    assert!(running.await.is_err_and(|error| error.is_cancelled()));
    assert!(
        phone.services.connect(&Address::Tcp(9008)).is_none(),
        "it lives as long as its shell"
    );
    phone.faults.set(Fault::ResidentCannotStart);
    let env = BTreeMap::from([("CLASSPATH".to_owned(), "/data/local/tmp/u2.jar".to_owned())]);
    let said = run_with(&phone, &["app_process", "/", "com.wetest.uia2.Main"], env).await;
    assert_eq!(said.code, 134);
}

#[tokio::test]
async fn the_keyboard_for_adb_types_what_a_broadcast_says_while_it_is_current() {
    let (phone, _dir) = phone(0);
    editor(&phone);
    let (x, y) = spot(&phone, "New note").await;
    run(&phone, &["input", "tap", &x, &y]).await;
    let send = [
        "am",
        "broadcast",
        "-a",
        "ADB_INPUT_B64",
        "--es",
        "msg",
        "R3LDvMOfZSDwn5GL",
    ];
    let said = run(&phone, &send).await.text();
    assert!(said.ends_with("Broadcast completed: result=0\n"), "{said}");
    assert_eq!(
        phone.ui().focused_text(&phone).as_deref(),
        Some(""),
        "it is not the current keyboard"
    );
    let id = "com.android.adbkeyboard/.AdbIME";
    let put = simphone::phone::lock(&phone.settings).put(
        simphone::phone::settings::Namespace::Secure,
        "default_input_method",
        id,
    );
    put.unwrap();
    run(&phone, &send).await;
    assert_eq!(phone.ui().focused_text(&phone).as_deref(), Some("Grüße 👋"));
    run(&phone, &["am", "broadcast", "-a", "ADB_CLEAR_TEXT"]).await;
    assert_eq!(phone.ui().focused_text(&phone).as_deref(), Some(""));
}

#[tokio::test]
async fn kill_ends_what_is_the_shells_own_and_nothing_else() {
    let (phone, _dir) = phone(0);
    let entry = Running::enter(&phone, "app_process");
    let pid = run(&phone, &["pidof", "app_process"]).await.text();
    let listed = run(&phone, &["ps", "-A"]).await.text();
    assert!(
        listed
            .lines()
            .any(|line| line.starts_with("shell") && line.ends_with("app_process"))
    );
    assert_eq!(run(&phone, &["kill", "-9", pid.trim()]).await.code, 0);
    assert!(entry.killed.is_cancelled());
    drop(entry);
    assert_eq!(run(&phone, &["pidof", "app_process"]).await.code, 1);

    editor(&phone);
    let pid = run(&phone, &["pidof", "com.example.notes"]).await.text();
    let refused = run(&phone, &["kill", pid.trim()]).await;
    assert!(refused.err.contains("Operation not permitted"), "{}", refused.err);
    assert_eq!(run(&phone, &["pidof", "com.example.notes"]).await.text(), pid);
}

#[tokio::test]
async fn a_long_press_of_power_leaves_the_screen_on_and_each_key_is_in_the_log() {
    let (phone, _dir) = phone(0);
    run(&phone, &["input", "keyevent", "--longpress", "26"]).await;
    assert!(phone.ui().screen_on());
    run(&phone, &["input", "keyevent", "26"]).await;
    assert!(!phone.ui().screen_on());
    assert_eq!(phone.inputs.all(), [Input::Key(26), Input::Key(26)]);
}

#[tokio::test]
async fn the_time_since_the_boot_goes_on_with_the_phones_clock() {
    let (phone, _dir) = phone(1);
    let read = async || {
        let text = run(&phone, &["cat", "/proc/uptime"]).await.text();
        let (up, idle) = text.trim().split_once(' ').unwrap();
        assert!(idle.parse::<f64>().unwrap() >= 0.0);
        up.parse::<f64>().unwrap()
    };
    let before = read().await;
    run(&phone, &["sleep", "5"]).await;
    let after = read().await;
    assert!(after >= before + 5.0, "{before} then {after}");
    let said = run(&phone, &["uptime"]).await.text();
    assert!(said.contains(" up ") && said.contains("load average:"), "{said}");
}
