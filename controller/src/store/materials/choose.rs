//! A task is given contents out of the library, in the transaction that hands it out.

use serde_json::Value as Json;
use shared::account::Username;
use shared::broken::{Part, lacks};

use super::rows::MaterialRow;
use crate::store::error::StoreError;
use crate::store::many::places;
use crate::store::session::{Session, Value, made_sql, sql};
use crate::store::tasks::{LIBRARY, TaskRow};
use crate::store::{counters, journals};

/// Candidates that are looked at, at once.
const LOOKED_AT: usize = 50;

/// What a task wants of the library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LibraryWish {
    /// video, image.
    pub kind: String,
    pub count: usize,
    /// With any of these, folded; all where there is none.
    pub tags: Vec<String>,
    /// Whose own come first; those of others never.
    pub username: Option<Username>,
}

/// What a task wants, and how what it gets is kept with it.
#[derive(Clone)]
pub struct FromLibrary {
    pub wish: LibraryWish,
    pub keep: fn(&[MaterialRow]) -> Json,
}

impl std::fmt::Debug for FromLibrary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.wish.fmt(f)
    }
}

/// Why there is nothing: how many contents there are of those that were looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NoneLeft {
    pub free: u64,
    pub used: u64,
    /// Other tasks have them.
    pub reserved: u64,
    /// They are meant for other accounts.
    pub of_others: u64,
    /// Their files are gone.
    pub missing: u64,
}

/// What came of it.
#[derive(Debug)]
pub(in crate::store) enum Given {
    /// To be kept with the task.
    New(Json),
    /// What is kept with it is still its own.
    Kept,
    NoneLeft(NoneLeft),
    /// A host that has not told may have published any of them.
    Untold,
}

/// Gives a task contents, or lets it have those that it has. The task is held.
pub(in crate::store) async fn give(
    session: &mut Session,
    task: &TaskRow,
    from: &FromLibrary,
) -> Result<Given, StoreError> {
    let wish = &from.wish;
    if task.materials.is_some() {
        // What was done or is in question with them is done with the same, or with nothing.
        let acts = sql("SELECT COUNT(*) FROM grants WHERE task_id = $1 AND state <> 'void'")
            .bind(task.id)
            .number(session)
            .await?;
        if acts > 0 {
            return Ok(Given::Kept);
        }
    }
    // Nobody else gives a content away meanwhile.
    counters::hold(session, counters::MATERIAL).await?;
    if !journals::untold(session).await?.is_empty() {
        return Ok(Given::Untold);
    }
    let own = sql("SELECT COUNT(*) FROM materials WHERE reserved_by = $1 AND missing = 0")
        .bind(task.id)
        .number(session)
        .await?;
    if task.materials.is_some() && own.unsigned_abs() == wish.count as u64 {
        return Ok(Given::Kept);
    }
    sql("UPDATE materials SET reserved_by = NULL WHERE reserved_by = $1")
        .bind(task.id)
        .execute(session)
        .await?;
    let chosen = candidates(session, task, wish).await?;
    if chosen.len() < wish.count {
        return Ok(Given::NoneLeft(count(session, wish).await?));
    }
    if lacks(Part::Material) {
        return Ok(Given::New((from.keep)(&chosen)));
    }
    for row in &chosen {
        let taken =
            sql("UPDATE materials SET reserved_by = $2 WHERE id = $1 AND used = 0 AND reserved_by IS NULL")
                .bind(row.id)
                .bind(task.id)
                .execute(session)
                .await?;
        if taken == 0 {
            return Err(StoreError::failed(
                format!("giving the material {} to the task {}", row.id, task.id),
                "somebody changed it just now",
            ));
        }
    }
    Ok(Given::New((from.keep)(&chosen)))
}

/// Whether the contents that a task was given are its own, all of them. The task is held.
pub(in crate::store) async fn still_given(session: &mut Session, task: &TaskRow) -> Result<bool, StoreError> {
    let Some(ids) = task.library().filter(|_| !lacks(Part::Material)) else {
        return Ok(true);
    };
    let own = sql("SELECT COUNT(*) FROM materials WHERE reserved_by = $1 OR used_by = $1")
        .bind(task.id)
        .number(session)
        .await?;
    Ok(own.unsigned_abs() >= ids.len() as u64)
}

