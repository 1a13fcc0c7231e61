//! What the package manager, the settings, the keyboards and the media index print.

/// `versionName=43.1.4` of `dumpsys package PKG`; the first is the installed one, a system app's older self comes last.
pub fn version_name(text: &str) -> Option<String> {
    let version = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("versionName="))?
        .trim();
    (!version.is_empty() && version != "null").then(|| version.to_owned())
}

/// "fr" of "fr-FR,en-US" or "fr_FR".
pub fn language(locale: &str) -> Option<String> {
    let first = locale.trim().split([',', '-', '_']).next()?.trim();
    let plausible = (2..=3).contains(&first.len()) && first.bytes().all(|byte| byte.is_ascii_alphabetic());
    plausible.then(|| first.to_ascii_lowercase())
}

/// The flag has moved over the years; any that says yes counts.
pub fn keyboard_shown(text: &str) -> bool {
    text.split_whitespace().any(|word| {
        matches!(
            word.trim_end_matches([',', '}']),
            "mInputShown=true" | "inputShown=true" | "mIsInputViewShown=true"
        )
    })
}

/// `Result: Bundle[{uri=content://media/external_primary/video/media/32}]`
pub fn scanned_uri(text: &str) -> Option<String> {
    let rest = text.split_once("uri=")?.1;
    let uri = rest.split(['}', ',', ']', ' ']).next()?.trim();
    uri.starts_with("content://").then(|| uri.to_owned())
}

/// `Row: 0 _id=32, _data=/storage/…`
pub fn row_id(text: &str) -> Option<u64> {
    let rest = text.split_once("_id=")?.1;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// By its name, as the index decides too.
pub fn is_video(path: &str) -> bool {
    let ending = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    matches!(ending.as_str(), "mp4" | "mov" | "mkv" | "webm" | "3gp" | "m4v")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_languages_and_rows_are_read_as_phones_print_them() {
        let said =
            "    versionCode=241 minSdk=21\n    versionName=2.4.1\nHidden system packages:\n versionName=1.0";
        assert_eq!(version_name(said).as_deref(), Some("2.4.1"));
        assert_eq!(version_name("Unable to find package: x"), None);
        assert_eq!(language("fr-FR,en-US").as_deref(), Some("fr"));
        assert_eq!(language("null"), None);
        assert_eq!(language("fil_PH").as_deref(), Some("fil"));
        assert_eq!(
            scanned_uri("Result: Bundle[{uri=content://media/external_primary/images/media/32}]").as_deref(),
            Some("content://media/external_primary/images/media/32")
        );
        assert_eq!(scanned_uri("Result: Bundle[{uri=null}]"), None);
        assert_eq!(row_id("Row: 0 _id=32, _data=/storage/emulated/0/a.mp4"), Some(32));
        assert_eq!(row_id("No result found."), None);
        assert!(keyboard_shown("  mShowRequested=true mInputShown=true\n"));
        assert!(!keyboard_shown("mInputShown=false mIsInputViewShown=false"));
    }
}
