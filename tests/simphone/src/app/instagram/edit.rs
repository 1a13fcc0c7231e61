//! Changing the own profile: name, username, bio, picture.

use serde_json::{Value, json};

use super::super::social::{Act, pick};
use super::super::{Call, Context, Look};
use super::compose::Compose;
use super::{HERE, Instagram, me, perform, show};
use crate::ui::page::Page;

pub(super) fn model(app: &Instagram, look: Look<'_>, page: &Page, me: &str) -> Value {
    if page.screen == "avatar_gallery" {
        return super::compose::model(app, look, page);
    }
    let world = look.phone.social.world(HERE);
    let Some(account) = world.account(me) else {
        return Value::Null;
    };
    let field = page.arg("field").into_owned();
    let value = match field.as_str() {
        "name" => &account.display_name,
        "username" => &account.username,
        _ => &account.bio,
    };
    json!({
        "name": account.display_name,
        "bio": account.bio,
        "color": show::color(me),
        "letter": show::letter(me),
        "value": value,
        "field_id": match field.as_str() {
            "name" => "full_name",
            other => other,
        },
        "long": field == "bio",
        "field": field,
        "taken": page.vars.get("taken"),
    })
}

pub(super) fn act(app: &mut Instagram, context: &mut Context<'_>, action: &str, argument: &str) -> bool {
    match action {
        "edit" => context.call(Call::Go("edit_profile".to_owned(), json!({}))),
        "edit_field" => context.call(Call::Go("edit_field".to_owned(), json!({"field": argument}))),
        "save_field" => save(app, context),
        "avatar" => {
            app.compose = Some(Compose {
                kind: "avatar".to_owned(),
                ..Compose::default()
            });
            context.call(Call::Back);
            context.call(Call::Go("avatar_gallery".to_owned(), json!({})));
        }
        "avatar_done" => avatar(app, context),
        _ => return false,
    }
    true
}

/// `[a-z0-9._]{1,30}`
fn is_username(text: &str) -> bool {
    let allowed = |character: char| {
        character.is_ascii_lowercase() || character.is_ascii_digit() || "._".contains(character)
    };
    (1..=30).contains(&text.chars().count()) && text.chars().all(allowed)
}

fn save(app: &mut Instagram, context: &mut Context<'_>) {
    let Some(me) = me(context.phone) else { return };
    let field = context.page.arg("field").into_owned();
    let value = context.page.text("value").trim().to_owned();
    let refused = {
        let world = context.phone.social.world(HERE);
        field == "username" && value != me && (!is_username(&value) || world.account(&value).is_some())
    };
    if refused {
        context.page.vars.insert("taken".to_owned(), Value::Bool(true));
        return;
    }
    if perform(app, context, Act::profile(&me, &field, value)) {
        context.call(Call::HideKeyboard);
        context.call(Call::Back);
    }
}

fn avatar(app: &mut Instagram, context: &mut Context<'_>) {
    let Some(me) = me(context.phone) else { return };
    let chosen = app
        .compose
        .take()
        .and_then(|compose| compose.chosen.first().copied());
    let row = chosen.and_then(|id| pick::row(context.phone, id));
    let material = row.and_then(|row| pick::material(context.phone, &row));
    if let Some(material) = material {
        perform(app, context, Act::profile(&me, "avatar", material.hash));
    }
    context.call(Call::Back);
}
