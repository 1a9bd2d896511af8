//! How the platform behaves towards a broker, and what it takes from it.

use std::time::Duration;

use crate::topics::{Channel, OWN_TRACKS_FILTER};

/// Longest client id and longest name of a group, in bytes. Brokers differ; AWS IoT Core takes 128.
const NAME_BYTES_MAX: usize = 100;

/// How the platform behaves towards a broker, and what it takes from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokerConfig {
    /// The name of this process's session, 1 to 100 bytes. The broker keeps for it what comes while
    /// the process is away, so it must stay the same, and no other process may bear it: a broker
    /// disconnects the older of two. Sessions are `{client_id}` or, when shared,
    /// `{client_id}-1`, `-2`, …; the one that publishes is `{client_id}-manifests`.
    pub client_id: String,
    /// Takes a share of the messages, with other processes that name the same group.
    pub share: Option<Share>,
    /// Takes what phones with the app OwnTracks say, too, on `owntracks/{user}/{device}`. The user
    /// is taken for the partner: let the broker hold each phone to its own, as it does with the
    /// partners' topics. The broker remembers it with the session, also when it is no longer
    /// wanted.
    pub own_tracks: bool,
    /// Longest silence before a ping; at least a second.
    pub keep_alive: Duration,
    /// Longest wait for an answer of the broker: to CONNECT, SUBSCRIBE, PUBLISH, and in all after
    /// `keep_alive` of silence. After it the client is thrown away and made anew.
    pub answer_timeout: Duration,
    /// First pause before reconnecting; it doubles with every failure.
    pub reconnect_min: Duration,
    /// Longest pause before reconnecting.
    pub reconnect_max: Duration,
    /// Time a shutdown may take to have messages stored and acknowledged, and manifests published.
    pub drain_timeout: Duration,
    /// Largest payload handed to the host, in bytes. What is larger is acknowledged and counted, for
    /// the broker would send it for ever; set the broker's own limit, too.
    pub payload_bytes_max: usize,
    /// Messages of one session that wait for the host; at that number it is read no further.
    pub in_flight_max: u16,
    /// Messages handed to the host at once.
    pub batch_max: usize,
    /// Time from one batch to the next, at least, unless a full one waits: messages that come
    /// meanwhile share the host's commit. The first after a pause does not wait; none does at zero.
    /// More than a second counts as a second.
    pub batch_every: Duration,
    /// Manifests published and not yet acknowledged.
    pub manifests_in_flight: u16,
    /// Largest manifest published, in bytes. AWS IoT Core takes 128 KiB.
    pub manifest_bytes_max: usize,
}

/// A group of sessions that share the messages: each message goes to one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The group's name, as in `$share/{group}/…`.
    pub group: String,
    /// Sessions of this process. Some brokers limit each one: AWS IoT Core to 100 messages a second.
    pub sessions: u16,
}

/// Why a configuration is of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// It must have 1 to 100 bytes without control characters, and a group's name no `/`, `+`, `#`.
    #[error("{name:?} cannot be the {part}")]
    Name {
        /// What it was meant for.
        part: &'static str,
        /// The name.
        name: String,
    },
    /// A group needs 1 to 100 sessions of this process.
    #[error("{sessions} sessions cannot be a share")]
    Sessions {
        /// How many were asked for.
        sessions: u16,
    },
}

impl Default for BrokerConfig {
    fn default() -> Self {
        Self {
            client_id: "logistics-platform".to_owned(),
            share: None,
            own_tracks: false,
            keep_alive: Duration::from_secs(15),
            answer_timeout: Duration::from_secs(10),
            reconnect_min: Duration::from_millis(200),
            reconnect_max: Duration::from_secs(10),
            drain_timeout: Duration::from_secs(5),
            payload_bytes_max: 128 * 1_024,
            in_flight_max: 256,
            batch_max: 512,
            batch_every: Duration::from_millis(20),
            manifests_in_flight: 16,
            manifest_bytes_max: 256 * 1_024,
        }
    }
}

impl BrokerConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let check = |part, name: &str, is_bad: fn(char) -> bool| {
            let fits = (1..=NAME_BYTES_MAX).contains(&name.len()) && !name.contains(is_bad);
            fits.then_some(()).ok_or_else(|| ConfigError::Name { part, name: name.to_owned() })
        };
        check("client id", &self.client_id, char::is_control)?;
        let Some(Share { group, sessions }) = &self.share else { return Ok(()) };
        check("group", group, |c| c.is_control() || "/+#".contains(c))?;
        if (1..=100).contains(sessions) {
            Ok(())
        } else {
            Err(ConfigError::Sessions { sessions: *sessions })
        }
    }

    /// The client ids of the sessions that receive.
    pub(super) fn receiving_ids(&self) -> Vec<String> {
        match &self.share {
            None => vec![self.client_id.clone()],
            Some(share) => {
                (1..=share.sessions).map(|at| format!("{}-{at}", self.client_id)).collect()
            }
        }
    }

    pub(super) fn publishing_id(&self) -> String {
        format!("{}-manifests", self.client_id)
    }

    /// The topic filters that receiving sessions subscribe to.
    pub(super) fn filters(&self) -> impl Iterator<Item = String> {
        let channels = Channel::ALL.into_iter().filter(|channel| channel.is_written_by_devices());
        let own_tracks = self.own_tracks.then(|| OWN_TRACKS_FILTER.to_owned());
        channels.map(Channel::filter).chain(own_tracks).map(|filter| self.shared(&filter))
    }

    fn shared(&self, filter: &str) -> String {
        match &self.share {
            None => filter.to_owned(),
            Some(share) => format!("$share/{}/{filter}", share.group),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_no_broker_takes_are_refused() {
        let share = |group: &str, sessions| Some(Share { group: group.into(), sessions });
        let good = BrokerConfig { share: share("platform", 2), ..BrokerConfig::default() };
        assert_eq!(good.check(), Ok(()));
        assert_eq!(good.receiving_ids(), ["logistics-platform-1", "logistics-platform-2"]);
        for bad in [
            BrokerConfig { client_id: String::new(), ..good.clone() },
            BrokerConfig { client_id: "x".repeat(101), ..good.clone() },
            BrokerConfig { share: share("a/b", 1), ..good.clone() },
            BrokerConfig { share: share("", 1), ..good.clone() },
            BrokerConfig { share: share("a", 0), ..good.clone() },
            BrokerConfig { share: share("a", 101), ..good },
        ] {
            assert!(bad.check().is_err(), "{bad:?}");
        }
    }
}
