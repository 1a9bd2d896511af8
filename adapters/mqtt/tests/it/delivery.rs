//! A manifest as it arrives on the wire, every flag of it.

use crate::wire::{V5, Wire};

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Delivery {
    pub(crate) topic: String,
    pub(crate) payload: String,
    pub(crate) id: Option<[u8; 2]>,
    pub(crate) duplicate: bool,
    pub(crate) retain: bool,
}

impl Wire {
    /// The next packet must be a PUBLISH.
    pub(crate) async fn delivery(&mut self) -> Delivery {
        let (control, body) = self.next().await.expect("a PUBLISH");
        assert_eq!(control >> 4, 3, "{control:#X} {body:02X?}");
        let topic_end = 2 + usize::from(u16::from_be_bytes([body[0], body[1]]));
        let mut rest = &body[topic_end..];
        let id = (control & 0b110 != 0).then(|| [rest[0], rest[1]]);
        rest = &rest[if id.is_some() { 2 } else { 0 } + usize::from(self.level == V5)..];
        Delivery {
            topic: String::from_utf8(body[2..topic_end].to_vec()).unwrap(),
            payload: String::from_utf8(rest.to_vec()).unwrap(),
            id,
            duplicate: control & 0b1000 != 0,
            retain: control & 1 != 0,
        }
    }
}
