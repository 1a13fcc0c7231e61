use super::fault::Fault;
use super::files::PackFiles;
use super::*;

const MANIFEST: &str = r#"
name = "notes"
version = "1"
platform = "notes"
packages = ["com.example.notes"]
[flow.write]
title = "Write"
lasting = true
[flow.write.parameters.title]
type = "line"
required = true
"#;

const ELEMENTS: &str = r#"
[save]
any = [{ id = "save" }, { text = "Save", class = "Button", below = "title" }]
[title]
any = [{ id = "title" }]
[question]
any = [{ text_contains = "sure?" }]
[no]
any = [{ text = "No" }]
[watcher.question]
when = "question"
tap = "no"
[stop.limit]
when = "question"
kind = "limited"
"#;

const SCRIPT: &str = r#"
fn run(p) {
    wait_for("title", 10);
    type_text("title", p.title);
    let done = commit("note", "append", p.title, #{title: p.title}, || tap("save"), "is_there");
    #{state: done.state}
}
fn is_there(evidence) { #{state: "unknown"} }
"#;

fn read(files: &[(&str, &str)]) -> Result<(Pack, Vec<Fault>), Vec<String>> {
    let files = files
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    Pack::read(PackFiles::new(files)).map_err(|faults| faults.iter().map(ToString::to_string).collect())
}

fn with(manifest: &str, elements: &str, script: &str) -> Result<(Pack, Vec<Fault>), Vec<String>> {
    read(&[
        ("pack.toml", manifest),
        ("elements.toml", elements),
        ("write.rhai", script),
    ])
}

/// The faults of a pack with this script.
fn faults_of(script: &str) -> Vec<String> {
    match with(MANIFEST, ELEMENTS, script) {
        Ok((_, warnings)) => warnings.iter().map(ToString::to_string).collect(),
        Err(faults) => faults,
    }
}

#[test]
fn a_sound_pack_has_nothing_to_remark() {
    let (pack, warnings) = with(MANIFEST, ELEMENTS, SCRIPT).unwrap();
    assert_eq!(warnings, []);
    assert_eq!(pack.flows[0].name, "write");
    assert_eq!(pack.watchers[0].most, elements::MOST);
    assert!(
        pack.system_packages
            .iter()
            .any(|name| name == "com.android.permissioncontroller")
    );
    assert_eq!(pack.hash.len(), 64);
}

#[test]
fn what_the_script_names_wrongly_is_told_with_file_and_line() {
    for (line, said) in [
        (
            "tap(\"sav\");",
            "write.rhai:3: there is no element \"sav\" in elements.toml: did you mean \"save\"?",
        ),
        (
            "tapp(\"save\");",
            "write.rhai:3: there is no function `tapp`: did you mean `tap`?",
        ),
        (
            "tap();",
            "write.rhai:3: `tap` with 0 arguments: it is tap(element or node)",
        ),
        (
            "wait_any([\"save\", \"titel\"], 5);",
            "write.rhai:3: there is no element \"titel\" in elements.toml: did you mean \"title\"?",
        ),
        (
            "swipe(\"upwards\");",
            "write.rhai:3: \"upwards\" in swipe(direction): allowed are up, down, left, right",
        ),
        (
            "fail(\"nope\", \"x\");",
            "write.rhai:3: \"nope\" in fail(kind, line): allowed are element_missing",
        ),
        (
            "need_person(\"captchas\", \"x\");",
            "write.rhai:3: \"captchas\" in need_person(kind, line): allowed are captcha",
        ),
        (
            "let x = p.titel;",
            "write.rhai:3: the flow has no parameter `titel`: did you mean `title`?",
        ),
        (
            "let x = p[\"tite\"];",
            "write.rhai:3: the flow has no parameter `tite`: did you mean `title`?",
        ),
        (
            "commit(\"a\", \"once\", \"k\", #{}, || (), \"is_there\");",
            "write.rhai:3: \"once\" in commit(",
        ),
        (
            "commit(\"a\", \"state\", \"k\", #{}, || (), \"nowhere\");",
            "write.rhai:3: there is no function \"nowhere\" with one argument",
        ),
        (
            "wait_for(\"save\", \"5\");",
            "write.rhai:3: the text \"5\" stands where wait_for(element, seconds) -> node takes something else",
        ),
        ("let x = undefined + 1;", "write.rhai:3: "),
        (
            "helper(1, 2);",
            "write.rhai:3: `helper` is called with 2 arguments and takes [1]",
        ),
        ("eval(\"1\");", "write.rhai:3: "),
        ("import \"x\" as y;", "write.rhai:3: "),
        ("if true {", "write.rhai:"),
    ] {
        let script = format!(
            "fn helper(a) {{ a }}\nfn run(p) {{\n{line}\np.title; helper(1);\ncommit(\"n\", \"append\", 1, #{{}}, || tap(\"save\"), \"is_there\"); }}\nfn is_there(e) {{ exists(\"title\") }}"
        );
        let faults = faults_of(&script);
        assert!(
            faults.iter().any(|fault| fault.starts_with(said)),
            "{line}: {faults:?}"
        );
    }
}

#[test]
fn what_stands_in_the_wrong_place_or_is_missing_is_told() {
    let faults = faults_of("let limit = 3;\nfn run(p) { p.title }");
    assert!(
        faults
            .iter()
            .any(|fault| fault.starts_with("write.rhai:1: only functions may stand here")),
        "{faults:?}"
    );
    let faults = faults_of("fn start(p) { p.title }");
    assert!(
        faults.iter().any(|fault| fault.contains("has no `fn run(p)`")),
        "{faults:?}"
    );
    let faults = faults_of("fn run(p) { p.title; tap(\"save\") }\nfn tap(x) { x }");
    assert!(
        faults
            .iter()
            .any(|fault| fault.contains("`fn tap` hides the engine's own")),
        "{faults:?}"
    );
    let faults = faults_of("fn run(p) { exists(\"save\"); exists(\"title\") }");
    assert!(
        faults
            .iter()
            .any(|fault| fault.contains("warning") && fault.contains("never reads the parameter `title`")),
        "{faults:?}"
    );
    assert!(
        faults
            .iter()
            .any(|fault| fault.contains("lasting, but its script never calls `commit`")),
        "{faults:?}"
    );
    let faults = with(&MANIFEST.replace("lasting = true", ""), ELEMENTS, SCRIPT).unwrap_err();
    assert!(faults[0].contains("needs `lasting = true`"), "{faults:?}");
    let faults = read(&[("pack.toml", MANIFEST)]).unwrap_err();
    assert!(
        faults
            .iter()
            .any(|fault| fault.starts_with("elements.toml: the pack has no such file")),
        "{faults:?}"
    );
    let faults = read(&[("pack.toml", MANIFEST), ("elements.toml", ELEMENTS)]).unwrap_err();
    assert!(
        faults
            .iter()
            .any(|fault| fault.contains("the pack has no file write.rhai")),
        "{faults:?}"
    );
    let faults = read(&[
        ("pack.toml", MANIFEST),
        ("elements.toml", ELEMENTS),
        ("write.rhai", SCRIPT),
        ("other.rhai", SCRIPT),
    ])
    .unwrap_err();
    assert!(
        faults
            .iter()
            .any(|fault| fault.starts_with("other.rhai: belongs to no flow")),
        "{faults:?}"
    );
}

#[test]
fn mistakes_in_elements_are_told_with_their_line() {
    for (elements, said) in [
        (
            "[a]\nany = [{ txt = \"x\" }]",
            "elements.toml:2: `txt` is no key of alternative 1 of [a]: did you mean `text`?",
        ),
        (
            "[a]\nany = [{ text = 5 }]",
            "elements.toml:2: `text` in alternative 1 of [a] is an integer: it must be a text in quotes or a list of texts",
        ),
        (
            "[a]\nany = [{ inside = \"b\", id = \"x\" }]",
            "elements.toml:2: [a]: there is no element \"b\"",
        ),
        (
            "[a]\nany = []",
            "elements.toml:2: `any` of [a] must be a list of 1 to 100 alternatives",
        ),
        ("[a]\nhelp = \"x\"", "elements.toml:1: [a] needs `any ="),
        (
            "[a]\nany = [{ nth = 2 }]",
            "elements.toml:2: alternative 1 of [a] says nothing of what it looks for",
        ),
        (
            "[a]\nany = [{ text_matches = \"(\" }]",
            "elements.toml:2: `text_matches` \"(\" is no regular expression",
        ),
        (
            "[a]\nany = [{ id = \"x\", app = \"new\" }]",
            "elements.toml:2: `app = \"new\"` must be versions",
        ),
        (
            "[a]\nany = [{ id = \"x\", near = \"b\" }]\n[b]\nany = [{ id = \"y\", below = \"a\" }]",
            "elements.toml:1: [a] refers to itself: a → b → a",
        ),
        (
            "[stop.x]\nwhen = \"a\"\nkind = \"limit\"\n[a]\nany = [{ id = \"x\" }]",
            "elements.toml:3: \"limit\" is no kind of failure: did you mean \"limited\"?",
        ),
        (
            "[watcher.x]\nwhen = \"a\"\n[a]\nany = [{ id = \"x\" }]",
            "elements.toml:1: [watcher.x] needs `tap =",
        ),
        ("[a\nany = 1", "elements.toml:1: "),
    ] {
        let faults = with(MANIFEST, elements, SCRIPT).unwrap_err();
        assert!(
            faults.iter().any(|fault| fault.starts_with(said)),
            "{elements}: {faults:?}"
        );
    }
}

#[test]
fn elements_that_nobody_needs_are_remarked_and_names_in_lists_count() {
    let elements =
        format!("{ELEMENTS}\n[unused]\nany = [{{ id = \"u\" }}]\n[listed]\nany = [{{ id = \"l\" }}]\n");
    let script = SCRIPT.replace(
        "wait_for(\"title\", 10);",
        "let names = [\"listed\"]; wait_for(\"title\", 10);",
    );
    let (_, warnings) = with(MANIFEST, &elements, &script).unwrap();
    let said: Vec<String> = warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        ["elements.toml:17: warning: no script names the element [unused]"]
    );
}

#[test]
fn libraries_are_seen_by_every_flow_and_their_places_are_told() {
    let library = "fn shared_step(x) {\n    tap(x);\n    frobnicate();\n}";
    let script = SCRIPT.replace(
        "wait_for(\"title\", 10);",
        "wait_for(\"title\", 10); shared_step(\"save\");",
    );
    let faults = read(&[
        ("pack.toml", MANIFEST),
        ("elements.toml", ELEMENTS),
        ("write.rhai", &script),
        ("lib_steps.rhai", library),
    ])
    .unwrap_err();
    assert_eq!(faults, ["lib_steps.rhai:3: there is no function `frobnicate`"]);
}
