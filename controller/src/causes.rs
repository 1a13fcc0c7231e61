//! Errors in one line, with all that caused them: for logs and for people. The errors themselves never repeat their causes.

/// An error with all that caused it.
pub(crate) fn whole(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", whole(source)),
        None => error.to_string(),
    }
}
