//! `ps`, `pidof`, `kill`: the processes of the system, of running apps and of the shell.

use std::fmt::Write as _;

use super::{Answer, packages};
use crate::phone::Phone;

/// (pid, parent, user, name) of what always runs.
const SYSTEM: &[(u32, u32, &str, &str)] = &[
    (1, 0, "root", "init"),
    (2, 0, "root", "[kthreadd]"),
    (412, 1, "logd", "logd"),
    (415, 1, "system", "servicemanager"),
    (498, 1, "root", "vold"),
    (601, 1, "system", "surfaceflinger"),
    (642, 1, "root", "zygote64"),
    (660, 1, "media", "mediaserver"),
    (702, 1, "shell", "adbd"),
    (1478, 642, "system", "system_server"),
    (1892, 642, "u0_a122", "com.android.systemui"),
    (2044, 642, "radio", "com.android.phone"),
];

struct Row {
    pid: u32,
    parent: u32,
    user: String,
    name: String,
}

fn rows(phone: &Phone) -> Vec<Row> {
    let mut rows: Vec<Row> = SYSTEM
        .iter()
        .map(|(pid, parent, user, name)| Row {
            pid: *pid,
            parent: *parent,
            user: (*user).to_owned(),
            name: (*name).to_owned(),
        })
        .collect();
    let running = phone.ui().processes();
    let known = packages::all(phone);
    for (name, pid) in running {
        if rows.iter().any(|row| row.name == name) {
            continue;
        }
        let uid = known
            .iter()
            .find(|package| package.name == name)
            .map_or(10_200, |package| package.uid);
        let user = if uid < 10_000 {
            "system".to_owned()
        } else {
            format!("u0_a{}", uid - 10_000)
        };
        rows.push(Row {
            pid,
            parent: 642,
            user,
            name,
        });
    }
    for (pid, name) in phone.running.all() {
        rows.push(Row {
            pid,
            parent: 702,
            user: "shell".to_owned(),
            name,
        });
    }
    rows
}

/// Without `-A` or `-e` only the shell's own processes are shown.
pub(super) fn run(phone: &Phone, args: &[&str]) -> Answer {
    let all = args
        .iter()
        .any(|arg| arg.starts_with('-') && (arg.contains('A') || arg.contains('e')));
    let columns = args
        .iter()
        .position(|arg| *arg == "-o")
        .and_then(|at| args.get(at + 1));
    let mut rows = if all { rows(phone) } else { Vec::new() };
    for (pid, parent, name) in [(8127, 702, "sh"), (8131, 8127, "ps")] {
        rows.push(Row {
            pid,
            parent,
            user: "shell".to_owned(),
            name: name.to_owned(),
        });
    }
    let mut out = String::new();
    if let Some(columns) = columns {
        let names: Vec<String> = columns.split(',').map(str::to_uppercase).collect();
        let _ = writeln!(out, "{}", names.join(" "));
        for row in rows {
            let cells: Vec<String> = names.iter().map(|name| row.cell(name)).collect();
            let _ = writeln!(out, "{}", cells.join(" "));
        }
        return Answer::text(out);
    }
    let _ = writeln!(
        out,
        "{:<14} {:>5} {:>5} {:>10} {:>6} {:<16} {:>10} S NAME",
        "USER", "PID", "PPID", "VSZ", "RSS", "WCHAN", "ADDR"
    );
    for row in rows {
        let memory = 900_000 + u64::from(row.pid) * 311;
        let _ = writeln!(
            out,
            "{:<14} {:>5} {:>5} {memory:>10} {:>6} {:<16} {:>10} S {}",
            row.user,
            row.pid,
            row.parent,
            memory / 20,
            "do_epoll_wait",
            0,
            row.name
        );
    }
    Answer::text(out)
}

impl Row {
    fn cell(&self, column: &str) -> String {
        match column {
            "PID" => self.pid.to_string(),
            "PPID" => self.parent.to_string(),
            "USER" => self.user.clone(),
            "NAME" | "ARGS" | "CMD" | "CMDLINE" | "COMM" => self.name.clone(),
            _ => "-".to_owned(),
        }
    }
}

/// Pids on one line; nothing and exit code 1 where there is none.
pub(super) fn pidof(phone: &Phone, args: &[&str]) -> Answer {
    let pids: Vec<String> = rows(phone)
        .into_iter()
        .filter(|row| args.contains(&row.name.as_str()))
        .map(|row| row.pid.to_string())
        .collect();
    if pids.is_empty() {
        return Answer {
            code: 1,
            ..Answer::default()
        };
    }
    Answer::line(&pids.join(" "))
}

/// The shell may not end what belongs to others.
pub(super) fn kill(phone: &Phone, args: &[&str]) -> Answer {
    let mut answer = Answer::default();
    for arg in args.iter().filter(|arg| !arg.starts_with('-')) {
        let pid = arg.parse::<u32>().unwrap_or(0);
        if phone.running.kill(pid) {
            continue;
        }
        let known = rows(phone).iter().any(|row| row.pid == pid);
        let why = if known {
            "Operation not permitted"
        } else {
            "No such process"
        };
        let _ = writeln!(answer.err, "/system/bin/sh: kill: {arg}: {why}");
        answer.code = 1;
    }
    answer
}
