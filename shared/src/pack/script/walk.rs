//! Walks a compiled flow: which functions it calls, which elements and parameters it names.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{ASTNode, Engine, Expr, Position, Stmt};

use super::{Compiled, Places};
use crate::nearest::nearest;
use crate::pack::elements::missing;
use crate::pack::failure::FailureKind;
use crate::pack::files::ELEMENTS;
use crate::pack::words::{self, Takes, WORDS};
use crate::pack::{Fault, Flow, Pack};

/// Words of the language that look like functions.
const LANGUAGE: [&str; 12] = [
    "print",
    "debug",
    "type_of",
    "Fn",
    "call",
    "curry",
    "is_shared",
    "is_def_fn",
    "is_def_var",
    "this",
    "eval",
    "!",
];

/// All texts that stand in the scripts: an element whose name is among them counts as used.
#[derive(Debug, Default)]
pub(super) struct Used {
    texts: BTreeSet<String>,
}

pub(super) struct Walk<'a> {
    pack: &'a Pack,
    flow: &'a Flow,
    compiled: &'a Compiled,
    /// What `run` calls its argument.
    parameter: &'a str,
    own_file: String,
    /// Functions of the script, with the numbers of their arguments.
    functions: BTreeMap<String, Vec<usize>>,
    /// Functions of the language's library.
    library: BTreeSet<String>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        engine: &Engine,
        pack: &'a Pack,
        flow: &'a Flow,
        compiled: &'a Compiled,
        parameter: &'a str,
    ) -> Self {
        let mut functions: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for function in compiled.ast.iter_functions() {
            functions
                .entry(function.name.to_owned())
                .or_default()
                .push(function.params.len());
        }
        let library = engine
            .gen_fn_signatures(true)
            .iter()
            .filter_map(|signature| signature.split('(').next())
            .map(|name| name.trim().to_owned())
            .collect();
        Self {
            pack,
            flow,
            compiled,
            parameter,
            own_file: format!("{}.rhai", flow.name),
            functions,
            library,
        }
    }

    pub(super) fn check(&self, used: &mut Used, faults: &mut Vec<Fault>) {
        let mut read: BTreeSet<String> = BTreeSet::new();
        let mut commits = false;
        self.compiled.ast.walk(&mut |path: &[ASTNode<'_>]| {
            let Some(node) = path.last() else { return true };
            match node {
                ASTNode::Expr(Expr::FnCall(call, position)) | ASTNode::Stmt(Stmt::FnCall(call, position))
                    if !call.is_operator_call() =>
                {
                    commits |= call.name == "commit";
                    self.call(&call.name, &call.args, 0, *position, faults);
                }
                ASTNode::Expr(Expr::MethodCall(call, position)) => {
                    self.call(&call.name, &call.args, 1, *position, faults);
                }
                ASTNode::Expr(Expr::StringConstant(text, _)) => {
                    used.texts.insert(text.to_string());
                }
                ASTNode::Expr(expression) => self.parameter_in(expression, &mut read, faults),
                _ => {}
            }
            true
        });
        self.shadowed(faults);
        self.unread(&read, faults);
        if commits && !self.flow.lasting && self.own_commits() {
            faults.push(Fault::error(
                "pack.toml",
                self.flow.line,
                format!(
                    "[flow.{}] acts through `commit`: it needs `lasting = true`",
                    self.flow.name
                ),
            ));
        }
        if !commits && self.flow.lasting {
            faults.push(Fault::warning(
                "pack.toml",
                self.flow.line,
                format!(
                    "[flow.{}] is lasting, but its script never calls `commit`",
                    self.flow.name
                ),
            ));
        }
    }

    /// Whether the flow's own file commits; a library's commit may belong to another flow.
    fn own_commits(&self) -> bool {
        let mut own = false;
        self.compiled.ast.walk(&mut |path: &[ASTNode<'_>]| {
            if let Some(
                ASTNode::Expr(Expr::FnCall(call, position)) | ASTNode::Stmt(Stmt::FnCall(call, position)),
            ) = path.last()
                && call.name == "commit"
            {
                own |= self
                    .places()
                    .of(*position)
                    .is_some_and(|(file, _)| file == self.own_file);
            }
            true
        });
        own
    }

    fn places(&self) -> &Places {
        &self.compiled.places
    }

    fn fault(&self, position: Position, what: String) -> Fault {
        match self.places().of(position) {
            Some((file, line)) => Fault::error(file, line, what),
            None => Fault::error(&self.own_file, None, what),
        }
    }

    /// A call; `receiver` is 1 where one argument stands before the dot.
    fn call(&self, name: &str, args: &[Expr], receiver: usize, position: Position, faults: &mut Vec<Fault>) {
        let count = args.len() + receiver;
        if LANGUAGE.contains(&name) {
            return;
        }
        if let Some(counts) = self.functions.get(name) {
            let closures = name.starts_with("anon$");
            if closures || counts.contains(&count) {
                return;
            }
        }
        let forms: Vec<_> = words::forms(name).collect();
        if let Some(form) = forms.iter().find(|form| form.takes.len() == count) {
            for (takes, arg) in form.takes.iter().skip(receiver).zip(args) {
                self.argument(form.form, *takes, arg, faults);
            }
            return;
        }
        if self.library.contains(name) {
            return;
        }
        let what = if !forms.is_empty() {
            let allowed: Vec<&str> = forms.iter().map(|form| form.form).collect();
            format!("`{name}` with {count} arguments: it is {}", allowed.join(", or "))
        } else if let Some(counts) = self.functions.get(name) {
            format!("`{name}` is called with {count} arguments and takes {counts:?}")
        } else {
            let known = WORDS
                .iter()
                .map(|word| word.name)
                .chain(self.functions.keys().map(String::as_str))
                .chain(self.library.iter().map(String::as_str));
            match nearest(name, known) {
                Some(near) => format!("there is no function `{name}`: did you mean `{near}`?"),
                None => format!("there is no function `{name}`"),
            }
        };
        faults.push(self.fault(position, what));
    }

    /// What can be said of an argument that is written out.
    fn argument(&self, form: &str, takes: Takes, arg: &Expr, faults: &mut Vec<Fault>) {
        let mut tell = |what: String| faults.push(self.fault(arg.position(), what));
        if let Expr::Array(list, _) = arg
            && takes == Takes::Elements
        {
            for one in list {
                if let Expr::StringConstant(name, position) = one
                    && !self.pack.elements.contains_key(name.as_str())
                {
                    faults.push(self.fault(*position, missing(&self.pack.elements, name)));
                }
            }
            return;
        }
        let Expr::StringConstant(text, _) = arg else {
            return;
        };
        let text = text.as_str();
        let one_of = |allowed: &[&str]| {
            (!allowed.contains(&text))
                .then(|| format!("{text:?} in {form}: allowed are {}", allowed.join(", ")))
        };
        match takes {
            Takes::Element | Takes::ElementOrNode => {
                if !self.pack.elements.contains_key(text) {
                    tell(missing(&self.pack.elements, text));
                }
            }
            Takes::FunctionName => {
                if !self.functions.get(text).is_some_and(|counts| counts.contains(&1)) {
                    tell(format!(
                        "there is no function {text:?} with one argument, which {form} names"
                    ));
                }
            }
            Takes::Direction => one_of(&["up", "down", "left", "right"])
                .into_iter()
                .for_each(&mut tell),
            Takes::CommitKind => one_of(&["state", "append"]).into_iter().for_each(&mut tell),
            Takes::FailureKind => {
                let names: Vec<&str> = FailureKind::names().collect();
                one_of(&names).into_iter().for_each(&mut tell);
            }
            Takes::PersonKind => {
                if FailureKind::parse(&format!("need_person:{text}")).is_none() {
                    let names: Vec<&str> = FailureKind::names()
                        .filter_map(|name| name.strip_prefix("need_person:"))
                        .collect();
                    one_of(&names).into_iter().for_each(&mut tell);
                }
            }
            Takes::Node
            | Takes::Action
            | Takes::Map
            | Takes::List
            | Takes::Elements
            | Takes::Number
            | Takes::Seconds
            | Takes::Secret => {
                tell(format!(
                    "the text {text:?} stands where {form} takes something else"
                ));
            }
            Takes::Text | Takes::Any => {}
        }
    }

    /// `p.name` and `p["name"]` in the flow's own file.
    fn parameter_in(&self, expression: &Expr, read: &mut BTreeSet<String>, faults: &mut Vec<Fault>) {
        let (Expr::Dot(pair, _, _) | Expr::Index(pair, _, _)) = expression else {
            return;
        };
        let Expr::Variable(variable, ..) = &pair.lhs else {
            return;
        };
        if variable.1 != self.parameter {
            return;
        }
        let Some((name, position)) = first_name(&pair.rhs) else {
            return;
        };
        read.insert(name.clone());
        let own = self
            .places()
            .of(position)
            .is_some_and(|(file, _)| file == self.own_file);
        if own && self.flow.parameters.get(&name).is_none() {
            let known = self.flow.parameters.iter().map(|one| one.name.as_str());
            let advice = match nearest(&name, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("add [flow.{}.parameters.{name}] to pack.toml", self.flow.name),
            };
            faults.push(self.fault(position, format!("the flow has no parameter `{name}`: {advice}")));
        }
    }

    /// Functions that take a host function's place would be a trap for whoever reads the script.
    fn shadowed(&self, faults: &mut Vec<Fault>) {
        for (name, counts) in &self.functions {
            if let Some(word) = words::forms(name).find(|word| counts.contains(&word.takes.len())) {
                faults.push(Fault::error(
                    &self.own_file,
                    None,
                    format!(
                        "`fn {name}` hides the engine's own {}: choose another name",
                        word.form
                    ),
                ));
            }
        }
    }

    fn unread(&self, read: &BTreeSet<String>, faults: &mut Vec<Fault>) {
        for parameter in self.flow.parameters.iter() {
            if !read.contains(&parameter.name) && parameter.refuse.is_none() {
                faults.push(Fault::warning(
                    "pack.toml",
                    parameter.line,
                    format!(
                        "the script of [flow.{}] never reads the parameter `{}`",
                        self.flow.name, parameter.name
                    ),
                ));
            }
        }
    }
}

