//! What actions do: the small language of the layouts, and what apps ask for when they are called.
//!
//! `go:screen` `replace:screen` (with `?name=value&…`), `back`, `finish`, `set:name=value`, `toggle:name`,
//! `focus:field`, `toast:text`, `url:address`, `start:component`, `key:CODE`; the system's own windows add a few.
//! Anything else is the app's own: `verb:argument`.

use serde_json::{Map, Value, json};

use super::display::language;
use super::page::Page;
use super::permission::Decision;
use super::task::Target;
use super::{Intent, Overlay, Ui, keyboard, keys};
use crate::app::{App, Call, Context};
use crate::phone::Phone;

impl Ui {
    /// Does the actions of a view, for the page it is on.
    pub(super) fn perform(&mut self, phone: &Phone, target: Target, actions: &[String]) {
        if actions.is_empty() {
            return;
        }
        if let Some(package) = self.package_of(target).filter(|package| strikes(phone, package)) {
            self.crash(phone, package);
            return;
        }
        for action in actions {
            self.perform_one(phone, target, action);
        }
    }

    pub(super) fn package_of(&self, target: Target) -> Option<&'static str> {
        match target {
            Target::Page(token, _) => self.tasks.find(token).map(|activity| activity.package),
            Target::System(_) => None,
        }
    }

    fn perform_one(&mut self, phone: &Phone, target: Target, action: &str) {
        let (verb, argument) = action.split_once(':').unwrap_or((action, ""));
        match verb {
            "go" | "replace" => {
                let (screen, args) = screen_and_args(argument);
                self.show(target, verb == "replace", Page::new(screen, args));
            }
            "back" => self.pop(phone, target),
            "finish" => self.finish(phone, target),
            "set" | "toggle" => self.set_variable(target, verb, argument),
            "focus" => self.focus_field(phone, target, argument),
            "blur" => {
                if let Some(page) = self.page_mut(target) {
                    page.focus = None;
                }
                self.keyboard_up = false;
            }
            "toast" => self.show_toast(argument),
            "url" => drop(self.start(phone, &Intent::view(argument))),
            "start" => drop(self.start_from_app(phone, target, &Intent::component(argument))),
            "key" => {
                if let Some(code) = keys::code_of(argument) {
                    self.key(phone, code);
                }
            }
            _ => match target {
                Target::System(_) => self.system_action(phone, verb, argument),
                Target::Page(..) => self.app_action(phone, target, verb, argument),
            },
        }
    }

    fn app_action(&mut self, phone: &Phone, target: Target, verb: &str, argument: &str) {
        if let Some(package) = self.package_of(target) {
            self.call_app(phone, package, Some(target), |app, context| {
                app.act(context, verb, argument);
            });
        }
    }

    /// Calls into an app with the page that it is about, and does what it then asks for.
    pub(super) fn call_app<T>(
        &mut self,
        phone: &Phone,
        package: &str,
        target: Option<Target>,
        call: impl FnOnce(&mut Box<dyn App>, &mut Context<'_>) -> T,
    ) -> Option<T> {
        let (name, mut app) = self.apps.remove_entry(package)?;
        let mut page = target
            .and_then(|target| self.page_mut(target))
            .map(std::mem::take)
            .unwrap_or_default();
        let mut context = Context {
            phone,
            now: self.now,
            language: language(phone),
            permissions: &self.permissions,
            page: &mut page,
            calls: Vec::new(),
        };
        let answer = call(&mut app, &mut context);
        let calls = context.calls;
        self.apps.insert(name, app);
        if let Some(place) = target.and_then(|target| self.page_mut(target)) {
            *place = page;
        }
        for call in calls {
            self.obey(phone, package, target, call);
        }
        Some(answer)
    }

    fn obey(&mut self, phone: &Phone, package: &str, target: Option<Target>, call: Call) {
        match (call, target) {
            (Call::Toast(text), _) => self.show_toast(&text),
            (Call::Later(after, action), _) => self.later(after, package, action),
            (Call::Start(intent), Some(target)) => drop(self.start_from_app(phone, target, &intent)),
            (Call::Start(intent), None) => drop(self.start(phone, &intent)),
            (Call::Decide(of, permission, granted, for_good), _) => {
                let decision = match (granted, for_good) {
                    (true, _) => Decision::Granted,
                    (false, true) => Decision::DeniedForGood,
                    (false, false) => Decision::Denied,
                };
                self.decide(phone, &of, &permission, Some(decision));
                let word = if granted {
                    "permission_granted"
                } else {
                    "permission_denied"
                };
                if let Some(asking) = self.tasks.page_of(&of) {
                    self.app_action(phone, asking, word, "");
                }
            }
            (Call::OpenTask(task), _) => self.open_task(phone, task),
            (Call::ClearTasks, _) => self.clear_tasks(phone),
            (Call::HideKeyboard, _) => self.keyboard_up = false,
            (_, None) => {}
            (Call::Go(screen, args), Some(target)) => self.show(target, false, Page::new(&screen, args)),
            (Call::Replace(screen, args), Some(target)) => self.show(target, true, Page::new(&screen, args)),
            (Call::Reset(screen, args), Some(target)) => self.reset(target, Page::new(&screen, args)),
            (Call::Back, Some(target)) => self.pop(phone, target),
            (Call::Finish, Some(target)) => self.finish(phone, target),
            (Call::Permission(permission), Some(target)) => self.ask(phone, package, target, &permission),
            (Call::Write(field, text), Some(target)) => {
                if let Some(page) = self.page_mut(target) {
                    page.fields.insert(field, super::page::Field::new(&text));
                }
            }
            (Call::Run(action), Some(target)) => self.perform_one(phone, target, &action),
        }
    }

    /// Puts a page over the one that acts, or in its place.
    fn show(&mut self, target: Target, replace: bool, page: Page) {
        let Target::Page(token, at) = target else { return };
        if let Some(activity) = self.tasks.find_mut(token) {
            // A screen that acts from under a dialog closes the dialog first.
            activity.pages.truncate(if replace { at } else { at + 1 });
            activity.pages.push(page);
        }
        self.keyboard_up = false;
    }

    fn reset(&mut self, target: Target, page: Page) {
        let Target::Page(token, _) = target else { return };
        if let Some(activity) = self.tasks.find_mut(token) {
            activity.pages = vec![page];
        }
        self.keyboard_up = false;
    }

    fn pop(&mut self, phone: &Phone, target: Target) {
        let Target::Page(token, _) = target else { return };
        match self.tasks.find_mut(token) {
            Some(activity) if activity.pages.len() > 1 => drop(activity.pages.pop()),
            _ => self.finish(phone, target),
        }
        self.keyboard_up = false;
    }

    pub(super) fn finish(&mut self, phone: &Phone, target: Target) {
        let Target::Page(token, _) = target else { return };
        let home = self
            .tasks
            .front()
            .is_some_and(|task| task.home && task.activities.len() == 1);
        if !home {
            self.tasks.remove(token);
        }
        if self.tasks.list.is_empty() {
            self.go_home(phone);
        }
        self.keyboard_up = false;
    }

    fn set_variable(&mut self, target: Target, verb: &str, argument: &str) {
        let Some(page) = self.page_mut(target) else { return };
        let (name, value) = argument.split_once('=').unwrap_or((argument, "true"));
        let value = if verb == "toggle" {
            let was = page.vars.get(name).is_some_and(super::scope::truthy);
            Value::Bool(!was)
        } else {
            Value::from(value)
        };
        page.vars.insert(name.to_owned(), value);
    }

    /// The dialog for a runtime permission, unless it is decided for good.
    fn ask(&mut self, phone: &Phone, package: &str, target: Target, permission: &str) {
        let answer = match self.permissions.get(package, permission) {
            Some(Decision::Granted) => Some("permission_granted"),
            Some(Decision::DeniedForGood) => Some("permission_denied"),
            Some(Decision::Denied) | None => None,
        };
        if let Some(answer) = answer {
            self.app_action(phone, target, answer, "");
            return;
        }
        let component = crate::app::permission::component(phone.spec.personality);
        let mut intent = Intent::component(&component);
        let again = self.permissions.get(package, permission).is_some();
        intent.extras = vec![
            ("package".to_owned(), package.to_owned()),
            ("permission".to_owned(), permission.to_owned()),
            ("again".to_owned(), again.to_string()),
        ];
        self.start_from_app(phone, target, &intent);
    }

    /// One action of the system's own, outside of any touch.
    pub(super) fn perform_quietly(&mut self, phone: &Phone, target: Target, action: &str) {
        self.perform_one(phone, target, action);
    }

    /// What the keys of a hardware keyboard do to the PIN's page.
    pub(super) fn lock_action(&mut self, verb: &str, argument: &str) {
        match verb {
            "digit" | "digit_back" => self.pin_digit(argument),
            _ => self.pin_enter(),
        }
    }

    fn system_action(&mut self, phone: &Phone, verb: &str, argument: &str) {
        match verb {
            "close_app" | "wait" | "restart_app" => {
                let overlay = self.overlays.pop();
                let Some(Overlay::Crash { package, .. } | Overlay::NotResponding { package }) = overlay
                else {
                    return;
                };
                match verb {
                    "restart_app" => drop(self.start(phone, &Intent::launch(&package))),
                    "close_app" => self.force_stop(phone, &package),
                    _ => {}
                }
            }
            "app_info" => {
                self.overlays.pop();
                let intent = Intent {
                    action: Some("android.settings.SETTINGS".to_owned()),
                    ..Intent::default()
                };
                self.start(phone, &intent);
            }
            "close_shade" => self.shade = false,
            "digit" => self.pin_digit(argument),
            "digit_back" => self.pin_digit(""),
            "pin_enter" => self.pin_enter(),
            "type" => {
                self.commit_text(phone, argument);
                self.set_variable(Target::System("keyboard"), "set", "shift=");
            }
            "shift" => self.set_variable(Target::System("keyboard"), "toggle", "shift"),
            "symbols" => self.set_variable(Target::System("keyboard"), "toggle", "symbols"),
            "hide_keyboard" => self.keyboard_up = false,
            _ => tracing::debug!(verb, argument, "an action that nobody knows"),
        }
    }

    fn pin_digit(&mut self, digit: &str) {
        let page = self.system_pages.entry("pin").or_default();
        let mut entered = page
            .vars
            .get("entered")
            .map(super::scope::plain)
            .unwrap_or_default();
        if digit.is_empty() {
            entered.pop();
        } else {
            entered.push_str(digit);
        }
        page.vars
            .insert("dots".to_owned(), Value::from("•".repeat(entered.len())));
        page.vars.insert("entered".to_owned(), Value::from(entered));
    }

    fn pin_enter(&mut self) {
        let page = self.system_pages.entry("pin").or_default();
        let entered = page
            .vars
            .get("entered")
            .map(super::scope::plain)
            .unwrap_or_default();
        if entered == self.pin() {
            self.unlock();
            return;
        }
        let page = self.system_pages.entry("pin").or_default();
        page.vars = Map::from_iter([("wrong".to_owned(), Value::Bool(true))]);
    }

    pub(super) fn shade_values(&self, phone: &Phone) -> Value {
        json!({"serial": phone.spec.serial, "recents": self.recents.len()})
    }
}

