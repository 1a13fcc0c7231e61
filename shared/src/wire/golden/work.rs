//! The samples of what is said of work.

use super::{Sample, add, text};
use crate::secret::SecretText;
use crate::wire::message::{AgentAsk, AgentReply, ControllerReply, Report, ToAgent, ToController};
use crate::wire::work::{
    AttemptEnd, AttemptFailure, AttemptOutcome, CommitKind, GrantAnswer, GrantAsk, GrantOutcome,
    JournalRecord, JournalState, LogLine, MaterialKind, Order, OrderAccount, OrderMaterial, Progress,
    SecretKind, Settlement, Spoken, Standing, Told,
};

const ATTEMPT: [u8; 16] = [1; 16];
const GRANT: [u8; 16] = [2; 16];
const HASH: [u8; 32] = [3; 32];

pub(super) fn samples(all: &mut Vec<Sample>) {
    reports(all);
    asks(all);
    records(all);
    requests(all);
    replies(all);
}

fn reports(all: &mut Vec<Sample>) {
    let standing = Standing {
        journal: text("j"),
        highest: 70_000,
        attempts: vec![ATTEMPT],
    };
    add(all, 2, "standing", &Report::Standing(standing));
    let progress = Progress {
        attempt: ATTEMPT,
        percent: 40,
        line: text("uploading"),
        steps: 12,
    };
    add(all, 2, "progress", &Report::Progress(vec![progress]));
    let line = LogLine {
        attempt: ATTEMPT,
        at: 1_700_000_000_000,
        line: text("opened the app"),
    };
    add(all, 2, "log", &Report::Log(vec![line]));
    let spoken = Spoken {
        attempt: ATTEMPT,
        language: text("fr"),
    };
    add(all, 2, "spoken", &Report::Spoken(vec![spoken]));
}

fn asks(all: &mut Vec<Sample>) {
    let order = Order {
        attempt: ATTEMPT,
        task: 70_000,
        number: 1,
        epoch: 2,
        serial: text("R58M"),
        pack: HASH,
        flow: text("post"),
        parameters: text("{}"),
        account: Some(OrderAccount {
            id: 5,
            username: text("me"),
            email: text("me@example.org"),
            has_2fa: true,
        }),
        materials: vec![
            OrderMaterial {
                name: text("a.mp4"),
                kind: MaterialKind::Video,
                hash: HASH,
                size: 300,
            },
            OrderMaterial {
                name: text("b.jpg"),
                kind: MaterialKind::Image,
                hash: HASH,
                size: 1,
            },
        ],
        seed: 7,
        package: Some(text("com.x")),
        lease: 60_000,
        longest: 14_400_000,
    };
    let asks = [
        ("work", AgentAsk::Work(order)),
        ("stop_work", AgentAsk::StopWork { attempt: ATTEMPT }),
        ("look_up", AgentAsk::LookUp { grants: vec![GRANT] }),
        ("replay", AgentAsk::Replay { after: 300 }),
    ];
    for (name, ask) in asks {
        add(all, 4, name, &ToAgent { deadline: 5_000, ask });
    }
}

fn records(all: &mut Vec<Sample>) {
    let states = [
        JournalState::Intent { evidence: text("{}") },
        JournalState::Done { proof: text("null") },
        JournalState::Void,
    ];
    let record = |state| JournalRecord {
        grant: GRANT,
        number: 9,
        task: 70_000,
        attempt: ATTEMPT,
        account: 5,
        commit: text("publish"),
        kind: CommitKind::Append,
        key: text("k"),
        state,
        at: 1_700_000_000_000,
    };
    let records = states.into_iter().map(record).collect();
    add(all, 5, "records", &AgentReply::Records(records));
}

fn requests(all: &mut Vec<Sample>) {
    let ask = |kind| GrantAsk {
        attempt: ATTEMPT,
        request: 3,
        commit: text("publish"),
        kind,
        key: text("k"),
        evidence: text("{}"),
        journal: text("j"),
        highest: 8,
    };
    add(all, 6, "grant", &ToController::Grant(ask(CommitKind::Append)));
    add(all, 6, "earlier", &ToController::Earlier(ask(CommitKind::State)));
    let outcomes = [
        ("settle_done", GrantOutcome::Done { proof: text("{}") }),
        ("settle_void", GrantOutcome::Void { why: text("why") }),
        ("settle_unknown", GrantOutcome::Unknown { why: text("why") }),
        ("settle_not_seen", GrantOutcome::NotSeen { why: text("why") }),
    ];
    for (name, outcome) in outcomes {
        let settlement = Settlement {
            attempt: ATTEMPT,
            grant: GRANT,
            outcome,
        };
        add(all, 6, name, &ToController::Settle(settlement));
    }
    let failure = AttemptFailure {
        kind: text("element_missing"),
        message: text("no button"),
        uncertain: true,
        place: Some((text("post.rhai"), 40)),
    };
    let ends = [
        ("ended_done", AttemptOutcome::Done { result: text("{}") }),
        ("ended_failed", AttemptOutcome::Failed(failure)),
    ];
    for (name, outcome) in ends {
        let end = AttemptEnd {
            attempt: ATTEMPT,
            outcome,
            steps: 12,
            took: 70_000,
            driver: text("plain"),
            app_version: text("41.2.3"),
        };
        add(all, 6, name, &ToController::Ended(end));
    }
    let rest = [
        (
            "password",
            ToController::Secret {
                attempt: ATTEMPT,
                what: SecretKind::Password,
            },
        ),
        (
            "totp",
            ToController::Secret {
                attempt: ATTEMPT,
                what: SecretKind::Totp,
            },
        ),
        ("pack", ToController::Pack { hash: HASH }),
        (
            "material",
            ToController::Material {
                hash: HASH,
                offset: 300,
            },
        ),
        (
            "artifact",
            ToController::Artifact {
                attempt: ATTEMPT,
                name: text("screen.png"),
                size: 70_000,
            },
        ),
        ("mine", ToController::Mine { attempt: ATTEMPT }),
    ];
    for (name, request) in rest {
        add(all, 6, name, &request);
    }
}

fn replies(all: &mut Vec<Sample>) {
    let grants = [
        (
            "granted",
            GrantAnswer::Granted {
                grant: GRANT,
                number: 9,
                valid: 120_000,
            },
        ),
        ("grant_done", GrantAnswer::Done { proof: text("{}") }),
        (
            "grant_unknown",
            GrantAnswer::Unknown {
                grant: GRANT,
                evidence: text("{}"),
            },
        ),
        (
            "grant_refused",
            GrantAnswer::Refused {
                kind: text("limited"),
                why: text("why"),
            },
        ),
        ("grant_nothing", GrantAnswer::Nothing),
        (
            "grant_elsewhere",
            GrantAnswer::Elsewhere {
                grant: GRANT,
                evidence: text("{}"),
            },
        ),
    ];
    add(all, 7, "done", &ControllerReply::Done);
    for (name, grant) in grants {
        add(all, 7, name, &ControllerReply::Grant(grant));
    }
    let secret = Told::new(&SecretText::new("s"));
    add(all, 7, "secret", &ControllerReply::Secret(secret));
    let files = vec![(text("pack.toml"), text("name"))];
    add(all, 7, "pack", &ControllerReply::Pack(files));
    add(all, 7, "bytes", &ControllerReply::Bytes { size: 70_000 });
    add(
        all,
        7,
        "not_yours",
        &ControllerReply::NotYours { why: text("why") },
    );
    add(all, 7, "later", &ControllerReply::Later { why: text("why") });
}
