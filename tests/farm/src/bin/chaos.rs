//! The chaos run: see docs/never-twice.md. Ends with 1 where anything was done twice or a share was not reached.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use farm::chaos::checker::check;
use farm::chaos::counts::Counts;
use farm::chaos::crew::{CrewSpec, SPEED, make_folder};
use farm::chaos::run::{Run, Wish, settings};
use farm::postgres::Postgres;
use shared::lifecycle::Shutdown;

/// Nobody may be listening any more.
fn say(text: &str) {
    let _ = farm::figures::say(text);
}

/// Has a farm of simulated phones work while everything in it is killed, stopped, moved and cut off, and checks then that
/// nothing was done twice and nothing is said to be done that is not.
#[derive(Debug, Parser)]
#[command(name = "chaos")]
struct Arguments {
    /// How long work is asked for and blows fall; bringing everything to its end takes longer.
    #[arg(long, default_value_t = 60.0)]
    minutes: f64,
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=50))]
    agents: u8,
    /// A machine with 2 cores drives so many.
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u16).range(1..=500))]
    phones: u16,
    /// Processes of phones, each killed by itself.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=20))]
    racks: u8,
    /// Everything random follows from it [default: any].
    #[arg(long)]
    seed: Option<u64>,
    /// A Postgres database of its own instead of a file.
    #[arg(long, conflicts_with = "postgres")]
    database_url: Option<String>,
    /// Starts a Postgres for it, as Debian installs it, instead of a file.
    #[arg(long)]
    postgres: bool,
    /// Tasks that wait or run for each account.
    #[arg(long, default_value_t = 2)]
    ahead: usize,
    /// How likely an agent dies at each passage of a crash point.
    #[arg(long, default_value_t = 0.02)]
    deadly: f64,
    /// How many times as fast as real ones phones and flows live.
    #[arg(long, default_value_t = SPEED)]
    speed: f64,
    /// Takes a part of the product out, to see that it is missed: grant, void, holder, material.
    #[arg(long, value_name = "PART")]
    without: Option<String>,
    /// Where everything is kept [default: a temporary folder that goes where all is well].
    #[arg(long)]
    folder: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Ok(shutdown) = Shutdown::on_signals() else {
        say("cannot listen for signals");
        return ExitCode::FAILURE;
    };
    let run = tokio::select! {
        run = chaos(Arguments::parse()) => run,
        // Whatever was started ends with the values that stand for it.
        () = shutdown.stop.cancelled() => return ExitCode::FAILURE,
    };
    match run {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("the run broke: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn chaos(arguments: Arguments) -> std::io::Result<bool> {
    let begin = Instant::now();
    let seed = arguments.seed.unwrap_or_else(|| u64::from(rand::random::<u32>()));
    let temporary = tempfile::Builder::new().prefix("chaos").tempdir()?;
    let folder = match &arguments.folder {
        Some(folder) => make_folder(folder)?,
        None => temporary.path().to_owned(),
    };
    let length = Duration::from_secs_f64(arguments.minutes * 60.0);
    say(&format!(
        "chaos: seed {seed}, {} minutes, {} agents, {} phones in {} racks, in {}",
        arguments.minutes,
        arguments.agents,
        arguments.phones,
        arguments.racks,
        folder.display()
    ));
    let postgres = if arguments.postgres {
        Some(Postgres::start().await?)
    } else {
        None
    };
    let url = postgres.as_ref().map(Postgres::url).or(arguments.database_url);
    let controller = url.map_or_else(Vec::new, |url| vec!["--database-url".to_owned(), url]);
    let missing = arguments.without.iter();
    let wish = Wish {
        crew: CrewSpec {
            agents: arguments.agents.into(),
            phones: arguments.phones.into(),
            racks: arguments.racks.into(),
            seed,
            controller,
            settings: settings(),
            environment: missing
                .map(|part| ("DROVER_BREAK".to_owned(), part.clone()))
                .collect(),
            speed: arguments.speed,
            folder: folder.clone(),
        },
        length,
        ahead: arguments.ahead,
        deadly: arguments.deadly,
    };
    let mut tell = |line: &str| say(&format!("[{:>5.0} s] {line}", begin.elapsed().as_secs_f64()));
    let (facts, happened) = Run::start(wish, &mut tell).await?.whole().await?;
    let faults = check(&facts);
    let counts = Counts::of(&facts, happened, length);
    say(&format!(
        "\nchaos: seed {seed}, {:.0} s in all\n{counts}",
        begin.elapsed().as_secs_f64()
    ));
    for fault in &faults {
        say(&format!("FAULT {fault}"));
    }
    let shortfalls = counts.shortfalls();
    for shortfall in &shortfalls {
        say(&format!("SHORT {shortfall}"));
    }
    let well = faults.is_empty() && shortfalls.is_empty();
    if well {
        say("nothing was done twice, and nothing is said to be done that is not");
    } else {
        say(&format!(
            "run it again: make chaos SEED={seed} CHAOS_MINUTES={} CHAOS_PHONES={} CHAOS_AGENTS={}",
            arguments.minutes, arguments.phones, arguments.agents
        ));
        let kept = temporary.keep();
        say(&format!(
            "everything is kept in {}",
            arguments.folder.unwrap_or(kept).display()
        ));
    }
    Ok(well)
}
