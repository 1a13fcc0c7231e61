//! Which phone has which name. A serial is a name until a second phone has it too: that one becomes `SERIAL~2` and
//! stays so, recognised by its android_id or by the port of the hub that it hangs on.
//!
//! Pure, apart from the file that remembers it over restarts.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// What is remembered of a phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) name: String,
    /// The serials it was seen under: adb's over USB, and `ro.serialno`.
    pub(super) serials: BTreeSet<String>,
    pub(super) android_id: String,
    pub(super) model: String,
    pub(super) usb_path: Option<String>,
}

/// What a connected phone says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claim {
    /// The name that it would have if it were alone.
    pub(super) base: String,
    pub(super) serials: BTreeSet<String>,
    pub(super) android_id: String,
    pub(super) model: String,
    pub(super) usb_path: Option<String>,
}

/// Whether the holder of a name is on another connection right now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    Absent,
    /// It has answered there since this claim came up: it is another phone.
    Elsewhere,
    /// It was there, but has not answered since: perhaps this is the same phone, back after a reboot.
    Undecided,
}

/// All names ever given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Names {
    records: Vec<Record>,
}

impl Names {
    /// Reads the file; without one nothing is remembered.
    pub(super) fn load(path: &Path) -> io::Result<Self> {
        match std::fs::read(path) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    /// Replaces the file whole, so that a crash leaves the old text or the new one.
    pub(super) fn save(&self, path: &Path) -> io::Result<()> {
        use std::io::Write;
        let scratch = path.with_extension("new");
        let mut file = std::fs::File::create(&scratch)?;
        file.write_all(&serde_json::to_vec_pretty(self)?)?;
        file.sync_data()?;
        std::fs::rename(&scratch, path)
    }

    /// The name of the phone that makes this claim; `None` while it cannot be told from a phone that may be the same.
    pub(super) fn assign(&mut self, claim: &Claim, holder: impl Fn(&str) -> Holder) -> Option<String> {
        let free = |record: &&Record| holder(&record.name) == Holder::Absent;
        let same_port = |record: &&Record| claim.usb_path.is_some() && record.usb_path == claim.usb_path;
        let related: Vec<&Record> = self.related(claim).collect();
        let known: Vec<&Record> = related
            .iter()
            .copied()
            .filter(|record| !claim.android_id.is_empty() && record.android_id == claim.android_id)
            .collect();
        let nameless: Vec<&Record> = related
            .iter()
            .copied()
            .filter(|record| record.android_id.is_empty() || claim.android_id.is_empty())
            .collect();
        // A factory reset gives a new android_id; on the same port and of the same model that is what happened.
        let reset = related
            .first()
            .copied()
            .filter(|record| related.len() == 1 && same_port(record) && record.model == claim.model);
        let found = pick(&known, free, same_port)
            .or_else(|| pick(&nameless, free, same_port))
            .or_else(|| reset.filter(free));
        if found.is_none() {
            let perhaps = |record: &&Record| holder(&record.name) == Holder::Undecided;
            if known.iter().chain(&nameless).any(perhaps) {
                return None;
            }
        }
        let name = match found {
            Some(record) => record.name.clone(),
            None => self.free_name(&claim.base, |_| false),
        };
        self.learn(&name, claim);
        Some(name)
    }

    /// Adds what a claim tells to the record of `name`; true where that was news.
    pub(super) fn learn(&mut self, name: &str, claim: &Claim) -> bool {
        let at = self.records.iter().position(|record| record.name == name);
        let Some(at) = at else {
            self.records.push(Record {
                name: name.to_owned(),
                serials: claim.serials.clone(),
                android_id: claim.android_id.clone(),
                model: claim.model.clone(),
                usb_path: claim.usb_path.clone(),
            });
            return true;
        };
        let record = &mut self.records[at];
        let before = record.clone();
        record.serials.extend(claim.serials.iter().cloned());
        if !claim.android_id.is_empty() {
            record.android_id.clone_from(&claim.android_id);
        }
        if !claim.model.is_empty() {
            record.model.clone_from(&claim.model);
        }
        if claim.usb_path.is_some() {
            record.usb_path.clone_from(&claim.usb_path);
        }
        *record != before
    }

    /// The likeliest name of a phone that does not say who it is, by serial and port. `taken` are names whose phone
    /// hangs on another port now.
    pub(super) fn guess(&self, serial: &str, usb_path: Option<&str>, taken: impl Fn(&str) -> bool) -> String {
        let related = || {
            self.records
                .iter()
                .filter(|record| record.serials.contains(serial) && !taken(&record.name))
        };
        let at_port = related().find(|record| usb_path.is_some() && record.usb_path.as_deref() == usb_path);
        match at_port.or_else(|| related().next()) {
            Some(record) => record.name.clone(),
            None => self.free_name(serial, taken),
        }
    }

    /// Other names that were given to phones with one of this phone's serials.
    pub(super) fn namesakes(&self, name: &str) -> Vec<&str> {
        let Some(own) = self.records.iter().find(|record| record.name == name) else {
            return Vec::new();
        };
        let shares = |record: &&Record| record.name != name && !record.serials.is_disjoint(&own.serials);
        self.records
            .iter()
            .filter(shares)
            .map(|record| record.name.as_str())
            .collect()
    }

    /// Whether `name` is some phone's own.
    pub(super) fn is_name(&self, name: &str) -> bool {
        self.records.iter().any(|record| record.name == name)
    }

    /// Records of phones that could be the one that makes the claim.
    fn related<'a>(&'a self, claim: &'a Claim) -> impl Iterator<Item = &'a Record> {
        self.records.iter().filter(|record| {
            if claim.serials.is_empty() {
                let same_id = !claim.android_id.is_empty() && record.android_id == claim.android_id;
                same_id || record.name == claim.base
            } else {
                !record.serials.is_disjoint(&claim.serials) || record.name == claim.base
            }
        })
    }

    /// `base`, or `base~2` and so on.
    fn free_name(&self, base: &str, taken: impl Fn(&str) -> bool) -> String {
        let used = |name: &str| self.is_name(name) || taken(name);
        if !used(base) {
            return base.to_owned();
        }
        let mut number = 2_u32;
        loop {
            let name = format!("{base}~{number}");
            if !used(&name) {
                return name;
            }
            number += 1;
        }
    }
}

/// The free one on the port, else the first free one.
fn pick<'a>(
    records: &[&'a Record],
    free: impl Fn(&&Record) -> bool,
    same_port: impl Fn(&&Record) -> bool,
) -> Option<&'a Record> {
    let free = || records.iter().copied().filter(|record| free(record));
    free().find(|record| same_port(record)).or_else(|| free().next())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(serial: &str, android_id: &str, port: Option<&str>) -> Claim {
        Claim {
            base: serial.to_owned(),
            serials: BTreeSet::from([serial.to_owned()]),
            android_id: android_id.to_owned(),
            model: "M".to_owned(),
            usb_path: port.map(str::to_owned),
        }
    }

