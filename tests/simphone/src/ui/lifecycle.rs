//! The glass over time: boot, reboot, processes that start and die, timers, the screen going on and off.

use std::collections::BTreeMap;
use std::time::Duration;

use super::page::Page;
use super::permission::{Decision, Permissions};
use super::task::{Running, Target, Tasks};
use super::{Alarm, Intent, Overlay, Ui};
use crate::app::{self, registry};
use crate::clock::SimTime;
use crate::phone::fault::Fault;
use crate::phone::{Phone, PhoneSpec};

/// How long a toast stays.
const TOAST: Duration = Duration::from_millis(3500);
/// How long the resident server remembers one.
const TOAST_MEMORY: Duration = Duration::from_secs(10);

impl Ui {
    /// The launcher, on a phone that has just booted.
    pub fn boot(spec: &PhoneSpec) -> Self {
        let apps = registry::built_in(spec.personality)
            .map(|info| (info.manifest.package, (info.manifest.open)(spec)))
            .collect();
        let mut ui = Self {
            spec: spec.clone(),
            now: SimTime::default(),
            tasks: Tasks::default(),
            apps,
            icons: registry::built_in(spec.personality)
                .filter(|info| info.manifest.launcher().is_some())
                .collect(),
            recents: Vec::new(),
            processes: BTreeMap::new(),
            next_pid: 2000 + (spec.seed % 500) as u32,
            permissions: app::load::<Permissions>(spec, "permissions"),
            alarms: Vec::new(),
            overlays: Vec::new(),
            crashes: BTreeMap::new(),
            system_pages: BTreeMap::new(),
            screen_on: true,
            locked: false,
            bouncer: false,
            shade: false,
            keyboard_up: false,
            clipboard: String::new(),
            toast: None,
            last_toast: None,
            changed: SimTime::default(),
            moving: false,
            lock_fault: false,
            touched: SimTime::default(),
            automation: None,
            automations: 0,
            finger: None,
        };
        ui.start_home();
        ui
    }

    /// The launcher's task, empty of anything else.
    fn start_home(&mut self) {
        for package in ["system_server", "com.android.systemui"] {
            self.ensure_process(package);
        }
        let Some(home) = registry::home(self.spec.personality) else {
            return;
        };
        let Some(activity) = home.manifest.activities.iter().find(|activity| activity.home) else {
            return;
        };
        self.ensure_process(home.manifest.package);
        self.tasks
            .push(None, home.manifest.package, true, |token| Running {
                token,
                package: home.manifest.package,
                class: activity.class,
                translucent: false,
                pages: vec![Page::new("home", serde_json::Value::Null)],
            });
    }

    /// A power cycle: stacks are gone, data stays, the lock screen is up.
    pub fn reboot(&mut self, phone: &Phone) {
        for platform in app::social::Platform::ALL {
            app::social::process_died(phone, platform.package());
        }
        let fresh = Self::boot(&self.spec);
        let (now, automations) = (self.now, self.automations);
        *self = fresh;
        self.now = now;
        self.changed = now;
        self.automations = automations;
        self.lock_fault = phone.faults.has("locked");
        self.locked = true;
        self.touched = now;
        self.packages_changed(phone);
    }

    /// Something was installed, removed, switched on or off: icons come and go.
    pub fn packages_changed(&mut self, phone: &Phone) {
        let all = registry::installed(phone).into_iter();
        self.icons = all.filter(|info| info.manifest.launcher().is_some()).collect();
        self.settle(phone);
    }

    /// Ends animations and fires timers that are due. Called by [`Phone::ui`]; nothing else needs to.
    pub fn advance(&mut self, phone: &Phone, now: SimTime) {
        self.now = now.max(self.now);
        self.follow_lock_fault(phone);
        self.doze_off(phone);
        if self.toast.as_ref().is_some_and(|(_, until)| *until <= now) {
            self.toast = None;
            self.changed = now;
        }
        if self.last_toast.as_ref().is_some_and(|(_, until)| *until <= now) {
            self.last_toast = None;
        }
        // Each strike may set off another one that is due too; a phone is not that busy for long.
        for _ in 0..32 {
            if !self.strike(phone) {
                break;
            }
        }
    }

