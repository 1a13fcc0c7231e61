//! What goes with an account that gets another phone: its tasks that wait for the old one, and what an operator should know.

use serde_json::{Value, json};
use shared::device::Serial;

use super::{AccountRow, ListedAccount, apply, list, rows};
use crate::store::error::StoreError;
use crate::store::session::{Session, sql};
use crate::store::tasks::{Gone, moves};
use crate::store::{Store, audit, devices};

/// Tasks that are named one by one.
const NAMED: usize = 10;

/// An account that has another phone, or none any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountMove {
    pub account: i64,
    pub username: String,
    pub from: Option<Serial>,
    pub to: Option<Serial>,
    /// Whether it was logged in on the old phone.
    pub was_logined: bool,
    /// Whether it is known to be logged in on the new one.
    pub is_logined: bool,
    /// What became of its tasks.
    pub tasks: Gone,
    /// How many of its tasks wait for the old phone still, because there is no new one.
    pub left: u64,
}

impl AccountMove {
    /// For people; `None` where there is nothing that they need to know.
    pub fn in_words(&self) -> Option<String> {
        let Self { username, tasks, .. } = self;
        let mut words = match (&self.from, &self.to) {
            (Some(from), Some(to)) => format!("{username} went from {from} to {to}: {}", self.session(from)),
            (Some(from), None) => format!("{username} has no phone any more: {}", self.session(from)),
            (None, _) if tasks.along.is_empty() => return None,
            (None, _) => format!("{username} has a phone again"),
        };
        if let (Some(to), Some(_), false) = (&self.to, &self.from, self.is_logined) {
            words += &format!("; it counts as not logged in until login has run on {to}");
        }
        if !tasks.along.is_empty() {
            words += &format!("; {} went along", counted(tasks.along.len(), "task that waits"));
        }
        if self.left > 0 {
            let left = usize::try_from(self.left).unwrap_or(usize::MAX);
            words += &format!("; {} for the old phone still", counted(left, "task that waits"));
        }
        if !tasks.running.is_empty() {
            words += &format!("; first {} on the old phone", ending(&tasks.running));
        }
        Some(words)
    }

    /// The phone that has a session of it still.
    pub fn session_left_on(&self) -> Option<&Serial> {
        self.from.as_ref().filter(|_| self.was_logined)
    }

    fn session(&self, from: &Serial) -> String {
        let has = if self.was_logined { "has" } else { "may have" };
        format!("{from} {has} a session of it still, log it out there")
    }

    /// For the record.
    pub(super) fn told(&self) -> Value {
        json!({
            "from": self.from, "to": self.to, "session_left_on": self.session_left_on(), "tasks": self.tasks.along,
            "tasks_ending_there": self.tasks.running,
        })
    }
}

/// "1 task that waits", "3 tasks that wait".
fn counted(number: usize, one: &str) -> String {
    if number == 1 {
        format!("1 {one}")
    } else {
        format!("{number} {}", one.replace("task that waits", "tasks that wait"))
    }
}

/// "task 7 ends", "tasks 7, 8 end".
fn ending(tasks: &[i64]) -> String {
    let named: Vec<String> = tasks.iter().take(NAMED).map(i64::to_string).collect();
    let more = if tasks.len() > NAMED { ", …" } else { "" };
    if tasks.len() == 1 {
        format!("task {} ends", named.join(""))
    } else {
        format!("tasks {}{more} end", named.join(", "))
    }
}

impl Store {
    /// Notes that an account was found to be logged in on a phone, on record; answers it as it is then. Nothing where it is
    /// gone, or bound to another phone by now, of which that says nothing.
    pub async fn note_login(
        &self,
        id: i64,
        on: &Serial,
        who: &str,
    ) -> Result<Option<ListedAccount>, StoreError> {
        let (on, who, now) = (on.clone(), who.to_owned(), self.now());
        self.write_accounts(move |session| {
            Box::pin(async move {
                let Some(before) = rows::find(session, id).await? else {
                    return Ok(None);
                };
                if let Some(bound) = before.row.device.as_ref().filter(|bound| **bound != on)
                    && devices::find(session, bound).await?.is_some()
                {
                    return Ok(None);
                }
                let mut after = before.clone();
                after.row.logined = true;
                if let Some(applied) = apply(session, now, &before, &mut after, &who).await? {
                    audit::append(session, now, &applied.entry).await?;
                }
                list::one(session, id).await
            })
        })
        .await
    }
}

/// Has an account's tasks follow it to another phone. Before the account itself is written: whoever works on a task holds the
/// task first and its account then.
pub(crate) async fn follow(
    session: &mut Session,
    before: &AccountRow,
    after: &AccountRow,
) -> Result<Option<AccountMove>, StoreError> {
    if before.device == after.device {
        return Ok(None);
    }
    let mut left = 0;
    let tasks = if let Some(to) = &after.device {
        moves::with_account(session, after.id, to).await?
    } else {
        let waiting = sql("SELECT COUNT(*) FROM tasks WHERE account_id = $1 AND status = 0").bind(after.id);
        left = waiting.number(session).await?.unsigned_abs();
        Gone::default()
    };
    Ok(Some(AccountMove {
        account: after.id,
        username: after.username.as_str().to_owned(),
        from: before.device.clone(),
        to: after.device.clone(),
        was_logined: before.logined,
        is_logined: after.logined,
        tasks,
        left,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(from: Option<&str>, to: Option<&str>) -> AccountMove {
        let serial = |name: &str| Serial(name.to_owned());
        AccountMove {
            account: 1,
            username: "jane".to_owned(),
            from: from.map(serial),
            to: to.map(serial),
            was_logined: true,
            is_logined: false,
            tasks: Gone::default(),
            left: 0,
        }
    }

    #[test]
    fn what_an_operator_should_know_is_told() {
        let mut one = moved(Some("A"), Some("B"));
        one.tasks = Gone {
            along: vec![3, 4],
            running: vec![7],
        };
        assert_eq!(
            one.in_words().unwrap(),
            "jane went from A to B: A has a session of it still, log it out there; it counts as not logged in until \
             login has run on B; 2 tasks that wait went along; first task 7 ends on the old phone"
        );
        one.is_logined = true;
        one.was_logined = false;
        one.tasks = Gone {
            along: vec![3],
            running: (1..=12).collect(),
        };
        assert_eq!(
            one.in_words().unwrap(),
            "jane went from A to B: A may have a session of it still, log it out there; 1 task that waits went along; \
             first tasks 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, … end on the old phone"
        );
        let mut none = moved(Some("A"), None);
        none.left = 1;
        assert_eq!(
            none.in_words().unwrap(),
            "jane has no phone any more: A has a session of it still, log it out there; 1 task that waits for the old phone still"
        );
        assert_eq!(moved(None, Some("B")).in_words(), None);
    }
}
