//! Points in time as image configs write them: RFC 3339, in UTC where bantam writes them.

use crate::{Error, Result};

const DAY: i64 = 86_400;

/// The last second of the year 9999, beyond which RFC 3339 has no notation.
const LATEST: i64 = 253_402_300_799;

/// The value of `SOURCE_DATE_EPOCH`: seconds since 1970 in decimal
/// (<https://reproducible-builds.org/specs/source-date-epoch/>).
///
/// # Errors
/// If it is anything else, or later than the year 9999.
pub fn parse_source_date_epoch(text: &str) -> Result<i64> {
    let seconds = text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    seconds.filter(|&seconds| seconds <= LATEST).ok_or_else(|| {
        Error::Usage(format!("SOURCE_DATE_EPOCH is {text:?}: give it a number of seconds since 1970, or unset it"))
    })
}

/// When the image with this config is said to be made, in seconds since 1970, rounded down: no later than
/// `epoch`, the value of `SOURCE_DATE_EPOCH`. None if neither says.
pub fn creation_time(config: &serde_json::Value, epoch: Option<i64>) -> Option<i64> {
    let created = config.get("created").and_then(serde_json::Value::as_str).and_then(parse).map(|time| time.0);
    let created = created.filter(|seconds| (0..=LATEST).contains(seconds));
    match (created, epoch) {
        (Some(created), Some(epoch)) => Some(created.min(epoch)),
        (created, epoch) => created.or(epoch),
    }
}

/// `seconds` since 1970 as `YYYY-MM-DDTHH:MM:SSZ`.
pub(crate) fn format(seconds: i64) -> String {
    let (days, time) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", time / 3600, time / 60 % 60, time % 60)
}

/// Whether the RFC 3339 time `text` is after `seconds` since 1970. What cannot be read is not.
pub(super) fn is_after(text: &str, seconds: i64) -> bool {
    parse(text).is_some_and(|time| time > (seconds, false))
}

/// Seconds since 1970, and whether there is a fraction of a second on top.
fn parse(text: &str) -> Option<(i64, bool)> {
    let number = |from: usize, to: usize| -> Option<i64> {
        let digits = text.get(from..to)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
    };
    let days = days(number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let time = number(11, 13)? * 3600 + number(14, 16)? * 60 + number(17, 19)?;
    let rest = text.get(19..)?;
    let zone_at = rest.find(['Z', 'z', '+', '-'])?;
    let (fraction, zone) = rest.split_at(zone_at);
    let offset = match zone.as_bytes().first()? {
        b'Z' | b'z' => 0,
        sign => {
            let at = 19 + zone_at;
            let minutes = number(at + 1, at + 3)? * 60 + number(at + 4, at + 6)?;
            60 * if *sign == b'-' { -minutes } else { minutes }
        }
    };
    Some((days * DAY + time - offset, fraction.bytes().any(|b| matches!(b, b'1'..=b'9'))))
}

/// Days from 1970-01-01 to a date of the Gregorian calendar, counted in years that begin in March, so that
/// the leap day is a year's last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let shifted = (month + 9) % 12;
    let year = year - i64::from(month <= 2);
    365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + (153 * shifted + 2) / 5 + day
        - 1
        - 719_468
}

/// The reverse of [`days`].
fn civil(since_1970: i64) -> (i64, i64, i64) {
    // The estimate is at most a year too high.
    let mut year = 1970 + since_1970.div_euclid(365);
    while days(year, 3, 1) > since_1970 {
        year -= 1;
    }
    while days(year + 1, 3, 1) <= since_1970 {
        year += 1;
    }
    let day_of_year = since_1970 - days(year, 3, 1);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = (shifted + 2) % 12 + 1;
    (year + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_times_are_written_and_read_back() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_800, "2000-03-01T00:00:00Z"),
            (1_735_689_599, "2024-12-31T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (-62_135_596_800, "0001-01-01T00:00:00Z"),
            (LATEST, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(format(seconds), text);
            assert_eq!(parse(text), Some((seconds, false)), "{text}");
        }
    }

    #[test]
    fn comparison_sees_fractions_and_zones() {
        assert!(is_after("1970-01-01T00:00:10.001Z", 10));
        assert!(!is_after("1970-01-01T00:00:10.000Z", 10));
        assert!(!is_after("1970-01-01T01:00:10+01:00", 10));
        assert!(is_after("1969-12-31T23:00:11.5-01:00", 10));
        assert!(!is_after("soon", 10));
    }

    #[test]
    fn an_image_is_as_old_as_its_config_says_or_the_epoch_allows() {
        let config = serde_json::json!({"created": "1970-01-01T00:00:10.5Z"});
        assert_eq!(creation_time(&config, None), Some(10));
        assert_eq!(creation_time(&config, Some(7)), Some(7));
        assert_eq!(creation_time(&config, Some(70)), Some(10));
        assert_eq!(creation_time(&serde_json::json!({"created": "0001-01-01T00:00:00Z"}), None), None);
        assert_eq!(creation_time(&serde_json::json!({}), Some(7)), Some(7));
    }

    #[test]
    fn the_epoch_is_a_plain_number() {
        assert_eq!(parse_source_date_epoch("1700000000").unwrap(), 1_700_000_000);
        for bad in ["", "-1", "+1", "1.5", "99999999999999", "now"] {
            assert!(parse_source_date_epoch(bad).is_err(), "{bad}");
        }
    }
}
