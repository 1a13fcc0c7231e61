//! `serve`: puts the controller's parts together and runs them until a signal.
//!
//! The parts start before it is known whether this controller is the active one on its database: a standby answers
//! that it is one, and takes over when the active one falls silent.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use shared::clock::{SharedClock, SystemClock};
use shared::lifecycle::Shutdown;
use shared::terminal::{Exit, Output};
use tokio::sync::watch;

use super::CliError;
use super::client::SECRET_FILE;
use crate::backup::{BackupPlan, BackupStatus, scheduled};
use crate::ca::Authority;
use crate::causes::whole;
use crate::config::Config;
use crate::fleet::{Fleet, FleetConfig};
use crate::http::{self, backups::Backups, serve::ServeError, told::Ears};
use crate::imports;
use crate::imports::desk::Desk;
use crate::imports::ground::{Ground, GroundError};
use crate::media::Media;
use crate::packs::Packs;
use crate::scheduler::{Engine, LocalFiles, Parts};
use crate::schedules::Runner;
use crate::state::{ApiConfig, AppState, Readiness};
use crate::store::{Lease, Store};
use crate::vault::{KeyFiles, Vault, VaultError};

/// How often it is looked for imports that can no longer be taken back.
const FORGET_EVERY: Duration = Duration::from_secs(600);
/// After a database that could not be read or written, the role is asked for again.
const TAKE_OVER_AGAIN: Duration = Duration::from_secs(2);

#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// Folder with packs of flows of your own, one in each folder below it.
    #[arg(long, value_name = "FOLDER")]
    flows: Option<PathBuf>,
}

pub(super) async fn run(config: Config, args: &ServeArgs, output: Output) -> Result<Exit, CliError> {
    start_logging(&config);
    let shutdown =
        Shutdown::on_signals().map_err(|error| CliError::failed("listening for signals")(error.into()))?;
    for folder in [&config.data_dir, &config.keys_dir] {
        private_folder(folder)?;
    }
    let clock: SharedClock = Arc::new(SystemClock);
    let store = Store::open(&config.database, Arc::clone(&clock)).await?;
    let ca = Authority::load_or_make(&config.keys_dir)
        .map_err(|error| CliError::failed("opening the farm's keys")(error.into()))?;
    let keys = KeyFiles {
        folder: config.keys_dir.clone(),
        given: config.vault_keys.clone(),
    };
    let vault = Vault::open(keys, &store).await.map_err(locked)?;
    let packs = match args.flows.as_deref().or(config.flows.as_deref()) {
        Some(folder) => Packs::with_folder(folder).map_err(|error| CliError::Misconfigured(whole(&error)))?,
        None => Packs::built_in(),
    };
    let (readiness, ready) = watch::channel(Readiness::Starting);
    let (activity, active) = watch::channel(false);
    let doors = FleetConfig {
        data_listen: config.agents_listen,
        join_listen: config.join_listen,
        advertised_data_port: config.advertised_port,
        active,
    };
    let fleet = Fleet::start(
        doors,
        store.clone(),
        Arc::new(ca),
        Arc::clone(&clock),
        shutdown.clone(),
    )
    .await
    .map_err(|error| CliError::failed("opening the doors for agents")(error.into()))?;
    let api = ApiConfig {
        plan: config.plan,
        allowed_hosts: config.allowed_hosts.clone(),
        always_200: config.always_200,
        zone: config.time_zone.clone(),
        settings: config.settings.clone(),
        join_port: config.join_listen.port(),
        command_line_hash: Some(command_line_secret(&config.data_dir)?),
    };
    let (backups, status) = watch::channel(BackupStatus::default());
    let state = AppState::new(
        store.clone(),
        vault.clone(),
        Arc::new(fleet.clone()),
        api,
        Arc::clone(&clock),
        ready,
    )
    .await?
    .with_backups(Backups {
        folder: config.backup_dir.clone(),
        status,
    })
    .with_imports(Desk::new(config.data_dir.clone(), config.sheets.clone()))
    .with_packs(packs)
    .with_media(Media::new(config.media.clone()).with_library(&config.data_dir))
    .with_data_dir(&config.data_dir);
    let (ground, media) = (state.ground(), state.media.clone());
    let engine = Engine::new(
        state.scheduler.clone(),
        Parts {
            store: store.clone(),
            vault: vault.clone(),
            hosts: Arc::new(fleet.clone()),
            packs: Arc::new(state.packs.clone()),
            materials: Arc::new(LocalFiles::new(
                store.clone(),
                state.packs.clone(),
                state.media.clone(),
            )),
            listener: Arc::new(Ears {
                events: state.events.clone(),
                metrics: Arc::clone(&state.metrics),
            }),
            clock: Arc::clone(&clock),
            data_dir: config.data_dir.clone(),
            device_limit: usize::try_from(config.plan.device_limit()).unwrap_or(usize::MAX),
        },
    );
    fleet.set_desk(Arc::new(engine.clone()));
    let doors = http::serve::bind(
        &config.listen,
        &config.tls,
        &config.keys_dir,
        &config.allowed_hosts,
        &store,
        &clock,
    );
    let doors = doors.await.map_err(closed)?;
    if let Some(fingerprint) = doors.fingerprint() {
        tracing::info!(fingerprint, "the API's certificate");
    }
    let (runner, in_force) = (Runner::new(state.clone()), state.clone());
    let ready_line = ready_line(&doors.addresses());
    let server = tokio::spawn(doors.serve(http::router(state), shutdown.clone()));
    let plan = config.backup_every.map(|every| BackupPlan {
        folder: config.backup_dir.clone(),
        every,
        keep: config.backup_keep,
    });
    let reign = Reign {
        state: in_force,
        store: store.clone(),
        vault,
        ground,
        engine,
        runner,
        readiness,
        activity,
        backups,
        plan,
        media,
        clock,
        shutdown: shutdown.clone(),
    };
    let reigned = reign.run(&ready_line, output).await;
    // Whatever ended the reign ends the rest, politely.
    shutdown.stop.cancel();
    let _ = server.await;
    fleet.stopped().await;
    store.close().await;
    reigned.map(|()| Exit::Done)
}

