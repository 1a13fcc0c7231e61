//! The agent's own file transfers and what the adb crate does for it, over a real adb server.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

use std::sync::Mutex;
use std::time::Duration;

use agent::adb::blocking::RebootInto;
use agent::adb::{AdbErrorKind, AdbPhone};
use farm::WatchedFarm;
use shared::device::DeviceState;
use simphone::phone::fault::Fault;

/// Long enough for a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
const REMOTE: &str = "/sdcard/Download/it's a file.bin";

async fn one_phone() -> (WatchedFarm, AdbPhone) {
    let farm = WatchedFarm::start(1).await.unwrap();
    farm.until_all_online(PATIENCE).await.unwrap();
    let phone = farm.roster.phone("SIM0001").unwrap();
    (farm, phone)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_comes_back_as_it_went() {
    let (farm, phone) = one_phone().await;
    let bytes: Vec<u8> = (0..5_000_000_u32)
        .map(|at| (at.wrapping_mul(31) >> 3) as u8)
        .collect();
    let local = farm.folder().join("sent");
    std::fs::write(&local, &bytes).unwrap();
    let long_ago = std::time::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let file = std::fs::File::options().write(true).open(&local).unwrap();
    file.set_modified(long_ago).unwrap();
    let seen = Mutex::new(0);
    let progress = |progress: agent::adb::sync::Progress| *seen.lock().unwrap() = progress.done;
    phone
        .push_with_progress(local.as_path(), REMOTE, 0o644, PATIENCE, &progress)
        .await
        .unwrap();
    assert_eq!(*seen.lock().unwrap(), bytes.len() as u64);
    assert!(phone.pull(REMOTE, u64::MAX, PATIENCE).await.unwrap() == bytes);
    let back = farm.folder().join("back");
    assert_eq!(
        phone.pull_to(REMOTE, &back, PATIENCE).await.unwrap(),
        bytes.len() as u64
    );
    assert!(std::fs::read(&back).unwrap() == bytes);
    let limited = phone.pull(REMOTE, 1_000, PATIENCE).await.unwrap_err();
    assert!(matches!(limited.kind, AdbErrorKind::TooLarge(1_000)), "{limited}");
    let stat = phone.stat(REMOTE, PATIENCE).await.unwrap().unwrap();
    assert_eq!(stat.size as usize, bytes.len());
    assert!(
        stat.modified > 1_100_000_000,
        "galleries show it as the newest, and not as old as it is here: {stat:?}"
    );
    assert_eq!(phone.stat("/sdcard/nothing", PATIENCE).await.unwrap(), None);
    let listed = phone.list("/sdcard/Download", PATIENCE).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (listed[0].name.as_str(), listed[0].directory),
        ("it's a file.bin", false)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_comes_in_the_phones_own_words() {
    let (farm, phone) = one_phone().await;
    let missing = phone.pull("/sdcard/nothing", 1_000, PATIENCE).await.unwrap_err();
    assert!(
        matches!(&missing.kind, AdbErrorKind::Refused(why) if why.contains("No such file")),
        "{missing}"
    );
    farm.phones.phone("SIM0001").faults.set(Fault::StorageFull);
    let bytes = vec![7; 3_000_000];
    let full = phone
        .push(bytes.as_slice(), REMOTE, 0o644, PATIENCE)
        .await
        .unwrap_err();
    assert!(
        matches!(&full.kind, AdbErrorKind::Refused(why) if why.contains("No space")),
        "{full}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_into_a_silent_phone_end_at_their_deadline() {
    let (farm, phone) = one_phone().await;
    farm.phones.phone("SIM0001").faults.set(Fault::Silent);
    let deadline = Duration::from_millis(800);
    let bytes = vec![7; 3_000_000];
    let pushed = phone.push(bytes.as_slice(), REMOTE, 0o644, deadline).await;
    let listed = phone.list("/sdcard", deadline).await;
    let read = phone.exec("screencap -p", deadline).await;
    for error in [pushed.unwrap_err(), listed.unwrap_err(), read.unwrap_err()] {
        assert!(error.is_deadline(), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_gives_its_exit_code_its_stderr_and_takes_its_input() {
    let (_farm, phone) = one_phone().await;
    let output = phone
        .shell("echo out; echo err >&2; exit 7", PATIENCE)
        .await
        .unwrap();
    assert_eq!(
        (output.stdout.as_slice(), output.stderr.as_slice(), output.code),
        (&b"out\n"[..], &b"err\n"[..], Some(7))
    );
    let text = "Grüße 'quote' $HOME; rm\n".repeat(5_000);
    let echoed = phone
        .shell_with_stdin("cat", Some(text.as_bytes()), PATIENCE)
        .await
        .unwrap();
    assert!(echoed.stdout == text.as_bytes());
    let argument = "it's $HOME; `rm` \"x\" \\ 👋";
    let line = format!("echo {}", agent::adb::quote(argument));
    assert_eq!(
        phone.shell(&line, PATIENCE).await.unwrap().text().trim_end(),
        argument
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reboot_that_was_asked_for_happens() {
    let (farm, phone) = one_phone().await;
    phone.reboot(RebootInto::System, PATIENCE).await.unwrap();
    farm.until("it went down", PATIENCE, |devices| {
        devices.values().all(|device| device.state != DeviceState::Online)
    })
    .await
    .unwrap();
    farm.until_state("SIM0001", DeviceState::Online, PATIENCE)
        .await
        .unwrap();
}
