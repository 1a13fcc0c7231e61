//! Host functions that look at the screen.

use std::sync::Arc;

use rhai::{Array, Dynamic, Engine, Map, NativeCallContext};

use super::{Answer, number, target, texts};
use crate::flow::host::Host;
use crate::flow::pace::seconds;
use crate::flow::step::Step;
use crate::flow::ui::{Target, describe};
use crate::flow::wait::NodeRef;

pub(super) fn register(engine: &mut Engine, host: &Arc<Host>) {
    nodes(engine);
    finding(engine, host);
    waiting(engine, host);
}

fn optional(node: Option<NodeRef>) -> Dynamic {
    node.map_or(Dynamic::UNIT, Dynamic::from)
}

fn list(nodes: Vec<NodeRef>) -> Array {
    nodes.into_iter().map(Dynamic::from).collect()
}

fn nodes(engine: &mut Engine) {
    let engine = engine.register_type_with_name::<NodeRef>("Node");
    engine
        .register_get("text", |node: &mut NodeRef| node.node().text().to_owned())
        .register_get("desc", |node: &mut NodeRef| node.node().description().to_owned())
        .register_get("hint", |node: &mut NodeRef| node.node().hint().to_owned())
        .register_get("id", |node: &mut NodeRef| node.node().resource_id().to_owned())
        .register_get("class", |node: &mut NodeRef| node.node().class().to_owned())
        .register_get("label", |node: &mut NodeRef| label(node))
        .register_get("selected", |node: &mut NodeRef| node.node().flags().selected())
        .register_get("enabled", |node: &mut NodeRef| node.node().flags().enabled())
        .register_get("checked", |node: &mut NodeRef| node.node().flags().checked())
        .register_get("clickable", |node: &mut NodeRef| node.node().flags().clickable())
        .register_get("focused", |node: &mut NodeRef| node.node().flags().focused())
        .register_get("covered", |node: &mut NodeRef| node.is_covered())
        .register_get("left", |node: &mut NodeRef| i64::from(node.node().bounds().left))
        .register_get("top", |node: &mut NodeRef| i64::from(node.node().bounds().top))
        .register_get("right", |node: &mut NodeRef| {
            i64::from(node.node().bounds().right)
        })
        .register_get("bottom", |node: &mut NodeRef| {
            i64::from(node.node().bounds().bottom)
        })
        .register_fn("to_string", |node: &mut NodeRef| describe(&node.node()))
        .register_fn("parent", |node: NodeRef| {
            optional(node.node().parent().map(|other| node.other(other.index())))
        })
        .register_fn("next", |node: NodeRef| {
            optional(node.node().next().map(|other| node.other(other.index())))
        })
        .register_fn("previous", |node: NodeRef| {
            optional(node.node().previous().map(|other| node.other(other.index())))
        })
        .register_fn("children", |node: NodeRef| {
            list(
                node.node()
                    .children()
                    .map(|other| node.other(other.index()))
                    .collect(),
            )
        });
}

/// The text; where it has none, the description.
fn label(node: &NodeRef) -> String {
    let node = node.node();
    let text = if node.text().is_empty() {
        node.description()
    } else {
        node.text()
    };
    text.to_owned()
}

fn finding(engine: &mut Engine, host: &Arc<Host>) {
    let at = Arc::clone(host);
    engine.register_fn(
        "find",
        move |ctx: NativeCallContext, name: &str| -> Answer<Dynamic> {
            at.step(ctx.call_position(), Step::of("find"), at.find(name))
                .map(optional)
        },
    );
    let at = Arc::clone(host);
    engine.register_fn(
        "find_all",
        move |ctx: NativeCallContext, name: &str| -> Answer<Array> {
            at.step(ctx.call_position(), Step::of("find_all"), at.find_all(name))
                .map(list)
        },
    );
    let at = Arc::clone(host);
    engine.register_fn(
        "find_in",
        move |ctx: NativeCallContext, node: NodeRef, name: &str| -> Answer<Dynamic> {
            let work = async { at.find_all_in(&node, name) };
            let found = at.step(ctx.call_position(), Step::of("find_in"), work)?;
            Ok(optional(found.into_iter().next()))
        },
    );
    let at = Arc::clone(host);
    engine.register_fn(
        "find_all_in",
        move |ctx: NativeCallContext, node: NodeRef, name: &str| -> Answer<Array> {
            let work = async { at.find_all_in(&node, name) };
            at.step(ctx.call_position(), Step::of("find_all_in"), work)
                .map(list)
        },
    );
    let at = Arc::clone(host);
    engine.register_fn(
        "exists",
        move |ctx: NativeCallContext, name: &str| -> Answer<bool> {
            at.step(ctx.call_position(), Step::of("exists"), at.find(name))
                .map(|found| found.is_some())
        },
    );
    let at = Arc::clone(host);
    engine.register_fn("look", move |ctx: NativeCallContext| -> Answer<()> {
        at.step(ctx.call_position(), Step::of("look"), at.look())
            .map(drop)
    });
    let at = Arc::clone(host);
    engine.register_fn(
        "read",
        move |ctx: NativeCallContext, what: Dynamic| -> Answer<String> {
            let target = target(&what, ctx.call_position())?;
            at.step(ctx.call_position(), Step::of("read"), at.read(&target))
        },
    );
}

