//! MQTT 5 packets from the codec's form into ours.

use std::sync::Arc;

use mqtt_proto::v5::ErrorV5;
use mqtt_proto::{Error, PollHeader as _, QoS, v5};

use super::super::fault::Fault;
use super::super::frame::Frame;
use super::super::packet::{
    Connect, FilterRequest, Packet, Publish, RetainedAtSubscribe, Subscribe, Will,
};
use super::{PUBLISH, lengths, odd_topic, qos1_id};
use crate::host::ProtocolVersion;

pub(super) fn packet(frame: Frame, body: &[u8]) -> Result<Packet, Fault> {
    let (remaining, total) = lengths(frame)?;
    let header = v5::Header::new_with(frame.control, remaining, total).map_err(|e| fault(&e))?;
    let mut read = 0;
    let packet = match header.decode_buffer(body, &mut read) {
        Ok(packet) => packet,
        Err(ErrorV5::Common(Error::InvalidTopicName(_))) if frame.kind() == PUBLISH => {
            return odd_topic::publish(ProtocolVersion::V5, frame, body);
        }
        Err(error) => return Err(fault(&error)),
    };
    if read != body.len() {
        return Err(Fault::Malformed("bytes after the packet's end"));
    }
    match packet {
        v5::Packet::Connect(connect) => Ok(Packet::Connect(Box::new(read_connect(&connect)?))),
        v5::Packet::Publish(publish) => read_publish(publish),
        v5::Packet::Puback(puback) => Ok(Packet::Puback(puback.pid.value())),
        v5::Packet::Subscribe(subscribe) => read_subscribe(&subscribe),
        v5::Packet::Unsubscribe(unsubscribe) => Ok(Packet::Unsubscribe {
            id: unsubscribe.pid.value(),
            filters: unsubscribe.topics.iter().map(|filter| Arc::from(&**filter)).collect(),
        }),
        v5::Packet::Disconnect(disconnect) => Ok(Packet::Disconnect {
            with_will: disconnect.reason_code != v5::DisconnectReasonCode::NormalDisconnect,
            session_expiry_s: disconnect.properties.session_expiry_interval,
        }),
        _ => Err(Fault::Protocol("a packet that only a server sends")),
    }
}

fn read_connect(connect: &v5::Connect) -> Result<Connect, Fault> {
    let properties = &connect.properties;
    if properties.auth_method.is_some() || properties.auth_data.is_some() {
        return Err(Fault::Authentication);
    }
    if properties.receive_max == Some(0) || properties.max_packet_size == Some(0) {
        return Err(Fault::Protocol("a receive maximum or packet limit of zero"));
    }
    if connect.last_will.as_ref().is_some_and(|will| will.qos == QoS::Level2) {
        return Err(Fault::Qos2);
    }
    Ok(Connect {
        version: ProtocolVersion::V5,
        clean: connect.clean_start,
        keep_alive_s: connect.keep_alive,
        client_id: Arc::clone(&connect.client_id),
        will: connect.last_will.as_ref().map(|will| Will {
            topic: Arc::from(&*will.topic_name),
            payload: will.payload.clone(),
        }),
        session_expiry_s: properties.session_expiry_interval.unwrap_or(0),
        receive_max: properties.receive_max.unwrap_or(u16::MAX),
        packet_bytes_max: properties.max_packet_size,
    })
}

fn read_publish(publish: v5::Publish) -> Result<Packet, Fault> {
    if publish.properties.topic_alias.is_some() {
        return Err(Fault::TopicAlias);
    }
    if publish.properties.subscription_id.is_some() {
        return Err(Fault::Protocol("a subscription identifier from a client"));
    }
    Ok(Packet::Publish(Publish {
        id: qos1_id(publish.qos_pid)?,
        duplicate: publish.dup,
        topic: Arc::from(&*publish.topic_name),
        payload: publish.payload,
    }))
}

fn read_subscribe(subscribe: &v5::Subscribe) -> Result<Packet, Fault> {
    if subscribe.properties.subscription_id.is_some_and(|id| id.value() == 0) {
        return Err(Fault::Protocol("a subscription identifier of zero"));
    }
    Ok(Packet::Subscribe(Subscribe {
        id: subscribe.pid.value(),
        wants_identifier: subscribe.properties.subscription_id.is_some(),
        filters: subscribe
            .topics
            .iter()
            .map(|(filter, options)| FilterRequest {
                filter: Arc::from(&**filter),
                acknowledged: options.max_qos != QoS::Level0,
                retain_as_published: options.retain_as_published,
                retained: match options.retain_handling {
                    v5::RetainHandling::SendAtSubscribe => RetainedAtSubscribe::Always,
                    v5::RetainHandling::SendAtSubscribeIfNotExist => RetainedAtSubscribe::IfNew,
                    v5::RetainHandling::DoNotSend => RetainedAtSubscribe::Never,
                },
            })
            .collect(),
    }))
}

fn fault(error: &ErrorV5) -> Fault {
    match error {
        ErrorV5::Common(error) => super::fault(error),
        ErrorV5::InvalidReasonCode(..) => Fault::Malformed("reason code"),
        ErrorV5::InvalidSubscriptionOption(_) => Fault::Malformed("subscription options"),
        ErrorV5::InvalidPayloadFormat => Fault::Malformed("payload is not the UTF-8 it says"),
        ErrorV5::DuplicatedProperty(_) => Fault::Protocol("a property given twice"),
        _ => Fault::Malformed("property"),
    }
}
