//! What is to be done about a schedule at a moment: wait, run, or note that runs were missed. Decided from plain values.

use jiff::{SignedDuration, Timestamp};

use super::rule::{Moment, Rule};

/// What becomes of runs whose time passed while nobody was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Missed {
    /// They are left out.
    #[default]
    Skip,
    /// One run makes up for all of them.
    RunOnce,
}

impl Missed {
    pub const ALL: [Self; 2] = [Self::Skip, Self::RunOnce];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::RunOnce => "run_once",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|policy| policy.as_str() == name)
    }
}

/// Moments that were missed, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Past {
    pub first: Timestamp,
    pub last: Timestamp,
    pub count: u32,
}

/// What is to be done next. After a step its `next` is what the schedule waits for, and the same is asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It is not time yet.
    Wait(Moment),
    /// It runs; `past` are moments before that it makes up for.
    Run {
        moment: Moment,
        past: Option<Past>,
        next: Option<Moment>,
    },
    /// Moments have passed and are left out.
    Miss { past: Past, next: Option<Moment> },
}

/// Looks at a schedule that waits for the moment `due`. What is late by no more than `grace` is on time.
pub fn step(rule: &Rule, missed: Missed, grace: SignedDuration, due: Timestamp, now: Timestamp) -> Step {
    // What is no longer valid makes up for nothing.
    let over = rule.until.is_some_and(|until| now > until);
    let missed = if over { Missed::Skip } else { missed };
    let mut moment = rule.moment(due);
    let mut past: Option<Past> = None;
    let mut before_last = None;
    loop {
        if moment.at > now {
            return match past {
                None => Step::Wait(moment),
                Some(past) => passed(rule, missed, past, before_last, Some(moment)),
            };
        }
        if now.duration_since(moment.at) <= grace {
            return match past {
                Some(past) if missed == Missed::Skip => Step::Miss {
                    past,
                    next: Some(moment),
                },
                past => Step::Run {
                    moment,
                    past,
                    next: rule.first_after(moment.due),
                },
            };
        }
        before_last = past;
        past = Some(match past {
            None => Past {
                first: moment.due,
                last: moment.due,
                count: 1,
            },
            Some(past) => Past {
                last: moment.due,
                count: past.count.saturating_add(1),
                ..past
            },
        });
        match (rule.first_after(moment.due), past) {
            (Some(next), _) => moment = next,
            (None, Some(past)) => return passed(rule, missed, past, before_last, None),
            (None, None) => return Step::Wait(moment),
        }
    }
}

