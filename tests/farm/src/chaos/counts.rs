//! What is counted of a run and printed for whoever started it, and the shares that a run must reach.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use shared::task::{GrantState, TaskState};
use shared::wire::work::CommitKind;

use super::facts::{Facts, GrantFact, Line};
use super::person::Decided;
use super::work::OUT_OF_LIBRARY;

/// The points of a commit at which agents die, as the agent calls them, and as people do.
pub const POINTS: [(&str, &str); 7] = [
    ("asked", "before asking"),
    ("granted", "granted"),
    ("intent", "intent written"),
    ("acted", "acted"),
    ("done", "done written"),
    ("reported", "reported"),
    ("verifying", "verifying"),
];
/// So many kills at each point in a run of this length; fewer in a shorter one.
const KILLS: (u32, Duration) = (20, Duration::from_secs(30 * 60));
/// Percent of the unknowns that must be settled without a person.
const SETTLED: usize = 95;

/// Kills at each point that a run of this length owes.
pub fn owed(length: Duration) -> u32 {
    let (kills, whole) = KILLS;
    let share = (length.as_secs_f64() / whole.as_secs_f64()).min(1.0);
    (f64::from(kills) * share).floor().max(1.0) as u32
}

/// What happened during the run.
#[derive(Debug, Clone, Default)]
pub struct Happened {
    /// By the name of the blow.
    pub blows: BTreeMap<&'static str, u32>,
    /// Kills by crash point.
    pub points: BTreeMap<String, u32>,
    /// Tasks whose agent died before it asked for leave.
    pub before_asking: BTreeSet<i64>,
    pub decided: Decided,
    pub restarts: u32,
}

/// How acts in question were settled: those that were not, when their attempt was over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unknowns {
    pub journal_done: usize,
    pub journal_void: usize,
    pub look_done: usize,
    pub look_not_seen: usize,
    /// Append acts that nobody has seen: a person had to look, or has to.
    pub append_not_seen: usize,
    /// Anything else that a person had to settle, or that is not settled.
    pub person: usize,
}

impl Unknowns {
    /// All but the append acts that were not seen.
    pub fn counted(&self) -> usize {
        self.by_themselves() + self.person
    }

    pub fn by_themselves(&self) -> usize {
        self.journal_done + self.journal_void + self.look_done + self.look_not_seen
    }

    /// By what each was settled.
    pub fn of(facts: &Facts) -> Self {
        let over: BTreeMap<&str, _> = facts
            .attempts
            .iter()
            .map(|attempt| (attempt.id.as_str(), attempt))
            .collect();
        let mut first_done: BTreeMap<&str, Timestamp> = BTreeMap::new();
        for line in facts.journals.iter().flat_map(|journal| &journal.lines) {
            if let Line::Done { grant, at } = line {
                let first = first_done.entry(grant).or_insert(*at);
                *first = (*at).min(*first);
            }
        }
        let mut unknowns = Self::default();
        for grant in &facts.grants {
            let attempt = over.get(grant.attempt.as_str());
            let Some((attempt, over_at)) = attempt.and_then(|one| Some((one, one.over_at?))) else {
                continue;
            };
            // Where a host is back without its attempt, its journal is asked a moment before the attempt is noted as lost.
            let lost = attempt.outcome.as_deref() == Some("host_lost");
            let moment = SignedDuration::from_secs(i64::from(lost));
            let late = grant
                .settled_at
                .is_none_or(|settled| over_at.duration_since(settled) < moment || settled > over_at);
            if late {
                let written = first_done.get(grant.id.as_str());
                unknowns.count(grant, written.is_some_and(|at| *at <= over_at));
            }
        }
        unknowns
    }

    fn count(&mut self, grant: &GrantFact, written_by_then: bool) {
        let place = match grant.state {
            _ if grant.by_person || !grant.state.is_settled() => {
                if grant.kind == CommitKind::Append {
                    &mut self.append_not_seen
                } else {
                    &mut self.person
                }
            }
            GrantState::Done if written_by_then => &mut self.journal_done,
            GrantState::Done => &mut self.look_done,
            _ if grant.why.as_deref().is_some_and(|why| why.contains("looked for")) => {
                &mut self.look_not_seen
            }
            _ => &mut self.journal_void,
        };
        *place += 1;
    }
}

/// All that is printed.
#[derive(Debug, Clone)]
pub struct Counts {
    pub happened: Happened,
    pub unknowns: Unknowns,
    /// Tasks by state and kind of failure.
    pub ends: BTreeMap<String, usize>,
    /// What was done, by kind.
    pub effects: BTreeMap<String, usize>,
    pub attempts: usize,
    pub grants: BTreeMap<&'static str, usize>,
    pub journals: (usize, usize),
    /// Tasks that were killed before their grant and did not complete.
    pub not_completed: Vec<i64>,
    pub length: Duration,
}

