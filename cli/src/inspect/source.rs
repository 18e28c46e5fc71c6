//! The sources of mails: files, folders, standard input.

use relay::mail::LARGEST_MAIL;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// One mail, not read yet.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// Standard input.
    Stdin,
    /// A file.
    File(PathBuf),
}

/// The mails at a path: the file itself, or every file in the folder and its subfolders, sorted by name.
pub(super) fn under(path: &Path) -> Vec<Source> {
    if path.as_os_str() == "-" {
        return vec![Source::Stdin];
    }
    let mut found = Vec::new();
    let mut stack = vec![path.to_owned()];
    while let Some(path) = stack.pop() {
        match entries(&path) {
            // In reverse, because the last one is popped first.
            Some(entries) => stack.extend(entries.into_iter().rev()),
            None => found.push(Source::File(path)),
        }
    }
    found
}

/// The entries of a folder, sorted by name. Returns `None` if the path is not a folder that can be read.
///
/// Omits symbolic links to folders, which may form a cycle, and everything that is neither file nor folder: reading a pipe
/// would block.
fn entries(path: &Path) -> Option<Vec<PathBuf>> {
    let entries = path.is_dir().then(|| std::fs::read_dir(path).ok()).flatten()?;
    let is_wanted = |path: &PathBuf| path.is_file() || (path.is_dir() && !path.is_symlink());
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_wanted).collect();
    paths.sort();
    Some(paths)
}

impl Source {
    /// The name to print.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Stdin => "-".to_owned(),
            Self::File(path) => path.to_string_lossy().into_owned(),
        }
    }

    /// Reads the mail, at most one byte more than [`LARGEST_MAIL`].
    pub(super) fn read(&self) -> io::Result<Vec<u8>> {
        match self {
            Self::Stdin => read_bounded(io::stdin().lock()),
            Self::File(path) => read_bounded(File::open(path)?),
        }
    }
}

fn read_bounded(from: impl Read) -> io::Result<Vec<u8>> {
    let mut raw = Vec::new();
    from.take(LARGEST_MAIL as u64 + 1).read_to_end(&mut raw)?;
    Ok(raw)
}
