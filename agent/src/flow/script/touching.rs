//! Host functions that touch the phone.

use std::sync::Arc;
use std::time::Duration;

use rhai::{Array, Dynamic, Engine, Map, NativeCallContext, Position};

use super::{Answer, Secret, number, target, wrong};
use crate::flow::failure::Failure;
use crate::flow::host::{Host, Permissions};
use crate::flow::pace::seconds;
use crate::flow::step::Step;
use crate::flow::ui::{HOLD, Typing};
use crate::flow::wait::NodeRef;
use crate::flow::{Material, MaterialKind};

pub(super) fn register(engine: &mut Engine, host: &Arc<Host>) {
    fingers(engine, host);
    keys(engine, host);
    apps(engine, host);
    files(engine, host);
}

fn fingers(engine: &mut Engine, host: &Arc<Host>) {
    let at = Arc::clone(host);
    engine.register_fn(
        "tap",
        move |ctx: NativeCallContext, what: Dynamic| -> Answer<()> {
            let target = target(&what, ctx.call_position())?;
            at.step(ctx.call_position(), Step::of("tap"), at.tap(&target))
        },
    );
    let at = Arc::clone(host);
    engine.register_fn(
        "tap_if",
        move |ctx: NativeCallContext, name: &str| -> Answer<bool> {
            at.step(ctx.call_position(), Step::of("tap_if"), at.tap_if(name))
        },
    );
    let at = Arc::clone(host);
    engine.register_fn(
        "long_press",
        move |ctx: NativeCallContext, what: Dynamic| -> Answer<()> {
            let target = target(&what, ctx.call_position())?;
            at.step(
                ctx.call_position(),
                Step::of("long_press"),
                at.long_press(&target, HOLD),
            )
        },
    );
    let at = Arc::clone(host);
    engine.register_fn(
        "long_press",
        move |ctx: NativeCallContext, what: Dynamic, time: Dynamic| -> Answer<()> {
            const LONGEST: Duration = Duration::from_secs(60);
            let target = target(&what, ctx.call_position())?;
            let time = seconds(number(&time, ctx.call_position())?).min(LONGEST);
            at.step(
                ctx.call_position(),
                Step::of("long_press"),
                at.long_press(&target, time),
            )
        },
    );
    let at = Arc::clone(host);
    engine.register_fn(
        "tap_at",
        move |ctx: NativeCallContext, x: Dynamic, y: Dynamic| -> Answer<()> {
            let position = ctx.call_position();
            let (x, y) = (number(&x, position)?, number(&y, position)?);
            at.step(position, Step::of("tap_at"), at.tap_at(x, y))
        },
    );
    let at = Arc::clone(host);
    engine.register_fn(
        "swipe",
        move |ctx: NativeCallContext, direction: &str| -> Answer<()> {
            let work = at.swipe(direction, None, 75.0, 30.0, None);
            at.step(ctx.call_position(), Step::of("swipe"), work)
        },
    );
    let at = Arc::clone(host);
    engine.register_fn(
        "swipe",
        move |ctx: NativeCallContext, direction: &str, options: Map| -> Answer<()> {
            let position = ctx.call_position();
            only(&options, &["inside", "from", "to", "millis"], position)?;
            let inside = options
                .get("inside")
                .map(|value| target(value, position))
                .transpose()?;
            let part = |key: &str, usual: f64| {
                options
                    .get(key)
                    .map_or(Ok(usual), |value| number(value, position))
            };
            let (from, to) = (part("from", 75.0)?, part("to", 30.0)?);
            let millis = options
                .get("millis")
                .map(|value| number(value, position))
                .transpose()?;
            let time = millis.map(|millis| Duration::from_millis(millis.clamp(10.0, 60_000.0) as u64));
            let work = at.swipe(direction, inside.as_ref(), from, to, time);
            at.step(position, Step::of("swipe"), work)
        },
    );
    let at = Arc::clone(host);
    engine.register_fn(
        "scroll_to",
        move |ctx: NativeCallContext, name: &str, direction: &str, most: i64| -> Answer<NodeRef> {
            let work = at.scroll_to(name, direction, most);
            at.step(ctx.call_position(), Step::of("scroll_to"), work)
        },
    );
}

