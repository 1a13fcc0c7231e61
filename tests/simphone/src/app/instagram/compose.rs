//! Making a post: what is being made, the gallery it is chosen from, and what another app shares.

use serde_json::{Value, json};

use super::super::social::pick::{self, ShareRefusal};
use super::super::social::{Draft, Material};
use super::super::{Call, Context, Look};
use super::{HERE, Instagram, PACKAGE, me, show};
use crate::phone::Phone;
use crate::phone::media::{Collection, MediaRow};
use crate::ui::Intent;
use crate::ui::page::Page;

/// What is being made; gone with the process.
#[derive(Debug, Clone, Default)]
pub(super) struct Compose {
    /// "reel", "post", "story".
    pub(super) kind: String,
    /// Rows of the media index in the order in which they were chosen.
    pub(super) chosen: Vec<u64>,
    pub(super) multi: bool,
    pub(super) album: String,
    pub(super) caption: String,
    /// Taken up again from a draft: the files were read then.
    pub(super) media: Vec<Material>,
}

/// A carousel has no more.
const MOST: usize = 20;
/// Thumbnails that are loaded.
const LOADED: usize = 90;
/// Under which the app remembers that a video was not finished.
pub(super) const UNFINISHED: &str = "unfinished";

pub(super) fn model(app: &Instagram, look: Look<'_>, page: &Page) -> Value {
    let compose = app.compose.clone().unwrap_or_default();
    let phone = look.phone;
    let rows = pick::gallery(phone);
    let variant = phone.social.install(HERE).variant.clone();
    if page.screen == "album_menu" {
        let albums = pick::albums(&rows);
        let albums = albums
            .iter()
            .map(|(name, count)| json!({"name": name, "count": count}));
        return json!({"albums": albums.collect::<Vec<_>>(), "all": rows.len()});
    }
    let shown = rows
        .iter()
        .filter(|row| compose.album.is_empty() || pick::album(row) == compose.album);
    let cells: Vec<Value> = shown
        .take(LOADED)
        .map(|row| cell(phone, row, &compose, look.language))
        .collect();
    let picked: Vec<Value> = compose
        .chosen
        .iter()
        .filter_map(|id| rows.iter().find(|row| row.id == *id))
        .map(|row| cell(phone, row, &compose, look.language))
        .collect();
    let kind = compose.kind.as_str();
    let on = |name: &str| if name == kind { "#ffffff" } else { "#a8a8a8" };
    json!({
        "kind": kind,
        "title": format!("title_{kind}"),
        "title_id": if kind == "post" { "new_post_title" } else { "gallery_title_text" },
        "album": if compose.album.is_empty() {
            show::word(look.language, "Recents", "Récents")
        } else {
            compose.album.clone()
        },
        "multi": compose.multi,
        "multi_bg": if compose.multi { "#0095f6" } else { "#efefef" },
        "multi_color": if compose.multi { "#ffffff" } else { "#262626" },
        "allowed": pick::may_read(look.permissions, PACKAGE, phone.spec.personality.sdk),
        "cells": cells,
        "cell_h": 124,
        "chosen": !compose.chosen.is_empty(),
        "tray": kind != "post" && !compose.chosen.is_empty() && (variant == "new" || compose.multi),
        "chips": variant != "new",
        "feed_color": on("post"),
        "story_color": on("story"),
        "reel_color": on("reel"),
        "preview": preview(phone, &compose),
        "picked": picked,
    })
}

/// What stands for the first file.
pub(super) fn preview(phone: &Phone, compose: &Compose) -> String {
    let row = compose.chosen.first().and_then(|id| pick::row(phone, *id));
    row.map_or_else(|| "#efefef".to_owned(), |row| show::picture(&row.path))
}

fn cell(phone: &Phone, row: &MediaRow, compose: &Compose, language: &str) -> Value {
    let number = compose.chosen.iter().position(|id| *id == row.id);
    let video = row.collection == Collection::Video;
    let known = phone.spec.clock.now() >= row.ready_at;
    let length = row.duration.filter(|_| video && known).map(|millis| {
        let seconds = millis / 1000;
        format!("{}:{:02}", seconds / 60, seconds % 60)
    });
    json!({
        "id": row.id,
        "on": number.is_some(),
        "number": number.map_or(0, |at| at + 1),
        "bg": show::picture(&row.path),
        "length": length,
        "label": label(row, number.is_some(), language),
    })
}

