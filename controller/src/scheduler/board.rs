//! What the scheduler has in its head: which phones work, which hosts are there, what attempts have told lately. All of
//! it can be read again from the database and from the hosts.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;
use uuid::Uuid;

use super::due::Paused;
use crate::store::{AttemptLine, AttemptRow, Told};

/// Lines of an attempt that wait to be written; more than that are dropped.
const LINES_WAIT: usize = 500;

/// Attempts that are remembered when they are over.
const OVER_KEPT: usize = 1_000;

/// Attempts of which it is remembered that they have ended: more than can end while one looks at what was alive a
/// moment ago.
const ENDED_KEPT: usize = 10_000;

/// An attempt that has its phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Working {
    pub(super) attempt: Uuid,
    pub(super) task: i64,
    pub(super) host: Uuid,
    pub(super) serial: String,
    pub(super) account: Option<i64>,
    pub(super) lease: std::time::Duration,
}

impl Working {
    pub(super) fn of(attempt: &AttemptRow) -> Self {
        Self {
            attempt: attempt.id,
            task: attempt.task,
            host: attempt.host,
            serial: attempt.serial.0.clone(),
            account: attempt.account_id,
            lease: attempt.lease,
        }
    }
}

/// What an attempt has told and nobody has written down yet.
#[derive(Debug, Default)]
struct Unwritten {
    task: i64,
    progress: Option<(u8, String)>,
    language: Option<String>,
    lines: Vec<AttemptLine>,
}

#[derive(Debug, Default)]
pub(super) struct Board {
    /// By phone.
    working: BTreeMap<String, Working>,
    by_attempt: BTreeMap<Uuid, String>,
    /// Phones for which a task is being chosen.
    choosing: BTreeSet<String>,
    /// Phones that wait for a place among those that may work.
    starved: BTreeSet<String>,
    /// Phones that may have something to do.
    woken: BTreeSet<String>,
    pub(super) all_woken: bool,
    /// When a phone is to be looked at again.
    next: BTreeMap<String, Timestamp>,
    /// Since when hosts are away that have work.
    away: BTreeMap<Uuid, Timestamp>,
    /// The journal of each host that has said where it stands.
    journals: BTreeMap<Uuid, String>,
    pub(super) untold: BTreeSet<Uuid>,
    pub(super) paused: Paused,
    unwritten: BTreeMap<Uuid, Unwritten>,
    numbers: BTreeMap<Uuid, u32>,
    /// Attempts that are over: the last lines of their logs may come after their ends.
    over: VecDeque<Working>,
    /// The same for longer, the oldest first: none comes to life again, whoever may have read before that it lives.
    ended: VecDeque<Uuid>,
    has_ended: BTreeSet<Uuid>,
    pub(super) limit: usize,
    /// Whether tasks might begin when it was looked last.
    pub(super) was_open: bool,
    /// Seconds since the start when the timer fired last.
    pub(super) seconds: i64,
}

impl Board {
    /// An empty one, on which so many phones may work.
    pub(super) fn of(limit: usize) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    pub(super) fn wake(&mut self, serial: &str) {
        self.woken.insert(serial.to_owned());
    }

    /// The phones to look at now.
    pub(super) fn take_woken(&mut self) -> BTreeSet<String> {
        std::mem::take(&mut self.woken)
    }

    pub(super) fn look_again(&mut self, serial: &str, at: Timestamp) {
        let next = self.next.entry(serial.to_owned()).or_insert(at);
        *next = at.min(*next);
    }

    /// Wakes the phones whose time has come.
    pub(super) fn wake_due(&mut self, now: Timestamp) {
        let due: Vec<String> = self
            .next
            .iter()
            .filter(|(_, at)| **at <= now)
            .map(|(serial, _)| serial.clone())
            .collect();
        for serial in due {
            self.next.remove(&serial);
            self.woken.insert(serial);
        }
    }

    pub(super) fn working(&self, serial: &str) -> Option<&Working> {
        self.working.get(serial)
    }

    pub(super) fn attempt(&self, id: Uuid) -> Option<&Working> {
        self.working.get(self.by_attempt.get(&id)?)
    }