impl Counts {
    pub fn of(facts: &Facts, happened: Happened, length: Duration) -> Self {
        let mut ends = BTreeMap::new();
        let mut states = BTreeMap::new();
        for task in &facts.tasks {
            let name = match &task.error {
                Some(error) if task.state != TaskState::Completed => format!("{} ({error})", task.state),
                _ => task.state.to_string(),
            };
            *ends.entry(name).or_default() += 1;
            states.insert(task.id, task.state);
        }
        let mut effects = BTreeMap::new();
        for effect in &facts.effects {
            let kind = if effect.deed.what.contains(OUT_OF_LIBRARY) {
                format!("{} {OUT_OF_LIBRARY}", effect.deed.kind)
            } else {
                effect.deed.kind.clone()
            };
            *effects.entry(kind).or_default() += 1;
        }
        let mut grants = BTreeMap::new();
        for grant in &facts.grants {
            *grants.entry(grant.state.as_str()).or_default() += 1;
        }
        let not_completed = happened
            .before_asking
            .iter()
            .copied()
            .filter(|task| states.get(task) != Some(&TaskState::Completed))
            .collect();
        let lost = facts.journals.iter().filter(|journal| journal.lost).count();
        Self {
            unknowns: Unknowns::of(facts),
            happened,
            ends,
            effects,
            attempts: facts.attempts.len(),
            grants,
            journals: (facts.journals.len(), lost),
            not_completed,
            length,
        }
    }

    fn owed(&self) -> u32 {
        owed(self.length)
    }

