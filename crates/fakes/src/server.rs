use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};

use crate::tasks::Tasks;

/// Takes a free port of this machine.
pub(crate) async fn bind() -> std::io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Gives every connection a task of its own.
pub(crate) fn accept<F, Answering>(tasks: &Tasks, listener: TcpListener, mut on_connection: F)
where
    F: FnMut(TcpStream) -> Answering + Send + 'static,
    Answering: Future<Output = ()> + Send + 'static,
{
    let spawner = tasks.spawner().clone();
    tasks.spawner().spawn(async move {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    // Small answers go out at once.
                    let _ = stream.set_nodelay(true);
                    spawner.spawn(on_connection(stream));
                }
                // A caller that left before it was taken in is no reason to stop.
                Err(error) => tracing::debug!(%error, "a connection was not taken in"),
            }
        }
    });
}

/// Answers plain HTTP with these routes. Unlike `axum::serve`, no connection outlives `tasks`.
pub(crate) fn serve(tasks: &Tasks, listener: TcpListener, routes: Router) {
    accept(tasks, listener, move |stream| {
        let service = TowerToHyperService::new(routes.clone());
        async move {
            if let Err(error) = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await {
                tracing::debug!(%error, "a connection ended badly");
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use axum::routing::get;

    use super::*;

    #[tokio::test]
    async fn a_dropped_server_frees_its_port_and_its_connections() {
        let tasks = Tasks::new();
        let hang = Router::new().route("/", get(std::future::pending::<()>));
        let (listener, address) = bind().await.unwrap();
        serve(&tasks, listener, hang);
        let url = format!("http://{address}/");
        let waiting = tokio::spawn(async move { reqwest::get(url).await });
        let mut held = TcpStream::connect(address).await.unwrap();
        drop(tasks);
        assert!(waiting.await.unwrap().is_err(), "whoever waited is cut off");
        let read = tokio::io::AsyncReadExt::read(&mut held, &mut [0; 1]).await;
        assert!(matches!(read, Ok(0) | Err(_)), "an open connection is closed");
        let deadline = tokio::time::Instant::now() + crate::DEADLINE;
        while TcpListener::bind(address).await.is_err() {
            assert!(tokio::time::Instant::now() < deadline, "the port is still taken");
            tokio::task::yield_now().await;
        }
    }
}
