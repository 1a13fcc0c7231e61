//! The command line: starting the controller, and asking or telling a running one.
//!
//! Results go to stdout, as tables or with `--json` as JSON; everything else goes to stderr. Commands that ask a running
//! controller do so over its local API, with a secret that only this machine's user can read.

mod accounts;
mod api_token;
mod ask;
mod attention;
mod backup;
mod client;
mod config;
mod doctor;
mod exports;
mod groups;
mod imports;
mod keys;
mod materials;
mod packs;
mod password;
mod schedules;
mod serve;
mod settings;
mod tasks;
mod transfer;
mod users;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand};
use shared::terminal::{Exit, Output};

use crate::config::{Config, ConfigError, Layers};
use crate::store::StoreError;
use client::ClientError;

const EXIT_CODES: &str = "\
Exit codes:
  0   done
  1   the controller refused, or a check found something to do
  2   the command line is wrong
  65  the input is wrong
  69  the controller or the database cannot be reached
  75  it may work later (another controller is active, the database is busy)
  78  the configuration is wrong

Settings come from the command line, else DROVER_… variables, else the file of --config, else defaults;
`drover-controller config show` lists them with their origin.";

/// The controller of a Drover phone farm.
#[derive(Debug, Parser)]
#[command(name = "drover-controller", version, after_long_help = EXIT_CODES, propagate_version = true, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options that every command understands.
#[derive(Debug, Clone, Args)]
struct Global {
    /// The configuration file (TOML).
    #[arg(long, global = true, env = "DROVER_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder of the database, the keys, media and backups.
    #[arg(long, global = true, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
    /// sqlite:FILE or postgres://USER@HOST/NAME; a password belongs into DROVER_DATABASE_URL_FILE, not here.
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
    /// Addresses of the API and the console, separated by commas.
    #[arg(long, global = true, value_name = "ADDRESSES")]
    listen: Option<String>,
    /// Any other setting; may be given several times.
    #[arg(long = "set", global = true, value_name = "NAME=VALUE", value_parser = assignment)]
    set: Vec<(String, String)>,
    /// Answer in JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the controller until Ctrl-C or TERM.
    Serve(serve::ServeArgs),
    /// Tell whether the controller runs and all is well.
    Status,
    /// Tokens with which hub hosts enrol and clients call the API.
    #[command(subcommand)]
    Token(TokenCommand),
    /// The hub hosts and their links.
    #[command(subcommand)]
    Hosts(HostsCommand),
    /// The farm's phones.
    #[command(subcommand)]
    Devices(DevicesCommand),
    /// People who may use the console, and what they may do.
    #[command(subcommand)]
    Users(users::UsersCommand),
    /// The packs by which apps are operated, and what was changed of them.
    #[command(subcommand)]
    Packs(packs::PacksCommand),
    /// Groups of phones.
    #[command(subcommand)]
    Groups(groups::GroupsCommand),
    /// The keys that seal passwords and 2FA secrets.
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// The operator's accounts on both platforms.
    #[command(subcommand)]
    Accounts(AccountsCommand),
    /// What phones have to do, do and have done.
    #[command(subcommand)]
    Tasks(TasksCommand),
    /// What is done again and again, and when.
    #[command(subcommand)]
    Schedules(schedules::SchedulesCommand),
    /// The library of what is to be published.
    #[command(subcommand)]
    Materials(MaterialsCommand),
    /// What waits for a person.
    #[command(subcommand)]
    Attention(attention::AttentionCommand),
    /// Everything that the farm knows, out again.
    #[command(subcommand)]
    Export(ExportCommand),
    /// Save the whole database to a file, while the controller runs or not.
    Backup(backup::BackupArgs),
    /// Put a saved database in the place of the present one; refused while a controller runs on it.
    Restore(backup::RestoreArgs),
    /// What can be changed while the farm runs.
    #[command(subcommand)]
    Settings(settings::SettingsCommand),
    /// What is configured, and where it comes from.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Check what goes wrong on controllers, and say what to do.
    Doctor,
    /// Print the API's OpenAPI document; no controller has to run.
    Openapi,
    /// Print the completions of a shell.
    Completions { shell: clap_complete::Shell },
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Make a token for one new hub host; it works once.
    Create {
        /// Seconds until it expires.
        #[arg(long, default_value_t = 3600, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(60..=604_800))]
        ttl: u64,
    },
    /// Make a token for clients of the API, straight in the database; its secret is shown once.
    Api {
        /// What it is for.
        name: String,
        /// read sees, control acts on phones, admin changes hosts, tokens and settings; each holds those before it.
        #[arg(long, default_value = "control", value_parser = ["read", "control", "admin"])]
        scope: String,
        /// Days until it expires; for ever where it is left out.
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=3650))]
        days: Option<u32>,
    },
}

