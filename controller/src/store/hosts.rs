//! The machines that have joined the farm, and the certificates that they were given.

use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::error::StoreError;
use super::row::Row;
use super::session::{Session, sql};
use super::{AuditEntry, Store, audit};

/// A machine with an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostRow {
    pub id: Uuid,
    pub name: String,
    pub created_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
    pub last_seen: Option<Timestamp>,
    pub agent_version: Option<String>,
    /// Of the certificate that it was given last.
    pub certificate_serial: Option<String>,
    pub certificate_not_after: Option<Timestamp>,
    /// SHA-256 of its public key, in hex.
    pub key_fingerprint: String,
}

/// A machine that joins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewHost {
    pub id: Uuid,
    pub name: String,
    pub key_fingerprint: String,
}

/// A certificate that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateRow {
    pub serial: String,
    pub host_id: Uuid,
    /// SHA-256 of the request that it answers, in hex: the same request again gets the same certificate.
    pub csr_hash: String,
    pub issued_at: Timestamp,
    pub not_after: Timestamp,
    pub pem: String,
}

const SELECT: &str = "SELECT hosts.*, latest.serial AS certificate_serial, latest.not_after AS certificate_not_after \
     FROM hosts LEFT JOIN host_certificates AS latest ON latest.serial = (SELECT serial FROM host_certificates \
     WHERE host_id = hosts.id ORDER BY issued_at DESC, not_after DESC, serial LIMIT 1)";

impl HostRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let row = row.of("hosts", "id");
        Ok(Self {
            id: row.parsed("id")?,
            name: row.text("name")?,
            created_at: row.time("created_at")?,
            revoked_at: row.optional_time("revoked_at")?,
            last_seen: row.optional_time("last_seen")?,
            agent_version: row.optional_text("agent_version")?,
            certificate_serial: row.optional_text("certificate_serial")?,
            certificate_not_after: row.optional_time("certificate_not_after")?,
            key_fingerprint: row.text("key_fingerprint")?,
        })
    }
}

impl CertificateRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let row = row.of("host_certificates", "serial");
        Ok(Self {
            serial: row.text("serial")?,
            host_id: row.parsed("host_id")?,
            csr_hash: row.text("csr_hash")?,
            issued_at: row.time("issued_at")?,
            not_after: row.time("not_after")?,
            pem: row.text("pem")?,
        })
    }
}

impl Store {
    /// A host that joins without a token: the one of the demo, of a test. [`Store::take_join_token`] is the way of
    /// the others.
    pub async fn create_host(&self, host: NewHost, who: &str) -> Result<HostRow, StoreError> {
        let (who, now) = (who.to_owned(), self.now());
        self.write(move |session| Box::pin(async move { create(session, now, &host, &who).await }))
            .await
    }

    /// All hosts, the revoked ones too, in order of joining.
    pub async fn list_hosts(&self) -> Result<Vec<HostRow>, StoreError> {
        self.read(|session| {
            Box::pin(async move {
                let rows = made_select(" ORDER BY hosts.created_at, hosts.id")
                    .rows(session)
                    .await?;
                rows.iter().map(HostRow::read).collect()
            })
        })
        .await
    }

    pub async fn host(&self, id: Uuid) -> Result<Option<HostRow>, StoreError> {
        self.read(move |session| Box::pin(async move { find(session, id).await }))
            .await
    }

    /// The host with this public key, whether it is revoked or not.
    pub async fn host_by_key(&self, fingerprint: &str) -> Result<Option<HostRow>, StoreError> {
        let fingerprint = fingerprint.to_owned();
        self.read(move |session| Box::pin(async move { find_by_key(session, &fingerprint).await }))
            .await
    }

