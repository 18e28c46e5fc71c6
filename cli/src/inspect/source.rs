//! Where mails to look at come from: files, folders, standard input.

use relay::mail::LARGEST_MAIL;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// One mail's bytes, not read yet.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// Standard input.
    Stdin,
    /// A file.
    File(PathBuf),
}

/// The mails under a path: the file itself, or every file in the folder and the folders in it, by name.
pub(super) fn under(path: &Path) -> Vec<Source> {
    if path.as_os_str() == "-" {
        return vec![Source::Stdin];
    }
    let mut found = Vec::new();
    let mut waiting = vec![path.to_owned()];
    while let Some(path) = waiting.pop() {
        match entries(&path) {
            // Last in, first out.
            Some(entries) => waiting.extend(entries.into_iter().rev()),
            None => found.push(Source::File(path)),
        }
    }
    found
}

/// What is in a folder, by name; nothing where the path is no folder, or none that opens. Links to folders are left
/// out, for they may lead in a circle, and so is what is no file: a pipe in a folder would keep the reader waiting.
fn entries(path: &Path) -> Option<Vec<PathBuf>> {
    let entries = path.is_dir().then(|| std::fs::read_dir(path).ok()).flatten()?;
    let is_wanted = |path: &PathBuf| path.is_file() || (path.is_dir() && !path.is_symlink());
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_wanted).collect();
    paths.sort();
    Some(paths)
}

impl Source {
    /// The name to show.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Stdin => "-".to_owned(),
            Self::File(path) => path.to_string_lossy().into_owned(),
        }
    }

    /// The mail, or as much of it as shows that it is too large.
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
