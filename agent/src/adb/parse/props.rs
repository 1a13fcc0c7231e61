//! Single properties and settings. A missing property is an empty line, a missing setting the word "null", and a
//! service that is not up yet answers with a sentence.

/// The value of one `getprop NAME`.
pub fn parse_prop(text: &str) -> String {
    let value = text.trim();
    if value.eq_ignore_ascii_case("unknown") || value.contains("not found") {
        return String::new();
    }
    value.to_owned()
}

/// `ro.serialno`, where it can be a name: some makers print blanks, question marks or a sentence.
pub fn parse_serialno(text: &str) -> String {
    const LONGEST: usize = 64;
    let value = parse_prop(text);
    let plausible = value.len() <= LONGEST
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b));
    if plausible { value } else { String::new() }
}

/// `settings get secure android_id`: hexadecimal, or nothing.
pub fn parse_android_id(text: &str) -> String {
    let value = text.trim();
    let hex = !value.is_empty() && value.len() <= 16 && value.bytes().all(|b| b.is_ascii_hexdigit());
    if hex { value.to_owned() } else { String::new() }
}

/// `/proc/sys/kernel/random/boot_id`: a UUID, or nothing where the phone does not let it be read.
pub fn parse_boot_id(text: &str) -> String {
    let value = text.trim();
    let uuid = value.len() == 36 && value.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    if uuid { value.to_owned() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_missing_is_empty() {
        assert_eq!(parse_prop("\r\n"), "");
        assert_eq!(parse_prop("unknown\n"), "");
        assert_eq!(parse_prop("MI 5\r\n"), "MI 5");
        assert_eq!(parse_serialno("R58M30ABCDE\r\n"), "R58M30ABCDE");
        assert_eq!(parse_serialno("adb-01:23_4.5\n"), "adb-01:23_4.5");
        let long = "x".repeat(65);
        for odd in ["0123 456\n", "????????\n", "../../etc\n", "a/b", "Grüße", &long] {
            assert_eq!(parse_serialno(odd), "", "{odd}");
        }
        assert_eq!(parse_android_id("null\n"), "");
        assert_eq!(parse_android_id("cmd: Can't find service: settings\n"), "");
        assert_eq!(parse_android_id("9774d56d682e549c\n"), "9774d56d682e549c");
        assert_eq!(
            parse_boot_id("cat: /proc/sys/kernel/random/boot_id: Permission denied\n"),
            ""
        );
        let id = "3f1c2a9e-0b7d-4c55-9a3e-6d2f8b1c4e70";
        assert_eq!(parse_boot_id(&format!("{id}\n")), id);
    }

    proptest! {
        #[test]
        fn nothing_printed_makes_it_panic(text in "\\PC*") {
            parse_prop(&text);
            parse_serialno(&text);
            parse_android_id(&text);
            parse_boot_id(&text);
        }
    }
}
