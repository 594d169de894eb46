//! How long an approval holds, as people write it: `30m`, `1h30m`, `1.5h` (gate contract, 4.7).

/// Nanoseconds, more than none and below 2^63; `None` when the text says nothing of the kind.
pub(super) fn parse(text: &str) -> Option<u64> {
    let text = text.trim();
    let mut rest = text.strip_prefix('+').unwrap_or(text);
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
    (1..1 << 63).contains(&total).then_some(total)
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
    use super::parse;

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
            (" 1s\u{3000}", 1_000_000_000),
            ("1s1s", 2_000_000_000),
            ("1ms1us1µs1μs1ns", 1_003_001),
            ("1m1ms", 60_001_000_000),
            ("0h1ns", 1),
            ("0.000000001s", 1),
            ("1.9999999999999999999999s", 1_999_999_999),
            ("0.1ns1ns", 1),
            ("007s", 7_000_000_000),
            ("9223372036854775807ns", i64::MAX as u64),
            ("2562047h47m16.854775807s", i64::MAX as u64),
        ] {
            assert_eq!(parse(text), Some(nanoseconds), "{text}");
        }
    }

    #[test]
    fn everything_else_is_none() {
        for text in [
            "",
            " ",
            "+",
            "0",
            "0s",
            "90",
            "1d",
            "-1h",
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
            "1h-30m",
            "1m30",
            "0.9ns",
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
}
