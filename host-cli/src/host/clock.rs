//! The time of day.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gait_contract::Timestamp;

/// The present, in UTC, to the nanosecond.
pub fn now() -> Timestamp {
    at(SystemTime::now())
}

/// So long before the present.
pub fn ago(span: Duration) -> Timestamp {
    SystemTime::now().checked_sub(span).map(at).unwrap_or_default()
}

/// The time of a file, as far as the system knows it.
pub fn of(time: Option<SystemTime>) -> Timestamp {
    time.map(at).unwrap_or_default()
}

/// A time since 1970 as names of files have it: `YYYYMMDDTHHMMSS.nnnnnnnnn`, UTC.
pub fn compact(since: Duration) -> String {
    let printed = print(since.as_secs(), since.subsec_nanos());
    printed.chars().filter(|c| !matches!(c, '-' | ':' | 'Z')).collect()
}

fn at(time: SystemTime) -> Timestamp {
    // A clock before 1970 is not set; the zero time counts as absent everywhere.
    time.duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| Timestamp::parse(&print(since.as_secs(), since.subsec_nanos())).ok())
        .unwrap_or_default()
}

fn print(seconds: u64, nanos: u32) -> String {
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // Civil date from days since 1970-01-01, counted in eras of 400 years that begin in March.
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{nanos:09}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_civil() {
        assert_eq!(print(0, 0), "1970-01-01T00:00:00.000000000Z");
        assert_eq!(print(951_827_696, 5), "2000-02-29T12:34:56.000000005Z");
        assert_eq!(print(1_770_249_599, 0), "2026-02-04T23:59:59.000000000Z");
        assert_eq!(print(1_770_249_600, 0), "2026-02-05T00:00:00.000000000Z");
        assert_eq!(compact(Duration::new(951_827_696, 5)), "20000229T123456.000000005");
        assert!(!now().is_zero() && ago(Duration::from_secs(60)) < now());
    }
}
