//! What a client gives of an account: read leniently, checked by the rules that hold wherever a value enters.

use jiff::Timestamp;
use serde_json::Value;
use shared::account::{
    self, AccountStatus, LARGEST_COUNT, Password, Platform, Statistics, Tags, Username, Wrong,
};
use shared::device::Serial;
use shared::secret::SecretText;
use utoipa::ToSchema;

use super::super::envelope::ApiError;
use super::super::fields::{Fields, FromFields};
use super::caps::{self, CapsEdit};
use crate::store::AccountRow;

const HIGHEST_INDEX: i64 = 1_000_000;

/// What is to become of a value that may be absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Edit<T> {
    #[default]
    Keep,
    Clear,
    To(T),
}

impl<T: Clone> Edit<T> {
    pub(in crate::http) fn put(&self, to: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *to = None,
            Self::To(value) => *to = Some(value.clone()),
        }
    }
}

/// What is given of an account; what is absent stays as it is.
#[derive(Debug, Default, ToSchema)]
pub struct AccountEntry {
    /// tiktok or instagram; needed for a new account.
    #[schema(value_type = Option<String>, example = "tiktok")]
    pub platform: Option<Platform>,
    /// Needed for a new account. A leading `@` is dropped; case does not tell usernames apart.
    #[schema(value_type = Option<String>, example = "jane.doe")]
    pub username: Option<Username>,
    /// Empty clears it.
    #[schema(value_type = Option<String>)]
    pub email: Edit<String>,
    /// On Instagram a 2FA secret may stand behind the last colon: `password:SECRET`. Empty leaves it as it is;
    /// `password` is understood too.
    #[schema(value_type = Option<String>, format = Password)]
    pub pwd: Option<SecretText>,
    /// Removes the password and the 2FA secret.
    pub clear_password: bool,
    /// The serial of a phone or any alias; empty unbinds. A phone that was never seen is allowed.
    #[schema(value_type = Option<String>)]
    pub device: Edit<String>,
    /// Binds it to the phone of this index; `device` wins over it.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub device_index: Option<u32>,
    /// 0 or 1.
    #[schema(value_type = Option<u8>)]
    pub logined: Option<bool>,
    /// 0 enabled, 1 disabled.
    #[schema(value_type = Option<u8>)]
    pub status: Option<AccountStatus>,
    /// All tags that it shall have: a list, or one text with commas. Empty clears them.
    #[schema(value_type = Option<Vec<String>>)]
    pub tags: Option<Tags>,
    /// The app to use; empty for the platform's own.
    #[schema(value_type = Option<String>)]
    pub packagename: Edit<String>,
    /// RFC 3339; empty ends the rest.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub resting_until: Edit<Timestamp>,
    /// How often it may do something in a day, by act: follow, unfollow, like, comment, post; 0 to 10000, and 0 is without
    /// limit. Acts that are not named stay as they are; `null` for one, or for all, has the settings go for it.
    #[schema(value_type = Option<BTreeMap<String, Option<u32>>>, example = json!({"follow": 5, "post": null}))]
    pub caps: Option<CapsEdit>,
    #[schema(value_type = Option<String>)]
    pub nickname: Edit<String>,
    #[schema(value_type = Option<String>)]
    pub country: Edit<String>,
    pub followers: Option<u64>,
    pub following: Option<u64>,
    pub hearts: Option<u64>,
    pub videos: Option<u64>,
    pub friends: Option<u64>,
}

impl FromFields for AccountEntry {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let parsed = |name: &str, parse: fn(&str) -> Result<Option<String>, Wrong>| {
            let Some(text) = clearable(fields, name)? else {
                return Ok(Edit::Keep);
            };
            let value = parse(&text).map_err(|wrong| wrong_field(name, wrong))?;
            Ok::<_, ApiError>(value.map_or(Edit::Clear, Edit::To))
        };
        let count = |name| {
            let count = fields.number(name, 0..=i64::try_from(LARGEST_COUNT).unwrap_or(i64::MAX))?;
            Ok::<_, ApiError>(count.map(i64::unsigned_abs))
        };
        Ok(Self {
            platform: fields.platform()?,
            username: fields
                .text("username")?
                .map(|text| Username::parse(&text).map_err(|wrong| wrong_field("username", wrong)))
                .transpose()?,
            email: parsed("email", account::email)?,
            pwd: password(fields)?,
            clear_password: fields.flag("clear_password")?.unwrap_or(false),
            device: parsed("device", account::device)?,
            device_index: fields
                .number("device_index", 1..=HIGHEST_INDEX)?
                .map(|index| index as u32),
            logined: fields.flag("logined")?,
            status: status(fields)?,
            tags: tags(fields)?,
            packagename: parsed("packagename", account::package)?,
            resting_until: time(fields, "resting_until")?,
            caps: caps::read(fields)?,
            nickname: parsed("nickname", account::nickname)?,
            country: parsed("country", account::country)?,
            followers: count("followers")?,
            following: count("following")?,
            hearts: count("hearts")?,
            videos: count("videos")?,
            friends: count("friends")?,
        })
    }
}

