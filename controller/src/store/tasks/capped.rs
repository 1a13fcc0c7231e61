//! Tasks that a number a day has put off are looked at again when the number is another.

use jiff::Timestamp;

use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::session::{Session, sql};

impl Store {
    /// The same for all accounts: the settings have other numbers.
    pub async fn look_again_at_capped(&self) -> Result<(), StoreError> {
        let now = self.now();
        self.write(move |session| {
            Box::pin(async move {
                sql("UPDATE tasks SET due_at = $1 WHERE status = 0 AND due_at > $1 \
                     AND waiting_for LIKE 'daily_cap:%'")
                .bind(now)
                .execute(session)
                .await
                .map(drop)
            })
        })
        .await
    }
}

/// Has the tasks of an account looked at that were put off by its number of acts a day.
pub(crate) async fn look_again(
    session: &mut Session,
    now: Timestamp,
    account: i64,
) -> Result<(), StoreError> {
    sql(
        "UPDATE tasks SET due_at = $2 WHERE account_id = $1 AND status = 0 AND due_at > $2 \
         AND waiting_for LIKE 'daily_cap:%'",
    )
    .bind(account)
    .bind(now)
    .execute(session)
    .await
    .map(drop)
}
