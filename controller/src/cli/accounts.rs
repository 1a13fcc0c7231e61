//! `accounts`: list, show, add, change, remove; codes and passwords one at a time. A password never stands on the
//! command line, where every process of the machine could read it.

use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use shared::terminal::{Exit, Output, table};

use super::CliError;
use super::ask::{encoded, more, rows, text};
use super::client::Client;
use super::password::PasswordArgs;
use crate::config::Config;

const LIST_EXAMPLES: &str = "\
Examples:
  drover-controller accounts list --platform tiktok --tag food
  drover-controller accounts list --search jane --sort=-followers
  drover-controller accounts list --device SIM0001 --json";

const ADD_EXAMPLES: &str = "\
Examples:
  drover-controller accounts add tiktok jane.doe --device-index 3 --password
  drover-controller accounts add instagram jane.doe --email jane@mail.example --password-file secret.txt
  pass show jane | drover-controller accounts add instagram jane.doe --password-file -

An Instagram password may carry a 2FA secret: password:SECRET.";

const SET_EXAMPLES: &str = "\
Examples:
  drover-controller accounts set 12 --disable
  drover-controller accounts set tiktok/jane.doe --device 127.0.0.1:5555 --tags food,us
  drover-controller accounts set instagram/jane.doe --password
  drover-controller accounts set 12 --cap follow=5 --cap post=

An empty value clears: --device '' unbinds.";

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum PlatformArg {
    Tiktok,
    Instagram,
}

impl PlatformArg {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Tiktok => "tiktok",
            Self::Instagram => "instagram",
        }
    }
}

#[derive(Debug, Args)]
#[command(after_help = LIST_EXAMPLES)]
pub(super) struct ListArgs {
    #[arg(long)]
    platform: Option<PlatformArg>,
    /// Bound to this phone: its serial or any alias.
    #[arg(long)]
    device: Option<String>,
    #[arg(long)]
    tag: Option<String>,
    /// 1 logged in, 0 not.
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..=1))]
    logined: Option<u8>,
    /// 0 enabled, 1 disabled.
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..=1))]
    status: Option<u8>,
    /// Words in username, e-mail, phone or tags, or the phone's index.
    #[arg(long)]
    search: Option<String>,
    /// A column, with - before it the other way round (write --sort=-followers).
    #[arg(long)]
    sort: Option<String>,
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    page: u32,
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100))]
    page_size: u32,
}

#[derive(Debug, Args)]
pub(super) struct OneArgs {
    /// Its id, or PLATFORM/USERNAME.
    account: String,
}

#[derive(Debug, Args)]
pub(super) struct RmArgs {
    /// Ids, or PLATFORM/USERNAME.
    #[arg(required = true)]
    accounts: Vec<String>,
}

/// What both `add` and `set` take.
#[derive(Debug, Args)]
struct FieldArgs {
    #[arg(long)]
    email: Option<String>,
    /// The serial of a phone or any alias.
    #[arg(long)]
    device: Option<String>,
    /// Bind it to the phone of this index.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    device_index: Option<u32>,
    /// All its tags, with commas between.
    #[arg(long)]
    tags: Option<String>,
    /// The app to use in the place of the platform's own.
    #[arg(long, value_name = "PACKAGE")]
    packagename: Option<String>,
    /// Whether it is logged in on its phone.
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..=1))]
    logined: Option<u8>,
    /// How often it may do something in a day, such as follow=5 (0: without limit; follow= as the settings say); may be
    /// given several times.
    #[arg(long = "cap", value_name = "ACT=NUMBER", value_parser = cap)]
    caps: Vec<(String, String)>,
    #[command(flatten)]
    password: PasswordArgs,
}

#[derive(Debug, Args)]
#[command(after_help = ADD_EXAMPLES)]
pub(super) struct AddArgs {
    platform: PlatformArg,
    username: String,
    /// Make it, but let no task use it.
    #[arg(long)]
    disabled: bool,
    #[command(flatten)]
    fields: FieldArgs,
}

#[derive(Debug, Args)]
#[command(after_help = SET_EXAMPLES)]
pub(super) struct SetArgs {
    /// Its id, or PLATFORM/USERNAME.
    account: String,
    #[arg(long)]
    username: Option<String>,
    /// Let tasks use it.
    #[arg(long, conflicts_with = "disable")]
    enable: bool,
    /// Let no task use it.
    #[arg(long)]
    disable: bool,
    /// No task uses it until then (RFC 3339); empty ends the rest.
    #[arg(long, value_name = "TIME")]
    resting_until: Option<String>,
    /// Have the settings say how often it may do what in a day.
    #[arg(long, conflicts_with = "caps")]
    clear_caps: bool,
    /// Remove the password and the 2FA secret.
    #[arg(long)]
    clear_password: bool,
    #[command(flatten)]
    fields: FieldArgs,
}

