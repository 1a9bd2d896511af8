//! A client by hand: packets as bytes, so that a test sees every bit.

use std::time::Duration;

use logistics_mqtt::gateway::Gateway;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

pub(crate) use crate::packets::{Hello, V5, V311, packet, text};

/// TCP, or TLS over it.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

pub(crate) struct Wire {
    pub(crate) stream: Box<dyn Stream>,
    pub(crate) level: u8,
    /// A packet's first byte, already read.
    begun: Option<u8>,
}

impl Wire {
    pub(crate) async fn open(gateway: &Gateway) -> Self {
        let stream = TcpStream::connect(gateway.local_addrs()[0]).await.unwrap();
        Self::over(stream)
    }

    pub(crate) fn over(stream: impl Stream + 'static) -> Self {
        Self { stream: Box::new(stream), level: V311, begun: None }
    }

    /// Connects and gives the CONNACK's body too.
    pub(crate) async fn greet(gateway: &Gateway, hello: &Hello<'_>) -> (Self, Vec<u8>) {
        Self::open(gateway).await.introduce(hello).await
    }

    /// Introduces itself and gives the CONNACK's body too.
    pub(crate) async fn introduce(mut self, hello: &Hello<'_>) -> (Self, Vec<u8>) {
        let wire = &mut self;
        wire.level = hello.level;
        wire.send(&hello.bytes()).await;
        let (control, body) = wire.next().await.expect("a CONNACK");
        assert_eq!(control, 0x20);
        (self, body)
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
        match timeout(time, self.stream.read_u8()).await {
            Ok(read) => {
                self.begun = read.ok();
                false
            }
            Err(_) => true,
        }
    }

    async fn read(&mut self) -> Option<(u8, Vec<u8>)> {
        let control = match self.begun.take() {
            Some(control) => control,
            None => self.stream.read_u8().await.ok()?,
        };
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
}

/// The gateway still serves.
pub(crate) async fn is_well(gateway: &Gateway) {
    let mut wire = Wire::join(gateway, &Hello::new(V311, "DP-well")).await;
    wire.publish(Some(1), "logistics/dp/DP-well/location", b"x").await;
    assert_eq!(wire.next().await, Some((0x40, vec![0, 1])));
}

/// Nothing comes for a while.
pub(crate) async fn quiet(wire: &mut Wire) -> bool {
    wire.is_silent(Duration::from_millis(80)).await
}
