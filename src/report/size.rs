//! Sizes as people read and write them.

use std::fmt;
use std::str::FromStr;

use humansize::{DECIMAL, FormatSizeOptions};

use crate::Error;

/// Bytes in decimal units with one decimal, as container engines print them: `1.6 GB`.
pub fn human(bytes: u64) -> String {
    let places = usize::from(bytes >= 1000);
    humansize::format_size(bytes, FormatSizeOptions::from(DECIMAL).decimal_places(places).decimal_zeroes(places))
}

/// The same for a difference.
pub fn human_signed(bytes: i64) -> String {
    let sign = if bytes < 0 { "-" } else { "" };
    format!("{sign}{}", human(bytes.unsigned_abs()))
}

/// A part of a whole in percent, one decimal.
pub fn percent(part: i64, whole: u64) -> String {
    if whole == 0 {
        return "0.0%".into();
    }
    format!("{:.1}%", part as f64 * 100.0 / whole as f64)
}

/// How much may be removable before a pipeline fails.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// So many percent of the original.
    Percent(f64),
    /// So many bytes.
    Bytes(u64),
}

impl Limit {
    /// Whether `removed` of `original` bytes are more than that.
    pub fn is_exceeded(self, removed: u64, original: u64) -> bool {
        match self {
            Self::Percent(limit) => removed as f64 * 100.0 > limit * original as f64,
            Self::Bytes(limit) => removed > limit,
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Percent(percent) => write!(f, "{percent}%"),
            Self::Bytes(bytes) => f.write_str(&human(*bytes)),
        }
    }
}

impl FromStr for Limit {
    type Err = Error;

    /// `20%`, `50MB` (decimal), `50MiB` (binary), `1000` (bytes).
    fn from_str(text: &str) -> Result<Self, Error> {
        let share = text.strip_suffix('%').map(|number| number.trim_end().parse().ok().map(Self::Percent));
        share
            .unwrap_or_else(|| bytes(text).map(Self::Bytes))
            .filter(|_| text.starts_with(|c: char| c.is_ascii_digit() || c == '.'))
            .ok_or_else(|| Error::Usage(format!("{text:?} is neither a share (20%) nor a size (50MB, 48MiB, 1000)")))
    }
}

/// A size in bytes: `50MB` (decimal), `48MiB` (binary), `1000`.
///
/// # Errors
/// If it is none.
pub fn parse_size(text: &str) -> Result<u64, Error> {
    bytes(text).ok_or_else(|| Error::Usage(format!("{text:?} is no size (50MB, 48MiB, 1000)")))
}

fn bytes(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: f64 = number.parse().ok()?;
    let factor = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "kb" => 1e3,
        "m" | "mb" => 1e6,
        "g" | "gb" => 1e9,
        "t" | "tb" => 1e12,
        "kib" => 1024.0,
        "mib" => 1024.0 * 1024.0,
        "gib" => 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    Some((number * factor) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_as_engines_print_them() {
        assert_eq!(human(0), "0 B");
        assert_eq!(human(999), "999 B");
        assert_eq!(human(1000), "1.0 kB");
        assert_eq!(human(800_000), "800.0 kB");
        assert_eq!(human(1_628_929_552), "1.6 GB");
        assert_eq!(human(431_800), "431.8 kB");
        assert_eq!(human_signed(-1500), "-1.5 kB");
        assert_eq!(percent(1, 3), "33.3%");
        assert_eq!(percent(0, 0), "0.0%");
    }

    #[test]
    fn limits_are_shares_or_sizes() {
        let limit = |text: &str| text.parse::<Limit>();
        assert_eq!(limit("20%").unwrap(), Limit::Percent(20.0));
        assert_eq!(limit("50MB").unwrap(), Limit::Bytes(50_000_000));
        assert_eq!(limit("1.5 KiB").unwrap(), Limit::Bytes(1536));
        assert_eq!(limit("7").unwrap(), Limit::Bytes(7));
        for bad in ["", "%", "MB", "-5%", "5 apples", "1.2.3", "inf%", "nan"] {
            assert!(limit(bad).is_err(), "{bad}");
            assert!(parse_size(bad).is_err(), "{bad}");
        }
        assert_eq!(parse_size("1.5 KiB").unwrap(), 1536);
        assert!(parse_size("20%").is_err());
        assert!(Limit::Percent(20.0).is_exceeded(21, 100) && !Limit::Percent(20.0).is_exceeded(20, 100));
        assert!(Limit::Bytes(20).is_exceeded(21, 100) && !Limit::Bytes(20).is_exceeded(20, 100));
    }
}
