//! Every message's bytes, held still: `golden.txt` has one line for each sample below. A change there is a change of the
//! protocol and breaks every agent in the field; what is new is appended.

mod work;

use super::codec::{Message, variants};
use super::handshake::{Answer, Extra, Hello, Refusal, Welcome};
use super::join::{Certified, JoinRefusal, JoinReply, JoinRequest};
use super::message::{
    AgentAsk, AgentReply, ControllerReply, Failure, FailureKind, Notice, PictureForm, PrepareState,
    PrepareStep, Report, ToAgent, ToController,
};
use super::phone::{Batch, FactNews, Patch, PhoneNews, StateNews};
use crate::act::InputAct;
use crate::device::{Battery, Charging, DeviceState, Foreground, Identity, ScreenSize, Wakefulness};

const GOLDEN: &str = include_str!("golden.txt");

pub(super) struct Sample {
    pub(super) name: String,
    /// The number under which the fuzz target decodes it.
    pub(super) kind: u8,
    pub(super) bytes: Vec<u8>,
}

fn text(text: &str) -> String {
    text.to_owned()
}

/// At least one of each variant of each enum.
pub(super) fn samples() -> Vec<Sample> {
    let mut all = Vec::new();
    hello(&mut all);
    control(&mut all);
    requests(&mut all);
    replies(&mut all);
    joining(&mut all);
    work::samples(&mut all);
    all
}

fn add<M: Message + PartialEq + std::fmt::Debug>(all: &mut Vec<Sample>, kind: u8, name: &str, message: &M) {
    let bytes = message.to_bytes().unwrap();
    assert_eq!(M::from_bytes(&bytes).as_ref(), Ok(message));
    all.push(Sample {
        name: format!("{} {name}", M::NAME),
        kind,
        bytes,
    });
}

fn hello(all: &mut Vec<Sample>) {
    let extras = vec![Extra {
        tag: 7,
        value: vec![1, 2],
    }];
    let hello = Hello {
        oldest: 1,
        newest: 2,
        software: text("0.1.0"),
        host_name: text("hub-1"),
        instance: [9; 16],
        now: 1_700_000_000_000,
        extras: extras.clone(),
    };
    add(all, 0, "full", &hello);
    let welcome = Welcome {
        version: 1,
        software: text("0.1.0"),
        host_name: text("hub-1"),
        now: -1,
        extras,
    };
    add(all, 1, "welcome", &Answer::Welcome(welcome));
    let refusals = [
        ("too_old", Refusal::TooOld { oldest: 2, newest: 3 }),
        (
            "too_new",
            Refusal::TooNew {
                oldest: 2,
                newest: 300,
            },
        ),
        ("revoked", Refusal::Revoked),
        ("clock_off", Refusal::ClockOff { by: -3_600_000 }),
        ("not_active", Refusal::NotActive),
        ("duplicate", Refusal::Duplicate),
        ("unknown", Refusal::Unknown),
        ("try_later", Refusal::TryLater),
    ];
    for (name, refusal) in refusals {
        add(all, 1, name, &Answer::Refused(refusal));
    }
}

fn control(all: &mut Vec<Sample>) {
    let told = PhoneNews {
        serial: text("R58M"),
        aliases: Some(vec![text("10.0.0.7:5555")]),
        state: Some(StateNews {
            state: DeviceState::Online,
            reason: None,
            since: 70_000,
        }),
        last_seen: Patch::Now(300),
        usb_path: Patch::Now(text("1-1.4")),
        identity: FactNews::Now {
            value: Identity {
                serialno: text("R58M"),
                manufacturer: text("samsung"),
                model: text("SM-G991B"),
                android: text("14"),
                sdk: 34,
                boot_id: text("b"),
                android_id: text("a"),
            },
            ago: 5_000,
        },
        screen_size: FactNews::Now {
            value: ScreenSize {
                width: 1080,
                height: 2400,
                rotation: 1,
                density: 480,
            },
            ago: 1,
        },
        battery: FactNews::Now {
            value: Battery {
                level: 80,
                temperature_decicelsius: -15,
                charging: Charging::Full,
                frozen: true,
            },
            ago: 1,
        },
        screen: FactNews::Now {
            value: Wakefulness {
                on: true,
                locked: false,
            },
            ago: 1,
        },
        foreground: FactNews::Now {
            value: Foreground {
                package: text("com.x"),
                activity: Some(text("com.x.Main")),
                window: None,
            },
            ago: 1,
        },
        notes: Some(vec![text("hot")]),
    };
    let again = PhoneNews {
        serial: text("R58M"),
        aliases: None,
        state: Some(StateNews {
            state: DeviceState::NoPermissions,
            reason: Some(text("udev")),
            since: -2,
        }),
        last_seen: Patch::None,
        usb_path: Patch::Same,
        identity: FactNews::Same,
        screen_size: FactNews::None,
        battery: FactNews::Again { ago: 200 },
        screen: FactNews::Same,
        foreground: FactNews::Same,
        notes: None,
    };
    let at = 1_700_000_000_000;
    add(
        all,
        2,
        "whole",
        &Report::Phones(Batch {
            at,
            fresh: true,
            more: true,
            phones: vec![told],
            gone: Vec::new(),
        }),
    );
    add(
        all,
        2,
        "changes",
        &Report::Phones(Batch {
            at,
            fresh: false,
            more: false,
            phones: vec![again],
            gone: vec![text("OLD")],
        }),
    );
    add(
        all,
        3,
        "goodbye",
        &Notice::Goodbye {
            reason: text("stopping"),
        },
    );
}

