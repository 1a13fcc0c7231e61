//! Host functions that touch no phone: texts, time, chance, the task, and how a flow ends.

use std::sync::Arc;

use rand::Rng as _;
use rhai::{Array, Dynamic, Engine, EvalAltResult, FnPtr, Map, NativeCallContext};
use shared::pack::failure::FailureKind;
use shared::spintax;

use super::{Answer, Secret, number, wrong};
use crate::flow::commit::{Commit, CommitKind};
use crate::flow::failure::Failure;
use crate::flow::host::Host;
use crate::flow::pace::seconds;
use crate::flow::step::Step;
use crate::flow::text;

pub(super) fn register(engine: &mut Engine, host: &Arc<Host>) {
    texts(engine, host);
    time(engine, host);
    phone_time(engine, host);
    chance(engine, host);
    task(engine, host);
    ends(engine, host);
    commit(engine, host);
}

/// Text of a value; `()` is none.
fn plain(value: &Dynamic) -> String {
    if value.is_unit() {
        String::new()
    } else {
        value.to_string()
    }
}

fn texts(engine: &mut Engine, host: &Arc<Host>) {
    engine.register_fn("number", |value: Dynamic| -> Dynamic {
        match value.as_int() {
            Ok(_) => value,
            Err(_) => text::number(&plain(&value)).map_or(Dynamic::UNIT, Dynamic::from),
        }
    });
    engine.register_fn("lines", |value: Dynamic| -> Array {
        match value.clone().try_cast::<Array>() {
            Some(list) => list,
            None => text::lines(&plain(&value))
                .into_iter()
                .map(Dynamic::from)
                .collect(),
        }
    });
    engine.register_fn("fingerprint", |value: Dynamic| text::fingerprint(&plain(&value)));
    engine.register_fn("same_text", |a: Dynamic, b: Dynamic| {
        text::same_text(&plain(&a), &plain(&b))
    });
    let at = Arc::clone(host);
    engine.register_fn("spintax", move |value: Dynamic| {
        let mut state = at.state();
        spintax::spin(&plain(&value), &mut |count| {
            state.random.random_range(0..count.max(1))
        })
    });
}

fn time(engine: &mut Engine, host: &Arc<Host>) {
    // With these very types: the language has a `sleep` of its own, which would hold the thread and hear no stop.
    let at = Arc::clone(host);
    engine.register_fn("sleep", move |ctx: NativeCallContext, time: i64| -> Answer<()> {
        at.rest(&ctx, time as f64)
    });
    let at = Arc::clone(host);
    engine.register_fn("sleep", move |ctx: NativeCallContext, time: f64| -> Answer<()> {
        at.rest(&ctx, time)
    });
    let at = Arc::clone(host);
    engine.register_fn("now", move || at.pace.elapsed().as_secs_f64());
}

impl Host {
    fn rest(&self, ctx: &NativeCallContext<'_>, time: f64) -> Answer<()> {
        let time = seconds(time);
        let step = Step::of("sleep").detailed(&format!("{} s", time.as_secs_f64()));
        self.step(ctx.call_position(), step, async {
            self.sleep(time).await;
            // The screen went on meanwhile.
            self.state().dump = None;
            Ok(())
        })
    }
}

fn phone_time(engine: &mut Engine, host: &Arc<Host>) {
    let at = Arc::clone(host);
    engine.register_fn("clock", move |ctx: NativeCallContext| -> Answer<i64> {
        at.step(ctx.call_position(), Step::of("clock"), async {
            Ok(at.device.clock().await?)
        })
    });
}

fn chance(engine: &mut Engine, host: &Arc<Host>) {
    let at = Arc::clone(host);
    engine.register_fn(
        "random",
        move |ctx: NativeCallContext, from: Dynamic, to: Dynamic| -> Answer<Dynamic> {
            if let (Ok(from), Ok(to)) = (from.as_int(), to.as_int()) {
                let (low, high) = (from.min(to), from.max(to));
                return Ok(Dynamic::from(at.state().random.random_range(low..=high)));
            }
            let (from, to) = (
                number(&from, ctx.call_position())?,
                number(&to, ctx.call_position())?,
            );
            let part: f64 = at.state().random.random();
            Ok(Dynamic::from(from + (to - from) * part))
        },
    );
    let at = Arc::clone(host);
    engine.register_fn(
        "chance",
        move |ctx: NativeCallContext, percent: Dynamic| -> Answer<bool> {
            let percent = number(&percent, ctx.call_position())?;
            let drawn: f64 = at.state().random.random();
            Ok(drawn * 100.0 < percent)
        },
    );
    let at = Arc::clone(host);
    engine.register_fn(
        "choose",
        move |ctx: NativeCallContext, list: Array| -> Answer<Dynamic> {
            if list.is_empty() {
                return Err(
                    Failure::script("choose([]): there is nothing to choose").thrown(ctx.call_position())
                );
            }
            let number = at.state().random.random_range(0..list.len());
            Ok(list[number].clone())
        },
    );
}

