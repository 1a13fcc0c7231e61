//! Installing and removing APKs: from a file, from stdin with `-S SIZE`, and in sessions.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::super::{Answer, ExitCode, Process};
use super::packages;
use crate::phone::apk::{self, ApkError, ApkManifest};
use crate::phone::packages::Installed;
use crate::phone::{Phone, identity, lock};

/// Bytes copied at a time.
const PIECE: usize = 64 * 1024;

/// `install [options] PATH`, `install -S SIZE [-]`, `install-write [-S SIZE] SESSION NAME [PATH|-]`.
pub(super) async fn run(process: &mut Process, words: &[&str]) -> ExitCode {
    let asked = match Asked::of(words) {
        Ok(asked) => asked,
        Err(text) => return process.say(|_, _| Answer::error(255, &text)).await,
    };
    let written = words[0] == "install-write";
    let staged = if written {
        session_file(&process.phone, asked.names.first().map_or("", String::as_str))
    } else {
        scratch_file(&process.phone)
    };
    let bytes = match stage(process, &asked, written, &staged).await {
        Ok(bytes) => bytes,
        Err(text) => {
            let _ = std::fs::remove_file(&staged);
            return process
                .say(|_, _| Answer {
                    out: format!("{text}\n"),
                    code: 1,
                    ..Answer::default()
                })
                .await;
        }
    };
    if written {
        return process
            .say(|_, _| Answer::line(&format!("Success: streamed {bytes} bytes")))
            .await;
    }
    let hint = asked.names.last().cloned();
    process
        .say(|phone, _| installed(phone, &staged, hint.as_deref()))
        .await
}

/// What stands on the command line.
struct Asked {
    size: Option<u64>,
    /// Words that are no options: a path; or session, name and path.
    names: Vec<String>,
}

impl Asked {
    fn of(words: &[&str]) -> Result<Self, String> {
        let mut asked = Self {
            size: None,
            names: Vec::new(),
        };
        let mut words = words.iter().skip(1);
        while let Some(word) = words.next() {
            match *word {
                "-S" => {
                    let size = words.next().and_then(|size| size.parse().ok());
                    asked.size = Some(size.ok_or("Error: -S needs a size")?);
                }
                "-i" | "--user" | "--abi" | "--install-location" | "--install-reason"
                | "--originating-uri" | "--referrer" | "-p" => drop(words.next()),
                "-" => {}
                option if option.starts_with('-') => {}
                name => asked.names.push(name.to_owned()),
            }
        }
        Ok(asked)
    }
}

fn scratch_file(phone: &Phone) -> PathBuf {
    // Two installations at once work on two files.
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = identity::mix(phone.spec.seed, NEXT.fetch_add(1, Ordering::Relaxed)) % 1_000_000_000;
    phone.files.host_path(&format!("/data/app/vmdl{number}.apk"))
}

fn session_file(phone: &Phone, session: &str) -> PathBuf {
    let digits: String = session.chars().filter(char::is_ascii_digit).collect();
    phone
        .files
        .host_path(&format!("/data/app/vmdl{digits}.session.apk"))
}

/// Copies the APK to where the installer works on it. The error is the failure as it is printed.
async fn stage(process: &mut Process, asked: &Asked, written: bool, to: &Path) -> Result<u64, String> {
    if process.phone.faults.has("storage_full") {
        return Err(
            "Failure [INSTALL_FAILED_INSUFFICIENT_STORAGE: Failed to override installation location]"
                .to_owned(),
        );
    }
    let failed = |error: std::io::Error| format!("Error: failed to write; {error}");
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let path = asked.names.get(if written { 2 } else { 0 });
    match (asked.size, path) {
        (_, Some(path)) => {
            let from = process.phone.files.host_path(&absolute(&process.cwd, path));
            tokio::fs::copy(&from, to)
                .await
                .map_err(|_| format!("Error: failed to open file: {path}. Error: open failed: ENOENT (No such file or directory)"))
        }
        (Some(size), None) => {
            let mut file = tokio::fs::File::create(to).await.map_err(failed)?;
            let mut left = size;
            let mut piece = vec![0; PIECE];
            while left > 0 {
                let room = piece.len().min(usize::try_from(left).unwrap_or(PIECE));
                let read = process.stdin.read(&mut piece[..room]).await.map_err(failed)?;
                if read == 0 {
                    return Err(
                        "Failure [INSTALL_PARSE_FAILED_NOT_APK: Failed to parse: stream ended early]"
                            .to_owned(),
                    );
                }
                file.write_all(&piece[..read]).await.map_err(failed)?;
                left -= read as u64;
            }
            file.flush().await.map_err(failed)?;
            Ok(size)
        }
        (None, None) => Err("Error: must either specify a package size or an APK file".to_owned()),
    }
}

fn absolute(cwd: &str, path: &str) -> String {
    if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("{cwd}/{path}")
    }
}

