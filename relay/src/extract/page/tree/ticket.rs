//! Tickets for the texts of a page, while html5ever decides where they belong.
//!
//! A ticket is short enough to take no memory of its own, so no text is copied and most are never decoded. It shows all
//! that tree construction asks of a text: whether it begins with a blank, and whether there is more to it.

use super::super::tokenizer::Text;
use html5ever::tendril::StrTendril;
use std::cell::RefCell;
use std::ops::RangeInclusive;

/// The texts for which there are tickets.
#[derive(Default)]
pub(super) struct Tickets<'h>(RefCell<Vec<Text<'h>>>);

/// A ticket's number is written in these, six bits in each.
const DIGITS: RangeInclusive<u8> = 0x40..=0x7f;

impl<'h> Tickets<'h> {
    /// A ticket for a text.
    pub(super) fn give(&self, text: Text<'h>) -> StrTendril {
        // A reference in the first place may stand for a blank.
        let is_unclear = text.is_encoded && text.content.trim_ascii_start().starts_with('&');
        let content = if is_unclear { text.decoded().into_owned().into() } else { text.content };
        let text = Text { content, is_encoded: text.is_encoded && !is_unclear };

        let rest = text.content.trim_ascii_start();
        let blanks = text.content.get(..text.content.len() - rest.len()).unwrap_or_default();
        let blank = blank(blanks);
        if rest.is_empty() {
            return blank.into();
        }
        let first = usize::from(blanks.is_empty());
        let mut texts = self.0.borrow_mut();
        let digit = |shift: u32| DIGITS.start() + u8::try_from(texts.len() >> shift & 0x3f).unwrap_or_default();
        let ticket = [blank.bytes().next().unwrap_or_default(), digit(18), digit(12), digit(6), digit(0)];
        texts.push(text);
        ticket.get(first..).and_then(|ticket| str::from_utf8(ticket).ok()).unwrap_or_default().into()
    }

    /// The text of a ticket. Anything else is a text that html5ever has made itself.
    pub(super) fn redeem(&self, ticket: &str) -> Text<'h> {
        let number = ticket.trim_ascii_start();
        if number.is_empty() {
            return Text { content: blank(ticket).into(), is_encoded: false };
        }
        if !number.bytes().all(|b| DIGITS.contains(&b)) {
            return Text { content: ticket.to_owned().into(), is_encoded: false };
        }
        let number = number.bytes().fold(0, |number, b| number << 6 | usize::from(b - DIGITS.start()));
        self.0.borrow_mut().get_mut(number).map(std::mem::take).unwrap_or_default()
    }
}

/// What stands for several blanks: all that matters is whether a line end is among them.
fn blank(blanks: &str) -> &'static str {
    if blanks.contains('\n') { "\n" } else { " " }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_shows_whether_there_are_blanks_and_more_and_gives_the_text_back() {
        let tickets = Tickets::default();
        let give = |content: &'static str| tickets.give(Text { content: content.into(), is_encoded: true });
        for (content, begins) in [("467266", ""), (" \t467266", " "), (" \n 467266", "\n"), ("&#32;467266", " ")] {
            let ticket = give(content);
            let number = ticket.strip_prefix(begins).expect("its blank");
            assert!(number.len() == 4 && !number.starts_with([' ', '\n']), "{content:?}: {number:?}");
            assert_eq!(tickets.redeem(&ticket).decoded().trim(), "467266");
        }
        assert_eq!(&*give(" \t"), " ");
        assert_eq!(tickets.redeem("\u{fffd}").content, "\u{fffd}");
    }

    #[test]
    fn every_ticket_is_another() {
        let tickets = Tickets::default();
        let given: Vec<_> = (0..5_000)
            .map(|number| tickets.give(Text { content: format!("x{number}").into(), is_encoded: false }))
            .collect();
        for (number, ticket) in given.iter().enumerate() {
            assert_eq!(tickets.redeem(ticket).content, format!("x{number}"));
        }
    }
}
