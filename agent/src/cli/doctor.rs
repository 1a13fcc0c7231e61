//! `doctor`: the findings of `crate::doctor`, the worst last, with what to do.

use serde_json::json;
use shared::terminal::{Exit, Output};

use super::session::{Session, server};
use super::{CliError, Global};
use crate::doctor::{Finding, FindingState, Patient, examine_host, examine_phones};

pub(super) async fn run(global: &Global, output: &Output) -> Result<Exit, CliError> {
    let patient = Patient {
        server: server(global),
        adb: global.adb.clone(),
        resident_jar: global.resident_jar.clone(),
    };
    let mut findings = examine_host(&patient).await;
    let adb_works = findings
        .iter()
        .all(|finding| finding.state != FindingState::Bad || !finding.check.starts_with("adb_"));
    if adb_works {
        let session = Session::start(global)?;
        session.settle().await;
        let devices: Vec<_> = session.roster.devices().values().cloned().collect();
        findings.extend(examine_phones(&session.roster, &devices).await);
        session.end().await;
    }
    let bad = findings
        .iter()
        .filter(|finding| finding.state == FindingState::Bad)
        .count();
    let warnings = findings
        .iter()
        .filter(|finding| finding.state == FindingState::Warning)
        .count();
    output.result(&json!({"healthy": bad == 0, "findings": findings}), || {
        tell(&findings, bad, warnings)
    });
    Ok(if bad == 0 { Exit::Done } else { Exit::Failed })
}

fn tell(findings: &[Finding], bad: usize, warnings: usize) -> String {
    let mut text = String::new();
    for finding in findings {
        let mark = match finding.state {
            FindingState::Good => "ok   ",
            FindingState::Warning => "warn ",
            FindingState::Bad => "BAD  ",
        };
        text.push_str(&format!("{mark}  {:<16} {}\n", finding.check, finding.found));
        if let Some(advice) = &finding.advice {
            text.push_str(&format!("                        → {advice}\n"));
        }
    }
    let verdict = match (bad, warnings) {
        (0, 0) => "All is well.".to_owned(),
        (0, 1) => "It works; 1 warning.".to_owned(),
        (0, warnings) => format!("It works; {warnings} warnings."),
        (bad, _) => format!("{bad} to put right before phones can work."),
    };
    format!("{text}\n{verdict}")
}
