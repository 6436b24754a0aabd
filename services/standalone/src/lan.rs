//! HTTPS on the machine's own address, so that a real phone's camera may be used: browsers open a camera only to a
//! secure page.

use std::fs;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::serve::Listener;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// The address that phones on the same network reach this machine by.
fn own_address() -> anyhow::Result<IpAddr> {
    // Connecting a datagram socket sends nothing; it only asks the system which of its addresses it would use. The
    // destination is one that no network has (RFC 5737).
    let socket = UdpSocket::bind("0.0.0.0:0")?;
    socket
        .connect("192.0.2.1:9")
        .and_then(|()| socket.local_addr())
        .map(|address| address.ip())
        .context("this machine is on no network that a phone could reach; start without LAN=1")
}

/// What a phone opens.
pub(crate) fn url(port: u16) -> anyhow::Result<String> {
    Ok(format!("https://{}:{port}", own_address()?))
}

/// Takes TLS connections with the certificate of `data`, made for this address if there is none.
pub(crate) fn listener(tcp: TcpListener, data: &Path) -> anyhow::Result<TlsListener> {
    let address = own_address()?;
    let folder = data.join("lan");
    let (certificate, key) = (folder.join(format!("{address}.crt")), folder.join(format!("{address}.key")));
    if !certificate.is_file() {
        fs::create_dir_all(&folder)?;
        let names = vec![address.to_string(), "localhost".to_owned(), "127.0.0.1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).context("cannot make a certificate")?;
        fs::write(&key, made.signing_key.serialize_pem())?;
        fs::write(&certificate, made.cert.pem())?;
    }
    let chain = CertificateDer::pem_file_iter(&certificate)?.collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_file(&key)?;
    let mut config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsListener::start(tcp, TlsAcceptor::from(Arc::new(config))))
}

/// Connections whose handshake is done. A slow handshake holds up nobody else's.
pub(crate) struct TlsListener {
    accepted: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    local: std::io::Result<SocketAddr>,
}

impl TlsListener {
    fn start(tcp: TcpListener, acceptor: TlsAcceptor) -> Self {
        let local = tcp.local_addr();
        let (to_server, accepted) = mpsc::channel(64);
        tokio::spawn(async move {
            while !to_server.is_closed() {
                let Ok((stream, peer)) = tcp.accept().await else {
                    // Out of file handles: a moment later there may be some again.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                };
                let (acceptor, to_server) = (acceptor.clone(), to_server.clone());
                tokio::spawn(async move {
                    if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
                        // The server may have ended meanwhile.
                        let _ = to_server.send((stream, peer)).await;
                    }
                });
            }
        });
        Self { accepted, local }
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        match self.accepted.recv().await {
            Some(connection) => connection,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        match &self.local {
            Ok(address) => Ok(*address),
            Err(error) => Err(error.kind().into()),
        }
    }
}
