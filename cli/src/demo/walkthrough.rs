//! The login, printed step by step: what happens, when, and the status before and after.

use super::sample_mail::SampleMail;
use super::{DemoError, MAILBOX, smtp_client};
use crate::terminal::Paint;
use home::LocalRelay;
use jiff::Timestamp;
use relay::secret::Code;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::time::Instant;

/// A login that is about to happen.
pub(super) struct Walkthrough {
    start: Instant,
    paint: Paint,
    smtp: SocketAddr,
    relay_address: String,
    prestage_url: String,
    mail: SampleMail,
}

impl Walkthrough {
    /// Prints what exists before the login. `added` is the answer of `enroll add`.
    pub(super) fn start(relay: &LocalRelay, added: &Value, mail: SampleMail) -> Result<Self, DemoError> {
        let text = |name| added.get(name).and_then(Value::as_str).map(str::to_owned);
        let error = || DemoError::Enrol(text("message").unwrap_or_default());
        let walkthrough = Self {
            start: Instant::now(),
            paint: Paint::for_stream(&io::stdout()),
            smtp: relay.smtp_address,
            relay_address: text("relay_address").ok_or_else(error)?,
            prestage_url: text("prestage_url").ok_or_else(error)?,
            mail,
        };
        walkthrough.step(&format!("A relay is up: HTTP at {}, SMTP at {}.", relay.http_address, walkthrough.smtp));
        walkthrough.step(&format!("The mailbox {MAILBOX} is enrolled, and forwards to {}.", walkthrough.relay_address));
        Ok(walkthrough)
    }

    /// Logs in. Returns `None` if no code was delivered.
    pub(super) fn log_in(self) -> Result<Option<Code>, DemoError> {
        let http = ureq::Agent::new_with_defaults();
        let opened = http
            .post(&self.prestage_url)
            .send(json!({"email": MAILBOX, "provider": self.mail.provider()}).to_string())
            .map_err(Box::new)?;
        let status_url = opened.into_body().read_to_string().map_err(Box::new)?;
        let poll = || -> Result<String, DemoError> {
            let response = http.get(&status_url).call().map_err(Box::new)?;
            Ok(response.into_body().read_to_string().map_err(Box::new)?)
        };
        self.step("A client is about to log in, and prestages. Its status URL says:");
        self.detail(&poll()?);

        self.step(&format!("The cloud mails the code ({} bytes). The mail arrives over SMTP:", self.mail.len()));
        let mail = self.mail.dated(Timestamp::now());
        let sent = Instant::now();
        let reply = smtp_client::send(self.smtp, MAILBOX, &self.relay_address, &mail)?;
        if !reply.starts_with('2') {
            return Err(DemoError::Smtp(reply));
        }
        self.detail(&reply);

        let document = poll()?;
        let milliseconds = sent.elapsed().as_secs_f64() * 1000.0;
        self.step("The status URL says:");
        self.detail(&document);
        let status: Value = serde_json::from_str(&document).unwrap_or_default();
        let code = status.get("code").and_then(Value::as_str).and_then(Code::parse);
        if let Some(code) = &code {
            let code = self.paint.good(code.reveal());
            self.step(&format!("The client has its code {milliseconds:.1} ms after the mail was sent: {code}"));
        }
        Ok(code)
    }

    fn step(&self, text: &str) {
        let time = format!("{:>7.1} ms", self.start.elapsed().as_secs_f64() * 1000.0);
        print(&format!("{}  {}", self.paint.faint(&time), self.paint.bold(text)));
    }

    fn detail(&self, text: &str) {
        print(&format!("{:12}{}", "", self.paint.faint(text)));
    }
}

/// Prints a line. A closed pipe is no reason to fail, and `println!` would panic.
fn print(line: &str) {
    let _ = writeln!(io::stdout().lock(), "{line}");
}
