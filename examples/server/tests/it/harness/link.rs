//! A link between device and server that breaks: bytes are passed on, until it is cut.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A listener that passes connections on.
pub(crate) struct Link {
    pub(crate) address: SocketAddr,
    server: Arc<Mutex<SocketAddr>>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Link {
    pub(crate) fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let open: Arc<Mutex<Vec<TcpStream>>> = Arc::default();
        let server = Arc::new(Mutex::new(server));
        let (streams, target) = (Arc::clone(&open), Arc::clone(&server));
        std::thread::spawn(move || {
            for device in listener.incoming().map_while(Result::ok) {
                let server = *target.lock().expect("lock");
                let Ok(server) = TcpStream::connect(server) else { continue };
                pass_on(&device, &server);
                pass_on(&server, &device);
                streams.lock().expect("lock").extend([device, server]);
            }
        });
        Self { address, server, open }
    }

    /// From now on connections go to this server.
    pub(crate) fn lead_to(&self, server: SocketAddr) {
        *self.server.lock().expect("lock") = server;
    }

    /// Cuts all connections; how many there were.
    pub(crate) fn cut(&self) -> usize {
        let streams = std::mem::take(&mut *self.open.lock().expect("lock"));
        streams.iter().filter(|stream| stream.shutdown(Shutdown::Both).is_ok()).count() / 2
    }
}

fn pass_on(from: &TcpStream, to: &TcpStream) {
    let mut from = from.try_clone().expect("a stream");
    let mut to = to.try_clone().expect("a stream");
    std::thread::spawn(move || {
        let mut chunk = [0; 4_096];
        while let Ok(bytes @ 1..) = from.read(&mut chunk) {
            if to.write_all(&chunk[..bytes]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    });
}