fn task(engine: &mut Engine, host: &Arc<Host>) {
    let at = Arc::clone(host);
    engine.register_fn("account", move || -> Map {
        let mut map = Map::new();
        map.insert("username".into(), at.account.username.clone().into());
        map.insert("email".into(), at.account.email.clone().into());
        map.insert("has_2fa".into(), at.account.has_2fa.into());
        map
    });
    let at = Arc::clone(host);
    engine.register_fn(
        "secret",
        move |ctx: NativeCallContext, name: &str| -> Answer<Secret> {
            if name != "password" {
                return Err(
                    Failure::script(format!("secret({name:?}): there is \"password\" only"))
                        .thrown(ctx.call_position()),
                );
            }
            at.step(ctx.call_position(), Step::of("secret"), at.secrets.password())
                .map(Secret)
        },
    );
    let at = Arc::clone(host);
    engine.register_fn("totp", move |ctx: NativeCallContext| -> Answer<Secret> {
        at.step(ctx.call_position(), Step::of("totp"), at.secrets.totp())
            .map(Secret)
    });
    let at = Arc::clone(host);
    engine.register_fn("app_package", move || at.package.clone());
    let at = Arc::clone(host);
    engine.register_fn("app_version", move || at.app_version.clone());
    let at = Arc::clone(host);
    engine.register_fn("language", move || at.system.language.clone());
    let at = Arc::clone(host);
    engine.register_fn("android", move || i64::from(at.system.sdk));
    let at = Arc::clone(host);
    engine.register_fn(
        "progress",
        move |ctx: NativeCallContext, percent: Dynamic, line: &str| -> Answer<()> {
            let percent = number(&percent, ctx.call_position())?.clamp(0.0, 100.0) as u8;
            at.watch.progress(percent, &crate::flow::step::cut(line));
            Ok(())
        },
    );
    let at = Arc::clone(host);
    engine.register_fn("log", move |line: &str| {
        at.watch.log(&crate::flow::step::cut(line));
    });
    let at = Arc::clone(host);
    engine.register_fn("log", move |value: Dynamic| {
        at.watch.log(&crate::flow::step::cut(&value.to_string()));
    });
}

fn ends(engine: &mut Engine, host: &Arc<Host>) {
    let at = Arc::clone(host);
    engine.register_fn("done", move |ctx: NativeCallContext, result: Map| -> Answer<()> {
        at.state().result = Some(result);
        Err(Box::new(EvalAltResult::Exit(Dynamic::UNIT, ctx.call_position())))
    });
    let at = Arc::clone(host);
    engine.register_fn(
        "fail",
        move |ctx: NativeCallContext, kind: &str, line: &str| -> Answer<()> {
            let kind = kind_of(kind, &ctx)?;
            fails(&at, kind, line, &ctx)
        },
    );
    let at = Arc::clone(host);
    engine.register_fn(
        "limited",
        move |ctx: NativeCallContext, line: &str| -> Answer<()> {
            fails(&at, FailureKind::Limited, line, &ctx)
        },
    );
    let at = Arc::clone(host);
    engine.register_fn(
        "need_person",
        move |ctx: NativeCallContext, kind: &str, line: &str| -> Answer<()> {
            let kind = kind.strip_prefix("need_person:").unwrap_or(kind);
            let kind = kind_of(&format!("need_person:{kind}"), &ctx)?;
            fails(&at, kind, line, &ctx)
        },
    );
}

fn kind_of(name: &str, ctx: &NativeCallContext<'_>) -> Answer<FailureKind> {
    FailureKind::parse(name).ok_or_else(|| {
        let names: Vec<&str> = FailureKind::names().collect();
        Failure::script(format!(
            "{name:?} is no kind of failure: allowed are {}",
            names.join(", ")
        ))
        .thrown(ctx.call_position())
    })
}

/// The failure as a step, so that the bundle shows it.
fn fails(host: &Host, kind: FailureKind, line: &str, ctx: &NativeCallContext<'_>) -> Answer<()> {
    let failure = Failure::new(kind, line);
    host.step(ctx.call_position(), Step::of("fail"), async { Err(failure) })
}

fn commit(engine: &mut Engine, host: &Arc<Host>) {
    let at = Arc::clone(host);
    engine.register_fn(
        "commit",
        move |ctx: NativeCallContext,
              name: &str,
              kind: &str,
              key: Dynamic,
              evidence: Map,
              action: FnPtr,
              verify: &str|
              -> Answer<Map> {
            if !at.flow.lasting {
                return Err(Failure::script("`commit` needs `lasting = true` in pack.toml")
                    .thrown(ctx.call_position()));
            }
            Commit {
                evidence,
                action: Some(action),
                ..about(&at, &ctx, name, kind, &key, verify)?
            }
            .run()
        },
    );
    let at = Arc::clone(host);
    engine.register_fn(
        "settled",
        move |ctx: NativeCallContext,
              name: &str,
              kind: &str,
              key: Dynamic,
              verify: &str|
              -> Answer<Dynamic> {
            let settled = about(&at, &ctx, name, kind, &key, verify)?.settled()?;
            Ok(settled.map_or(Dynamic::UNIT, Dynamic::from))
        },
    );
}

/// Which act is meant.
fn about<'a>(
    host: &'a Host,
    ctx: &'a NativeCallContext<'a>,
    name: &str,
    kind: &str,
    key: &Dynamic,
    verify: &str,
) -> Answer<Commit<'a>> {
    let position = ctx.call_position();
    if let Some(failure) = host.state().ended.clone() {
        return Err(failure.thrown(position));
    }
    let kind = match kind {
        "state" => CommitKind::State,
        "append" => CommitKind::Append,
        other => {
            return Err(
                Failure::script(format!("a commit of kind {other:?}: allowed are state, append"))
                    .thrown(position),
            );
        }
    };
    let key = plain(key);
    if key.trim().is_empty() || name.trim().is_empty() {
        let wanted = "a name and a key that say what is done to what";
        return Err(wrong(wanted, &Dynamic::UNIT, position));
    }
    Ok(Commit {
        host,
        context: ctx,
        name: name.to_owned(),
        kind,
        key,
        evidence: Map::new(),
        action: None,
        verify: FnPtr::new(verify)?,
    })
}
