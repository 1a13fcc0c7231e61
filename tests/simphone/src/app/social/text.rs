//! Captions as feeds show them, and how long ago something was.

/// Cuts a caption after so many characters, at a word, with the feed's "… more".
pub fn cut(caption: &str, most: usize, language: &str) -> String {
    let line: String = caption.split('\n').next().unwrap_or_default().to_owned();
    let shorter = line.len() < caption.len();
    if line.chars().count() <= most && !shorter {
        return line;
    }
    let kept: String = line.chars().take(most).collect();
    let kept = match kept.rsplit_once(' ') {
        Some((words, _)) if line.chars().count() > most => words.to_owned(),
        _ => kept,
    };
    let more = if language == "fr" { "plus" } else { "more" };
    format!("{kept}… {more}")
}

/// "18 hours ago", "il y a 3 minutes".
pub fn ago(seconds: u64, language: &str) -> String {
    let (number, one, many, fr_one, fr_many) = match seconds {
        0..60 => (seconds.max(1), "second", "seconds", "seconde", "secondes"),
        60..3_600 => (seconds / 60, "minute", "minutes", "minute", "minutes"),
        3_600..86_400 => (seconds / 3_600, "hour", "hours", "heure", "heures"),
        86_400..604_800 => (seconds / 86_400, "day", "days", "jour", "jours"),
        _ => (seconds / 604_800, "week", "weeks", "semaine", "semaines"),
    };
    if language == "fr" {
        return format!("il y a {number} {}", if number == 1 { fr_one } else { fr_many });
    }
    format!("{number} {} ago", if number == 1 { one } else { many })
}

/// "18h", "3min": beside names in comments.
pub fn age(seconds: u64, language: &str) -> String {
    match (seconds, language) {
        (0..60, _) => format!("{}s", seconds.max(1)),
        (60..3_600, "fr") => format!("{}min", seconds / 60),
        (60..3_600, _) => format!("{}m", seconds / 60),
        (3_600..86_400, _) => format!("{}h", seconds / 3_600),
        (86_400..604_800, "fr") => format!("{}j", seconds / 86_400),
        (86_400..604_800, _) => format!("{}d", seconds / 86_400),
        (_, "fr") => format!("{}sem", seconds / 604_800),
        _ => format!("{}w", seconds / 604_800),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_caption_is_cut_at_a_word_and_a_second_line_is_never_shown() {
        assert_eq!(cut("short", 20, "en"), "short");
        assert_eq!(cut("one two three four", 10, "en"), "one two… more");
        assert_eq!(cut("one\ntwo", 10, "fr"), "one… plus");
        assert_eq!(cut("", 10, "en"), "");
    }

    #[test]
    fn times_are_told_in_the_largest_unit_that_fits() {
        assert_eq!(ago(0, "en"), "1 second ago");
        assert_eq!(ago(18 * 3600, "en"), "18 hours ago");
        assert_eq!(ago(86_400, "fr"), "il y a 1 jour");
        assert_eq!(age(3 * 86_400, "fr"), "3j");
    }
}
