//! The mails of `tests/mail`: each case is a base mail, a few edits, and what must come of it.
//!
//! `tests/mail/README.md` explains the format. `tests/stack/corpus.py` is the same loader for the stack's tests, and
//! `tests/stack/test_corpus.py` compares the two.

mod case;
mod delivery;
mod edit;
mod error;
mod expect;
mod header;
mod transfer_encoding;

pub use case::Case;
pub use delivery::Delivery;
pub use error::{Error, Problem};
pub use expect::{Confirmation, Expect};

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The folder `tests/mail`.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../mail")
}

/// The bytes of a base mail, for example `2026-05-alternative`.
///
/// # Errors
/// There is no such file, or not every line of it ends in CR LF.
pub fn base(name: &str) -> Result<Vec<u8>, Problem> {
    let raw = fs::read(folder().join("base").join(format!("{name}.eml"))).map_err(Problem::Base)?;
    let ends_in_crlf = |line: &[u8]| line.ends_with(b"\r\n") || !line.ends_with(b"\n");
    if raw.split_inclusive(|&byte| byte == b'\n').all(ends_in_crlf) { Ok(raw) } else { Err(Problem::LineEnds) }
}

/// Every case of `tests/mail/cases`, in the order of their names.
///
/// # Errors
/// A case cannot be expanded, or two cases have the same name.
pub fn cases() -> Result<Vec<Case>, Error> {
    let root = folder().join("cases");
    let mut cases = Vec::new();
    for provider in entries(&root)? {
        for file in entries(&provider)? {
            cases.extend(case::cases_in(&file)?);
        }
    }
    cases.sort_by(|one, other| one.name.cmp(&other.name));
    match cases.windows(2).find(|pair| matches!(pair, [one, other] if one.name == other.name)) {
        Some(pair) => Err(Error::new(&root, Problem::SameName(pair.iter().map(|case| case.name.clone()).collect()))),
        None => Ok(cases),
    }
}

/// The case of this name, for example `arlo/date-missing`.
///
/// # Errors
/// There is no such case, or one of the cases cannot be expanded.
pub fn case(name: &str) -> Result<Case, Error> {
    let unknown = || Error::new(&folder().join("cases"), Problem::NoCase(name.to_owned()));
    cases()?.into_iter().find(|case| case.name == name).ok_or_else(unknown)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let list = || fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>();
    list().map_err(|cause| Error::new(folder, Problem::File(cause)))
}
