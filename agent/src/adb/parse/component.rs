//! `package/activity` as the window and activity managers write it, and the records it stands in.

/// An activity: its package and its full class name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    pub package: String,
    pub activity: String,
}

impl Component {
    /// `pkg/.Act` or `pkg/full.Act`; a leading dot is relative to the package.
    pub fn parse(text: &str) -> Option<Self> {
        let (package, class) = text.split_once('/')?;
        if !is_name(package) || class.is_empty() || !is_name(class.trim_start_matches('.')) {
            return None;
        }
        let activity = if class.starts_with('.') {
            format!("{package}{class}")
        } else {
            class.to_owned()
        };
        Some(Self {
            package: package.to_owned(),
            activity,
        })
    }

    /// Out of `…ActivityRecord{8079d7e u0 pkg/.Act t42}`: the component ends at a blank or a brace.
    pub fn in_record(line: &str) -> Option<Self> {
        let (_, record) = line.split_once("ActivityRecord{")?;
        let end = record.find('}').unwrap_or(record.len());
        record[..end].split_whitespace().find_map(Self::parse)
    }
}

/// Letters, digits, dots, underscores, and `$` of inner classes.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '$'))
}

/// The resumed activity in `dumpsys activity activities`. Split screens resume several; the "top" one wins.
pub fn parse_resumed(text: &str) -> Option<Component> {
    let mut found = None;
    for line in text.lines() {
        let line = line.trim_start();
        let top = line.starts_with("topResumedActivity");
        let named = top
            || [
                "mResumedActivity",
                "ResumedActivity",
                "resumedActivity",
                "Resumed:",
                "mFocusedActivity",
            ]
            .iter()
            .any(|name| line.starts_with(name));
        if !named {
            continue;
        }
        let Some(component) = Component::in_record(line) else {
            continue;
        };
        if top {
            return Some(component);
        }
        found.get_or_insert(component);
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn resumed(line: &str) -> String {
        let component = parse_resumed(line).unwrap();
        format!("{}|{}", component.package, component.activity)
    }

    #[test]
    fn each_generation_names_its_resumed_activity() {
        let expected = "com.android.settings|com.android.settings.Settings";
        for line in [
            "  mFocusedActivity: ActivityRecord{8079d7e u0 com.android.settings/.Settings t42}",
            "    mResumedActivity: ActivityRecord{8079d7e u0 com.android.settings/.Settings t42}",
            "  topResumedActivity=ActivityRecord{8079d7e u0 com.android.settings/.Settings t42}",
            "  ResumedActivity: ActivityRecord{8079d7e u0 com.android.settings/.Settings} t6294}",
            "    Resumed: ActivityRecord{8079d7e u0 com.android.settings/.Settings t11 pid=999}",
            "  ResumedActivity:ActivityRecord{8079d7e u0 com.android.settings/com.android.settings.Settings t42 f}",
        ] {
            assert_eq!(resumed(line), expected, "{line}");
        }
    }

    #[test]
    fn the_top_one_wins_over_the_others() {
        let text = "  mResumedActivity: ActivityRecord{1 u0 a.b/.C t1}\n  topResumedActivity=ActivityRecord{2 u0 d.e/.F t2}\n";
        assert_eq!(resumed(text), "d.e|d.e.F");
    }

    #[test]
    fn null_is_nothing() {
        assert_eq!(parse_resumed("  mResumedActivity: null\n"), None);
    }

    proptest! {
        #[test]
        fn nothing_printed_makes_it_panic(text in "\\PC*") {
            parse_resumed(&format!("mResumedActivity: ActivityRecord{{{text}"));
            Component::in_record(&text);
            Component::parse(&text);
        }
    }
}
