//! The data folder: the store, the key under which it hashes addresses, and the socket to a running relay.

use data_encoding::HEXLOWER;
use relay::mailbox::AddressKey;
use std::fs::DirBuilder;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// A folder that only its owner can enter.
#[derive(Debug, Clone)]
pub struct DataFolder(PathBuf);

/// Why a data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The folder cannot be made, or a file in it cannot be read or written.
    #[error("cannot use {path}: {cause}. Give another folder with --data, or mend its permissions.")]
    Unusable {
        /// The folder or file.
        path: PathBuf,
        /// What the operating system says.
        cause: std::io::Error,
    },
    /// There is a store, and the key to it is gone.
    #[error(
        "{0} is missing, without which nobody in the store beside it is known. Bring it back from a backup, or move the store away and enrol anew."
    )]
    KeyMissing(PathBuf),
    /// The key's file holds something else.
    #[error("{0} holds no key. Bring it back from a backup, or move it and the store away and enrol anew.")]
    KeyUnreadable(PathBuf),
}

/// Random bytes in the key.
const KEY_BYTES: usize = 32;

impl DataFolder {
    /// The folder at this path, made where it is missing.
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.map_err(|cause| FolderError::Unusable { path: path.to_owned(), cause })?;
        Ok(Self(path.to_owned()))
    }

    /// The store's file.
    pub fn store(&self) -> PathBuf {
        self.0.join("relay.db")
    }

    /// The socket by which `enroll` talks to a running relay.
    pub fn socket(&self) -> PathBuf {
        self.0.join("control.sock")
    }

    /// The key under which addresses are hashed. It is made with the first store, and never lies in it.
    pub fn address_key(&self) -> Result<AddressKey, FolderError> {
        let path = self.0.join("address.key");
        let digits = match std::fs::read_to_string(&path) {
            Ok(digits) => digits,
            Err(error) if error.kind() == ErrorKind::NotFound => self.make_key(&path)?,
            Err(cause) => return Err(FolderError::Unusable { path, cause }),
        };
        let is_key = HEXLOWER.decode(digits.trim().as_bytes()).is_ok_and(|bytes| bytes.len() == KEY_BYTES);
        if is_key { Ok(AddressKey::new(digits.trim())) } else { Err(FolderError::KeyUnreadable(path)) }
    }

    /// Written beside its place and then moved there, unless somebody was faster: a crash leaves a whole key or none, and
    /// of several processes that start at once all go on with the same.
    fn make_key(&self, path: &Path) -> Result<String, FolderError> {
        if self.store().exists() {
            // A store is made after its key. Where there is one now, the key has come meanwhile, or is lost.
            return read(path);
        }
        let mut bytes = [0; KEY_BYTES];
        let unusable = |cause| FolderError::Unusable { path: path.to_owned(), cause };
        getrandom::fill(&mut bytes).map_err(|error| unusable(std::io::Error::other(error)))?;
        let digits = HEXLOWER.encode(&bytes);
        let mut draft = NamedTempFile::new_in(&self.0).map_err(unusable)?;
        draft.write_all(digits.as_bytes()).and_then(|()| draft.as_file().sync_all()).map_err(unusable)?;
        match draft.persist_noclobber(path) {
            Ok(_) => Ok(digits),
            Err(taken) if taken.error.kind() == ErrorKind::AlreadyExists => read(path),
            Err(refused) => Err(unusable(refused.error)),
        }
    }
}

/// Reads a key that has to be there.
fn read(path: &Path) -> Result<String, FolderError> {
    std::fs::read_to_string(path).map_err(|cause| match cause.kind() {
        ErrorKind::NotFound => FolderError::KeyMissing(path.to_owned()),
        _ => FolderError::Unusable { path: path.to_owned(), cause },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use relay::mailbox::Mailbox;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_key_is_made_once_and_for_nobody_else() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = DataFolder::open(&place.path().join("data")).expect("a data folder");
        let mailbox = Mailbox::parse("me@gmail.com").expect("a mailbox");
        let key = folder.address_key().expect("a key");
        let again = folder.address_key().expect("the same key");
        assert_eq!(key.mailbox(&mailbox), again.mailbox(&mailbox));
        let mode = |path: PathBuf| std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
        assert_eq!(mode(folder.0.join("address.key")), 0o600);
        assert_eq!(mode(folder.0.clone()), 0o700);
    }

    #[test]
    fn processes_that_start_at_once_go_on_with_one_key() {
        let mailbox = Mailbox::parse("me@gmail.com").expect("a mailbox");
        for _ in 0..50 {
            let place = tempfile::tempdir().expect("a folder");
            let folder = DataFolder::open(place.path()).expect("a data folder");
            let keys: Vec<_> = std::thread::scope(|scope| {
                let starts: Vec<_> = (0..4).map(|_| scope.spawn(|| folder.address_key().expect("a key"))).collect();
                starts.into_iter().map(|start| start.join().expect("a start")).collect()
            });
            let names: std::collections::BTreeSet<_> = keys.iter().map(|key| key.mailbox(&mailbox)).collect();
            assert_eq!(names.len(), 1);
        }
    }

    #[test]
    fn a_store_without_its_key_is_not_given_another() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = DataFolder::open(place.path()).expect("a data folder");
        std::fs::write(folder.store(), "").expect("a store");
        assert!(matches!(folder.address_key(), Err(FolderError::KeyMissing(_))));
        std::fs::write(place.path().join("address.key"), "short").expect("a file");
        assert!(matches!(folder.address_key(), Err(FolderError::KeyUnreadable(_))));
    }
}
