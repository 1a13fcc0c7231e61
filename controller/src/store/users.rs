//! People who use the console: a name, a role, the hash of a password. Whoever is changed has to log in again.

use jiff::Timestamp;
use serde_json::json;

use super::error::StoreError;
use super::row::Row;
use super::session::{Session, sql};
use super::{AuditEntry, Store, audit, counters, logins};

/// A person to be let in.
#[derive(Debug, Clone)]
pub struct NewUser {
    pub name: String,
    /// In the words of the API.
    pub role: String,
    /// Never the password itself.
    pub password_hash: String,
}

/// A person without the password's hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRow {
    pub id: i64,
    pub name: String,
    pub role: String,
    pub enabled: bool,
    pub created_at: Timestamp,
    pub changed_at: Timestamp,
    pub last_login_at: Option<Timestamp>,
}

/// What changes of a person; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct UserChange {
    pub role: Option<String>,
    pub enabled: Option<bool>,
    pub password_hash: Option<String>,
}

impl UserRow {
    fn administers(&self) -> bool {
        self.enabled && self.role == "admin"
    }

    pub(super) fn read(row: &Row) -> Result<Self, StoreError> {
        let row = row.of("users", "id");
        Ok(Self {
            id: row.integer("id")?,
            name: row.text("name")?,
            role: row.text("role")?,
            enabled: row.integer("enabled")? != 0,
            created_at: row.time("created_at")?,
            changed_at: row.time("changed_at")?,
            last_login_at: row.optional_time("last_login_at")?,
        })
    }

    fn told(&self) -> serde_json::Value {
        json!({"name": self.name, "role": self.role, "enabled": self.enabled})
    }
}

/// Names differ by more than the size of their letters.
fn folded(name: &str) -> String {
    name.to_lowercase()
}

impl Store {
    pub async fn create_user(&self, new: NewUser, who: &str) -> Result<UserRow, StoreError> {
        let (who, now) = (who.to_owned(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                let id = counters::take(session, counters::USER, 1).await?;
                let written = sql(
                    "INSERT INTO users (id, name, name_folded, role, enabled, password_hash, created_at, changed_at) \
                     VALUES ($1, $2, $3, $4, 1, $5, $6, $6) ON CONFLICT (name_folded) DO NOTHING",
                )
                .bind(id)
                .bind(&new.name)
                .bind(folded(&new.name))
                .bind(&new.role)
                .bind(&new.password_hash)
                .bind(now)
                .execute(session)
                .await?;
                if written == 0 {
                    let message = format!("name: there is a user {:?} already", new.name);
                    return Err(StoreError::Conflict(message));
                }
                let user = find(session, id).await?;
                let entry = AuditEntry::new(who, "user.create", id.to_string()).after(user.told());
                audit::append(session, now, &entry).await?;
                Ok(user)
            })
        })
        .await
    }

    /// All people, by name.
    pub async fn list_users(&self) -> Result<Vec<UserRow>, StoreError> {
        self.read(|session| {
            Box::pin(async move {
                let rows = sql("SELECT * FROM users ORDER BY name_folded")
                    .rows(session)
                    .await?;
                rows.iter().map(UserRow::read).collect()
            })
        })
        .await
    }

    /// A person by name with the hash of the password, whether enabled or not.
    pub async fn user_named(&self, name: &str) -> Result<Option<(UserRow, String)>, StoreError> {
        let name = folded(name);
        self.read(move |session| {
            Box::pin(async move {
                let row = sql("SELECT * FROM users WHERE name_folded = $1")
                    .bind(name)
                    .row(session)
                    .await?;
                row.map(|row| Ok((UserRow::read(&row)?, row.of("users", "id").text("password_hash")?)))
                    .transpose()
            })
        })
        .await
    }

    /// Changes a person, on record; the sessions of somebody else end with it, those of `keeping` stay.
    pub async fn change_user(
        &self,
        id: i64,
        change: UserChange,
        keeping: Option<String>,
        who: &str,
    ) -> Result<UserRow, StoreError> {
        let (who, now) = (who.to_owned(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                // One at a time: of two who go at once, each would see the other stay.
                counters::hold(session, counters::USER).await?;
                let before = find(session, id).await?;
                let new_password = change.password_hash.is_some();
                sql(
                    "UPDATE users SET role = COALESCE($2, role), enabled = COALESCE($3, enabled), \
                     password_hash = COALESCE($4, password_hash), changed_at = $5 WHERE id = $1",
                )
                .bind(id)
                .bind(change.role)
                .bind(change.enabled.map(i64::from))
                .bind(change.password_hash)
                .bind(now)
                .execute(session)
                .await?;
                logins::end_all_of(session, id, keeping.as_deref()).await?;
                let after = find(session, id).await?;
                if before.administers() && !after.administers() && !is_administered(session).await? {
                    return Err(last_admin(&before));
                }
                let mut told = after.told();
                if new_password {
                    told["password"] = json!("changed");
                }
                let entry = AuditEntry::new(who, "user.change", id.to_string())
                    .before(before.told())
                    .after(told);
                audit::append(session, now, &entry).await?;
                Ok(after)
            })
        })
        .await
    }

    /// Forgets a person; what they did stays on record.
    pub async fn delete_user(&self, id: i64, who: &str) -> Result<UserRow, StoreError> {
        let (who, now) = (who.to_owned(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                counters::hold(session, counters::USER).await?;
                let user = find(session, id).await?;
                logins::end_all_of(session, id, None).await?;
                sql("DELETE FROM users WHERE id = $1")
                    .bind(id)
                    .execute(session)
                    .await?;
                // With nobody left nobody has to log in.
                let left = sql("SELECT COUNT(*) FROM users").number(session).await?;
                if user.administers() && left > 0 && !is_administered(session).await? {
                    return Err(last_admin(&user));
                }
                let entry = AuditEntry::new(who, "user.delete", id.to_string()).before(user.told());
                audit::append(session, now, &entry).await?;
                Ok(user)
            })
        })
        .await
    }
}

/// Whether there is somebody who may let others in.
async fn is_administered(session: &mut Session) -> Result<bool, StoreError> {
    let admins = sql("SELECT COUNT(*) FROM users WHERE role = 'admin' AND enabled = 1")
        .number(session)
        .await?;
    Ok(admins > 0)
}

fn last_admin(user: &UserRow) -> StoreError {
    StoreError::Conflict(format!(
        "{} is the last admin: make somebody else one first",
        user.name
    ))
}

async fn find(session: &mut Session, id: i64) -> Result<UserRow, StoreError> {
    let row = sql("SELECT * FROM users WHERE id = $1")
        .bind(id)
        .row(session)
        .await?;
    UserRow::read(&row.ok_or_else(|| StoreError::not_found("user", &id))?)
}
