//! Where files lie on this host: those that a deploy step fetches (the resident driver, the typing keyboard), and those
//! that the agent writes.

use std::path::PathBuf;

/// The resident driver's code, where it was fetched.
pub fn resident_jar() -> Option<PathBuf> {
    find("u2.jar")
}

/// The typing keyboard's app, where it was fetched.
pub fn keyboard_apk() -> Option<PathBuf> {
    find("keyboard.apk")
}

/// Where this user's agent keeps what it writes, unless it is told another place.
pub fn data_folder() -> Option<PathBuf> {
    std::env::var_os("XDG_DATA_HOME")
        .map(PathBuf::from)
        .or_else(home_data)
        .map(|folder| folder.join("drover-agent"))
}

/// The user's own folder first, then the system's.
pub fn folders() -> Vec<PathBuf> {
    let own = std::env::var_os("DROVER_RESOURCES").map(PathBuf::from);
    let home = std::env::var_os("XDG_DATA_HOME")
        .map(PathBuf::from)
        .or_else(home_data);
    let system = ["/usr/local/share/drover", "/usr/share/drover"].map(PathBuf::from);
    own.into_iter()
        .chain(home.map(|home| home.join("drover")))
        .chain(system)
        .collect()
}

fn find(name: &str) -> Option<PathBuf> {
    folders()
        .into_iter()
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

#[cfg(not(windows))]
fn home_data() -> Option<PathBuf> {
    std::env::home_dir().map(|home| home.join(".local/share"))
}

#[cfg(windows)]
fn home_data() -> Option<PathBuf> {
    std::env::var_os("LOCALAPPDATA").map(PathBuf::from)
}
