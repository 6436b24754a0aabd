use std::net::SocketAddr;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tonic::service::Routes;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

use crate::{InstrumentLayer, Link, Stop};

/// A service that has started: what it answers, and the tasks it does on its own clock.
///
/// A task that ends before it was told to stop, or with an error, ends the process: an orchestrator restarts it.
pub struct Running {
    name: &'static str,
    routes: Routes,
    /// Its workers, relays and consumers.
    pub tasks: JoinSet<anyhow::Result<()>>,
    /// Fires once the last call is answered. A task that calls wait for ends then, not when it is told to stop: until the
    /// server has closed, a call may still come that needs it.
    pub answered: Stop,
}

impl Running {
    /// Gathers a service's routes; tasks are spawned onto [`Running::tasks`].
    pub fn new(name: &'static str, routes: Routes) -> Self {
        Self { name, routes, tasks: JoinSet::new(), answered: Stop::new() }
    }

    /// A link to this service for callers in the same process.
    pub fn link(&self) -> Link {
        use tower::Layer;
        Link::local(InstrumentLayer { service: self.name }.layer(self.routes.clone()))
    }
}

/// Binds an address; port 0 takes a free one.
pub async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}; choose another address"))
}

/// Answers gRPC until told to stop, then lets calls under way finish, then ends the service's tasks.
pub async fn serve(listener: TcpListener, mut running: Running, stop: Stop) -> anyhow::Result<()> {
    let (health, health_service) = tonic_health::server::health_reporter();
    health.set_service_status("", tonic_health::ServingStatus::Serving).await;
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    let stopped = stop.clone();
    let server = Server::builder()
        .layer(InstrumentLayer { service: running.name })
        .add_routes(running.routes)
        .add_service(health_service)
        .serve_with_incoming_shutdown(incoming, async move { stopped.cancelled().await });
    tokio::pin!(server);
    loop {
        tokio::select! {
            served = &mut server => { served?; break }
            Some(ended) = running.tasks.join_next() => {
                ended??;
                anyhow::ensure!(stop.is_cancelled(), "a task of {} ended by itself", running.name);
            }
        }
    }
    stop.cancel();
    running.answered.cancel();
    while let Some(ended) = running.tasks.join_next().await {
        ended??;
    }
    Ok(())
}
