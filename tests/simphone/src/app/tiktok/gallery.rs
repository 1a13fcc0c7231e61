//! The gallery: albums, kinds, choosing one or several, and what it asks for before it shows anything.

use serde_json::{Value, json};

use super::shown::{length, scene_of, sign};
use super::{TikTok, active};
use crate::app::social::pick::{album, albums, gallery, material, may_read, row, wanted_permissions};
use crate::app::social::{Material, MaterialKind};
use crate::app::{Call, Context, Look};
use crate::phone::media::{Collection, MediaRow};
use crate::ui::page::Page;
use crate::ui::permission::Decision;

/// So many may be chosen together.
const MOST: usize = 35;

/// What is chosen, and for what.
#[derive(Debug, Default)]
pub(super) struct Choice {
    /// "post", "comment", "avatar"; empty: it is closed.
    purpose: String,
    /// "all", "videos", "photos", "ai"; empty: all.
    kind: String,
    /// Empty: everything, the newest first.
    album: String,
    multi: bool,
    chosen: Vec<u64>,
}

impl TikTok {
    pub(super) fn open_gallery(&mut self, context: &mut Context<'_>, purpose: &str) {
        self.gallery = Choice {
            purpose: purpose.to_owned(),
            ..Choice::default()
        };
        context.call(Call::HideKeyboard);
        context.call(Call::Go("gallery".to_owned(), json!({})));
        let wanted = wanted_permissions(context.phone.spec.personality.sdk);
        self.ask_for(context, wanted);
    }

    /// Asks for what is not granted yet, one dialog after the other.
    pub(super) fn ask_for(&mut self, context: &mut Context<'_>, wanted: &[&str]) {
        let open = |name: &&&str| {
            let decided = context.permissions.get(self.package, name);
            !matches!(decided, Some(Decision::Granted | Decision::DeniedForGood))
        };
        self.asking = wanted
            .iter()
            .filter(open)
            .map(|name| (*name).to_owned())
            .collect();
        self.ask_next(context);
    }

    fn ask_next(&mut self, context: &mut Context<'_>) {
        if !self.asking.is_empty() {
            let next = self.asking.remove(0);
            context.call(Call::Permission(next));
            return;
        }
        let sdk = context.phone.spec.personality.sdk;
        match context.page.screen.as_str() {
            "camera" => self.camera_allowed(context),
            "gallery" if !may_read(context.permissions, self.package, sdk) => {
                context.call(Call::Go("needs_access".to_owned(), json!({})));
            }
            _ => {}
        }
    }

    fn shown_rows(&self, look: Look<'_>) -> Vec<MediaRow> {
        let sdk = look.phone.spec.personality.sdk;
        if !may_read(look.permissions, self.package, sdk) {
            return Vec::new();
        }
        let choice = &self.gallery;
        let fits = |row: &MediaRow| {
            let kind = match choice.kind.as_str() {
                "videos" => row.collection == Collection::Video,
                "photos" => row.collection == Collection::Images,
                "ai" => false,
                _ => choice.purpose == "post" || row.collection == Collection::Images,
            };
            kind && (choice.album.is_empty() || album(row) == choice.album)
        };
        gallery(look.phone).into_iter().filter(fits).collect()
    }

    pub(super) fn gallery_model(&self, look: Look<'_>, page: &Page) -> Value {
        let choice = &self.gallery;
        if page.screen == "albums" {
            let all = gallery(look.phone);
            let mut list = vec![json!({"name": "", "count": all.len()})];
            let named = albums(&all).into_iter();
            list.extend(named.map(|(name, count)| json!({"name": name, "count": count})));
            return json!({"albums": list});
        }
        let rows = self.shown_rows(look);
        let media: Vec<Value> = rows.iter().map(|row| self.thumbnail(row)).collect();
        let count = choice.chosen.len();
        let kind = if choice.kind.is_empty() {
            "all"
        } else {
            &choice.kind
        };
        json!({
            "media": media,
            "album": choice.album,
            "count": count,
            "kind": kind,
            "kind_tabs": ["all", "videos", "photos", "ai"],
            "multi": choice.multi,
            "multi_bg": if choice.multi { "#fe2c55" } else { "#ffffff" },
            "can_next": count > 0,
            "next_bg": if count > 0 { "#fe2c55" } else { "#e2e2e6" },
            "how_next": if choice.multi && count > 0 { "several" } else { "one" },
        })
    }

    fn thumbnail(&self, row: &MediaRow) -> Value {
        let choice = &self.gallery;
        let at = choice.chosen.iter().position(|id| *id == row.id);
        let video = row.collection == Collection::Video;
        json!({
            "id": row.id,
            "icon": sign(if video { MaterialKind::Video } else { MaterialKind::Photo }),
            "scene": scene_of(&row.path),
            "desc": "",
            "length": if video { length(row.duration) } else { String::new() },
            "chosen": at.is_some(),
            "number": at.filter(|_| choice.multi).map(|at| at + 1),
        })
    }

    pub(super) fn gallery_act(&mut self, context: &mut Context<'_>, action: &str, argument: &str) -> bool {
        match action {
            "gallery" => self.open_gallery(context, "post"),
            "close_gallery" => {
                self.gallery = Choice::default();
                context.call(Call::Back);
            }
            "permission_granted" | "permission_denied" => self.ask_next(context),
            "kind" => argument.clone_into(&mut self.gallery.kind),
            "album" => {
                argument.clone_into(&mut self.gallery.album);
                context.call(Call::Back);
            }
            "multi" => {
                self.gallery.multi = !self.gallery.multi;
                self.gallery.chosen.clear();
            }
            "thumb" => self.choose(argument),
            "gallery_next" => self.gallery_next(context),
            _ => return false,
        }
        true
    }

    fn choose(&mut self, id: &str) {
        let Ok(id) = id.parse::<u64>() else { return };
        let choice = &mut self.gallery;
        if let Some(at) = choice.chosen.iter().position(|one| *one == id) {
            choice.chosen.remove(at);
        } else if !choice.multi {
            choice.chosen = vec![id];
        } else if choice.chosen.len() < MOST {
            choice.chosen.push(id);
        }
    }

    fn gallery_next(&mut self, context: &mut Context<'_>) {
        let files = self.gallery.chosen.iter();
        let read: Option<Vec<Material>> = files
            .map(|id| row(context.phone, *id).and_then(|row| material(context.phone, &row)))
            .collect();
        let Some(media) = read.filter(|media| !media.is_empty()) else {
            context.call(Call::Toast(unreadable(context.language).to_owned()));
            return;
        };
        match self.gallery.purpose.as_str() {
            "comment" => {
                self.picture = media.into_iter().next();
                self.gallery = Choice::default();
                context.call(Call::Back);
            }
            "avatar" => {
                self.avatar = media.into_iter().next();
                context.call(Call::Go("crop".to_owned(), json!({})));
            }
            _ if active(context.phone).is_some() => {
                self.making().media = media;
                self.paused = false;
                context.call(Call::Go("editor".to_owned(), json!({})));
            }
            _ => {}
        }
    }
}

pub(super) fn unreadable(language: &str) -> &'static str {
    if language == "fr" {
        "Impossible de lire ce fichier"
    } else {
        "Couldn’t read this file"
    }
}
