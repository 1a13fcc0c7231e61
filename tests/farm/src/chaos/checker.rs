//! Compares what the phones did with what the database and the journals say. Pure: facts in, faults out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use shared::task::{GrantState, TaskState};

use super::facts::{Deed, Facts, GrantFact, Line};

/// What must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// No lasting thing was done twice.
    Twice,
    /// No content was published by two tasks.
    ContentTwice,
    /// Nothing was done that nobody asked for.
    Unasked,
    /// Nothing was done without leave.
    NoGrant,
    /// Nothing was done before its intent was written down.
    NoIntent,
    /// What is completed was done.
    NoEffect,
    /// Every accepted task is there.
    Forgotten,
    /// Every task has ended or waits for a person.
    NotEnded,
    /// Leave for one act is good once: at most one grant of it is done or in question.
    TwoGrants,
    /// What is void in the database stands as void in the journal that said so.
    VoidUnwritten,
    /// What is void was not done, by any journal.
    VoidDone,
    /// Nothing is intended under leave that is void by then.
    IntentAfterVoid,
    /// Every intent is under leave that the database knows.
    IntentUnknown,
}

impl Rule {
    pub const ALL: [Self; 13] = [
        Self::Twice,
        Self::ContentTwice,
        Self::Unasked,
        Self::NoGrant,
        Self::NoIntent,
        Self::NoEffect,
        Self::Forgotten,
        Self::NotEnded,
        Self::TwoGrants,
        Self::VoidUnwritten,
        Self::VoidDone,
        Self::IntentAfterVoid,
        Self::IntentUnknown,
    ];

    pub fn in_words(self) -> &'static str {
        match self {
            Self::Twice => "done twice",
            Self::ContentTwice => "the same content published by two tasks",
            Self::Unasked => "done and never asked for",
            Self::NoGrant => "done without leave",
            Self::NoIntent => "done without an intent in any journal",
            Self::NoEffect => "completed and not done",
            Self::Forgotten => "accepted and forgotten",
            Self::NotEnded => "neither at its end nor at attention",
            Self::TwoGrants => "leave given twice for one act",
            Self::VoidUnwritten => "void without a word in its journal",
            Self::VoidDone => "void and done",
            Self::IntentAfterVoid => "intended after it was void",
            Self::IntentUnknown => "intended under leave that nobody gave",
        }
    }
}

/// A rule that does not hold, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub rule: Rule,
    pub told: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule.in_words(), self.told)
    }
}

/// What became of a grant according to all journals together.
#[derive(Debug, Default)]
struct Written {
    /// The journals that have its intent, its done, its void.
    intents: BTreeSet<usize>,
    done: BTreeSet<usize>,
    voids: BTreeSet<usize>,
}

/// All that does not hold.
pub fn check(facts: &Facts) -> Vec<Fault> {
    let mut faults = Faults::default();
    let written = written(facts, &mut faults);
    check_effects(facts, &written, &mut faults);
    check_tasks(facts, &mut faults);
    check_grants(facts, &written, &mut faults);
    faults.0
}

#[derive(Default)]
struct Faults(Vec<Fault>);

impl Faults {
    fn add(&mut self, rule: Rule, told: String) {
        self.0.push(Fault { rule, told });
    }
}

fn named(deed: &Deed) -> String {
    format!(
        "{} {} by {} on {}",
        deed.kind, deed.what, deed.account, deed.platform
    )
}

/// Whether a grant is leave for what its task is all about.
fn is_main(grant: &GrantFact, deed: &Deed) -> bool {
    grant.commit == deed.kind
}

fn check_effects(facts: &Facts, written: &BTreeMap<&str, Written>, faults: &mut Faults) {
    let mut times: BTreeMap<&Deed, usize> = BTreeMap::new();
    for effect in &facts.effects {
        *times.entry(&effect.deed).or_default() += 1;
    }
    for (deed, times) in times.iter().filter(|(_, times)| **times > 1) {
        faults.add(Rule::Twice, format!("{}, {times} times", named(deed)));
    }
    check_contents(facts, faults);
    let mut tasks: BTreeMap<&Deed, Vec<i64>> = BTreeMap::new();
    for (id, deed) in &facts.accepted {
        tasks.entry(deed).or_default().push(*id);
    }
    let mut of_task: BTreeMap<i64, Vec<&GrantFact>> = BTreeMap::new();
    for grant in &facts.grants {
        of_task.entry(grant.task).or_default().push(grant);
    }
    for effect in &facts.effects {
        let at = format!("{} ({} entry {})", named(&effect.deed), effect.serial, effect.seq);
        let Some(asked) = tasks.get(&effect.deed) else {
            faults.add(Rule::Unasked, at);
            continue;
        };
        let mut grants = asked
            .iter()
            .filter_map(|task| of_task.get(task))
            .flatten()
            .filter(|grant| is_main(grant, &effect.deed) && grant.granted_at <= effect.at)
            .peekable();
        if grants.peek().is_none() {
            faults.add(Rule::NoGrant, format!("{at}, tasks {asked:?}"));
            continue;
        }
        let mut intended = grants.filter(|grant| {
            let written = written.get(grant.id.as_str());
            written.is_some_and(|written| !written.intents.is_empty())
        });
        if intended.next().is_none() {
            faults.add(Rule::NoIntent, format!("{at}, tasks {asked:?}"));
        }
    }
}

