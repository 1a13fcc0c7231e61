//! Intents: who takes them, and into which task the activity goes.

use super::page::Page;
use super::task::{Running, Target};
use super::{Intent, Started, Ui};
use crate::app::registry;
use crate::app::{Activity, AppInfo, Filter, LaunchMode};
use crate::phone::Phone;

const MAIN: &str = "android.intent.action.MAIN";
const HOME: &str = "android.intent.category.HOME";
const LAUNCHER: &str = "android.intent.category.LAUNCHER";
const NEW_TASK: u32 = 0x1000_0000;
const CLEAR_TASK: u32 = 0x0000_8000;

/// An activity that takes an intent.
pub type Candidate = (&'static AppInfo, &'static Activity);

impl Ui {
    /// What `am start` does.
    pub fn start(&mut self, phone: &Phone, intent: &Intent) -> Started {
        self.start_for(phone, intent, None)
    }

    /// An app starts something: its own private activities too, and in its own task.
    pub(super) fn start_from_app(&mut self, phone: &Phone, target: Target, intent: &Intent) -> Started {
        let Target::Page(token, _) = target else {
            return self.start(phone, intent);
        };
        self.start_for(phone, intent, Some(token))
    }

    fn start_for(&mut self, phone: &Phone, intent: &Intent, caller: Option<u32>) -> Started {
        let package = caller
            .and_then(|token| self.tasks.find(token))
            .map(|activity| activity.package);
        let (info, activity) = match resolve(phone, intent) {
            Resolved::One(found) => found,
            Resolved::Several => match chooser(phone) {
                Some(found) => found,
                None => return Started::Unresolved,
            },
            Resolved::Nobody => return Started::Unresolved,
            Resolved::NoSuchActivity(component) => return Started::NoSuchActivity { component },
        };
        let component = format!("{}/{}", info.manifest.package, activity.class);
        // The system's own dialogs are started on an app's behalf.
        let system = info.manifest.system && caller.is_some();
        if !activity.exported && package != Some(info.manifest.package) && !system {
            return Started::NotExported { component };
        }
        let started = self.launch(phone, (info, activity), intent, caller);
        self.shade = false;
        self.settle(phone);
        started
    }

    fn launch(
        &mut self,
        phone: &Phone,
        (info, activity): Candidate,
        intent: &Intent,
        caller: Option<u32>,
    ) -> Started {
        let package = info.manifest.package;
        let component = format!("{package}/{}", activity.class);
        let own_task = self
            .tasks
            .list
            .iter()
            .find(|task| task.affinity == package)
            .map(|task| task.id);
        if intent.flags & CLEAR_TASK != 0 && intent.flags & NEW_TASK != 0 {
            self.tasks.remove_package(package);
        } else if let Some(task) = own_task
            && let Some(started) = self.reuse(phone, (info, activity), intent, task)
        {
            return started;
        }
        let into = match caller.filter(|_| intent.flags & NEW_TASK == 0) {
            Some(token) => self.task_of(token),
            None => self
                .tasks
                .list
                .iter()
                .find(|task| task.affinity == package)
                .map(|task| task.id),
        };
        self.overlays
            .retain(|overlay| !matches!(overlay, super::Overlay::Crash { package: of, .. } if of == package));
        let cold = self.ensure_process(package);
        self.keyboard_up = false;
        // What was installed after the phone had started comes to life here.
        let spec = &self.spec;
        self.apps
            .entry(package)
            .or_insert_with(|| (info.manifest.open)(spec));
        let opened = self.call_app(phone, package, None, |app, context| {
            app.open(context, activity.class, intent)
        });
        let (screen, args) = opened.unwrap_or_default();
        self.tasks.push(into, package, activity.home, |token| Running {
            token,
            package,
            class: activity.class,
            translucent: activity.translucent,
            pages: vec![Page::new(&screen, args)],
        });
        Started::Launched { component, cold }
    }

    fn task_of(&self, token: u32) -> Option<u32> {
        let task = self
            .tasks
            .list
            .iter()
            .find(|task| task.activities.iter().any(|activity| activity.token == token));
        task.map(|task| task.id)
    }

    /// The cases in which no new activity is made.
    fn reuse(
        &mut self,
        phone: &Phone,
        (info, activity): Candidate,
        intent: &Intent,
        task: u32,
    ) -> Option<Started> {
        let component = format!("{}/{}", info.manifest.package, activity.class);
        let stack = &self.tasks.list.iter().find(|found| found.id == task)?.activities;
        let root = stack.first()?.component() == component;
        let top = stack.last()?.component() == component;
        let (token, at) = stack
            .iter()
            .rev()
            .find(|running| running.class == activity.class)
            .map_or((0, 0), |running| {
                (running.token, running.pages.len().saturating_sub(1))
            });
        let plain = intent.data.is_none() && intent.extras.is_empty() && intent.mime.is_none();
        let main = intent.action.as_deref().is_none_or(|action| action == MAIN);
        if root && main && plain || activity.home {
            self.tasks.bring_to_front(task);
            self.keyboard_up = false;
            return Some(Started::BroughtToFront { component });
        }
        let single = match activity.mode {
            LaunchMode::Standard => false,
            LaunchMode::SingleTop => top,
            LaunchMode::SingleTask => token != 0,
        };
        if !single {
            return None;
        }
        self.tasks.bring_to_front(task);
        self.keyboard_up = false;
        if let Some(found) = self.tasks.list.last_mut() {
            let keep = found
                .activities
                .iter()
                .position(|running| running.token == token)?;
            found.activities.truncate(keep + 1);
        }
        let target = Target::Page(token, at);
        let opened = self.call_app(phone, info.manifest.package, Some(target), |app, context| {
            app.open(context, activity.class, intent)
        });
        let (screen, args) = opened.unwrap_or_default();
        if let Some(running) = self.tasks.find_mut(token) {
            running.pages.push(Page::new(&screen, args));
        }
        Some(Started::DeliveredToTop { component })
    }

