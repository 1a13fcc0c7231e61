use proptest::prelude::*;

use super::selector::{
    Alternative, Flag, LabelOf, LabelTest, PackageRule, Relation, Test, Version, VersionRange,
};
use super::*;

const APP: &str = "com.x";

/// A node with attributes and what is in it.
fn node(attributes: &str, bounds: &str, inner: &str) -> String {
    let package = if attributes.contains("package=") {
        ""
    } else {
        "package=\"com.x\""
    };
    format!("<node {package} {attributes} bounds=\"{bounds}\">{inner}</node>")
}

fn both(a: &str, b: &str) -> String {
    format!("{a}{b}")
}

fn screen(nodes: &str) -> Screen {
    Screen::parse(&format!("<hierarchy rotation=\"0\">{nodes}</hierarchy>")).unwrap()
}

fn view() -> View {
    View {
        packages: vec![APP.to_owned()],
        system: vec!["android".to_owned()],
        language: Some("en".to_owned()),
        app_version: Version::parse("43.1.4"),
    }
}

fn text(wanted: &str) -> Alternative {
    Alternative {
        labels: vec![LabelTest {
            of: LabelOf::Text,
            test: Test::Equals(vec![wanted.to_owned()]),
        }],
        ..Alternative::default()
    }
}

fn id(wanted: &str) -> Alternative {
    Alternative {
        ids: vec![wanted.to_owned()],
        ..Alternative::default()
    }
}

fn related(relation: Relation, to: &str) -> Alternative {
    Alternative {
        classes: vec!["Button".to_owned()],
        relations: vec![(relation, to.to_owned())],
        ..Alternative::default()
    }
}

fn elements(of: &[(&str, Vec<Alternative>)]) -> Elements {
    of.iter()
        .map(|(name, alternatives)| {
            let element = Element {
                name: (*name).to_owned(),
                help: String::new(),
                experimental: false,
                alternatives: alternatives.clone(),
                line: 1,
            };
            ((*name).to_owned(), element)
        })
        .collect()
}

/// The texts of what is found, and by which alternative.
fn found(screen: &Screen, elements: &Elements, view: &View, name: &str) -> Option<(usize, Vec<String>)> {
    let found = Search::new(screen, elements, view).find(name)?;
    let texts = found
        .nodes
        .iter()
        .map(|index| screen.node(*index).text().to_owned());
    Some((found.alternative, texts.collect()))
}

