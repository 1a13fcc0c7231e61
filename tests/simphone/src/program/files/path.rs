//! Tools about names of files: `basename`, `dirname`, `readlink`, `realpath`, `which`.

use super::super::{ExitCode, NAMES, Process};
use super::options;
use crate::phone::files::{link_target, resolve};

pub(super) async fn basename(process: &mut Process) -> ExitCode {
    let args: Vec<String> = process.args().into_iter().map(str::to_owned).collect();
    let Some(path) = args.first() else {
        return process.needs(1).await;
    };
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or("");
    let name = if name.is_empty() && !path.is_empty() {
        "/"
    } else {
        name
    };
    let suffix = args.get(1).map_or("", String::as_str);
    let short = name.strip_suffix(suffix).filter(|short| !short.is_empty());
    process.println(short.unwrap_or(name)).await;
    0
}

pub(super) async fn dirname(process: &mut Process) -> ExitCode {
    let Some(path) = process.argv.get(1).cloned() else {
        return process.needs(1).await;
    };
    let folder = match path.trim_end_matches('/').rsplit_once('/') {
        Some(("", _)) => "/",
        Some((folder, _)) => folder,
        None if path.starts_with('/') => "/",
        None => ".",
    };
    process.println(folder).await;
    0
}

pub(super) async fn readlink(process: &mut Process) -> ExitCode {
    let args: Vec<String> = process.args().into_iter().map(str::to_owned).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let (letters, paths) = options(&args);
    let Some(path) = paths.first() else {
        return process.needs(1).await;
    };
    let full = process.path(path);
    let target = if letters.contains('f') || letters.contains('e') {
        Some(resolve(&full))
    } else {
        link_target(&full).map(str::to_owned)
    };
    match target {
        Some(target) => {
            process.println(&target).await;
            0
        }
        None => 1,
    }
}

pub(super) async fn realpath(process: &mut Process) -> ExitCode {
    let Some(path) = process.argv.get(1).cloned() else {
        return process.needs(1).await;
    };
    let full = process.path(&path);
    let found = process.phone.files.stat(&full, true);
    match found {
        Ok(_) => {
            process.println(&resolve(&full)).await;
            0
        }
        Err(error) => process.failed(&path, &error).await,
    }
}

pub(super) async fn which(process: &mut Process) -> ExitCode {
    let args: Vec<String> = process.args().into_iter().map(str::to_owned).collect();
    let mut code = 0;
    for name in args.iter().filter(|arg| !arg.starts_with('-')) {
        if NAMES.contains(&name.as_str()) {
            process.println(&format!("/system/bin/{name}")).await;
        } else {
            code = 1;
        }
    }
    code
}
