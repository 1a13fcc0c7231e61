//! One phone with a social app, and hands for it: find a node by id, text or description, tap it, look what came.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use shared::screen::Screen;
use simphone::app::social::Platform;
use simphone::clock::SimClock;
use simphone::ledger::Entry;
use simphone::phone::{Phone, PhoneSpec, personality};
use simphone::ui::{Intent, Point, Started};

pub(crate) const PACKAGE: &str = "com.instagram.android";
const HERE: Platform = Platform::Instagram;
/// What is waited for in real time; phones live a hundred times as fast.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Stage {
    pub(crate) phone: Arc<Phone>,
    _dir: tempfile::TempDir,
}

/// A phone with accounts `ada` (and `bob`), nobody logged in.
pub(crate) fn stage(make: usize) -> Stage {
    let dir = tempfile::tempdir().unwrap();
    let phone = Phone::open(PhoneSpec {
        serial: "SIM0001".to_owned(),
        personality: &personality::ALL[make],
        seed: 7,
        data: dir.path().to_owned(),
        clock: SimClock::new(100.0),
    })
    .unwrap();
    let stage = Stage { phone, _dir: dir };
    stage.seed(
        &json!({"username": "ada", "password": "s3cret", "email": "ada@example.org",
        "display_name": "Ada L.", "bio": "Engines", "followers": 12_345, "following": 1_234}),
    );
    stage.seed(&json!({"username": "bob", "password": "hunter2"}));
    stage.moods(&json!({"prompts": []}));
    stage
}

/// The same with `ada` and `bob` logged in, the app open on its feed.
pub(crate) fn inside(make: usize) -> Stage {
    let stage = stage(make);
    stage.log_in(&["ada", "bob"]);
    stage.launch();
    stage
}

impl Stage {
    pub(crate) fn seed(&self, account: &Value) {
        let mut world = self.phone.social.world(HERE);
        world.seed_account(account.as_object().unwrap()).unwrap();
    }

    /// Hands for another phone in the same folder.
    pub(crate) fn like(self, phone: Arc<Phone>) -> Self {
        Self { phone, ..self }
    }

    pub(crate) fn moods(&self, moods: &Value) {
        let mut install = self.phone.social.install(HERE);
        install.set_moods(moods.as_object().unwrap()).unwrap();
    }

    pub(crate) fn variant(&self, variant: &str) {
        variant.clone_into(&mut self.phone.social.install(HERE).variant);
    }

    pub(crate) fn log_in(&self, names: &[&str]) {
        let mut install = self.phone.social.install(HERE);
        install.sessions = names.iter().map(|&name| name.to_owned()).collect();
        install.active = install.sessions.first().cloned();
    }

    /// Puts a file into shared storage and the index; answers its id.
    pub(crate) fn media(&self, path: &str, bytes: &[u8]) -> u64 {
        let host = self.phone.files.host_path(path);
        std::fs::create_dir_all(host.parent().unwrap()).unwrap();
        std::fs::write(&host, bytes).unwrap();
        let ready = self.phone.spec.clock.now();
        let mut media = simphone::phone::lock(&self.phone.media);
        media.scan(&self.phone.files, path, ready).unwrap().unwrap().id
    }

    pub(crate) fn allow_media(&self) {
        let sdk = self.phone.spec.personality.sdk;
        for permission in simphone::app::social::pick::wanted_permissions(sdk) {
            let granted = Some(simphone::ui::permission::Decision::Granted);
            self.phone.ui().decide(&self.phone, PACKAGE, permission, granted);
        }
    }

    pub(crate) fn launch(&self) {
        let started = self.start(&Intent::launch(PACKAGE));
        assert!(
            matches!(started, Started::Launched { .. } | Started::BroughtToFront { .. }),
            "{started:?}"
        );
    }

    pub(crate) fn start(&self, intent: &Intent) -> Started {
        self.phone.ui().start(&self.phone, intent)
    }

    pub(crate) fn open(&self, address: &str) {
        let mut intent = Intent::view(address);
        intent.package = Some(PACKAGE.to_owned());
        let started = self.start(&intent);
        assert!(matches!(started, Started::Launched { .. }), "{started:?}");
    }

    pub(crate) fn stop(&self) {
        self.phone.ui().force_stop(&self.phone, PACKAGE);
    }

    pub(crate) fn xml(&self) -> String {
        self.phone.ui().dump(&self.phone, false)
    }

    pub(crate) fn screen(&self) -> Screen {
        Screen::parse(&self.xml()).unwrap()
    }