/// "Unselected Video thumbnail created on <date>"; how the date is written is a guess.
fn label(row: &MediaRow, selected: bool, language: &str) -> String {
    let then = jiff::Timestamp::from_second(i64::try_from(row.modified).unwrap_or(0)).unwrap_or_default();
    let then = then.to_zoned(jiff::tz::TimeZone::UTC);
    let video = row.collection == Collection::Video;
    if language == "fr" {
        let thing = if video { "vidéo" } else { "photo" };
        let word = if selected {
            "sélectionnée"
        } else {
            "non sélectionnée"
        };
        return format!(
            "Miniature de {thing} {word} créée le {}",
            then.strftime("%d/%m/%Y %H:%M")
        );
    }
    let word = if selected { "Selected" } else { "Unselected" };
    let thing = if video { "Video" } else { "Photo" };
    format!(
        "{word} {thing} thumbnail created on {}",
        then.strftime("%b %-d, %Y %-I:%M %p")
    )
}

pub(super) fn act(app: &mut Instagram, context: &mut Context<'_>, action: &str, argument: &str) -> bool {
    match action {
        "compose" => begin(app, context, argument),
        "dest" => {
            if let Some(compose) = &mut app.compose {
                argument.clone_into(&mut compose.kind);
                compose.chosen.clear();
            }
            choose_newest(app, context.phone);
        }
        "ask_media" => ask(context),
        "permission_granted" if context.page.screen == "gallery" => choose_newest(app, context.phone),
        "permission_denied" if context.page.screen == "gallery" => {}
        "album" => {
            if let Some(compose) = &mut app.compose {
                argument.clone_into(&mut compose.album);
            }
            context.call(Call::Back);
        }
        "multi" => {
            if let Some(compose) = &mut app.compose {
                compose.multi = !compose.multi;
                compose.chosen.truncate(1);
            }
        }
        "pick_media" => pick_media(app, context, argument),
        "gallery_next" => go_on(app, context),
        "draft" => draft(app, context, argument),
        "choice" => {
            let kind = if argument == "story" { "story" } else { "reel" };
            if let Some(compose) = &mut app.compose {
                kind.clone_into(&mut compose.kind);
            }
            go_on(app, context);
        }
        "refused" => {
            let text = show::word(
                context.language,
                "Unable to load media",
                "Impossible de charger le contenu",
            );
            context.call(Call::Toast(text));
            context.call(Call::Finish);
        }
        _ => return false,
    }
    true
}

/// Opens the gallery, after what it asks first.
pub(super) fn begin(app: &mut Instagram, context: &mut Context<'_>, kind: &str) {
    let kind = if kind.is_empty() { "post" } else { kind };
    let unfinished = {
        let install = context.phone.social.install(HERE);
        kind == "reel" && install.notes.contains_key(UNFINISHED)
    };
    if unfinished {
        context.call(Call::Go("keep_draft".to_owned(), json!({})));
        return;
    }
    open_gallery(app, context, kind);
}

fn open_gallery(app: &mut Instagram, context: &mut Context<'_>, kind: &str) {
    app.compose = Some(Compose {
        kind: kind.to_owned(),
        ..Compose::default()
    });
    choose_newest(app, context.phone);
    if context.page.screen == "create_sheet" || context.page.screen == "keep_draft" {
        context.call(Call::Back);
    }
    context.call(Call::Go("gallery".to_owned(), json!({})));
    if !pick::may_read(context.permissions, PACKAGE, context.phone.spec.personality.sdk) {
        context.call(Call::Later(
            std::time::Duration::from_millis(200),
            "ask_media".to_owned(),
        ));
    }
}

/// A new post begins with the newest file chosen. (A guess; reels and stories begin with none.)
fn choose_newest(app: &mut Instagram, phone: &Phone) {
    if let Some(compose) = app.compose.as_mut().filter(|compose| compose.kind == "post") {
        compose.chosen = pick::gallery(phone)
            .first()
            .map(|row| row.id)
            .into_iter()
            .collect();
    }
}

