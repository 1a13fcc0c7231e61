//! Debian's own adb against the simulated phones: what every client of an adb server relies on.

use std::time::Duration;

use farm::{AdbServer, TestPhone};

const SOON: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_is_listed_with_its_model() {
    let server = AdbServer::start().await.unwrap();
    let phone = TestPhone::named("android13").await.unwrap();
    server.connect(&phone.address, SOON).await.unwrap();
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
async fn the_exit_code_of_a_command_arrives() {
    let server = AdbServer::start().await.unwrap();
    let phone = TestPhone::named("android8").await.unwrap();
    server.connect(&phone.address, SOON).await.unwrap();
    let output = server
        .adb(&["-s", &phone.address, "shell", "exit 7"])
        .await
        .unwrap();
    assert_eq!(output.status.code(), Some(7));
}
