//! Typing what `input` cannot: a keyboard app on the phone that takes its text from broadcasts.
//!
//! The keyboard that the phone's owner had chosen comes back afterwards, also after a failure, and also after a
//! crash of the agent: its name waits in a file on the phone until it is set again ([`restore_left_behind`]).

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::{accepted, uncertain, unreachable};
use crate::adb::{AdbPhone, quote};
use crate::device::DeviceError;

const DEADLINE: Duration = Duration::from_secs(15);
/// Bytes of text in one broadcast; longer ones were seen to be cut.
const CHUNK: usize = 420;
/// Where the owner's keyboard is written down while another one types.
const MEMO: &str = "/data/local/tmp/drover-keyboard";
/// A keyboard takes a moment to come up after it was chosen.
const UP_TRIES: u32 = 20;

/// A keyboard app and the words it understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kind {
    id: &'static str,
    input: &'static str,
    extra: &'static str,
    /// It answers a broadcast that it has handled.
    answers: bool,
}

const KINDS: [Kind; 2] = [
    Kind {
        id: "com.github.uiautomator/.AdbKeyboard",
        input: "ADB_KEYBOARD_INPUT_TEXT",
        extra: "text",
        answers: true,
    },
    Kind {
        id: "com.android.adbkeyboard/.AdbIME",
        input: "ADB_INPUT_B64",
        extra: "msg",
        answers: false,
    },
];

/// A typing keyboard that this phone has.
#[derive(Debug)]
pub struct Keyboard<'a> {
    phone: &'a AdbPhone,
    kind: Kind,
}

impl<'a> Keyboard<'a> {
    /// Looks which typing keyboard is installed.
    pub async fn find(phone: &'a AdbPhone) -> Result<Self, DeviceError> {
        let output = phone
            .shell("ime list -s -a", DEADLINE)
            .await
            .map_err(unreachable("listing keyboards"))?;
        let listed = output.stdout_text();
        let kind = KINDS
            .into_iter()
            .find(|kind| listed.lines().any(|line| line.trim() == kind.id));
        kind.map(|kind| Self { phone, kind }).ok_or_else(|| {
            DeviceError::NoKeyboard(
                "run `drover-agent prepare` for it, which installs one, or use the resident driver"
                    .to_owned(),
            )
        })
    }

    /// Types `text` through the keyboard and sets the owner's keyboard again, whatever happened in between.
    pub async fn type_text(&self, text: &str) -> Result<(), DeviceError> {
        // On a task of its own: a caller that gives up must not leave the phone with our keyboard.
        let (phone, kind, text) = (self.phone.clone(), self.kind, text.to_owned());
        let typing = tokio::spawn(async move {
            let typed = match choose(&phone, kind).await {
                Ok(()) => send(&phone, kind, &text).await,
                Err(error) => Err(error),
            };
            let restored = restore_left_behind(&phone).await;
            typed.and(restored.map(drop))
        });
        match typing.await {
            Ok(result) => result,
            Err(_) => Err(DeviceError::NoKeyboard(
                "typing was ended from outside".to_owned(),
            )),
        }
    }
}

