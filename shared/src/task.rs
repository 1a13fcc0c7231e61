//! A task's life: which states there are, which may follow which, and what the outside is told of each.
//!
//! The table in docs/never-twice.md is this file for people; a test holds the two against each other.

use std::fmt;

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TaskState {
    /// For its time, its phone, its account, or a place among the phones that may work.
    Waiting,
    /// It failed and is tried again at its time.
    Retrying,
    /// An attempt of it was written down and sent; its host has not said yet that it has it.
    Handed,
    /// Its host works on it.
    Running,
    /// It was told to stop, and its host has not said yet that it did.
    Stopping,
    /// Its attempt has ended or is lost, and what became of an act of it is not known yet.
    Verifying,
    /// A person must do or decide something.
    Person,
    Completed,
    Failed,
}

/// The four numbers that clients know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TaskStatus {
    Pending = 0,
    Running = 1,
    Completed = 2,
    Failed = 3,
}

impl TaskStatus {
    pub const ALL: [Self; 4] = [Self::Pending, Self::Running, Self::Completed, Self::Failed];

    pub fn number(self) -> i64 {
        self as i64
    }

    /// Nothing more happens by itself.
    pub fn is_end(self) -> bool {
        matches!(self, Self::Completed | Self::Failed)
    }

    pub fn of_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.number() == number)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }
}

impl TaskState {
    pub const ALL: [Self; 9] = [
        Self::Waiting,
        Self::Retrying,
        Self::Handed,
        Self::Running,
        Self::Stopping,
        Self::Verifying,
        Self::Person,
        Self::Completed,
        Self::Failed,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Retrying => "retrying",
            Self::Handed => "handed",
            Self::Running => "running",
            Self::Stopping => "stopping",
            Self::Verifying => "verifying",
            Self::Person => "person",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    pub fn status(self) -> TaskStatus {
        match self {
            Self::Waiting | Self::Retrying => TaskStatus::Pending,
            Self::Handed | Self::Running | Self::Stopping | Self::Verifying | Self::Person => {
                TaskStatus::Running
            }
            Self::Completed => TaskStatus::Completed,
            Self::Failed => TaskStatus::Failed,
        }
    }

    /// The states that may follow this one.
    pub fn successors(self) -> &'static [Self] {
        match self {
            Self::Waiting | Self::Retrying => &[Self::Handed, Self::Failed],
            // Its host may refuse it before anything was done.
            Self::Handed => &[
                Self::Running,
                Self::Waiting,
                Self::Retrying,
                Self::Stopping,
                Self::Verifying,
                Self::Person,
                Self::Completed,
                Self::Failed,
            ],
            Self::Running => &[
                Self::Waiting,
                Self::Retrying,
                Self::Stopping,
                Self::Verifying,
                Self::Person,
                Self::Completed,
                Self::Failed,
            ],
            // What was done is done, also where it was to be stopped.
            Self::Stopping => &[Self::Verifying, Self::Completed, Self::Failed],
            Self::Verifying => &[
                Self::Waiting,
                Self::Retrying,
                Self::Handed,
                Self::Person,
                Self::Completed,
                Self::Failed,
            ],
            Self::Person => &[Self::Waiting, Self::Completed, Self::Failed],
            // Somebody asks for it again.
            Self::Failed => &[Self::Waiting],
            Self::Completed => &[],
        }
    }

    pub fn may_become(self, next: Self) -> bool {
        self.successors().contains(&next)
    }
}

impl fmt::Display for TaskState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for TaskStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How a lasting act is known again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GrantState {
    /// Leave was given and nothing was heard since.
    Open,
    /// Nobody who was asked could say what came of it.
    Unknown,
    /// It was done, or seen to be done.
    Done,
    /// It was not done and will not be under this grant.
    Void,
}

impl GrantState {
    pub const ALL: [Self; 4] = [Self::Open, Self::Unknown, Self::Done, Self::Void];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Unknown => "unknown",
            Self::Done => "done",
            Self::Void => "void",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// Whether it is known what came of it.
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Done | Self::Void)
    }
}

/// How far an attempt at a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AttemptState {
    /// Written down and sent.
    Handed,
    /// Its host has it.
    Running,
    /// Its host is away, or came back without it.
    Lost,
    /// Its end was heard, or nothing more can be heard of it.
    Ended,
}

impl AttemptState {
    pub const ALL: [Self; 4] = [Self::Handed, Self::Running, Self::Lost, Self::Ended];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Handed => "handed",
            Self::Running => "running",
            Self::Lost => "lost",
            Self::Ended => "ended",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_and_every_number_is_known() {
        for state in TaskState::ALL {
            assert_eq!(TaskState::named(state.as_str()), Some(state));
        }
        for state in GrantState::ALL {
            assert_eq!(GrantState::named(state.as_str()), Some(state));
        }
        for state in AttemptState::ALL {
            assert_eq!(AttemptState::named(state.as_str()), Some(state));
        }
        for status in TaskStatus::ALL {
            assert_eq!(TaskStatus::of_number(status.number()), Some(status));
        }
        assert_eq!(TaskStatus::of_number(4), None);
    }

    #[test]
    fn a_task_comes_to_its_end_from_everywhere_and_nothing_follows_success() {
        for state in TaskState::ALL {
            let ends = state.may_become(TaskState::Failed) || state == TaskState::Failed;
            assert_eq!(ends, state != TaskState::Completed, "{state}");
            assert!(!state.may_become(state), "{state}");
        }
        assert!(TaskState::Completed.successors().is_empty());
        // Only what was never handed out or has failed may begin anew without a look at what it did.
        assert!(!TaskState::Stopping.may_become(TaskState::Waiting));
    }

    /// A line of the table: its state, its status, and what may follow.
    fn told(line: &str) -> Option<(TaskState, &str, Vec<TaskState>)> {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [state, status, _, next] = cells[..] else {
            return None;
        };
        let named = |name: &str| TaskState::named(name.trim()).expect("the table names states alone");
        let next = next.split(',').filter(|name| !name.trim().is_empty());
        Some((TaskState::named(state)?, status, next.map(named).collect()))
    }

    #[test]
    fn the_table_for_people_says_the_same() {
        let page = include_str!("../../docs/never-twice.md");
        let lines: Vec<_> = page.lines().filter_map(told).collect();
        assert_eq!(lines.len(), TaskState::ALL.len());
        for (state, status, next) in lines {
            assert_eq!(state.status().as_str(), status, "{state}");
            assert_eq!(state.successors(), next, "{state}");
        }
    }
}
