//! `flow run`: one flow on one phone, with a stand-in for the controller. Results on stdout, progress on stderr.

use std::collections::BTreeMap;
use std::io::{BufRead as _, IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use clap::Args;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use shared::clock::{Clock as _, SharedClock, SystemClock};
use shared::pack::failure::FailureKind;
use shared::pack::files::hex;
use shared::pack::{Flow, Pack};
use shared::secret::SecretText;
use shared::terminal::{Exit, Output};
use shared::totp::{TotpSeed, step_begins};
use tokio_util::sync::CancellationToken;

use super::{CliError, Global, Target, pack};
use crate::cli::session::Session;
use crate::device::Device;
use crate::flow::commit::GrantRequest;
use crate::flow::commit::local::LocalGrantor;
use crate::flow::failure::Failure;
use crate::flow::pace::Pace;
use crate::flow::step::{Step, Watch};
use crate::flow::thread::ScriptThread;
use crate::flow::{self, Account, Material, MaterialKind, Outcome, Rig, Secrets, Task};
use crate::journal::Journal;

pub(super) const EXAMPLES: &str = "\
Examples:
  drover-agent flow run flows/tiktok/sync_data -s SIM0001
  drover-agent flow run flows/instagram/follow -s SIM0001 --set target_user=anna --account me
  drover-agent flow run flows/tiktok/post -s SIM0001 --set captions='Hi {all|friends}' --material video.mp4 --allow-commits
  drover-agent flow run flows/instagram/login -s SIM0001 --account me --password-file pw --totp-secret-file seed

A lasting act (a post, a follow) is asked for on the terminal before it is done; --allow-commits says yes to all. What
was asked, intended and done stands in a journal: the same command again after a crash finds out what was done and does
nothing twice. After a run that came to its end the same command is a new task.

The result is printed as JSON. A failure has exit code 1 and leaves a bundle: the last screen, its hierarchy, the steps.
Limits and other states that may pass end with 75, a phone out of reach with 69, wrong parameters with 65.";

/// A password or seed file is a line; a larger one is the wrong file.
const LARGEST_SECRET: u64 = 4 << 10;
const LARGEST_PARAMETERS: u64 = 4 << 20;

#[derive(Debug, Args)]
pub(in crate::cli) struct RunArgs {
    /// The pack's folder and the flow's name, as flows/tiktok/post.
    #[arg(value_name = "PACK/FLOW")]
    flow: PathBuf,
    #[command(flatten)]
    target: Target,
    /// A parameter of the flow; may be given several times. Lists as JSON, in square brackets.
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = assignment)]
    set: Vec<(String, Value)>,
    /// All parameters as a JSON object in a file, `-` for stdin; --set wins.
    #[arg(long, value_name = "FILE")]
    parameters: Option<PathBuf>,
    /// Whose session it is.
    #[arg(long, value_name = "USERNAME")]
    account: Option<String>,
    /// The account's e-mail address.
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// A file with the account's password.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// A file with the account's 2FA setup key (Base32).
    #[arg(long, value_name = "FILE")]
    totp_secret_file: Option<PathBuf>,
    /// A file for the flow, such as a video to post; may be given several times, in order.
    #[arg(long, value_name = "FILE")]
    material: Vec<PathBuf>,
    /// Do lasting acts without asking.
    #[arg(long)]
    allow_commits: bool,
    /// Where the journal and the bundles lie [default: flows under the user's data folder].
    #[arg(long, value_name = "DIR", env = "DROVER_FLOW_JOURNAL")]
    journal: Option<PathBuf>,
    /// Where a failure's bundle is put [default: bundles/… beside the journal].
    #[arg(long, value_name = "DIR")]
    bundle: Option<PathBuf>,
    /// Live so many times faster than real: for simulated phones that do the same.
    #[arg(long, default_value_t = 1.0, value_name = "N", value_parser = speed)]
    speed: f64,
    /// The app's package, where the pack knows several [default: the first that is installed].
    #[arg(long, value_name = "PACKAGE")]
    package: Option<String>,
    /// Everything random follows from it [default: the task's name].
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Names the task: the same name resumes it after a crash [default: from the command itself].
    #[arg(long, value_name = "NAME")]
    task: Option<String>,
    /// Seconds after which the flow is ended, in its own time.
    #[arg(long, value_name = "SECONDS", default_value_t = flow::LONGEST_RUN.as_secs())]
    longest: u64,
}

fn assignment(text: &str) -> Result<(String, Value), String> {
    let (name, value) = text.split_once('=').ok_or("give NAME=VALUE")?;
    let value = match value.trim_start().chars().next() {
        Some('[') => {
            serde_json::from_str(value).map_err(|error| format!("{name} looks like JSON: {error}"))?
        }
        _ => Value::from(value),
    };
    Ok((name.trim().to_owned(), value))
}