/// What a task published twice is told already; here each content is one task's, on whatever phone or platform.
fn check_contents(facts: &Facts, faults: &mut Faults) {
    let mut published: BTreeMap<&str, BTreeSet<&Deed>> = BTreeMap::new();
    for effect in &facts.effects {
        if let Some(content) = &effect.content {
            published.entry(content).or_default().insert(&effect.deed);
        }
    }
    for (content, deeds) in published.iter().filter(|(_, deeds)| deeds.len() > 1) {
        let deeds: Vec<String> = deeds.iter().map(|deed| named(deed)).collect();
        faults.add(Rule::ContentTwice, format!("{content}: {}", deeds.join("; ")));
    }
}

fn check_tasks(facts: &Facts, faults: &mut Faults) {
    let tasks: BTreeMap<i64, _> = facts.tasks.iter().map(|task| (task.id, task)).collect();
    let done: BTreeSet<&Deed> = facts.effects.iter().map(|effect| &effect.deed).collect();
    for (id, deed) in &facts.accepted {
        let Some(task) = tasks.get(id) else {
            faults.add(Rule::Forgotten, format!("task {id}: {}", named(deed)));
            continue;
        };
        match task.state {
            TaskState::Completed if !done.contains(deed) => {
                faults.add(Rule::NoEffect, format!("task {id}: {}", named(deed)));
            }
            TaskState::Completed | TaskState::Failed => {}
            TaskState::Person if task.at_attention => {}
            state => faults.add(Rule::NotEnded, format!("task {id} is {state}: {}", named(deed))),
        }
    }
}

fn written<'a>(facts: &'a Facts, faults: &mut Faults) -> BTreeMap<&'a str, Written> {
    let mut all: BTreeMap<&str, Written> = BTreeMap::new();
    for (place, journal) in facts.journals.iter().enumerate() {
        for line in &journal.lines {
            match line {
                Line::Intent { grant, .. } => {
                    let one = all.entry(grant).or_default();
                    if one.voids.contains(&place) {
                        faults.add(
                            Rule::IntentAfterVoid,
                            format!("grant {grant} in journal {}", journal.identity),
                        );
                    }
                    one.intents.insert(place);
                }
                Line::Done { grant, .. } => drop(all.entry(grant).or_default().done.insert(place)),
                Line::Void { grant } => drop(all.entry(grant).or_default().voids.insert(place)),
            }
        }
    }
    all
}

fn check_grants(facts: &Facts, written: &BTreeMap<&str, Written>, faults: &mut Faults) {
    let nothing = Written::default();
    let known: BTreeMap<&str, &GrantFact> = facts
        .grants
        .iter()
        .map(|grant| (grant.id.as_str(), grant))
        .collect();
    for (grant, one) in written {
        let journals = one.intents.iter().filter_map(|place| facts.journals.get(*place));
        let names: Vec<&str> = journals.map(|journal| journal.identity.as_str()).collect();
        match known.get(grant) {
            Some(known) if names.iter().all(|name| *name == known.journal) => {}
            None if names.is_empty() => {}
            _ => faults.add(Rule::IntentUnknown, format!("grant {grant} in {names:?}")),
        }
    }
    let mut acts: BTreeMap<(i64, &str, &str), Vec<&GrantFact>> = BTreeMap::new();
    for grant in &facts.grants {
        let one = written.get(grant.id.as_str()).unwrap_or(&nothing);
        if grant.state != GrantState::Void {
            let act = (grant.task, grant.commit.as_str(), grant.key.as_str());
            acts.entry(act).or_default().push(grant);
            continue;
        }
        let at = format!(
            "grant {} of task {} ({} {}): {}",
            grant.number,
            grant.task,
            grant.commit,
            grant.key,
            grant.why.as_deref().unwrap_or_default()
        );
        if !one.done.is_empty() {
            faults.add(Rule::VoidDone, at.clone());
        }
        // Whoever looked wrote it into a journal of his own; a person writes into none.
        if one.voids.is_empty() && !grant.by_person {
            faults.add(Rule::VoidUnwritten, at);
        }
    }
    for ((task, commit, key), grants) in acts {
        if grants.len() > 1 {
            let numbers: Vec<i64> = grants.iter().map(|grant| grant.number).collect();
            faults.add(
                Rule::TwoGrants,
                format!("task {task}, {commit} {key}: grants {numbers:?}"),
            );
        }
    }
}

#[cfg(test)]
mod tests;
