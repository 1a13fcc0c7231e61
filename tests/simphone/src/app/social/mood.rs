//! How a platform behaves towards a phone or an account just now: what a test or a person sets to see a flow meet it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What stands between a person and the app until somebody else has dealt with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Challenge {
    HumanCheck,
    VideoSelfie,
    IdUpload,
    Suspended,
    Disabled,
    EmailCode,
    SmsCode,
    ApproveElsewhere,
    /// Options by which one may prove to be oneself.
    ConfirmIdentity,
    /// A page with nothing on it but a menu.
    BlankPage,
    /// A page in a web view.
    WebBlock,
    /// A puzzle with a slider.
    Slider,
}

impl Challenge {
    pub fn name(self) -> String {
        match serde_json::to_value(self) {
            Ok(Value::String(name)) => name,
            _ => String::new(),
        }
    }
}

/// All moods; a phone's are overlaid by those of the account that acts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Moods {
    /// Even the right password is refused.
    pub wrong_password: bool,
    /// A code is asked for although the account has no secret: none is right.
    pub two_factor: bool,
    /// Shown instead of anything else, after this many acts (0: at once).
    pub challenge: Option<Challenge>,
    pub challenge_after: u32,
    /// It comes with the first act of these kinds alone, and stands before everything from then on.
    pub challenge_on: Vec<String>,
    /// What the account's owner was sent: whoever types it is past the challenge, once and for all.
    pub challenge_code: Option<String>,
    /// From this many acts on the platform refuses more.
    pub limit_after: Option<u32>,
    /// Only acts of these kinds are counted and refused; empty: posts, follows, unfollows, likes, comments.
    pub limit_on: Vec<String>,
    /// Which of the platform's texts tells it; unknown words are shown as they are.
    pub limit_text: Option<String>,
    /// Acts of these kinds look done and are forgotten by the platform.
    pub swallow: Vec<String>,
    /// What comes over the network takes so much longer.
    pub slow_seconds: f64,
    /// An upload takes so long; 6 s unless told.
    pub upload_seconds: Option<f64>,
    pub upload_fails: bool,
    /// Effects show only so much later.
    pub late_seconds: f64,
    /// An upload is done though the app was killed right after it had begun.
    pub survives_stop: bool,
    /// Posts are held by moderation.
    pub held: bool,
    pub comments_closed: bool,
    /// A question before a follow.
    pub review_follow: bool,
    /// Promotion sheets in their order, shown every so many launches or visits (1 unless told).
    pub promos: Vec<String>,
    pub promo_every: Option<u32>,
    /// A full-screen overlay without any label.
    pub update_overlay: bool,
    /// Which prompts come after a login; unset: the platform's usual ones, in an order that follows from the seed.
    pub prompts: Option<Vec<String>>,
    /// What covers the login form: "dataset", "dialog"; and whether saving is offered afterwards.
    pub autofill: Option<String>,
    pub autofill_save: bool,
    /// A deep link brings the app to the front on its last screen.
    pub link_ignored: bool,
    /// What one platform alone knows.
    pub extra: Map<String, Value>,
}

impl Moods {
    /// Reads moods as they were set; the error names what is unknown.
    pub fn read(set: &Map<String, Value>) -> Result<Self, serde_json::Error> {
        serde_json::from_value(Value::Object(set.clone()))
    }

    /// The phone's moods overlaid by the account's.
    pub(super) fn merged(phone: &Map<String, Value>, account: Option<&Map<String, Value>>) -> Self {
        let mut all = phone.clone();
        for (name, value) in account.into_iter().flatten() {
            all.insert(name.clone(), value.clone());
        }
        Self::read(&all).unwrap_or_else(|error| {
            tracing::error!(%error, "moods that were checked cannot be read");
            Self::default()
        })
    }

    /// One platform's own: is it set and not false.
    pub fn extra(&self, name: &str) -> bool {
        self.extra.get(name).is_some_and(|value| match value {
            Value::Bool(yes) => *yes,
            Value::Null => false,
            _ => true,
        })
    }

    /// The challenge that an act of this kind meets after so many others.
    pub(super) fn challenge_of(&self, kind: &str, done: u32) -> Option<Challenge> {
        let meant = self.challenge_on.is_empty() || self.challenge_on.iter().any(|on| on == kind);
        self.challenge.filter(|_| meant && done >= self.challenge_after)
    }

    pub fn upload_takes(&self) -> f64 {
        self.upload_seconds.unwrap_or(6.0)
    }
}

/// Sets moods over those that are there; null takes one away. What nobody knows is refused, and nothing is changed.
pub(crate) fn set(
    kept: &mut Map<String, Value>,
    wanted: &Map<String, Value>,
) -> Result<(), serde_json::Error> {
    let mut next = kept.clone();
    for (name, value) in wanted {
        if value.is_null() {
            next.remove(name);
        } else {
            next.insert(name.clone(), value.clone());
        }
    }
    Moods::read(&next)?;
    *kept = next;
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: &Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn an_accounts_moods_lie_over_the_phones() {
        let phone = map(&json!({"held": true, "limit_after": 3}));
        let account = map(&json!({"limit_after": 0}));
        let moods = Moods::merged(&phone, Some(&account));
        assert!(moods.held);
        assert_eq!(moods.limit_after, Some(0));
    }

    #[test]
    fn an_unknown_mood_is_refused_and_null_takes_one_away() {
        let mut kept = map(&json!({"held": true}));
        assert!(set(&mut kept, &map(&json!({"hold": true}))).is_err());
        set(&mut kept, &map(&json!({"held": null}))).unwrap();
        assert!(kept.is_empty());
    }
}
