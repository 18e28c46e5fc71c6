//! Output for people: colours and a countdown on a terminal, plain lines elsewhere.

use std::io::{IsTerminal, Write};
use std::time::Duration;

/// Prints a line to standard error. Ignores write errors: there is no other place to report them.
pub fn print_error(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Replaces control characters by U+FFFD, so that text from outside cannot send escape sequences to the terminal.
pub fn without_controls(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}

/// Colours for one stream, on or off.
#[derive(Debug, Clone, Copy)]
pub struct Paint {
    on: bool,
}

impl Paint {
    /// Turns colours on if the stream is a terminal that supports them and `NO_COLOR` is not set
    /// (<https://no-color.org>).
    pub fn for_stream(stream: &impl IsTerminal) -> Self {
        let is_disabled = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
        Self { on: stream.is_terminal() && !is_disabled && !is_dumb }
    }

    /// Bold, for what matters most.
    pub fn bold(self, text: &str) -> String {
        self.wrap("1", text)
    }

    /// Green, for success.
    pub fn good(self, text: &str) -> String {
        self.wrap("32", text)
    }

    /// Red, for failure.
    pub fn bad(self, text: &str) -> String {
        self.wrap("31", text)
    }

    /// Faint, for details.
    pub fn faint(self, text: &str) -> String {
        self.wrap("2", text)
    }

    /// Select Graphic Rendition (ECMA-48 section 8.3.117).
    fn wrap(self, rendition: &str, text: &str) -> String {
        if self.on { format!("\x1b[{rendition}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// A line on standard error that counts the time down. Prints nothing if standard error is not a terminal.
#[derive(Debug)]
pub struct Countdown {
    on: bool,
    shown: Option<u64>,
}

impl Countdown {
    /// A countdown that has printed nothing.
    pub fn start() -> Self {
        Self { on: std::io::stderr().is_terminal(), shown: None }
    }

    /// Shows the remaining time.
    pub fn show(&mut self, remaining: Duration) {
        let seconds = remaining.as_secs();
        if self.on && self.shown != Some(seconds) {
            self.shown = Some(seconds);
            write(&format!("\rWaiting for the code: {} ", minutes(seconds)));
        }
    }
}

impl Drop for Countdown {
    /// Clears the line for the next output.
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

/// Formats seconds as minutes and seconds, for example `4:07`.
fn minutes(seconds: u64) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_printed_only_if_they_are_on() {
        assert_eq!(Paint { on: false }.good("yes"), "yes");
        assert_eq!(Paint { on: true }.good("yes"), "\x1b[32myes\x1b[0m");
    }

    #[test]
    fn the_remaining_time_is_shown_in_minutes_and_seconds() {
        assert_eq!([0, 9, 60, 247, 3600].map(minutes), ["0:00", "0:09", "1:00", "4:07", "60:00"]);
    }

    #[test]
    fn control_characters_are_replaced() {
        assert_eq!(without_controls("a\x1b[2Jb\r\nc\u{9b}d"), "a\u{FFFD}[2Jb\u{FFFD}\u{FFFD}c\u{FFFD}d");
    }
}
