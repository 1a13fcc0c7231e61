//! What an agent keeps of its farm: its key, its certificate, the farm's pin. Everything is readable by its owner alone,
//! and is written whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;
use rcgen::{CertificateParams, KeyPair};
use serde::{Deserialize, Serialize};
use shared::wire::join::Certified;
use shared::wire::token::JoinToken;

const IDENTITY: &str = "identity.json";
const JOINING: &str = "joining.json";
const LOCK: &str = "lock";

/// Why the state cannot be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    #[error("{doing} {}", .path.display())]
    File {
        doing: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("{} cannot be read: {why}; remove it and enrol this host again", .path.display())]
    Broken { path: PathBuf, why: String },
    #[error("another agent runs with the state folder {}: each needs its own (--state)", .0.display())]
    InUse(PathBuf),
    #[error("making a key or a request for a certificate")]
    Crypto(#[from] rcgen::Error),
}

/// The folder in which it lies.
#[derive(Debug, Clone)]
pub struct StateFolder {
    path: PathBuf,
    /// Held while an agent runs; shared by the clones.
    lock: Option<Arc<File>>,
}

/// Who this host is in its farm. Its `Debug` keeps the key.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// The host's id in the farm, as a UUID.
    pub host: String,
    /// SHA-256 of the CA's public key.
    pub pin: [u8; 32],
    /// The private key, PEM.
    key: String,
    /// The certificate, DER.
    pub certificate: Vec<u8>,
    /// When it ends, by the controller's clock, milliseconds since 1970.
    pub not_after: i64,
    /// When another one is due, by this host's clock.
    pub renew_at: i64,
    /// The join doors, `HOST:PORT`, as they were named at enrolment.
    pub controllers: Vec<String>,
}

/// A join that has begun: the same key and request go out again until there is an answer.
pub(super) struct Joining {
    pub(super) key: String,
    pub(super) csr: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct IdentityFile {
    version: u32,
    host: String,
    pin: String,
    key: String,
    certificate: String,
    not_after: i64,
    renew_at: i64,
    controllers: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct JoiningFile {
    token_id: String,
    key: String,
    csr: String,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity")
            .field("host", &self.host)
            .field("not_after", &self.not_after)
            .finish_non_exhaustive()
    }
}

impl Identity {
    pub(super) fn new(
        pin: [u8; 32],
        key: String,
        certified: Certified,
        controllers: Vec<String>,
        now: Timestamp,
    ) -> Self {
        let mut identity = Self {
            host: uuid(certified.host),
            pin,
            key,
            certificate: Vec::new(),
            not_after: 0,
            renew_at: 0,
            controllers,
        };
        identity.renewed(certified.certificate, certified.not_after, certified.now, now);
        identity
    }

    /// Takes a new certificate. Two thirds of what is left of it are counted on this host's own clock.
    pub(crate) fn renewed(
        &mut self,
        certificate: Vec<u8>,
        not_after: i64,
        controllers_now: i64,
        now: Timestamp,
    ) {
        self.certificate = certificate;
        self.not_after = not_after;
        let left = not_after.saturating_sub(controllers_now).max(0);
        self.renew_at = now.as_millisecond().saturating_add(left / 3 * 2);
    }

    /// A request for a certificate, signed by the key.
    pub fn request(&self) -> Result<Vec<u8>, StateError> {
        request(&KeyPair::from_pem(&self.key)?)
    }

