//! Which certificates the running server takes, and the end of those it no longer does.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use logistics_mqtt::gateway::{ConnectionIdentity, Gateway};

use super::ledger::{Ledger, Records, State};

/// How often the ledger is looked at: a revocation takes effect within about this.
const PERIOD: Duration = Duration::from_secs(1);

const UNKNOWN: &str = "not in the ledger";

/// Knows the ledger by heart.
pub(crate) struct Guard {
    ledger: Ledger,
    known: RwLock<Known>,
}

#[derive(Default)]
struct Known {
    mark: Option<(u64, SystemTime)>,
    records: Records,
}

impl Guard {
    /// Reads the ledger; one that cannot be read is an error now, not later.
    pub(crate) fn open(ledger: Ledger) -> anyhow::Result<Self> {
        let guard = Self { ledger, known: RwLock::default() };
        guard.refresh()?;
        Ok(guard)
    }

    /// What is to be said against a newcomer's certificate, which the authority has signed. It may
    /// be newer than what is known.
    pub(crate) fn objection_to_newcomer(
        &self,
        identity: &ConnectionIdentity,
        now: DateTime<Utc>,
    ) -> Option<&'static str> {
        if self.objection(identity, now) == Some(UNKNOWN)
            && let Err(error) = self.refresh()
        {
            tracing::error!("the ledger of certificates: {error:#}");
        }
        self.objection(identity, now)
    }

    fn objection(&self, identity: &ConnectionIdentity, now: DateTime<Utc>) -> Option<&'static str> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        match known.records.get(&*identity.serial) {
            None => Some(UNKNOWN),
            Some(record) if record.partner != identity.partner => Some("another partner's"),
            Some(record) => match record.state(now) {
                State::Good => None,
                state => Some(state.word()),
            },
        }
    }

    /// Reads the ledger again if it has changed.
    fn refresh(&self) -> anyhow::Result<()> {
        let mark = self.ledger.mark()?;
        if mark != self.known.read().unwrap_or_else(PoisonError::into_inner).mark {
            let records = self.ledger.read()?;
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            *known = Known { mark, records };
        }
        Ok(())
    }
}

/// Follows the ledger, and disconnects whose certificates are good no longer; for ever.
pub(crate) async fn watch(guard: Arc<Guard>, gateway: Arc<Gateway>) {
    let mut tick = tokio::time::interval(PERIOD);
    loop {
        tick.tick().await;
        let reader = Arc::clone(&guard);
        match tokio::task::spawn_blocking(move || reader.refresh()).await {
            Ok(Ok(())) => {}
            // What is known stays; what is revoked stays revoked.
            Ok(Err(error)) => tracing::error!("the ledger of certificates: {error:#}"),
            Err(error) => tracing::error!(%error, "the ledger of certificates is not read"),
        }
        gateway.shut_out(|identity| {
            let objection = guard.objection(identity, Utc::now());
            if let Some(objection) = objection {
                let ConnectionIdentity { partner, serial } = identity;
                tracing::info!(%partner, %serial, objection, "disconnected: its certificate");
            }
            objection.is_some()
        });
    }
}
