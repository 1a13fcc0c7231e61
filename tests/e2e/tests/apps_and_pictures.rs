//! Debian's adb and the agent's own adb layer with apps and pictures: installing, removing, screenshots, files that
//! galleries see.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use agent::adb::AdbErrorKind;
use agent::adb::phone::{AdbDevice, DriverChoice};
use agent::device::Device as _;
use farm::apk::{self, App};
use farm::{AdbServer, TestPhone};
use shared::device::Serial;
use simphone::phone::fault::Fault;
use simphone::phone::personality;

const SOON: Duration = Duration::from_secs(60);
const GAME: App = App {
    package: "org.example.game",
    version_code: 42,
    version_name: "4.2",
    min_sdk: 24,
    permissions: &["android.permission.CAMERA"],
    launcher: ".Main",
    utf8: true,
};

async fn shell(server: &AdbServer, phone: &TestPhone, line: &str) -> String {
    String::from_utf8(server.run(&phone.address, &["shell", line]).await.unwrap()).unwrap()
}

fn device(server: &AdbServer, phone: &TestPhone) -> AdbDevice {
    AdbDevice::new(
        Serial("SIM0001".to_owned()),
        phone.seen_by_agent(server),
        DriverChoice::Plain,
    )
}

fn written(folder: &Path, app: &App) -> PathBuf {
    let path = folder.join("game.apk");
    apk::write(&path, app).unwrap();
    path
}

#[test]
fn a_manifest_is_read_in_both_encodings_of_its_strings() {
    let folder = tempfile::tempdir().unwrap();
    for utf8 in [true, false] {
        let path = written(folder.path(), &App { utf8, ..GAME });
        let read = simphone::phone::apk::read(&path).unwrap().unwrap();
        assert_eq!(
            (
                read.package.as_str(),
                read.version_code,
                read.version_name.as_deref()
            ),
            ("org.example.game", 42, Some("4.2"))
        );
        assert_eq!((read.min_sdk, read.target_sdk), (Some(24), Some(33)));
        assert_eq!(read.permissions, ["android.permission.CAMERA"]);
        assert_eq!(read.launchers.len(), 1);
    }
}

