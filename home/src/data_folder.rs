//! The data folder: the store, the key for its address hashes, and the control socket.

use data_encoding::HEXLOWER;
use relay::mailbox::AddressKey;
use std::fs::DirBuilder;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Length of the address key, in random bytes.
const KEY_BYTES: usize = 32;

/// A folder that only its owner can enter.
#[derive(Debug, Clone)]
pub struct DataFolder(PathBuf);

/// Why a data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataFolderError {
    /// The folder cannot be created, or a file in it cannot be read or written.
    #[error("cannot use {path}: {cause}. Choose another folder with --data, or correct its permissions.")]
    Unusable {
        /// The folder or file.
        path: PathBuf,
        /// The operating system's error.
        cause: std::io::Error,
    },
    /// There is a store without its key.
    #[error(
        "{0} is missing, and the store beside it cannot be used without it. Restore it from a backup, or move the store away and enrol the mailboxes again."
    )]
    KeyMissing(PathBuf),
    /// The key file does not hold a key.
    #[error(
        "{0} does not hold a key. Restore it from a backup, or move it and the store away and enrol the mailboxes again."
    )]
    KeyUnreadable(PathBuf),
}

impl DataFolder {
    /// Opens the folder at `path`, and creates it (mode 0700) if it does not exist.
    pub fn open(path: &Path) -> Result<Self, DataFolderError> {
        let created = DirBuilder::new().recursive(true).mode(0o700).create(path);
        created.map_err(|cause| DataFolderError::Unusable { path: path.to_owned(), cause })?;
        Ok(Self(path.to_owned()))
    }

    /// The path of the store.
    pub(crate) fn store(&self) -> PathBuf {
        self.0.join("relay.db")
    }

    /// The path of the control socket, by which `enroll` reaches a running relay.
    pub fn socket(&self) -> PathBuf {
        self.0.join("control.sock")
    }

    /// The key under which addresses are hashed. It is created with the first store, and never stored in it.
    pub(crate) fn address_key(&self) -> Result<AddressKey, DataFolderError> {
        let path = self.0.join("address.key");
        let digits = match std::fs::read_to_string(&path) {
            Ok(digits) => digits,
            Err(error) if error.kind() == ErrorKind::NotFound => self.create_key(&path)?,
            Err(cause) => return Err(DataFolderError::Unusable { path, cause }),
        };
        let is_key = HEXLOWER.decode(digits.trim().as_bytes()).is_ok_and(|bytes| bytes.len() == KEY_BYTES);
        if is_key { Ok(AddressKey::new(digits.trim())) } else { Err(DataFolderError::KeyUnreadable(path)) }
    }

    /// Creates the key atomically: it is written to a temporary file, which is then renamed unless `path` exists by now.
    /// So a crash leaves a complete key or no key, and processes that race to start all use the same one.
    fn create_key(&self, path: &Path) -> Result<String, DataFolderError> {
        if self.store().exists() {
            // A store is created after its key. If it exists, another process has just created the key, or it is lost.
            return read_existing_key(path);
        }
        let mut bytes = [0; KEY_BYTES];
        let unusable = |cause| DataFolderError::Unusable { path: path.to_owned(), cause };
        getrandom::fill(&mut bytes).map_err(|error| unusable(std::io::Error::other(error)))?;
        let digits = HEXLOWER.encode(&bytes);
        let mut draft = NamedTempFile::new_in(&self.0).map_err(unusable)?;
        draft.write_all(digits.as_bytes()).and_then(|()| draft.as_file().sync_all()).map_err(unusable)?;
        match draft.persist_noclobber(path) {
            Ok(_) => Ok(digits),
            Err(error) if error.error.kind() == ErrorKind::AlreadyExists => read_existing_key(path),
            Err(error) => Err(unusable(error.error)),
        }
    }
}

fn read_existing_key(path: &Path) -> Result<String, DataFolderError> {
    std::fs::read_to_string(path).map_err(|cause| match cause.kind() {
        ErrorKind::NotFound => DataFolderError::KeyMissing(path.to_owned()),
        _ => DataFolderError::Unusable { path: path.to_owned(), cause },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use relay::mailbox::Mailbox;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_key_is_created_once_and_only_its_owner_can_read_it() {
        let parent = tempfile::tempdir().expect("a folder");
        let folder = DataFolder::open(&parent.path().join("data")).expect("a data folder");
        let mailbox = Mailbox::parse("me@gmail.com").expect("a mailbox");
        let key = folder.address_key().expect("a key");
        let again = folder.address_key().expect("the same key");
        assert_eq!(key.mailbox(&mailbox), again.mailbox(&mailbox));
        let mode = |path: PathBuf| std::fs::metadata(path).expect("it exists").permissions().mode() & 0o777;
        assert_eq!(mode(folder.0.join("address.key")), 0o600);
        assert_eq!(mode(folder.0.clone()), 0o700);
    }

    #[test]
    fn processes_that_race_to_start_use_the_same_key() {
        let mailbox = Mailbox::parse("me@gmail.com").expect("a mailbox");
        for _ in 0..50 {
            let parent = tempfile::tempdir().expect("a folder");
            let folder = DataFolder::open(parent.path()).expect("a data folder");
            let keys: Vec<_> = std::thread::scope(|scope| {
                let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| folder.address_key().expect("a key"))).collect();
                threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
            });
            let hashes: std::collections::BTreeSet<_> = keys.iter().map(|key| key.mailbox(&mailbox)).collect();
            assert_eq!(hashes.len(), 1);
        }
    }

    #[test]
    fn a_store_without_its_key_does_not_get_a_new_one() {
        let parent = tempfile::tempdir().expect("a folder");
        let folder = DataFolder::open(parent.path()).expect("a data folder");
        std::fs::write(folder.store(), "").expect("a store");
        assert!(matches!(folder.address_key(), Err(DataFolderError::KeyMissing(_))));
        std::fs::write(parent.path().join("address.key"), "short").expect("a file");
        assert!(matches!(folder.address_key(), Err(DataFolderError::KeyUnreadable(_))));
    }
}
