//! Where the vault's keys lie: files that only the controller's user can read, made here or given by an operator.
//!
//! A file is never overwritten and never deleted: old backups need old keys.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::VaultError;
use super::seal::Key;
use crate::store::KeyId;

const PREFIX: &str = "vault-";
const SUFFIX: &str = ".key";
/// A key is at most this long as text; what is longer is another file.
const LARGEST_FILE: u64 = 1024;

/// Where keys are looked for.
#[derive(Debug, Clone, Default)]
pub struct KeyFiles {
    /// Keys that are made here lie here, as `vault-ID.key`.
    pub folder: PathBuf,
    /// Keys that an operator gives, say as systemd credentials: the first one is to be the current one.
    pub given: Vec<PathBuf>,
}

impl KeyFiles {
    /// All keys that are here.
    pub(super) fn read(&self) -> Result<BTreeMap<KeyId, Key>, VaultError> {
        let mut keys = BTreeMap::new();
        for path in self.in_folder()? {
            let key = read(&path)?;
            if path != self.path_of(key.id()) {
                return Err(VaultError::NotTheKey { path });
            }
            keys.insert(key.id().clone(), key);
        }
        for path in &self.given {
            let key = read(path)?;
            keys.insert(key.id().clone(), key);
        }
        Ok(keys)
    }

    /// The key that an operator wants to be the current one.
    pub(super) fn wanted(&self) -> Result<Option<Key>, VaultError> {
        self.given.first().map(|path| read(path)).transpose()
    }

    /// Makes a key that is safely on the disk when this returns.
    pub(super) fn make(&self) -> Result<Key, VaultError> {
        let key = Key::random();
        let path = self.path_of(key.id());
        write_private(&path, key.text().expose().as_bytes())
            .map_err(VaultError::file("writing the key", &path))?;
        tracing::info!(path = %path.display(), "made a key for secrets; keep a copy of it apart from the backups");
        Ok(key)
    }

    /// Where a key lies that is made here.
    pub(super) fn path_of(&self, key: &KeyId) -> PathBuf {
        self.folder.join(format!("{PREFIX}{key}{SUFFIX}"))
    }

    fn in_folder(&self) -> Result<Vec<PathBuf>, VaultError> {
        let failed = || VaultError::file("reading the folder", &self.folder);
        let entries = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed()(error)),
        };
        let mut paths = Vec::new();
        for entry in entries {
            let entry = entry.map_err(failed())?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(PREFIX) && name.ends_with(SUFFIX) {
                paths.push(entry.path());
            }
        }
        Ok(paths)
    }
}

fn read(path: &Path) -> Result<Key, VaultError> {
    let failed = || VaultError::file("reading the key", path);
    let size = std::fs::metadata(path).map_err(failed())?.len();
    if size > LARGEST_FILE {
        return Err(VaultError::NotAKey {
            path: path.to_owned(),
        });
    }
    let bytes = zeroize::Zeroizing::new(std::fs::read(path).map_err(failed())?);
    Key::read(&bytes).ok_or_else(|| VaultError::NotAKey {
        path: path.to_owned(),
    })
}

/// Written beside, flushed, linked into place: there is the whole key or none, and never in the place of another.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let draft = path.with_extension("new");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    if path.exists() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    std::fs::rename(&draft, path)?;
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        std::fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, KeyFiles) {
        let folder = tempfile::tempdir().unwrap();
        let files = KeyFiles {
            folder: folder.path().join("keys"),
            given: Vec::new(),
        };
        (folder, files)
    }

    #[test]
    fn a_key_that_was_made_is_found_again_and_is_for_its_owner_alone() {
        let (_folder, files) = folder();
        assert!(files.read().unwrap().is_empty());
        let key = files.make().unwrap();
        files.make().unwrap();
        assert_eq!(files.read().unwrap().len(), 2);
        assert!(files.read().unwrap().contains_key(key.id()));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(files.path_of(key.id()))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_file_that_is_not_what_its_name_says_is_told_by_name() {
        let (_folder, files) = folder();
        let key = files.make().unwrap();
        let path = files.path_of(key.id());
        std::fs::write(&path, Key::random().text().expose()).unwrap();
        assert!(matches!(files.read(), Err(VaultError::NotTheKey { path: told }) if told == path));
        std::fs::write(&path, "hunter2").unwrap();
        let error = files.read().unwrap_err();
        assert!(matches!(&error, VaultError::NotAKey { path: told } if *told == path));
        assert!(!error.to_string().contains("hunter2"));
    }

    #[test]
    fn keys_may_be_given_as_files_of_any_name() {
        let (folder, mut files) = folder();
        let given = folder.path().join("credential");
        let key = Key::random();
        std::fs::write(&given, key.text().expose()).unwrap();
        files.given = vec![given];
        assert_eq!(files.wanted().unwrap().unwrap().id(), key.id());
        assert!(files.read().unwrap().contains_key(key.id()));
        files.given = vec![folder.path().join("nowhere")];
        assert!(matches!(files.read(), Err(VaultError::File { .. })));
    }
}
