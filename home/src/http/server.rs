//! The HTTP/1.1 server: accepts connections within the limits and hands each request to a handler.

use super::connections::{Admission, Connections};
use super::response::Response;
use crate::shutdown::Shutdown;
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

/// Timeout of reading the head of a request; the limit of a connection's idle time as well.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// Memory for what is read of one connection, in bytes, and so the limit of a head. One that is larger is refused with 431.
const MAX_HEAD: usize = 16 * 1024;

/// How long a shutdown waits for responses in progress.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// Delay before a retry if the operating system cannot accept a connection.
const RETRY_DELAY: Duration = Duration::from_millis(100);

/// What answers requests.
pub(crate) trait Handler: Send + Sync + 'static {
    /// Answers a request. Every request gets a response.
    fn response(&self, request: Request<Incoming>) -> impl Future<Output = Response> + Send;
}

/// Serves until the shutdown is requested, then waits for the responses in progress.
pub(crate) async fn serve<H: Handler>(listener: TcpListener, handler: H, mut shutdown: Shutdown) {
    let handler = Arc::new(handler);
    let connections = Connections::default();
    let graceful = GracefulShutdown::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let (admission, evicted) = connections.admit(peer.ip());
                    let connection = serve_connection(stream, Arc::clone(&handler), admission, &graceful);
                    tokio::spawn(async move {
                        tokio::select! {
                            () = connection => {}
                            _ = evicted => {}
                        }
                    });
                }
                Err(_) => tokio::time::sleep(RETRY_DELAY).await,
            },
            () = shutdown.requested() => break,
        }
    }
    drop(listener);
    let _ = tokio::time::timeout(SHUTDOWN_TIMEOUT, graceful.shutdown()).await;
}

fn serve_connection<H: Handler>(
    stream: TcpStream,
    handler: Arc<H>,
    admission: Admission,
    graceful: &GracefulShutdown,
) -> impl Future<Output = ()> + use<H> {
    // A response is one small packet that the client waits for.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        admission.note_use();
        let handler = Arc::clone(&handler);
        async move { Ok::<_, Infallible>(handler.response(request).await) }
    });
    let mut server = hyper::server::conn::http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_buf_size(MAX_HEAD);
    let connection = graceful.watch(server.serve_connection(TokioIo::new(stream), service));
    async move {
        // An error means that the client disconnected, which does not concern the relay.
        let _ = connection.await;
    }
}
