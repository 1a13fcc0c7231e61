//! Logging in: the list of ways, the two tabs, the password, the code, what the platform answers; and the pages at
//! which only a person goes on.

use serde_json::{Value, json};

use super::{PLATFORM, TikTok, moods};
use crate::app::social::login::{Answer, challenge_is_answered, code_is_right, pass, submit_password};
use crate::app::social::{Challenge, upload};
use crate::app::{Call, Context, Look};
use crate::phone::identity;
use crate::ui::page::Page;

/// How long the platform thinks about a password.
const THINKING: f64 = 0.8;
const CODE_DIGITS: usize = 6;

/// What is being tried.
#[derive(Debug, Default)]
pub(super) struct Attempt {
    tab: String,
    busy: bool,
    /// The string table's name for what went wrong.
    fault: Option<&'static str>,
    /// Whose code is asked for; empty: nobody's, so that none is right.
    code_for: String,
    /// To whose owner it was sent.
    sent_for: String,
    sent_to: String,
}

impl TikTok {
    pub(super) fn login_model(&self, look: Look<'_>, page: &Page) -> Value {
        let layout = Self::layout(look.phone, self.package);
        let moods = moods(look.phone);
        let two_step = layout == "a";
        let tab = if self.login.tab.is_empty() {
            "phone"
        } else {
            &self.login.tab
        };
        let filled = |field: &str| !page.text(field).is_empty();
        let ready = match (page.screen.as_str(), tab) {
            ("login_password", _) => filled("password"),
            (_, "phone") => page.text("phone").chars().filter(char::is_ascii_digit).count() >= 6,
            _ => filled("name") && (two_step || filled("password")),
        };
        let can_submit = ready && !self.login.busy;
        json!({
            "method_word": if two_step { "way_or" } else { "way_slashes" },
            "email_word": if two_step { "email_tab" } else { "email_username_tab" },
            "login_tab": tab,
            "two_step": two_step,
            "first_field": true,
            "country_code": if look.language == "fr" { "FR +33" } else { "US +1" },
            "fault": self.login.fault,
            "can_submit": can_submit,
            "submit_bg": if can_submit { "#fe2c55" } else { "#e2e2e6" },
            "busy": self.login.busy,
            "busy_time": format!("{}s", THINKING + moods.slow_seconds),
            "sent_to": self.login.sent_to,
            "can_resend": true,
            "stop": stop_value(&page.arg("challenge")),
        })
    }

    pub(super) fn login_act(&mut self, context: &mut Context<'_>, action: &str, argument: &str) -> bool {
        match action {
            "method" => {
                self.login = Attempt::default();
                context.call(Call::Go("login".to_owned(), json!({})));
            }
            "other_way" => context.call(Call::Toast(nothing(context.language).to_owned())),
            "login_tab" => {
                argument.clone_into(&mut self.login.tab);
                self.login.fault = None;
            }
            "login_changed" => self.login.fault = None,
            "login_submit" => self.submit(context),
            "login_answer" => self.answer(context),
            "code_changed" => self.code(context),
            "puzzle" => {
                // No finger of a program fits the piece: it goes back.
                context.page.vars.insert("puzzle".to_owned(), Value::from(0));
            }
            "stop_button" => super::note(context, "appeal_opened"),
            _ => return false,
        }
        true
    }

    fn submit(&mut self, context: &mut Context<'_>) {
        if self.login.busy {
            return;
        }
        let password_page = context.page.screen == "login_password";
        if !password_page && self.login.tab != "email" {
            let number = context.page.text("phone").to_owned();
            if number.chars().filter(char::is_ascii_digit).count() >= CODE_DIGITS {
                self.login.code_for.clear();
                self.login.sent_for.clear();
                self.ask_code(context, &number);
            }
            return;
        }
        let two_step = Self::layout(context.phone, self.package) == "a";
        if two_step && !password_page {
            let name = context.page.text("name").trim().to_owned();
            if !name.is_empty() {
                self.login.fault = None;
                context.call(Call::Go("login_password".to_owned(), json!({"name": name})));
            }
            return;
        }
        if context.page.text("password").is_empty() || !password_page && context.page.text("name").is_empty()
        {
            return;
        }
        self.login.fault = None;
        self.login.busy = true;
        context.call(Call::HideKeyboard);
    }

