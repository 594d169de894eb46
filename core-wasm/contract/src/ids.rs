//! Values with a form of their own that every artifact shares.

use alloc::string::{String, ToString};
use core::fmt;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The zero time, which counts as absent (runpack contract, section 5).
pub const ZERO_TIME: &str = "0001-01-01T00:00:00Z";

/// An RFC 3339 time in the one spelling that artifacts use (runpack contract, section 5): the offset as given,
/// offset zero as `Z`, at most nine fraction digits, none of them a trailing zero.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(String);

/// The text is no time that artifacts may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeError;

impl Timestamp {
    /// Reads RFC 3339 with upper-case `T` and a zone, real calendar dates, seconds 00–59, offsets up to 23:59.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        let parts = Parts::read(text).ok_or(TimeError)?;
        Ok(if parts.is_zero_instant() {
            Self::default()
        } else if parts.is_printed_as(text) {
            Self(text.to_string())
        } else {
            Self(parts.print())
        })
    }

    /// The spelling artifacts use.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True for the zero time, which counts as absent.
    pub fn is_zero(&self) -> bool {
        self.0 == ZERO_TIME
    }

    /// The same instant with offset `Z`; an error where that lies outside the years 0000 to 9999.
    pub fn in_utc(&self) -> Result<Self, TimeError> {
        if self.0.ends_with('Z') {
            return Ok(self.clone());
        }
        let (seconds, nanos) = self.instant();
        Self::at(seconds, nanos)
    }

    /// The instant: whole seconds since 0000-03-01T00:00:00Z and the nanoseconds after them. Unlike the spelling,
    /// pairs of these order as time does.
    pub fn instant(&self) -> (i64, u32) {
        Parts::read(&self.0).map_or((0, 0), |parts| (parts.seconds(), parts.nanos))
    }

    /// This many nanoseconds later, in UTC; an error beyond the year 9999.
    pub fn later(&self, nanoseconds: u64) -> Result<Self, TimeError> {
        let (seconds, nanos) = self.instant();
        let sum = u64::from(nanos) + nanoseconds % SECOND;
        let whole = i64::try_from(nanoseconds / SECOND + sum / SECOND).map_err(|_| TimeError)?;
        Self::at(seconds + whole, u32::try_from(sum % SECOND).map_err(|_| TimeError)?)
    }

    /// This many nanoseconds earlier, in UTC; an error before the year 0000.
    pub fn earlier(&self, nanoseconds: u64) -> Result<Self, TimeError> {
        let (seconds, nanos) = self.instant();
        let whole = i64::try_from(nanoseconds / SECOND).map_err(|_| TimeError)?;
        let (nanos, rest) = (u64::from(nanos), nanoseconds % SECOND);
        let (borrowed, nanos) = if nanos < rest { (1, nanos + SECOND - rest) } else { (0, nanos - rest) };
        Self::at(seconds - whole - borrowed, u32::try_from(nanos).map_err(|_| TimeError)?)
    }

    /// The start of the bucket of so many seconds (a divisor of a day) that the instant lies in, in UTC: 60 for its
    /// minute, 3,600 for its hour (gate contract, 4.5).
    pub fn bucket(&self, seconds: i64) -> Result<Self, TimeError> {
        let (instant, _) = self.instant();
        Self::at(instant - instant.rem_euclid(seconds.max(1)), 0)
    }

    /// The time in UTC at an instant.
    fn at(seconds: i64, nanos: u32) -> Result<Self, TimeError> {
        let parts = Parts::of_instant(seconds, nanos);
        if (0..=9_999).contains(&parts.year) { Ok(Self(parts.print())) } else { Err(TimeError) }
    }
}

/// Nanoseconds.
const SECOND: u64 = 1_000_000_000;

