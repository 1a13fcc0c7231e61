//! The agent's device layer meets what goes wrong with phones, each fault once: what is mended, what is told, and
//! that a touch is never sent twice.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use agent::adb::phone::{AdbDevice, DriverChoice};
use agent::device::{Device, DeviceError, DriverKind, Key};
use farm::{AdbServer, TestPhone};
use shared::device::Serial;
use simphone::phone::Input;
use simphone::phone::fault::Fault;
use simphone::phone::services::Address;

const SOON: Duration = Duration::from_secs(60);
const NOTES: &str = "com.example.notes";
const U2: Address = Address::Tcp(9008);

/// A phone, the server that it is behind, and the agent's hands on it.
struct Bench {
    phone: TestPhone,
    device: AdbDevice,
    _server: AdbServer,
}

/// Where the resident driver's file was put by `tests/prepare.sh`, or where a developer keeps it.
fn jar() -> PathBuf {
    let own = std::env::var("DROVER_RESOURCES")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/resident").to_owned());
    let jar = PathBuf::from(own).join("u2.jar");
    assert!(
        jar.is_file(),
        "{} is missing: run tests/prepare.sh",
        jar.display()
    );
    jar
}

impl Bench {
    async fn plain() -> Self {
        Self::with(DriverChoice::Plain).await
    }

    async fn with(choice: DriverChoice) -> Self {
        let (server, phone) = TestPhone::connected("android13").await.unwrap();
        let agents = phone.seen_by_agent(&server);
        Self {
            phone,
            device: AdbDevice::new(Serial("SIM0001".to_owned()), agents, choice),
            _server: server,
        }
    }

    fn set(&self, fault: Fault) {
        self.phone.phone.faults.set(fault);
    }

    fn clear(&self) {
        self.phone.phone.faults.clear_all();
    }

    fn inputs(&self) -> Vec<Input> {
        self.phone.phone.inputs.all()
    }

