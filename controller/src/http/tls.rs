//! The API's own certificate: given by the operator, or made here, kept, and known by its fingerprint.

use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rcgen::{CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, date_time_ymd};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest as _, Sha256};
use shared::clock::SharedClock;

pub use crate::config::Tls as TlsWish;

/// Browsers take nothing that is good for longer.
const LIFE: Duration = Duration::from_secs(800 * 24 * 3600);
/// A certificate that ends within this time is made anew at the start.
const RENEW_BEFORE: Duration = Duration::from_secs(60 * 24 * 3600);
/// A client's clock may be behind.
const BACKDATED: Duration = Duration::from_secs(24 * 3600);
const CERTIFICATE_FILE: &str = "api-tls.pem";
const KEY_FILE: &str = "api-tls.key";

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("{doing} {}", .path.display())]
    File {
        doing: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("{} is not what it should be: {why}", .path.display())]
    Pem { path: PathBuf, why: String },
    #[error("making a certificate for the API")]
    Making(#[from] rcgen::Error),
    #[error("the API's certificate and key do not work together")]
    Pair(#[source] rustls::Error),
}

/// TLS that is ready to be served.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) config: Arc<rustls::ServerConfig>,
    /// SHA-256 of the certificate.
    pub(super) fingerprint: String,
}

/// What the configuration wants; `None` where it wants no TLS.
pub(super) fn config(
    wish: &TlsWish,
    keys_dir: &Path,
    names: &[String],
    clock: &SharedClock,
) -> Result<Option<Ready>, TlsError> {
    let (certificate, key) = match wish {
        TlsWish::Off => return Ok(None),
        TlsWish::Given { certificate, key } => (certificate.clone(), key.clone()),
        TlsWish::SelfMade => {
            let paths = (keys_dir.join(CERTIFICATE_FILE), keys_dir.join(KEY_FILE));
            if !is_good(&paths.0, &paths.1, names, clock.now()) {
                make(&paths.0, &paths.1, names, clock.now())?;
            }
            paths
        }
    };
    let chain = read_chain(&certificate)?;
    let fingerprint = chain.first().map(|first| fingerprint(first)).unwrap_or_default();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Pair)?
        .with_no_client_auth()
        .with_single_cert(chain, read_key(&key)?)
        .map_err(TlsError::Pair)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Some(Ready {
        config: Arc::new(config),
        fingerprint,
    }))
}

fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let pem = read(path)?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match chain {
        Ok(chain) if !chain.is_empty() => Ok(chain),
        Ok(_) => Err(TlsError::Pem {
            path: path.to_owned(),
            why: "it holds no certificate".to_owned(),
        }),
        Err(error) => Err(TlsError::Pem {
            path: path.to_owned(),
            why: error.to_string(),
        }),
    }
}

fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_slice(&read(path)?).map_err(|error| TlsError::Pem {
        path: path.to_owned(),
        why: error.to_string(),
    })
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|source| TlsError::File {
        doing: "reading",
        path: path.to_owned(),
        source,
    })
}

/// As browsers show it: bytes in hex with colons.
fn fingerprint(certificate: &[u8]) -> String {
    let bytes = Sha256::digest(certificate);
    let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    bytes.join(":")
}

/// Whether what was made before still serves: it is whole, for all the names, and not about to end.
fn is_good(certificate: &Path, key: &Path, names: &[String], now: Timestamp) -> bool {
    let (Ok(chain), Ok(_)) = (read_chain(certificate), read_key(key)) else {
        return false;
    };
    let Some(Ok((_, read))) = chain
        .first()
        .map(|first| x509_parser::parse_x509_certificate(first))
    else {
        return false;
    };
    let end = read.validity().not_after.timestamp();
    let told = read.subject_alternative_name().ok().flatten();
    let told = told
        .map(|told| format!("{:?}", told.value.general_names))
        .unwrap_or_default();
    let named = host_names(names).iter().all(|name| match name.parse::<IpAddr>() {
        Ok(_) => true,
        Err(_) => told.contains(&format!("{name:?}")),
    });
    named && end - now.as_second() > RENEW_BEFORE.as_secs() as i64
}

/// Names without ports, loopback's among them.
fn host_names(names: &[String]) -> Vec<String> {
    let mut hosts = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    for name in names {
        let host = match name.strip_prefix('[') {
            Some(rest) => rest.split(']').next(),
            None => name.split(':').next(),
        };
        hosts.extend(host.filter(|host| !host.is_empty()).map(str::to_ascii_lowercase));
    }
    hosts.sort();
    hosts.dedup();
    hosts
}

fn make(certificate: &Path, key: &Path, names: &[String], now: Timestamp) -> Result<(), TlsError> {
    let pair = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
    let mut params = CertificateParams::new(host_names(names))?;
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, "Drover API");
    params.distinguished_name = subject;
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let now = Duration::from_secs(now.as_second().unsigned_abs());
    let epoch = date_time_ymd(1970, 1, 1);
    params.not_before = epoch + now.saturating_sub(BACKDATED);
    params.not_after = epoch + (now + LIFE);
    let made = params.self_signed(&pair)?;
    write(key, pair.serialize_pem().as_bytes())?;
    write(certificate, made.pem().as_bytes())?;
    tracing::info!(certificate = %certificate.display(), "made a certificate for the API");
    Ok(())
}

/// Writes a file that nobody else may read, whole or not at all.
fn write(path: &Path, bytes: &[u8]) -> Result<(), TlsError> {
    let failed = |source| TlsError::File {
        doing: "writing",
        path: path.to_owned(),
        source,
    };
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(failed)?;
    // Temporary files are their owner's alone.
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    io::Write::write_all(&mut file, bytes).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map(drop).map_err(|error| failed(error.error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::clock::ManualClock;

    fn fingerprint_of(folder: &Path, names: &[&str], clock: &SharedClock) -> String {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        config(&TlsWish::SelfMade, folder, &names, clock)
            .unwrap()
            .unwrap()
            .fingerprint
    }

    #[test]
    fn a_self_made_certificate_is_kept_until_its_names_or_its_end_ask_for_another() {
        let folder = tempfile::tempdir().unwrap();
        let manual = Arc::new(ManualClock::new(Timestamp::from_second(1_800_000_000).unwrap()));
        let clock: SharedClock = manual.clone();
        let keys = folder.path().join("keys");
        let first = fingerprint_of(&keys, &["farm.lan:8443"], &clock);
        assert_eq!(first.len(), 32 * 3 - 1);
        assert_eq!(first, fingerprint_of(&keys, &["farm.lan"], &clock));
        let renamed = fingerprint_of(&keys, &["farm.lan", "other.lan"], &clock);
        assert_ne!(first, renamed);
        manual.advance(LIFE.saturating_sub(RENEW_BEFORE));
        assert_ne!(renamed, fingerprint_of(&keys, &["other.lan"], &clock));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(keys.join(KEY_FILE))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_given_file_that_is_no_certificate_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.pem");
        std::fs::write(&file, "hello").unwrap();
        let clock: SharedClock = Arc::new(shared::clock::SystemClock);
        let wish = TlsWish::Given {
            certificate: file.clone(),
            key: file,
        };
        let error = config(&wish, folder.path(), &[], &clock).unwrap_err().to_string();
        assert!(error.contains("a.pem"), "{error}");
    }
}
