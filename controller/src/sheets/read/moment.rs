//! A date cell as people write dates in reports.

use calamine::ExcelDateTime;

pub(super) fn date_text(moment: ExcelDateTime) -> String {
    if moment.is_duration() {
        return format!("{} days", moment.as_f64());
    }
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    if (hour, minute, second) == (0, 0, 0) {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
    }
}
