//! Sessions of people who have logged in: the hash of a cookie, and until when it is good.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::error::StoreError;
use super::session::{Session, sql};
use super::users::UserRow;
use super::{AuditEntry, Store, audit};

/// A session ends after so long, whatever happens in it.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(30 * 24);
/// A session in which nothing was asked for so long is over.
pub const IDLE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// That it was used is written when it was noted so long ago.
const SEEN_AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(1);

impl Store {
    /// Opens a session, on record; those that are over are forgotten.
    pub async fn open_session(&self, user: i64, hash: &str) -> Result<(), StoreError> {
        let (hash, now) = (hash.to_owned(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                sql("DELETE FROM sessions WHERE ends_at <= $1 OR seen_at <= $2")
                    .bind(now)
                    .bind(now.saturating_sub(IDLE).unwrap_or(Timestamp::MIN))
                    .execute(session)
                    .await?;
                sql("INSERT INTO sessions (hash, user_id, opened_at, seen_at, ends_at) VALUES ($1, $2, $3, $3, $4)")
                    .bind(hash)
                    .bind(user)
                    .bind(now)
                    .bind(now.saturating_add(LONGEST).unwrap_or(Timestamp::MAX))
                    .execute(session)
                    .await?;
                let name = sql("UPDATE users SET last_login_at = $2 WHERE id = $1 RETURNING name")
                    .bind(user)
                    .bind(now)
                    .row(session)
                    .await?
                    .ok_or_else(|| StoreError::not_found("user", &user))?
                    .of("users", "name")
                    .text("name")?;
                let entry = AuditEntry::new(format!("user {name} ({user})"), "session.open", user.to_string());
                audit::append(session, now, &entry).await.map(drop)
            })
        })
        .await
    }

    /// Whether a session is still good; looking does not make it last longer.
    pub async fn session_stands(&self, hash: &str) -> Result<bool, StoreError> {
        let (key, now) = (hash.to_owned(), self.now());
        let found = self
            .read(move |session| {
                Box::pin(async move {
                    let row = sql(
                        "SELECT s.seen_at, s.ends_at FROM sessions s JOIN users u ON u.id = s.user_id \
                         WHERE s.hash = $1 AND u.enabled = 1",
                    )
                    .bind(key)
                    .row(session)
                    .await?;
                    row.map(|row| {
                        let row = row.of("sessions", "seen_at");
                        Ok::<_, StoreError>((row.time("seen_at")?, row.time("ends_at")?))
                    })
                    .transpose()
                })
            })
            .await?;
        Ok(found.is_some_and(|(seen, ends)| now < ends && now.duration_since(seen) < IDLE))
    }

    /// Who has the session with this hash, where it is not over and its person may still come in; notes that it is used.
    pub async fn find_session(&self, hash: &str) -> Result<Option<UserRow>, StoreError> {
        let (key, now) = (hash.to_owned(), self.now());
        let found = self
            .read(move |session| {
                Box::pin(async move {
                    let row = sql(
                        "SELECT u.*, s.seen_at, s.ends_at FROM sessions s JOIN users u ON u.id = s.user_id \
                         WHERE s.hash = $1 AND u.enabled = 1",
                    )
                    .bind(key)
                    .row(session)
                    .await?;
                    row.map(|row| {
                        let beside = row.of("sessions", "seen_at");
                        Ok::<_, StoreError>((
                            UserRow::read(&row)?,
                            beside.time("seen_at")?,
                            beside.time("ends_at")?,
                        ))
                    })
                    .transpose()
                })
            })
            .await?;
        let Some((user, seen, ends)) = found else {
            return Ok(None);
        };
        let unused = now.duration_since(seen);
        if now >= ends || unused >= IDLE {
            return Ok(None);
        }
        if unused >= SEEN_AGAIN_AFTER {
            let key = hash.to_owned();
            let touched = self.write(move |session| {
                Box::pin(async move {
                    let touch = sql("UPDATE sessions SET seen_at = $2 WHERE hash = $1");
                    touch.bind(key).bind(now).execute(session).await.map(drop)
                })
            });
            // Where nothing can be written, as on a full disk, people must still be able to look.
            if let Err(error) = touched.await {
                tracing::warn!(%error, "that a session was used could not be noted");
            }
        }
        Ok(Some(user))
    }

    /// Ends a session; `who` has had it.
    pub async fn close_session(&self, hash: &str, who: &str) -> Result<(), StoreError> {
        let (hash, who, now) = (hash.to_owned(), who.to_owned(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                let closed = sql("DELETE FROM sessions WHERE hash = $1 RETURNING user_id")
                    .bind(hash)
                    .row(session)
                    .await?;
                if let Some(row) = closed {
                    let user = row.of("sessions", "user_id").integer("user_id")?;
                    let entry = AuditEntry::new(who, "session.close", user.to_string());
                    audit::append(session, now, &entry).await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// Notes that somebody came with a name and a wrong password.
    pub async fn note_refused_login(&self, name: &str) -> Result<(), StoreError> {
        let entry = AuditEntry::new("nobody", "session.refused", name).after(json!({"name": name}));
        self.append_audit(entry).await.map(drop)
    }
}

/// Ends all sessions of a person but one.
pub(super) async fn end_all_of(
    session: &mut Session,
    user: i64,
    keeping: Option<&str>,
) -> Result<(), StoreError> {
    sql("DELETE FROM sessions WHERE user_id = $1 AND hash <> $2")
        .bind(user)
        .bind(keeping.unwrap_or_default())
        .execute(session)
        .await
        .map(drop)
}
