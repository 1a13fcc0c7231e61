//! Changes as they lie in sealed chunks: short, for a large import has a million of them, and with their secrets, which
//! are written out nowhere else.
//!
//! A change is a list: the field's letter, the new value, and the old one where there was any. Text, numbers and lists
//! of tags stand for themselves, null for nothing, false for what could not be read, an object for a password.

use std::fmt;

use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap as _, SerializeTuple as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use shared::account::{Password, Tags};
use shared::secret::SecretText;
use shared::totp::TotpSeed;
use zeroize::Zeroizing;

use super::field::{Change, Field, Held};

/// The names of a password's parts.
const TEXT: &str = "p";
const SEED: &str = "t";

/// Chunks outlive the program that wrote them: a letter that was given stays given.
const fn letter(field: Field) -> &'static str {
    match field {
        Field::Username => "u",
        Field::Email => "e",
        Field::Pwd => "p",
        Field::Device => "d",
        Field::Logined => "l",
        Field::Status => "s",
        Field::Nickname => "n",
        Field::Country => "c",
        Field::Followers => "f",
        Field::Following => "g",
        Field::Hearts => "h",
        Field::Videos => "v",
        Field::Friends => "r",
        Field::PackageName => "a",
        Field::Tags => "t",
    }
}

impl Serialize for Change {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let had_value = self.old != Held::Nothing;
        let mut parts = serializer.serialize_tuple(2 + usize::from(had_value))?;
        parts.serialize_element(letter(self.field))?;
        parts.serialize_element(&Kept(&self.new))?;
        if had_value {
            parts.serialize_element(&Kept(&self.old))?;
        }
        parts.end()
    }
}

struct Kept<'h>(&'h Held);

impl Serialize for Kept<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Held::Nothing => serializer.serialize_unit(),
            Held::Text(text) => serializer.serialize_str(text),
            Held::Number(number) => serializer.serialize_u64(*number),
            Held::Tags(tags) => serializer.collect_seq(tags.iter().map(shared::account::Tag::as_str)),
            Held::Secret(password) => {
                let mut parts = serializer.serialize_map(Some(1 + usize::from(password.totp.is_some())))?;
                parts.serialize_entry(TEXT, password.text.expose())?;
                if let Some(seed) = &password.totp {
                    parts.serialize_entry(SEED, seed.base32().expose())?;
                }
                parts.end()
            }
            Held::Damaged => serializer.serialize_bool(false),
        }
    }
}

impl<'de> Deserialize<'de> for Change {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Parts;

        impl<'de> Visitor<'de> for Parts {
            type Value = Change;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a change of a field")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Change, A::Error> {
                let short = || A::Error::custom("a change that is too short");
                let told: &str = parts.next_element()?.ok_or_else(short)?;
                let field = Field::ALL.into_iter().find(|field| letter(*field) == told);
                let field = field.ok_or_else(|| A::Error::custom("a field that is not known"))?;
                Ok(Change {
                    field,
                    new: parts.next_element()?.ok_or_else(short)?,
                    old: parts.next_element()?.unwrap_or_default(),
                })
            }
        }

        deserializer.deserialize_seq(Parts)
    }
}

impl<'de> Deserialize<'de> for Held {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Value;

        impl<'de> Visitor<'de> for Value {
            type Value = Held;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("what a field holds")
            }

            fn visit_unit<E>(self) -> Result<Held, E> {
                Ok(Held::Nothing)
            }

            fn visit_bool<E>(self, _: bool) -> Result<Held, E> {
                Ok(Held::Damaged)
            }

            fn visit_u64<E>(self, number: u64) -> Result<Held, E> {
                Ok(Held::Number(number))
            }

            fn visit_str<E>(self, text: &str) -> Result<Held, E> {
                Ok(Held::Text(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Held, A::Error> {
                let mut names: Vec<String> = Vec::new();
                while let Some(name) = parts.next_element()? {
                    names.push(name);
                }
                let tags = Tags::of(names.iter().map(String::as_str));
                tags.map(Held::Tags)
                    .map_err(|_| A::Error::custom("tags that cannot be"))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut parts: A) -> Result<Held, A::Error> {
                let mut password = Password {
                    text: SecretText::default(),
                    totp: None,
                };
                while let Some(name) = parts.next_key::<&str>()? {
                    let value: Zeroizing<String> = parts.next_value()?;
                    if name == SEED {
                        let seed = TotpSeed::parse(&value);
                        password.totp =
                            Some(seed.ok_or_else(|| A::Error::custom("a 2FA secret that cannot be"))?);
                    } else {
                        password.text = SecretText::new(value.as_str());
                    }
                }
                Ok(Held::Secret(password))
            }
        }

        deserializer.deserialize_any(Value)
    }
}

#[cfg(test)]
mod tests {
    use shared::account::Platform;

    use super::super::field::Record;
    use super::*;

    #[test]
    fn changes_come_back_from_their_kept_form() {
        let mut before = Record::default();
        before.set(Field::Hearts, Held::Number(u64::MAX));
        before.set(Field::Email, Held::Text("a\"\\\n😀".to_owned()));
        before.set(Field::Pwd, Held::Damaged);
        let mut after = Record::default();
        after.set(Field::Username, Held::Text("jane".to_owned()));
        after.set(Field::Followers, Held::Number(7));
        after.set(Field::Tags, Held::tags(Tags::parse("b, a").unwrap()));
        let pwd = Password::split(Platform::Instagram, "a\"b:c:JBSWY3DPEHPK3PXP");
        assert!(pwd.totp.is_some());
        after.set(Field::Pwd, Held::password(pwd));
        after.set(Field::Nickname, Held::Text("7".to_owned()));
        for (before, after) in [(&before, &after), (&after, &before)] {
            let changes = before.changes_to(after);
            assert_eq!(changes.len(), 7);
            let text = serde_json::to_string(&changes).unwrap();
            assert_eq!(
                serde_json::from_str::<Vec<Change>>(&text).unwrap(),
                changes,
                "{text}"
            );
            let shown = format!("{changes:?}");
            assert!(!shown.contains("JBSWY3DPEHPK3PXP"), "{shown}");
        }
    }

    #[test]
    fn a_letter_means_one_field() {
        let letters: std::collections::BTreeSet<_> = Field::ALL.into_iter().map(letter).collect();
        assert_eq!(letters.len(), Field::COUNT);
        for odd in [
            "[]",
            "[\"u\"]",
            "[\"?\",1]",
            "[\"p\",{\"t\":\"!\"}]",
            "[\"u\",-1]",
        ] {
            assert!(serde_json::from_str::<Change>(odd).is_err(), "{odd}");
        }
    }
}
