//! What should come of the week, by plain rules: one task at a time on a phone, in the order in which they were asked
//! for; so many follows of an account in a day, the rest the next day; nothing on a phone that is hot or away; what has
//! waited for its phone for too long is over; what an account that is disabled was to do waits.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};

use super::story::{
    A_HOST, CAP, EXPIRE, Event, Noted, PHONES, STEP, accounts, at, begins, ends, events, local,
};
use super::story::{posts, sheet, targets};

#[derive(Debug, Clone)]
enum Work {
    Follow(String),
    Post,
    Walk,
}

#[derive(Debug, Clone)]
struct Task {
    /// The how manyth that was asked for.
    number: usize,
    phone: usize,
    /// `None` where it is the phone's.
    account: Option<String>,
    work: Work,
    due: Timestamp,
}

/// How often each account did what on which day.
pub(super) type Acts = BTreeSet<(Date, String, String)>;

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    /// Day, account, whom it followed.
    pub(super) follows: Acts,
    /// How many posts an account made in a day.
    pub(super) posts: BTreeMap<(Date, String), usize>,
    pub(super) walks: usize,
    /// Tasks at the end: completed, expired, still waiting.
    pub(super) completed: usize,
    pub(super) expired: usize,
    pub(super) waiting: usize,
}

#[derive(Debug, Default)]
struct Model {
    book: Vec<Noted>,
    /// Those that wait, in the order in which they were asked for.
    tasks: Vec<Task>,
    asked: usize,
    /// By phone: what it works on.
    running: BTreeMap<usize, Task>,
    away: BTreeMap<usize, Timestamp>,
    hot: BTreeSet<usize>,
    outcome: Outcome,
}

/// The whole week.
pub(super) fn outcome() -> Outcome {
    let mut model = Model {
        book: accounts(),
        ..Model::default()
    };
    let mut now = begins();
    while now < ends() {
        now += STEP;
        model.step(now);
    }
    model.outcome.waiting = model.tasks.len() + model.running.len();
    model.outcome
}

fn hosts_phones(host: usize) -> std::ops::RangeInclusive<usize> {
    host * A_HOST + 1..=(host + 1) * A_HOST
}

impl Model {
    fn step(&mut self, now: Timestamp) {
        for event in events(now) {
            self.happens(event, now);
        }
        for phone in 1..=PHONES {
            if let Some(task) = self.running.remove(&phone) {
                self.work(task, now);
            }
        }
        self.expire(now);
        for phone in 1..=PHONES {
            self.begin(phone, now);
        }
    }

    fn happens(&mut self, event: Event, now: Timestamp) {
        match event {
            Event::Follow => {
                let works: Vec<Work> = targets(local(now).date()).into_iter().map(Work::Follow).collect();
                self.ask(now, |_| true, &works);
            }
            Event::Posts => self.ask(now, posts, &[Work::Post]),
            Event::Walks => {
                for phone in 1..=PHONES {
                    self.add(phone, None, Work::Walk, now);
                }
            }
            Event::HostGoes(host) => {
                for phone in hosts_phones(host) {
                    self.away.insert(phone, now);
                    // It had not begun to act.
                    if let Some(task) = self.running.remove(&phone) {
                        self.wait(task);
                    }
                }
            }
            Event::HostComes(host) => {
                for phone in hosts_phones(host) {
                    self.away.remove(&phone);
                }
            }
            Event::Heats(phone) => drop(self.hot.insert(phone)),
            Event::Cools(phone) => drop(self.hot.remove(&phone)),
            Event::Sheet => {
                for row in sheet() {
                    match self.book.iter_mut().find(|known| known.username == row.username) {
                        Some(known) => *known = row,
                        None => self.book.push(row),
                    }
                }
            }
            Event::Restart => {}
        }
    }

    fn ask(&mut self, now: Timestamp, whom: impl Fn(&Noted) -> bool, works: &[Work]) {
        for account in self.book.clone() {
            if account.enabled && whom(&account) {
                for work in works {
                    self.add(account.phone, Some(account.username.clone()), work.clone(), now);
                }
            }
        }
    }

    fn add(&mut self, phone: usize, account: Option<String>, work: Work, due: Timestamp) {
        self.asked += 1;
        self.tasks.push(Task {
            number: self.asked,
            phone,
            account,
            work,
            due,
        });
    }

    /// Puts a task back where it belongs.
    fn wait(&mut self, task: Task) {
        let place = self.tasks.partition_point(|other| other.number < task.number);
        self.tasks.insert(place, task);
    }

    fn work(&mut self, task: Task, now: Timestamp) {
        let day = local(now).date();
        match (task.work, task.account) {
            (Work::Follow(target), Some(account)) => {
                // It was begun the day before.
                if self.followed(&account, day) >= CAP {
                    let work = Work::Follow(target);
                    return self.wait(Task {
                        due: tomorrow(day),
                        account: Some(account),
                        work,
                        ..task
                    });
                }
                self.outcome.follows.insert((day, account, target));
            }
            (Work::Post, Some(account)) => {
                *self.outcome.posts.entry((day, account)).or_default() += 1;
            }
            _ => self.outcome.walks += 1,
        }
        self.outcome.completed += 1;
    }

    fn followed(&self, account: &str, day: Date) -> usize {
        let follows = self.outcome.follows.iter();
        follows.filter(|(on, by, _)| *on == day && by == account).count()
    }

    fn expire(&mut self, now: Timestamp) {
        let edge = now - EXPIRE;
        let before = self.tasks.len();
        let away = &self.away;
        self.tasks
            .retain(|task| task.due > edge || away.get(&task.phone).is_none_or(|since| *since > edge));
        self.outcome.expired += before - self.tasks.len();
    }

    fn begin(&mut self, phone: usize, now: Timestamp) {
        if self.away.contains_key(&phone) || self.hot.contains(&phone) || self.running.contains_key(&phone) {
            return;
        }
        let day = local(now).date();
        let mut place = 0;
        while let Some(task) = self.tasks.get(place) {
            let waits = task.phone != phone || task.due > now || self.is_off(task);
            if !waits {
                let full = matches!((&task.work, &task.account),
                    (Work::Follow(_), Some(account)) if self.followed(account, day) >= CAP);
                if !full {
                    let task = self.tasks.remove(place);
                    self.running.insert(phone, task);
                    return;
                }
                if let Some(task) = self.tasks.get_mut(place) {
                    task.due = tomorrow(day);
                }
            }
            place += 1;
        }
    }

    fn is_off(&self, task: &Task) -> bool {
        let named = |account: &&Noted| Some(&account.username) == task.account.as_ref();
        self.book
            .iter()
            .find(named)
            .is_some_and(|account| !account.enabled)
    }
}

fn tomorrow(day: Date) -> Timestamp {
    at((day + 1.day()).at(0, 0, 0, 0))
}