#[test]
fn an_archive_without_a_manifest_and_a_file_that_is_none_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("some.apk");
    std::fs::write(&path, apk::zip(&[("readme", b"no app".as_slice())])).unwrap();
    assert_eq!(simphone::phone::apk::read(&path).unwrap(), None);
    std::fs::write(&path, "no archive at all").unwrap();
    assert!(simphone::phone::apk::read(&path).is_err());
    // Cut anywhere, it is an error or nothing, never a panic.
    let whole = apk::zip(&[("AndroidManifest.xml", &apk::manifest(&GAME))]);
    for length in 0..whole.len() {
        std::fs::write(&path, &whole[..length]).unwrap();
        let _ = simphone::phone::apk::read(&path);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn debians_adb_installs_updates_and_removes_an_app() {
    for personality in ["android8", "android15"] {
        let (server, phone) = TestPhone::connected(personality).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = written(folder.path(), &GAME);
        let path = path.to_str().unwrap();
        let said = server.run(&phone.address, &["install", path]).await.unwrap();
        assert!(
            String::from_utf8_lossy(&said).contains("Success"),
            "{personality}"
        );
        assert!(
            shell(&server, &phone, "pm list packages -3")
                .await
                .contains("package:org.example.game\n")
        );
        let about = shell(&server, &phone, "dumpsys package org.example.game").await;
        assert!(
            about.contains("versionCode=42") && about.contains("versionName=4.2"),
            "{about}"
        );
        written(
            folder.path(),
            &App {
                version_code: 43,
                ..GAME
            },
        );
        server
            .run(&phone.address, &["install", "-r", path])
            .await
            .unwrap();
        let about = shell(&server, &phone, "dumpsys package org.example.game").await;
        assert!(about.contains("versionCode=43"), "{about}");
        server
            .run(&phone.address, &["uninstall", GAME.package])
            .await
            .unwrap();
        assert!(
            !shell(&server, &phone, "pm list packages")
                .await
                .contains("org.example.game")
        );
        let again = ["-s", &phone.address, "uninstall", GAME.package];
        let again = server.adb(&again).await.unwrap();
        let told = [again.stdout, again.stderr].concat();
        assert!(
            String::from_utf8_lossy(&told).contains("Failure ["),
            "{personality}"
        );
        let kinds: Vec<String> = phone
            .phone
            .ledger
            .entries()
            .into_iter()
            .map(|entry| entry.kind)
            .collect();
        assert_eq!(kinds, ["app_installed", "app_installed", "app_uninstalled"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_archive_without_a_manifest_installs_and_other_files_do_not() {
    let (server, phone) = TestPhone::connected("android13").await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plain.apk");
    std::fs::write(&path, apk::zip(&[("readme", b"no app".as_slice())])).unwrap();
    server
        .run(&phone.address, &["install", path.to_str().unwrap()])
        .await
        .unwrap();
    std::fs::write(&path, "no archive at all").unwrap();
    let refused = server
        .says(&["-s", &phone.address, "install", path.to_str().unwrap()])
        .await
        .unwrap();
    assert!(refused.contains("INSTALL_PARSE_FAILED_NOT_APK"), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_installed_app_has_an_icon_that_starts_it_until_it_is_removed() {
    for personality in &personality::ALL {
        let (server, phone) = TestPhone::connected(personality.name).await.unwrap();
        let device = device(&server, &phone);
        let folder = tempfile::tempdir().unwrap();
        phone
            .seen_by_agent(&server)
            .install(&written(folder.path(), &GAME), SOON, &|_| {})
            .await
            .unwrap();
        let home = device.hierarchy().await.unwrap();
        let icon = home.screen.nodes().find(|node| node.text() == "Game").unwrap();
        let (x, y) = icon.bounds().center();
        device.tap(x, y).await.unwrap();
        let front = device.foreground().await.unwrap();
        assert_eq!(front.package, GAME.package, "{}", personality.name);
        assert!(
            device
                .hierarchy()
                .await
                .unwrap()
                .screen
                .packages()
                .contains(&GAME.package)
        );
        device.stop_app(GAME.package).await.unwrap();
        device.start_app(GAME.package).await.unwrap();
        assert_eq!(device.foreground().await.unwrap().package, GAME.package);
        phone
            .seen_by_agent(&server)
            .uninstall(GAME.package, SOON)
            .await
            .unwrap();
        assert_ne!(device.foreground().await.unwrap().package, GAME.package);
        let home = device.hierarchy().await.unwrap();
        assert!(
            home.screen.nodes().all(|node| node.text() != "Game"),
            "{}",
            personality.name
        );
        let gone = device.start_app(GAME.package).await.unwrap_err();
        assert!(gone.to_string().contains("no app named"), "{gone}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_agents_installation_tells_the_phones_own_reason() {
    let (server, phone) = TestPhone::connected("android8").await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path(), &App { min_sdk: 33, ..GAME });
    let agents = phone.seen_by_agent(&server);
    let error = agents.install(&path, SOON, &|_| {}).await.unwrap_err();
    assert!(
        matches!(&error.kind, AdbErrorKind::Refused(said) if said.contains("INSTALL_FAILED_OLDER_SDK")),
        "{error}"
    );
    assert_eq!(
        shell(&server, &phone, "ls /data/local/tmp").await,
        "",
        "the APK stayed behind"
    );
    phone.phone.faults.set(Fault::StorageFull);
    let full = agents.install(&path, SOON, &|_| {}).await.unwrap_err();
    assert!(full.to_string().contains("No space left"), "{full}");
    phone.phone.faults.clear_all();
    assert!(agents.uninstall("nobody.knows.it", SOON).await.is_err());
}

fn size(png: &[u8]) -> Option<(u32, u32)> {
    let number = |at: usize| Some(u32::from_be_bytes(png.get(at..at + 4)?.try_into().ok()?));
    png.starts_with(b"\x89PNG\r\n\x1a\n")
        .then(|| number(16).zip(number(20)))?
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_make_takes_pictures_and_only_the_foldable_warns_before_them() {
    for personality in &personality::ALL {
        let (server, phone) = TestPhone::connected(personality.name).await.unwrap();
        let wanted = Some((personality.width, personality.height));
        let out = server
            .run(&phone.address, &["exec-out", "screencap", "-p"])
            .await
            .unwrap();
        let warning = out
            .windows(8)
            .position(|window| window == b"\x89PNG\r\n\x1a\n")
            .unwrap();
        assert_eq!(warning > 0, personality.multi_display, "{}", personality.name);
        assert_eq!(size(&out[warning..]), wanted, "{}", personality.name);
        // A file holds the picture alone.
        server
            .run(&phone.address, &["shell", "screencap -p /sdcard/s.png"])
            .await
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let local = folder.path().join("s.png");
        server
            .run(
                &phone.address,
                &["pull", "/sdcard/s.png", local.to_str().unwrap()],
            )
            .await
            .unwrap();
        let pulled = std::fs::read(local).unwrap();
        assert_eq!(size(&pulled), wanted, "{}", personality.name);
        assert!(pulled.ends_with(b"IEND\xaeB`\x82"), "{}", personality.name);
        let device = device(&server, &phone);
        assert_eq!(
            size(&device.screenshot().await.unwrap()),
            wanted,
            "{}",
            personality.name
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pushed_video_is_in_the_gallery_once_it_was_scanned() {
    for (personality, scan) in [
        (
            "android8",
            "am broadcast -a android.intent.action.MEDIA_SCANNER_SCAN_FILE -d file:///storage/emulated/0/Movies/clip.mp4",
        ),
        (
            "android13",
            "content call --uri content://media --method scan_file --arg /storage/emulated/0/Movies/clip.mp4",
        ),
        (
            "android15",
            "content call --uri content://media --method scan_file --arg /storage/emulated/0/Movies/clip.mp4",
        ),
    ] {
        let (server, phone) = TestPhone::connected(personality).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let clip = folder.path().join("clip.mp4");
        std::fs::write(&clip, b"\0\0\0\x18ftypmp42 and the rest of it").unwrap();
        let ask = "content query --uri content://media/external/video/media --projection _id:_display_name --where \"_display_name='clip.mp4'\"";
        server
            .run(
                &phone.address,
                &["push", clip.to_str().unwrap(), "/sdcard/Movies/clip.mp4"],
            )
            .await
            .unwrap();
        let before = shell(&server, &phone, ask).await;
        assert!(before.contains("No result found."), "{personality}: {before}");
        let said = shell(&server, &phone, scan).await;
        assert!(
            said.contains("Broadcast completed: result=0") || said.contains("uri=content://media/"),
            "{personality}: {said}"
        );
        let deadline = tokio::time::Instant::now() + SOON;
        loop {
            let found = shell(&server, &phone, ask).await;
            if found.contains("_display_name=clip.mp4") {
                break;
            }
            assert!(tokio::time::Instant::now() < deadline, "{personality}: {found}");
        }
    }
}
