//! What can be wrong with a phone, set and cleared while it runs.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

/// A fault; its parameters are in its variant. `POST /phones/{serial}/fault` takes this as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fault {
    /// The key of the host is not accepted (and, with `never`, no dialog is shown either).
    Unauthorized {
        #[serde(default)]
        never: bool,
    },
    /// The transport drops and refuses.
    Offline,
    /// Connected, but answers nothing at all.
    Silent,
    /// The next command starts and never ends.
    HangNext,
    /// The next command that holds these words does its work, but neither its output nor its end ever comes.
    HangAfter {
        words: String,
    },
    /// The next stream is cut after this many bytes.
    CutStream {
        after: u64,
    },
    /// Every command takes this much longer.
    Slow {
        millis: u64,
    },
    /// The screen never idles: uiautomator dump fails so after its 10 s.
    NoIdle,
    /// uiautomator dump fails with a null root node.
    NullRoot,
    /// uiautomator dump is killed (rc 137).
    DumpKilled,
    /// uiautomator dump shows the launcher's old tree while an app is in front.
    DumpStale,
    /// uiautomator dump works, but takes this long.
    DumpSlow {
        millis: u64,
    },
    /// The screen is off and locked; `secure` with a PIN that only a person knows.
    Locked {
        #[serde(default)]
        secure: bool,
    },
    /// The app crashes at its next action and shows the system's dialog.
    AppCrash {
        package: String,
    },
    /// Writes fail: no space left on device.
    StorageFull,
    /// The resident server dies (once) or cannot start (until cleared).
    ResidentDies,
    ResidentCannotStart,
    /// The keyboard broadcast has no receiver.
    KeyboardBroken,
    /// Injected input is refused with the vendor's SecurityException.
    InputRefused,
    /// `ime set`, `settings put` and so on are answered by a SecurityException.
    SettingsRefused,
    /// adbd is one of before Android 7: no shell protocol v2. Seen by the next connection.
    NoShellV2,
    /// The vendor left `grep` out.
    NoGrep,
}

impl Fault {
    /// One of each kind, for those who ask what there is.
    pub fn examples() -> Vec<Self> {
        vec![
            Self::Unauthorized { never: false },
            Self::Offline,
            Self::Silent,
            Self::HangNext,
            Self::HangAfter {
                words: "ime set".to_owned(),
            },
            Self::CutStream { after: 1000 },
            Self::Slow { millis: 500 },
            Self::NoIdle,
            Self::NullRoot,
            Self::DumpKilled,
            Self::DumpStale,
            Self::DumpSlow { millis: 3000 },
            Self::Locked { secure: false },
            Self::AppCrash {
                package: "com.android.settings".to_owned(),
            },
            Self::StorageFull,
            Self::ResidentDies,
            Self::ResidentCannotStart,
            Self::KeyboardBroken,
            Self::InputRefused,
            Self::SettingsRefused,
            Self::NoShellV2,
            Self::NoGrep,
        ]
    }

    /// The name under which it is set and cleared: its `kind`.
    pub fn kind(&self) -> String {
        serde_json::to_value(self)
            .ok()
            .and_then(|value| {
                value
                    .get("kind")
                    .and_then(|kind| kind.as_str().map(str::to_owned))
            })
            .unwrap_or_default()
    }
}

/// The faults in force, by kind.
#[derive(Debug, Default)]
pub struct Faults {
    inner: Mutex<BTreeMap<String, Fault>>,
    changes: watch::Sender<u64>,
}

impl Faults {
    pub fn set(&self, fault: Fault) {
        super::lock(&self.inner).insert(fault.kind(), fault);
        self.changed();
    }

    pub fn clear(&self, kind: &str) {
        super::lock(&self.inner).remove(kind);
        self.changed();
    }

    pub fn clear_all(&self) {
        super::lock(&self.inner).clear();
        self.changed();
    }

    pub fn get(&self, kind: &str) -> Option<Fault> {
        super::lock(&self.inner).get(kind).cloned()
    }

    pub fn has(&self, kind: &str) -> bool {
        super::lock(&self.inner).contains_key(kind)
    }

    /// For faults that strike once: takes it away and tells it.
    pub fn take(&self, kind: &str) -> Option<Fault> {
        self.take_if(kind, |_| true)
    }

    /// The same for a fault that does not strike everything.
    pub fn take_if(&self, kind: &str, strikes: impl FnOnce(&Fault) -> bool) -> Option<Fault> {
        let taken = {
            let mut inner = super::lock(&self.inner);
            let strikes = inner.get(kind).is_some_and(strikes);
            if strikes { inner.remove(kind) } else { None }
        };
        if taken.is_some() {
            self.changed();
        }
        taken
    }

    /// Changes whenever a fault is set or cleared.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    fn changed(&self) {
        self.changes.send_modify(|times| *times += 1);
    }

    pub fn all(&self) -> Vec<Fault> {
        super::lock(&self.inner).values().cloned().collect()
    }
}
