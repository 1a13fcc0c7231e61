//! Asks a phone who it is and how it is: a few combined command lines with markers between the answers, so that two
//! hundred phones cost little. What has come tells at once that the phone is alive, however slow the rest is.
//!
//! Knows how to ask; what the answers mean is `parse`'s business.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use shared::device::{Battery, Foreground, Identity, ScreenSize, Wakefulness};
use tokio::time::Instant;

use super::parse::{battery, component, power, props, size, window};
use super::{AdbError, AdbErrorKind, AdbPhone, Chunk, within};

/// How long a slow phone may take for all its facts.
const FACTS_DEADLINE: Duration = Duration::from_secs(20);

/// No deadline of its own: one stands above.
const MAX_DEADLINE: Duration = FACTS_DEADLINE;

/// How long it may take to say who it is.
const IDENTITY_DEADLINE: Duration = Duration::from_secs(8);

/// How long a phone may say nothing before it is asked whether it is there.
const QUIET: Duration = Duration::from_millis(1_800);

/// How long it may take to say that it is. `QUIET` and this one together with the pause between two readings stay
/// under the ten seconds in which a silent phone must be found.
const SIGN_OF_LIFE: Duration = Duration::from_millis(2_200);

/// The most that one reading may print, in bytes.
const MAX_READING: usize = 4 << 20;

/// What a phone says of itself once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhoItIs {
    pub identity: Identity,
    /// Its system is up; before that most other answers are errors.
    pub booted: bool,
}

/// What a phone says of itself again and again. What it did not say, or not so that it could be read, is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HowItIs {
    pub boot_id: String,
    pub battery: Option<Battery>,
    pub screen: Option<Wakefulness>,
    pub foreground: Option<Foreground>,
    pub screen_size: Option<ScreenSize>,
}

/// What has to be asked differently on this phone, learned from its answers.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ways {
    /// It has no `grep`: everything is fetched and sifted here.
    no_grep: bool,
    /// Its window manager does not tell the rotation.
    ask_input: bool,
}

/// When the phone last said anything.
#[derive(Debug)]
struct Heard(Mutex<Instant>);

impl Heard {
    fn now() -> Self {
        Self(Mutex::new(Instant::now()))
    }