    /// One that is over since not long ago.
    pub(super) fn over(&self, id: Uuid) -> Option<&Working> {
        self.over.iter().rev().find(|working| working.attempt == id)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Working> {
        self.working.values()
    }

    pub(super) fn is_full(&self) -> bool {
        self.working.len() + self.choosing.len() >= self.limit
    }

    /// Takes a place for a phone; `false` where it has one already or there is none.
    pub(super) fn choose(&mut self, serial: &str) -> bool {
        if self.working.contains_key(serial) || self.choosing.contains(serial) {
            return false;
        }
        if self.is_full() {
            self.starved.insert(serial.to_owned());
            return false;
        }
        self.choosing.insert(serial.to_owned())
    }

    pub(super) fn is_choosing(&self, serial: &str) -> bool {
        self.choosing.contains(serial)
    }

    /// A task was chosen, or none.
    pub(super) fn chosen(&mut self, serial: &str, working: Option<Working>) {
        self.choosing.remove(serial);
        match working {
            Some(working) => {
                self.put(working);
                if !self.working.contains_key(serial) {
                    // It was over before it was noted here.
                    self.wake(serial);
                    self.feed();
                }
            }
            None => self.feed(),
        }
    }

    /// Notes an attempt that was alive when it was read.
    pub(super) fn put(&mut self, working: Working) {
        if self.has_ended.contains(&working.attempt) {
            return;
        }
        self.by_attempt.insert(working.attempt, working.serial.clone());
        self.working.insert(working.serial.clone(), working);
    }

    /// An attempt is over: its phone is free, and its place.
    pub(super) fn free(&mut self, attempt: Uuid) {
        if self.has_ended.insert(attempt) {
            self.ended.push_back(attempt);
        }
        if self.ended.len() > ENDED_KEPT
            && let Some(oldest) = self.ended.pop_front()
        {
            self.has_ended.remove(&oldest);
        }
        if let Some(working) = self.attempt(attempt).cloned() {
            self.over.push_back(working);
            if self.over.len() > OVER_KEPT
                && let Some(oldest) = self.over.pop_front()
            {
                self.numbers.remove(&oldest.attempt);
            }
        } else {
            self.numbers.remove(&attempt);
        }
        let Some(serial) = self.by_attempt.remove(&attempt) else {
            return;
        };
        if self
            .working
            .get(&serial)
            .is_some_and(|one| one.attempt == attempt)
        {
            self.working.remove(&serial);
        }
        self.woken.insert(serial);
        self.feed();
    }

    /// Lets those that waited for a place look again.
    fn feed(&mut self) {
        if !self.is_full() {
            self.woken.append(&mut self.starved);
        }
    }

    pub(super) fn host_away(&mut self, host: Uuid, since: Timestamp) {
        self.away.entry(host).or_insert(since);
    }

    /// A host has said where it stands.
    pub(super) fn stands(&mut self, host: Uuid, journal: &str) {
        self.away.remove(&host);
        self.journals.insert(host, journal.to_owned());
    }

    pub(super) fn away_since(&self, host: Uuid) -> Option<Timestamp> {
        self.away.get(&host).copied()
    }

    /// A host that was away is connected again; it says itself where it stands.
    pub(super) fn host_back(&mut self, host: Uuid) {
        self.away.remove(&host);
    }

    pub(super) fn hosts_away(&self) -> Vec<Uuid> {
        self.away.keys().copied().collect()
    }

    pub(super) fn journal(&self, host: Uuid) -> Option<&str> {
        self.journals.get(&host).map(String::as_str)
    }

    /// The host that has a journal now.
    pub(super) fn host_of_journal(&self, journal: &str) -> Option<Uuid> {
        self.journals
            .iter()
            .find(|(_, name)| *name == journal)
            .map(|(host, _)| *host)
    }

    pub(super) fn known_journals(&self) -> Vec<(Uuid, String)> {
        let known = self.journals.iter();
        known.map(|(host, journal)| (*host, journal.clone())).collect()
    }

    /// Where the numbers of an attempt's lines go on after a restart.
    pub(super) fn lines_go_on(&mut self, attempt: Uuid, from: u32) {
        self.numbers.insert(attempt, from);
    }

    pub(super) fn progressed(&mut self, attempt: Uuid, task: i64, percent: u8, line: String) {
        let unwritten = self.unwritten.entry(attempt).or_default();
        unwritten.task = task;
        unwritten.progress = Some((percent, line));
    }

    pub(super) fn spoken(&mut self, attempt: Uuid, task: i64, language: String) {
        let unwritten = self.unwritten.entry(attempt).or_default();
        unwritten.task = task;
        unwritten.language = Some(language);
    }

    pub(super) fn told(&mut self, attempt: Uuid, task: i64, at: Timestamp, line: String) {
        let number = self.numbers.entry(attempt).or_default();
        let unwritten = self.unwritten.entry(attempt).or_default();
        unwritten.task = task;
        if unwritten.lines.len() < LINES_WAIT {
            unwritten.lines.push(AttemptLine {
                number: *number,
                at,
                line,
            });
            *number += 1;
        }
    }

    /// What is to be written down, of one attempt or of all.
    pub(super) fn take_unwritten(&mut self, attempt: Option<Uuid>) -> Vec<Told> {
        let taken = match attempt {
            None => std::mem::take(&mut self.unwritten),
            Some(attempt) => self.unwritten.remove_entry(&attempt).into_iter().collect(),
        };
        taken
            .into_iter()
            .map(|(attempt, unwritten)| Told {
                attempt,
                task: unwritten.task,
                progress: unwritten.progress,
                language: unwritten.language,
                lines: unwritten.lines,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn working(serial: &str, attempt: u128) -> Working {
        Working {
            attempt: Uuid::from_u128(attempt),
            task: 1,
            host: Uuid::from_u128(9),
            serial: serial.to_owned(),
            account: None,
            lease: std::time::Duration::from_secs(60),
        }
    }

    #[test]
    fn no_more_phones_work_than_the_plan_allows_and_the_next_takes_a_free_place() {
        let mut board = Board::of(2);
        assert!(board.choose("A") && board.choose("B"));
        assert!(!board.choose("C"), "two are being chosen for");
        board.chosen("A", Some(working("A", 1)));
        board.chosen("B", None);
        assert_eq!(board.take_woken(), BTreeSet::from(["C".to_owned()]));
        assert!(board.choose("C"));
        board.chosen("C", Some(working("C", 2)));
        assert!(!board.choose("B"));
        board.free(Uuid::from_u128(1));
        assert_eq!(
            board.take_woken(),
            BTreeSet::from(["A".to_owned(), "B".to_owned()])
        );
    }

    #[test]
    fn one_task_at_a_time_is_chosen_for_a_phone() {
        let mut board = Board::of(9);
        assert!(board.choose("A"));
        assert!(!board.choose("A"));
        board.chosen("A", Some(working("A", 1)));
        assert!(!board.choose("A"));
        board.free(Uuid::from_u128(1));
        assert!(board.choose("A"));
    }

    #[test]
    fn an_attempt_that_is_over_does_not_take_its_phone_again_whoever_read_before_that_it_lives() {
        let mut board = Board::of(9);
        board.put(working("A", 1));
        board.free(Uuid::from_u128(1));
        board.put(working("A", 1));
        assert_eq!(board.working("A"), None);
        assert!(board.choose("A"));
        // Its end was heard before the order had left.
        board.free(Uuid::from_u128(2));
        board.take_woken();
        board.chosen("A", Some(working("A", 2)));
        assert_eq!(board.working("A"), None);
        assert_eq!(board.take_woken(), BTreeSet::from(["A".to_owned()]));
        assert!(board.choose("A"));
        board.chosen("A", Some(working("A", 3)));
        assert!(board.working("A").is_some());
    }

    #[test]
    fn a_phone_is_looked_at_when_the_first_of_its_times_has_come() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut board = Board::of(9);
        board.look_again("A", at(20));
        board.look_again("A", at(10));
        board.look_again("A", at(30));
        board.wake_due(at(9));
        assert!(board.take_woken().is_empty());
        board.wake_due(at(10));
        assert_eq!(board.take_woken().len(), 1);
        board.wake_due(at(40));
        assert!(board.take_woken().is_empty());
    }

    #[test]
    fn the_lines_of_an_attempt_are_numbered_on() {
        let mut board = Board::of(9);
        let (id, now) = (Uuid::from_u128(1), Timestamp::UNIX_EPOCH);
        board.lines_go_on(id, 7);
        board.told(id, 1, now, "a".to_owned());
        board.take_unwritten(Some(id));
        board.told(id, 1, now, "b".to_owned());
        let told = board.take_unwritten(None);
        assert_eq!(told[0].lines[0].number, 8);
    }
}
