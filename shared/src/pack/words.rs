//! The functions that a script may call, beside Rhai's own: one table for checking, for the engine and for the docs.

/// What an argument is, as far as it can be checked before a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// The name of an element.
    Element,
    /// The name of an element, or a node.
    ElementOrNode,
    /// A list of names of elements.
    Elements,
    Node,
    Text,
    Number,
    Seconds,
    Map,
    List,
    /// A closure.
    Action,
    /// The name of a function of the script with one argument.
    FunctionName,
    /// "up", "down", "left", "right".
    Direction,
    /// "state" or "append".
    CommitKind,
    /// A kind of failure.
    FailureKind,
    /// What a person is needed for: "captcha", "code", …
    PersonKind,
    Secret,
    Any,
}

/// One function with one number of arguments.
#[derive(Debug, Clone, Copy)]
pub struct Word {
    pub name: &'static str,
    /// How it is written, for messages and docs.
    pub form: &'static str,
    pub takes: &'static [Takes],
    pub help: &'static str,
}

const fn word(name: &'static str, form: &'static str, takes: &'static [Takes], help: &'static str) -> Word {
    Word {
        name,
        form,
        takes,
        help,
    }
}

use Takes::{
    Action, Any, CommitKind, Direction, Element, ElementOrNode, Elements, FailureKind, FunctionName, List,
    Map, Node, Number, PersonKind, Seconds, Secret, Text,
};