/// The name right behind the dot or in the brackets.
fn first_name(expression: &Expr) -> Option<(String, Position)> {
    match expression {
        Expr::Property(property, position) => Some((property.2.to_string(), *position)),
        Expr::StringConstant(text, position) => Some((text.to_string(), *position)),
        Expr::Dot(pair, ..) | Expr::Index(pair, ..) => first_name(&pair.lhs),
        _ => None,
    }
}

/// Elements that no script names and no other element needs.
pub(super) fn unused_elements(pack: &Pack, used: &Used, faults: &mut Vec<Fault>) {
    let mut needed: BTreeSet<&str> = pack
        .elements
        .keys()
        .map(String::as_str)
        .filter(|name| used.texts.contains(*name))
        .collect();
    for watcher in &pack.watchers {
        needed.extend(std::iter::once(watcher.when.as_str()).chain(watcher.tap.as_deref()));
        needed.extend(watcher.unless.iter().map(String::as_str));
    }
    for stop in &pack.stops {
        needed.insert(&stop.when);
        needed.extend(stop.unless.iter().map(String::as_str));
    }
    loop {
        let more: Vec<&str> = needed
            .iter()
            .filter_map(|name| pack.elements.get(*name))
            .flat_map(|element| element.alternatives.iter().flat_map(|one| &one.relations))
            .map(|(_, name)| name.as_str())
            .filter(|name| !needed.contains(name))
            .collect();
        if more.is_empty() {
            break;
        }
        needed.extend(more);
    }
    for element in pack.elements.values() {
        if !needed.contains(element.name.as_str()) {
            faults.push(Fault::warning(
                ELEMENTS,
                element.line,
                format!("no script names the element [{}]", element.name),
            ));
        }
    }
}