fn ask(context: &mut Context<'_>) {
    if context.page.screen == "gallery" {
        let wanted = pick::wanted_permissions(context.phone.spec.personality.sdk);
        context.call(Call::Permission(wanted[0].to_owned()));
    }
}

fn pick_media(app: &mut Instagram, context: &mut Context<'_>, id: &str) {
    let variant = context.phone.social.install(HERE).variant.clone();
    let (Ok(id), Some(compose)) = (id.parse::<u64>(), app.compose.as_mut()) else {
        return;
    };
    if !compose.multi {
        compose.chosen = vec![id];
        let at_once = compose.kind == "story" || (compose.kind == "reel" && variant != "new");
        if at_once {
            go_on(app, context);
        }
        return;
    }
    match compose.chosen.iter().position(|chosen| *chosen == id) {
        Some(at) => drop(compose.chosen.remove(at)),
        None if compose.chosen.len() < MOST => compose.chosen.push(id),
        None => {}
    }
}

/// From the chosen files to the editor that fits them: a single video is always a reel.
fn go_on(app: &mut Instagram, context: &mut Context<'_>) {
    let Some(compose) = app.compose.as_mut().filter(|compose| !compose.chosen.is_empty()) else {
        return;
    };
    let screen = editor(context.phone, compose);
    if screen == "reel_editor" {
        "reel".clone_into(&mut compose.kind);
        remember(context.phone, true);
    }
    context.call(Call::Go(screen.to_owned(), json!({})));
}

fn editor(phone: &Phone, compose: &Compose) -> &'static str {
    if compose.kind == "story" {
        return "story_editor";
    }
    let video = |id: &u64| pick::row(phone, *id).is_some_and(|row| row.collection == Collection::Video);
    match compose.chosen.as_slice() {
        [one] if video(one) => "reel_editor",
        _ if compose.kind == "reel" => "reel_editor",
        _ => "post_editor",
    }
}

/// Whether a video is unfinished; asked about when the next one is begun.
pub(super) fn remember(phone: &Phone, unfinished: bool) {
    let mut install = phone.social.install(HERE);
    if unfinished {
        install.notes.insert(UNFINISHED.to_owned(), "reel".to_owned());
    } else {
        install.notes.remove(UNFINISHED);
    }
    install.keep();
}

fn draft(app: &mut Instagram, context: &mut Context<'_>, word: &str) {
    if word == "new" {
        remember(context.phone, false);
        open_gallery(app, context, "reel");
        return;
    }
    let me = me(context.phone).unwrap_or_default();
    let kept = {
        let install = context.phone.social.install(HERE);
        install
            .drafts
            .iter()
            .rev()
            .find(|draft| draft.account == me)
            .cloned()
    };
    let draft = kept.unwrap_or_else(|| Draft {
        placement: "reel".to_owned(),
        ..Draft::default()
    });
    app.compose = Some(Compose {
        kind: draft.placement,
        caption: draft.caption,
        media: draft.media,
        ..Compose::default()
    });
    context.call(Call::Replace("reel_editor".to_owned(), json!({})));
}

/// What another app shares with a component of this one: the first screen.
pub(super) fn shared(
    app: &mut Instagram,
    context: &mut Context<'_>,
    class: &str,
    intent: &Intent,
) -> (String, Value) {
    let rows = match pick::shared(context.phone, intent, PACKAGE, context.permissions) {
        Ok(rows) => rows,
        Err(refusal) => return refused(context.phone, &refusal),
    };
    let story = class.contains("Story");
    let asks = context.phone.social.install(HERE).moods().extra("share_choice");
    let mut compose = Compose {
        kind: if story { "story" } else { "post" }.to_owned(),
        chosen: rows.iter().take(MOST).map(|row| row.id).collect(),
        multi: rows.len() > 1,
        ..Compose::default()
    };
    let screen = if asks && !story {
        "share_choice"
    } else {
        editor(context.phone, &compose)
    };
    if screen == "reel_editor" {
        "reel".clone_into(&mut compose.kind);
    }
    app.compose = Some(compose);
    (screen.to_owned(), json!({"shared": true}))
}

fn refused(phone: &Phone, refusal: &ShareRefusal) -> (String, Value) {
    phone.log.write('W', "ShareHandlerActivity", &refusal.to_string());
    ("share_refused".to_owned(), Value::Null)
}
