//! `dumpsys window policy`: the keyguard above all. `mShowingLockscreen` up to Android 9, the keyguard's delegate and
//! its monitor on all four.

use std::fmt::Write as _;

use super::Scene;

pub(super) fn text(scene: &Scene<'_>) -> String {
    let mut out = "WINDOW MANAGER POLICY STATE (dumpsys window policy)\n".to_owned();
    out.push_str("    mSafeMode=false mSystemReady=true mSystemBooted=true\n");
    out.push_str(if scene.sdk >= 28 {
        "    mCameraLensCoverState=CAMERA_LENS_COVER_ABSENT\n    mWakeGestureEnabledSetting=false\n    mUiMode=UI_MODE_TYPE_NORMAL mEnableCarDockHomeCapture=true\n"
    } else {
        "    mLidState=LID_ABSENT mLidOpenRotation=-1 mCameraLensCoverState=-1 mHdmiPlugged=false\n    mSystemUiVisibility=0x8608 mForceClearedSystemUiFlags=0x0\n    mWakeGestureEnabledSetting=false mSupportAutoRotation=true\n    mUiMode=1 mDockMode=0 mEnableCarDockHomeCapture=true mCarDockRotation=-1 mDeskDockRotation=-1\n    mUserRotationMode=0 mUserRotation=0 mAllowAllRotations=0\n    mCurrentAppOrientation=-1\n"
    });
    out.push_str(BEHAVIOURS);
    if scene.sdk >= 30 {
        out.push_str(NEWER_BEHAVIOURS);
    }
    screen(scene, &mut out);
    if scene.sdk <= 28 {
        old_lockscreen(scene, &mut out);
    }
    let _ = writeln!(
        out,
        "    mKeyguardOccluded=false mKeyguardOccludedChanged=false mPendingKeyguardOccluded=false"
    );
    let timeout = 60_000;
    let _ = writeln!(
        out,
        "    mAllowLockscreenWhenOn=false mLockScreenTimeout={timeout} mLockScreenTimerActive={}",
        scene.on && !scene.locked
    );
    out.push_str("    mGlobalKeyManager:\n      GlobalKeyMapping: {}\n    mKeyMapping.size=0\n");
    keyguard(scene, &mut out);
    out.push_str("    Looper state:\n      Looper (android.ui, tid 16) {b3d6a1c}\n        (Total messages: 0, polling=true, quitting=false)\n\n");
    out
}

fn screen(scene: &Scene<'_>, out: &mut String) {
    let on = scene.on;
    let _ = writeln!(out, "    mAwake={on} mScreenOnEarly={on} mScreenOnFully={on}");
    let _ = writeln!(
        out,
        "    mKeyguardDrawComplete={on} mWindowManagerDrawComplete={on}"
    );
    if scene.sdk <= 28 {
        let _ = writeln!(out, "    mOrientationSensorEnabled={on}");
        let _ = writeln!(
            out,
            "    mHasSoftInput=true\n    mDismissImeOnBackKeyPressed=false"
        );
    } else {
        let _ = writeln!(
            out,
            "    mHasSoftInput=true mHapticTextHandleEnabled=false\n    mDismissImeOnBackKeyPressed=false"
        );
        let _ = writeln!(
            out,
            "    mIncallPowerBehavior=sleep\n    mIncallBackBehavior=<nothing>\n    mEndcallBehavior=sleep"
        );
    }
}

/// What Android 9 and before said of the lock screen's window.
fn old_lockscreen(scene: &Scene<'_>, out: &mut String) {
    let _ = writeln!(
        out,
        "    mShowingLockscreen={} mShowingDream=false mDreamingLockscreen={} mDreamingSleepToken=null",
        scene.locked,
        scene.locked && !scene.on
    );
    if let Some(title) = scene.focused_window() {
        let _ = writeln!(out, "    mFocusedWindow={}", scene.window(&title));
        if let Some(app) = &scene.app {
            let _ = writeln!(
                out,
                "    mFocusedApp=Token{{{} {}}}",
                crate::phone::identity::handle(scene.phone, &app.component),
                crate::program::dumpsys::activity_record(scene.phone, app)
            );
        }
    }
    let _ = writeln!(
        out,
        "    mTopFullscreenOpaqueWindowState={}",
        scene
            .focused_window()
            .map_or_else(|| "null".to_owned(), |title| scene.window(&title))
    );
    let _ = writeln!(
        out,
        "    mTopIsFullscreen=false mForceStatusBar=false mForceStatusBarFromKeyguard={}",
        scene.locked
    );
}

fn keyguard(scene: &Scene<'_>, out: &mut String) {
    let (locked, secure) = (scene.locked, scene.secure);
    let (screen, interactive) = if scene.on {
        ("SCREEN_STATE_ON", "INTERACTIVE_STATE_AWAKE")
    } else {
        ("SCREEN_STATE_OFF", "INTERACTIVE_STATE_SLEEP")
    };
    let reason = if scene.sdk >= 30 {
        "OFF_BECAUSE_OF_USER"
    } else {
        "1"
    };
    let _ = write!(
        out,
        "    KeyguardServiceDelegate
      showing={locked}
      showingAndNotOccluded={locked}
      inputRestricted={locked}
      occluded=false
      secure={secure}
      dreaming=false
      systemIsReady=true
      deviceHasKeyguard=true
      enabled=true
      offReason={reason}
      currentUser=-10000
      bootCompleted=true
      screenState={screen}
      interactiveState={interactive}
      KeyguardStateMonitor
        mIsShowing={locked}
        mSimSecure=false
        mInputRestricted={locked}
"
    );
    if scene.sdk >= 26 {
        let _ = writeln!(out, "        mTrusted=false");
    }
    if scene.sdk <= 33 {
        let _ = writeln!(out, "        mHasLockscreenWallpaper=false");
    }
    out.push_str("        mCurrentUserId=0\n");
}

const BEHAVIOURS: &str =
    "    mLidKeyboardAccessibility=0 mLidNavigationAccessibility=0 mLidControlsScreenLock=false
    mLongPressOnBackBehavior=0
    mLongPressOnHomeBehavior=2
    mDoubleTapOnHomeBehavior=0
    mShortPressOnPowerBehavior=1
    mLongPressOnPowerBehavior=1
    mVeryLongPressOnPowerBehavior=0
    mDoublePressOnPowerBehavior=0
    mTriplePressOnPowerBehavior=0
    mShortPressOnSleepBehavior=0
    mShortPressOnWindowBehavior=0
    mAllowStartActivityForLongPressOnPowerDuringSetup=false
";

const NEWER_BEHAVIOURS: &str = "    mLongPressOnPowerAssistantTimeoutMs=500
    mPowerVolUpBehavior=POWER_VOLUME_UP_BEHAVIOR_MUTE
    mShortPressOnStemPrimaryBehavior=0
    mDoublePressOnStemPrimaryBehavior=0
    mTriplePressOnStemPrimaryBehavior=0
    mLongPressOnStemPrimaryBehavior=0
    mDisplayHomeButtonHandlers:
";
