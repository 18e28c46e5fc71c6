//! An IMAP session over any bytes, in one piece or two, with and without a login. Every response is a line or a literal, and
//! no code is sent to a client that has not logged in.
#![no_main]

use home::codes::{Account, CodeMail, CodeSource, Login, Opened, Progress, Refusal, Unreachable};
use home::imap::Session;
use home::shutdown;
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use relay::provider::PROVIDERS;
use relay::secret::Code;
use std::time::Duration;
use tokio::io::AsyncReadExt;

const CODE: &str = "467266";

fuzz_target!(|input: &[u8]| {
    let split = input.last().map_or(0, |&byte| usize::from(byte) * 16);
    let without_login = run(b"", input, split);
    assert!(without_login.starts_with("* OK "));
    let may_log_in = String::from_utf8_lossy(input).contains("token");
    assert!(may_log_in || input.windows(6).any(|window| window == CODE.as_bytes()) || !without_login.contains(CODE));
    for start in [b"a LOGIN me token\r\nb SELECT INBOX\r\nc NOOP\r\n".as_slice(), b"a LOGIN me token\r\n"] {
        run(start, input, split);
    }
});

/// Runs a session whose client sends `start` and `input`, this one in two pieces, and returns everything that the server sent.
fn run(start: &[u8], input: &[u8], split: usize) -> String {
    let mut responses = Vec::new();
    let (first, second) = input.split_at(split.min(input.len()));
    let stream = tokio::io::join(start.chain(first).chain(second), &mut responses);
    let (_trigger, shutdown) = shutdown::channel();
    let session = Session { source: &Source, now: || Timestamp::UNIX_EPOCH, shutdown };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(session.run(stream));
    let responses = String::from_utf8(responses).expect("ASCII");
    assert!(responses.is_ascii() && responses.ends_with("\r\n"));
    responses
}

/// Knows one token, and has its code at once.
struct Source;

impl CodeSource for Source {
    type Account = Source;

    async fn log_in(&self, login: Login) -> Result<Source, Refusal> {
        if login.token.as_str() == "token" { Ok(Source) } else { Err(Refusal::Denied("No.".to_owned())) }
    }
}

impl Account for Source {
    type Request = ();

    async fn open(&mut self) -> Result<Opened<()>, Refusal> {
        Ok(Opened { request: (), window: Duration::from_secs(300) })
    }

    async fn look(&self, (): &()) -> Result<Progress, Unreachable> {
        let code = Code::parse(CODE).ok_or(Unreachable)?;
        Ok(Progress::Complete(CodeMail { code, provider: &PROVIDERS[0], received_at: Timestamp::UNIX_EPOCH }))
    }
}
