//! The driver that needs nothing on the phone: `uiautomator dump` to read, `input` to act.
//!
//! The dump's traps: it exits with 0 when it fails, leaves an old file behind, needs a second of silence within
//! ten, and sometimes shows the app that was in front before. Each is met here, so that callers see a tree that
//! belongs to the window in front, or an error.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use shared::screen::{Screen, ScreenError};

use super::keyboard::Keyboard;
use super::{Driver, accepted, arrival, uncertain, unreachable};
use crate::adb::{AdbPhone, parse, quote};
use crate::device::{DeviceError, Hierarchy, Key};

/// The idle wait alone may take 10 s, the tree of a busy phone as long again.
const DUMP_DEADLINE: Duration = Duration::from_secs(25);
/// `input` starts a Java process: a slow phone takes seconds.
const INPUT_DEADLINE: Duration = Duration::from_secs(15);
/// How often a dump that shows another app than the one in front is taken again.
const STALE_RETRIES: u32 = 3;
/// One `input text` at a time; the rest of a long text follows in further ones.
const LONGEST_INPUT: usize = 400;

/// Keys that one `input keyevent` presses: each takes a few milliseconds on the phone.
const KEYS_A_CALL: usize = 100;
const FORWARD_DELETE: Key = Key::Code(112);

/// Drives one phone.
#[derive(Debug)]
pub struct Plain {
    phone: AdbPhone,
    dumps: AtomicU64,
}

impl Plain {
    pub fn new(phone: AdbPhone) -> Self {
        Self {
            phone,
            dumps: AtomicU64::new(0),
        }
    }

    async fn dump_once(&self) -> Result<Hierarchy, DeviceError> {
        let number = self.dumps.fetch_add(1, Ordering::Relaxed);
        let mark = format!("--drover-{}-{number}--", std::process::id());
        let line = format!(
            "d=/data/local/tmp; [ -w $d ] || d=/sdcard; f=$d/drover-{}-{number}.xml; rm -f $d/drover-*.xml; \
             uiautomator dump $f; c=$?; echo; echo {mark}$c; cat $f; rm -f $f; echo; echo {mark}; \
             {}",
            std::process::id(),
            parse::window::ASK_FOCUS
        );
        let output = self
            .phone
            .shell(&line, DUMP_DEADLINE)
            .await
            .map_err(unreachable("reading the screen"))?;
        let stdout = output.stdout_text();
        let mut parts = stdout.split(&*mark);
        let said = parts.next().unwrap_or_default();
        let xml = parts.next().unwrap_or_default();
        let focus = parts.next().unwrap_or_default();
        let said = format!("{said}\n{}", output.stderr_text());
        let (code, xml) = xml.split_once('\n').unwrap_or((xml, ""));
        let hierarchy = judge_dump(&said, code.trim(), xml)?;
        match stale(&hierarchy.screen, focus) {
            Some(error) => Err(error),
            None => Ok(Hierarchy {
                focus: Some(parse::window::focus_mark(focus)),
                ..hierarchy
            }),
        }
    }

    async fn act(&self, doing: &str, line: &str) -> Result<(), DeviceError> {
        let output = self
            .phone
            .shell(line, INPUT_DEADLINE)
            .await
            .map_err(uncertain(doing))?;
        accepted(doing, &output)
    }
}

/// Tells a dump from the ways in which it fails, all of them with exit code 0.
fn judge_dump(said: &str, code: &str, xml: &str) -> Result<Hierarchy, DeviceError> {
    if said.contains("could not get idle state") {
        return Err(DeviceError::NotIdle);
    }
    if said.contains("null root node") {
        return Err(DeviceError::NoWindow);
    }
    if said.contains("already registered") {
        return Err(DeviceError::Occupied);
    }
    if code == "137" {
        return Err(DeviceError::Killed);
    }
    if !said.contains("dumped to") {
        let said = said
            .lines()
            .map(str::trim)
            .find(|line| !line.is_empty())
            .unwrap_or("nothing");
        return Err(DeviceError::Refused {
            doing: "reading the screen".to_owned(),
            said: format!("{said} (exit code {code})"),
            advice: None,
        });
    }
    match Screen::parse(xml) {
        Ok(screen) => {
            let end = xml
                .rfind("</hierarchy>")
                .map_or(xml.len(), |at| at + "</hierarchy>".len());
            Ok(Hierarchy {
                xml: xml[..end].trim_start().to_owned(),
                screen,
                focus: None,
            })
        }
        Err(ScreenError::Empty) => Err(DeviceError::NoWindow),
        Err(error) => Err(DeviceError::BadDump(error)),
    }
}

