//! The comment sheet: a thread, and the composer under it.

use serde_json::{Value, json};

use super::super::social::{self, Act, count, text};
use super::super::{Call, Context, Look};
use super::{HERE, Instagram, me, perform, show};
use crate::ui::page::Page;

/// Comments that are loaded.
const ROWS: usize = 30;
static QUICK: [&str; 8] = ["❤️", "🙌", "🔥", "👏", "😢", "😍", "😮", "😂"];

pub(super) fn model(app: &Instagram, look: Look<'_>, page: &Page, me: &str) -> Value {
    let language = look.language;
    let moods = social::moods_of(look.phone, HERE, me);
    let legacy = look.phone.social.install(HERE).variant == "legacy";
    let world = look.phone.social.world(HERE);
    let Some(post) = page.arg("post").parse().ok().and_then(|id| world.post(id)) else {
        return json!({"closed": true});
    };
    let now = world.now();
    let row = |author: &str, body: &str, seconds: u64| {
        json!({
            "author": author,
            "text": body,
            "age": text::age(seconds, language),
            "said": show::word(
                language,
                &format!("{author} said {body}"),
                &format!("{author} a dit {body}"),
            ),
            "color": show::color(author),
            "letter": show::letter(author),
        })
    };
    let seeming = app.seeming(me, "comment").map(|body| row(me, body, 1));
    let comments = world.comments_of(post.id).take(ROWS);
    let comments = comments.map(|one| row(&one.author, &one.text, now.seconds_since(one.at)));
    let hint = if post.id.is_multiple_of(2) {
        show::word(
            language,
            &format!("Add a comment for {}", post.author),
            &format!("Ajouter un commentaire pour {}", post.author),
        )
    } else {
        show::word(language, "Join the conversation…", "Rejoignez la conversation…")
    };
    json!({
        "comments": seeming.chain(comments).collect::<Vec<_>>(),
        "count": count::short(world.comment_count(post), language),
        "closed": moods.comments_closed || post.comments_off,
        "hint": hint,
        "emoji": QUICK,
        "my_letter": show::letter(me),
        "field_id": if legacy {
            "layout_comment_thread_edittext"
        } else {
            "layout_comment_thread_edittext_multiline"
        },
    })
}

pub(super) fn act(app: &mut Instagram, context: &mut Context<'_>, action: &str, argument: &str) -> bool {
    match action {
        "comments" => context.call(Call::Go("comments".to_owned(), json!({"post": argument}))),
        "emoji" => {
            let text = format!("{}{argument}", context.page.text("text"));
            context.call(Call::Write("text".to_owned(), text));
        }
        "post_comment" => post(app, context),
        _ => return false,
    }
    true
}

fn post(app: &mut Instagram, context: &mut Context<'_>) {
    let Some(me) = me(context.phone) else { return };
    let body = context.page.text("text").trim().to_owned();
    if body.is_empty() {
        return;
    }
    let act = {
        let world = context.phone.social.world(HERE);
        let post = context
            .page
            .arg("post")
            .parse()
            .ok()
            .and_then(|id| world.post(id));
        post.map(|post| Act::comment(&me, post, &body, None))
    };
    if let Some(act) = act
        && perform(app, context, act)
    {
        context.call(Call::Write("text".to_owned(), String::new()));
        context.call(Call::HideKeyboard);
    }
}
