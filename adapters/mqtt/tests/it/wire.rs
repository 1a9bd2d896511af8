//! A client by hand: packets as bytes, so that a test sees every bit and may send wrong ones.

use std::time::Duration;

use logistics_mqtt::gateway::Gateway;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

pub(crate) const V311: u8 = 4;
pub(crate) const V5: u8 = 5;

pub(crate) fn packet(control: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![control];
    let mut length = body.len();
    loop {
        let low = u8::try_from(length % 128).unwrap();
        length /= 128;
        bytes.push(if length > 0 { low | 0x80 } else { low });
        if length == 0 {
            break;
        }
    }
    bytes.extend(body);
    bytes
}

pub(crate) fn text(text: &str) -> Vec<u8> {
    let mut bytes = u16::try_from(text.len()).unwrap().to_be_bytes().to_vec();
    bytes.extend(text.as_bytes());
    bytes
}

/// How a test's client introduces itself.
pub(crate) struct Hello<'a> {
    pub(crate) level: u8,
    pub(crate) id: &'a str,
    pub(crate) clean: bool,
    pub(crate) keep_alive_s: u16,
    /// Topic and payload.
    pub(crate) will: Option<(&'a str, &'a str)>,
    /// Raw properties, MQTT 5 only.
    pub(crate) properties: &'a [u8],
}

impl<'a> Hello<'a> {
    pub(crate) fn new(level: u8, id: &'a str) -> Self {
        Self { level, id, clean: true, keep_alive_s: 60, will: None, properties: &[] }
    }

    pub(crate) fn kept(level: u8, id: &'a str) -> Self {
        // Session Expiry Interval of an hour.
        let properties: &[u8] = if level == V5 { &[0x11, 0, 0, 0x0E, 0x10] } else { &[] };
        Self { clean: false, properties, ..Self::new(level, id) }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut body = text("MQTT");
        let will = if self.will.is_some() { 0b0000_1100 } else { 0 };
        body.extend([self.level, will | u8::from(self.clean) << 1]);
        body.extend(self.keep_alive_s.to_be_bytes());
        if self.level == V5 {
            body.push(u8::try_from(self.properties.len()).unwrap());
            body.extend(self.properties);
        }
        body.extend(text(self.id));
        if let Some((topic, payload)) = self.will {
            if self.level == V5 {
                body.push(0);
            }
            body.extend(text(topic));
            body.extend(text(payload));
        }
        packet(0x10, &body)
    }
}

pub(crate) struct Wire {
    pub(crate) stream: TcpStream,
    level: u8,
}

impl Wire {
    pub(crate) async fn open(gateway: &Gateway) -> Self {
        let stream = TcpStream::connect(gateway.local_addr()).await.unwrap();
        Self { stream, level: V311 }
    }

    /// Connects and gives the CONNACK's body too.
    pub(crate) async fn greet(gateway: &Gateway, hello: &Hello<'_>) -> (Self, Vec<u8>) {
        let mut wire = Self::open(gateway).await;
        wire.level = hello.level;
        wire.send(&hello.bytes()).await;
        let (control, body) = wire.next().await.expect("a CONNACK");
        assert_eq!(control, 0x20);
        (wire, body)
    }

    /// Connects and must be let in.
    pub(crate) async fn join(gateway: &Gateway, hello: &Hello<'_>) -> Self {
        let (wire, connack) = Self::greet(gateway, hello).await;
        assert_eq!(connack[1], 0, "refused: {connack:02X?}");
        wire
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    pub(crate) fn publish_bytes(&self, id: Option<u16>, topic: &str, payload: &[u8]) -> Vec<u8> {
        let mut body = text(topic);
        body.extend(id.into_iter().flat_map(u16::to_be_bytes));
        if self.level == V5 {
            body.push(0);
        }
        body.extend(payload);
        packet(if id.is_some() { 0x32 } else { 0x30 }, &body)
    }

    pub(crate) async fn publish(&mut self, id: Option<u16>, topic: &str, payload: &[u8]) {
        let bytes = self.publish_bytes(id, topic, payload);
        self.send(&bytes).await;
    }

    /// Subscribes with raw options, and gives the SUBACK's code.
    pub(crate) async fn subscribe(&mut self, filter: &str, options: u8) -> u8 {
        let mut body = vec![0, 9];
        if self.level == V5 {
            body.push(0);
        }
        body.extend(text(filter));
        body.push(options);
        self.send(&packet(0x82, &body)).await;
        let (control, body) = self.next().await.expect("a SUBACK");
        assert_eq!((control, &body[..2]), (0x90, &[0, 9][..]));
        *body.last().unwrap()
    }

    pub(crate) async fn acknowledge(&mut self, id: [u8; 2]) {
        self.send(&packet(0x40, &id)).await;
    }

    /// The next packet: first byte and body; `None` when the gateway has closed.
    pub(crate) async fn next(&mut self) -> Option<(u8, Vec<u8>)> {
        let read = timeout(Duration::from_secs(10), self.read());
        read.await.expect("the gateway says nothing")
    }

    /// Nothing comes for this long.
    pub(crate) async fn is_silent(&mut self, time: Duration) -> bool {
        timeout(time, self.stream.peek(&mut [0])).await.is_err()
    }

    async fn read(&mut self) -> Option<(u8, Vec<u8>)> {
        let control = self.stream.read_u8().await.ok()?;
        let (mut length, mut shift) = (0_usize, 0);
        loop {
            let byte = self.stream.read_u8().await.ok()?;
            length |= usize::from(byte & 0x7F) << shift;
            shift += 7;
            if byte < 0x80 {
                break;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).await.ok()?;
        Some((control, body))
    }

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

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Delivery {
    pub(crate) topic: String,
    pub(crate) payload: String,
    pub(crate) id: Option<[u8; 2]>,
    pub(crate) duplicate: bool,
    pub(crate) retain: bool,
}
