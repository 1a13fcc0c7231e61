//! A picture as it travels: a head of 24 bytes, then the picture. Laid out so that a video's frames fit it too.
//!
//! | at | bytes | what |
//! |---|---|---|
//! | 0 | 1 | version of this head: 1 |
//! | 1 | 1 | codec: 1 JPEG, 2 PNG; 3 is kept for H.264 |
//! | 2 | 1 | flags: bit 0, it can be shown without any frame before it |
//! | 3 | 1 | length of the head: what is beyond 24 may be passed over |
//! | 4 | 4 | the stream's number, as the watcher gave it |
//! | 8 | 4 | the picture's number, from 1; where numbers are missing, pictures were left out |
//! | 12 | 2 | width in pixels |
//! | 14 | 2 | height in pixels |
//! | 16 | 8 | microseconds since 1970 at which the controller had it |
//! | 24 | | the picture |
//!
//! Numbers are big-endian.

use std::sync::Arc;

use axum::body::Bytes;
use jiff::Timestamp;

use crate::fleet::PictureKind;

const VERSION: u8 = 1;
const HEAD: usize = 24;
const JPEG: u8 = 1;
const PNG: u8 = 2;
/// See the table.
const KEYFRAME: u8 = 1;

/// A phone's screen at one time, shared by all who watch it.
#[derive(Debug)]
pub(super) struct Shot {
    pub(super) kind: PictureKind,
    pub(super) number: u32,
    pub(super) at: Timestamp,
    pub(super) size: (u16, u16),
    pub(super) bytes: Vec<u8>,
}

impl Shot {
    pub(super) fn new(kind: PictureKind, number: u32, at: Timestamp, bytes: Vec<u8>) -> Arc<Self> {
        let size = match kind {
            PictureKind::Jpeg => jpeg_size(&bytes),
            PictureKind::Png => png_size(&bytes),
        };
        Arc::new(Self {
            kind,
            number,
            at,
            size: size.unwrap_or_default(),
            bytes,
        })
    }

    /// As the watcher of this stream gets it.
    pub(super) fn framed(&self, stream: u32) -> Bytes {
        let mut frame = Vec::with_capacity(HEAD + self.bytes.len());
        let codec = match self.kind {
            PictureKind::Jpeg => JPEG,
            PictureKind::Png => PNG,
        };
        frame.extend([VERSION, codec, KEYFRAME, HEAD as u8]);
        frame.extend(stream.to_be_bytes());
        frame.extend(self.number.to_be_bytes());
        frame.extend(self.size.0.to_be_bytes());
        frame.extend(self.size.1.to_be_bytes());
        frame.extend(self.at.as_microsecond().to_be_bytes());
        frame.extend(&self.bytes);
        frame.into()
    }
}

fn png_size(png: &[u8]) -> Option<(u16, u16)> {
    let of = |at: usize| {
        let four = png.get(at..at + 4)?.try_into().ok()?;
        u16::try_from(u32::from_be_bytes(four)).ok()
    };
    Some((of(16)?, of(20)?))
}

/// Width and height out of the header of a JPEG's frame.
fn jpeg_size(jpeg: &[u8]) -> Option<(u16, u16)> {
    let two = |at: usize| Some(u16::from_be_bytes(jpeg.get(at..at + 2)?.try_into().ok()?));
    let mut at = 2;
    loop {
        let mark = two(at)?;
        // Frames are C0 to CF but for tables (C4), extensions (C8) and conditioning (CC).
        if matches!(mark, 0xffc0..=0xffcf) && !matches!(mark, 0xffc4 | 0xffc8 | 0xffcc) {
            return Some((two(at + 7)?, two(at + 5)?));
        }
        if mark >> 8 != 0xff {
            return None;
        }
        at += 2 + usize::from(two(at + 2)?);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The smallest beginning of a JPEG that tells its size, with a segment before it.
    const JPEG_HEAD: [u8; 19] = [
        0xff, 0xd8, 0xff, 0xe0, 0, 4, 9, 9, 0xff, 0xc0, 0, 11, 8, 1, 0xe0, 0, 216, 3, 1,
    ];

    #[test]
    fn a_frame_is_laid_out_as_the_table_says() {
        let at = Timestamp::from_microsecond(1_800_000_000_000_001).unwrap();
        let shot = Shot::new(PictureKind::Jpeg, 7, at, JPEG_HEAD.to_vec());
        let frame = shot.framed(0x0102_0304);
        assert_eq!(frame[..4], [1, 1, 1, 24]);
        assert_eq!(frame[4..8], [1, 2, 3, 4]);
        assert_eq!(frame[8..12], [0, 0, 0, 7]);
        assert_eq!(frame[12..16], [0, 216, 1, 0xe0], "width, then height");
        assert_eq!(frame[16..24], 1_800_000_000_000_001_i64.to_be_bytes());
        assert_eq!(frame[24..], JPEG_HEAD);
    }

    #[test]
    fn a_png_tells_its_size_and_what_is_cut_tells_none() {
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        png.extend(108_u32.to_be_bytes());
        png.extend(240_u32.to_be_bytes());
        assert_eq!(png_size(&png), Some((108, 240)));
        for cut in 0..png.len() {
            assert_eq!(png_size(&png[..cut]), None);
        }
        assert_eq!(jpeg_size(&JPEG_HEAD), Some((216, 480)));
        for cut in 0..16 {
            assert_eq!(jpeg_size(&JPEG_HEAD[..cut]), None);
        }
        assert_eq!(jpeg_size(b"hello, I am no picture"), None);
    }
}