fn requests(all: &mut Vec<Sample>) {
    let serial = || text("R58M");
    let acts = [
        ("tap", InputAct::Tap { x: 1, y: 300 }),
        (
            "long_press",
            InputAct::LongPress {
                x: 1,
                y: 2,
                millis: 800,
            },
        ),
        (
            "swipe",
            InputAct::Swipe {
                x1: 1,
                y1: 2,
                x2: 3,
                y2: 4,
                millis: 250,
            },
        ),
        (
            "text",
            InputAct::Text {
                text: text("né 😀")
            },
        ),
        ("key", InputAct::Key { code: 187 }),
        (
            "open_url",
            InputAct::OpenUrl {
                url: text("https://x.y"),
                package: Some(text("com.x")),
            },
        ),
        (
            "start_app",
            InputAct::StartApp {
                package: text("com.x"),
            },
        ),
        (
            "stop_app",
            InputAct::StopApp {
                package: text("com.x"),
            },
        ),
    ];
    for (name, act) in acts {
        let ask = AgentAsk::Input {
            serial: serial(),
            act,
        };
        add(
            all,
            4,
            &format!("input_{name}"),
            &ToAgent {
                deadline: 15_000,
                ask,
            },
        );
    }
    let asks = [
        ("ping", AgentAsk::Ping),
        (
            "screenshot_png",
            AgentAsk::Screenshot {
                serial: serial(),
                form: PictureForm::Png,
            },
        ),
        (
            "screenshot_jpeg",
            AgentAsk::Screenshot {
                serial: serial(),
                form: PictureForm::Jpeg {
                    max: 800,
                    quality: 70,
                },
            },
        ),
        (
            "glimpse",
            AgentAsk::Glimpse {
                serial: serial(),
                form: PictureForm::Jpeg {
                    max: 240,
                    quality: 70,
                },
                unless: Some(7),
            },
        ),
        ("hierarchy", AgentAsk::Hierarchy { serial: serial() }),
        ("foreground", AgentAsk::Foreground { serial: serial() }),
        (
            "identify",
            AgentAsk::Identify {
                serial: serial(),
                index: 12,
            },
        ),
        (
            "prepare",
            AgentAsk::Prepare {
                serial: serial(),
                check_only: true,
            },
        ),
        (
            "install",
            AgentAsk::Install {
                serial: serial(),
                size: 70_000,
            },
        ),
    ];
    for (name, ask) in asks {
        add(
            all,
            4,
            name,
            &ToAgent {
                deadline: 15_000,
                ask,
            },
        );
    }
    add(
        all,
        6,
        "renew",
        &ToController::Renew {
            csr: vec![0x30, 0x82],
        },
    );
    add(
        all,
        7,
        "renewed",
        &ControllerReply::Renewed {
            certificate: vec![0x30],
            not_after: 2,
            now: 1,
        },
    );
    add(all, 7, "failed", &ControllerReply::Failed { message: text("no") });
}

fn replies(all: &mut Vec<Sample>) {
    add(all, 5, "done", &AgentReply::Done);
    let kinds = [
        ("unknown_phone", FailureKind::UnknownPhone),
        ("online", FailureKind::NotOnline(DeviceState::Online)),
        ("offline", FailureKind::NotOnline(DeviceState::Offline)),
        ("unauthorized", FailureKind::NotOnline(DeviceState::Unauthorized)),
        (
            "no_permissions",
            FailureKind::NotOnline(DeviceState::NoPermissions),
        ),
        ("unplugged", FailureKind::NotOnline(DeviceState::Unplugged)),
        ("refused", FailureKind::Refused),
        ("bad_input", FailureKind::BadInput),
        ("uncertain", FailureKind::Uncertain),
        ("deadline", FailureKind::Deadline),
        ("unsupported", FailureKind::Unsupported),
        ("busy", FailureKind::Busy),
    ];
    for (name, kind) in kinds {
        add(
            all,
            5,
            name,
            &AgentReply::Failed(Failure {
                kind,
                message: text("why"),
            }),
        );
    }
    add(
        all,
        5,
        "png",
        &AgentReply::Picture {
            form: PictureForm::Png,
            bytes: vec![0x89, 0x50],
        },
    );
    let jpeg = PictureForm::Jpeg {
        max: 800,
        quality: 70,
    };
    add(
        all,
        5,
        "jpeg",
        &AgentReply::Picture {
            form: jpeg,
            bytes: vec![0xff, 0xd8],
        },
    );
    add(
        all,
        5,
        "glimpse",
        &AgentReply::Glimpse {
            form: jpeg,
            bytes: vec![0xff, 0xd8],
            tag: 300,
        },
    );
    add(all, 5, "unchanged", &AgentReply::Unchanged);
    add(
        all,
        5,
        "hierarchy",
        &AgentReply::Hierarchy {
            xml: text("<h/>"),
            driver: text("plain"),
        },
    );
    let front = Foreground {
        package: text("com.x"),
        activity: None,
        window: Some(text("NotificationShade")),
    };
    add(all, 5, "foreground", &AgentReply::Foreground(front));
    let states = [
        PrepareState::Ok,
        PrepareState::Fixed,
        PrepareState::WouldFix,
        PrepareState::NeedsPerson,
        PrepareState::Unseen,
        PrepareState::Failed,
    ];
    for state in states {
        let step = PrepareStep {
            name: text("n"),
            title: text("t"),
            state,
            found: text("f"),
            advice: Some(text("a")),
        };
        add(
            all,
            5,
            &format!("step_{}", state.as_str()),
            &AgentReply::Step(step),
        );
    }
    add(
        all,
        5,
        "progress",
        &AgentReply::Progress {
            done: 300,
            total: 70_000,
        },
    );
    add(all, 5, "prepared", &AgentReply::Prepared { ready: true });
}

