//! The scripts of a pack: compiled, and checked as far as that goes without running them.
//!
//! A flow's own file and the libraries become one text, so that each function sees all others; places in it are told
//! as file and line again. Nothing in here gives a script a way out: no files, no network, no `eval`.

mod walk;

use std::collections::BTreeMap;

use rhai::packages::{Package as _, StandardPackage};
use rhai::{AST, Engine, OptimizationLevel, Position};

use super::files::LIBRARY_PREFIX;
use super::{Fault, Flow, Pack};

/// How much a script may compute before it counts as running away.
pub const MAX_OPERATIONS: u64 = 5_000_000;
/// How deep functions may call one another; each level takes real stack.
pub const MAX_CALLS: usize = 48;
pub const MAX_EXPRESSION_DEPTH: usize = 64;
/// The longest text, in bytes; also the sum of all texts in a list.
pub const MAX_TEXT: usize = 256 << 10;
/// The most entries of a list or map, those of lists in it included.
pub const MAX_ENTRIES: usize = 10_000;
/// The most variables of one function and its blocks.
pub const MAX_VARIABLES: usize = 128;
pub const MAX_FUNCTIONS: usize = 500;

/// A flow that can be called.
#[derive(Debug, Clone)]
pub struct Compiled {
    pub ast: AST,
    pub places: Places,
}

/// Which file and line a line of the joined text is.
#[derive(Debug, Clone, Default)]
pub struct Places {
    files: Vec<(usize, String)>,
    /// The line of the joined text on which each function begins.
    functions: BTreeMap<String, usize>,
}

impl Places {
    /// `None` for a place that is in no file.
    pub fn of(&self, position: Position) -> Option<(&str, usize)> {
        self.of_line(position.line()?)
    }

    fn of_line(&self, line: usize) -> Option<(&str, usize)> {
        let (start, file) = self.files.iter().rev().find(|(start, _)| *start < line)?;
        Some((file, line - start))
    }

    /// Where a function begins: for errors to which the engine gives no place of their own.
    pub fn of_function(&self, name: &str) -> Option<(&str, usize)> {
        self.of_line(*self.functions.get(name)?)
    }
}

/// The language: what scripts are compiled with, and what their engine begins from.
pub fn engine() -> Engine {
    let mut engine = Engine::new_raw();
    StandardPackage::new().register_into_engine(&mut engine);
    engine
        .set_optimization_level(OptimizationLevel::None)
        .set_strict_variables(true)
        .set_max_operations(MAX_OPERATIONS)
        .set_max_call_levels(MAX_CALLS)
        .set_max_expr_depths(MAX_EXPRESSION_DEPTH, MAX_EXPRESSION_DEPTH)
        .set_max_string_size(MAX_TEXT)
        .set_max_array_size(MAX_ENTRIES)
        .set_max_map_size(MAX_ENTRIES)
        .set_max_variables(MAX_VARIABLES)
        .set_max_functions(MAX_FUNCTIONS)
        .disable_symbol("eval");
    engine
}

/// Compiles a flow with the libraries of its pack.
pub fn compile(engine: &Engine, pack: &Pack, flow: &str) -> Result<Compiled, Fault> {
    let mut text = String::new();
    let mut places = Places::default();
    let mut lines = 0;
    for (name, source) in pack.sources_of(flow) {
        places.files.push((lines, name));
        text.push_str(source);
        text.push('\n');
        lines += source.matches('\n').count() + 1;
    }
    match engine.compile(&text) {
        Ok(ast) => {
            places.functions = function_lines(&text);
            Ok(Compiled { ast, places })
        }
        Err(error) => {
            let what = error.err_type().to_string();
            Err(match places.of(error.position()) {
                Some((file, line)) => Fault::error(file, line, what),
                None => Fault::error(&format!("{flow}.rhai"), None, what),
            })
        }
    }
}

/// Where `fn name(` stands. The engine keeps no such list; a function written in another shape is merely not found.
fn function_lines(text: &str) -> BTreeMap<String, usize> {
    let named = |line: &str| {
        let line = line.trim_start();
        let rest = line
            .strip_prefix("private ")
            .unwrap_or(line)
            .strip_prefix("fn ")?;
        let (name, _) = rest.split_once('(')?;
        Some(name.trim().to_owned())
    };
    text.lines()
        .enumerate()
        .filter_map(|(number, line)| named(line).map(|name| (name, number + 1)))
        .collect()
}

/// Checks all scripts of a pack.
pub(super) fn check(pack: &Pack, faults: &mut Vec<Fault>) {
    let engine = engine();
    let mut sound = true;
    for (name, text) in pack.files.scripts() {
        match engine.compile(text) {
            Ok(ast) => {
                // Functions see no variables and constants outside of them, so these could only mislead.
                for statement in ast.statements() {
                    if !matches!(statement, rhai::Stmt::Noop(..)) {
                        let line = statement.position().line();
                        faults.push(Fault::error(
                            name,
                            line,
                            "only functions may stand here: what is outside of them is never run",
                        ));
                        break;
                    }
                }
            }
            Err(error) => {
                sound = false;
                faults.push(Fault::error(
                    name,
                    error.position().line(),
                    error.err_type().to_string(),
                ));
            }
        }
        let flow = name.trim_end_matches(super::files::SCRIPT_ENDING);
        if !name.starts_with(LIBRARY_PREFIX) && pack.flow(flow).is_none() {
            let line = None;
            faults.push(Fault::error(
                name,
                line,
                format!("belongs to no flow: pack.toml has no [flow.{flow}]; files with shared functions begin with {LIBRARY_PREFIX}"),
            ));
        }
    }
    if !sound {
        return;
    }
    let mut used = walk::Used::default();
    for flow in &pack.flows {
        check_flow(&engine, pack, flow, &mut used, faults);
    }
    walk::unused_elements(pack, &used, faults);
    faults.sort();
    faults.dedup();
}

fn check_flow(engine: &Engine, pack: &Pack, flow: &Flow, used: &mut walk::Used, faults: &mut Vec<Fault>) {
    let file = format!("{}.rhai", flow.name);
    if pack.files.get(&file).is_none() {
        return;
    }
    let compiled = match compile(engine, pack, &flow.name) {
        Ok(compiled) => compiled,
        Err(fault) => {
            faults.push(fault);
            return;
        }
    };
    let Some(run) = compiled
        .ast
        .iter_functions()
        .find(|function| function.name == "run" && function.params.len() == 1)
    else {
        faults.push(Fault::error(
            &file,
            None,
            "has no `fn run(p)`, with which a flow begins",
        ));
        return;
    };
    let parameter = run.params[0].to_owned();
    walk::Walk::new(engine, pack, flow, &compiled, &parameter).check(used, faults);
}
