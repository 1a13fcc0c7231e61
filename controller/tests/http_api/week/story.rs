//! What happens in the week, told once, for the farm and for the model of it.

use std::time::Duration;

use jiff::civil::{Date, DateTime, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

pub(super) const ZONE: &str = "Europe/Stockholm";
pub(super) const PHONES: usize = 40;
/// Phones of one host, in order.
pub(super) const A_HOST: usize = 10;
/// Accounts of a phone at the beginning.
const ACCOUNTS: usize = 3;
/// Follows of an account in a day.
pub(super) const CAP: usize = 3;
/// Whom each account is to follow, of a day's call.
const TARGETS: usize = 4;
/// Nothing is looked at more finely, and each attempt takes so long.
pub(super) const STEP: Duration = Duration::from_secs(300);
/// A task whose phone is away for so long after it was due expires: the setting's default.
pub(super) const EXPIRE: SignedDuration = SignedDuration::from_hours(2);
/// Attempts' evidence is kept for so many days.
pub(super) const KEEP_DAYS: i64 = 2;

/// Monday at 7:00; on its Sunday the clocks of Stockholm leave an hour out.
pub(super) fn begins() -> Timestamp {
    at(date(2027, 3, 22).at(7, 0, 0, 0))
}

/// The Monday after, at the same time of day.
pub(super) fn ends() -> Timestamp {
    at(date(2027, 3, 29).at(7, 0, 0, 0))
}

pub(super) fn zone() -> TimeZone {
    TimeZone::get(ZONE).unwrap()
}

pub(super) fn at(local: DateTime) -> Timestamp {
    local.to_zoned(zone()).unwrap().timestamp()
}

pub(super) fn local(time: Timestamp) -> DateTime {
    time.to_zoned(zone()).datetime()
}

pub(super) fn serial(phone: usize) -> String {
    format!("SIM{phone:04}")
}

/// An account as the operator has noted it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Noted {
    pub(super) username: String,
    pub(super) phone: usize,
    pub(super) enabled: bool,
}

fn noted(number: usize, phone: usize) -> Noted {
    Noted {
        username: format!("user{phone:02}.{number}"),
        phone,
        enabled: true,
    }
}

/// Every account of the first days, phone by phone.
pub(super) fn accounts() -> Vec<Noted> {
    (1..=PHONES)
        .flat_map(|phone| (1..=ACCOUNTS).map(move |number| noted(number, phone)))
        .collect()
}

/// The sheet of Wednesday: the third accounts of four phones are disabled, and eight other phones get a fourth.
pub(super) fn sheet() -> Vec<Noted> {
    let off = [3, 12, 21, 35].map(|phone| Noted {
        enabled: false,
        ..noted(ACCOUNTS, phone)
    });
    let new = [1, 2, 11, 13, 22, 23, 39, 40].map(|phone| noted(ACCOUNTS + 1, phone));
    off.into_iter().chain(new).collect()
}

/// The first two accounts of each phone post.
pub(super) fn posts(account: &Noted) -> bool {
    account.username.ends_with(".1") || account.username.ends_with(".2")
}

/// Whom all accounts are to follow by the call of a day.
pub(super) fn targets(day: Date) -> Vec<String> {
    (1..=TARGETS)
        .map(|number| format!("{}.{number}", day.strftime("%b%d").to_string().to_lowercase()))
        .collect()
}

/// What happens at a step, before anything else does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    /// The operator has every account follow the day's people.
    Follow,
    /// The schedule of posts is due.
    Posts,
    /// The schedule that has each phone look around is due.
    Walks,
    HostGoes(usize),
    HostComes(usize),
    Heats(usize),
    Cools(usize),
    /// A sheet comes in.
    Sheet,
    /// The controller's process ends and another one begins.
    Restart,
}

pub(super) fn events(now: Timestamp) -> Vec<Event> {
    let now = local(now);
    let is = |day: i8, hour: i8, minute: i8| now == date(2027, 3, day).at(hour, minute, 0, 0);
    let daily = |hour: i8, minute: i8| (now.hour(), now.minute()) == (hour, minute);
    let once: [(bool, Event); 10] = [
        (daily(8, 0) && now.day() < 28, Event::Follow),
        (daily(9, 0), Event::Posts),
        (daily(20, 0), Event::Walks),
        (is(23, 19, 30), Event::Heats(5)),
        (is(23, 21, 30), Event::Cools(5)),
        (is(24, 12, 0), Event::Sheet),
        // Each of its phones has posted once and is about to do so again.
        (is(25, 9, 10), Event::HostGoes(1)),
        (is(26, 7, 30), Event::HostComes(1)),
        // In the midst of posts.
        (is(26, 9, 5), Event::Restart),
        (is(27, 15, 0), Event::Restart),
    ];
    once.into_iter()
        .filter_map(|(happens, event)| happens.then_some(event))
        .collect()
}
