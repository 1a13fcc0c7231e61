//! Android's binary XML: a pool of strings, then a flat run of chunks that open and close elements.

use super::{ApkManifest, u16_at, u32_at};

const STRING_POOL: u16 = 0x0001;
const XML: u16 = 0x0003;
const START_ELEMENT: u16 = 0x0102;
const END_ELEMENT: u16 = 0x0103;
const TYPE_STRING: u8 = 0x03;
const UTF8: u32 = 1 << 8;

/// Reads the manifest; `None` where the bytes are no binary XML or name no package.
pub(super) fn manifest(bytes: &[u8]) -> Option<ApkManifest> {
    if u16_at(bytes, 0)? != XML {
        return None;
    }
    let mut reading = Reading::default();
    let mut strings = Vec::new();
    let mut at = usize::from(u16_at(bytes, 2)?);
    while let (Some(kind), Some(size)) = (u16_at(bytes, at), u32_at(bytes, at + 4)) {
        let Some(chunk) = bytes.get(at..at + size as usize).filter(|chunk| chunk.len() >= 8) else {
            break;
        };
        match kind {
            STRING_POOL => strings = pool(chunk)?,
            START_ELEMENT => reading.open(&element(chunk, &strings)?),
            END_ELEMENT => reading.close(),
            _ => {}
        }
        at += size as usize;
    }
    (!reading.found.package.is_empty()).then_some(reading.found)
}

fn pool(chunk: &[u8]) -> Option<Vec<String>> {
    let count = u32_at(chunk, 8)? as usize;
    let utf8 = u32_at(chunk, 16)? & UTF8 != 0;
    let start = u32_at(chunk, 20)? as usize;
    let header = usize::from(u16_at(chunk, 2)?);
    let mut strings = Vec::new();
    for index in 0..count {
        let offset = u32_at(chunk, header + index * 4)? as usize;
        let bytes = chunk.get(start + offset..)?;
        strings.push(if utf8 {
            utf8_string(bytes)?
        } else {
            utf16_string(bytes)?
        });
    }
    Some(strings)
}

/// Two lengths (characters, bytes) of one or two bytes each, then the text.
fn utf8_string(bytes: &[u8]) -> Option<String> {
    let wide = |at: usize| bytes.get(at).map(|byte| usize::from(byte >> 7));
    let skip = 1 + wide(0)?;
    let (length, text) = if wide(skip)? == 1 {
        let high = usize::from(bytes[skip] & 0x7F) << 8;
        (high | usize::from(*bytes.get(skip + 1)?), skip + 2)
    } else {
        (usize::from(bytes[skip]), skip + 1)
    };
    Some(String::from_utf8_lossy(bytes.get(text..text + length)?).into_owned())
}

fn utf16_string(bytes: &[u8]) -> Option<String> {
    let first = usize::from(u16_at(bytes, 0)?);
    let (length, text) = if first & 0x8000 == 0 {
        (first, 2)
    } else {
        (((first & 0x7FFF) << 16) | usize::from(u16_at(bytes, 2)?), 4)
    };
    let units = bytes.get(text..text + length * 2)?;
    let units: Vec<u16> = units
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    Some(String::from_utf16_lossy(&units))
}

struct Element {
    name: String,
    /// (name, text or number)
    attributes: Vec<(String, String)>,
}

impl Element {
    fn get(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

fn element(chunk: &[u8], strings: &[String]) -> Option<Element> {
    let body = chunk.get(usize::from(u16_at(chunk, 2)?)..)?;
    let text = |index: u32| strings.get(index as usize).cloned().unwrap_or_default();
    let name = text(u32_at(body, 4)?);
    let start = usize::from(u16_at(body, 8)?);
    let size = usize::from(u16_at(body, 10)?);
    let count = usize::from(u16_at(body, 12)?);
    let mut attributes = Vec::new();
    for index in 0..count {
        let attribute = body.get(start + index * size..)?;
        let data = u32_at(attribute, 16)?;
        let value = if *attribute.get(15)? == TYPE_STRING {
            text(data)
        } else {
            data.to_string()
        };
        attributes.push((text(u32_at(attribute, 4)?), value));
    }
    Some(Element { name, attributes })
}

#[derive(Default)]
struct Reading {
    found: ApkManifest,
    /// Elements that are open, with the component that each declares.
    open: Vec<(String, Option<String>)>,
    is_main: bool,
    is_launcher: bool,
}

impl Reading {
    fn open(&mut self, element: &Element) {
        let number = |name: &str| element.get(name).and_then(|text| text.parse::<u64>().ok());
        let found = &mut self.found;
        let mut component = None;
        match element.name.as_str() {
            "manifest" => {
                element
                    .get("package")
                    .unwrap_or_default()
                    .clone_into(&mut found.package);
                found.version_code = number("versionCode").unwrap_or(0);
                found.version_name = element.get("versionName").map(str::to_owned);
            }
            "uses-sdk" => {
                found.min_sdk = number("minSdkVersion").map(|sdk| sdk as u32);
                found.target_sdk = number("targetSdkVersion").map(|sdk| sdk as u32);
            }
            "uses-permission" => found.permissions.extend(element.get("name").map(str::to_owned)),
            "service" => {
                component = element.get("name").map(|class| named(&found.package, class));
                if element.get("permission") == Some("android.permission.BIND_INPUT_METHOD") {
                    found.keyboards.extend(component.clone());
                }
            }
            "activity" | "activity-alias" => {
                component = element.get("name").map(|class| named(&found.package, class));
            }
            "intent-filter" => (self.is_main, self.is_launcher) = (false, false),
            "action" => self.is_main |= element.get("name") == Some("android.intent.action.MAIN"),
            "category" => self.is_launcher |= element.get("name") == Some("android.intent.category.LAUNCHER"),
            _ => {}
        }
        self.open.push((element.name.clone(), component));
    }

    fn close(&mut self) {
        let closed = self.open.pop();
        if closed.is_none_or(|(name, _)| name != "intent-filter") || !self.is_main || !self.is_launcher {
            return;
        }
        let component = self.open.last().and_then(|(_, component)| component.clone());
        self.found.launchers.extend(component);
        (self.is_main, self.is_launcher) = (false, false);
    }
}

/// `pkg/.Class` where the class is in the package, else in full.
fn named(package: &str, class: &str) -> String {
    match class.strip_prefix(package) {
        Some(rest) if rest.starts_with('.') => format!("{package}/{rest}"),
        _ => format!("{package}/{class}"),
    }
}
