//! Which store is measured.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use logistics_core::eventsourcing::EventStore;
use logistics_sqlx::{SqliteConfig, SqliteStore};

/// A store by its address.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    /// `sqlite:PATH`.
    Sqlite(PathBuf),
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(path.into())),
            _ => Err("give sqlite:PATH".to_owned()),
        }
    }
}

impl Target {
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
        }
    }

    /// Opens the store; makes it when it is not there.
    pub(crate) async fn open(&self) -> anyhow::Result<Arc<dyn EventStore>> {
        match self {
            Self::Sqlite(path) => Ok(Arc::new(SqliteStore::open(SqliteConfig::new(path)).await?)),
        }
    }
}
