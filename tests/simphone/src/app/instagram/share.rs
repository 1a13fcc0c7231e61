//! The editors' end and the share page: captions, drafts, and the upload with its outcome.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::social::{self, Act, Draft, Outcome, Post, pick, upload};
use super::super::{Call, Context, Look};
use super::compose::{self, Compose};
use super::{HERE, Instagram, challenge, chance, me, prompt, show};
use crate::phone::Phone;
use crate::ui::page::Page;

/// How long the words about a finished upload stay.
const NOTICE: Duration = Duration::from_secs(8);

pub(super) fn model(app: &Instagram, look: Look<'_>, page: &Page) -> Value {
    let compose = app.compose.clone().unwrap_or_default();
    let moods = look.phone.social.install(HERE).moods();
    let (version, _) = crate::app::registry::version(look.phone, &super::MANIFEST);
    let newer = version.starts_with("443");
    let hint = show::word(
        look.language,
        "Write a caption and add hashtags…",
        "Écrivez une légende et ajoutez des hashtags…",
    );
    let told = if compose.caption.is_empty() || newer {
        hint.clone()
    } else {
        compose.caption.clone()
    };
    let mut model = compose::model(app, look, page);
    let own = json!({
        "plays": moods.extra("editor_plays"),
        "preview": compose::preview(look.phone, &compose),
        "title": format!("title_{}", compose.kind),
        "caption": compose.caption,
        "caption_color": if told == hint { "#737373" } else { "#0f1419" },
        "caption_text": told,
        "footer": newer && compose.kind == "post",
        "facebook": false,
    });
    super::profile::merge(&mut model, own);
    model
}

pub(super) fn act(app: &mut Instagram, context: &mut Context<'_>, action: &str, argument: &str) -> bool {
    match action {
        "editor_next" => context.call(Call::Go("share".to_owned(), json!({}))),
        "leave_editor" => leave(context),
        "caption_ok" => {
            let caption = context.page.text("caption").to_owned();
            if let Some(compose) = &mut app.compose {
                compose.caption = caption;
            }
            context.call(Call::HideKeyboard);
            context.call(Call::Back);
        }
        "share" => share(app, context),
        "story" => story(app, context, argument),
        "share_anyway" | "story_info" => publish(app, context),
        "save_draft" => save_draft(app, context),
        "start_over" => {
            compose::remember(context.phone, false);
            home(app, context);
        }
        "retry" => retry(context, argument),
        "uploaded" => uploaded(app, context),
        _ => return false,
    }
    true
}

/// Back from an editor asks what becomes of it.
pub(super) fn leave(context: &mut Context<'_>) {
    context.call(Call::Go("save_draft".to_owned(), json!({})));
}

fn home(app: &mut Instagram, context: &mut Context<'_>) {
    app.compose = None;
    context.call(Call::Reset("feed".to_owned(), json!({"root": true})));
}

fn share(app: &mut Instagram, context: &mut Context<'_>) {
    let moods = context.phone.social.install(HERE).moods();
    let reel = app.compose.as_ref().is_some_and(|compose| compose.kind == "reel");
    if reel && moods.extra("reach_dialog") {
        context.call(Call::Go("reach".to_owned(), json!({})));
        return;
    }
    publish(app, context);
}

fn story(app: &mut Instagram, context: &mut Context<'_>, audience: &str) {
    let (shows, known) = {
        let install = context.phone.social.install(HERE);
        (
            install.moods().extra("story_info"),
            install.answered.contains("story_info"),
        )
    };
    if audience == "close_friends"
        && let Some(me) = me(context.phone)
    {
        social::note(context.phone, HERE, &me, "story_to_close_friends");
    }
    if shows && !known {
        let mut install = context.phone.social.install(HERE);
        install.answered.insert("story_info".to_owned());
        install.keep();
        drop(install);
        context.call(Call::Go("story_info".to_owned(), json!({})));
        return;
    }
    publish(app, context);
}

