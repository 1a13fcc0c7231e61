//! An app that has renamed a button stops a flow with the element's name and a bundle that shows why; one line of the
//! pack's elements mends it, and nothing has to be built.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

use std::path::{Path, PathBuf};

use farm::binary;
use farm::flows::FlowFarm;
use farm::flows::stage::{Finding, Findings, Stage, check, ground};

const SPEED: f64 = 12.0;
/// Stands for what the pack knew of the button before the app renamed it.
const STALE: &str = "any = [{ id = \"zz9\", text = [\"Publish it\"] }]";

/// A button, and the line with which an operator finds it again.
struct Case {
    platform: &'static str,
    serial: &'static str,
    element: &'static str,
    mended: &'static str,
    /// A word by which the bundle shows the renamed button.
    shown: &'static str,
}

const CASES: [Case; 2] = [
    Case {
        platform: "tiktok",
        serial: "SIM0001",
        element: "post_button",
        mended: "any = [{ class = \"Button\", label = [\"Post\"] }]",
        shown: "\"Post\"",
    },
    Case {
        platform: "instagram",
        serial: "SIM0003",
        element: "share_button",
        mended: "any = [{ id = \"share_button\" }, { id = \"share_footer_button\" }]",
        shown: "id/share_button\"",
    },
];

/// A copy of a pack that may be edited.
fn copy(pack: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(pack)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

/// Writes a line in the place of what an element's `any` was.
fn edit(elements: &Path, element: &str, line: &str) -> Finding {
    let text = std::fs::read_to_string(elements).map_err(ground)?;
    let head = format!("\n[{element}]\n");
    let begins = text.find(&head).ok_or("there is no such element")? + head.len();
    let ends = text[begins..].find("\n[").map_or(text.len(), |at| begins + at);
    let any = begins
        + text[begins..ends]
            .find("any = ")
            .ok_or("it has no alternatives")?;
    let edited = format!("{}{line}\n{}", &text[..any], &text[ends..]);
    std::fs::write(elements, edited).map_err(ground)
}

/// What `flow find` says of an element on a bundle's screen.
async fn find(pack: &Path, element: &str, bundle: &Path) -> std::io::Result<std::process::Output> {
    tokio::process::Command::new(binary("drover-agent"))
        .args(["flow", "find"])
        .arg(pack)
        .args(["--element", element, "--bundle"])
        .arg(bundle)
        .output()
        .await
}

async fn broken_and_mended(farm: &FlowFarm, case: &Case) -> Finding {
    let stage = Stage::new(farm, case.platform, case.serial)
        .await
        .map_err(ground)?;
    let pack: PathBuf = farm.folder().join(format!("pack-{}", case.platform));
    copy(&FlowFarm::pack(case.platform), &pack).map_err(ground)?;
    let elements = pack.join("elements.toml");
    edit(&elements, case.element, STALE)?;

    let mut order = stage
        .post("renamed", "The button has another name")
        .map_err(ground)?;
    order.pack = pack.display().to_string();
    let told = stage.run(&order).await.map_err(ground)?;
    told.failed("element_missing")?;
    check(told.answer["error"]["element"] == case.element, || told.story())?;
    check(told.message().contains(case.element), || told.story())?;
    stage.did(&[])?;
    check(told.bundled("hierarchy.xml")?.contains(case.shown), || {
        format!("the bundle does not show {}", case.shown)
    })?;

    let bundle = told.bundle().ok_or("no bundle")?;
    let why = find(&pack, case.element, bundle).await.map_err(ground)?;
    let said = String::from_utf8_lossy(&why.stdout).into_owned();
    check(why.status.code() == Some(1), || format!("flow find: {why:?}"))?;
    check(
        said.contains("zz9") && said.contains("alternative 1 (elements.toml:"),
        || format!("flow find does not say why: {said}"),
    )?;

    edit(&elements, case.element, case.mended)?;
    let found = find(&pack, case.element, bundle).await.map_err(ground)?;
    check(found.status.success(), || {
        format!("flow find after mending: {found:?}")
    })?;
    stage.run(&order).await.map_err(ground)?.done()?;
    stage.did(&[("post", 1)])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_button_is_named_shown_and_mended_with_one_line() {
    let farm = FlowFarm::start(4, SPEED).await.unwrap();
    let (tiktok, instagram) = tokio::join!(
        broken_and_mended(&farm, &CASES[0]),
        broken_and_mended(&farm, &CASES[1])
    );
    let mut findings = Findings::default();
    findings.take("tiktok", tiktok);
    findings.take("instagram", instagram);
    findings.none();
}
