//! The comments under a post: reading, writing, with a picture or an emoji.

use serde_json::{Value, json};

use super::shown::{Seer, tint};
use super::{TikTok, moods, world};
use crate::app::social::{Act, count, text};
use crate::app::{Call, Context, Look};
use crate::ui::page::{Field, Page};

const EMOJI: &[&str] = &["😁", "🥰", "😂", "😳", "😏", "😅", "🥺"];
/// What an unresolved resource looks like.
const UNRESOLVED: &str = "@2131954894";
/// How many rows the list shows.
const LISTED: usize = 60;

impl TikTok {
    pub(super) fn comment_model(&self, look: Look<'_>, page: &Page) -> Value {
        let moods = moods(look.phone);
        let seer = Seer::of(look, self.package);
        let world = world(look.phone);
        let id = page.arg("post").parse().unwrap_or(0);
        let Some(post) = world.post(id) else {
            return json!({"off": true, "count": "0"});
        };
        let now = world.now();
        let mut rows: Vec<Value> = world
            .comments_of(id)
            .take(LISTED)
            .map(|comment| {
                let author = world.account(&comment.author);
                json!({
                    "nickname": author.map_or(comment.author.as_str(), |one| one.display_name.as_str()),
                    "text": comment.text,
                    "image": comment.image,
                    "age": text::age(now.seconds_since(comment.at), look.language),
                    "tint": tint(&comment.author),
                })
            })
            .collect();
        if page.vars.get("sorted").and_then(Value::as_str) == Some("top") {
            rows.reverse();
        }
        let typed = !page.text("comment").trim().is_empty() || self.picture.is_some();
        let send_desc = if seer.layout == "a" || moods.extra("send_unresolved") {
            UNRESOLVED
        } else {
            ""
        };
        let open = page.vars.get("emoji_open") == Some(&Value::Bool(true));
        json!({
            "count": count::short(world.comment_count(post), look.language),
            "rows": rows,
            "off": post.comments_off || moods.comments_closed,
            "armed": typed || page.focus.is_some(),
            "can_send": typed,
            "send_desc": send_desc,
            "picture": self.picture.is_some(),
            "emoji": if open { json!(EMOJI) } else { Value::Null },
        })
    }

    pub(super) fn comment_act(&mut self, context: &mut Context<'_>, action: &str, argument: &str) -> bool {
        match action {
            "comments" => {
                self.picture = None;
                if let Some(post) = self.post_in_front(context.phone, context.page) {
                    context.call(Call::Go(
                        "comments".to_owned(),
                        json!({"post": post.id.to_string()}),
                    ));
                }
            }
            "sort" => context.call(Call::Go("sort".to_owned(), json!({}))),
            "sorted" => {
                // The panel below is told once the sheet has gone.
                context.call(Call::Back);
                context.call(Call::Later(
                    std::time::Duration::ZERO,
                    format!("sort_by:{argument}"),
                ));
            }
            "emoji" => {
                let field = context
                    .page
                    .fields
                    .entry("comment".to_owned())
                    .or_insert_with(|| Field::new(""));
                field.insert(argument);
            }
            "picture" => self.open_gallery(context, "comment"),
            "no_picture" => self.picture = None,
            "send_comment" => self.send_comment(context),
            "sort_by:top" | "sort_by:newest" => {
                context.page.vars.insert(
                    "sorted".to_owned(),
                    Value::from(action.trim_start_matches("sort_by:")),
                );
            }
            _ => return false,
        }
        true
    }

    fn send_comment(&mut self, context: &mut Context<'_>) {
        let Some(post) = self.post_in_front(context.phone, context.page) else {
            return;
        };
        let typed = context.page.text("comment").trim().to_owned();
        let image = self.picture.as_ref().map(|one| one.hash.clone());
        if typed.is_empty() && image.is_none() {
            return;
        }
        let Some(me) = Self::actor(context) else { return };
        if self.deed(context, Act::comment(&me, &post, &typed, image), "comment") {
            self.picture = None;
            context.page.focus = None;
            context.page.vars.remove("emoji_open");
            context.call(Call::Write("comment".to_owned(), String::new()));
            context.call(Call::HideKeyboard);
        }
    }
}