fn texts(of: &[&str]) -> Vec<String> {
    of.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn alternatives_are_tried_in_order_and_the_one_that_matched_is_told() {
    let screen = screen(&node(
        "",
        "[0,0][100,100]",
        &node("text=\"Publish\"", "[0,0][50,50]", ""),
    ));
    let elements = elements(&[("post", vec![id("pwo"), text("Post"), text("Publish")])]);
    assert_eq!(
        found(&screen, &elements, &view(), "post"),
        Some((2, texts(&["Publish"])))
    );
    assert_eq!(found(&screen, &elements, &view(), "unknown"), None);
}

#[test]
fn equal_means_equal_and_follow_is_not_following() {
    let nodes = ["Following", "Followers", "Follow", "Follow back"]
        .iter()
        .enumerate()
        .map(|(row, text)| {
            node(
                &format!("text=\"{text}\""),
                &format!("[0,{0}0][99,{0}9]", row + 1),
                "",
            )
        })
        .collect::<String>();
    let screen = screen(&node("", "[0,0][100,100]", &nodes));
    let elements = elements(&[("follow", vec![text("Follow")])]);
    assert_eq!(
        found(&screen, &elements, &view(), "follow"),
        Some((0, texts(&["Follow"])))
    );
}

#[test]
fn other_apps_bars_and_keyboards_never_match_unless_they_are_named() {
    let bar = node(
        "package=\"com.android.systemui\" text=\"Home\"",
        "[0,90][20,99]",
        "",
    );
    let home = node("text=\"Home\"", "[0,80][20,89]", "");
    let dialog = node("package=\"android\" text=\"OK\"", "[0,0][9,9]", "");
    let screen = screen(&format!("{}{bar}{dialog}", node("", "[0,0][100,89]", &home)));
    let named = Alternative {
        package: PackageRule::Named(vec!["com.android.systemui".to_owned()]),
        ..text("Home")
    };
    let any = Alternative {
        package: PackageRule::Any,
        ..text("Home")
    };
    let elements = elements(&[
        ("home", vec![text("Home")]),
        ("ok", vec![text("OK")]),
        ("bar", vec![named]),
        ("any", vec![any]),
    ]);
    let search_view = view();
    let search = Search::new(&screen, &elements, &search_view);
    assert_eq!(search.find("home").unwrap().nodes.len(), 1);
    assert!(search.find("ok").is_some(), "listed system packages count");
    assert_eq!(search.find("bar").unwrap().nodes.len(), 1);
    assert_eq!(search.find("any").unwrap().nodes.len(), 2);
}

#[test]
fn what_lies_on_top_comes_first_and_what_it_covers_last() {
    let behind = node(
        "",
        "[0,0][100,200]",
        &node(
            "text=\"Post\" class=\"a.Button\" clickable=\"true\"",
            "[10,100][90,140]",
            "",
        ),
    );
    let empty = node("", "[0,0][100,200]", "");
    let sheet = node(
        "",
        "[0,60][100,200]",
        &both(
            &node("text=\"Title\"", "[0,60][100,90]", ""),
            &node(
                "text=\"Post\" resource-id=\"com.x:id/sheet\" clickable=\"true\"",
                "[10,150][90,190]",
                "",
            ),
        ),
    );
    let plain = screen(&node("", "[0,0][100,200]", &format!("{behind}{empty}")));
    let elements = elements(&[
        ("post", vec![text("Post")]),
        (
            "by_class",
            vec![
                Alternative {
                    classes: texts(&["Button"]),
                    ..text("Post")
                },
                id("sheet"),
            ],
        ),
    ]);
    let view = view();
    let search = Search::new(&plain, &elements, &view);
    let index = search.find("post").unwrap().nodes[0];
    assert_eq!(search.covered(index), 0, "an empty container covers nothing");

    let covered = screen(&node("", "[0,0][100,200]", &format!("{behind}{sheet}")));
    let search = Search::new(&covered, &elements, &view);
    let nodes = &search.find("post").unwrap().nodes;
    assert_eq!(covered.node(nodes[0]).resource_id(), "com.x:id/sheet");
    assert!(search.covered(nodes[1]) > 0);
    assert_eq!(
        search.find("by_class").unwrap().alternative,
        1,
        "an alternative on top wins over a covered one"
    );
}

#[test]
fn a_touch_goes_where_it_reaches_and_is_refused_where_nothing_of_it_is_free() {
    let button = node("text=\"Share\" clickable=\"true\"", "[0,100][100,140]", "");
    let badge = node("clickable=\"true\" text=\"!\"", "[40,110][60,130]", "");
    let partly = screen(&node("", "[0,0][100,200]", &format!("{button}{badge}")));
    let elements = elements(&[("share", vec![text("Share")])]);
    let view = view();
    let search = Search::new(&partly, &elements, &view);
    let index = search.find("share").unwrap().nodes[0];
    let (x, y) = search.touch_point(partly.node(index)).unwrap();
    assert!(!(40..60).contains(&x) && (100..140).contains(&y), "{x},{y}");

    let dimmer = node("clickable=\"true\"", "[0,0][100,200]", "");
    let whole = screen(&node("", "[0,0][100,200]", &format!("{button}{dimmer}")));
    let search = Search::new(&whole, &elements, &view);
    let index = search.find("share").unwrap().nodes[0];
    assert!(search.touch_point(whole.node(index)).is_err());
    // A label over a clickable card lets the touch through.
    let card = screen(&node(
        "clickable=\"true\"",
        "[0,0][100,200]",
        &node("text=\"Share\"", "[0,0][100,50]", ""),
    ));
    let search = Search::new(&card, &elements, &view);
    let index = search.find("share").unwrap().nodes[0];
    assert_eq!(search.touch_point(card.node(index)), Ok((50, 25)));
}

#[test]
fn nodes_without_area_are_never_found() {
    let screen = screen(&node(
        "",
        "[0,0][100,100]",
        &node("text=\"Save\"", "[10,10][90,10]", ""),
    ));
    let elements = elements(&[("save", vec![text("Save")])]);
    assert_eq!(found(&screen, &elements, &view(), "save"), None);
}

#[test]
fn places_and_kin_single_out_one_of_many() {
    let label = node("text=\"Anna\" class=\"a.TextView\"", "[0,0][40,20]", "");
    let right = node("text=\"right\" class=\"a.Button\"", "[50,0][90,20]", "");
    let far_right = node("text=\"far\" class=\"a.Button\"", "[95,0][99,20]", "");
    let below = node("text=\"below\" class=\"a.Button\"", "[0,40][40,60]", "");
    let row = node(
        "class=\"a.Row\"",
        "[0,0][100,20]",
        &format!("{label}{right}{far_right}"),
    );
    let other = node("class=\"a.Row\" text=\"other\"", "[0,40][100,60]", &below);
    let screen = screen(&node("", "[0,0][100,100]", &format!("{row}{other}")));
    let anna = ("anna", vec![text("Anna")]);
    let of = |relation| vec![related(relation, "anna")];
    let elements = elements(&[
        anna,
        ("right", of(Relation::RightOf)),
        ("below", of(Relation::Below)),
        ("after", of(Relation::SiblingAfter)),
        ("near", of(Relation::Near)),
        (
            "row",
            vec![Alternative {
                classes: texts(&["Row"]),
                relations: vec![(Relation::Has, "anna".to_owned())],
                ..Alternative::default()
            }],
        ),
        ("in_row", vec![related(Relation::Inside, "row")]),
        ("not_in_row", vec![related(Relation::NotInside, "row")]),
        ("within_other", vec![related(Relation::Within, "other")]),
        ("other", vec![text("other")]),
        (
            "last",
            vec![Alternative {
                nth: Some(-1),
                ..related(Relation::RightOf, "anna")
            }],
        ),
        (
            "no_such",
            vec![Alternative {
                nth: Some(7),
                ..related(Relation::RightOf, "anna")
            }],
        ),
    ]);
    let at = |name: &str| found(&screen, &elements, &view(), name).map(|(_, texts)| texts);
    assert_eq!(at("right"), Some(texts(&["right", "far"])), "the nearest first");
    assert_eq!(at("below"), Some(texts(&["below"])));
    assert_eq!(at("after"), Some(texts(&["right"])));
    assert_eq!(at("near").unwrap()[0], "right");
    assert_eq!(at("in_row"), Some(texts(&["right", "far"])));
    assert_eq!(at("not_in_row"), Some(texts(&["below"])));
    assert_eq!(at("within_other"), Some(texts(&["below"])));
    assert_eq!(at("last"), Some(texts(&["far"])));
    assert_eq!(at("no_such"), None);
}

#[test]
fn languages_and_versions_decide_between_alternatives() {
    let screen = screen(&node(
        "",
        "[0,0][100,100]",
        &both(
            &node("text=\"Publier\"", "[0,0][50,50]", ""),
            &node("resource-id=\"com.x:id/pwo\" text=\"old\"", "[50,50][90,90]", ""),
        ),
    ));
    let french = Alternative {
        lang: Some("fr".to_owned()),
        ..text("Publier")
    };
    let old = Alternative {
        app: VersionRange::parse("<43"),
        ..id("pwo")
    };
    let elements = elements(&[("post", vec![old, french])]);
    let mut view = view();
    assert_eq!(
        found(&screen, &elements, &view, "post"),
        Some((1, texts(&["Publier"]))),
        "the app may speak another language than the phone"
    );
    view.app_version = Version::parse("42.9");
    assert_eq!(
        found(&screen, &elements, &view, "post"),
        Some((0, texts(&["old"])))
    );
    view.app_version = None;
    assert_eq!(
        found(&screen, &elements, &view, "post"),
        Some((0, texts(&["old"]))),
        "unknown versions are tried"
    );
}

#[test]
fn states_empty_fields_and_patterns_hold() {
    let field = node(
        "class=\"a.EditText\" text=\"Add a comment\" hint=\"Add a comment\" resource-id=\"com.x:id/f\"",
        "[0,0][50,50]",
        "",
    );
    let like = node(
        "class=\"a.Image\" content-desc=\"Like video. 140.9K likes\" selected=\"true\"",
        "[50,50][90,90]",
        "",
    );
    let screen = screen(&node("", "[0,0][100,100]", &format!("{field}{like}")));
    let pattern = |pattern: &str| Alternative {
        labels: vec![LabelTest {
            of: LabelOf::Either,
            test: Test::Matches(vec![regex::Regex::new(pattern).unwrap()]),
        }],
        ..Alternative::default()
    };
    let empty = |wanted| Alternative {
        empty: Some(wanted),
        ..id("f")
    };
    let selected = |wanted| Alternative {
        flags: vec![(Flag::Selected, wanted)],
        ..pattern("^Like video")
    };
    let elements = elements(&[
        ("empty", vec![empty(true)]),
        ("full", vec![empty(false)]),
        ("liked", vec![selected(true)]),
        ("unliked", vec![selected(false)]),
    ]);
    let there = |name: &str| found(&screen, &elements, &view(), name).is_some();
    assert!(there("empty") && !there("full") && there("liked") && !there("unliked"));
}

#[test]
fn the_story_says_which_condition_leaves_nothing_over_and_what_is_there_instead() {
    let screen = screen(&node(
        "",
        "[0,0][100,100]",
        &both(
            &node("text=\"Publish\" class=\"a.Button\"", "[0,0][50,50]", ""),
            &node("text=\"Drafts\" class=\"a.Button\"", "[50,0][90,50]", ""),
        ),
    ));
    let button = Alternative {
        classes: texts(&["Button"]),
        ..text("Pubish")
    };
    let elements = elements(&[("post", vec![id("pwo"), button])]);
    let view = view();
    let stories = Search::new(&screen, &elements, &view).stories(&elements["post"]);
    assert_eq!(stories.len(), 2);
    assert!(
        stories[0].said.iter().any(|line| line == "id pwo: no node"),
        "{stories:?}"
    );
    let last = stories[1].said.last().unwrap();
    assert!(
        last.contains("no node") && last.contains("\"Publish\", \"Drafts\""),
        "{last}"
    );
}

proptest! {
    /// Whatever a screen looks like, finding and touching ends.
    #[test]
    fn no_tree_makes_it_panic(bounds in proptest::collection::vec((-5_i32..50, -5_i32..50, -5_i32..50, -5_i32..50, 0_usize..4), 1..40)) {
        let mut xml = String::new();
        let mut open = 0;
        for (left, top, right, bottom, close) in bounds {
            xml.push_str(&format!("<node package=\"com.x\" text=\"a\" class=\"b.Button\" clickable=\"true\" bounds=\"[{left},{top}][{right},{bottom}]\">"));
            open += 1;
            for _ in 0..close.min(open) {
                xml.push_str("</node>");
                open -= 1;
            }
        }
        xml.push_str(&"</node>".repeat(open));
        let screen = screen(&xml);
        let elements = elements(&[("a", vec![related(Relation::Near, "b"), related(Relation::Below, "b")]), ("b", vec![text("a")])]);
        let view = view();
        let search = Search::new(&screen, &elements, &view);
        if let Some(found) = search.find("a") {
            for index in &found.nodes {
                let _ = search.touch_point(screen.node(*index));
            }
        }
        let _ = search.stories(&elements["a"]);
    }
}
