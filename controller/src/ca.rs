//! The farm's own certificate authority: its key, made at the first start and kept apart from the database; certificates
//! for the two doors of the link and for agents.
//!
//! Knows nothing of hosts' rows or of connections.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, CertifiedIssuer, DistinguishedName,
    DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, PublicKeyData, SanType, SerialNumber,
    date_time_ymd,
};
use rustls::pki_types::{CertificateDer, CertificateSigningRequestDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use sha2::{Digest, Sha256};
use shared::wire::{AGENT_URI, CERTIFICATE_LIFE, CONTROLLER_NAME};
use uuid::Uuid;

/// An agent's clock may be behind: its certificate is good from so long before it was made.
const BACKDATED: Duration = Duration::from_secs(3600);
const KEY_FILE: &str = "farm-ca.key";

/// The farm's CA. Its `Debug` keeps the key.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    pin: [u8; 32],
    link_secret: [u8; 32],
}

/// Why the CA cannot be had or does not sign.
#[derive(Debug, thiserror::Error)]
pub enum CaError {
    #[error("{doing} {}", .path.display())]
    File {
        doing: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("{} is not the key that this farm's CA has: restore it from where keys are kept", .path.display())]
    Key { path: PathBuf, source: rcgen::Error },
    #[error("signing")]
    Signing(#[source] rcgen::Error),
    #[error("the certificate request is not one that can be signed")]
    Request(#[source] rcgen::Error),
}

/// The key of an agent, as its certificate request proved that it has it.
#[derive(Debug, Clone)]
pub struct AgentKey {
    key: rcgen::PublicKey,
    /// SHA-256 of the public key, in hex.
    pub fingerprint: String,
}

/// What an agent's certificate says beside its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentCertificate {
    pub host: Uuid,
    /// In hex.
    pub serial: String,
    pub not_after: Timestamp,
}

impl AgentCertificate {
    /// A new one for `host`, from now on.
    pub fn new(host: Uuid, now: Timestamp) -> Self {
        // Whole seconds: a certificate knows no finer time, and the row must say what it says.
        let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
        let life = jiff::SignedDuration::try_from(CERTIFICATE_LIFE).unwrap_or(jiff::SignedDuration::MAX);
        Self {
            host,
            serial: format!("{:032x}", Uuid::new_v4().as_u128()),
            not_after: now.saturating_add(life).unwrap_or(Timestamp::MAX),
        }
    }
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority")
            .field("pin", &hex(&self.pin))
            .finish_non_exhaustive()
    }
}

impl Authority {
    /// Reads the CA's key from `keys`, or makes it (0600) where there is none yet.
    pub fn load_or_make(keys: &Path) -> Result<Self, CaError> {
        let path = keys.join(KEY_FILE);
        let failed = |doing| {
            let path = path.clone();
            move |source| CaError::File { doing, path, source }
        };
        match std::fs::read_to_string(&path) {
            Ok(pem) => {
                let key = KeyPair::from_pem(&pem).map_err(|source| CaError::Key {
                    path: path.clone(),
                    source,
                })?;
                Self::of(key)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let key = KeyPair::generate_for(&rcgen::PKCS_ED25519).map_err(CaError::Signing)?;
                std::fs::create_dir_all(keys).map_err(failed("making the folder of"))?;
                write_private(&path, key.serialize_pem().as_bytes()).map_err(failed("writing"))?;
                tracing::info!(path = %path.display(), "made the farm's CA; keep a copy of this key apart from the backups");
                Self::of(key)
            }
            Err(error) => Err(failed("reading")(error)),
        }
    }

    /// A CA that nobody keeps; for tests.
    pub fn ephemeral() -> Result<Self, CaError> {
        Self::of(KeyPair::generate_for(&rcgen::PKCS_ED25519).map_err(CaError::Signing)?)
    }

    /// The certificate follows from the key, so that the key alone is the CA.
    fn of(key: KeyPair) -> Result<Self, CaError> {
        let pin: [u8; 32] = Sha256::digest(key.subject_public_key_info()).into();
        let mut params = CertificateParams::default();
        params.distinguished_name = named("Drover farm");
        params.serial_number = Some(SerialNumber::from_slice(&pin[..16]));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let link_secret = Sha256::new_with_prefix("drover link, over restarts")
            .chain_update(key.serialize_der())
            .finalize()
            .into();
        let issuer = CertifiedIssuer::self_signed(params, key).map_err(CaError::Signing)?;
        Ok(Self {
            issuer,
            pin,
            link_secret,
        })
    }

    /// What a join token carries: SHA-256 of the CA's public key.
    pub fn pin(&self) -> [u8; 32] {
        self.pin
    }

    /// The same at every start, and nobody else's: by it a controller that was restarted tells its agents at once that
    /// their old links are gone.
    pub fn link_secret(&self) -> &[u8; 32] {
        &self.link_secret
    }

