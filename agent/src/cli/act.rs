//! Looking at a phone's screen and touching it.

use std::io::Read;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use serde_json::json;
use shared::screen::{Node, Screen};
use shared::terminal::{Exit, Output};

use super::session::Session;
use super::{CliError, Global, Target};
use crate::adb::phone::AdbDevice;
use crate::device::{Device, Key};

/// More than anyone types; a wrong file piped in should not keep a phone busy for an hour.
const LONGEST_TEXT: usize = 100_000;

#[derive(Debug, Args)]
pub(super) struct ScreenshotArgs {
    #[command(flatten)]
    target: Target,
    /// Where to save it; `-` is stdout [default: SERIAL.png].
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct HierarchyArgs {
    #[command(flatten)]
    target: Target,
    /// The XML as the phone gave it, instead of a tree.
    #[arg(long)]
    xml: bool,
}

#[derive(Debug, Args)]
pub(super) struct TapArgs {
    #[command(flatten)]
    target: Target,
    /// Pixels from the left, as in a screenshot.
    x: i32,
    /// Pixels from the top.
    y: i32,
    /// Hold the finger down this long, in milliseconds.
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u64).range(1..=60_000))]
    hold: Option<u64>,
}

#[derive(Debug, Args)]
pub(super) struct SwipeArgs {
    #[command(flatten)]
    target: Target,
    x1: i32,
    y1: i32,
    x2: i32,
    y2: i32,
    /// How long the finger takes, in milliseconds.
    #[arg(long, default_value_t = 300, value_name = "MS", value_parser = clap::value_parser!(u64).range(10..=60_000))]
    time: u64,
}

#[derive(Debug, Args)]
pub(super) struct TypeArgs {
    #[command(flatten)]
    target: Target,
    /// What to type.
    #[arg(required_unless_present = "stdin", allow_hyphen_values = true)]
    text: Option<String>,
    /// Read the text from stdin: for what should not stand on a command line.
    #[arg(long, conflicts_with = "text")]
    stdin: bool,
    /// Empty the field first.
    #[arg(long)]
    clear: bool,
}

#[derive(Debug, Args)]
pub(super) struct KeyArgs {
    #[command(flatten)]
    target: Target,
    /// home, back, recents, enter, delete, tab, escape, wakeup, sleep, menu, volume-up, volume-down, or Android's number.
    #[arg(value_parser = key_name)]
    key: Key,
}

#[derive(Debug, Args)]
pub(super) struct OpenArgs {
    #[command(flatten)]
    target: Target,
    /// A URL with its scheme; may be left out where --app is given: then the app is started.
    #[arg(required_unless_present = "app")]
    url: Option<String>,
    /// The package that shall open it.
    #[arg(long, value_name = "PACKAGE")]
    app: Option<String>,
}

pub(super) async fn screenshot(
    global: &Global,
    args: &ScreenshotArgs,
    output: &Output,
) -> Result<Exit, CliError> {
    let (session, device) = begin(global, &args.target).await?;
    let png = device.screenshot().await?;
    let file = args
        .output
        .clone()
        .unwrap_or_else(|| PathBuf::from(format!("{}.png", file_name(&device.serial().0))));
    if file.as_os_str() == "-" {
        output.bytes(&png).map_err(|source| CliError::Io {
            doing: "writing the picture to stdout".to_owned(),
            source,
        })?;
    } else {
        tokio::fs::write(&file, &png)
            .await
            .map_err(|source| CliError::Io {
                doing: format!("writing {}", file.display()),
                source,
            })?;
        output.result(
            &json!({"serial": device.serial(), "file": file, "bytes": png.len()}),
            || file.display().to_string(),
        );
    }
    session.end().await;
    Ok(Exit::Done)
}

