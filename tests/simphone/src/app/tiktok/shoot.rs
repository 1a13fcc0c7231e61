//! Making something to publish: the camera, what other programs share, the editor, drafts.

use std::time::Duration;

use serde_json::{Value, json};

use super::gallery::unreadable;
use super::shown::scene;
use super::sound::{Sound, USUAL_VOLUME};
use super::{CAMERA, PLATFORM, TikTok, active, moods};
use crate::app::social::pick::{material, shared};
use crate::app::social::{Act, Draft, Material, MaterialKind};
use crate::app::{Call, Context, Look};
use crate::ui::Intent;
use crate::ui::page::Page;

/// What is being made.
#[derive(Debug)]
pub(super) struct Shoot {
    pub(super) media: Vec<Material>,
    pub(super) sound: Option<Sound>,
    /// Of the original sound and of the added one, in percent.
    pub(super) volumes: (u8, u8),
    pub(super) title: String,
    pub(super) caption: String,
    /// "everyone", "friends", "me".
    pub(super) visibility: String,
    pub(super) product: String,
    pub(super) ai: bool,
    pub(super) comments: bool,
    pub(super) reuse: bool,
    pub(super) high_quality: bool,
    /// The draft that it came from.
    pub(super) draft: Option<u64>,
}

impl Default for Shoot {
    fn default() -> Self {
        Self {
            media: Vec::new(),
            sound: None,
            volumes: (USUAL_VOLUME, USUAL_VOLUME),
            title: String::new(),
            caption: String::new(),
            visibility: "everyone".to_owned(),
            product: String::new(),
            ai: false,
            comments: true,
            reuse: true,
            high_quality: false,
            draft: None,
        }
    }
}

impl Shoot {
    pub(super) fn photos(&self) -> bool {
        self.media.iter().all(|one| one.kind == MaterialKind::Photo)
    }
}

impl TikTok {
    pub(super) fn making(&mut self) -> &mut Shoot {
        self.shoot.get_or_insert_default()
    }

    /// The camera, or the editor with a draft in it.
    pub(super) fn open_camera(&mut self, context: &mut Context<'_>, intent: &Intent) -> (String, Value) {
        self.paused = false;
        let mut shoot = Shoot::default();
        if let Some(id) = intent.extra("sound") {
            shoot.sound = Self::sound_named(context.phone, id);
        }
        let draft = intent.extra("draft").and_then(|id| id.parse::<u64>().ok());
        let kept = draft.and_then(|id| {
            let install = context.phone.social.install(PLATFORM);
            install.drafts.iter().find(|one| one.id == id).cloned()
        });
        if let Some(kept) = kept {
            shoot.media = kept.media;
            shoot.title = kept.title;
            shoot.caption = kept.caption;
            shoot.draft = Some(kept.id);
            self.shoot = Some(shoot);
            return ("editor".to_owned(), json!({}));
        }
        self.shoot = Some(shoot);
        let moods = moods(context.phone);
        let tab = moods
            .extra
            .get("camera_tab")
            .and_then(Value::as_str)
            .unwrap_or("post");
        ("camera".to_owned(), json!({"mode": tab}))
    }

    /// Another program shares files: they open in the editor, or nowhere.
    pub(super) fn open_share(&mut self, context: &mut Context<'_>, intent: &Intent) -> (String, Value) {
        if active(context.phone).is_none() {
            return ("login_entry".to_owned(), json!({"way": "login"}));
        }
        let rows = shared(context.phone, intent, self.package, context.permissions);
        let media: Option<Vec<Material>> = rows
            .inspect_err(|error| tracing::info!(%error, "nothing came of a share"))
            .ok()
            .and_then(|rows| rows.iter().map(|row| material(context.phone, row)).collect());
        let Some(media) = media.filter(|media| !media.is_empty()) else {
            context.call(Call::Toast(unreadable(context.language).to_owned()));
            return self.open_feed(context);
        };
        self.paused = false;
        self.shoot = Some(Shoot {
            media,
            ..Shoot::default()
        });
        ("editor".to_owned(), json!({"shared": true}))
    }

    pub(super) fn shoot_model(&self, look: Look<'_>, page: &Page) -> Value {
        let fresh = Shoot::default();
        let shoot = self.shoot.as_ref().unwrap_or(&fresh);
        let layout = Self::layout(look.phone, self.package);
        let moods = moods(look.phone);
        let photos = shoot.photos();
        json!({
            "mode": page.arg("mode"),
            "camera_tabs": ["post", "create", "live"],
            "lengths": ["10m", "60s", "15s", "PHOTO", "TEXT"],
            "templates": ["#7b2d8b..#2a0f3d", "#1f6f8b..#0b2530", "#c06014..#3d1f06", "#3a7d44..#0f2913"],
            "sound_name": shoot.sound.as_ref().map(|sound| sound.name.clone()),
            "scene": scene(shoot.media.first()),
            "pages": if photos && shoot.media.len() > 1 { shoot.media.len() } else { 0 },
            "editor_plays": moods.extra("editor_plays") && !self.paused,
            "two_fields": layout == "a",
            "caption_hint": self.caption_hint(look),
            "caption": shoot.caption,
            "title": shoot.title,
            "product": shoot.product,
            "visibility": shoot.visibility,
            "view_icon": if shoot.visibility == "me" { "lock" } else { "globe" },
            "view_text": format!("view_{}", shoot.visibility),
            "post_radius": if layout == "a" { 24 } else { 4 },
            "options": {
                "allow_comments": shoot.comments, "allow_reuse": shoot.reuse, "ai": shoot.ai,
                "high_quality": shoot.high_quality,
            },
            "products": products(look),
        })
    }

