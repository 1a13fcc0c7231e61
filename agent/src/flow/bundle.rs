//! What a failed run leaves for the person who looks at it: the last screen as picture and tree, the steps, and the
//! versions of everything. Passwords are masked in all of them.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use shared::screen::{Bounds, Screen};
use shared::secret::SecretText;

use super::failure::Failure;
use super::host::Host;
use super::screen::Dump;

pub const PICTURE: &str = "screen.png";
pub const HIERARCHY: &str = "hierarchy.xml";
pub const STEPS: &str = "steps.jsonl";
pub const META: &str = "meta.json";
/// What stands in the place of a secret.
const MASK: &str = "•••";
/// A picture with more pixels than any phone has is not unpacked.
const MOST_PIXELS: usize = 40_000_000;

impl Host {
    /// Writes the bundle into `folder`; what cannot be had is left out and named in `meta.json`.
    pub(super) async fn write_bundle(&self, folder: &Path, failure: &Failure) -> io::Result<PathBuf> {
        std::fs::create_dir_all(folder)?;
        let mut lacking: Vec<String> = Vec::new();
        let picture = self.device.screenshot().await;
        // What was on the screen when it failed counts; the phone may have gone on since, so both trees mask.
        let after = self.device.hierarchy().await.ok();
        let last = self.state().last.clone();
        let typed = self.state().typed.clone();
        if let Some(dump) = &last {
            std::fs::write(folder.join(HIERARCHY), mask_tree(dump, &typed))?;
        } else if let Some(after) = &after {
            std::fs::write(
                folder.join(HIERARCHY),
                mask_xml(&after.xml, &after.screen, &typed),
            )?;
        } else {
            lacking.push("no hierarchy could be read".to_owned());
        }
        let mut masked = last
            .as_ref()
            .map(|dump| secret_bounds(&dump.hierarchy.screen, &typed))
            .unwrap_or_default();
        masked.extend(
            after
                .as_ref()
                .map(|after| secret_bounds(&after.screen, &typed))
                .unwrap_or_default(),
        );
        match picture {
            // Without a tree nobody knows where the secrets are.
            Ok(_) if last.is_none() && after.is_none() && !typed.is_empty() => {
                lacking.push(
                    "the picture was left out: secrets were typed and no tree tells where they show"
                        .to_owned(),
                );
            }
            Ok(png) => match mask_picture(&png, &masked) {
                Ok(png) => std::fs::write(folder.join(PICTURE), png)?,
                Err(why) => lacking.push(format!("the picture: {why}")),
            },
            Err(error) => lacking.push(format!("the picture: {error}")),
        }
        let mut steps = io::BufWriter::new(std::fs::File::create(folder.join(STEPS))?);
        for step in &self.state().steps {
            serde_json::to_writer(&mut steps, step)?;
            steps.write_all(b"\n")?;
        }
        steps.flush()?;
        let meta = self.meta(failure, &lacking);
        std::fs::write(folder.join(META), serde_json::to_vec_pretty(&meta)?)?;
        Ok(folder.to_owned())
    }

    fn meta(&self, failure: &Failure, lacking: &[String]) -> Value {
        json!({
            "failure": failure,
            "flow": self.flow.name,
            "pack": {"name": self.pack.name, "version": self.pack.version, "hash": self.pack.hash},
            "app": {"package": self.package, "version": self.app_version},
            "phone": {"serial": self.device.serial(), "android": self.system.android, "sdk": self.system.sdk, "language": self.system.language},
            "driver": self.device.driver(),
            "driver_note": self.device.note(),
            "agent": env!("CARGO_PKG_VERSION"),
            "task": self.task,
            "attempt": self.attempt,
            "account": self.account.username,
            "started": self.started,
            "ended": self.pace.clock().now(),
            "speed": self.pace.speed(),
            "lacking": lacking,
        })
    }
}

fn mask_tree(dump: &Dump, typed: &[SecretText]) -> String {
    mask_xml(&dump.hierarchy.xml, &dump.hierarchy.screen, typed)
}

