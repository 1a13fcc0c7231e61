//! `reboot` and `svc power reboot`: the connection falls before the program could end.

use super::{ExitCode, Process};
use crate::phone::boot;

pub(super) async fn run(process: &mut Process) -> ExitCode {
    boot::reboot(&process.phone, boot::USUAL);
    std::future::pending().await
}
