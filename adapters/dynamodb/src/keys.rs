//! Where each item lies: partition and sort keys, and the keys in the indexes. Nothing here does
//! I/O.
//!
//! Parts of a key are joined by `#`. A part that comes from a caller and is not the last one is
//! [`escape`]d, so that no two things share a key and keys sort as their parts do.

use std::fmt::Write as _;

use chrono::{DateTime, Datelike as _, Utc};
use logistics_core::eventsourcing::StreamId;
use logistics_core::ids::{CommandId, EffectId, PartnerId, SubjectId};
use logistics_core::manifest;

/// The table's partition key.
pub(crate) const PK: &str = "PK";
/// The table's sort key.
pub(crate) const SK: &str = "SK";
/// The attribute with an item's time to live, in seconds since 1970.
pub(crate) const TTL: &str = "ttl";

/// Queues that commits write to, each read whole and merged: messages, timers.
pub(crate) const QUEUES: u32 = 16;
/// Partitions in which commits wait for their place in the feed.
pub(crate) const FEED_QUEUES: u32 = 4;
/// Partitions of what is listed whole: partners with fixes, cursors, partners seen last.
pub(crate) const LISTS: u32 = 4;
/// Partitions of the shipments whose delivery waits for its confirmation.
pub(crate) const PENDING: u32 = 8;

/// A global secondary index: names of its keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gsi {
    pub(crate) name: &'static str,
    pub(crate) pk: &'static str,
    pub(crate) sk: &'static str,
}

macro_rules! gsi {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        pub(crate) const $name: Gsi = Gsi {
            name: stringify!($name),
            pk: concat!(stringify!($name), "PK"),
            sk: concat!(stringify!($name), "SK"),
        };
    };
}

gsi! {
    /// Streams by client, manifests by hub.
    GSI1
}
gsi! {
    /// Streams by partner and date.
    GSI2
}
gsi! {
    /// Partners by the zone that they are in.
    GSI3
}
gsi! {
    /// Sparse: shipments whose delivery waits for its confirmation.
    GSI4
}
gsi! {
    /// Sparse, polled by time: partners on shift by when they were seen last, armed timers.
    GSI5
}

/// All of them.
pub(crate) const GSIS: [Gsi; 5] = [GSI1, GSI2, GSI3, GSI4, GSI5];

/// The key of one item.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

impl Key {
    pub(crate) fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }
}

/// Where the items of one stream lie.
///
/// `SHP#7`: partition `SHP#7`, head `METADATA`. A manifest `MFT#DP-1/2026-11-23` lies with its
/// partner: partition `DP#DP-1`, head `MFT#2026-11-23`, everything else behind `MFT#2026-11-23#`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StreamKeys {
    pk: String,
    head: String,
    prefix: String,
}

impl StreamKeys {
    pub(crate) fn of(stream: &StreamId) -> Self {
        let by_partner = (stream.category() == manifest::CATEGORY)
            .then(|| stream.id().rsplit_once('/'))
            .flatten()
            .filter(|(partner, date)| !partner.is_empty() && !date.is_empty());
        match by_partner {
            Some((partner, date)) => Self {
                pk: format!("DP#{partner}"),
                head: format!("MFT#{date}"),
                prefix: format!("MFT#{date}#"),
            },
            None => Self {
                pk: stream.as_str().to_owned(),
                head: "METADATA".to_owned(),
                prefix: String::new(),
            },
        }
    }

    pub(crate) fn head(&self) -> Key {
        Key::new(&*self.pk, &*self.head)
    }

    /// Events sort by the time of their recording, which grows with their version.
    pub(crate) fn event(&self, recorded_at: &str, event_type: &str) -> Key {
        Key::new(&*self.pk, format!("{}EVT#{recorded_at}#{event_type}", self.prefix))
    }

    pub(crate) fn events(&self) -> Range {
        Range::prefixed(&*self.pk, format!("{}EVT#", self.prefix))
    }

    pub(crate) fn command(&self, command: &CommandId) -> Key {
        Key::new(&*self.pk, format!("{}CMD#{command}", self.prefix))
    }

    pub(crate) fn snapshot(&self) -> Key {
        Key::new(&*self.pk, format!("{}SNAPSHOT", self.prefix))
    }
}

/// A stretch of one partition, of the table or of an index: `low < sort < high`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) pk: String,
    pub(crate) low: Option<String>,
    pub(crate) high: Option<String>,
}

