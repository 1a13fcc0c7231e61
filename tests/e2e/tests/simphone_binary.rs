//! The simulator as a program of its own: what a script waits for, what an adb server sees, what a kill leaves.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use farm::AdbServer;
use farm::binary;
use farm::free_port;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

const PATIENCE: Duration = Duration::from_secs(30);

/// A running `simphone`; killed when dropped.
struct Simulator {
    child: Child,
    /// What it printed up to `ready`.
    lines: Vec<String>,
}

impl Simulator {
    async fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(binary("simphone"))
            .args(arguments)
            .args(["--control", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut printed = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut lines = Vec::new();
        let ready = async {
            while let Some(line) = printed.next_line().await.unwrap() {
                if line == "ready" {
                    return;
                }
                lines.push(line);
            }
            panic!("it ended before it was ready");
        };
        tokio::time::timeout(PATIENCE, ready).await.expect("ready");
        Self { child, lines }
    }

    fn control(&self) -> &str {
        self.lines
            .iter()
            .find_map(|line| line.strip_prefix("control: http://"))
            .unwrap()
    }

    async fn ledger(&self, serial: &str) -> Vec<Value> {
        let mut socket = TcpStream::connect(self.control()).await.unwrap();
        let request = format!("GET /phones/{serial}/ledger HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        tokio::time::timeout(PATIENCE, socket.read_to_string(&mut answer))
            .await
            .unwrap()
            .unwrap();
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }
}

/// An archive that the phone's installer takes.
fn write_apk(path: &Path) {
    let mut bytes = b"PK\x03\x04".to_vec();
    bytes.extend([0; 26]);
    bytes.extend(b"PK\x05\x06");
    bytes.extend([0; 18]);
    std::fs::write(path, bytes).unwrap();
}

#[tokio::test]
async fn what_was_done_to_a_phone_outlives_a_kill_of_the_simulator() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let apk = folder.path().join("some.apk");
    write_apk(&apk);
    let port = free_port().unwrap().to_string();
    let arguments = [
        "--phones",
        "1",
        "--base-port",
        &port,
        "--speed",
        "20",
        "--data",
        data.to_str().unwrap(),
    ];

    let mut simulator = Simulator::start(&arguments).await;
    assert_eq!(
        simulator.lines[0],
        format!("SIM0001 127.0.0.1:{port} android13 Pixel 6")
    );
    let server = AdbServer::start().await.unwrap();
    let serial = format!("127.0.0.1:{port}");
    server.connect(&serial, PATIENCE).await.unwrap();
    let said = server
        .says(&["-s", &serial, "install", apk.to_str().unwrap()])
        .await
        .unwrap();
    assert!(said.contains("Success"), "{said}");
    let before = simulator.ledger("SIM0001").await;
    assert_eq!(
        (before.len(), &before[0]["kind"]),
        (1, &Value::from("app_installed"))
    );

    // SIGKILL on Unix: nothing is flushed, nobody says goodbye.
    simulator.child.kill().await.unwrap();
    let simulator = Simulator::start(&arguments).await;
    assert_eq!(simulator.ledger("SIM0001").await, before);
    server.connect(&serial, PATIENCE).await.unwrap();
    let listed = server
        .says(&["-s", &serial, "shell", "pm", "list", "packages", "-3"])
        .await
        .unwrap();
    // Those that the phone came with, and the installed one.
    assert_eq!(listed.lines().count(), 4, "{listed}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_polite_end_takes_the_temporary_folder_along() {
    let temporary = tempfile::tempdir().unwrap();
    let mut child = Command::new(binary("simphone"))
        .args(["--phones", "2", "--base-port", "0", "--control", "127.0.0.1:0"])
        .env("TMPDIR", temporary.path())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let ready = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            if line == "ready" {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, ready).await.unwrap();
    assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 1);
    let pid = child.id().unwrap().to_string();
    Command::new("kill").args(["-TERM", &pid]).status().await.unwrap();
    let status = tokio::time::timeout(PATIENCE, child.wait())
        .await
        .unwrap()
        .unwrap();
    assert!(status.success(), "{status}");
    assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 0);
}

/// Starts one phone in this folder, which is expected to fail; answers what it said.
async fn refused(data: &std::path::Path) -> String {
    let output = Command::new(binary("simphone"))
        .args(["--phones", "1", "--base-port", "0", "--control", "127.0.0.1:0"])
        .arg("--data")
        .arg(data)
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(PATIENCE, output).await.unwrap().unwrap();
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test]
async fn a_folder_that_cannot_be_used_is_told_with_its_reason() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let mut arguments = vec!["--phones", "1", "--base-port", "0"];
    arguments.extend(["--data", data.to_str().unwrap()]);
    let mut first = Simulator::start(&arguments).await;
    let said = refused(&data).await;
    assert!(said.contains("another simulator keeps its phones in"), "{said}");
    first.child.kill().await.unwrap();

    std::fs::write(data.join("SIM0001/state/settings.json"), "garbage").unwrap();
    let said = refused(&data).await;
    assert!(said.contains("settings.json"), "{said}");
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let said = refused(&file).await;
    assert!(said.contains("cannot use"), "{said}");
}

#[tokio::test]
async fn a_taken_port_is_named_and_ends_it() {
    let holder = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = holder.local_addr().unwrap().port();
    let output = Command::new(binary("simphone"))
        .args([
            "--phones",
            "1",
            "--base-port",
            &port.to_string(),
            "--control",
            "127.0.0.1:0",
        ])
        .output()
        .await
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains(&format!("port {port} for phone SIM0001 is taken")),
        "{said}"
    );
}