/// Reads the staged APK and makes it a package; the staged file is gone afterwards in any case.
fn installed(phone: &Phone, staged: &Path, hint: Option<&str>) -> Answer {
    let failure = |text: String| {
        let _ = std::fs::remove_file(staged);
        Answer {
            out: format!("Failure [{text}]\n"),
            code: 1,
            ..Answer::default()
        }
    };
    let name = staged
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let manifest = match apk::read(staged) {
        Ok(Some(manifest)) => manifest,
        Ok(None) => unnamed(staged, hint),
        Err(ApkError::NotZip) => {
            return failure(format!(
                "INSTALL_PARSE_FAILED_NOT_APK: Failed to parse /data/app/{name}: Failed to load asset path /data/app/{name}"
            ));
        }
        Err(error) => {
            return failure(format!(
                "INSTALL_PARSE_FAILED_UNEXPECTED_EXCEPTION: Failed to parse /data/app/{name}: {error}"
            ));
        }
    };
    let sdk = phone.spec.personality.sdk;
    if let Some(wanted) = manifest.min_sdk.filter(|wanted| *wanted > sdk) {
        return failure(format!(
            "INSTALL_FAILED_OLDER_SDK: Failed parse during installPackageLI: /data/app/{name} (at Binary XML file line #7): Requires newer sdk version #{wanted} (current version is #{sdk})"
        ));
    }
    match adopt(phone, staged, &manifest) {
        Ok(()) => Answer::line("Success"),
        Err(error) => failure(format!("INSTALL_FAILED_INTERNAL_ERROR: {error}")),
    }
}

/// An archive without a manifest is let in under a name of its own, so that tests need no real APK.
fn unnamed(staged: &Path, hint: Option<&str>) -> ApkManifest {
    let stem = hint
        .and_then(|hint| Path::new(hint).file_stem())
        .map(|stem| stem.to_string_lossy().to_lowercase())
        .unwrap_or_default();
    let mut word: String = stem.chars().filter(char::is_ascii_alphanumeric).collect();
    if word.is_empty() || word.chars().all(|one| one.is_ascii_digit()) {
        let length = std::fs::metadata(staged).map_or(0, |about| about.len());
        word = format!("app{length}");
    }
    ApkManifest {
        package: format!("com.example.{word}"),
        version_code: 1,
        version_name: Some("1.0".to_owned()),
        ..ApkManifest::default()
    }
}

fn adopt(phone: &Phone, staged: &Path, manifest: &ApkManifest) -> std::io::Result<()> {
    let name = &manifest.package;
    let folder = packages::folder_for(phone, name);
    let home = phone.files.host_path(&folder);
    std::fs::create_dir_all(&home)?;
    std::fs::rename(staged, home.join("base.apk"))?;
    let mut detail = serde_json::Map::new();
    detail.insert("package".into(), name.as_str().into());
    detail.insert("version_code".into(), manifest.version_code.into());
    let entry = phone.ledger.record("android", "app_installed", detail)?;
    let mut kept = lock(&phone.packages);
    let first = kept.installed.get(name).map_or(entry.at, |old| old.first_install);
    let uid = kept.uid_for(name);
    kept.removed.remove(name);
    kept.installed.insert(
        name.clone(),
        Installed {
            version_code: manifest.version_code,
            version_name: manifest.version_name.clone(),
            min_sdk: manifest.min_sdk.unwrap_or(1),
            target_sdk: manifest.target_sdk.or(manifest.min_sdk).unwrap_or(1),
            permissions: manifest.permissions.clone(),
            keyboards: manifest.keyboards.clone(),
            launchers: manifest.launchers.clone(),
            folder,
            uid,
            first_install: first,
            last_update: entry.at,
        },
    );
    let done = kept.keep();
    drop(kept);
    phone.ui().packages_changed(phone);
    done
}

pub(super) fn uninstall(phone: &Phone, args: &[&str]) -> Answer {
    let Some(name) = args.iter().find(|arg| !arg.starts_with('-')) else {
        return Answer::error(255, "Error: package name not specified");
    };
    let failure = |text: &str| Answer {
        out: format!("Failure [{text}]\n"),
        code: 1,
        ..Answer::default()
    };
    let Some(package) = packages::find(phone, name) else {
        return failure(if phone.spec.personality.sdk >= 29 {
            "not installed for 0"
        } else {
            "DELETE_FAILED_INTERNAL_ERROR"
        });
    };
    let mut detail = serde_json::Map::new();
    detail.insert("package".into(), (*name).into());
    if let Err(error) = phone.ledger.record("android", "app_uninstalled", detail) {
        return failure(&format!("DELETE_FAILED_INTERNAL_ERROR: {error}"));
    }
    {
        let mut ui = phone.ui();
        ui.force_stop(phone, name);
        ui.clear_data(phone, name);
    }
    {
        let mut kept = lock(&phone.packages);
        if let Some(gone) = kept.installed.remove(*name) {
            let _ = std::fs::remove_dir_all(phone.files.host_path(&gone.folder));
        } else {
            kept.removed.insert((*name).to_owned());
        }
    }
    phone.ui().packages_changed(phone);
    super::super::ime::package_gone(phone, &package.keyboards);
    super::kept(phone, Answer::line("Success"))
}

pub(super) fn create(phone: &Phone) -> Answer {
    let now = phone.spec.clock.now().0.as_millis() as u64;
    let session = 100_000_000 + identity::mix(phone.spec.seed, now) % 1_900_000_000;
    Answer::line(&format!("Success: created install session [{session}]"))
}

pub(super) fn commit(phone: &Phone, args: &[&str]) -> Answer {
    let session = args.first().copied().unwrap_or_default();
    let staged = session_file(phone, session);
    if !staged.exists() {
        return Answer::error(
            255,
            &format!(
                "\nException occurred while executing 'install-commit':\njava.lang.SecurityException: Caller has no access to session {session}"
            ),
        );
    }
    installed(phone, &staged, None)
}

pub(super) fn abandon(phone: &Phone, args: &[&str]) -> Answer {
    let _ = std::fs::remove_file(session_file(phone, args.first().copied().unwrap_or_default()));
    Answer::line("Success")
}
