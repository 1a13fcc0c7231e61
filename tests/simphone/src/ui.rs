//! What is on the phone's glass: windows in order, the view trees in them, and what a touch does.
//!
//! This is the only door to the screen for `program` and `control`; apps are behind `crate::app`.
//! Its lock comes first: hold no other lock of the phone when taking it ([`Phone::ui`]).

mod act;
pub mod display;
mod dump;
mod fonts;
mod inflate;
pub mod keyboard;
mod keys;
mod layout;
mod lifecycle;
pub mod page;
pub mod permission;
pub mod picture;
mod rest;
mod scope;
pub mod start;
mod style;
mod task;
pub mod template;
mod touch;
pub mod view;
mod window;

use std::collections::BTreeMap;

use crate::app::{App, AppInfo, Look};
use crate::clock::SimTime;
use crate::phone::{Phone, PhoneSpec};

use page::Page;
use permission::Permissions;
use task::Tasks;

pub use dump::DumpOptions;
pub(crate) use dump::Seen;
pub use keys::{code_of, name_of};
pub use start::{Candidate, Resolved, candidates, full_component, resolve};
pub use touch::Point;

/// `am start` and friends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Intent {
    pub action: Option<String>,
    pub data: Option<String>,
    pub mime: Option<String>,
    pub package: Option<String>,
    /// `pkg/.Class` or `pkg/full.Class`.
    pub component: Option<String>,
    pub categories: Vec<String>,
    /// `--es`, `--ei`, `--ez`, `--eu`: (key, value).
    pub extras: Vec<(String, String)>,
    pub flags: u32,
}

/// What became of an intent; `program::am` words it as the phone's Android does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Started {
    /// A new activity came up: its full component, and whether its process was started for it.
    Launched { component: String, cold: bool },
    /// "its current task has been brought to the front"
    BroughtToFront { component: String },
    /// "intent has been delivered to currently running top-most instance"
    DeliveredToTop { component: String },
    /// Nobody takes it.
    Unresolved,
    /// "Activity class {…} does not exist."
    NoSuchActivity { component: String },
    /// The activity is not exported.
    NotExported { component: String },
}

/// The window that has the focus, as `dumpsys window` needs to name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Focus {
    /// In transition, or the screen is off on some builds.
    None,
    /// `pkg/full.Class`
    Activity { component: String },
    /// "NotificationShade", "StatusBar", "Application Error: pkg", …
    System { title: String },
}

/// An activity that stands in the back stack; the first is on top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskActivity {
    pub component: String,
    pub task: u32,
}

/// A dialog of the system over whatever is in front.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Overlay {
    Crash { package: String, repeated: bool },
    NotResponding { package: String },
}

/// Something that an app wants to do later.
#[derive(Debug)]
struct Alarm {
    due: SimTime,
    package: String,
    action: String,
}

/// The glass and everything behind it.
#[derive(Debug)]
pub struct Ui {
    spec: PhoneSpec,
    now: SimTime,
    tasks: Tasks,
    apps: BTreeMap<&'static str, Box<dyn App>>,
    /// Icons of the launcher.
    icons: Vec<&'static AppInfo>,
    /// The latest first.
    recents: Vec<(u32, String)>,
    processes: BTreeMap<String, u32>,
    next_pid: u32,
    permissions: Permissions,
    alarms: Vec<Alarm>,
    overlays: Vec<Overlay>,
    /// Crashes since the phone started, by package: the second is worded otherwise.
    crashes: BTreeMap<String, u32>,
    system_pages: BTreeMap<&'static str, Page>,
    screen_on: bool,
    locked: bool,
    /// The lock screen asks for the PIN.
    bouncer: bool,
    shade: bool,
    keyboard_up: bool,
    clipboard: String,
    toast: Option<(String, SimTime)>,
    last_toast: Option<(String, SimTime)>,
    /// Something changed on the screen.
    changed: SimTime,
    moving: bool,
    /// Somebody last did something to the phone.
    touched: SimTime,
    /// The fault `locked` has been seen and acted upon.
    lock_fault: bool,
    /// UiAutomation has one owner at a time: who holds it.
    automation: Option<u64>,
    automations: u64,
    /// The finger is down: where it came down, where it is, since when.
    finger: Option<(Point, Point, SimTime)>,
}

impl Ui {
    /// For `dumpsys activity`: all activities, the resumed one first.
    pub fn activities(&self) -> Vec<TaskActivity> {
        let tasks = self.tasks.list.iter().rev();
        tasks
            .flat_map(|task| {
                task.activities.iter().rev().map(|activity| TaskActivity {
                    component: activity.component(),
                    task: task.id,
                })
            })
            .collect()
    }

