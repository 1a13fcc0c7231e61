//! What watchers say and are told beside the pictures, as JSON.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Streams that one connection may watch.
pub(super) const MOST_TILES: usize = 300;
/// Pictures a second.
const RATES: std::ops::RangeInclusive<u8> = 1..=4;
const SIZES: std::ops::RangeInclusive<u32> = 16..=2_048;
const LONGEST_SERIAL: usize = 128;
/// Sizes that pictures are made in: who asks for one between two gets the larger, so that watchers share it.
const CLASSES: [u32; 9] = [120, 180, 240, 360, 480, 720, 1_080, 1_440, 2_048];

/// What a watcher sends, as text: any of both.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LiveWish {
    /// Watch these; a stream that is watched already is changed.
    pub watch: Vec<TileWish>,
    /// Streams that nobody looks at any more.
    pub unwatch: Vec<u32>,
}

/// A phone to watch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TileWish {
    /// Any number: frames carry it.
    pub stream: u32,
    /// Its serial or any alias.
    pub serial: String,
    /// The longer side in pixels; the picture may be somewhat larger.
    #[schema(minimum = 16, maximum = 2048)]
    pub max: u32,
    /// Pictures a second.
    #[serde(default = "once")]
    #[schema(minimum = 1, maximum = 4)]
    pub rate: u8,
}

fn once() -> u8 {
    1
}

/// What a watcher is told, as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum LiveWord {
    /// How the phone of a stream is.
    State {
        stream: u32,
        serial: String,
        /// online, offline, unauthorized, no_permissions, unplugged, unknown; no_picture where it is online and its
        /// screen cannot be had.
        state: String,
        reason: Option<String>,
    },
    /// What was said last is not done.
    Refused { message: String },
}

impl LiveWord {
    pub(super) fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl LiveWish {
    /// What a text says, or what is wrong with it.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let wish: Self = serde_json::from_str(text).map_err(|error| {
            format!(
                "{error}: send {{\"watch\": [{{\"stream\": 1, \"serial\": \"…\", \"max\": 240, \"rate\": 1}}], \"unwatch\": [2]}}"
            )
        })?;
        if wish.watch.len() > MOST_TILES {
            return Err(format!("watch: at most {MOST_TILES} at once"));
        }
        for tile in &wish.watch {
            if !RATES.contains(&tile.rate) {
                let (least, most) = (RATES.start(), RATES.end());
                return Err(format!(
                    "rate: {} is not from {least} to {most} pictures a second",
                    tile.rate
                ));
            }
            if !SIZES.contains(&tile.max) {
                let (least, most) = (SIZES.start(), SIZES.end());
                return Err(format!("max: {} is not from {least} to {most} pixels", tile.max));
            }
            if tile.serial.is_empty() || tile.serial.len() > LONGEST_SERIAL {
                return Err(format!("serial: is required, of at most {LONGEST_SERIAL} bytes"));
            }
        }
        Ok(wish)
    }
}

impl TileWish {
    /// The size in which its picture is made.
    pub(super) fn class(&self) -> u32 {
        let fits = CLASSES.into_iter().find(|class| *class >= self.max);
        fits.unwrap_or(*SIZES.end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        LiveWish::read(text).unwrap_err()
    }

    #[test]
    fn wishes_are_read_within_their_bounds() {
        let wish =
            LiveWish::read(r#"{"watch": [{"stream": 9, "serial": "SIM0001", "max": 200}], "unwatch": [3]}"#)
                .unwrap();
        assert_eq!(wish.unwatch, [3]);
        let tile = &wish.watch[0];
        assert_eq!((tile.stream, tile.rate, tile.class()), (9, 1, 240));
        let with = |field: &str| {
            format!(r#"{{"watch": [{{"stream": 1, "serial": "A", "max": 240, "rate": 1, {field}}}]}}"#)
        };
        assert!(refusal(&with(r#""more": 1"#)).contains("unknown field `more`"));
        let one = |max: u32, rate: u8| {
            format!(r#"{{"watch": [{{"stream": 1, "serial": "A", "max": {max}, "rate": {rate}}}]}}"#)
        };
        assert!(refusal(&one(240, 0)).starts_with("rate: 0 is not from 1 to 4"));
        assert!(refusal(&one(240, 5)).starts_with("rate: 5"));
        assert!(refusal(&one(15, 1)).starts_with("max: 15 is not from 16 to 2048"));
        assert!(refusal(&one(2_049, 1)).starts_with("max: 2049"));
        assert!(refusal("tea").contains("\"watch\""), "says what to send");
        let many = vec![r#"{"stream": 1, "serial": "A", "max": 240}"#; MOST_TILES + 1].join(",");
        assert!(refusal(&format!(r#"{{"watch": [{many}]}}"#)).contains("at most 300"));
        assert!(refusal(r#"{"watch": [{"stream": 1, "serial": "", "max": 240}]}"#).starts_with("serial"));
    }
}
