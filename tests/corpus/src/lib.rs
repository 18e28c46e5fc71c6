//! The mails of `tests/mail`: each case is a base mail, a few edits, and what must come of it.
//!
//! `tests/mail/README.md` explains the format. `tests/stack/corpus.py` is the same loader for the stack's tests, and
//! `tests/stack/test_corpus.py` compares the two.

mod case;
mod delivery;
mod edit;
mod error;
mod expect;
mod forgery;
mod header;
mod transfer_encoding;
mod worst_case;

pub use case::Case;
pub use delivery::Delivery;
pub use error::{Error, Problem};
pub use expect::{Confirmation, Expect};
pub use forgery::{Forgery, forgeries, listed_forgeries};
pub use worst_case::{WORST_CASES, WorstCase};

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The folder `tests/mail`.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("mail")
}

/// The bytes of a base mail, for example `2026-05-alternative`.
///
/// # Errors
/// There is no such file, or not every line of it ends in CR LF.
pub fn base(name: &str) -> Result<Vec<u8>, Problem> {
    fs::read(folder().join("base").join(format!("{name}.eml"))).map_err(Problem::Base).and_then(with_crlf)
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
    sorted(cases).map_err(|problem| Error::new(&root, problem))
}

/// The case of this name, for example `arlo/date-missing`.
///
/// # Errors
/// There is no such case, or one of the cases cannot be expanded.
pub fn case(name: &str) -> Result<Case, Error> {
    let unknown = || Error::new(&folder().join("cases"), Problem::NoCase(name.to_owned()));
    cases()?.into_iter().find(|case| case.name == name).ok_or_else(unknown)
}

/// The mail, if each of its lines ends in CR LF. The last may have no end.
fn with_crlf(raw: Vec<u8>) -> Result<Vec<u8>, Problem> {
    let ends_in_crlf = |line: &[u8]| line.ends_with(b"\r\n") || !line.ends_with(b"\n");
    if raw.split_inclusive(|&byte| byte == b'\n').all(ends_in_crlf) { Ok(raw) } else { Err(Problem::LineEnds) }
}

/// The cases in the order of their names, if each has its own.
fn sorted(mut cases: Vec<Case>) -> Result<Vec<Case>, Problem> {
    cases.sort_by(|one, other| one.name.cmp(&other.name));
    let twice = cases.windows(2).find_map(|pair| match pair {
        [one, other] if one.name == other.name => Some(one.name.clone()),
        _ => None,
    });
    twice.map_or(Ok(cases), |name| Err(Problem::SameName(name)))
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let list = || fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>();
    list().map_err(|cause| Error::new(folder, Problem::File(cause)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_a_base_ends_in_crlf() {
        assert_eq!(with_crlf(b"a\r\n\r\nb".to_vec()).unwrap(), b"a\r\n\r\nb");
        assert!(with_crlf(b"a\r\n\nb\r\n".to_vec()).is_err());
    }

    #[test]
    fn a_case_is_found_by_its_name() {
        assert_eq!(case("arlo/date-missing").unwrap().name, "arlo/date-missing");
        let error = case("arlo/nothing").unwrap_err().to_string();
        assert!(error.ends_with("tests/mail/cases: no case arlo/nothing"), "{error}");
    }

    #[test]
    fn two_cases_of_one_name_are_an_error() {
        let missing = case("arlo/date-missing").unwrap();
        let error = sorted(vec![missing.clone(), missing]).unwrap_err().to_string();
        assert_eq!(error, "two cases have the same name: arlo/date-missing");
    }
}
