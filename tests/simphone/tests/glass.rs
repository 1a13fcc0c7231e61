//! What is on the glass, through the library: touches in, hierarchies, pictures and ledger entries out.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

use std::sync::Arc;

use shared::screen::Screen;
use simphone::clock::SimClock;
use simphone::phone::fault::Fault;
use simphone::phone::{Phone, PhoneSpec, personality};
use simphone::ui::{Focus, Intent, Point, Started};

struct Bench {
    phone: Arc<Phone>,
    _dir: tempfile::TempDir,
}

fn bench(make: usize) -> Bench {
    let dir = tempfile::tempdir().unwrap();
    let phone = Phone::open(PhoneSpec {
        serial: "SIM0001".to_owned(),
        personality: &personality::ALL[make],
        seed: 7,
        data: dir.path().to_owned(),
        clock: SimClock::new(50.0),
    })
    .unwrap();
    Bench { phone, _dir: dir }
}

impl Bench {
    fn xml(&self) -> String {
        self.phone.ui().dump(&self.phone, false)
    }

    fn screen(&self) -> Screen {
        Screen::parse(&self.xml()).unwrap()
    }

    fn has(&self, label: &str) -> bool {
        self.xml().contains(&format!("\"{label}\""))
    }

    fn tap(&self, label: &str) {
        let screen = self.screen();
        let mut found = screen.nodes().filter(|node| {
            node.text() == label
                || node.description() == label
                || node.resource_id().ends_with(&format!("id/{label}"))
        });
        let node = found
            .next()
            .unwrap_or_else(|| panic!("no {label} in {}", self.xml()));
        let (x, y) = node.bounds().center();
        self.phone.ui().tap(&self.phone, Point { x, y });
    }

    fn type_text(&self, text: &str) {
        assert!(
            self.phone.ui().commit_text(&self.phone, text),
            "no field has the focus"
        );
    }

    fn key(&self, code: u32) {
        self.phone.ui().key(&self.phone, code);
    }

    fn start(&self, intent: &Intent) -> Started {
        self.phone.ui().start(&self.phone, intent)
    }

    fn open_notes(&self) {
        let started = self.start(&Intent::launch("com.example.notes"));
        assert!(
            matches!(started, Started::Launched { cold: true, .. }),
            "{started:?}"
        );
    }

    fn picture(&self, name: &str) {
        let png = self.phone.ui().screenshot(&self.phone);
        assert!(png.starts_with(b"\x89PNG"), "{name}");
        if let Ok(dir) = std::env::var("SIMPHONE_PICTURES") {
            let make = self.phone.spec.personality.name;
            std::fs::write(format!("{dir}/{make}-{name}.png"), png).unwrap();
        }
    }
}

#[test]
fn a_note_typed_and_saved_is_in_the_ledger_to_the_letter() {
    let text = "Grüße 你好 👋 'quote' $HOME; rm";
    for make in 0..4 {
        let bench = bench(make);
        bench.tap("Notes");
        assert!(bench.has("No notes yet"));
        bench.tap("New note");
        assert!(bench.phone.ui().keyboard_shown(), "the title has the focus");
        bench.type_text("Title");
        bench.key(66);
        bench.type_text(text);
        bench.tap("save");
        assert!(
            bench.phone.ledger.entries().is_empty(),
            "the permission is asked for first"
        );
        bench.picture("permission");
        bench.tap("permission_allow_button");
        let entries = bench.phone.ledger.entries();
        assert_eq!(entries[0].kind, "note_saved");
        assert_eq!(entries[0].detail["body"], text);
        assert_eq!(entries[0].detail["title"], "Title");
        assert!(bench.xml().contains("note_list"), "{}", bench.xml());
        bench.picture("list");
    }
}

#[test]
fn saved_notes_outlive_the_simulator_and_a_deleted_one_is_told() {
    let bench = bench(0);
    bench.open_notes();
    bench.tap("New note");
    bench.type_text("keep me");
    bench.tap("save");
    bench.tap("permission_deny_button");
    let again = Phone::open(bench.phone.spec.clone()).unwrap();
    again.ui().start(&again, &Intent::launch("com.example.notes"));
    assert!(again.ui().dump(&again, false).contains("keep me"));

    bench.tap("keep me");
    bench.tap("delete");
    bench.picture("delete");
    assert!(bench.has("This cannot be undone."));
    assert!(!bench.has("keep me"), "a dialog is a window of its own");
    bench.tap("button1");
    assert!(bench.has("No notes yet"));
    let kinds: Vec<String> = bench
        .phone
        .ledger
        .entries()
        .into_iter()
        .map(|entry| entry.kind)
        .collect();
    assert_eq!(kinds, ["note_saved", "note_deleted"]);
}