    fn again(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn last(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the phone answers at all. An error is the end of its connection, or its silence.
pub async fn sign_of_life(phone: &AdbPhone) -> Result<(), AdbError> {
    phone.shell("echo d", SIGN_OF_LIFE).await.map(drop)
}

/// Whether a reading ended at its own deadline, while the phone went on giving signs of life.
pub fn took_too_long(error: &AdbError) -> bool {
    matches!(error.kind, AdbErrorKind::Deadline(deadline) if deadline == FACTS_DEADLINE)
}

/// Who the phone is. A phone that falls silent is an error well before the deadline of the whole.
pub async fn who_it_is(phone: &AdbPhone) -> Result<WhoItIs, AdbError> {
    const ASKED: [&str; 8] = [
        "getprop sys.boot_completed",
        "getprop ro.serialno",
        "getprop ro.product.manufacturer",
        "getprop ro.product.model",
        "getprop ro.build.version.release",
        "getprop ro.build.version.sdk",
        "cat /proc/sys/kernel/random/boot_id",
        "settings get secure android_id",
    ];
    let asked: Vec<String> = ASKED.iter().map(|&line| line.to_owned()).collect();
    let answers = alive(phone, async |heard| {
        ask(phone, &asked, IDENTITY_DEADLINE, heard).await
    })
    .await?;
    let answer = |at: usize| answers.parts.get(at).map_or("", String::as_str);
    Ok(WhoItIs {
        booted: !props::parse_prop(answer(0)).is_empty(),
        identity: Identity {
            serialno: props::parse_serialno(answer(1)),
            manufacturer: props::parse_prop(answer(2)),
            model: props::parse_prop(answer(3)),
            android: props::parse_prop(answer(4)),
            sdk: props::parse_prop(answer(5)).parse().unwrap_or(0),
            boot_id: props::parse_boot_id(answer(6)),
            android_id: props::parse_android_id(answer(7)),
        },
    })
}

/// Only what tells whether it is still the same phone in the same run of its system: for second connections.
pub async fn which_boot(phone: &AdbPhone) -> Result<String, AdbError> {
    let asked = ["cat /proc/sys/kernel/random/boot_id".to_owned()];
    let answers = alive(phone, async |heard| {
        ask(phone, &asked, FACTS_DEADLINE, heard).await
    })
    .await?;
    Ok(props::parse_boot_id(
        answers.parts.first().map_or("", String::as_str),
    ))
}

/// How the phone is. A phone that falls silent is an error well before the deadline of the whole.
pub async fn how_it_is(phone: &AdbPhone, ways: &mut Ways) -> Result<HowItIs, AdbError> {
    let mut asked = vec![
        "cat /proc/sys/kernel/random/boot_id".to_owned(),
        sifted(
            "dumpsys battery",
            &["level:", "scale:", "temperature:", "status:", "UPDATES STOPPED"],
            *ways,
        ),
        sifted("dumpsys power", &power::LINES, *ways),
        sifted("dumpsys window", &window::LINES, *ways),
        "wm size; wm density".to_owned(),
    ];
    if ways.ask_input {
        asked.push(sifted(
            "dumpsys input",
            &["SurfaceOrientation", "Orientation: Rotation"],
            *ways,
        ));
    }
    let answers = alive(phone, async |heard| {
        ask(phone, &asked, FACTS_DEADLINE, heard).await
    })
    .await?;
    if !ways.no_grep && answers.misses_grep() {
        ways.no_grep = true;
    }
    let answer = |at: usize| answers.parts.get(at).map_or("", String::as_str);
    let (power_text, window_text) = (answer(2), answer(3));
    let rotation = window::parse_rotation(window_text);
    ways.ask_input |= rotation.is_none() && !window_text.trim().is_empty();
    let rotation = rotation
        .or_else(|| window::parse_input_rotation(answer(5)))
        .unwrap_or(0);
    let on = power::parse_awake(power_text).or_else(|| window::parse_screen_on(window_text));
    let foreground = match window::parse_foreground(window_text) {
        // A dark screen has no focus; asking further would cost each sleeping phone a call more.
        None if on != Some(false) => resumed(phone, *ways).await?,
        found => found,
    };
    Ok(HowItIs {
        boot_id: props::parse_boot_id(answer(0)),
        battery: battery::parse_battery(answer(1)),
        screen: on.map(|on| Wakefulness {
            on,
            locked: window::parse_locked(window_text).unwrap_or(true),
        }),
        foreground,
        screen_size: size::parse_size(answer(4), rotation),
    })
}

/// The resumed activity, where the window manager names no focus.
async fn resumed(phone: &AdbPhone, ways: Ways) -> Result<Option<Foreground>, AdbError> {
    let asked = [sifted(
        "dumpsys activity activities",
        &["esumedActivity", "Resumed:", "mFocusedActivity"],
        ways,
    )];
    let answers = alive(phone, async |heard| {
        ask(phone, &asked, FACTS_DEADLINE, heard).await
    })
    .await?;
    let text = answers.parts.first().map_or("", String::as_str);
    Ok(component::parse_resumed(text).map(|found| Foreground {
        package: found.package,
        activity: Some(found.activity),
        window: None,
    }))
}

/// A dump, of which only the lines with these words are sent over. Plain words, several `-e`: every `grep` that
/// Android ever had can do that.
fn sifted(dump: &str, words: &[&str], ways: Ways) -> String {
    let mut line = dump.to_owned();
    if !ways.no_grep {
        line.push_str(" | grep");
        for word in words {
            let _ = write!(line, " -e '{word}'");
        }
    }
    line
}

/// Runs `work` while the phone shows signs of life.
async fn alive<T>(
    phone: &AdbPhone,
    work: impl AsyncFnOnce(&Heard) -> Result<T, AdbError>,
) -> Result<T, AdbError> {
    let heard = Heard::now();
    tokio::select! {
        biased;
        done = work(&heard) => done,
        silence = silence(phone, &heard) => Err(silence),
    }
}

/// Resolves once the phone says nothing any more, neither to the work nor to a question of its own: one command that
/// hangs is no dead phone.
async fn silence(phone: &AdbPhone, heard: &Heard) -> AdbError {
    loop {
        let quiet_until = heard.last() + QUIET;
        if Instant::now() < quiet_until {
            tokio::time::sleep_until(quiet_until).await;
            continue;
        }
        let asked_at = Instant::now();
        match sign_of_life(phone).await {
            Ok(()) => heard.again(),
            Err(_) if heard.last() > asked_at => {}
            Err(error) => return error,
        }
    }
}

/// What the parts of a combined command line printed.
#[derive(Debug)]
struct Answers {
    parts: Vec<String>,
    stderr: String,
}

impl Answers {
    fn misses_grep(&self) -> bool {
        let says = |text: &str| {
            text.lines()
                .any(|line| line.contains("grep") && line.contains("not found"))
        };
        says(&self.stderr) || self.parts.iter().any(|part| says(part))
    }
}

/// Runs command lines in one call and tells their outputs apart.
async fn ask(
    phone: &AdbPhone,
    lines: &[String],
    deadline: Duration,
    heard: &Heard,
) -> Result<Answers, AdbError> {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    let marker = |at: usize| format!("@drover-{call}-{at}@");
    let mut combined = String::new();
    for (at, line) in lines.iter().enumerate() {
        let _ = write!(combined, "echo {}; {line}; ", marker(at));
    }
    let _ = write!(combined, "echo {}", marker(lines.len()));
    within(deadline, "read its facts", &phone.transport, async {
        let (stdout, stderr) = listen(phone, &combined, heard).await?;
        let parts = cut(&stdout, lines.len(), marker)
            .ok_or_else(|| AdbErrorKind::Protocol("the facts break off".to_owned()))?;
        Ok(Answers { parts, stderr })
    })
    .await
}

async fn listen(phone: &AdbPhone, line: &str, heard: &Heard) -> Result<(String, String), AdbErrorKind> {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut shell = phone
        .spawn(line, MAX_DEADLINE)
        .await
        .map_err(|error| error.kind)?;
    while let Some(chunk) = shell.next().await.map_err(|error| error.kind)? {
        heard.again();
        match chunk {
            Chunk::Stdout(bytes) => stdout.extend_from_slice(&bytes),
            Chunk::Stderr(bytes) => stderr.extend_from_slice(&bytes),
            Chunk::Exit(_) => break,
        }
        if stdout.len() + stderr.len() > MAX_READING {
            return Err(AdbErrorKind::TooLarge(MAX_READING as u64));
        }
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace('\r', "");
    Ok((text(&stdout), text(&stderr)))
}

/// The texts between the markers; `None` where one is missing.
fn cut(text: &str, count: usize, marker: impl Fn(usize) -> String) -> Option<Vec<String>> {
    let (_, mut rest) = text.split_once(&marker(0))?;
    let mut parts = Vec::with_capacity(count);
    for at in 1..=count {
        let (part, behind) = rest.split_once(&marker(at))?;
        parts.push(part.trim_start_matches('\n').to_owned());
        rest = behind;
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn marker(at: usize) -> String {
        format!("@{at}@")
    }

    #[test]
    fn answers_are_told_apart_by_their_markers() {
        let parts = cut("noise\n@0@\nfirst\n@1@\n@2@\n", 2, marker).unwrap();
        assert_eq!(parts, ["first\n", ""]);
        let glued = cut("@0@\nno newline@1@\nx\n@2@\n", 2, marker).unwrap();
        assert_eq!(glued[0], "no newline");
    }

    #[test]
    fn an_answer_that_breaks_off_is_none() {
        assert_eq!(cut("@0@\nfirst\n@1@\nsec", 2, marker), None);
    }

    proptest! {
        #[test]
        fn nothing_printed_makes_it_panic(text in "(@[0-9]@|\\PC|\n)*") {
            cut(&text, 3, marker);
        }
    }
}
