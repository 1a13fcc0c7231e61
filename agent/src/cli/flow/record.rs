//! `flow record`: operate an app from the terminal, and get what was done as a draft of a script.
//!
//! What a finger does on the glass is not heard: phones differ in how they report raw touches, and a touch alone does
//! not say what was meant. So each act is chosen here, from the list of what is on the screen.

use std::collections::BTreeMap;
use std::io::{BufRead as _, Write as _};
use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use shared::pack::Pack;
use shared::screen::find::{Search, View};
use shared::screen::{Node, Screen};
use shared::terminal::{Exit, Output};

use super::{CliError, Global, Target, pack};
use crate::cli::act::describe;
use crate::cli::session::Session;
use crate::device::{Device, Key};

pub(super) const EXAMPLE: &str = "\
It lists what can be touched on the phone's screen and asks what to do; each answer is done at once and written down:

  3                touch number 3
  type 3 Hello     type into number 3
  up | down        swipe that way
  back | enter     press the key
  url https://…    open it
  list             read the screen again
  quit             end, and print the draft

Example:
  drover-agent flow record -s SIM0001 --package com.example.notes --pack flows/notes > draft.rhai

With --pack, what the pack knows is called by its name; for everything else the draft proposes elements. Touches on the
glass itself are not recorded. The draft is a beginning: put waits and a `commit` where they belong.";

/// More touchable things than anyone reads.
const MOST_LISTED: usize = 80;

#[derive(Debug, Args)]
pub(in crate::cli) struct RecordArgs {
    #[command(flatten)]
    target: Target,
    /// The app to start with.
    #[arg(long, value_name = "PACKAGE")]
    package: Option<String>,
    /// A pack whose elements are called by their names.
    #[arg(long, value_name = "PACK")]
    pack: Option<PathBuf>,
}

/// What was done so far, as a script and as elements that it needs.
#[derive(Debug, Default)]
struct Draft {
    lines: Vec<String>,
    elements: BTreeMap<String, String>,
}

pub(super) async fn record(global: &Global, args: &RecordArgs, output: Output) -> Result<Exit, CliError> {
    let pack = args.pack.as_ref().map(|folder| pack::read(folder)).transpose()?;
    let pack = pack.map(|(pack, _)| pack);
    let session = Session::start(global)?;
    let device = session.device(&args.target).await?;
    let mut draft = Draft::default();
    if let Some(package) = &args.package {
        device.start_app(package).await?;
        draft.lines.push("start_app();".to_owned());
    }
    loop {
        let screen = device.hierarchy().await?.screen;
        let things = touchable(&screen);
        for (number, index) in things.iter().enumerate() {
            let node = screen.node(*index);
            let name = known(pack.as_ref(), &screen, *index)
                .map(|name| format!("  = {name}"))
                .unwrap_or_default();
            output.remark(&format!("{number:3}  {}{name}", describe(&node)));
        }
        let Some(line) = ask()? else { break };
        let (word, rest) = line.split_once(' ').unwrap_or((&line, ""));
        let number = |text: &str| {
            text.parse::<usize>()
                .ok()
                .and_then(|number| things.get(number))
                .copied()
        };
        match word {
            "" | "list" => {}
            "quit" | "q" => break,
            "back" | "enter" => {
                device
                    .key(if word == "back" { Key::Back } else { Key::Enter })
                    .await?;
                draft.lines.push(if word == "back" {
                    "back();".to_owned()
                } else {
                    "key(\"enter\");".to_owned()
                });
            }
            "up" | "down" => {
                swipe(&device, &screen, word == "up").await?;
                draft.lines.push(format!("swipe({word:?});"));
            }
            "url" => {
                device.open_url(rest, args.package.as_deref()).await?;
                draft.lines.push(format!("open_url({rest:?});"));
            }
            "type" => {
                let (which, text) = rest.split_once(' ').unwrap_or((rest, ""));
                let Some(index) = number(which) else {
                    output.remark("type NUMBER TEXT");
                    continue;
                };
                let name = draft.name(pack.as_ref(), &screen, index);
                let (x, y) = screen.node(index).bounds().center();
                device.tap(x, y).await?;
                device.type_text(text).await?;
                draft.lines.push(format!("type_text({name:?}, {text:?});"));
            }
            which => {
                let Some(index) = number(which) else {
                    output.remark(
                        "a number of the list, type NUMBER TEXT, up, down, back, enter, url URL, list, quit",
                    );
                    continue;
                };
                let name = draft.name(pack.as_ref(), &screen, index);
                let (x, y) = screen.node(index).bounds().center();
                device.tap(x, y).await?;
                draft.lines.push(format!("wait_for({name:?}, 10);"));
                draft.lines.push(format!("tap({name:?});"));
            }
        }
    }
    session.end().await;
    let value = json!({"script": draft.script(), "elements": draft.toml()});
    output.result(&value, || draft.whole());
    Ok(Exit::Done)
}

