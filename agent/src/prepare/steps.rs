//! The steps, one function each.

use std::time::Duration;

use super::{Options, StepState};
use crate::adb::phone::AdbDevice;
use crate::adb::{parse, quote};
use crate::device::DeviceError;
use crate::driver::keyboard::Keyboard;
use crate::driver::resident::Resident;

const DEADLINE: Duration = Duration::from_secs(20);
const INSTALL_DEADLINE: Duration = Duration::from_secs(180);
/// Below this a phone soon fails to take a video, kilobytes.
const LEAST_FREE_KB: u64 = 2_000_000;
/// Languages that the flows know.
const LANGUAGES: [&str; 2] = ["en", "fr"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Authorised,
    SecuritySwitch,
    StayAwake,
    ScreenLock,
    Keyboard,
    Resident,
    Language,
    Storage,
    AppUpdates,
}

/// In this order: what the later ones need comes first.
pub(super) const ALL: &[Which] = &[
    Which::Authorised,
    Which::SecuritySwitch,
    Which::StayAwake,
    Which::ScreenLock,
    Which::Keyboard,
    Which::Resident,
    Which::Language,
    Which::Storage,
    Which::AppUpdates,
];

impl Which {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Authorised => "authorised",
            Self::SecuritySwitch => "security_switch",
            Self::StayAwake => "stay_awake",
            Self::ScreenLock => "screen_lock",
            Self::Keyboard => "keyboard",
            Self::Resident => "resident_driver",
            Self::Language => "language",
            Self::Storage => "storage",
            Self::AppUpdates => "app_updates",
        }
    }

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Authorised => "this host is authorised for good",
            Self::SecuritySwitch => "touches from USB are allowed",
            Self::StayAwake => "the screen stays on while charging",
            Self::ScreenLock => "no screen lock stands in the way",
            Self::Keyboard => "a keyboard for every script is there",
            Self::Resident => "the resident driver runs",
            Self::Language => "its language is one that the flows know",
            Self::Storage => "there is room for media",
            Self::AppUpdates => "apps do not update themselves",
        }
    }
}

type Found = (StepState, String, Option<String>);

pub(super) struct Walk<'a> {
    pub(super) device: &'a AdbDevice,
    pub(super) options: &'a Options,
}

