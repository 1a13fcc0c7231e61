//! The four generations that the simulator knows, one personality a phone. Where a value decides what a program
//! prints, the program's file says which row of the facts it follows.

/// A make and model with its Android.
#[derive(Debug, PartialEq)]
pub struct Personality {
    /// How people and tests name it: "android8", …
    pub name: &'static str,
    pub manufacturer: &'static str,
    pub brand: &'static str,
    pub model: &'static str,
    /// `ro.product.device`, `ro.product.name`.
    pub device: &'static str,
    /// `ro.build.version.release`: "8.0.0", "11", …
    pub release: &'static str,
    pub sdk: u32,
    /// Natural orientation, pixels.
    pub width: u32,
    pub height: u32,
    pub density: u32,
    /// Prints the warning about several displays before each PNG.
    pub multi_display: bool,
    /// Refuses injected input until "USB debugging (Security settings)" is on.
    pub input_needs_security_switch: bool,
    /// Language of its menus at first: "en", "fr".
    pub language: &'static str,
}

/// Phone N (from 0) has personality N modulo their count.
pub static ALL: [Personality; 4] = [
    Personality {
        name: "android13",
        manufacturer: "Google",
        brand: "google",
        model: "Pixel 6",
        device: "oriole",
        release: "13",
        sdk: 33,
        width: 1080,
        height: 2400,
        density: 420,
        multi_display: false,
        input_needs_security_switch: false,
        language: "en",
    },
    Personality {
        name: "android8",
        manufacturer: "samsung",
        brand: "samsung",
        model: "SM-G950F",
        device: "dreamlte",
        release: "8.0.0",
        sdk: 26,
        width: 1080,
        height: 2220,
        density: 480,
        multi_display: false,
        input_needs_security_switch: false,
        language: "en",
    },
    Personality {
        name: "android15",
        manufacturer: "Google",
        brand: "google",
        model: "Pixel 9 Pro Fold",
        device: "comet",
        release: "15",
        sdk: 35,
        width: 1080,
        height: 2424,
        density: 420,
        multi_display: true,
        input_needs_security_switch: false,
        language: "en",
    },
    Personality {
        name: "android11",
        manufacturer: "Xiaomi",
        brand: "Redmi",
        model: "M2003J15SC",
        device: "merlin",
        release: "11",
        sdk: 30,
        width: 1080,
        height: 2340,
        density: 440,
        multi_display: false,
        input_needs_security_switch: true,
        language: "en",
    },
];
