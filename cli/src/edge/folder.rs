//! The data folder: the store, the key under which it hashes addresses, and the socket to a running relay.

use data_encoding::HEXLOWER;
use relay::mailbox::AddressKey;
use std::fs::{DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

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

    /// Written beside its place and then moved there: a crash leaves a whole key or none.
    fn make_key(&self, path: &Path) -> Result<String, FolderError> {
        if self.store().exists() {
            return Err(FolderError::KeyMissing(path.to_owned()));
        }
        let mut bytes = [0; KEY_BYTES];
        let unusable = |cause| FolderError::Unusable { path: path.to_owned(), cause };
        getrandom::fill(&mut bytes).map_err(|error| unusable(std::io::Error::other(error)))?;
        let digits = HEXLOWER.encode(&bytes);
        let draft = path.with_extension("draft");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let written = options.open(&draft).and_then(|mut file| {
            file.write_all(digits.as_bytes())?;
            file.sync_all()
        });
        written.and_then(|()| std::fs::rename(&draft, path)).map_err(unusable)?;
        Ok(digits)
    }
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
    fn a_store_without_its_key_is_not_given_another() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = DataFolder::open(place.path()).expect("a data folder");
        std::fs::write(folder.store(), "").expect("a store");
        assert!(matches!(folder.address_key(), Err(FolderError::KeyMissing(_))));
        std::fs::write(place.path().join("address.key"), "short").expect("a file");
        assert!(matches!(folder.address_key(), Err(FolderError::KeyUnreadable(_))));
    }
}