fn keys(engine: &mut Engine, host: &Arc<Host>) {
    let at = Arc::clone(host);
    engine.register_fn(
        "type_text",
        move |ctx: NativeCallContext, what: Dynamic, text: &str| -> Answer<()> {
            let target = target(&what, ctx.call_position())?;
            let work = at.type_text(&target, text, Typing::default());
            at.step(ctx.call_position(), Step::of("type_text"), work)
        },
    );
    let at = Arc::clone(host);
    engine.register_fn(
        "type_text",
        move |ctx: NativeCallContext, what: Dynamic, text: &str, options: Map| -> Answer<()> {
            let position = ctx.call_position();
            only(&options, &["check", "clear"], position)?;
            let yes = |key: &str| match options.get(key) {
                None => Ok(true),
                Some(value) => value
                    .as_bool()
                    .map_err(|_| wrong("true or false", value, position)),
            };
            let typing = Typing {
                check: yes("check")?,
                clear: yes("clear")?,
            };
            let target = target(&what, position)?;
            at.step(
                position,
                Step::of("type_text"),
                at.type_text(&target, text, typing),
            )
        },
    );
    let at = Arc::clone(host);
    engine.register_fn(
        "type_secret",
        move |ctx: NativeCallContext, what: Dynamic, secret: Secret| -> Answer<()> {
            let target = target(&what, ctx.call_position())?;
            let work = at.type_secret(&target, &secret.0);
            at.step(ctx.call_position(), Step::of("type_secret"), work)
        },
    );
    let at = Arc::clone(host);
    engine.register_fn("clear", move |ctx: NativeCallContext, name: &str| -> Answer<()> {
        let target = crate::flow::ui::Target::Element(name.to_owned());
        at.step(ctx.call_position(), Step::of("clear"), at.clear(&target))
    });
    let at = Arc::clone(host);
    engine.register_fn(
        "clear",
        move |ctx: NativeCallContext, node: NodeRef| -> Answer<()> {
            let target = crate::flow::ui::Target::Node(node);
            at.step(ctx.call_position(), Step::of("clear"), at.clear(&target))
        },
    );
    let at = Arc::clone(host);
    engine.register_fn("key", move |ctx: NativeCallContext, name: &str| -> Answer<()> {
        at.step(ctx.call_position(), Step::of("key"), at.key(name))
    });
    let at = Arc::clone(host);
    engine.register_fn("back", move |ctx: NativeCallContext| -> Answer<()> {
        at.step(ctx.call_position(), Step::of("back"), at.back())
    });
    let at = Arc::clone(host);
    engine.register_fn("hide_keyboard", move |ctx: NativeCallContext| -> Answer<bool> {
        at.step(ctx.call_position(), Step::of("hide_keyboard"), at.hide_keyboard())
    });
    let at = Arc::clone(host);
    engine.register_fn(
        "permissions",
        move |ctx: NativeCallContext, what: &str| -> Answer<()> {
            let decided = match what {
                "allow" => Permissions::Allow,
                "deny" => Permissions::Deny,
                other => {
                    return Err(
                        Failure::script(format!("permissions({other:?}): allowed are allow, deny"))
                            .thrown(ctx.call_position()),
                    );
                }
            };
            at.state().permissions = decided;
            Ok(())
        },
    );
}

fn apps(engine: &mut Engine, host: &Arc<Host>) {
    let at = Arc::clone(host);
    engine.register_fn(
        "open_url",
        move |ctx: NativeCallContext, url: &str| -> Answer<()> {
            at.step(ctx.call_position(), Step::of("open_url"), at.open_url(url))
        },
    );
    let at = Arc::clone(host);
    engine.register_fn("start_app", move |ctx: NativeCallContext| -> Answer<()> {
        at.step(ctx.call_position(), Step::of("start_app"), at.start_app())
    });
    let at = Arc::clone(host);
    engine.register_fn("restart_app", move |ctx: NativeCallContext| -> Answer<()> {
        at.step(ctx.call_position(), Step::of("restart_app"), at.restart_app())
    });
    let at = Arc::clone(host);
    engine.register_fn("stop_app", move |ctx: NativeCallContext| -> Answer<()> {
        at.step(ctx.call_position(), Step::of("stop_app"), at.stop_app())
    });
    let at = Arc::clone(host);
    engine.register_fn("foreground", move |ctx: NativeCallContext| -> Answer<String> {
        at.step(ctx.call_position(), Step::of("foreground"), at.foreground())
    });
}

