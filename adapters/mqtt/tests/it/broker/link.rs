//! A link to the broker that can be cut.

use std::sync::{Arc, Mutex};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Passes connections on.
pub(crate) struct Link {
    pub(crate) port: u16,
    open: Arc<Mutex<JoinSet<()>>>,
}

impl Link {
    pub(crate) async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = listener.local_addr().unwrap().port();
        let open: Arc<Mutex<JoinSet<()>>> = Arc::default();
        let connections = Arc::clone(&open);
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                connections.lock().unwrap().spawn(async move {
                    if let Ok(mut broker) = TcpStream::connect(("127.0.0.1", port)).await {
                        let _ = copy_bidirectional(&mut client, &mut broker).await;
                    }
                });
            }
        });
        Self { port: own, open }
    }

    /// Cuts what is open, whatever is on its way.
    pub(crate) fn cut(&self) {
        self.open.lock().unwrap().abort_all();
    }
}
