//! `am broadcast`: the intent said back, then the result that its receivers left; 0 also when nobody listened.

use super::super::{Answer, intent};
use crate::phone::Phone;

pub(super) fn run(phone: &Phone, args: &[&str]) -> Answer {
    let parsed = match intent::parse(args) {
        Ok(parsed) => parsed,
        Err(message) => return super::exception(phone, "broadcast", &message),
    };
    let mut intent = parsed.intent;
    intent.flags |= 0x40_0000;
    let mut out = format!(
        "Broadcasting: {}\n",
        intent::print(&intent, phone.spec.personality.sdk)
    );
    out.push_str("Broadcast completed: result=0\n");
    Answer::text(out)
}
