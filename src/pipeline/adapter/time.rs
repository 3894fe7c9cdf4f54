//! A moment as RFC 3339 writes it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

const DAY: u64 = 24 * 60 * 60;

/// `at` plus `seconds`, in UTC to the microsecond: `2026-11-21T15:04:05.000250Z`. `None` if that is no moment a clock
/// can show.
pub(crate) fn after(at: SystemTime, seconds: f64) -> Option<String> {
    let later = Duration::try_from_secs_f64(seconds).ok()?;
    let since = at.checked_add(later)?.duration_since(UNIX_EPOCH).ok()?;
    let (year, month, day) = date(since.as_secs() / DAY);
    let second = since.as_secs() % DAY;
    let (hour, minute, second, micros) = (second / 3600, second / 60 % 60, second % 60, since.subsec_micros());
    (year <= 9999).then(|| format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z"))
}

/// Year, month and day, so many days after the first of January 1970.
///
/// Counted from the first of March of the year 0, so that a leap day is the last of its year (Howard Hinnant, "Days to
/// civil").
fn date(days: u64) -> (u64, u64, u64) {
    const FROM_MARCH_OF_0: u64 = 719_468;
    const OF_400_YEARS: u64 = 146_097;
    let days = days.saturating_add(FROM_MARCH_OF_0);
    let (era, day) = (days / OF_400_YEARS, days % OF_400_YEARS);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let march_based = (5 * of_year + 2) / 153;
    let month = if march_based < 10 { march_based + 3 } else { march_based - 9 };
    let year = era * 400 + year + u64::from(month <= 2);
    (year, month, of_year - (153 * march_based + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        #[rustfmt::skip]
        let cases = [
            (0,             0.0,     "1970-01-01T00:00:00.000000Z"),
            (951_782_399,   1.0,     "2000-02-29T00:00:00.000000Z"),
            (951_868_799,   1.5,     "2000-03-01T00:00:00.500000Z"),
            (1_709_164_800, 0.25,    "2024-02-29T00:00:00.250000Z"),
            (1_795_273_445, 0.0,     "2026-11-21T15:04:05.000000Z"),
            (4_107_542_399, 0.0,     "2100-02-28T23:59:59.000000Z"),
            (4_107_542_399, 1.0,     "2100-03-01T00:00:00.000000Z"),
        ];
        for (at, seconds, expected) in cases {
            let at = UNIX_EPOCH + Duration::from_secs(at);
            assert_eq!(after(at, seconds).as_deref(), Some(expected));
        }
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for seconds in [f64::NAN, f64::INFINITY, -1.0, 1e300, 1e12] {
            assert_eq!(after(UNIX_EPOCH, seconds), None, "{seconds}");
        }
        assert_eq!(after(UNIX_EPOCH - Duration::from_secs(9), 1.0), None);
    }
}
