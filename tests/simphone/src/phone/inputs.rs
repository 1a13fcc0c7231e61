//! What was put into the phone by programs: taps, swipes, keys and texts, so that a test can count them. A person's
//! own hand is not in here.

use std::collections::VecDeque;
use std::sync::Mutex;

use crate::ui::Point;

/// So many are kept; the oldest go first.
pub const KEPT: usize = 1000;

/// One injected input, written down when it begins: before the finger comes down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    Tap(Point),
    LongPress(Point),
    Swipe(Point, Point),
    /// By its number.
    Key(u32),
    Text(String),
    /// From the clipboard.
    Paste(String),
}

/// The last inputs, the oldest first.
#[derive(Debug, Default)]
pub struct Inputs {
    kept: Mutex<VecDeque<Input>>,
}

impl Inputs {
    pub fn record(&self, input: Input) {
        let mut kept = super::lock(&self.kept);
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(input);
    }

    pub fn all(&self) -> Vec<Input> {
        super::lock(&self.kept).iter().cloned().collect()
    }

    /// How many taps hit this point.
    pub fn taps_at(&self, x: i32, y: i32) -> usize {
        let tap = Input::Tap(Point { x, y });
        super::lock(&self.kept)
            .iter()
            .filter(|input| **input == tap)
            .count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_inputs_are_kept() {
        let inputs = Inputs::default();
        for code in 0..KEPT as u32 + 5 {
            inputs.record(Input::Key(code));
        }
        let all = inputs.all();
        assert_eq!((all.len(), &all[0]), (KEPT, &Input::Key(5)));
    }
}
