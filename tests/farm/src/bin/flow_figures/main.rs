//! Measures what the engine of flows costs, and prints each figure beside its limit; ends with 1 where one is over it.
//! A hierarchy of 500 nodes is read and searched beside the bare XML crate, a crate that makes trees, and lxml as
//! uiautomator2 uses it; flows of a real pack run on a phone that takes no time at all. Run by `make bench`, as a release
//! build.

mod engine;
mod lxml;
mod screens;

use std::hint::black_box;
use std::io;
use std::process::ExitCode;

use farm::figures::{at_least, at_most, ended, median, say};
use quick_xml::events::Event;
use shared::pack::Pack;
use shared::pack::files::PackFiles;
use shared::screen::Screen;
use shared::screen::find::{Elements, Search, View};

use lxml::Lxml;

/// Nodes of the hierarchy that is read.
const NODES: usize = 500;
/// Each is measured so often, one after the other.
const ROUNDS: usize = 15;
/// So often in a row for one measurement.
const TIMES: u32 = 100;
/// Of what is slow.
const TIMES_LXML: u32 = 20;

/// The limits, as ratios.
const ONE_FIND: f64 = 1.3;
const MANY_FINDS: f64 = 1.2;
const BEHIND_LXML: f64 = 3.5;
/// Milliseconds for a step, and seconds until a stop has ended a run.
const STEP_MS: f64 = 2.0;
const STOPPED_S: f64 = 1.0;

fn main() -> ExitCode {
    ended(measure())
}

fn measure() -> io::Result<bool> {
    let screens = screens::simulated(NODES)?;
    let mut good = hierarchy(&screens.large)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    good &= runtime.block_on(steps(&screens))?;
    good &= runtime.block_on(stops())?;
    Ok(good)
}

/// What a search is for: by these attributes flows, and those who use uiautomator2, find most things.
struct Wanted {
    attribute: &'static str,
    value: String,
}

/// Reads and searches one hierarchy in all ways, interleaved.
fn hierarchy(xml: &str) -> io::Result<bool> {
    let screen = Screen::parse(xml).map_err(io::Error::other)?;
    let wanted = wanted(&screen);
    let (elements, view) = elements(&screen, &wanted)?;
    let names: Vec<String> = (0..wanted.len()).map(|number| format!("e{number}")).collect();
    let (last, other) = (names.len() - 1, names.len() / 2);
    let ours = |names: &[String]| -> usize {
        let screen = Screen::parse(xml).ok();
        screen.map_or(0, |screen| {
            let search = Search::new(&screen, &elements, &view);
            names.iter().filter(|name| search.find(name).is_some()).count()
        })
    };
    let one = [names[last].clone()];
    let two = [names[last].clone(), names[other].clone()];
    if ours(&names) != names.len() || theirs(xml, &wanted) != names.len() {
        return Err(io::Error::other("not everything that is there was found"));
    }
    let mut lxml = Lxml::start(xml, &wanted)?;
    let (mut pass, mut tree) = (Vec::new(), Vec::new());
    let (mut found_one, mut found_two, mut found_all) = (Vec::new(), Vec::new(), Vec::new());
    let (mut roxmltree, mut lxml_two, mut u2_two) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        pass.push(micros(TIMES, || bare(xml)));
        found_one.push(micros(TIMES, || ours(&one)));
        found_two.push(micros(TIMES, || ours(&two)));
        tree.push(micros(TIMES, || theirs(xml, &[])));
        roxmltree.push(micros(TIMES, || theirs(xml, &wanted)));
        found_all.push(micros(TIMES, || ours(&names)));
        lxml_two.push(lxml.ask("lxml", TIMES_LXML)?);
        u2_two.push(lxml.ask("uiautomator2", TIMES_LXML)?);
    }
    let (pass, tree, roxmltree) = (median(pass), median(tree), median(roxmltree));
    let (found_one, found_two, found_all) = (median(found_one), median(found_two), median(found_all));
    let (lxml_two, u2_two) = (median(lxml_two), median(u2_two));
    say(&format!(
        "a hierarchy of {} nodes, {} KB; CPU in µs, medians of {ROUNDS} rounds:",
        screen.nodes().len(),
        xml.len() / 1_000
    ))?;
    let many = names.len();
    for (what, figure) in [
        ("bare pass of quick-xml over every attribute", pass),
        ("read, one find", found_one),
        ("read, two finds", found_two),
        ("tree of roxmltree", tree),
        (&format!("tree of roxmltree, {many} finds"), roxmltree),
        (&format!("read, {many} finds"), found_all),
        ("tree of lxml, two finds", lxml_two),
        ("uiautomator2, two finds", u2_two),
    ] {
        say(&format!("  {what}: {figure:.0}"))?;
    }
    let mut good = at_most(
        "read and one find / bare pass of quick-xml",
        found_one / pass,
        ONE_FIND,
    )?;
    good &= at_most(
        "read and many finds / the same with roxmltree",
        found_all / roxmltree,
        MANY_FINDS,
    )?;
    good &= at_least("lxml / read and two finds", lxml_two / found_two, BEHIND_LXML)?;
    good &= at_least(
        "uiautomator2 / read and two finds",
        u2_two / found_two,
        BEHIND_LXML,
    )?;
    Ok(good)
}

