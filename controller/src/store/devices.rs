//! Phones that were ever seen: their index, name and groups, which operators choose, and what was last known of them.

mod indexes;
mod replace;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::json;
use shared::device::Serial;
use uuid::Uuid;

use super::error::StoreError;
use super::row::Row;
use super::session::{Session, sql};
use super::{AuditEntry, Store, audit, counters, groups};

pub use indexes::IndexChange;
pub(crate) use indexes::set_indexes;
pub use replace::{Replaced, Replacement};

/// What is known of a phone while it is away, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRow {
    pub serial: Serial,
    /// Given in order of first sight, unique, may be changed.
    pub device_index: u32,
    /// Empty where none was given.
    pub name: String,
    /// In alphabetical order.
    pub groups: Vec<String>,
    /// The host that saw it last.
    pub host_id: Option<Uuid>,
    pub manufacturer: String,
    pub model: String,
    pub android: String,
    pub sdk: u32,
    pub first_seen: Timestamp,
    /// To about a minute: it is not written each time.
    pub last_seen: Timestamp,
    /// The phone that took its place.
    pub replaced_by: Option<Serial>,
    pub replaced_at: Option<Timestamp>,
}

/// A phone as a host reports it. What is empty or 0 is not known yet and leaves what was known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenDevice {
    pub serial: Serial,
    pub host_id: Uuid,
    pub manufacturer: String,
    pub model: String,
    pub android: String,
    pub sdk: u32,
}

/// What an operator changes; `None` leaves it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeviceChange {
    pub device_index: Option<u32>,
    pub name: Option<String>,
    pub groups: Option<Vec<String>>,
    /// It is in use again, although another one took its place.
    pub back: bool,
}

/// Phones in one transaction, so that a large farm's first report does not hold the writer for long.
const CHUNK: usize = 200;
/// `last_seen` is written when it is older than this.
const SEEN_AGAIN_AFTER_MILLIS: i64 = 60_000;

impl Store {
    /// Notes that phones were seen; answers the rows of those never seen before, with the index they were given.
    /// Writes only what is new, so it may be called with every report.
    pub async fn record_seen(&self, seen: &[SeenDevice]) -> Result<Vec<DeviceRow>, StoreError> {
        let now = self.now();
        let seen = seen.to_vec();
        let news = self
            .read(move |session| Box::pin(async move { tell_news(session, now, seen).await }))
            .await?;
        let mut first = Vec::new();
        for chunk in news.chunks(CHUNK) {
            let chunk = chunk.to_vec();
            first.extend(
                self.write(move |session| Box::pin(async move { record(session, now, &chunk).await }))
                    .await?,
            );
        }
        Ok(first)
    }

    /// All phones, by index.
    pub async fn list_devices(&self) -> Result<Vec<DeviceRow>, StoreError> {
        self.snapshot(|session| {
            Box::pin(async move {
                let rows = sql("SELECT * FROM devices ORDER BY device_index")
                    .rows(session)
                    .await?;
                let mut groups = groups_by_serial(session).await?;
                rows.iter()
                    .map(|row| {
                        let mut device = DeviceRow::read(row)?;
                        device.groups = groups.remove(&device.serial.0).unwrap_or_default();
                        Ok(device)
                    })
                    .collect()
            })
        })
        .await
    }

    pub async fn device(&self, serial: &Serial) -> Result<Option<DeviceRow>, StoreError> {
        let serial = serial.clone();
        self.snapshot(move |session| Box::pin(async move { find(session, &serial).await }))
            .await
    }

    /// The phone that has this index.
    pub async fn device_of_index(&self, index: u32) -> Result<Option<DeviceRow>, StoreError> {
        self.snapshot(move |session| {
            Box::pin(async move {
                let row = sql("SELECT * FROM devices WHERE device_index = $1")
                    .bind(index)
                    .row(session)
                    .await?;
                match row {
                    None => Ok(None),
                    Some(row) => find(session, &DeviceRow::read(&row)?.serial).await,
                }
            })
        })
        .await
    }

    /// Changes what an operator may change, on record.
    pub async fn set_device(
        &self,
        serial: &Serial,
        change: DeviceChange,
        who: &str,
    ) -> Result<DeviceRow, StoreError> {
        let (serial, who, now) = (serial.clone(), who.to_owned(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                // Indexes are given and changed under this one lock, so that no two can want the same at once.
                counters::hold(session, counters::DEVICE_INDEX).await?;
                let before = find(session, &serial).await?;
                let before = before.ok_or_else(|| StoreError::not_found("device", &serial))?;
                let after = changed(session, &before, change, now).await?;
                if after != before {
                    let entry = AuditEntry::new(who, "device.change", serial.0)
                        .before(before.operators_part())
                        .after(after.operators_part());
                    audit::append(session, now, &entry).await?;
                }
                Ok(after)
            })
        })
        .await
    }
}

