//! HTTP: prestage, status and pyaarlo's dialect, as on the AWS edge (DESIGN sections 3.1, 3.2 and 3.5).

mod connections;
mod pyaarlo;
mod response;
mod server;

pub use pyaarlo::PyaarloServer;

pub(crate) use server::serve;

use crate::jobs::Jobs;
use crate::now::now;
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use hyper::header::{ACCEPT, AUTHORIZATION, HeaderName};
use hyper::{Method, Request};
use relay::id::RequestId;
use response::Response;
use server::Handler;
use service::Decision;
use service::dialects::pyaarlo::owns;
use service::prestage::Call;
use std::time::{Duration, Instant};

/// Timeout of reading a body.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// How much of a body is stored, in bytes: one more than prestage accepts, so that it can tell that a body is too large.
const MAX_BODY_STORED: usize = service::prestage::LARGEST_BODY + 1;

/// How much of a body is read, in bytes. A client that has sent all of its body reads the response; one that sends more
/// than this is disconnected.
const MAX_BODY_READ: usize = 4 << 20;

impl Handler for Jobs {
    async fn response(&self, request: Request<Incoming>) -> Response {
        route(self, request).await
    }
}

async fn route(jobs: &Jobs, request: Request<Incoming>) -> Response {
    let path = request.uri().path().to_owned();
    match (request.method(), path.as_str(), path.strip_prefix("/status/")) {
        (&Method::POST, "/prestage", _) => prestage(jobs, request).await,
        (_, "/prestage", _) => response::method_not_allowed("POST"),
        (&Method::GET | &Method::POST, path, _) if owns(path) => pyaarlo(jobs, &request).await,
        (_, path, _) if owns(path) => response::method_not_allowed("GET, POST"),
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
    response::reply(reply)
}

async fn pyaarlo(jobs: &Jobs, request: &Request<Incoming>) -> Response {
    let started = Instant::now();
    let (reply, decision) = jobs.pyaarlo().answer(&pyaarlo::call(request), now()).await;
    if let Some(decision) = decision {
        jobs.log.write(&decision, started);
    }
    response::reply(reply)
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
