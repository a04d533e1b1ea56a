//! The accept loop.

use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use poem::{Endpoint, EndpointExt};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::{Instant, sleep, timeout_at},
};

use super::{
    ListenerSettings, Shutdown,
    connection::{self, Shared},
    slots::Slots,
};

/// How long accepting rests after it failed, for want of file descriptors for example.
const REST: Duration = Duration::from_millis(50);

/// A bound socket, not accepting yet.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    local: SocketAddr,
    settings: ListenerSettings,
}

impl Listener {
    /// Takes the address.
    pub async fn bind(settings: ListenerSettings) -> io::Result<Self> {
        let socket = TcpListener::bind(settings.address).await?;
        let local = socket.local_addr()?;
        Ok(Self { socket, local, settings })
    }

    /// Where it listens, with the real port.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// Serves `endpoint` until `shutdown` says to drain, then at most until its hard end.
    ///
    /// Every route must stand under a [`crate::http::mount()`] or [`crate::http::mount::face()`], which answer refusals.
    pub async fn serve<E: Endpoint + 'static>(self, endpoint: E, mut shutdown: Shutdown) {
        let shared = Arc::new(Shared {
            builder: connection::builder(&self.settings),
            endpoint: endpoint.map_to_response().boxed(),
            local: self.local,
            in_flight: 0.into(),
            settings: self.settings,
        });
        let slots = Slots::new(shared.settings.max_connections, shared.settings.max_connections_per_ip);
        let mut connections = JoinSet::new();
        let watched = shutdown.clone();
        let mut draining = pin!(shutdown.draining());
        let until = loop {
            tokio::select! {
                until = &mut draining => break until,
                Some(ended) = connections.join_next() => report(ended),
                (stream, peer) = accept(&self.socket) => {
                    // Beyond the limits the socket is closed at once: a place in the queue would help nobody.
                    let Some(slot) = slots.take(peer.ip()) else { continue };
                    let serving = connection::serve(shared.clone(), stream, peer, watched.clone());
                    connections.spawn(async move {
                        let _slot = slot;
                        serving.await;
                    });
                }
            }
        };
        drop(self.socket);
        drain(connections, until).await;
    }
}

async fn accept(socket: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match socket.accept().await {
            Ok((stream, peer)) => {
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "a connection went before it was served");
                    continue;
                }
                return (stream, peer);
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections");
                sleep(REST).await;
            }
        }
    }
}

/// Lets the connections finish, and ends those that have not by `until`.
async fn drain(mut connections: JoinSet<()>, until: Instant) {
    let all = async {
        while let Some(ended) = connections.join_next().await {
            report(ended);
        }
    };
    if timeout_at(until, all).await.is_err() {
        tracing::warn!(connections = connections.len(), "connections were cut off by the shutdown");
        connections.shutdown().await;
    }
}

fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a connection failed");
    }
}