#[test]
fn back_closes_the_keyboard_first_and_then_asks_about_unsaved_text() {
    let bench = bench(0);
    bench.open_notes();
    bench.tap("New note");
    bench.type_text("unsaved");
    bench.key(4);
    assert!(!bench.phone.ui().keyboard_shown());
    assert!(bench.has("unsaved"));
    bench.key(4);
    assert!(bench.has("Discard changes?"));
    bench.key(4);
    assert!(bench.has("unsaved"));
    bench.key(4);
    bench.tap("button1");
    assert!(bench.has("No notes yet"));
    assert!(bench.phone.ledger.entries().is_empty());
}

#[test]
fn force_stop_ends_the_stack_and_keeps_the_data() {
    let bench = bench(0);
    bench.open_notes();
    bench.tap("New note");
    let phone = &bench.phone;
    assert!(
        phone
            .ui()
            .processes()
            .iter()
            .any(|(name, _)| name == "com.example.notes")
    );
    phone.ui().force_stop(phone, "com.example.notes");
    assert!(
        !phone
            .ui()
            .processes()
            .iter()
            .any(|(name, _)| name == "com.example.notes")
    );
    assert!(matches!(phone.ui().focus(), Focus::Activity { component } if component.contains("launcher")));
}

#[test]
fn a_crash_shows_the_system_dialog_and_its_buttons_work() {
    for make in 0..4 {
        let bench = bench(make);
        bench.open_notes();
        bench.phone.faults.set(Fault::AppCrash {
            package: "com.example.notes".to_owned(),
        });
        bench.tap("New note");
        let focus = bench.phone.ui().focus();
        let title = "Application Error: com.example.notes".to_owned();
        assert_eq!(focus, Focus::System { title });
        assert!(bench.has("Notes has stopped"));
        bench.picture("crash");
        bench.tap("aerr_close");
        assert!(matches!(bench.phone.ui().focus(), Focus::Activity { .. }));
        assert!(!bench.has("Notes has stopped"));
    }
}

#[test]
fn intents_find_their_activity_or_say_why_not() {
    let bench = bench(0);
    let started = bench.start(&Intent::component("com.example.notes/.Nothing"));
    let component = "com.example.notes/com.example.notes.Nothing".to_owned();
    assert_eq!(started, Started::NoSuchActivity { component });
    let started = bench.start(&Intent::component("com.example.notes/.BackupActivity"));
    assert!(matches!(started, Started::NotExported { .. }));
    assert_eq!(
        bench.start(&Intent::view("elsewhere://video/1")),
        Started::Unresolved
    );
    let started = bench.start(&Intent::view("https://example.org/a?b=c"));
    assert!(matches!(started, Started::Launched { .. }));
    assert!(bench.has("https://example.org/a?b=c"));
    bench.picture("browser");
    let started = bench.start(&Intent::launch("com.example.notes"));
    assert!(matches!(started, Started::Launched { .. }));
    let started = bench.start(&Intent::launch("com.example.notes"));
    assert!(matches!(started, Started::BroughtToFront { .. }));
    let mut share = Intent {
        action: Some("android.intent.action.SEND".to_owned()),
        mime: Some("text/plain".to_owned()),
        ..Intent::default()
    };
    share.extras = vec![("android.intent.extra.TEXT".to_owned(), "shared text".to_owned())];
    bench.start(&share);
    assert!(bench.has("shared text"));
}

#[test]
fn a_swipe_moves_a_list_and_the_content_with_it() {
    let bench = bench(0);
    let notes: Vec<serde_json::Value> = (0..30)
        .map(|id| serde_json::json!({"id": id, "title": format!("Note {id}"), "body": "body"}))
        .collect();
    let kept = serde_json::json!({"next": 30, "notes": notes}).to_string();
    std::fs::write(bench.phone.state_file("notes"), kept).unwrap();
    let phone = Phone::open(bench.phone.spec.clone()).unwrap();
    let bench = Bench { phone, ..bench };
    bench.open_notes();
    assert!(bench.has("Note 0") && !bench.has("Note 29"));
    for _ in 0..12 {
        let (from, to) = (Point { x: 500, y: 1800 }, Point { x: 500, y: 600 });
        bench.phone.ui().swipe(&bench.phone, from, to, 400);
    }
    assert!(!bench.has("Note 0") && bench.has("Note 29"));
    bench.picture("scrolled");
}

