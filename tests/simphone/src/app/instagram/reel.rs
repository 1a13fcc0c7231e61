//! The reel viewer: one video after another, and what lies beside it.

use serde_json::{Value, json};

use super::super::social::{Act, count, text};
use super::super::{Call, Context, Look};
use super::feed::Viewer;
use super::{HERE, Instagram, me, perform, show};
use crate::phone::Phone;
use crate::ui::page::Page;

/// Letters of a caption under a reel.
const CAPTION: usize = 60;

pub(super) fn model(app: &Instagram, look: Look<'_>, page: &Page, me: &str) -> Value {
    let world = look.phone.social.world(HERE);
    let language = look.language;
    let found = page.arg("post").parse().ok().and_then(|id| world.post(id));
    let Some(post) = found.filter(|post| world.visible(post, me)) else {
        return json!({"root": page.args.get("root"), "bg": "#000000"});
    };
    let view = Viewer {
        app,
        world: &world,
        me,
        language,
    };
    let author = post.author.as_str();
    let (likes, comments) = (world.likes_of(post), world.comment_count(post));
    let (likes, comments) = (count::short(likes, language), count::short(comments, language));
    let liked = view.liked(post);
    json!({
        "root": page.args.get("root"),
        "id": post.id,
        "author": author,
        "color": show::color(author),
        "letter": show::letter(author),
        "bg": show::picture(post.media.first().map_or("", |one| one.hash.as_str())),
        "video_desc": show::word(
            language,
            &format!("Reel by {author}. Double tap to play or pause."),
            &format!("Reel de {author}. Appuyez deux fois pour lire ou mettre en pause."),
        ),
        "liked": liked,
        "heart": if liked { "heart_full" } else { "heart" },
        "heart_color": if liked { "#ed4956" } else { "#ffffff" },
        "likes": likes,
        "likes_desc": show::word(
            language,
            &format!("Like number is{likes}. View likes"),
            &format!("Le nombre de J’aime est de {likes}. Voir les mentions J’aime"),
        ),
        "comments": comments,
        "comments_desc": show::word(
            language,
            &format!("Comment number is{comments}. View comments"),
            &format!("Le nombre de commentaires est de {comments}. Voir les commentaires"),
        ),
        "reposts": count::short(post.shares, language),
        "button": app.relation(&world, me, author),
        "follow_desc": show::word(language, &format!("Follow {author}"), &format!("Suivre {author}")),
        "caption": text::cut(&post.caption, CAPTION, language),
        "sound": post.sound,
        "own": author == me,
    })
}

/// The reels that one swipes through, in their order.
fn reels(phone: &Phone, me: &str) -> Vec<u64> {
    let world = phone.social.world(HERE);
    let all = world.posts.iter().rev();
    let reels = all.filter(|post| post.placement == "reel" && world.visible(post, me));
    reels.map(|post| post.id).collect()
}

/// What the tab opens with.
pub(super) fn first(phone: &Phone) -> Value {
    let me = me(phone).unwrap_or_default();
    let post = reels(phone, &me).first().copied().unwrap_or(0);
    json!({"root": true, "post": post.to_string()})
}

pub(super) fn act(app: &mut Instagram, context: &mut Context<'_>, action: &str, argument: &str) -> bool {
    match action {
        "next_reel" => turn(context, 1),
        "previous_reel" => turn(context, -1),
        "inline_follow" => {
            if let Some(me) = me(context.phone) {
                perform(app, context, Act::follow(&me, argument));
            }
        }
        _ => return false,
    }
    true
}

fn turn(context: &mut Context<'_>, by: isize) {
    let me = me(context.phone).unwrap_or_default();
    let all = reels(context.phone, &me);
    let now = context.page.arg("post").parse().ok();
    let at = all.iter().position(|id| Some(*id) == now).unwrap_or(0);
    let next = at.checked_add_signed(by).and_then(|at| all.get(at));
    if let Some(next) = next {
        let root = context.page.args.get("root").cloned().unwrap_or_default();
        let args = json!({"post": next.to_string(), "root": root});
        context.call(Call::Replace("reel".to_owned(), args));
    }
}