    /// The shares that were not reached.
    pub fn shortfalls(&self) -> Vec<String> {
        let mut told = Vec::new();
        if !self.ends.contains_key(TaskState::Completed.as_str()) {
            told.push("no task was completed: the run shows nothing".to_owned());
        }
        for (point, name) in POINTS {
            let kills = self.happened.points.get(point).copied().unwrap_or_default();
            if kills < self.owed() {
                told.push(format!(
                    "{kills} kills at the point \"{name}\", {} are owed",
                    self.owed()
                ));
            }
        }
        let (settled, counted) = (self.unknowns.by_themselves(), self.unknowns.counted());
        if settled * 100 < counted * SETTLED {
            told.push(format!(
                "{settled} of {counted} unknowns were settled without a person, {SETTLED} % are owed"
            ));
        }
        for task in &self.not_completed {
            told.push(format!(
                "task {task} was killed before its grant and is not completed"
            ));
        }
        told
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row =
            |f: &mut fmt::Formatter<'_>, name: &str, number: usize| writeln!(f, "  {number:>7}  {name}");
        writeln!(f, "what happened:")?;
        for (name, number) in &self.happened.blows {
            row(f, name, *number as usize)?;
        }
        for (point, name) in POINTS {
            let kills = self.happened.points.get(point).copied().unwrap_or_default();
            row(
                f,
                &format!("agents killed at the point \"{name}\" (owed: {})", self.owed()),
                kills as usize,
            )?;
        }
        writeln!(f, "tasks by their ends:")?;
        for (name, number) in &self.ends {
            row(f, name, *number)?;
        }
        row(f, "attempts", self.attempts)?;
        writeln!(f, "what the phones did:")?;
        for (name, number) in &self.effects {
            row(f, name, *number)?;
        }
        writeln!(f, "leave for acts:")?;
        for (name, number) in &self.grants {
            row(f, name, *number)?;
        }
        let (journals, lost) = self.journals;
        row(f, "journals", journals)?;
        row(f, "of them lost", lost)?;
        let unknowns = &self.unknowns;
        writeln!(
            f,
            "acts in question when their attempt was over, by what settled them:"
        )?;
        row(f, "the journal: it was done", unknowns.journal_done)?;
        row(
            f,
            "the journal: it was not and will not be",
            unknowns.journal_void,
        )?;
        row(f, "a look at the app: it is there", unknowns.look_done)?;
        row(
            f,
            "a look at the app: a state that is not there",
            unknowns.look_not_seen,
        )?;
        row(f, "a person, or nobody yet", unknowns.person)?;
        let share = match unknowns.counted() {
            0 => 100.0,
            counted => 100.0 * unknowns.by_themselves() as f64 / counted as f64,
        };
        writeln!(f, "  {share:>6.1}%  without a person (owed: {SETTLED} %)")?;
        row(
            f,
            "apart: posts and comments that nobody has seen, put before a person",
            unknowns.append_not_seen,
        )?;
        let decided = &self.happened.decided;
        writeln!(
            f,
            "  the person said {} times done, {} times not done, {} times go on",
            decided.done, decided.not_done, decided.resumed
        )?;
        let before = self.happened.before_asking.len();
        writeln!(
            f,
            "killed before their grant: {before} tasks, {} of them completed",
            before - self.not_completed.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::facts::{AttemptFact, JournalFact, TaskFact};
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    /// A grant whose attempt was over at 100.
    fn grant(number: i64, state: GrantState, settled: Option<i64>) -> GrantFact {
        GrantFact {
            id: format!("{number:032x}"),
            number,
            task: 1,
            attempt: "attempt".to_owned(),
            commit: "follow".to_owned(),
            kind: CommitKind::State,
            key: format!("key {number}"),
            journal: "J".to_owned(),
            state,
            why: None,
            granted_at: at(50),
            settled_at: settled.map(at),
            by_person: false,
        }
    }

    fn facts(grants: Vec<GrantFact>, outcome: &str) -> Facts {
        let done = |number: i64, second| Line::Done {
            grant: format!("{number:032x}"),
            at: at(second),
        };
        Facts {
            attempts: vec![AttemptFact {
                id: "attempt".to_owned(),
                task: 1,
                over_at: Some(at(100)),
                outcome: Some(outcome.to_owned()),
            }],
            grants,
            journals: vec![JournalFact {
                identity: "J".to_owned(),
                lines: vec![done(1, 90), done(2, 150)],
                lost: false,
            }],
            ..Facts::default()
        }
    }

    #[test]
    fn each_act_in_question_is_counted_by_what_settled_it() {
        let looked = GrantFact {
            why: Some("it was looked for and is not done".to_owned()),
            ..grant(4, GrantState::Void, Some(150))
        };
        let unseen = GrantFact {
            kind: CommitKind::Append,
            by_person: true,
            ..grant(6, GrantState::Void, Some(150))
        };
        let grants = vec![
            grant(1, GrantState::Done, Some(110)),
            grant(2, GrantState::Done, Some(160)),
            grant(3, GrantState::Void, Some(150)),
            looked,
            grant(5, GrantState::Open, None),
            unseen,
            // Settled while its attempt went on: never in question.
            grant(7, GrantState::Done, Some(60)),
        ];
        let unknowns = Unknowns::of(&facts(grants, "device"));
        let wanted = Unknowns {
            journal_done: 1,
            look_done: 1,
            journal_void: 1,
            look_not_seen: 1,
            person: 1,
            append_not_seen: 1,
        };
        assert_eq!(unknowns, wanted);
        assert_eq!((unknowns.by_themselves(), unknowns.counted()), (4, 5));
    }

    #[test]
    fn a_journal_that_was_asked_just_before_the_attempt_was_noted_as_lost_counts() {
        let grants = vec![grant(3, GrantState::Void, Some(100))];
        assert_eq!(Unknowns::of(&facts(grants.clone(), "host_lost")).journal_void, 1);
        assert_eq!(Unknowns::of(&facts(grants, "device")).journal_void, 0);
    }

    #[test]
    fn each_share_that_is_not_reached_is_told() {
        let length = Duration::from_secs(3600);
        let points: BTreeMap<String, u32> = POINTS
            .iter()
            .map(|(point, _)| ((*point).to_owned(), 20))
            .collect();
        let happened = Happened {
            points,
            before_asking: BTreeSet::from([1]),
            ..Happened::default()
        };
        let mut facts = facts(Vec::new(), "done");
        facts.tasks.push(TaskFact {
            id: 1,
            state: TaskState::Completed,
            error: None,
            at_attention: false,
        });
        let shortfalls =
            |facts: &Facts, happened: &Happened| Counts::of(facts, happened.clone(), length).shortfalls();
        assert_eq!(shortfalls(&facts, &happened), Vec::<String>::new());
        let mut fewer = happened.clone();
        fewer.points.insert("acted".to_owned(), 19);
        assert!(shortfalls(&facts, &fewer)[0].contains("19 kills at the point \"acted\""));
        facts.grants.push(grant(5, GrantState::Unknown, None));
        assert!(shortfalls(&facts, &happened)[0].contains("0 of 1 unknowns"));
        facts.grants.clear();
        facts.tasks[0].state = TaskState::Failed;
        assert_eq!(
            shortfalls(&facts, &happened).len(),
            2,
            "none completed, and not that one"
        );
        assert_eq!(
            (owed(length), owed(Duration::from_secs(300)), owed(Duration::ZERO)),
            (20, 3, 1)
        );
    }
}
