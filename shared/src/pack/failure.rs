//! How a flow can fail: a fixed list, the same in scripts, packs, tasks and answers.

use std::fmt;

/// Why a flow ended without its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// Something that the flow needs did not come up.
    ElementMissing,
    /// Something is in front that the flow does not know.
    UnexpectedScreen,
    WrongAccount,
    WrongPassword,
    /// The platform's own limit: nothing more today.
    Limited,
    NeedPerson(Person),
    Suspended,
    Disabled,
    AppMissing,
    AppCrashed,
    NoMaterial,
    UploadFailed,
    NotPublished,
    Private,
    NotFound,
    CommentsClosed,
    Timeout,
    /// The script itself is wrong.
    Script,
    Stopped,
    /// The phone did not do what it was asked.
    Device,
    /// The phone has no room left for what it was to take.
    PhoneFull,
    /// The disk of the phone's host is full: nothing can be kept there, so nothing lasting is done.
    HostDiskFull,
    ControllerAway,
    /// The account waits until it is known what became of another act of it.
    Held,
    /// Not today or not yet: the day's number is reached, or the last one was a moment ago.
    Deferred,
    /// The controller finds out first what was done before it lost its memory.
    Recovering,
}

/// What a person is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Person {
    Captcha,
    Code,
    Approve,
    Selfie,
    Id,
    Consent,
    Unknown,
}

const KINDS: [(&str, FailureKind); 32] = [
    ("element_missing", FailureKind::ElementMissing),
    ("unexpected_screen", FailureKind::UnexpectedScreen),
    ("wrong_account", FailureKind::WrongAccount),
    ("wrong_password", FailureKind::WrongPassword),
    ("limited", FailureKind::Limited),
    ("need_person:captcha", FailureKind::NeedPerson(Person::Captcha)),
    ("need_person:code", FailureKind::NeedPerson(Person::Code)),
    ("need_person:approve", FailureKind::NeedPerson(Person::Approve)),
    ("need_person:selfie", FailureKind::NeedPerson(Person::Selfie)),
    ("need_person:id", FailureKind::NeedPerson(Person::Id)),
    ("need_person:consent", FailureKind::NeedPerson(Person::Consent)),
    ("need_person:unknown", FailureKind::NeedPerson(Person::Unknown)),
    ("suspended", FailureKind::Suspended),
    ("disabled", FailureKind::Disabled),
    ("app_missing", FailureKind::AppMissing),
    ("app_crashed", FailureKind::AppCrashed),
    ("no_material", FailureKind::NoMaterial),
    ("upload_failed", FailureKind::UploadFailed),
    ("not_published", FailureKind::NotPublished),
    ("private", FailureKind::Private),
    ("not_found", FailureKind::NotFound),
    ("comments_closed", FailureKind::CommentsClosed),
    ("timeout", FailureKind::Timeout),
    ("script", FailureKind::Script),
    ("stopped", FailureKind::Stopped),
    ("device", FailureKind::Device),
    ("phone_full", FailureKind::PhoneFull),
    ("host_disk_full", FailureKind::HostDiskFull),
    ("controller_away", FailureKind::ControllerAway),
    ("held", FailureKind::Held),
    ("deferred", FailureKind::Deferred),
    ("recovering", FailureKind::Recovering),
];

impl FailureKind {
    /// Reads "limited", "need_person:captcha", and "need_person" for a person without a known reason.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "need_person" {
            return Some(Self::NeedPerson(Person::Unknown));
        }
        KINDS
            .iter()
            .find(|(name, _)| *name == text)
            .map(|(_, kind)| *kind)
    }

    pub fn as_str(self) -> &'static str {
        KINDS
            .iter()
            .find(|(_, kind)| *kind == self)
            .map_or("script", |(name, _)| name)
    }

    /// All names, for messages.
    pub fn names() -> impl Iterator<Item = &'static str> {
        KINDS.iter().map(|(name, _)| *name)
    }

    /// Whether a script may catch it and go on. What ends an account's day or needs somebody else ends the flow.
    pub fn may_be_caught(self) -> bool {
        !matches!(
            self,
            Self::Limited
                | Self::NeedPerson(_)
                | Self::Suspended
                | Self::Disabled
                | Self::WrongAccount
                | Self::WrongPassword
                | Self::AppMissing
                | Self::Script
                | Self::Stopped
                | Self::Device
                | Self::PhoneFull
                | Self::HostDiskFull
                | Self::ControllerAway
                | Self::Held
                | Self::Deferred
                | Self::Recovering
        )
    }

    /// Whether the screen can still be looked at, to see what an act left behind.
    pub fn leaves_the_app_usable(self) -> bool {
        !matches!(
            self,
            Self::NeedPerson(_)
                | Self::Suspended
                | Self::Disabled
                | Self::AppMissing
                | Self::Stopped
                | Self::Device
                | Self::PhoneFull
                | Self::HostDiskFull
                | Self::ControllerAway
        )
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl serde::Serialize for FailureKind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_one_name_that_reads_back() {
        for (name, kind) in KINDS {
            assert_eq!(FailureKind::parse(name), Some(kind));
            assert_eq!(kind.as_str(), name);
        }
        assert_eq!(
            FailureKind::parse("need_person"),
            FailureKind::parse("need_person:unknown")
        );
        assert_eq!(FailureKind::parse("oops"), None);
    }
}
