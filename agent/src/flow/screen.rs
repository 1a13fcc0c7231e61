//! Reading the screen: with patience for a phone in transition, and with a look at what may not be there — pop-ups
//! that are declined, screens that end the flow, a crashed app, another app in front.

use std::sync::Arc;
use std::time::Duration;

use shared::broken::{Part, lacks};
use shared::device::Foreground;
use shared::pack::elements::Watcher;
use shared::pack::failure::FailureKind;
use shared::screen::Node;
use shared::screen::find::{Found, Search};

use super::failure::Failure;
use super::host::{Host, Permissions};
use super::wait::NodeRef;
use crate::device::{DeviceError, Hierarchy, Key};

/// How often a screen that cannot be read is read again before the step fails.
const READ_TRIES: u32 = 6;
/// Between those tries, in the flow's time.
const READ_PAUSE: Duration = Duration::from_secs(2);
/// After a pop-up was declined.
const DECLINED_PAUSE: Duration = Duration::from_millis(600);
/// Pop-ups of all kinds in one look; more is a circle.
const MOST_DECLINED: usize = 12;

/// Dialogs of the system about an app that crashed or hangs.
const CRASH_IDS: [&str; 4] = [
    "android:id/aerr_close",
    "android:id/aerr_restart",
    "android:id/aerr_wait",
    "android:id/aerr_app_info",
];

/// The buttons of Android's permission dialogs, by what they mean; the ids are the same whatever the package.
const DENY: [&str; 4] = [
    "permission_deny_button",
    "permission_deny_and_dont_ask_again_button",
    "permission_no_upgrade_button",
    "permission_no_upgrade_and_dont_ask_again_button",
];
const ALLOW: [&str; 4] = [
    "permission_allow_all_button",
    "permission_allow_foreground_only_button",
    "permission_allow_button",
    "permission_allow_one_time_button",
];
/// What Android's own dialog is called in steps; no watcher of a pack can have a blank in its name.
const PERMISSION: &str = "android permission";
/// An app asks for several at once.
const MOST_PERMISSIONS: usize = 6;
const PERMISSION_PREFIXES: [&str; 3] = [
    "com.android.permissioncontroller:id/",
    "com.google.android.permissioncontroller:id/",
    "com.android.packageinstaller:id/",
];

/// A screen as it was read once.
#[derive(Debug)]
pub(super) struct Dump {
    pub(super) number: u64,
    pub(super) hierarchy: Hierarchy,
    pub(super) hash: u64,
    /// In the flow's time.
    pub(super) read_at: Duration,
    /// Another app is in front of the wanted one.
    pub(super) elsewhere: Option<String>,
}

impl Dump {
    pub(super) fn hash(&self) -> String {
        format!("{:016x}", self.hash)
    }

    pub(super) fn node(&self, index: usize) -> Node<'_> {
        self.hierarchy.screen.node(index)
    }
}

impl Host {
    pub(super) fn search<'a>(&'a self, dump: &'a Dump) -> Search<'a> {
        Search::new(&dump.hierarchy.screen, &self.pack.elements, &self.view)
    }

    /// The screen as it is known, read anew where something was done since.
    pub(super) async fn screen(&self) -> Result<Arc<Dump>, Failure> {
        let known = self.state().dump.clone();
        match known {
            Some(dump) => Ok(dump),
            None => self.look().await,
        }
    }

    /// Reads the screen anew; declines what pops up, and fails where a screen ends the flow.
    pub(super) async fn look(&self) -> Result<Arc<Dump>, Failure> {
        let dump = self.read_screen().await?;
        self.attend(dump).await
    }