    /// What the dump says, in short.
    pub(crate) fn seen(&self) -> String {
        let screen = self.screen();
        let told = screen.nodes().filter_map(|node| {
            let id = node.resource_id().rsplit('/').next().unwrap_or_default();
            let told = format!("{id}|{}|{}", node.text(), node.description());
            (told.len() > 2).then_some(told)
        });
        told.collect::<Vec<_>>().join("  ")
    }

    /// The middle of the first node with that id, text or description.
    fn find(&self, label: &str) -> Option<(i32, i32)> {
        let screen = self.screen();
        let mut nodes = screen.nodes();
        let node = nodes.find(|node| is(node, label))?;
        Some(node.bounds().center())
    }

    pub(crate) fn has(&self, label: &str) -> bool {
        self.find(label).is_some()
    }

    pub(crate) fn count(&self, label: &str) -> usize {
        self.screen().nodes().filter(|node| is(node, label)).count()
    }

    /// The text of a node.
    pub(crate) fn text(&self, label: &str) -> String {
        let screen = self.screen();
        let mut nodes = screen.nodes();
        let node = nodes.find(|node| is(node, label));
        node.unwrap_or_else(|| panic!("no {label} in {}", self.seen()))
            .text()
            .to_owned()
    }

    pub(crate) fn desc(&self, label: &str) -> String {
        let screen = self.screen();
        let mut nodes = screen.nodes();
        let node = nodes.find(|node| is(node, label));
        node.unwrap_or_else(|| panic!("no {label} in {}", self.seen()))
            .description()
            .to_owned()
    }

    pub(crate) fn selected(&self, label: &str) -> bool {
        let screen = self.screen();
        let mut nodes = screen.nodes();
        let node = nodes.find(|node| is(node, label));
        node.unwrap_or_else(|| panic!("no {label} in {}", self.seen()))
            .flags()
            .selected()
    }

    pub(crate) fn tap(&self, label: &str) {
        let (x, y) = self
            .find(label)
            .unwrap_or_else(|| panic!("no {label} in {}", self.seen()));
        self.phone.ui().tap(&self.phone, Point { x, y });
    }

    pub(crate) fn type_text(&self, text: &str) {
        assert!(
            self.phone.ui().commit_text(&self.phone, text),
            "no field has the focus"
        );
    }

    pub(crate) fn fill(&self, label: &str, text: &str) {
        self.tap(label);
        self.type_text(text);
    }

    pub(crate) fn back(&self) {
        self.phone.ui().key(&self.phone, 4);
    }

    pub(crate) fn key(&self, code: u32) {
        self.phone.ui().key(&self.phone, code);
    }

    pub(crate) fn swipe_up(&self) {
        let (from, to) = (Point { x: 500, y: 1700 }, Point { x: 500, y: 700 });
        self.phone.ui().swipe(&self.phone, from, to, 400);
    }

    /// Looks again and again until a node is there.
    pub(crate) fn wait(&self, label: &str) {
        self.until(label, |stage| stage.has(label));
    }

    #[expect(clippy::disallowed_methods, reason = "a deadline in real time, not a pause")]
    pub(crate) fn until(&self, what: &str, found: impl Fn(&Self) -> bool) {
        let end = std::time::Instant::now() + PATIENCE;
        while !found(self) {
            assert!(
                std::time::Instant::now() < end,
                "waited for {what}: {}",
                self.seen()
            );
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// The activity in front.
    pub(crate) fn front(&self) -> String {
        let app = self.phone.ui().focused_app();
        app.map(|app| app.component).unwrap_or_default()
    }

    pub(crate) fn ledger(&self) -> Vec<Entry> {
        // What is due by now happens first.
        drop(self.phone.ui());
        self.phone.ledger.entries()
    }

    pub(crate) fn kinds(&self) -> Vec<String> {
        self.ledger().into_iter().map(|entry| entry.kind).collect()
    }

    pub(crate) fn last(&self) -> Map<String, Value> {
        self.ledger().last().unwrap().detail.clone()
    }

    /// The picture of the screen, kept where SIMPHONE_PICTURES says.
    pub(crate) fn picture(&self, name: &str) {
        let Ok(dir) = std::env::var("SIMPHONE_PICTURES") else {
            return;
        };
        let png = self.phone.ui().screenshot(&self.phone);
        std::fs::write(format!("{dir}/instagram-{name}.png"), png).unwrap();
    }
}

fn is(node: &shared::screen::Node<'_>, label: &str) -> bool {
    !node.bounds().is_empty()
        && (node.text() == label
            || node.description() == label
            || node.resource_id().ends_with(&format!("id/{label}")))
}