fn waiting(engine: &mut Engine, host: &Arc<Host>) {
    let at = Arc::clone(host);
    engine.register_fn(
        "wait_for",
        move |ctx: NativeCallContext, name: &str, time: Dynamic| -> Answer<NodeRef> {
            let time = seconds(number(&time, ctx.call_position())?);
            at.step(ctx.call_position(), Step::of("wait_for"), at.wait_for(name, time))
        },
    );
    let at = Arc::clone(host);
    engine.register_fn(
        "sees_within",
        move |ctx: NativeCallContext, name: &str, time: Dynamic| -> Answer<Dynamic> {
            let time = seconds(number(&time, ctx.call_position())?);
            at.step(
                ctx.call_position(),
                Step::of("sees_within"),
                at.sees_within(name, time),
            )
            .map(optional)
        },
    );
    let at = Arc::clone(host);
    engine.register_fn(
        "wait_any",
        move |ctx: NativeCallContext, names: Array, time: Dynamic| -> Answer<Map> {
            let names = texts(&names, ctx.call_position())?;
            let time = seconds(number(&time, ctx.call_position())?);
            at.step(
                ctx.call_position(),
                Step::of("wait_any"),
                at.wait_any(&names, time),
            )
            .map(named)
        },
    );
    let at = Arc::clone(host);
    engine.register_fn(
        "sees_any",
        move |ctx: NativeCallContext, names: Array, time: Dynamic| -> Answer<Dynamic> {
            let names = texts(&names, ctx.call_position())?;
            let time = seconds(number(&time, ctx.call_position())?);
            let seen = at.step(
                ctx.call_position(),
                Step::of("sees_any"),
                at.sees_any(&names, time),
            )?;
            Ok(seen.map_or(Dynamic::UNIT, |seen| Dynamic::from(named(seen))))
        },
    );
    let at = Arc::clone(host);
    engine.register_fn(
        "wait_gone",
        move |ctx: NativeCallContext, name: &str, time: Dynamic| -> Answer<()> {
            let time = seconds(number(&time, ctx.call_position())?);
            at.step(
                ctx.call_position(),
                Step::of("wait_gone"),
                at.wait_gone(name, time),
            )
        },
    );
    let at = Arc::clone(host);
    engine.register_fn(
        "wait_rest",
        move |ctx: NativeCallContext, time: Dynamic| -> Answer<bool> {
            let time = seconds(number(&time, ctx.call_position())?);
            at.step(ctx.call_position(), Step::of("wait_rest"), at.wait_rest(time))
        },
    );
}

fn named((name, node): (String, NodeRef)) -> Map {
    let mut map = Map::new();
    map.insert("name".into(), name.into());
    map.insert("node".into(), Dynamic::from(node));
    map
}

impl NodeRef {
    fn is_covered(&self) -> bool {
        let screen = &self.dump.hierarchy.screen;
        let elements = shared::screen::find::Elements::new();
        let view = shared::screen::find::View::default();
        shared::screen::find::Search::new(screen, &elements, &view).covered(self.index) > 0
    }
}

impl Host {
    /// What a person reads there: the text, else the description; nothing where only a hint shows.
    async fn read(&self, what: &Target) -> Result<String, crate::flow::failure::Failure> {
        let node = self.resolve(what).await?;
        let found = node.node();
        if found.flags().password() {
            return Ok(String::new());
        }
        let hint_only = !found.text().is_empty() && shared::screen::find::selector::is_empty_field(&found);
        Ok(if hint_only { String::new() } else { label(&node) })
    }
}