    /// Looks at what may not be there, on a screen that was just read.
    pub(super) async fn attend(&self, mut dump: Arc<Dump>) -> Result<Arc<Dump>, Failure> {
        let mut declined: Vec<(String, usize)> = Vec::new();
        let mut missed = 0;
        loop {
            self.fail_on_crash(&dump)?;
            self.fail_on_stop(&dump)?;
            let Some(declining) = self.pop_up(&dump) else {
                return Ok(dump);
            };
            let total: usize = declined.iter().map(|(_, count)| count).sum::<usize>() + missed;
            let before = declined.iter().position(|(name, _)| *name == declining.name);
            let place = before.unwrap_or_else(|| {
                declined.push((declining.name.clone(), 0));
                declined.len() - 1
            });
            declined[place].1 += 1;
            let count = declined[place].1;
            if count > declining.most || total >= MOST_DECLINED {
                return Err(Failure::new(
                    FailureKind::UnexpectedScreen,
                    format!(
                        "the pop-up {} comes back after it was declined {} times",
                        declining.name, declining.most
                    ),
                ));
            }
            if self.decline(&dump, &declining).await? {
                // A pop-up seldom comes alone, and the next one must not get the touch that was meant for this.
                self.sleep(DECLINED_PAUSE).await;
                dump = self.at_rest().await?;
            } else {
                declined[place].1 -= 1;
                missed += 1;
                dump = self.read_screen().await?;
            }
        }
    }

    /// One dump, with patience for what passes.
    pub(super) async fn read_screen(&self) -> Result<Arc<Dump>, Failure> {
        let mut tries = 0;
        let hierarchy = loop {
            tries += 1;
            let (read, holder) = tokio::join!(self.device.hierarchy(), self.device.holder());
            self.fail_on_holder(holder)?;
            match read {
                Ok(hierarchy) => break hierarchy,
                Err(
                    error @ (DeviceError::NotIdle
                    | DeviceError::NoWindow
                    | DeviceError::Killed
                    | DeviceError::StaleDump { .. }
                    | DeviceError::BadDump(_)),
                ) if tries < READ_TRIES => {
                    self.aside("reading again", None, &error.to_string());
                    if matches!(error, DeviceError::NotIdle) {
                        self.pause_video().await;
                    }
                    self.sleep(READ_PAUSE).await;
                }
                Err(error) => return Err(error.into()),
            }
        };
        let read_at = self.pace.elapsed();
        let elsewhere = self.elsewhere(&hierarchy).await;
        let hash = hierarchy.screen.fingerprint();
        let mut state = self.state();
        state.dumps += 1;
        let dump = Arc::new(Dump {
            number: state.dumps,
            hash,
            read_at,
            elsewhere,
            hierarchy,
        });
        state.dump = Some(Arc::clone(&dump));
        state.last = Some(Arc::clone(&dump));
        Ok(dump)
    }

    /// Touches the place that the pack names for it, where the app itself is in front: a video that plays keeps the
    /// screen from being read, and a touch pauses it. Not an act of the flow; where it does not help, reading fails.
    async fn pause_video(&self) {
        let Some((x, y)) = self.pack.quiet_tap else { return };
        let front = self.device.foreground().await;
        if !matches!(front, Ok(front) if front.package == self.package) {
            return;
        }
        let picture = self.device.screenshot().await.unwrap_or_default();
        let Some((width, height)) = png_size(&picture) else {
            return;
        };
        let at = |whole: u32, percent: f64| (f64::from(whole) * percent / 100.0) as i32;
        let (x, y) = (at(width, x), at(height, y));
        self.aside("pausing", None, &format!("at {x},{y}"));
        if let Err(error) = self.device.tap(x, y).await {
            self.aside("pausing", None, &error.to_string());
        }
    }

    /// Who is in front, where neither the app nor a dialog of the system is on the screen.
    async fn elsewhere(&self, hierarchy: &Hierarchy) -> Option<String> {
        if !self.state().in_app {
            return None;
        }
        let packages = hierarchy.screen.packages();
        let expected = packages.iter().any(|package| {
            self.view.packages.iter().any(|own| own == package)
                || self.view.system.iter().any(|own| own == package)
        });
        if expected {
            return None;
        }
        let asked = self.device.foreground().await;
        Some(match asked {
            Ok(Foreground { package, .. }) if !package.is_empty() => package,
            Ok(Foreground {
                window: Some(window), ..
            }) => window,
            _ => packages.join(", "),
        })
    }

