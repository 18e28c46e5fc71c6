//! Header sections as forgers write them: what one reader of mails takes for a field, and another does not.
//!
//! A forgery changes one thing in the header section of a mail. It is chosen by three numbers, so that a property test
//! can shrink it and a seed can repeat it.

mod forms;

use crate::header::field;
use forms::{ADDRESSES, BLANK_LINES, BYTES, DATES, FIELDS, FORGED_ADDRESS, FORGED_DATE, NAMES};

/// One change to the header section of a mail. Any three numbers are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forgery {
    /// Which kind of change.
    pub kind: usize,
    /// Which one of this kind.
    pub which: usize,
    /// Where it is made: which field, or which byte.
    pub place: usize,
}

impl Forgery {
    /// The mail with this change; unchanged if it has no longer what would be changed.
    pub fn apply(self, mail: &[u8]) -> Vec<u8> {
        let Self { kind, which, place } = self;
        match kind % 8 {
            0..=2 => {
                let name = pick(&NAMES, place);
                let forged = if *name == "Date" { FORGED_DATE } else { FORGED_ADDRESS };
                rewritten(mail, name, |value| {
                    let field = pick(&FIELDS, which).replace("{n}", name).replace("{N}", &name.to_uppercase());
                    let field = field.replace("{1000}", &" x".repeat(500)).replace("{3000}", &" ".repeat(3000));
                    field.replace("{f}", forged).replace("{v}", value)
                })
            }
            3 | 4 => {
                let name = pick(&["From", "To"], place);
                rewritten(mail, name, |value| {
                    let own = value.rsplit_once('<').map_or(value, |(_, rest)| rest.trim_end().trim_end_matches('>'));
                    let value = pick(&ADDRESSES, which).replace("{f}", FORGED_ADDRESS).replace("{a}", own);
                    format!("{name}: {value}\r\n")
                })
            }
            5 => rewritten(mail, "Date", |_| format!("Date: {}\r\n", pick(&DATES, which))),
            6 => with_other_byte(mail, which, place),
            _ => without_blank_line(mail, which),
        }
    }
}

/// Every forgery of the lists above, each once for every field that it can change.
pub fn listed_forgeries() -> impl Iterator<Item = Forgery> {
    let of_kind = |kind, forms: usize, places: usize| {
        (0..forms * places).map(move |at| Forgery { kind, which: at / places, place: at % places })
    };
    let fields = of_kind(0, FIELDS.len(), NAMES.len()).chain(of_kind(3, ADDRESSES.len(), 2));
    fields.chain(of_kind(5, DATES.len(), 1)).chain(of_kind(7, BLANK_LINES.len(), 1))
}

/// Forgeries that follow from a seed: as many pseudo-random numbers as are asked for (`SplitMix64`).
pub fn forgeries(seed: u64) -> impl Iterator<Item = Forgery> {
    let mut state = seed;
    let mut next = move || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) >> 33).unwrap_or_default()
    };
    std::iter::repeat_with(move || Forgery { kind: next(), which: next(), place: next() })
}

/// One of a list that is not empty.
fn pick<'l>(list: &'l [&'static str], at: usize) -> &'l &'static str {
    list.get(at % list.len().max(1)).unwrap_or(&"")
}

/// The mail with its topmost field of this name written again from its value.
fn rewritten(mail: &[u8], name: &str, write: impl FnOnce(&str) -> String) -> Vec<u8> {
    let Ok(place) = field(mail, name) else { return mail.to_vec() };
    let text = String::from_utf8_lossy(mail.get(place.clone()).unwrap_or_default()).into_owned();
    let value = text.split_once(':').map_or("", |(_, value)| value).trim();
    let mut forged = mail.to_vec();
    forged.splice(place, write(value).into_bytes());
    forged
}