pub(super) async fn hierarchy(
    global: &Global,
    args: &HierarchyArgs,
    output: &Output,
) -> Result<Exit, CliError> {
    let (session, device) = begin(global, &args.target).await?;
    let hierarchy = device.hierarchy().await?;
    if args.xml && !output.is_json() {
        output.line(&hierarchy.xml);
    } else {
        let value = json!({
            "serial": device.serial(),
            "driver": device.driver(),
            "rotation": hierarchy.screen.rotation(),
            "nodes": hierarchy.screen.nodes().len(),
            "xml": hierarchy.xml,
        });
        output.result(&value, || tree(&hierarchy.screen));
    }
    session.end().await;
    Ok(Exit::Done)
}

pub(super) async fn tap(global: &Global, args: &TapArgs, output: &Output) -> Result<Exit, CliError> {
    non_negative(&[("X", args.x), ("Y", args.y)])?;
    let (session, device) = begin(global, &args.target).await?;
    match args.hold {
        Some(hold) => {
            let hold = Duration::from_millis(hold);
            device.long_press(args.x, args.y, hold).await?;
        }
        None => device.tap(args.x, args.y).await?,
    }
    done(session, &device, output).await
}

pub(super) async fn swipe(global: &Global, args: &SwipeArgs, output: &Output) -> Result<Exit, CliError> {
    non_negative(&[("X1", args.x1), ("Y1", args.y1), ("X2", args.x2), ("Y2", args.y2)])?;
    let (session, device) = begin(global, &args.target).await?;
    device
        .swipe(
            (args.x1, args.y1),
            (args.x2, args.y2),
            Duration::from_millis(args.time),
        )
        .await?;
    done(session, &device, output).await
}

pub(super) async fn type_text(global: &Global, args: &TypeArgs, output: &Output) -> Result<Exit, CliError> {
    let text = match &args.text {
        Some(text) => text.clone(),
        None => read_stdin()?,
    };
    if text.chars().count() > LONGEST_TEXT {
        return Err(CliError::BadInput(format!(
            "the text is longer than {LONGEST_TEXT} characters"
        )));
    }
    let (session, device) = begin(global, &args.target).await?;
    if args.clear {
        device.clear_text().await?;
    }
    device.type_text(&text).await?;
    done(session, &device, output).await
}

pub(super) async fn key(global: &Global, args: &KeyArgs, output: &Output) -> Result<Exit, CliError> {
    let (session, device) = begin(global, &args.target).await?;
    device.key(args.key).await?;
    done(session, &device, output).await
}

pub(super) async fn open(global: &Global, args: &OpenArgs, output: &Output) -> Result<Exit, CliError> {
    let (session, device) = begin(global, &args.target).await?;
    match (&args.url, &args.app) {
        (Some(url), app) => device.open_url(url, app.as_deref()).await?,
        (None, Some(app)) => device.start_app(app).await?,
        (None, None) => return Err(CliError::BadInput("give a URL, an --app, or both".to_owned())),
    }
    done(session, &device, output).await
}

async fn begin(global: &Global, target: &Target) -> Result<(Session, AdbDevice), CliError> {
    let session = Session::start(global)?;
    let device = session.device(target).await?;
    Ok((session, device))
}

async fn done(session: Session, device: &AdbDevice, output: &Output) -> Result<Exit, CliError> {
    if let Some(note) = device.note() {
        output.remark(&format!("note: {note}"));
    }
    if output.is_json() {
        output.result(
            &json!({"serial": device.serial(), "driver": device.driver(), "done": true}),
            String::new,
        );
    }
    session.end().await;
    Ok(Exit::Done)
}

fn non_negative(values: &[(&str, i32)]) -> Result<(), CliError> {
    match values.iter().find(|(_, value)| *value < 0) {
        Some((name, value)) => Err(CliError::BadInput(format!(
            "{name} is {value}: coordinates count from 0 at the top left"
        ))),
        None => Ok(()),
    }
}

