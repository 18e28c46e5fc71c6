//! Writes every case of `tests/mail` into a folder: `corpus FOLDER` makes `<provider>/<case>.eml`, and beside each a
//! JSON file with its facts. Fuzzing takes the mails as seeds, and `tests/stack/test_corpus.py` compares all of it.
//!
//! `corpus FOLDER SEED COUNT` writes forged mails instead, as `<number>.eml`: first every listed forgery of one mail, then
//! those that follow from the seed, of every short mail with a code. `tests/differential` reads them.

use corpus::{Case, Error, Expect};
use serde_json::json;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs, io};

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args_os().skip(1).collect();
    let number = |text: &OsString| text.to_str()?.parse().ok();
    let (folder, forged) = match arguments.as_slice() {
        [folder] => (folder, None),
        [folder, seed, count] => (folder, number(seed).zip(number(count))),
        _ => {
            eprintln!("usage: corpus FOLDER [SEED COUNT]");
            return ExitCode::FAILURE;
        }
    };
    let write = |cases: Vec<Case>| match forged {
        None => write_all(&cases, folder),
        Some((seed, count)) => write_forged(&cases, seed, count, folder),
    };
    match corpus::cases().map_err(|error: Error| error.to_string()).and_then(write) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("corpus: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write_all(cases: &[Case], folder: &OsStr) -> Result<(), String> {
    let folder = Path::new(folder);
    cases.iter().try_for_each(|case| write(case, folder)).map_err(|cause| format!("{}: {cause}", folder.display()))
}

/// Writes forged mails, `count` of them.
fn write_forged(cases: &[Case], seed: u64, count: u64, folder: &OsStr) -> Result<(), String> {
    let count = usize::try_from(count).map_err(|error| error.to_string())?;
    let accepted: Vec<&Case> = cases.iter().filter(|case| is_short_with_code(case)).collect();
    let first = accepted.first().ok_or("no mail of the corpus is short and has a code")?;
    let listed = corpus::listed_forgeries().map(|forgery| forgery.apply(&first.raw));
    let mut forgeries = corpus::forgeries(seed);
    let random = accepted.iter().cycle().enumerate().map(|(number, case)| {
        let changes = forgeries.by_ref().take(1 + number % 3);
        changes.fold(case.raw.clone(), |raw, forgery| forgery.apply(&raw))
    });
    let folder = Path::new(folder);
    let write = |(number, raw): (usize, Vec<u8>)| fs::write(folder.join(format!("{number:05}.eml")), raw);
    let written =
        fs::create_dir_all(folder).and_then(|()| listed.chain(random).take(count).enumerate().try_for_each(write));
    written.map_err(|cause| format!("{}: {cause}", folder.display()))
}

/// Whether a mail is quickly read, and has a code under the widest trust.
fn is_short_with_code(case: &Case) -> bool {
    let has_code = match &case.expect {
        Expect::Result { addressed, .. } => addressed.bytes().all(|b| b.is_ascii_digit()),
        Expect::Confirmation { .. } => false,
    };
    has_code && case.raw.len() < 6_000
}

fn write(case: &Case, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder.join(case.provider()))?;
    fs::write(folder.join(format!("{}.eml", case.name)), &case.raw)?;
    let facts = json!({
        "about": case.about,
        "mailbox": case.mailbox,
        "recipient": case.delivery.recipient,
        "envelope_from": case.delivery.envelope_from,
        "spam": case.delivery.spam,
        "virus": case.delivery.virus,
        "opened_seconds_before_sent": case.opened_seconds_before_sent,
        "expect": case.expect,
    });
    fs::write(folder.join(format!("{}.json", case.name)), format!("{facts:#}\n"))
}
