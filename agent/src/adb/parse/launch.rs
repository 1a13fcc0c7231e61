//! What `am start` says. Its exit code says nothing on old builds, and the activity that it names may be another
//! than the one asked for; only the wording of a refusal counts.

/// The refusal in the output, if there is one. A task brought to the front or an intent delivered to the running
/// activity is no refusal: the caller looks at the screen afterwards.
pub fn refusal(output: &str) -> Option<String> {
    output
        .lines()
        .map(str::trim)
        .find(|line| {
            line.starts_with("Error")
                || line.contains("SecurityException")
                || line.contains("being kept for the user")
                || line.contains("does not exist")
        })
        .map(|line| {
            match output
                .lines()
                .map(str::trim)
                .find(|line| line.contains("does not exist"))
            {
                // "Error type 3" alone tells a person nothing.
                Some(reason) if line.starts_with("Error type") => reason.to_owned(),
                _ => line.to_owned(),
            }
        })
}

#[cfg(test)]
mod tests {
    use super::refusal;

    #[test]
    fn warnings_are_not_refusals() {
        for said in [
            "Starting: Intent { act=android.intent.action.VIEW dat=https://www.tiktok.com/... }\nStatus: ok\nLaunchState: COLD\nActivity: com.x/.Splash\nTotalTime: 1479\nWaitTime: 1482\nComplete",
            "Warning: Activity not started, its current task has been brought to the front",
            "Warning: Activity not started, intent has been delivered to currently running top-most instance.",
        ] {
            assert_eq!(refusal(said), None, "{said}");
        }
    }

    #[test]
    fn a_refusal_is_told_in_the_line_that_explains_it() {
        let missing =
            "Starting: Intent { cmp=a/b }\nError type 3\nError: Activity class {a/b} does not exist.";
        assert_eq!(
            refusal(missing).as_deref(),
            Some("Error: Activity class {a/b} does not exist.")
        );
        assert!(refusal("Error: Activity not started, unable to resolve Intent { act=x }").is_some());
        assert!(
            refusal("Warning: Activity not started because the current activity is being kept for the user.")
                .is_some()
        );
        assert!(
            refusal(
                "java.lang.SecurityException: Permission Denial: starting Intent … not exported from uid 1"
            )
            .is_some()
        );
    }
}
