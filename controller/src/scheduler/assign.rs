//! Which of a phone's tasks is next.

use crate::store::{Queue, TaskRow};

/// How many tasks are looked at where the order is random.
const RANDOM_AMONG: u32 = 100;

/// How many of a phone's tasks have to be known to choose one.
pub(super) fn looked_at(random_order: bool) -> u32 {
    if random_order { RANDOM_AMONG } else { 1 }
}

/// The task to begin: first of all, what became of an earlier act is found out. `dice` is any number.
pub(super) fn next(queue: Queue, random_order: bool, dice: u64) -> Option<TaskRow> {
    if queue.verifying.is_some() {
        return queue.verifying;
    }
    let mut runnable = queue.runnable;
    if runnable.is_empty() {
        return None;
    }
    let place = if random_order {
        usize::try_from(dice % runnable.len() as u64).unwrap_or_default()
    } else {
        0
    };
    Some(runnable.swap_remove(place))
}