/// Nothing but moments that were missed: the last of them runs where one run is to make up for all.
fn passed(rule: &Rule, missed: Missed, past: Past, before_last: Option<Past>, next: Option<Moment>) -> Step {
    match missed {
        Missed::Skip => Step::Miss { past, next },
        Missed::RunOnce => Step::Run {
            moment: rule.moment(past.last),
            past: before_last,
            next,
        },
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::schedules::Timing;

    const GRACE: SignedDuration = SignedDuration::from_mins(5);

    fn rule(cron: &str) -> Rule {
        Rule {
            timing: Timing::read(json!({ "cron": cron }).as_object().unwrap()).unwrap(),
            zone: TimeZone::UTC,
            jitter_minutes: 0,
            from: None,
            until: None,
            salt: 1,
        }
    }

    fn at(text: &str) -> Timestamp {
        format!("2026-03-{text}:00Z").parse().unwrap()
    }

    fn moment(text: &str) -> Moment {
        let due = at(text);
        Moment { due, at: due }
    }

    fn past(first: &str, last: &str, count: u32) -> Past {
        Past {
            first: at(first),
            last: at(last),
            count,
        }
    }

    #[test]
    fn it_waits_until_its_time_and_runs_up_to_the_grace_later() {
        let daily = rule("0 9 * * *");
        let step = |now: &str| step(&daily, Missed::Skip, GRACE, at("02T09:00"), at(now));
        assert_eq!(step("02T08:59"), Step::Wait(moment("02T09:00")));
        let run = Step::Run {
            moment: moment("02T09:00"),
            past: None,
            next: Some(moment("03T09:00")),
        };
        assert_eq!(step("02T09:00"), run);
        assert_eq!(step("02T09:05"), run);
        let missed = Step::Miss {
            past: past("02T09:00", "02T09:00", 1),
            next: Some(moment("03T09:00")),
        };
        assert_eq!(step("02T09:06"), missed);
    }

    #[test]
    fn one_run_makes_up_for_all_that_were_missed() {
        let daily = rule("0 9 * * *");
        let step = |now: &str| step(&daily, Missed::RunOnce, GRACE, at("02T09:00"), at(now));
        let made_up = Step::Run {
            moment: moment("04T09:00"),
            past: Some(past("02T09:00", "03T09:00", 2)),
            next: Some(moment("05T09:00")),
        };
        assert_eq!(step("04T20:00"), made_up);
        // Where one is on time, it is the one that makes up for them.
        assert_eq!(step("04T09:01"), made_up);
        let alone = Step::Run {
            moment: moment("02T09:00"),
            past: None,
            next: Some(moment("03T09:00")),
        };
        assert_eq!(step("02T20:00"), alone);
    }

    #[test]
    fn what_was_missed_is_told_before_what_is_on_time() {
        let often = rule("0 * * * *");
        let first = step(&often, Missed::Skip, GRACE, at("02T06:00"), at("02T09:02"));
        let Step::Miss { past: told, next } = first else {
            panic!("{first:?}");
        };
        assert_eq!(told, past("02T06:00", "02T08:00", 3));
        assert_eq!(next, Some(moment("02T09:00")));
        let then = step(&often, Missed::Skip, GRACE, at("02T09:00"), at("02T09:02"));
        assert!(matches!(then, Step::Run { past: None, .. }), "{then:?}");
    }

    #[test]
    fn what_is_no_longer_valid_is_not_made_up_for() {
        let mut daily = rule("0 9 * * *");
        daily.until = Some(at("02T12:00"));
        let late = step(&daily, Missed::RunOnce, GRACE, at("02T09:00"), at("02T13:00"));
        let told = past("02T09:00", "02T09:00", 1);
        assert_eq!(
            late,
            Step::Miss {
                past: told,
                next: None
            }
        );
        let valid = step(&daily, Missed::RunOnce, GRACE, at("02T09:00"), at("02T11:00"));
        assert!(matches!(valid, Step::Run { next: None, .. }), "{valid:?}");
    }

    /// Follows the steps through looks at these minutes; answers how often each moment ran, was missed, or was made up for.
    fn followed(
        rule: &Rule,
        missed: Missed,
        grace: SignedDuration,
        looks: &[Timestamp],
    ) -> (Vec<Moment>, u32, u32) {
        let mut next = rule.first_after(looks[0]).map(|moment| moment.due);
        let (mut runs, mut left_out, mut made_up) = (Vec::new(), 0, 0);
        for now in looks {
            while let Some(due) = next {
                match step(rule, missed, grace, due, *now) {
                    Step::Wait(_) => break,
                    Step::Run {
                        moment,
                        past,
                        next: then,
                    } => {
                        runs.push(moment);
                        made_up += past.map_or(0, |past| past.count);
                        next = then.map(|moment| moment.due);
                    }
                    Step::Miss { past, next: then } => {
                        left_out += past.count;
                        next = then.map(|moment| moment.due);
                    }
                }
            }
        }
        (runs, left_out, made_up)
    }

    proptest! {
        /// However irregularly it is looked at: each moment is accounted for once, in order, and what ran late was on time
        /// or makes up for something.
        #[test]
        fn each_moment_is_accounted_for_once(
            minutes in prop::collection::vec(0..600_i64, 2..30),
            every in 1..50_u32,
            jitter in 0..40_u32,
            run_once in any::<bool>(),
            grace in 0..30_i64,
        ) {
            let mut rule = rule(&format!("*/{every} * * * *"));
            rule.jitter_minutes = jitter;
            let missed = if run_once { Missed::RunOnce } else { Missed::Skip };
            let grace = SignedDuration::from_mins(grace);
            let mut looks = vec![at("02T00:00")];
            for minutes in minutes {
                let last = looks[looks.len() - 1];
                looks.push(last.saturating_add(SignedDuration::from_mins(minutes)).unwrap());
            }
            let end = looks[looks.len() - 1];
            let all: Vec<Moment> = rule.moments(looks[0]).take_while(|moment| moment.at <= end).collect();
            let (runs, left_out, made_up) = followed(&rule, missed, grace, &looks);
            prop_assert_eq!(runs.len() as u32 + left_out + made_up, all.len() as u32);
            prop_assert!(runs.windows(2).all(|two| two[0] < two[1]));
            prop_assert!(runs.iter().all(|moment| all.contains(moment)));
            // The plain model: a moment is on time where it is looked at soon enough after it.
            let on_time: Vec<Moment> = all.iter().copied().filter(|moment| {
                let look = looks.iter().find(|look| **look >= moment.at).unwrap();
                look.duration_since(moment.at) <= grace
            }).collect();
            if run_once {
                prop_assert!(on_time.iter().all(|moment| runs.contains(moment)));
                prop_assert_eq!(left_out, 0);
            } else {
                prop_assert_eq!(runs, on_time);
                prop_assert_eq!(made_up, 0);
            }
        }
    }
}