/// A dump of windows among which the focused app is not.
fn stale(screen: &Screen, focus: &str) -> Option<DeviceError> {
    let front = parse::window::parse_foreground(focus)?;
    let dumped = screen.packages();
    let belongs =
        front.package.is_empty() || front.activity.is_none() || dumped.contains(&front.package.as_str());
    (!belongs).then(|| DeviceError::StaleDump {
        front: front.package,
        dumped: dumped.join(", "),
    })
}

/// The commands that type `text` with `input`, or `None` where it has characters that `input` cannot send.
fn input_lines(text: &str) -> Option<Vec<String>> {
    let mut lines = Vec::new();
    let mut run = String::new();
    let flush = |run: &mut String, lines: &mut Vec<String>| {
        if !run.is_empty() {
            lines.push(format!("input text {}", quote(run)));
            run.clear();
        }
    };
    for c in text.chars() {
        match c {
            '\n' | '\t' => {
                flush(&mut run, &mut lines);
                let key = if c == '\n' { Key::Enter } else { Key::Tab };
                lines.push(format!("input keyevent {}", key.code()));
            }
            ' ' => run.push_str("%s"),
            // `input` reads `%s` as a blank and knows no escape: the two must go in different commands.
            's' if run.ends_with('%') => {
                flush(&mut run, &mut lines);
                run.push('s');
            }
            ' '..='~' => run.push(c),
            _ => return None,
        }
        if run.len() >= LONGEST_INPUT && !run.ends_with('%') {
            flush(&mut run, &mut lines);
        }
    }
    flush(&mut run, &mut lines);
    Some(lines)
}