    /// The key as TLS wants it.
    pub fn key_der(&self) -> Result<Vec<u8>, StateError> {
        Ok(KeyPair::from_pem(&self.key)?.serialize_der())
    }
}

fn request(key: &KeyPair) -> Result<Vec<u8>, StateError> {
    // What the certificate will say is the controller's choice; the request only proves the key.
    Ok(CertificateParams::default()
        .serialize_request(key)?
        .der()
        .to_vec())
}

fn uuid(bytes: [u8; 16]) -> String {
    let hex = format!("{:032x}", u128::from_be_bytes(bytes));
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

impl StateFolder {
    /// The folder, made where it is missing.
    pub fn open(path: &Path) -> Result<Self, StateError> {
        let failed = |source| StateError::File {
            doing: "making the state folder",
            path: path.to_owned(),
            source,
        };
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path).map_err(failed)?;
        Ok(Self {
            path: path.to_owned(),
            lock: None,
        })
    }

    /// Where it lies where nobody says: a service's folder where this user may have it, else the user's own.
    pub fn default_path() -> PathBuf {
        const NAME: &str = "drover-agent";
        if let Some(own) = std::env::var_os(if cfg!(windows) {
            "LOCALAPPDATA"
        } else {
            "XDG_STATE_HOME"
        }) {
            return PathBuf::from(own).join(NAME);
        }
        let service = Path::new("/var/lib").join(NAME);
        match std::env::home_dir() {
            // Opening it makes it where that is allowed, which is the question.
            Some(home) if Self::open(&service).is_err() => home.join(".local/state").join(NAME),
            _ => service,
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Claims the folder for this process; two agents with one identity would push each other off the link.
    pub fn claim(mut self) -> Result<Self, StateError> {
        let path = self.path.join(LOCK);
        let failed = |source| StateError::File {
            doing: "locking",
            path: path.clone(),
            source,
        };
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(StateError::InUse(self.path)),
            Err(fs::TryLockError::Error(source)) => return Err(failed(source)),
        }
        self.lock = Some(Arc::new(file));
        Ok(self)
    }

    /// Who this host is; `None` where it has not joined a farm yet.
    pub fn identity(&self) -> Result<Option<Identity>, StateError> {
        let Some(file) = self.read::<IdentityFile>(IDENTITY)? else {
            return Ok(None);
        };
        let broken = |why: &str| StateError::Broken {
            path: self.path.join(IDENTITY),
            why: why.to_owned(),
        };
        if file.version != 1 {
            return Err(broken("it is of a newer agent"));
        }
        let pin = BASE64.decode(&file.pin).ok().and_then(|pin| pin.try_into().ok());
        Ok(Some(Identity {
            host: file.host,
            pin: pin.ok_or_else(|| broken("its pin is none"))?,
            key: file.key,
            certificate: BASE64
                .decode(&file.certificate)
                .map_err(|_| broken("its certificate is none"))?,
            not_after: file.not_after,
            renew_at: file.renew_at,
            controllers: file.controllers,
        }))
    }

    pub(crate) fn keep(&self, identity: &Identity) -> Result<(), StateError> {
        self.write(
            IDENTITY,
            &IdentityFile {
                version: 1,
                host: identity.host.clone(),
                pin: BASE64.encode(identity.pin),
                key: identity.key.clone(),
                certificate: BASE64.encode(&identity.certificate),
                not_after: identity.not_after,
                renew_at: identity.renew_at,
                controllers: identity.controllers.clone(),
            },
        )
    }

    /// The key and request that go with `token`: those of the last try with it, or new ones.
    pub(super) fn begin(&self, token: &JoinToken) -> Result<Joining, StateError> {
        let begun = self
            .read::<JoiningFile>(JOINING)?
            .filter(|begun| begun.token_id == token.id);
        if let Some(begun) = begun
            && let Ok(csr) = BASE64.decode(&begun.csr)
        {
            return Ok(Joining { key: begun.key, csr });
        }
        let key = KeyPair::generate_for(&rcgen::PKCS_ED25519)?;
        let joining = Joining {
            key: key.serialize_pem(),
            csr: request(&key)?,
        };
        let file = JoiningFile {
            token_id: token.id.clone(),
            key: joining.key.clone(),
            csr: BASE64.encode(&joining.csr),
        };
        self.write(JOINING, &file)?;
        Ok(joining)
    }

    /// The join is over.
    pub(super) fn joined(&self) -> Result<(), StateError> {
        let path = self.path.join(JOINING);
        fs::remove_file(&path).map_err(|source| StateError::File {
            doing: "removing",
            path,
            source,
        })
    }

    fn read<T: for<'de> Deserialize<'de>>(&self, name: &str) -> Result<Option<T>, StateError> {
        let path = self.path.join(name);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => {
                return Err(StateError::File {
                    doing: "reading",
                    path,
                    source,
                });
            }
        };
        serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|error| StateError::Broken {
                path,
                why: error.to_string(),
            })
    }

    fn write(&self, name: &str, value: &impl Serialize) -> Result<(), StateError> {
        let path = self.path.join(name);
        let draft = self.path.join(format!("{name}.new"));
        let written = (|| {
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.open(&draft)?;
            serde_json::to_writer_pretty(&mut file, value)?;
            file.write_all(b"\n")?;
            file.sync_all()?;
            fs::rename(&draft, &path)
        })();
        written.map_err(|source| StateError::File {
            doing: "writing",
            path,
            source,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(id: &str) -> JoinToken {
        JoinToken {
            pin: [1; 32],
            id: id.to_owned(),
            secret: "s".to_owned(),
        }
    }

    #[test]
    fn a_join_that_was_cut_off_goes_on_with_the_same_request_and_another_token_with_another() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateFolder::open(&folder.path().join("state")).unwrap();
        let first = state.begin(&token("a")).unwrap();
        let again = state.begin(&token("a")).unwrap();
        assert_eq!((&first.csr, &first.key), (&again.csr, &again.key));
        assert_ne!(first.csr, state.begin(&token("b")).unwrap().csr);
    }

    #[test]
    fn an_identity_is_kept_for_its_owner_alone_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateFolder::open(&folder.path().join("state")).unwrap();
        assert_eq!(state.identity().unwrap(), None);
        let joining = state.begin(&token("a")).unwrap();
        let certified = Certified {
            host: 7_u128.to_be_bytes(),
            certificate: vec![1, 2],
            authority: vec![],
            not_after: 700_000,
            now: 100_000,
            data_port: 1,
        };
        let now = Timestamp::from_millisecond(5_000).unwrap();
        let identity = Identity::new([1; 32], joining.key, certified, vec!["c:1".to_owned()], now);
        assert_eq!(
            identity.renew_at,
            5_000 + 400_000,
            "two thirds of what is left, on this host's clock"
        );
        assert_eq!(identity.host, "00000000-0000-0000-0000-000000000007");
        state.keep(&identity).unwrap();
        assert_eq!(state.identity().unwrap(), Some(identity));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(state.path().join(IDENTITY)), 0o600);
            assert_eq!(mode(state.path().to_owned()), 0o700);
        }
    }

    #[test]
    fn one_folder_serves_one_agent() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateFolder::open(folder.path()).unwrap();
        let first = state.clone().claim().unwrap();
        assert!(matches!(state.clone().claim(), Err(StateError::InUse(_))));
        drop(first);
        state.claim().unwrap();
    }
}
