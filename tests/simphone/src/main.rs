//! `simphone`: simulated phones from a command line.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use simphone::farm::{Farm, FarmSpec};
use simphone::phone::personality::{self, Personality};

/// Simulated Android phones that an adb server connects to over TCP.
///
/// Phone 1 is SIM0001 on the base port, phone 2 is SIM0002 on the next one, and so on; their Androids are 13, 8, 15, 11
/// and again from the front. Connect with `adb connect 127.0.0.1:PORT`.
#[derive(Debug, Parser)]
#[command(name = "simphone", version)]
struct Arguments {
    /// How many phones
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=5000))]
    phones: u16,
    /// The first phone's number, where several of these programs share a farm between them
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=5000))]
    first: u16,
    /// Port of the first phone; 0 takes free ports. Not within 5555-5585, where adb servers look by themselves
    #[arg(long, default_value_t = 16000)]
    base_port: u16,
    /// Where the control API listens (HTTP); port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    control: SocketAddr,
    /// Everything random follows from it
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many times faster than real the phones live (boots, animations)
    #[arg(long, default_value_t = 1.0, value_parser = speed)]
    speed: f64,
    /// Where the phones keep their state and ledgers; without it in a temporary folder that goes with the program
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// One more phone that has the serial SIM0001 too
    #[arg(long)]
    twin_serial: bool,
    /// All phones of one generation: android8, android11, android13 or android15
    #[arg(long, value_name = "NAME", value_parser = by_name)]
    personality: Option<&'static Personality>,
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if (0.01..=1000.0).contains(&speed) => Ok(speed),
        _ => Err("a number from 0.01 to 1000".to_owned()),
    }
}

fn by_name(name: &str) -> Result<&'static Personality, String> {
    Personality::by_name(name).ok_or_else(|| {
        let names: Vec<_> = personality::ALL.iter().map(|one| one.name).collect();
        format!("one of {}", names.join(", "))
    })
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn".into()),
        )
        .with_writer(std::io::stderr)
        .init();
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "simphone: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let shutdown = shared::lifecycle::Shutdown::on_signals().context("cannot listen for signals")?;
    let temporary = match &arguments.data {
        Some(_) => None,
        None => Some(tempfile::tempdir().context("cannot make a temporary folder")?),
    };
    let data = match (&arguments.data, &temporary) {
        (Some(data), _) => data.clone(),
        (None, Some(folder)) => folder.path().to_owned(),
        (None, None) => unreachable!("one of both was made above"),
    };
    let farm = Farm::start(FarmSpec {
        phones: arguments.phones.into(),
        first: arguments.first.into(),
        base_port: arguments.base_port,
        control: Some(arguments.control),
        seed: arguments.seed,
        speed: arguments.speed,
        data,
        twin_serial: arguments.twin_serial,
        personality: arguments.personality,
    })
    .await?;
    announce(&farm)?;
    shutdown.stop.cancelled().await;
    tokio::select! {
        () = farm.stop() => {}
        () = shutdown.abort.cancelled() => {}
    }
    if let Some(folder) = temporary {
        folder.close().context("cannot remove the temporary folder")?;
    }
    Ok(())
}

/// One line a phone, where the control API is, then `ready`: what a script waits for.
fn announce(farm: &Farm) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for stand in farm.stands() {
        for address in stand.addresses() {
            let personality = stand.phone.spec.personality;
            writeln!(
                out,
                "{} {address} {} {}",
                stand.name, personality.name, personality.model
            )?;
        }
    }
    if let Some(address) = farm.control() {
        writeln!(out, "control: http://{address}")?;
    }
    writeln!(out, "ready")?;
    out.flush()
}