    /// Recents: a task by its number.
    pub(crate) fn open_task(&mut self, phone: &Phone, task: u32) {
        self.tasks.bring_to_front(task);
        self.keyboard_up = false;
        self.settle(phone);
    }

    /// Recents: everything is swiped away; processes end with their tasks.
    pub(crate) fn clear_tasks(&mut self, phone: &Phone) {
        let packages: Vec<String> = self.recents.iter().map(|(_, package)| package.clone()).collect();
        for package in packages {
            self.force_stop(phone, &package);
        }
    }
}

/// Who takes an intent.
#[derive(Debug)]
pub enum Resolved {
    One(Candidate),
    /// The chooser asks.
    Several,
    Nobody,
    /// The explicit component is not there; with its name.
    NoSuchActivity(String),
}

/// The system's chooser, where a phone has one.
fn chooser(phone: &Phone) -> Option<Candidate> {
    let info = registry::find(phone, "android")?;
    let activity = info.manifest.activities.first()?;
    Some((info, activity))
}

/// Finds out who takes `intent` on this phone.
pub fn resolve(phone: &Phone, intent: &Intent) -> Resolved {
    if let Some(component) = &intent.component {
        let full = full_component(component);
        let (package, class) = full.split_once('/').unwrap_or((&full, ""));
        let found = registry::find(phone, package)
            .and_then(|info| info.manifest.activity(class).map(|activity| (info, activity)));
        return found.map_or_else(|| Resolved::NoSuchActivity(full.clone()), Resolved::One);
    }
    let all = candidates(phone, intent);
    let verified = all.iter().find(|(_, activity)| {
        activity
            .filters
            .iter()
            .any(|filter| filter.verified && takes(filter, intent))
    });
    match (all.as_slice(), verified) {
        ([], _) => Resolved::Nobody,
        (_, Some(found)) => Resolved::One(*found),
        ([one], None) => Resolved::One(*one),
        _ => Resolved::Several,
    }
}

/// All activities that take an implicit intent.
pub fn candidates(phone: &Phone, intent: &Intent) -> Vec<Candidate> {
    let mut found = Vec::new();
    for info in registry::installed(phone) {
        if intent
            .package
            .as_deref()
            .is_some_and(|package| package != info.manifest.package)
        {
            continue;
        }
        for activity in info.manifest.activities {
            if matches(activity, intent) {
                found.push((info, activity));
            }
        }
    }
    found
}

fn matches(activity: &Activity, intent: &Intent) -> bool {
    let category = |name: &str| intent.categories.iter().any(|category| category == name);
    if category(HOME) {
        return activity.home;
    }
    if category(LAUNCHER)
        || (intent.action.as_deref().is_none_or(|action| action == MAIN) && intent.data.is_none())
    {
        return activity.launcher && intent.package.is_some();
    }
    activity.filters.iter().any(|filter| takes(filter, intent))
}

fn takes(filter: &Filter, intent: &Intent) -> bool {
    if intent.action.as_deref() != Some(filter.action) {
        return false;
    }
    let address = intent.data.as_deref().and_then(|data| data.split_once(':'));
    let scheme = address.map(|(scheme, _)| scheme);
    let fits_scheme = match scheme {
        None => filter.schemes.is_empty(),
        Some(scheme) => {
            filter.schemes.contains(&scheme) || (filter.schemes.is_empty() && !filter.mimes.is_empty())
        }
    };
    let host = address
        .and_then(|(_, rest)| rest.strip_prefix("//"))
        .map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let fits_host = filter.hosts.is_empty() || host.is_some_and(|host| filter.hosts.contains(&host));
    let fits_mime = match &intent.mime {
        None => filter.mimes.is_empty(),
        Some(mime) => filter.mimes.iter().any(|wanted| {
            let family = wanted.strip_suffix('*');
            family.map_or(*wanted == mime, |family| mime.starts_with(family))
        }),
    };
    fits_scheme && fits_host && fits_mime
}

/// `pkg/.Class` → `pkg/pkg.Class`
pub fn full_component(component: &str) -> String {
    match component.split_once('/') {
        Some((package, class)) if class.starts_with('.') => format!("{package}/{package}{class}"),
        _ => component.to_owned(),
    }
}