    /// How the field for the description calls itself differs by version.
    fn caption_hint(&self, look: Look<'_>) -> &'static str {
        let info = crate::app::registry::known(self.package);
        let version = info.map_or("", |info| {
            crate::app::registry::version(look.phone, info.manifest).0
        });
        match version.split('.').next() {
            Some("43") => "caption_describe",
            Some("38") => "caption_add",
            _ => "caption_long",
        }
    }

    pub(super) fn shoot_act(&mut self, context: &mut Context<'_>, action: &str, argument: &str) -> bool {
        match action {
            "create" => {
                if Self::actor(context).is_some() {
                    self.notice = None;
                    context.call(Call::Start(Intent::component(&format!(
                        "{}/{CAMERA}",
                        self.package
                    ))));
                }
            }
            "camera_ready" => self.ask_for(
                context,
                &["android.permission.CAMERA", "android.permission.RECORD_AUDIO"],
            ),
            "mode" => drop(context.page.vars.insert("mode".to_owned(), Value::from(argument))),
            "record" => super::note(context, "recorded"),
            "leave_camera" | "start_over" => {
                self.shoot = None;
                context.call(Call::Finish);
            }
            "leave_editor" => context.call(Call::Go("discard_edit".to_owned(), json!({}))),
            "editor_next" => {
                // Behind the post page the preview stands still.
                self.paused = true;
                context.call(Call::Go("post".to_owned(), json!({})));
            }
            "save_draft" => self.save_draft(context),
            "open_draft" => {
                let mut intent = Intent::component(&format!("{}/{CAMERA}", self.package));
                intent.extras = vec![("draft".to_owned(), argument.to_owned())];
                context.call(Call::Start(intent));
            }
            _ => return false,
        }
        true
    }

    /// After its permissions the camera may want the contacts as well.
    pub(super) fn camera_allowed(&self, context: &mut Context<'_>) {
        let wanted = moods(context.phone).extra("contacts");
        let answered = context
            .phone
            .social
            .install(PLATFORM)
            .answered
            .contains("contacts");
        if wanted && !answered {
            context
                .phone
                .social
                .install(PLATFORM)
                .answered
                .insert("contacts".to_owned());
            context.call(Call::Go("contacts".to_owned(), json!({})));
        }
    }

    fn save_draft(&mut self, context: &mut Context<'_>) {
        let Some(me) = active(context.phone) else { return };
        self.read_fields(context.page);
        let shoot = self.shoot.take().unwrap_or_default();
        let act = Act::Draft {
            account: me.clone(),
            content: shoot
                .media
                .first()
                .map(|one| one.hash.clone())
                .unwrap_or_default(),
            caption: shoot.caption.clone(),
        };
        if !self.deed(context, act, "draft") {
            return;
        }
        {
            let mut install = context.phone.social.install(PLATFORM);
            let id = shoot.draft.unwrap_or_else(|| install.next_id());
            install.drafts.retain(|one| one.id != id);
            install.drafts.push(Draft {
                id,
                account: me,
                media: shoot.media,
                title: shoot.title,
                caption: shoot.caption,
                placement: String::new(),
            });
            install.keep();
        }
        self.show_main(context);
        let saved = if context.language == "fr" {
            "Brouillon enregistré"
        } else {
            "Draft saved"
        };
        context.call(Call::Toast(saved.to_owned()));
    }

    /// Camera, editor and post page close; what was below them shows, or the feed.
    pub(super) fn show_main(&mut self, context: &mut Context<'_>) {
        self.paused = false;
        context.call(Call::HideKeyboard);
        context.call(Call::Finish);
        context.call(Call::Start(Intent::launch(self.package)));
    }

    /// What stands in the post page's fields; a dialog over it has none.
    pub(super) fn read_fields(&mut self, page: &Page) {
        let shoot = self.making();
        for (name, kept) in [("title", &mut shoot.title), ("caption", &mut shoot.caption)] {
            if let Some(field) = page.fields.get(name) {
                kept.clone_from(&field.text);
            }
        }
    }

    /// How long a notice about an upload stays.
    pub(super) const NOTICE: Duration = Duration::from_secs(8);
}

/// The showcase of the account: what a shop gave it to sell. Guessed.
fn products(look: Look<'_>) -> Value {
    let me = active(look.phone).unwrap_or_default();
    let world = super::world(look.phone);
    let sells = world.account(&me).is_some_and(|account| account.professional);
    if sells {
        json!([{"name": "Trail lamp 300", "price": "$24.90"}, {"name": "Wool socks", "price": "$9.50"}])
    } else {
        json!([])
    }
}
