//! Stands between a client and the server, and lets things go wrong.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What happens to a request.
#[derive(Debug, Clone)]
pub(crate) enum Fate {
    /// It goes to the server, the answer comes back.
    Pass,
    /// It never gets there: the client is answered this, with status 400.
    Refuse(String),
    /// It gets there, the answer does not come back.
    LoseAnswer,
    /// Neither: the connection ends.
    LoseRequest,
}

/// A proxy that ends when this is dropped.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Proxy {
    /// A proxy to `server`; `fate` is asked with the operation and the body of each request.
    pub(crate) async fn start(
        server: SocketAddr,
        fate: impl Fn(&str, &str) -> Fate + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let fate = Arc::new(fate);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let fate = Arc::clone(&fate);
                // Ends with its connection.
                tokio::spawn(async move { serve(client, server, &*fate).await });
            }
        });
        Self { address, task }
    }
}

async fn serve(
    mut client: TcpStream,
    server: SocketAddr,
    fate: &(impl Fn(&str, &str) -> Fate + Sync),
) {
    while let Some(request) = read_message(&mut client).await {
        let (head, body) = split(&request);
        let head = head.to_lowercase();
        let target = head.lines().find_map(|line| line.strip_prefix("x-amz-target:"));
        let operation = target.and_then(|target| target.rsplit('.').next()).unwrap_or_default();
        match fate(operation.trim(), body) {
            Fate::Refuse(answer) => {
                let answer = format!(
                    "HTTP/1.1 400 Bad Request\r\ncontent-type: application/x-amz-json-1.0\r\n\
                     content-length: {}\r\n\r\n{answer}",
                    answer.len()
                );
                client.write_all(answer.as_bytes()).await.unwrap();
            }
            Fate::LoseRequest => return,
            fate => {
                let mut upstream = TcpStream::connect(server).await.unwrap();
                upstream.write_all(&request).await.unwrap();
                let Some(answer) = read_message(&mut upstream).await else { return };
                if matches!(fate, Fate::LoseAnswer) {
                    return;
                }
                if client.write_all(&answer).await.is_err() {
                    return;
                }
            }
        }
    }
}

fn split(message: &[u8]) -> (&str, &str) {
    let text = std::str::from_utf8(message).unwrap();
    text.split_once("\r\n\r\n").unwrap()
}

/// One request or answer with the length of its body in its head.
async fn read_message(from: &mut TcpStream) -> Option<Vec<u8>> {
    let mut message = Vec::new();
    loop {
        if let Some(end) = message.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = std::str::from_utf8(&message[..end]).unwrap().to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
            if message.len() >= end + 4 + length {
                return Some(message);
            }
        }
        let mut part = [0; 16 * 1024];
        match from.read(&mut part).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => message.extend_from_slice(&part[..count]),
        }
    }
}