fn read_stdin() -> Result<String, CliError> {
    let mut text = String::new();
    std::io::stdin()
        .take(4 * LONGEST_TEXT as u64 + 1)
        .read_to_string(&mut text)
        .map_err(|source| CliError::Io {
            doing: "reading the text from stdin (it must be UTF-8)".to_owned(),
            source,
        })?;
    // `echo` and editors end with a line break that nobody means to type.
    Ok(text
        .strip_suffix('\n')
        .map(|text| text.strip_suffix('\r').unwrap_or(text).to_owned())
        .unwrap_or(text))
}

/// A serial as a file name: `127.0.0.1:5600` has a colon, wireless ones have blanks.
fn file_name(serial: &str) -> String {
    serial
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "-_.~".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect()
}

fn key_name(name: &str) -> Result<Key, String> {
    Ok(match name.to_ascii_lowercase().as_str() {
        "home" => Key::Home,
        "back" => Key::Back,
        "recents" => Key::Recents,
        "enter" => Key::Enter,
        "delete" => Key::Delete,
        "tab" => Key::Tab,
        "escape" => Key::Escape,
        "wakeup" => Key::WakeUp,
        "sleep" => Key::Sleep,
        "menu" => Key::Menu,
        "volume-up" => Key::VolumeUp,
        "volume-down" => Key::VolumeDown,
        number => Key::Code(
            number
                .parse()
                .ok()
                .filter(|code| (1..1000).contains(code))
                .ok_or("not a key's name, nor a number from 1 to 999")?,
        ),
    })
}

/// The screen for a person: one node a line, indented, with what one would look for.
fn tree(screen: &Screen) -> String {
    let mut text = String::new();
    for node in screen.nodes() {
        text.push_str(&"  ".repeat(node.depth()));
        text.push_str(&describe(&node));
        text.push('\n');
    }
    text
}

pub(super) fn describe(node: &Node<'_>) -> String {
    let class = node.class().rsplit('.').next().unwrap_or_default();
    let mut line = if class.is_empty() {
        "node".to_owned()
    } else {
        class.to_owned()
    };
    let id = node.resource_id();
    if !id.is_empty() {
        line.push_str(" #");
        line.push_str(id.rsplit("id/").next().unwrap_or(id));
    }
    for (name, value) in [("", node.text()), ("desc=", node.description())] {
        if !value.is_empty() {
            line.push_str(&format!(" {name}{value:?}"));
        }
    }
    let flags = node.flags();
    for (name, set) in [
        ("clickable", flags.clickable()),
        ("checked", flags.checked()),
        ("selected", flags.selected()),
        ("focused", flags.focused()),
        ("scrollable", flags.scrollable()),
        ("password", flags.password()),
        ("disabled", !flags.enabled()),
    ] {
        if set {
            line.push(' ');
            line.push_str(name);
        }
    }
    let top_of_window = node.parent().is_none();
    if top_of_window {
        line.push_str(" in ");
        line.push_str(node.package());
    }
    format!("{line} {}", node.bounds())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serial_becomes_a_file_name_that_every_system_takes() {
        assert_eq!(file_name("127.0.0.1:5600"), "127.0.0.1_5600");
        assert_eq!(
            file_name("adb-01 (2)._adb-tls-connect._tcp"),
            "adb-01__2_._adb-tls-connect._tcp"
        );
    }

    #[test]
    fn keys_go_by_name_or_by_a_number_in_range() {
        assert_eq!(key_name("Back"), Ok(Key::Back));
        assert_eq!(key_name("279"), Ok(Key::Code(279)));
        for wrong in ["", "0", "1000", "bak", "-3"] {
            assert!(key_name(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_tree_shows_what_one_would_look_for() {
        let xml = r#"<hierarchy><node class="android.widget.FrameLayout" package="com.x" enabled="true" bounds="[0,0][9,9]"><node class="android.widget.Button" text="Save" resource-id="com.x:id/save" clickable="true" enabled="false" bounds="[1,1][2,2]"/></node></hierarchy>"#;
        let text = tree(&Screen::parse(xml).unwrap());
        assert_eq!(
            text,
            "FrameLayout in com.x [0,0][9,9]\n  Button #save \"Save\" clickable disabled [1,1][2,2]\n"
        );
    }
}
