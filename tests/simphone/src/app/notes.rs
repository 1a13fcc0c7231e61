//! Notes: a list and an editor. What it saves and deletes goes to the ledger before it shows.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Activity, App, Call, Context, Filter, LaunchMode, Look, Manifest};
use crate::phone::{Phone, PhoneSpec};
use crate::ui::Intent;
use crate::ui::page::Page;
use crate::ui::permission::Decision;

pub const PACKAGE: &str = "com.example.notes";

pub static MANIFEST: Manifest = Manifest {
    package: PACKAGE,
    label: &[("en", "Notes"), ("fr", "Notes")],
    version_name: "2.4.1",
    version_code: 241,
    versions: &[],
    system: false,
    icon: ("note", "#f2a60c"),
    activities: &[
        Activity {
            class: "com.example.notes.MainActivity",
            exported: true,
            launcher: true,
            mode: LaunchMode::SingleTop,
            ..Activity::PRIVATE
        },
        Activity {
            class: "com.example.notes.ShareActivity",
            exported: true,
            filters: &[Filter {
                action: "android.intent.action.SEND",
                schemes: &[],
                hosts: &[],
                mimes: &["text/plain"],
                verified: false,
            }],
            ..Activity::PRIVATE
        },
        Activity {
            class: "com.example.notes.BackupActivity",
            ..Activity::PRIVATE
        },
    ],
    permissions: &[
        "android.permission.POST_NOTIFICATIONS",
        "android.permission.READ_EXTERNAL_STORAGE",
    ],
    layouts: &[include_str!("../../apps/notes/notes.xml")],
    on: |_| true,
    open: |spec| Box::new(Notes::open(spec)),
};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Note {
    id: u64,
    title: String,
    body: String,
}

/// What `state/notes.json` holds.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    next: u64,
    /// The newest first.
    notes: Vec<Note>,
}

#[derive(Debug)]
struct Notes {
    kept: Kept,
}

/// The permission that the first save asks for.
fn wanted_permission(sdk: u32) -> &'static str {
    if sdk >= 33 {
        "android.permission.POST_NOTIFICATIONS"
    } else {
        "android.permission.READ_EXTERNAL_STORAGE"
    }
}

impl Notes {
    fn open(spec: &PhoneSpec) -> Self {
        Self {
            kept: super::load(spec, "notes"),
        }
    }

    fn note(&self, id: &str) -> Option<&Note> {
        let id = id.parse::<u64>().ok()?;
        self.kept.notes.iter().find(|note| note.id == id)
    }

    /// The texts as they stand in the editor.
    fn edited(&self, page: &Page) -> (String, String) {
        let note = self.note(&page.arg("note"));
        let text = |field: &str, kept: Option<&String>| match page.fields.get(field) {
            Some(field) => field.text.clone(),
            None => kept.cloned().unwrap_or_else(|| page.arg(field).into_owned()),
        };
        (
            text("title", note.map(|note| &note.title)),
            text("body", note.map(|note| &note.body)),
        )
    }

    fn changed(&self, page: &Page) -> bool {
        let (title, body) = self.edited(page);
        match self.note(&page.arg("note")) {
            Some(note) => note.title != title || note.body != body,
            None => !title.is_empty() || !body.is_empty(),
        }
    }

    fn save(&mut self, context: &mut Context<'_>) {
        let (title, body) = self.edited(context.page);
        if title.is_empty() && body.is_empty() {
            context.call(Call::Back);
            return;
        }
        if context.phone.faults.has("storage_full") {
            context.call(Call::Toast(full(context.language).to_owned()));
            return;
        }
        let id = self
            .note(&context.page.arg("note"))
            .map_or(self.kept.next + 1, |note| note.id);
        let effect = json!({"note": id, "title": &title, "body": &body});
        if !context.record(PACKAGE, "note_saved", effect) {
            context.call(Call::Toast(full(context.language).to_owned()));
            return;
        }
        self.kept.next = self.kept.next.max(id);
        self.kept.notes.retain(|note| note.id != id);
        self.kept.notes.insert(0, Note { id, title, body });
        super::store(context.phone, "notes", &self.kept);
        context.call(Call::HideKeyboard);
        context.call(Call::Back);
        let saved = if context.language == "fr" {
            "Note enregistrée"
        } else {
            "Note saved"
        };
        context.call(Call::Toast(saved.to_owned()));
    }