impl SeenDevice {
    fn tells_news(&self, row: &DeviceRow, now: Timestamp) -> bool {
        row.host_id != Some(self.host_id)
            || differs(&self.manufacturer, &row.manufacturer)
            || differs(&self.model, &row.model)
            || differs(&self.android, &row.android)
            || (self.sdk != 0 && self.sdk != row.sdk)
            || now.as_millisecond() - row.last_seen.as_millisecond() >= SEEN_AGAIN_AFTER_MILLIS
    }
}

fn differs(seen: &str, known: &str) -> bool {
    !seen.is_empty() && seen != known
}

impl DeviceRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let row = row.of("devices", "serial");
        Ok(Self {
            serial: Serial(row.text("serial")?),
            device_index: row.number("device_index")?,
            name: row.text("name")?,
            groups: Vec::new(),
            host_id: row.optional_parsed("host_id")?,
            manufacturer: row.text("manufacturer")?,
            model: row.text("model")?,
            android: row.text("android")?,
            sdk: row.number("sdk")?,
            first_seen: row.time("first_seen")?,
            last_seen: row.time("last_seen")?,
            replaced_by: row.optional_text("replaced_by")?.map(Serial),
            replaced_at: row.optional_time("replaced_at")?,
        })
    }

    /// For the record.
    fn operators_part(&self) -> serde_json::Value {
        let mut told = json!({"device_index": self.device_index, "name": self.name, "groups": self.groups});
        if let Some(by) = &self.replaced_by {
            told["replaced_by"] = json!(by);
        }
        told
    }
}

pub(super) async fn find(session: &mut Session, serial: &Serial) -> Result<Option<DeviceRow>, StoreError> {
    let Some(row) = sql("SELECT * FROM devices WHERE serial = $1")
        .bind(&serial.0)
        .row(session)
        .await?
    else {
        return Ok(None);
    };
    let mut device = DeviceRow::read(&row)?;
    let rows = sql("SELECT serial, name FROM device_groups WHERE serial = $1")
        .bind(&serial.0)
        .rows(session)
        .await?;
    for row in &rows {
        device
            .groups
            .push(row.of("device_groups", "serial").text("name")?);
    }
    // Here rather than by the database, whose idea of the alphabet depends on where it runs.
    device.groups.sort();
    Ok(Some(device))
}

async fn groups_by_serial(session: &mut Session) -> Result<BTreeMap<String, Vec<String>>, StoreError> {
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in &sql("SELECT serial, name FROM device_groups")
        .rows(session)
        .await?
    {
        let row = row.of("device_groups", "serial");
        groups
            .entry(row.text("serial")?)
            .or_default()
            .push(row.text("name")?);
    }
    for names in groups.values_mut() {
        names.sort();
    }
    Ok(groups)
}

/// Those of which something is to be written.
async fn tell_news(
    session: &mut Session,
    now: Timestamp,
    seen: Vec<SeenDevice>,
) -> Result<Vec<SeenDevice>, StoreError> {
    let mut news = Vec::new();
    for device in seen {
        let row = sql("SELECT * FROM devices WHERE serial = $1")
            .bind(&device.serial.0)
            .row(session)
            .await?;
        let known = row.as_ref().map(DeviceRow::read).transpose()?;
        if known.is_none_or(|row| device.tells_news(&row, now)) {
            news.push(device);
        }
    }
    Ok(news)
}

/// Updates the known ones and gives each of the others the next free index.
async fn record(
    session: &mut Session,
    now: Timestamp,
    seen: &[SeenDevice],
) -> Result<Vec<DeviceRow>, StoreError> {
    // The counter first, then the rows in one order: two transactions with the same phones never wait for each other.
    let mut last = None;
    if any_unknown(session, seen).await? {
        last = Some(counters::hold(session, counters::DEVICE_INDEX).await?);
    }
    let mut sorted: Vec<&SeenDevice> = seen.iter().collect();
    sorted.sort_by_key(|device| &device.serial);
    let mut unknown = BTreeSet::new();
    for device in sorted {
        if !update(session, now, device).await? {
            unknown.insert(&device.serial);
        }
    }
    let Some(mut last) = last else {
        return Ok(Vec::new());
    };
    let mut first = Vec::new();
    for device in seen {
        if unknown.remove(&device.serial) {
            last = next_free(session, last + 1).await?;
            first.push(insert(session, now, device, last).await?);
        }
    }
    counters::advance(session, counters::DEVICE_INDEX, last).await?;
    Ok(first)
}

