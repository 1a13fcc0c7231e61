//! `prepare`: the walk of `crate::prepare`, told step by step.

use clap::Args;
use serde_json::json;
use shared::terminal::{Exit, Output};
use std::path::PathBuf;

use super::session::Session;
use super::{CliError, Global, Target};
use crate::device::Device;
use crate::prepare::{Options, Step, StepState, prepare};
use crate::resources;

#[derive(Debug, Args)]
pub(super) struct PrepareArgs {
    #[command(flatten)]
    target: Target,
    /// Look only, change nothing.
    #[arg(long)]
    check: bool,
    /// The typing keyboard's app to install [default: where deploy/fetch-resident.sh puts it].
    #[arg(long, env = "DROVER_KEYBOARD_APK", value_name = "FILE")]
    keyboard_apk: Option<PathBuf>,
}

pub(super) async fn run(global: &Global, args: &PrepareArgs, output: &Output) -> Result<Exit, CliError> {
    if let Some(file) = args.keyboard_apk.as_ref().filter(|file| !file.is_file()) {
        return Err(CliError::Misconfigured(format!(
            "--keyboard-apk: there is no file {}",
            file.display()
        )));
    }
    let session = Session::start(global)?;
    let device = session.device(&args.target).await?;
    let options = Options {
        check_only: args.check,
        keyboard_apk: args.keyboard_apk.clone().or_else(resources::keyboard_apk),
        resident_jar: global.resident_jar.clone().or_else(resources::resident_jar),
    };
    let steps = prepare(&device, &options, |step| {
        if !output.is_json() {
            output.line(&tell(step));
        }
    })
    .await;
    let ready = steps.iter().all(|step| step.state.is_ready());
    let open = steps.iter().filter(|step| !step.state.is_ready()).count();
    let value = json!({"serial": device.serial(), "ready": ready, "steps": steps});
    output.result(&value, || {
        if ready {
            format!("\n{} is ready.", device.serial())
        } else {
            let things = if open == 1 {
                "1 thing is".to_owned()
            } else {
                format!("{open} things are")
            };
            format!(
                "\n{} is not ready: {things} left to do. Run this again afterwards.",
                device.serial()
            )
        }
    });
    session.end().await;
    Ok(if ready { Exit::Done } else { Exit::Failed })
}

fn tell(step: &Step) -> String {
    let mark = match step.state {
        StepState::Ok => "ok      ",
        StepState::Fixed => "fixed   ",
        StepState::WouldFix => "to fix  ",
        StepState::NeedsPerson => "YOU     ",
        StepState::Unseen => "look    ",
        StepState::Failed => "FAILED  ",
    };
    let advice = step
        .advice
        .as_ref()
        .map(|advice| format!("\n          → {advice}"))
        .unwrap_or_default();
    format!("{mark}  {}: {}{advice}", step.title, step.found)
}