#[async_trait]
impl Driver for Plain {
    async fn hierarchy(&self) -> Result<Hierarchy, DeviceError> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.dump_once().await {
                Err(DeviceError::StaleDump { .. } | DeviceError::NoWindow) if tries <= STALE_RETRIES => {}
                // A killed tool and a bad file are worth one more look.
                Err(DeviceError::Killed | DeviceError::BadDump(_) | DeviceError::Refused { .. })
                    if tries <= 1 => {}
                result => return result,
            }
        }
    }

    async fn tap(&self, x: i32, y: i32) -> Result<(), DeviceError> {
        self.act(&format!("tapping {x},{y}"), &format!("input tap {x} {y}"))
            .await
    }

    async fn long_press(&self, x: i32, y: i32, hold: Duration) -> Result<(), DeviceError> {
        // A swipe that stays where it is; `input` has no press with a length.
        let line = format!("input swipe {x} {y} {x} {y} {}", hold.as_millis());
        self.act(&format!("pressing {x},{y}"), &line).await
    }

    async fn swipe(&self, from: (i32, i32), to: (i32, i32), time: Duration) -> Result<(), DeviceError> {
        let line = format!(
            "input swipe {} {} {} {} {}",
            from.0,
            from.1,
            to.0,
            to.1,
            time.as_millis()
        );
        self.act(
            &format!("swiping from {},{} to {},{}", from.0, from.1, to.0, to.1),
            &line,
        )
        .await
    }

    async fn key(&self, key: Key) -> Result<(), DeviceError> {
        self.act(
            &format!("pressing key {key:?}"),
            &format!("input keyevent {}", key.code()),
        )
        .await
    }

    async fn insert_text(&self, text: &str) -> Result<(), DeviceError> {
        let Some(lines) = input_lines(text) else {
            return Keyboard::find(&self.phone).await?.type_text(text).await;
        };
        for line in lines {
            self.act("typing", &line).await?;
        }
        Ok(())
    }

    async fn clear_text(&self) -> Result<(), DeviceError> {
        // Deleting and looking again: a field may hold more than its dump shows.
        for _ in 0..3 {
            let hierarchy = self.hierarchy().await?;
            let Some(field) = arrival::focused_field(&hierarchy.screen) else {
                return Err(DeviceError::NoFocus);
            };
            let count = arrival::field_text(&field)
                .chars()
                .map(char::len_utf16)
                .sum::<usize>();
            if count == 0 {
                return Ok(());
            }
            // The caret may stand anywhere: delete backwards and forwards from it.
            for key in [Key::Delete, FORWARD_DELETE] {
                for done in (0..count).step_by(KEYS_A_CALL) {
                    let keys = format!(" {}", key.code()).repeat(KEYS_A_CALL.min(count - done));
                    self.act("clearing the field", &format!("input keyevent{keys}"))
                        .await?;
                }
            }
            // A field without a placeholder attribute shows its placeholder as text: unchanged means empty.
            let after = self.hierarchy().await?;
            if arrival::focused_field(&after.screen).is_some_and(|after| after.text() == field.text()) {
                return Ok(());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_in_which_a_dump_fails_is_told_apart() {
        assert!(matches!(
            judge_dump("ERROR: could not get idle state.", "0", ""),
            Err(DeviceError::NotIdle)
        ));
        assert!(matches!(
            judge_dump(
                "ERROR: null root node returned by UiTestAutomationBridge.",
                "0",
                ""
            ),
            Err(DeviceError::NoWindow)
        ));
        assert!(matches!(
            judge_dump(
                "java.lang.IllegalStateException: UiAutomationService … already registered!",
                "1",
                ""
            ),
            Err(DeviceError::Occupied)
        ));
        assert!(matches!(
            judge_dump("Killed", "137", ""),
            Err(DeviceError::Killed)
        ));
        let cut = "<?xml version='1.0'?><hierarchy rotation=\"0\"><node ";
        assert!(matches!(
            judge_dump("UI hierchary dumped to: /x", "0", cut),
            Err(DeviceError::BadDump(_))
        ));
    }

    #[test]
    fn either_spelling_of_the_success_marker_is_a_dump() {
        let xml = "<?xml version='1.0' ?><hierarchy rotation=\"0\"><node package=\"p\" bounds=\"[0,0][1,1]\"/></hierarchy>\n";
        for said in ["UI hierchary dumped to: /x", "UI hierarchy dumped to: /x"] {
            let hierarchy = judge_dump(said, "0", xml).unwrap();
            assert!(hierarchy.xml.ends_with("</hierarchy>"));
        }
    }

    #[test]
    fn a_dump_of_another_app_than_the_one_in_front_is_stale() {
        let launcher =
            Screen::parse("<hierarchy><node package=\"launcher\" bounds=\"[0,0][1,1]\"/></hierarchy>")
                .unwrap();
        let front = "  mCurrentFocus=Window{3b2c1a8 u0 com.example.notes/com.example.notes.MainActivity}";
        assert!(matches!(
            stale(&launcher, front),
            Some(DeviceError::StaleDump { .. })
        ));
        assert!(
            stale(&launcher, "  mCurrentFocus=Window{3b u0 NotificationShade}").is_none(),
            "a system window decides nothing"
        );
        assert!(stale(&launcher, "").is_none());
    }

    #[test]
    fn text_goes_to_input_quoted_and_in_pieces() {
        assert_eq!(input_lines("a b").unwrap(), ["input text 'a%sb'"]);
        assert_eq!(
            input_lines("100%s").unwrap(),
            ["input text '100%'", "input text 's'"]
        );
        assert_eq!(
            input_lines("it's\n$HOME").unwrap(),
            ["input text 'it'\\''s'", "input keyevent 66", "input text '$HOME'"]
        );
        assert_eq!(input_lines("Grüße"), None);
        assert_eq!(input_lines("").unwrap(), Vec::<String>::new());
        let long = "x".repeat(1000);
        assert!(
            input_lines(&long)
                .unwrap()
                .iter()
                .all(|line| line.len() < LONGEST_INPUT + 20)
        );
    }
}
