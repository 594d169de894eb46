//! Durations as people write them: `30m`, `1h30m`, `1.5h`, `-45m` (schemas contract, A.4).

use alloc::format;
use alloc::string::String;

/// Nanoseconds; `None` when the text says nothing of the kind, or more than 63 bits hold.
pub fn parse(text: &str) -> Option<i64> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    // Nothing is the one duration that needs no unit.
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total = 0_u64;
    while !rest.is_empty() {
        let (whole, after) = digits(rest);
        let (fraction, after) = after.strip_prefix('.').map_or(("", after), digits);
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let (unit, after) = unit(after)?;
        let whole = if whole.is_empty() { 0 } else { whole.parse::<u64>().ok()? };
        total = total.checked_add(whole.checked_mul(unit)?)?.checked_add(part_of(fraction, unit)?)?;
        rest = after;
    }
    if negative { 0_i64.checked_sub_unsigned(total) } else { i64::try_from(total).ok() }
}

/// Nanoseconds of something that lasts; white space around it does not count.
pub fn lasting(text: &str) -> Option<u64> {
    parse(text.trim()).filter(|nanoseconds| *nanoseconds > 0)?.try_into().ok()
}

/// A duration in the one spelling that digests are over: `1h30m0s`, `2m30.5s`, `250ms`.
pub fn written(nanoseconds: u64) -> String {
    const SECOND: u64 = 1_000_000_000;
    if nanoseconds < SECOND {
        let (unit, name) = match nanoseconds {
            0 => return "0s".into(),
            1..1_000 => (1, "ns"),
            1_000..1_000_000 => (1_000, "µs"),
            _ => (1_000_000, "ms"),
        };
        return format!("{}{name}", decimal(nanoseconds, unit));
    }
    let (minutes, rest) = (nanoseconds / (60 * SECOND), nanoseconds % (60 * SECOND));
    let (hours, minutes, seconds) = (minutes / 60, minutes % 60, decimal(rest, SECOND));
    match (hours, minutes) {
        (0, 0) => format!("{seconds}s"),
        (0, minutes) => format!("{minutes}m{seconds}s"),
        (hours, minutes) => format!("{hours}h{minutes}m{seconds}s"),
    }
}

/// So many units, with a fraction where there is one.
fn decimal(value: u64, unit: u64) -> String {
    let (whole, part) = (value / unit, value % unit);
    if part == 0 {
        return format!("{whole}");
    }
    // A unit with one more digit in front, so that zeros at the start of the fraction stay.
    let digits = format!("{}", unit + part);
    format!("{whole}.{}", digits.get(1..).unwrap_or_default().trim_end_matches('0'))
}

/// The digits at the start, and what follows them.
fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

/// Nanoseconds of the unit at the start, and what follows it.
fn unit(text: &str) -> Option<(u64, &str)> {
    // `m` comes after `ms`, whose beginning it is. The micro sign and the Greek letter look the same.
    const UNITS: [(&str, u64); 8] = [
        ("ns", 1),
        ("us", 1_000),
        ("µs", 1_000),
        ("μs", 1_000),
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
    ];
    UNITS.iter().find_map(|(name, nanoseconds)| Some((*nanoseconds, text.strip_prefix(name)?)))
}

/// Whole nanoseconds of a decimal fraction of a unit.
fn part_of(fraction: &str, unit: u64) -> Option<u64> {
    // Beyond eighteen digits not even an hour gets longer by a nanosecond.
    let digits = fraction.get(..18).unwrap_or(fraction);
    let value = if digits.is_empty() { 0 } else { digits.parse::<u128>().ok()? };
    let scale = 10_u128.checked_pow(u32::try_from(digits.len()).ok()?)?;
    u64::try_from(value * u128::from(unit) / scale).ok()
}

#[cfg(test)]
mod tests {
    use super::{lasting, parse, written};

    #[test]
    fn parts_add_up() {
        for (text, nanoseconds) in [
            ("30m", 1_800_000_000_000),
            ("1h30m", 5_400_000_000_000),
            ("1h29m60s", 5_400_000_000_000),
            ("1.5h", 5_400_000_000_000),
            (".5m", 30_000_000_000),
            ("1.h", 3_600_000_000_000),
            ("+1s", 1_000_000_000),
            ("1s1s", 2_000_000_000),
            ("1ms1us1µs1μs1ns", 1_003_001),
            ("1m1ms", 60_001_000_000),
            ("0h1ns", 1),
            ("0.000000001s", 1),
            ("1.9999999999999999999999s", 1_999_999_999),
            ("0.1ns1ns", 1),
            ("007s", 7_000_000_000),
            ("0", 0),
            ("+0", 0),
            ("0s", 0),
            ("0.9ns", 0),
            ("9223372036854775807ns", i64::MAX),
            ("2562047h47m16.854775807s", i64::MAX),
        ] {
            assert_eq!(parse(text), Some(nanoseconds), "{text}");
            let negative = alloc::format!("-{}", text.trim_start_matches('+'));
            assert_eq!(parse(&negative), Some(-nanoseconds), "{negative}");
        }
    }

    #[test]
    fn everything_else_is_none() {
        for text in [
            "",
            " ",
            "+",
            "90",
            "1d",
            "1H",
            "1 h",
            "1h 30m",
            "h",
            ".h",
            ".",
            "1.5",
            "1..5h",
            "1,5h",
            "1e3s",
            "++1s",
            "+-1s",
            "-",
            "--1s",
            " 1s",
            "00",
            "-9223372036854775809ns",
            "1h-30m",
            "1m30",
            "1w",
            "1S",
            "1M",
            "１s",
            "1µ",
            "9223372036854775808ns",
            "2562047h47m16.854775808s",
            "99999999999999999999s",
            "18446744073709551615h",
            "1h\n1m",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn one_duration_has_one_spelling() {
        for (text, spelled) in [
            ("720h", "720h0m0s"),
            ("90m", "1h30m0s"),
            ("150.5s", "2m30.5s"),
            ("60s", "1m0s"),
            ("1s1ns", "1.000000001s"),
            ("1500us", "1.5ms"),
            ("1001ns", "1.001µs"),
            ("7ns", "7ns"),
            ("0", "0s"),
            ("9223372036854775807ns", "2562047h47m16.854775807s"),
        ] {
            let nanoseconds = parse(text).unwrap_or_default().unsigned_abs();
            assert_eq!(written(nanoseconds), spelled, "{text}");
            assert_eq!(parse(spelled), parse(text));
        }
    }

    #[test]
    fn what_lasts_is_longer_than_nothing() {
        assert_eq!(lasting(" 1s\u{3000}"), Some(1_000_000_000));
        assert_eq!(parse("-9223372036854775808ns"), Some(i64::MIN));
        for text in ["", "0", "0s", "-1h", "0.9ns", "soon"] {
            assert_eq!(lasting(text), None, "{text}");
        }
    }
}
