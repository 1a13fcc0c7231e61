//! Screens as the simulated phones dump them: real shapes, and as many nodes as are wanted.

use std::io;
use std::sync::Arc;

use serde_json::json;
use shared::screen::Screen;
use simphone::app::social::Platform;
use simphone::clock::SimClock;
use simphone::phone::{Phone, PhoneSpec, personality};
use simphone::ui::Intent;

const INSTAGRAM: &str = "com.instagram.android";
const TIKTOK: &str = "com.zhiliaoapp.musically";

/// Inner XML, ready to be put into a hierarchy.
pub(crate) struct Screens {
    /// A whole hierarchy with windows of many screens.
    pub(crate) large: String,
    /// Instagram's own feed and profile, with nodes below them up to the same number.
    pub(crate) feed: String,
    pub(crate) profile: String,
}

/// So many nodes each, or a few more.
pub(crate) fn simulated(nodes: usize) -> io::Result<Screens> {
    let folder = tempfile::Builder::new().prefix("flow-figures").tempdir()?;
    let phone = Phone::open(PhoneSpec {
        serial: "SIM0001".to_owned(),
        personality: &personality::ALL[0],
        seed: 7,
        data: folder.path().to_owned(),
        clock: SimClock::new(1.0),
    })
    .map_err(io::Error::other)?;
    for platform in [Platform::Instagram, Platform::TikTok] {
        let account = json!({ "username": "quiet.otter", "display_name": "Quiet Otter", "password": "x" });
        let mut world = phone.social.world(platform);
        let account = account.as_object().cloned().unwrap_or_default();
        world.seed_account(&account).map_err(io::Error::other)?;
        drop(world);
        let mut install = phone.social.install(platform);
        let moods = json!({ "prompts": [] });
        install
            .set_moods(&moods.as_object().cloned().unwrap_or_default())
            .map_err(io::Error::other)?;
        install.sessions = vec!["quiet.otter".to_owned()];
        install.active = install.sessions.first().cloned();
    }
    let seen = [
        Intent::launch(TIKTOK),
        open(TIKTOK, "https://www.tiktok.com/@ana.sketches"),
        open(INSTAGRAM, "https://www.instagram.com/maya.trails/"),
        open(INSTAGRAM, "https://www.instagram.com/quiet.otter/"),
        Intent::launch(INSTAGRAM),
    ]
    .map(|intent| windows(&phone, &intent));
    let seen = seen.into_iter().collect::<io::Result<Vec<_>>>()?;
    let [.., profile, feed] = seen.as_slice() else {
        return Err(io::Error::other("no screens"));
    };
    // Below the app lie screens of the other one: no element of the pack is there twice. Of windows of one size the
    // first one is on top.
    let fill = |own: &str| -> io::Result<String> {
        let mut inner = String::new();
        for piece in seen.iter().take(2).cycle().take(100) {
            let all = format!("{own}{inner}");
            if count(&all)? >= nodes {
                return Ok(all);
            }
            inner.push_str(piece);
        }
        Err(io::Error::other("the simulated screens have no nodes"))
    };
    Ok(Screens {
        large: hierarchy(&fill(feed)?),
        feed: fill(feed)?,
        profile: fill(profile)?,
    })
}

fn open(package: &str, link: &str) -> Intent {
    let mut intent = Intent::view(link);
    intent.package = Some(package.to_owned());
    intent
}

/// The windows on the screen once the app is there.
fn windows(phone: &Arc<Phone>, intent: &Intent) -> io::Result<String> {
    phone.ui().start(phone, intent);
    let xml = phone.ui().dump(phone, false);
    let inner = xml
        .split_once("<hierarchy")
        .and_then(|(_, rest)| rest.split_once('>'))
        .and_then(|(_, rest)| rest.rsplit_once("</hierarchy>"))
        .map(|(inner, _)| inner.to_owned());
    inner.ok_or_else(|| io::Error::other(format!("not a hierarchy: {xml}")))
}

fn count(inner: &str) -> io::Result<usize> {
    Screen::parse(&hierarchy(inner))
        .map(|screen| screen.nodes().len())
        .map_err(io::Error::other)
}

fn hierarchy(inner: &str) -> String {
    format!(
        "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?><hierarchy rotation=\"0\">{inner}</hierarchy>"
    )
}
