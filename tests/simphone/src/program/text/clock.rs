//! `sleep`, `date`, and who and what one is: `id`, `whoami`, `uname`.

use std::time::Duration;

use super::super::{ExitCode, Process, wall_clock};

/// A day of a phone that runs as fast as it may.
const LONGEST: f64 = 1e9;

/// In the phone's time.
pub(super) async fn sleep(process: &mut Process) -> ExitCode {
    let args = process.owned_args();
    if args.is_empty() {
        return process.needs(1).await;
    }
    let mut seconds = 0.0;
    for arg in &args {
        let (digits, unit) = match arg.strip_suffix(['s', 'm', 'h', 'd']) {
            Some(digits) => (digits, arg.chars().last().unwrap_or('s')),
            None => (arg.as_str(), 's'),
        };
        let Some(number) = digits.parse::<f64>().ok().filter(|number| *number >= 0.0) else {
            process.eprintln(&format!("sleep: bad number '{arg}'")).await;
            return 1;
        };
        seconds += number
            * match unit {
                'm' => 60.0,
                'h' => 3600.0,
                'd' => 86_400.0,
                _ => 1.0,
            };
    }
    let clock = process.phone.spec.clock.clone();
    clock.sleep(Duration::from_secs_f64(seconds.min(LONGEST))).await;
    0
}

pub(super) async fn date(process: &mut Process) -> ExitCode {
    let args = process.owned_args();
    let format = args.iter().find_map(|arg| arg.strip_prefix('+'));
    let mut time = wall_clock();
    if let Some(seconds) = args.iter().find_map(|arg| arg.strip_prefix('@'))
        && let Some(given) = seconds
            .parse()
            .ok()
            .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok())
    {
        time = given;
    }
    let format = format.unwrap_or("%a %b %e %H:%M:%S %Z %Y");
    let utc = time.to_zoned(jiff::tz::TimeZone::UTC);
    let text = jiff::fmt::strtime::format(format, &utc).unwrap_or_else(|_| format.to_owned());
    process.println(&text).await;
    0
}

pub(super) async fn id(process: &mut Process) -> ExitCode {
    let letters: String = process
        .args()
        .iter()
        .filter_map(|arg| arg.strip_prefix('-'))
        .collect();
    let line = if letters.contains('u') || letters.contains('g') {
        if letters.contains('n') { "shell" } else { "2000" }
    } else {
        "uid=2000(shell) gid=2000(shell) groups=2000(shell),1004(input),1007(log),1011(adb),1015(sdcard_rw),1028(sdcard_r),3001(net_bt_admin),3002(net_bt),3003(inet),3006(net_bw_stats),3009(readproc),3011(uhid) context=u:r:shell:s0"
    };
    process.println(line).await;
    0
}

pub(super) async fn whoami(process: &mut Process) -> ExitCode {
    process.println("shell").await;
    0
}

pub(super) async fn uname(process: &mut Process) -> ExitCode {
    let letters: String = process
        .args()
        .iter()
        .filter_map(|arg| arg.strip_prefix('-'))
        .collect();
    let letters = match letters.as_str() {
        "" => "s",
        "a" => "snrvm",
        other => other,
    };
    let release = match process.phone.spec.personality.sdk {
        ..=26 => "4.4.13",
        27..=30 => "4.14.141-perf",
        31..=33 => "5.10.149-android13-4",
        _ => "6.1.75-android14-11",
    };
    let words: Vec<&str> = letters
        .chars()
        .filter_map(|letter| match letter {
            's' => Some("Linux"),
            'n' => Some("localhost"),
            'r' => Some(release),
            'v' => Some("#1 SMP PREEMPT"),
            'm' => Some("aarch64"),
            _ => None,
        })
        .collect();
    process.println(&words.join(" ")).await;
    0
}
