//! A reader that ends with an error where too much comes without a pause: the parsers above it keep one record, one tag,
//! one text in memory at a time, however long it is.

use std::io::{self, BufRead, Read};

use super::error::ReadError;

/// Counts what is taken out; whoever parses calls [`Bounded::pause`] at each record's end.
pub(super) struct Bounded<R> {
    inner: R,
    what: &'static str,
    limit: u64,
    since_pause: u64,
    left: u64,
    whole_limit: u64,
}

impl<R> Bounded<R> {
    /// At most `limit` bytes between two pauses, and `whole` in all.
    pub(super) fn new(inner: R, what: &'static str, limit: u64, whole: u64) -> Self {
        Self {
            inner,
            what,
            limit,
            since_pause: 0,
            left: whole,
            whole_limit: whole,
        }
    }

    pub(super) fn pause(&mut self) {
        self.since_pause = 0;
    }

    fn count(&mut self, bytes: usize) {
        self.since_pause += bytes as u64;
        self.left = self.left.saturating_sub(bytes as u64);
    }

    fn check(&self) -> io::Result<()> {
        if self.left == 0 {
            let limit = self.whole_limit;
            return Err(io::Error::other(ReadError::TooLarge {
                what: "bytes when unpacked",
                limit,
            }));
        }
        if self.since_pause > self.limit {
            let what = self.what;
            return Err(io::Error::other(ReadError::TooLarge {
                what,
                limit: self.limit,
            }));
        }
        Ok(())
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.check()?;
        let count = self.inner.read(buffer)?;
        self.count(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Bounded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.check()?;
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.count(count);
        self.inner.consume(count);
    }
}
