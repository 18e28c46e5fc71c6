//! The Date field (RFC 5322 section 3.3).

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

/// The moment that a Date field names. Returns `None` if it names none.
///
/// Obsolete zone names are read as section 4.3 says: the North American ones by their offset, all others as UTC. A year of
/// three digits, a date before 1970, a blank beside a colon and an offset of a day or more are no date: readers disagree
/// about them, and nobody writes them.
pub(super) fn date(value: &[u8]) -> Option<Timestamp> {
    // Weekdays in Date fields are wrong more often than the rest of the date, and decide nothing.
    static PARSER: DateTimeParser = DateTimeParser::new().relaxed_weekday(true);
    let text = str::from_utf8(value).ok()?.trim();
    let date = text.split('(').next().unwrap_or_default().trim_end();
    let parsed = PARSER.parse_zoned(text).or_else(|_| PARSER.parse_zoned(date));
    let moment = parsed.or_else(|_| PARSER.parse_zoned(in_utc(date))).ok()?;
    let is_odd = |word: &str| {
        word.len() == 3 && word.parse::<u16>().is_ok() || word.trim_matches(':') != word || begins_like_a_zone(word)
    };
    let is_read_alike = !date.split_ascii_whitespace().any(is_odd) && moment.offset().seconds().abs() < 24 * 60 * 60;
    Some(moment.timestamp()).filter(|&at| is_read_alike && at >= Timestamp::UNIX_EPOCH)
}

/// The zones of North America (RFC 5322 section 4.3).
const NORTH_AMERICAN: [&str; 8] = ["EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT"];

/// Whether a word only begins like a zone of North America: some readers take the beginning, others the whole word.
fn begins_like_a_zone(word: &str) -> bool {
    let begins = |name: &&str| word.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    NORTH_AMERICAN.iter().find(|name| begins(name)).is_some_and(|name| word.len() > name.len())
}

/// A date with a zone that the parser does not know, as the same date in UTC. Any other text stays as it is.
fn in_utc(date: &str) -> String {
    match date.rsplit_once([' ', '\t', '\n']) {
        Some((rest, zone)) if zone.starts_with(|c: char| c.is_ascii_alphabetic()) => format!("{rest} +0000"),
        _ => date.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_as_rfc_5322_says() {
        let expected = "2026-11-21T20:01:10Z";
        for value in [
            " Sat, 21 Nov 2026 20:01:10 +0000\r\n",
            " 21 Nov 2026 20:01:10 +0000",
            " Sat, 21 Nov 2026 12:01:10 -0800 (PST)\r\n",
            " Sat, 21 Nov 2026\r\n 20:01:10 GMT\r\n",
            " Sat, 21 Nov 2026 20:01:10 Z\r\n",
            " Sat, 21 Nov 2026 20:01:10 UT",
            " Sat, 21 Nov 2026 15:01:10 EST",
            " Sat, 21 Nov 2026 20:01:10 WEST",
            " Sat, 21 Nov 2026 20:01:10 UTC (Coordinated Universal Time)",
            " Mon, 21 Nov 2026 20:01:10 +0000",
            " Sat, 21 Nov 2026 20:01:10 J",
            " Sat, 21 Nov 2026 20:01:10 XY",
            " Sat, 21 Nov 2026 20:01:10 Etc/Unknown",
            " Sat, 21 Nov 2026 20:01:10 UTC+x (none)",
            " Sat, 21 Nov 26 20:01:10 +0000",
            " Sat, 21 Nov 2026 12:01:10 PST (x) +0000",
        ] {
            assert_eq!(date(value.as_bytes()).map(|at| at.to_string()).as_deref(), Some(expected), "{value}");
        }
    }

    #[test]
    fn anything_else_is_no_date() {
        for value in [
            "",
            " soon",
            " GMT",
            " Sat, 21 Nov 99999 20:01:10 +0000",
            " 2026-11-21T20:01:10Z",
            " Sat, 21 Nov",
            " Sat, 21 Nov 126 20:01:10 +0000",
            " Sat, 21 Nov 0026 20:01:10 +0000",
            " Sat, 21 Nov 50 20:01:10 +0000",
            " Sat, 21 Nov 2026 20:01:10 +2400",
            " Sat, 21 Nov 2026 20:01 :10 +0000",
            " Sat, 21 Nov 2026 20:01:10 PST`(x) +0000",
            " Sat, 21 Nov 2026 20:01:10 ESTX",
        ] {
            assert_eq!(date(value.as_bytes()), None, "{value}");
        }
    }
}
