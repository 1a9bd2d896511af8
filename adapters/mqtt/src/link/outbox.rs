//! What has been published and not been seen acknowledged; it survives the loss of a connection.

use std::collections::VecDeque;
use std::time::Instant;

/// One message on its way.
#[derive(Debug)]
struct Entry<T> {
    message: T,
    /// Its number on the present connection, and when it went out there.
    sent: Option<(u16, Instant)>,
}

/// Messages in the order they were published.
#[derive(Debug)]
pub(crate) struct Outbox<T>(VecDeque<Entry<T>>);

impl<T> Outbox<T> {
    pub(crate) fn new() -> Self {
        Self(VecDeque::new())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn push(&mut self, message: T) {
        self.0.push_back(Entry { message, sent: None });
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|entry| &entry.message)
    }

    /// A new connection knows nothing of what the old one sent.
    pub(crate) fn unsend(&mut self) {
        for entry in &mut self.0 {
            entry.sent = None;
        }
    }

    /// The next message in order went out under this number.
    pub(crate) fn sent(&mut self, id: u16, now: Instant) {
        if let Some(entry) = self.0.iter_mut().find(|entry| entry.sent.is_none()) {
            entry.sent = Some((id, now));
        }
    }

    /// The message of this number is acknowledged: it is out of here.
    pub(crate) fn acknowledged(&mut self, id: u16) -> Option<T> {
        let is_it = |entry: &Entry<T>| entry.sent.is_some_and(|(sent, _)| sent == id);
        let at = self.0.iter().position(is_it)?;
        self.0.remove(at).map(|entry| entry.message)
    }

    /// When the longest waiting message went out.
    pub(crate) fn oldest(&self) -> Option<Instant> {
        self.0.iter().filter_map(|entry| entry.sent).map(|(_, at)| at).min()
    }

    /// All that is left, in order.
    #[cfg(any(test, feature = "broker"))]
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = T> {
        self.0.drain(..).map(|entry| entry.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outbox(count: u8) -> Outbox<u8> {
        let mut outbox = Outbox::new();
        (0..count).for_each(|message| outbox.push(message));
        outbox
    }

    fn left(outbox: &Outbox<u8>) -> Vec<u8> {
        outbox.iter().copied().collect()
    }

    #[test]
    fn acknowledgements_find_their_message() {
        let mut outbox = outbox(3);
        for id in [1, 2, 3] {
            outbox.sent(id, Instant::now());
        }
        assert_eq!(outbox.acknowledged(2), Some(1));
        assert_eq!(outbox.acknowledged(7), None);
        assert_eq!(left(&outbox), [0, 2]);
    }

    #[test]
    fn a_new_connection_sends_the_rest_again_in_order() {
        let mut outbox = outbox(3);
        outbox.sent(1, Instant::now());
        outbox.sent(2, Instant::now());
        assert_eq!(outbox.acknowledged(1), Some(0));
        outbox.unsend();
        assert_eq!(outbox.oldest(), None);
        assert_eq!(outbox.acknowledged(2), None, "an old number means nothing");
        outbox.sent(1, Instant::now());
        assert_eq!(outbox.acknowledged(1), Some(1));
        assert_eq!(left(&outbox), [2]);
        assert_eq!(outbox.drain().collect::<Vec<_>>(), [2]);
        assert!(outbox.is_empty());
    }
}
