//! `dumpsys activity`: stacks and the resumed activity, in the words of each Android.

use std::fmt::Write as _;

use super::{Answer, activity_record, short_component};
use crate::phone::Phone;
use crate::phone::identity::handle;
use crate::ui::{Focus, TaskActivity};

pub(super) fn run(phone: &Phone, args: &[&str]) -> Answer {
    let args: Vec<&str> = args.iter().copied().filter(|arg| *arg != "-a").collect();
    let text = match args.first().copied() {
        Some("activities" | "a" | "containers") => activities(phone),
        Some("top") => top(phone),
        Some("services" | "s") => services(phone),
        Some("recents" | "r") => recents(phone),
        Some("processes" | "p") => processes(phone),
        Some("broadcasts" | "b") => "ACTIVITY MANAGER BROADCAST STATE (dumpsys activity broadcasts)\n  Historical broadcasts [foreground]:\n  (nothing)\n".to_owned(),
        Some(other) => {
            return Answer::text(format!("Bad activity command, or no activities match: {other}\nUse -h for help.\n"));
        }
        None => [recents(phone), services(phone), activities(phone), processes(phone)].join("-------------------------------------------------------------------------------\n"),
    };
    Answer::text(text)
}

struct Scene {
    activities: Vec<TaskActivity>,
    resumed: Option<TaskActivity>,
    on: bool,
    locked: bool,
}

impl Scene {
    /// Nothing is resumed behind a dark or locked screen.
    fn of(phone: &Phone) -> Self {
        let ui = phone.ui();
        let (on, locked) = (ui.screen_on(), ui.locked());
        let activities = ui.activities();
        Self {
            resumed: activities.first().filter(|_| on && !locked).cloned(),
            activities,
            on,
            locked,
        }
    }
}

fn activities(phone: &Phone) -> String {
    let scene = Scene::of(phone);
    let sdk = phone.spec.personality.sdk;
    let mut out = "ACTIVITY MANAGER ACTIVITIES (dumpsys activity activities)\nDisplay #0 (activities from top to bottom):\n".to_owned();
    let mut tasks: Vec<u32> = Vec::new();
    for activity in &scene.activities {
        if !tasks.contains(&activity.task) {
            tasks.push(activity.task);
        }
    }
    for task in tasks {
        let inside: Vec<&TaskActivity> = scene.activities.iter().filter(|one| one.task == task).collect();
        stack(phone, &scene, task, &inside, &mut out);
    }
    let Some(resumed) = scene.resumed.as_ref().map(|one| activity_record(phone, one)) else {
        out.push_str(if sdk >= 31 {
            "\n  ResumedActivity:null\n"
        } else {
            "\n  mResumedActivity: null\n"
        });
        tail(&scene, sdk, &mut out);
        return out;
    };
    match sdk {
        ..=28 => {
            let _ = writeln!(
                out,
                "\n  mResumedActivity: {resumed}\n  mFocusedStack=ActivityStack{{{} stackId=1 type=standard mode=fullscreen visible=true translucent=false, 1 tasks}}",
                handle(phone, "stack")
            );
        }
        29..=30 => {
            let _ = writeln!(
                out,
                "\n  mResumedActivity: {resumed}\n  topResumedActivity={resumed}"
            );
        }
        _ => {
            let _ = writeln!(
                out,
                "\n  topResumedActivity={resumed}\n\n  ResumedActivity: {resumed}"
            );
        }
    }
    tail(&scene, sdk, &mut out);
    out
}

fn tail(scene: &Scene, sdk: u32, out: &mut String) {
    let _ = writeln!(
        out,
        "  mLastPausedActivity: null\n  mUserLeaving=true mRecentTasks={}",
        scene.activities.len()
    );
    let _ = writeln!(
        out,
        "\nActivityStackSupervisor state:\n  topDisplayFocusedStack=Task{{1a0c9e #1 type=standard}}\n  mLastOrientationSource=null\n  mCurTaskIdForUser={{0=9}}\n  mUserStackInFront={{}}\n  isHomeRecentsComponent=false"
    );
    let _ = writeln!(
        out,
        "\nKeyguardController:\n  mKeyguardShowing={0}\n  mAodShowing=false\n  mKeyguardGoingAway=false\n  Occluded=false DismissingKeyguardActivity=null at display=0\n  mDismissalRequested=false\n  mVisibilityTransactionDepth=0",
        scene.locked
    );
    if sdk >= 29 {
        let _ = writeln!(
            out,
            "LockTaskController:\n  mLockTaskModeState=NONE\n  mLockTaskModeTasks=\n  mLockTaskPackages (userId:packages)=\n    u0:[]"
        );
    }
    let _ = writeln!(out, "  mSleeping={}", !scene.on);
}