    fn nobody(_: &str) -> Holder {
        Holder::Absent
    }

    #[test]
    fn a_second_phone_with_the_serial_is_told_apart_for_good() {
        let mut names = Names::default();
        let (one, two) = (claim("S", "aa", Some("1-1")), claim("S", "bb", Some("1-2")));
        assert_eq!(names.assign(&one, nobody).unwrap(), "S");
        assert_eq!(names.assign(&two, nobody).unwrap(), "S~2");
        // Whichever comes first after a restart, wherever it hangs then.
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("names.json");
        names.save(&path).unwrap();
        let mut names = Names::load(&path).unwrap();
        let moved = Claim {
            usb_path: Some("1-9".to_owned()),
            ..two
        };
        assert_eq!(names.assign(&moved, nobody).unwrap(), "S~2");
        assert_eq!(names.assign(&one, nobody).unwrap(), "S");
        assert_eq!(names.namesakes("S"), ["S~2"]);
    }

    #[test]
    fn copies_with_one_android_id_are_told_apart_by_the_port() {
        let mut names = Names::default();
        let (one, two) = (claim("S", "aa", Some("1-1")), claim("S", "aa", Some("1-2")));
        assert_eq!(names.assign(&one, nobody).unwrap(), "S");
        let first_is_there = |name: &str| {
            if name == "S" {
                Holder::Elsewhere
            } else {
                Holder::Absent
            }
        };
        assert_eq!(names.assign(&two, first_is_there).unwrap(), "S~2");
        assert_eq!(names.assign(&one, nobody).unwrap(), "S");
        assert_eq!(names.assign(&two, nobody).unwrap(), "S~2");
    }

    #[test]
    fn a_phone_that_may_be_the_same_waits_for_the_answer() {
        let mut names = Names::default();
        let phone = claim("S", "aa", None);
        names.assign(&phone, nobody).unwrap();
        assert_eq!(names.assign(&phone, |_| Holder::Undecided), None);
        assert_eq!(names.assign(&phone, nobody).unwrap(), "S");
    }

    #[test]
    fn a_reset_phone_on_its_port_keeps_its_name_and_one_elsewhere_does_not() {
        let mut names = Names::default();
        names.assign(&claim("S", "aa", Some("1-1")), nobody).unwrap();
        assert_eq!(names.assign(&claim("S", "bb", Some("1-1")), nobody).unwrap(), "S");
        assert_eq!(
            names.assign(&claim("S", "cc", Some("1-5")), nobody).unwrap(),
            "S~2"
        );
    }

    #[test]
    fn who_does_not_speak_is_guessed_by_its_port() {
        let mut names = Names::default();
        names.assign(&claim("S", "aa", Some("1-1")), nobody).unwrap();
        names.assign(&claim("S", "bb", Some("1-2")), nobody).unwrap();
        assert_eq!(names.guess("S", Some("1-2"), |_| false), "S~2");
        assert_eq!(names.guess("S", Some("1-7"), |name| name == "S"), "S~2");
        assert_eq!(names.guess("T", Some("1-7"), |_| false), "T");
        assert_eq!(names.guess("T", Some("1-8"), |name| name == "T"), "T~2");
    }

    #[test]
    fn without_any_serial_the_android_id_decides() {
        let mut names = Names::default();
        let at = |address: &str| Claim {
            base: address.to_owned(),
            serials: BTreeSet::new(),
            ..claim("", "aa", None)
        };
        assert_eq!(
            names.assign(&at("10.0.0.1:5555"), nobody).unwrap(),
            "10.0.0.1:5555"
        );
        assert_eq!(
            names.assign(&at("10.0.0.9:5555"), nobody).unwrap(),
            "10.0.0.1:5555"
        );
    }
}
