//! HTTP: prestage and status (DESIGN sections 3.1 and 3.2), as a client of the AWS edge knows them.

mod response;

use super::jobs::Jobs;
use super::shutdown::Stop;
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use hyper::header::{ACCEPT, AUTHORIZATION, HeaderName};
use hyper::service::service_fn;
use hyper::{Method, Request};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use jiff::Timestamp;
use relay::id::RequestId;
use response::{Page, no_such_page, page, reply, troubled, wrong_method};
use service::prestage::{Call, Denial, Outcome};
use std::borrow::Cow;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Connections at a time. The next one waits in the operating system's queue.
const MOST_CONNECTIONS: usize = 512;

/// How long a client may take to send the head of a request, or to ask again.
const HEAD_TIME: Duration = Duration::from_secs(30);

/// How long a client may take to send a body.
const BODY_TIME: Duration = Duration::from_secs(10);

/// How much of a body is kept: one more byte than prestage takes, so that it sees what is too large.
const BODY_KEPT: usize = 4097;

/// How much of a body is read: who has sent it all reads the answer, and who sends more is cut off.
const BODY_READ: usize = 4 << 20;

/// How long answers under way may take once the relay stops.
const LAST_ANSWERS: Duration = Duration::from_secs(5);

/// How long to wait when the operating system has no connection to give.
const PAUSE: Duration = Duration::from_millis(100);

/// Answers clients until the relay stops.
pub(super) async fn serve(listener: TcpListener, jobs: Jobs, mut stop: Stop) {
    let jobs = Arc::new(jobs);
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    loop {
        // Also while all places are taken, the word to stop is heard.
        let place = tokio::select! {
            place = Arc::clone(&places).acquire_owned() => place,
            () = stop.wait() => break,
        };
        let Ok(place) = place else { break };
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => attend(stream, Arc::clone(&jobs), &graceful, place),
                Err(_) => tokio::time::sleep(PAUSE).await,
            },
            () = stop.wait() => break,
        }
    }
    drop(listener);
    let _ = tokio::time::timeout(LAST_ANSWERS, graceful.shutdown()).await;
}

fn attend(stream: TcpStream, jobs: Arc<Jobs>, graceful: &GracefulShutdown, place: OwnedSemaphorePermit) {
    // An answer is one small packet that the client waits for.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let jobs = Arc::clone(&jobs);
        async move { Ok::<_, Infallible>(answer(&jobs, request).await) }
    });
    let mut server = hyper::server::conn::http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME);
    let connection = graceful.watch(server.serve_connection(TokioIo::new(stream), service));
    tokio::spawn(async move {
        // A client that breaks off is no trouble of the relay's.
        let _ = connection.await;
        drop(place);
    });
}

async fn answer(jobs: &Jobs, request: Request<Incoming>) -> Page {
    let path = request.uri().path().to_owned();
    match (request.method(), path.as_str(), path.strip_prefix("/status/")) {
        (&Method::POST, "/prestage", _) => prestage(jobs, request).await,
        (_, "/prestage", _) => wrong_method("POST"),
        (&Method::GET | &Method::HEAD, _, Some(id)) => status(jobs, id),
        (_, _, Some(_)) => wrong_method("GET"),
        _ => no_such_page(),
    }
}

async fn prestage(jobs: &Jobs, request: Request<Incoming>) -> Page {
    let started = Instant::now();
    let (head, body) = request.into_parts();
    let Some(body) = tokio::time::timeout(BODY_TIME, read(body)).await.ok().flatten() else {
        return response::broken_off();
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
    let (answer, outcome) = jobs.prestage().answer(&call, Timestamp::now()).await;
    match &outcome {
        Outcome::Opened { .. } => jobs.log.decision("prestage", "opened", None, started),
        Outcome::Denied(Denial::TryAgain(trouble)) => jobs.log.trouble("prestage", trouble, started),
        Outcome::Denied(denial) => jobs.log.decision("prestage", "denied", Some(denial.word()), started),
    }
    reply(answer)
}

/// Reads a body to its end and keeps its beginning; nothing where it breaks off or never ends.
async fn read(mut body: Incoming) -> Option<Vec<u8>> {
    let mut kept = Vec::new();
    let mut length = 0;
    while !body.is_end_stream() {
        let Some(frame) = body.frame().await else { break };
        let Ok(data) = frame.ok()?.into_data() else { continue };
        length += data.len();
        if length > BODY_READ {
            break;
        }
        kept.extend(data.iter().take(BODY_KEPT - kept.len()));
    }
    Some(kept)
}

fn status(jobs: &Jobs, id: &str) -> Page {
    let found = RequestId::parse(id).map_or(Ok(None), |id| jobs.store.status(&id, Timestamp::now()));
    match found {
        Ok(Some(document)) => page(200, "application/json", Cow::Owned(document)),
        Ok(None) => response::gone(),
        Err(trouble) => {
            jobs.log.trouble("status", &trouble, Instant::now());
            troubled()
        }
    }
}
