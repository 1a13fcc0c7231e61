//! A phone's picture made small: each pixel of the result is the mean of those that it covers, which keeps text readable
//! and costs one pass.

use std::hash::{DefaultHasher, Hasher as _};

use png::{ColorType, Decoder, Limits, Transformations};

/// The largest picture that is unpacked, in bytes: any phone's screen fits four times.
const LARGEST: usize = 256 << 20;

#[derive(Debug, thiserror::Error)]
pub(super) enum PictureError {
    #[error("the phone's picture cannot be read: {0}")]
    Read(#[from] png::DecodingError),
    #[error("the phone's picture is of a kind that screens do not have ({0:?})")]
    Kind(ColorType),
    #[error("the picture cannot be written: {0}")]
    Write(#[from] jpeg_encoder::EncodingError),
    #[error("a picture of {0} × {1} pixels")]
    Size(u32, u32),
}

/// Two pictures with the same tag are the same to the byte. It means nothing to anybody but this process.
pub(super) fn tag(png: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(png);
    hasher.finish()
}

/// A PNG as a JPEG of which neither side is longer than `max`.
pub(super) fn scaled(png: &[u8], max: u32, quality: u8) -> Result<Vec<u8>, PictureError> {
    let mut decoder = Decoder::new_with_limits(std::io::Cursor::new(png), Limits { bytes: LARGEST });
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info()?;
    let (width, height) = reader.info().size();
    let size = reader
        .output_buffer_size()
        .filter(|size| *size <= LARGEST)
        .ok_or(PictureError::Size(width, height))?;
    let mut pixels = vec![0; size];
    let info = reader.next_frame(&mut pixels)?;
    let channels = match info.color_type {
        ColorType::Rgb => 3,
        ColorType::Rgba => 4,
        other => return Err(PictureError::Kind(other)),
    };
    let (to_width, to_height) = fitted(width, height, max.max(1));
    let source = Source {
        pixels: &pixels,
        width: width as usize,
        height: height as usize,
        channels,
    };
    let small = source.shrunk(to_width, to_height);
    let (jpeg_width, jpeg_height) = (u16::try_from(to_width), u16::try_from(to_height));
    let (Ok(jpeg_width), Ok(jpeg_height)) = (jpeg_width, jpeg_height) else {
        return Err(PictureError::Size(width, height));
    };
    let mut jpeg = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut jpeg, quality.clamp(1, 100));
    encoder.encode(&small, jpeg_width, jpeg_height, jpeg_encoder::ColorType::Rgb)?;
    Ok(jpeg)
}

/// The largest size of the same shape within `max`; never larger than it is.
fn fitted(width: u32, height: u32, max: u32) -> (usize, usize) {
    let longest = width.max(height).max(1);
    if longest <= max {
        return (width as usize, height as usize);
    }
    let fit = |side: u32| (u64::from(side) * u64::from(max) / u64::from(longest)).max(1) as usize;
    (fit(width), fit(height))
}

struct Source<'a> {
    pixels: &'a [u8],
    width: usize,
    height: usize,
    channels: usize,
}

impl Source<'_> {
    fn shrunk(&self, width: usize, height: usize) -> Vec<u8> {
        let mut small = Vec::with_capacity(width * height * 3);
        // Where each column of the result begins in the source; each covers at least one.
        let edge = |at: usize, of: usize, all: usize| at * all / of;
        for y in 0..height {
            let (top, below) = (edge(y, height, self.height), edge(y + 1, height, self.height));
            for x in 0..width {
                let (left, right) = (edge(x, width, self.width), edge(x + 1, width, self.width));
                small.extend(self.mean(left..right.max(left + 1), top..below.max(top + 1)));
            }
        }
        small
    }

    fn mean(&self, columns: std::ops::Range<usize>, rows: std::ops::Range<usize>) -> [u8; 3] {
        let mut sums = [0_u32; 3];
        let count = (columns.len() * rows.len()) as u32;
        for y in rows {
            let row = &self.pixels[y * self.width * self.channels..];
            let covered = &row[columns.start * self.channels..columns.end * self.channels];
            for pixel in covered.chunks_exact(self.channels) {
                for (sum, value) in sums.iter_mut().zip(pixel) {
                    *sum += u32::from(*value);
                }
            }
        }
        sums.map(|sum| (sum / count) as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32, pixel: impl Fn(u32, u32) -> [u8; 4]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(ColorType::Rgba);
        encoder.set_depth(png::BitDepth::Eight);
        let pixels: Vec<u8> = (0..height)
            .flat_map(|y| (0..width).map(move |x| (x, y)))
            .flat_map(|(x, y)| pixel(x, y))
            .collect();
        encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
        bytes
    }

    /// Width and height out of a JPEG's frame header.
    fn size(jpeg: &[u8]) -> (u16, u16) {
        let at = jpeg.windows(2).position(|mark| mark == [0xff, 0xc0]).unwrap();
        let number = |at: usize| u16::from_be_bytes([jpeg[at], jpeg[at + 1]]);
        (number(at + 7), number(at + 5))
    }

    #[test]
    fn a_screen_is_scaled_to_the_size_that_was_asked_for_and_keeps_its_shape() {
        let picture = png(108, 240, |_, _| [200, 10, 10, 255]);
        assert_eq!(size(&scaled(&picture, 80, 80).unwrap()), (36, 80));
        assert_eq!(
            size(&scaled(&picture, 4_000, 80).unwrap()),
            (108, 240),
            "it is not made larger"
        );
        assert_eq!(size(&scaled(&picture, 0, 80).unwrap()), (1, 1));
    }

    #[test]
    fn each_pixel_is_the_mean_of_what_it_covers() {
        let pixels = [
            [0, 0, 0, 255],
            [100, 0, 0, 255],
            [0, 40, 0, 255],
            [100, 0, 80, 255],
        ]
        .concat();
        let source = Source {
            pixels: &pixels,
            width: 2,
            height: 2,
            channels: 4,
        };
        assert_eq!(source.shrunk(1, 1), [50, 10, 20]);
        assert_eq!(source.shrunk(2, 1), [0, 20, 0, 100, 0, 40]);
    }

    #[test]
    fn what_is_no_picture_is_an_error() {
        assert!(scaled(b"hello", 100, 80).is_err());
        let mut cut = png(50, 50, |x, y| [x as u8, y as u8, 0, 255]);
        cut.truncate(cut.len() / 2);
        assert!(scaled(&cut, 10, 80).is_err());
    }
}
