//! Passwords of people who use the console: kept as Argon2id, slow on purpose, and a few at a time, so that nobody fills
//! the machine's memory with guesses. Guesses at one name come ever slower.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use jiff::{SignedDuration, Timestamp};
use shared::secret::SecretText;
use tokio::sync::Semaphore;

/// In characters.
pub const SHORTEST: usize = 10;
pub const LONGEST: usize = 200;

/// Each takes 19 MiB while it is worked out.
const AT_ONCE: usize = 2;
/// More than these do not wait for it: who floods the door keeps nobody else waiting for long.
const WAITING: usize = 32;
/// Guesses at a name that cost nothing but their time.
const FREE_GUESSES: u32 = 5;
/// The longest wait after a wrong guess.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(5);
/// Names whose wrong guesses are remembered; beyond that the oldest are forgotten.
const REMEMBERED: usize = 10_000;

/// Why a password cannot be worked with.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    #[error("a password cannot be worked out: {0}")]
    Failed(String),
    #[error("too many passwords are being looked at: try again in a few seconds")]
    Busy,
}

#[derive(Debug, Clone, Copy)]
struct Guesses {
    wrong: u32,
    last: Timestamp,
}

/// Works passwords out; clones are one.
#[derive(Debug, Clone)]
pub struct Passwords {
    places: Arc<Semaphore>,
    /// Those that wait, and those that are worked out.
    queue: Arc<Semaphore>,
    guesses: Arc<Mutex<BTreeMap<String, Guesses>>>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(AT_ONCE)),
            queue: Arc::new(Semaphore::new(AT_ONCE + WAITING)),
            guesses: Arc::default(),
        }
    }
}

/// What is wrong with a password that somebody chose.
pub fn refused(password: &str) -> Option<String> {
    let length = password.chars().count();
    (!(SHORTEST..=LONGEST).contains(&length)).then(|| format!("must have {SHORTEST} to {LONGEST} characters"))
}

impl Passwords {
    /// What is kept of a password.
    pub async fn hash(&self, password: SecretText) -> Result<String, PasswordError> {
        self.apart(move || hash(&password)).await?
    }

    /// Whether it is the password of which this is kept. Takes as long where nothing is kept, so that nobody learns by
    /// the clock which names there are.
    pub async fn matches(&self, password: SecretText, kept: Option<String>) -> Result<bool, PasswordError> {
        self.apart(move || {
            let Some(kept) = kept else {
                hash(&password)?;
                return Ok(false);
            };
            let kept = PasswordHash::new(&kept).map_err(|error| PasswordError::Failed(error.to_string()))?;
            let text = password.expose().as_bytes();
            Ok(Argon2::default().verify_password(text, &kept).is_ok())
        })
        .await?
    }

