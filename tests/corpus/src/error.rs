//! Why a case cannot be expanded.

use std::fmt;
use std::io;
use std::path::Path;

/// A case that cannot be expanded: the file, the case and the edit, and the problem with it.
#[derive(Debug)]
pub struct Error {
    place: String,
    problem: Problem,
}

impl Error {
    /// A problem with a file or folder.
    pub(crate) fn new(path: &Path, problem: Problem) -> Self {
        Self { place: path.display().to_string(), problem }
    }

    /// A problem with a case of a file.
    pub(crate) fn of_case(file: &Path, case: &str, problem: Problem) -> Self {
        Self { place: format!("{}, {case}", file.display()), problem }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.problem)
    }
}

impl std::error::Error for Error {}

/// What is wrong with a case.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// A file or folder cannot be read.
    #[error("{0}")]
    File(io::Error),
    /// A file or a case is not TOML of the right shape.
    #[error("{0}")]
    Shape(#[from] toml::de::Error),
    /// The base mail cannot be read.
    #[error("its base mail: {0}")]
    Base(io::Error),
    /// A line of the base mail ends otherwise.
    #[error("its base mail: every line must end in CR LF")]
    LineEnds,
    /// An edit does not apply.
    #[error("edit {number}: {problem}")]
    Edit {
        /// The edit's position, from 1.
        number: usize,
        /// What is wrong with it.
        problem: Box<Problem>,
    },
    /// The text of an edit does not occur as often as it must.
    #[error("occurs {found} times instead of {expected}: {text:?}")]
    Occurs {
        /// How often it occurs.
        found: usize,
        /// How often it must.
        expected: usize,
        /// The text.
        text: String,
    },
    /// The header section has no such field.
    #[error("no field {0}")]
    NoField(String),
    /// Every part has a transfer encoding already.
    #[error("no 7bit or 8bit part to encode")]
    NothingToEncode,
    /// SES's header block on top of the mail does not state what it must.
    #[error("SES's header block does not state {0}")]
    NotStated(&'static str),
    /// Two cases have the same name.
    #[error("two cases have the same name: {0}")]
    SameName(String),
    /// No case has this name.
    #[error("no case {0}")]
    NoCase(String),
}
