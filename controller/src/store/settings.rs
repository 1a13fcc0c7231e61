//! What operators set while the farm runs: a JSON value under a name. What the names and types are is their users'
//! business.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::error::StoreError;
use super::session::{Session, sql};
use super::{AuditEntry, Store, audit};

/// A change of a setting by somebody.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingChange {
    pub name: String,
    /// `None` takes it back to what it usually is.
    pub value: Option<Json>,
    /// What it is where it is not set.
    pub usual: Json,
}

impl Store {
    /// Changes settings, all or none, each on record with what was in force before and is after. What stands already
    /// changes nothing.
    pub async fn change_settings(&self, changes: Vec<SettingChange>, who: &str) -> Result<(), StoreError> {
        let (who, now) = (who.to_owned(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                for change in changes {
                    apply(session, now, change, &who).await?;
                }
                Ok(())
            })
        })
        .await
    }

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
        let change = SettingChange {
            name: name.to_owned(),
            value: Some(value),
            usual: Json::Null,
        };
        self.change_settings(vec![change], who).await
    }

    /// Takes a setting back to its default, on record.
    pub async fn clear_setting(&self, name: &str, who: &str) -> Result<(), StoreError> {
        let change = SettingChange {
            name: name.to_owned(),
            value: None,
            usual: Json::Null,
        };
        self.change_settings(vec![change], who).await
    }
}

async fn apply(
    session: &mut Session,
    now: Timestamp,
    change: SettingChange,
    who: &str,
) -> Result<(), StoreError> {
    let SettingChange { name, value, usual } = change;
    let set: Option<Json> = read(session, &name).await?;
    if set == value {
        return Ok(());
    }
    let what = if let Some(value) = &value {
        sql(
            "INSERT INTO settings (name, value_json, changed_at) VALUES ($1, $2, $3) \
             ON CONFLICT (name) DO UPDATE SET value_json = excluded.value_json, changed_at = excluded.changed_at",
        )
        .bind(&name)
        .bind(value.to_string())
        .bind(now)
        .execute(session)
        .await?;
        "setting.change"
    } else {
        sql("DELETE FROM settings WHERE name = $1")
            .bind(&name)
            .execute(session)
            .await?;
        "setting.clear"
    };
    let known =
        |value: Option<Json>| Some(value.unwrap_or_else(|| usual.clone())).filter(|value| !value.is_null());
    let mut entry = AuditEntry::new(who, what, name);
    entry.before = known(set);
    entry.after = known(value);
    audit::append(session, now, &entry).await.map(drop)
}

async fn read<T: DeserializeOwned>(session: &mut Session, name: &str) -> Result<Option<T>, StoreError> {
    let row = sql("SELECT name, value_json FROM settings WHERE name = $1")
        .bind(name)
        .row(session)
        .await?;
    row.map(|row| row.of("settings", "name").json("value_json"))
        .transpose()
}
