//! A phone with a logged-in account on it, and the finger that drives it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use shared::screen::Screen;
use simphone::app::social::Platform;
use simphone::clock::SimClock;
use simphone::phone::settings::Namespace;
use simphone::phone::{Phone, PhoneSpec, lock, personality};
use simphone::ui::{Intent, Point, Started};

pub(crate) const PACKAGE: &str = "com.zhiliaoapp.musically";
/// So long a test waits for something, in its own time.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Bench {
    pub(crate) phone: Arc<Phone>,
    _dir: tempfile::TempDir,
}

fn map(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

impl Bench {
    /// A phone of that make with nobody logged in; `quiet.otter` and `second.otter` exist.
    pub(crate) fn fresh(make: usize) -> Self {
        Self::at_speed(make, 60.0)
    }

    fn at_speed(make: usize, speed: f64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let phone = Phone::open(PhoneSpec {
            serial: "SIM0001".to_owned(),
            personality: &personality::ALL[make],
            seed: 7,
            data: dir.path().to_owned(),
            clock: SimClock::new(speed),
        })
        .unwrap();
        let bench = Self { phone, _dir: dir };
        for name in ["quiet.otter", "second.otter"] {
            bench.seed(&json!({
                "username": name, "password": "correct horse", "email": format!("{name}@example.org"),
                "display_name": if name == "quiet.otter" { "Quiet Otter" } else { "Second Otter" },
                "followers": 1_234, "following": 56, "hearts": 12_345,
            }));
        }
        bench
    }

    /// The same with `quiet.otter` logged in.
    pub(crate) fn logged_in(make: usize) -> Self {
        let bench = Self::fresh(make);
        bench.enter();
        bench
    }

    /// The same on a phone so slow that what passes can be seen.
    pub(crate) fn unhurried(make: usize) -> Self {
        let bench = Self::at_speed(make, 2.0);
        bench.enter();
        bench
    }

    fn enter(&self) {
        self.phone.social.install(Platform::TikTok).enter("quiet.otter");
    }

    pub(crate) fn seed(&self, account: &Value) {
        let mut world = self.phone.social.world(Platform::TikTok);
        world.seed_account(&map(account)).unwrap();
    }

    pub(crate) fn moods(&self, moods: &Value) {
        let mut install = self.phone.social.install(Platform::TikTok);
        install.set_moods(&map(moods)).unwrap();
    }

    pub(crate) fn version(&self, version: &str) {
        version.clone_into(&mut self.phone.social.install(Platform::TikTok).version);
    }

    pub(crate) fn french(&self) {
        let put = lock(&self.phone.settings).put(Namespace::System, "system_locales", "fr-FR");
        put.unwrap();
    }

    pub(crate) fn xml(&self) -> String {
        self.phone.ui().dump(&self.phone, false)
    }

    pub(crate) fn has(&self, label: &str) -> bool {
        let screen = Screen::parse(&self.xml()).unwrap();
        screen
            .nodes()
            .any(|node| node.text() == label || node.description() == label)
    }

    /// Whether a text or a description has that in it.
    pub(crate) fn tells(&self, part: &str) -> bool {
        let screen = Screen::parse(&self.xml()).unwrap();
        screen
            .nodes()
            .any(|node| node.text().contains(part) || node.description().contains(part))
    }

    /// The middle of the last node with that text, description or id: the topmost of what is there.
    pub(crate) fn place(&self, label: &str) -> Option<Point> {
        let xml = self.xml();
        let screen = Screen::parse(&xml).unwrap();
        let mut found = screen.nodes().filter(|node| {
            node.text() == label
                || node.description() == label
                || node.resource_id().ends_with(&format!(":id/{label}"))
        });
        let (x, y) = found.next_back()?.bounds().center();
        Some(Point { x, y })
    }

    pub(crate) fn tap(&self, label: &str) {
        let at = self
            .place(label)
            .unwrap_or_else(|| panic!("no {label} in {}", self.xml()));
        self.phone.ui().tap(&self.phone, at);
    }

    /// Waits until it is there, then touches it.
    pub(crate) fn tap_soon(&self, label: &str) {
        self.wait(label, || self.has(label) || self.place(label).is_some());
        self.tap(label);
    }

    pub(crate) fn wait(&self, what: &str, done: impl Fn() -> bool) {
        let end = Instant::now() + PATIENCE;
        while !done() {
            assert!(
                Instant::now() < end,
                "{what} did not happen: {:?} {}",
                self.acts(),
                self.xml()
            );
            std::thread::park_timeout(Duration::from_millis(4));
            // The phone's time goes on when somebody looks.
            drop(self.phone.ui());
        }
    }

    pub(crate) fn wait_for(&self, label: &str) {
        self.wait(label, || self.has(label));
    }

    pub(crate) fn type_text(&self, text: &str) {
        let typed = self.phone.ui().commit_text(&self.phone, text);
        assert!(typed, "no field has the focus in {}", self.xml());
    }

    pub(crate) fn back(&self) {
        self.phone.ui().key(&self.phone, 4);
    }

    pub(crate) fn swipe_up(&self) {
        let (from, to) = (Point { x: 500, y: 1500 }, Point { x: 500, y: 500 });
        self.phone.ui().swipe(&self.phone, from, to, 300);
    }

    pub(crate) fn open(&self) {
        let started = self.phone.ui().start(&self.phone, &Intent::launch(PACKAGE));
        assert!(!matches!(started, Started::Unresolved), "{started:?}");
    }

    pub(crate) fn link(&self, address: &str) -> Started {
        let mut intent = Intent::view(address);
        intent.package = Some(PACKAGE.to_owned());
        self.phone.ui().start(&self.phone, &intent)
    }

    /// Puts a file where galleries see it, and tells its number in the index.
    pub(crate) fn file(&self, path: &str, bytes: &[u8]) -> u64 {
        let host = self.phone.files.host_path(path);
        std::fs::create_dir_all(host.parent().unwrap()).unwrap();
        std::fs::write(&host, bytes).unwrap();
        let now = self.phone.spec.clock.now();
        let mut media = lock(&self.phone.media);
        media.scan(&self.phone.files, path, now).unwrap().unwrap().id
    }

    /// The acts in the ledger: kind and detail.
    pub(crate) fn acts(&self) -> Vec<(String, Map<String, Value>)> {
        let entries = self.phone.ledger.entries().into_iter();
        entries.map(|entry| (entry.kind, entry.detail)).collect()
    }

    pub(crate) fn kinds(&self) -> Vec<String> {
        self.acts().into_iter().map(|(kind, _)| kind).collect()
    }

    pub(crate) fn moving(&self) -> bool {
        self.phone.ui().animating()
    }

    /// The number of a post of that author, the newest.
    pub(crate) fn post_of(&self, author: &str) -> u64 {
        let world = self.phone.social.world(Platform::TikTok);
        world.posts_of(author, author).next().unwrap().id
    }

    pub(crate) fn picture(&self, name: &str) {
        let png = self.phone.ui().screenshot(&self.phone);
        assert!(png.starts_with(b"\x89PNG"), "{name}");
        if let Ok(dir) = std::env::var("SIMPHONE_PICTURES") {
            std::fs::write(format!("{dir}/tiktok-{name}.png"), png).unwrap();
        }
    }
}

/// What more than one screen needs.
impl Bench {
    /// Touches the last node whose text or description begins with that.
    pub(crate) fn tap_part(&self, start: &str) {
        let xml = self.xml();
        let screen = Screen::parse(&xml).unwrap();
        let mut found = screen
            .nodes()
            .filter(|node| node.text().starts_with(start) || node.description().starts_with(start));
        let node = found.next_back().unwrap_or_else(|| panic!("no {start} in {xml}"));
        let (x, y) = node.bounds().center();
        self.phone.ui().tap(&self.phone, Point { x, y });
    }

    pub(crate) fn swipe_left(&self) {
        let (from, to) = (Point { x: 800, y: 900 }, Point { x: 200, y: 900 });
        self.phone.ui().swipe(&self.phone, from, to, 300);
    }

    /// Allows whatever the system asks, as long as it asks.
    pub(crate) fn allow_all(&self) {
        for id in [
            "permission_allow_foreground_only_button",
            "permission_allow_all_button",
            "permission_allow_button",
        ]
        .iter()
        .cycle()
        .take(12)
        {
            if self.place(id).is_some() {
                self.tap(id);
            }
        }
    }

    pub(crate) fn comment_count(&self, post: u64) -> u64 {
        let world = self.phone.social.world(Platform::TikTok);
        world.comment_count(world.post(post).unwrap())
    }

    /// The button at the right end of the composer's row, and whether it is enabled.
    fn sender(&self) -> Option<(Point, bool)> {
        let xml = self.xml();
        let screen = Screen::parse(&xml).unwrap();
        let mention = screen
            .nodes()
            .find(|node| node.description() == "Mention someone")?;
        let row = mention.bounds();
        let found = screen.nodes().find(|node| {
            node.flags().clickable()
                && node.bounds().left >= row.right
                && node.bounds().center().1 / 40 == row.center().1 / 40
        })?;
        let (x, y) = found.bounds().center();
        Some((Point { x, y }, found.flags().enabled()))
    }

    pub(crate) fn armed(&self) -> Option<bool> {
        self.sender().map(|(_, enabled)| enabled)
    }

    pub(crate) fn send(&self) {
        let (at, enabled) = self
            .sender()
            .unwrap_or_else(|| panic!("no send button in {}", self.xml()));
        assert!(enabled);
        self.phone.ui().tap(&self.phone, at);
    }
}

/// What the flows of one screen need.
impl Bench {
    fn flag(&self, label: &str, test: impl Fn(shared::screen::Flags) -> bool) -> bool {
        let xml = self.xml();
        let screen = Screen::parse(&xml).unwrap();
        let mut found = screen
            .nodes()
            .filter(|node| node.text() == label || node.description() == label);
        let node = found.next_back().unwrap_or_else(|| panic!("no {label} in {xml}"));
        test(node.flags())
    }

    pub(crate) fn enabled(&self, label: &str) -> bool {
        self.flag(label, shared::screen::Flags::enabled)
    }

    /// Whether the row with that text in it is the selected one.
    pub(crate) fn selected(&self, label: &str) -> bool {
        let xml = self.xml();
        let screen = Screen::parse(&xml).unwrap();
        let mut found = screen.nodes().filter(|node| node.text() == label);
        let row = found.next_back().unwrap_or_else(|| panic!("no {label} in {xml}"));
        row.flags().selected() || row.ancestors().any(|node| node.flags().selected())
    }

    /// Touches a button of that text that is no field and no icon.
    pub(crate) fn tap_last_text(&self, label: &str) {
        let xml = self.xml();
        let screen = Screen::parse(&xml).unwrap();
        let mut found = screen
            .nodes()
            .filter(|node| node.text() == label && node.class().ends_with("Button"));
        let node = found
            .next_back()
            .unwrap_or_else(|| panic!("no button {label} in {xml}"));
        let (x, y) = node.bounds().center();
        self.phone.ui().tap(&self.phone, Point { x, y });
    }

    /// The switch with that description.
    pub(crate) fn tap_switch(&self, label: &str) {
        let xml = self.xml();
        let screen = Screen::parse(&xml).unwrap();
        let found = screen
            .nodes()
            .find(|node| node.description() == label && node.class().ends_with("Switch"));
        let (x, y) = found
            .unwrap_or_else(|| panic!("no switch {label} in {xml}"))
            .bounds()
            .center();
        self.phone.ui().tap(&self.phone, Point { x, y });
    }

    /// The n-th picture of the gallery.
    pub(crate) fn tap_thumb(&self, number: usize) {
        let xml = self.xml();
        let screen = Screen::parse(&xml).unwrap();
        let mut found = screen
            .nodes()
            .filter(|node| node.resource_id().ends_with(":id/ymg"));
        let node = found
            .nth(number)
            .unwrap_or_else(|| panic!("no picture {number} in {xml}"));
        let bounds = node.bounds();
        let at = Point {
            x: bounds.left + 20,
            y: bounds.bottom - 20,
        };
        self.phone.ui().tap(&self.phone, at);
    }

    /// Moves a slider to so many percent.
    pub(crate) fn slide(&self, label: &str, percent: i32) {
        let xml = self.xml();
        let screen = Screen::parse(&xml).unwrap();
        let found = screen
            .nodes()
            .find(|node| node.description() == label && node.class().ends_with("SeekBar"));
        let bounds = found
            .unwrap_or_else(|| panic!("no slider {label} in {xml}"))
            .bounds();
        let (_, y) = bounds.center();
        let from = Point {
            x: bounds.left + (bounds.right - bounds.left) / 2,
            y,
        };
        let to = Point {
            x: bounds.left + (bounds.right - bounds.left) * percent / 100,
            y,
        };
        self.phone.ui().swipe(&self.phone, from, to, 400);
    }

    /// The number of the sound of the newest post of the account.
    pub(crate) fn sound_id(&self) -> String {
        let world = self.phone.social.world(Platform::TikTok);
        let post = world.posts_of("quiet.otter", "quiet.otter").next().unwrap();
        simphone::app::tiktok::sound_id(&post.sound)
    }
}
