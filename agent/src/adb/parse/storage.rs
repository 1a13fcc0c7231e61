//! `df -k`: how much room there is.

/// Free kilobytes by the last line; the device's name may be so long that its numbers wrap onto a line of their own.
pub fn parse_free_kb(text: &str) -> Option<u64> {
    let last = text.lines().map(str::trim).rfind(|line| !line.is_empty())?;
    let columns: Vec<&str> = last.split_whitespace().collect();
    // Device, size, used, available, percent, mount point; without the device where the line was wrapped.
    let percent = columns.iter().position(|column| column.ends_with('%'))?;
    columns.get(percent.checked_sub(1)?)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::parse_free_kb;

    #[test]
    fn the_free_column_is_found_in_each_shape() {
        let toybox = "Filesystem     1K-blocks      Used Available Use% Mounted on\n/dev/block/dm-59 485636064 171563720 313535476  36% /data/user/0\n";
        assert_eq!(parse_free_kb(toybox), Some(313_535_476));
        let fuse = "Filesystem 1K-blocks Used Available Use% Mounted on\n/dev/fuse 235000000 90000000 145000000 39% /storage/emulated";
        assert_eq!(parse_free_kb(fuse), Some(145_000_000));
        let wrapped = "Filesystem 1K-blocks Used Available Use% Mounted on\n/dev/block/platform/soc/by-name/userdata\n 485636064 171563720 313535476 36% /data";
        assert_eq!(parse_free_kb(wrapped), Some(313_535_476));
        assert_eq!(parse_free_kb("df: /data: Permission denied"), None);
        assert_eq!(parse_free_kb(""), None);
    }

    proptest! {
        #[test]
        fn anything_is_a_number_or_nothing(text in ".{0,200}") {
            let _ = parse_free_kb(&text);
        }
    }
}
