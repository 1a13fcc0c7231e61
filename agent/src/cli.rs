//! The command line: what an operator types on a hub host to look at its phones and to touch them.
//!
//! Results go to stdout, as tables or with `--json` as JSON; everything else goes to stderr. The exit codes are in
//! [`Exit`] and in `--help`.

mod act;
mod devices;
mod doctor;
mod farm;
mod flow;
mod prepare;
mod session;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::device::DeviceError;
use crate::enrol::JoinError;
use crate::link::ConnectError;
use shared::terminal::{Exit, Output};

const EXIT_CODES: &str = "\
Exit codes:
  0   done
  1   the phone refused, or a check found something to do
  2   the command line is wrong
  65  the input is wrong (a URL, a text, a coordinate)
  69  no such phone, or it or the adb server cannot be reached
  75  it may work later, or it may have happened: look before you repeat it
  78  something on this host is missing or set up wrongly

A phone is named by its serial or any alias (HOST:PORT, ro.serialno). Where only one phone is connected,
it need not be named.";

/// Drives the Android phones of this host over adb.
#[derive(Debug, Parser)]
#[command(name = "drover-agent", version, after_long_help = EXIT_CODES, propagate_version = true, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options that every command understands.
#[derive(Debug, Clone, Args)]
struct Global {
    /// Port of the adb server on this host; one is started there where none answers [default: 5037].
    #[arg(long, global = true, env = "DROVER_ADB_PORT", value_name = "PORT")]
    adb_port: Option<u16>,
    /// The adb program to start where no server answers [default: `adb` from PATH].
    #[arg(long, global = true, env = "DROVER_ADB", value_name = "FILE")]
    adb: Option<PathBuf>,
    /// A phone on the network, to be connected and kept connected; may be given several times.
    #[arg(long, global = true, env = "DROVER_CONNECT", value_name = "HOST:PORT", value_delimiter = ',', value_parser = host_port)]
    connect: Vec<String>,
    /// How screens are read and touched: auto takes the resident driver where its file is there and it starts.
    #[arg(long, global = true, env = "DROVER_DRIVER", value_name = "DRIVER")]
    driver: Option<DriverArg>,
    /// The resident driver's u2.jar, as deploy/fetch-resident.sh puts it [default: where that script puts it].
    #[arg(long, global = true, env = "DROVER_RESIDENT_JAR", value_name = "FILE")]
    resident_jar: Option<PathBuf>,
    /// Seconds to wait for the phone to be ready.
    #[arg(long, global = true, default_value_t = 20, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=600))]
    wait: u64,
    /// Answer in JSON.
    #[arg(long, global = true)]
    json: bool,
    /// Say more on stderr; -vv says everything.
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DriverArg {
    Auto,
    Plain,
    Resident,
}

/// Which phone is meant.
#[derive(Debug, Clone, Args)]
struct Target {
    /// Serial or alias of the phone.
    #[arg(long, short, env = "DROVER_SERIAL", value_name = "SERIAL")]
    serial: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the phones with their state.
    Devices(devices::DevicesArgs),
    /// Tell everything known of one phone, each fact with the time it was read.
    Facts(devices::FactsArgs),
    /// Save the phone's screen as PNG.
    Screenshot(act::ScreenshotArgs),
    /// Print what is on the screen, as a tree or as XML.
    Hierarchy(act::HierarchyArgs),
    /// Touch a point.
    Tap(act::TapArgs),
    /// Draw a finger over the screen.
    Swipe(act::SwipeArgs),
    /// Type into the field that has the focus; any Unicode.
    Type(act::TypeArgs),
    /// Press a key.
    Key(act::KeyArgs),
    /// Open a URL or an app.
    Open(act::OpenArgs),
    /// Walk a new phone to readiness, step by step.
    Prepare(prepare::PrepareArgs),
    /// Check what goes wrong on hub hosts, and say what to do.
    Doctor,
    /// Join a farm with a token that its controller made (`drover-controller token create`).
    Enrol(farm::EnrolArgs),
    /// Run the agent: keep the link to the farm's controller and serve this host's phones.
    Run(farm::RunArgs),
    /// Check, run and mend flows: the scripts that operate apps.
    #[command(subcommand)]
    Flow(flow::FlowCommand),
    /// Print the completions of a shell: `drover-agent completions bash > /etc/bash_completion.d/drover-agent`.
    Completions { shell: clap_complete::Shell },
}

/// Why a command did not do what it should.
#[derive(Debug, thiserror::Error)]
enum CliError {
    #[error(transparent)]
    Device(#[from] DeviceError),
    #[error("{0}")]
    NoPhone(String),
    #[error("{0}")]
    Misconfigured(String),
    #[error("{0}")]
    BadInput(String),
    #[error(transparent)]
    Join(#[from] JoinError),
    #[error("{doing}")]
    Io { doing: String, source: std::io::Error },
}

impl CliError {
    fn exit(&self) -> Exit {
        match self {
            // A wrong farm or state is for a person, an absent controller for later.
            Self::Join(JoinError::Connect(ConnectError::WrongFarm(_)) | JoinError::State(_)) => {
                Exit::Misconfigured
            }
            Self::NoPhone(_) | Self::Join(JoinError::Connect(_) | JoinError::Silent) => Exit::Unavailable,
            Self::BadInput(_) | Self::Device(DeviceError::BadInput(_)) => Exit::BadInput,
            Self::Join(error) if error.may_pass() => Exit::TryLater,
            Self::Misconfigured(_) | Self::Join(_) => Exit::Misconfigured,
            Self::Io { .. } => Exit::Failed,
            Self::Device(error) => match error {
                DeviceError::Unreachable { .. } => Exit::Unavailable,
                DeviceError::NoKeyboard(_) => Exit::Misconfigured,
                DeviceError::NotIdle | DeviceError::NoWindow | DeviceError::StaleDump { .. } => {
                    Exit::TryLater
                }
                error if error.is_uncertain() => Exit::TryLater,
                _ => Exit::Failed,
            },
        }
    }
}

/// Parses the command line and runs it.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    // The running agent's log is set up by its settings.
    let logs = matches!(cli.command, Command::Run(_));
    // These say goodbye first.
    let runs = logs || matches!(cli.command, Command::Flow(flow::FlowCommand::Run(_)));
    if !logs {
        start_logging(cli.global.verbose);
    }
    let output = Output::new(cli.global.json);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            return output
                .fail(
                    &CliError::Io {
                        doing: "starting".to_owned(),
                        source: error,
                    },
                    Exit::Failed,
                )
                .into();
        }
    };
    let result = runtime.block_on(async {
        // A person who presses Ctrl-C wants it to end now; what must be put right on the phone has a task of its own.
        tokio::select! {
            result = run(&cli.global, cli.command, &output) => Some(result),
            _ = tokio::signal::ctrl_c(), if !runs => None,
        }
    });
    runtime.shutdown_timeout(std::time::Duration::from_secs(5));
    match result {
        Some(Ok(exit)) => exit.into(),
        Some(Err(error)) => output.fail(&error, error.exit()).into(),
        None => ExitCode::from(130),
    }
}