/// Texts of password fields and every text that was typed as a secret, in the XML.
pub(super) fn mask_xml(xml: &str, screen: &Screen, typed: &[SecretText]) -> String {
    let mut out = xml.to_owned();
    let shown = screen
        .nodes()
        .filter(|node| node.flags().password())
        .map(|node| node.text().to_owned());
    let mut secrets: Vec<SecretText> = shown.map(SecretText::new).collect();
    secrets.extend(typed.iter().cloned());
    // The longest first: one may be a part of another.
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.expose().len()));
    for secret in &secrets {
        let text = secret.expose();
        if text.chars().count() < 3 || text.chars().all(|c| c == '•' || c == '*') {
            continue;
        }
        for form in [
            escaped(text),
            escaped(text).replace("&apos;", "'"),
            text.to_owned(),
        ] {
            out = out.replace(&form, MASK);
        }
    }
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&apos;")
}

/// Where secrets show.
fn secret_bounds(screen: &Screen, typed: &[SecretText]) -> Vec<Bounds> {
    let shows = |text: &str| {
        typed
            .iter()
            .any(|secret| secret.expose().chars().count() >= 3 && text.contains(secret.expose()))
    };
    screen
        .nodes()
        .filter(|node| node.flags().password() || shows(node.text()) || shows(node.description()))
        .map(|node| node.bounds())
        .collect()
}

/// The picture with these places filled.
fn mask_picture(png: &[u8], masked: &[Bounds]) -> Result<Vec<u8>, String> {
    if masked.is_empty() {
        return Ok(png.to_vec());
    }
    let mut decoder = png::Decoder::new(io::Cursor::new(png));
    decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
    let mut reader = decoder.read_info().map_err(|error| error.to_string())?;
    let size = reader
        .output_buffer_size()
        .filter(|size| *size <= MOST_PIXELS * 4);
    let mut pixels = vec![0; size.ok_or("it is too large")?];
    let frame = reader
        .next_frame(&mut pixels)
        .map_err(|error| error.to_string())?;
    let samples = frame.color_type.samples();
    let (width, height) = (frame.width as usize, frame.height as usize);
    for bounds in masked {
        let clip = |value: i32, most: usize| usize::try_from(value).unwrap_or(0).min(most);
        let (left, right) = (clip(bounds.left, width), clip(bounds.right, width));
        for y in clip(bounds.top, height)..clip(bounds.bottom, height) {
            let row = y * frame.line_size;
            if let Some(part) = pixels.get_mut(row + left * samples..row + right * samples) {
                for pixel in part.chunks_exact_mut(samples) {
                    pixel.fill(0x60);
                    if samples == 4 || samples == 2 {
                        pixel[samples - 1] = 0xFF;
                    }
                }
            }
        }
    }
    encode(&pixels, frame.width, frame.height, frame.color_type)
}

fn encode(pixels: &[u8], width: u32, height: u32, color: png::ColorType) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width, height);
    encoder.set_color(color);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(|error| error.to_string())?;
    writer
        .write_image_data(pixels)
        .map_err(|error| error.to_string())?;
    writer.finish().map_err(|error| error.to_string())?;
    Ok(out)
}

/// A white picture, for a phone of paper.
pub(crate) fn blank_picture(width: u32, height: u32) -> Result<Vec<u8>, String> {
    let pixels = vec![0xFF; (width * height * 3) as usize];
    encode(&pixels, width, height, png::ColorType::Rgb)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_picture_shows_nothing_there_and_the_rest_as_it_was() {
        let white = blank_picture(20, 10).unwrap();
        let bounds = Bounds {
            left: 5,
            top: 2,
            right: 900,
            bottom: 4,
        };
        let masked = mask_picture(&white, &[bounds]).unwrap();
        let mut reader = png::Decoder::new(io::Cursor::new(&masked)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        let at = |x: usize, y: usize| pixels[(y * 20 + x) * 3];
        assert_eq!(
            (at(4, 2), at(5, 2), at(19, 3), at(5, 4)),
            (0xFF, 0x60, 0x60, 0xFF)
        );
    }

    #[test]
    fn passwords_and_typed_secrets_are_not_in_the_tree() {
        let xml = r#"<hierarchy><node text="hunter&amp;2" password="true" bounds="[0,0][9,9]"/><node text="code 123456" bounds="[0,0][9,9]"/><node text="2 posts" bounds="[0,0][9,9]"/></hierarchy>"#;
        let screen = Screen::parse(xml).unwrap();
        let masked = mask_xml(xml, &screen, &[SecretText::new("123456")]);
        assert!(
            !masked.contains("hunter") && !masked.contains("123456"),
            "{masked}"
        );
        assert!(masked.contains("2 posts") && Screen::parse(&masked).is_ok());
        assert_eq!(secret_bounds(&screen, &[SecretText::new("123456")]).len(), 2);
    }
}
