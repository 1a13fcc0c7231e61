//! `content call|query|insert|delete`: content providers from a command line; here the media index and the settings.

mod media;
mod table;

use super::Answer;
use crate::phone::settings::Namespace;
use crate::phone::{Phone, lock};
use table::Row;

/// The options that its verbs share.
#[derive(Debug, Default)]
struct Asked<'a> {
    uri: &'a str,
    method: &'a str,
    arg: &'a str,
    projection: Option<&'a str>,
    condition: Option<&'a str>,
    sort: Option<&'a str>,
    /// `name:type:value`
    bindings: Vec<&'a str>,
}

pub(super) fn run(phone: &Phone, args: &[&str]) -> Answer {
    let Some((verb, rest)) = args.split_first() else {
        return Answer::error(0, "usage: adb shell content [subcommand] [options]");
    };
    let mut asked = Asked::default();
    let mut rest = rest.iter().copied();
    while let Some(option) = rest.next() {
        let Some(value) = rest.next() else {
            return Answer::error(1, &format!("[ERROR] Required argument for option: {option}"));
        };
        match option {
            "--uri" => asked.uri = value,
            "--method" => asked.method = value,
            "--arg" => asked.arg = value,
            "--projection" => asked.projection = Some(value),
            "--where" => asked.condition = Some(value),
            "--sort" => asked.sort = Some(value),
            "--bind" => asked.bindings.push(value),
            "--user" | "--extra" => {}
            other => return Answer::error(1, &format!("[ERROR] Unsupported argument: {other}")),
        }
    }
    if asked.uri.is_empty() {
        return Answer::error(
            1,
            "[ERROR] Content provider URI not specified. Did you specify --uri argument?",
        );
    }
    let path = asked.uri.strip_prefix("content://").unwrap_or(asked.uri);
    match (*verb, path.split('/').next().unwrap_or_default()) {
        ("call", "media") => media::call(phone, &asked),
        ("query", "media") => media::query(phone, &asked, path),
        ("insert", "media") => media::insert(phone, &asked, path),
        ("delete", "media") => media::delete(phone, &asked, path),
        ("query", "settings") => settings(phone, &asked, path),
        ("call" | "query" | "insert" | "delete" | "update", provider) => error(
            provider,
            &format!("java.lang.IllegalStateException: Could not find provider: {provider}"),
        ),
        (other, _) => Answer::error(1, &format!("[ERROR] Unsupported operation: {other}")),
    }
}

fn error(provider: &str, exception: &str) -> Answer {
    Answer::error(
        1,
        &format!(
            "Error while accessing provider:{provider}\n{exception}\n\tat com.android.commands.content.Content$Command.execute(Content.java:516)\n\tat com.android.commands.content.Content.main(Content.java:723)"
        ),
    )
}

fn settings(phone: &Phone, asked: &Asked<'_>, path: &str) -> Answer {
    let Some(namespace) = path.split('/').nth(1).and_then(Namespace::parse) else {
        return error(
            "settings",
            &format!("java.lang.IllegalArgumentException: Invalid URI: {}", asked.uri),
        );
    };
    let rows = {
        let settings = lock(&phone.settings);
        settings
            .table(namespace)
            .iter()
            .enumerate()
            .map(|(number, (name, value))| {
                Row(vec![
                    ("_id", (number + 1).to_string()),
                    ("name", name.clone()),
                    ("value", value.clone()),
                ])
            })
            .collect::<Vec<_>>()
    };
    table::print(rows, asked).unwrap_or_else(|exception| error("settings", &exception))
}
