//! A stretch of network between a store and its server that can be made to fail.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use sqlx::postgres::PgConnectOptions;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// What happens to what passes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Mode {
    /// It arrives.
    Open,
    /// The server's answers do not arrive.
    Silent,
    /// The connection breaks when the server answers.
    Cut,
    /// The end of what the client sends does not arrive: as if it froze in the middle of sending.
    Frozen,
}

/// Of the protocol's last message, `Sync`.
const SYNC_BYTES: usize = 5;

#[derive(Clone)]
pub(crate) struct Proxy {
    mode: Arc<AtomicU8>,
    pub(crate) url: String,
}

impl Proxy {
    /// In front of the server of `url`.
    pub(crate) async fn before(url: &str) -> Self {
        let server: PgConnectOptions = url.parse().unwrap();
        let server = (server.get_host().to_owned(), server.get_port());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let there = format!("{}:{}", server.0, server.1);
        let url = url.replace(&there, &format!("127.0.0.1:{port}"));
        assert!(url.contains(&port.to_string()), "{there} is not in the URL");
        let mode = Arc::new(AtomicU8::new(Mode::Open as u8));
        tokio::spawn(accept(listener, server, Arc::clone(&mode)));
        Self { mode, url }
    }

    pub(crate) fn set(&self, mode: Mode) {
        self.mode.store(mode as u8, Ordering::SeqCst);
    }
}

async fn accept(listener: TcpListener, server: (String, u16), mode: Arc<AtomicU8>) {
    while let Ok((client, _)) = listener.accept().await {
        let server = TcpStream::connect((server.0.as_str(), server.1)).await.unwrap();
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        tokio::spawn(pass_on(from_client, to_server, Arc::clone(&mode), true));
        tokio::spawn(pass_on(from_server, to_client, Arc::clone(&mode), false));
    }
}

/// Passes on until either end closes.
async fn pass_on(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mode: Arc<AtomicU8>,
    from_client: bool,
) {
    let mut bytes = vec![0; 1024 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        let is = |expected: Mode| mode.load(Ordering::SeqCst) == expected as u8;
        let count = match from_client {
            true if is(Mode::Frozen) => count.saturating_sub(SYNC_BYTES),
            false if is(Mode::Silent) => continue,
            false if is(Mode::Cut) => return,
            _ => count,
        };
        if to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}
