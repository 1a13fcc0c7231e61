//! `input`: taps, swipes, keys and text, as if fingers and a keyboard did it. What goes wrong is worded as the
//! phone's Android does: a program of its own up to Android 9, a command of the system server since.

use std::time::Duration;

use super::{Answer, ExitCode, Process};
use crate::app::settings::input_allowed;
use crate::phone::{Input, Phone};
use crate::ui::{Point, code_of};

const SOURCES: &[&str] = &[
    "dpad",
    "keyboard",
    "mouse",
    "touchpad",
    "gamepad",
    "touchnavigation",
    "joystick",
    "touchscreen",
    "stylus",
    "trackball",
    "rotaryencoder",
];

const COMMANDS: &str = "\
      text <string> (Default: keyboard)
      keyevent [--longpress] <key code number or name> ... (Default: keyboard)
      tap <x> <y> (Default: touchscreen)
      swipe <x1> <y1> <x2> <y2> [duration(ms)] (Default: touchscreen)
      draganddrop <x1> <y1> <x2> <y2> [duration(ms)] (Default: touchscreen)
      press (Default: trackball)
      roll <dx> <dy> (Default: trackball)
";

/// What is to be done.
#[derive(Debug, PartialEq)]
enum Act {
    Tap(Point),
    Swipe(Point, Point, u64),
    Drag(Point, Point, u64),
    Keys(Vec<u32>, bool),
    Text(String),
    /// A trackball that nobody has: accepted, without effect.
    Nothing,
}

/// Why it cannot be done.
#[derive(Debug, PartialEq)]
enum Refusal {
    Usage,
    Unknown(String),
    Arguments(String),
    Missing(String),
}

pub(super) async fn run(process: &mut Process) -> ExitCode {
    let sdk = process.phone.spec.personality.sdk;
    let act = match parse(&process.args(), sdk) {
        Ok(act) => act,
        Err(refusal) => return process.say(|_, _| refused(&refusal, sdk)).await,
    };
    let clock = process.phone.spec.clock.clone();
    // A program of its own has a virtual machine to start; a command of the system server has not.
    clock
        .sleep(Duration::from_millis(if sdk < 28 { 400 } else { 60 }))
        .await;
    if let Act::Text(text) = &act
        && !text.is_ascii()
    {
        let what = "java.lang.NullPointerException: Attempt to get length of null array";
        return process.say(|_, _| thrown("text", what, sdk)).await;
    }
    if !input_allowed(&process.phone) {
        let what = if sdk >= 33 {
            "java.lang.SecurityException: Injecting input events requires the caller (or the source of the instrumentation, if any) to have the INJECT_EVENTS permission."
        } else {
            "java.lang.SecurityException: Injecting to another application requires INJECT_EVENTS permission"
        };
        return process.say(|_, _| thrown(name(&act), what, sdk)).await;
    }
    let takes = match &act {
        Act::Swipe(_, _, millis) | Act::Drag(_, _, millis) => Duration::from_millis(*millis),
        _ => Duration::ZERO,
    };
    record(&process.phone, &act);
    clock.sleep(takes).await;
    perform(&process.phone, act);
    0
}

fn perform(phone: &Phone, act: Act) {
    let mut ui = phone.ui();
    match act {
        Act::Tap(at) => ui.tap(phone, at),
        Act::Swipe(from, to, millis) | Act::Drag(from, to, millis) => ui.swipe(phone, from, to, millis),
        Act::Keys(codes, true) => codes.into_iter().for_each(|code| ui.hold_key(phone, code)),
        Act::Keys(codes, false) => codes.into_iter().for_each(|code| ui.key(phone, code)),
        Act::Text(text) => ui.type_text(phone, &text),
        Act::Nothing => {}
    }
}

fn record(phone: &Phone, act: &Act) {
    let inputs = &phone.inputs;
    match act {
        Act::Tap(at) => inputs.record(Input::Tap(*at)),
        Act::Swipe(from, to, _) | Act::Drag(from, to, _) => inputs.record(Input::Swipe(*from, *to)),
        Act::Keys(codes, _) => codes.iter().for_each(|code| inputs.record(Input::Key(*code))),
        Act::Text(text) => inputs.record(Input::Text(text.clone())),
        Act::Nothing => {}
    }
}

fn name(act: &Act) -> &'static str {
    match act {
        Act::Tap(_) => "tap",
        Act::Swipe(..) => "swipe",
        Act::Drag(..) => "draganddrop",
        Act::Keys(..) => "keyevent",
        Act::Text(_) => "text",
        Act::Nothing => "press",
    }
}

fn parse(args: &[&str], sdk: u32) -> Result<Act, Refusal> {
    let mut args = args;
    if let [source, rest @ ..] = args
        && SOURCES.contains(source)
    {
        args = rest;
    }
    if let ["-d", display, rest @ ..] = args {
        display
            .parse::<i32>()
            .map_err(|_| Refusal::Arguments("-d".to_owned()))?;
        args = rest;
    }
    let [command, rest @ ..] = args else {
        return Err(Refusal::Usage);
    };
    let bad = || Refusal::Arguments((*command).to_owned());
    let number = |at: usize| -> Result<f32, Refusal> {
        let word = rest
            .get(at)
            .ok_or_else(|| Refusal::Missing((*command).to_owned()))?;
        word.parse::<f32>().map_err(|_| bad())
    };
    let point = |at: usize| -> Result<Point, Refusal> {
        Ok(Point {
            x: number(at)? as i32,
            y: number(at + 1)? as i32,
        })
    };
    let millis = |or: u64| match rest.get(4) {
        Some(word) => word
            .parse::<i64>()
            .map(|given| if given < 0 { or } else { given as u64 })
            .map_err(|_| bad()),
        None => Ok(or),
    };
    match *command {
        "tap" if rest.len() > 2 => Err(bad()),
        "tap" => Ok(Act::Tap(point(0)?)),
        "swipe" | "touchscreen" if rest.len() > 5 => Err(bad()),
        "swipe" => Ok(Act::Swipe(point(0)?, point(2)?, millis(300)?)),
        "draganddrop" => Ok(Act::Drag(point(0)?, point(2)?, millis(300)?)),
        "text" => match rest {
            [text] => Ok(Act::Text(text.replace("%s", " "))),
            [] => Err(Refusal::Missing("text".to_owned())),
            [text, ..] if sdk >= 28 => Ok(Act::Text(text.replace("%s", " "))),
            _ => Err(bad()),
        },
        "keyevent" => keys(rest),
        "press" | "roll" | "motionevent" => Ok(Act::Nothing),
        other => Err(Refusal::Unknown(other.to_owned())),
    }
}

