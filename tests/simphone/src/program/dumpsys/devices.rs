//! The short services: input devices and their rotation, trust, displays, load and memory.

use std::fmt::Write as _;

use super::Answer;
use crate::phone::{Phone, lock};
use crate::program::packages;

fn turned(phone: &Phone) -> (u8, u32, u32) {
    let personality = phone.spec.personality;
    let hardware = lock(&phone.hardware);
    let (width, height) = hardware.natural_size((personality.width, personality.height));
    if hardware.rotation % 2 == 1 {
        (hardware.rotation, height, width)
    } else {
        (hardware.rotation, width, height)
    }
}

/// `SurfaceOrientation: 0` up to Android 12, `Orientation: Rotation0` beside it since 13.
pub(super) fn input(phone: &Phone) -> Answer {
    let (rotation, width, height) = turned(phone);
    let sdk = phone.spec.personality.sdk;
    let mut out = "INPUT MANAGER (dumpsys input)\n\nInput Manager State:\n  Interactive: true\n  System UI Visibility: 0x8008\n  Pointer Speed: 0\n\nEvent Hub State:\n  BuiltInKeyboardId: -2\n  Devices:\n".to_owned();
    for (number, (name, classes)) in [
        ("Virtual", "0x40000023"),
        ("gpio_keys", "0x00000001"),
        ("touchscreen", "0x00000014"),
    ]
    .iter()
    .enumerate()
    {
        let _ = writeln!(
            out,
            "    {}: {name}\n      Classes: {classes}\n      Path: /dev/input/event{number}\n      Enabled: true\n      Descriptor: 485d69228e24f5e46da1598745890b214130dbc4\n      Location: \n      ControllerNumber: 0\n      UniqueId: \n      Identifier: bus=0x0000, vendor=0x0000, product=0x0000, version=0x0000",
            if number == 0 { -1 } else { number as i32 }
        );
    }
    let _ = writeln!(
        out,
        "\nInput Reader State:\n  Device 2: touchscreen\n    Generation: 12\n    IsExternal: false\n    HasMic:     false\n    Sources: 0x00001002\n    Touch Input Mapper (mode - DIRECT):\n      Parameters:\n        GestureMode: MULTI_TOUCH\n        DeviceType: TOUCH_SCREEN\n        AssociatedDisplay: hasAssociatedDisplay=true, isExternal=false, displayId=''\n        OrientationAware: true"
    );
    let _ = writeln!(
        out,
        "      Raw Touch Axes:\n        X: min=0, max={}, flat=0, fuzz=0, resolution=0\n        Y: min=0, max={}, flat=0, fuzz=0, resolution=0",
        phone.spec.personality.width - 1,
        phone.spec.personality.height - 1
    );
    let _ = write!(
        out,
        "      Viewport INTERNAL: displayId=0, uniqueId=local:0, port=0, orientation={rotation}, logicalFrame=[0, 0, {width}, {height}], physicalFrame=[0, 0, {width}, {height}], deviceSize=[{width}, {height}], isActive=[1]\n      SurfaceWidth: {width}px\n      SurfaceHeight: {height}px\n      SurfaceLeft: 0\n      SurfaceTop: 0\n"
    );
    if sdk >= 33 {
        let _ = writeln!(
            out,
            "      Orientation: Rotation{}\n      InputDeviceOrientation: {rotation}",
            u32::from(rotation) * 90
        );
    }
    if sdk <= 33 {
        let _ = writeln!(out, "      SurfaceOrientation: {rotation}");
    }
    out.push_str("\nInput Dispatcher State:\n  DispatchEnabled: true\n  DispatchFrozen: false\n  InputFilterEnabled: false\n  FocusedDisplayId: 0\n");
    let focus = phone.ui().focus();
    let title = match focus {
        crate::ui::Focus::None => None,
        crate::ui::Focus::Activity { component } => Some(component),
        crate::ui::Focus::System { title } => Some(title),
    };
    match title {
        Some(title) => {
            let _ = writeln!(
                out,
                "  FocusedWindows:\n    displayId=0, name='{} {title}'",
                crate::phone::identity::handle(phone, &title)
            );
        }
        None => out.push_str("  FocusedWindows: <none>\n"),
    }
    out.push_str("  TouchStates: <no displays touched>\n  RecentQueue: length=10\n  PendingEvent: <none>\n  InboundQueue: <empty>\n");
    Answer::text(out)
}

pub(super) fn trust(phone: &Phone) -> Answer {
    let locked = phone.ui().locked() && super::keyguard_is_secure(phone);
    Answer::text(format!(
        "Trust manager state:\n User \"Owner\" (id=0, flags=0x13) (current): trusted=0, trustManaged=0, deviceLocked={}, strongAuthRequired=0x0\n   Enabled agents:\n   Events:\n",
        u8::from(locked)
    ))
}

