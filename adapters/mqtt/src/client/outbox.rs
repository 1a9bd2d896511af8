//! What a device has published and not seen acknowledged; it survives the loss of a connection.

use std::collections::VecDeque;
use std::time::Instant;

use bytes::Bytes;
use tokio::sync::oneshot;

/// One message on its way.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) topic: String,
    pub(super) payload: Bytes,
    done: Option<oneshot::Sender<()>>,
    /// Its number on the present connection, and when it went out there.
    sent: Option<(u16, Instant)>,
}

impl Entry {
    pub(super) fn new(topic: String, payload: Bytes, done: oneshot::Sender<()>) -> Self {
        Self { topic, payload, done: Some(done), sent: None }
    }
}

/// Messages in the order they were published.
#[derive(Debug, Default)]
pub(super) struct Outbox(VecDeque<Entry>);

impl Outbox {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn push(&mut self, entry: Entry) {
        self.0.push_back(entry);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.0.iter()
    }

    /// A new connection knows nothing of what the old one sent.
    pub(super) fn unsend(&mut self) {
        for entry in &mut self.0 {
            entry.sent = None;
        }
    }

    /// The next message in order went out under this number.
    pub(super) fn sent(&mut self, id: u16, now: Instant) {
        if let Some(entry) = self.0.iter_mut().find(|entry| entry.sent.is_none()) {
            entry.sent = Some((id, now));
        }
    }

    /// The message of this number is acknowledged.
    pub(super) fn acknowledged(&mut self, id: u16) {
        let is_it = |entry: &Entry| entry.sent.is_some_and(|(sent, _)| sent == id);
        let at = self.0.iter().position(is_it);
        if let Some(mut entry) = at.and_then(|at| self.0.remove(at))
            && let Some(done) = entry.done.take()
        {
            // Whoever published may not care for the receipt.
            let _ = done.send(());
        }
    }

    /// When the longest waiting message went out.
    pub(super) fn oldest(&self) -> Option<Instant> {
        self.0.iter().filter_map(|entry| entry.sent).map(|(_, at)| at).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outbox(count: usize) -> (Outbox, Vec<oneshot::Receiver<()>>) {
        let mut outbox = Outbox::default();
        let mut receipts = Vec::new();
        for at in 0..count {
            let (done, receipt) = oneshot::channel();
            outbox.push(Entry::new("t".into(), at.to_string().into(), done));
            receipts.push(receipt);
        }
        (outbox, receipts)
    }

    fn left(outbox: &Outbox) -> Vec<&[u8]> {
        outbox.iter().map(|entry| &entry.payload[..]).collect()
    }

    #[test]
    fn acknowledgements_find_their_message() {
        let (mut outbox, mut receipts) = outbox(3);
        for id in [1, 2, 3] {
            outbox.sent(id, Instant::now());
        }
        outbox.acknowledged(2);
        outbox.acknowledged(7);
        assert_eq!(left(&outbox), [b"0", b"2"]);
        assert_eq!(receipts.remove(1).try_recv(), Ok(()));
        assert!(receipts.remove(0).try_recv().is_err());
    }

    #[test]
    fn a_new_connection_sends_the_rest_again_in_order() {
        let (mut outbox, _receipts) = outbox(3);
        outbox.sent(1, Instant::now());
        outbox.sent(2, Instant::now());
        outbox.acknowledged(1);
        outbox.unsend();
        assert_eq!(outbox.oldest(), None);
        outbox.acknowledged(2);
        assert_eq!(left(&outbox), [b"1", b"2"], "an old number means nothing");
        outbox.sent(1, Instant::now());
        outbox.acknowledged(1);
        assert_eq!(left(&outbox), [b"2"]);
    }
}