#[test]
fn the_lock_screen_opens_by_a_swipe_and_a_secure_one_by_its_pin_only() {
    let bench = bench(0);
    bench.phone.faults.set(Fault::Locked { secure: false });
    assert!(!bench.phone.ui().screen_on());
    assert!(bench.phone.ui().locked());
    bench.picture("off");
    bench.key(224);
    assert!(matches!(bench.phone.ui().focus(), Focus::System { title } if title == "NotificationShade"));
    bench.picture("lock");
    let (from, to) = (Point { x: 500, y: 1900 }, Point { x: 500, y: 600 });
    bench.phone.ui().swipe(&bench.phone, from, to, 200);
    assert!(!bench.phone.ui().locked());

    bench.phone.faults.clear("locked");
    drop(bench.phone.ui());
    bench.phone.faults.set(Fault::Locked { secure: true });
    bench.key(224);
    bench.phone.ui().swipe(&bench.phone, from, to, 200);
    assert!(bench.phone.ui().locked());
    bench.picture("pin");
    let pin = bench.phone.ui().pin();
    for digit in pin.chars() {
        bench.tap(&digit.to_string());
    }
    bench.tap("key_enter");
    assert!(!bench.phone.ui().locked());
}

#[test]
fn an_empty_field_exports_its_hint_and_emoji_become_dots() {
    let bench = bench(2);
    bench.open_notes();
    bench.tap("New note");
    assert!(bench.xml().contains("text=\"Title\""));
    bench.type_text("a 👋 <&\">");
    let xml = bench.xml();
    assert!(xml.contains("text=\"a .. &lt;&amp;&quot;&gt;\""), "{xml}");
    assert!(xml.contains("hint=\"Title\""), "Android 15 tells the hint");
}

#[test]
fn turned_on_its_side_the_phone_lays_everything_out_anew() {
    for make in 0..4 {
        let bench = bench(make);
        simphone::phone::lock(&bench.phone.hardware).rotation = 1;
        bench.picture("home-side");
        bench.open_notes();
        bench.tap("New note");
        bench.type_text("Sideways");
        let screen = bench.screen();
        assert_eq!(screen.rotation(), 1);
        let root = screen.nodes().next().unwrap().bounds();
        assert!(root.right > root.bottom);
        bench.picture("editor-side");
    }
}

#[test]
fn every_screen_can_be_drawn() {
    for make in 0..4 {
        let bench = bench(make);
        bench.picture("home");
        bench.phone.ui().open_shade();
        bench.picture("shade");
        bench.key(4);
        bench.start(&Intent::launch("com.android.settings"));
        bench.picture("settings");
        bench.tap("Developer options");
        bench.picture("developer");
        bench.key(4);
        bench.tap("About phone");
        bench.picture("about");
        bench.key(4);
        bench.tap("Languages");
        bench.tap("Français (France)");
        bench.picture("language-fr");
        bench.key(3);
        bench.key(187);
        bench.picture("recents");
        bench.key(3);
        bench.open_notes();
        bench.picture("notes-empty");
        bench.tap("Nouvelle note");
        bench.type_text("Une idée 💡");
        bench.key(66);
        bench.type_text("Grüße 你好 👋\nDeuxième ligne, assez longue pour passer à la ligne suivante.");
        bench.picture("editor");
        bench.phone.ui().not_responding(&bench.phone, "com.example.notes");
        bench.picture("anr");
    }
}

#[test]
fn the_drawn_keyboard_types_and_the_resident_sees_its_keys() {
    let bench = bench(0);
    bench.open_notes();
    bench.tap("New note");
    let tap_key = |desc: &str| {
        let xml = bench.phone.ui().dump(&bench.phone, true);
        let screen = Screen::parse(&xml).unwrap();
        let node = screen
            .nodes()
            .find(|node| node.description() == desc && node.package().contains("inputmethod"));
        let (x, y) = node.unwrap_or_else(|| panic!("no key {desc}")).bounds().center();
        bench.phone.ui().tap(&bench.phone, Point { x, y });
    };
    for key in ["Shift", "H", "e", "y", "Space", "x", "Delete"] {
        tap_key(key);
    }
    assert_eq!(
        bench.phone.ui().focused_text(&bench.phone).as_deref(),
        Some("Hey ")
    );
    assert!(
        !bench.xml().contains("inputmethod"),
        "the plain dump has the active window only"
    );
}