fn stack(phone: &Phone, scene: &Scene, task: u32, inside: &[&TaskActivity], out: &mut String) {
    let sdk = phone.spec.personality.sdk;
    let front = scene.resumed.as_ref().is_some_and(|resumed| resumed.task == task);
    let root = inside.last().map_or("", |one| one.component.as_str());
    let package = root.split('/').next().unwrap_or_default();
    let id = handle(phone, &format!("task {task}"));
    if sdk >= 31 {
        let _ = writeln!(
            out,
            "  * Task{{{id} #{task} type=standard A=10214:{package} U=0 visible={front} visibleRequested={front} mode=fullscreen translucent=false sz={}}}",
            inside.len()
        );
        let _ = writeln!(out, "    mLastNonFullscreenBounds=null");
    } else {
        let _ = writeln!(
            out,
            "  Stack #{task}: type=standard mode=fullscreen\n  isSleeping={}\n  mBounds=Rect(0, 0 - 0, 0)",
            !scene.on
        );
        let _ = writeln!(
            out,
            "    Task id #{task}\n    mBounds=Rect(0, 0 - 0, 0)\n    mMinWidth=-1\n    mMinHeight=-1\n    mLastNonFullscreenBounds=null\n    * TaskRecord{{{id} #{task} A={package} U=0 StackId={task} sz={}}}",
            inside.len()
        );
    }
    let _ = writeln!(
        out,
        "      userId=0 effectiveUid=u0a214 mCallingUid=2000 mUserSetupComplete=true mCallingPackage=com.android.shell\n      affinity={package}\n      intent={{act=android.intent.action.MAIN cat=[android.intent.category.LAUNCHER] flg=0x10000000 cmp={}}}",
        short_component(root)
    );
    for (number, activity) in inside.iter().enumerate() {
        let record = activity_record(phone, activity);
        let resumed = front && number == 0;
        let state = if resumed { "RESUMED" } else { "STOPPED" };
        let place = inside.len() - 1 - number;
        if resumed && sdk >= 31 {
            let _ = writeln!(out, "      mResumedActivity: {record}");
        }
        let _ = writeln!(out, "      * Hist #{place}: {record}");
        let owner = activity.component.split('/').next().unwrap_or_default();
        let _ = writeln!(
            out,
            "          packageName={owner} processName={owner}
          launchedFromUid=2000 launchedFromPackage=com.android.shell userId=0
          app=ProcessRecord{{{} 8127:{owner}/u0a214}}
          Intent {{ flg=0x10000000 cmp={} }}
          frontOfTask={} task=Task{{{id} #{task}}}
          taskAffinity={owner}
          mActivityComponent={}
          stateNotNeeded=false componentSpecified=true mActivityType=standard
          compat={{{}dpi}} labelRes=0x7f110035 icon=0x7f0f0001 theme=0x7f120005
          realComponentName={}
          launchFailed=false launchCount=1 lastLaunchTime=-4s211ms
          mHaveState=false mIcicle=null
          state={state} stopped={} delayedResume=false finishing=false
          keysPaused=false inHistory=true visible={resumed} sleeping={} idle=true
          occludesParent=true noDisplay=false immersive=false launchMode=0
          mActivityType=standard
          nowVisible={resumed} lastVisibleTime=-3s902ms",
            handle(phone, &format!("process {owner}")),
            short_component(&activity.component),
            place == 0,
            short_component(&activity.component),
            phone.spec.personality.density,
            short_component(&activity.component),
            !resumed,
            !scene.on,
        );
    }
    out.push('\n');
}

fn top(phone: &Phone) -> String {
    let scene = Scene::of(phone);
    let mut out = String::new();
    for activity in &scene.activities {
        let name = short_component(&activity.component);
        let package = name.split('/').next().unwrap_or_default();
        let _ = writeln!(
            out,
            "TASK {package} id={} userId=0\n  ACTIVITY {name} {} pid=8127\n    Local Activity {} State:\n      mResumed={} mStopped=false mFinished=false",
            activity.task,
            handle(phone, &activity.component),
            handle(phone, &format!("local {name}")),
            scene.resumed.as_ref() == Some(activity)
        );
    }
    out
}

fn services(phone: &Phone) -> String {
    let ime = crate::phone::lock(&phone.settings)
        .secure
        .get("default_input_method")
        .cloned()
        .unwrap_or_default();
    let package = ime.split('/').next().unwrap_or_default();
    format!(
        "ACTIVITY MANAGER SERVICES (dumpsys activity services)
  User 0 active services:
  * ServiceRecord{{{} u0 {ime}}}
    intent={{act=android.view.InputMethod cmp={ime}}}
    packageName={package}
    processName={package}
    permission=android.permission.BIND_INPUT_METHOD
    baseDir=/product/app/base.apk
    createTime=-12m4s119ms startingBgTimeout=--
    lastActivity=-12m4s119ms restartTime=-12m4s119ms createdFromFg=true
    Bindings:
    * IntentBindRecord{{{}}}:
      intent={{act=android.view.InputMethod cmp={ime}}}
",
        handle(phone, &ime),
        handle(phone, &format!("binding {ime}"))
    )
}

fn recents(phone: &Phone) -> String {
    let mut out =
        "ACTIVITY MANAGER RECENT TASKS (dumpsys activity recents)\n  mRecentsUid=10122\n  Recent tasks:\n"
            .to_owned();
    for (number, activity) in Scene::of(phone).activities.iter().enumerate() {
        let package = activity.component.split('/').next().unwrap_or_default();
        let _ = writeln!(
            out,
            "  * Recent #{number}: Task{{{} #{} type=standard A=10214:{package} U=0}}",
            handle(phone, &format!("task {}", activity.task)),
            activity.task
        );
    }
    out
}

fn processes(phone: &Phone) -> String {
    let mut out = "ACTIVITY MANAGER RUNNING PROCESSES (dumpsys activity processes)\n  All known processes:\n"
        .to_owned();
    let ui = phone.ui();
    for (name, pid) in ui.processes() {
        let _ = writeln!(
            out,
            "  *APP* UID 10214 ProcessRecord{{{} {pid}:{name}/u0a214}}\n    user #0 uid=10214 gids={{50214, 20214, 9997}}\n    mRequiredAbi=arm64-v8a instructionSet=null\n    dir=/data/app/base.apk",
            handle(phone, &name)
        );
    }
    if let Focus::System { title } = ui.focus() {
        let _ = writeln!(
            out,
            "  mPreviousProcess: null\n  mHeavyWeightProcess: null ({title})"
        );
    }
    out
}
