//! Leave without a controller: the same rules, kept in a file beside the journal. A person is asked, or has said yes to
//! all beforehand.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::clock::{Clock as _, SystemClock};
use shared::pack::failure::FailureKind;

use super::{Decision, Grant, GrantError, GrantRequest, Grantor};
use crate::journal::sync_folder;

/// The file's name in the journal's folder.
const FILE: &str = "grants.json";
/// How long a grant is good.
const VALID_FOR: Duration = Duration::from_secs(120);

/// Asks a person; `true` lets the act happen.
pub type Consent = Box<dyn Fn(&GrantRequest) -> Result<bool, String> + Send + Sync>;

/// Grants of this host's own runs.
pub struct LocalGrantor {
    path: PathBuf,
    kept: Mutex<Kept>,
    consent: Consent,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    number: u64,
    grants: BTreeMap<String, Given>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Given {
    number: u64,
    request: GrantRequest,
    outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
enum Outcome {
    Open,
    Unknown { why: String },
    Done { proof: Value },
    Free { why: String },
}

impl LocalGrantor {
    /// Opens the file in the journal's folder; the journal's lock keeps others out.
    pub fn open(folder: &Path, consent: Consent) -> Result<Self, GrantError> {
        let path = folder.join(FILE);
        let kept = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| GrantError::Io {
                doing: format!("reading {}", path.display()),
                source: io::Error::new(io::ErrorKind::InvalidData, error),
            })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Kept::default(),
            Err(source) => {
                return Err(GrantError::Io {
                    doing: format!("reading {}", path.display()),
                    source,
                });
            }
        };
        Ok(Self {
            path,
            kept: Mutex::new(kept),
            consent,
        })
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The task came to its end: the same task another time is a new one, and may act again.
    pub fn finish(&self, task: &str) -> Result<(), GrantError> {
        let mut kept = self.kept();
        kept.grants.retain(|_, given| given.request.task != task);
        self.save(&kept)
    }

    /// Whole and lasting, or not at all.
    fn save(&self, kept: &Kept) -> Result<(), GrantError> {
        let save = || -> io::Result<()> {
            let beside = self.path.with_extension("json.new");
            let mut file = std::fs::File::create(&beside)?;
            serde_json::to_writer_pretty(&mut file, kept)?;
            file.flush()?;
            file.sync_all()?;
            std::fs::rename(&beside, &self.path)?;
            match self.path.parent() {
                Some(folder) => sync_folder(folder),
                None => Ok(()),
            }
        };
        save().map_err(|source| GrantError::Io {
            doing: format!("writing {}", self.path.display()),
            source,
        })
    }

    /// What is known of this act, unless it is free.
    fn known(&self, request: &GrantRequest) -> Option<Decision> {
        let kept = self.kept();
        let same = |given: &&Given| {
            given.request.task == request.task
                && given.request.commit == request.commit
                && given.request.key == request.key
                && !matches!(given.outcome, Outcome::Free { .. })
        };
        let (id, given) = kept.grants.iter().find(|(_, given)| same(given))?;
        Some(match &given.outcome {
            Outcome::Done { proof } => Decision::Done(proof.clone()),
            Outcome::Open if given.request.request == request.request => Decision::Granted(Grant {
                id: id.clone(),
                number: given.number,
                until: SystemClock.since_boot() + VALID_FOR,
            }),
            _ => Decision::Unknown {
                grant: id.clone(),
                evidence: given.request.evidence.clone(),
                elsewhere: false,
            },
        })
    }

    fn resolve(&self, grant: &str, outcome: Outcome) -> Result<(), GrantError> {
        let mut kept = self.kept();
        if let Some(given) = kept.grants.get_mut(grant)
            // What was done stays done.
            && !matches!(given.outcome, Outcome::Done { .. })
        {
            given.outcome = outcome;
        }
        self.save(&kept)
    }
}

#[async_trait]
impl Grantor for LocalGrantor {
    async fn ask(&self, request: &GrantRequest) -> Result<Decision, GrantError> {
        if let Some(known) = self.known(request) {
            return Ok(known);
        }
        // The person may take his time: nothing is locked meanwhile.
        match (self.consent)(request) {
            Ok(true) => {}
            Ok(false) => {
                return Ok(Decision::Refused {
                    kind: FailureKind::Stopped,
                    why: "the act was not allowed".to_owned(),
                });
            }
            Err(why) => {
                return Ok(Decision::Refused {
                    kind: FailureKind::Stopped,
                    why,
                });
            }
        }
        let mut kept = self.kept();
        kept.number += 1;
        let number = kept.number;
        let id = format!("{number}-{:016x}", rand::random::<u64>());
        kept.grants.insert(
            id.clone(),
            Given {
                number,
                request: request.clone(),
                outcome: Outcome::Open,
            },
        );
        self.save(&kept)?;
        Ok(Decision::Granted(Grant {
            id,
            number,
            until: SystemClock.since_boot() + VALID_FOR,
        }))
    }

    async fn earlier(&self, request: &GrantRequest) -> Result<Option<Decision>, GrantError> {
        Ok(self.known(request))
    }

    async fn done(&self, grant: &str, proof: &Value) -> Result<(), GrantError> {
        self.resolve(grant, Outcome::Done { proof: proof.clone() })
    }

    async fn free(&self, grant: &str, why: &str) -> Result<(), GrantError> {
        self.resolve(grant, Outcome::Free { why: why.to_owned() })
    }

    async fn not_seen(&self, grant: &str, why: &str) -> Result<(), GrantError> {
        self.free(grant, why).await
    }

    async fn unknown(&self, grant: &str, why: &str) -> Result<(), GrantError> {
        self.resolve(grant, Outcome::Unknown { why: why.to_owned() })
    }
}
