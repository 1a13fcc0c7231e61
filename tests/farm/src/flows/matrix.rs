//! The kinds of phone for one app (Android, driver, layout, language), all of them or a few that cover each pair, and a
//! table of what came of each flow there.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

/// One phone as the flows meet it.
#[derive(Debug, Clone)]
pub struct Combination {
    pub serial: String,
    /// 13, 8, 15, 11.
    pub android: u32,
    /// "plain" or "resident".
    pub driver: &'static str,
    /// "new" or "old".
    pub layout: &'static str,
    /// "en" or "fr".
    pub language: &'static str,
}

impl Combination {
    /// All of them; phones have their Androids in turn, so the serials follow.
    pub fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for driver in ["plain", "resident"] {
            for layout in ["new", "old"] {
                for language in ["en", "fr"] {
                    for android in [13, 8, 15, 11] {
                        all.push(Self {
                            serial: format!("SIM{:04}", all.len() + 1),
                            android,
                            driver,
                            layout,
                            language,
                        });
                    }
                }
            }
        }
        all
    }

    /// Four of them, one of each Android, in which every two of driver, layout and language meet in every way. `other`
    /// gives the four whose choices are all the opposite, so that two apps together meet each Android both ways.
    pub fn few(other: bool) -> Vec<Self> {
        const FEW: [(u32, [bool; 3]); 4] = [
            (13, [false, false, false]),
            (8, [false, true, true]),
            (15, [true, false, true]),
            (11, [true, true, false]),
        ];
        let either = |choice: bool, first: &'static str, second: &'static str| {
            if choice == other { first } else { second }
        };
        FEW.iter()
            .enumerate()
            .map(|(at, (android, [driver, layout, language]))| Self {
                serial: format!("SIM{:04}", at + 1),
                android: *android,
                driver: either(*driver, "plain", "resident"),
                layout: either(*layout, "new", "old"),
                language: either(*language, "en", "fr"),
            })
            .collect()
    }

    /// The phone's number among those of a farm, from 1.
    pub fn number(&self) -> usize {
        self.serial.trim_start_matches("SIM").parse().unwrap_or(1)
    }

    pub fn locale(&self) -> &'static str {
        if self.language == "fr" { "fr-FR" } else { "en-US" }
    }

    pub fn name(&self) -> String {
        format!(
            "android {} {} {} {}",
            self.android, self.driver, self.layout, self.language
        )
    }
}

/// A line above the table: its name, and what it says of a phone.
type Head = (&'static str, fn(&Combination) -> String);

/// What came of each flow on each phone.
#[derive(Debug, Default)]
pub struct Table {
    columns: Vec<Combination>,
    cells: BTreeMap<(String, String), Result<Duration, String>>,
    rows: Vec<String>,
}

impl Table {
    pub fn new(columns: Vec<Combination>, rows: &[&str]) -> Self {
        Self {
            columns,
            cells: BTreeMap::new(),
            rows: rows.iter().map(|row| (*row).to_owned()).collect(),
        }
    }

    pub fn put(&mut self, column: &Combination, row: &str, outcome: Result<Duration, String>) {
        self.cells
            .insert((row.to_owned(), column.serial.clone()), outcome);
    }

    /// What did not go well, one a line.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for column in &self.columns {
            for row in &self.rows {
                match self.cells.get(&(row.clone(), column.serial.clone())) {
                    Some(Ok(_)) => {}
                    Some(Err(fault)) => faults.push(format!("{row} on {}: {fault}", column.name())),
                    None => faults.push(format!("{row} on {} was not reached", column.name())),
                }
            }
        }
        faults
    }

    /// One row a flow, one column a phone; a cell is how many seconds the flow really took, `--` where it failed.
    pub fn drawn(&self, title: &str) -> String {
        let mut drawn = format!("{title}: seconds a flow took; -- failed\n");
        let heads: [Head; 4] = [
            ("Android", |one| one.android.to_string()),
            ("driver", |one| one.driver[..2].to_owned()),
            ("layout", |one| one.layout[..2].to_owned()),
            ("language", |one| one.language.to_owned()),
        ];
        for (name, of) in heads {
            let _ = write!(drawn, "{name:>16}");
            for column in &self.columns {
                let _ = write!(drawn, " {:>3}", of(column));
            }
            drawn.push('\n');
        }
        for row in &self.rows {
            let _ = write!(drawn, "{row:>16}");
            for column in &self.columns {
                let cell = match self.cells.get(&(row.clone(), column.serial.clone())) {
                    Some(Ok(took)) => took.as_secs_f64().round().to_string(),
                    Some(Err(_)) => "--".to_owned(),
                    None => "·".to_owned(),
                };
                let _ = write!(drawn, " {cell:>3}");
            }
            drawn.push('\n');
        }
        drawn
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_few_meet_in_every_pair_and_both_apps_together_in_every_android() {
        let choices = |one: &Combination| [one.driver, one.layout, one.language];
        for other in [false, true] {
            for (a, b) in [(0, 1), (0, 2), (1, 2)] {
                let few = Combination::few(other);
                let pairs: BTreeSet<_> = few.iter().map(|one| (choices(one)[a], choices(one)[b])).collect();
                assert_eq!(pairs.len(), 4, "{pairs:?}");
            }
        }
        let both = Combination::few(false).into_iter().chain(Combination::few(true));
        let met: BTreeSet<_> = both
            .flat_map(|one| choices(&one).map(|choice| (one.android, choice)))
            .collect();
        assert_eq!(met.len(), 4 * 6, "{met:?}");
    }
}
