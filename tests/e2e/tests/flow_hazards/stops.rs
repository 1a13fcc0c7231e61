//! Screens that only a person may answer: the flow ends with their kind, touches nothing on them, and keeps a bundle in
//! which no password shows.

use farm::flows::FlowFarm;
use farm::flows::stage::{Finding, Findings, Stage, check, ground};
use serde_json::json;
use shared::screen::Screen;

use super::SPEED;

/// What the platform shows instead of the app, and how a flow must end there.
const INSTAGRAM: [(&str, &str); 10] = [
    ("human_check", "need_person:captcha"),
    ("video_selfie", "need_person:selfie"),
    ("id_upload", "need_person:id"),
    ("suspended", "suspended"),
    ("disabled", "disabled"),
    ("email_code", "need_person:code"),
    ("sms_code", "need_person:code"),
    ("approve_elsewhere", "need_person:approve"),
    ("confirm_identity", "need_person:approve"),
    ("web_block", "limited"),
];
const TIKTOK: [(&str, &str); 4] = [
    ("human_check", "need_person:captcha"),
    ("slider", "need_person:captcha"),
    ("suspended", "suspended"),
    ("disabled", "disabled"),
];

/// It stands there when the app starts.
async fn instead_of_the_app(stage: &Stage<'_>, challenge: &str, kind: &str) -> Finding {
    stage
        .moods(json!({ "challenge": challenge }))
        .await
        .map_err(ground)?;
    let touched = stage.touches();
    let told = stage.run(&stage.follow("ana.sketches")).await.map_err(ground)?;
    told.failed(kind)?;
    check(stage.touches() == touched, || "it was touched".to_owned())?;
    stage.did(&[])
}

/// It comes after the password, which is sent once.
async fn after_the_password(stage: &Stage<'_>, challenge: &str, kind: &str) -> Finding {
    stage
        .moods(json!({ "challenge": challenge }))
        .await
        .map_err(ground)?;
    let told = stage.run(&stage.order("login")).await.map_err(ground)?;
    told.failed(kind)?;
    stage.did(&[])?;
    no_password(stage)
}

/// A page with nothing on it is nothing that a flow knows.
async fn a_blank_page(stage: &Stage<'_>) -> Finding {
    stage
        .moods(json!({ "challenge": "blank_page" }))
        .await
        .map_err(ground)?;
    let touched = stage.touches();
    let told = stage.run(&stage.follow("ana.sketches")).await.map_err(ground)?;
    check(
        matches!(
            told.kind(),
            "unexpected_screen" | "element_missing" | "need_person:unknown"
        ),
        || told.story(),
    )?;
    told.failed(told.kind())?;
    check(stage.touches() == touched, || "it was touched".to_owned())?;
    stage.did(&[])
}

/// Refused once, it is not sent again; the bundle of the page with the field does not show it.
async fn a_wrong_password(stage: &Stage<'_>) -> Finding {
    stage
        .moods(json!({ "wrong_password": true, "challenge": null }))
        .await
        .map_err(ground)?;
    let told = stage.run(&stage.order("login")).await.map_err(ground)?;
    told.failed("wrong_password")?;
    let world = stage.world().await.map_err(ground)?;
    let failures = &world["accounts"][&stage.me.username]["failures"];
    check(*failures == 1, || {
        format!("the password was sent {failures} times")
    })?;
    no_password(stage)?;
    masked(&told.bundled("hierarchy.xml")?, told.bundle().ok_or("no bundle")?)
}

/// Where the tree has a password field, the picture has one colour.
fn masked(xml: &str, bundle: &std::path::Path) -> Finding {
    let screen = Screen::parse(xml).map_err(ground)?;
    let field = screen
        .nodes()
        .find(|node| node.flags().password() && !node.bounds().is_empty());
    let Some(field) = field else {
        return Ok(());
    };
    let file = std::fs::File::open(bundle.join("screen.png")).map_err(ground)?;
    let mut reader = png::Decoder::new(std::io::BufReader::new(file))
        .read_info()
        .map_err(ground)?;
    let mut pixels = vec![0; reader.output_buffer_size().ok_or("a picture without a size")?];
    let frame = reader.next_frame(&mut pixels).map_err(ground)?;
    let samples = frame.color_type.samples();
    let at = |x: i32, y: i32| {
        let (x, y) = (usize::try_from(x).unwrap_or(0), usize::try_from(y).unwrap_or(0));
        pixels[y * frame.line_size + x * samples..][..samples].to_vec()
    };
    let bounds = field.bounds();
    let first = at(bounds.left, bounds.top);
    let middle = i32::midpoint(bounds.top, bounds.bottom);
    let same = (bounds.left..bounds.right).all(|x| at(x, middle) == first);
    check(same, || format!("the picture shows what stands in {bounds}"))
}

/// Neither in what the runs left nor in the phone's own log.
fn no_password(stage: &Stage<'_>) -> Finding {
    let secret = stage.me.password.as_bytes();
    let mut folders = vec![stage.own_folder()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(ground)? {
            let path = entry.map_err(ground)?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            // The file from which it was read.
            if path.to_string_lossy().ends_with("--password-file") {
                continue;
            }
            let bytes = std::fs::read(&path).map_err(ground)?;
            let shows = bytes.windows(secret.len()).any(|window| window == secret);
            check(!shows, || format!("{} holds the password", path.display()))?;
        }
    }
    Ok(())
}

async fn walk(
    farm: &FlowFarm,
    platform: &'static str,
    serial: &str,
    cases: &[(&str, &str)],
) -> Result<Findings, String> {
    let stage = Stage::new(farm, platform, serial).await.map_err(ground)?;
    let mut findings = Findings::default();
    for (challenge, kind) in cases {
        let finding = instead_of_the_app(&stage, challenge, kind).await;
        findings.take(&format!("{platform} {challenge} instead of the app"), finding);
    }
    if platform == "instagram" {
        findings.take("instagram blank page", a_blank_page(&stage).await);
    }
    Ok(findings)
}

async fn logins(
    farm: &FlowFarm,
    platform: &'static str,
    serial: &str,
    cases: &[(&str, &str)],
) -> Result<Findings, String> {
    let stage = Stage::logged_out(farm, platform, serial).await.map_err(ground)?;
    let mut findings = Findings::default();
    for (challenge, kind) in cases {
        let finding = after_the_password(&stage, challenge, kind).await;
        findings.take(&format!("{platform} {challenge} after the password"), finding);
    }
    findings.take(
        &format!("{platform} wrong password"),
        a_wrong_password(&stage).await,
    );
    Ok(findings)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_a_person_may_answer_is_left_to_one() {
    let farm = FlowFarm::start(4, SPEED).await.unwrap();
    let instagram = [
        ("human_check", "need_person:captcha"),
        ("email_code", "need_person:code"),
        ("approve_elsewhere", "need_person:approve"),
        ("disabled", "disabled"),
    ];
    let tiktok = [
        ("slider", "need_person:captcha"),
        ("email_code", "need_person:code"),
        ("suspended", "suspended"),
    ];
    let (one, two, three, four) = tokio::join!(
        walk(&farm, "instagram", "SIM0001", &INSTAGRAM),
        walk(&farm, "tiktok", "SIM0002", &TIKTOK),
        logins(&farm, "instagram", "SIM0003", &instagram),
        logins(&farm, "tiktok", "SIM0004", &tiktok),
    );
    let mut all = Findings::default();
    for findings in [one, two, three, four] {
        all.add(findings.unwrap());
    }
    all.none();
}
