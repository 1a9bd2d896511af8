//! Certificates of devices: a local authority issues them, a ledger says which are good.
//!
//! All of it lies in one folder of the data: `authority.pem` and `.key`, `ledger.jsonl`, and for each
//! certificate `{serial}.pem` and `.key`. Keys can be read by their owner only.

mod authority;
mod command;
mod guard;
mod ledger;

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use chrono::{DateTime, Duration, Utc};
use logistics_mqtt::tls::ServerTls;

use authority::Authority;
pub(crate) use command::run;
pub(crate) use guard::{Guard, watch};
use ledger::Ledger;

/// The folder with the authority, the ledger and the certificates.
#[derive(Debug, Clone)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// The folder at `path`, made when it is not there.
    pub(crate) fn open(path: PathBuf) -> anyhow::Result<Self> {
        fs::create_dir_all(&path)
            .with_context(|| format!("cannot make the folder {}", path.display()))?;
        Ok(Self(path))
    }

    pub(crate) fn ledger(&self) -> Ledger {
        Ledger::at(self.file("ledger.jsonl"))
    }

    /// The gateway's side of mutual TLS: a new certificate under these names, whose key never
    /// touches the disk.
    pub(crate) fn server_tls(
        &self,
        names: Vec<String>,
        now: DateTime<Utc>,
    ) -> anyhow::Result<ServerTls> {
        let authority = self.authority(&self.lock()?)?;
        let own = authority.server(names, now, now + SERVER_LIFE)?;
        let (certificate, key) = (own.certificate.as_bytes(), own.key.as_bytes());
        ServerTls::from_pem(certificate, key, authority.pem().as_bytes())
            .context("the authority's certificate is of no use")
    }

    /// The authority, made at the first use. The lock keeps two processes from making two.
    fn authority(&self, _: &Lock) -> anyhow::Result<Authority> {
        Authority::open(&self.file(AUTHORITY), &self.file("authority.key"))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Waits until no other process changes the folder.
    fn lock(&self) -> anyhow::Result<Lock> {
        let path = self.file("lock");
        let file = File::create(&path).and_then(|file| file.lock().map(|()| file));
        file.map(|file| Lock { _file: file }).with_context(|| cannot("lock", &path))
    }
}

/// How long the gateway's certificate is good. It is new at each start.
const SERVER_LIFE: Duration = Duration::days(825);
const AUTHORITY: &str = "authority.pem";

/// Held while one process changes the folder.
struct Lock {
    _file: File,
}

fn cannot(what: &str, path: &Path) -> String {
    format!("cannot {what} {}", path.display())
}
