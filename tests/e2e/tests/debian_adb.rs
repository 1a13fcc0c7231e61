//! Debian's own adb against the simulated phones: what every client of an adb server relies on.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use farm::{AdbServer, TestPhone};
use simphone::phone::fault::Fault;
use simphone::phone::services::Address;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const SOON: Duration = Duration::from_secs(30);

/// A server with one connected phone.
async fn connected(personality: &str) -> (AdbServer, TestPhone) {
    TestPhone::connected(personality).await.unwrap()
}

/// Runs `adb -s PHONE …` and expects it to succeed.
async fn adb(server: &AdbServer, phone: &TestPhone, arguments: &[&str]) -> Vec<u8> {
    server.run(&phone.address, arguments).await.unwrap()
}

/// Bytes of all values, without a period.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let step = |_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..length).map(step).collect()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_is_listed_with_its_model() {
    let (server, phone) = connected("android13").await;
    let devices = server.says(&["devices", "-l"]).await.unwrap();
    let line = devices
        .lines()
        .find(|line| line.starts_with(&phone.address))
        .unwrap();
    for part in ["device", "product:oriole", "model:Pixel_6", "device:oriole"] {
        assert!(line.contains(part), "{part} in {line}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commands_exit_code_and_both_its_outputs_arrive_apart() {
    let (server, phone) = connected("android8").await;
    let line = "echo out; echo err >&2; exit 7";
    let output = server.adb(&["-s", &phone.address, "shell", line]).await.unwrap();
    assert_eq!(output.status.code(), Some(7));
    assert_eq!(output.stdout, b"out\n");
    assert_eq!(output.stderr, b"err\n");
    let missing = server
        .adb(&["-s", &phone.address, "shell", "nosuch"])
        .await
        .unwrap();
    assert_eq!(missing.status.code(), Some(127));
    assert_eq!(missing.stderr, b"/system/bin/sh: nosuch: not found\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_reads_what_adb_is_given() {
    let (server, phone) = connected("android11").await;
    let given = noise(300_000);
    let mut child = server
        .command(&["-s", &phone.address, "shell", "cat"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let write = async {
        stdin.write_all(&given).await.unwrap();
        drop(stdin);
    };
    let (output, ()) = tokio::join!(child.wait_with_output(), write);
    assert!(
        output.unwrap().stdout == given,
        "what came back is not what was given"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_megabytes_come_back_as_they_went() {
    let (server, phone) = connected("android15").await;
    let dir = tempfile::tempdir().unwrap();
    let (there, back) = (dir.path().join("there"), dir.path().join("back"));
    std::fs::write(&there, noise(20 << 20)).unwrap();
    adb(&server, &phone, &["push", text(&there), "/sdcard/Movies/big.mp4"]).await;
    adb(&server, &phone, &["pull", "/sdcard/Movies/big.mp4", text(&back)]).await;
    assert!(std::fs::read(&there).unwrap() == std::fs::read(&back).unwrap());
    let out = adb(&server, &phone, &["exec-out", "cat", "/sdcard/Movies/big.mp4"]).await;
    assert!(
        std::fs::read(&there).unwrap() == out,
        "exec-out changed the bytes"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_is_pushed_and_pulled_whole() {
    let (server, phone) = connected("android8").await;
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("folder");
    std::fs::create_dir_all(folder.join("deep/er")).unwrap();
    std::fs::write(folder.join("a.txt"), "a").unwrap();
    std::fs::write(folder.join("deep/er/Grüße 1.txt"), "b").unwrap();
    adb(&server, &phone, &["push", text(&folder), "/sdcard/Download/"]).await;
    let found = adb(
        &server,
        &phone,
        &["shell", "cd /sdcard/Download; find folder -type f | sort"],
    )
    .await;
    assert_eq!(
        String::from_utf8(found).unwrap(),
        "folder/a.txt\nfolder/deep/er/Grüße 1.txt\n"
    );
    adb(
        &server,
        &phone,
        &["pull", "/sdcard/Download/folder", text(&dir.path().join("back"))],
    )
    .await;
    let back = std::fs::read_to_string(dir.path().join("back/deep/er/Grüße 1.txt"));
    assert_eq!(back.unwrap(), "b");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_phone_refuses_a_push_and_says_why() {
    let (server, phone) = connected("android13").await;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, noise(1 << 20)).unwrap();
    phone.phone.faults.set(Fault::StorageFull);
    let push = ["-s", &phone.address, "push", text(&file), "/sdcard/x"];
    let refused = server.adb(&push).await.unwrap();
    assert!(!refused.status.success());
    let told = [refused.stdout, refused.stderr].concat();
    let told = String::from_utf8_lossy(&told);
    assert!(told.contains("No space left on device"), "{told}");
    phone.phone.faults.clear("storage_full");
    assert!(server.adb(&push).await.unwrap().status.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forwarded_port_reaches_a_server_on_the_phone() {
    let (server, phone) = connected("android13").await;
    let registration = phone
        .phone
        .services
        .register(Address::Tcp(9008), |stream| async move {
            let (mut from, mut to) = tokio::io::split(stream);
            let _ = tokio::io::copy(&mut from, &mut to).await;
        });
    let port = adb(&server, &phone, &["forward", "tcp:0", "tcp:9008"]).await;
    let port: u16 = String::from_utf8(port).unwrap().trim().parse().unwrap();
    let sent = noise(1 << 20);
    let connection = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let (mut from, mut to) = connection.into_split();
    let mut back = vec![0; sent.len()];
    let (written, read) = tokio::join!(to.write_all(&sent), from.read_exact(&mut back));
    written.unwrap();
    read.unwrap();
    assert!(sent == back);
    drop(registration);
    // The server died: its connection ends, and a new one is closed at once.
    let ended = tokio::time::timeout(SOON, from.read(&mut back)).await.unwrap();
    assert_eq!(ended.unwrap_or(0), 0);
    let mut refused = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let closed = tokio::time::timeout(SOON, refused.read(&mut back)).await.unwrap();
    assert_eq!(closed.unwrap_or(0), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_can_be_dumped() {
    let (server, phone) = connected("android11").await;
    let log = adb(&server, &phone, &["logcat", "-d"]);
    tokio::time::timeout(SOON, log).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminal_echoes_and_its_shell_ends_with_its_input() {
    let (server, phone) = connected("android11").await;
    let mut child = server
        .command(&["-s", &phone.address, "shell", "-tt"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"echo ty''ped\rexit 3\r").await.unwrap();
    let output = tokio::time::timeout(SOON, child.wait_with_output())
        .await
        .unwrap()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("merlin:/ $ "), "{text}");
    assert!(text.contains("typed\r\n"), "{text}");
    assert_eq!(output.status.code(), Some(3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_is_unauthorized_until_a_person_allows_it() {
    let server = AdbServer::start().await.unwrap();
    let phone = TestPhone::named("android13").await.unwrap();
    let serial = phone.address.as_str();
    phone.phone.faults.set(Fault::Unauthorized { never: false });
    let _ = server.says(&["connect", serial]).await.unwrap();
    server
        .until_state(serial, Some("unauthorized"), SOON)
        .await
        .unwrap();
    let deadline = Instant::now() + SOON;
    while phone.phone.keys.asking().is_empty() {
        assert!(Instant::now() < deadline, "the phone asks nobody");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(phone.phone.keys.allow(true));
    server.until_state(serial, Some("device"), SOON).await.unwrap();
    // Allowed for always: the key's signature is enough from now on.
    server.says(&["disconnect", serial]).await.unwrap();
    server.connect(serial, SOON).await.unwrap();
    assert!(phone.phone.keys.asking().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_that_never_allows_stays_unauthorized_until_the_fault_clears() {
    let (server, phone) = connected("android8").await;
    let serial = phone.address.as_str();
    phone.phone.faults.set(Fault::Unauthorized { never: true });
    let deadline = Instant::now() + SOON;
    while server.state(serial).await.unwrap().as_deref() != Some("unauthorized") {
        let state = server.state(serial).await.unwrap();
        assert!(
            Instant::now() < deadline,
            "the standing connection outlived its permission: {state:?}"
        );
        // The server takes a lost connection for an offline phone for a while, unless it is told to start over.
        server.says(&["disconnect", serial]).await.unwrap();
        server.says(&["connect", serial]).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(phone.phone.keys.asking().is_empty(), "no dialog is shown");
    phone.phone.faults.clear("unauthorized");
    server.says(&["disconnect", serial]).await.unwrap();
    server.connect(serial, SOON).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unplugged_phone_refuses_and_is_there_again_when_plugged_in() {
    let (server, phone) = connected("android15").await;
    let serial = phone.address.as_str();
    phone.phone.power.change(|state| state.plugged = false);
    let deadline = Instant::now() + SOON;
    while tokio::net::TcpStream::connect(serial).await.is_ok() {
        assert!(Instant::now() < deadline, "the port still accepts");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let _ = server.says(&["disconnect", serial]).await;
    server.until_state(serial, None, SOON).await.unwrap();
    let refused = server.says(&["connect", serial]).await.unwrap();
    assert!(refused.contains("refused"), "{refused}");
    phone.phone.power.change(|state| state.plugged = true);
    server.connect(serial, SOON).await.unwrap();
    assert_eq!(adb(&server, &phone, &["shell", "echo here"]).await, b"here\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reboot_changes_the_boot_id_and_keeps_the_files() {
    let (server, phone) = connected("android13").await;
    let serial = phone.address.as_str();
    let boot_id = ["shell", "cat /proc/sys/kernel/random/boot_id"];
    let before = adb(&server, &phone, &boot_id).await;
    adb(
        &server,
        &phone,
        &["shell", "echo kept > /data/local/tmp/f; echo kept > /sdcard/f"],
    )
    .await;
    let boot = phone.phone.power.now().boot;
    adb(&server, &phone, &["reboot"]).await;
    let mut power = phone.phone.power.watch();
    let down = power.wait_for(|state| state.boot > boot);
    let _ = tokio::time::timeout(SOON, down).await.unwrap().unwrap();
    let _ = server.says(&["disconnect", serial]).await;
    server.connect(serial, SOON).await.unwrap();
    assert_ne!(adb(&server, &phone, &boot_id).await, before);
    let kept = adb(&server, &phone, &["shell", "cat /data/local/tmp/f /sdcard/f"]).await;
    assert_eq!(kept, b"kept\nkept\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_adb_server_is_replaced_on_the_same_port() {
    let (mut server, phone) = connected("android11").await;
    server.kill();
    server.start_again().await.unwrap();
    server.connect(&phone.address, SOON).await.unwrap();
    assert_eq!(adb(&server, &phone, &["shell", "echo again"]).await, b"again\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_hangs_holds_up_no_other() {
    let (server, phone) = connected("android8").await;
    phone.phone.faults.set(Fault::HangNext);
    let mut hanging = server
        .command(&["-s", &phone.address, "shell", "echo never"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + SOON;
    while phone.phone.faults.has("hang_next") {
        assert!(Instant::now() < deadline, "the command never started");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (one, two) = tokio::join!(
        adb(&server, &phone, &["shell", "echo one"]),
        adb(&server, &phone, &["shell", "echo two"])
    );
    assert_eq!((one.as_slice(), two.as_slice()), (&b"one\n"[..], &b"two\n"[..]));
    assert!(hanging.try_wait().unwrap().is_none(), "it hangs still");
    hanging.kill().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_can_hang_after_its_work_is_done() {
    let (server, phone) = connected("android13").await;
    phone.phone.faults.set(Fault::HangAfter {
        words: "touch".to_owned(),
    });
    adb(&server, &phone, &["shell", "echo another"]).await;
    assert!(phone.phone.faults.has("hang_after"), "it strikes its words only");
    let mut hanging = server
        .command(&["-s", &phone.address, "shell", "touch /data/local/tmp/there"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + SOON;
    while adb(&server, &phone, &["shell", "ls /data/local/tmp"]).await != b"there\n" {
        assert!(Instant::now() < deadline, "the command did no work");
    }
    assert!(!phone.phone.faults.has("hang_after"));
    assert!(hanging.try_wait().unwrap().is_none(), "it hangs");
    hanging.kill().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_is_cut_where_the_fault_says() {
    let (server, phone) = connected("android13").await;
    phone.phone.faults.set(Fault::CutStream { after: 1000 });
    let output = server
        .adb(&["-s", &phone.address, "exec-out", "yes"])
        .await
        .unwrap();
    assert_eq!(output.stdout.len(), 1000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_phone_is_connected_and_answers_only_afterwards() {
    let (server, phone) = connected("android13").await;
    phone.phone.faults.set(Fault::Silent);
    let arguments = ["-s", phone.address.as_str(), "shell", "echo late"];
    let mut asked = server.command(&arguments);
    let asked = asked.stdin(Stdio::null()).output();
    tokio::pin!(asked);
    // A second's silence is what can be seen of a phone that is silent for ever.
    let early = tokio::time::timeout(Duration::from_secs(1), &mut asked).await;
    assert!(early.is_err(), "it answered");
    assert_eq!(
        server.state(&phone.address).await.unwrap().as_deref(),
        Some("device")
    );
    phone.phone.faults.clear("silent");
    let output = tokio::time::timeout(SOON, asked).await.unwrap().unwrap();
    assert_eq!(output.stdout, b"late\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_phone_answers_over_two_transports_at_once() {
    let (server, phone) = connected("android15").await;
    let second = TestPhone::serve(std::sync::Arc::clone(&phone.phone))
        .await
        .unwrap();
    server.connect(&second.address, SOON).await.unwrap();
    let serial = ["shell", "cat /proc/sys/kernel/random/boot_id"];
    let (one, two) = tokio::join!(adb(&server, &phone, &serial), adb(&server, &second, &serial));
    assert_eq!(one, two);
}
