//! A relay for tests: two enrolled mailboxes, their programs, and the mail that comes in, over a store in memory.

use crate::decision::Decision;
use crate::dialects::pyaarlo::{self, Pyaarlo};
use crate::enroll::{Action, Enroll, Error};
use crate::expire::{Ended, Expire};
use crate::memory::Memory;
use crate::ports::Unavailable;
use crate::prestage::{Call, Prestage, Reply};
use crate::receive::{MailContent, Outcome, OwnChecks, Receive};
use jiff::{SignedDuration, Timestamp};
use relay::address::{Address, Domain};
use relay::evidence::{Checks, Evidence};
use relay::id::{MessageId, RequestId};
use relay::mailbox::AddressKey;
use relay::relay_address::RelayAddress;
use relay::status::Status;
use relay::verdict::mail::{Envelope, Scan};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, Ordering};

pub(crate) const MAILBOXES: [&str; 2] = ["me@gmail.com", "you@example.org"];

/// A relay, and what its owner and its programs know.
pub(crate) struct Relay {
    pub(crate) memory: Memory,
    /// The answer to each mailbox's `add`.
    pub(crate) enrolled: Vec<Value>,
    now: i64,
}

/// A mail on its way.
#[derive(Debug, Clone)]
pub(crate) struct TestMail {
    pub(crate) envelope: Envelope,
    pub(crate) raw: String,
    pub(crate) evidence: Evidence,
}

/// Checks with these answers, one after the other.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answers(pub(crate) VecDeque<Checks>);

impl OwnChecks for Answers {
    async fn next(&mut self) -> Option<Checks> {
        self.0.pop_front()
    }
}

thread_local! {
    static NOW: AtomicI64 = const { AtomicI64::new(0) };
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_795_291_200 + seconds).expect("a moment in 2026")
}

/// Runs a job to its end: in memory it waits for time only.
pub(crate) fn run<T>(job: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(job)
}

fn relay_address() -> RelayAddress {
    RelayAddress::parse("arlo@mfa.example.com").expect("a relay address")
}

impl Relay {
    /// A relay with both mailboxes enrolled.
    pub(crate) fn new() -> Self {
        let mut relay = Self { memory: Memory::default(), enrolled: Vec::new(), now: 0 };
        relay.wait(0);
        for mailbox in MAILBOXES {
            let issued = relay.enroll(&json!({"action": "add", "mailbox": mailbox}));
            relay.enrolled.push(issued);
        }
        relay
    }

    pub(crate) fn wait(&mut self, seconds: i64) {
        self.now += seconds;
        NOW.with(|now| now.store(self.now, Ordering::Relaxed));
    }

    pub(crate) fn now(&self) -> Timestamp {
        at(self.now)
    }

    /// A field of the answer to a mailbox's `add`.
    pub(crate) fn issued(&self, mailbox: usize, name: &str) -> &str {
        self.enrolled[mailbox][name].as_str().expect("a text")
    }

    /// The JSON answer to the owner, also if it is an error that the owner can put right.
    pub(crate) fn enroll(&self, event: &Value) -> Value {
        run(self.try_enroll(event)).expect("the store answers")
    }

    pub(crate) async fn try_enroll(&self, event: &Value) -> Result<Value, Unavailable> {
        let enroll = Enroll {
            table: self.memory.clone(),
            statuses: self.memory.clone(),
            relay_address: relay_address(),
            key: AddressKey::new("key"),
            prestage_url: "https://api.example/prestage".to_owned(),
        };
        let result = match Action::parse(event, &enroll.relay_address) {
            Ok(action) => enroll.act(&action, self.now()).await,
            Err(error) => Err(error),
        };
        match result {
            Ok(answer) => Ok(answer.to_json()),
            Err(Error::Unavailable(unavailable)) => Err(unavailable),
            Err(error) => Ok(error.to_json()),
        }
    }

    fn prestage_job(&self) -> Prestage<Memory, Memory, Memory> {
        Prestage {
            table: self.memory.clone(),
            statuses: self.memory.clone(),
            schedule: self.memory.clone(),
            relay_address: relay_address(),
            key: AddressKey::new("key"),
            window_seconds: 300,
        }
    }

    pub(crate) fn prestage(&self, call: &Call<'_>) -> (Reply, Decision) {
        run(self.prestage_job().answer(call, self.now()))
    }

    pub(crate) fn pyaarlo(&self, call: &pyaarlo::Call<'_>) -> (Reply, Option<Decision>) {
        run(Pyaarlo { prestage: self.prestage_job() }.answer(call, self.now()))
    }

