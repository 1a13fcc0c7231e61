//! `settings get|put` in its three namespaces, and the system properties. Written through at each change.

use std::collections::BTreeMap;

use super::PhoneSpec;

#[derive(Debug, Default)]
pub struct Settings {
    pub system: BTreeMap<String, String>,
    pub secure: BTreeMap<String, String>,
    pub global: BTreeMap<String, String>,
}

impl Settings {
    pub fn open(_spec: &PhoneSpec) -> std::io::Result<Self> {
        Ok(Self::default())
    }
}
