//! `enrol` and `run`: this host as a part of a farm.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde_json::json;
use shared::clock::{SharedClock, SystemClock};
use shared::lifecycle::Shutdown;
use shared::terminal::{Exit, Output};
use shared::wire::token::JoinToken;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{CliError, DriverArg, Global, host_port, session};
use crate::config::ConfigFile;
use crate::enrol::{self, Identity, JoinError, StateFolder};
use crate::flow::thread::ScriptThread;
use crate::hands::{Hands, HandsConfig, Reach};
use crate::journal::Journal;
use crate::link::{Controller, Link, LinkStatus, SystemNet, chain};
use crate::outbox::Outbox;
use crate::resources;
use crate::roster::{Roster, RosterConfig};
use crate::worker::{Worker, WorkerConfig};

/// How long work may take to end at a stop, and the controller to hear of it.
const END_OF_WORK: Duration = Duration::from_secs(10);
/// Files of tasks that are kept here for the next phone, in bytes.
const MEDIA_BYTES: u64 = 20 << 30;
/// The rest between two tries to join a controller that is not there yet.
const JOIN_AGAIN: Duration = Duration::from_secs(2);

#[derive(Debug, Args)]
pub(super) struct FarmArgs {
    /// Where the farm's controller lets hosts join (UDP); may be given several times, the active one is found.
    #[arg(long, env = "DROVER_CONTROLLER", value_name = "HOST:PORT", value_delimiter = ',', value_parser = host_port)]
    controller: Vec<String>,
    /// The join token; good for one host.
    #[arg(long, env = "DROVER_TOKEN", value_name = "TOKEN", hide_env_values = true, value_parser = join_token)]
    token: Option<JoinToken>,
    /// A file with the join token, which then stands on no command line.
    #[arg(
        long,
        env = "DROVER_TOKEN_FILE",
        value_name = "FILE",
        conflicts_with = "token"
    )]
    token_file: Option<PathBuf>,
    /// What this host is called in the farm [default: its own name].
    #[arg(long, env = "DROVER_NAME", value_name = "NAME")]
    name: Option<String>,
    /// Where the agent keeps its key and certificate [default: $XDG_STATE_HOME/drover-agent, else /var/lib/drover-agent, else ~/.local/state/drover-agent].
    #[arg(long, env = "DROVER_STATE", value_name = "DIR")]
    state: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct EnrolArgs {
    #[command(flatten)]
    farm: FarmArgs,
}

#[derive(Debug, Args)]
pub(super) struct RunArgs {
    #[command(flatten)]
    farm: FarmArgs,
    /// Settings, TOML; what is said here or in the environment wins over them.
    #[arg(long, env = "DROVER_AGENT_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// How the log is written [default: text].
    #[arg(long, env = "DROVER_LOG_FORMAT", value_name = "FORMAT")]
    log_format: Option<LogFormat>,
    /// The typing keyboard's app, for `prepare` [default: where deploy/fetch-resident.sh puts it].
    #[arg(long, env = "DROVER_KEYBOARD_APK", value_name = "FILE")]
    keyboard_apk: Option<PathBuf>,
    /// Let flows live so many times faster than real: for simulated phones that do the same.
    #[arg(long, env = "DROVER_FLOW_SPEED", default_value_t = 1.0, value_name = "N", value_parser = super::flow::run::speed, hide = true)]
    speed: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

fn join_token(text: &str) -> Result<JoinToken, String> {
    text.parse()
        .map_err(|error: shared::wire::token::TokenError| error.to_string())
}

impl FarmArgs {
    fn token(&self, file: &ConfigFile) -> Result<Option<JoinToken>, CliError> {
        if let Some(token) = &self.token {
            return Ok(Some(token.clone()));
        }
        let Some(path) = self.token_file.as_ref().or(file.token_file.as_ref()) else {
            return Ok(None);
        };
        let text = std::fs::read_to_string(path).map_err(|source| CliError::Io {
            doing: format!("reading the token in {}", path.display()),
            source,
        })?;
        join_token(&text)
            .map(Some)
            .map_err(|why| CliError::Misconfigured(format!("{}: {why}", path.display())))
    }

    fn controllers(&self, file: &ConfigFile) -> Result<Vec<String>, CliError> {
        if !self.controller.is_empty() {
            return Ok(self.controller.clone());
        }
        let listed = file.controllers.clone().unwrap_or_default();
        match listed
            .iter()
            .find_map(|address| Some((address, host_port(address).err()?)))
        {
            Some((address, why)) => Err(CliError::Misconfigured(format!("controllers: {address}: {why}"))),
            None => Ok(listed),
        }
    }