    /// Prestages a mailbox with a token, and returns the request that was opened.
    pub(crate) fn open_with(&self, mailbox: usize, token: &str) -> Option<RequestId> {
        let body = json!({"email": MAILBOXES[mailbox]}).to_string();
        let (reply, _) = self.prestage(&Call { query_token: Some(token), body: body.as_bytes(), ..Call::default() });
        let url = reply.body.strip_prefix("https://status.example/")?;
        RequestId::parse(url.split('?').next()?)
    }

    /// Prestages a mailbox with its first program's token.
    pub(crate) fn open(&self, mailbox: usize) -> Option<RequestId> {
        self.open_with(mailbox, self.issued(mailbox, "token"))
    }

    /// A code mail from Arlo at a mailbox's relay address, accepted now and written so many seconds ago.
    pub(crate) fn mail(&self, name: &str, mailbox: usize, code: &str, age: i64) -> TestMail {
        let written = at(self.now - age).strftime("%a, %d %b %Y %H:%M:%S +0000");
        let raw = format!(
            "DKIM-Signature: a=rsa-sha256; d=arlo.com; h=From:To:Date\r\nFrom: do_not_reply@arlo.com\r\nTo: x@example.org\r\nMessage-ID: <{name}@arlo.com>\r\nDate: {written}\r\n\r\n{code}\r\n"
        );
        let envelope = Envelope {
            id: MessageId::parse(name).expect("a message id"),
            accepted_at: self.now(),
            recipients: Address::parse(self.issued(mailbox, "relay_address")).into_iter().collect(),
            sender: None,
            scan: Scan::default(),
        };
        let dkim = Domain::parse("arlo.com").into_iter().collect();
        TestMail { envelope, raw, evidence: Evidence { dkim, ..Evidence::default() } }
    }

    pub(crate) fn receive(&self, mail: &TestMail) -> Result<Vec<Outcome>, Unavailable> {
        let answer = Checks { passed: mail.evidence.clone(), ..Checks::default() };
        self.receive_checked(mail, [answer])
    }

    /// Receives a mail whose checks are answered like this.
    pub(crate) fn receive_checked(
        &self,
        mail: &TestMail,
        answers: impl IntoIterator<Item = Checks>,
    ) -> Result<Vec<Outcome>, Unavailable> {
        let answers = Answers(answers.into_iter().collect());
        self.receive_content(mail, Ok(MailContent::Unchecked(mail.raw.clone().into_bytes().into(), answers)))
    }

    pub(crate) fn receive_content(
        &self,
        mail: &TestMail,
        content: Result<MailContent<Answers>, Unavailable>,
    ) -> Result<Vec<Outcome>, Unavailable> {
        let receive = Receive {
            table: self.memory.clone(),
            statuses: self.memory.clone(),
            relay_address: relay_address(),
            key: AddressKey::new("key"),
            now: || at(NOW.with(|now| now.load(Ordering::Relaxed))),
        };
        run(receive.mail(&mail.envelope, async { content }))
    }

    /// Every window that is over ends, as scheduled.
    pub(crate) fn end_windows(&self) -> Result<Vec<Ended>, Unavailable> {
        let due: Vec<_> =
            self.memory.stored().scheduled.iter().filter(|(_, _, end)| *end <= self.now()).cloned().collect();
        let expire = Expire { table: self.memory.clone(), statuses: self.memory.clone() };
        due.iter().map(|(tag, request, _)| run(expire.end(tag, request, self.now()))).collect()
    }

    /// The status document of a request: `pending`, the code, or the reason of its end.
    pub(crate) fn status(&self, request: &RequestId) -> String {
        match self.memory.stored().statuses.get(request) {
            None => "none".to_owned(),
            Some(Status::Pending { .. }) => "pending".to_owned(),
            Some(Status::Complete { code, .. }) => code.reveal().to_owned(),
            Some(Status::Ended(ending)) => ending.end.word().to_owned(),
        }
    }

    /// The message of an ended request's status document.
    pub(crate) fn message(&self, request: &RequestId) -> String {
        match self.memory.stored().statuses.get(request) {
            Some(Status::Ended(ending)) => ending.message.clone(),
            status => format!("{status:?}"),
        }
    }

    pub(crate) fn minutes(minutes: i64) -> i64 {
        SignedDuration::from_mins(minutes).as_secs()
    }
}
