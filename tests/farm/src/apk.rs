//! Small APKs for tests: a ZIP archive with a manifest in Android's binary XML, as `aapt` writes both.

use std::io;
use std::path::Path;

/// What goes into the manifest.
#[derive(Debug, Clone, Copy)]
pub struct App {
    pub package: &'static str,
    pub version_code: u32,
    pub version_name: &'static str,
    pub min_sdk: u32,
    pub permissions: &'static [&'static str],
    /// The class of the activity with an icon, short (`.Main`) or in full.
    pub launcher: &'static str,
    /// Strings as UTF-8, which newer builds do; UTF-16 else.
    pub utf8: bool,
}

/// Writes the app's APK.
pub fn write(path: &Path, app: &App) -> io::Result<()> {
    std::fs::write(
        path,
        zip(&[
            ("classes.dex", b"dex\n035\0".as_slice()),
            ("AndroidManifest.xml", &manifest(app)),
        ]),
    )
}

/// A ZIP archive of files as they are, without compression.
pub fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let offset = out.len() as u32;
        let mut about = Vec::new();
        put16(&mut about, &[20, 0, 0, 0, 0x5821]);
        put32(
            &mut about,
            &[crc32(bytes), bytes.len() as u32, bytes.len() as u32],
        );
        put16(&mut about, &[name.len() as u16, 0]);
        out.extend(b"PK\x03\x04");
        out.extend(&about);
        out.extend(name.as_bytes());
        out.extend(*bytes);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&about);
        put16(&mut directory, &[0, 0, 0]);
        put32(&mut directory, &[0, offset]);
        directory.extend(name.as_bytes());
    }
    let start = out.len() as u32;
    out.extend(&directory);
    out.extend(b"PK\x05\x06");
    put16(&mut out, &[0, 0, files.len() as u16, files.len() as u16]);
    put32(&mut out, &[directory.len() as u32, start]);
    put16(&mut out, &[0]);
    out
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 * (crc & 1))
        })
    };
    !bytes.iter().fold(!0, step)
}

enum Value<'a> {
    Text(&'a str),
    Number(u32),
}

/// The manifest of an app with one activity that the launcher shows.
pub fn manifest(app: &App) -> Vec<u8> {
    let mut xml = Xml::default();
    xml.open(
        "manifest",
        &[
            ("versionCode", Value::Number(app.version_code)),
            ("versionName", Value::Text(app.version_name)),
            ("package", Value::Text(app.package)),
        ],
    );
    xml.open(
        "uses-sdk",
        &[
            ("minSdkVersion", Value::Number(app.min_sdk)),
            ("targetSdkVersion", Value::Number(33)),
        ],
    );
    xml.close("uses-sdk");
    for permission in app.permissions {
        xml.open("uses-permission", &[("name", Value::Text(permission))]);
        xml.close("uses-permission");
    }
    xml.open("application", &[]);
    xml.open(
        "activity",
        &[
            ("name", Value::Text(app.launcher)),
            ("exported", Value::Number(u32::MAX)),
        ],
    );
    xml.open("intent-filter", &[]);
    for (element, name) in [
        ("action", "android.intent.action.MAIN"),
        ("category", "android.intent.category.LAUNCHER"),
    ] {
        xml.open(element, &[("name", Value::Text(name))]);
        xml.close(element);
    }
    for element in ["intent-filter", "activity", "application", "manifest"] {
        xml.close(element);
    }
    xml.finish(app.utf8)
}

#[derive(Default)]
struct Xml {
    strings: Vec<String>,
    chunks: Vec<u8>,
}

const NONE: u32 = u32::MAX;

impl Xml {
    fn string(&mut self, text: &str) -> u32 {
        let known = self.strings.iter().position(|string| string == text);
        known.unwrap_or_else(|| {
            self.strings.push(text.to_owned());
            self.strings.len() - 1
        }) as u32
    }

    fn open(&mut self, name: &str, attributes: &[(&str, Value<'_>)]) {
        let mut body = Vec::new();
        let name = self.string(name);
        put32(&mut body, &[1, NONE, NONE, name]);
        put16(&mut body, &[20, 20, attributes.len() as u16, 0, 0, 0]);
        for (key, value) in attributes {
            let key = self.string(key);
            match value {
                Value::Text(text) => {
                    let text = self.string(text);
                    put32(&mut body, &[NONE, key, text]);
                    put16(&mut body, &[8, 0x0300]);
                    put32(&mut body, &[text]);
                }
                Value::Number(number) => {
                    put32(&mut body, &[NONE, key, NONE]);
                    put16(&mut body, &[8, 0x1000]);
                    put32(&mut body, &[*number]);
                }
            }
        }
        self.chunk(0x0102, &body);
    }

    fn close(&mut self, name: &str) {
        let name = self.string(name);
        let mut body = Vec::new();
        put32(&mut body, &[1, NONE, NONE, name]);
        self.chunk(0x0103, &body);
    }

    /// A node: its header counts line and comment too, which come first in `body`.
    fn chunk(&mut self, kind: u16, body: &[u8]) {
        put16(&mut self.chunks, &[kind, 16]);
        put32(&mut self.chunks, &[8 + body.len() as u32]);
        self.chunks.extend(body);
    }

    fn finish(self, utf8: bool) -> Vec<u8> {
        let (mut offsets, mut data) = (Vec::new(), Vec::new());
        for string in &self.strings {
            put32(&mut offsets, &[data.len() as u32]);
            if utf8 {
                data.extend([string.chars().count() as u8, string.len() as u8]);
                data.extend(string.as_bytes());
                data.push(0);
            } else {
                let units: Vec<u16> = string.encode_utf16().collect();
                put16(&mut data, &[units.len() as u16]);
                put16(&mut data, &units);
                put16(&mut data, &[0]);
            }
        }
        data.resize(data.len().next_multiple_of(4), 0);
        let start = 28 + offsets.len() as u32;
        let mut out = Vec::new();
        let pool = start + data.len() as u32;
        put16(&mut out, &[0x0003, 8]);
        put32(&mut out, &[8 + pool + self.chunks.len() as u32]);
        put16(&mut out, &[0x0001, 28]);
        let flags = if utf8 { 0x100 } else { 0 };
        put32(&mut out, &[pool, self.strings.len() as u32, 0, flags, start, 0]);
        out.extend(offsets);
        out.extend(data);
        out.extend(self.chunks);
        out
    }
}

fn put16(out: &mut Vec<u8>, numbers: &[u16]) {
    out.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

fn put32(out: &mut Vec<u8>, numbers: &[u32]) {
    out.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}