/// The files with their hashes; none where one is gone since.
fn materials(phone: &Phone, compose: &Compose) -> Option<Vec<social::Material>> {
    if compose.chosen.is_empty() {
        return Some(compose.media.clone()).filter(|media| !media.is_empty());
    }
    let rows = compose.chosen.iter().map(|id| pick::row(phone, *id));
    rows.map(|row| pick::material(phone, &row?)).collect()
}

fn publish(app: &mut Instagram, context: &mut Context<'_>) {
    let (Some(me), Some(compose)) = (me(context.phone), app.compose.clone()) else {
        return;
    };
    let Some(media) = materials(context.phone, &compose) else {
        let text = show::word(
            context.language,
            "Unable to load media",
            "Impossible de charger le contenu",
        );
        context.call(Call::Toast(text));
        return;
    };
    let post = Post {
        author: me.clone(),
        media,
        caption: compose.caption,
        placement: match compose.kind.as_str() {
            "post" => "feed".to_owned(),
            other => other.to_owned(),
        },
        visibility: "everyone".to_owned(),
        sound: format!("Original audio - {me}"),
        ..Post::default()
    };
    compose::remember(context.phone, false);
    upload::begin(context.phone, HERE, post);
    home(app, context);
    wait_for_upload(context);
}

fn retry(context: &mut Context<'_>, id: &str) {
    let found = {
        let install = context.phone.social.install(HERE);
        let mut uploads = install.uploads.iter();
        uploads.find(|upload| upload.id.to_string() == id).cloned()
    };
    if let Some(failed) = found {
        upload::discard(context.phone, HERE, failed.id);
        upload::begin(context.phone, HERE, failed.post);
        wait_for_upload(context);
    }
}

/// Looks again when the next upload should be done.
fn wait_for_upload(context: &mut Context<'_>) {
    if let Some(left) = upload::next_due(context.phone, HERE) {
        context.call(Call::Later(
            Duration::from_secs_f64(left + 0.05),
            "uploaded".to_owned(),
        ));
    }
}

/// What the platform said in the end.
fn uploaded(app: &mut Instagram, context: &mut Context<'_>) {
    let done = upload::finish_due(context.phone, HERE);
    wait_for_upload(context);
    for (done, outcome) in done {
        match outcome {
            Outcome::Done => {
                let turn = chance(context.phone, "done") + done.id;
                let words = ["done_send", "done_nice", "done_five"];
                app.notice = Some(words[(turn % 3) as usize].to_owned());
                context.call(Call::Later(NOTICE, "notice_over".to_owned()));
                prompt::promote(context, "share");
            }
            Outcome::Limited(text) => context.call(Call::Go("limit".to_owned(), json!({"text": text}))),
            Outcome::Challenged(which) => challenge::show(context, which, &done.post.author),
            Outcome::Swallowed | Outcome::Unwritten => {
                app.notice = Some("failed".to_owned());
                context.call(Call::Later(NOTICE, "notice_over".to_owned()));
            }
        }
    }
}

fn save_draft(app: &mut Instagram, context: &mut Context<'_>) {
    let (Some(me), Some(compose)) = (me(context.phone), app.compose.clone()) else {
        return;
    };
    let Some(media) = materials(context.phone, &compose) else {
        home(app, context);
        return;
    };
    let act = Act::Draft {
        account: me.clone(),
        content: media.first().map(|one| one.hash.clone()).unwrap_or_default(),
        caption: compose.caption.clone(),
    };
    if social::commit(context.phone, HERE, act).done() {
        let mut install = context.phone.social.install(HERE);
        let id = install.next_id();
        install.drafts.push(Draft {
            id,
            account: me,
            media,
            caption: compose.caption,
            placement: compose.kind,
            ..Draft::default()
        });
        install.keep();
    }
    home(app, context);
    let text = show::word(context.language, "Draft saved", "Brouillon enregistré");
    context.call(Call::Toast(text));
}
