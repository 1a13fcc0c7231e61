//! `uiautomator dump`: waits until the screen is idle, writes the active window's hierarchy, says where. Most of its
//! failures are a line on stderr and exit code 0.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use super::{ExitCode, Process};
use crate::phone::fault::Fault;
use crate::phone::{Phone, files};
use crate::ui::DumpOptions;

/// The screen must be silent for so long …
const SILENCE: Duration = Duration::from_secs(1);
/// … within so long.
const PATIENCE: Duration = Duration::from_secs(10);
/// A virtual machine has to start.
const STARTING: Duration = Duration::from_millis(600);
const DEFAULT_FILE: &str = "/sdcard/window_dump.xml";

const USAGE: &str = "Usage: uiautomator <subcommand> [options]\n\nAvailable subcommands:\n\nhelp: displays help message\n\nruntest: executes UI automation tests\n    runtest <class spec> [options]\n\ndump: creates an XML dump of current UI hierarchy\n    dump [--verbose][file]\n      [--compressed]: dumps compressed layout information.\n      [file]: the location where the dumped XML should be stored, default is\n      /sdcard/window_dump.xml\n\nevents: prints out accessibility events until terminated\n";

/// UiAutomation while a program holds it.
pub(crate) struct Automation {
    phone: Arc<Phone>,
    ticket: u64,
}

impl Automation {
    /// None while another program holds it.
    pub(crate) fn take(phone: &Arc<Phone>) -> Option<Self> {
        let ticket = phone.ui().take_automation()?;
        Some(Self {
            phone: Arc::clone(phone),
            ticket,
        })
    }
}

impl Drop for Automation {
    fn drop(&mut self) {
        self.phone.ui().give_automation_back(self.ticket);
    }
}

/// What a second owner is told.
pub(crate) const REGISTERED: &str = "java.lang.IllegalStateException: UiAutomationService android.accessibilityservice.IAccessibilityServiceClient$Stub$Proxy@5deffd5already registered!\n\tat android.os.Parcel.createException(Parcel.java:1956)\n\tat android.app.UiAutomation.connect(UiAutomation.java:189)";

pub(super) async fn run(process: &mut Process) -> ExitCode {
    let words: Vec<String> = process.argv.iter().skip(1).cloned().collect();
    let args: Vec<&str> = words.iter().map(String::as_str).collect();
    let ["dump", rest @ ..] = args.as_slice() else {
        process.print(USAGE).await;
        return u8::from(!args.is_empty());
    };
    let compressed = rest.contains(&"--compressed");
    let path = rest
        .iter()
        .find(|word| !word.starts_with("--"))
        .map_or(DEFAULT_FILE, |path| path);
    let path = files::absolute(&process.cwd, path);
    let phone = Arc::clone(&process.phone);
    phone.spec.clock.sleep(STARTING).await;
    let Some(_automation) = Automation::take(&phone) else {
        process.eprintln(REGISTERED).await;
        return 1;
    };
    if phone.faults.has("dump_killed") {
        process.eprintln("Killed").await;
        return 137;
    }
    if let Some(Fault::DumpSlow { millis }) = phone.faults.get("dump_slow") {
        phone.spec.clock.sleep(Duration::from_millis(millis)).await;
    }
    if !idle(&phone).await {
        process.eprintln("ERROR: could not get idle state.").await;
        return 0;
    }
    let Some(xml) = hierarchy(&phone, compressed) else {
        process
            .eprintln("ERROR: null root node returned by UiTestAutomationBridge.")
            .await;
        return 0;
    };
    deliver(process, &path, &xml).await;
    0
}

async fn deliver(process: &mut Process, path: &str, xml: &str) {
    if path == "/dev/tty" {
        process.print(xml).await;
    } else {
        // The program logs what goes wrong here and says all the same that it is done.
        let written = process
            .phone
            .create_file(path, false)
            .and_then(|mut file| file.write_all(xml.as_bytes()));
        if let Err(error) = written {
            process.phone.log.write(
                'E',
                "uiautomator",
                &format!("failed to dump window to file: {error}"),
            );
        }
    }
    process.println(&format!("UI hierchary dumped to: {path}")).await;
}

/// Waits for a second in which nothing changes; false where there was none in time.
pub(crate) async fn idle(phone: &Phone) -> bool {
    let clock = &phone.spec.clock;
    let start = clock.now();
    let end = start + PATIENCE;
    loop {
        let (changed, moving) = {
            let ui = phone.ui();
            (
                ui.last_change().max(start),
                ui.animating() || phone.faults.has("no_idle"),
            )
        };
        let now = clock.now();
        if !moving && now >= changed + SILENCE {
            return true;
        }
        if now >= end {
            return false;
        }
        let next = if moving { now + SILENCE } else { changed + SILENCE };
        clock.sleep_until(next.min(end)).await;
    }
}

fn hierarchy(phone: &Phone, compressed: bool) -> Option<String> {
    let ui = phone.ui();
    if phone.faults.has("null_root") || !ui.screen_on() {
        return None;
    }
    if phone.faults.has("dump_stale") {
        return Some(ui.dump_stale(phone));
    }
    let options = DumpOptions {
        all_windows: false,
        compressed,
        max_depth: usize::MAX,
        resident: false,
    };
    Some(ui.dump_with(phone, options))
}