impl Range {
    /// The whole partition.
    pub(crate) fn all(pk: impl Into<String>) -> Self {
        Self { pk: pk.into(), low: None, high: None }
    }

    /// What begins with `prefix`, which ends with `#`.
    pub(crate) fn prefixed(pk: impl Into<String>, prefix: String) -> Self {
        debug_assert!(prefix.ends_with('#'), "{prefix}");
        // `$` follows `#`.
        let high = prefix.strip_suffix('#').map(|stem| format!("{stem}$"));
        Self { pk: pk.into(), low: Some(prefix), high }
    }

    /// Only what sorts behind `low`.
    #[must_use]
    pub(crate) fn above(mut self, low: impl Into<String>) -> Self {
        let low = low.into();
        if self.low.as_ref().is_none_or(|known| *known < low) {
            self.low = Some(low);
        }
        self
    }

    /// Only what sorts before `high`.
    #[must_use]
    pub(crate) fn below(mut self, high: impl Into<String>) -> Self {
        let high = high.into();
        if self.high.as_ref().is_none_or(|known| *known > high) {
            self.high = Some(high);
        }
        self
    }

    /// Whether no key can lie in it.
    pub(crate) fn is_empty(&self) -> bool {
        matches!((&self.low, &self.high), (Some(low), Some(high)) if low >= high)
    }
}

/// `part` without `#`, in an order that the following `#` does not disturb: what is not above
/// `$` becomes `$` and two hex digits. Ids, times and numbers stay as they are.
pub(crate) fn escape(part: &str) -> String {
    let mut escaped = String::with_capacity(part.len());
    for c in part.chars() {
        if c <= '$' {
            // Writing to a `String` cannot fail.
            let _ = write!(escaped, "${:02x}", u32::from(c));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// What [`escape`] was given; `None` for what it never makes.
pub(crate) fn unescape(escaped: &str) -> Option<String> {
    let mut parts = escaped.split('$');
    let mut part = parts.next()?.to_owned();
    for rest in parts {
        let (code, rest) = rest.split_at_checked(2)?;
        part.push(char::from(u8::from_str_radix(code, 16).ok()?));
        part.push_str(rest);
    }
    Some(part)
}

/// `at` in UTC to the microsecond, 27 characters that sort as the times do; `None` outside of the
/// years 0 to 9999.
pub(crate) fn moment(at: DateTime<Utc>) -> Option<String> {
    (0..=9999).contains(&at.year()).then(|| at.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string())
}

/// As [`moment`], with times outside of its years moved to their border: for bounds.
pub(crate) fn bound(at: DateTime<Utc>) -> String {
    moment(at).unwrap_or_else(|| if at.year() < 0 { "0000" } else { "9999-99" }.to_owned())
}

/// The part of `parts` that `text` belongs to.
pub(crate) fn shard(text: &str, parts: u32) -> u32 {
    crc32(text.as_bytes()) % parts
}

/// CRC-32 as in ISO-HDLC (zip, PNG).
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), step))
}

/// Where the feed ends.
pub(crate) fn feed_head() -> Key {
    Key::new("FEED", "HEAD")
}

/// Positions in one partition of the feed.
const FEED_PAGE: u64 = 1 << 16;

/// The partition of the feed with the entry that ends at `position`.
pub(crate) fn feed_page(position: u64) -> u64 {
    position / FEED_PAGE
}

/// The entry of the feed whose last event has position `last`.
pub(crate) fn feed_entry(last: u64) -> Key {
    Key::new(feed_partition(feed_page(last)), format!("{last:020}"))
}

pub(crate) fn feed_partition(page: u64) -> String {
    format!("FEED#{page:012}")
}

/// The marker of a commit that has no place in the feed yet. Its stream's next marker can tell
/// where this one was, since it begins after `last`.
pub(crate) fn feed_marker(stream: &StreamId, last: u64) -> Key {
    let queue = shard(stream.as_str(), FEED_QUEUES);
    Key::new(feed_queue(queue), format!("{stream}#{last:020}"))
}

pub(crate) fn feed_queue(queue: u32) -> String {
    format!("FEEDQ#{queue:02}")
}

pub(crate) fn message(effect: &EffectId) -> Key {
    Key::new(format!("MSG#{effect}"), "MESSAGE")
}

pub(crate) fn outbox_queue(queue: u32) -> String {
    format!("OBX#{queue:02}")
}

