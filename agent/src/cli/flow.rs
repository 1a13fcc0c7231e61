//! `drover-agent flow …`: for the people who write and mend packs, and for runs without a controller.

mod check;
mod find;
mod pack;
mod record;
pub(super) mod run;
mod screens;

use clap::Subcommand;
use shared::terminal::{Exit, Output};

use super::{CliError, Global, Target};

#[derive(Debug, Subcommand)]
pub(super) enum FlowCommand {
    /// Look for mistakes in a pack: syntax, unknown elements and functions, parameters, types.
    #[command(
        after_help = "Example:\n  drover-agent flow check flows/tiktok\n\nEnds with 1 where something is wrong; warnings alone are no fault."
    )]
    Check(check::CheckArgs),
    /// List the flows of a pack and what they take.
    #[command(after_help = "Example:\n  drover-agent flow list flows/tiktok")]
    List(check::ListArgs),
    /// Run a flow on a phone of this host.
    #[command(after_help = run::EXAMPLES)]
    Run(Box<run::RunArgs>),
    /// Tell which alternative of an element matches a stored screen, and why the others do not.
    #[command(
        after_help = "Examples:\n  drover-agent flow find --element post_button flows/tiktok --bundle bundles/20260102-post\n  drover-agent flow find --element post_button flows/tiktok --xml screen.xml --language fr\n\nEnds with 1 where nothing matches."
    )]
    Find(find::FindArgs),
    /// Check a pack against the stored screens in its folder `screens`.
    #[command(after_help = screens::EXAMPLE)]
    Test(screens::TestArgs),
    /// Operate an app from the terminal and get a draft of a script.
    #[command(after_help = record::EXAMPLE)]
    Record(record::RecordArgs),
}

pub(super) async fn run(global: &Global, command: FlowCommand, output: &Output) -> Result<Exit, CliError> {
    match command {
        FlowCommand::Check(args) => check::check(&args, *output),
        FlowCommand::List(args) => check::list(&args, *output),
        FlowCommand::Run(args) => run::run(global, *args, *output).await,
        FlowCommand::Find(args) => find::find(&args, *output),
        FlowCommand::Test(args) => screens::test(&args, *output),
        FlowCommand::Record(args) => record::record(global, &args, *output).await,
    }
}