impl Walk<'_> {
    pub(super) async fn take(&self, step: Which) -> Found {
        let found = match step {
            Which::Authorised => self.authorised().await,
            Which::SecuritySwitch => self.security_switch().await,
            Which::StayAwake => self.stay_awake().await,
            Which::ScreenLock => self.screen_lock().await,
            Which::Keyboard => self.keyboard().await,
            Which::Resident => self.resident().await,
            Which::Language => self.language().await,
            Which::Storage => self.storage().await,
            Which::AppUpdates => self.app_updates().await,
        };
        found.unwrap_or_else(|error| (StepState::Failed, error.to_string(), None))
    }

    async fn shell(&self, line: &str) -> Result<String, DeviceError> {
        let output = self.device.adb().shell(line, DEADLINE).await;
        let output = output.map_err(|source| DeviceError::Unreachable {
            doing: "preparing the phone".to_owned(),
            source,
        })?;
        Ok(output.text().trim().to_owned())
    }

    /// Runs `fix` unless only looking; afterwards `right` must hold of what `look` prints.
    async fn put_right(
        &self,
        look: &str,
        right: impl Fn(&str) -> bool,
        fix: &str,
        good: &str,
        person: &str,
    ) -> Result<Found, DeviceError> {
        if right(&self.shell(look).await?) {
            return Ok((StepState::Ok, good.to_owned(), None));
        }
        if self.options.check_only {
            return Ok((
                StepState::WouldFix,
                "not yet".to_owned(),
                Some(format!("would run `{fix}`")),
            ));
        }
        let said = self.shell(fix).await?;
        if right(&self.shell(look).await?) {
            return Ok((StepState::Fixed, good.to_owned(), None));
        }
        let said = if said.is_empty() {
            "the phone took no notice".to_owned()
        } else {
            said.lines().next().unwrap_or_default().to_owned()
        };
        Ok((StepState::NeedsPerson, said, Some(person.to_owned())))
    }

    /// Since Android 11 a phone forgets hosts that it has not seen for seven days, unless this says otherwise.
    async fn authorised(&self) -> Result<Found, DeviceError> {
        let sdk: u32 = self
            .shell("getprop ro.build.version.sdk")
            .await?
            .parse()
            .unwrap_or(0);
        if sdk < 30 {
            return Ok((
                StepState::Unseen,
                "authorised now".to_owned(),
                Some("if it asks again after a reconnect, tick \"Always allow from this computer\" in its dialog".to_owned()),
            ));
        }
        self.put_right(
            "settings get global adb_allowed_connection_time",
            |value| value == "0",
            "settings put global adb_allowed_connection_time 0",
            "authorised, and the authorisation does not expire",
            "in the developer options switch on \"Disable adb authorization timeout\", and tick \"Always allow from this computer\" in its dialog",
        )
        .await
    }

    /// Presses a key that does nothing, to see whether the phone takes it.
    async fn security_switch(&self) -> Result<Found, DeviceError> {
        let said = self.shell("input keyevent 0").await?;
        if said.contains("INJECT_EVENTS") || said.contains("SecurityException") {
            let advice = "switch on \"USB debugging (Security settings)\" in the developer options; Xiaomi asks for a signed-in account and a SIM for it, \
                          Oppo, Vivo and Realme call it \"Disable permission monitoring\"";
            return Ok((
                StepState::NeedsPerson,
                "the phone refuses touches from USB".to_owned(),
                Some(advice.to_owned()),
            ));
        }
        Ok((StepState::Ok, "allowed".to_owned(), None))
    }

    async fn stay_awake(&self) -> Result<Found, DeviceError> {
        self.put_right(
            "settings get global stay_on_while_plugged_in",
            // Bits: 1 mains, 2 USB, 4 wireless. A hub counts as USB, some phones take it for mains.
            |value| value.parse::<u32>().is_ok_and(|bits| bits & 3 == 3),
            "svc power stayon true",
            "stays on",
            "switch on \"Stay awake\" in the developer options",
        )
        .await
    }

    /// What the phone does not tell counts as locked.
    async fn is_locked(&self) -> Result<bool, DeviceError> {
        let said = self.shell("dumpsys window; dumpsys window policy").await?;
        Ok(parse::window::parse_locked(&said).unwrap_or(true))
    }

    async fn screen_lock(&self) -> Result<Found, DeviceError> {
        if !self.is_locked().await? {
            return Ok((StepState::Ok, "unlocked".to_owned(), None));
        }
        if self.options.check_only {
            return Ok((
                StepState::WouldFix,
                "locked".to_owned(),
                Some("would wake it and dismiss the lock screen".to_owned()),
            ));
        }
        self.shell("input keyevent 224; wm dismiss-keyguard").await?;
        // The lock screen slides away; a PIN stays.
        for _ in 0..10 {
            tokio::time::sleep(Duration::from_millis(300)).await;
            if !self.is_locked().await? {
                return Ok((StepState::Fixed, "unlocked".to_owned(), Some(NO_LOCK.to_owned())));
            }
        }
        Ok((
            StepState::NeedsPerson,
            "it is locked with a PIN, a pattern or a password".to_owned(),
            Some(NO_LOCK.to_owned()),
        ))
    }

    async fn keyboard(&self) -> Result<Found, DeviceError> {
        if Keyboard::find(self.device.adb()).await.is_ok() {
            return Ok((StepState::Ok, "installed".to_owned(), None));
        }
        let Some(apk) = &self.options.keyboard_apk else {
            let advice = "fetch it with deploy/fetch-resident.sh and run this again; until then only the resident driver types beyond ASCII";
            return Ok((
                StepState::NeedsPerson,
                "not installed, and its app is not on this host".to_owned(),
                Some(advice.to_owned()),
            ));
        };
        if self.options.check_only {
            return Ok((
                StepState::WouldFix,
                "not installed".to_owned(),
                Some(format!("would install {}", apk.display())),
            ));
        }
        let installed = self.device.adb().install(apk, INSTALL_DEADLINE, &|_| {}).await;
        if let Err(source) = installed {
            let advice =
                "allow \"Install via USB\" in the developer options, and watch the phone for a question"
                    .to_owned();
            return Ok((StepState::NeedsPerson, source.to_string(), Some(advice)));
        }
        match Keyboard::find(self.device.adb()).await {
            Ok(_) => Ok((StepState::Fixed, "installed".to_owned(), None)),
            Err(error) => Err(error),
        }
    }

    async fn resident(&self) -> Result<Found, DeviceError> {
        let Some(jar) = &self.options.resident_jar else {
            let advice = "fetch it with deploy/fetch-resident.sh; without it the plain driver works, slower and blind while a video plays";
            return Ok((
                StepState::Unseen,
                "its u2.jar is not on this host".to_owned(),
                Some(advice.to_owned()),
            ));
        };
        if self.options.check_only {
            return Ok((
                StepState::Unseen,
                "not tried, because only looking".to_owned(),
                None,
            ));
        }
        let resident = Resident::new(self.device.adb().clone(), jar.clone());
        let started = resident.ensure().await;
        resident.stop().await;
        match started {
            Ok(()) => Ok((StepState::Ok, "starts and answers".to_owned(), None)),
            Err(error) => {
                let advice = "the plain driver stands in; another test tool or an accessibility service on the phone is the usual reason";
                Ok((StepState::Failed, error.to_string(), Some(advice.to_owned())))
            }
        }
    }

    async fn language(&self) -> Result<Found, DeviceError> {
        let said = self
            .shell("getprop persist.sys.locale; getprop ro.product.locale")
            .await?;
        let locale = said
            .lines()
            .map(str::trim)
            .find(|line| !line.is_empty())
            .unwrap_or("unknown")
            .to_owned();
        let language = locale.split(['-', '_']).next().unwrap_or_default();
        if LANGUAGES.contains(&language) {
            return Ok((StepState::Ok, locale, None));
        }
        let advice = "the flows read screens in English and French: set one of them as the phone's language, or as the app's under Settings → Apps → Language";
        Ok((StepState::NeedsPerson, locale, Some(advice.to_owned())))
    }

    async fn storage(&self) -> Result<Found, DeviceError> {
        let said = self
            .shell("df -k /storage/emulated/0 2>/dev/null || df -k /data")
            .await?;
        let Some(free) = parse::storage::parse_free_kb(&said) else {
            return Ok((StepState::Unseen, "the phone does not tell".to_owned(), None));
        };
        let found = format!("{:.1} GB free", free as f64 / 1e6);
        if free < LEAST_FREE_KB {
            return Ok((
                StepState::NeedsPerson,
                found,
                Some("free at least 2 GB: old videos, app caches".to_owned()),
            ));
        }
        Ok((StepState::Ok, found, None))
    }

    async fn app_updates(&self) -> Result<Found, DeviceError> {
        let play = self
            .shell(&format!("pm path {}", quote("com.android.vending")))
            .await?;
        if !play.contains("package:") {
            return Ok((StepState::Ok, "no Play Store on this phone".to_owned(), None));
        }
        let advice = "Play Store → profile picture → Settings → Network preferences → Auto-update apps → Don't: \
                      an app that changes overnight breaks the flows that know it";
        Ok((
            StepState::Unseen,
            "only the Play Store knows".to_owned(),
            Some(advice.to_owned()),
        ))
    }
}

const NO_LOCK: &str =
    "set Settings → Security → Screen lock to None, so that a reboot at night does not stop the phone";