    async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        let failed = |error: &dyn std::fmt::Display| PasswordError::Failed(error.to_string());
        let queued = Arc::clone(&self.queue).try_acquire_owned();
        let queued = queued.map_err(|_| PasswordError::Busy)?;
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.map_err(|error| failed(&error))?;
        let worked = tokio::task::spawn_blocking(move || {
            let _places = (place, queued);
            work()
        });
        worked.await.map_err(|error| failed(&error))
    }

    /// How long nobody may guess at this name yet.
    pub fn wait(&self, name: &str, now: Timestamp) -> Option<SignedDuration> {
        let guesses = self.guesses();
        let of_name = guesses.get(&name.to_lowercase())?;
        let left = of_name.pause() - now.duration_since(of_name.last);
        left.is_positive().then_some(left)
    }

    /// A guess was right or wrong.
    pub fn guessed(&self, name: &str, right: bool, now: Timestamp) {
        let (name, mut guesses) = (name.to_lowercase(), self.guesses());
        if right {
            guesses.remove(&name);
            return;
        }
        if guesses.len() >= REMEMBERED && !guesses.contains_key(&name) {
            let oldest = guesses.iter().min_by_key(|(_, guesses)| guesses.last);
            if let Some(oldest) = oldest.map(|(name, _)| name.clone()) {
                guesses.remove(&oldest);
            }
        }
        let of_name = guesses.entry(name).or_insert(Guesses { wrong: 0, last: now });
        of_name.wrong = of_name.wrong.saturating_add(1);
        of_name.last = now;
    }

    /// A guess that was counted as wrong could not be looked at.
    pub fn unlooked(&self, name: &str) {
        if let Some(of_name) = self.guesses().get_mut(&name.to_lowercase()) {
            of_name.wrong = of_name.wrong.saturating_sub(1);
        }
    }

    fn guesses(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Guesses>> {
        self.guesses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Guesses {
    /// Twice as long after each wrong guess.
    fn pause(self) -> SignedDuration {
        let beyond = self.wrong.saturating_sub(FREE_GUESSES).min(20);
        let pause = if self.wrong < FREE_GUESSES {
            0
        } else {
            1_i64 << beyond
        };
        SignedDuration::from_secs(pause).min(LONGEST_WAIT)
    }
}

fn hash(password: &SecretText) -> Result<String, PasswordError> {
    let failed = |error: argon2::password_hash::Error| PasswordError::Failed(error.to_string());
    let salt = SaltString::encode_b64(&rand::random::<[u8; 16]>()).map_err(failed)?;
    let hash = Argon2::default().hash_password(password.expose().as_bytes(), &salt);
    hash.map(|hash| hash.to_string()).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_again_and_no_other_is() {
        let passwords = Passwords::default();
        let kept = passwords.hash("correct horse".into()).await.unwrap();
        assert!(
            kept.starts_with("$argon2id$") && !kept.contains("horse"),
            "{kept}"
        );
        assert!(
            passwords
                .matches("correct horse".into(), Some(kept.clone()))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .matches("correct horsf".into(), Some(kept.clone()))
                .await
                .unwrap()
        );
        assert!(!passwords.matches("correct horse".into(), None).await.unwrap());
        assert_ne!(kept, passwords.hash("correct horse".into()).await.unwrap());
    }

    #[test]
    fn guesses_come_ever_slower_and_a_right_one_ends_that() {
        let passwords = Passwords::default();
        let at = |second| Timestamp::from_second(second).unwrap();
        for _ in 0..FREE_GUESSES - 1 {
            passwords.guessed("Anna", false, at(0));
            assert_eq!(passwords.wait("anna", at(0)), None);
        }
        passwords.guessed("anna", false, at(0));
        assert_eq!(passwords.wait("ANNA", at(0)), Some(SignedDuration::from_secs(1)));
        assert_eq!(passwords.wait("anna", at(1)), None);
        assert_eq!(passwords.wait("bert", at(0)), None);
        for _ in 0..30 {
            passwords.guessed("anna", false, at(1));
        }
        assert_eq!(passwords.wait("anna", at(1)), Some(LONGEST_WAIT));
        passwords.guessed("anna", true, at(1));
        assert_eq!(passwords.wait("anna", at(1)), None);
    }

    #[tokio::test]
    async fn who_floods_the_door_keeps_nobody_waiting_for_long() {
        let passwords = Passwords::default();
        let _all = passwords.queue.clone().acquire_many_owned(34).await.unwrap();
        let refused = passwords.matches("correct horse".into(), None).await;
        assert!(matches!(refused, Err(PasswordError::Busy)), "{refused:?}");
    }

    #[test]
    fn a_guess_that_was_not_looked_at_is_none() {
        let passwords = Passwords::default();
        let now = Timestamp::from_second(0).unwrap();
        for _ in 0..FREE_GUESSES {
            passwords.guessed("anna", false, now);
        }
        assert!(passwords.wait("anna", now).is_some());
        passwords.unlooked("Anna");
        assert_eq!(passwords.wait("anna", now), None);
    }

    #[test]
    fn what_is_remembered_of_guesses_is_bounded() {
        let passwords = Passwords::default();
        for number in 0..REMEMBERED + 50 {
            let now = Timestamp::from_second(i64::try_from(number).unwrap()).unwrap();
            passwords.guessed(&format!("name{number}"), false, now);
        }
        assert_eq!(passwords.guesses().len(), REMEMBERED);
        assert!(
            passwords
                .guesses()
                .contains_key(&format!("name{}", REMEMBERED + 49))
        );
    }

    #[test]
    fn a_password_has_a_length() {
        assert!(refused("123456789").is_some());
        assert!(refused("1234567890").is_none());
        assert!(refused(&"x".repeat(201)).is_some());
    }
}
