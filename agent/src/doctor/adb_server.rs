//! Which adb server answers, and whose it is. Two servers fight over the same cables: an emulator, another farm
//! program or a desktop client that brings an adb of its own takes phones away and gives them back at will.

use std::time::Duration;

use super::Finding;
use crate::adb::AdbServer;

const CHECK: &str = "adb_server";
const DEADLINE: Duration = Duration::from_secs(3);

pub(super) async fn examine(server: &AdbServer) -> Finding {
    let port = server.addr.port();
    let version = server.version(DEADLINE).await;
    let owners = owners(port);
    match version {
        Ok(version) => {
            let who = owners
                .first()
                .map_or_else(|| "an unknown process".to_owned(), Owner::describe);
            let found = format!("one answers on port {port} (protocol {version}), run by {who}");
            match owners.first() {
                Some(owner) if owner.is_foreign() => Finding::warning(
                    CHECK,
                    found,
                    "it belongs to another program or user; the agent joins it, but that program may stop it or start its own version: \
                     close it, or give the agent a port of its own with --adb-port (then only one of the two sees the cables)",
                ),
                _ => Finding::good(CHECK, found),
            }
        }
        Err(error) if owners.is_empty() => Finding::good(
            CHECK,
            format!("none on port {port} yet; the agent starts one ({})", error.kind),
        ),
        Err(error) => {
            let who = owners.iter().map(Owner::describe).collect::<Vec<_>>().join(", ");
            Finding::bad(
                CHECK,
                format!(
                    "port {port} is taken by {who}, which is no adb server ({})",
                    error.kind
                ),
                "stop that program, or choose another port with --adb-port",
            )
        }
    }
}

/// A process that listens on the port.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Owner {
    pid: u32,
    command: String,
    user: Option<u32>,
}

impl Owner {
    fn describe(&self) -> String {
        let user = self.user.map(|user| format!(", user {user}")).unwrap_or_default();
        format!("`{}` (pid {}{user})", self.command, self.pid)
    }

    /// Not the adb that an operator or an agent starts.
    fn is_foreign(&self) -> bool {
        let program = self.command.split_whitespace().next().unwrap_or_default();
        let name = program.rsplit(['/', '\\']).next().unwrap_or_default();
        let other_program = name != "adb" && name != "adb.exe";
        let bundled = ["emulator", "scrcpy", "bluestacks", "nox", "airdroid", "vysor"]
            .iter()
            .any(|mark| program.to_ascii_lowercase().contains(mark));
        other_program || bundled || self.user.is_some_and(|user| Some(user) != own_user())
    }
}

#[cfg(target_os = "linux")]
fn own_user() -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").ok().map(|own| own.uid())
}

#[cfg(not(target_os = "linux"))]
fn own_user() -> Option<u32> {
    None
}

/// Who listens on `port`, by the kernel's tables. Processes of other users show only to root.
#[cfg(target_os = "linux")]
fn owners(port: u16) -> Vec<Owner> {
    use std::os::unix::fs::MetadataExt;
    let inodes: Vec<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| std::fs::read_to_string(table).ok())
        .flat_map(|table| listening_inodes(&table, port))
        .map(|inode| format!("socket:[{inode}]"))
        .collect();
    if inodes.is_empty() {
        return Vec::new();
    }
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    let holds = |process: &std::path::Path| {
        std::fs::read_dir(process.join("fd")).is_ok_and(|mut files| {
            files.any(|file| {
                file.and_then(|file| std::fs::read_link(file.path()))
                    .is_ok_and(|link| inodes.iter().any(|inode| link.as_os_str() == inode.as_str()))
            })
        })
    };
    processes
        .flatten()
        .filter_map(|entry| {
            let pid: u32 = entry.file_name().to_str()?.parse().ok()?;
            let path = entry.path();
            holds(&path).then(|| {
                let command = std::fs::read(path.join("cmdline")).unwrap_or_default();
                let words: Vec<_> = command
                    .split(|byte| *byte == 0)
                    .map(String::from_utf8_lossy)
                    .collect();
                let user = std::fs::metadata(&path).ok().map(|process| process.uid());
                Owner {
                    pid,
                    command: words.join(" ").trim().chars().take(120).collect(),
                    user,
                }
            })
        })
        .collect()
}

#[cfg(not(target_os = "linux"))]
fn owners(_port: u16) -> Vec<Owner> {
    Vec::new()
}

/// The sockets of `/proc/net/tcp` that listen on `port`.
#[cfg(target_os = "linux")]
fn listening_inodes(table: &str, port: u16) -> Vec<String> {
    const LISTEN: &str = "0A";
    let wanted = format!(":{port:04X}");
    table
        .lines()
        .skip(1)
        .filter_map(|line| {
            let columns: Vec<_> = line.split_whitespace().collect();
            let listens = columns.get(1)?.ends_with(&wanted) && *columns.get(3)? == LISTEN;
            listens.then(|| columns.get(9).map(ToString::to_string))?
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_listening_socket_is_found_with_its_process() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let owners = owners(port);
        assert_eq!(
            owners.iter().map(|owner| owner.pid).collect::<Vec<_>>(),
            [std::process::id()]
        );
        assert!(owners[0].is_foreign(), "this test is no adb");
        drop(listener);
    }

    #[test]
    fn an_adb_of_ones_own_is_not_foreign_and_one_that_came_with_another_program_is() {
        let owner = |command: &str| Owner {
            pid: 1,
            command: command.to_owned(),
            user: own_user(),
        };
        assert!(!owner("adb -L tcp:5037 fork-server server --reply-fd 4").is_foreign());
        assert!(owner("/opt/scrcpy/adb nodaemon server").is_foreign());
        assert!(owner("python3 -m http.server 5037").is_foreign());
    }
}