    /// The first save asks for a permission; the note is saved whatever the answer is.
    fn save_or_ask(&mut self, context: &mut Context<'_>) {
        let (title, body) = self.edited(context.page);
        let permission = wanted_permission(context.phone.spec.personality.sdk);
        let asked = context.permissions.get(PACKAGE, permission);
        let decided = matches!(
            asked,
            Some(Decision::Granted | Decision::DeniedForGood | Decision::Denied)
        );
        if decided || (title.is_empty() && body.is_empty()) {
            self.save(context);
        } else {
            context.call(Call::HideKeyboard);
            context.call(Call::Permission(permission.to_owned()));
        }
    }

    fn delete(&mut self, context: &mut Context<'_>, id: &str) {
        let Some(note) = self.note(id).cloned() else {
            context.call(Call::Back);
            return;
        };
        let effect = json!({"note": note.id, "title": &note.title, "body": &note.body});
        if !context.record(PACKAGE, "note_deleted", effect) {
            return;
        }
        self.kept.notes.retain(|kept| kept.id != note.id);
        super::store(context.phone, "notes", &self.kept);
        // The question, and the editor under it unless it was asked from the list.
        context.call(Call::Back);
        if context.page.arg("from") != "list" {
            context.call(Call::Back);
        }
    }
}

fn full(language: &str) -> &'static str {
    if language == "fr" {
        "Espace de stockage insuffisant"
    } else {
        "Not enough storage space"
    }
}

impl App for Notes {
    fn open(&mut self, _context: &mut Context<'_>, class: &str, intent: &Intent) -> (String, Value) {
        if class.ends_with("ShareActivity") {
            let title = intent.extra("android.intent.extra.SUBJECT").unwrap_or_default();
            let body = intent.extra("android.intent.extra.TEXT").unwrap_or_default();
            return ("editor".to_owned(), json!({"title": title, "body": body}));
        }
        ("list".to_owned(), Value::Null)
    }

    fn model(&self, _look: Look<'_>, page: &Page) -> Value {
        if page.screen == "editor" {
            let note = self.note(&page.arg("note"));
            let title = note.map_or_else(|| page.arg("title").into_owned(), |note| note.title.clone());
            let body = note.map_or_else(|| page.arg("body").into_owned(), |note| note.body.clone());
            return json!({"title": title, "body": body, "new": note.is_none()});
        }
        json!({"notes": self.kept.notes, "count": self.kept.notes.len()})
    }

    fn act(&mut self, context: &mut Context<'_>, action: &str, argument: &str) {
        match action {
            "new" => context.call(Call::Go("editor".to_owned(), json!({}))),
            "open" => context.call(Call::Go("editor".to_owned(), json!({"note": argument}))),
            "ask_delete" => {
                context.call(Call::Go(
                    "delete".to_owned(),
                    json!({"note": argument, "from": "list"}),
                ));
            }
            "save" => self.save_or_ask(context),
            "permission_granted" | "permission_denied" if context.page.screen == "editor" => {
                self.save(context);
            }
            "delete" => self.delete(context, argument),
            "leave" if !self.back(context) => context.call(Call::Back),
            "discard" => {
                context.call(Call::Back);
                context.call(Call::Back);
            }
            _ => {}
        }
    }

    fn back(&mut self, context: &mut Context<'_>) -> bool {
        if context.page.screen == "editor" && self.changed(context.page) {
            context.call(Call::Go("discard".to_owned(), json!({})));
            return true;
        }
        false
    }

    fn clear(&mut self, phone: &Phone) {
        self.kept = Kept::default();
        super::store(phone, "notes", &self.kept);
    }
}
