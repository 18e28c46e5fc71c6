//! `mfa-relay bridge`: the dialects of clients that know neither prestage nor status, in front of a relay elsewhere.

mod remote;

use crate::code::client::Client;
use crate::code::failure::Failure;
use crate::code::secret::Secret;
use home::http::PyaarloServer;
use home::imap::ImapServer;
use home::shutdown::{self, Shutdown};
use home::{Certificate, CertificateError, Log};
use remote::RemoteRelay;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// The arguments of `mfa-relay bridge`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The prestage URL of the relay, without its token: each client sends its own
    #[arg(long, env = "MFA_RELAY_URL", hide_env_values = true)]
    url: Option<Secret>,
    /// Address to listen on for IMAP
    #[arg(long, env = "MFA_RELAY_IMAP", hide_env_values = true, value_name = "IP:PORT")]
    imap: Option<SocketAddr>,
    /// Address to listen on for pyaarlo's REST
    #[arg(long, env = "MFA_RELAY_HTTP", hide_env_values = true, value_name = "IP:PORT")]
    http: Option<SocketAddr>,
    /// PEM file with the certificate chain for IMAP [default: a self-signed one, a new one at each start]
    #[arg(long, env = "MFA_RELAY_CERTIFICATE", hide_env_values = true, value_name = "FILE", requires = "key")]
    certificate: Option<PathBuf>,
    /// PEM file with the private key of --certificate
    #[arg(long, env = "MFA_RELAY_KEY", hide_env_values = true, value_name = "FILE", requires = "certificate")]
    key: Option<PathBuf>,
}

const AFTER_HELP: &str = "\
Programs log in to IMAP with the mailbox as user name and the token as password. Each code that the \
relay gets for them appears in INBOX. pyaarlo gets http://IP:PORT/pyaarlo as tfa_host.

Example:
  mfa-relay bridge --url https://mfa.example.com/prestage --imap 0.0.0.0:1993";

/// Why the bridge does not serve.
#[derive(Debug, thiserror::Error)]
enum BridgeError {
    /// There is no URL.
    #[error("--url is missing. Give the prestage URL that enrolling printed, without '?token=…'.")]
    UrlMissing,
    /// The URL contains a token.
    #[error(
        "--url contains a token. Leave '?token=…' out: each program sends its own. If you gave it on the command line, which every process on this machine can see, rotate the token."
    )]
    UrlWithToken,
    /// The URL is not valid.
    #[error(transparent)]
    Url(#[from] Failure),
    /// There is nothing to serve.
    #[error("there is nothing to serve. Give --imap or --http, for example --imap 127.0.0.1:1993.")]
    NothingToServe,
    /// The certificate cannot be used.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// An address cannot be bound.
    #[error("cannot listen on {address}: {cause}. Choose another address with --{option}.")]
    Address {
        /// The address.
        address: SocketAddr,
        /// The operating system's error.
        cause: io::Error,
        /// The option that sets the address.
        option: &'static str,
    },
    /// The operating system refuses a signal handler or the runtime's own files.
    #[error("the operating system refuses a resource: {0}. Check its limits for processes and open files.")]
    System(#[from] io::Error),
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> ExitCode {
    match serve(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "mfa-relay bridge: {error}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn serve(arguments: &Arguments) -> Result<(), BridgeError> {
    let relay = relay(arguments.url.as_ref())?;
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let imap = bind(arguments.imap, "imap").await?;
    let http = bind(arguments.http, "http").await?;
    if imap.is_none() && http.is_none() {
        return Err(BridgeError::NothingToServe);
    }
    let certificate = match (&arguments.certificate, &arguments.key) {
        (Some(chain), Some(key)) => Certificate::read(chain, key)?,
        _ => Certificate::self_signed("mfa-relay")?,
    };
    let log = Log::stdout();
    for (name, listener) in [("imap", &imap), ("http", &http)] {
        if let Some(listener) = listener {
            log.print(format!("{name:<14} {}", listener.local_addr()?));
        }
    }
    log.print("serving".to_owned());
    let (trigger, shutdown) = shutdown::channel();
    let stop = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        trigger.shut_down();
    };
    tokio::join!(
        serve_imap(imap, ImapServer::new(relay.clone(), certificate), shutdown.clone()),
        serve_http(http, PyaarloServer::new(relay), shutdown),
        stop,
    );
    log.print("stopped".to_owned());
    log.flush();
    Ok(())
}

fn relay(url: Option<&Secret>) -> Result<RemoteRelay, BridgeError> {
    let url = url.ok_or(BridgeError::UrlMissing)?;
    if url.has_token() {
        return Err(BridgeError::UrlWithToken);
    }
    // Checked before the first client comes.
    Client::new(url, None)?;
    Ok(RemoteRelay::new(url.clone()))
}

async fn bind(address: Option<SocketAddr>, option: &'static str) -> Result<Option<TcpListener>, BridgeError> {
    let Some(address) = address else { return Ok(None) };
    let bound = TcpListener::bind(address).await;
    bound.map(Some).map_err(|cause| BridgeError::Address { address, cause, option })
}

async fn serve_imap(listener: Option<TcpListener>, server: ImapServer<RemoteRelay>, shutdown: Shutdown) {
    if let Some(listener) = listener {
        server.serve(listener, shutdown).await;
    }
}

async fn serve_http(listener: Option<TcpListener>, server: PyaarloServer<RemoteRelay>, shutdown: Shutdown) {
    if let Some(listener) = listener {
        server.serve(listener, shutdown).await;
    }
}
