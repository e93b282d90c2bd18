//! When to try again: a few times, after longer and longer pauses, or when the other side says.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How often something is tried in all.
const TRIES: u32 = 6;
/// The longest pause that is one's own idea.
const LONGEST: Duration = Duration::from_secs(30);
/// The longest pause that the other side can ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(120);

/// How much patience is left.
#[derive(Clone, Debug)]
pub struct Patience {
    first: Duration,
    tried: u32,
}

impl Patience {
    /// With a first pause of this length; each is twice as long as the one before.
    pub fn new(first: Duration) -> Self {
        Self { first, tried: 0 }
    }

    /// Waits for the next try; false at once if there is none.
    pub fn wait(&mut self, asked: Option<Duration>) -> bool {
        let Some(pause) = self.pause(asked) else { return false };
        std::thread::sleep(pause);
        true
    }

    /// Something went well: patience is as at first.
    pub fn restore(&mut self) {
        self.tried = 0;
    }

    fn pause(&mut self, asked: Option<Duration>) -> Option<Duration> {
        self.tried += 1;
        if self.tried >= TRIES || asked.is_some_and(|asked| asked > LONGEST_ASKED) {
            return None;
        }
        let own = self.first.saturating_mul(1 << (self.tried - 1)).min(LONGEST);
        Some(asked.map_or(own, |asked| asked.max(own)))
    }
}

/// What a `Retry-After` header asks for: seconds or a date (RFC 9110 section 10.2.3).
pub fn retry_after(value: &str) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let then = date(value.trim())?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    Some(Duration::from_secs(then).saturating_sub(now))
}

/// `Sun, 06 Nov 1994 08:49:37 GMT` in seconds since 1970 (RFC 9110 section 5.6.7).
fn date(text: &str) -> Option<u64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let [_, day, month, year, time, "GMT"] = text.split(' ').collect::<Vec<_>>()[..] else { return None };
    let month = MONTHS.iter().position(|name| *name == month)? as u64 + 1;
    let (day, year): (u64, u64) = (day.parse().ok()?, year.parse().ok()?);
    let clock: Vec<u64> = time.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let [hours, minutes, seconds] = clock[..] else { return None };
    if !(1970..=9999).contains(&year) || !(1..=31).contains(&day) || hours > 23 || minutes > 59 || seconds > 60 {
        return None;
    }
    // Days since the first of March of the year 0, in years that begin with March.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    Some((days - 719_468) * 86_400 + hours * 3600 + minutes * 60 + seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end() {
        let mut patience = Patience::new(Duration::from_secs(1));
        let pauses: Vec<_> = std::iter::from_fn(|| patience.pause(None)).map(|pause| pause.as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16]);
        patience.restore();
        assert_eq!(patience.pause(Some(Duration::from_secs(60))).unwrap().as_secs(), 60);
        assert_eq!(patience.pause(Some(Duration::from_secs(1))).unwrap().as_secs(), 2, "not sooner than by itself");
        assert_eq!(patience.pause(Some(Duration::from_secs(600))), None, "who asks for too much waits in vain");
    }

    #[test]
    fn dates_are_read() {
        assert_eq!(date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(date("Thu, 29 Feb 2024 00:00:00 GMT"), Some(1_709_164_800));
        for bad in [
            "",
            "tomorrow",
            "Sun, 06 Nov 1994 08:49 GMT",
            "Sun, 6 Foo 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 CET",
        ] {
            assert_eq!(date(bad), None, "{bad}");
        }
        assert_eq!(retry_after("7"), Some(Duration::from_secs(7)));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::ZERO));
    }
}
