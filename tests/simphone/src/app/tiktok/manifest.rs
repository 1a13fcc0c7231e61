//! What Android knows of TikTok: its packages, versions, activities, and which intents they take.

use super::TikTok;
use crate::app::{Activity, Filter, LaunchMode, Manifest};

/// The launcher's activity, in which the feed runs.
const SPLASH: &str = "com.ss.android.ugc.aweme.splash.SplashActivity";
const MAIN: &str = "com.ss.android.ugc.aweme.main.MainActivity";
/// Takes what other programs share.
pub(super) const SHARE: &str = "com.ss.android.ugc.aweme.share.SystemShareActivity";
/// Camera, editor and post page.
pub(super) const CAMERA: &str = "com.ss.android.ugc.aweme.adaptation.saa.SAASceneWrapperActivity";
pub(super) const LINK: &str = "com.ss.android.ugc.aweme.deeplink.DeepLinkActivityV2";

/// Hosts whose links the app opens.
const HOSTS: &[&str] = &[
    "www.tiktok.com",
    "tiktok.com",
    "m.tiktok.com",
    "vm.tiktok.com",
    "vt.tiktok.com",
];

const fn web() -> Filter {
    Filter {
        action: "android.intent.action.VIEW",
        schemes: &["http", "https"],
        hosts: HOSTS,
        mimes: &[],
        verified: true,
    }
}

const fn own(schemes: &'static [&'static str]) -> Filter {
    Filter {
        action: "android.intent.action.VIEW",
        schemes,
        hosts: &[],
        mimes: &[],
        verified: false,
    }
}

const fn share(action: &'static str, mimes: &'static [&'static str]) -> Filter {
    Filter {
        action,
        schemes: &[],
        hosts: &[],
        mimes,
        verified: false,
    }
}

const ACTIVITIES: &[Activity] = &[
    Activity {
        class: SPLASH,
        exported: true,
        launcher: true,
        mode: LaunchMode::SingleTop,
        ..Activity::PRIVATE
    },
    Activity {
        class: MAIN,
        exported: true,
        mode: LaunchMode::SingleTask,
        ..Activity::PRIVATE
    },
    Activity {
        class: SHARE,
        exported: true,
        filters: &[
            share("android.intent.action.SEND", &["video/*", "image/*"]),
            share("android.intent.action.SEND_MULTIPLE", &["video/*", "image/*"]),
        ],
        ..Activity::PRIVATE
    },
    Activity {
        class: LINK,
        exported: true,
        filters: &[web(), own(&["snssdk1233", "tiktok"])],
        ..Activity::PRIVATE
    },
    Activity {
        class: CAMERA,
        ..Activity::PRIVATE
    },
];

const BASE: Manifest = Manifest {
    package: "com.zhiliaoapp.musically",
    label: &[("en", "TikTok")],
    version_name: "46.8.2",
    version_code: 2_024_608_020,
    versions: &[("43.1.4", 2_024_301_040), ("38.3.2", 2_023_803_020)],
    system: false,
    icon: ("music", "#010101"),
    activities: ACTIVITIES,
    permissions: &[
        "android.permission.CAMERA",
        "android.permission.RECORD_AUDIO",
        "android.permission.READ_MEDIA_VIDEO",
        "android.permission.READ_MEDIA_IMAGES",
        "android.permission.READ_EXTERNAL_STORAGE",
        "android.permission.READ_CONTACTS",
        "android.permission.POST_NOTIFICATIONS",
    ],
    layouts: &[
        include_str!("../../../apps/tiktok/ids.xml"),
        include_str!("../../../apps/tiktok/feed.xml"),
        include_str!("../../../apps/tiktok/profile.xml"),
        include_str!("../../../apps/tiktok/search.xml"),
        include_str!("../../../apps/tiktok/comments.xml"),
        include_str!("../../../apps/tiktok/login.xml"),
        include_str!("../../../apps/tiktok/publish.xml"),
        include_str!("../../../apps/tiktok/sound.xml"),
        include_str!("../../../apps/tiktok/edit.xml"),
        include_str!("../../../apps/tiktok/prompts.xml"),
    ],
    on: |_| true,
    open: |spec| Box::new(TikTok::new("com.zhiliaoapp.musically", spec.seed)),
};

pub static MUSICALLY: Manifest = BASE;

/// The same app under its other name, on some phones beside the first. Both share what the phone keeps of the platform.
pub static TRILL: Manifest = Manifest {
    package: "com.ss.android.ugc.trill",
    version_name: "38.3.2",
    version_code: 2_023_803_020,
    versions: &[("43.1.4", 2_024_301_040), ("46.8.2", 2_024_608_020)],
    on: |personality| personality.name == "android11",
    open: |spec| Box::new(TikTok::new("com.ss.android.ugc.trill", spec.seed)),
    ..BASE
};