/// Waits to be the active controller, is it, and waits again when it no longer is.
struct Reign {
    state: AppState,
    store: Store,
    vault: Vault,
    ground: Ground,
    engine: Engine,
    runner: Runner,
    readiness: watch::Sender<Readiness>,
    activity: watch::Sender<bool>,
    backups: watch::Sender<BackupStatus>,
    plan: Option<BackupPlan>,
    media: Media,
    clock: SharedClock,
    shutdown: Shutdown,
}

impl Reign {
    async fn run(&self, ready_line: &str, output: Output) -> Result<(), CliError> {
        let stop = &self.shutdown.stop;
        loop {
            let waiting = self.store.lead(Lease::default(), |holder| {
                tracing::info!(%holder, "standing by");
                self.readiness.send_replace(Readiness::Standby {
                    holder: holder.to_string(),
                });
            });
            let Some(lead) = stop.run_until_cancelled(waiting).await else {
                break;
            };
            let lead = lead?;
            tracing::info!(fence = lead.fence(), "this controller is the active one");
            if let Err(error) = self.take_over().await {
                let _ = lead.release().await;
                let CliError::Store(error) = error else {
                    return Err(error);
                };
                if !error.is_passing() {
                    return Err(error.into());
                }
                tracing::error!(error = whole(&error), "the farm cannot be taken over just now");
                self.readiness.send_replace(Readiness::Standby {
                    holder: format!("not this one: {error}"),
                });
                if stop
                    .run_until_cancelled(self.clock.sleep(TAKE_OVER_AGAIN))
                    .await
                    .is_none()
                {
                    break;
                }
                continue;
            }
            self.activity.send_replace(true);
            self.readiness.send_replace(Readiness::Ready);
            output.line(ready_line);
            let resigned = stop.child_token();
            let backups = self.keep_backups(resigned.clone());
            let drained = tokio::spawn(drain(self.vault.clone(), self.store.clone(), resigned.clone()));
            let (engine, working) = (self.engine.clone(), resigned.clone());
            let giving = tokio::spawn(async move { engine.run(working).await });
            let (runner, running) = (self.runner.clone(), resigned.clone());
            let firing = tokio::spawn(async move { runner.run(running).await });
            let forgetting = tokio::spawn(forget(self.ground.clone(), resigned.clone()));
            let lost = tokio::select! {
                why = lead.lost() => Some(why),
                () = stop.cancelled() => None,
            };
            resigned.cancel();
            self.activity.send_replace(false);
            if let Some(backups) = backups {
                let _ = backups.await;
            }
            let _ = drained.await;
            let _ = forgetting.await;
            let _ = firing.await;
            let _ = giving.await;
            let Some(why) = lost else {
                self.readiness.send_replace(Readiness::ShuttingDown);
                if let Err(error) = lead.release().await {
                    tracing::warn!(%error, "the role could not be given back; another controller takes over when its lease ends");
                }
                break;
            };
            self.readiness.send_replace(Readiness::Standby {
                holder: format!("not this one: {why}"),
            });
        }
        self.readiness.send_replace(Readiness::ShuttingDown);
        Ok(())
    }

    /// What must be known and done before anybody comes.
    async fn take_over(&self) -> Result<(), CliError> {
        // The one before may have changed the key.
        self.vault.catch_up(&self.store).await.map_err(locked)?;
        // And settings and packs.
        self.state.take_on().await?;
        self.finish_imports().await?;
        self.look_at_materials().await?;
        // What is under way is known before any host comes.
        self.engine.prepare().await?;
        Ok(())
    }

