//! The short answers: PUBACK, SUBACK, UNSUBACK, PINGRESP, DISCONNECT.

use super::super::fault::reason;
use super::super::packet::PacketId;
use super::push;
use crate::host::ProtocolVersion;

/// PUBACK; 3.1.1 has no room for a reason.
pub(in super::super) fn puback(
    out: &mut Vec<u8>,
    version: ProtocolVersion,
    id: PacketId,
    code: u8,
) {
    let [high, low] = id.to_be_bytes();
    if version == ProtocolVersion::V5 && code != reason::SUCCESS {
        push(out, 0x40, &[high, low, code]);
    } else {
        push(out, 0x40, &[high, low]);
    }
}

/// SUBACK; codes above 0x7F refuse, and 3.1.1 knows only 0x80 of them.
pub(in super::super) fn suback(
    out: &mut Vec<u8>,
    version: ProtocolVersion,
    id: PacketId,
    codes: &[u8],
) {
    let mut body = id.to_be_bytes().to_vec();
    match version {
        ProtocolVersion::V5 => {
            body.push(0);
            body.extend(codes);
        }
        ProtocolVersion::V311 => body.extend(codes.iter().map(|&code| code.min(0x80))),
    }
    push(out, 0x90, &body);
}

/// UNSUBACK.
pub(in super::super) fn unsuback(
    out: &mut Vec<u8>,
    version: ProtocolVersion,
    id: PacketId,
    codes: &[u8],
) {
    let mut body = id.to_be_bytes().to_vec();
    if version == ProtocolVersion::V5 {
        body.push(0);
        body.extend(codes);
    }
    push(out, 0xB0, &body);
}

/// PINGRESP.
pub(in super::super) fn pingresp(out: &mut Vec<u8>) {
    out.extend([0xD0, 0]);
}

/// DISCONNECT; a 3.1.1 server has none and just closes.
pub(in super::super) fn disconnect(out: &mut Vec<u8>, version: ProtocolVersion, code: u8) {
    if version == ProtocolVersion::V5 {
        push(out, 0xE0, &[code]);
    }
}