async fn run(global: &Global, command: Command, output: &Output) -> Result<Exit, CliError> {
    match command {
        Command::Devices(args) => devices::list(global, &args, output).await,
        Command::Facts(args) => devices::facts(global, &args, output).await,
        Command::Screenshot(args) => act::screenshot(global, &args, output).await,
        Command::Hierarchy(args) => act::hierarchy(global, &args, output).await,
        Command::Tap(args) => act::tap(global, &args, output).await,
        Command::Swipe(args) => act::swipe(global, &args, output).await,
        Command::Type(args) => act::type_text(global, &args, output).await,
        Command::Key(args) => act::key(global, &args, output).await,
        Command::Open(args) => act::open(global, &args, output).await,
        Command::Prepare(args) => prepare::run(global, &args, output).await,
        Command::Doctor => doctor::run(global, output).await,
        Command::Enrol(args) => farm::enrol(global, &args, output).await,
        Command::Run(args) => farm::run(global, &args).await,
        Command::Flow(command) => flow::run(global, command, output).await,
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "drover-agent", &mut std::io::stdout());
            Ok(Exit::Done)
        }
    }
}

fn start_logging(verbose: u8) {
    let default = match verbose {
        0 => "error",
        1 => "info",
        _ => "debug",
    };
    let filter = tracing_subscriber::EnvFilter::try_from_env("DROVER_LOG").unwrap_or_else(|_| default.into());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .init();
}

/// `host:port`, with a port that can be dialled.
fn host_port(text: &str) -> Result<String, String> {
    let Some((host, port)) = text.rsplit_once(':') else {
        return Err("give HOST:PORT, such as 192.0.2.7:5555".to_owned());
    };
    match port.parse::<u16>() {
        Ok(1..) if !host.is_empty() && !host.contains(char::is_whitespace) => Ok(text.to_owned()),
        _ => Err("give HOST:PORT with a port from 1 to 65535".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn an_address_needs_a_host_and_a_port() {
        assert!(host_port("phone.lan:5555").is_ok() && host_port("[fe80::1]:5555").is_ok());
        for wrong in ["phone", "phone:", "phone:0", "phone:65536", ":5555", "a b:1"] {
            assert!(host_port(wrong).is_err(), "{wrong}");
        }
    }
}
