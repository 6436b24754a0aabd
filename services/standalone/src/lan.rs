//! HTTPS on the machine's own address, so that a real phone's camera may be used: browsers open a camera only to a
//! secure page.

use std::fs;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::serve::Listener;
use chrono::Datelike;
use rcgen::{CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Days that a certificate made here is good for; iPhones take none that is good for longer than 825.
const CERTIFIED_DAYS: i64 = 397;
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

/// Whether a certificate is there and not about to end.
fn is_good(certificate: &Path) -> bool {
    let made = fs::metadata(certificate).and_then(|file| file.modified());
    made.is_ok_and(|made| {
        made.elapsed()
            .is_ok_and(|age| age.as_secs() < CERTIFIED_DAYS.unsigned_abs().saturating_sub(30) * 86_400)
    })
}

/// What phones accept once a person has said so: for servers, named, and for little more than a year.
fn own_certificate(names: Vec<String>) -> anyhow::Result<CertificateParams> {
    let mut wanted = CertificateParams::new(names).context("cannot make a certificate")?;
    wanted.distinguished_name = DistinguishedName::new();
    wanted.distinguished_name.push(DnType::CommonName, "Sello");
    wanted.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let now = chrono::Utc::now();
    let day = |at: chrono::DateTime<chrono::Utc>| {
        let date = at.date_naive();
        let part = |number: u32| u8::try_from(number).unwrap_or(1);
        rcgen::date_time_ymd(date.year(), part(date.month()), part(date.day()))
    };
    wanted.not_before = day(now - chrono::Duration::days(1));
    wanted.not_after = day(now + chrono::Duration::days(CERTIFIED_DAYS));
    Ok(wanted)
}

/// Takes TLS connections with the certificate of `data`, made for this address if there is none.
pub(crate) fn listener(tcp: TcpListener, data: &Path) -> anyhow::Result<TlsListener> {
    let address = own_address()?;
    let folder = data.join("lan");
    let (certificate, key) = (folder.join(format!("{address}.crt")), folder.join(format!("{address}.key")));
    if !is_good(&certificate) {
        fs::create_dir_all(&folder)?;
        let names = vec![address.to_string(), "localhost".to_owned(), "127.0.0.1".to_owned()];
        let signing = KeyPair::generate().context("cannot make a key")?;
        let made = own_certificate(names)?.self_signed(&signing).context("cannot make a certificate")?;
        fs::write(&key, signing.serialize_pem())?;
        fs::write(&certificate, made.pem())?;
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
