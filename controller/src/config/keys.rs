//! The table of everything that can be configured.

/// One setting.
#[derive(Debug)]
pub struct Key {
    /// Dotted, as in the file's sections.
    pub name: &'static str,
    pub default: &'static str,
    /// What the default means, where it is worked out.
    pub default_text: &'static str,
    pub help: &'static str,
    /// May be given by `NAME_file`, and is masked where it is shown.
    pub secret: bool,
}

const fn key(name: &'static str, default: &'static str, help: &'static str) -> Key {
    Key {
        name,
        default,
        default_text: "",
        help,
        secret: false,
    }
}

const fn worked_out(name: &'static str, default_text: &'static str, help: &'static str) -> Key {
    Key {
        name,
        default: "",
        default_text,
        help,
        secret: false,
    }
}

pub const KEYS: &[Key] = &[
    worked_out(
        "data_dir",
        "~/.local/share/drover-controller",
        "Folder of the database, the keys, media and backups.",
    ),
    worked_out(
        "keys_dir",
        "keys in data_dir",
        "Folder of the farm's own keys; keep it out of backups of the database.",
    ),
    Key {
        secret: true,
        ..worked_out(
            "database_url",
            "sqlite:drover.db in data_dir",
            "sqlite:FILE, or postgres://USER:PASSWORD@HOST/NAME.",
        )
    },
    key(
        "listen",
        "127.0.0.1:50809",
        "Addresses of the API and the console; beyond loopback they need TLS and tokens.",
    ),
    worked_out(
        "allowed_hosts",
        "none",
        "Host names by which clients may call beside localhost, separated by commas.",
    ),
    worked_out(
        "tls.certificate",
        "none",
        "PEM file of the API's certificate chain.",
    ),
    worked_out("tls.key", "none", "PEM file of the API's private key."),
    key(
        "tls.self_made",
        "false",
        "Make a certificate at first start and print its fingerprint.",
    ),
    key(
        "api.always_200",
        "false",
        "Answer every envelope with HTTP 200, for clients that throw on 4xx before they read the body.",
    ),
    key(
        "plan",
        "self-hosted",
        "starter, pro, team, business or self-hosted: whether the API is on, and how many devices work at once.",
    ),
    key(
        "agents.listen",
        "0.0.0.0:50810",
        "UDP address for the agents' links.",
    ),
    key(
        "agents.join_listen",
        "0.0.0.0:50811",
        "UDP address at which agents enrol and renew.",
    ),
    key(
        "agents.advertised_port",
        "0",
        "The links' port as agents see it, where something between maps ports; 0 for that of agents.listen.",
    ),
    worked_out(
        "vault.key_file",
        "vault-ID.key in keys_dir, made at first start",
        "File with the key for passwords and 2FA secrets (32 bytes, Base64 or hex), such as a systemd credential; older ones after it, separated by commas.",
    ),
    worked_out(
        "time_zone",
        "the machine's",
        "Time zone of start times and of the days that limits count in, such as Europe/Stockholm.",
    ),
    worked_out(
        "flows",
        "the packs that come along",
        "Folder with packs of flows of your own, one in each folder below it; they win over those that come along.",
    ),
    worked_out(
        "media.roots",
        "media in data_dir",
        "Folders under which tasks may name files to publish, separated by commas.",
    ),
    worked_out(
        "media.map",
        "none",
        "How paths of other machines are read here: PREFIX=FOLDER, such as C:/Videos=/srv/videos; several separated by commas.",
    ),
    key("backup.every_hours", "24", "Hours between backups; 0 for never."),
    key("backup.keep", "7", "How many scheduled backups are kept."),
    worked_out(
        "backup.dir",
        "backups in data_dir",
        "Folder of the scheduled backups.",
    ),
    key(
        "imports.rows",
        "200000",
        "Rows of a sheet to be imported, at most.",
    ),
    key(
        "imports.cells",
        "6000000",
        "Cells of a sheet to be imported, at most.",
    ),
    key(
        "imports.file_megabytes",
        "64",
        "Size of a sheet to be imported, at most.",
    ),
    key(
        "imports.unpacked_megabytes",
        "400",
        "Size of all that is unpacked from a sheet to be imported, at most.",
    ),
    key("log.format", "text", "text, or json: one object a line."),
    key(
        "log.level",
        "info",
        "error, warn, info, debug, trace, or a filter by module.",
    ),
];

pub fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}
