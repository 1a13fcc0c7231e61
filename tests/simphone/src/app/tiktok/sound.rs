//! Sounds: which there are, choosing one for what is being made, its volume, the page of one.

use serde_json::{Value, json};

use super::shown::{cell, tint};
use super::{CAMERA, TikTok, active, world};
use crate::app::{Call, Context, Look};
use crate::phone::identity;
use crate::ui::Intent;
use crate::ui::page::Page;

/// Songs that everybody may use: name, artist. The posts' own sounds come beside them.
static SONGS: &[(&str, &str)] = &[
    ("Morning Light", "Paper Kites Club"),
    ("Slow River", "Ada Lunde"),
    ("Good Feeling Walk", "The Corner Four"),
    ("Night Bus", "Kilo Vega"),
    ("Kitchen Dance", "Rosa & the Pans"),
    ("Summer in the City Lights", "Neon Fig"),
    ("Lofi Rain", "Cloud Desk"),
    ("Drum Line 09", "Marching Blue"),
];

/// The volumes that a fresh video has, in percent.
pub(super) const USUAL_VOLUME: u8 = 50;

/// A sound by its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sound {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) artist: String,
}

/// A sound's number, which follows from its name.
pub fn id_of(name: &str) -> String {
    (7_000_000_000_000_000_000 + identity::of_text(name) % 900_000_000_000_000_000).to_string()
}

fn all(look_names: impl Iterator<Item = (String, String)>) -> Vec<Sound> {
    let songs = SONGS
        .iter()
        .map(|(name, artist)| ((*name).to_owned(), (*artist).to_owned()));
    let mut found: Vec<Sound> = Vec::new();
    for (name, artist) in songs.chain(look_names) {
        let id = id_of(&name);
        if !found.iter().any(|one| one.id == id) {
            found.push(Sound { id, name, artist });
        }
    }
    found
}

impl TikTok {
    fn sounds(phone: &crate::phone::Phone) -> Vec<Sound> {
        let world = world(phone);
        let own = world.posts.iter().filter(|post| !post.sound.is_empty());
        all(own.map(|post| (post.sound.clone(), post.author.clone())))
    }

    pub(super) fn sound_named(phone: &crate::phone::Phone, id: &str) -> Option<Sound> {
        Self::sounds(phone).into_iter().find(|one| one.id == id)
    }

    pub(super) fn sound_model(&self, look: Look<'_>, page: &Page) -> Value {
        let all = Self::sounds(look.phone);
        if page.screen == "volume" {
            let shoot = self.shoot.as_ref();
            return json!({
                "original": shoot.map_or(USUAL_VOLUME, |one| one.volumes.0),
                "added": shoot.map_or(USUAL_VOLUME, |one| one.volumes.1),
                "sound": shoot.and_then(|one| one.sound.as_ref()).map(|one| one.name.clone()),
            });
        }
        if page.screen == "sound" {
            return self.sound_page(look, page, &all);
        }
        let query = page
            .vars
            .get("looked_for")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_lowercase();
        let fits = |one: &&Sound| {
            let text = format!("{} {}", one.name, one.artist).to_lowercase();
            query.split_whitespace().all(|word| text.contains(word))
        };
        let rows: Vec<Value> = all
            .iter()
            .filter(fits)
            .map(|one| {
                json!({"id": one.id, "name": one.name, "artist": one.artist, "tint": tint(&one.name),
                    "selected": self.tried_sound.as_deref() == Some(one.id.as_str())})
            })
            .collect();
        json!({"sounds": rows, "searching": page.vars.get("searching").is_some_and(|on| *on == Value::Bool(true))})
    }

    fn sound_page(&self, look: Look<'_>, page: &Page, all: &[Sound]) -> Value {
        let me = active(look.phone).unwrap_or_default();
        let id = page.arg("sound");
        let Some(sound) = all.iter().find(|one| one.id == id) else {
            return json!({"sound": {"name": "", "artist": "", "posts": 0}});
        };
        let world = world(look.phone);
        let grid: Vec<Value> = world
            .posts
            .iter()
            .rev()
            .filter(|post| post.sound == sound.name && world.visible(post, &me))
            .map(|post| cell(&world, post, look.language))
            .collect();
        json!({
            "sound": {"name": sound.name, "artist": sound.artist, "posts": grid.len(), "known": true},
            "grid": grid,
        })
    }

    pub(super) fn sound_act(&mut self, context: &mut Context<'_>, action: &str, argument: &str) -> bool {
        match action {
            "sound" => context.call(Call::Go("sound".to_owned(), json!({"sound": argument}))),
            "add_sound" => {
                self.tried_sound = None;
                context.call(Call::Go("sounds".to_owned(), json!({})));
            }
            "sound_search" => {
                let query = context.page.text("sound_query").to_owned();
                context
                    .page
                    .vars
                    .insert("looked_for".to_owned(), Value::from(query));
                context
                    .page
                    .vars
                    .insert("searching".to_owned(), Value::Bool(true));
                context.call(Call::HideKeyboard);
            }
            "sounds_found" => drop(context.page.vars.remove("searching")),
            "try_sound" => self.tried_sound = Some(argument.to_owned()),
            "use_sound" => {
                let sound = Self::sound_named(context.phone, argument);
                self.making().sound = sound;
                context.call(Call::Back);
            }
            "use_this_sound" => {
                let id = context.page.arg("sound").into_owned();
                if Self::actor(context).is_some() && Self::sound_named(context.phone, &id).is_some() {
                    let mut intent = Intent::component(&format!("{}/{CAMERA}", self.package));
                    intent.extras = vec![("sound".to_owned(), id)];
                    context.call(Call::Start(intent));
                }
            }
            "volume" => context.call(Call::Go("volume".to_owned(), json!({}))),
            "volume_changed" => {
                let chosen = |name: &str| {
                    context
                        .page
                        .vars
                        .get(name)
                        .and_then(Value::as_f64)
                        .map(|value| value as u8)
                };
                let (original, added) = (chosen("original"), chosen("added"));
                let volumes = &mut self.making().volumes;
                volumes.0 = original.unwrap_or(volumes.0);
                volumes.1 = added.unwrap_or(volumes.1);
            }
            _ => return false,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sound_is_listed_once_and_its_number_stays() {
        let again = [("Slow River".to_owned(), "somebody".to_owned())];
        let sounds = all(again.into_iter());
        assert_eq!(sounds.len(), SONGS.len());
        assert_eq!(sounds[1].id, id_of("Slow River"));
    }
}
