//! `uptime`, and the text of /proc/uptime.

use super::Answer;
use crate::phone::Phone;

/// Seconds since this boot, in the phone's time.
pub(crate) fn seconds(phone: &Phone) -> f64 {
    let began = phone.power.now().booted_at.0;
    phone.spec.clock.now().0.saturating_sub(began).as_secs_f64()
}

pub(super) fn run(phone: &Phone, _args: &[&str]) -> Answer {
    let minutes = (seconds(phone) / 60.0) as u64;
    let (hours, minutes) = (minutes / 60, minutes % 60);
    let up = if hours > 0 {
        format!("{hours}:{minutes:02}")
    } else {
        format!("{minutes} min")
    };
    Answer::line(&format!(
        " 12:00:00 up {up},  0 users,  load average: 3.12, 2.98, 2.71"
    ))
}
