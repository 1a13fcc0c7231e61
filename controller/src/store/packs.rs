//! Packs that were edited or taken in here: every version with its files, and which one is in force.
//!
//! Whether a pack can be used is not looked at here.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};
use shared::pack::files::hex;

use super::error::StoreError;
use super::row::Row;
use super::session::{Session, sql};
use super::{AuditEntry, Store, audit, counters};

/// Names and texts of a pack.
pub type PackTexts = Vec<(String, String)>;

/// How a version came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PackOrigin {
    /// With the program.
    BuiltIn,
    /// Out of the folder of the operator's own packs.
    Folder,
    Edited,
    Imported,
    /// An earlier one was taken again.
    Reverted,
}

impl PackOrigin {
    pub const ALL: [Self; 5] = [
        Self::BuiltIn,
        Self::Folder,
        Self::Edited,
        Self::Imported,
        Self::Reverted,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::BuiltIn => "built_in",
            Self::Folder => "folder",
            Self::Edited => "edited",
            Self::Imported => "imported",
            Self::Reverted => "reverted",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|origin| origin.as_str() == name)
    }
}

/// A content that a pack has or is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackContent {
    pub hash: String,
    /// What its `pack.toml` calls its version.
    pub label: String,
    pub files: PackTexts,
}

/// A version to be put in force.
#[derive(Debug, Clone)]
pub struct NewPackVersion {
    pub pack: String,
    pub content: PackContent,
    pub how: PackOrigin,
    pub reason: String,
    /// What lies beneath; it becomes the first version, so that everybody can go back to it.
    pub beneath: Option<(PackOrigin, PackContent)>,
    /// The content that it was made from: where another one is in force by now, nothing is changed.
    pub made_from: Option<String>,
    /// The version in force, where this program cannot use it: then what lies beneath is what was looked at.
    pub instead_of: Option<u32>,
}

/// It is another one by now than the one that was looked at.
pub fn changed_meanwhile(pack: &str) -> StoreError {
    StoreError::Conflict(format!(
        "the pack {pack} was changed meanwhile: look at it again, and change it then"
    ))
}

/// A version that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackVersionRow {
    pub pack: String,
    /// From 1, for each pack.
    pub number: u32,
    pub hash: String,
    pub label: String,
    pub how: PackOrigin,
    pub reason: String,
    pub who: String,
    pub at: Timestamp,
}

/// What was decided of a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackRow {
    pub name: String,
    /// The version in force; `None`: what lies beneath, if anything.
    pub number: Option<u32>,
    pub changed_at: Timestamp,
    pub changed_by: String,
}

impl PackVersionRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let row = row.of("pack_versions", "pack");
        let how = row.text("how")?;
        Ok(Self {
            pack: row.text("pack")?,
            number: row.number("number")?,
            hash: row.text("pack_hash")?,
            label: row.text("label")?,
            how: PackOrigin::named(&how).ok_or_else(|| row.corrupt("how", format!("{how:?} is none")))?,
            reason: row.text("reason")?,
            who: row.text("who")?,
            at: row.time("at")?,
        })
    }

    fn told(&self) -> Json {
        json!({"version": self.number, "hash": self.hash, "how": self.how.as_str(), "reason": self.reason})
    }
}

impl PackRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let row = row.of("packs", "name");
        let number = row.optional_integer("number")?;
        Ok(Self {
            name: row.text("name")?,
            number: number.and_then(|number| u32::try_from(number).ok()),
            changed_at: row.time("changed_at")?,
            changed_by: row.text("changed_by")?,
        })
    }
}

impl Store {
    /// Keeps a version and puts it in force, on record. The content that is in force already changes nothing and is
    /// answered as `None`.
    pub async fn put_pack_in_force(
        &self,
        new: NewPackVersion,
        who: &str,
    ) -> Result<Option<PackVersionRow>, StoreError> {
        let (who, now) = (who.to_owned(), self.now());
        self.write(move |session| Box::pin(async move { put_in_force(session, now, new, &who).await }))
            .await
    }