    /// Runs one alarm or one timer that is due.
    fn strike(&mut self, phone: &Phone) -> bool {
        let due = self
            .alarms
            .iter()
            .enumerate()
            .filter(|(_, alarm)| alarm.due <= self.now);
        if let Some((at, _)) = due.min_by_key(|(_, alarm)| alarm.due) {
            let alarm = self.alarms.remove(at);
            let target = self.tasks.page_of(&alarm.package);
            self.call_app(phone, &alarm.package, target, |app, context| {
                app.act(context, &alarm.action, "");
            });
            self.settle(phone);
            return true;
        }
        let Some((target, key)) = self.due_timer() else {
            return false;
        };
        if let Some(page) = self.page_mut(target) {
            page.timers.remove(&key);
            page.struck.insert(key.clone());
        }
        let windows = self.windows(phone);
        let timers = windows.into_iter().flat_map(|window| window.timers);
        let asked = timers
            .into_iter()
            .find(|(owner, timer)| *owner == target && timer.key == key);
        if let Some((_, timer)) = asked {
            self.perform(phone, target, &timer.actions);
        }
        self.settle(phone);
        true
    }

    fn due_timer(&self) -> Option<(Target, String)> {
        let due = |page: &Page, target: Target| {
            let timers = page.timers.iter().filter(|(_, due)| **due <= self.now);
            timers
                .min_by_key(|(_, due)| **due)
                .map(|(key, _)| (target, key.clone()))
        };
        let pages = self.tasks.visible().into_iter().flat_map(|activity| {
            let token = activity.token;
            let pages = activity.pages.iter().enumerate();
            pages.map(move |(at, page)| (page, Target::Page(token, at)))
        });
        let mut pages = pages.chain(
            self.system_pages
                .iter()
                .map(|(name, page)| (page, Target::System(name))),
        );
        pages.find_map(|(page, target)| due(page, target))
    }

    fn follow_lock_fault(&mut self, phone: &Phone) {
        let wanted = phone.faults.has("locked");
        if wanted && !self.lock_fault {
            self.sleep();
        } else if !wanted && self.lock_fault {
            self.wake();
            self.unlock();
        }
        self.lock_fault = wanted;
    }

    /// Whether the lock screen asks for a PIN.
    pub fn secure(&self, phone: &Phone) -> bool {
        matches!(phone.faults.get("locked"), Some(Fault::Locked { secure: true }))
    }

    /// The PIN that only the phone's owner knows.
    pub fn pin(&self) -> String {
        format!(
            "{:04}",
            self.spec.seed.wrapping_mul(7_919).wrapping_add(4_271) % 10_000
        )
    }

    /// What `wm dismiss-keyguard`, the menu key and a swipe up do: opens an insecure lock, asks for the PIN of a
    /// secure one.
    pub fn dismiss_keyguard(&mut self, phone: &Phone) {
        if !self.locked {
            return;
        }
        self.wake();
        if self.secure(phone) {
            self.bouncer = true;
            self.changed = self.now;
        } else {
            self.unlock();
        }
    }

    pub(super) fn unlock(&mut self) {
        self.locked = false;
        self.bouncer = false;
        self.system_pages.remove("pin");
        self.changed = self.now;
    }

    pub(super) fn ensure_process(&mut self, package: &str) -> bool {
        if self.processes.contains_key(package) {
            return false;
        }
        self.next_pid += 7;
        self.processes.insert(package.to_owned(), self.next_pid);
        true
    }

    fn kill(&mut self, phone: &Phone, package: &str) {
        self.processes.remove(package);
        self.alarms.retain(|alarm| alarm.package != package);
        self.tasks.remove_package(package);
        if let Some(app) = self.apps.get_mut(package) {
            app.died();
        }
        app::social::process_died(phone, package);
        self.keyboard_up = false;
        self.changed = self.now;
        if !self.tasks.list.iter().any(|task| task.home) {
            self.start_home();
        }
    }

    /// `am force-stop`: the app's stack and process are gone, its data stays.
    pub fn force_stop(&mut self, phone: &Phone, package: &str) {
        self.kill(phone, package);
        self.overlays.retain(|overlay| match overlay {
            Overlay::Crash { package: of, .. } | Overlay::NotResponding { package: of } => of != package,
        });
        self.settle(phone);
    }

    /// `pm clear`
    pub fn clear_data(&mut self, phone: &Phone, package: &str) -> bool {
        if registry::find(phone, package).is_none() {
            return false;
        }
        self.force_stop(phone, package);
        if let Some(app) = self.apps.get_mut(package) {
            app.clear(phone);
        }
        self.permissions.forget(package);
        app::store(phone, "permissions", &self.permissions);
        true
    }

    /// The process dies of itself and the system says so.
    pub fn crash(&mut self, phone: &Phone, package: &str) {
        self.kill(phone, package);
        let count = self.crashes.entry(package.to_owned()).or_default();
        *count += 1;
        let repeated = *count > 1;
        self.overlays.push(Overlay::Crash {
            package: package.to_owned(),
            repeated,
        });
        self.settle(phone);
    }