pub(in crate::cli) fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if (0.01..=1_000.0).contains(&speed) => Ok(speed),
        _ => Err("a number from 0.01 to 1000".to_owned()),
    }
}

pub(super) async fn run(global: &Global, args: RunArgs, output: Output) -> Result<Exit, CliError> {
    let (folder, name) = split(&args.flow)?;
    let (pack, _) = pack::read(&folder)?;
    let Some(flow) = pack.flow(&name).cloned() else {
        let names: Vec<&str> = pack.flows.iter().map(|flow| flow.name.as_str()).collect();
        return Err(CliError::BadInput(format!(
            "the pack {} has no flow {name}: it has {}",
            pack.name,
            names.join(", ")
        )));
    };
    let materials = args
        .material
        .iter()
        .map(|path| material(path))
        .collect::<Result<Vec<_>, _>>()?;
    let parameters = parameters(&args, &flow, &materials, output)?;
    let secrets = LocalSecrets::read(&args)?;
    let folder = journal_folder(&args)?;
    let journal = Journal::open(&folder).map_err(|error| CliError::Misconfigured(chain(&error)))?;
    let grantor = Arc::new(
        LocalGrantor::open(&folder, consent(args.allow_commits))
            .map_err(|error| CliError::Misconfigured(chain(&error)))?,
    );
    let session = Session::start(global)?;
    let device: Arc<dyn Device> = Arc::new(session.device(&args.target).await?);
    let task = task(
        &args,
        Arc::new(pack),
        &flow,
        parameters,
        materials,
        device.as_ref(),
        secrets.seed.is_some(),
    );
    let clock: SharedClock = Arc::new(SystemClock);
    let bundle = args.bundle.clone().unwrap_or_else(|| {
        let stamp = clock.now().strftime("%Y%m%d-%H%M%S").to_string();
        folder
            .join("bundles")
            .join(format!("{stamp}-{}-{}", flow.name, &task.attempt[..8]))
    });
    let name = task.name.clone();
    let rig = Rig {
        device: Arc::clone(&device),
        grantor: Arc::clone(&grantor) as Arc<dyn crate::flow::commit::Grantor>,
        journal: Arc::new(Mutex::new(journal)),
        secrets: Arc::new(secrets),
        watch: Arc::new(OnTerminal {
            output,
            verbose: global.verbose > 0,
        }),
        pace: Pace::new(clock, args.speed),
        bundle: Some(bundle),
        longest: Duration::from_secs(args.longest),
        thread: ScriptThread::default(),
    };
    let stop = CancellationToken::new();
    let stopping = stop.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stopping.cancel();
        }
        // The second one does not wait for the phone.
        if tokio::signal::ctrl_c().await.is_ok() {
            std::process::exit(130);
        }
    });
    let outcome = flow::run(task, rig, stop).await;
    if outcome.result.is_ok() {
        grantor
            .finish(&name)
            .map_err(|error| CliError::Misconfigured(chain(&error)))?;
    }
    if let Some(note) = device.note() {
        output.remark(&format!("note: {note}"));
    }
    session.end().await;
    Ok(tell(&outcome, output))
}