    /// Two attempts on one phone would take each other's screens for their own. Who is not told is not held against
    /// anybody here; a lasting act wants to know for certain.
    fn fail_on_holder(&self, holder: Result<String, DeviceError>) -> Result<(), Failure> {
        match holder {
            Ok(holder) if !holder.is_empty() && holder != self.attempt && !lacks(Part::Holder) => {
                Err(Failure::new(
                    FailureKind::Device,
                    "somebody else works with this phone now: this run stops",
                ))
            }
            _ => Ok(()),
        }
    }

    fn fail_on_crash(&self, dump: &Dump) -> Result<(), Failure> {
        let dialog = dump
            .hierarchy
            .screen
            .nodes()
            .find(|node| CRASH_IDS.contains(&node.resource_id()));
        let Some(button) = dialog else { return Ok(()) };
        let title = dump
            .hierarchy
            .screen
            .nodes()
            .find(|node| node.resource_id() == "android:id/alertTitle")
            .map_or_else(|| button.text().to_owned(), |node| node.text().to_owned());
        Err(Failure::new(
            FailureKind::AppCrashed,
            format!("the system says of the app: {title:?}"),
        ))
    }

    fn fail_on_stop(&self, dump: &Dump) -> Result<(), Failure> {
        let search = self.search(dump);
        for stop in &self.pack.stops {
            if self.shows(&search, &stop.when).is_some() && !any(&search, &stop.unless) {
                let told = if stop.help.is_empty() {
                    &stop.name
                } else {
                    &stop.help
                };
                self.note(Some(&stop.when), None);
                return Err(Failure::new(stop.kind, told.clone()));
            }
        }
        Ok(())
    }

    /// The element, where nothing lies over it.
    fn shows(&self, search: &Search<'_>, name: &str) -> Option<std::rc::Rc<Found>> {
        search.find(name).filter(|found| {
            found
                .nodes
                .first()
                .is_some_and(|index| search.covered(*index) == 0)
        })
    }

    /// The first expected pop-up that shows.
    fn pop_up(&self, dump: &Dump) -> Option<Watcher> {
        let search = self.search(dump);
        let pops = |watcher: &&Watcher| {
            self.shows(&search, &watcher.when).is_some() && !any(&search, &watcher.unless)
        };
        if let Some(watcher) = self.pack.watchers.iter().find(pops) {
            return Some(watcher.clone());
        }
        self.permission_button(dump).is_some().then(|| Watcher {
            name: PERMISSION.to_owned(),
            when: String::new(),
            tap: None,
            most: MOST_PERMISSIONS,
            unless: Vec::new(),
            line: 0,
        })
    }

    /// The button of Android's permission dialog that shall be touched.
    fn permission_button(&self, dump: &Dump) -> Option<usize> {
        let ids = match self.state().permissions {
            Permissions::Deny => DENY,
            Permissions::Allow => ALLOW,
        };
        ids.iter().find_map(|id| {
            dump.hierarchy.screen.nodes().find_map(|node| {
                let rest = PERMISSION_PREFIXES
                    .iter()
                    .find_map(|prefix| node.resource_id().strip_prefix(prefix))?;
                (rest == *id && !node.bounds().is_empty()).then(|| node.index())
            })
        })
    }

