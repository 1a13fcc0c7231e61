//! Editing one's own profile: name, username, bio, picture, with the platform's rules about how often.

use serde_json::{Value, json};

use super::shown::scene;
use super::{PLATFORM, TikTok, active, world};
use crate::app::social::Act;
use crate::app::{Call, Context, Look};
use crate::phone::Phone;
use crate::ui::page::Page;

const DAY: u64 = 86_400;

/// How long a field may be, and how many days must lie between two changes of it.
fn rules(field: &str) -> (usize, u64) {
    match field {
        "name" => (30, 7),
        "username" => (24, 30),
        _ => (80, 0),
    }
}

fn note_key(account: u64, field: &str) -> String {
    format!("changed:{field}:{account}")
}

/// Whether the field was changed too short a time ago.
fn resting(phone: &Phone, me: &str, field: &str) -> bool {
    let (_, days) = rules(field);
    let (id, now) = {
        let world = world(phone);
        (world.account(me).map_or(0, |account| account.id), world.now())
    };
    let install = phone.social.install(PLATFORM);
    let changed = install
        .notes
        .get(&note_key(id, field))
        .and_then(|text| text.parse().ok());
    let changed = changed.map(crate::app::social::WorldTime);
    changed.is_some_and(|then| now.seconds_since(then) < days * DAY)
}

fn was(phone: &Phone, me: &str, field: &str) -> String {
    let world = world(phone);
    let account = world.account(me);
    account.map_or_else(String::new, |account| match field {
        "name" => account.display_name.clone(),
        "username" => account.username.clone(),
        _ => account.bio.clone(),
    })
}

/// A username as the platform takes it.
fn valid_username(name: &str) -> bool {
    let length = name.chars().count();
    let fits =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '.' | '_');
    (2..=24).contains(&length) && name.chars().all(fits) && !name.ends_with('.')
}

impl TikTok {
    pub(super) fn edit_model(&self, look: Look<'_>, page: &Page) -> Value {
        if page.screen != "edit_field" {
            return json!({"scene": scene(self.avatar.as_ref())});
        }
        let me = active(look.phone).unwrap_or_default();
        let field = page.arg("field");
        let was = was(look.phone, &me, &field);
        let value = page
            .fields
            .get("value")
            .map_or(was.as_str(), |field| field.text.as_str());
        let (most, days) = rules(&field);
        let length = value.chars().count();
        let resting = days > 0 && resting(look.phone, &me, &field);
        let good = length <= most && value != was && (field == "bio" || length > 0);
        json!({
            "was": was,
            "most": most,
            "length": length,
            "many": field == "bio",
            "rule": if days > 0 { format!("rule_{field}") } else { String::new() },
            "can_save": good && !resting && (field != "username" || valid_username(value)),
        })
    }

    pub(super) fn edit_act(&mut self, context: &mut Context<'_>, action: &str, argument: &str) -> bool {
        match action {
            "edit_profile" => context.call(Call::Go("edit".to_owned(), json!({}))),
            "edit_field" => context.call(Call::Go("edit_field".to_owned(), json!({"field": argument}))),
            "field_changed" => drop(context.page.vars.remove("fault")),
            "clear_field" => context.call(Call::Write("value".to_owned(), String::new())),
            "save_field" => self.save_field(context),
            "confirm_field" => {
                let (field, value) = (
                    context.page.arg("field").into_owned(),
                    context.page.arg("value").into_owned(),
                );
                context.call(Call::Back);
                self.change(context, &field, &value);
            }
            "photo" => context.call(Call::Go("photo_sheet".to_owned(), json!({}))),
            "pick_photo" => {
                context.call(Call::Back);
                self.open_gallery(context, "avatar");
            }
            "save_photo" => self.save_photo(context),
            _ => return false,
        }
        true
    }

    fn save_field(&mut self, context: &mut Context<'_>) {
        let field = context.page.arg("field").into_owned();
        let Some(value) = context.page.fields.get("value").map(|field| field.text.clone()) else {
            return;
        };
        if field == "username" && world(context.phone).account(&value).is_some() {
            context
                .page
                .vars
                .insert("fault".to_owned(), Value::from("name_taken"));
            return;
        }
        context.call(Call::HideKeyboard);
        if rules(&field).1 == 0 {
            self.change(context, &field, &value);
        } else {
            let rule = format!("rule_{field}");
            context.call(Call::Go(
                "name_confirm".to_owned(),
                json!({"field": field, "value": value, "rule": rule}),
            ));
        }
    }

    fn change(&mut self, context: &mut Context<'_>, field: &str, value: &str) {
        let Some(me) = active(context.phone) else { return };
        if !self.deed(context, Act::profile(&me, field, value), "profile") {
            return;
        }
        let me = active(context.phone).unwrap_or(me);
        let (id, now) = {
            let world = world(context.phone);
            (world.account(&me).map_or(0, |account| account.id), world.now())
        };
        let mut install = context.phone.social.install(PLATFORM);
        install.notes.insert(note_key(id, field), now.0.to_string());
        install.keep();
        drop(install);
        context.call(Call::Back);
    }

    fn save_photo(&mut self, context: &mut Context<'_>) {
        let Some(me) = active(context.phone) else { return };
        let Some(avatar) = self.avatar.take() else { return };
        if self.deed(context, Act::profile(&me, "avatar", avatar.hash), "avatar") {
            // The crop page and the gallery under it.
            context.call(Call::Back);
            context.call(Call::Back);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usernames_have_small_letters_digits_dots_and_underscores() {
        for good in ["ab", "maya.trails", "a_1"] {
            assert!(valid_username(good), "{good}");
        }
        for bad in ["a", "Maya", "a b", "end.", "abcdefghijklmnopqrstuvwxyz", "é.è"] {
            assert!(!valid_username(bad), "{bad}");
        }
    }
}