/// Whether the crash fault takes this app now; it strikes once.
pub(super) fn strikes(phone: &Phone, package: &str) -> bool {
    let struck = matches!(
        phone.faults.get("app_crash"),
        Some(crate::phone::fault::Fault::AppCrash { package: of }) if of == package
    );
    struck && phone.faults.take("app_crash").is_some()
}

/// Values for the system's own windows.
pub(super) fn system_values(phone: &Phone) -> Value {
    let battery = crate::phone::lock(&phone.hardware).battery;
    json!({
        "battery": battery.level,
        "charging": battery.usb_powered,
        "ime_id": keyboard::current(phone),
        "package": "android",
    })
}

/// `screen?name=value&other=value`
fn screen_and_args(text: &str) -> (&str, Value) {
    let Some((screen, args)) = text.split_once('?') else {
        return (text, Value::Null);
    };
    let pairs = args.split('&').filter_map(|pair| pair.split_once('='));
    let args: Map<String, Value> = pairs
        .map(|(name, value)| (name.to_owned(), Value::from(value)))
        .collect();
    (screen, Value::Object(args))
}

impl Intent {
    /// Opens an address.
    pub fn view(address: &str) -> Self {
        Self {
            action: Some("android.intent.action.VIEW".to_owned()),
            data: Some(address.to_owned()),
            ..Self::default()
        }
    }

    /// Starts one activity.
    pub fn component(component: &str) -> Self {
        Self {
            component: Some(component.to_owned()),
            ..Self::default()
        }
    }

    /// What a tap on an icon sends.
    pub fn launch(package: &str) -> Self {
        Self {
            action: Some("android.intent.action.MAIN".to_owned()),
            categories: vec!["android.intent.category.LAUNCHER".to_owned()],
            package: Some(package.to_owned()),
            ..Self::default()
        }
    }

    pub fn extra(&self, name: &str) -> Option<&str> {
        let found = self.extras.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }
}
