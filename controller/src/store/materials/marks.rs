//! What acts make of contents: done uses them up, in question keeps them, ended without any frees them.

use jiff::Timestamp;
use shared::wire::work::CommitKind;

use crate::store::error::StoreError;
use crate::store::many::{KEYS_AT_ONCE, places};
use crate::store::session::{Session, Value, made_sql, sql};

/// The contents in the key of an act: a post's is their hashes.
fn hashes(key: &str) -> impl Iterator<Item = &str> {
    let is_hash = |part: &&str| part.len() == 64 && part.bytes().all(|digit| digit.is_ascii_hexdigit());
    key.split('+').filter(is_hash)
}

/// An act was done: the contents that it names are used, and whatever the task had for it.
pub(in crate::store) async fn used_by_act(
    session: &mut Session,
    now: Timestamp,
    task: i64,
    kind: CommitKind,
    key: &str,
) -> Result<(), StoreError> {
    const USED: &str =
        "UPDATE materials SET used = 1, used_at = $2, used_by = $1, reserved_by = NULL WHERE used = 0 AND";
    for hash in hashes(key) {
        made_sql(format!("{USED} hash = $3"))
            .bind(task)
            .bind(now)
            .bind(hash)
            .execute(session)
            .await?;
    }
    if kind == CommitKind::Append {
        // A pack of the operator's own may name its act by something else.
        made_sql(format!("{USED} reserved_by = $1"))
            .bind(task)
            .bind(now)
            .execute(session)
            .await?;
    }
    Ok(())
}

/// It is not known what became of an act of which the database had forgotten: its contents are its task's.
pub(in crate::store) async fn in_doubt(
    session: &mut Session,
    task: i64,
    key: &str,
) -> Result<(), StoreError> {
    for hash in hashes(key) {
        sql("UPDATE materials SET reserved_by = $1 WHERE hash = $2 AND used = 0")
            .bind(task)
            .bind(hash)
            .execute(session)
            .await?;
    }
    Ok(())
}

/// Nothing that could publish it is in question.
const FREE: &str = "NOT EXISTS (SELECT 1 FROM grants g WHERE g.task_id = materials.reserved_by \
     AND g.state IN ('open', 'unknown'))";

/// Tasks have ended or are gone: what they had is free again, unless an act of theirs is in question.
pub(in crate::store) async fn release(session: &mut Session, tasks: &[i64]) -> Result<(), StoreError> {
    for tasks in tasks.chunks(KEYS_AT_ONCE) {
        let places = places(1, tasks.len());
        made_sql(format!(
            "UPDATE materials SET reserved_by = NULL WHERE reserved_by IN ({places}) AND {FREE}"
        ))
        .bind_all(tasks.iter().map(|task| Value::from(*task)))
        .execute(session)
        .await?;
    }
    Ok(())
}

/// The same for a task of which it is not known whether it has ended.
pub(in crate::store) async fn release_ended(session: &mut Session, task: i64) -> Result<(), StoreError> {
    let alive = sql("SELECT COUNT(*) FROM tasks WHERE id = $1 AND status IN (0, 1)")
        .bind(task)
        .number(session)
        .await?;
    if alive > 0 {
        return Ok(());
    }
    release(session, &[task]).await
}

/// The task that published a content, or may have, and when it was given leave.
pub(super) async fn published(
    session: &mut Session,
    hash: &str,
) -> Result<Option<(i64, Timestamp)>, StoreError> {
    let row = sql(
        "SELECT task_id, granted_at FROM grants WHERE state <> 'void' AND act_key LIKE $1 ORDER BY number DESC LIMIT 1",
    )
    .bind(format!("%{hash}%"))
    .row(session)
    .await?;
    row.map(|row| {
        let row = row.of("grants", "task_id");
        Ok((row.integer("task_id")?, row.time("granted_at")?))
    })
    .transpose()
}
