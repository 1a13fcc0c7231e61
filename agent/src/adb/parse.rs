//! What Android prints, turned into the farm's words. Pure functions over text that was captured from real phones:
//! they never fail loudly, because a vendor's extra line must not cost a phone.
//!
//! Knows nothing of how the text was fetched.

pub mod battery;
pub mod component;
pub mod devices;
pub mod launch;
pub mod package;
pub mod picture;
pub mod power;
pub mod props;
pub mod size;
pub mod storage;
pub mod window;

/// The `key=value` words of some lines, values cut at blanks; what a dump of flags looks like.
fn flags(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split_whitespace()
        .filter_map(|word| word.split_once('='))
        .map(|(key, value)| (key, value.trim_end_matches([',', ';', '}', ')'])))
}

fn yes_or_no(value: &str) -> Option<bool> {
    match value {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}
