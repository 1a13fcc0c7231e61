//! `am start`: the intent said back, what became of it, and with `-W` how long it took.

use std::fmt::Write as _;
use std::time::Duration;

use super::super::{Answer, dumpsys, intent};
use crate::phone::{Phone, identity};
use crate::ui::{Intent, Started};

pub(super) fn run(phone: &Phone, args: &[&str]) -> Answer {
    let parsed = match intent::parse(args) {
        Ok(parsed) => parsed,
        Err(message) => return super::exception(phone, "start", &message),
    };
    let asked = &parsed.intent;
    if let (true, Some(package)) = (parsed.stop_first, package_of(asked)) {
        phone.ui().force_stop(phone, package);
    }
    let sdk = phone.spec.personality.sdk;
    // `am start` makes a task of its own for what it starts.
    let mut intent = asked.clone();
    intent.flags |= 0x1000_0000;
    let started = phone.ui().start(phone, &intent);
    phone.log.write(
        'I',
        if sdk >= 29 {
            "ActivityTaskManager"
        } else {
            "ActivityManager"
        },
        &format!(
            "START u0 {{{}}} from uid 2000",
            intent::print(&intent, sdk)
                .trim_start_matches("Intent {")
                .trim_end_matches('}')
        ),
    );
    let first = format!("Starting: {}\n", intent::print(asked, sdk));
    told(phone, asked, first, &started, parsed.wait)
}

fn package_of(intent: &Intent) -> Option<&str> {
    match &intent.component {
        Some(component) => component.split_once('/').map(|(package, _)| package),
        None => intent.package.as_deref(),
    }
}

fn told(phone: &Phone, asked: &Intent, first: String, started: &Started, wait: bool) -> Answer {
    let sdk = phone.spec.personality.sdk;
    let failed = u8::from(sdk >= 33);
    let (said, code) = match started {
        Started::Launched { .. } => (String::new(), 0),
        Started::BroughtToFront { .. } => (
            "Warning: Activity not started, its current task has been brought to the front\n".to_owned(),
            0,
        ),
        Started::DeliveredToTop { .. } => (
            "Warning: Activity not started, intent has been delivered to currently running top-most instance.\n".to_owned(),
            0,
        ),
        Started::Unresolved => (
            format!("Error: Activity not started, unable to resolve {}\n", intent::print(&resolved(asked), sdk)),
            failed,
        ),
        Started::NoSuchActivity { component } => (
            format!("Error type 3\nError: Activity class {{{}}} does not exist.\n", dumpsys::short_component(component)),
            failed,
        ),
        Started::NotExported { component } => {
            return Answer {
                out: first,
                err: denial(phone, asked, component),
                code: 255,
                ..Answer::default()
            };
        }
    };
    let mut answer = Answer {
        out: first,
        code,
        ..Answer::default()
    };
    // Without -W, warnings and errors are stderr's; with it they belong to the report.
    if !wait {
        answer.err = said;
        return answer;
    }
    answer.out.push_str(&said);
    if let Some(report) = Report::of(phone, started) {
        answer.works = report.total;
        answer.out.push_str(&report.print(sdk));
    }
    answer
}

/// The intent as the resolver names it: with the flag that `am start` adds.
fn resolved(asked: &Intent) -> Intent {
    Intent {
        flags: asked.flags | 0x1000_0000,
        ..asked.clone()
    }
}

/// The block that `-W` prints.
struct Report {
    component: String,
    state: &'static str,
    total: Duration,
}

impl Report {
    /// Nothing was launched: no report.
    fn of(phone: &Phone, started: &Started) -> Option<Self> {
        let (component, state, base) = match started {
            Started::Launched {
                component,
                cold: true,
            } => (component, "COLD", 420),
            Started::Launched {
                component,
                cold: false,
            } => (component, "WARM", 150),
            Started::BroughtToFront { component } => (component, "HOT", 60),
            Started::DeliveredToTop { component } => (component, "UNKNOWN (0)", 0),
            _ => return None,
        };
        let spread = identity::mix(phone.spec.seed, identity::of_text(component)) % 120;
        let total = if base == 0 { 0 } else { base + spread };
        Some(Self {
            component: dumpsys::short_component(component),
            state,
            total: Duration::from_millis(total),
        })
    }

    fn print(&self, sdk: u32) -> String {
        let total = self.total.as_millis();
        let mut out = "Status: ok\n".to_owned();
        if sdk >= 29 {
            let _ = writeln!(out, "LaunchState: {}", self.state);
        }
        let _ = writeln!(out, "Activity: {}", self.component);
        if sdk <= 28 {
            let _ = writeln!(out, "ThisTime: {total}");
        }
        let _ = writeln!(out, "TotalTime: {total}\nWaitTime: {}\nComplete", total + 7);
        out
    }
}

fn denial(phone: &Phone, asked: &Intent, component: &str) -> String {
    let sdk = phone.spec.personality.sdk;
    let mut named = resolved(asked);
    named.component = Some(component.to_owned());
    let message = format!(
        "Permission Denial: starting {} from null (pid=8127, uid=2000) not exported from uid 10214",
        intent::print(&named, sdk)
    );
    let trace = "\tat com.android.server.wm.ActivityTaskSupervisor.checkStartAnyActivityPermission(ActivityTaskSupervisor.java:1127)\n\tat com.android.server.wm.ActivityStarter.executeRequest(ActivityStarter.java:1096)\n\tat com.android.server.am.ActivityManagerShellCommand.runStartActivity(ActivityManagerShellCommand.java:727)\n\tat android.os.BasicShellCommandHandler.exec(BasicShellCommandHandler.java:97)\n";
    if sdk >= 30 {
        format!(
            "\nException occurred while executing 'start':\njava.lang.SecurityException: {message}\n{trace}"
        )
    } else {
        format!("Security exception: {message}\n\njava.lang.SecurityException: {message}\n{trace}")
    }
}
