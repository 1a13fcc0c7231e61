//! `monkey -p PACKAGE … 1`: the old way to tap an app's icon.

use std::fmt::Write as _;

use super::{Answer, packages};
use crate::phone::Phone;
use crate::ui::{Intent, Started};

pub(super) fn run(phone: &Phone, args: &[&str]) -> Answer {
    let mut out = String::new();
    for arg in args {
        let _ = writeln!(out, "  bash arg: {arg}");
    }
    let mut err = format!("args: [{}]\n", args.join(", "));
    for arg in args {
        let _ = writeln!(err, " arg: \"{arg}\"");
    }
    let package = args
        .iter()
        .position(|arg| *arg == "-p")
        .and_then(|at| args.get(at + 1));
    let Some(package) = package else {
        return Answer {
            out,
            err: format!("{err}** Error: Count not specified\n"),
            code: 251,
            ..Answer::default()
        };
    };
    let _ = writeln!(err, "data=\"{package}\"");
    let intent = Intent {
        action: Some("android.intent.action.MAIN".to_owned()),
        categories: vec!["android.intent.category.LAUNCHER".to_owned()],
        package: Some((*package).to_owned()),
        flags: 0x1020_0000,
        ..Intent::default()
    };
    let known = packages::find(phone, package).is_some_and(|package| package.enabled);
    let started = if known {
        phone.ui().start(phone, &intent)
    } else {
        Started::Unresolved
    };
    if matches!(
        started,
        Started::Unresolved | Started::NoSuchActivity { .. } | Started::NotExported { .. }
    ) {
        out.push_str("** No activities found to run, monkey aborted.\n");
        return Answer {
            out,
            err,
            code: 252,
            ..Answer::default()
        };
    }
    out.push_str("Events injected: 1\n## Network stats: elapsed time=27ms (0ms mobile, 0ms wifi, 27ms not connected)\n");
    Answer {
        out,
        err,
        ..Answer::default()
    }
}
