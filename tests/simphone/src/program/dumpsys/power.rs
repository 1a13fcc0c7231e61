//! `dumpsys power`: wakefulness, the display, and why the phone stays awake.

use std::fmt::Write as _;

use super::Answer;
use crate::phone::settings::Namespace;
use crate::phone::{Phone, lock};

pub(super) fn run(phone: &Phone, _args: &[&str]) -> Answer {
    Answer::text(text(phone))
}

fn text(phone: &Phone) -> String {
    let on = phone.ui().screen_on();
    let sdk = phone.spec.personality.sdk;
    let battery = lock(&phone.hardware).shown_battery();
    let plug = match (battery.ac_powered, battery.usb_powered) {
        (true, _) => 1,
        (_, true) => 2,
        _ => 0,
    };
    let (timeout, stay) = {
        let settings = lock(&phone.settings);
        let number = |namespace, key| {
            settings
                .get(namespace, key)
                .and_then(|value| value.parse::<u32>().ok())
        };
        (
            number(Namespace::System, "screen_off_timeout").unwrap_or(60_000),
            number(Namespace::Global, "stay_on_while_plugged_in").unwrap_or(0),
        )
    };
    let stay_on = stay & plug != 0;
    let wakefulness = if on { "Awake" } else { "Asleep" };
    let display = if on { "ON" } else { "OFF" };
    let up = phone.spec.clock.now().0.as_millis();

    let mut out = "POWER MANAGER (dumpsys power)\n\nPower Manager State:\n".to_owned();
    if sdk >= 28 {
        out.push_str("  Settings power_manager_constants:\n    no_cached_wake_locks=true\n");
    }
    let _ = writeln!(out, "  mDirty=0x0");
    let _ = writeln!(out, "  mWakefulness={wakefulness}");
    if sdk >= 33 {
        let _ = writeln!(out, "  getWakefulnessLocked()={wakefulness}");
    }
    let _ = writeln!(out, "  mWakefulnessChanging=false");
    let _ = writeln!(out, "  mIsPowered={}", battery.powered());
    let _ = writeln!(out, "  mPlugType={plug}");
    let _ = writeln!(out, "  mBatteryLevel={}", battery.level);
    out.push_str("  mBatteryLevelWhenDreamStarted=0\n  mDockState=0\n");
    let _ = writeln!(out, "  mStayOn={stay_on}");
    out.push_str("  mProximityPositive=false\n  mBootCompleted=true\n  mSystemReady=true\n  mHalAutoSuspendModeEnabled=false\n");
    let _ = writeln!(out, "  mHalInteractiveModeEnabled={on}");
    let _ = writeln!(out, "  mWakeLockSummary=0x{}", u8::from(on));
    let _ = writeln!(out, "  mNotifyLongScheduled=(none)");
    let _ = writeln!(out, "  mUserActivitySummary=0x{}", u8::from(on));
    out.push_str(
        "  mRequestWaitForNegativeProximity=false\n  mSandmanScheduled=false\n  mSandmanSummoned=false\n",
    );
    out.push_str("  mBatteryLevelLow=false\n  mLightDeviceIdleMode=false\n  mDeviceIdleMode=false\n");
    out.push_str("  mDeviceIdleWhitelist=[1000, 1001, 2000, 10013, 10022]\n  mDeviceIdleTempWhitelist=[]\n");
    let _ = writeln!(out, "  mLastWakeTime={} ({} ms ago)", up / 3, up - up / 3);
    let _ = writeln!(out, "  mLastSleepTime={} ({} ms ago)", up / 4, up - up / 4);
    let _ = writeln!(out, "  mLastSleepReason=timeout");
    let _ = writeln!(out, "  mLastUserActivityTime={} ({} ms ago)", up / 2, up - up / 2);
    let _ = writeln!(
        out,
        "  mLastInteractivePowerHintTime={} ({} ms ago)",
        up / 2,
        up - up / 2
    );
    out.push_str("  mDisplayReady=true\n");
    let _ = writeln!(out, "  mHoldingWakeLockSuspendBlocker=false");
    let _ = writeln!(out, "  mHoldingDisplaySuspendBlocker={on}");
    out.push_str("\nSettings and Configuration:\n");
    out.push_str(CONFIGURATION);
    let _ = writeln!(out, "  mScreenOffTimeoutSetting={timeout}");
    let _ = writeln!(out, "  mStayOnWhilePluggedInSetting={stay}");
    out.push_str("  mScreenBrightnessModeSetting=0\n  mScreenBrightnessSettingMinimum=10\n  mScreenBrightnessSettingMaximum=255\n");
    out.push_str("  mDoubleTapWakeEnabled=false\n  mIsVrModeEnabled=false\n  mForegroundProfile=0\n");
    out.push_str("\nSleep timeout: -1 ms\n");
    let _ = writeln!(
        out,
        "Screen off timeout: {timeout} ms\nScreen dim duration: 7000 ms\n"
    );
    let _ = writeln!(
        out,
        "UIDs (changing=false changeSeq=0):\n  UID 0: ACTIVE  count=0 state=0\n  UID 1000: ACTIVE  count=2 state=0\n  UID 2000: ACTIVE  count=0 state=0\n"
    );
    let locks = usize::from(on);
    let _ = writeln!(
        out,
        "Looper state:\n  Looper (PowerManagerService, tid 34) {{3d1e0a6}}\n    (Total messages: 0, polling=true, quitting=false)\n"
    );
    let _ = writeln!(out, "Wake Locks: size={locks}");
    if on {
        out.push_str("  SCREEN_BRIGHT_WAKE_LOCK        'WindowManager' ON_AFTER_RELEASE ACQ=-2m3s114ms (uid=1000 pid=1478 ws=WorkSource{10122})\n");
    }
    let _ = writeln!(out, "\nSuspend Blockers: size=4");
    let _ = writeln!(out, "  PowerManagerService.WakeLocks: ref count=0");
    let _ = writeln!(out, "  PowerManagerService.Display: ref count={}", u8::from(on));
    out.push_str("  PowerManagerService.Broadcasts: ref count=0\n  PowerManagerService.WirelessChargerDetector: ref count=0\n");
    let _ = writeln!(out, "\nDisplay Power: state={display}\n");
    out.push_str("Battery saving stats:\n  Battery Saver is currently: OFF\n    Last OFF time: 2026-01-01 00:00:00.000 -3m\n    Times enabled: 0\n");
    out
}

const CONFIGURATION: &str = "  mDecoupleHalAutoSuspendModeFromDisplayConfig=false
  mDecoupleHalInteractiveModeFromDisplayConfig=true
  mWakeUpWhenPluggedOrUnpluggedConfig=true
  mWakeUpWhenPluggedOrUnpluggedInTheaterModeConfig=false
  mTheaterModeEnabled=false
  mSuspendWhenScreenOffDueToProximityConfig=false
  mDreamsSupportedConfig=true
  mDreamsEnabledByDefaultConfig=true
  mDreamsActivatedOnSleepByDefaultConfig=false
  mDreamsActivatedOnDockByDefaultConfig=true
  mDreamsEnabledOnBatteryConfig=false
  mDreamsEnabledSetting=false
  mDozeAfterScreenOff=false
  mMinimumScreenOffTimeoutConfig=10000
  mMaximumScreenDimDurationConfig=7000
  mMaximumScreenDimRatioConfig=0.2
";
