//! The scripted adb server over a real socket: lists step by step, refusals, twins, a shell behind a USB phone.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

use std::time::Duration;

use simphone::clock::SimClock;
use simphone::phone::personality::Personality;
use simphone::phone::{Phone, PhoneSpec};
use simphone::scripted_adb::{Listed, NO_PERMISSIONS, ScriptedAdb};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

struct Client(TcpStream);

impl Client {
    async fn ask(server: &ScriptedAdb, request: &str) -> Self {
        let mut client = Self(TcpStream::connect(server.address()).await.unwrap());
        client.send(request).await;
        client
    }

    async fn send(&mut self, request: &str) {
        let framed = format!("{:04x}{request}", request.len());
        self.0.write_all(framed.as_bytes()).await.unwrap();
    }

    async fn bytes(&mut self, count: usize) -> String {
        let mut bytes = vec![0; count];
        let read = self.0.read_exact(&mut bytes);
        tokio::time::timeout(Duration::from_secs(30), read)
            .await
            .unwrap()
            .unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    async fn text(&mut self) -> String {
        let length = usize::from_str_radix(&self.bytes(4).await, 16).unwrap();
        self.bytes(length).await
    }
}

#[tokio::test]
async fn a_tracker_sees_each_step_of_the_script() {
    let server = ScriptedAdb::start().await.unwrap();
    let mut tracker = Client::ask(&server, "host:track-devices-l").await;
    assert_eq!(tracker.bytes(4).await, "OKAY");
    assert_eq!(tracker.text().await, "");
    server.show(vec![
        Listed::new("0123456789", NO_PERMISSIONS, 1).at("1-1.4"),
        Listed::new("adb-0123456789AB-CDdefg (2)._adb-tls-connect._tcp", "device", 2),
    ]);
    assert_eq!(
        tracker.text().await,
        "0123456789             no permissions (user in plugdev group; are your udev rules wrong?); see [http://developer.android.com/tools/device.html] usb:1-1.4 transport_id:1\nadb-0123456789AB-CDdefg (2)._adb-tls-connect._tcp device transport_id:2\n"
    );
    server.show(Vec::new());
    assert_eq!(tracker.text().await, "");
    assert_eq!(server.requests(), ["host:track-devices-l"]);
}

#[tokio::test]
async fn what_cannot_be_used_is_refused_in_adbs_words() {
    let server = ScriptedAdb::start().await.unwrap();
    server.show(vec![
        Listed::new("A", "unauthorized", 1),
        Listed::new("B", "offline", 2),
        Listed::new("T", "device", 3).at("1-1"),
        Listed::new("T", "device", 4).at("1-2"),
    ]);
    for (request, told) in [
        ("host:transport:X", "device 'X' not found"),
        ("host:transport:A", "device unauthorized."),
        ("host:transport:B", "device offline"),
        ("host:transport:T", "more than one device"),
        ("host:transport-id:9", "no device with transport id '9'"),
    ] {
        let mut client = Client::ask(&server, request).await;
        assert_eq!(client.bytes(4).await, "FAIL", "{request}");
        assert!(client.text().await.starts_with(told), "{request}");
    }
    let mut client = Client::ask(&server, "host:transport-id:4").await;
    assert_eq!(client.bytes(4).await, "OKAY");
}

#[tokio::test]
async fn the_shell_of_a_listed_phone_answers() {
    let dir = tempfile::tempdir().unwrap();
    let phone = Phone::open(PhoneSpec {
        serial: "SIM0001".to_owned(),
        personality: Personality::by_name("android13").unwrap(),
        seed: 1,
        data: dir.path().to_owned(),
        clock: SimClock::new(10.0),
    })
    .unwrap();
    let server = ScriptedAdb::start().await.unwrap();
    server.show(vec![Listed::new("SIM0001", "device", 7).at("1-1.4").with(&phone)]);
    let mut client = Client::ask(&server, "host:tport:serial:SIM0001").await;
    assert_eq!(client.bytes(4).await, "OKAY");
    assert_eq!(client.bytes(8).await.as_bytes(), 7_u64.to_le_bytes());
    client.send("shell,v2,raw:getprop ro.serialno").await;
    assert_eq!(client.bytes(4).await, "OKAY");
    assert_eq!(client.bytes(13).await, "\u{1}\u{8}\0\0\0SIM0001\n");
    assert_eq!(client.bytes(6).await, "\u{3}\u{1}\0\0\0\0");
}