    /// False where the pop-up was no longer as it was seen, and nothing was touched.
    async fn decline(&self, dump: &Arc<Dump>, watcher: &Watcher) -> Result<bool, Failure> {
        let permission = (watcher.name == PERMISSION)
            .then(|| self.permission_button(dump))
            .flatten();
        let control = if let Some(index) = permission {
            Some((index, dump.node(index).bounds().center()))
        } else if let Some(name) = &watcher.tap {
            Some(self.declining_point(dump, watcher, name)?)
        } else {
            None
        };
        if let Some((index, point)) = control {
            let node = NodeRef {
                dump: Arc::clone(dump),
                index,
                element: None,
            };
            if !self.still_there(&node, false, point).await? {
                return Ok(false);
            }
        }
        let how = watcher.tap.as_deref().unwrap_or("back");
        self.aside("declined", Some(&watcher.name), how);
        // Not counted as an act of the flow: it is no part of what a commit does.
        self.state().dump = None;
        match control {
            Some((_, (x, y))) => self.device.tap(x, y).await?,
            None => self.device.key(Key::Back).await?,
        }
        Ok(true)
    }

    fn declining_point(
        &self,
        dump: &Dump,
        watcher: &Watcher,
        name: &str,
    ) -> Result<(usize, (i32, i32)), Failure> {
        let search = self.search(dump);
        let found = search.find(name).and_then(|found| found.nodes.first().copied());
        let Some(index) = found else {
            return Err(Failure {
                element: Some(name.to_owned()),
                ..Failure::new(
                    FailureKind::UnexpectedScreen,
                    format!("the pop-up {} shows without its control {name}", watcher.name),
                )
            });
        };
        let node = dump.node(index);
        let point = search
            .touch_point(node)
            .unwrap_or_else(|_| node.bounds().center());
        Ok((index, point))
    }

    /// What to say where an element did not come up.
    pub(super) fn missing(&self, names: &[String], dump: Option<&Dump>, waited: Duration) -> Failure {
        let name = names.join(" or ");
        let time = if waited.is_zero() {
            String::new()
        } else {
            format!(" within {} s", waited.as_secs_f64())
        };
        let dump = dump.or(None);
        if let Some(front) = dump.and_then(|dump| dump.elsewhere.as_ref()) {
            return Failure {
                element: names.first().cloned(),
                ..Failure::new(
                    FailureKind::UnexpectedScreen,
                    format!(
                        "{front} is in front instead of {}; {name} did not come up{time}",
                        self.package
                    ),
                )
            };
        }
        if let Some(title) = dump.and_then(|dump| self.unknown_dialog(dump)) {
            return Failure {
                element: names.first().cloned(),
                ..Failure::new(
                    FailureKind::UnexpectedScreen,
                    format!(
                        "a dialog that the pack does not know is in front: {title:?}; {name} did not come up{time}"
                    ),
                )
            };
        }
        Failure {
            element: names.first().cloned(),
            ..Failure::new(
                FailureKind::ElementMissing,
                format!("{name} did not come up{time}"),
            )
        }
    }

    /// The title of a dialog of the system or of the usual form of apps.
    fn unknown_dialog(&self, dump: &Dump) -> Option<String> {
        const TITLES: [&str; 3] = [
            "android:id/alertTitle",
            "android:id/message",
            "android:id/parentPanel",
        ];
        let search = self.search(dump);
        let titled = TITLES.iter().find_map(|id| {
            dump.hierarchy
                .screen
                .nodes()
                .find(|node| node.resource_id() == *id && search.covered(node.index()) == 0)
        });
        titled.map(|node| {
            let said = std::iter::once(node)
                .chain(node.descendants())
                .find(|node| !node.text().is_empty());
            said.map_or_else(String::new, |node| node.text().to_owned())
        })
    }
}

/// Width and height, from a PNG's first bytes.
fn png_size(picture: &[u8]) -> Option<(u32, u32)> {
    let of = |at: usize| Some(u32::from_be_bytes(picture.get(at..at + 4)?.try_into().ok()?));
    picture.starts_with(b"\x89PNG").then_some(())?;
    Some((of(16)?, of(20)?))
}

fn any(search: &Search<'_>, names: &[String]) -> bool {
    names.iter().any(|name| search.find(name).is_some())
}
