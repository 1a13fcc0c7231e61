//! What is put on record of a change: only what differs, and of secrets only that they changed.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{AccountMove, AccountRow, WholeAccount};
use crate::store::{AuditEntry, audit};

pub(crate) fn created(who: String, account: &WholeAccount) -> AuditEntry {
    AuditEntry::new(who, "account.create", account.row.id.to_string()).after(known(account))
}

pub(crate) fn deleted(who: String, account: &WholeAccount) -> AuditEntry {
    AuditEntry::new(who, "account.delete", account.row.id.to_string()).before(known(account))
}

pub(crate) fn changed(
    who: String,
    before: &WholeAccount,
    after: &WholeAccount,
    moved: Option<&AccountMove>,
) -> AuditEntry {
    let (was, mut is) = audit::difference(fields(&before.row), fields(&after.row));
    for (name, old, new) in [
        ("password", &before.secrets.password, &after.secrets.password),
        ("2fa_secret", &before.secrets.totp_seed, &after.secrets.totp_seed),
    ] {
        if old != new {
            let told = match (old, new) {
                (None, _) => "set",
                (_, None) => "removed",
                _ => "changed",
            };
            is.insert(name.to_owned(), json!(told));
        }
    }
    if let Some(moved) = moved {
        is.insert("moved".to_owned(), moved.told());
    }
    let name = format!("{}/{}", after.row.platform, after.row.username);
    is.insert("account".to_owned(), json!(name));
    AuditEntry::new(who, "account.change", after.row.id.to_string())
        .before(Value::Object(was))
        .after(Value::Object(is))
}

/// All that is known of an account, without what is not.
fn known(account: &WholeAccount) -> Value {
    let mut fields = fields(&account.row);
    fields.retain(|_, value| !value.is_null());
    for (name, secret) in [
        ("password", &account.secrets.password),
        ("2fa_secret", &account.secrets.totp_seed),
    ] {
        if secret.is_some() {
            fields.insert(name.to_owned(), json!("set"));
        }
    }
    Value::Object(fields)
}

fn fields(row: &AccountRow) -> Map<String, Value> {
    let statistics = &row.statistics;
    let caps: BTreeMap<&str, u32> = row.caps.iter().collect();
    let values = json!({
        "platform": row.platform.as_str(),
        "username": row.username.as_str(),
        "email": row.email,
        "packagename": row.packagename,
        "device": row.device,
        "logined": u8::from(row.logined),
        "status": row.status.number(),
        "tags": row.tags.to_vec(),
        "nickname": statistics.nickname,
        "country": statistics.country,
        "followers": statistics.followers,
        "following": statistics.following,
        "hearts": statistics.hearts,
        "videos": statistics.videos,
        "friends": statistics.friends,
        "synced_at": statistics.synced_at,
        "resting_until": row.resting_until,
        "caps": (!caps.is_empty()).then_some(caps),
    });
    match values {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