    /// The library's files are held against its rows: what is gone is not given to tasks. A folder that cannot be read
    /// is no reason not to start.
    async fn look_at_materials(&self) -> Result<(), CliError> {
        let (media, rows) = (self.media.clone(), self.store.material_hashes().await?);
        let now = std::time::SystemTime::from(self.clock.now());
        let swept = tokio::task::spawn_blocking(move || media.library().sweep(&rows, now));
        let swept = match swept.await.map_err(std::io::Error::other) {
            Ok(Ok(swept)) => swept,
            Ok(Err(error)) | Err(error) => {
                tracing::warn!(%error, "the files of the material library cannot be looked at");
                return Ok(());
            }
        };
        if swept.removed > 0 {
            tracing::info!(
                removed = swept.removed,
                "files that no material needs were removed"
            );
        }
        if !swept.missing.is_empty() {
            tracing::warn!(
                count = swept.missing.len(),
                "files of the material library are gone: send them again, or remove their materials"
            );
        }
        self.store.note_missing(swept.missing, true).await?;
        self.store.note_missing(swept.found, false).await?;
        Ok(())
    }

    /// Nobody sees half an import: those that were left in their middle come to their end first.
    async fn finish_imports(&self) -> Result<(), CliError> {
        self.readiness.send_replace(Readiness::Recovering {
            why: "an import of accounts is brought to its end".to_owned(),
        });
        imports::recover::finish_all(&self.ground)
            .await
            .map_err(|error| match error {
                GroundError::Store(error) => error.into(),
                other => CliError::failed("bringing an import to its end")(other.into()),
            })
    }

    fn keep_backups(&self, stop: tokio_util::sync::CancellationToken) -> Option<tokio::task::JoinHandle<()>> {
        let plan = self.plan.clone()?;
        Some(tokio::spawn(scheduled(
            self.store.clone(),
            plan,
            Arc::clone(&self.clock),
            self.backups.clone(),
            stop,
        )))
    }
}

/// Goes on with a change of keys that broke off.
async fn drain(vault: Vault, store: Store, stop: tokio_util::sync::CancellationToken) {
    let work = async {
        if let Some(rotation) = vault.resume_rotation(&store).await? {
            rotation.drain(&store).await?;
        }
        Ok::<_, VaultError>(())
    };
    if let Some(Err(error)) = stop.run_until_cancelled(work).await {
        tracing::error!(error = whole(&error), "sealing the secrets anew broke off");
    }
}

/// A key that is missing is a matter of configuration; a database that does not answer is not.
fn locked(error: VaultError) -> CliError {
    match error {
        VaultError::Store(error) => CliError::Store(error),
        other => CliError::Misconfigured(whole(&other)),
    }
}

/// Deletes what is left of imports once they can no longer be taken back.
async fn forget(ground: Ground, stop: tokio_util::sync::CancellationToken) {
    while stop
        .run_until_cancelled(ground.clock.sleep(FORGET_EVERY))
        .await
        .is_some()
    {
        if let Err(error) = imports::forget_old(&ground).await {
            tracing::warn!(%error, "what old imports have left could not be deleted");
        }
    }
}

/// A door that is not safe to open is a matter of configuration, one that is taken a matter of the machine.
fn closed(error: ServeError) -> CliError {
    match error {
        ServeError::NeedsTls(_) | ServeError::NeedsToken(_) | ServeError::Tls(_) => {
            CliError::Misconfigured(whole(&error))
        }
        other => CliError::failed("opening the API")(Box::new(other)),
    }
}

fn start_logging(config: &Config) {
    let filter = tracing_subscriber::EnvFilter::new(&config.log);
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // A line that the log's disk does not take is lost; complaining there would end whoever wrote it.
        .log_internal_errors(false);
    if config.json_logs {
        logs.json().init();
    } else {
        logs.init();
    }
}

/// Made for this user alone; one that others can read is told, not changed.
fn private_folder(folder: &Path) -> Result<(), CliError> {
    if folder.exists() {
        return Ok(());
    }
    let made = make_private(folder);
    made.map_err(|error| {
        CliError::Misconfigured(format!("cannot make the folder {}: {error}", folder.display()))
    })
}

#[cfg(unix)]
fn make_private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

#[cfg(not(unix))]
fn make_private(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)
}

/// The secret by which this machine's command line is known, made once; answers its hash.
fn command_line_secret(data_dir: &Path) -> Result<String, CliError> {
    let file = data_dir.join(SECRET_FILE);
    let secret = match std::fs::read_to_string(&file) {
        Ok(secret) if secret.trim().len() >= 32 => secret.trim().to_owned(),
        _ => {
            let secret = format!(
                "{}{}",
                uuid::Uuid::new_v4().simple(),
                uuid::Uuid::new_v4().simple()
            );
            write_private(&file, &secret).map_err(|error| {
                CliError::Misconfigured(format!("cannot write {}: {error}", file.display()))
            })?;
            secret
        }
    };
    Ok(http::token::hash(&secret))
}

#[cfg(unix)]
fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(file)?;
    file.write_all(text.as_bytes())
}

#[cfg(not(unix))]
fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    std::fs::write(file, text)
}

/// What a person or a script waits for.
fn ready_line(bound: &[SocketAddr]) -> String {
    match bound.first() {
        Some(address) if address.ip().is_loopback() => format!("ready: http://{address}"),
        Some(address) => format!("ready: https://{address}"),
        None => "ready".to_owned(),
    }
}
