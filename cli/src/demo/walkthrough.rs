//! The story: each step, its time, and the status before and after.

use super::sample_mail::Letter;
use super::{DemoError, MAILBOX, smtp_client};
use crate::terminal::Paint;
use home::local_relay::LocalRelay;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// What is told, and to whom.
pub(super) struct Story {
    began: Instant,
    paint: Paint,
    smtp: SocketAddr,
    relay_address: String,
    prestage_url: String,
    letter: Letter,
}

/// How it ends.
pub(super) enum Ending {
    /// The code stands in the status.
    Code,
    /// It does not.
    NoCode,
}

impl Story {
    /// Tells what there is before the login.
    pub(super) fn begin(relay: &LocalRelay, enrolled: &Value, letter: Letter) -> Result<Self, DemoError> {
        let text = |name| enrolled.get(name).and_then(Value::as_str).map(str::to_owned);
        let message = || DemoError::Enrol(text("message").unwrap_or_default());
        let story = Self {
            began: Instant::now(),
            paint: Paint::on(&io::stdout()),
            smtp: relay.smtp_address,
            relay_address: text("relay_address").ok_or_else(message)?,
            prestage_url: text("prestage_url").ok_or_else(message)?,
            letter,
        };
        story.step(&format!("A relay is up: HTTP at {}, SMTP at {}.", relay.http_address, story.smtp));
        story.step(&format!("The mailbox {MAILBOX} is enrolled, and forwards to {}.", story.relay_address));
        Ok(story)
    }

    /// Tells the login.
    pub(super) fn tell(self) -> Result<Ending, DemoError> {
        let http = ureq::Agent::new_with_defaults();
        let opened = http
            .post(&self.prestage_url)
            .send(json!({"email": MAILBOX, "provider": self.letter.provider()}).to_string())
            .map_err(Box::new)?;
        let status_url = opened.into_body().read_to_string().map_err(Box::new)?;
        let read = || -> Result<String, DemoError> {
            let page = http.get(&status_url).call().map_err(Box::new)?;
            Ok(page.into_body().read_to_string().map_err(Box::new)?)
        };
        self.step("A client is about to log in, and prestages. Its status URL says:");
        self.status(&read()?);

        self.step(&format!("The cloud mails the code ({} bytes). The mail arrives over SMTP:", self.letter.len()));
        let mail = self.letter.written_at(Timestamp::now());
        let sent = Instant::now();
        let reply = smtp_client::send(self.smtp, MAILBOX, &self.relay_address, &mail)?;
        if !reply.starts_with('2') {
            return Err(DemoError::Post(reply));
        }
        self.status(&reply);

        let document = read()?;
        let took = sent.elapsed();
        let code = serde_json::from_str::<Value>(&document).unwrap_or_default();
        let code = code.get("code").and_then(Value::as_str).map(str::to_owned);
        self.step("The status URL says:");
        self.status(&document);
        Ok(code.map_or(Ending::NoCode, |code| self.end(&code, took)))
    }

    fn end(&self, code: &str, took: Duration) -> Ending {
        let took = format!("{:.1} ms", took.as_secs_f64() * 1000.0);
        self.step(&format!("The client has its code {took} after the mail set out: {}", self.paint.good(code)));
        Ending::Code
    }

    fn step(&self, text: &str) {
        let time = format!("{:>7.1} ms", self.began.elapsed().as_secs_f64() * 1000.0);
        say(&format!("{}  {}", self.paint.faint(&time), self.paint.bold(text)));
    }

    fn status(&self, text: &str) {
        say(&format!("{:12}{}", "", self.paint.faint(text)));
    }
}

/// A story that nobody reads to its end is no reason to fail.
fn say(line: &str) {
    let _ = writeln!(io::stdout().lock(), "{line}");
}