impl FieldArgs {
    fn body(&self, output: Output) -> Result<Map<String, Value>, CliError> {
        let mut body = Map::new();
        let texts = [
            ("email", &self.email),
            ("device", &self.device),
            ("tags", &self.tags),
            ("packagename", &self.packagename),
        ];
        for (name, value) in texts {
            body.extend(value.as_ref().map(|value| (name.to_owned(), json!(value))));
        }
        body.extend(
            self.device_index
                .map(|index| ("device_index".to_owned(), json!(index))),
        );
        body.extend(self.logined.map(|logined| ("logined".to_owned(), json!(logined))));
        if !self.caps.is_empty() {
            let caps = self.caps.iter();
            let caps: Map<String, Value> = caps.map(|(act, cap)| (act.clone(), json!(cap))).collect();
            body.insert("caps".to_owned(), Value::Object(caps));
        }
        if let Some(password) = self.password.read(output)? {
            body.insert("pwd".to_owned(), json!(password.expose()));
        }
        Ok(body)
    }
}

/// `ACT=NUMBER`; whether there is such an act, and what it may be, the controller says.
fn cap(text: &str) -> Result<(String, String), String> {
    let (act, cap) = text.split_once('=').ok_or("give ACT=NUMBER, such as follow=5")?;
    Ok((act.trim().to_owned(), cap.trim().to_owned()))
}

pub(super) async fn list(config: &Config, args: &ListArgs, output: Output) -> Result<Exit, CliError> {
    let mut query = format!("page={}&page_size={}", args.page, args.page_size);
    let texts = [
        (
            "platform",
            args.platform.map(|platform| platform.name().to_owned()),
        ),
        ("device", args.device.clone()),
        ("tag", args.tag.clone()),
        ("logined", args.logined.map(|logined| logined.to_string())),
        ("status", args.status.map(|status| status.to_string())),
        ("q", args.search.clone()),
        ("sort", args.sort.clone()),
    ];
    for (name, value) in texts {
        if let Some(value) = value {
            query += &format!("&{name}={}", encoded(&value));
        }
    }
    let answer = Client::new(config)?
        .get(&format!("/api/v1/accounts?{query}"))
        .await?;
    let accounts = rows(&answer["accounts"]);
    output.result(&answer, || shown(&accounts));
    more(output, accounts.len(), &answer, args.page);
    Ok(Exit::Done)
}

fn shown(accounts: &[Value]) -> String {
    if accounts.is_empty() {
        return "No account. `drover-controller accounts add` makes one, `accounts import` reads a sheet."
            .to_owned();
    }
    let header = [
        "ID",
        "PLATFORM",
        "USERNAME",
        "STATUS",
        "LOGGED IN",
        "PHONE",
        "INDEX",
        "2FA",
        "TAGS",
    ]
    .map(str::to_owned)
    .to_vec();
    let lines = accounts.iter().map(|account| {
        let yes = |yes: bool| if yes { "yes" } else { "-" }.to_owned();
        let phone = match account["device"].as_str() {
            None | Some("") => "-".to_owned(),
            Some(serial) => serial.to_owned(),
        };
        let tags: Vec<_> = rows(&account["tags"]).iter().map(text).collect();
        vec![
            text(&account["id"]),
            text(&account["platform"]),
            text(&account["username"]),
            text(&account["status_text"]),
            yes(account["logined"] == 1),
            phone,
            text(&account["device_index"]),
            yes(account["has_2fa"] == true),
            tags.join(", "),
        ]
    });
    table(&std::iter::once(header).chain(lines).collect::<Vec<_>>())
}

pub(super) async fn show(config: &Config, args: &OneArgs, output: Output) -> Result<Exit, CliError> {
    let client = Client::new(config)?;
    let id = id_of(&client, &args.account).await?;
    let account = client.get(&format!("/api/v1/accounts/{id}")).await?;
    output.result(&account, || {
        let fields = account.as_object().cloned().unwrap_or_default();
        let lines = fields.iter().map(|(name, value)| {
            let value = match value {
                Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
                other => text(other),
            };
            vec![name.clone(), value]
        });
        table(&lines.collect::<Vec<_>>())
    });
    Ok(Exit::Done)
}

