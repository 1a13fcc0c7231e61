//! Measures the reading and writing of a sheet of 100,000 accounts beside the libraries that people know and beside the
//! bare crates below, and prints each figure with its goal; ends with 1 where one is missed. Every turn is a process of
//! its own; the programs take turns, and medians are quoted. Run by `make bench`, as a release build.
//!
//!     sheet_figures [ROWS [TURNS]]

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use farm::figures::{at_least, at_most, ended, median, say};
use serde_json::Value;

const ROWS: &str = "100000";
const TURNS: u32 = 3;

/// How many times the bare crate's processor time may be taken.
const READ_TO_BARE: f64 = 1.3;
const WRITE_TO_BARE: f64 = 1.3;
/// How many times as quick as these libraries.
const READ_TO_OPENPYXL: f64 = 9.0;
const READ_TO_SHEETJS: f64 = 4.0;
const WRITE_TO_EXCELJS: f64 = 2.0;
const READ_MB: f64 = 100.0;
const WRITE_MB: f64 = 40.0;

type Failure = Box<dyn Error>;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let rows = arguments.next().unwrap_or_else(|| ROWS.to_owned());
    let turns = arguments
        .next()
        .and_then(|turns| turns.parse().ok())
        .unwrap_or(TURNS);
    ended(measure(&rows, turns))
}

