//! How the numbers of an account stood over time, a row a day: what small charts are drawn of.

use jiff::Timestamp;
use shared::account::Statistics;

use super::AccountRow;
use super::rows::{count, number};
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::row::Row;
use crate::store::session::{Session, sql};

/// Days that are kept of an account: two years.
pub const KEPT_DAYS: i64 = 731;
const DAY_MS: i64 = 24 * 3_600 * 1_000;

/// How an account's numbers stood on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatisticsOfDay {
    /// When they were taken, the last time on that day.
    pub at: Timestamp,
    pub followers: Option<u64>,
    pub following: Option<u64>,
    pub hearts: Option<u64>,
    pub videos: Option<u64>,
    pub friends: Option<u64>,
}

impl StatisticsOfDay {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let row = row.of("account_statistics", "account_id");
        Ok(Self {
            at: row.time("taken_at")?,
            followers: count(&row, "followers")?,
            following: count(&row, "following")?,
            hearts: count(&row, "hearts")?,
            videos: count(&row, "videos")?,
            friends: count(&row, "friends")?,
        })
    }
}

impl Store {
    /// An account's numbers on the days since `from`, in order of time.
    pub async fn account_statistics(
        &self,
        account: i64,
        from: Timestamp,
    ) -> Result<Vec<StatisticsOfDay>, StoreError> {
        self.read(move |session| {
            Box::pin(async move {
                sql("SELECT * FROM account_statistics WHERE account_id = $1 AND day >= $2 ORDER BY day")
                    .bind(account)
                    .bind(day(from))
                    .rows(session)
                    .await?
                    .iter()
                    .map(StatisticsOfDay::read)
                    .collect()
            })
        })
        .await
    }
}

fn day(at: Timestamp) -> i64 {
    at.as_millisecond().div_euclid(DAY_MS)
}

fn counts(of: &Statistics) -> [Option<u64>; 5] {
    [of.followers, of.following, of.hearts, of.videos, of.friends]
}

/// Keeps the numbers for the day where they were read anew or have changed, and lets the oldest go.
pub(super) async fn keep(
    session: &mut Session,
    now: Timestamp,
    before: &AccountRow,
    after: &AccountRow,
) -> Result<(), StoreError> {
    let (was, is) = (&before.statistics, &after.statistics);
    if was.synced_at == is.synced_at && counts(was) == counts(is) {
        return Ok(());
    }
    sql(
        "INSERT INTO account_statistics (account_id, day, taken_at, followers, following, hearts, videos, friends) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (account_id, day) DO UPDATE SET taken_at = excluded.taken_at, \
         followers = excluded.followers, following = excluded.following, hearts = excluded.hearts, \
         videos = excluded.videos, friends = excluded.friends",
    )
    .bind(after.id)
    .bind(day(now))
    .bind(now)
    .bind_all(counts(is).map(number))
    .execute(session)
    .await?;
    sql("DELETE FROM account_statistics WHERE account_id = $1 AND day < $2")
        .bind(after.id)
        .bind(day(now) - KEPT_DAYS)
        .execute(session)
        .await?;
    Ok(())
}