impl Default for Timestamp {
    fn default() -> Self {
        Self(ZERO_TIME.to_string())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Time;
        impl<'de> Visitor<'de> for Time {
            type Value = Timestamp;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an RFC 3339 time")
            }
            fn visit_none<E: Error>(self) -> Result<Timestamp, E> {
                Ok(Timestamp::default())
            }
            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Timestamp, D::Error> {
                deserializer.deserialize_str(self)
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Timestamp, E> {
                Timestamp::parse(text).map_err(|_| E::custom(format_args!("`{text}` is not an RFC 3339 time")))
            }
        }
        // An option, because `null` counts as absent while `""` is a malformed time.
        deserializer.deserialize_option(Time)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Timestamp {
    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "Timestamp".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date-time" })
    }
}

/// A time taken apart.
struct Parts {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    nanos: u32,
    offset_minutes: i64,
}

impl Parts {
    fn read(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let number = |from: usize, digits: usize| -> Option<i64> {
            bytes
                .get(from..from + digits)?
                .iter()
                .try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + i64::from(byte - b'0')))
        };
        let is = |at: usize, byte: u8| (bytes.get(at) == Some(&byte)).then_some(());
        is(4, b'-')?;
        is(7, b'-')?;
        is(10, b'T')?;
        is(13, b':')?;
        is(16, b':')?;
        let (year, month, day) = (number(0, 4)?, number(5, 2)?, number(8, 2)?);
        let (hour, minute, second) = (number(11, 2)?, number(14, 2)?, number(17, 2)?);
        if !(1..=12).contains(&month)
            || !(1..=days_in(year, month)).contains(&day)
            || hour > 23
            || minute > 59
            || second > 59
        {
            return None;
        }
        let mut at = 19;
        let mut nanos = 0;
        if is(at, b'.').is_some() {
            let digits = bytes.get(20..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let kept = digits.min(9);
            if digits == 0 {
                return None;
            }
            let value = u32::try_from(number(20, kept)?).ok()?;
            nanos = value * 10_u32.pow(9 - u32::try_from(kept).ok()?);
            at = 20 + digits;
        }
        let (offset_minutes, end) = match bytes.get(at)? {
            b'Z' => (0, at + 1),
            sign @ (b'+' | b'-') => {
                let (hours, minutes) = (number(at + 1, 2)?, number(at + 4, 2)?);
                is(at + 3, b':')?;
                if hours > 23 || minutes > 59 {
                    return None;
                }
                let total = hours * 60 + minutes;
                (if *sign == b'-' { -total } else { total }, at + 6)
            }
            _ => return None,
        };
        (end == bytes.len()).then_some(Self { year, month, day, hour, minute, second, nanos, offset_minutes })
    }

    fn print(&self) -> String {
        let mut text = alloc::format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            self.year,
            self.month,
            self.day,
            self.hour,
            self.minute,
            self.second
        );
        if self.nanos != 0 {
            let digits = alloc::format!(".{:09}", self.nanos);
            text.push_str(digits.trim_end_matches('0'));
        }
        if self.offset_minutes == 0 {
            text.push('Z');
        } else {
            let sign = if self.offset_minutes < 0 { '-' } else { '+' };
            let minutes = self.offset_minutes.abs();
            text.push_str(&alloc::format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60));
        }
        text
    }

    /// Seconds since 0000-03-01T00:00:00Z.
    fn seconds(&self) -> i64 {
        let days = days_before(self.year, self.month, self.day);
        ((days * 24 + self.hour) * 60 + self.minute - self.offset_minutes) * 60 + self.second
    }

    fn is_zero_instant(&self) -> bool {
        self.nanos == 0 && self.seconds() == days_before(1, 1, 1) * 86_400
    }

    fn of_instant(seconds: i64, nanos: u32) -> Self {
        let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = date_of(days);
        Self {
            year,
            month,
            day,
            hour: rest / 3_600,
            minute: rest / 60 % 60,
            second: rest % 60,
            nanos,
            offset_minutes: 0,
        }
    }

    /// Whether the text these parts were read from is how they are printed, for the usual case that it ends in `Z`.
    fn is_printed_as(&self, text: &str) -> bool {
        // `…T09:15:00Z`, or with at most nine digits of fraction of which the last is not zero.
        let no_fraction = text.len() == 20;
        text.ends_with('Z') && (no_fraction || (text.len() <= 30 && !text.ends_with("0Z")))
    }
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 0000-03-01 in the proleptic Gregorian calendar; years begin in March so that leap days come last.
fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year
}