fn keys(rest: &[&str]) -> Result<Act, Refusal> {
    let long = matches!(rest.first(), Some(&("--longpress" | "--doubletap")));
    let rest = if long { &rest[1..] } else { rest };
    if rest.is_empty() {
        return Err(Refusal::Missing("keyevent".to_owned()));
    }
    let bad = || Refusal::Arguments("keyevent".to_owned());
    let codes: Option<Vec<u32>> = rest.iter().map(|word| code_of(word)).collect();
    Ok(Act::Keys(codes.ok_or_else(bad)?, long))
}

fn refused(refusal: &Refusal, sdk: u32) -> Answer {
    if sdk >= 28 {
        return match refusal {
            Refusal::Usage => Answer::text(usage(sdk)),
            Refusal::Unknown(command) => Answer::error(255, &format!("Unknown command: {command}")),
            Refusal::Missing(command) => {
                let what =
                    format!("java.lang.IllegalArgumentException: Argument expected after \"{command}\"");
                thrown(command, &what, sdk)
            }
            Refusal::Arguments(command) => {
                let what = format!(
                    "java.lang.IllegalArgumentException: Error: Invalid arguments for command: {command}"
                );
                thrown(command, &what, sdk)
            }
        };
    }
    let line = match refusal {
        Refusal::Usage => String::new(),
        Refusal::Unknown(command) => format!("Error: Unknown command: {command}\n"),
        Refusal::Missing(command) | Refusal::Arguments(command) => {
            format!("Error: Invalid arguments for command: {command}\n")
        }
    };
    Answer {
        err: format!("{line}{}", usage(sdk)),
        ..Answer::default()
    }
}

fn usage(sdk: u32) -> String {
    let display = if sdk >= 28 { " [-d DISPLAY_ID]" } else { "" };
    let sources = format!("      {}\n", SOURCES.join("\n      "));
    format!(
        "Usage: input [<source>]{display} <command> [<arg>...]\n\nThe sources are: \n{sources}\nThe commands and default sources are:\n{COMMANDS}"
    )
}

/// An exception, as the program or the system server prints it.
fn thrown(command: &str, what: &str, sdk: u32) -> Answer {
    if sdk < 28 {
        return Answer::error(
            1,
            &format!(
                "{what}\n\tat com.android.commands.input.Input.{}(Input.java:185)\n\tat com.android.commands.input.Input.main(Input.java:59)\n\tat com.android.internal.os.RuntimeInit.nativeFinishInit(Native Method)\n\tat com.android.internal.os.RuntimeInit.main(RuntimeInit.java:285)",
                method(command)
            ),
        );
    }
    Answer::error(
        255,
        &format!(
            "\nException occurred while executing '{command}':\n{what}\n\tat com.android.server.input.InputShellCommand.{}(InputShellCommand.java:281)\n\tat com.android.server.input.InputShellCommand.onCommand(InputShellCommand.java:161)\n\tat android.os.BasicShellCommandHandler.exec(BasicShellCommandHandler.java:97)",
            method(command)
        ),
    )
}

fn method(command: &str) -> &'static str {
    match command {
        "text" => "sendText",
        "tap" => "sendTap",
        "swipe" | "draganddrop" => "sendSwipe",
        _ => "sendKeyEvent",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_understood() {
        let at = |x, y| Point { x, y };
        assert_eq!(parse(&["tap", "1", "2.7"], 33), Ok(Act::Tap(at(1, 2))));
        assert_eq!(
            parse(&["touchscreen", "-d", "0", "tap", "1", "2"], 33),
            Ok(Act::Tap(at(1, 2)))
        );
        let swipe = parse(&["swipe", "1", "2", "3", "4"], 26);
        assert_eq!(swipe, Ok(Act::Swipe(at(1, 2), at(3, 4), 300)));
        let keys = parse(&["keyevent", "--longpress", "KEYCODE_HOME", "BACK", "66"], 26);
        assert_eq!(keys, Ok(Act::Keys(vec![3, 4, 66], true)));
        assert_eq!(parse(&["text", "a%sb"], 26), Ok(Act::Text("a b".to_owned())));
    }

    #[test]
    fn mistakes_are_worded_as_each_android_does() {
        let old = refused(&parse(&["tap", "1"], 26).unwrap_err(), 26);
        assert!(
            old.err
                .starts_with("Error: Invalid arguments for command: tap\nUsage: input")
        );
        assert_eq!(old.code, 0);
        let new = refused(&parse(&["tap", "a", "b"], 33).unwrap_err(), 33);
        assert!(new.err.contains("Error: Invalid arguments for command: tap"));
        assert_eq!(new.code, 255);
    }
}
