//! Notices that the files of a running relay are gone.
//!
//! SQLite goes on writing to a file that was deleted, and everything is lost at the next start. So a relay whose store or
//! key is deleted or replaced has to stop, and say so.

use super::DataFolder;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often the files are looked at.
const INTERVAL: Duration = Duration::from_secs(2);

/// A file of a running relay was deleted or replaced.
#[derive(Debug, thiserror::Error)]
#[error(
    "{0} was deleted or replaced while the relay was running, so the relay has stopped. Restore the data folder from a backup, or move what is left of it away and enrol the mailboxes again."
)]
pub struct FileLost(PathBuf);

/// The files of a running relay, as they were at its start.
pub(crate) struct FileWatch(Vec<(PathBuf, Identity)>);

/// The device and the number of a file.
type Identity = (u64, u64);

impl FileWatch {
    /// Watches the store and the key.
    pub(crate) fn new(folder: &DataFolder) -> io::Result<Self> {
        let files = [folder.store(), folder.key()].map(|path| identity(&path).map(|identity| (path, identity)));
        Ok(Self(files.into_iter().collect::<io::Result<_>>()?))
    }

    /// Returns as soon as a file is lost.
    pub(crate) async fn file_lost(&self) -> FileLost {
        loop {
            if let Some(path) = self.find_lost() {
                return FileLost(path.to_owned());
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }

    fn find_lost(&self) -> Option<&Path> {
        let is_lost = |(path, at_start): &&(PathBuf, Identity)| match identity(path) {
            Ok(now) => now != *at_start,
            // Another error, such as too many open files, says nothing about the file.
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        };
        self.0.iter().find(is_lost).map(|(path, _)| path.as_path())
    }
}

fn identity(path: &Path) -> io::Result<Identity> {
    std::fs::metadata(path).map(|metadata| (metadata.dev(), metadata.ino()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_file_that_is_deleted_or_replaced_is_lost() {
        let parent = tempfile::tempdir().expect("a folder");
        let folder = DataFolder::open(parent.path()).expect("a data folder");
        let (store, key) = (folder.store(), folder.key());
        for (lost, kept) in [(&store, &key), (&key, &store)] {
            fs::write(lost, "1").expect("written");
            fs::write(kept, "1").expect("written");
            let watch = FileWatch::new(&folder).expect("two files");
            fs::write(lost, "2").expect("written");
            assert_eq!(watch.find_lost(), None, "its content may change");
            fs::rename(lost, parent.path().join("moved")).expect("renamed");
            assert_eq!(watch.find_lost(), Some(lost.as_path()));
            fs::write(lost, "1").expect("written");
            assert_eq!(watch.find_lost(), Some(lost.as_path()), "another file of its name");
        }
    }
}