fn date_of(days: i64) -> (i64, i64, i64) {
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[track_caller]
    fn prints(input: &str, output: &str) {
        assert_eq!(Timestamp::parse(input).map(|time| time.as_str().to_owned()), Ok(output.into()), "{input}");
    }

    extern crate std;
    use std::borrow::ToOwned;

    #[test]
    fn times_have_one_spelling() {
        prints("2026-03-11T09:15:00.250000000+05:30", "2026-03-11T09:15:00.25+05:30");
        prints("2026-03-11T00:00:00-00:00", "2026-03-11T00:00:00Z");
        prints("2026-03-11T00:00:00.1234567899999Z", "2026-03-11T00:00:00.123456789Z");
        prints("2026-03-11T00:00:00.000Z", "2026-03-11T00:00:00Z");
        prints("2026-03-11T00:00:00.100000000Z", "2026-03-11T00:00:00.1Z");
        prints("2026-03-11T00:00:00.000000001Z", "2026-03-11T00:00:00.000000001Z");
        prints("2026-03-11T00:00:00.0000000012Z", "2026-03-11T00:00:00.000000001Z");
        prints("2024-02-29T23:59:59+23:59", "2024-02-29T23:59:59+23:59");
        prints("0001-01-01T05:30:00+05:30", "0001-01-01T00:00:00Z");
        prints("0000-12-31T22:00:00-02:00", "0001-01-01T00:00:00Z");
        prints("0000-02-29T00:00:00Z", "0000-02-29T00:00:00Z");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "2026-03-11",
            "2026-03-11 09:15:00Z",
            "2026-03-11t09:15:00Z",
            "2026-03-11T09:15:00z",
            "2026-03-11T09:15:00",
            "2026-03-11T09:15:60Z",
            "2026-03-11T24:00:00Z",
            "2025-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "2026-03-11T9:15:00Z",
            "2026-03-11T09:15:00,5Z",
            "2026-03-11T09:15:00.Z",
            "2026-03-11T09:15:00+24:00",
            "2026-03-11T09:15:00+05:60",
            "2026-03-11T09:15:00+0530",
            "2026-03-11T09:15:00Zx",
            "02026-03-11T09:15:00Z",
            "-026-03-11T09:15:00Z",
            "2026-03-11T09:15:00+é0:00",
        ] {
            assert!(Timestamp::parse(text).is_err(), "{text}");
        }
    }

    fn time(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap_or_else(|_| panic!("{text}"))
    }

    #[test]
    fn instants_order_as_time_does() {
        let same = |one: &str, other: &str| assert_eq!(time(one).instant(), time(other).instant());
        same("2026-03-11T09:15:00+05:30", "2026-03-11T03:45:00Z");
        same("2026-01-01T00:00:00.5-00:30", "2026-01-01T00:30:00.500000000Z");
        let before = |one: &str, other: &str| assert!(time(one).instant() < time(other).instant());
        before("2026-03-11T09:15:00Z", "2026-03-11T09:15:00.000000001Z");
        before("2026-03-11T09:15:00.9Z", "2026-03-11T09:15:01Z");
        before("2026-03-11T09:15:00+01:00", "2026-03-11T09:14:00Z");
        before("2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z");
        assert_eq!(Timestamp::default().instant(), time("0001-01-01T00:00:00Z").instant());
    }

    #[test]
    fn durations_are_added_to_the_nanosecond() {
        let later = |text: &str, nanos: u64| time(text).later(nanos).map(|time| time.as_str().to_owned());
        assert_eq!(later("2026-03-11T09:15:00Z", 0), Ok("2026-03-11T09:15:00Z".into()));
        assert_eq!(later("2026-02-28T23:59:59.999999999Z", 1), Ok("2026-03-01T00:00:00Z".into()));
        assert_eq!(later("2026-03-11T09:15:00.25+01:00", 1_800_500_000_000), Ok("2026-03-11T08:45:00.75Z".into()));
        assert_eq!(later("2026-03-11T09:15:00Z", i64::MAX as u64), Ok("2318-06-21T09:02:16.854775807Z".into()));
        assert_eq!(later("9999-12-31T23:59:59Z", 999_999_999), Ok("9999-12-31T23:59:59.999999999Z".into()));
        assert!(later("9999-12-31T23:59:59Z", 1_000_000_000).is_err());
        assert!(later("2026-03-11T09:15:00Z", u64::MAX).is_ok());
        assert!(later("9999-12-31T23:59:59.999999999Z", u64::MAX).is_err());
    }

    #[test]
    fn what_is_taken_away_comes_back() {
        let earlier = |text: &str, nanos: u64| time(text).earlier(nanos).map(|time| time.as_str().to_owned());
        assert_eq!(earlier("2026-03-01T00:00:00Z", 1), Ok("2026-02-28T23:59:59.999999999Z".into()));
        assert_eq!(earlier("2026-06-05T14:00:00.5+02:00", 750_000_000), Ok("2026-06-05T11:59:59.75Z".into()));
        assert_eq!(earlier("2026-06-05T12:00:00Z", 0), Ok("2026-06-05T12:00:00Z".into()));
        assert!(earlier("0000-01-01T00:00:00Z", 1).is_err());
        for nanos in [1, 999_999_999, 1_000_000_000, i64::MAX as u64] {
            let there = time("2026-03-11T09:15:00.25Z").earlier(nanos).and_then(|time| time.later(nanos));
            assert_eq!(there, Ok(time("2026-03-11T09:15:00.25Z")), "{nanos}");
        }
    }

    #[test]
    fn buckets_begin_at_full_minutes_and_hours() {
        let bucket = |text: &str, seconds| time(text).bucket(seconds).map(|time| time.as_str().to_owned());
        assert_eq!(bucket("2026-03-11T09:15:59.9Z", 60), Ok("2026-03-11T09:15:00Z".into()));
        assert_eq!(bucket("2026-03-11T09:15:59.9Z", 3_600), Ok("2026-03-11T09:00:00Z".into()));
        assert_eq!(bucket("2026-03-11T09:15:59.9Z", 1), Ok("2026-03-11T09:15:59Z".into()));
        assert_eq!(bucket("2026-03-11T09:15:59+05:45", 3_600), Ok("2026-03-11T03:00:00Z".into()));
        assert_eq!(bucket("2026-01-01T00:15:00+00:30", 3_600), Ok("2025-12-31T23:00:00Z".into()));
        assert_eq!(bucket("0000-01-01T00:00:30Z", 60), Ok("0000-01-01T00:00:00Z".into()));
        assert!(bucket("9999-12-31T23:59:59-23:59", 60).is_err());
    }

    #[test]
    fn utc_crosses_days_months_and_years() {
        let utc = |text: &str| Timestamp::parse(text).and_then(|time| Ok(time.in_utc()?.as_str().to_owned()));
        assert!(utc("9999-12-31T23:59:59-23:59").is_err());
        assert!(utc("0000-01-01T00:00:00+01:00").is_err());
        assert_eq!(utc("2026-01-01T01:00:00+05:30"), Ok("2025-12-31T19:30:00Z".into()));
        assert_eq!(utc("2024-02-28T23:30:00.5-01:00"), Ok("2024-02-29T00:30:00.5Z".into()));
        assert_eq!(utc("2026-02-05T00:00:00Z"), Ok("2026-02-05T00:00:00Z".into()));
    }
}
