//! What a hand can do to a phone, as data: the same words in the API, on the link and at the agent.

use crate::wire::codec::{Decode, Encode};

/// The longest text that is typed in one act, in characters.
pub const LONGEST_TEXT: usize = 10_000;
/// The longest URL that is opened, in bytes.
pub const LONGEST_URL: usize = 4_096;
/// The longest package name, in bytes.
pub const LONGEST_PACKAGE: usize = 255;
/// The longest time that a finger stays down, in milliseconds.
pub const LONGEST_TOUCH: u32 = 60_000;
/// Android's highest key number is far below; further ones can only be mistakes.
pub const HIGHEST_KEY: u16 = 999;

/// One act. Coordinates are pixels of the screen as it is turned now, from its top left.
///
/// Variants are only ever appended: their order is their number on the link.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum InputAct {
    // 0
    Tap {
        x: i32,
        y: i32,
    },
    // 1
    LongPress {
        x: i32,
        y: i32,
        millis: u32,
    },
    // 2
    Swipe {
        x1: i32,
        y1: i32,
        x2: i32,
        y2: i32,
        millis: u32,
    },
    // 3: into the field that has the focus; any Unicode.
    Text {
        text: String,
    },
    // 4: by Android's number.
    Key {
        code: u16,
    },
    // 5: in `package`, or in what the phone chooses.
    OpenUrl {
        url: String,
        package: Option<String>,
    },
    // 6
    StartApp {
        package: String,
    },
    // 7
    StopApp {
        package: String,
    },
}

/// An act that no phone could do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadAct {
    #[error("{name} is {value}: coordinates count from 0 at the top left")]
    Coordinate { name: &'static str, value: i32 },
    #[error("a touch of {0} ms: at most {LONGEST_TOUCH}")]
    Touch(u32),
    #[error("the text has {0} characters: at most {LONGEST_TEXT}")]
    Text(usize),
    #[error("key {0}: keys count from 1 to {HIGHEST_KEY}")]
    Key(u16),
    #[error("the URL has {0} bytes: at most {LONGEST_URL}")]
    Url(usize),
    #[error("{0:?} is not the name of an app: it is made of letters, digits, underscores and dots")]
    Package(String),
}

impl InputAct {
    /// Whether a phone could do it at all; what the screen makes of it only the phone knows.
    pub fn check(&self) -> Result<(), BadAct> {
        match self {
            Self::Tap { x, y } => on_screen(&[("x", *x), ("y", *y)]),
            Self::LongPress { x, y, millis } => {
                on_screen(&[("x", *x), ("y", *y)]).and_then(|()| touch(*millis))
            }
            Self::Swipe {
                x1,
                y1,
                x2,
                y2,
                millis,
            } => {
                on_screen(&[("x1", *x1), ("y1", *y1), ("x2", *x2), ("y2", *y2)]).and_then(|()| touch(*millis))
            }
            Self::Text { text } => match text.chars().count() {
                0..=LONGEST_TEXT => Ok(()),
                count => Err(BadAct::Text(count)),
            },
            Self::Key {
                code: 1..=HIGHEST_KEY,
            } => Ok(()),
            Self::Key { code } => Err(BadAct::Key(*code)),
            Self::OpenUrl { url, package: app } => {
                if url.len() > LONGEST_URL {
                    return Err(BadAct::Url(url.len()));
                }
                app.as_deref().map_or(Ok(()), package)
            }
            Self::StartApp { package: app } | Self::StopApp { package: app } => package(app),
        }
    }
}

fn on_screen(values: &[(&'static str, i32)]) -> Result<(), BadAct> {
    match values.iter().find(|(_, value)| *value < 0) {
        Some((name, value)) => Err(BadAct::Coordinate { name, value: *value }),
        None => Ok(()),
    }
}

fn touch(millis: u32) -> Result<(), BadAct> {
    if millis > LONGEST_TOUCH {
        Err(BadAct::Touch(millis))
    } else {
        Ok(())
    }
}

fn package(name: &str) -> Result<(), BadAct> {
    if is_package_name(name) {
        Ok(())
    } else {
        Err(BadAct::Package(name.to_owned()))
    }
}

/// Whether an app can be called so; what is called otherwise must not come near a phone's shell.
pub fn is_package_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= LONGEST_PACKAGE
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_act_that_no_phone_could_do_is_named() {
        assert!(InputAct::Tap { x: 0, y: 0 }.check().is_ok());
        assert_eq!(
            InputAct::Tap { x: 1, y: -2 }.check(),
            Err(BadAct::Coordinate { name: "y", value: -2 })
        );
        assert_eq!(InputAct::Key { code: 0 }.check(), Err(BadAct::Key(0)));
        assert!(
            InputAct::StartApp {
                package: "com.x; reboot".to_owned()
            }
            .check()
            .is_err()
        );
        assert!(
            InputAct::OpenUrl {
                url: "https://x".to_owned(),
                package: Some(String::new())
            }
            .check()
            .is_err()
        );
        assert!(
            InputAct::Text {
                text: "é".repeat(LONGEST_TEXT)
            }
            .check()
            .is_ok()
        );
        assert_eq!(
            InputAct::Text {
                text: "é".repeat(LONGEST_TEXT + 1)
            }
            .check(),
            Err(BadAct::Text(LONGEST_TEXT + 1))
        );
    }
}
