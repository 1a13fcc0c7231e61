//! The packs that come with the product are sound: nothing is wrong with them and nothing is odd.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

use std::path::{Path, PathBuf};

use shared::pack::Pack;
use shared::pack::files::PackFiles;

fn folder(pack: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../controller/flows")
        .join(pack)
}

#[test]
fn both_packs_are_checked_without_a_remark() {
    let mut told = String::new();
    for name in ["instagram", "tiktok"] {
        let files = PackFiles::from_folder(&folder(name)).unwrap();
        let faults = match Pack::read(files) {
            Ok((_, warnings)) => warnings,
            Err(faults) => faults,
        };
        for fault in faults {
            told.push_str(&format!("{name}/{fault}\n"));
        }
    }
    assert!(told.is_empty(), "{told}");
}