    pub fn certificate(&self) -> CertificateDer<'static> {
        self.issuer.der().clone()
    }

    /// A fresh key and certificate for a door of the link, and the CA behind it, as agents look for its key.
    pub fn door(&self) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), CaError> {
        let key = KeyPair::generate_for(&rcgen::PKCS_ED25519).map_err(CaError::Signing)?;
        let mut params = CertificateParams::new([CONTROLLER_NAME.to_owned()]).map_err(CaError::Signing)?;
        params.distinguished_name = named("Drover controller");
        // One that comes out of the key begins with zeros now and then, and is shorter then: a handshake of another length
        // may be one of another number of datagrams, which no simulated link could play again.
        let mut serial: [u8; 16] = rand::random();
        serial[0] = 0x40 | (serial[0] & 0x3f);
        params.serial_number = Some(SerialNumber::from_slice(&serial));
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &self.issuer).map_err(CaError::Signing)?;
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        Ok((vec![certificate.der().clone(), self.certificate()], key.into()))
    }

    /// The key of a certificate request, once its signature shows that the agent has it. What else the request wants is
    /// not looked at: an agent does not choose what its certificate says.
    pub fn read_request(csr: &[u8]) -> Result<AgentKey, CaError> {
        let csr = CertificateSigningRequestDer::from(csr);
        let read = CertificateSigningRequestParams::from_der(&csr).map_err(CaError::Request)?;
        let fingerprint = fingerprint(&read.public_key.subject_public_key_info());
        Ok(AgentKey {
            key: read.public_key,
            fingerprint,
        })
    }

    /// The certificate that says `what` of the agent with `key`.
    pub fn certify(&self, key: &AgentKey, what: &AgentCertificate) -> Result<rcgen::Certificate, CaError> {
        let mut params = CertificateParams::default();
        params.distinguished_name = named("Drover agent");
        let serial = u128::from_str_radix(&what.serial, 16)
            .unwrap_or_default()
            .to_be_bytes();
        params.serial_number = Some(SerialNumber::from_slice(&serial));
        let uri = format!("{AGENT_URI}{}", what.host);
        params.subject_alt_names = vec![SanType::URI(uri.try_into().map_err(CaError::Signing)?)];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        let end = Duration::from_secs(what.not_after.as_second().try_into().unwrap_or_default());
        let epoch = date_time_ymd(1970, 1, 1);
        params.not_after = epoch + end;
        params.not_before = epoch + end.saturating_sub(CERTIFICATE_LIFE + BACKDATED);
        let signing = CertificateSigningRequestParams {
            params,
            public_key: key.key.clone(),
        };
        signing.signed_by(&self.issuer).map_err(CaError::Signing)
    }
}

/// SHA-256 of a public key (SubjectPublicKeyInfo, DER), in hex.
pub fn fingerprint(key: &[u8]) -> String {
    hex(&Sha256::digest(key))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn named(name: &str) -> DistinguishedName {
    let mut names = DistinguishedName::new();
    names.push(DnType::CommonName, name);
    names
}

/// Writes a file that nobody else may read, whole or not at all.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write;
    let draft = path.with_extension("new");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&draft, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent_request() -> Vec<u8> {
        let key = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
        CertificateParams::default()
            .serialize_request(&key)
            .unwrap()
            .der()
            .to_vec()
    }

    #[test]
    fn the_ca_is_made_once_and_is_the_same_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("keys");
        let first = Authority::load_or_make(&keys).unwrap();
        let again = Authority::load_or_make(&keys).unwrap();
        assert_eq!(first.pin(), again.pin());
        assert_eq!(first.certificate(), again.certificate());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(keys.join(KEY_FILE))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        std::fs::write(keys.join(KEY_FILE), "not a key").unwrap();
        assert!(
            Authority::load_or_make(&keys).is_err(),
            "a damaged key is not silently replaced"
        );
    }

    #[test]
    fn a_certificate_names_the_agent_for_seven_days() {
        let ca = Authority::ephemeral().unwrap();
        let key = Authority::read_request(&agent_request()).unwrap();
        let now = Timestamp::from_millisecond(1_700_000_000_123).unwrap();
        let what = AgentCertificate::new(Uuid::from_u128(7), now);
        let made = ca.certify(&key, &what).unwrap();
        let (_, certificate) = x509_parser::parse_x509_certificate(made.der()).unwrap();
        assert_eq!(
            certificate.validity().not_after.timestamp(),
            1_700_000_000 + 7 * 24 * 3600
        );
        assert_eq!(
            certificate.validity().not_before.timestamp(),
            1_700_000_000 - 3600
        );
        assert_eq!(fingerprint(certificate.public_key().raw), key.fingerprint);
        let names = certificate.subject_alternative_name().unwrap().unwrap();
        let name = format!("{:?}", names.value.general_names);
        assert!(
            name.contains("spiffe://drover/agent/00000000-0000-0000-0000-000000000007"),
            "{name}"
        );
    }

    #[test]
    fn a_request_whose_signature_is_wrong_is_not_signed() {
        let mut csr = agent_request();
        let last = csr.len() - 1;
        csr[last] ^= 1;
        assert!(matches!(Authority::read_request(&csr), Err(CaError::Request(_))));
        assert!(Authority::read_request(b"hello").is_err());
    }

    #[test]
    fn the_pin_is_of_the_key_that_the_certificate_shows() {
        let ca = Authority::ephemeral().unwrap();
        let der = ca.certificate();
        let (_, certificate) = x509_parser::parse_x509_certificate(&der).unwrap();
        assert_eq!(Sha256::digest(certificate.public_key().raw).as_slice(), ca.pin());
    }
}
