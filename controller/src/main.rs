//! `drover-controller`: the controller's process and its command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    controller::cli::main()
}
