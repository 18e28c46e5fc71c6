//! Header sections as forgers write them: what one reader of mails takes for a field, and another does not.
//!
//! A forgery changes one thing in the header section of a mail. It is chosen by three numbers, so that a property test
//! can shrink it and a seed can repeat it.

use crate::header::field;

/// The fields that say whose a mail is and when it was written.
const NAMES: [&str; 3] = ["From", "To", "Date"];

/// The address that a forgery would like to be read.
const FORGED_ADDRESS: &str = "evil@evil.example";

/// The date that a forgery would like to be read: an hour later than that of the corpus.
const FORGED_DATE: &str = "Sat, 21 Nov 2026 21:01:10 +0000";

/// A field and what is beside it. `{n}` is its name, `{v}` its value, and `{f}` the forged value.
const FIELDS: [&str; 84] = [
    // The name and its colon.
    "{n} : {v}\r\n",
    "{n}\t: {v}\r\n",
    ":{n}: {v}\r\n",
    " {n}: {v}\r\n",
    "{n}{v}\r\n",
    "{n}:{v}\r\n",
    "{n}::{v}\r\n",
    "{n}:{n}: {v}\r\n",
    "{n}\r\n : {v}\r\n",
    "{n}\r\n: {v}\r\n",
    "\u{feff}{n}: {v}\r\n",
    "{n}\u{a0}: {v}\r\n",
    "{n}\0: {v}\r\n",
    "{n};: {v}\r\n",
    // Line ends and blank lines.
    "{n}:\r\n {v}\r\n",
    "{n}:\r\n\t{v}\r\n",
    "{n}:\r\n{v}\r\n",
    "{n}: \r\n\r\n {v}\r\n",
    "{n}: {v}\n",
    "{n}: {v}\r",
    "{n}: {v}\r\r\n",
    "{n}: {v}\n\r",
    "{n}: {v}\r\n \r\n",
    "{n}: {v}\r\n\t\r\n",
    "{n}: {v}\r\n\r\n",
    "{n}: {v}\n\n",
    "{n}: {v}",
    "\r\n{n}: {v}\r\n",
    "\n{n}: {v}\r\n",
    " \r\n{n}: {v}\r\n",
    // The same field a second time.
    "{n}: {v}\r\n{n}: {f}\r\n",
    "{n}: {f}\r\n{n}: {v}\r\n",
    "{n}: {v}\r\n{N}: {f}\r\n",
    "{n}: {f}\r\n{N}: {v}\r\n",
    "{n}: {v}\r\n{n} : {f}\r\n",
    "{n} : {f}\r\n{n}: {v}\r\n",
    "{n}: {v}\r\n:{n}: {f}\r\n",
    "{n}: {v}\r\n {n}: {f}\r\n",
    "{n}: {v}\r{n}: {f}\r\n",
    "{n}: {f}\r{n}: {v}\r\n",
    "{n}: {v}\n{n}: {f}\r\n",
    "{n}: {v}\n\n{n}: {f}\r\n",
    "{n}: {v}\0{n}: {f}\r\n",
    "{n}: {v}\u{b}{n}: {f}\r\n",
    "{n}: {f}\u{b}{n}: {v}\r\n",
    "{n}: {v}\u{c}{n}: {f}\r\n",
    "{n}: {v}\u{1c}{n}: {f}\r\n",
    "{n}: {v}\u{7f}{n}: {f}\r\n",
    "{n}: {v}\u{85}{n}: {f}\r\n",
    "{n}: {v}\u{2028}{n}: {f}\r\n",
    "{n}: {v}\r\n{n}\0: {f}\r\n",
    "{n}: {v}\r\n\u{b}{n}: {f}\r\n",
    // The same field inside of another one.
    "X: y\r{n}: {f}\r\n{n}: {v}\r\n",
    "{n}: {v}\r\nX: y\r{n}: {f}\r\n",
    "X: y\r\r{n}: {f}\r\n{n}: {v}\r\n",
    "X: y\0{n}: {f}\r\n{n}: {v}\r\n",
    "X: y\u{b}{n}: {f}\r\n{n}: {v}\r\n",
    "X: y\u{c}{n}: {f}\r\n{n}: {v}\r\n",
    "X: y\u{85}{n}: {f}\r\n{n}: {v}\r\n",
    "X: y\r\n {n}: {f}\r\n{n}: {v}\r\n",
    "X: y\r\n\0{n}: {f}\r\n{n}: {v}\r\n",
    // Lines that are no field.
    "no colon\r\n{n}: {v}\r\n",
    "{n}: {v}\r\nno colon\r\n{n}: {f}\r\n",
    "--b\r\n{n}: {v}\r\n",
    "{n}: {f}\r\n--b\r\n{n}: {v}\r\n",
    "--b: x\r\n{n}: {v}\r\n",
    "From evil@evil.example Sat Nov 21 20:01:10 2026\r\n{n}: {v}\r\n",
    ">{n}: {f}\r\n{n}: {v}\r\n",
    // A field that could swallow the next one.
    "X: =?utf-8?q?\r\n{n}: {v}\r\n",
    "X: =?utf-8?q?a\r\n{n}: {f}?=\r\n{n}: {v}\r\n",
    "Subject: =?utf-8?q?\r\n{n}: {v}\r\n",
    "Cc: \"\r\n{n}: {v}\r\n",
    "Cc: <\r\n{n}: {v}\r\n",
    "Cc: (\r\n{n}: {v}\r\n",
    "X: \\\r\n{n}: {v}\r\n",
    "Message-ID: <\r\n{n}: {v}\r\n",
    "Resent-Date: Sat, 21 Nov 2026 20:01:10 Z\r\n{n}: {v}\r\n",
    // Fields with a name that is like it, and very long ones.
    "{n}: {v}\r\nResent-{n}: {f}\r\n",
    "{n}: {v}\r\nX-{n}: {f}\r\n",
    "{n}: {v}\r\n{n}2: {f}\r\n",
    "{n}: {v}\r\nSender: {f}\r\nReply-To: {f}\r\n",
    "{n}:{1000}{v}\r\n",
    "{n}:{3000}{v}\r\n",
    "X:{3000}\r\n{n}: {v}\r\n",
];

