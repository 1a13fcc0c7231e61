//! Phones that lack what newer ones have: the shell protocol with its exit codes, and `grep`.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

use std::time::Duration;

use agent::adb::AdbPhone;
use agent::adb::facts::{self, Ways};
use agent::adb::phone::{AdbDevice, DriverChoice};
use agent::device::{Device as _, DeviceError};
use farm::{AdbServer, TestPhone};
use shared::device::Serial;
use simphone::phone::fault::Fault;

const SOON: Duration = Duration::from_secs(60);

/// A phone with these faults from its first connection on.
async fn phone_with(faults: &[Fault]) -> (AdbServer, TestPhone, AdbPhone) {
    let (server, phone) = TestPhone::connected_with("android8", faults).await.unwrap();
    let agents = phone.seen_by_agent(&server);
    (server, phone, agents)
}

fn device(agents: &AdbPhone) -> AdbDevice {
    AdbDevice::new(Serial("SIM0001".to_owned()), agents.clone(), DriverChoice::Plain)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_without_the_shell_protocol_is_read_and_touched() {
    let (_server, phone, agents) = phone_with(&[Fault::NoShellV2]).await;
    assert!(!agents.has_shell_v2(SOON).await.unwrap());
    let said = agents
        .shell("echo out; echo err >&2; exit 7", SOON)
        .await
        .unwrap();
    assert_eq!((said.code, said.stderr.len()), (None, 0), "it cannot tell");
    assert_eq!(said.text(), "out\nerr\n", "both in one");

    let how = facts::how_it_is(&agents, &mut Ways::default()).await.unwrap();
    assert_eq!(how.battery.unwrap().level, 87);
    let device = device(&agents);
    device.start_app("com.example.notes").await.unwrap();
    assert_eq!(device.foreground().await.unwrap().package, "com.example.notes");
    let add = device.hierarchy().await.unwrap();
    let add = add
        .screen
        .nodes()
        .find(|node| node.resource_id().ends_with(":id/add"))
        .unwrap();
    let (x, y) = add.bounds().center();
    device.tap(x, y).await.unwrap();
    assert_eq!(phone.phone.inputs.taps_at(x, y), 1);
    // Without exit codes a refusal is known by its words.
    phone.phone.faults.set(Fault::InputRefused);
    let refused = device.tap(1, 1).await.unwrap_err();
    assert!(
        matches!(refused, DeviceError::Refused { advice: Some(_), .. }),
        "{refused}"
    );
    assert!(device.screenshot().await.unwrap().starts_with(b"\x89PNG"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_without_grep_is_read_all_the_same() {
    for faults in [vec![Fault::NoGrep], vec![Fault::NoGrep, Fault::NoShellV2]] {
        let (_server, _phone, agents) = phone_with(&faults).await;
        let mut ways = Ways::default();
        // The first reading finds out, the next ones know.
        let _ = facts::how_it_is(&agents, &mut ways).await.unwrap();
        let how = facts::how_it_is(&agents, &mut ways).await.unwrap();
        assert_eq!(how.battery.unwrap().level, 87);
        assert!(how.screen.unwrap().on);
        assert_eq!(how.foreground.unwrap().package, "com.sec.android.app.launcher");
        let device = device(&agents);
        assert_eq!(
            device.foreground().await.unwrap().package,
            "com.sec.android.app.launcher"
        );
        assert!(device.hierarchy().await.unwrap().screen.nodes().count() > 3);
    }
}
