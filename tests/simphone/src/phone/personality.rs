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
    /// `ro.build.id`, `ro.build.version.incremental`, `ro.build.version.security_patch`.
    pub build_id: &'static str,
    pub incremental: &'static str,
    pub security_patch: &'static str,
    /// `ro.product.board`, `ro.board.platform`.
    pub board: &'static str,
    pub platform: &'static str,
    /// `ro.product.cpu.abilist`
    pub abi_list: &'static str,
    /// The vendor's own keyboard: its IME id.
    pub keyboard: &'static str,
}

impl Personality {
    /// `brand/name/device:release/id/incremental:user/release-keys`
    pub fn fingerprint(&self) -> String {
        format!(
            "{}/{}/{}:{}/{}/{}:user/release-keys",
            self.brand, self.device, self.device, self.release, self.build_id, self.incremental
        )
    }

    /// The locale that its language came with.
    pub fn locale(&self) -> String {
        match self.language {
            "en" => "en-US".to_owned(),
            language => format!("{language}-{}", language.to_ascii_uppercase()),
        }
    }

    pub fn by_name(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|one| one.name == name)
    }
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
        build_id: "TQ3A.230901.001",
        incremental: "10750268",
        security_patch: "2023-09-01",
        board: "oriole",
        platform: "gs101",
        abi_list: "arm64-v8a,armeabi-v7a,armeabi",
        keyboard: "com.google.android.inputmethod.latin/com.android.inputmethod.latin.LatinIME",
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
        build_id: "R16NW",
        incremental: "G950FXXU4CRI1",
        security_patch: "2018-09-01",
        board: "universal8895",
        platform: "exynos5",
        abi_list: "arm64-v8a,armeabi-v7a,armeabi",
        keyboard: "com.sec.android.inputmethod/.SamsungKeypad",
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
        build_id: "AP4A.250105.002",
        incremental: "12701944",
        security_patch: "2025-01-05",
        board: "comet",
        platform: "zumapro",
        abi_list: "arm64-v8a",
        keyboard: "com.google.android.inputmethod.latin/com.android.inputmethod.latin.LatinIME",
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
        build_id: "RP1A.200720.011",
        incremental: "V12.5.6.0.RJOMIXM",
        security_patch: "2022-03-01",
        board: "merlin",
        platform: "mt6768",
        abi_list: "arm64-v8a,armeabi-v7a,armeabi",
        keyboard: "com.google.android.inputmethod.latin/com.android.inputmethod.latin.LatinIME",
    },
];
