//! Measures how soon what comes and goes shows, with real adb servers, agents and controllers over simulated phones, and
//! prints each figure beside its limit; ends with 1 where one is over it. Each is the longest of several rounds. Run by
//! `make bench`, as a release build.

use std::collections::BTreeMap;
use std::io;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use farm::WatchedFarm;
use farm::figures::{at_most, ended, say};
use farm::site::{Controller, Site, until};
use shared::device::DeviceState;
use simphone::phone::boot;
use simphone::phone::fault::Fault;
use simphone::phone::power::Stage;

/// When a wait is given up.
const GIVE_UP: Duration = Duration::from_secs(90);
/// So often what takes a moment is done.
const ROUNDS: usize = 5;
/// Phones of which one hangs.
const MANY: usize = 20;
/// How long the readings of so many are watched.
const WATCH: Duration = Duration::from_secs(30);

/// The limits, in seconds.
const TRACKED: f64 = 3.0;
const PROBED: f64 = 10.0;
const CYCLE: f64 = 7.0;
const FARM_BACK: f64 = 5.0;
const TAKEN_OVER: f64 = 10.0;

#[tokio::main]
async fn main() -> ExitCode {
    ended(measure().await)
}

async fn measure() -> io::Result<bool> {
    let mut good = phone_by_phone().await?;
    good &= adb_servers().await?;
    good &= beside_a_hung_one().await?;
    good &= links().await?;
    good &= take_over().await?;
    Ok(good)
}

/// One phone of two goes and comes back in every way.
async fn phone_by_phone() -> io::Result<bool> {
    let farm = WatchedFarm::start(2).await?;
    farm.until_all_online(GIVE_UP).await?;
    let phone = farm.phones.phone("SIM0001");
    let shows = async |state| farm.until_state("SIM0001", state, GIVE_UP).await;
    let mut longest = Longest::default();
    for _ in 0..ROUNDS {
        phone.power.change(|state| state.plugged = false);
        longest.take("an unplugged phone shows", shows(DeviceState::Unplugged).await?);
        phone.power.change(|state| state.plugged = true);
        longest.take("it is back with its cable", shows(DeviceState::Online).await?);

        phone.faults.set(Fault::Unauthorized { never: true });
        longest.take(
            "a phone that refuses the key shows",
            shows(DeviceState::Unauthorized).await?,
        );
        phone.faults.clear("unauthorized");
        longest.take("it is back once it accepts", shows(DeviceState::Online).await?);

        phone.faults.set(Fault::Silent);
        longest.take(SILENT, shows(DeviceState::Offline).await?);
        phone.faults.clear("silent");
        longest.take("it is back when it speaks", shows(DeviceState::Online).await?);

        boot::reboot(&phone, GIVE_UP);
        longest.take("a rebooting phone shows", shows(DeviceState::Offline).await?);
        let mut power = phone.power.watch();
        power
            .wait_for(|state| state.stage == Stage::Up)
            .await
            .map_err(io::Error::other)?;
        longest.take(
            "it is back when its system is up",
            shows(DeviceState::Online).await?,
        );
    }
    longest.told(|what| if what == SILENT { PROBED } else { TRACKED })
}

/// A phone that is silent is found by asking it only.
const SILENT: &str = "a silent phone shows";

/// The adb server dies, one that others started and one of the agent's own.
async fn adb_servers() -> io::Result<bool> {
    let mut longest = Longest::default();
    let mut farm = WatchedFarm::start(2).await?;
    farm.until_all_online(GIVE_UP).await?;
    let mut server = farm
        .server
        .take()
        .ok_or_else(|| io::Error::other("no adb server"))?;
    for _ in 0..ROUNDS {
        server.kill();
        longest.take("a dead adb server shows", none_online(&farm).await?);
        server.start_again().await?;
        longest.take(
            "its phones are back with it",
            farm.until_all_online(GIVE_UP).await?,
        );
    }
    farm.roster.stop().await;
    drop(server);
    let farm = WatchedFarm::without_server(2).await?;
    farm.until_all_online(GIVE_UP).await?;
    // Once: one that dies again and again is started again less and less often.
    let agent::adb::supervise::ServerStatus::Own { pid: Some(pid), .. } = farm.roster.server() else {
        return Err(io::Error::other("the agent has no adb server of its own"));
    };
    let killed = std::process::Command::new("kill")
        .args(["-9", &pid.to_string()])
        .status()?;
    if !killed.success() {
        return Err(io::Error::other("the adb server could not be killed"));
    }
    let gone = none_online(&farm).await?;
    let back = farm.until_all_online(GIVE_UP).await?;
    longest.take("the agent's own dead adb server is replaced", gone + back);
    farm.roster.stop().await;
    longest.told(|_| TRACKED)
}