    /// Waits until the server on the phone is up, or gone.
    async fn until_resident(&self, up: bool) {
        let deadline = Instant::now() + SOON;
        while self.phone.phone.services.listening().contains(&U2) != up {
            assert!(
                Instant::now() < deadline,
                "the resident server never was up: {up}"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_screen_that_never_rests_cannot_be_read_plainly_but_can_be_touched() {
    let bench = Bench::plain().await;
    bench.set(Fault::NoIdle);
    let error = bench.device.hierarchy().await.unwrap_err();
    assert!(matches!(error, DeviceError::NotIdle), "{error}");
    assert!(!error.is_uncertain());
    bench.device.tap(5, 700).await.unwrap();
    assert_eq!(bench.phone.phone.inputs.taps_at(5, 700), 1);
    assert!(bench.device.screenshot().await.unwrap().starts_with(b"\x89PNG"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_resident_driver_reads_a_screen_that_never_rests() {
    let bench = Bench::with(DriverChoice::Resident { jar: jar() }).await;
    bench.set(Fault::NoIdle);
    let read = bench.device.hierarchy().await.unwrap();
    assert!(read.screen.nodes().count() > 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_null_root_is_no_window_and_passes() {
    let bench = Bench::plain().await;
    bench.set(Fault::NullRoot);
    let error = bench.device.hierarchy().await.unwrap_err();
    assert!(matches!(error, DeviceError::NoWindow), "{error}");
    bench.clear();
    bench.device.hierarchy().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_dump_is_told_with_what_helps() {
    let bench = Bench::plain().await;
    bench.set(Fault::DumpKilled);
    let error = bench.device.hierarchy().await.unwrap_err();
    assert!(matches!(error, DeviceError::Killed), "{error}");
    assert!(error.to_string().contains("close apps"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_picture_of_the_screen_is_never_handed_on() {
    let bench = Bench::plain().await;
    bench.device.start_app(NOTES).await.unwrap();
    bench.set(Fault::DumpStale);
    let error = bench.device.hierarchy().await.unwrap_err();
    assert!(
        matches!(&error, DeviceError::StaleDump { front, .. } if front == NOTES),
        "{error}"
    );
    bench.clear();
    let read = bench.device.hierarchy().await.unwrap();
    assert!(read.screen.packages().contains(&NOTES));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_dump_is_waited_for() {
    let bench = Bench::plain().await;
    // In the phone's time, which is ten times as fast.
    bench.set(Fault::DumpSlow { millis: 30_000 });
    let started = Instant::now();
    bench.device.hierarchy().await.unwrap();
    assert!(started.elapsed() >= Duration::from_secs(3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_stream_is_no_picture_and_no_answer_and_an_act_over_it_is_uncertain() {
    let bench = Bench::plain().await;
    bench.set(Fault::CutStream { after: 1000 });
    let error = bench.device.screenshot().await.unwrap_err();
    assert!(matches!(error, DeviceError::BadPicture(_)), "{error}");
    assert!(bench.device.screenshot().await.unwrap().starts_with(b"\x89PNG"));

    bench.set(Fault::CutStream { after: 3 });
    let error = bench.device.foreground().await.unwrap_err();
    assert!(!error.is_uncertain(), "a question did nothing: {error}");

    bench.set(Fault::CutStream { after: 0 });
    let error = bench.device.tap(7, 700).await.unwrap_err();
    assert!(error.is_uncertain(), "{error}");
    assert!(bench.phone.phone.inputs.taps_at(7, 700) <= 1);
    bench.device.tap(8, 700).await.unwrap();
    assert_eq!(bench.phone.phone.inputs.taps_at(8, 700), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tap_into_a_hang_ends_at_its_deadline_as_uncertain_and_is_not_sent_again() {
    let bench = Bench::plain().await;
    bench.set(Fault::HangNext);
    let started = Instant::now();
    let error = bench.device.tap(9, 700).await.unwrap_err();
    let took = started.elapsed();
    assert!(error.is_uncertain(), "{error}");
    assert!(took >= Duration::from_secs(14), "{took:?}");
    assert!(!bench.phone.phone.faults.has("hang_next"), "it struck");
    assert_eq!(bench.phone.phone.inputs.taps_at(9, 700), 0);
    bench.device.tap(9, 700).await.unwrap();
    assert_eq!(bench.phone.phone.inputs.taps_at(9, 700), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_into_a_hang_ends_at_its_deadline_and_is_not_uncertain() {
    let bench = Bench::plain().await;
    bench.set(Fault::HangNext);
    let error = bench.device.foreground().await.unwrap_err();
    assert!(matches!(error, DeviceError::Unreachable { .. }), "{error}");
    bench.device.foreground().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_phone_does_each_tap_once() {
    let bench = Bench::plain().await;
    bench.set(Fault::Slow { millis: 2_000 });
    for x in 0..3 {
        bench.device.tap(x, 700).await.unwrap();
    }
    assert_eq!(bench.inputs().len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_phone_refuses_a_file_in_its_own_words() {
    let bench = Bench::plain().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clip.mp4");
    std::fs::write(&file, vec![7; 300_000]).unwrap();
    bench.set(Fault::StorageFull);
    let error = bench
        .device
        .push(&file, "/sdcard/Movies/clip.mp4")
        .await
        .unwrap_err();
    let mut said = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(inner) = source {
        said.push_str(&format!(": {inner}"));
        source = inner.source();
    }
    assert!(said.contains("No space left on device"), "{said}");
    bench.clear();
    bench.device.push(&file, "/sdcard/Movies/clip.mp4").await.unwrap();
    bench.device.remove("/sdcard/Movies/clip.mp4").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_resident_server_that_died_is_started_again_and_each_tap_arrives_once() {
    let bench = Bench::with(DriverChoice::Resident { jar: jar() }).await;
    bench.device.hierarchy().await.unwrap();
    for round in 0..3 {
        bench.until_resident(true).await;
        bench.set(Fault::ResidentDies);
        bench.until_resident(false).await;
        bench.device.hierarchy().await.unwrap();
        bench.device.tap(round, 700).await.unwrap();
        assert_eq!(bench.phone.phone.inputs.taps_at(round, 700), 1);
    }
    assert_eq!(bench.inputs().len(), 3);
    assert_eq!(bench.device.driver(), DriverKind::Resident);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_that_the_server_died_under_is_repeated_and_a_touch_is_not() {
    let bench = Bench::with(DriverChoice::Resident { jar: jar() }).await;
    bench.device.hierarchy().await.unwrap();
    // A touch that lasts long enough to be died under: eighty seconds of the phone's time.
    let hold = bench.device.long_press(11, 700, Duration::from_secs(80));
    let death = async {
        let deadline = Instant::now() + SOON;
        while bench.inputs().is_empty() {
            assert!(Instant::now() < deadline, "the finger never came down");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        bench.set(Fault::ResidentDies);
    };
    let (held, ()) = tokio::join!(hold, death);
    let error = held.unwrap_err();
    assert!(error.is_uncertain(), "{error}");
    bench.device.hierarchy().await.unwrap();
    assert_eq!(bench.inputs().len(), 1, "the touch was sent again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_resident_server_that_cannot_start_leaves_the_plain_driver_and_a_note() {
    let bench = Bench::with(DriverChoice::Auto { jar: jar() }).await;
    bench.set(Fault::ResidentCannotStart);
    bench.device.hierarchy().await.unwrap();
    assert_eq!(bench.device.driver(), DriverKind::Plain);
    let note = bench.device.note().unwrap();
    assert!(note.contains("cannot start") && note.contains("plain"), "{note}");
    bench.device.tap(3, 700).await.unwrap();
    assert_eq!(bench.phone.phone.inputs.taps_at(3, 700), 1);

    let strict = Bench::with(DriverChoice::Resident { jar: jar() }).await;
    strict.set(Fault::ResidentCannotStart);
    let error = strict.device.tap(3, 700).await.unwrap_err();
    assert!(matches!(error, DeviceError::Refused { .. }), "{error}");
    assert!(!error.is_uncertain());
    assert_eq!(strict.inputs(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refused_input_is_told_with_the_switch_that_helps() {
    for choice in [DriverChoice::Plain, DriverChoice::Resident { jar: jar() }] {
        let bench = Bench::with(choice).await;
        bench.device.hierarchy().await.unwrap();
        bench.set(Fault::InputRefused);
        for error in [
            bench.device.tap(4, 700).await.unwrap_err(),
            bench.device.key(Key::Home).await.unwrap_err(),
        ] {
            assert!(
                matches!(&error, DeviceError::Refused { advice: Some(advice), .. } if advice.contains("Security settings")),
                "{error}"
            );
        }
        assert_eq!(bench.inputs(), []);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_is_seen_as_the_systems_dialog() {
    let bench = Bench::plain().await;
    bench.device.start_app(NOTES).await.unwrap();
    let read = bench.device.hierarchy().await.unwrap();
    let add = read
        .screen
        .nodes()
        .find(|node| node.resource_id() == format!("{NOTES}:id/add"))
        .unwrap();
    let (x, y) = add.bounds().center();
    bench.set(Fault::AppCrash {
        package: NOTES.to_owned(),
    });
    bench.device.tap(x, y).await.unwrap();
    let front = bench.device.foreground().await.unwrap();
    assert!(
        front
            .window
            .as_deref()
            .is_some_and(|window| window.starts_with("Application Error")),
        "{front:?}"
    );
    let dialog = bench.device.hierarchy().await.unwrap();
    let close = dialog
        .screen
        .nodes()
        .find(|node| node.resource_id() == "android:id/aerr_close")
        .unwrap();
    let (x, y) = close.bounds().center();
    bench.device.tap(x, y).await.unwrap();
    let front = bench.device.foreground().await.unwrap();
    assert_ne!(front.package, NOTES);
    assert_eq!(bench.inputs().len(), 2);
}
