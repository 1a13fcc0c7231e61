//! `dumpsys input_method`: which keyboard is chosen and whether it is up; the flag's name follows the phone's Android.

use std::fmt::Write as _;

use super::Answer;
use crate::phone::identity::handle;
use crate::phone::settings::Namespace;
use crate::phone::{Phone, lock};
use crate::ui::Focus;

pub(super) fn run(phone: &Phone, _args: &[&str]) -> Answer {
    let sdk = phone.spec.personality.sdk;
    let (shown, focus) = {
        let ui = phone.ui();
        (ui.keyboard_shown(), ui.focus())
    };
    let (chosen, enabled) = {
        let settings = lock(&phone.settings);
        let get = |key| {
            settings
                .get(Namespace::Secure, key)
                .unwrap_or_default()
                .to_owned()
        };
        (get("default_input_method"), get("enabled_input_methods"))
    };
    let client = match focus {
        Focus::Activity { component } => component,
        _ => "com.android.systemui".to_owned(),
    };
    let package = client.split('/').next().unwrap_or_default();
    let mut out =
        "Current Input Method Manager state:\n  Input Methods: mMethodMapUpdateCount=4\n".to_owned();
    for id in enabled.split(':') {
        let id = id.split(';').next().unwrap_or(id);
        let _ = writeln!(
            out,
            "  InputMethod #0:\n    mId={id} mSettingsActivityName=null mIsVrOnly=false mSupportsSwitchingToNextInputMethod=true\n    mIsDefaultResId=0x7f050007\n    Service:\n      priority=0 preferredOrder=0 match=0x108000 specificIndex=-1 isDefault=false"
        );
    }
    let _ = writeln!(
        out,
        "  ClientState{{{} mUid=10214 mPid=8127 mSelfReportedDisplayId=0}}:\n    mClient=android.view.inputmethod.InputMethodManager@{}\n    mSessionRequested=true",
        handle(phone, &client),
        handle(phone, package)
    );
    let _ = writeln!(out, "  mCurMethodId={chosen}");
    let _ = writeln!(
        out,
        "  mCurClient=ClientState{{{} uid=10214 pid=8127}} mCurSeq=41\n  mFocusedWindowPerceptible={{}}",
        handle(phone, &client)
    );
    let _ = writeln!(
        out,
        "  mCurId={chosen} mHaveConnection=true mBoundToMethod=true mVisibleBound={shown}"
    );
    let _ = writeln!(
        out,
        "  mCurToken=android.os.Binder@{}\n  mCurTokenDisplayId=0\n  mCurHostInputToken=null",
        handle(phone, "ime token")
    );
    if sdk >= 34 {
        let _ = writeln!(
            out,
            "  mImeDrawsImeNavBarRes=false\n  mVisibilityStateComputer:\n   mRequestedShowExplicitly={shown}\n   mShowForced=false\n   mImePolicy={{IME hidden=false}}\n   mInputShown={shown}"
        );
        let _ = writeln!(out, "   inputShown={shown}\n   mInFullscreenMode=false");
    } else {
        let _ = writeln!(
            out,
            "  mShowRequested={shown} mShowExplicitlyRequested=false mShowForced=false mInputShown={shown}\n  mInFullscreenMode=false"
        );
    }
    let _ = writeln!(
        out,
        "  mSystemReady=true mInteractive=true\n  mSettingsObserver=com.android.server.inputmethod.SettingsObserver"
    );
    let _ = writeln!(
        out,
        "\nInput method client state for {package}:\n  mServedView=null\n  mCursorSelStart=0 mCursorSelEnd=0"
    );
    if shown {
        let _ = writeln!(
            out,
            "\nInput method service state for {chosen}:\n  mWindowCreated=true mDecorViewVisible=true mDecorViewWasVisible=true\n  mWindowVisible=true mInShowWindow=false\n  mShowInputRequested=true mLastShowInputRequested=true mShowInputFlags=0x1\n  mIsInputViewShown=true mStatusIcon=0\n  mImeWindowVis=3"
        );
    } else {
        let _ = writeln!(
            out,
            "\nInput method service state for {chosen}:\n  mWindowCreated=true mDecorViewVisible=false mDecorViewWasVisible=true\n  mWindowVisible=false mInShowWindow=false\n  mShowInputRequested=false mLastShowInputRequested=false mShowInputFlags=0x0\n  mIsInputViewShown=false mStatusIcon=0\n  mImeWindowVis=0"
        );
    }
    Answer::text(out)
}