async fn any_unknown(session: &mut Session, seen: &[SeenDevice]) -> Result<bool, StoreError> {
    for device in seen {
        let known = sql("SELECT COUNT(*) FROM devices WHERE serial = $1").bind(&device.serial.0);
        if known.number(session).await? == 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Answers whether the phone is known.
async fn update(session: &mut Session, now: Timestamp, device: &SeenDevice) -> Result<bool, StoreError> {
    let changed = sql("UPDATE devices SET host_id = $2, last_seen = $3, \
         manufacturer = CASE WHEN $4 = '' THEN manufacturer ELSE $4 END, \
         model = CASE WHEN $5 = '' THEN model ELSE $5 END, \
         android = CASE WHEN $6 = '' THEN android ELSE $6 END, \
         sdk = CASE WHEN $7 = 0 THEN sdk ELSE $7 END WHERE serial = $1")
    .bind(&device.serial.0)
    .bind(device.host_id)
    .bind(now)
    .bind(&device.manufacturer)
    .bind(&device.model)
    .bind(&device.android)
    .bind(device.sdk)
    .execute(session)
    .await?;
    Ok(changed > 0)
}

/// The first index from `from` on that no operator has given away.
async fn next_free(session: &mut Session, from: i64) -> Result<i64, StoreError> {
    let mut index = from;
    while sql("SELECT COUNT(*) FROM devices WHERE device_index = $1")
        .bind(index)
        .number(session)
        .await?
        > 0
    {
        index += 1;
    }
    Ok(index)
}

async fn insert(
    session: &mut Session,
    now: Timestamp,
    device: &SeenDevice,
    index: i64,
) -> Result<DeviceRow, StoreError> {
    let row = sql(
        "INSERT INTO devices (serial, device_index, name, host_id, manufacturer, model, android, sdk, first_seen, \
         last_seen) VALUES ($1, $2, '', $3, $4, $5, $6, $7, $8, $8) RETURNING *",
    )
    .bind(&device.serial.0)
    .bind(index)
    .bind(device.host_id)
    .bind(&device.manufacturer)
    .bind(&device.model)
    .bind(&device.android)
    .bind(device.sdk)
    .bind(now)
    .row(session)
    .await?;
    DeviceRow::read(&row.ok_or_else(|| StoreError::not_found("device", &device.serial))?)
}

async fn changed(
    session: &mut Session,
    before: &DeviceRow,
    change: DeviceChange,
    now: Timestamp,
) -> Result<DeviceRow, StoreError> {
    let mut after = before.clone();
    if let Some(index) = change.device_index {
        let holder = sql("SELECT * FROM devices WHERE device_index = $1 AND serial <> $2")
            .bind(index)
            .bind(&before.serial.0)
            .row(session)
            .await?;
        if let Some(holder) = holder {
            let by = DeviceRow::read(&holder)?.serial.0;
            return Err(StoreError::IndexTaken { index, by });
        }
        after.device_index = index;
    }
    if let Some(name) = change.name {
        after.name = name;
    }
    if change.back {
        (after.replaced_by, after.replaced_at) = (None, None);
    }
    sql("UPDATE devices SET device_index = $2, name = $3, replaced_by = $4, replaced_at = $5 WHERE serial = $1")
        .bind(&before.serial.0)
        .bind(after.device_index)
        .bind(&after.name)
        .bind(after.replaced_by.as_ref().map(|serial| serial.0.clone()))
        .bind(after.replaced_at)
        .execute(session)
        .await?;
    if let Some(mut names) = change.groups {
        names.sort();
        names.dedup();
        sql("DELETE FROM device_groups WHERE serial = $1")
            .bind(&before.serial.0)
            .execute(session)
            .await?;
        for group in &names {
            groups::make(session, group, now).await?;
            sql("INSERT INTO device_groups (serial, name) VALUES ($1, $2)")
                .bind(&before.serial.0)
                .bind(group)
                .execute(session)
                .await?;
        }
        after.groups = names;
    }
    Ok(after)
}
