//! Measures a controller's fleet under many agents with many phones each, real links over loopback, and prints each
//! figure beside its limit; ends with 1 where one is over it. The agents are a process of their own, so that the figures
//! are the controller's alone. Run by `make bench`, as a release build.

use std::io;
use std::process::{ExitCode, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use farm::figures::{Process, at_most, ended, say};
use farm::linked::{TestAgent, TestController, ToldPhones, enrolled};
use shared::clock::{Clock, ManualClock, SystemClock};
use shared::device::Fact;
use tokio::io::AsyncWriteExt;

const AGENTS: usize = 100;
const PHONES: usize = 100;
/// Each phone is read so often, as the roster does.
const CYCLE: Duration = Duration::from_secs(5);
/// How often an agent's list is published.
const TICK: Duration = Duration::from_millis(300);
const START: Duration = Duration::from_secs(120);
const WATCH: Duration = Duration::from_secs(30);

/// The limits.
const CORES: f64 = 0.15;
const MEMORY_MB: f64 = 300.0;
/// A reading is as old as the cycle before the next one; reporting may add little to that.
const AGE_S: f64 = 7.0;

#[tokio::main]
async fn main() -> ExitCode {
    let result = match std::env::args().nth(1).as_deref() {
        Some("agents") => agents().await.map(|()| true),
        _ => controller().await,
    };
    ended(result)
}

async fn controller() -> io::Result<bool> {
    let controller = TestController::start().await?;
    let clock = Arc::clone(&controller.ground.clock);
    // The harness's clock stands; here it goes with the machine's.
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let behind = SystemClock.now().duration_since(clock.now());
            clock.advance(Duration::try_from(behind).unwrap_or_default());
        }
    });
    let process = Process::own();
    let empty = process.resident_mb()?;
    let mut agents = tokio::process::Command::new(std::env::current_exe()?)
        .arg("agents")
        .stdin(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut orders = agents.stdin.take().ok_or_else(|| io::Error::other("no stdin"))?;
    let started = Instant::now();
    for _ in 0..AGENTS {
        let line = format!("{} {}\n", controller.address(), controller.token().await?);
        orders.write_all(line.as_bytes()).await?;
    }
    drop(orders);
    controller
        .until_online(AGENTS * PHONES, START)
        .await
        .map_err(|_| io::Error::other("not all phones came online"))?;
    say(&format!(
        "{} phones of {AGENTS} hosts online after {:.1} s",
        AGENTS * PHONES,
        started.elapsed().as_secs_f64()
    ))?;
    tokio::time::sleep(CYCLE * 2).await;
    let before = process.cpu_seconds()?;
    let watched = Instant::now();
    tokio::time::sleep(WATCH).await;
    let cores = (process.cpu_seconds()? - before) / watched.elapsed().as_secs_f64();
    let resident = process.resident_mb()?;
    let now = controller.ground.clock.now();
    let devices = controller.fleet.devices();
    let ages = devices.values().filter_map(|live| live.device.battery.as_ref());
    let oldest = ages
        .map(|battery| now.duration_since(battery.at).as_secs_f64())
        .fold(0.0, f64::max);
    let mut good = devices.len() == AGENTS * PHONES;
    good &= at_most("controller's cores in use", cores, CORES)?;
    good &= at_most("controller's resident memory, MB", resident, MEMORY_MB)?;
    good &= at_most("oldest reading, s", oldest, AGE_S)?;
    let links = (resident - empty) * 1_024.0 / AGENTS as f64;
    say(&format!(
        "memory for a host with its {PHONES} phones, KB: {links:.0}"
    ))?;
    agents.kill().await?;
    Ok(good)
}

/// Joins with each token that comes in and reports until it is killed.
async fn agents() -> io::Result<()> {
    let orders = tokio::task::spawn_blocking(|| io::read_to_string(io::stdin())).await??;
    let mut running = Vec::new();
    for line in orders.lines() {
        let (address, token) = line
            .split_once(' ')
            .ok_or_else(|| io::Error::other("not an order"))?;
        let token = token.parse().map_err(io::Error::other)?;
        let number = running.len();
        let folder = Arc::new(tempfile::Builder::new().prefix("agent").tempdir()?);
        let addresses = vec![address.to_owned()];
        let now = SystemClock.now();
        let identity = enrolled(folder.path(), &addresses, &token, &format!("host-{number}"), now).await;
        let identity = identity.map_err(io::Error::other)?;
        let phones = ToldPhones::many(&format!("H{number:03}"), PHONES);
        let clock = Arc::new(ManualClock::new(now));
        running.push(TestAgent::link(
            folder,
            identity,
            addresses,
            Arc::clone(&phones),
            Arc::clone(&clock),
        )?);
        tokio::spawn(read_again(phones, clock));
    }
    std::future::pending().await
}

/// Reads each phone once a cycle, a few at a time; mostly nothing has changed but the time.
async fn read_again(phones: Arc<ToldPhones>, clock: Arc<ManualClock>) {
    let share = PHONES * TICK.as_millis() as usize / CYCLE.as_millis() as usize + 1;
    let mut next = 0;
    let mut ticks = tokio::time::interval(TICK);
    loop {
        ticks.tick().await;
        let now = SystemClock.now();
        clock.advance(Duration::try_from(now.duration_since(clock.now())).unwrap_or_default());
        phones.change(|devices| {
            let mut devices: Vec<_> = devices.values_mut().collect();
            for _ in 0..share {
                let at = next % PHONES;
                let Some(device) = devices.get_mut(at) else { return };
                device.last_seen = Some(now);
                let drained = next % 20 == 0;
                if let Some(Fact { value, at }) = &mut device.battery {
                    *at = now;
                    value.level = if drained {
                        value.level % 100 + 1
                    } else {
                        value.level
                    };
                }
                for at in [
                    device.screen.as_mut().map(|fact| &mut fact.at),
                    device.foreground.as_mut().map(|fact| &mut fact.at),
                    device.screen_size.as_mut().map(|fact| &mut fact.at),
                ]
                .into_iter()
                .flatten()
                {
                    *at = now;
                }
                next += 1;
            }
        });
    }
}
