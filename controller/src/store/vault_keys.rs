//! Which keys the secrets need: one is the current one, older ones stay on record. The keys themselves are not here.

use jiff::Timestamp;

use super::error::StoreError;
use super::row::Row;
use super::sealed::{KeyId, Sealed};
use super::session::{Session, sql};
use super::{AuditEntry, Store, audit};

/// A key on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultKeyRow {
    pub id: KeyId,
    /// Opens with the right key alone.
    pub check: Sealed,
    pub current: bool,
    pub created_at: Timestamp,
    /// When another key took its place.
    pub retired_at: Option<Timestamp>,
    /// Since when no secret needs it; of a current key, never.
    pub drained_at: Option<Timestamp>,
}

impl VaultKeyRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let row = row.of("vault_keys", "id");
        Ok(Self {
            id: KeyId(row.text("id")?),
            check: Sealed::from_text(row.text("check_text")?),
            current: row.optional_integer("is_current")?.is_some(),
            created_at: row.time("created_at")?,
            retired_at: row.optional_time("retired_at")?,
            drained_at: row.optional_time("drained_at")?,
        })
    }
}

impl Store {
    /// Every key that was ever the current one, oldest first.
    pub async fn vault_keys(&self) -> Result<Vec<VaultKeyRow>, StoreError> {
        self.read(|session| Box::pin(all(session))).await
    }

    /// Makes a key the first one of a farm that has none; leaves the farm's own where it has one.
    pub async fn found_vault(&self, id: KeyId, check: Sealed) -> Result<(), StoreError> {
        let now = self.now();
        self.write(move |session| {
            Box::pin(async move {
                sql(
                    "INSERT INTO vault_keys (id, check_text, is_current, created_at) VALUES ($1, $2, 1, $3) \
                     ON CONFLICT DO NOTHING",
                )
                .bind(&id.0)
                .bind(check.as_str())
                .bind(now)
                .execute(session)
                .await
                .map(drop)
            })
        })
        .await
    }

    /// Makes another key the current one, on record. From now on the one before is retired, and its secrets are to be
    /// sealed anew.
    pub async fn change_vault_key(&self, id: KeyId, check: Sealed, who: &str) -> Result<(), StoreError> {
        let (who, now) = (who.to_owned(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                let before = all(session).await?.into_iter().find(|key| key.current);
                let before = before.ok_or_else(|| StoreError::not_found("key", &"of the vault"))?;
                if before.id == id {
                    return Ok(());
                }
                sql("UPDATE vault_keys SET is_current = NULL, retired_at = $2, drained_at = NULL WHERE id = $1")
                    .bind(&before.id.0)
                    .bind(now)
                    .execute(session)
                    .await?;
                sql("INSERT INTO vault_keys (id, check_text, is_current, created_at) VALUES ($1, $2, 1, $3) \
                     ON CONFLICT (id) DO UPDATE SET is_current = 1, retired_at = NULL, drained_at = NULL")
                .bind(&id.0)
                .bind(check.as_str())
                .bind(now)
                .execute(session)
                .await?;
                let entry = AuditEntry::new(who, "keys.rotate", id.0.clone())
                    .before(serde_json::json!({"current": before.id.0}))
                    .after(serde_json::json!({"current": id.0}));
                audit::append(session, now, &entry).await.map(drop)
            })
        })
        .await
    }

    /// Notes that no secret needs a retired key any more.
    pub async fn drained(&self, id: &KeyId) -> Result<(), StoreError> {
        let (id, now) = (id.clone(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                sql("UPDATE vault_keys SET drained_at = $2 WHERE id = $1 AND is_current IS NULL")
                    .bind(&id.0)
                    .bind(now)
                    .execute(session)
                    .await
                    .map(drop)
            })
        })
        .await
    }
}

async fn all(session: &mut Session) -> Result<Vec<VaultKeyRow>, StoreError> {
    let rows = sql("SELECT * FROM vault_keys ORDER BY created_at, id")
        .rows(session)
        .await?;
    rows.iter().map(VaultKeyRow::read).collect()
}