fn files(engine: &mut Engine, host: &Arc<Host>) {
    let at = Arc::clone(host);
    engine.register_fn("materials", move || -> Array {
        at.materials.iter().map(shown).collect()
    });
    let at = Arc::clone(host);
    engine.register_fn(
        "material",
        move |ctx: NativeCallContext, number: i64| -> Answer<Dynamic> {
            let material = usize::try_from(number)
                .ok()
                .and_then(|number| at.materials.get(number));
            material.map(shown).ok_or_else(|| {
                let failure = Failure::new(
                    shared::pack::failure::FailureKind::NoMaterial,
                    format!(
                        "the task brings {} files, and the flow asks for number {number}",
                        at.materials.len()
                    ),
                );
                failure.thrown(ctx.call_position())
            })
        },
    );
    let at = Arc::clone(host);
    engine.register_fn(
        "put_media",
        move |ctx: NativeCallContext, list: Array| -> Answer<Map> {
            let materials = chosen(&at, &list, ctx.call_position())?;
            let (album, count) = at.step(
                ctx.call_position(),
                Step::of("put_media"),
                at.put_media(&materials),
            )?;
            let mut map = Map::new();
            map.insert("album".into(), album.into());
            map.insert("count".into(), Dynamic::from(count as i64));
            Ok(map)
        },
    );
    let at = Arc::clone(host);
    engine.register_fn("remove_media", move |ctx: NativeCallContext| -> Answer<()> {
        at.step(ctx.call_position(), Step::of("remove_media"), at.remove_media())
    });
    let at = Arc::clone(host);
    engine.register_fn(
        "share_files",
        move |ctx: NativeCallContext, list: Array| -> Answer<()> {
            let materials = chosen(&at, &list, ctx.call_position())?;
            let work = at.share_files(&materials, None, None);
            at.step(ctx.call_position(), Step::of("share_files"), work)
        },
    );
    let at = Arc::clone(host);
    engine.register_fn(
        "share_files",
        move |ctx: NativeCallContext, list: Array, options: Map| -> Answer<()> {
            let position = ctx.call_position();
            only(&options, &["component", "mime"], position)?;
            let text = |key: &str| options.get(key).map(ToString::to_string);
            let materials = chosen(&at, &list, position)?;
            let work = at.share_files(&materials, text("component"), text("mime"));
            at.step(position, Step::of("share_files"), work)
        },
    );
}

/// A file as scripts see it; where it lies on this host is nothing to them.
fn shown(material: &Material) -> Dynamic {
    let mut map = Map::new();
    map.insert("name".into(), material.name.clone().into());
    let kind = match material.kind {
        MaterialKind::Video => "video",
        MaterialKind::Image => "image",
    };
    map.insert("kind".into(), kind.into());
    map.insert("hash".into(), material.hash.clone().into());
    Dynamic::from(map)
}

/// The files that a script names by the maps it was given, or by their hashes.
fn chosen(host: &Host, list: &Array, position: Position) -> Answer<Vec<Material>> {
    list.iter()
        .map(|one| {
            let hash = match one.read_lock::<Map>() {
                Some(map) => map.get("hash").map(ToString::to_string).unwrap_or_default(),
                None => one.to_string(),
            };
            host.materials
                .iter()
                .find(|material| material.hash == hash)
                .cloned()
                .ok_or_else(|| wrong("one of materials()", one, position))
        })
        .collect()
}

/// Options that nobody knows are mistakes.
fn only(options: &Map, known: &[&str], position: Position) -> Answer<()> {
    match options.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => Err(Failure::script(format!(
            "the option {key:?} is not known: allowed are {}",
            known.join(", ")
        ))
        .thrown(position)),
    }
}
