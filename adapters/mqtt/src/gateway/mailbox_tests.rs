//! The mailbox against what MQTT and the latest-wins rule promise, in any order of events.

use std::collections::BTreeMap;

use logistics_core::PartnerId;
use proptest::prelude::*;

use super::mailbox::Mailbox;
use super::packet::{FilterRequest, RetainedAtSubscribe};
use super::queue::Outgoing;
use crate::host::{Access, Manifest};

fn partner(id: &str) -> PartnerId {
    PartnerId::new(id).unwrap()
}

#[derive(Debug, Clone)]
enum Event {
    Offer { partner: u8 },
    Send,
    Confirm { at: usize },
    Reconnect,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        3 => (0..3_u8).prop_map(|partner| Event::Offer { partner }),
        3 => Just(Event::Send),
        2 => (0..4_usize).prop_map(|at| Event::Confirm { at }),
        1 => Just(Event::Reconnect),
    ]
}

fn subscribed() -> Mailbox {
    let mut mailbox = Mailbox::default();
    let request = FilterRequest {
        filter: "#".into(),
        acknowledged: true,
        retain_as_published: false,
        retained: RetainedAtSubscribe::Never,
    };
    assert_eq!(mailbox.subscriptions.subscribe(&Access::LocalTool, &request, 1).code, 1);
    mailbox
}

proptest! {
    #[test]
    fn the_latest_manifest_always_arrives(
        events in prop::collection::vec(event(), 0..60),
        window in 1..4_u16,
    ) {
        let mut mailbox = subscribed();
        let mut client = Client::default();
        let mut latest = BTreeMap::new();
        for (version, event) in (1..).zip(events) {
            match event {
                Event::Offer { partner: id } => {
                    let id = partner(&format!("p{id}"));
                    let manifest = Manifest { version, payload: version.to_string().into() };
                    prop_assert!(mailbox.offer(&id, &manifest, true));
                    latest.insert(id, version);
                }
                Event::Send => {
                    if let Some(outgoing) = mailbox.queue.next(window) {
                        client.take(&outgoing)?;
                        prop_assert!(client.unconfirmed.len() <= window.into());
                    }
                }
                Event::Confirm { at } => {
                    if let Some(id) = client.confirm(at) {
                        prop_assert!(mailbox.queue.settle(id));
                        prop_assert!(!mailbox.queue.settle(id));
                    }
                }
                Event::Reconnect => {
                    mailbox.queue.suspend();
                    mailbox.queue.resume();
                    client.reconnect();
                }
            }
        }
        while let Some(outgoing) = mailbox.queue.next(u16::MAX) {
            client.take(&outgoing)?;
        }
        prop_assert_eq!(client.shown, latest);
    }
}

/// What one client sees and owes.
#[derive(Default)]
struct Client {
    /// The last version received, per partner.
    shown: BTreeMap<PartnerId, u64>,
    /// Received on this connection and not confirmed: number, partner, version.
    unconfirmed: Vec<(u16, PartnerId, u64)>,
    /// Received on an earlier connection; to come again, in this order.
    expected: Vec<(u16, PartnerId, u64)>,
    confirmed: BTreeMap<PartnerId, u64>,
}

impl Client {
    fn take(&mut self, outgoing: &Outgoing) -> Result<(), TestCaseError> {
        let owner = outgoing.topic.split('/').nth(2).map(partner).unwrap();
        let got = (outgoing.id.unwrap(), owner.clone(), outgoing.manifest.version);
        prop_assert_eq!(outgoing.duplicate, !self.expected.is_empty());
        if outgoing.duplicate {
            prop_assert_eq!(&self.expected.remove(0), &got, "same number, same order");
        } else {
            prop_assert!(self.unconfirmed.iter().all(|(id, ..)| *id != got.0), "number in use");
            prop_assert!(self.shown.get(&owner).is_none_or(|shown| *shown < got.2), "older again");
        }
        self.shown.insert(owner, got.2);
        self.unconfirmed.push(got);
        Ok(())
    }

    fn confirm(&mut self, at: usize) -> Option<u16> {
        let (id, owner, version) =
            (at < self.unconfirmed.len()).then(|| self.unconfirmed.remove(at))?;
        let confirmed = self.confirmed.entry(owner).or_default();
        *confirmed = version.max(*confirmed);
        Some(id)
    }

    /// All unconfirmed comes again, but what is older than something confirmed.
    fn reconnect(&mut self) {
        let rest = std::mem::take(&mut self.expected);
        self.expected = std::mem::take(&mut self.unconfirmed);
        self.expected.extend(rest);
        let confirmed = &self.confirmed;
        self.expected.retain(|(_, owner, version)| {
            confirmed.get(owner).is_none_or(|confirmed| confirmed < version)
        });
    }
}
