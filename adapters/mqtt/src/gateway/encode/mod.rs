//! Writes the packets a server sends. Small enough by hand, and right where the codec is not: a
//! refused filter is 0x80 in 3.1.1.

mod acks;
mod connack;
mod publish;

pub(super) use acks::{disconnect, pingresp, puback, suback, unsuback};
pub(super) use connack::{Welcome, refused, welcome};
pub(super) use publish::{Delivery, publish};

fn length_bytes(length: usize) -> usize {
    match length {
        0..128 => 1,
        128..16_384 => 2,
        16_384..2_097_152 => 3,
        _ => 4,
    }
}

/// Variable byte integer: MQTT 5, section 1.5.5.
fn push_length(out: &mut Vec<u8>, mut length: usize) {
    loop {
        let low = u8::try_from(length & 0x7F).unwrap_or(0x7F);
        length >>= 7;
        if length == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}

/// A text with its 16-bit length. Ours are topics and assigned ids, far below the limit.
fn push_text(out: &mut Vec<u8>, text: &str) {
    out.extend(u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend(text.as_bytes());
}

fn push(out: &mut Vec<u8>, control: u8, body: &[u8]) {
    out.push(control);
    push_length(out, body.len());
    out.extend(body);
}
