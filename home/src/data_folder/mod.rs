//! The data folder: the store, the key for its address hashes, the certificate for IMAP, and the control socket.

mod watch;

pub use watch::FileLost;
pub(crate) use watch::FileWatch;

use data_encoding::HEXLOWER;
use relay::mailbox::AddressKey;
use std::fs::DirBuilder;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;
use zeroize::Zeroizing;

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
    /// Other users can write to the folder or to a file in it.
    #[error(
        "other users can write to {0}, and so decide who gets a code. Check that it is as you left it, then run: chmod go-w {0}"
    )]
    WritableByOthers(PathBuf),
    /// The folder or a file in it belongs to another user.
    #[error(
        "{0} belongs to another user, who decides what is in it. Run the relay as that user, or choose another folder with --data."
    )]
    ForeignOwner(PathBuf),
    /// There is a store with enrolments without its key.
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
    ///
    /// # Errors
    /// It cannot be created, or another user can write to it or to a file in it.
    pub fn open(path: &Path) -> Result<Self, DataFolderError> {
        let created = DirBuilder::new().recursive(true).mode(0o700).create(path);
        created.map_err(|cause| DataFolderError::Unusable { path: path.to_owned(), cause })?;
        let folder = Self(path.to_owned());
        for path in [&folder.0, &folder.store(), &folder.key(), &folder.imap_certificate()] {
            match std::fs::metadata(path) {
                Ok(metadata) => check_access(path, metadata.mode(), metadata.uid())?,
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(cause) => return Err(DataFolderError::Unusable { path: path.clone(), cause }),
            }
        }
        Ok(folder)
    }

    /// The path of the store.
    pub(crate) fn store(&self) -> PathBuf {
        self.0.join("relay.db")
    }

    /// The path of the key under which addresses are hashed.
    pub(crate) fn key(&self) -> PathBuf {
        self.0.join("address.key")
    }

    /// The path of the self-signed certificate for IMAP and its key.
    pub(crate) fn imap_certificate(&self) -> PathBuf {
        self.0.join("imap.pem")
    }

    /// The path of the control socket, by which `enroll` reaches a running relay.
    pub fn socket(&self) -> PathBuf {
        self.0.join("control.sock")
    }

    /// Reads the key under which addresses are hashed, or creates it if `may_create`. It is never in the store. The caller
    /// holds the store, so no other process creates the key at the same time.
    pub(crate) fn address_key(&self, may_create: bool) -> Result<AddressKey, DataFolderError> {
        let path = self.key();
        let digits = match std::fs::read_to_string(&path) {
            Ok(digits) => Zeroizing::new(digits),
            Err(error) if error.kind() == ErrorKind::NotFound && may_create => self.create_key(&path)?,
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(DataFolderError::KeyMissing(path)),
            Err(cause) => return Err(DataFolderError::Unusable { path, cause }),
        };
        let is_key = HEXLOWER.decode(digits.trim().as_bytes()).is_ok_and(|bytes| bytes.len() == KEY_BYTES);
        if is_key { Ok(AddressKey::new(digits.trim())) } else { Err(DataFolderError::KeyUnreadable(path)) }
    }

    /// Creates the key atomically: it is written to a temporary file, which is then renamed. So a crash leaves a complete
    /// key or no key.
    fn create_key(&self, path: &Path) -> Result<Zeroizing<String>, DataFolderError> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        let unusable = |cause| DataFolderError::Unusable { path: path.to_owned(), cause };
        getrandom::fill(&mut *bytes).map_err(|error| unusable(std::io::Error::other(error)))?;
        let digits = Zeroizing::new(HEXLOWER.encode(&*bytes));
        let mut draft = NamedTempFile::new_in(&self.0).map_err(unusable)?;
        draft.write_all(digits.as_bytes()).and_then(|()| draft.as_file().sync_all()).map_err(unusable)?;
        draft.persist_noclobber(path).map_err(|error| unusable(error.error))?;
        Ok(digits)
    }
}

/// A user who can write to the folder, the store or the key can enrol a program of their own.
fn check_access(path: &Path, mode: u32, owner: u32) -> Result<(), DataFolderError> {
    const GROUP_OR_OTHERS_WRITE: u32 = 0o022;
    const ROOT: u32 = 0;
    if mode & GROUP_OR_OTHERS_WRITE != 0 {
        return Err(DataFolderError::WritableByOthers(path.to_owned()));
    }
    let is_trusted = [ROOT, rustix::process::geteuid().as_raw()].contains(&owner);
    if is_trusted { Ok(()) } else { Err(DataFolderError::ForeignOwner(path.to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use relay::mailbox::Mailbox;
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_key_is_created_once_and_only_its_owner_can_read_it() {
        let parent = tempfile::tempdir().expect("a folder");
        let folder = DataFolder::open(&parent.path().join("data")).expect("a data folder");
        let mailbox = Mailbox::parse("me@gmail.com").expect("a mailbox");
        assert!(matches!(folder.address_key(false), Err(DataFolderError::KeyMissing(_))));
        let key = folder.address_key(true).expect("a key");
        let again = folder.address_key(true).expect("the same key");
        assert_eq!(key.mailbox(&mailbox), again.mailbox(&mailbox));
        let mode = |path: PathBuf| std::fs::metadata(path).expect("it exists").permissions().mode() & 0o777;
        assert_eq!(mode(folder.key()), 0o600);
        assert_eq!(mode(folder.0.clone()), 0o700);
        std::fs::write(folder.key(), "short").expect("written");
        assert!(matches!(folder.address_key(true), Err(DataFolderError::KeyUnreadable(_))));
    }

    #[test]
    fn what_others_can_write_to_is_refused() {
        let parent = tempfile::tempdir().expect("a folder");
        let path = parent.path().join("data");
        let folder = DataFolder::open(&path).expect("a data folder");
        for file in [folder.store(), folder.key()] {
            std::fs::write(file, "").expect("written");
        }
        for file in [path.clone(), folder.store(), folder.key()] {
            let set = |mode| std::fs::set_permissions(&file, Permissions::from_mode(mode)).expect("set");
            for mode in [0o720, 0o702] {
                set(mode);
                let refused = DataFolder::open(&path);
                assert!(
                    matches!(&refused, Err(DataFolderError::WritableByOthers(named)) if *named == file),
                    "{refused:?}"
                );
            }
            set(0o755);
        }
        assert!(DataFolder::open(&path).is_ok(), "others may read: what is in it is hashed or mode 0600");
    }

    #[test]
    fn what_belongs_to_another_user_is_refused() {
        let (path, me) = (Path::new("data"), rustix::process::geteuid().as_raw());
        assert!(check_access(path, 0o700, me).is_ok());
        assert!(check_access(path, 0o700, 0).is_ok(), "root can write to everything anyway");
        assert!(matches!(check_access(path, 0o700, me + 1), Err(DataFolderError::ForeignOwner(_))));
    }
}
