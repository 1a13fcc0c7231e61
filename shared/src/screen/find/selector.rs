//! One alternative of an element: what must hold of a node, all of it.

use std::fmt;

use regex::Regex;

use super::plain::{folded, plain};
use crate::screen::Node;

/// What must hold, all of it; the cheapest is looked at first.
#[derive(Debug, Clone, Default)]
pub struct Alternative {
    /// Any of these ids: short ones have the app's prefix before them, whole ones (`pkg:id/x`) are taken as they are.
    pub ids: Vec<String>,
    pub not_ids: Vec<String>,
    /// Any of these classes; the last segment suffices.
    pub classes: Vec<String>,
    pub not_classes: Vec<String>,
    pub package: PackageRule,
    pub flags: Vec<(Flag, bool)>,
    pub labels: Vec<LabelTest>,
    /// Nothing stands in the field, or only its hint.
    pub empty: Option<bool>,
    /// Something else lies over its middle.
    pub covered: Option<bool>,
    /// To the nodes of another element.
    pub relations: Vec<(Relation, String)>,
    /// Which one of several, -1 the last.
    pub nth: Option<i32>,
    /// For an app in this language.
    pub lang: Option<String>,
    /// For these versions of the app.
    pub app: Option<VersionRange>,
    pub experimental: bool,
    /// Where it is written.
    pub line: usize,
}

/// Whose nodes count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum PackageRule {
    /// The app's and those of listed system packages.
    #[default]
    Usual,
    Any,
    Named(Vec<String>),
}

/// A yes/no attribute of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    Selected,
    Enabled,
    Checked,
    Clickable,
    Focused,
    Password,
    Scrollable,
}

impl Flag {
    pub const ALL: [(&'static str, Self); 7] = [
        ("selected", Self::Selected),
        ("enabled", Self::Enabled),
        ("checked", Self::Checked),
        ("clickable", Self::Clickable),
        ("focused", Self::Focused),
        ("password", Self::Password),
        ("scrollable", Self::Scrollable),
    ];

    fn of(self, node: &Node<'_>) -> bool {
        let flags = node.flags();
        match self {
            Self::Selected => flags.selected(),
            Self::Enabled => flags.enabled(),
            Self::Checked => flags.checked(),
            Self::Clickable => flags.clickable(),
            Self::Focused => flags.focused(),
            Self::Password => flags.password(),
            Self::Scrollable => flags.scrollable(),
        }
    }
}

/// Which text of a node is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelOf {
    Text,
    Description,
    Hint,
    /// Text or description.
    Either,
}

impl LabelOf {
    pub const ALL: [(&'static str, Self); 4] = [
        ("text", Self::Text),
        ("desc", Self::Description),
        ("hint", Self::Hint),
        ("label", Self::Either),
    ];
}

/// A test of a text of a node.
#[derive(Debug, Clone)]
pub struct LabelTest {
    pub of: LabelOf,
    pub test: Test,
}

/// What a text must be; any of the given ones.
#[derive(Debug, Clone)]
pub enum Test {
    /// With case.
    Equals(Vec<String>),
    Differs(Vec<String>),
    /// Without case.
    Contains(Vec<String>),
    Starts(Vec<String>),
    Matches(Vec<Regex>),
}

impl LabelTest {
    pub(super) fn holds(&self, node: &Node<'_>) -> bool {
        match self.of {
            LabelOf::Text => self.test.holds(node.text()),
            LabelOf::Description => self.test.holds(node.description()),
            LabelOf::Hint => self.test.holds(node.hint()),
            LabelOf::Either if matches!(self.test, Test::Differs(_)) => {
                self.test.holds(node.text()) && self.test.holds(node.description())
            }
            LabelOf::Either => self.test.holds(node.text()) || self.test.holds(node.description()),
        }
    }
}

impl Test {
    fn holds(&self, shown: &str) -> bool {
        match self {
            Self::Equals(wanted) => {
                // Most nodes have no text at all.
                (!shown.is_empty() || wanted.iter().any(String::is_empty)) && {
                    let shown = plain(shown);
                    wanted.iter().any(|wanted| *wanted == shown)
                }
            }
            Self::Differs(unwanted) => {
                let shown = plain(shown);
                unwanted.iter().all(|unwanted| *unwanted != shown)
            }
            Self::Contains(wanted) => {
                !shown.is_empty() && {
                    let shown = folded(shown);
                    wanted.iter().any(|wanted| shown.contains(wanted.as_str()))
                }
            }
            Self::Starts(wanted) => {
                !shown.is_empty() && {
                    let shown = folded(shown);
                    wanted.iter().any(|wanted| shown.starts_with(wanted.as_str()))
                }
            }
            Self::Matches(wanted) => {
                let shown = plain(shown);
                wanted.iter().any(|wanted| wanted.is_match(&shown))
            }
        }
    }
}

/// How a node lies to those of another element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    Near,
    RightOf,
    LeftOf,
    Above,
    Below,
    /// A descendant of it.
    Inside,
    NotInside,
    /// Its bounds lie in the other's, whatever the tree says.
    Within,
    /// The other is a descendant.
    Has,
    NotHas,
    /// The other stands right behind it, in the same parent.
    SiblingBefore,
    /// The other stands right before it.
    SiblingAfter,
}

