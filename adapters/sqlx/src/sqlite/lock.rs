//! The lock that makes a process the one writer of a database.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::OpenError;

/// Held by each writer while it holds its file open; the system releases it however the process
/// ends.
pub(crate) type WriterLock = Arc<File>;

pub(crate) fn lock(database: &Path) -> Result<WriterLock, OpenError> {
    let mut path = PathBuf::from(database).into_os_string();
    path.push(".lock");
    let path = PathBuf::from(path);
    let opened = File::options().create(true).truncate(false).write(true).open(&path);
    let file = opened.map_err(|source| OpenError::Lock { path: path.clone(), source })?;
    match file.try_lock() {
        Ok(()) => Ok(Arc::new(file)),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path: database.to_owned() }),
        Err(TryLockError::Error(source)) => Err(OpenError::Lock { path, source }),
    }
}
