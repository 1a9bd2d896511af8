//! A WebSocket client of the live feed.

use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tungstenite::Message;

/// An open live session; its messages are read in the background.
pub(crate) struct LiveSession {
    messages: Receiver<Value>,
    /// The first message.
    pub(crate) snapshot: Value,
}

impl LiveSession {
    pub(crate) fn open(address: SocketAddr) -> Self {
        Self::open_with(address, &json!({ "auth": null, "zones": ["*"] }))
    }

    pub(crate) fn open_with(address: SocketAddr, hello: &Value) -> Self {
        let stream = TcpStream::connect(address).expect("connects");
        let (mut socket, _) =
            tungstenite::client(format!("ws://{address}/v1/live"), stream).expect("upgrades");
        socket.send(Message::text(hello.to_string())).expect("sends");
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            while let Ok(message) = socket.read() {
                if let Message::Text(text) = message {
                    let message = serde_json::from_str(&text).expect("JSON");
                    if sender.send(message).is_err() {
                        return;
                    }
                }
            }
        });
        let snapshot: Value =
            messages.recv_timeout(Duration::from_secs(20)).expect("a first message");
        Self { messages, snapshot }
    }

    /// All messages of type `kind` that arrive within `wait`.
    pub(crate) fn collect(&self, kind: &str, wait: Duration) -> Vec<Value> {
        let deadline = Instant::now() + wait;
        let mut found = Vec::new();
        loop {
            match self.messages.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(message) if message["t"] == kind => found.push(message),
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return found,
            }
        }
    }
}