    fn answer(&mut self, context: &mut Context<'_>) {
        self.login.busy = false;
        let name = match context.page.arg("name") {
            name if name.is_empty() => context.page.text("name").to_owned(),
            name => name.into_owned(),
        };
        let password = context.page.text("password").to_owned();
        let answer = submit_password(context.phone, PLATFORM, &name, &password);
        self.take(context, answer);
    }

    fn take(&mut self, context: &mut Context<'_>, answer: Answer) {
        match answer {
            Answer::In(username) => self.entered(context, &username),
            Answer::UnknownUser => self.login.fault = Some("unknown"),
            Answer::WrongPassword => self.login.fault = Some("wrong"),
            Answer::TooMany => self.login.fault = Some("too_many"),
            Answer::NeedCode(username) => {
                self.login.sent_for.clear();
                self.login.code_for.clone_from(&username);
                self.ask_code(context, &username);
            }
            Answer::Challenged(username, Challenge::EmailCode | Challenge::SmsCode) => {
                self.login.code_for.clear();
                self.login.sent_for = username;
                self.ask_code(context, "j***@example.org");
            }
            Answer::Challenged(_, challenge) => {
                context.call(Call::Go("stop".to_owned(), super::stop_page(challenge)));
            }
            Answer::Unwritten => super::refuse(context, &crate::app::social::Outcome::Unwritten),
        }
    }

    fn ask_code(&mut self, context: &mut Context<'_>, to: &str) {
        self.login.fault = None;
        to.clone_into(&mut self.login.sent_to);
        context.call(Call::Go("login_code".to_owned(), json!({})));
    }

    fn code(&mut self, context: &mut Context<'_>) {
        let code = context.page.text("code").to_owned();
        self.login.fault = None;
        if code.chars().filter(char::is_ascii_digit).count() < CODE_DIGITS {
            return;
        }
        let sent_for = self.login.sent_for.clone();
        if !sent_for.is_empty() && challenge_is_answered(context.phone, PLATFORM, &sent_for, &code) {
            let answer = pass(context.phone, PLATFORM, &sent_for);
            self.take(context, answer);
            return;
        }
        let username = self.login.code_for.clone();
        if !username.is_empty() && code_is_right(context.phone, PLATFORM, &username, &code) {
            let answer = pass(context.phone, PLATFORM, &username);
            self.take(context, answer);
        } else {
            self.login.fault = Some("code");
        }
    }

    /// In: the feed, and over it one after the other what the platform wants to know.
    fn entered(&mut self, context: &mut Context<'_>, username: &str) {
        self.login = Attempt::default();
        self.notice = None;
        let wanted = moods(context.phone).prompts;
        let prompts = wanted.unwrap_or_else(|| usual_prompts(context.phone.spec.seed, username));
        {
            let mut install = context.phone.social.install(PLATFORM);
            install.prompts.clone_from(&prompts);
            install.keep();
        }
        self.coming = prompts;
        context.call(Call::Reset("feed".to_owned(), json!({"tab": "home"})));
        // Uploads of this account that failed before are told again.
        let failed = upload::finish_due(context.phone, PLATFORM).len();
        tracing::debug!(failed, username, "logged in");
        self.interrupt_soon(context);
    }
}

/// The prompts after a login, in an order that is this phone's.
fn usual_prompts(seed: u64, username: &str) -> Vec<String> {
    let mut prompts = vec!["save_login", "follow_friends", "link_email"];
    let turn = identity::mix(seed, identity::of_text(username)) % prompts.len() as u64;
    prompts.rotate_left(turn as usize);
    prompts.into_iter().map(str::to_owned).collect()
}

fn nothing(language: &str) -> &'static str {
    if language == "fr" {
        "Aucun compte disponible"
    } else {
        "No account available"
    }
}

/// Title, text and button of a page that stops; string table names.
fn stop_value(challenge: &str) -> Value {
    match challenge {
        "slider" => json!({"title": "slider_title", "text": "slider_text", "slider": true}),
        "human_check" => json!({"title": "human_title", "text": "human_text", "slider": true}),
        "suspended" => json!({"title": "suspended_title", "text": "suspended_text", "button": "appeal"}),
        "disabled" => json!({"title": "banned_title", "text": "banned_text", "button": "appeal"}),
        _ => json!({"title": "security_title", "text": "security_text", "button": "continue"}),
    }
}
