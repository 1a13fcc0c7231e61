//! Looking for secrets where none may be: in plain, and as the usual ways of writing bytes would show them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Secrets that were planted, in every form in which they are looked for.
#[derive(Debug)]
pub struct Canary {
    forms: Vec<(String, Vec<u8>)>,
}

impl Canary {
    /// Each with the name by which a finding is told. They must be long enough not to come up by chance.
    ///
    /// # Panics
    /// Where one is too short.
    pub fn of(secrets: &[(&str, &str)]) -> Self {
        let mut forms = Vec::new();
        for (name, secret) in secrets {
            assert!(secret.len() >= 12, "{name} would be found by chance");
            let mut add = |form: String, bytes: Vec<u8>| forms.push((format!("{name} {form}"), bytes));
            add("in plain".to_owned(), secret.as_bytes().to_vec());
            add(
                "as UTF-16".to_owned(),
                secret.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            );
            let hex = secret
                .bytes()
                .fold(String::new(), |hex, byte| hex + format!("{byte:02x}").as_str());
            add("in upper-case hex".to_owned(), hex.to_uppercase().into_bytes());
            add("in hex".to_owned(), hex.into_bytes());
            for before in 0..3 {
                for (kind, engine) in [
                    ("Base64", &STANDARD_NO_PAD),
                    ("URL-safe Base64", &URL_SAFE_NO_PAD),
                ] {
                    let bytes = [vec![0; before], secret.as_bytes().to_vec()].concat();
                    let text = engine.encode(&bytes);
                    // Letters that depend on what stands before or behind are left out.
                    let inner = &text[[0, 2, 3][before]..bytes.len() * 8 / 6];
                    add(
                        format!("in {kind} behind {before} bytes"),
                        inner.as_bytes().to_vec(),
                    );
                }
            }
        }
        Self { forms }
    }

    /// What is found in these bytes first.
    pub fn find(&self, bytes: &[u8]) -> Option<&str> {
        let found = self.forms.iter().find(|(_, form)| contains(bytes, form));
        found.map(|(name, _)| name.as_str())
    }

    /// All files below a folder in which something is found.
    pub fn find_in_folder(&self, folder: &Path) -> io::Result<Vec<(PathBuf, String)>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                found.extend(self.find_in_folder(&path)?);
            } else if path.is_file()
                && let Some(name) = self.find(&fs::read(&path)?)
            {
                found.push((path, name.to_owned()));
            }
        }
        Ok(found)
    }

    /// What is found in the arguments and environment of processes whose arguments name `mark`, and in files without a
    /// name that they hold open.
    pub fn find_in_processes(&self, mark: &str) -> Vec<String> {
        let mut found = Vec::new();
        for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let path = process.path();
            let arguments = fs::read(path.join("cmdline")).unwrap_or_default();
            if !contains(&arguments, mark.as_bytes()) {
                continue;
            }
            let mut look = |what: &str, bytes: &[u8]| {
                if let Some(name) = self.find(bytes) {
                    found.push(format!(
                        "{name} in {what} of {}",
                        String::from_utf8_lossy(&arguments)
                    ));
                }
            };
            look("the arguments", &arguments);
            look(
                "the environment",
                &fs::read(path.join("environ")).unwrap_or_default(),
            );
            for open in fs::read_dir(path.join("fd")).into_iter().flatten().flatten() {
                let target = fs::read_link(open.path()).unwrap_or_default();
                if target.to_string_lossy().ends_with("(deleted)") {
                    look("a nameless file", &fs::read(open.path()).unwrap_or_default());
                }
            }
        }
        found
    }
}

fn contains(bytes: &[u8], form: &[u8]) -> bool {
    let Some(first) = form.first() else { return false };
    let mut rest = bytes;
    while let Some(place) = rest.iter().position(|byte| byte == first) {
        if rest[place..].starts_with(form) {
            return true;
        }
        rest = &rest[place + 1..];
    }
    false
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use base64::engine::general_purpose::STANDARD;

    use super::*;

    const SECRET: &str = "CanaryPassword42";

    #[test]
    fn a_secret_is_found_in_every_form_wherever_it_stands() {
        let canary = Canary::of(&[("the password", SECRET)]);
        for before in 0..7 {
            for behind in 0..4 {
                let bytes = [vec![b'{'; before], SECRET.as_bytes().to_vec(), vec![b'}'; behind]].concat();
                assert!(canary.find(&bytes).is_some());
                assert!(
                    canary.find(STANDARD.encode(&bytes).as_bytes()).is_some(),
                    "{before} {behind}"
                );
                let hex = bytes
                    .iter()
                    .fold(String::new(), |hex, byte| hex + format!("{byte:02x}").as_str());
                assert!(
                    canary.find(hex.as_bytes()).is_some()
                        && canary.find(hex.to_uppercase().as_bytes()).is_some()
                );
            }
        }
        assert_eq!(canary.find(b"CanaryPassword4"), None);
        assert_eq!(canary.find(b""), None);
    }

    #[test]
    fn a_process_that_is_told_a_secret_is_found() {
        let canary = Canary::of(&[("the password", SECRET)]);
        assert!(canary.find_in_processes("no-such-process-at-all").is_empty());
        let mut told = std::process::Command::new("sleep")
            .args(["60"])
            .env("PASSWORD", SECRET)
            .arg0_mark()
            .spawn()
            .unwrap();
        // A process is there before its arguments can be read.
        let deadline = Instant::now() + Duration::from_secs(30);
        let mut found = Vec::new();
        while found.is_empty() && Instant::now() < deadline {
            found = canary.find_in_processes("canary-mark");
        }
        told.kill().unwrap();
        told.wait().unwrap();
        assert_eq!(found.len(), 1, "{found:?}");
    }

    trait Mark {
        fn arg0_mark(&mut self) -> &mut Self;
    }

    impl Mark for std::process::Command {
        /// A name by which the process is known.
        fn arg0_mark(&mut self) -> &mut Self {
            std::os::unix::process::CommandExt::arg0(self, "canary-mark")
        }
    }
}