fn tell(outcome: &Outcome, output: Output) -> Exit {
    let took = outcome.took.as_secs_f64();
    match &outcome.result {
        Ok(result) => {
            output.line(&pretty(
                &json!({"ok": true, "result": result, "steps": outcome.steps, "took_s": took}),
            ));
            Exit::Done
        }
        Err(failure) => {
            output.line(&pretty(&json!({
                "ok": false, "error": failure, "bundle": outcome.bundle, "steps": outcome.steps, "took_s": took,
            })));
            let place = failure
                .place
                .as_ref()
                .map(|place| format!(" ({}:{})", place.file, place.line))
                .unwrap_or_default();
            output.remark(&format!("failed: {failure}{place}"));
            if let Some(bundle) = &outcome.bundle {
                output.remark(&format!("bundle: {}", bundle.display()));
            }
            exit(failure)
        }
    }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn exit(failure: &Failure) -> Exit {
    match failure.kind {
        FailureKind::Device if !failure.uncertain => Exit::Unavailable,
        FailureKind::Device | FailureKind::Limited | FailureKind::Timeout | FailureKind::ControllerAway => {
            Exit::TryLater
        }
        FailureKind::AppMissing => Exit::Misconfigured,
        _ => Exit::Failed,
    }
}

/// `flows/tiktok/post` → the folder and the flow.
fn split(path: &Path) -> Result<(PathBuf, String), CliError> {
    let name = path.file_name().and_then(|name| name.to_str());
    match (path.parent(), name) {
        (Some(folder), Some(name)) if !folder.as_os_str().is_empty() => {
            Ok((folder.to_owned(), name.trim_end_matches(".rhai").to_owned()))
        }
        _ => Err(CliError::BadInput(format!(
            "{}: give the pack's folder and the flow's name, as flows/tiktok/post",
            path.display()
        ))),
    }
}

/// What was given, with the files beside it, checked.
fn parameters(
    args: &RunArgs,
    flow: &Flow,
    materials: &[Material],
    output: Output,
) -> Result<Map<String, Value>, CliError> {
    let mut values = match &args.parameters {
        None => Map::new(),
        Some(file) => match serde_json::from_str(&text_of(file, LARGEST_PARAMETERS)?) {
            Ok(Value::Object(map)) => map,
            Ok(_) => {
                return Err(CliError::BadInput(format!(
                    "{} is no JSON object",
                    file.display()
                )));
            }
            Err(error) => return Err(CliError::BadInput(format!("{}: {error}", file.display()))),
        },
    };
    values.extend(args.set.iter().cloned());
    if flow
        .parameters
        .get("materials")
        .is_some_and(|parameter| parameter.given)
        && !materials.is_empty()
    {
        let hashes: Vec<&str> = materials.iter().map(|material| material.hash.as_str()).collect();
        values.entry("materials").or_insert_with(|| hashes.into());
    }
    match flow.parameters.check_all(&values) {
        Ok(checked) => {
            for warning in &checked.warnings {
                output.remark(&format!("warning: {warning}"));
            }
            Ok(checked.values)
        }
        Err(faults) => {
            let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
            Err(CliError::BadInput(lines.join("\n")))
        }
    }
}

fn task(
    args: &RunArgs,
    pack: Arc<Pack>,
    flow: &Flow,
    parameters: Map<String, Value>,
    materials: Vec<Material>,
    device: &dyn Device,
    has_2fa: bool,
) -> Task {
    let account = Account {
        id: None,
        username: args.account.clone().unwrap_or_default(),
        email: args.email.clone().unwrap_or_default(),
        has_2fa,
    };
    // The same command is the same task, so that it goes on after a crash.
    let hashes: BTreeMap<usize, &str> = materials
        .iter()
        .map(|one| one.hash.as_str())
        .enumerate()
        .collect();
    let all = json!([device.serial(), pack.name, flow.name, parameters, account, hashes]).to_string();
    let digest = Sha256::digest(all.as_bytes());
    let hex = hex(digest.first_chunk::<8>().map_or(&[], <[u8; 8]>::as_slice));
    let name = args.task.clone().unwrap_or(hex);
    let attempt = format!("{:032x}", rand::random::<u128>());
    let seed = args.seed.unwrap_or_else(|| {
        let bytes: [u8; 8] = digest.first_chunk().copied().unwrap_or_default();
        u64::from_be_bytes(bytes)
    });
    Task {
        name,
        attempt,
        pack,
        flow: flow.name.clone(),
        parameters,
        account,
        materials,
        seed,
        package: args.package.clone(),
    }
}

fn material(path: &Path) -> Result<Material, CliError> {
    const LARGEST: u64 = 4 << 30;
    let io = |source| CliError::Io {
        doing: format!("reading {}", path.display()),
        source,
    };
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let ending = path
        .extension()
        .map(|ending| ending.to_string_lossy().to_ascii_lowercase())
        .unwrap_or_default();
    let kind = match ending.as_str() {
        "mp4" | "mov" | "m4v" | "webm" | "3gp" => MaterialKind::Video,
        "jpg" | "jpeg" | "png" | "webp" => MaterialKind::Image,
        _ => {
            return Err(CliError::BadInput(format!(
                "{}: a material is a video (mp4, mov, m4v, webm, 3gp) or an image (jpg, png, webp)",
                path.display()
            )));
        }
    };
    let mut file = std::fs::File::open(path).map_err(io)?.take(LARGEST);
    let mut hasher = Sha256::new();
    std::io::copy(&mut file, &mut hasher).map_err(io)?;
    let hash = hex(&hasher.finalize());
    Ok(Material {
        name,
        kind,
        hash,
        path: path.to_owned(),
    })
}

fn journal_folder(args: &RunArgs) -> Result<PathBuf, CliError> {
    if let Some(folder) = &args.journal {
        return Ok(folder.clone());
    }
    crate::resources::data_folder()
        .map(|folder| folder.join("flows"))
        .ok_or_else(|| {
            CliError::Misconfigured(
                "no data folder is known (HOME is not set): give --journal DIR".to_owned(),
            )
        })
}

fn text_of(file: &Path, largest: u64) -> Result<String, CliError> {
    let io = |source| CliError::Io {
        doing: format!("reading {}", file.display()),
        source,
    };
    let mut text = String::new();
    if file.as_os_str() == "-" {
        std::io::stdin()
            .take(largest)
            .read_to_string(&mut text)
            .map_err(io)?;
    } else {
        let opened = std::fs::File::open(file).map_err(io)?;
        opened.take(largest).read_to_string(&mut text).map_err(io)?;
    }
    Ok(text)
}

fn chain(error: &dyn std::error::Error) -> String {
    let source = error
        .source()
        .map(|source| format!(": {source}"))
        .unwrap_or_default();
    format!("{error}{source}")
}

/// Asks on the terminal, unless everything was allowed beforehand.
fn consent(allowed: bool) -> crate::flow::commit::local::Consent {
    Box::new(move |request: &GrantRequest| {
        if allowed {
            return Ok(true);
        }
        if !std::io::stdin().is_terminal() {
            return Err(format!(
                "{} {} leaves something behind: give --allow-commits, or run it on a terminal and answer there",
                request.commit, request.key
            ));
        }
        let mut stderr = std::io::stderr().lock();
        let _ = write!(stderr, "{} {}? [y/N] ", request.commit, request.key);
        let _ = stderr.flush();
        let mut line = String::new();
        std::io::stdin()
            .lock()
            .read_line(&mut line)
            .map_err(|error| format!("the answer could not be read: {error}"))?;
        Ok(matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
    })
}

/// The run on stderr.
struct OnTerminal {
    output: Output,
    verbose: bool,
}

impl Watch for OnTerminal {
    fn step(&self, step: &Step) {
        if self.verbose {
            let element = step.element.as_deref().unwrap_or_default();
            let alternative = step
                .alternative
                .map(|number| format!("#{number}"))
                .unwrap_or_default();
            let failed = step
                .failed
                .as_deref()
                .map(|failed| format!(" ✗ {failed}"))
                .unwrap_or_default();
            self.output.remark(&format!(
                "{:4} {:7.1}s {} {element}{alternative} {}{failed}",
                step.index,
                step.at_ms as f64 / 1000.0,
                step.what,
                step.detail
            ));
        }
    }

    fn progress(&self, percent: u8, line: &str) {
        self.output.remark(&format!("{percent:3} % {line}"));
    }

    fn log(&self, line: &str) {
        self.output.remark(line);
    }
}

/// Secrets out of files of this host.
struct LocalSecrets {
    password: Option<SecretText>,
    seed: Option<TotpSeed>,
    last_step: Mutex<i64>,
}

impl LocalSecrets {
    fn read(args: &RunArgs) -> Result<Self, CliError> {
        let line = |file: &PathBuf| -> Result<SecretText, CliError> {
            let text = SecretText::new(text_of(file, LARGEST_SECRET)?);
            let line = text.expose().lines().next().unwrap_or_default();
            if line.is_empty() {
                return Err(CliError::BadInput(format!("{} is empty", file.display())));
            }
            Ok(SecretText::new(line))
        };
        let seed = args.totp_secret_file.as_ref().map(line).transpose()?;
        let seed = match seed {
            None => None,
            Some(text) => Some(TotpSeed::parse(text.expose()).ok_or_else(|| {
                CliError::BadInput("the 2FA setup key must be Base32 with at least 16 letters".to_owned())
            })?),
        };
        Ok(Self {
            password: args.password_file.as_ref().map(line).transpose()?,
            seed,
            last_step: Mutex::new(i64::MIN),
        })
    }
}

#[async_trait]
impl Secrets for LocalSecrets {
    async fn password(&self) -> Result<SecretText, Failure> {
        self.password
            .clone()
            .ok_or_else(|| Failure::script("the flow needs the account's password: give --password-file"))
    }

    async fn totp(&self) -> Result<SecretText, Failure> {
        /// A code that ends while it is typed is worth nothing.
        const FEWEST_SECONDS: u32 = 3;
        let seed = self
            .seed
            .as_ref()
            .ok_or_else(|| Failure::script("the flow needs a 2FA code: give --totp-secret-file"))?;
        loop {
            let now = SystemClock.now();
            let code = seed.at(now);
            {
                let mut last = self
                    .last_step
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                if code.step > *last && code.seconds_left >= FEWEST_SECONDS {
                    *last = code.step;
                    return Ok(code.code);
                }
            }
            let next = step_begins(code.step + 1).duration_since(now);
            let wait = Duration::try_from(next).unwrap_or_default();
            SystemClock.sleep(wait + Duration::from_millis(50)).await;
        }
    }
}
