use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::pack::table::{Document, Fields};

fn read(text: &str) -> (Parameters, Vec<String>) {
    let document = Document::new("pack.toml", text);
    let parameters = {
        let table = document.parse().unwrap();
        let fields = Fields::new(&document, "[flow.x.parameters]", 0, &table);
        Parameters::read(&fields)
    };
    let faults = document.faults.borrow().iter().map(ToString::to_string).collect();
    (parameters, faults)
}

fn sound(text: &str) -> Parameters {
    let (parameters, faults) = read(text);
    assert_eq!(faults, Vec::<String>::new());
    parameters
}

fn one(definition: &str, value: &Value) -> Result<Value, String> {
    let parameters = sound(&format!("[x]\n{definition}"));
    match parameters.check(&json!({"x": value})) {
        Ok(checked) => Ok(checked.values.get("x").cloned().unwrap_or(Value::Null)),
        Err(faults) => Err(faults[0].to_string()),
    }
}

#[test]
fn what_comes_in_is_taken_leniently_and_reaches_the_script_typed() {
    for (definition, given, taken) in [
        ("type = \"integer\"", json!("60"), json!(60)),
        ("type = \"integer\"", json!(60.0), json!(60)),
        ("type = \"boolean\"", json!(1), json!(true)),
        ("type = \"boolean\"", json!("false"), json!(false)),
        ("type = \"percent\"", json!("100"), json!(100)),
        ("type = \"number\"", json!("1.5"), json!(1.5)),
        ("type = \"duration\"", json!("1h30m"), json!(5_400)),
        ("type = \"duration\"", json!("90"), json!(90)),
        ("type = \"duration\"", json!("2.5s"), json!(2.5)),
        ("type = \"list\"", json!("a, b\n@c,"), json!(["a", "b", "@c"])),
        ("type = \"list\"", json!(["a, b", " c "]), json!(["a, b", "c"])),
        (
            "type = \"lines\"",
            json!("one, two\n\n three "),
            json!(["one, two", "three"]),
        ),
        ("type = \"lines\"", json!(7), json!(["7"])),
        ("type = \"line\"", json!(12_345), json!("12345")),
        (
            "type = \"path\"",
            json!("C:\\Videos\\a.mp4"),
            json!("C:/Videos/a.mp4"),
        ),
        ("type = \"choice\"\nchoices = [0, 1]", json!("1"), json!(1)),
        (
            "type = \"choice\"\nchoices = [\"-1\", \"0\", \"custom\"]",
            json!(-1),
            json!("-1"),
        ),
        (
            "type = \"choice\"\nchoices = [\"share\", \"addButton\"]",
            json!("ADDBUTTON"),
            json!("addButton"),
        ),
    ] {
        assert_eq!(one(definition, &given), Ok(taken), "{definition} {given}");
    }
}

#[test]
fn absent_is_absent_however_it_is_written() {
    let text = "[x]\ntype = \"integer\"\ndefault = 30\n[y]\ntype = \"text\"\n";
    let parameters = sound(text);
    for config in [
        json!({}),
        json!(null),
        json!([]),
        json!({"x": []}),
        json!({"x": null}),
        json!({"x": ""}),
    ] {
        let checked = parameters.check(&config).unwrap();
        assert_eq!(checked.values.get("x"), Some(&json!(30)), "{config}");
        assert_eq!(checked.values.get("y"), None);
    }
    assert_eq!(
        parameters.check(&json!({"y": ""})).unwrap().values.get("y"),
        Some(&json!("")),
        "an empty text is one"
    );
    assert!(parameters.check(&json!("x")).is_err());
}

#[test]
fn a_wrong_value_is_named_with_what_came_and_what_is_allowed() {
    for (definition, given, said) in [
        (
            "type = \"percent\"",
            json!(101),
            "x is the number 101: it must be a whole number from 0 to 100",
        ),
        (
            "type = \"integer\"\nmin = 1\nmax = 10",
            json!("many"),
            "x is the text \"many\": it must be a whole number from 1 to 10",
        ),
        (
            "type = \"integer\"",
            json!(1.5),
            "x is the number 1.5: it must be a whole number",
        ),
        (
            "type = \"choice\"\nchoices = [\"share\", \"useSound\"]",
            json!("x"),
            "x is the text \"x\": it must be one of \"share\", \"useSound\"",
        ),
        (
            "type = \"boolean\"",
            json!({}),
            "x is an object: it must be true or false",
        ),
        (
            "type = \"line\"",
            json!("a\nb"),
            "x is the text \"a\\nb\": it must be a text without line breaks, of at most 100000 characters",
        ),
        (
            "type = \"duration\"",
            json!(-1),
            "x is the number -1: it must be a number of seconds, or a time as \"90s\", \"10m\", \"1h30m\", 0 or more",
        ),
        (
            "type = \"text\"\nmax_length = 3",
            json!("four"),
            "x is the text \"four\": it must be a text of at most 3 characters",
        ),
        (
            "type = \"list\"\nmax_entries = 1",
            json!(["a", "b"]),
            "x is a list of 2: it must be a list of texts, or a text with commas or line breaks between them, with at most 1 entries",
        ),
        (
            "type = \"secret\"",
            json!(["hunter2"]),
            "x is of the wrong type: it must be a text",
        ),
    ] {
        assert_eq!(one(definition, &given), Err(said.to_owned()), "{definition}");
    }
}