/// The value of a field with an address. `{a}` is that address, and `{f}` the forged one.
const ADDRESSES: [&str; 90] = [
    "{a}",
    "<{a}>",
    "Some One <{a}>",
    "{f} <{a}>",
    "{a} <{f}>",
    "\"{f}\" <{a}>",
    "\"{a}\" <{f}>",
    // Comments.
    "{a} ({f})",
    "({f}) {a}",
    "({a}) {f}",
    "{a} (a (b) c)",
    "{a} (",
    "(x <{a}>",
    "(\\) <{f}>) {a}",
    "(\\(<{a}>",
    "(\\) {a}",
    "x(@evil.example){a}",
    "{a}(.evil.example)",
    "{a} (\r\n {f})",
    // More than one.
    "{a}, {f}",
    "{f}, {a}",
    "{a}; {f}",
    "{a} {f}",
    "<{a}> <{f}>",
    "<{a}><{f}>",
    "<<{a}>>",
    "<<{f}> {a}>",
    "{a}, ",
    ", {a}",
    "{a}\\, {f}",
    "<> {a}",
    "{a} <>",
    "{a} x",
    "x {a}",
    "<{a}",
    "{a}>",
    "[{a}]",
    "",
    "<>",
    // Groups.
    "team: {a};",
    "team: {a}, {f};",
    "team: {f};, {a}",
    "team:;, {a}",
    "Undisclosed recipients:;",
    "{a}:{f};",
    // Quoted local parts and quoted names.
    "\"{a}\"@evil.example",
    "<\"{a}\"@evil.example>",
    "\"x\" <\"{a}>, <{f}\"@evil.example>",
    "\"x\"@arlo.com",
    "\"x\\\" <{f}> \" <{a}>",
    "\"x\\\" <{a}>",
    "x\\\" <{a}>",
    "\"x <{a}>",
    "\"x\r\n <{f}>\" <{a}>",
    "\\<{f}> <{a}>",
    // Routes and other old forms (RFC 5322 section 4.4).
    "<@evil.example:{a}>",
    "<@evil.example,@x.example:{a}>",
    "@evil.example:{a}",
    "<{a}@evil.example>",
    "{a}@evil.example",
    "{a}.evil.example",
    "{a}.",
    "{a}%evil.example",
    "evil.example!{a}",
    "< {a} >",
    "<{a}\r\n >",
    "<\r\n {a}>",
    "<do_not_reply @ arlo.com>",
    "do_not_reply@\r\n arlo.com",
    "do_not_reply@arlo.com\t.evil.example",
    "do_not_reply@[arlo.com]",
    "mailto:{a}",
    "<mailto:{a}>",
    // Encoded words (RFC 2047).
    "=?utf-8?q?evil=40evil.example?= <{a}>",
    "=?utf-8?q?{a}?= <{f}>",
    "=?utf-8?b?ZXZpbEBldmlsLmV4YW1wbGU=?= <{a}>",
    "=?utf-8?b?ZXZpbEBldmlsLmV4YW1wbGU=?=",
    "=?utf-8?q?=22?= <{a}>, {f}",
    "=?utf-8?q?x=0D=0AFrom:_{f}?= <{a}>",
    "=?utf-8?q?x\r\n ?= <{a}>",
    "=?utf-8?q?=3C{f}=3E=2C?= {a}",
    "{a} (=?utf-8?q?=29_evil=40evil.example?=)",
    "do_not_reply=?utf-8?q?=40?=arlo.com",
    "=?utf-8?q?do=5Fnot=5Freply?=@arlo.com",
    "=?utf-8?q?x?= =?utf-8?q?y?=\r\n <{a}>",
    // Letters outside ASCII.
    "\u{c4}rlo <{a}>",
    "do_not_reply@\u{e4}rlo.com",
    "do_not_reply@arlo\u{3002}com",
    "{a}\u{ff0c} {f}",
    "a.b. c <{a}>",
];

