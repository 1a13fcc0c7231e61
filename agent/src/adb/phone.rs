//! A phone behind the adb server as a [`Device`]: chooses the driver, checks that text arrived, starts apps.

mod system;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use shared::device::{Foreground, Serial};
use tokio::time::Instant;

use super::{AdbPhone, parse, quote};
use crate::device::{Device, DeviceError, DriverKind, Hierarchy, Key, Share, SystemFacts};
use crate::driver::arrival::{self, Arrival};
use crate::driver::plain::Plain;
use crate::driver::resident::Resident;
use crate::driver::{Driver, accepted, uncertain, unreachable};

const QUESTION_DEADLINE: Duration = Duration::from_secs(15);
const PICTURE_DEADLINE: Duration = Duration::from_secs(20);
/// Starting an app waits for its first window.
const START_DEADLINE: Duration = Duration::from_secs(30);
const PUSH_DEADLINE: Duration = Duration::from_secs(600);
/// How long a resident driver that could not start is left alone.
const RESIDENT_REST: Duration = Duration::from_secs(300);
/// Text is looked for this often before it counts as lost; a keyboard hands it over when it gets to it.
const LOOKS: u32 = 6;
const LOOK_PAUSE: Duration = Duration::from_millis(300);
/// How often text of which nothing arrived is typed.
const TYPINGS: u32 = 2;

/// Which driver an operator wants.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum DriverChoice {
    #[default]
    Plain,
    /// The resident driver and nothing else.
    Resident { jar: PathBuf },
    /// The resident driver, and plain where it cannot start.
    Auto { jar: PathBuf },
}

/// One phone, ready to be driven.
#[derive(Debug)]
pub struct AdbDevice {
    serial: Serial,
    phone: AdbPhone,
    plain: Plain,
    resident: Option<Resident>,
    may_fall_back: bool,
    state: Mutex<DriverState>,
}

#[derive(Debug)]
struct DriverState {
    kind: DriverKind,
    note: Option<String>,
    resident_rests_until: Option<Instant>,
}

impl AdbDevice {
    pub fn new(serial: Serial, phone: AdbPhone, choice: DriverChoice) -> Self {
        let (jar, may_fall_back) = match choice {
            DriverChoice::Plain => (None, true),
            DriverChoice::Resident { jar } => (Some(jar), false),
            DriverChoice::Auto { jar } => (Some(jar), true),
        };
        let kind = if jar.is_some() {
            DriverKind::Resident
        } else {
            DriverKind::Plain
        };
        Self {
            serial,
            plain: Plain::new(phone.clone()),
            resident: jar.map(|jar| Resident::new(phone.clone(), jar)),
            phone,
            may_fall_back,
            state: Mutex::new(DriverState {
                kind,
                note: None,
                resident_rests_until: None,
            }),
        }
    }

    /// The way to the phone that this device uses.
    pub fn adb(&self) -> &AdbPhone {
        &self.phone
    }

    fn state(&self) -> std::sync::MutexGuard<'_, DriverState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The driver for the next call: the resident where it can be had, else plain, and said so.
    async fn driver_now(&self) -> Result<&dyn Driver, DeviceError> {
        let Some(resident) = &self.resident else {
            return Ok(&self.plain);
        };
        let resting = self
            .state()
            .resident_rests_until
            .is_some_and(|until| Instant::now() < until);
        if resting {
            return Ok(&self.plain);
        }
        match resident.ensure().await {
            Ok(()) => {
                *self.state() = DriverState {
                    kind: DriverKind::Resident,
                    note: None,
                    resident_rests_until: None,
                };
                Ok(resident)
            }
            // A phone that cannot be reached has no driver at all: nothing to fall back to.
            Err(error) if !self.may_fall_back || matches!(error, DeviceError::Unreachable { .. }) => {
                Err(error)
            }
            Err(error) => {
                tracing::warn!(serial = %self.serial, %error, "resident driver cannot start, using the plain one");
                resident.stop().await;
                *self.state() = DriverState {
                    kind: DriverKind::Plain,
                    note: Some(format!(
                        "the resident driver cannot start ({error}); using the plain one"
                    )),
                    resident_rests_until: Some(Instant::now() + RESIDENT_REST),
                };
                Ok(&self.plain)
            }
        }
    }

