//! `uptime`, and the text of /proc/uptime.

use super::Answer;
use crate::phone::Phone;

/// Seconds since this boot, in the phone's time.
pub(crate) fn seconds(phone: &Phone) -> f64 {
    let began = phone.power.now().booted_at.0;
    phone.spec.clock.now().0.saturating_sub(began).as_secs_f64()
}

/// Seconds up, and seconds that the cores had nothing to do.
pub(crate) fn proc_text(phone: &Phone) -> String {
    const IDLE_CORES: f64 = 6.5;
    let up = seconds(phone);
    format!("{up:.2} {:.2}\n", up * IDLE_CORES)
}

pub(super) fn run(phone: &Phone, _args: &[&str]) -> Answer {
    let minutes = (seconds(phone) / 60.0) as u64;
    let (days, hours, minutes) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    let days = match days {
        0 => String::new(),
        1 => "1 day, ".to_owned(),
        _ => format!("{days} days, "),
    };
    let up = if hours > 0 {
        format!("{hours:2}:{minutes:02}")
    } else {
        format!("{minutes} min")
    };
    let now = super::wall_clock().strftime("%H:%M:%S").to_string();
    Answer::line(&format!(
        " {now} up {days}{up},  0 users,  load average: 3.12, 2.98, 2.71"
    ))
}