pub(super) async fn add(config: &Config, args: &AddArgs, output: Output) -> Result<Exit, CliError> {
    let client = Client::new(config)?;
    let mut body = args.fields.body(output)?;
    body.insert("platform".to_owned(), json!(args.platform.name()));
    body.insert("username".to_owned(), json!(args.username));
    body.insert("status".to_owned(), json!(u8::from(args.disabled)));
    let made = client
        .send("POST", "/api/v1/accounts", Some(&Value::Object(body)))
        .await?;
    told(&made, "is added", output);
    Ok(Exit::Done)
}

pub(super) async fn set(config: &Config, args: &SetArgs, output: Output) -> Result<Exit, CliError> {
    let client = Client::new(config)?;
    let mut body = args.fields.body(output)?;
    let texts = [
        ("username", &args.username),
        ("resting_until", &args.resting_until),
    ];
    for (name, value) in texts {
        body.extend(value.as_ref().map(|value| (name.to_owned(), json!(value))));
    }
    if args.enable || args.disable {
        body.insert("status".to_owned(), json!(u8::from(args.disable)));
    }
    if args.clear_caps {
        body.insert("caps".to_owned(), Value::Null);
    }
    if args.clear_password {
        body.insert("clear_password".to_owned(), json!(true));
    }
    if body.is_empty() {
        return Err(CliError::BadInput(
            "nothing to change: `drover-controller accounts set --help` lists what can be".to_owned(),
        ));
    }
    let id = id_of(&client, &args.account).await?;
    let changed = client
        .send(
            "PATCH",
            &format!("/api/v1/accounts/{id}"),
            Some(&Value::Object(body)),
        )
        .await?;
    told(&changed, "is changed", output);
    Ok(Exit::Done)
}

/// What an account is now, and what the operator should know of it.
fn told(account: &Value, what: &str, output: Output) {
    output.result(account, || {
        format!(
            "account {} ({}/{}) {what}",
            text(&account["id"]),
            text(&account["platform"]),
            text(&account["username"])
        )
    });
    for remark in account["hint"]
        .as_str()
        .into_iter()
        .map(str::to_owned)
        .chain(rows(&account["warnings"]).iter().map(text))
    {
        output.remark(&remark);
    }
}

pub(super) async fn rm(config: &Config, args: &RmArgs, output: Output) -> Result<Exit, CliError> {
    let client = Client::new(config)?;
    let mut ids = Vec::new();
    for account in &args.accounts {
        ids.push(id_of(&client, account).await?);
    }
    let mut deleted = Vec::new();
    for id in ids {
        deleted.push(
            client
                .send("DELETE", &format!("/api/v1/accounts/{id}"), None)
                .await?,
        );
    }
    output.result(&deleted, || {
        let names = deleted.iter().map(|account| text(&account["username"]));
        format!("deleted: {}", names.collect::<Vec<_>>().join(", "))
    });
    Ok(Exit::Done)
}

pub(super) async fn totp(config: &Config, args: &OneArgs, output: Output) -> Result<Exit, CliError> {
    let client = Client::new(config)?;
    let id = id_of(&client, &args.account).await?;
    let code = client.get(&format!("/api/v1/accounts/{id}/totp")).await?;
    output.result(&code, || text(&code["code"]));
    output.remark(&format!("good for {} s", text(&code["seconds_left"])));
    Ok(Exit::Done)
}

pub(super) async fn reveal(config: &Config, args: &OneArgs, output: Output) -> Result<Exit, CliError> {
    let client = Client::new(config)?;
    let id = id_of(&client, &args.account).await?;
    let revealed = client
        .send("POST", &format!("/api/v1/accounts/{id}/reveal"), None)
        .await?;
    output.result(&revealed, || text(&revealed["password"]));
    output.remark("this is on record");
    Ok(Exit::Done)
}

/// The id of an account that is named by it, or as PLATFORM/USERNAME.
async fn id_of(client: &Client, account: &str) -> Result<i64, CliError> {
    if let Ok(id) = account.parse() {
        return Ok(id);
    }
    let Some((platform, username)) = account.split_once('/') else {
        return Err(CliError::BadInput(format!(
            "{account:?} names no account: give its id, or PLATFORM/USERNAME such as tiktok/{}",
            account.trim_start_matches('@')
        )));
    };
    let path = format!(
        "/api/v1/accounts?platform={}&username={}",
        encoded(platform),
        encoded(username)
    );
    let found = client.get(&path).await?;
    found["accounts"][0]["id"]
        .as_i64()
        .ok_or_else(|| CliError::BadInput(format!("there is no account {account}")))
}