#[derive(Debug, Subcommand)]
enum HostsCommand {
    /// List them.
    List,
    /// Shut one out for good and close its link.
    Revoke {
        /// Its id, as `hosts list` shows it.
        id: uuid::Uuid,
    },
}

#[derive(Debug, Subcommand)]
enum DevicesCommand {
    /// List them.
    List,
    /// Have another phone take a phone's place: accounts, groups, schedules, index, name and waiting tasks go to it.
    Replace {
        /// The phone that broke, by its serial or any alias.
        old: String,
        /// The phone that takes its place.
        #[arg(long, value_name = "SERIAL")]
        by: String,
        /// Do it also where that phone has accounts of its own, which it keeps.
        #[arg(long)]
        merge: bool,
    },
    /// Change a phone's index or name, or say that a replaced one is in use again.
    Set {
        serial: String,
        /// The number under which operators know it; unique in the farm.
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
        index: Option<u32>,
        #[arg(long)]
        name: Option<String>,
        /// It is in use again, although another phone took its place.
        #[arg(long)]
        in_use: bool,
    },
}

#[derive(Debug, Subcommand)]
enum AccountsCommand {
    /// List them, newest first.
    List(accounts::ListArgs),
    /// Show all that is known of one, but its secrets.
    Show(accounts::OneArgs),
    /// Make one.
    Add(accounts::AddArgs),
    /// Change what is given of one.
    Set(accounts::SetArgs),
    /// Delete one or more; what they did stays readable.
    Rm(accounts::RmArgs),
    /// Print the 2FA code that is good now; this is on record.
    Totp(accounts::OneArgs),
    /// Print the password; this is on record.
    Reveal(accounts::OneArgs),
    /// Make and change accounts from a sheet: all rows or none; ends with 65 where the sheet is faulty.
    Import(imports::ImportArgs),
    /// Take the last import back, within 24 hours.
    Undo(imports::UndoArgs),
    /// Write the accounts into a sheet that can be imported again.
    Export(exports::ExportArgs),
}

#[derive(Debug, Subcommand)]
enum TasksCommand {
    /// List them, newest first.
    List(tasks::ListArgs),
    /// Show all that is known of one: its attempts, its acts, its files, the end of its log.
    Show(tasks::OneArgs),
    /// Print the log of an attempt.
    Log(tasks::LogArgs),
    /// Write all that is known of one into a zip: the task, its logs, its files.
    Bundle(tasks::BundleArgs),
    /// Have a script run, on phones or for accounts; prints the ids of the tasks.
    Create(tasks::CreateArgs),
    /// Stop one or more.
    Stop(tasks::SeveralArgs),
    /// Have failed ones done again.
    Retry(tasks::RetryArgs),
    /// Delete one or more; what they did stays on record.
    Delete(tasks::SeveralArgs),
    /// How many there are in each status.
    Stats,
}

#[derive(Debug, Subcommand)]
enum MaterialsCommand {
    /// Take files in; prints the ids of the materials.
    Add(materials::AddArgs),
    /// List them, newest first.
    List(materials::ListArgs),
    /// Show all that is known of one.
    Show(materials::OneArgs),
    /// Change what is given of one or more.
    Set(materials::SetArgs),
    /// Delete one or more with their files; what a task has stays.
    Remove(materials::SeveralArgs),
}

