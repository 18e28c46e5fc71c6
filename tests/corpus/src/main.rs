//! Writes every case of `tests/mail` into a folder: `corpus FOLDER` makes `<provider>/<case>.eml`, and beside each a
//! JSON file with its facts. Fuzzing takes the mails as seeds, and `tests/stack/test_corpus.py` compares all of it.

use corpus::{Case, Error};
use serde_json::json;
use std::ffi::OsStr;
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs, io};

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args_os().skip(1).collect();
    let [folder] = arguments.as_slice() else {
        eprintln!("usage: corpus FOLDER");
        return ExitCode::FAILURE;
    };
    match corpus::cases().map_err(|error: Error| error.to_string()).and_then(|cases| write_all(&cases, folder)) {
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