    /// The app below a system window: what `mFocusedApp` goes on naming.
    pub fn focused_app(&self) -> Option<TaskActivity> {
        self.activities().into_iter().next()
    }

    /// The window that has the focus.
    pub fn focus(&self) -> Focus {
        let system = |title: &str| Focus::System {
            title: title.to_owned(),
        };
        let shade = if self.spec.personality.sdk >= 30 {
            "NotificationShade"
        } else {
            "StatusBar"
        };
        if self.locked || self.shade || !self.screen_on {
            return system(shade);
        }
        match self.overlays.last() {
            Some(Overlay::Crash { package, .. }) => return system(&format!("Application Error: {package}")),
            Some(Overlay::NotResponding { package }) => {
                return system(&format!("Application Not Responding: {package}"));
            }
            None => {}
        }
        match self.tasks.top() {
            Some(activity)
                if activity
                    .pages
                    .last()
                    .is_some_and(|page| is_dialog(activity.package, page))
                    && activity.pages.len() > 1 =>
            {
                system(activity.package)
            }
            Some(activity) => Focus::Activity {
                component: activity.component(),
            },
            None => Focus::None,
        }
    }

    /// Packages with a running process, with its pid.
    pub fn processes(&self) -> Vec<(String, u32)> {
        let all = self.processes.iter();
        all.map(|(package, pid)| (package.clone(), *pid)).collect()
    }

    pub fn screen_on(&self) -> bool {
        self.screen_on
    }

    pub fn locked(&self) -> bool {
        self.locked
    }

    /// Whether a soft keyboard is up.
    pub fn keyboard_shown(&self) -> bool {
        self.keyboard_up && !self.locked
    }

    /// Whether the notification shade is down.
    pub fn shade_shown(&self) -> bool {
        self.shade
    }

    /// Whether something moves on the screen, so that `uiautomator dump` never finds it idle.
    pub fn animating(&self) -> bool {
        self.moving && self.screen_on
    }

    /// When something on the screen last changed.
    pub fn last_change(&self) -> SimTime {
        self.changed
    }

    pub fn clipboard(&self) -> String {
        self.clipboard.clone()
    }

    pub fn set_clipboard(&mut self, text: &str) {
        text.clone_into(&mut self.clipboard);
    }

    /// The last toast, if it was shown a short while ago.
    pub fn last_toast(&self) -> Option<&str> {
        self.last_toast.as_ref().map(|(text, _)| text.as_str())
    }

    pub fn clear_last_toast(&mut self) {
        self.last_toast = None;
    }

    /// Takes UiAutomation for one program; none while another one holds it.
    pub fn take_automation(&mut self) -> Option<u64> {
        if self.automation.is_some() {
            return None;
        }
        self.automations += 1;
        self.automation = Some(self.automations);
        self.automation
    }

    /// Gives it back; a ticket of an earlier boot does nothing.
    pub fn give_automation_back(&mut self, ticket: u64) {
        if self.automation == Some(ticket) {
            self.automation = None;
        }
    }

    /// Runtime permissions as they were decided.
    pub fn permissions(&self) -> &Permissions {
        &self.permissions
    }

    fn look<'a>(&'a self, phone: &'a Phone, language: &'a str) -> Look<'a> {
        Look {
            phone,
            now: self.now,
            language,
            recents: &self.recents,
            apps: &self.icons,
            permissions: &self.permissions,
        }
    }

    /// For `GET /phones/{serial}/screen`: which app and which of its screens is in front.
    pub fn describe(&self) -> serde_json::Value {
        let top = self.tasks.top();
        let page = top.and_then(|activity| activity.pages.last());
        serde_json::json!({
            "package": top.map(|activity| activity.package),
            "component": top.map(task::Running::component),
            "screen": page.map(|page| page.screen.as_str()),
            "args": page.map(|page| page.args.clone()),
            "fields": page.map(|page| {
                let fields = page.fields.iter();
                fields.map(|(key, field)| (key.clone(), field.text.clone())).collect::<BTreeMap<_, _>>()
            }),
            "focus": format!("{:?}", self.focus()),
            "screen_on": self.screen_on,
            "locked": self.locked,
            "keyboard": self.keyboard_shown(),
            "shade": self.shade,
        })
    }
}

/// Whether a page is a dialog, in a window of its own.
fn is_dialog(package: &str, page: &Page) -> bool {
    let info = crate::app::registry::known(package);
    let screen = info.and_then(|info| info.layouts.screen(&page.screen));
    screen.and_then(|screen| screen.attr("window")) == Some("dialog")
}
