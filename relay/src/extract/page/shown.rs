//! The text of a page as it is laid out: blanks collapsed (CSS Text, section 4.1), lines where boxes begin and end.

use super::Page;
use crate::extract::invisible::push_visible;

/// What stands before a box and behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edge {
    None,
    Blank,
    LineEnd,
}

impl Page {
    /// Ends or begins a box.
    pub(super) fn show_edge(&mut self, edge: Edge) {
        match edge {
            Edge::None => {}
            Edge::Blank => self.show_blank(),
            Edge::LineEnd => {
                if !self.text.is_empty() && !self.text.ends_with('\n') {
                    self.text.push('\n');
                }
            }
        }
    }

    fn show_blank(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with([' ', '\n']) {
            self.text.push(' ');
        }
    }

    /// Shows a text.
    pub(super) fn show(&mut self, text: &str, keeps_line_ends: bool) {
        if !keeps_line_ends {
            return self.show_words(text);
        }
        for (index, line) in text.split(['\n', '\r']).enumerate() {
            if index > 0 {
                self.show_edge(Edge::LineEnd);
            }
            self.show_words(line);
        }
    }

    /// Shows a text with its blanks collapsed, line ends among them.
    fn show_words(&mut self, text: &str) {
        let is_blank = |b: &u8| b.is_ascii_whitespace();
        if text.as_bytes().first().is_some_and(is_blank) {
            self.show_blank();
        }
        for (index, word) in text.split_ascii_whitespace().enumerate() {
            if index > 0 {
                self.show_blank();
            }
            push_visible(&mut self.text, word);
        }
        if text.as_bytes().last().is_some_and(is_blank) {
            self.show_blank();
        }
    }
}
