//! `drover-agent`: the agent's process and its command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    agent::cli::main()
}
