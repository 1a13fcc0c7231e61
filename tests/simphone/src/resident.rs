//! The resident UI server (u2.jar): JSON-RPC over HTTP on a port of the phone, as the PyPI client expects it.
//!
//! It lives as long as the program that started it, and holds UiAutomation meanwhile.

mod http;
mod methods;
mod selector;

use std::sync::Arc;

use tokio::io::AsyncWriteExt;

use crate::phone::power::Stage;
use crate::phone::services::Address;
use crate::phone::{Phone, Running};
use crate::program::{Automation, REGISTERED};
use crate::program::{ExitCode, Process};

/// Serves on `port` until the program is ended, the phone goes down, or a fault kills it.
pub(crate) async fn run(process: &mut Process, port: u16) -> ExitCode {
    let phone = Arc::clone(&process.phone);
    process
        .println("[server] INFO: [UiAutomator2Server] Starting Server")
        .await;
    let _ = process.stdout.flush().await;
    if phone.faults.has("resident_cannot_start") {
        process
            .eprintln("java.lang.RuntimeException: Could not connect to UiAutomation: UiAutomation not connected!\nAborted ")
            .await;
        return 134;
    }
    let Some(_automation) = Automation::take(&phone) else {
        process.eprintln(REGISTERED).await;
        return 1;
    };
    let serving = Arc::clone(&phone);
    let registered = phone.services.register(Address::Tcp(port), move |stream| {
        http::serve(stream, Arc::clone(&serving))
    });
    let Some(_listening) = registered else {
        process
            .eprintln("java.net.BindException: bind failed: EADDRINUSE (Address already in use)")
            .await;
        return 1;
    };
    let entry = Running::enter(&phone, "app_process");
    tokio::select! {
        () = until_killed(&phone) => {}
        () = entry.killed.cancelled() => {}
    }
    process.eprintln("Killed ").await;
    137
}

async fn until_killed(phone: &Phone) {
    let mut faults = phone.faults.watch();
    let mut power = phone.power.watch();
    let boot = phone.power.now().boot;
    loop {
        if phone.faults.take("resident_dies").is_some() {
            return;
        }
        let now = phone.power.now();
        if now.boot != boot || now.stage == Stage::Down {
            return;
        }
        tokio::select! {
            changed = faults.changed() => if changed.is_err() { return },
            changed = power.changed() => if changed.is_err() { return },
        }
    }
}