    /// Looks until the text is there; a phone hands it over when it gets to it.
    async fn look_for(
        &self,
        driver: &dyn Driver,
        text: &str,
        before: Option<&str>,
    ) -> Result<Arrival, DeviceError> {
        let mut seen = Arrival::Nothing;
        for look in 0..LOOKS {
            if look > 0 {
                tokio::time::sleep(LOOK_PAUSE).await;
            }
            seen = match driver.hierarchy().await {
                Ok(hierarchy) => arrival::judge(&hierarchy.screen, text, before),
                // A screen that cannot be read hides the text: that is not a loss.
                Err(DeviceError::NotIdle | DeviceError::NoWindow | DeviceError::StaleDump { .. }) => {
                    Arrival::Hidden
                }
                Err(error) => return Err(error),
            };
            if matches!(seen, Arrival::Arrived | Arrival::Hidden) {
                break;
            }
        }
        Ok(seen)
    }

    async fn ask(&self, doing: &str, line: &str) -> Result<String, DeviceError> {
        let output = self
            .phone
            .shell(line, QUESTION_DEADLINE)
            .await
            .map_err(unreachable(doing))?;
        Ok(output.text())
    }

    /// The component that the launcher would start.
    async fn launcher_of(&self, package: &str) -> Result<String, DeviceError> {
        let line = format!(
            "cmd package resolve-activity --brief -c android.intent.category.LAUNCHER {}",
            quote(package)
        );
        let said = self.ask("looking for the app", &line).await?;
        let prefix = format!("{package}/");
        said.lines()
            .map(str::trim)
            .find(|line| line.starts_with(&prefix))
            .map(str::to_owned)
            .ok_or_else(|| {
                DeviceError::BadInput(format!(
                    "no app named {package} that can be started is installed on {}",
                    self.serial
                ))
            })
    }

    async fn start(&self, doing: String, line: String) -> Result<(), DeviceError> {
        let output = self
            .phone
            .shell(&line, START_DEADLINE)
            .await
            .map_err(uncertain(doing.clone()))?;
        match parse::launch::refusal(&output.text()) {
            Some(said) => Err(DeviceError::Refused {
                doing,
                said,
                advice: None,
            }),
            None => accepted(doing, &output),
        }
    }
}

#[async_trait]
impl Device for AdbDevice {
    fn serial(&self) -> &Serial {
        &self.serial
    }

    fn driver(&self) -> DriverKind {
        self.state().kind
    }

    fn note(&self) -> Option<String> {
        self.state().note.clone()
    }

    async fn hierarchy(&self) -> Result<Hierarchy, DeviceError> {
        self.driver_now().await?.hierarchy().await
    }

    async fn screenshot(&self) -> Result<Vec<u8>, DeviceError> {
        let bytes = self
            .phone
            .exec("screencap -p", PICTURE_DEADLINE)
            .await
            .map_err(unreachable("taking a screenshot"))?;
        parse::picture::png(bytes).map_err(DeviceError::BadPicture)
    }

    async fn foreground(&self) -> Result<Foreground, DeviceError> {
        let said = self
            .ask("asking for the app in front", parse::window::ASK_FOCUS)
            .await?;
        parse::window::parse_foreground(&said).ok_or(DeviceError::NoWindow)
    }

    async fn focus(&self) -> Result<String, DeviceError> {
        let said = self
            .ask("asking for the window in front", parse::window::ASK_FOCUS)
            .await?;
        Ok(parse::window::focus_mark(&said))
    }

    async fn tap(&self, x: i32, y: i32) -> Result<(), DeviceError> {
        self.driver_now().await?.tap(x, y).await
    }

    async fn long_press(&self, x: i32, y: i32, hold: Duration) -> Result<(), DeviceError> {
        self.driver_now().await?.long_press(x, y, hold).await
    }

    async fn swipe(&self, from: (i32, i32), to: (i32, i32), time: Duration) -> Result<(), DeviceError> {
        self.driver_now().await?.swipe(from, to, time).await
    }

    async fn key(&self, key: Key) -> Result<(), DeviceError> {
        self.driver_now().await?.key(key).await
    }

