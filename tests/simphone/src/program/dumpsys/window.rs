//! `dumpsys window`: policy with the keyguard, displays with the focus, then every window. Which names the keyguard's
//! flags have, what stands for the focused app and where the focus lines are follows the phone's Android.

mod policy;

use std::fmt::Write as _;

use super::Answer;
use crate::phone::identity::handle;
use crate::phone::{Phone, lock};
use crate::ui::{Focus, TaskActivity};

pub(super) fn run(phone: &Phone, args: &[&str]) -> Answer {
    let scene = Scene::of(phone);
    let args: Vec<&str> = args.iter().copied().filter(|arg| *arg != "-a").collect();
    let text = match args.first().copied() {
        None => scene.whole(),
        Some("policy" | "p") => policy::text(&scene),
        Some("displays" | "d") => scene.displays(),
        Some("windows" | "w" | "visible" | "all") => scene.windows(),
        Some("tokens" | "t") => scene.tokens(),
        Some("sessions" | "s") => scene.sessions(),
        Some("lastanr" | "l") => LAST_ANR.to_owned(),
        Some(other) => {
            return Answer::text(format!(
                "Bad window command, or no windows match: {other}\nUse -h for help.\n"
            ));
        }
    };
    Answer::text(text)
}

const LAST_ANR: &str =
    "WINDOW MANAGER LAST ANR (dumpsys window lastanr)\n  <no ANR has occurred since boot>\n";

/// What the phone shows at this moment, as the window manager knows it.
struct Scene<'a> {
    phone: &'a Phone,
    sdk: u32,
    on: bool,
    locked: bool,
    secure: bool,
    keyboard: bool,
    focus: Focus,
    app: Option<TaskActivity>,
    rotation: u8,
    /// Natural, with the override.
    size: (u32, u32),
    density: u32,
}

impl<'a> Scene<'a> {
    fn of(phone: &'a Phone) -> Self {
        let personality = phone.spec.personality;
        let (rotation, size, density) = {
            let hardware = lock(&phone.hardware);
            (
                hardware.rotation,
                hardware.natural_size((personality.width, personality.height)),
                hardware.density_override.unwrap_or(personality.density),
            )
        };
        let ui = phone.ui();
        Self {
            phone,
            sdk: personality.sdk,
            on: ui.screen_on(),
            locked: ui.locked(),
            secure: super::keyguard_is_secure(phone),
            keyboard: ui.keyboard_shown(),
            focus: ui.focus(),
            app: ui.focused_app(),
            rotation,
            size,
            density,
        }
    }

    /// Width and height as the rotation has them now.
    fn turned(&self) -> (u32, u32) {
        if self.rotation % 2 == 1 {
            (self.size.1, self.size.0)
        } else {
            self.size
        }
    }

    fn whole(&self) -> String {
        let mut out = format!("{LAST_ANR}\n");
        out.push_str(&policy::text(self));
        out.push_str(ANIMATOR);
        out.push_str(&self.sessions());
        out.push_str(&self.displays());
        out.push_str(&self.tokens());
        out.push_str(&self.windows());
        out
    }

    fn focused_window(&self) -> Option<String> {
        match &self.focus {
            Focus::None => None,
            Focus::Activity { component } => Some(component.clone()),
            Focus::System { title } => Some(title.clone()),
        }
    }

    fn window(&self, title: &str) -> String {
        format!("Window{{{} u0 {title}}}", handle(self.phone, title))
    }

    /// Two lines; `AppWindowToken` up to Android 9, `ActivityRecord` since.
    fn focus_lines(&self) -> String {
        let focus = self
            .focused_window()
            .map_or_else(|| "null".to_owned(), |title| self.window(&title));
        let app = self.app.as_ref().map_or_else(
            || "null".to_owned(),
            |activity| {
                let record = super::activity_record(self.phone, activity);
                if self.sdk <= 28 {
                    let token = handle(self.phone, &format!("token {}", activity.component));
                    format!(
                        "AppWindowToken{{{token} token=Token{{{} {record}}}}}",
                        handle(self.phone, &record)
                    )
                } else {
                    record
                }
            },
        );
        format!("  mCurrentFocus={focus}\n  mFocusedApp={app}\n")
    }

    fn displays(&self) -> String {
        let mut out = "WINDOW MANAGER DISPLAY CONTENTS (dumpsys window displays)\n".to_owned();
        if self.phone.spec.personality.multi_display {
            // The closed inner screen of a foldable comes first here and has no focus.
            out.push_str(
                "  Display: mDisplayId=2 (organized)\n    init=2076x2152 390dpi cur=2076x2152 app=2076x2152 rng=2076x2076-2152x2152\n    deferred=false mLayoutNeeded=false mTouchExcludeRegion=SkRegion((0,0,2076,2152))\n\n  mLayoutSeq=3\n  mCurrentFocus=null\n  mFocusedApp=null\n\n",
            );
        }
        self.main_display(&mut out);
        if self.sdk >= 29 {
            out.push_str("  mTopFocusedDisplayId=0\n");
        }
        out
    }

