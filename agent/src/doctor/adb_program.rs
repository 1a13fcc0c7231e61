//! Is adb there, and is it one that works?

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use super::Finding;

const CHECK: &str = "adb_program";
/// Older ones lack the shell's exit codes on the wire.
const OLDEST: u32 = 26;
const DEADLINE: Duration = Duration::from_secs(5);

#[cfg(target_os = "linux")]
const INSTALL: &str = "install it: `apt-get install adb` on Debian and Ubuntu, `dnf install android-tools` on Fedora, `pacman -S android-tools` on Arch; or name it with --adb";
#[cfg(target_os = "macos")]
const INSTALL: &str = "install it: `brew install --cask android-platform-tools`; or name it with --adb";
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
const INSTALL: &str =
    "install Android's platform tools and put their folder into PATH; or name adb with --adb";

pub(super) async fn examine(named: Option<&Path>) -> Finding {
    let program = named.unwrap_or(Path::new("adb"));
    let asked = tokio::process::Command::new(program)
        .arg("version")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    match tokio::time::timeout(DEADLINE, asked).await {
        Ok(Ok(output)) => judge(&String::from_utf8_lossy(&output.stdout)),
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => Finding::bad(
            CHECK,
            format!("{} is not on this host", program.display()),
            INSTALL,
        ),
        Ok(Err(error)) => Finding::bad(
            CHECK,
            format!("{} cannot be run: {error}", program.display()),
            INSTALL,
        ),
        Err(_) => Finding::bad(CHECK, format!("{} hangs", program.display()), INSTALL),
    }
}

fn judge(said: &str) -> Finding {
    let value = |key: &str| {
        said.lines()
            .find_map(|line| line.strip_prefix(key))
            .map(str::trim)
    };
    let place = value("Installed as").unwrap_or("adb");
    let Some(version) = value("Version") else {
        let first = said.lines().next().unwrap_or("nothing");
        return Finding::warning(
            CHECK,
            format!("{place} says {first:?} of its version"),
            "it may be too old: get Android's platform tools",
        );
    };
    let major = version
        .split('.')
        .next()
        .and_then(|major| major.parse::<u32>().ok())
        .unwrap_or(0);
    if major < OLDEST {
        return Finding::warning(
            CHECK,
            format!("{place}, version {version}"),
            format!("too old, {OLDEST} or newer tells exit codes: get Android's platform tools"),
        );
    }
    Finding::good(CHECK, format!("{place}, version {version}"))
}

#[cfg(test)]
mod tests {
    use super::super::FindingState;
    use super::judge;

    #[test]
    fn the_version_decides() {
        let said = |version| {
            format!(
                "Android Debug Bridge version 1.0.41\nVersion {version}\nInstalled as /usr/lib/android-sdk/platform-tools/adb\n"
            )
        };
        assert_eq!(judge(&said("29.0.6-debian")).state, FindingState::Good);
        assert_eq!(judge(&said("23.1")).state, FindingState::Warning);
        assert_eq!(
            judge("Android Debug Bridge version 1.0.31\n").state,
            FindingState::Warning
        );
    }
}
