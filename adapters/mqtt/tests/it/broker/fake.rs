//! Brokers by hand, that answer as little as a test wants.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use logistics_mqtt::broker::Server;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What a broker answers before it falls silent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Answers {
    Nothing,
    Connect,
    Subscribe,
    All,
}

/// Accepts connections and answers a part of what it is asked, never to a PUBLISH.
pub(crate) struct Fake {
    port: u16,
    connections: Arc<AtomicUsize>,
}

impl Fake {
    pub(crate) async fn start(answers: Answers) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(serve(stream, answers));
            }
        });
        Self { port, connections }
    }

    pub(crate) fn server(&self) -> Server {
        Server::plain("127.0.0.1", self.port)
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

async fn serve(mut stream: TcpStream, answers: Answers) {
    while let Ok(control) = stream.read_u8().await {
        let mut length = 0;
        for shift in [0, 7, 14, 21] {
            let Ok(byte) = stream.read_u8().await else { return };
            length |= usize::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                break;
            }
        }
        let mut body = vec![0; length];
        if stream.read_exact(&mut body).await.is_err() {
            return;
        }
        let answer: &[u8] = match control >> 4 {
            1 if answers >= Answers::Connect => &[0x20, 2, 0, 0],
            8 if answers >= Answers::Subscribe => &[0x90, 7, body[0], body[1], 1, 1, 1, 1, 1],
            12 if answers >= Answers::All => &[0xD0, 0],
            _ => continue,
        };
        if stream.write_all(answer).await.is_err() {
            return;
        }
    }
}
