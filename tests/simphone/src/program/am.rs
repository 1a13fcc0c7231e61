//! `am`: starting, stopping and asking after activities, and broadcasts.

mod broadcast;
mod start;

use std::fmt::Write as _;

use super::Answer;
use crate::phone::Phone;

pub(super) fn run(phone: &Phone, args: &[&str]) -> Answer {
    let Some((verb, rest)) = args.split_first() else {
        return Answer::error(255, USAGE);
    };
    match *verb {
        "start" | "start-activity" => start::run(phone, rest),
        "broadcast" => broadcast::run(phone, rest),
        "force-stop" => match package_of(rest) {
            Some(package) => {
                phone.ui().force_stop(phone, package);
                phone.log.write(
                    'I',
                    "ActivityManager",
                    &format!("Force stopping {package} appid=10214 user=0: from pid 8127"),
                );
                Answer::silent()
            }
            None => exception(phone, "force-stop", "Argument expected after \"force-stop\""),
        },
        // `kill` takes only what is in the background.
        "kill" => match package_of(rest) {
            Some(package) => {
                let mut ui = phone.ui();
                let front = ui
                    .focused_app()
                    .is_some_and(|app| app.component.starts_with(&format!("{package}/")));
                if !front {
                    ui.force_stop(phone, package);
                }
                Answer::silent()
            }
            None => exception(phone, "kill", "Argument expected after \"kill\""),
        },
        "kill-all" | "wait-for-broadcast-idle" | "idle-maintenance" => Answer::silent(),
        "get-current-user" => Answer::line("0"),
        "stack" if rest.first() == Some(&"list") => stacks(phone),
        "task" if rest.first() == Some(&"lock") => Answer::silent(),
        other => Answer::error(255, &format!("Unknown command: {other}\n{USAGE}")),
    }
}

const USAGE: &str = "\
Activity manager (activity) commands:
  help
      Print this help text.
  start-activity [-D] [-N] [-W] [-P <FILE>] [--start-profiler <FILE>]
      [-R COUNT] [-S] [--track-allocation] [--user <USER_ID> | current] <INTENT>
      Start an Activity.
  broadcast [--user <USER_ID> | all | current] <INTENT>
      Send a broadcast Intent.
  force-stop [--user <USER_ID> | all | current] <PACKAGE>
      Completely stop the given application package.
  kill [--user <USER_ID> | all | current] <PACKAGE>
      Kill all background processes associated with the given application.
  stack [COMMAND] [...]: sub-commands for operating on activity stacks.
  get-current-user
      Returns id of the current foreground user.";

/// The package after an optional `--user N`.
fn package_of<'a>(args: &[&'a str]) -> Option<&'a str> {
    match args {
        ["--user", _, package, ..] => Some(package),
        [package, ..] if !package.starts_with('-') => Some(package),
        _ => None,
    }
}

/// How an exception inside the command comes out.
fn exception(phone: &Phone, verb: &str, message: &str) -> Answer {
    let text = if phone.spec.personality.sdk >= 30 {
        format!(
            "\nException occurred while executing '{verb}':\njava.lang.IllegalArgumentException: {message}\n\tat android.os.ShellCommand.getNextArgRequired(ShellCommand.java:274)\n\tat com.android.server.am.ActivityManagerShellCommand.onCommand(ActivityManagerShellCommand.java:188)\n\tat android.os.BasicShellCommandHandler.exec(BasicShellCommandHandler.java:98)"
        )
    } else {
        format!("Error: {message}\n{USAGE}")
    };
    Answer::error(255, &text)
}

fn stacks(phone: &Phone) -> Answer {
    let personality = phone.spec.personality;
    let mut out = String::new();
    for activity in phone.ui().activities() {
        let name = super::dumpsys::short_component(&activity.component);
        let (word, id) = if personality.sdk >= 31 {
            ("RootTask", activity.task)
        } else {
            ("Stack", activity.task)
        };
        let _ = write!(
            out,
            "{word} id={id} bounds=[0,0][{width},{height}] displayId=0 userId=0\n configuration={{1.0 ?mcc?mnc [{locale}] ldltr}}\n  taskId={task}: {name} bounds=[0,0][{width},{height}] userId=0 visible=true topActivity=ComponentInfo{{{full}}}\n\n",
            width = personality.width,
            height = personality.height,
            locale = personality.locale().replace('-', "_"),
            task = activity.task,
            full = activity.component,
        );
    }
    Answer::text(out)
}