#[derive(Debug, Subcommand)]
enum ExportCommand {
    /// Write accounts, tasks, devices, hosts, settings and the record into a folder, as sheets and JSON.
    All(exports::AllArgs),
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Every setting with its value and its origin; secrets are masked.
    Show,
    /// An annotated file with every setting at its default, to start from.
    Example,
}

/// Why a command did not do what it should.
#[derive(Debug, thiserror::Error)]
enum CliError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}")]
    Misconfigured(String),
    #[error("{0}")]
    BadInput(String),
    /// A file that was given is not what it should be.
    #[error(transparent)]
    BadFile(Box<dyn std::error::Error + Send + Sync>),
    #[error("{0}")]
    TryLater(String),
    #[error("{doing}")]
    Failed {
        doing: String,
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl CliError {
    fn failed(doing: impl Into<String>) -> impl FnOnce(Box<dyn std::error::Error + Send + Sync>) -> Self {
        let doing = doing.into();
        move |source| Self::Failed { doing, source }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Config(_) | Self::Misconfigured(_) => Exit::Misconfigured,
            Self::Client(error) => error.exit(),
            Self::Store(StoreError::Busy(_) | StoreError::InUse { .. } | StoreError::NotLeader) => {
                Exit::TryLater
            }
            Self::Store(_) => Exit::Unavailable,
            Self::BadInput(_) | Self::BadFile(_) => Exit::BadInput,
            Self::TryLater(_) => Exit::TryLater,
            Self::Failed { .. } => Exit::Failed,
        }
    }
}

/// Parses the command line and runs it.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let output = Output::new(cli.global.json);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return output.fail(&error, Exit::Failed).into(),
    };
    let result = runtime.block_on(run(&cli.global, cli.command, output));
    runtime.shutdown_timeout(std::time::Duration::from_secs(5));
    match result {
        Ok(exit) => exit.into(),
        Err(error) => output.fail(&error, error.exit()).into(),
    }
}

