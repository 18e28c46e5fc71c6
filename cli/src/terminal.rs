//! What is written for people: colours and a countdown on a terminal, plain lines elsewhere.

use std::io::{IsTerminal, Write};
use std::time::Duration;

/// Writes a line to standard error. Where nobody listens there is nobody to tell.
pub fn tell(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// A text that somebody else wrote, safe to show: what a terminal would obey becomes visible instead.
pub fn harmless(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}

/// Colours, where they help.
#[derive(Debug, Clone, Copy)]
pub struct Paint {
    on: bool,
}

impl Paint {
    /// Colours for a stream that a person watches. `NO_COLOR` turns them off (<https://no-color.org>).
    pub fn on(stream: &impl IsTerminal) -> Self {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let unable = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
        Self { on: stream.is_terminal() && !unwanted && !unable }
    }

    /// What matters most.
    pub fn bold(self, text: &str) -> String {
        self.wrap("1", text)
    }

    /// What went well.
    pub fn good(self, text: &str) -> String {
        self.wrap("32", text)
    }

    /// What did not.
    pub fn bad(self, text: &str) -> String {
        self.wrap("31", text)
    }

    /// What may be passed over.
    pub fn faint(self, text: &str) -> String {
        self.wrap("2", text)
    }

    /// Select Graphic Rendition (ECMA-48 section 8.3.117).
    fn wrap(self, rendition: &str, text: &str) -> String {
        if self.on { format!("\x1b[{rendition}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// A line on standard error that counts the time down; nothing where standard error is no terminal.
#[derive(Debug)]
pub struct Countdown {
    on: bool,
    shown: Option<u64>,
}

impl Countdown {
    /// A countdown that shows nothing yet.
    pub fn start() -> Self {
        Self { on: std::io::stderr().is_terminal(), shown: None }
    }

    /// Shows the time that is left.
    pub fn show(&mut self, left: Duration) {
        let seconds = left.as_secs();
        if self.on && self.shown != Some(seconds) {
            self.shown = Some(seconds);
            write(&format!("\rWaiting for the code: {} ", clock(seconds)));
        }
    }
}

impl Drop for Countdown {
    /// Leaves the line empty, for whatever is written next.
    fn drop(&mut self) {
        if self.shown.is_some() {
            write(&format!("\r{:40}\r", ""));
        }
    }
}

fn write(text: &str) {
    let mut stderr = std::io::stderr().lock();
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}

/// `4:07`.
fn clock(seconds: u64) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_for_those_who_see_them() {
        assert_eq!(Paint { on: false }.good("yes"), "yes");
        assert_eq!(Paint { on: true }.good("yes"), "\x1b[32myes\x1b[0m");
    }

    #[test]
    fn time_is_shown_in_minutes_and_seconds() {
        assert_eq!([0, 9, 60, 247, 3600].map(clock), ["0:00", "0:09", "1:00", "4:07", "60:00"]);
    }

    #[test]
    fn nothing_that_somebody_else_wrote_commands_the_terminal() {
        assert_eq!(harmless("a\x1b[2Jb\r\nc\u{9b}d"), "a\u{FFFD}[2Jb\u{FFFD}\u{FFFD}c\u{FFFD}d");
    }
}