impl AccountEntry {
    /// Puts what was given into an account; the phone and the secrets are put there by who has found them out.
    pub(super) fn put(&self, row: &mut AccountRow, device: &Edit<Serial>) {
        set(&mut row.username, self.username.as_ref());
        bind(row, device);
        set(&mut row.logined, self.logined.as_ref());
        set(&mut row.status, self.status.as_ref());
        set(&mut row.tags, self.tags.as_ref());
        self.email.put(&mut row.email);
        self.packagename.put(&mut row.packagename);
        self.resting_until.put(&mut row.resting_until);
        if let Some(caps) = &self.caps {
            caps.put(&mut row.caps);
        }
        let statistics: &mut Statistics = &mut row.statistics;
        self.nickname.put(&mut statistics.nickname);
        self.country.put(&mut statistics.country);
        for (to, from) in [
            (&mut statistics.followers, self.followers),
            (&mut statistics.following, self.following),
            (&mut statistics.hearts, self.hearts),
            (&mut statistics.videos, self.videos),
            (&mut statistics.friends, self.friends),
        ] {
            *to = from.or(*to);
        }
    }
}

/// An account that has another phone than before, or none any more, is not known to be logged in there.
pub(super) fn bind(row: &mut AccountRow, device: &Edit<Serial>) {
    let before = row.device.clone();
    device.put(&mut row.device);
    if before != row.device {
        row.logined = false;
    }
}

fn set<T: Clone>(to: &mut T, from: Option<&T>) {
    if let Some(from) = from {
        to.clone_from(from);
    }
}

pub(super) fn wrong_field(name: &str, wrong: Wrong) -> ApiError {
    ApiError::parameter(name, wrong.to_string())
}

/// 0, 1, "enabled", "disabled".
pub(super) fn status(fields: &Fields) -> Result<Option<AccountStatus>, ApiError> {
    let named = fields.raw("status").and_then(Value::as_str).and_then(|text| {
        [AccountStatus::Enabled, AccountStatus::Disabled]
            .into_iter()
            .find(|status| status.as_str().eq_ignore_ascii_case(text.trim()))
    });
    if named.is_some() {
        return Ok(named);
    }
    let number = fields.number("status", 0..=1)?;
    Ok(number.and_then(AccountStatus::from_number))
}

/// The tags that are given as a list or as one text.
pub(super) fn tags(fields: &Fields) -> Result<Option<Tags>, ApiError> {
    if is_null(fields, "tags") {
        return Ok(Some(Tags::default()));
    }
    fields
        .list("tags")?
        .map(|tags| Tags::of(tags.iter().map(String::as_str)).map_err(|wrong| wrong_field("tags", wrong)))
        .transpose()
}

/// `pwd`, or `password`. An empty one is none, so that a form that leaves it empty does not take it away.
fn password(fields: &Fields) -> Result<Option<SecretText>, ApiError> {
    let given = match fields.text("pwd")? {
        Some(text) => Some(text),
        None => fields.text("password")?,
    };
    let given = given.filter(|text| !text.is_empty()).map(SecretText::new);
    if let Some(given) = &given {
        // The platform matters to how it is split, not to whether it can be one.
        Password::parse(Platform::TikTok, given.expose()).map_err(|wrong| wrong_field("pwd", wrong))?;
    }
    Ok(given)
}

/// A text of which `null` means an empty one.
fn clearable(fields: &Fields, name: &str) -> Result<Option<String>, ApiError> {
    if is_null(fields, name) {
        return Ok(Some(String::new()));
    }
    fields.text(name)
}

fn is_null(fields: &Fields, name: &str) -> bool {
    fields.all().get(name).is_some_and(Value::is_null)
}