    async fn type_text(&self, text: &str) -> Result<(), DeviceError> {
        if let Some(bad) = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
            return Err(DeviceError::BadInput(format!(
                "the text has the control character {bad:?}, which no keyboard types"
            )));
        }
        if text.is_empty() {
            return Ok(());
        }
        let driver = self.driver_now().await?;
        let before = match driver.hierarchy().await {
            Ok(hierarchy) => match arrival::focused_field(&hierarchy.screen) {
                Some(field) => Some(field.text().to_owned()),
                None => return Err(DeviceError::NoFocus),
            },
            // The screen cannot be read: type all the same, as a person who cannot see would.
            Err(DeviceError::NotIdle | DeviceError::StaleDump { .. }) => None,
            Err(error) => return Err(error),
        };
        let mut seen = Arrival::Nothing;
        for _ in 0..TYPINGS {
            driver.insert_text(text).await?;
            seen = self.look_for(driver, text, before.as_deref()).await?;
            if seen != Arrival::Nothing {
                break;
            }
        }
        let typed = text.chars().count();
        match seen {
            Arrival::Arrived | Arrival::Hidden => Ok(()),
            Arrival::Nothing => Err(DeviceError::TextLost { typed, shown: 0 }),
            Arrival::Other(shown) => Err(DeviceError::TextLost { typed, shown }),
            // The text made the field go away: an ENTER at its end that sends or closes.
            Arrival::NoField if text.ends_with('\n') => Ok(()),
            Arrival::NoField if before.is_some() => Err(DeviceError::FieldGone),
            Arrival::NoField => Err(DeviceError::NoFocus),
        }
    }

    async fn insert_text(&self, text: &str) -> Result<(), DeviceError> {
        self.driver_now().await?.insert_text(text).await
    }

    async fn clear_text(&self) -> Result<(), DeviceError> {
        self.driver_now().await?.clear_text().await
    }

    async fn open_url(&self, url: &str, package: Option<&str>) -> Result<(), DeviceError> {
        let scheme = url.split_once(':').map(|(scheme, _)| scheme).unwrap_or_default();
        let plausible = !scheme.is_empty()
            && scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
        if !plausible || url.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(DeviceError::BadInput(format!(
                "{url:?} is not a URL: it needs a scheme, such as https://, and no blanks"
            )));
        }
        let mut line = format!("am start -W -a android.intent.action.VIEW -d {}", quote(url));
        if let Some(package) = package {
            line.push_str(" -p ");
            line.push_str(&quote(package));
        }
        self.start(format!("opening {url}"), line).await
    }

    async fn start_app(&self, package: &str) -> Result<(), DeviceError> {
        let component = self.launcher_of(package).await?;
        let line = format!(
            "am start -W -a android.intent.action.MAIN -c android.intent.category.LAUNCHER -f 0x10200000 -n {}",
            quote(&component)
        );
        self.start(format!("starting {package}"), line).await
    }

    async fn stop_app(&self, package: &str) -> Result<(), DeviceError> {
        let doing = format!("stopping {package}");
        let line = format!("am force-stop {}", quote(package));
        let output = self
            .phone
            .shell(&line, QUESTION_DEADLINE)
            .await
            .map_err(uncertain(doing.clone()))?;
        accepted(doing, &output)
    }

    async fn share(&self, share: &Share) -> Result<(), DeviceError> {
        self.share_file(share).await
    }

    async fn grant(&self, package: &str, permission: &str) -> Result<(), DeviceError> {
        self.grant_permission(package, permission).await
    }

    async fn app_version(&self, package: &str) -> Result<Option<String>, DeviceError> {
        self.version_of(package).await
    }

    async fn system(&self) -> Result<SystemFacts, DeviceError> {
        self.about_system().await
    }

    async fn keyboard_shown(&self) -> Result<bool, DeviceError> {
        self.is_keyboard_shown().await
    }

    async fn wake(&self) -> Result<bool, DeviceError> {
        self.wake_up().await
    }

    async fn clock(&self) -> Result<i64, DeviceError> {
        self.read_clock().await
    }

    async fn push(&self, local: &Path, remote: &str) -> Result<(), DeviceError> {
        self.phone
            .push(local, remote, 0o644, PUSH_DEADLINE)
            .await
            .map_err(unreachable(format!("putting {remote} onto the phone")))
    }

    async fn remove(&self, remote: &str) -> Result<(), DeviceError> {
        let doing = format!("removing {remote}");
        let line = format!("rm -f {}", quote(remote));
        let output = self
            .phone
            .shell(&line, QUESTION_DEADLINE)
            .await
            .map_err(unreachable(doing.clone()))?;
        accepted(doing, &output)
    }

    async fn index_media(&self, remote: &str) -> Result<Option<String>, DeviceError> {
        self.scan_media(remote).await
    }

    async fn hold(&self, token: &str) -> Result<(), DeviceError> {
        self.write_holder(token).await?;
        // Whoever held it before may have died with another keyboard chosen than the owner's.
        if let Err(error) = crate::driver::keyboard::restore_left_behind(&self.phone).await {
            tracing::warn!(%error, "the owner's keyboard could not be set again");
        }
        Ok(())
    }

    async fn holder(&self) -> Result<String, DeviceError> {
        self.read_holder().await
    }

    async fn note_files(&self, paths: &[String]) -> Result<(), DeviceError> {
        self.write_files(paths).await
    }

    async fn noted_files(&self) -> Result<Vec<String>, DeviceError> {
        self.read_files().await
    }
}
