//! Cuts the byte stream into packets by the fixed header alone, before anything is buffered whole.

use super::fault::Fault;

/// Where a packet's parts lie: MQTT 5, section 2.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    /// Packet type and flags.
    pub(super) control: u8,
    /// Bytes of the fixed header.
    pub(super) header_bytes: usize,
    /// Bytes after it.
    pub(super) body_bytes: usize,
}

impl Frame {
    /// Reads the fixed header at the start of `input`; `None` while it is incomplete.
    pub(super) fn read(input: &[u8], packet_bytes_max: usize) -> Result<Option<Self>, Fault> {
        let Some((&control, rest)) = input.split_first() else { return Ok(None) };
        let mut body_bytes = 0_usize;
        for (at, &byte) in rest.iter().take(4).enumerate() {
            body_bytes |= usize::from(byte & 0x7F) << (7 * at);
            if byte & 0x80 == 0 {
                let frame = Self { control, header_bytes: 2 + at, body_bytes };
                return if frame.bytes() > packet_bytes_max {
                    Err(Fault::TooLarge { bytes: frame.bytes() })
                } else {
                    Ok(Some(frame))
                };
            }
        }
        if rest.len() >= 4 {
            return Err(Fault::Malformed("remaining length has more than four bytes"));
        }
        Ok(None)
    }

    /// The whole packet's length.
    pub(super) fn bytes(self) -> usize {
        self.header_bytes + self.body_bytes
    }

    /// The packet type: MQTT 5, section 2.1.2.
    pub(super) fn kind(self) -> u8 {
        self.control >> 4
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: usize = 128 * 1024;

    #[test]
    fn the_limit_is_checked_before_the_body_is_there() {
        let frame = Frame::read(&[0x30, 0xFE, 0xFF, 0x07], MAX).map(|f| f.map(Frame::bytes));
        assert_eq!(frame, Err(Fault::TooLarge { bytes: MAX + 2 }));
        let frame = Frame::read(&[0x30, 0xFC, 0xFF, 0x07], MAX).map(|f| f.map(Frame::bytes));
        assert_eq!(frame, Ok(Some(MAX)));
    }

    #[test]
    fn a_header_may_come_byte_by_byte() {
        let bytes = [0x30, 0x80, 0x80, 0x01];
        for end in 0..bytes.len() {
            assert_eq!(Frame::read(&bytes[..end], MAX), Ok(None), "{end}");
        }
        let frame = Frame { control: 0x30, header_bytes: 4, body_bytes: 16_384 };
        assert_eq!(Frame::read(&bytes, MAX), Ok(Some(frame)));
        assert_eq!(frame.kind(), 3);
    }

    #[test]
    fn an_endless_length_is_malformed() {
        assert!(matches!(
            Frame::read(&[0x30, 0xFF, 0xFF, 0xFF, 0xFF], MAX),
            Err(Fault::Malformed(_))
        ));
    }
}