/// The next line of the person; `None` at the end of the input.
fn ask() -> Result<Option<String>, CliError> {
    let mut stderr = std::io::stderr().lock();
    let _ = write!(stderr, "> ");
    let _ = stderr.flush();
    let mut line = String::new();
    let read = std::io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|source| CliError::Io {
            doing: "reading what to do from stdin".to_owned(),
            source,
        })?;
    Ok((read > 0).then(|| line.trim().to_owned()))
}

async fn swipe(device: &dyn Device, screen: &Screen, up: bool) -> Result<(), CliError> {
    let area = screen.node(0).bounds();
    let (x, _) = area.center();
    let part = |percent: i32| area.top + (area.bottom - area.top) / 100 * percent;
    let (from, to) = if up { (75, 30) } else { (30, 75) };
    let time = std::time::Duration::from_millis(350);
    Ok(device.swipe((x, part(from)), (x, part(to)), time).await?)
}

/// What a person could mean by a touch.
fn touchable(screen: &Screen) -> Vec<usize> {
    let nodes = screen.nodes().filter(|node| {
        let flags = node.flags();
        let labelled = !node.text().is_empty() || !node.description().is_empty();
        !node.bounds().is_empty() && (flags.clickable() || labelled)
    });
    nodes.map(|node| node.index()).take(MOST_LISTED).collect()
}

/// The pack's element whose first match it is.
fn known(pack: Option<&Pack>, screen: &Screen, index: usize) -> Option<String> {
    let pack = pack?;
    let view = View {
        packages: pack.packages.clone(),
        system: pack.system_packages.clone(),
        language: None,
        app_version: None,
    };
    let search = Search::new(screen, &pack.elements, &view);
    let mut names = pack.elements.keys();
    names
        .find(|name| {
            search
                .find(name)
                .is_some_and(|found| found.nodes.first() == Some(&index))
        })
        .cloned()
}

impl Draft {
    /// What the script calls the node: the pack's name, or a new one with a proposal of how to find it.
    fn name(&mut self, pack: Option<&Pack>, screen: &Screen, index: usize) -> String {
        if let Some(name) = known(pack, screen, index) {
            return name;
        }
        let node = screen.node(index);
        let name = proposed_name(&node);
        self.elements.insert(name.clone(), proposal(&node));
        name
    }

    fn script(&self) -> String {
        let mut script = "fn run(p) {\n".to_owned();
        for line in &self.lines {
            script.push_str(&format!("    {line}\n"));
        }
        script.push_str("}\n");
        script
    }

    fn toml(&self) -> String {
        let mut toml = String::new();
        for (name, proposal) in &self.elements {
            toml.push_str(&format!("[{name}]\nany = [{{ {proposal} }}]\n"));
        }
        toml
    }

    /// The script, with the elements as a remark behind it.
    fn whole(&self) -> String {
        let mut whole = self.script();
        if !self.elements.is_empty() {
            whole.push_str("\n// For elements.toml:\n");
        }
        for line in self.toml().lines() {
            whole.push_str(&format!("// {line}\n"));
        }
        whole
    }
}

fn proposed_name(node: &Node<'_>) -> String {
    const LONGEST: usize = 30;
    let id = node.resource_id().rsplit('/').next().unwrap_or_default();
    let source = [node.description(), node.text(), id]
        .into_iter()
        .find(|text| !text.is_empty())
        .unwrap_or("thing");
    let mut name: String = source
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .take(LONGEST)
        .collect();
    while name.contains("__") {
        name = name.replace("__", "_");
    }
    let name = name.trim_matches('_').to_owned();
    if name.is_empty() { "thing".to_owned() } else { name }
}

/// How to find it again: by its id and what it says.
fn proposal(node: &Node<'_>) -> String {
    let class = node.class().rsplit('.').next().unwrap_or_default();
    let id = node.resource_id();
    let mut parts = Vec::new();
    if let Some(short) = id
        .split_once(":id/")
        .filter(|(package, _)| *package != "android")
        .map(|(_, short)| short)
    {
        parts.push(format!("id = {short:?}"));
    } else if !id.is_empty() {
        parts.push(format!("id = {id:?}"));
    }
    if !node.description().is_empty() {
        parts.push(format!("desc = {:?}", node.description()));
    } else if !node.text().is_empty() && !node.flags().password() {
        parts.push(format!("text = {:?}", node.text()));
    }
    parts.push(format!("class = {class:?}"));
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_touched_becomes_a_line_and_an_element() {
        let xml = r#"<hierarchy><node package="com.x" class="a.F" bounds="[0,0][9,9]"><node package="com.x" resource-id="com.x:id/save" class="android.widget.Button" text="Save now!" clickable="true" bounds="[1,1][5,5]"/></node></hierarchy>"#;
        let screen = Screen::parse(xml).unwrap();
        let things = touchable(&screen);
        assert_eq!(things, [1]);
        let mut draft = Draft::default();
        let name = draft.name(None, &screen, things[0]);
        draft.lines.push(format!("tap({name:?});"));
        assert_eq!(
            draft.whole(),
            "fn run(p) {\n    tap(\"save_now\");\n}\n\n// For elements.toml:\n// [save_now]\n// any = [{ id = \"save\", text = \"Save now!\", class = \"Button\" }]\n"
        );
    }
}
