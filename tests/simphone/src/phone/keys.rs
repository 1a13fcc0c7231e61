//! "Allow USB debugging?": which hosts' keys the phone knows, and the dialog about one that it does not.
//!
//! A phone out of the box of this simulator lets everyone in. The fault `unauthorized` makes it forget its keys and
//! ask from then on; what it was told "always" about is kept over restarts, as on a phone.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use tokio::sync::{oneshot, watch};

use super::fault::{Fault, Faults};

/// How a host that connects is received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Everyone is let in.
    Open,
    /// Known keys are let in, a person is asked about others.
    Asks,
    /// No key is good and no dialog comes up.
    Shut,
}

/// The phone's memory of keys, and its open dialogs.
#[derive(Debug)]
pub struct Keys {
    path: PathBuf,
    /// Rises when connections that stand have lost their permission.
    revoked: watch::Sender<u64>,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    kept: Kept,
    fault: Option<Fault>,
    dialogs: Vec<Dialog>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    /// Whether unknown keys are asked about at all.
    asks: bool,
    known: BTreeSet<String>,
}

#[derive(Debug)]
struct Dialog {
    key: String,
    answer: oneshot::Sender<()>,
}

impl Keys {
    pub fn open(path: PathBuf) -> Self {
        let kept = std::fs::read(&path)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        Self {
            path,
            revoked: watch::Sender::new(0),
            inner: Mutex::new(Inner {
                kept,
                fault: None,
                dialogs: Vec::new(),
            }),
        }
    }

    /// How the door stands, with the fault as it is now.
    pub fn door(&self, faults: &Faults) -> Door {
        let fault = faults.get("unauthorized");
        let mut inner = super::lock(&self.inner);
        if inner.fault != fault {
            inner.kept.asks = fault.is_some();
            inner.dialogs.clear();
            if fault.is_some() {
                inner.kept.known.clear();
                self.revoked.send_modify(|times| *times += 1);
            }
            self.keep(&inner.kept);
            inner.fault.clone_from(&fault);
        }
        match fault {
            Some(Fault::Unauthorized { never: true }) => Door::Shut,
            _ if inner.kept.asks => Door::Asks,
            _ => Door::Open,
        }
    }

    /// Changes when standing connections have lost their permission.
    pub fn revocations(&self) -> watch::Receiver<u64> {
        self.revoked.subscribe()
    }

    /// The public keys, as hosts sent them, that were allowed for always.
    pub fn known(&self) -> Vec<String> {
        super::lock(&self.inner).kept.known.iter().cloned().collect()
    }

    /// Shows the dialog about `key`. The receiver fires when a person allows it and fails when the dialog goes away.
    pub fn ask(&self, key: &str) -> oneshot::Receiver<()> {
        let (answer, answered) = oneshot::channel();
        let mut inner = super::lock(&self.inner);
        inner.dialogs.retain(|dialog| !dialog.answer.is_closed());
        inner.dialogs.push(Dialog {
            key: key.to_owned(),
            answer,
        });
        answered
    }

    /// The names (`user@host`) that the open dialogs ask about.
    pub fn asking(&self) -> Vec<String> {
        let mut inner = super::lock(&self.inner);
        inner.dialogs.retain(|dialog| !dialog.answer.is_closed());
        inner
            .dialogs
            .iter()
            .map(|dialog| dialog.key.split_once(' ').map_or("", |(_, name)| name).to_owned())
            .collect()
    }

    /// A person presses "Allow" on every open dialog; false where there is none.
    pub fn allow(&self, always: bool) -> bool {
        let mut inner = super::lock(&self.inner);
        let dialogs = std::mem::take(&mut inner.dialogs);
        let mut allowed = false;
        for dialog in dialogs {
            if always {
                inner.kept.known.insert(dialog.key);
                self.keep(&inner.kept);
            }
            allowed |= dialog.answer.send(()).is_ok();
        }
        allowed
    }

    /// A person presses "Cancel": the host stays unauthorized.
    pub fn deny(&self) -> bool {
        let dialogs = std::mem::take(&mut super::lock(&self.inner).dialogs);
        !dialogs.is_empty()
    }

    fn keep(&self, kept: &Kept) {
        let written = serde_json::to_vec(kept)
            .map_err(std::io::Error::other)
            .and_then(|bytes| super::write_whole(&self.path, &bytes));
        if let Err(error) = written {
            tracing::warn!(path = %self.path.display(), %error, "the known keys could not be kept");
        }
    }
}