/// The mail with one byte of its header section replaced, removed, or another put before it.
fn with_other_byte(mail: &[u8], which: usize, place: usize) -> Vec<u8> {
    // Most bytes of a header section decide nothing; those of these fields do.
    let fields: Vec<usize> = NAMES.iter().filter_map(|name| field(mail, name).ok()).flatten().collect();
    let Some(&at) = fields.get(place % fields.len().max(1)) else { return mail.to_vec() };
    let byte = BYTES.get(which % BYTES.len()).copied();
    let mut forged = mail.to_vec();
    match which / BYTES.len() % 3 {
        0 => drop(forged.splice(at..=at, byte)),
        1 => drop(forged.splice(at..=at, None)),
        _ => drop(forged.splice(at..at, byte)),
    }
    forged
}

/// The mail with something else than a blank line between its header section and its body.
fn without_blank_line(mail: &[u8], which: usize) -> Vec<u8> {
    let Some(at) = mail.windows(4).position(|window| window == b"\r\n\r\n") else { return mail.to_vec() };
    let mut forged = mail.to_vec();
    forged.splice(at..at + 4, pick(&BLANK_LINES, which).bytes());
    forged
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: &[u8] = b"X: y\r\nFrom: A <a@arlo.com>\r\nTo: me@gmail.com\r\nDate: now\r\n\r\nbody\r\n";

    fn forged(kind: usize, which: &str, list: &[&str], place: usize) -> String {
        let which = list.iter().position(|own| *own == which).unwrap();
        String::from_utf8(Forgery { kind, which, place }.apply(MAIL)).unwrap()
    }

    #[test]
    fn a_forgery_changes_one_field() {
        assert_eq!(
            forged(0, "{n}: {v}\r\n{N}: {f}\r\n", &FIELDS, 0),
            "X: y\r\nFrom: A <a@arlo.com>\r\nFROM: evil@evil.example\r\nTo: me@gmail.com\r\nDate: now\r\n\r\nbody\r\n"
        );
        assert_eq!(
            forged(3, "{f}, {a}", &ADDRESSES, 0),
            "X: y\r\nFrom: evil@evil.example, a@arlo.com\r\nTo: me@gmail.com\r\nDate: now\r\n\r\nbody\r\n"
        );
        assert_eq!(
            forged(5, "2026-11-21T20:01:10Z", &DATES, 0),
            "X: y\r\nFrom: A <a@arlo.com>\r\nTo: me@gmail.com\r\nDate: 2026-11-21T20:01:10Z\r\n\r\nbody\r\n"
        );
    }

    #[test]
    fn bytes_change_in_fields_that_decide_something() {
        let at = |which, place| String::from_utf8_lossy(&Forgery { kind: 6, which, place }.apply(MAIL)).into_owned();
        assert!(at(0, 0).starts_with("X: y\r\n\rrom: A"));
        assert!(at(BYTES.len(), 0).starts_with("X: y\r\nrom: A"));
        assert!(at(2 * BYTES.len(), 0).starts_with("X: y\r\n\rFrom: A"));
    }

    #[test]
    fn every_listed_forgery_is_made() {
        let mails: Vec<_> = listed_forgeries().map(|forgery| forgery.apply(MAIL)).collect();
        assert_eq!(mails.len(), FIELDS.len() * 3 + ADDRESSES.len() * 2 + DATES.len() + BLANK_LINES.len());
        // An address alone is what To has already.
        assert_eq!(mails.iter().filter(|mail| **mail == MAIL).count(), 1);
    }

    #[test]
    fn any_numbers_are_a_forgery_of_any_bytes() {
        for forgery in forgeries(1).take(10_000) {
            assert!(!forgery.apply(MAIL).is_empty());
            assert_eq!(forgery.apply(b""), b"");
        }
        assert_eq!(forgeries(1).take(3).collect::<Vec<_>>(), forgeries(1).take(3).collect::<Vec<_>>());
        assert_ne!(forgeries(1).next(), forgeries(2).next());
    }
}
