//! The parts of the farm that `export all` writes, each a list of the API. A new part of the farm joins with one line.

/// A list of the API.
pub(super) struct Part {
    /// Of its files.
    pub(super) name: &'static str,
    pub(super) path: &'static str,
    /// The field of the answer that holds the rows.
    pub(super) list: &'static str,
    /// As a sheet too, beside JSON.
    pub(super) as_sheet: bool,
}

const fn part(name: &'static str, path: &'static str, list: &'static str) -> Part {
    Part {
        name,
        path,
        list,
        as_sheet: true,
    }
}

pub(super) const PARTS: &[Part] = &[
    // Their sheet is the one that can be imported again, and is written apart.
    Part {
        as_sheet: false,
        ..part("accounts", "/api/v1/accounts", "accounts")
    },
    // From the oldest on, so that what is created meanwhile shifts no page.
    part("tasks", "/api/v1/task?sort=id", "tasks"),
    part("devices", "/api/v1/devices", "devices"),
    part("groups", "/api/v1/groups", "groups"),
    part("schedules", "/api/v1/schedules", "schedules"),
    part("hosts", "/api/v1/hosts", "hosts"),
    part("settings", "/api/v1/settings", "settings"),
    part("audit", "/api/v1/audit", "entries"),
];