    fn main_display(&self, out: &mut String) {
        let (width, height) = self.turned();
        let personality = self.phone.spec.personality;
        let (dpi, rotation) = (self.density, self.rotation);
        let organized = if self.sdk >= 31 { " (organized)" } else { "" };
        let _ = writeln!(out, "  Display: mDisplayId=0{organized}");
        let _ = write!(
            out,
            "    init={}x{} {}dpi",
            personality.width, personality.height, personality.density
        );
        if self.size != (personality.width, personality.height) || dpi != personality.density {
            let _ = write!(out, " base={}x{} {dpi}dpi", self.size.0, self.size.1);
        }
        let app = height.saturating_sub(165);
        let _ = writeln!(
            out,
            " cur={width}x{height} app={width}x{app} rng={width}x{}-{app}x{app}",
            width.saturating_sub(72)
        );
        let _ = writeln!(
            out,
            "    deferred=false mLayoutNeeded=false mTouchExcludeRegion=SkRegion((0,0,{width},{height}))\n"
        );
        if self.sdk >= 29 {
            let _ = writeln!(out, "  mLayoutSeq=1127");
            out.push_str(&self.focus_lines());
            let _ = writeln!(
                out,
                "  mHoldScreenWindow=null\n  mObscuringWindow=null\n  mLastWakeLockHoldingWindow=null"
            );
        }
        out.push_str("\n  DisplayRotation\n");
        if self.sdk >= 29 {
            let _ = writeln!(
                out,
                "    mCurrentAppOrientation=SCREEN_ORIENTATION_UNSPECIFIED\n    mLastOrientation=-1\n    mCurrentRotation=ROTATION_{}",
                u32::from(rotation) * 90
            );
            let _ = writeln!(
                out,
                "    mLandscapeRotation=ROTATION_90 mSeascapeRotation=ROTATION_270\n    mPortraitRotation=ROTATION_0 mUpsideDownRotation=ROTATION_180\n    mSupportAutoRotation=true"
            );
        }
        let _ = writeln!(
            out,
            "    mRotation={rotation} mAltOrientation=false\n    mDeferredRotationPauseCount=0"
        );
        let _ = writeln!(out, "\n  DisplayFrames w={width} h={height} r={rotation}");
        self.keyboard_lines(out);
        let _ = writeln!(out, "  Application tokens in top down Z order:");
        if let Some(activity) = &self.app {
            let record = super::activity_record(self.phone, activity);
            let _ = writeln!(
                out,
                "    mStackId={0} type=standard mode=fullscreen\n      taskId={0}\n        Activity #0 {record}",
                activity.task
            );
        }
        let _ = writeln!(
            out,
            "\n  homeStack=Task{{{} #1 visible=false type=home mode=fullscreen translucent=true}}",
            handle(self.phone, "home")
        );
        let _ = writeln!(
            out,
            "  DockedStackDividerController\n    mLastVisibility=false\n    mMinimizedDock=false\n    mAdjustedForIme=false\n    mAdjustedForDivider=false\n"
        );
        let _ = writeln!(
            out,
            "  PinnedStackController\n    defaultBounds=[{} - 4 - {} - 590]\n    movementBounds=[0 - 0 - {width} - {app}]\n    mIsImeShowing={}\n    mImeHeight={}\n",
            width / 2,
            width - 4,
            self.keyboard,
            if self.keyboard { 840 } else { 0 }
        );
    }

    fn keyboard_lines(&self, out: &mut String) {
        let ime = if self.keyboard {
            self.window("InputMethod")
        } else {
            "null".to_owned()
        };
        let _ = writeln!(out, "  mInputMethodWindow={}", self.window("InputMethod"));
        let _ = writeln!(
            out,
            "  mInputMethodTarget={ime}\n  inputMethodControlTarget={ime}\n  imeShowing={}\n",
            self.keyboard
        );
    }

    fn sessions(&self) -> String {
        let mut out = "WINDOW MANAGER SESSIONS (dumpsys window sessions)\n".to_owned();
        for (process, uid) in [
            ("1892:u0a10122", 10122),
            ("1478:1000", 1000),
            ("2210:u0a10131", 10131),
        ] {
            let _ = writeln!(
                out,
                "  Session Session{{{} {process}}}:\n    mNumWindow={} mAppOverlaySurfaces={{}} mClientDead=false mUid={uid}",
                handle(self.phone, process),
                uid % 7 + 1
            );
        }
        out
    }