/// All of them, grouped as in the documentation.
pub const WORDS: &[Word] = &[
    // Looking
    word(
        "find",
        "find(element) -> node or ()",
        &[Element],
        "the element on the screen as it is now",
    ),
    word(
        "find_all",
        "find_all(element) -> [node]",
        &[Element],
        "all nodes that match, the topmost first",
    ),
    word(
        "find_in",
        "find_in(node, element) -> node or ()",
        &[Node, Element],
        "the same among a node's descendants",
    ),
    word(
        "find_all_in",
        "find_all_in(node, element) -> [node]",
        &[Node, Element],
        "all of them among a node's descendants",
    ),
    word(
        "exists",
        "exists(element) -> bool",
        &[Element],
        "whether it is on the screen now",
    ),
    word(
        "wait_for",
        "wait_for(element, seconds) -> node",
        &[Element, Seconds],
        "waits for it; fails element_missing",
    ),
    word(
        "wait_any",
        "wait_any([elements], seconds) -> #{name, node}",
        &[Elements, Seconds],
        "waits for any, the first of the list wins; fails element_missing",
    ),
    word(
        "sees_any",
        "sees_any([elements], seconds) -> #{name, node} or ()",
        &[Elements, Seconds],
        "the same without failing",
    ),
    word(
        "sees_within",
        "sees_within(element, seconds) -> node or ()",
        &[Element, Seconds],
        "waits for it without failing",
    ),
    word(
        "wait_gone",
        "wait_gone(element, seconds)",
        &[Element, Seconds],
        "waits until it is not there; fails timeout",
    ),
    word(
        "wait_rest",
        "wait_rest(seconds) -> bool",
        &[Seconds],
        "waits until the screen looks the same twice; false where it never does",
    ),
    word("look", "look()", &[], "reads the screen anew"),
    word(
        "read",
        "read(element) -> text",
        &[ElementOrNode],
        "its text, else its description; empty where only a hint shows",
    ),
    word("parent", "parent(node) -> node or ()", &[Node], ""),
    word("children", "children(node) -> [node]", &[Node], ""),
    word(
        "next",
        "next(node) -> node or ()",
        &[Node],
        "the next one in the same parent",
    ),
    word(
        "previous",
        "previous(node) -> node or ()",
        &[Node],
        "the one before it in the same parent",
    ),
    // Touching
    word(
        "tap",
        "tap(element or node)",
        &[ElementOrNode],
        "touches its middle, or another point where something lies over that",
    ),
    word(
        "tap_if",
        "tap_if(element) -> bool",
        &[Element],
        "touches it where it is there",
    ),
    word(
        "long_press",
        "long_press(element or node)",
        &[ElementOrNode],
        "holds it for a second",
    ),
    word(
        "long_press",
        "long_press(element or node, seconds)",
        &[ElementOrNode, Seconds],
        "",
    ),
    word(
        "tap_at",
        "tap_at(x_percent, y_percent)",
        &[Number, Number],
        "touches a point of the screen; a last resort",
    ),
    word(
        "swipe",
        "swipe(direction)",
        &[Direction],
        "the finger's way: \"up\" shows what is further down",
    ),
    word(
        "swipe",
        "swipe(direction, #{inside, from, to, millis})",
        &[Direction, Map],
        "within an element; from and to in percent",
    ),
    word(
        "scroll_to",
        "scroll_to(element, direction, most) -> node",
        &[Element, Direction, Number],
        "swipes until it shows; fails element_missing",
    ),
    word(
        "type_text",
        "type_text(element or node, text)",
        &[ElementOrNode, Text],
        "taps, empties, types, and checks what stands there",
    ),
    word(
        "type_text",
        "type_text(element or node, text, #{check: false, clear: false})",
        &[ElementOrNode, Text, Map],
        "without looking afterwards, or without emptying",
    ),
    word(
        "type_secret",
        "type_secret(element or node, secret)",
        &[ElementOrNode, Secret],
        "types a password or a code; shows it nowhere",
    ),
    word(
        "clear",
        "clear(element or node)",
        &[ElementOrNode],
        "empties a field",
    ),
    word(
        "key",
        "key(name)",
        &[Text],
        "back, enter, home, recents, delete, tab, escape, menu, or Android's number",
    ),
    word(
        "back",
        "back()",
        &[],
        "closes the keyboard first, then goes back once",
    ),
    word(
        "hide_keyboard",
        "hide_keyboard() -> bool",
        &[],
        "closes the keyboard where one shows",
    ),
    word(
        "permissions",
        "permissions(\"allow\" or \"deny\")",
        &[Text],
        "what becomes of Android's permission dialogs from now on; denied unless told",
    ),
    // Apps
    word("open_url", "open_url(url)", &[Text], "opens it in the app"),
    word("start_app", "start_app()", &[], "brings the app to the front"),
    word(
        "restart_app",
        "restart_app()",
        &[],
        "ends the app, starts it, waits until it is in front",
    ),
    word("stop_app", "stop_app()", &[], "ends the app"),
    word(
        "share_files",
        "share_files([materials])",
        &[List],
        "hands files to the app as another app's share button would",
    ),
    word(
        "share_files",
        "share_files([materials], #{component, mime})",
        &[List, Map],
        "to one of its components",
    ),
    word(
        "foreground",
        "foreground() -> package",
        &[],
        "whose window is in front",
    ),
    word(
        "put_media",
        "put_media([materials]) -> #{album, count}",
        &[List],
        "into an album of their own on the phone; the first of the list is the newest",
    ),
    word(
        "remove_media",
        "remove_media()",
        &[],
        "takes away what put_media put there",
    ),
    // Texts
    word(
        "number",
        "number(text) -> int or ()",
        &[Any],
        "\"1,234\", \"12.3K\", \"1,2 M\" as the app's languages print them",
    ),
    word(
        "spintax",
        "spintax(text) -> text",
        &[Any],
        "chooses among {a|b|c}",
    ),
    word(
        "lines",
        "lines(text) -> [text]",
        &[Any],
        "the lines that are not empty",
    ),
    word(
        "fingerprint",
        "fingerprint(text) -> text",
        &[Any],
        "what survives how a phone prints it",
    ),
    word(
        "same_text",
        "same_text(a, b) -> bool",
        &[Any, Any],
        "whether two texts have the same fingerprint as far as the shorter goes",
    ),
    // Time and chance
    word("sleep", "sleep(seconds)", &[Seconds], ""),
    word("now", "now() -> seconds", &[], "since the run began"),
    word(
        "clock",
        "clock() -> seconds",
        &[],
        "of the phone's own clock, since 1970: what another attempt understands",
    ),
    word(
        "random",
        "random(from, to)",
        &[Number, Number],
        "whole where both are whole",
    ),
    word("chance", "chance(percent) -> bool", &[Number], ""),
    word("choose", "choose([values]) -> value", &[List], ""),
    // Telling
    word("progress", "progress(percent, line)", &[Number, Text], ""),
    word("log", "log(line)", &[Any], ""),
    // The task
    word(
        "account",
        "account() -> #{username, email, has_2fa}",
        &[],
        "empty texts where the task has no account",
    ),
    word(
        "secret",
        "secret(\"password\") -> secret",
        &[Text],
        "for type_secret alone",
    ),
    word(
        "totp",
        "totp() -> secret",
        &[],
        "the account's code of this moment",
    ),
    word(
        "materials",
        "materials() -> [#{name, kind, hash}]",
        &[],
        "the files that the task brings",
    ),
    word(
        "material",
        "material(i) -> #{name, kind, hash}",
        &[Number],
        "fails no_material",
    ),
    word("app_package", "app_package() -> text", &[], "the app's package"),
    word("app_version", "app_version() -> text", &[], ""),
    word("language", "language() -> text", &[], "of the phone, as \"en\""),
    word("android", "android() -> int", &[], "its API level"),
    // Ends
    word(
        "commit",
        "commit(name, kind, key, evidence, || action, \"verify_fn\") -> #{state, proof}",
        &[Text, CommitKind, Any, Map, Action, FunctionName],
        "does a lasting act at most once",
    ),
    word(
        "settled",
        "settled(name, kind, key, \"verify_fn\") -> #{state, proof} or ()",
        &[Text, CommitKind, Any, FunctionName],
        "whether an earlier attempt of the task has done it; asked before the way to the act",
    ),
    word("done", "done(result)", &[Map], "ends the flow well"),
    word("fail", "fail(kind, line)", &[FailureKind, Text], ""),
    word(
        "limited",
        "limited(line)",
        &[Text],
        "the platform's own limit: ends the flow",
    ),
    word(
        "need_person",
        "need_person(kind, line)",
        &[PersonKind, Text],
        "ends the flow until a person has looked",
    ),
];

/// The forms of a function.
pub fn forms(name: &str) -> impl Iterator<Item = &'static Word> {
    WORDS.iter().filter(move |word| word.name == name)
}