pub(crate) fn timer(owner: &str, name: &str) -> Key {
    Key::new(format!("TMR#{owner}"), format!("TIMER#{name}"))
}

/// The queue of timers, in [`GSI5`].
pub(crate) fn timer_queue(queue: u32) -> String {
    format!("TMRQ#{queue:02}")
}

pub(crate) fn index_partition(index: &str, partition: &str) -> String {
    format!("IDX#{}#{partition}", escape(index))
}

pub(crate) fn partner_partition(partner: &PartnerId) -> String {
    format!("DP#{partner}")
}

pub(crate) fn partner_state(partner: &PartnerId) -> Key {
    Key::new(partner_partition(partner), "STATE")
}

pub(crate) fn subject_key(subject: &SubjectId) -> Key {
    Key::new(format!("SUB#{subject}"), "KEY")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_the_standard() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32(b""), 0);
    }

    #[test]
    fn streams_lie_where_the_case_study_puts_them() {
        let keys = |category, id| StreamKeys::of(&StreamId::new(category, id).unwrap());
        let shipment = keys("SHP", "7");
        assert_eq!(shipment.head(), Key::new("SHP#7", "METADATA"));
        let at = moment(DateTime::from_timestamp(1_795_424_400, 123_456_789).unwrap()).unwrap();
        assert_eq!(at.len(), 27);
        let event = Key::new("SHP#7", "EVT#2026-11-23T09:00:00.123456Z#OutForDelivery");
        assert_eq!(shipment.event(&at, "OutForDelivery"), event);
        let command = CommandId::new("c-1").unwrap();
        assert_eq!(shipment.command(&command), Key::new("SHP#7", "CMD#c-1"));

        let manifest = keys("MFT", "DP-1/2026-11-23");
        assert_eq!(manifest.head(), Key::new("DP#DP-1", "MFT#2026-11-23"));
        assert_eq!(manifest.command(&command), Key::new("DP#DP-1", "MFT#2026-11-23#CMD#c-1"));
        for odd in ["no-date", "/2026-11-23", "DP-1/"] {
            assert_eq!(keys("MFT", odd).head(), Key::new(format!("MFT#{odd}"), "METADATA"));
        }
    }

    #[test]
    fn escaped_parts_sort_as_they_are_and_come_back() {
        let mut parts = vec![
            "",
            "1",
            "10",
            "1 ",
            " 1",
            "1#",
            "1#2",
            "$",
            "$$",
            "%",
            "a",
            "A",
            "é",
            "\0",
            "\u{1}",
            "\n",
            "1!",
            "1\"",
            "1%",
            "1$",
            "2026-11-23T09:00:00Z",
        ];
        parts.sort_unstable();
        let keys: Vec<String> = parts.iter().map(|part| format!("{}#x", escape(part))).collect();
        assert!(keys.is_sorted_by(|a, b| a < b), "{keys:?}");
        for part in parts {
            assert_eq!(unescape(&escape(part)).as_deref(), Some(part));
        }
        assert_eq!(escape("2026-11-23T09:00:00.123456Z"), "2026-11-23T09:00:00.123456Z");
    }

    #[test]
    fn times_outside_of_four_digits_have_no_key() {
        let in_year = |year| {
            let date = chrono::NaiveDate::from_ymd_opt(year, 6, 1).unwrap();
            date.and_hms_opt(0, 0, 0).unwrap().and_utc()
        };
        for (year, key) in
            [(-1, None), (0, Some("0000-06")), (9999, Some("9999-06")), (10_000, None)]
        {
            let found = moment(in_year(year));
            assert_eq!(found.as_deref().map(|key| &key[..7]), key, "{year}");
        }
        assert!(bound(in_year(-1)) < bound(in_year(0)));
        assert!(bound(in_year(9999)) < bound(in_year(10_000)));
    }

    #[test]
    fn a_range_narrows_and_knows_when_it_is_empty() {
        let events = Range::prefixed("p", "EVT#".to_owned());
        assert_eq!((events.low.as_deref(), events.high.as_deref()), (Some("EVT#"), Some("EVT$")));
        let rest = events.clone().above("EVT#5");
        assert_eq!(rest.low.as_deref(), Some("EVT#5"));
        assert!(!rest.is_empty());
        assert!(rest.below("EVT#5").is_empty());
        assert_eq!(events.clone().above("A").below("Z"), events);
    }
}
