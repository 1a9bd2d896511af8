//! Which certificates were issued and revoked: one JSON line for each, appended, never changed.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;
use std::time::SystemTime;

use anyhow::{Context as _, ensure};
use chrono::{DateTime, Utc};
use logistics_core::PartnerId;
use serde::{Deserialize, Serialize};

use super::{Lock, cannot};

/// Largest ledger that is read: more than 200,000 certificates.
const BYTES_MAX: u64 = 64 << 20;

/// One line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
pub(super) enum Entry {
    Issued { serial: String, partner: PartnerId, at: DateTime<Utc>, until: DateTime<Utc> },
    Revoked { serial: String, at: DateTime<Utc> },
}

/// What is known of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) partner: PartnerId,
    pub(super) issued_at: DateTime<Utc>,
    pub(super) until: DateTime<Utc>,
    pub(super) revoked_at: Option<DateTime<Utc>>,
}

/// Whether a certificate counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Good,
    Revoked,
    Expired,
}

impl State {
    /// The word for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
        }
    }
}

impl Record {
    pub(super) fn state(&self, now: DateTime<Utc>) -> State {
        match self.revoked_at {
            Some(_) => State::Revoked,
            None if now >= self.until => State::Expired,
            None => State::Good,
        }
    }
}

/// Certificates by their serial numbers.
pub(super) type Records = BTreeMap<String, Record>;

/// The file.
#[derive(Debug, Clone)]
pub(crate) struct Ledger {
    path: PathBuf,
}

impl Ledger {
    pub(super) fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Changes whenever the file does.
    pub(super) fn mark(&self) -> anyhow::Result<Option<(u64, SystemTime)>> {
        match fs::metadata(&self.path).and_then(|meta| Ok((meta.len(), meta.modified()?))) {
            Ok(mark) => Ok(Some(mark)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| cannot("read", &self.path)),
        }
    }

    pub(super) fn read(&self) -> anyhow::Result<Records> {
        let Some((bytes, _)) = self.mark()? else { return Ok(Records::new()) };
        ensure!(bytes <= BYTES_MAX, "{} is larger than {BYTES_MAX} bytes", self.path.display());
        let text = fs::read_to_string(&self.path).with_context(|| cannot("read", &self.path))?;
        let mut records = Records::new();
        for (at, line) in complete(&text).lines().enumerate() {
            let place = || format!("{} line {}", self.path.display(), at + 1);
            match serde_json::from_str(line).with_context(place)? {
                Entry::Issued { serial, partner, at, until } => {
                    let record = Record { partner, issued_at: at, until, revoked_at: None };
                    records.insert(serial, record);
                }
                Entry::Revoked { serial, at } => {
                    let record = records.get_mut(&serial).with_context(place)?;
                    record.revoked_at.get_or_insert(at);
                }
            }
        }
        Ok(records)
    }

    /// Appends the entries; they are on disk when it returns.
    pub(super) fn append(&self, _: &Lock, entries: &[Entry]) -> anyhow::Result<()> {
        let mut lines = String::new();
        for entry in entries {
            lines.push_str(&serde_json::to_string(entry)?);
            lines.push('\n');
        }
        let write = || {
            let mut options = OpenOptions::new();
            let mut file = options.append(true).create(true).read(true).open(&self.path)?;
            // What a crash left half written was never told to anybody.
            let text = fs::read_to_string(&self.path)?;
            file.set_len(complete(&text).len().try_into().unwrap_or(u64::MAX))?;
            file.write_all(lines.as_bytes())?;
            file.sync_all()
        };
        write().with_context(|| cannot("write", &self.path))
    }
}

/// All up to the last line's end.
fn complete(text: &str) -> &str {
    text.rfind('\n').map_or("", |end| &text[..=end])
}

#[cfg(test)]
mod tests {
    use super::super::Folder;
    use super::*;

    fn issued(serial: &str) -> Entry {
        let (serial, partner) = (serial.to_owned(), PartnerId::new("DP-1").unwrap());
        let at = DateTime::UNIX_EPOCH;
        Entry::Issued { serial, partner, at, until: at + chrono::Duration::days(1) }
    }

    #[test]
    fn what_is_appended_is_read_and_a_torn_line_is_not() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(place.path().to_owned()).unwrap();
        let (ledger, lock) = (folder.ledger(), folder.lock().unwrap());
        assert!(ledger.read().unwrap().is_empty());
        let revoked = Entry::Revoked { serial: "a1".into(), at: DateTime::UNIX_EPOCH };
        ledger.append(&lock, &[issued("a1"), issued("b2"), revoked]).unwrap();
        let whole = fs::read_to_string(&ledger.path).unwrap();
        fs::write(&ledger.path, format!("{whole}{{\"entry\":\"rev")).unwrap();
        assert_eq!(ledger.read().unwrap().len(), 2);
        ledger.append(&lock, &[issued("c3")]).unwrap();
        let records = ledger.read().unwrap();
        let states: Vec<_> = records.values().map(|r| r.state(DateTime::UNIX_EPOCH)).collect();
        assert_eq!(states, [State::Revoked, State::Good, State::Good]);
        assert_eq!(records["b2"].state(Utc::now()), State::Expired);
    }

    #[test]
    fn a_damaged_line_is_named() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(place.path().to_owned()).unwrap();
        folder.ledger().append(&folder.lock().unwrap(), &[issued("a1")]).unwrap();
        let path = &folder.ledger().path;
        let whole = fs::read_to_string(path).unwrap();
        fs::write(path, format!("{whole}{{\"entry\":\"revoked\"}}\n{whole}")).unwrap();
        let error = folder.ledger().read().unwrap_err();
        assert!(error.to_string().ends_with("ledger.jsonl line 2"), "{error}");
    }
}
