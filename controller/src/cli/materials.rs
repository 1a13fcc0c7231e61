//! `materials`: take files into the library, list, show, change, remove.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use bytes::Bytes;
use clap::Args;
use futures_util::stream;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use serde_json::{Map, Value, json};
use shared::terminal::{Exit, Output, table};
use tokio::io::AsyncReadExt as _;

use super::CliError;
use super::ask::{encoded, more, rows, text};
use super::client::Client;
use super::transfer;
use crate::config::Config;

/// Read from the file at a time.
const PIECE: usize = 256 << 10;
/// Between two lines about how far an upload is.
const TELL: Duration = Duration::from_millis(500);
/// For the answer, once all was sent: the disk may be slow.
const ANSWER: Duration = Duration::from_secs(120);

const ADD_EXAMPLES: &str = "\
Examples:
  drover-controller materials add spring/*.mp4 --tags spring,workshop
  drover-controller materials add clip.mp4 --username jane.doe --caption 'Good {morning|day}' --sort 1

A content that the library has already is told and stays as it is.";

const LIST_EXAMPLES: &str = "\
Examples:
  drover-controller materials list --tags spring --unused
  drover-controller materials list --search harbour --sort=-used_at --json";

const SET_EXAMPLES: &str = "\
Examples:
  drover-controller materials set 3 4 5 --tags spring --sort 1
  drover-controller materials set 3 --unused          may be published once more
  drover-controller materials set 3 --caption ''      an empty value clears";

#[derive(Debug, Args)]
#[command(after_help = ADD_EXAMPLES)]
pub(super) struct AddArgs {
    /// Videos (.mp4) and images (.jpg, .jpeg, .png).
    #[arg(required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    about: About,
}

/// What is said of materials.
#[derive(Debug, Args)]
struct About {
    /// All tags that they shall have, with commas between.
    #[arg(long)]
    tags: Option<String>,
    /// Goes before the captions of a task; spintax is understood.
    #[arg(long)]
    caption: Option<String>,
    /// The account that alone may publish them.
    #[arg(long)]
    username: Option<String>,
    /// Lower ones are taken first.
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true)]
    sort: Option<String>,
}

impl About {
    fn given(&self) -> Vec<(&'static str, &String)> {
        let all = [
            ("tags", &self.tags),
            ("caption", &self.caption),
            ("username", &self.username),
            ("sort", &self.sort),
        ];
        all.into_iter()
            .filter_map(|(name, value)| Some((name, value.as_ref()?)))
            .collect()
    }
}

#[derive(Debug, Args)]
#[command(after_help = LIST_EXAMPLES)]
pub(super) struct ListArgs {
    /// With one of these tags.
    #[arg(long)]
    tags: Option<String>,
    /// Meant for this account.
    #[arg(long)]
    username: Option<String>,
    #[arg(long, value_parser = ["video", "image"])]
    kind: Option<String>,
    /// Published already.
    #[arg(long, conflicts_with = "unused")]
    used: bool,
    /// Not published yet.
    #[arg(long)]
    unused: bool,
    /// Words that stand in name, username, caption or tags.
    #[arg(long)]
    search: Option<String>,
    /// id, name, kind, size, username, sort, used, used_at, created_at or updated_at, with - before it the other way
    /// round.
    #[arg(long)]
    sort: Option<String>,
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    page: u32,
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100))]
    page_size: u32,
}

#[derive(Debug, Args)]
pub(super) struct OneArgs {
    id: i64,
}

#[derive(Debug, Args)]
pub(super) struct SeveralArgs {
    #[arg(required = true)]
    ids: Vec<i64>,
}

#[derive(Debug, Args)]
#[command(after_help = SET_EXAMPLES)]
pub(super) struct SetArgs {
    #[arg(required = true)]
    ids: Vec<i64>,
    #[command(flatten)]
    about: About,
    /// Are not taken by any task.
    #[arg(long, conflicts_with = "unused")]
    used: bool,
    /// May be taken, again too.
    #[arg(long)]
    unused: bool,
}

pub(super) async fn add(config: &Config, args: &AddArgs, output: Output) -> Result<Exit, CliError> {
    let client = Client::new(config)?;
    let mut made = Vec::new();
    for file in &args.files {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
        let mut path = format!("/api/v1/materials?name={}", encoded(&name.unwrap_or_default()));
        for (name, value) in args.about.given() {
            path += &format!("&{name}={}", encoded(value));
        }
        let answer = send(&client, &path, file, output).await;
        let answer = answer.map_err(|error| match (error, made.len()) {
            (error, 0) => error,
            // What stands stands: who reads the error must know it.
            (error, count) => {
                output.remark(&format!("{count} files were taken in before {}", file.display()));
                error
            }
        })?;
        for warning in rows(&answer["warnings"]) {
            output.remark(&format!("{}: {}", file.display(), text(&warning)));
        }
        made.push(answer);
    }
    output.result(&json!({ "materials": made }), || {
        let ids: Vec<String> = made.iter().map(|one| text(&one["id"])).collect();
        ids.join("\n")
    });
    Ok(Exit::Done)
}

/// Sends a file as it is read, a piece at a time.
async fn send(
    client: &Client,
    path: &str,
    file: &std::path::Path,
    output: Output,
) -> Result<Value, CliError> {
    let unreadable =
        |error: std::io::Error| CliError::BadInput(format!("cannot read {}: {error}", file.display()));
    let opened = tokio::fs::File::open(file).await.map_err(unreadable)?;
    let facts = opened.metadata().await.map_err(unreadable)?;
    if !facts.is_file() {
        return Err(CliError::BadInput(format!("{} is no file", file.display())));
    }
    let size = facts.len();
    let shown = file.display().to_string();
    let reading = Reading {
        file: opened,
        done: 0,
        told: Instant::now(),
    };
    let pieces = stream::try_unfold(reading, move |mut reading| {
        let shown = shown.clone();
        async move {
            let mut piece = vec![0; PIECE];
            let read = reading.file.read(&mut piece).await?;
            if read == 0 {
                return Ok::<_, std::io::Error>(None);
            }
            piece.truncate(read);
            reading.done += read as u64;
            if !output.is_json() && reading.told.elapsed() > TELL {
                reading.told = Instant::now();
                let percent = reading.done * 100 / size.max(1);
                output.remark(&format!("{shown}: {percent} % of {size} bytes"));
            }
            Ok(Some((Frame::data(Bytes::from(piece)), reading)))
        }
    });
    let mut sender = transfer::connect(client).await?;
    let request = transfer::asking(client, "POST", path)
        .header("Content-Type", "application/octet-stream")
        .header("Content-Length", size)
        .body(StreamBody::new(Box::pin(pieces)))
        .map_err(|error| client.broken(&error))?;
    // However long it takes to send: the controller gives up on who is silent.
    let answer = sender
        .send_request(request)
        .await
        .map_err(|error| client.broken(&error))?;
    let status = answer.status().as_u16();
    let bytes = tokio::time::timeout(ANSWER, answer.into_body().collect())
        .await
        .map_err(|_| client.broken(&"the answer stopped coming"))?
        .map_err(|error| client.broken(&error))?
        .to_bytes();
    Ok(client.envelope(status, &bytes)?)
}

struct Reading {
    file: tokio::fs::File,
    done: u64,
    told: Instant,
}

pub(super) async fn list(config: &Config, args: &ListArgs, output: Output) -> Result<Exit, CliError> {
    let mut query = format!("page={}&page_size={}", args.page, args.page_size);
    let used = match (args.used, args.unused) {
        (true, _) => Some("true".to_owned()),
        (_, true) => Some("false".to_owned()),
        _ => None,
    };
    for (name, value) in [
        ("tags", &args.tags),
        ("username", &args.username),
        ("kind", &args.kind),
        ("used", &used),
        ("search", &args.search),
        ("sort", &args.sort),
    ] {
        if let Some(value) = value {
            query += &format!("&{name}={}", encoded(value));
        }
    }
    let answer = Client::new(config)?
        .get(&format!("/api/v1/materials?{query}"))
        .await?;
    let materials = rows(&answer["materials"]);
    output.result(&answer, || shown(&materials));
    more(output, materials.len(), &answer, args.page);
    Ok(Exit::Done)
}

fn shown(materials: &[Value]) -> String {
    if materials.is_empty() {
        return "No material. `drover-controller materials add FILE` takes one in.".to_owned();
    }
    let header = [
        "ID", "NAME", "KIND", "BYTES", "STATE", "TASK", "FOR", "SORT", "TAGS",
    ]
    .map(str::to_owned)
    .to_vec();
    let lines = materials.iter().map(|one| {
        let state = if one["missing"] == true {
            "missing".to_owned()
        } else {
            text(&one["state"])
        };
        let task = match &one["reserved_by"] {
            Value::Null => &one["used_by"],
            task => task,
        };
        let tags: Vec<String> = rows(&one["tags"]).iter().map(text).collect();
        vec![
            text(&one["id"]),
            text(&one["name"]),
            text(&one["kind"]),
            text(&one["size"]),
            state,
            text(task),
            text(&one["username"]),
            text(&one["sort"]),
            tags.join(", "),
        ]
    });
    table(&std::iter::once(header).chain(lines).collect::<Vec<_>>())
}

pub(super) async fn show(config: &Config, args: &OneArgs, output: Output) -> Result<Exit, CliError> {
    let one = Client::new(config)?
        .get(&format!("/api/v1/materials/{}", args.id))
        .await?;
    output.result(&one, || {
        let fields = one.as_object().into_iter().flatten();
        let lines = fields.map(|(name, value)| {
            let told = match value {
                Value::Array(list) => list.iter().map(text).collect::<Vec<_>>().join(", "),
                other => text(other),
            };
            vec![name.clone(), told]
        });
        table(&lines.collect::<Vec<_>>())
    });
    Ok(Exit::Done)
}

pub(super) async fn set(config: &Config, args: &SetArgs, output: Output) -> Result<Exit, CliError> {
    let mut change: Map<String, Value> = args
        .about
        .given()
        .into_iter()
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    if args.used || args.unused {
        change.insert("used".to_owned(), json!(args.used));
    }
    if change.is_empty() {
        return Err(CliError::BadInput(
            "say what to change: --tags, --caption, --username, --sort, --used or --unused".to_owned(),
        ));
    }
    let (client, change) = (Client::new(config)?, Value::Object(change));
    let mut changed = Vec::new();
    for id in &args.ids {
        let path = format!("/api/v1/materials/{id}");
        changed.push(client.send("PATCH", &path, Some(&change)).await?);
    }
    output.result(&json!({ "materials": changed }), || shown(&changed));
    Ok(Exit::Done)
}

pub(super) async fn remove(config: &Config, args: &SeveralArgs, output: Output) -> Result<Exit, CliError> {
    let body = json!({"ids": args.ids, "action": "delete"});
    let done = Client::new(config)?
        .send("POST", "/api/v1/materials/batch", Some(&body))
        .await?;
    output.result(&done, || {
        format!("{} materials are deleted", done["deleted_count"])
    });
    let refused = rows(&done["refused"]);
    if !output.is_json() {
        for one in &refused {
            output.remark(&format!("{}: {}", text(&one["id"]), text(&one["reason"])));
        }
    }
    Ok(if refused.is_empty() {
        Exit::Done
    } else {
        Exit::Failed
    })
}