    fn state(&self, file: &ConfigFile) -> Result<StateFolder, CliError> {
        let path = self
            .state
            .clone()
            .or_else(|| file.state.clone())
            .unwrap_or_else(StateFolder::default_path);
        StateFolder::open(&path)
            .and_then(StateFolder::claim)
            .map_err(|error| JoinError::from(error).into())
    }

    fn host_name(&self, file: &ConfigFile) -> String {
        self.name
            .clone()
            .or_else(|| file.name.clone())
            .unwrap_or_else(own_name)
    }
}

/// What the system calls this host.
fn own_name() -> String {
    let told = std::env::var("COMPUTERNAME").ok();
    let asked = || std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let set = || std::env::var("HOSTNAME").ok();
    let name = told.or_else(asked).or_else(set).unwrap_or_default();
    match name.trim() {
        "" => "host".to_owned(),
        name => name.to_owned(),
    }
}

pub(super) async fn enrol(_global: &Global, args: &EnrolArgs, output: &Output) -> Result<Exit, CliError> {
    let file = ConfigFile::default();
    let Some(token) = args.farm.token(&file)? else {
        return Err(CliError::Misconfigured(
            "a host joins with a token: make one with `drover-controller token create`, give it with --token or --token-file".to_owned(),
        ));
    };
    let controllers = args.farm.controllers(&file)?;
    let state = args.farm.state(&file)?;
    let clock: SharedClock = Arc::new(SystemClock);
    let identity = enrol::enrol(&state, &controllers, &token, &args.farm.host_name(&file), &clock).await?;
    let value = json!({"host": identity.host, "state": state.path(), "controllers": identity.controllers});
    output.result(&value, || {
        format!(
            "This host has joined the farm as {}.\nStart the agent with `drover-agent run`.",
            identity.host
        )
    });
    Ok(Exit::Done)
}

pub(super) async fn run(global: &Global, args: &RunArgs) -> Result<Exit, CliError> {
    let file = match &args.config {
        Some(path) => ConfigFile::read(path).map_err(|error| CliError::Misconfigured(chain(&error)))?,
        None => ConfigFile::default(),
    };
    start_logging(global, args, &file)?;
    let global = &with_file(global, &file)?;
    let shutdown = Shutdown::on_signals().map_err(|source| CliError::Io {
        doing: "listening for signals".to_owned(),
        source,
    })?;
    let clock: SharedClock = Arc::new(SystemClock);
    let state = args.farm.state(&file)?;
    let host_name = args.farm.host_name(&file);
    let named = args.farm.controllers(&file)?;
    let identity = tokio::select! {
        () = shutdown.stop.cancelled() => return Ok(Exit::Done),
        identity = membership(&state, &named, args.farm.token(&file)?, &host_name, &clock) => identity?,
    };
    let controllers = if named.is_empty() {
        identity.controllers.clone()
    } else {
        named
    };
    if controllers.is_empty() {
        return Err(CliError::Misconfigured(
            "no controller is named: give --controller HOST:PORT".to_owned(),
        ));
    }
    let roster = Roster::start(
        RosterConfig {
            adb_server: session::address(global),
            supervise: true,
            adb_binary: global.adb.clone(),
            connect: global.connect.clone(),
            state: Some(state.path().join("phones.json")),
        },
        Arc::clone(&clock),
    );
    let controller = Controller::new(Arc::clone(&clock));
    let reach = Arc::new(Reach::new(roster.clone(), session::driver_choice(global)?));
    let worker = worker(args, &file, &state, &controller, &reach)?;
    let hands = Hands::new(
        reach,
        worker.clone(),
        HandsConfig {
            keyboard_apk: args
                .keyboard_apk
                .clone()
                .or(file.driver.keyboard_apk)
                .or_else(resources::keyboard_apk),
            resident_jar: global.resident_jar.clone().or_else(resources::resident_jar),
            scratch: state.path().to_owned(),
        },
    );
    let link_stop = CancellationToken::new();
    let link = Link {
        state,
        identity,
        controllers,
        host_name,
        phones: Arc::new(hands),
        controller,
        net: Arc::new(SystemNet),
        clock,
        stop: link_stop.clone(),
        status: watch::Sender::new(LinkStatus::Connecting),
    };
    let stopped = async {
        shutdown.stop.cancelled().await;
        // The controller hears how the work ended while there is a link.
        worker.stop(END_OF_WORK).await;
        link_stop.cancel();
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = link.run() => {}
        () = stopped => {}
        () = shutdown.abort.cancelled() => {}
    }
    roster.stop().await;
    Ok(Exit::Done)
}

/// The work of this host, with what it left unsaid when it was ended last.
fn worker(
    args: &RunArgs,
    file: &ConfigFile,
    state: &StateFolder,
    controller: &Controller,
    reach: &Arc<Reach>,
) -> Result<Worker, CliError> {
    let folder = state.path();
    let wrong = |error: &dyn std::error::Error| CliError::Misconfigured(chain(error));
    let journal = Journal::open(folder).map_err(|error| wrong(&error))?;
    let outbox = Outbox::open(folder, controller.clone()).map_err(|error| wrong(&error))?;
    let config = WorkerConfig {
        folder: folder.to_owned(),
        media_bytes: file.media.cache_bytes.unwrap_or(MEDIA_BYTES),
        speed: args.speed,
        thread: ScriptThread::default(),
    };
    let source = Arc::<Reach>::clone(reach);
    Worker::new(config, controller.clone(), journal, outbox, source).map_err(|source| CliError::Io {
        doing: format!("making the folders for work in {}", folder.display()),
        source,
    })
}

/// Who this host is in its farm; joins it with the token where it is new. A controller that is not there yet is waited
/// for: the two may be started together.
async fn membership(
    state: &StateFolder,
    controllers: &[String],
    token: Option<JoinToken>,
    host_name: &str,
    clock: &SharedClock,
) -> Result<Identity, CliError> {
    if let Some(identity) = state.identity().map_err(JoinError::from)? {
        if token.is_some_and(|token| token.pin != identity.pin) {
            return Err(CliError::Misconfigured(format!(
                "the token is of another farm than the one that this host has joined: to move it, run `drover-agent enrol` with the token (state folder {})",
                state.path().display()
            )));
        }
        return Ok(identity);
    }
    let Some(token) = token else {
        return Err(CliError::Misconfigured(
            "this host has joined no farm yet: make a token with `drover-controller token create` and give it here with --token, with --controller HOST:PORT".to_owned(),
        ));
    };
    loop {
        match enrol::enrol(state, controllers, &token, host_name, clock).await {
            Ok(identity) => {
                tracing::info!(host = identity.host, "joined the farm");
                return Ok(identity);
            }
            Err(error) if error.may_pass() && !controllers.is_empty() => {
                tracing::warn!(error = chain(&error), "cannot join yet");
                clock.sleep(JOIN_AGAIN).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// The options with the file's settings where nothing was said.
fn with_file(global: &Global, file: &ConfigFile) -> Result<Global, CliError> {
    let mut global = global.clone();
    let wrong = |key: &str, why: &str| CliError::Misconfigured(format!("{key}: {why}"));
    global.adb_port = global.adb_port.or(file.adb.port);
    global.adb = global.adb.or_else(|| file.adb.program.clone());
    if global.connect.is_empty() {
        global.connect = file.adb.connect.clone().unwrap_or_default();
        if let Some(why) = global.connect.iter().find_map(|address| host_port(address).err()) {
            return Err(wrong("adb.connect", &why));
        }
    }
    if global.driver.is_none()
        && let Some(kind) = &file.driver.kind
    {
        global.driver = Some(DriverArg::from_str(kind, false).map_err(|why| wrong("driver.kind", &why))?);
    }
    global.resident_jar = global.resident_jar.or_else(|| file.driver.resident_jar.clone());
    Ok(global)
}

fn start_logging(global: &Global, args: &RunArgs, file: &ConfigFile) -> Result<(), CliError> {
    let wrong = |key: &str, why: String| CliError::Misconfigured(format!("{key}: {why}"));
    let default = if global.verbose > 0 {
        "debug"
    } else {
        file.log.filter.as_deref().unwrap_or("info")
    };
    let filter = match std::env::var("DROVER_LOG") {
        Ok(filter) => filter,
        Err(_) => default.to_owned(),
    };
    let filter = tracing_subscriber::EnvFilter::try_new(&filter)
        .map_err(|error| wrong("log.filter", format!("{filter:?}: {error}")))?;
    let format = match (args.log_format, &file.log.format) {
        (Some(format), _) => format,
        (None, Some(format)) => LogFormat::from_str(format, false).map_err(|why| wrong("log.format", why))?,
        (None, None) => LogFormat::Text,
    };
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // A line that the log's disk does not take is lost; complaining there would end whoever wrote it.
        .log_internal_errors(false)
        .with_target(false);
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(())
}
