//! A server on this machine that answers as a test tells it, and counts who asks. With a certificate it speaks TLS.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What a server does with a request for a path, the number of the connection being told.
type Answer = Arc<dyn Fn(&str, usize) -> Vec<u8> + Send + Sync>;

/// A running server. It goes away with the test.
pub(crate) struct Server {
    /// Where it listens.
    pub(crate) port: u16,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// Starts one without encryption.
    pub(crate) fn plain(answer: impl Fn(&str, usize) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::start(None, Arc::new(answer))
    }

    /// Starts one whose certificate is for `localhost`.
    pub(crate) fn encrypted(answer: impl Fn(&str, usize) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let chain = vec![CertificateDer::from_pem_slice(include_bytes!("localhost.pem")).expect("a certificate")];
        let key = PrivateKeyDer::from_pem_slice(include_bytes!("localhost.key")).expect("a key");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|config| config.with_no_client_auth().with_single_cert(chain, key))
            .expect("a configuration");
        Self::start(Some(Arc::new(config)), Arc::new(answer))
    }

    fn start(tls: Option<Arc<ServerConfig>>, answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&connections);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let number = counted.fetch_add(1, Ordering::SeqCst);
                let (tls, answer) = (tls.clone(), Arc::clone(&answer));
                thread::spawn(move || match tls {
                    None => serve(stream, number, &answer),
                    Some(config) => {
                        let connection = ServerConnection::new(config).expect("a connection");
                        serve(StreamOwned::new(connection, stream), number, &answer);
                    }
                });
            }
        });
        Self { port, connections }
    }

    /// How many connections there were.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// An address on it.
    pub(crate) fn address(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

/// Reads the head of a request and answers it. Nothing to say is a connection that is closed.
fn serve(stream: impl Read + Write, number: usize, answer: &Answer) {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).is_ok_and(|count| count > 0) {
            continue;
        }
        return;
    }
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut stream = reader.into_inner();
    let _ = stream.write_all(&answer(&path, number)).and_then(|()| stream.flush());
}

/// An answer with a body.
pub(crate) fn ok(body: &[u8]) -> Vec<u8> {
    let mut answer =
        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len()).into_bytes();
    answer.extend_from_slice(body);
    answer
}

/// An answer that is nothing but a status.
pub(crate) fn status(code: u16) -> Vec<u8> {
    format!("HTTP/1.1 {code} Sorry\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").into_bytes()
}

/// An answer that leads elsewhere.
pub(crate) fn redirect(place: &str) -> Vec<u8> {
    format!("HTTP/1.1 302 Found\r\nlocation: {place}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").into_bytes()
}

/// A port where nobody listens.
pub(crate) fn silent_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    // Somebody who was there a moment ago refuses connections at once.
    drop(TcpStream::connect(("127.0.0.1", port)).map(|stream| stream.shutdown(Shutdown::Both)));
    port
}
