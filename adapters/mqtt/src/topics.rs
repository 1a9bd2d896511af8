//! The MQTT topics of a delivery partner, built and parsed in one place; no topic is spelt elsewhere.

use std::fmt;

use logistics_core::PartnerId;

/// What every partner topic starts with: `logistics/dp/{partner}/…`.
pub const PREFIX: &str = "logistics/dp/";

/// What phones with the app OwnTracks publish positions on: `owntracks/{user}/{device}`.
#[cfg(feature = "broker")]
pub(crate) const OWN_TRACKS_FILTER: &str = "owntracks/+/+";

/// What a partner's topic carries: the part after `logistics/dp/{partner}/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Channel {
    /// `location`: one position fix, device to platform.
    Location,
    /// `location/batch`: fixes collected while the device was offline, device to platform.
    LocationBatch,
    /// `event`: pickups, attempts, deliveries, device to platform.
    Event,
    /// `manifest`: the partner's stops, platform to device, retained.
    Manifest,
    /// `manifest/ack`: which manifest the device shows, device to platform.
    ManifestAck,
    /// `status`: the device's own state and its last will, device to platform.
    Status,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 6] = [
        Self::Location,
        Self::LocationBatch,
        Self::Event,
        Self::Manifest,
        Self::ManifestAck,
        Self::Status,
    ];

    /// The topic's last levels.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Location => "location",
            Self::LocationBatch => "location/batch",
            Self::Event => "event",
            Self::Manifest => "manifest",
            Self::ManifestAck => "manifest/ack",
            Self::Status => "status",
        }
    }

    /// The filter that covers this topic of every partner.
    ///
    /// ```
    /// # use logistics_mqtt::Channel;
    /// assert_eq!(Channel::Location.filter(), "logistics/dp/+/location");
    /// ```
    #[must_use]
    pub fn filter(self) -> String {
        format!("{PREFIX}+/{}", self.as_str())
    }

    /// Whether devices write to it. The manifest is written by the platform alone.
    #[must_use]
    pub fn is_written_by_devices(self) -> bool {
        self != Self::Manifest
    }
}

/// One partner's topic: `logistics/dp/{partner}/{channel}`.
///
/// ```
/// use logistics_core::PartnerId;
/// use logistics_mqtt::{Channel, PartnerTopic};
///
/// let topic = PartnerTopic::parse("logistics/dp/DP-7/location/batch").unwrap();
/// assert_eq!(topic.partner, PartnerId::new("DP-7").unwrap());
/// assert_eq!(topic.channel, Channel::LocationBatch);
/// assert_eq!(topic.to_string(), "logistics/dp/DP-7/location/batch");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartnerTopic {
    /// Whose topic.
    pub partner: PartnerId,
    /// What it carries.
    pub channel: Channel,
}

impl PartnerTopic {
    /// The topic of `partner` for `channel`.
    #[must_use]
    pub fn new(partner: PartnerId, channel: Channel) -> Self {
        Self { partner, channel }
    }

    /// Reads a topic name; `None` when it is not a topic of this platform.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let (partner, rest) = name.strip_prefix(PREFIX)?.split_once('/')?;
        let channel = Channel::ALL.into_iter().find(|channel| channel.as_str() == rest)?;
        Some(Self { partner: PartnerId::new(partner).ok()?, channel })
    }
}

impl fmt::Display for PartnerTopic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}/{}", self.partner, self.channel.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_of_other_shapes_are_no_topics() {
        for name in [
            "",
            "/",
            "logistics/dp/",
            "logistics/dp/DP-1",
            "logistics/dp/DP-1/",
            "logistics/dp//location",
            "logistics/dp/DP-1/location/",
            "logistics/dp/DP-1/Location",
            "logistics/dp/DP-1/location/batch/2",
            "logistics/dp/a/b/location",
            "logistics/dp/+/location",
            "/logistics/dp/DP-1/location",
            "owntracks/u/d",
        ] {
            assert_eq!(PartnerTopic::parse(name), None, "{name:?}");
        }
    }

    proptest! {
        #[test]
        fn a_built_topic_reads_back(id in "[^/+#\\p{Cc}]{1,30}", which in 0..Channel::ALL.len()) {
            let topic = PartnerTopic::new(PartnerId::new(id)?, Channel::ALL[which]);
            prop_assert_eq!(PartnerTopic::parse(&topic.to_string()), Some(topic));
        }

        #[test]
        fn whatever_reads_is_spelt_the_same(name in "(logistics/dp/)?[ -~]{0,8}/?(location|manifest|ack|status|/){0,3}") {
            if let Some(topic) = PartnerTopic::parse(&name) {
                prop_assert_eq!(topic.to_string(), name);
            }
        }
    }
}