#[test]
fn required_groups_aliases_and_refusals() {
    let parameters = sound(
        "[content]\ntype = \"lines\"\nrequired = true\n\
         [users]\ntype = \"list\"\none_of = \"target\"\n\
         [user]\ntype = \"list\"\none_of = \"target\"\naliases = [\"target_username\"]\n\
         [generate]\ntype = \"boolean\"\nrefuse = \"not built\"\n\
         [materials]\ntype = \"list\"\ngiven = true\nrequired = true\n",
    );
    let faults = parameters.check(&json!({})).unwrap_err();
    let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert!(
        said[0].starts_with("content is missing: it must be a text with one entry a line"),
        "{said:?}"
    );
    assert_eq!(
        said[1],
        "users or user is missing: it must be given: one of them is required"
    );
    assert_eq!(
        said.len(),
        2,
        "what others fill in is not asked of the operator: {said:?}"
    );

    let good =
        json!({"content": "a", "target_username": "@anna", "generate": 0, "contnet": 1, "materials": ["x"]});
    let checked = parameters.check(&good).unwrap();
    assert_eq!(checked.values.get("user"), Some(&json!(["@anna"])));
    let warned: Vec<String> = checked.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        warned[0],
        "contnet is no parameter of this script and was left aside; did you mean content?"
    );
    assert!(
        warned[1].starts_with("materials is no parameter"),
        "not the operator's to give: {warned:?}"
    );

    let refused = parameters
        .check(&json!({"content": "a", "user": "b", "generate": true}))
        .unwrap_err();
    assert_eq!(
        refused[0].to_string(),
        "generate is not offered here: it must be left out (not built)"
    );
    let all = json!({"content": "a", "user": "b", "materials": ["h"]});
    assert!(parameters.check_all(all.as_object().unwrap()).is_ok());
    let lacking = json!({"content": "a", "user": "b"});
    assert!(parameters.check_all(lacking.as_object().unwrap()).is_err());
}

#[test]
fn mistakes_in_the_definition_are_told_with_their_line() {
    let (_, faults) = read("[x]\ntype = \"integr\"\n");
    assert_eq!(
        faults,
        ["pack.toml:2: \"integr\" is no type of a parameter: did you mean \"integer\"?"]
    );
    let (_, faults) = read("[x]\ntype = \"percent\"\ndefault = 200\n");
    assert_eq!(
        faults,
        ["pack.toml:3: `default = 200`: x must be a whole number from 0 to 100"]
    );
    let (_, faults) = read("[x]\ntype = \"integer\"\nmin = 5\nmax = 1\nhlep = \"a\"\n");
    assert!(faults[0].contains("`min` is 5, above `max`"), "{faults:?}");
    assert!(
        faults[1].contains("pack.toml:5: `hlep` is no key") && faults[1].contains("`help`"),
        "{faults:?}"
    );
    let (_, faults) = read("[x]\ntype = \"text\"\naliases = [\"y\"]\n[y]\ntype = \"text\"\n");
    assert!(faults[0].contains("stands for two parameters"), "{faults:?}");
}

#[test]
fn a_list_of_nothing_but_blanks_is_as_good_as_absent() {
    for nothing in [
        json!([""]),
        json!(["", " "]),
        json!(" , ,"),
        json!("\n"),
        json!([]),
    ] {
        for kind in ["list", "lines"] {
            let definition = format!("type = \"{kind}\"");
            let commas_count = kind == "lines" && nothing == json!(" , ,");
            let taken = one(&definition, &nothing);
            assert_eq!(
                taken == Ok(Value::Null),
                !commas_count,
                "{kind} {nothing}: {taken:?}"
            );
            let needed = format!("{definition}\nrequired = true");
            assert_eq!(one(&needed, &nothing).is_err(), !commas_count, "{kind} {nothing}");
        }
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-z]{1,3}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    /// What was taken once is taken again as it is.
    #[test]
    fn taking_is_stable_and_never_panics(value in any_json(), kind in 0_usize..8) {
        let definitions = [
            "type = \"text\"", "type = \"lines\"", "type = \"list\"", "type = \"integer\"", "type = \"number\"",
            "type = \"duration\"", "type = \"boolean\"", "type = \"choice\"\nchoices = [0, \"a\"]",
        ];
        if let Ok(taken) = one(definitions[kind], &value) {
            prop_assert_eq!(one(definitions[kind], &taken), Ok(taken.clone()));
        }
    }
}
