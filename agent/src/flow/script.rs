//! The script's own thread: the language with the host functions, the run of `run(p)`, and its end.

mod looking;
mod telling;
mod touching;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use rhai::{Array, Dynamic, Engine, EvalAltResult, Map, Position, Scope};
use serde_json::Value;
use shared::pack::parameters::Kind;
use shared::pack::script;
use shared::secret::SecretText;

use super::Task;
use super::failure::{self, Failure};
use super::host::Host;
use super::thread;
use super::ui::Target;
use super::values;
use super::wait::NodeRef;

/// Operations of the script between two looks at the stop.
const LOOK_EVERY: u64 = 64;

/// What every host function answers.
type Answer<T> = Result<T, Box<EvalAltResult>>;

/// A secret in the hands of a script: it can be handed on, not read.
#[derive(Clone)]
pub(super) struct Secret(pub(super) SecretText);

/// Runs the flow's script on a thread of its own.
pub(super) async fn start(host: Arc<Host>, task: &Task) -> Result<Value, Failure> {
    let parameters = parameters(&host, task);
    let name = format!("flow {}", task.flow);
    thread::run(host, name, move |host| call(host, parameters)).await?
}

/// All functions that a script can call, as the engine prints them.
#[cfg(test)]
pub(super) fn signatures(host: &Arc<Host>) -> Vec<String> {
    engine(host).gen_fn_signatures(true)
}

/// What `run(p)` gets: every declared parameter, `()` where it has no value.
fn parameters(host: &Host, task: &Task) -> Map {
    host.flow
        .parameters
        .iter()
        .map(|parameter| {
            let value = task.parameters.get(&parameter.name).unwrap_or(&Value::Null);
            let value = match (&parameter.kind, value) {
                (Kind::Secret, Value::String(text)) => Dynamic::from(Secret(SecretText::new(text.clone()))),
                _ => values::from_json(value),
            };
            (parameter.name.as_str().into(), value)
        })
        .collect()
}

fn call(host: &Arc<Host>, parameters: Map) -> Result<Value, Failure> {
    let engine = engine(host);
    let compiled = script::compile(&engine, &host.pack, &host.flow.name).map_err(|fault| Failure {
        place: fault.line.map(|line| failure::Place {
            file: fault.file.clone(),
            line,
        }),
        ..Failure::script(fault.what)
    })?;
    *host
        .places
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner) = compiled.places.clone();
    let result = engine.call_fn::<Dynamic>(&mut Scope::new(), &compiled.ast, "run", (parameters,));
    // What ended the flow counts, whatever the script made of it afterwards.
    if let Some(ended) = host.state().ended.clone() {
        return Err(ended);
    }
    if let Some(result) = host.state().result.take() {
        return Ok(values::to_json(&Dynamic::from(result)));
    }
    match result {
        Ok(value) if value.is_map() => Ok(values::to_json(&value)),
        Ok(value) if value.is_unit() => Ok(Value::Object(serde_json::Map::new())),
        Ok(value) => Err(Failure::script(format!(
            "`run` answers a map of results, or nothing; not {value}"
        ))),
        Err(error) => Err(failure::of_engine(&error, &compiled.places)),
    }
}

fn engine(host: &Arc<Host>) -> Engine {
    let mut engine = script::engine();
    let watched = Arc::clone(host);
    engine.on_progress(move |operations| {
        if watched.over.load(Ordering::Acquire) {
            let ended = watched.state().ended.clone();
            return Some(Dynamic::from(ended.unwrap_or_else(Failure::stopped)));
        }
        if operations % LOOK_EVERY == 0 && watched.stop.is_cancelled() {
            return Some(Dynamic::from(Failure::stopped()));
        }
        None
    });
    let printed = Arc::clone(host);
    engine.on_print(move |text| printed.watch.log(text));
    let debugged = Arc::clone(host);
    engine.on_debug(move |text, _, position| {
        let place = debugged.place(position);
        let place = place
            .map(|place| format!("{}:{}: ", place.file, place.line))
            .unwrap_or_default();
        debugged.watch.log(&format!("{place}{text}"));
    });
    types(&mut engine);
    looking::register(&mut engine, host);
    touching::register(&mut engine, host);
    telling::register(&mut engine, host);
    engine
}

fn types(engine: &mut Engine) {
    engine
        .register_type_with_name::<Secret>("Secret")
        .register_fn("to_string", |_: &mut Secret| "***".to_owned())
        .register_fn("to_debug", |_: &mut Secret| "***".to_owned());
    engine
        .register_type_with_name::<Failure>("Failure")
        .register_get("kind", |failure: &mut Failure| failure.kind.as_str().to_owned())
        .register_get("line", |failure: &mut Failure| failure.message.clone())
        .register_get("element", |failure: &mut Failure| {
            failure.element.clone().unwrap_or_default()
        })
        .register_fn("to_string", |failure: &mut Failure| failure.to_string());
}

/// An element's name or a node.
fn target(value: &Dynamic, position: Position) -> Answer<Target> {
    if value.is_string() {
        let name = value.clone().into_string().unwrap_or_default();
        return Ok(Target::Element(name));
    }
    match value.clone().try_cast::<NodeRef>() {
        Some(node) => Ok(Target::Node(node)),
        None => Err(wrong("an element's name or a node", value, position)),
    }
}

fn number(value: &Dynamic, position: Position) -> Answer<f64> {
    match (value.as_int(), value.as_float()) {
        (Ok(whole), _) => Ok(whole as f64),
        (_, Ok(number)) => Ok(number),
        _ => Err(wrong("a number", value, position)),
    }
}

fn texts(array: &Array, position: Position) -> Answer<Vec<String>> {
    array
        .iter()
        .map(|one| {
            one.clone()
                .into_string()
                .map_err(|_| wrong("a list of texts", one, position))
        })
        .collect()
}

/// A value of the wrong type, said in words.
fn wrong(wanted: &str, value: &Dynamic, position: Position) -> Box<EvalAltResult> {
    let is = if value.is_unit() {
        "nothing, ()"
    } else {
        value.type_name()
    };
    Failure::script(format!("here must stand {wanted}; it is {is}")).thrown(position)
}
