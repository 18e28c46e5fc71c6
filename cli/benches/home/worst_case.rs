//! The CPU time of mails that are built to take long, at doubling sizes, with all the evidence that can be asked for.

use crate::report;
use corpus::WORST_CASES;
use data_encoding::BASE64;
use mail_auth::common::crypto::Ed25519Key;
use mail_auth::common::headers::HeaderWriter;
use mail_auth::dkim::DkimSigner;
use std::fs;
use test_support::{NameServer, Program, Relay, SmtpClient};

const SIZES: [usize; 3] = [262_144, 524_288, 1_040_000];

/// The key of RFC 8463 appendix A.2, and its record.
const SEED: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
const PUBLIC: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
const KEY: &str = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

/// Fields and signatures, as many as are looked at.
const FIELDS: usize = 980;
const NAMES: usize = 250;
const SIGNATURES: usize = 8;

pub(super) fn measure() {
    report("CPU time of one mail in ms, by its bytes:");
    report(&format!("  {:<40} {:>9} {:>9} {:>9}", "", SIZES[0], SIZES[1], SIZES[2]));
    let mut slowest = 0.0_f64;
    let signed = [
        ("signatures over blanks", "", " \t"),
        ("signatures over line ends", "", "\r\n"),
        ("signatures over a page", "Content-Type: text/html\r\n", "<b><i><p></b></i></p>\r\n"),
    ];
    let cases = WORST_CASES.iter().map(|case| (case.name, SIZES.map(|size| from_arlo(&case.mail(size)))));
    let signed = signed.iter().map(|(name, kind, piece)| (*name, SIZES.map(|size| signed_mail(kind, piece, size))));
    let relay = Bench::start();
    for (name, mails) in cases.chain(signed) {
        let times = mails.map(|mail| relay.cpu_of(&mail));
        slowest = times.iter().copied().fold(slowest, f64::max);
        report(&format!("  {name:<40} {:>9.1} {:>9.1} {:>9.1}", times[0], times[1], times[2]));
    }
    report(&format!("  slowest: {slowest:.1} ms"));
}

/// The mail as one of Arlo's, with line ends as SMTP has them.
fn from_arlo(mail: &[u8]) -> Vec<u8> {
    let mail_with_crlf = String::from_utf8_lossy(mail).replace("\r\n", "\n").replace('\n', "\r\n");
    let mut mail = format!("From: Arlo <do_not_reply@arlo.com>\r\n{mail_with_crlf}").into_bytes();
    mail.truncate(SIZES[2]);
    [mail.trim_ascii_end(), b"\r\n"].concat()
}

struct Bench {
    relay: Relay,
    /// The relay addresses of a mailbox under trust `signed` and of one under `addressed`.
    addresses: [String; 2],
    _dns: NameServer,
}

impl Bench {
    fn start() -> Self {
        let dns = NameServer::start(&[("brisbane._domainkey.arlo.com", KEY), ("_dmarc.arlo.com", "v=DMARC1; p=none")]);
        let program = Program(env!("CARGO_BIN_EXE_mfa-relay"));
        let relay = Relay::start(program, &["--resolver", &dns.address.to_string()]);
        let address = |trust| relay.add_mailbox_under(&format!("{trust}@gmail.com"), trust).relay_address;
        Self { addresses: ["signed", "addressed"].map(address), relay, _dns: dns }
    }

    /// The CPU time of one delivery in milliseconds, receiving, judging and storing: the least of three, under the trust
    /// that makes it longer.
    fn cpu_of(&self, mail: &[u8]) -> f64 {
        let once = |address: &str| {
            let mut peer = SmtpClient::connect_and_greet(&self.relay.smtp);
            let before = self.cpu();
            let reply = peer.deliver("x@arlo.com", address, mail);
            assert!(reply.starts_with("250"), "{reply}");
            (self.cpu() - before) * 1e3
        };
        let least = |address: &String| (0..3).map(|_| once(address)).fold(f64::MAX, f64::min);
        self.addresses.iter().map(least).fold(0.0, f64::max)
    }

    /// The CPU time of all threads so far, in seconds (proc(5), `schedstat`).
    fn cpu(&self) -> f64 {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.relay.process_id())).expect("the process runs");
        let nanoseconds = tasks.filter_map(Result::ok).filter_map(|task| {
            let stat = fs::read_to_string(task.path().join("schedstat")).ok()?;
            stat.split_whitespace().next()?.parse::<f64>().ok()
        });
        nanoseconds.sum::<f64>() / 1e9
    }
}

/// A mail with as many signatures as are verified, each over as many fields as it may cover.
fn signed_mail(kind: &str, piece: &str, size: usize) -> Vec<u8> {
    let fields = (0..FIELDS).fold(String::new(), |fields, number| fields + &format!("X-{number}: y\r\n"));
    let header = fields.len() + SIGNATURES * NAMES * 10;
    let body = piece.repeat(size.saturating_sub(header) / piece.len());
    let mut mail = format!("{fields}From: Arlo <do_not_reply@arlo.com>\r\n{kind}\r\n{body}\r\n").into_bytes();
    let names: Vec<String> = (0..NAMES).map(|number| format!("X-{number}")).collect();
    let bytes = |text: &str| BASE64.decode(text.as_bytes()).expect("base64");
    for _ in 0..SIGNATURES {
        let key = Ed25519Key::from_seed_and_public_key(&bytes(SEED), &bytes(PUBLIC)).expect("a key");
        let covered = names.iter().map(String::as_str).chain(["From"]);
        let signer = DkimSigner::from_key(key).domain("arlo.com").selector("brisbane").headers(covered);
        let signature = signer.sign(&mail).expect("a signature").to_header();
        mail = [signature.into_bytes(), mail].concat();
    }
    mail
}
