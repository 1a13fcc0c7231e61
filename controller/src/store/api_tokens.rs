//! Tokens of the local API: scopes, an expiry, and the hash of the secret, never the secret.

use jiff::Timestamp;
use serde_json::json;

use super::error::StoreError;
use super::row::Row;
use super::session::{Session, sql};
use super::{AuditEntry, Store, audit, counters};

/// A token to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewApiToken {
    pub name: String,
    /// What it may do, in the words of the API.
    pub scopes: Vec<String>,
    /// SHA-256 of the token, in hex.
    pub hash: String,
    /// `None` for one that does not expire.
    pub expires_at: Option<Timestamp>,
}

/// A token without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiTokenRow {
    pub id: i64,
    pub name: String,
    pub scopes: Vec<String>,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    /// To about a minute: it is not written each time.
    pub last_used_at: Option<Timestamp>,
}

const COLUMNS: &str = "id, name, scopes_json, created_at, expires_at, revoked_at, last_used_at";
/// `last_used_at` is written when it is older than this.
const USED_AGAIN_AFTER_MILLIS: i64 = 60_000;

impl ApiTokenRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let row = row.of("api_tokens", "id");
        Ok(Self {
            id: row.integer("id")?,
            name: row.text("name")?,
            scopes: row.json("scopes_json")?,
            created_at: row.time("created_at")?,
            expires_at: row.optional_time("expires_at")?,
            revoked_at: row.optional_time("revoked_at")?,
            last_used_at: row.optional_time("last_used_at")?,
        })
    }

    /// Whether it opens anything at this time.
    pub fn is_good_at(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

impl Store {
    pub async fn create_api_token(&self, token: NewApiToken, who: &str) -> Result<ApiTokenRow, StoreError> {
        let (who, now) = (who.to_owned(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                let id = counters::take(session, counters::API_TOKEN, 1).await?;
                sql(
                    "INSERT INTO api_tokens (id, name, scopes_json, hash, created_at, expires_at) \
                     VALUES ($1, $2, $3, $4, $5, $6)",
                )
                .bind(id)
                .bind(&token.name)
                .bind(json!(token.scopes).to_string())
                .bind(&token.hash)
                .bind(now)
                .bind(token.expires_at)
                .execute(session)
                .await?;
                let entry = AuditEntry::new(who, "api_token.create", id.to_string())
                    .after(json!({"name": token.name, "scopes": token.scopes}));
                audit::append(session, now, &entry).await?;
                find(session, id).await
            })
        })
        .await
    }

    /// All tokens, the revoked and the expired too, newest first.
    pub async fn list_api_tokens(&self) -> Result<Vec<ApiTokenRow>, StoreError> {
        self.read(|session| {
            Box::pin(async move {
                let rows = select(" ORDER BY id DESC").rows(session).await?;
                rows.iter().map(ApiTokenRow::read).collect()
            })
        })
        .await
    }

    /// Ends a token, on record. Once is enough: the first time stays.
    pub async fn revoke_api_token(&self, id: i64, who: &str) -> Result<ApiTokenRow, StoreError> {
        let (who, now) = (who.to_owned(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                let revoked =
                    sql("UPDATE api_tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL")
                        .bind(id)
                        .bind(now)
                        .execute(session)
                        .await?;
                let token = find(session, id).await?;
                if revoked > 0 {
                    let entry = AuditEntry::new(who, "api_token.revoke", id.to_string())
                        .before(json!({"name": token.name, "scopes": token.scopes}));
                    audit::append(session, now, &entry).await?;
                }
                Ok(token)
            })
        })
        .await
    }

    /// The token with this hash, where it is neither revoked nor expired; notes that it was used.
    pub async fn find_api_token(&self, hash: &str) -> Result<Option<ApiTokenRow>, StoreError> {
        let (hash, now) = (hash.to_owned(), self.now());
        let token = self
            .read(move |session| {
                Box::pin(async move {
                    let row = select(" WHERE hash = $1").bind(hash).row(session).await?;
                    row.as_ref().map(ApiTokenRow::read).transpose()
                })
            })
            .await?;
        let Some(token) = token.filter(|token| token.is_good_at(now)) else {
            return Ok(None);
        };
        let (id, used) = (token.id, token.last_used_at);
        if used.is_none_or(|used| now.as_millisecond() - used.as_millisecond() >= USED_AGAIN_AFTER_MILLIS) {
            self.write(move |session| {
                Box::pin(async move {
                    let touch = sql("UPDATE api_tokens SET last_used_at = $2 WHERE id = $1");
                    touch.bind(id).bind(now).execute(session).await.map(drop)
                })
            })
            .await?;
        }
        Ok(Some(token))
    }
}

fn select(rest: &str) -> super::session::Sql {
    super::session::made_sql(format!("SELECT {COLUMNS} FROM api_tokens{rest}"))
}

async fn find(session: &mut Session, id: i64) -> Result<ApiTokenRow, StoreError> {
    let row = select(" WHERE id = $1").bind(id).row(session).await?;
    ApiTokenRow::read(&row.ok_or_else(|| StoreError::not_found("API token", &id))?)
}