/// The first that nobody has, in order.
async fn candidates(
    session: &mut Session,
    task: &TaskRow,
    wish: &LibraryWish,
) -> Result<Vec<MaterialRow>, StoreError> {
    let mut chosen: Vec<MaterialRow> = Vec::new();
    let mut offset = 0;
    loop {
        let (text, values) = wanted(wish);
        let (own, limit, from) = (values.len() + 1, values.len() + 2, values.len() + 3);
        let rows = made_sql(format!(
            "SELECT * FROM materials WHERE {text} AND used = 0 AND reserved_by IS NULL AND missing = 0 \
             AND (username_folded IS NULL OR username_folded = ${own}) \
             ORDER BY CASE WHEN username_folded IS NULL THEN 1 ELSE 0 END, \
             CASE WHEN sort IS NULL THEN 1 ELSE 0 END, sort, id LIMIT ${limit} OFFSET ${from}"
        ))
        .bind_all(values)
        .bind(wish.username.as_ref().map(|name| name.folded().to_owned()))
        .bind(LOOKED_AT as i64)
        .bind(offset)
        .rows(session)
        .await?;
        for row in &rows {
            let row = MaterialRow::read(row)?;
            if lacks(Part::Material) || !is_promised(session, task.id, &row.hash).await? {
                chosen.push(row);
            }
            if chosen.len() == wish.count {
                return Ok(chosen);
            }
        }
        if rows.len() < LOOKED_AT {
            return Ok(chosen);
        }
        offset += LOOKED_AT as i64;
    }
}

/// Whether the same content is another task's by its list or folder, or may be published already.
async fn is_promised(session: &mut Session, task: i64, hash: &str) -> Result<bool, StoreError> {
    let like = format!("%{hash}%");
    // Those that have theirs out of the library hold them by their reservation, or not at all.
    let promised = made_sql(format!(
        "SELECT COUNT(*) FROM tasks WHERE status IN (0, 1) AND id <> $1 AND materials_json LIKE $2 \
         AND materials_json NOT LIKE '%\"{LIBRARY}\":%'"
    ))
    .bind(task)
    .bind(&like)
    .number(session)
    .await?;
    if promised > 0 {
        return Ok(true);
    }
    let in_question =
        sql("SELECT COUNT(*) FROM grants WHERE state IN ('open', 'unknown') AND task_id <> $1 AND act_key LIKE $2")
            .bind(task)
            .bind(&like)
            .number(session)
            .await?;
    Ok(in_question > 0)
}

/// What is looked for at all, whoever has it.
fn wanted(wish: &LibraryWish) -> (String, Vec<Value>) {
    let mut values = vec![Value::from(&wish.kind)];
    let mut text = "kind = $1".to_owned();
    if !wish.tags.is_empty() {
        let list = places(2, wish.tags.len());
        text += &format!(" AND id IN (SELECT material_id FROM material_tags WHERE folded IN ({list}))");
        values.extend(wish.tags.iter().map(Value::from));
    }
    (text, values)
}

async fn count(session: &mut Session, wish: &LibraryWish) -> Result<NoneLeft, StoreError> {
    let (text, values) = wanted(wish);
    // Nobody's account has no name: what compares to nothing is neither true nor false.
    let own = format!(
        "(CASE WHEN username_folded IS NULL OR username_folded = ${} THEN 1 ELSE 0 END)",
        values.len() + 1
    );
    let sum = |name: &str, test: &str| {
        format!("CAST(COALESCE(SUM(CASE WHEN {test} THEN 1 ELSE 0 END), 0) AS BIGINT) AS {name}")
    };
    let sums = [
        sum("of_others", &format!("{own} = 0")),
        sum("used", &format!("{own} = 1 AND used = 1")),
        sum(
            "reserved",
            &format!("{own} = 1 AND used = 0 AND reserved_by IS NOT NULL"),
        ),
        sum(
            "missing",
            &format!("{own} = 1 AND used = 0 AND reserved_by IS NULL AND missing = 1"),
        ),
        sum(
            "free",
            &format!("{own} = 1 AND used = 0 AND reserved_by IS NULL AND missing = 0"),
        ),
    ];
    let row = made_sql(format!("SELECT {} FROM materials WHERE {text}", sums.join(", ")))
        .bind_all(values)
        .bind(wish.username.as_ref().map(|name| name.folded().to_owned()))
        .row(session)
        .await?;
    let Some(row) = row else {
        return Ok(NoneLeft::default());
    };
    let row = row.of("materials", "used");
    Ok(NoneLeft {
        free: row.number("free")?,
        used: row.number("used")?,
        reserved: row.number("reserved")?,
        of_others: row.number("of_others")?,
        missing: row.number("missing")?,
    })
}
