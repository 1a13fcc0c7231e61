//! What waits to be sent to one watcher: of each stream the latest picture and the latest word, never more. Who reads
//! slowly sees fewer pictures, and costs nothing.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use tokio::sync::Notify;

use super::frame::Shot;

/// One watcher's.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    waiting: Mutex<Waiting>,
    filled: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    /// Streams with something to send, each once, the longest waiting first.
    order: VecDeque<u32>,
    slots: BTreeMap<u32, Slot>,
    /// The answer to what was said last.
    word: Option<String>,
}

#[derive(Debug, Default)]
struct Slot {
    state: Option<String>,
    shot: Option<Arc<Shot>>,
}

/// What is sent next.
#[derive(Debug)]
pub(super) enum Out {
    Word(String),
    Picture(Bytes),
}

impl Outbox {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a picture in the place of the one before; whether that one was never sent.
    pub(super) fn put_shot(&self, stream: u32, shot: Arc<Shot>) -> bool {
        let dropped = self.waiting().slot(stream).shot.replace(shot).is_some();
        self.filled.notify_one();
        dropped
    }

    pub(super) fn put_state(&self, stream: u32, state: String) {
        self.waiting().slot(stream).state = Some(state);
        self.filled.notify_one();
    }

    pub(super) fn answer(&self, word: String) {
        self.waiting().word = Some(word);
        self.filled.notify_one();
    }

    /// Nothing more is sent of this stream.
    pub(super) fn forget(&self, stream: u32) {
        let mut waiting = self.waiting();
        waiting.slots.remove(&stream);
        waiting.order.retain(|waits| *waits != stream);
    }

    /// Waits for something to send.
    pub(super) async fn next(&self) -> Out {
        loop {
            if let Some(out) = self.waiting().take() {
                return out;
            }
            self.filled.notified().await;
        }
    }
}

impl Waiting {
    fn slot(&mut self, stream: u32) -> &mut Slot {
        if !self.slots.contains_key(&stream) {
            self.order.push_back(stream);
        }
        self.slots.entry(stream).or_default()
    }

    fn take(&mut self) -> Option<Out> {
        if let Some(word) = self.word.take() {
            return Some(Out::Word(word));
        }
        let stream = self.order.pop_front()?;
        let slot = self.slots.get_mut(&stream)?;
        if let Some(state) = slot.state.take() {
            // Its picture is next.
            if slot.shot.is_some() {
                self.order.push_front(stream);
            } else {
                self.slots.remove(&stream);
            }
            return Some(Out::Word(state));
        }
        let shot = self.slots.remove(&stream)?.shot?;
        Some(Out::Picture(shot.framed(stream)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::PictureKind;
    use jiff::Timestamp;

    fn shot(number: u32) -> Arc<Shot> {
        Shot::new(PictureKind::Jpeg, number, Timestamp::UNIX_EPOCH, vec![1, 2])
    }

    fn told(out: Option<Out>) -> String {
        match out {
            Some(Out::Word(word)) => word,
            Some(Out::Picture(frame)) => format!("picture {} of {}", frame[11], frame[7]),
            None => "nothing".to_owned(),
        }
    }

    #[test]
    fn the_latest_picture_stands_for_all_before_it_and_streams_take_turns() {
        let outbox = Outbox::default();
        assert!(!outbox.put_shot(1, shot(1)));
        assert!(!outbox.put_shot(2, shot(1)));
        assert!(outbox.put_shot(1, shot(2)), "the first one was never sent");
        outbox.put_state(1, "offline".to_owned());
        outbox.put_state(1, "online".to_owned());
        outbox.answer("no such word".to_owned());
        let took: Vec<_> = std::iter::repeat_with(|| told(outbox.waiting().take()))
            .take(5)
            .collect();
        assert_eq!(
            took,
            [
                "no such word",
                "online",
                "picture 2 of 1",
                "picture 1 of 2",
                "nothing"
            ]
        );
        outbox.put_shot(3, shot(1));
        outbox.forget(3);
        assert_eq!(told(outbox.waiting().take()), "nothing");
    }
}