/// What a Date can say.
const DATES: [&str; 86] = [
    "Sat, 21 Nov 2026 20:01:10 +0000",
    // Zones, also the obsolete ones of RFC 5322 section 4.3.
    "Sat, 21 Nov 2026 20:01:10 Z",
    "Sat, 21 Nov 2026 20:01:10 UT",
    "Sat, 21 Nov 2026 20:01:10 UTC",
    "Sat, 21 Nov 2026 20:01:10 GMT",
    "Sat, 21 Nov 2026 15:01:10 EST",
    "Sat, 21 Nov 2026 13:01:10 PDT",
    "Sat, 21 Nov 2026 20:01:10 A",
    "Sat, 21 Nov 2026 20:01:10 j",
    "Sat, 21 Nov 2026 20:01:10 Y",
    "Sat, 21 Nov 2026 20:01:10 CEST",
    "Sat, 21 Nov 2026 20:01:10 XY",
    "Sat, 21 Nov 2026 20:01:10 +2",
    "Sat, 21 Nov 2026 20:01:10 +02",
    "Sat, 21 Nov 2026 20:01:10 +02:00",
    "Sat, 21 Nov 2026 20:01:10 0200",
    "Sat, 21 Nov 2026 20:01:10 -0000",
    "Sat, 21 Nov 2026 20:01:10 +1460",
    "Sat, 21 Nov 2026 20:01:10 +2400",
    "Sat, 21 Nov 2026 20:01:10 +9999",
    "Sat, 21 Nov 2026 20:01:10 +00000",
    "Sat, 21 Nov 2026 20:01:10 +01000",
    "Sat, 21 Nov 2026 20:01:10 --0100",
    "Sat, 21 Nov 2026 20:01:10 - 0100",
    "Sat, 21 Nov 2026 20:01:10-0100",
    "Sat, 21 Nov 2026 20:01:10 GMT+0100",
    "Sat, 21 Nov 2026 20:01:10 UTC-0800",
    "Sat, 21 Nov 2026 20:01:10 UTC -0800",
    "Sat, 21 Nov 2026 20:01:10 +0100 PST",
    "Sat, 21 Nov 2026 12:01:10 -0800 (PST)",
    "Sat, 21 Nov 2026 20:01:10 (-0800) +0000",
    "Sat, 21 Nov 2026 20:01:10 Z(x) -0800",
    "Sat, 21 Nov 2026 20:01:10 Z (x) -0800",
    "Sat, 21 Nov 2026 20:01:10 XY (x) -0800",
    "Sat, 21 Nov 2026 20:01:10 PST (x) +0000",
    "Sat, 21 Nov 2026 20:01:10 +0000 (",
    "Sat, 21 Nov 2026 20:01:10 +0000 )",
    "Sat, 21 Nov 2026 20:01:10 +0000 x",
    "Sat, 21 Nov 2026 20:01:10 +0000; Sun, 22 Nov 2026 20:01:10 +0000",
    "Sat, 21 Nov 2026 20:01:10 +0000, Sun, 22 Nov 2026 20:01:10 +0000",
    "Sat, 21 Nov 2026 20:01:10 Z; Sun, 22 Nov 2026 20:01:10 Z",
    "Sat, 21 Nov 2026 20:01:10",
    // Times.
    "Sat, 21 Nov 2026 20:01 +0000",
    "Sat, 21 Nov 2026 20:1:10 +0000",
    "Sat, 21 Nov 2026 8:01:10 +0000",
    "Sat, 21 Nov 2026 24:00:00 +0000",
    "Sat, 21 Nov 2026 20:01:60 +0000",
    "Sat, 21 Nov 2026 20:01:61 +0000",
    "Sat, 21 Nov 2026 20:60:10 +0000",
    "Sat, 21 Nov 2026 20.01.10 +0000",
    "Sat, 21 Nov 2026 20:01:10.5 +0000",
    "Sat, 21 Nov 2026 08:01:10 PM",
    "Sat, 21 Nov 2026 020:001:010 +0000",
    "Sat, 21 Nov 2026 20 : 01 : 10 +0000",
    "Sat, 21 Nov 2026 20:01:10:30 +0000",
    // Days, months and years.
    "Sat, 21 Nov 26 20:01:10 +0000",
    "Sat, 21 Nov 49 20:01:10 +0000",
    "Sat, 21 Nov 50 20:01:10 +0000",
    "Sat, 21 Nov 69 20:01:10 +0000",
    "Sat, 21 Nov 126 20:01:10 +0000",
    "Sat, 21 Nov 026 20:01:10 +0000",
    "Sat, 21 Nov 02026 20:01:10 +0000",
    "Sat, 21 Nov 12026 20:01:10 +0000",
    "Sat, 31 Nov 2026 20:01:10 +0000",
    "Sat, 0 Nov 2026 20:01:10 +0000",
    "Sat, 1 Nov 2026 20:01:10 +0000",
    "Sat, 021 Nov 2026 20:01:10 +0000",
    "Sat, 21 November 2026 20:01:10 +0000",
    "Sat, 21 NOV 2026 20:01:10 +0000",
    "Sat, 21 11 2026 20:01:10 +0000",
    "Sat, 21-Nov-2026 20:01:10 +0000",
    "Sat, Nov 21 2026 20:01:10 +0000",
    "Sat Nov 21 20:01:10 2026",
    "Sat 21 Nov 2026 20:01:10 +0000",
    "Sat,21 Nov 2026 20:01:10 +0000",
    "Mon, 21 Nov 2026 20:01:10 +0000",
    "Saturday, 21 Nov 2026 20:01:10 +0000",
    "21 Nov 2026 20:01:10 +0000",
    "2026-11-21T20:01:10Z",
    // Folding, comments and encoded words inside.
    "Sat, 21 Nov 2026\r\n 20:01:10\r\n\t+0000",
    "Sat, (x) 21 (y) Nov 2026 20:01:10 +0000",
    "Sat, 21 Nov 2026 (20:01:10) 21:01:10 +0000",
    "(Sat, 21 Nov 2026 20:01:10 +0000) Sat, 21 Nov 2026 21:01:10 +0000",
    "Sat, 21 Nov 2026 20:01:10 =?utf-8?q?+0000?=",
    "\"Sat, 21 Nov 2026 20:01:10 +0000\"",
    "",
];

/// What can stand instead of the line end and the blank line that end a header section.
const BLANK_LINES: [&str; 9] =
    ["\r\n", "\n\r\n", "\r\n\n", "\r\n \r\n", "\r\n\t\r\n", "\r\n--b\r\n", "\r\r\n\r\n", "\r\n\0\r\n", "\n\n"];

/// Bytes with a meaning of their own in a header section, and some that have none.
const BYTES: &[u8] = b"\r\n\t\0\x0b\x0c\x1c\x7f\x80\xa0\xe4 :;,.<>()[]\"\\@=?_-+%!09aZ";

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