async fn run(global: &Global, command: Command, output: Output) -> Result<Exit, CliError> {
    match command {
        Command::Completions { shell } => {
            clap_complete::generate(
                shell,
                &mut Cli::command(),
                "drover-controller",
                &mut std::io::stdout(),
            );
            Ok(Exit::Done)
        }
        Command::Openapi => {
            output.line(&crate::http::openapi().to_string());
            Ok(Exit::Done)
        }
        Command::Config(ConfigCommand::Example) => {
            output.line(&config::example());
            Ok(Exit::Done)
        }
        Command::Config(ConfigCommand::Show) => config::show(&layers(global)?, output),
        Command::Settings(settings::SettingsCommand::Docs) => {
            output.line(crate::settings::docs::markdown().trim_end());
            Ok(Exit::Done)
        }
        command => {
            let config = Config::from_layers(&layers(global)?)?;
            match command {
                Command::Serve(args) => serve::run(config, &args, output).await,
                Command::Status => ask::status(&config, output).await,
                Command::Token(TokenCommand::Create { ttl }) => ask::new_token(&config, ttl, output).await,
                Command::Token(TokenCommand::Api { name, scope, days }) => {
                    api_token::make(&config, name, scope, days, output).await
                }
                Command::Hosts(HostsCommand::List) => ask::hosts(&config, output).await,
                Command::Hosts(HostsCommand::Revoke { id }) => ask::revoke(&config, id, output).await,
                Command::Devices(DevicesCommand::List) => ask::devices(&config, output).await,
                Command::Devices(DevicesCommand::Set {
                    serial,
                    index,
                    name,
                    in_use,
                }) => ask::set_device(&config, &serial, (index, name, in_use), output).await,
                Command::Devices(DevicesCommand::Replace { old, by, merge }) => {
                    ask::replace_device(&config, &old, &by, merge, output).await
                }
                Command::Keys(command) => keys::run(&config, &command, output).await,
                Command::Accounts(AccountsCommand::List(args)) => {
                    accounts::list(&config, &args, output).await
                }
                Command::Accounts(AccountsCommand::Show(args)) => {
                    accounts::show(&config, &args, output).await
                }
                Command::Accounts(AccountsCommand::Add(args)) => accounts::add(&config, &args, output).await,
                Command::Accounts(AccountsCommand::Set(args)) => accounts::set(&config, &args, output).await,
                Command::Accounts(AccountsCommand::Rm(args)) => accounts::rm(&config, &args, output).await,
                Command::Accounts(AccountsCommand::Totp(args)) => {
                    accounts::totp(&config, &args, output).await
                }
                Command::Accounts(AccountsCommand::Reveal(args)) => {
                    accounts::reveal(&config, &args, output).await
                }
                Command::Accounts(AccountsCommand::Import(args)) => {
                    imports::import(&config, &args, output).await
                }
                Command::Accounts(AccountsCommand::Undo(args)) => imports::undo(&config, &args, output).await,
                Command::Accounts(AccountsCommand::Export(args)) => {
                    exports::accounts(&config, &args, output).await
                }
                Command::Tasks(command) => match command {
                    TasksCommand::List(args) => tasks::list(&config, &args, output).await,
                    TasksCommand::Show(args) => tasks::show(&config, &args, output).await,
                    TasksCommand::Log(args) => tasks::log(&config, &args, output).await,
                    TasksCommand::Bundle(args) => tasks::bundle(&config, &args, output).await,
                    TasksCommand::Create(args) => tasks::create(&config, &args, output).await,
                    TasksCommand::Stop(args) => tasks::stop(&config, &args, output).await,
                    TasksCommand::Retry(args) => tasks::retry(&config, &args, output).await,
                    TasksCommand::Delete(args) => tasks::delete(&config, &args, output).await,
                    TasksCommand::Stats => tasks::stats(&config, output).await,
                },
                Command::Users(command) => users::run(&config, &command, output).await,
                Command::Packs(command) => packs::run(&config, &command, output).await,
                Command::Groups(command) => groups::run(&config, &command, output).await,
                Command::Schedules(command) => schedules::run(&config, &command, output).await,
                Command::Materials(command) => match command {
                    MaterialsCommand::Add(args) => materials::add(&config, &args, output).await,
                    MaterialsCommand::List(args) => materials::list(&config, &args, output).await,
                    MaterialsCommand::Show(args) => materials::show(&config, &args, output).await,
                    MaterialsCommand::Set(args) => materials::set(&config, &args, output).await,
                    MaterialsCommand::Remove(args) => materials::remove(&config, &args, output).await,
                },
                Command::Settings(command) => settings::run(&config, &command, output).await,
                Command::Attention(command) => attention::run(&config, &command, output).await,
                Command::Export(ExportCommand::All(args)) => exports::all(&config, &args, output).await,
                Command::Backup(args) => backup::save(&config, &args, output).await,
                Command::Restore(args) => backup::restore(&config, &args, output).await,
                Command::Doctor => doctor::run(&config, output).await,
                Command::Config(_) | Command::Openapi | Command::Completions { .. } => Ok(Exit::Done),
            }
        }
    }
}

fn layers(global: &Global) -> Result<Layers, ConfigError> {
    let mut command_line = global.set.clone();
    let text = |path: &PathBuf| path.display().to_string();
    let named = [
        ("data_dir", global.data_dir.as_ref().map(text)),
        ("database_url", global.database_url.clone()),
        ("listen", global.listen.clone()),
    ];
    command_line.extend(
        named
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?))),
    );
    Layers::collect(
        global.config.as_deref(),
        |name| std::env::var(name).ok(),
        &command_line,
    )
}

/// `NAME=VALUE`.
fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("give NAME=VALUE, such as plan=pro".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