/// Different ids, texts and descriptions of the hierarchy, from all over it: every one is there.
fn wanted(screen: &Screen) -> Vec<Wanted> {
    const OF_EACH: usize = 17;
    let mut wanted: Vec<Wanted> = Vec::new();
    for attribute in ["resource-id", "text", "content-desc"] {
        let mut values = Vec::new();
        for node in screen.nodes().filter(|node| !node.bounds().is_empty()) {
            let value = match attribute {
                "resource-id" => node.resource_id(),
                "text" => node.text(),
                _ => node.description(),
            };
            let plain = !value.is_empty()
                && value
                    .chars()
                    .all(|c| c.is_ascii_graphic() && c != '\'' && c != '"');
            if plain && !values.contains(&value) {
                values.push(value);
            }
        }
        let step = values.len().div_ceil(OF_EACH).max(1);
        wanted.extend(values.iter().step_by(step).map(|value| Wanted {
            attribute,
            value: (*value).to_owned(),
        }));
    }
    wanted
}

/// The same as elements of a pack, `e0` and so on.
fn elements(screen: &Screen, wanted: &[Wanted]) -> io::Result<(Elements, View)> {
    let mut text = String::new();
    for (number, wanted) in wanted.iter().enumerate() {
        let key = match wanted.attribute {
            "resource-id" => "id",
            "text" => "text",
            _ => "desc",
        };
        text.push_str(&format!(
            "[e{number}]\nany = [{{ {key} = {:?} }}]\n",
            wanted.value
        ));
    }
    let manifest = "name = \"figures\"\nversion = \"1\"\nplatform = \"figures\"\npackages = [\"com.example\"]\n\
        [flow.none]\ntitle = \"None\"\nhelp = \"A pack needs a flow.\"\nlasting = false\n";
    let files = [
        ("pack.toml", manifest),
        ("elements.toml", text.as_str()),
        ("none.rhai", "fn run(p) { #{} }\n"),
    ];
    let files = PackFiles::new(files.map(|(name, text)| (name.to_owned(), text.to_owned())));
    let (pack, _) = Pack::read(files).map_err(|faults| io::Error::other(format!("{faults:?}")))?;
    let view = View {
        packages: screen.packages().into_iter().map(str::to_owned).collect(),
        ..View::default()
    };
    Ok((pack.elements, view))
}

/// The least that reading it costs: each tag and each attribute once, nothing kept.
fn bare(xml: &str) -> usize {
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut seen = 0;
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) => {
                for attribute in tag.attributes().with_checks(false).flatten() {
                    seen += attribute.value.len();
                }
            }
            Ok(Event::Eof) | Err(_) => return seen,
            Ok(_) => {}
        }
    }
}

/// A tree of roxmltree, and how many are found in it.
fn theirs(xml: &str, wanted: &[Wanted]) -> usize {
    let Ok(tree) = roxmltree::Document::parse(xml) else {
        return 0;
    };
    let there = |wanted: &&Wanted| {
        let mut nodes = tree.descendants();
        nodes.any(|node| node.attribute(wanted.attribute) == Some(wanted.value.as_str()))
    };
    wanted.iter().filter(there).count()
}

/// What a step of a flow costs beside the phone, with everything that a real pack looks for at each look.
async fn steps(screens: &screens::Screens) -> io::Result<bool> {
    let mut middles = Vec::new();
    for _ in 0..ROUNDS {
        middles.push(median(engine::walk(screens).await?));
    }
    at_most(
        "a step of a flow beside the phone, middle, ms",
        median(middles),
        STEP_MS,
    )
}

/// How soon a stop ends a flow, whatever it is in the middle of.
async fn stops() -> io::Result<bool> {
    let mut longest = 0.0_f64;
    for _ in 0..ROUNDS {
        for body in [
            "wait_for(\"profile_tab\", 400000);",
            "sleep(400000);",
            "loop { let x = 1; }",
            "try { sleep(400000); } catch (e) { } loop { }",
        ] {
            longest = longest.max(engine::stopped(body).await?.as_secs_f64());
        }
    }
    at_most("a stop has ended the flow, longest, s", longest, STOPPED_S)
}

/// The CPU that one call takes on this thread, in µs.
fn micros<T>(times: u32, mut call: impl FnMut() -> T) -> f64 {
    let before = cpu_nanos();
    for _ in 0..times {
        black_box(call());
    }
    (cpu_nanos() - before) / 1_000.0 / f64::from(times)
}

/// What this thread has used so far, to the nanosecond.
fn cpu_nanos() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}