async fn none_online(farm: &WatchedFarm) -> io::Result<Duration> {
    farm.until("none is online", GIVE_UP, |devices| {
        devices.values().all(|device| device.state != DeviceState::Online)
    })
    .await
}

/// One phone of many hangs: the others are read as often as before.
async fn beside_a_hung_one() -> io::Result<bool> {
    let farm = WatchedFarm::start(MANY).await?;
    farm.until_all_online(GIVE_UP).await?;
    let before = longest_cycle(&farm).await;
    farm.phones.phone("SIM0007").faults.set(Fault::Silent);
    let after = longest_cycle(&farm).await;
    say(&format!(
        "longest time between two readings of a phone, of {MANY}, s: {before:.1}"
    ))?;
    at_most("the same of the others while one of them hangs, s", after, CYCLE)
}

/// The longest time between two readings of any phone but the hung one, seen over a while, in seconds.
async fn longest_cycle(farm: &WatchedFarm) -> f64 {
    let mut devices = farm.roster.watch();
    let (mut last, mut longest) = (BTreeMap::new(), 0.0_f64);
    let end = tokio::time::Instant::now() + WATCH;
    while let Ok(Ok(())) = tokio::time::timeout_at(end, devices.changed()).await {
        for device in devices.borrow_and_update().values() {
            let Some(at) = device.battery.as_ref().map(|fact| fact.at) else {
                continue;
            };
            let before = last.insert(device.serial.clone(), at).unwrap_or(at);
            if device.serial.0 != "SIM0007" {
                longest = longest.max(at.duration_since(before).as_secs_f64());
            }
        }
    }
    longest
}

/// Controller and agent find each other again, whoever of them was gone.
async fn links() -> io::Result<bool> {
    let (mut site, network) = Site::start_over_line(2).await?;
    let mut longest = Longest::default();
    network.cut();
    // Both ends give up after half a minute.
    site.controller.until_online(0, GIVE_UP).await?;
    network.mend();
    let begun = Instant::now();
    site.controller.until_online(2, GIVE_UP).await?;
    longest.take(
        "phones are back after a network that was away for 30 s",
        begun.elapsed(),
    );
    for _ in 0..ROUNDS {
        site.controller.kill().await?;
        site.controller.start()?;
        site.controller.until_ready(GIVE_UP).await?;
        let begun = Instant::now();
        site.controller.until_online(2, GIVE_UP).await?;
        longest.take("phones are back after a controller is up again", begun.elapsed());
    }
    for _ in 0..ROUNDS {
        site.kill_agent().await?;
        site.controller.until_online(0, GIVE_UP).await?;
        site.start_agent().await?;
        let begun = Instant::now();
        site.controller.until_online(2, GIVE_UP).await?;
        longest.take("phones are back after an agent is started again", begun.elapsed());
    }
    longest.told(|_| FARM_BACK)
}

/// A controller that stands by follows one that was killed.
async fn take_over() -> io::Result<bool> {
    let mut longest = Longest::default();
    for _ in 0..ROUNDS {
        let folder = tempfile::Builder::new().prefix("take-over").tempdir()?;
        let url = format!("sqlite:{}", folder.path().join("farm.db").display());
        let keys = format!("keys_dir={}", folder.path().join("keys").display());
        let shared = ["--database-url", url.as_str(), "--set", keys.as_str()];
        let mut first = Controller::new(&folder.path().join("first"), &shared)?;
        let mut second = Controller::new(&folder.path().join("second"), &shared)?;
        first.start()?;
        first.until_ready(GIVE_UP).await?;
        second.start()?;
        until("the second to stand by", GIVE_UP, async || {
            second.get("/readyz").await.is_ok_and(|answer| {
                answer.status == 503 && String::from_utf8_lossy(&answer.body).contains("standby")
            })
        })
        .await?;
        first.kill().await?;
        let begun = Instant::now();
        second.until_ready(GIVE_UP).await?;
        longest.take("a controller that stands by takes over", begun.elapsed());
    }
    longest.told(|_| TAKEN_OVER)
}

/// The longest time of each thing, in the order in which they were first measured.
#[derive(Default)]
struct Longest(Vec<(&'static str, Duration)>);

impl Longest {
    fn take(&mut self, what: &'static str, took: Duration) {
        match self.0.iter_mut().find(|(known, _)| *known == what) {
            Some((_, longest)) => *longest = took.max(*longest),
            None => self.0.push((what, took)),
        }
    }

    fn told(&self, limit: impl Fn(&str) -> f64) -> io::Result<bool> {
        let mut good = true;
        for (what, took) in &self.0 {
            good &= at_most(&format!("{what}, s"), took.as_secs_f64(), limit(what))?;
        }
        Ok(good)
    }
}
