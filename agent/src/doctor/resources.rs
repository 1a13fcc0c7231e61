//! The files that a deploy step fetches.

use std::path::Path;

use super::Finding;
use crate::resources;

const CHECK: &str = "resident_driver";

pub(super) fn examine(named: Option<&Path>) -> Finding {
    let named = named.map(Path::to_path_buf).filter(|file| file.is_file());
    if let Some(jar) = named.or_else(resources::resident_jar) {
        return Finding::good(CHECK, format!("its code is at {}", jar.display()));
    }
    let folders: Vec<_> = resources::folders()
        .iter()
        .map(|folder| folder.display().to_string())
        .collect();
    Finding::warning(
        CHECK,
        format!("u2.jar is in none of {}", folders.join(", ")),
        "run deploy/fetch-resident.sh; without it the plain driver works, slower, and blind while a video plays",
    )
}
