//! Tokens with which a machine joins the farm once. Only the hash of a token's secret is kept.

use jiff::Timestamp;
use serde_json::json;
use subtle::ConstantTimeEq;

use super::error::StoreError;
use super::hosts::{self, HostRow, NewHost};
use super::row::Row;
use super::session::{Session, sql};
use super::{AuditEntry, Store, audit};

/// What became of an attempt to join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// The token was good and is used now; the host is new, or the one that had this key before.
    Taken(HostRow),
    /// The same request had the token before: its answer was lost on the way. Or the key is a revoked host's.
    SameAgain(HostRow),
    Used,
    Expired,
    /// No such token, or not its secret.
    Unknown,
}

struct JoinToken {
    secret_hash: String,
    expires_at: Timestamp,
    csr_hash: Option<String>,
    host_id: Option<uuid::Uuid>,
}

impl JoinToken {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let row = row.of("join_tokens", "id");
        Ok(Self {
            secret_hash: row.text("secret_hash")?,
            expires_at: row.time("expires_at")?,
            csr_hash: row.optional_text("csr_hash")?,
            host_id: row.optional_parsed("host_id")?,
        })
    }
}

impl Store {
    pub async fn create_join_token(
        &self,
        id: &str,
        secret_hash: &str,
        expires_at: Timestamp,
        who: &str,
    ) -> Result<(), StoreError> {
        let (id, secret_hash, who, now) = (id.to_owned(), secret_hash.to_owned(), who.to_owned(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                sql("INSERT INTO join_tokens (id, secret_hash, created_at, expires_at) VALUES ($1, $2, $3, $4)")
                    .bind(&id)
                    .bind(secret_hash)
                    .bind(now)
                    .bind(expires_at)
                    .execute(session)
                    .await?;
                let entry = AuditEntry::new(who, "join_token.create", id)
                    .after(json!({"expires_at": expires_at.to_string()}));
                audit::append(session, now, &entry).await.map(drop)
            })
        })
        .await
    }

    /// Uses a token up for a host and creates the host, or says why not. Of many who try at once one succeeds.
    pub async fn take_join_token(
        &self,
        id: &str,
        secret_hash: &str,
        csr_hash: &str,
        host: NewHost,
    ) -> Result<Taken, StoreError> {
        let (id, secret_hash, csr_hash, now) = (
            id.to_owned(),
            secret_hash.to_owned(),
            csr_hash.to_owned(),
            self.now(),
        );
        self.write(move |session| {
            Box::pin(async move { take(session, now, &id, &secret_hash, &csr_hash, &host).await })
        })
        .await
    }
}

async fn take(
    session: &mut Session,
    now: Timestamp,
    id: &str,
    secret_hash: &str,
    csr_hash: &str,
    host: &NewHost,
) -> Result<Taken, StoreError> {
    // Writing the row, if only what it holds already, keeps every other attempt waiting until this one is over.
    let row = sql("UPDATE join_tokens SET id = id WHERE id = $1 RETURNING *")
        .bind(id)
        .row(session)
        .await?;
    let Some(row) = row else { return Ok(Taken::Unknown) };
    let token = JoinToken::read(&row)?;
    if !bool::from(token.secret_hash.as_bytes().ct_eq(secret_hash.as_bytes())) {
        return Ok(Taken::Unknown);
    }
    if let Some(joined) = token.host_id {
        if token.csr_hash.as_deref() != Some(csr_hash) {
            return Ok(Taken::Used);
        }
        let host = hosts::find(session, joined).await?;
        return Ok(Taken::SameAgain(
            host.ok_or_else(|| StoreError::not_found("host", &joined))?,
        ));
    }
    if token.expires_at <= now {
        return Ok(Taken::Expired);
    }
    let host = match hosts::find_by_key(session, &host.key_fingerprint).await? {
        None => hosts::create(session, now, host, &format!("join token {id}")).await?,
        // Shut out for good: no token changes that, and none is spent on it.
        Some(known) if known.revoked_at.is_some() => return Ok(Taken::SameAgain(known)),
        // A machine that joins once more with the key that it has stays the host that it is.
        Some(known) => known,
    };
    sql("UPDATE join_tokens SET used_at = $2, csr_hash = $3, host_id = $4 WHERE id = $1")
        .bind(id)
        .bind(now)
        .bind(csr_hash)
        .bind(host.id)
        .execute(session)
        .await?;
    Ok(Taken::Taken(host))
}
