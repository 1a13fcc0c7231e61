//! The platform's side of a login: passwords, the second factor, and what it asks for beyond.

use totp_rs::{Builder, Secret, Totp};

use super::{Act, Challenge, Outcome, Platform, commit, moods_of, note};
use crate::phone::Phone;

/// What the platform says to a name and a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// In; the account's username.
    In(String),
    UnknownUser,
    WrongPassword,
    /// Wrong too often.
    TooMany,
    /// The code of the second factor is wanted for this username.
    NeedCode(String),
    Challenged(String, Challenge),
    Unwritten,
}

/// So many wrong passwords are answered before the platform says that it was too often.
pub const PATIENCE: u32 = 5;
const STEP: u64 = 30;
const DIGITS: u8 = 6;

/// A name, an address or a number, with a password.
pub fn submit_password(phone: &Phone, platform: Platform, name: &str, password: &str) -> Answer {
    let username = {
        let world = phone.social.world(platform);
        world.account_named(name).map(|account| account.username.clone())
    };
    let Some(username) = username else {
        return Answer::UnknownUser;
    };
    let moods = moods_of(phone, platform, &username);
    {
        let mut world = phone.social.world(platform);
        let Some(account) = world.accounts.get_mut(&username) else {
            return Answer::UnknownUser;
        };
        let right = !moods.wrong_password && !password.is_empty() && account.password == password;
        if account.failures >= PATIENCE {
            return Answer::TooMany;
        }
        if !right {
            account.failures += 1;
            keep(&mut world);
            return Answer::WrongPassword;
        }
        account.failures = 0;
        let wants_code = account.totp.is_some() || moods.two_factor;
        keep(&mut world);
        if wants_code {
            return Answer::NeedCode(username);
        }
    }
    pass(phone, platform, &username)
}

/// A code of the second factor; false where it is wrong, too old, or was used before.
pub fn code_is_right(phone: &Phone, platform: Platform, username: &str, code: &str) -> bool {
    let mut world = phone.social.world(platform);
    let Some(account) = world.accounts.get_mut(username) else {
        return false;
    };
    let Some(totp) = account.totp.as_deref().and_then(totp) else {
        return false;
    };
    let code: String = code
        .chars()
        .filter(|character| !character.is_whitespace())
        .collect();
    let step = totp.check(&code, seconds());
    let fresh = step.filter(|step| account.used_step.is_none_or(|used| *step > used));
    if let Some(step) = fresh {
        account.used_step = Some(step);
        keep(&mut world);
    }
    fresh.is_some()
}

/// Past all factors: what is asked for beyond, else in.
pub fn pass(phone: &Phone, platform: Platform, username: &str) -> Answer {
    let moods = moods_of(phone, platform, username);
    if let Some(challenge) = moods.challenge_of("login", 0) {
        return Answer::Challenged(username.to_owned(), challenge);
    }
    let login = Act::Login {
        account: username.to_owned(),
    };
    match commit(phone, platform, login) {
        Outcome::Done => Answer::In(username.to_owned()),
        _ => Answer::Unwritten,
    }
}

/// The challenge that stands before everything for a logged-in account.
pub fn challenge(phone: &Phone, platform: Platform, username: &str) -> Option<Challenge> {
    let moods = moods_of(phone, platform, username);
    let install = phone.social.install(platform);
    let done = install.acts.get(username).copied().unwrap_or(0);
    let stands = if moods.challenge_on.is_empty() {
        done >= moods.challenge_after
    } else {
        install.challenged.contains(username)
    };
    moods.challenge.filter(|_| stands)
}

/// The code that the account's owner was sent, typed by whoever; false where it is another. The challenge is over then.
pub fn challenge_is_answered(phone: &Phone, platform: Platform, username: &str, code: &str) -> bool {
    let moods = moods_of(phone, platform, username);
    let (Some(challenge), Some(wanted)) = (moods.challenge, &moods.challenge_code) else {
        return false;
    };
    if code.split_whitespace().collect::<String>() != *wanted {
        return false;
    }
    let what = format!("answered:{}", challenge.name());
    if note(phone, platform, username, &what) != Outcome::Done {
        return false;
    }
    {
        let mut install = phone.social.install(platform);
        install.moods.remove("challenge");
        install.challenged.remove(username);
        install.keep();
    }
    let mut world = phone.social.world(platform);
    if let Some(account) = world.accounts.get_mut(username) {
        account.moods.remove("challenge");
    }
    keep(&mut world);
    true
}

fn keep(world: &mut super::World) {
    if let Err(error) = world.keep() {
        tracing::error!(%error, "the world cannot be kept");
    }
}

fn totp(secret: &str) -> Option<Totp> {
    let plain: String = secret.chars().filter(char::is_ascii_alphanumeric).collect();
    let secret = Secret::try_from_base32(plain.to_ascii_uppercase()).ok()?;
    let builder = Builder::new()
        .with_digits(DIGITS)
        .with_skew(1)
        .with_step_duration(STEP);
    Some(builder.with_secret(secret).build_noncompliant())
}

