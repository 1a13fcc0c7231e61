//! Seeds of the simulator: whatever befalls hosts and network, nothing is done twice, nothing without leave, nothing is
//! left in question, and everybody agrees in the end.
//!
//! `DROVER_SIM_SEED=n` plays one seed alone and prints all that happened in it; `DROVER_SIM_SEEDS=n` plays so many.
//! `DROVER_SIM_FROM=n` begins at that one. Two tests share the seeds between them, so that two cores work on them.
#![allow(clippy::unwrap_used, reason = "a seed that cannot be played has failed")]
#![cfg(target_os = "linux")]

use std::fmt::Write as _;
use std::process::Command;
use std::time::{Duration, Instant};

use linksim::{Outcome, Sabotage, Story};

/// So many are played where nobody says how many.
const SEEDS: u64 = 60;
/// Lines of a seed that failed; the last ones say most.
const LINES: usize = 120;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.trim().parse().ok()
}

fn told(outcome: &Outcome, lines: usize) -> String {
    let mut text = String::new();
    let left_out = outcome.trace.len().saturating_sub(lines);
    for line in outcome.trace.iter().skip(left_out) {
        let _ = writeln!(text, "{line}");
    }
    let _ = writeln!(
        text,
        "seed {} failed, trace {}:\n  {}\nagain: DROVER_SIM_SEED={} cargo nextest run --workspace --test seeds --no-capture",
        outcome.seed,
        outcome.hash,
        outcome.faults.join("\n  "),
        outcome.seed,
    );
    text
}

/// What a child of this program is to play, as JSON: a seed, and a mistake.
const CHILD: &str = "DROVER_SIM_CHILD";
/// What the line of a child begins with in which it says how it went.
const WORD: &str = "outcome ";

/// Plays a seed in a process of its own.
fn run(seed: u64, sabotage: Option<Sabotage>) -> Outcome {
    tell(seed, Story::Storm, sabotage)
}

fn tell(seed: u64, story: Story, sabotage: Option<Sabotage>) -> Outcome {
    let what = serde_json::to_string(&(seed, story, sabotage)).unwrap();
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_child_plays_its_seed", "--nocapture"])
        .env(CHILD, what)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    let outcome = said.lines().find_map(|line| line.split_once(WORD));
    let Some((_, outcome)) = outcome else {
        panic!(
            "seed {seed} broke off: {said}{}",
            String::from_utf8_lossy(&child.stderr)
        );
    };
    serde_json::from_str(outcome).unwrap()
}

/// Not a test of its own: the other ones run it, each seed in a process.
#[test]
fn a_child_plays_its_seed() {
    let Ok(what) = std::env::var(CHILD) else { return };
    let (seed, story, sabotage) = serde_json::from_str(&what).unwrap();
    let outcome = linksim::run(seed, story, sabotage);
    println!("\n{WORD}{}", serde_json::to_string(&outcome).unwrap());
}

/// Plays every second seed.
fn play(odd: u64) {
    if let Some(seed) = number("DROVER_SIM_SEED") {
        if odd == seed % 2 {
            let outcome = run(seed, None);
            println!("{}\ntrace {}", outcome.trace.join("\n"), outcome.hash);
            assert!(outcome.faults.is_empty(), "{}", told(&outcome, 0));
        }
        return;
    }
    let from = number("DROVER_SIM_FROM").unwrap_or_default();
    let count = number("DROVER_SIM_SEEDS").unwrap_or(SEEDS);
    let (begun, mut acts, mut crashes, mut cuts, mut took) = (Instant::now(), 0, 0, 0, Duration::ZERO);
    let mut failed = Vec::new();
    let seeds = (from..from + count).filter(|seed| seed % 2 == odd);
    for seed in seeds.clone() {
        let outcome = run(seed, None);
        acts += outcome.acts;
        crashes += outcome.crashes;
        cuts += outcome.cuts;
        took += outcome.took;
        if !outcome.faults.is_empty() {
            eprintln!("{}", told(&outcome, LINES));
            failed.push(seed);
        }
    }
    println!(
        "{} seeds: {acts} acts, {crashes} crashes, {cuts} ways cut, {} simulated hours in {:.1} s",
        seeds.count(),
        took.as_secs() / 3600,
        begun.elapsed().as_secs_f64(),
    );
    assert!(failed.is_empty(), "seeds {failed:?} failed, see above");
    if count >= SEEDS {
        // Seeds in which nothing happens prove nothing.
        assert!(acts > 0 && crashes > 0 && cuts > 0);
    }
}

#[test]
fn whatever_befalls_the_even_seeds_nothing_is_done_twice() {
    play(0);
}

#[test]
fn whatever_befalls_the_odd_seeds_nothing_is_done_twice() {
    play(1);
}

#[test]
fn the_same_seed_is_the_same_run() {
    for seed in 0..number("DROVER_SIM_TWICE").unwrap_or(6) {
        let (first, again) = (run(seed, None), run(seed, None));
        let differs = first.trace.iter().zip(&again.trace).position(|(a, b)| a != b);
        if let Some(place) = differs {
            panic!(
                "seed {seed} goes another way from line {place} on: {:?} and {:?}",
                &first.trace[place.saturating_sub(3)..=place],
                again.trace[place]
            );
        }
        assert_eq!(first.hash, again.hash, "seed {seed}");
        assert_ne!(first.hash, run(seed + 100, None).hash);
    }
}

/// Hubs fall silent after their lease, hold their phones, and go on where they were: nothing starts over.
#[test]
fn a_controller_away_for_ten_minutes_finds_everything_where_it_was() {
    for seed in 0..10 {
        let outcome = tell(seed, Story::Away, None);
        assert!(outcome.faults.is_empty(), "{}", told(&outcome, LINES));
    }
}

/// The first seed in which the mistake shows, and how.
fn found(sabotage: Sabotage, told: &str) -> Outcome {
    let mut played = (0..200).map(|seed| run(seed, Some(sabotage)));
    let found = played.find(|outcome| outcome.faults.iter().any(|fault| fault.contains(told)));
    found.unwrap_or_else(|| panic!("{sabotage:?} was not found in 200 seeds"))
}

#[test]
fn leave_that_is_given_anew_for_what_is_in_question_is_found() {
    let outcome = found(Sabotage::NewGrant, "was done 2 times");
    println!("seed {}: {:?}", outcome.seed, outcome.faults);
}

#[test]
fn a_journal_that_forgets_its_last_line_is_found() {
    let outcome = found(Sabotage::JournalForgets, "");
    println!("seed {}: {:?}", outcome.seed, outcome.faults);
}
