//! Programs of the shell that stay until somebody ends them: each has a pid, and `kill` reaches it. What belongs to
//! apps and to the system is beyond the shell.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tokio_util::sync::CancellationToken;

use super::Phone;

/// Above the pids of apps, below what a phone counts to.
const FIRST_PID: u32 = 9_000;

#[derive(Debug, Default)]
pub struct Running {
    inner: Mutex<BTreeMap<u32, (String, CancellationToken)>>,
}

/// A program in the table, while it runs.
#[derive(Debug)]
pub struct Entry {
    phone: Arc<Phone>,
    pid: u32,
    pub killed: CancellationToken,
}

impl Running {
    pub fn enter(phone: &Arc<Phone>, name: &str) -> Entry {
        let killed = CancellationToken::new();
        let mut inner = super::lock(&phone.running.inner);
        let pid = inner.keys().next_back().map_or(FIRST_PID, |last| last + 1);
        inner.insert(pid, (name.to_owned(), killed.clone()));
        drop(inner);
        Entry {
            phone: Arc::clone(phone),
            pid,
            killed,
        }
    }

    /// Pids with their names.
    pub fn all(&self) -> Vec<(u32, String)> {
        let inner = super::lock(&self.inner);
        inner
            .iter()
            .map(|(pid, (name, _))| (*pid, name.clone()))
            .collect()
    }

    /// Ends a program; false where none of the shell's has this pid.
    pub fn kill(&self, pid: u32) -> bool {
        let inner = super::lock(&self.inner);
        let found = inner.get(&pid);
        if let Some((_, killed)) = found {
            killed.cancel();
        }
        found.is_some()
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        super::lock(&self.phone.running.inner).remove(&self.pid);
    }
}
