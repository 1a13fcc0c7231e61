//! The PyPI packages adbutils and uiautomator2 against a simulated phone, by way of a real adb server.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

use std::path::PathBuf;
use std::time::Duration;

use farm::{AdbServer, TestPhone};

const SOON: Duration = Duration::from_secs(30);
/// A python with both packages starts, pushes 7 MB and works for a while.
const PATIENCE: Duration = Duration::from_secs(120);

/// What the client does; prints one line a fact.
const SCRIPT: &str = r#"
import sys, adbutils, uiautomator2 as u2
serial = sys.argv[1]
text = "Grüße 你好 👋 'quote' $HOME; rm"
dev = adbutils.adb.device(serial)
print("model", dev.prop.model)
print("size", *dev.window_size())
print("shot", *dev.screenshot().size)
d = u2.connect(serial)
print("sdk", d.info["sdkInt"])
d.shell("am start -n com.example.notes/.MainActivity")
assert d(description="New note").wait(timeout=10), d.dump_hierarchy()
xml = d.dump_hierarchy()
assert "No notes yet" in xml, xml
d(description="New note").click()
d.send_keys("Title")
d(resourceId="com.example.notes:id/body").click()
d.send_keys(text)
print("shot2", *d.screenshot().size)
d(resourceId="com.example.notes:id/save").click()
deny = d(resourceId="com.android.permissioncontroller:id/permission_deny_button")
assert deny.wait(timeout=10)
deny.click()
assert d(resourceId="com.example.notes:id/note_title", text="Title").wait(timeout=10), d.dump_hierarchy()
print("current", d.app_current()["package"])
"#;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A python with both packages, or why there is none.
fn python() -> Result<PathBuf, String> {
    let named = std::env::var_os("DROVER_TEST_PYTHON").map(PathBuf::from);
    let found = named.unwrap_or_else(|| root().join("target/test-python/bin/python"));
    let output = std::process::Command::new(&found)
        .args(["-c", "import adbutils, uiautomator2"])
        .output()
        .map_err(|error| format!("{} cannot be started: {error}", found.display()))?;
    if output.status.success() {
        return Ok(found);
    }
    let why = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(format!("{} has not both packages: {why}", found.display()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pypi_clients_connect_dump_tap_type_and_take_pictures() {
    let python = match python() {
        Ok(python) => python,
        Err(why) => {
            let required = ["CI", "DROVER_TEST_REQUIRE_PYTHON"];
            assert!(
                required.iter().all(|name| std::env::var_os(name).is_none()),
                "{why}"
            );
            println!("skipped: {why}");
            return;
        }
    };
    let server = AdbServer::start().await.unwrap();
    let phone = TestPhone::named("android13").await.unwrap();
    server.connect(&phone.address, SOON).await.unwrap();
    let running = tokio::process::Command::new(python)
        .args(["-c", SCRIPT, &phone.address])
        .env("ANDROID_ADB_SERVER_PORT", server.port().to_string())
        .env("ANDROID_ADB_SERVER_HOST", "127.0.0.1")
        .env("ADBUTILS_ADB_PATH", farm::adb_server::adb())
        .env("HOME", server.home())
        .env("PYTHONUTF8", "1")
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(PATIENCE, running).await.unwrap().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{complained}");
    for fact in [
        "model Pixel 6",
        "size 1080 2400",
        "shot 1080 2400",
        "sdk 33",
        "shot2 1080 2400",
        "current com.example.notes",
    ] {
        assert!(
            said.lines().any(|line| line == fact),
            "{fact} in {said}\n{complained}"
        );
    }
    let entries = phone.phone.ledger.entries();
    let saved: Vec<_> = entries
        .iter()
        .filter(|entry| entry.kind == "note_saved")
        .collect();
    assert_eq!(saved.len(), 1, "{entries:?}");
    assert_eq!(saved[0].detail["title"], "Title");
    assert_eq!(saved[0].detail["body"], "Grüße 你好 👋 'quote' $HOME; rm");
}