    /// Lets what comes with the program or lies in the folder be in force again, on record; a pack that has nothing
    /// beneath is no longer in force then. Answers whether that changed anything.
    pub async fn take_pack_out(&self, name: &str, reason: &str, who: &str) -> Result<bool, StoreError> {
        let (name, reason, who, now) = (name.to_owned(), reason.to_owned(), who.to_owned(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                counters::hold(session, counters::PACK).await?;
                let Some(before) = in_force(session, &name).await? else {
                    return Ok(false);
                };
                set(session, now, &name, None, &who).await?;
                let entry = AuditEntry::new(who, "pack.original", name)
                    .before(before.told())
                    .after(json!({"version": null, "reason": reason}));
                audit::append(session, now, &entry).await?;
                Ok(true)
            })
        })
        .await
    }

    /// What was decided of packs, by name.
    pub async fn packs(&self) -> Result<Vec<PackRow>, StoreError> {
        self.read(|session| {
            Box::pin(async move {
                let rows = sql("SELECT * FROM packs ORDER BY name").rows(session).await?;
                rows.iter().map(PackRow::read).collect()
            })
        })
        .await
    }

    /// The versions in force with their files, by name.
    pub async fn packs_in_force(&self) -> Result<Vec<(PackVersionRow, PackTexts)>, StoreError> {
        self.read(|session| {
            Box::pin(async move {
                let rows = sql(
                    "SELECT v.* FROM packs p JOIN pack_versions v ON v.pack = p.name AND v.number = p.number \
                     ORDER BY p.name",
                )
                .rows(session)
                .await?;
                let mut found = Vec::new();
                for row in &rows {
                    let version = PackVersionRow::read(row)?;
                    let files = files(session, &version.hash).await?;
                    found.push((version, files));
                }
                Ok(found)
            })
        })
        .await
    }

    /// Every version of a pack, the newest first.
    pub async fn pack_versions(&self, name: &str) -> Result<Vec<PackVersionRow>, StoreError> {
        let name = name.to_owned();
        self.read(move |session| {
            Box::pin(async move {
                let rows = sql("SELECT * FROM pack_versions WHERE pack = $1 ORDER BY number DESC")
                    .bind(name)
                    .rows(session)
                    .await?;
                rows.iter().map(PackVersionRow::read).collect()
            })
        })
        .await
    }

    /// One version of a pack with its files.
    pub async fn pack_version(
        &self,
        name: &str,
        number: u32,
    ) -> Result<Option<(PackVersionRow, PackTexts)>, StoreError> {
        let name = name.to_owned();
        self.read(move |session| {
            Box::pin(async move {
                let Some(version) = version(session, &name, number).await? else {
                    return Ok(None);
                };
                let files = files(session, &version.hash).await?;
                Ok(Some((version, files)))
            })
        })
        .await
    }

    /// The files of a content that any version ever had; empty where none had it.
    pub async fn pack_texts(&self, hash: &str) -> Result<PackTexts, StoreError> {
        let hash = hash.to_owned();
        self.read(move |session| Box::pin(async move { files(session, &hash).await }))
            .await
    }

    /// Switches a flow on or off, on record; answers whether that changed anything.
    pub async fn switch_flow(
        &self,
        platform: &str,
        script: &str,
        on: bool,
        who: &str,
    ) -> Result<bool, StoreError> {
        let (platform, script) = (platform.to_owned(), script.to_owned());
        let (who, now) = (who.to_owned(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                let changed = if on {
                    sql("DELETE FROM flows_off WHERE platform = $1 AND script = $2")
                        .bind(&platform)
                        .bind(&script)
                } else {
                    sql(
                        "INSERT INTO flows_off (platform, script, changed_at, changed_by) VALUES ($1, $2, $3, $4) \
                         ON CONFLICT (platform, script) DO NOTHING",
                    )
                    .bind(&platform)
                    .bind(&script)
                    .bind(now)
                    .bind(&who)
                };
                if changed.execute(session).await? == 0 {
                    return Ok(false);
                }
                let entry = AuditEntry::new(who, "flow.switch", format!("{platform}/{script}"))
                    .before(json!({"enabled": !on}))
                    .after(json!({"enabled": on}));
                audit::append(session, now, &entry).await?;
                Ok(true)
            })
        })
        .await
    }

    /// How many tasks wait for each flow, by platform and script.
    pub async fn pending_by_flow(&self) -> Result<BTreeMap<(String, String), u64>, StoreError> {
        self.read(|session| {
            Box::pin(async move {
                let rows = sql(
                    "SELECT platform, script, CAST(SUM(number) AS BIGINT) AS number FROM task_counts WHERE status = 0 \
                     GROUP BY platform, script",
                )
                .rows(session)
                .await?;
                rows.iter()
                    .map(|row| {
                        let row = row.of("task_counts", "script");
                        let flow = (row.text("platform")?, row.text("script")?);
                        Ok((flow, row.number("number")?))
                    })
                    .collect()
            })
        })
        .await
    }

    /// The flows that are switched off: platform and script.
    pub async fn flows_off(&self) -> Result<BTreeSet<(String, String)>, StoreError> {
        self.read(|session| {
            Box::pin(async move {
                let rows = sql("SELECT platform, script FROM flows_off")
                    .rows(session)
                    .await?;
                rows.iter()
                    .map(|row| {
                        let row = row.of("flows_off", "script");
                        Ok((row.text("platform")?, row.text("script")?))
                    })
                    .collect()
            })
        })
        .await
    }
}

/// Whether nothing new of this flow is begun.
pub(super) async fn is_off(session: &mut Session, platform: &str, script: &str) -> Result<bool, StoreError> {
    let off = sql("SELECT COUNT(*) FROM flows_off WHERE platform = $1 AND script = $2")
        .bind(platform)
        .bind(script)
        .number(session)
        .await?;
    Ok(off > 0)
}

/// Why a task of a flow that is off waits.
pub(super) fn off_in_words(platform: &str, script: &str) -> String {
    format!("flow_disabled: {script} of {platform} is switched off")
}