    /// Shuts a host out for good, on record. Once is enough: the first time stays.
    pub async fn revoke_host(&self, id: Uuid, who: &str) -> Result<HostRow, StoreError> {
        let (who, now) = (who.to_owned(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                let revoked = sql("UPDATE hosts SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL")
                    .bind(id)
                    .bind(now)
                    .execute(session)
                    .await?;
                let host = find(session, id)
                    .await?
                    .ok_or_else(|| StoreError::not_found("host", &id))?;
                if revoked > 0 {
                    let entry = AuditEntry::new(who, "host.revoke", id.to_string())
                        .before(json!({"name": host.name}));
                    audit::append(session, now, &entry).await?;
                }
                Ok(host)
            })
        })
        .await
    }

    /// Notes that a host is there, with this version of the agent.
    pub async fn touch_host(&self, id: Uuid, agent_version: &str) -> Result<(), StoreError> {
        let (agent_version, now) = (agent_version.to_owned(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                let touched = sql("UPDATE hosts SET last_seen = $2, agent_version = $3 WHERE id = $1")
                    .bind(id)
                    .bind(now)
                    .bind(agent_version)
                    .execute(session)
                    .await?;
                if touched == 0 {
                    Err(StoreError::not_found("host", &id))
                } else {
                    Ok(())
                }
            })
        })
        .await
    }

    /// Notes a certificate before it is handed out. Refused for a revoked host.
    pub async fn record_certificate(&self, certificate: CertificateRow) -> Result<(), StoreError> {
        self.write(move |session| {
            Box::pin(async move {
                let id = certificate.host_id;
                // The row is held, so that a revocation comes before or after and not in the middle.
                let live = sql("UPDATE hosts SET name = name WHERE id = $1 AND revoked_at IS NULL")
                    .bind(id)
                    .execute(session)
                    .await?;
                if live == 0 {
                    return Err(match find(session, id).await? {
                        None => StoreError::not_found("host", &id),
                        Some(_) => StoreError::Conflict(format!("the host {id} is revoked")),
                    });
                }
                sql(
                    "INSERT INTO host_certificates (serial, host_id, csr_hash, issued_at, not_after, pem) \
                     VALUES ($1, $2, $3, $4, $5, $6)",
                )
                .bind(&certificate.serial)
                .bind(id)
                .bind(&certificate.csr_hash)
                .bind(certificate.issued_at)
                .bind(certificate.not_after)
                .bind(&certificate.pem)
                .execute(session)
                .await
                .map(drop)
            })
        })
        .await
    }

    /// The newest certificate that answers this request.
    pub async fn certificate_for(
        &self,
        host: Uuid,
        csr_hash: &str,
    ) -> Result<Option<CertificateRow>, StoreError> {
        let csr_hash = csr_hash.to_owned();
        self.read(move |session| {
            Box::pin(async move {
                let row = sql(
                    "SELECT * FROM host_certificates WHERE host_id = $1 AND csr_hash = $2 \
                     ORDER BY issued_at DESC, not_after DESC, serial LIMIT 1",
                )
                .bind(host)
                .bind(csr_hash)
                .row(session)
                .await?;
                row.as_ref().map(CertificateRow::read).transpose()
            })
        })
        .await
    }
}

fn made_select(rest: &str) -> super::session::Sql {
    super::session::made_sql(format!("{SELECT}{rest}"))
}

pub(super) async fn find(session: &mut Session, id: Uuid) -> Result<Option<HostRow>, StoreError> {
    let row = made_select(" WHERE hosts.id = $1").bind(id).row(session).await?;
    row.as_ref().map(HostRow::read).transpose()
}

pub(super) async fn find_by_key(
    session: &mut Session,
    fingerprint: &str,
) -> Result<Option<HostRow>, StoreError> {
    let row = made_select(" WHERE hosts.key_fingerprint = $1")
        .bind(fingerprint)
        .row(session)
        .await?;
    row.as_ref().map(HostRow::read).transpose()
}

/// Creates a host in the transaction of its token.
pub(super) async fn create(
    session: &mut Session,
    now: Timestamp,
    host: &NewHost,
    who: &str,
) -> Result<HostRow, StoreError> {
    sql("INSERT INTO hosts (id, name, created_at, key_fingerprint) VALUES ($1, $2, $3, $4)")
        .bind(host.id)
        .bind(&host.name)
        .bind(now)
        .bind(&host.key_fingerprint)
        .execute(session)
        .await?;
    let entry = AuditEntry::new(who, "host.join", host.id.to_string()).after(json!({"name": host.name}));
    audit::append(session, now, &entry).await?;
    find(session, host.id)
        .await?
        .ok_or_else(|| StoreError::not_found("host", &host.id))
}
