//! The product's own programs, as they were built beside the tests.

use std::path::PathBuf;

/// The path of a program of this workspace.
///
/// # Panics
/// Where it was not built: a test of a program that is not there would say nothing.
pub fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows where it lies");
    // target/PROFILE/deps/TEST or target/PROFILE/PROGRAM
    let folder = test.parent().expect("a file lies in a folder");
    let folder = if folder.ends_with("deps") {
        folder.parent().expect("deps lies in the profile's folder")
    } else {
        folder
    };
    let program = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(
        program.is_file(),
        "{} is not built: run `cargo build --workspace --bins` first, as `make test` does",
        program.display()
    );
    program
}
