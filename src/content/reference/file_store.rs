//! A directory as a store.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::{fmt, fs};

use super::{Store, StoreError, StoreErrorKind, file_uri, place};

/// Stores content as files of one directory, for this user alone: mode 0700, its files 0600 (Unix).
///
/// A file appears at once and whole, under its final name: it is written under another one and renamed. A file that is there
/// with the right size is not written again. Nothing is ever deleted.
///
/// What the process has in memory when the machine stops may be lost; what was half written then is written again when the
/// same content comes again.
#[derive(Clone)]
pub struct FileStore {
    dir: PathBuf,
    uri: String,
}

impl FileStore {
    /// Stores in `dir`, which is made with its parents if it is not there.
    ///
    /// # Errors
    /// [`NotPrivate`](StoreErrorKind::NotPrivate) if `dir` is a shared temporary directory (`/tmp`, `/var/tmp`,
    /// [`std::env::temp_dir`]), a symbolic link or no directory, belongs to another user, if its group or others may write to
    /// it, or if one of its parents is writable for all without the sticky bit (all but the first three: Unix only).
    /// [`Unavailable`](StoreErrorKind::Unavailable) if it cannot be made or written to.
    pub fn new(dir: impl AsRef<Path>) -> Result<Self, StoreError> {
        let dir = place::prepare(dir.as_ref())?;
        let uri = file_uri::of(&dir);
        Ok(Self { dir, uri })
    }

    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let target = self.dir.join(name);
        if is_there(&target, bytes) {
            return Ok(());
        }
        // Not a number of ours: two containers may share the directory, and both are process 1.
        let partial = self.dir.join(format!(".{}.tmp", uuid::Uuid::new_v4()));
        let mut file = place::create_private(&partial)?;
        let written = file.write_all(bytes).and_then(|()| fs::rename(&partial, &target));
        if written.is_err() {
            let _ = fs::remove_file(&partial);
        }
        written
    }
}

/// A file that was cut off when the machine stopped has another size.
fn is_there(target: &Path, bytes: &[u8]) -> bool {
    fs::symlink_metadata(target).is_ok_and(|found| found.is_file() && found.len() == bytes.len() as u64)
}

impl Store for FileStore {
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        if !is_plain(name) {
            let message =
                "cannot store content: its name is no plain name of a file; use letters, digits, '-', '_', '.'";
            return Err(StoreError::new(StoreErrorKind::Setting, message));
        }
        self.write(name, bytes).map_err(|error| {
            let message = format!("cannot write content to {:?}: {error}; check space and permissions", self.dir);
            StoreError::new(StoreErrorKind::Unavailable, message).with_source(error)
        })
    }

    fn uri(&self, name: &str) -> String {
        format!("{}/{name}", self.uri)
    }
}

/// Whether a name stays in the directory and hides nothing there.
fn is_plain(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !name.is_empty() && !name.starts_with('.') && name.len() <= 200 && name.bytes().all(plain)
}

impl fmt::Debug for FileStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FileStore").field(&self.dir).finish()
    }
}

#[cfg(test)]
#[path = "file_store_tests.rs"]
mod tests;
