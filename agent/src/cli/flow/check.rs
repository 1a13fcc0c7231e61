//! `flow check`, `flow list`: a pack without a phone.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use shared::pack::fault::Fault;
use shared::pack::parameters::Parameter;
use shared::pack::{Flow, Pack};
use shared::terminal::{Exit, Output, table};

use super::{CliError, pack};

#[derive(Debug, Args)]
pub(in crate::cli) struct CheckArgs {
    /// The pack's folder.
    #[arg(value_name = "PACK")]
    folder: PathBuf,
    /// Warnings count as faults too.
    #[arg(long)]
    strict: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ListArgs {
    /// The pack's folder.
    #[arg(value_name = "PACK")]
    folder: PathBuf,
}

pub(super) fn check(args: &CheckArgs, output: Output) -> Result<Exit, CliError> {
    let (pack, faults) = match Pack::read(pack::files(&args.folder)?) {
        Ok((pack, warnings)) => (Some(pack), warnings),
        Err(faults) => (None, faults),
    };
    let wrong = faults.iter().filter(|fault| fault.is_error()).count();
    let good = wrong == 0 && (!args.strict || faults.is_empty());
    let about = pack.as_ref().map(|pack| {
        json!({"name": pack.name, "version": pack.version, "hash": pack.hash, "flows": pack.flows.len(), "elements": pack.elements.len()})
    });
    let value = json!({"ok": good, "pack": about, "faults": faults});
    output.result(&value, || {
        let mut lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        lines.push(match &pack {
            Some(pack) => format!(
                "{} {}: {} flows, {} elements, {}",
                pack.name,
                pack.version,
                pack.flows.len(),
                pack.elements.len(),
                counted(&faults)
            ),
            None => format!("{}: {}", args.folder.display(), counted(&faults)),
        });
        lines.join("\n")
    });
    Ok(if good { Exit::Done } else { Exit::Failed })
}

fn counted(faults: &[Fault]) -> String {
    let wrong = faults.iter().filter(|fault| fault.is_error()).count();
    let odd = faults.len() - wrong;
    match (wrong, odd) {
        (0, 0) => "nothing wrong".to_owned(),
        (0, odd) => format!("nothing wrong, {odd} warnings"),
        (wrong, odd) => format!("{wrong} faults, {odd} warnings"),
    }
}

pub(super) fn list(args: &ListArgs, output: Output) -> Result<Exit, CliError> {
    let (pack, _) = pack::read(&args.folder)?;
    let flows: Vec<Value> = pack
        .flows
        .iter()
        .map(|flow| {
            json!({
                "name": flow.name, "title": flow.title, "help": flow.help, "lasting": flow.lasting,
                "experimental": flow.experimental, "permissions": flow.permissions, "parameters": flow.parameters,
            })
        })
        .collect();
    let value = json!({
        "name": pack.name, "version": pack.version, "platform": pack.platform, "hash": pack.hash,
        "packages": pack.packages, "flows": flows,
    });
    output.result(&value, || {
        let mut text = format!(
            "{} {} for {}\n",
            pack.name,
            pack.version,
            pack.packages.join(", ")
        );
        for flow in &pack.flows {
            text.push_str(&describe(flow));
        }
        text
    });
    Ok(Exit::Done)
}

fn describe(flow: &Flow) -> String {
    let mut marks = Vec::new();
    if flow.lasting {
        marks.push("lasting");
    }
    if flow.experimental {
        marks.push("experimental");
    }
    let marks = if marks.is_empty() {
        String::new()
    } else {
        format!(" ({})", marks.join(", "))
    };
    let mut text = format!("\n{}  {}{marks}\n", flow.name, flow.title);
    let rows: Vec<Vec<String>> = flow.parameters.iter().filter(|one| !one.given).map(row).collect();
    for line in table(&rows).lines() {
        text.push_str(&format!("    {line}\n"));
    }
    text
}

fn row(parameter: &Parameter) -> Vec<String> {
    let usual = match (&parameter.default, parameter.required, &parameter.one_of) {
        (Some(default), _, _) => format!("default {default}"),
        (None, true, _) => "required".to_owned(),
        (None, false, Some(group)) => format!("one of {group}"),
        (None, false, None) => String::new(),
    };
    vec![
        parameter.name.clone(),
        parameter.kind.word().to_owned(),
        usual,
        parameter.help.clone(),
    ]
}
