//! A household for tests: two mailboxes, their programs, and the mail that comes in, over an edge in memory.

use crate::enroll::{Action, Enroll, Failure};
use crate::expire::{Ended, Expire};
use crate::memory::Memory;
use crate::port::Answer;
use crate::prestage::{Call, Outcome as Answered, Prestage, Reply};
use crate::receive::{Announcement, Outcome, Proof, Receive};
use jiff::{SignedDuration, Timestamp};
use relay::address::{Address, Domain};
use relay::evidence::Evidence;
use relay::id::{MessageId, RequestId};
use relay::mailbox::AddressKey;
use relay::relay_address::RelayAddress;
use relay::status::Status;
use serde_json::{Value, json};
use std::future::Future;
use std::sync::atomic::{AtomicI64, Ordering};

pub(crate) const MAILBOXES: [&str; 2] = ["me@gmail.com", "you@example.org"];

/// The relay, and what the household knows of it.
pub(crate) struct Household {
    pub(crate) memory: Memory,
    pub(crate) enrolled: Vec<Value>,
    now: i64,
}

thread_local! {
    static NOW: AtomicI64 = const { AtomicI64::new(0) };
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_795_291_200 + seconds).expect("a moment in 2026")
}

/// Runs a job to its end: in memory nothing waits but for time.
pub(crate) fn run<T>(job: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(job)
}

fn relay_address() -> RelayAddress {
    RelayAddress::parse("arlo@mfa.example.com").expect("a relay address")
}

impl Household {
    /// Both mailboxes, freshly enrolled.
    pub(crate) fn new() -> Self {
        let mut household = Self { memory: Memory::default(), enrolled: Vec::new(), now: 0 };
        household.wait(0);
        for mailbox in MAILBOXES {
            let issued = household.enroll(&json!({"action": "add", "mailbox": mailbox}));
            household.enrolled.push(issued);
        }
        household
    }

    pub(crate) fn wait(&mut self, seconds: i64) {
        self.now += seconds;
        NOW.with(|now| now.store(self.now, Ordering::Relaxed));
    }

    pub(crate) fn now(&self) -> Timestamp {
        at(self.now)
    }

    pub(crate) fn issued(&self, mailbox: usize, name: &str) -> &str {
        self.enrolled[mailbox][name].as_str().expect("a text")
    }

    pub(crate) fn enroll(&self, event: &Value) -> Value {
        run(self.try_enroll(event)).expect("the store answers")
    }

    pub(crate) async fn try_enroll(&self, event: &Value) -> Answer<Value> {
        let enroll = Enroll {
            table: self.memory.clone(),
            statuses: self.memory.clone(),
            relay_address: relay_address(),
            key: AddressKey::new("key"),
            prestage_url: "https://api.example/prestage".to_owned(),
        };
        let answer = match Action::read(event, &enroll.relay_address) {
            Ok(action) => enroll.act(&action, self.now()).await?,
            Err(failure) => Err(failure),
        };
        Ok(answer.map_or_else(Failure::to_json, |answered| answered.to_json()))
    }

    pub(crate) fn prestage(&self, call: &Call<'_>) -> Reply {
        self.prestaged(call).0
    }

    fn prestaged(&self, call: &Call<'_>) -> (Reply, Answered) {
        let prestage = Prestage {
            table: self.memory.clone(),
            statuses: self.memory.clone(),
            scheduler: self.memory.clone(),
            relay_address: relay_address(),
            key: AddressKey::new("key"),
            window_seconds: 300,
        };
        run(prestage.answer(call, self.now()))
    }

    /// Prestages a mailbox with its token, as its program does.
    pub(crate) fn ask(&self, mailbox: usize) -> (Reply, Answered) {
        let body = json!({"email": MAILBOXES[mailbox]}).to_string();
        let query_token = Some(self.issued(mailbox, "token"));
        self.prestaged(&Call { query_token, body: body.as_bytes(), ..Call::default() })
    }

    /// Prestages a mailbox, and returns the request that was opened.
    pub(crate) fn open(&self, mailbox: usize) -> Option<RequestId> {
        let (reply, _) = self.ask(mailbox);
        let url = reply.body.strip_prefix("https://status.example/")?;
        RequestId::parse(url.split('?').next()?)
    }

    /// A code mail from Arlo comes in at a mailbox's relay address, written so many seconds ago.
    pub(crate) fn mail(&self, name: &str, mailbox: usize, code: &str, age: i64) -> Announcement {
        let written = at(self.now - age).strftime("%a, %d %b %Y %H:%M:%S +0000");
        let raw = format!("From: do_not_reply@arlo.com\r\nTo: x@example.org\r\nDate: {written}\r\n\r\n{code}\r\n");
        let id = MessageId::parse(name).expect("a name");
        self.memory.stored().mails.insert(id.clone(), raw.into_bytes());
        Announcement {
            id,
            accepted_at: self.now(),
            recipients: Address::parse(self.issued(mailbox, "relay_address")).into_iter().collect(),
            sender: None,
            screened: None,
            proof: Proof::Checked(Evidence {
                dkim: Domain::parse("arlo.com").into_iter().collect(),
                ..Evidence::default()
            }),
        }
    }

    pub(crate) fn receive(&self, mail: &Announcement) -> Answer<Vec<Outcome>> {
        let receive = Receive {
            table: self.memory.clone(),
            bucket: self.memory.clone(),
            relay_address: relay_address(),
            key: AddressKey::new("key"),
            now: || at(NOW.with(|now| now.load(Ordering::Relaxed))),
        };
        run(receive.take(mail))
    }

    /// Every window that is over ends, as the schedules have it.
    pub(crate) fn end_windows(&self) -> Answer<Vec<Ended>> {
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

    pub(crate) fn minutes(minutes: i64) -> i64 {
        SignedDuration::from_mins(minutes).as_secs()
    }
}