/// Writes the owner's keyboard down, then chooses ours and waits until it is up.
async fn choose(phone: &AdbPhone, kind: Kind) -> Result<(), DeviceError> {
    let id = quote(kind.id);
    let line = format!(
        "old=$(settings get secure default_input_method); \
         if [ \"$old\" != {id} ]; then echo \"$old\" > {MEMO} || exit 9; fi; \
         ime enable {id}; ime set {id}"
    );
    let output = phone
        .shell(&line, DEADLINE)
        .await
        .map_err(unreachable("choosing the typing keyboard"))?;
    accepted("choosing the typing keyboard", &output)?;
    for _ in 0..UP_TRIES {
        let up = "settings get secure default_input_method; dumpsys input_method | { grep -e mCurId= -e mCurMethodId= -e mHaveConnection= 2>/dev/null || cat; }";
        let output = phone
            .shell(up, DEADLINE)
            .await
            .map_err(unreachable("waiting for the typing keyboard"))?;
        let said = output.stdout_text();
        let mut lines = said.lines().map(str::trim);
        let chosen = lines.next() == Some(kind.id);
        // Older and newer builds name the bound keyboard differently; what is not printed is not waited for.
        let bound = said.lines().all(|line| !line.contains("mHaveConnection=false"))
            && said
                .lines()
                .filter(|line| line.contains("mCurId="))
                .all(|line| line.contains(kind.id));
        if chosen && bound {
            return Ok(());
        }
    }
    Err(DeviceError::Refused {
        doing: "choosing the typing keyboard".to_owned(),
        said: format!("{} does not become the phone's keyboard", kind.id),
        advice: Some(
            "some makers forbid it over USB until it is chosen by hand once, in the phone's language and keyboard settings",
        ),
    })
}

async fn send(phone: &AdbPhone, kind: Kind, text: &str) -> Result<(), DeviceError> {
    for chunk in chunks(text) {
        let line = format!(
            "am broadcast -a {} --es {} {}",
            kind.input,
            kind.extra,
            quote(&BASE64_STANDARD.encode(chunk))
        );
        let output = phone
            .shell(&line, DEADLINE)
            .await
            .map_err(uncertain("typing by keyboard"))?;
        accepted("typing by keyboard", &output)?;
        if kind.answers && !output.stdout_text().contains("result=-1") {
            return Err(DeviceError::Refused {
                doing: "typing by keyboard".to_owned(),
                said: "the keyboard did not take the text".to_owned(),
                advice: Some(
                    "no field has the focus, or the keyboard is not up: tap the field and try again",
                ),
            });
        }
    }
    Ok(())
}

/// Sets the owner's keyboard again where one is written down; tells which. Called after each typing and when
/// somebody begins to hold a phone, for what a killed agent left behind.
pub async fn restore_left_behind(phone: &AdbPhone) -> Result<Option<String>, DeviceError> {
    let doing = "setting the owner's keyboard again";
    let output = phone
        .shell(&format!("cat {MEMO} 2>/dev/null"), DEADLINE)
        .await
        .map_err(unreachable(doing))?;
    let owners = output.stdout_text().trim().to_owned();
    if owners.is_empty() {
        return Ok(None);
    }
    // "null" is how `settings get` says that none was chosen.
    let set = if owners == "null" {
        "ime reset".to_owned()
    } else {
        format!("ime set {}", quote(&owners))
    };
    let line = format!("{set}; echo; settings get secure default_input_method");
    let output = phone.shell(&line, DEADLINE).await.map_err(unreachable(doing))?;
    let now = output
        .stdout_text()
        .lines()
        .last()
        .unwrap_or_default()
        .trim()
        .to_owned();
    let ours = KINDS.iter().any(|kind| kind.id == now);
    if now == owners || (owners == "null" && !ours) {
        phone
            .shell(&format!("rm -f {MEMO}"), DEADLINE)
            .await
            .map_err(unreachable(doing))?;
        Ok(Some(owners))
    } else {
        Err(DeviceError::Refused {
            doing: doing.to_owned(),
            said: format!("the phone keeps {now}"),
            advice: Some(
                "choose the keyboard by hand in the phone's settings; the agent tries again at its next typing",
            ),
        })
    }
}

/// Cuts at character boundaries.
fn chunks(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut end = CHUNK.min(rest.len());
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let (chunk, behind) = rest.split_at(end);
        rest = behind;
        Some(chunk)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_characters() {
        let text = "你好👋".repeat(200);
        let pieces: Vec<_> = chunks(&text).collect();
        assert!(pieces.len() > 1 && pieces.iter().all(|piece| piece.len() <= CHUNK));
        assert_eq!(pieces.concat(), text);
        assert_eq!(chunks("").count(), 0);
    }
}
