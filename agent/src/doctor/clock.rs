//! The clocks: two-factor codes and certificates depend on this host's, schedules of apps on the phones'.

use std::process::Stdio;
use std::time::Duration;

use shared::clock::{Clock, SystemClock};
use shared::device::{Device, DeviceState};

use super::Finding;
use crate::roster::RosterHandle;

const CHECK: &str = "clock";
const DEADLINE: Duration = Duration::from_secs(5);
/// A code is valid for 30 s; beyond this a phone and its host disagree on which one.
const MOST_APART: i64 = 20;
/// Before this program was written: a clock that has not been set.
const LEAST_YEAR: i64 = 2026;

pub(super) async fn examine() -> Finding {
    let now = SystemClock.now();
    let year: i64 = now.strftime("%Y").to_string().parse().unwrap_or(0);
    if year < LEAST_YEAR {
        return Finding::bad(
            CHECK,
            format!("this host's clock says {now}"),
            "set it; switch on NTP (`timedatectl set-ntp true`)",
        );
    }
    match synchronised().await {
        Some(false) => Finding::warning(
            CHECK,
            format!("{now}, not synchronised"),
            "switch on NTP (`timedatectl set-ntp true`): a clock that drifts makes two-factor codes and certificates fail",
        ),
        Some(true) => Finding::good(CHECK, format!("{now}, synchronised")),
        None => Finding::good(
            CHECK,
            format!("{now}; whether it is synchronised, this system does not tell"),
        ),
    }
}

async fn synchronised() -> Option<bool> {
    let asked = tokio::process::Command::new("timedatectl")
        .args(["show", "-p", "NTPSynchronized", "--value"])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(DEADLINE, asked).await.ok()?.ok()?;
    match String::from_utf8_lossy(&output.stdout).trim() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

pub(super) async fn examine_phones(roster: &RosterHandle, devices: &[Device]) -> Vec<Finding> {
    let mut asked = tokio::task::JoinSet::new();
    for device in devices
        .iter()
        .filter(|device| device.state == DeviceState::Online)
    {
        let Some(phone) = roster.phone(&device.serial.0) else {
            continue;
        };
        let serial = device.serial.clone();
        asked.spawn(async move {
            let before = SystemClock.now().as_second();
            let output = phone.shell("date +%s", DEADLINE).await.ok()?;
            let after = SystemClock.now().as_second();
            let theirs: i64 = output.stdout_text().trim().parse().ok()?;
            let apart = if theirs < before {
                theirs - before
            } else {
                (theirs - after).max(0)
            };
            Some((serial, apart))
        });
    }
    let mut wrong: Vec<String> = Vec::new();
    let mut right = 0;
    while let Some(answer) = asked.join_next().await {
        match answer.ok().flatten() {
            Some((serial, apart)) if apart.abs() > MOST_APART => {
                wrong.push(format!("{serial} is {apart:+} s off"));
            }
            Some(_) => right += 1,
            None => {}
        }
    }
    wrong.sort();
    match (wrong.is_empty(), right) {
        (true, 0) => Vec::new(),
        (true, right) => vec![Finding::good(
            "phone_clocks",
            format!("{right} agree with this host"),
        )],
        (false, _) => vec![Finding::warning(
            "phone_clocks",
            wrong.join(", "),
            "switch on automatic date and time on the phone, and give it a network: codes and posts go by its clock",
        )],
    }
}