async fn put_in_force(
    session: &mut Session,
    now: Timestamp,
    new: NewPackVersion,
    who: &str,
) -> Result<Option<PackVersionRow>, StoreError> {
    let NewPackVersion {
        pack,
        content,
        how,
        reason,
        beneath,
        made_from,
        instead_of,
    } = new;
    counters::hold(session, counters::PACK).await?;
    let before = in_force(session, &pack).await?;
    let usable = before.as_ref().filter(|before| Some(before.number) != instead_of);
    let stands = usable.map(|before| before.hash.as_str());
    let stands = stands.or(beneath.as_ref().map(|(_, content)| content.hash.as_str()));
    if let Some(made_from) = made_from
        && stands != Some(made_from.as_str())
    {
        return Err(changed_meanwhile(&pack));
    }
    if stands == Some(content.hash.as_str()) {
        return Ok(None);
    }
    let last = sql("SELECT COALESCE(MAX(number), 0) FROM pack_versions WHERE pack = $1")
        .bind(&pack)
        .number(session)
        .await?;
    let mut number = u32::try_from(last).unwrap_or(u32::MAX);
    if let Some((how, content)) = beneath {
        let known = sql("SELECT COUNT(*) FROM pack_versions WHERE pack = $1 AND pack_hash = $2")
            .bind(&pack)
            .bind(&content.hash)
            .number(session)
            .await?;
        if known == 0 {
            number += 1;
            let row = PackVersionRow {
                pack: pack.clone(),
                number,
                hash: content.hash.clone(),
                label: content.label.clone(),
                how,
                reason: String::new(),
                who: String::new(),
                at: now,
            };
            keep(session, &row, &content.files).await?;
        }
    }
    let row = PackVersionRow {
        pack: pack.clone(),
        number: number + 1,
        hash: content.hash,
        label: content.label,
        how,
        reason,
        who: who.to_owned(),
        at: now,
    };
    keep(session, &row, &content.files).await?;
    set(session, now, &pack, Some(row.number), who).await?;
    let mut entry = AuditEntry::new(who, "pack.change", pack).after(row.told());
    entry.before = before.map(|before| before.told());
    audit::append(session, now, &entry).await?;
    Ok(Some(row))
}

async fn keep(session: &mut Session, row: &PackVersionRow, files: &PackTexts) -> Result<(), StoreError> {
    for (name, text) in files {
        let hash = hex(&Sha256::digest(text.as_bytes()));
        sql("INSERT INTO pack_texts (hash, text) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING")
            .bind(&hash)
            .bind(text)
            .execute(session)
            .await?;
        sql(
            "INSERT INTO pack_files (pack_hash, name, text_hash) VALUES ($1, $2, $3) \
             ON CONFLICT (pack_hash, name) DO NOTHING",
        )
        .bind(&row.hash)
        .bind(name)
        .bind(&hash)
        .execute(session)
        .await?;
    }
    sql(
        "INSERT INTO pack_versions (pack, number, pack_hash, label, how, reason, who, at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(&row.pack)
    .bind(row.number)
    .bind(&row.hash)
    .bind(&row.label)
    .bind(row.how.as_str())
    .bind(&row.reason)
    .bind(&row.who)
    .bind(row.at)
    .execute(session)
    .await
    .map(drop)
}

async fn set(
    session: &mut Session,
    now: Timestamp,
    name: &str,
    number: Option<u32>,
    who: &str,
) -> Result<(), StoreError> {
    sql(
        "INSERT INTO packs (name, number, changed_at, changed_by) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (name) DO UPDATE SET number = excluded.number, changed_at = excluded.changed_at, \
         changed_by = excluded.changed_by",
    )
    .bind(name)
    .bind(number.map(i64::from))
    .bind(now)
    .bind(who)
    .execute(session)
    .await
    .map(drop)
}

async fn in_force(session: &mut Session, name: &str) -> Result<Option<PackVersionRow>, StoreError> {
    let row = sql(
        "SELECT v.* FROM packs p JOIN pack_versions v ON v.pack = p.name AND v.number = p.number WHERE p.name = $1",
    )
    .bind(name)
    .row(session)
    .await?;
    row.as_ref().map(PackVersionRow::read).transpose()
}

async fn version(
    session: &mut Session,
    name: &str,
    number: u32,
) -> Result<Option<PackVersionRow>, StoreError> {
    let row = sql("SELECT * FROM pack_versions WHERE pack = $1 AND number = $2")
        .bind(name)
        .bind(number)
        .row(session)
        .await?;
    row.as_ref().map(PackVersionRow::read).transpose()
}

async fn files(session: &mut Session, hash: &str) -> Result<PackTexts, StoreError> {
    let rows = sql(
        "SELECT f.name, t.text FROM pack_files f JOIN pack_texts t ON t.hash = f.text_hash WHERE f.pack_hash = $1 \
         ORDER BY f.name",
    )
    .bind(hash)
    .rows(session)
    .await?;
    rows.iter()
        .map(|row| {
            let row = row.of("pack_files", "name");
            Ok((row.text("name")?, row.text("text")?))
        })
        .collect()
}
