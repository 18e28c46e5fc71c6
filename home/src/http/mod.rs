//! HTTP: prestage and status, as on the AWS edge (DESIGN sections 3.1 and 3.2).

mod connections;
mod response;

use crate::jobs::Jobs;
use crate::now::now;
use crate::shutdown::Shutdown;
use connections::{Admission, Connections};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use hyper::header::{ACCEPT, AUTHORIZATION, HeaderName};
use hyper::service::service_fn;
use hyper::{Method, Request};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use relay::id::RequestId;
use response::Response;
use service::Decision;
use service::prestage::Call;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};

/// Timeout of reading the head of a request; the limit of a connection's idle time as well.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// Memory for what is read of one connection, in bytes, and so the limit of a head. One that is larger is refused with 431.
const MAX_HEAD: usize = 16 * 1024;

/// Timeout of reading a body.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// How much of a body is stored, in bytes: one more than prestage accepts, so that it can tell that a body is too large.
const MAX_BODY_STORED: usize = service::prestage::LARGEST_BODY + 1;

/// How much of a body is read, in bytes. A client that has sent all of its body reads the response; one that sends more
/// than this is disconnected.
const MAX_BODY_READ: usize = 4 << 20;

/// How long a shutdown waits for responses in progress.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// Delay before a retry if the operating system cannot accept a connection.
const RETRY_DELAY: Duration = Duration::from_millis(100);

/// Serves until the shutdown is requested, then waits for the responses in progress.
pub(crate) async fn serve(listener: TcpListener, jobs: Jobs, mut shutdown: Shutdown) {
    let jobs = Arc::new(jobs);
    let connections = Connections::default();
    let graceful = GracefulShutdown::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let (admission, evicted) = connections.admit(peer.ip());
                    let connection = serve_connection(stream, Arc::clone(&jobs), admission, &graceful);
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

fn serve_connection(
    stream: TcpStream,
    jobs: Arc<Jobs>,
    admission: Admission,
    graceful: &GracefulShutdown,
) -> impl Future<Output = ()> + use<> {
    // A response is one small packet that the client waits for.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        admission.note_use();
        let jobs = Arc::clone(&jobs);
        async move { Ok::<_, Infallible>(route(&jobs, request).await) }
    });
    let mut server = hyper::server::conn::http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_buf_size(MAX_HEAD);
    let connection = graceful.watch(server.serve_connection(TokioIo::new(stream), service));
    async move {
        // An error means that the client disconnected, which does not concern the relay.
        let _ = connection.await;
    }
}

async fn route(jobs: &Jobs, request: Request<Incoming>) -> Response {
    let path = request.uri().path().to_owned();
    match (request.method(), path.as_str(), path.strip_prefix("/status/")) {
        (&Method::POST, "/prestage", _) => prestage(jobs, request).await,
        (_, "/prestage", _) => response::method_not_allowed("POST"),
        (&Method::GET | &Method::HEAD, _, Some(id)) => status(jobs, id),
        (_, _, Some(_)) => response::method_not_allowed("GET"),
        _ => response::not_found(),
    }
}

async fn prestage(jobs: &Jobs, request: Request<Incoming>) -> Response {
    let started = Instant::now();
    let (head, body) = request.into_parts();
    let Some(body) = tokio::time::timeout(BODY_TIMEOUT, read(body)).await.ok().flatten() else {
        return response::incomplete_body();
    };
    let header = |name: HeaderName| head.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let (authorization, accept) = (header(AUTHORIZATION), header(ACCEPT));
    let query = head.uri.query().unwrap_or_default().as_bytes();
    let token = form_urlencoded::parse(query).find(|(name, _)| name == "token").map(|(_, token)| token);
    let call = Call {
        authorization: authorization.as_deref(),
        query_token: token.as_deref(),
        accept: accept.as_deref(),
        body: &body,
    };
    let (reply, decision) = jobs.prestage().answer(&call, now()).await;
    jobs.log.write(&decision, started);
    response::prestage(reply)
}

/// Reads a body to its end, and returns its first [`MAX_BODY_STORED`] bytes. Returns `None` if the connection fails first.
async fn read(mut body: Incoming) -> Option<Vec<u8>> {
    let mut stored = Vec::new();
    let mut length = 0;
    while !body.is_end_stream() {
        let Some(frame) = body.frame().await else { break };
        let Ok(data) = frame.ok()?.into_data() else { continue };
        length += data.len();
        if length > MAX_BODY_READ {
            break;
        }
        stored.extend(data.iter().take(MAX_BODY_STORED - stored.len()));
    }
    Some(stored)
}

fn status(jobs: &Jobs, id: &str) -> Response {
    let started = Instant::now();
    let found = RequestId::parse(id).map_or(Ok(None), |id| jobs.store.status(&id, now()));
    match found {
        Ok(Some(document)) => response::new(200, "application/json", document),
        Ok(None) => response::gone(),
        Err(unavailable) => {
            jobs.log.write(&Decision::unavailable("status", &unavailable), started);
            response::status_unavailable()
        }
    }
}
