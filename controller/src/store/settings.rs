//! What operators set while the farm runs: a JSON value under a name. What the names and types are is their users'
//! business.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::error::StoreError;
use super::session::{Session, sql};
use super::{AuditEntry, Store, audit};

impl Store {
    /// The value of a setting; `None` where it was never set.
    pub async fn setting<T: DeserializeOwned + Send + 'static>(
        &self,
        name: &str,
    ) -> Result<Option<T>, StoreError> {
        let name = name.to_owned();
        self.read(move |session| Box::pin(async move { read(session, &name).await }))
            .await
    }

    /// All that was set.
    pub async fn settings(&self) -> Result<BTreeMap<String, Json>, StoreError> {
        self.read(|session| {
            Box::pin(async move {
                let rows = sql("SELECT name, value_json FROM settings").rows(session).await?;
                rows.iter()
                    .map(|row| {
                        let row = row.of("settings", "name");
                        Ok((row.text("name")?, row.json("value_json")?))
                    })
                    .collect()
            })
        })
        .await
    }

    /// Sets a value, on record. A value that stands already changes nothing.
    pub async fn set_setting<T: Serialize + Sync>(
        &self,
        name: &str,
        value: &T,
        who: &str,
    ) -> Result<(), StoreError> {
        let value = serde_json::to_value(value)
            .map_err(|source| StoreError::failed(format!("writing the setting {name} as JSON"), source))?;
        let (name, who, now) = (name.to_owned(), who.to_owned(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                let before: Option<Json> = read(session, &name).await?;
                if before.as_ref() == Some(&value) {
                    return Ok(());
                }
                sql("INSERT INTO settings (name, value_json, changed_at) VALUES ($1, $2, $3) \
                     ON CONFLICT (name) DO UPDATE SET value_json = excluded.value_json, changed_at = excluded.changed_at")
                    .bind(&name)
                    .bind(value.to_string())
                    .bind(now)
                    .execute(session)
                    .await?;
                let mut entry = AuditEntry::new(who, "setting.change", name).after(value);
                entry.before = before;
                audit::append(session, now, &entry).await.map(drop)
            })
        })
        .await
    }

    /// Takes a setting back to its default, on record.
    pub async fn clear_setting(&self, name: &str, who: &str) -> Result<(), StoreError> {
        let (name, who, now) = (name.to_owned(), who.to_owned(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                let Some(before) = read::<Json>(session, &name).await? else {
                    return Ok(());
                };
                sql("DELETE FROM settings WHERE name = $1")
                    .bind(&name)
                    .execute(session)
                    .await?;
                let entry = AuditEntry::new(who, "setting.clear", name).before(before);
                audit::append(session, now, &entry).await.map(drop)
            })
        })
        .await
    }
}

async fn read<T: DeserializeOwned>(session: &mut Session, name: &str) -> Result<Option<T>, StoreError> {
    let row = sql("SELECT name, value_json FROM settings WHERE name = $1")
        .bind(name)
        .row(session)
        .await?;
    row.map(|row| row.of("settings", "name").json("value_json"))
        .transpose()
}