pub(super) fn display(phone: &Phone) -> Answer {
    let (rotation, width, height) = turned(phone);
    let density = lock(&phone.hardware)
        .density_override
        .unwrap_or(phone.spec.personality.density);
    let state = if phone.ui().screen_on() { "ON" } else { "OFF" };
    let mut out = format!(
        "DISPLAY MANAGER (dumpsys display)\n  mOnlyCode=false\n  mSafeMode=false\n  mPendingTraversal=false\n  mGlobalDisplayState={state}\n  mNextNonDefaultDisplayId=3\n  mDefaultViewport=DisplayViewport{{valid=true, displayId=0, orientation={rotation}, logicalFrame=Rect(0, 0 - {width}, {height}), deviceWidth={width}, deviceHeight={height}}}\n  mSingleDisplayDemoMode=false\n  mWifiDisplayScanRequestCount=0\n\n"
    );
    let displays = if phone.spec.personality.multi_display {
        2
    } else {
        1
    };
    let _ = writeln!(out, "Display Devices: size={displays}");
    for number in 0..displays {
        let _ = writeln!(
            out,
            "  DisplayDeviceInfo{{\"Built-in Screen\": uniqueId=\"local:{number}\", {}x{}, modeId 1, defaultModeId 1, density {}, state {}}}",
            phone.spec.personality.width,
            phone.spec.personality.height,
            phone.spec.personality.density,
            if number == 0 { state } else { "OFF" }
        );
    }
    let _ = writeln!(
        out,
        "\nLogical Displays: size=1\n  Display 0:\n    mDisplayId=0\n    mLayerStack=0\n    mHasContent=true\n    mBaseDisplayInfo=DisplayInfo{{\"Built-in Screen\", displayId 0, real {} x {}, density {density}}}\n    mOverrideDisplayInfo=DisplayInfo{{\"Built-in Screen\", displayId 0, real {width} x {height}, rotation {rotation}, density {density} ({density}.0 x {density}.0) dpi, state {state}}}",
        phone.spec.personality.width, phone.spec.personality.height
    );
    let _ = writeln!(
        out,
        "\nDisplay Power Controller Locked State:\n  mDisplayReadyLocked=true\nDisplay Power State:\n  mScreenState={state}\n  mScreenBrightness=0.4\n  mScreenReady=true"
    );
    Answer::text(out)
}

pub(super) fn cpuinfo(phone: &Phone) -> Answer {
    let mut out = "Load: 3.12 / 2.98 / 2.71\nCPU usage from 131093ms to 31042ms ago (2026-01-01 00:00:00.000 to 2026-01-01 00:01:40.000):\n  7.1% 1478/system_server: 4.6% user + 2.5% kernel / faults: 11023 minor\n  3.4% 601/surfaceflinger: 1.9% user + 1.5% kernel\n".to_owned();
    for (name, pid) in phone.ui().processes() {
        let _ = writeln!(
            out,
            "  1.2% {pid}/{name}: 0.9% user + 0.3% kernel / faults: 812 minor"
        );
    }
    out.push_str("13% TOTAL: 7.2% user + 4.9% kernel + 0.1% iowait + 0.7% irq + 0.2% softirq\n");
    Answer::text(out)
}

pub(super) fn meminfo(phone: &Phone, args: &[&str]) -> Answer {
    if let Some(name) = args.iter().find(|arg| !arg.starts_with('-')) {
        let running = phone
            .ui()
            .processes()
            .into_iter()
            .find(|(package, _)| package == name);
        return match running {
            Some((name, pid)) => Answer::text(format!(
                "Applications Memory Usage (in Kilobytes):\nUptime: 4211000 Realtime: 4211000\n\n** MEMINFO in pid {pid} [{name}] **\n                   Pss  Private  Private  SwapPss      Rss     Heap     Heap     Heap\n                 Total    Dirty    Clean    Dirty    Total     Size    Alloc     Free\n                ------   ------   ------   ------   ------   ------   ------   ------\n  Native Heap    24312    24220        0        0    26480    45056    31020    11442\n  Dalvik Heap    11034    10928        0        0    14020    22012    11006    11006\n        TOTAL    98122    61200    21104        0   142000    67068    42026    22448\n"
            )),
            None => Answer::text(format!("No process found for: {name}\n")),
        };
    }
    let mut out = "Applications Memory Usage (in Kilobytes):\nUptime: 4211000 Realtime: 4211000\n\nTotal PSS by process:\n    312,004K: system (pid 1478)\n".to_owned();
    for (name, pid) in phone.ui().processes() {
        let _ = writeln!(out, "     98,122K: {name} (pid {pid} / activities)");
    }
    let _ = writeln!(
        out,
        "\nTotal RAM: 7,766,148K (status normal)\n Free RAM: 3,011,204K ({} packages known)\n Used RAM: 4,102,990K",
        packages::all(phone).len()
    );
    Answer::text(out)
}