/// A program at one of the two works.
struct Rival {
    name: &'static str,
    command: Vec<String>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Cost {
    cpu_s: f64,
    peak_mb: f64,
}

fn measure(rows: &str, turns: u32) -> Result<bool, Failure> {
    let folder = tempfile::Builder::new().prefix("sheets").tempdir()?;
    let place = Place::new(folder.path())?;
    let data = place.path("rows.json");
    run(&place.probe(&["rows", &data, rows]))?;
    // Read what another program saved, with shared strings, as Excel's own files have them.
    let foreign = place.path("foreign.xlsx");
    run(&place.node("sheetjs", "write", &foreign, Some(&data)))?;
    let own = place.path("own.xlsx");
    run(&place.probe(&["write", "xlsx", &own, rows]))?;

    let reading = contest("reading", rows, turns, &reading(&place, &foreign, &own))?;
    let writing = contest("writing", rows, turns, &writing(&place, &data, rows))?;
    let cpu = |costs: &Costs, name: &str| costs.get(name).map_or(f64::NAN, |cost| cost.cpu_s);
    let mut good = true;
    let read = cpu(&reading, "drover");
    good &= at_most(
        "reading, times calamine's cell reader",
        read / cpu(&reading, "calamine alone"),
        READ_TO_BARE,
    )?;
    let own_ratio = cpu(&reading, "drover, own file") / cpu(&reading, "calamine alone, own file");
    good &= at_most(
        "reading its own export, times calamine's cell reader",
        own_ratio,
        READ_TO_BARE,
    )?;
    good &= at_least(
        "reading, times as quick as openpyxl",
        cpu(&reading, "openpyxl") / read,
        READ_TO_OPENPYXL,
    )?;
    good &= at_least(
        "reading, times as quick as SheetJS",
        cpu(&reading, "SheetJS") / read,
        READ_TO_SHEETJS,
    )?;
    good &= at_most(
        "reading, peak MB",
        reading.get("drover").map_or(f64::NAN, |cost| cost.peak_mb),
        READ_MB,
    )?;
    let write = cpu(&writing, "drover");
    good &= at_most(
        "writing, times rust_xlsxwriter",
        write / cpu(&writing, "rust_xlsxwriter alone"),
        WRITE_TO_BARE,
    )?;
    good &= at_least(
        "writing, times as quick as exceljs",
        cpu(&writing, "exceljs") / write,
        WRITE_TO_EXCELJS,
    )?;
    good &= at_most(
        "writing, peak MB",
        writing.get("drover").map_or(f64::NAN, |cost| cost.peak_mb),
        WRITE_MB,
    )?;
    Ok(good)
}

fn reading(place: &Place, foreign: &str, own: &str) -> Vec<Rival> {
    vec![
        Rival {
            name: "drover",
            command: place.probe(&["count", foreign]),
        },
        Rival {
            name: "calamine alone",
            command: place.probe(&["count-bare", foreign]),
        },
        Rival {
            name: "drover, own file",
            command: place.probe(&["count", own]),
        },
        Rival {
            name: "calamine alone, own file",
            command: place.probe(&["count-bare", own]),
        },
        Rival {
            name: "openpyxl",
            command: place.python("openpyxl", "read", foreign, None),
        },
        Rival {
            name: "pandas with calamine",
            command: place.python("pandas", "read", foreign, None),
        },
        Rival {
            name: "SheetJS",
            command: place.node("sheetjs", "read", foreign, None),
        },
        Rival {
            name: "exceljs",
            command: place.node("exceljs", "read", foreign, None),
        },
    ]
}

fn writing(place: &Place, data: &str, rows: &str) -> Vec<Rival> {
    let out = place.path("out.xlsx");
    vec![
        Rival {
            name: "drover",
            command: place.probe(&["write", "xlsx", &out, rows]),
        },
        Rival {
            name: "rust_xlsxwriter alone",
            command: place.probe(&["write-bare", &out, rows]),
        },
        Rival {
            name: "drover, csv",
            command: place.probe(&["write", "csv", &out, rows]),
        },
        Rival {
            name: "drover, ods",
            command: place.probe(&["write", "ods", &out, rows]),
        },
        Rival {
            name: "openpyxl",
            command: place.python("openpyxl", "write", &out, Some(data)),
        },
        Rival {
            name: "pandas",
            command: place.python("pandas", "write", &out, Some(data)),
        },
        Rival {
            name: "SheetJS",
            command: place.node("sheetjs", "write", &out, Some(data)),
        },
        Rival {
            name: "exceljs",
            command: place.node("exceljs", "write", &out, Some(data)),
        },
    ]
}

type Costs = BTreeMap<&'static str, Cost>;

/// Lets all of them take turns, and prints the medians.
fn contest(work: &str, rows: &str, turns: u32, rivals: &[Rival]) -> Result<Costs, Failure> {
    let mut costs: BTreeMap<&'static str, Vec<Cost>> = BTreeMap::new();
    for _ in 0..turns {
        for rival in rivals {
            costs.entry(rival.name).or_default().push(run(&rival.command)?);
        }
    }
    let mut medians = Costs::new();
    for rival in rivals {
        let taken = costs.remove(rival.name).unwrap_or_default();
        let median = Cost {
            cpu_s: median(taken.iter().map(|cost| cost.cpu_s)),
            peak_mb: median(taken.iter().map(|cost| cost.peak_mb)),
        };
        say(&format!(
            "{work} {rows} rows, {}: {:.2} s of the processor, {:.0} MB",
            rival.name, median.cpu_s, median.peak_mb
        ))?;
        medians.insert(rival.name, median);
    }
    Ok(medians)
}

fn run(command: &[String]) -> Result<Cost, Failure> {
    let (program, arguments) = command.split_first().ok_or("no command")?;
    let output = Command::new(program)
        .args(arguments)
        .env("NODE_PATH", root().join("target/test-node/node_modules"))
        .output()
        .map_err(|error| {
            format!("{program} cannot be started: {error}; tests/prepare.sh installs what is needed")
        })?;
    if !output.status.success() {
        return Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let told: Value = serde_json::from_slice(&output.stdout)?;
    let figure = |name: &str| {
        told[name]
            .as_f64()
            .ok_or_else(|| format!("{command:?} does not tell {name}"))
    };
    Ok(Cost {
        cpu_s: figure("cpu_s")?,
        peak_mb: figure("peak_mb")?,
    })
}

/// Where everything lies.
struct Place {
    folder: PathBuf,
    probe: PathBuf,
}

impl Place {
    fn new(folder: &Path) -> Result<Self, Failure> {
        let probe = std::env::current_exe()?.with_file_name("sheet_probe");
        if !probe.exists() {
            return Err(format!("{} is missing: build sheet_probe first", probe.display()).into());
        }
        Ok(Self {
            folder: folder.to_owned(),
            probe,
        })
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    fn probe(&self, arguments: &[&str]) -> Vec<String> {
        let mut command = vec![self.probe.display().to_string()];
        command.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        command
    }

    fn python(&self, program: &str, what: &str, file: &str, data: Option<&str>) -> Vec<String> {
        peer(
            "target/test-python/bin/python",
            "tests/sheets/peer.py",
            [program, what, file],
            data,
        )
    }

    fn node(&self, program: &str, what: &str, file: &str, data: Option<&str>) -> Vec<String> {
        let mut command = peer("node", "tests/sheets/peer.cjs", [program, what, file], data);
        "node".clone_into(&mut command[0]);
        command
    }
}

fn peer(runtime: &str, script: &str, arguments: [&str; 3], data: Option<&str>) -> Vec<String> {
    let mut command = [runtime, script]
        .map(|path| root().join(path).display().to_string())
        .to_vec();
    command.extend(arguments.into_iter().chain(data).map(str::to_owned));
    command
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}