    /// "… isn't responding"
    pub fn not_responding(&mut self, phone: &Phone, package: &str) {
        self.overlays.push(Overlay::NotResponding {
            package: package.to_owned(),
        });
        self.changed = self.now;
        self.settle(phone);
    }

    /// Decides a runtime permission, as its dialog and `pm grant|revoke` do; none: undecided again.
    pub fn decide(&mut self, phone: &Phone, package: &str, permission: &str, decision: Option<Decision>) {
        self.permissions.set(package, permission, decision);
        app::store(phone, "permissions", &self.permissions);
    }

    pub(super) fn show_toast(&mut self, text: &str) {
        self.toast = Some((text.to_owned(), self.now + TOAST));
        self.last_toast = Some((text.to_owned(), self.now + TOAST_MEMORY));
        self.changed = self.now;
    }

    /// `makeToast` of the resident server.
    pub fn make_toast(&mut self, text: &str) {
        self.show_toast(text);
    }

    pub(super) fn later(&mut self, after: Duration, package: &str, action: String) {
        self.alarms.push(Alarm {
            due: self.now + after,
            package: package.to_owned(),
            action,
        });
    }

    /// After anything happened: timers of what shows now, first focus, what moves.
    pub(super) fn settle(&mut self, phone: &Phone) {
        self.changed = self.now;
        self.remember_tasks();
        let windows = self.windows(phone);
        self.moving = windows.iter().any(|window| window.moving);
        let mut asked: Vec<(Target, String, Duration)> = Vec::new();
        for window in &windows {
            for (target, timer) in &window.timers {
                asked.push((*target, timer.key.clone(), timer.after));
            }
        }
        let active = windows.iter().rev().find(|window| window.focusable);
        // A sheet is in the window of what it covers: the page in front is its activity's last.
        let target = active.map(|window| match window.target {
            Target::Page(token, at) => Target::Page(
                token,
                self.tasks
                    .find(token)
                    .map_or(at, |activity| activity.pages.len().saturating_sub(1)),
            ),
            system @ Target::System(_) => system,
        });
        let in_front = |view: &super::view::View| match target {
            Some(Target::Page(_, at)) => view.page_at == at,
            _ => true,
        };
        let first = active.and_then(|window| window.root.find(&|view| view.autofocus && in_front(view)));
        let first = first.and_then(|view| view.field.clone().map(|field| (field, view.text.clone())));
        self.set_timers(&asked);
        if let Some(page) = target
            .and_then(|target| self.page_mut(target))
            .filter(|page| !page.settled)
        {
            page.settled = true;
            if let Some((field, text)) = first {
                page.fields
                    .entry(field.clone())
                    .or_insert_with(|| super::page::Field::new(&text));
                page.focus = Some(field);
                self.keyboard_up = true;
            }
        }
    }

    fn set_timers(&mut self, asked: &[(Target, String, Duration)]) {
        let now = self.now;
        let refresh = |page: &mut Page, target: Target| {
            let wanted = |key: &String| asked.iter().any(|(of, name, _)| *of == target && name == key);
            page.timers.retain(|key, _| wanted(key));
            page.struck.retain(|key| wanted(key));
            for (_, key, after) in asked.iter().filter(|(of, ..)| *of == target) {
                if !page.struck.contains(key) {
                    page.timers.entry(key.clone()).or_insert(now + *after);
                }
            }
        };
        for task in &mut self.tasks.list {
            for activity in &mut task.activities {
                for (at, page) in activity.pages.iter_mut().enumerate() {
                    refresh(page, Target::Page(activity.token, at));
                }
            }
        }
        for (name, page) in &mut self.system_pages {
            refresh(page, Target::System(name));
        }
    }

    fn remember_tasks(&mut self) {
        let tasks = self.tasks.list.iter().rev().filter(|task| !task.home);
        self.recents = tasks.map(|task| (task.id, task.affinity.to_owned())).collect();
    }

    pub(super) fn page_mut(&mut self, target: Target) -> Option<&mut Page> {
        match target {
            Target::Page(token, at) => self.tasks.find_mut(token)?.pages.get_mut(at),
            Target::System(name) => Some(self.system_pages.entry(name).or_default()),
        }
    }

    /// What `am start` does with nothing but the home category.
    pub fn go_home(&mut self, phone: &Phone) {
        let intent = Intent {
            action: Some("android.intent.action.MAIN".to_owned()),
            categories: vec!["android.intent.category.HOME".to_owned()],
            ..Intent::default()
        };
        self.start(phone, &intent);
    }
}
