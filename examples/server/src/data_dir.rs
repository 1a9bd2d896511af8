//! The folder that a server keeps its data in.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::certificates::Folder;
use crate::ids::Secret;

const DATABASE: &str = "logistics.db";
const SECRET: &str = "server.secret";

/// A folder with the database, the server's secret and the devices' certificates; removed at the end when it is temporary.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
    temporary: bool,
}

impl DataDir {
    /// The folder at `path`, made when it is not there.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(path)
            .with_context(|| format!("cannot make the data folder {}", path.display()))?;
        Ok(Self { path: path.to_owned(), temporary: false })
    }

    /// A new folder of its own among the system's temporary files.
    pub(crate) fn temporary() -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("logistics-demo-{}", uuid::Uuid::now_v7()));
        let mut dir = Self::open(&path)?;
        dir.temporary = true;
        Ok(dir)
    }

    /// Where the database is.
    pub(crate) fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }

    /// Where the certificates of devices are.
    pub(crate) fn certificates(&self) -> anyhow::Result<Folder> {
        Folder::open(self.path.join("certificates"))
    }

    /// The folder itself.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The server's secret, made at the first start.
    pub(crate) fn secret(&self) -> anyhow::Result<Secret> {
        let path = self.path.join(SECRET);
        let shown = path.display();
        match fs::read(&path) {
            Ok(bytes) => match bytes.try_into() {
                Ok(bytes) => Ok(Secret::new(bytes)),
                Err(_) => {
                    bail!("{shown} does not hold 32 bytes: restore it, tracking links depend on it")
                }
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let mut bytes = [0; 32];
                getrandom::fill(&mut bytes).context("the system gives no randomness")?;
                write_private(&path, &bytes).with_context(|| format!("cannot write {shown}"))?;
                Ok(Secret::new(bytes))
            }
            Err(error) => Err(error).with_context(|| format!("cannot read {shown}")),
        }
    }
}

impl Drop for DataDir {
    fn drop(&mut self) {
        if self.temporary
            && let Err(error) = fs::remove_dir_all(&self.path)
        {
            tracing::warn!(%error, path = %self.path.display(), "temporary data stays behind");
        }
    }
}

/// Writes a new file that only its owner can read, and waits until it is on disk.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