    fn tokens(&self) -> String {
        let mut out =
            "WINDOW MANAGER TOKENS (dumpsys window tokens)\n  All tokens:\n  Display #0\n".to_owned();
        for (title, kind) in SYSTEM_WINDOWS {
            let token = handle(self.phone, &format!("token {title}"));
            let _ = writeln!(
                out,
                "    WindowToken{{{token} android.os.BinderProxy@{}}}:\n      windows=[{}]\n      windowType={kind} hidden=false hasVisible=true",
                handle(self.phone, token.as_str()),
                self.window(title)
            );
        }
        out
    }

    fn windows(&self) -> String {
        let mut out = "WINDOW MANAGER WINDOWS (dumpsys window windows)\n".to_owned();
        let mut number = 0;
        let shade = if self.sdk >= 30 {
            "NotificationShade"
        } else {
            "StatusBar"
        };
        for (title, kind) in SYSTEM_WINDOWS {
            self.one_window(
                &mut out,
                number,
                title,
                kind,
                *title != "InputMethod" || self.keyboard,
            );
            number += 1;
            if number == 2 && self.sdk >= 30 {
                self.one_window(&mut out, number, shade, "2040", self.locked);
                number += 1;
            }
        }
        if let Some(title) = self.focused_window().filter(|title| title != shade) {
            self.one_window(&mut out, number, &title, "1", self.on && !self.locked);
            number += 1;
        }
        self.one_window(
            &mut out,
            number,
            "com.android.systemui.ImageWallpaper",
            "2013",
            false,
        );
        let _ = writeln!(
            out,
            "\n  mGlobalConfiguration={{1.0 ?mcc?mnc [{}] ldltr sw411dp w411dp h{}dp {}dpi nrm long port finger -keyb/v/h -nav/h}}",
            self.phone.spec.personality.locale().replace('-', "_"),
            self.turned().1 * 160 / self.density,
            self.density
        );
        let _ = writeln!(out, "  mHasPermanentDpad=false");
        if self.sdk <= 28 {
            out.push_str(&self.focus_lines());
            let _ = writeln!(out, "  mRotation={} mAltOrientation=false", self.rotation);
        }
        let _ = writeln!(
            out,
            "  mInputMethodTarget in display# 0 {}",
            self.focused_window()
                .map_or_else(|| "null".to_owned(), |title| self.window(&title))
        );
        let _ = writeln!(
            out,
            "  mInTouchMode=true\n  mLastDisplayFreezeDuration=0\n  mLastWakeLockHoldingWindow=null mLastWakeLockObscuringWindow=null\n  mSystemBooted=true mDisplayEnabled=true\n  mTransactionSequence=18\n  mDisplayFrozen=false windows=0 client=false apps=0 waitingForConfig=false\n  mAnimationScheduled=false mWindowAnimationScale=1.0 mTransitionWindowAnimationScale=1.0"
        );
        out
    }

    fn one_window(&self, out: &mut String, number: u32, title: &str, kind: &str, shown: bool) {
        let (width, height) = self.turned();
        let package = title
            .split_once('/')
            .map_or("com.android.systemui", |(package, _)| package);
        let window = self.window(title);
        let _ = write!(
            out,
            "  Window #{number} {window}:
    mDisplayId=0 mSession=Session{{{} 1892:u0a10122}} mClient=android.os.BinderProxy@{}
    mOwnerUid=10122 mShowToOwnerOnly=false package={package} appop=NONE
    mAttrs={{(0,0)(fillxfill) sim={{adjust=resize}} ty={kind} fmt=TRANSLUCENT wanim=0x10302f8}}
    Requested w={width} h={height} mLayoutSeq=1127
    mBaseLayer={} mSubLayer=0
    mHasSurface={shown} isReadyForDisplay()={shown} mWindowRemovalAllowed=false
    mContainingFrame=[0,0][{width},{height}] mFrame=[0,0][{width},{height}]
    isOnScreen={shown}
    isVisible={shown}
",
            handle(self.phone, package),
            handle(self.phone, title),
            211_000 - number * 10_000,
        );
    }
}

/// The windows of the system that are always there, and their types.
const SYSTEM_WINDOWS: &[(&str, &str)] = &[
    ("NavigationBar0", "2019"),
    ("StatusBar", "2000"),
    ("InputMethod", "2011"),
    ("AssistPreviewPanel", "2033"),
    ("DockedStackDivider", "2034"),
];

const ANIMATOR: &str = "WINDOW MANAGER ANIMATOR STATE (dumpsys window animator)
    DisplayContentsAnimator #0:
      Window #0: WindowStateAnimator{a1b20c4 com.android.systemui.ImageWallpaper}
      Window #1: WindowStateAnimator{6c0e1f9 StatusBar}
      Window #2: WindowStateAnimator{90d3f1e NavigationBar0}
    mBulkUpdateParams=0x0 
";