fn joining(all: &mut Vec<Sample>) {
    add(all, 8, "time", &JoinRequest::Time);
    let enrol = JoinRequest::Enrol {
        token_id: text("id"),
        secret: text("secret"),
        csr: vec![0x30, 0x82],
        host_name: text("hub-1"),
    };
    add(all, 8, "enrol", &enrol);
    add(all, 8, "renew", &JoinRequest::Renew { csr: vec![0x30] });
    add(
        all,
        9,
        "time",
        &JoinReply::Time {
            now: 1_700_000_000_000,
            data_port: 7_443,
        },
    );
    let certified = Certified {
        host: [3; 16],
        certificate: vec![0x30],
        authority: vec![0x31],
        not_after: 1_700_000_000_000,
        now: 5,
        data_port: 7_443,
    };
    add(all, 9, "certified", &JoinReply::Certified(certified));
    let refusals = [
        ("unknown_token", JoinRefusal::UnknownToken),
        ("used_token", JoinRefusal::UsedToken),
        ("expired_token", JoinRefusal::ExpiredToken),
        ("bad_csr", JoinRefusal::BadCsr { why: text("why") }),
        ("unknown_key", JoinRefusal::UnknownKey),
        ("revoked", JoinRefusal::Revoked),
        ("too_late", JoinRefusal::TooLate),
        ("not_active", JoinRefusal::NotActive),
        ("try_later", JoinRefusal::TryLater),
    ];
    for (name, why) in refusals {
        add(all, 9, name, &JoinReply::Refused { why, now: 0 });
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[test]
fn every_message_has_the_bytes_that_it_always_had() {
    let now: Vec<String> = samples()
        .iter()
        .map(|sample| format!("{}: {}", sample.name, hex(&sample.bytes)))
        .collect();
    if std::env::var_os("DROVER_WRITE_GOLDEN").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/wire/golden.txt");
        std::fs::write(path, now.join("\n") + "\n").unwrap();
        return;
    }
    let golden: Vec<&str> = GOLDEN.lines().collect();
    assert_eq!(
        now, golden,
        "a message changed its bytes, or a sample is missing from golden.txt"
    );
}

#[test]
fn every_variant_has_a_sample() {
    let all = samples();
    let of = |name: &str| {
        all.iter()
            .filter(|sample| sample.name.starts_with(&format!("{name} ")))
            .count()
    };
    let firsts = |name: &str| {
        let firsts: std::collections::BTreeSet<u8> = all
            .iter()
            .filter(|sample| sample.name.starts_with(&format!("{name} ")))
            .map(|sample| sample.bytes[0])
            .collect();
        firsts.len()
    };
    assert_eq!(firsts("Report"), variants::<Report>());
    assert_eq!(firsts("Notice"), variants::<Notice>());
    assert_eq!(firsts("AgentReply"), variants::<AgentReply>());
    assert_eq!(firsts("ToController"), variants::<ToController>());
    assert_eq!(firsts("ControllerReply"), variants::<ControllerReply>());
    assert_eq!(firsts("JoinRequest"), variants::<JoinRequest>());
    assert_eq!(firsts("JoinReply"), variants::<JoinReply>());
    assert_eq!(of("Answer"), 1 + variants::<Refusal>());
    // One for each ask and act, and both forms of a picture.
    assert_eq!(
        of("ToAgent"),
        variants::<AgentAsk>() - 1 + variants::<InputAct>() + variants::<PictureForm>() - 1
    );
    assert_eq!(of("JoinReply"), 2 + variants::<JoinRefusal>());
    let failures = variants::<FailureKind>() - 1 + variants::<DeviceState>();
    assert_eq!(
        of("AgentReply"),
        9 - 1 + failures + 2 + variants::<PrepareState>()
    );
}
