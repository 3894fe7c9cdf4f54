//! Whether a directory is fit for content: it is ours, and nobody else can write there or put another in its place.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::{StoreError, StoreErrorKind};

/// Makes `dir` if it is not there, looks at it, and returns it as an absolute path without symbolic links.
pub(super) fn prepare(dir: &Path) -> Result<PathBuf, StoreError> {
    let broken = |error| unusable(dir, "make", error);
    // Components, because `dir/` would follow a symbolic link.
    let dir: PathBuf = std::path::absolute(dir).map_err(broken)?.components().collect();
    let Some(name) = dir.file_name().filter(|_| !dir.ends_with("..")) else {
        return Err(refused(&dir, "it has no name", "name a directory"));
    };
    make(&dir).map_err(broken)?;
    let kind = fs::symlink_metadata(&dir).map_err(broken)?.file_type();
    if kind.is_symlink() {
        return Err(refused(&dir, "it is a symbolic link", "name the directory itself"));
    }
    if !kind.is_dir() {
        return Err(refused(&dir, "it is no directory", "name a directory"));
    }
    let parent = dir.parent().map_or(Ok(PathBuf::new()), fs::canonicalize).map_err(broken)?;
    let found = parent.join(name);
    refuse_shared(&found)?;
    rights::check(&found)?;
    Ok(found)
}

/// Makes it with its parents; that it is there is no error.
fn make(dir: &Path) -> io::Result<()> {
    match fs::symlink_metadata(dir) {
        Ok(_) => Ok(()),
        Err(_) => rights::private_dir().recursive(true).create(dir),
    }
}

/// A directory that everybody uses may be ours to write, and still everybody's.
fn refuse_shared(dir: &Path) -> Result<(), StoreError> {
    let shared = [PathBuf::from("/tmp"), PathBuf::from("/var/tmp"), std::env::temp_dir()];
    let is_shared = |other: &PathBuf| fs::canonicalize(other).is_ok_and(|other| other == dir);
    match shared.iter().any(is_shared) {
        true => Err(refused(dir, "it is a shared temporary directory", "name a directory of this program")),
        false => Ok(()),
    }
}

pub(super) use rights::create_private;

fn refused(dir: &Path, what: &str, mend: &str) -> StoreError {
    let message = format!("cannot store content in {dir:?}: {what}; {mend}");
    StoreError::new(StoreErrorKind::NotPrivate, message)
}

fn unusable(dir: &Path, what: &str, error: io::Error) -> StoreError {
    let message =
        format!("cannot {what} {dir:?} for content: {error}; name a directory that this process may write to");
    StoreError::new(StoreErrorKind::Unavailable, message).with_source(error)
}

#[cfg(unix)]
mod rights {
    use std::fs::{DirBuilder, File, Metadata, OpenOptions};
    use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
    use std::path::Path;
    use std::{fs, io};

    use super::{StoreError, refused, unusable};

    const GROUP_OR_OTHERS_WRITE: u32 = 0o022;
    const OTHERS_WRITE: u32 = 0o002;
    /// In such a directory only the owner of a file may replace it.
    const STICKY: u32 = 0o1000;

    pub(super) fn private_dir() -> DirBuilder {
        let mut builder = DirBuilder::new();
        builder.mode(0o700);
        builder
    }

    /// A new file for this user alone.
    pub(in super::super) fn create_private(file: &Path) -> io::Result<File> {
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)
    }

    pub(super) fn check(dir: &Path) -> Result<(), StoreError> {
        let broken = |error| unusable(dir, "look at", error);
        let found = fs::symlink_metadata(dir).map_err(broken)?;
        if found.mode() & GROUP_OR_OTHERS_WRITE != 0 {
            let what = format!("others than its owner may write to it (mode {:04o})", found.mode() & 0o7777);
            return Err(refused(dir, &what, "take that away (chmod go-w)"));
        }
        if let Some(parent) = dir.ancestors().skip(1).find(|parent| fs::metadata(parent).is_ok_and(is_open)) {
            let what = format!("anybody may put another in its place, because {parent:?} is writable for all");
            return Err(refused(dir, &what, "take that away (chmod o-w), or name a directory elsewhere"));
        }
        let us = our_id(dir).map_err(|error| unusable(dir, "write to", error))?;
        match found.uid() == us {
            true => Ok(()),
            false => {
                let what = format!("it belongs to user {}, this process is user {us}", found.uid());
                Err(refused(dir, &what, "give it to this user (chown), or name another"))
            }
        }
    }

    #[allow(clippy::needless_pass_by_value)] // as `is_ok_and` hands it over
    fn is_open(parent: Metadata) -> bool {
        parent.mode() & OTHERS_WRITE != 0 && parent.mode() & STICKY == 0
    }

    /// The user as whom we make files. The standard library cannot tell, but a new file belongs to nobody else; and so
    /// it is known that we can write.
    fn our_id(dir: &Path) -> io::Result<u32> {
        let probe = dir.join(format!(".{}.tmp", uuid::Uuid::new_v4()));
        let owner = create_private(&probe)?.metadata().map(|file| file.uid());
        fs::remove_file(&probe)?;
        owner
    }
}

/// Elsewhere what a directory allows is inherited by its files, and for us to use, not to judge.
#[cfg(not(unix))]
mod rights {
    use std::fs::{DirBuilder, File, OpenOptions};
    use std::io;
    use std::path::Path;

    use super::StoreError;

    pub(super) fn private_dir() -> DirBuilder {
        DirBuilder::new()
    }

    pub(in super::super) fn create_private(file: &Path) -> io::Result<File> {
        OpenOptions::new().write(true).create_new(true).open(file)
    }

    pub(super) fn check(_dir: &Path) -> Result<(), StoreError> {
        Ok(())
    }
}