fn time(fields: &Fields, name: &str) -> Result<Edit<Timestamp>, ApiError> {
    match clearable(fields, name)? {
        None => Ok(Edit::Keep),
        Some(text) if text.trim().is_empty() => Ok(Edit::Clear),
        Some(text) => {
            text.trim().parse().map(Edit::To).map_err(|_| {
                ApiError::parameter(name, "must be a time such as 2027-01-15T08:00:00Z, or empty")
            })
        }
    }
}

/// What to tell of a password that was given: whether a 2FA secret was recognised in it.
pub(super) fn hint(platform: Platform, typed: &SecretText, password: &Password) -> String {
    let behind_colon = typed.expose().contains(':');
    let would = Password::split(Platform::Instagram, typed.expose())
        .totp
        .is_some();
    match (platform, password.totp.is_some()) {
        (_, true) => "a 2FA secret was recognised behind the last colon: codes are made from it",
        (Platform::Instagram, false) if behind_colon => {
            "no 2FA secret was recognised: what follows the last colon is no Base32 of at least 16 letters, so the whole is the password"
        }
        (Platform::Instagram, false) => "no 2FA secret: to give one, write password:SECRET",
        (Platform::TikTok, false) if would => {
            "a 2FA secret is recognised on Instagram alone: the whole is the password"
        }
        (Platform::TikTok, false) => "no 2FA secret: TikTok accounts have none here",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entry(value: Value) -> Result<AccountEntry, ApiError> {
        AccountEntry::from_fields(&Fields::of_body(value)?)
    }

    #[test]
    fn values_are_read_leniently() {
        let read = entry(json!({
            "platform": "TikTok", "username": " @Jane ", "email": null, "password": 1234, "device": "",
            "device_index": "7", "logined": "1", "status": "Disabled", "tags": "b, a", "followers": "12",
            "resting_until": "2027-01-15T08:00:00+01:00",
        }))
        .unwrap();
        assert_eq!(read.platform, Some(Platform::TikTok));
        assert_eq!(read.username.unwrap().as_str(), "Jane");
        assert_eq!((read.email, read.device), (Edit::Clear, Edit::Clear));
        assert_eq!(read.pwd.unwrap().expose(), "1234");
        assert_eq!(
            (read.device_index, read.logined, read.followers),
            (Some(7), Some(true), Some(12))
        );
        assert_eq!(read.status, Some(AccountStatus::Disabled));
        assert_eq!(read.tags.unwrap().to_vec(), ["a", "b"]);
        assert_eq!(
            read.resting_until,
            Edit::To("2027-01-15T07:00:00Z".parse().unwrap())
        );
    }

    #[test]
    fn an_empty_password_is_none_and_null_tags_are_no_tags() {
        let read = entry(json!({"pwd": "", "tags": null, "status": null})).unwrap();
        assert!(read.pwd.is_none());
        assert!(read.tags.unwrap().is_empty());
        assert!(read.status.is_none());
    }

    #[test]
    fn what_is_wrong_is_named_without_its_value() {
        for (value, name) in [
            (json!({"username": " @ "}), "username"),
            (json!({"status": 2}), "status"),
            (json!({"logined": 7}), "logined"),
            (json!({"platform": "myspace"}), "platform"),
            (json!({"packagename": "com.x; reboot"}), "packagename"),
            (json!({"followers": -1}), "followers"),
            (json!({"resting_until": "tomorrow"}), "resting_until"),
            (json!({"pwd": "hunter2\n"}), "pwd"),
            (json!({"pwd": ["hunter2"]}), "pwd"),
            (json!({"device_index": 0}), "device_index"),
            (json!({"tags": "x".repeat(65)}), "tags"),
        ] {
            let error = entry(value.clone()).unwrap_err();
            assert!(
                error.message.starts_with(&format!("{name}: ")),
                "{}",
                error.message
            );
            assert!(!error.message.contains("hunter2"));
        }
    }

    #[test]
    fn it_is_told_whether_a_2fa_secret_was_recognised() {
        let told = |platform, typed: &str| hint(platform, &typed.into(), &Password::split(platform, typed));
        assert!(told(Platform::Instagram, "p:JBSWY3DPEHPK3PXP").starts_with("a 2FA secret was recognised"));
        assert!(told(Platform::Instagram, "p:word").contains("what follows the last colon"));
        assert!(told(Platform::Instagram, "p").starts_with("no 2FA secret"));
        assert!(told(Platform::TikTok, "p:JBSWY3DPEHPK3PXP").contains("on Instagram alone"));
    }
}