/// The phone's own clock: real time, whatever the simulator's speed.
fn seconds() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or(0)
}

/// The code that the account's owner reads in his authenticator. For tests.
pub fn code_now(secret: &str) -> Option<String> {
    totp(secret).map(|totp| totp.generate(seconds()).to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::phone::testing::phone;

    const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

    fn seed(phone: &Phone, fields: &serde_json::Value) {
        let mut world = phone.social.world(Platform::Instagram);
        world.seed_account(fields.as_object().unwrap()).unwrap();
    }

    fn submit(phone: &Phone, name: &str, password: &str) -> Answer {
        submit_password(phone, Platform::Instagram, name, password)
    }

    #[test]
    fn a_code_is_right_once() {
        let (_dir, phone) = phone();
        seed(&phone, &json!({"username": "a", "password": "p", "totp": SECRET}));
        assert_eq!(submit(&phone, "a", "p"), Answer::NeedCode("a".to_owned()));
        let right = |code: &str| code_is_right(&phone, Platform::Instagram, "a", code);
        assert!(!right("000 000"));
        let code = code_now(SECRET).unwrap();
        assert!(right(&code));
        assert!(!right(&code), "it is used up");
        assert!(phone.ledger.entries().is_empty(), "nobody is in before the end");
        assert_eq!(pass(&phone, Platform::Instagram, "a"), Answer::In("a".to_owned()));
        assert_eq!(phone.ledger.entries()[0].kind, "login");
        assert_eq!(phone.social.install(Platform::Instagram).active(), Some("a"));
    }

    #[test]
    fn a_code_of_the_neighbouring_steps_is_right_and_older_ones_are_not() {
        let totp = totp(SECRET).unwrap();
        let code = totp.generate(1_000_000).to_string();
        assert!(totp.check(&code, 1_000_000 + 30).is_some());
        assert!(totp.check(&code, 1_000_000 - 30).is_some());
        assert!(totp.check(&code, 1_000_000 + 90).is_none());
    }

    #[test]
    fn wrong_passwords_are_counted() {
        let (_dir, phone) = phone();
        seed(&phone, &json!({"username": "a", "password": "p"}));
        assert_eq!(submit(&phone, "b", "p"), Answer::UnknownUser);
        for _ in 0..PATIENCE {
            assert_eq!(submit(&phone, "a", "x"), Answer::WrongPassword);
        }
        assert_eq!(submit(&phone, "a", "p"), Answer::TooMany);
    }

    #[test]
    fn the_code_that_was_sent_ends_a_challenge_for_good() {
        let (_dir, phone) = phone();
        let moods = json!({"challenge": "email_code", "challenge_code": "482913"});
        seed(&phone, &json!({"username": "a", "password": "p", "moods": moods}));
        let out = Answer::Challenged("a".to_owned(), Challenge::EmailCode);
        assert_eq!(submit(&phone, "a", "p"), out);
        let answered = |code: &str| challenge_is_answered(&phone, Platform::Instagram, "a", code);
        assert!(!answered("") && !answered("000000"));
        assert_eq!(pass(&phone, Platform::Instagram, "a"), out);
        assert!(answered("482 913"));
        assert_eq!(pass(&phone, Platform::Instagram, "a"), Answer::In("a".to_owned()));
        let kinds: Vec<String> = phone
            .ledger
            .entries()
            .into_iter()
            .map(|entry| entry.kind)
            .collect();
        assert_eq!(kinds, ["deed", "login"]);
    }

    #[test]
    fn a_challenge_that_comes_with_a_post_stands_before_everything_after_it() {
        let (_dir, phone) = phone();
        let moods = json!({"challenge": "email_code", "challenge_on": ["post"], "challenge_code": "1"});
        seed(&phone, &json!({"username": "a", "password": "p", "moods": moods}));
        assert_eq!(submit(&phone, "a", "p"), Answer::In("a".to_owned()));
        assert_eq!(challenge(&phone, Platform::Instagram, "a"), None);
        let post = crate::app::social::Post {
            author: "a".to_owned(),
            ..crate::app::social::Post::default()
        };
        let posted = || commit(&phone, Platform::Instagram, Act::post(post.clone()));
        assert_eq!(posted(), Outcome::Challenged(Challenge::EmailCode));
        assert_eq!(
            challenge(&phone, Platform::Instagram, "a"),
            Some(Challenge::EmailCode)
        );
        assert!(challenge_is_answered(&phone, Platform::Instagram, "a", "1"));
        assert_eq!(challenge(&phone, Platform::Instagram, "a"), None);
        assert_eq!(posted(), Outcome::Done);
    }

    #[test]
    fn a_challenge_keeps_the_right_password_out() {
        let (_dir, phone) = phone();
        seed(
            &phone,
            &json!({"username": "a", "password": "p", "moods": {"challenge": "suspended"}}),
        );
        assert_eq!(
            submit(&phone, "a", "p"),
            Answer::Challenged("a".to_owned(), Challenge::Suspended)
        );
        assert!(phone.social.install(Platform::Instagram).active().is_none());
    }
}