impl Relation {
    pub const ALL: [(&'static str, Self); 12] = [
        ("near", Self::Near),
        ("right_of", Self::RightOf),
        ("left_of", Self::LeftOf),
        ("above", Self::Above),
        ("below", Self::Below),
        ("inside", Self::Inside),
        ("not_inside", Self::NotInside),
        ("within", Self::Within),
        ("has", Self::Has),
        ("not_has", Self::NotHas),
        ("sibling_before", Self::SiblingBefore),
        ("sibling_after", Self::SiblingAfter),
    ];

    /// Names a place, so that the nearest node is meant.
    pub(super) fn is_place(self) -> bool {
        matches!(
            self,
            Self::Near | Self::RightOf | Self::LeftOf | Self::Above | Self::Below
        )
    }
}

impl Alternative {
    /// Everything that can be seen of the node alone.
    pub(super) fn holds(&self, node: &Node<'_>) -> bool {
        self.flags.iter().all(|(flag, wanted)| flag.of(node) == *wanted)
            && any_id(&self.ids, node)
            && (self.not_ids.is_empty() || !any_id(&self.not_ids, node))
            && self.class_holds(node)
            && self.empty_holds(node)
            && self.labels.iter().all(|label| label.holds(node))
    }

    pub(super) fn class_holds(&self, node: &Node<'_>) -> bool {
        (self.classes.is_empty() || self.classes.iter().any(|class| class_is(node.class(), class)))
            && !self.not_classes.iter().any(|class| class_is(node.class(), class))
    }

    pub(super) fn empty_holds(&self, node: &Node<'_>) -> bool {
        self.empty.is_none_or(|wanted| is_empty_field(node) == wanted)
    }
}

/// Whether nothing stands in a field, or only its placeholder.
pub fn is_empty_field(node: &Node<'_>) -> bool {
    node.text().is_empty()
        || node.flags().showing_hint()
        || (!node.hint().is_empty() && node.text() == node.hint())
}

pub(super) fn any_id(ids: &[String], node: &Node<'_>) -> bool {
    ids.is_empty() || ids.iter().any(|id| id_is(node.resource_id(), id))
}

fn id_is(id: &str, wanted: &str) -> bool {
    if id.len() < wanted.len() || !id.ends_with(wanted) {
        return false;
    }
    let prefix = &id[..id.len() - wanted.len()];
    // Android's own ids must be written whole: `android:id/list` is not an app's `list`.
    prefix.is_empty() || (prefix.ends_with(":id/") && prefix != "android:id/" && !wanted.contains(':'))
}

fn class_is(class: &str, wanted: &str) -> bool {
    class == wanted
        || (class.len() > wanted.len()
            && class.ends_with(wanted)
            && matches!(class.as_bytes()[class.len() - wanted.len() - 1], b'.' | b'$'))
}

/// "43.1.4".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(Vec<u64>);

impl Version {
    /// Reads the numbers at the front; what no version has is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let numbers: Vec<u64> = text
            .trim()
            .split(['.', '-', ' ', '_'])
            .map_while(|part| part.parse().ok())
            .collect();
        (!numbers.is_empty()).then_some(Self(numbers))
    }

    fn starts_with(&self, prefix: &Self) -> bool {
        self.0.starts_with(&prefix.0)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.0.iter().map(u64::to_string).collect();
        f.write_str(&parts.join("."))
    }
}

/// ">=43,<46", or "43" for all versions that begin so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRange {
    text: String,
    bounds: Vec<(Compare, Version)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compare {
    AtLeast,
    Above,
    AtMost,
    Below,
    Is,
}

impl VersionRange {
    pub fn parse(text: &str) -> Option<Self> {
        const SIGNS: [(&str, Compare); 5] = [
            (">=", Compare::AtLeast),
            ("<=", Compare::AtMost),
            (">", Compare::Above),
            ("<", Compare::Below),
            ("=", Compare::Is),
        ];
        let bounds: Option<Vec<_>> = text
            .split(',')
            .map(|part| {
                let part = part.trim();
                let (compare, version) = SIGNS
                    .iter()
                    .find_map(|(sign, compare)| part.strip_prefix(sign).map(|rest| (*compare, rest)))
                    .unwrap_or((Compare::Is, part));
                let digits = version
                    .trim()
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || byte == b'.');
                digits
                    .then(|| Version::parse(version))
                    .flatten()
                    .map(|version| (compare, version))
            })
            .collect();
        bounds.map(|bounds| Self {
            text: text.to_owned(),
            bounds,
        })
    }

    pub fn contains(&self, version: &Version) -> bool {
        self.bounds.iter().all(|(compare, bound)| match compare {
            Compare::AtLeast => version >= bound,
            Compare::Above => version > bound && !version.starts_with(bound),
            Compare::AtMost => version <= bound || version.starts_with(bound),
            Compare::Below => version < bound,
            Compare::Is => version.starts_with(bound),
        })
    }
}

impl fmt::Display for VersionRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_versions_hold_as_a_person_reads_them() {
        let holds = |range: &str, version: &str| {
            VersionRange::parse(range)
                .unwrap()
                .contains(&Version::parse(version).unwrap())
        };
        assert!(holds(">=43,<46", "43.1.4") && holds(">=43,<46", "45.9.9"));
        assert!(!holds(">=43,<46", "46.0.0") && !holds(">=43,<46", "42.9"));
        assert!(holds("46", "46.8.2") && !holds("46", "4.6"));
        assert!(holds("<=46", "46.8.2") && !holds(">46", "46.8.2"));
        assert_eq!(VersionRange::parse(">=x"), None);
        assert_eq!(
            Version::parse("410.0.0.53.71").unwrap().to_string(),
            "410.0.0.53.71"
        );
        assert_eq!(Version::parse("beta"), None);
    }

    #[test]
    fn short_ids_mean_the_apps_own_and_whole_ones_are_taken_as_they_are() {
        assert!(id_is("com.x:id/list", "list") && id_is("list", "list"));
        assert!(!id_is("android:id/list", "list") && id_is("android:id/list", "android:id/list"));
        assert!(!id_is("com.x:id/the_list", "list"));
        assert!(
            class_is("android.widget.Button", "Button") && !class_is("android.widget.ImageButton", "Button")
        );
    }
}
