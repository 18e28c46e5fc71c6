//! One relay on this machine, from opening its store and sockets to its shutdown.

use crate::clock::Clock;
use crate::configuration::Configuration;
use crate::control::{self, ControlError};
use crate::data_folder::{DataFolder, DataFolderError};
use crate::enroller::Enroller;
use crate::evidence::{EvidenceChecker, ResolverError};
use crate::http;
use crate::jobs::Jobs;
use crate::judge::JudgeThread;
use crate::shutdown::Shutdown;
use crate::smtp::{Certificate, CertificateError, RelayMailHandler, SmtpServer};
use crate::store::{Store, StoreError};
use std::net::SocketAddr;
use tokio::net::{TcpListener, UnixListener};

/// A relay whose sockets are bound: connections wait in their queues until [`run`](Self::run).
pub struct LocalRelay {
    jobs: Jobs,
    smtp_server: SmtpServer<RelayMailHandler>,
    http: TcpListener,
    smtp: TcpListener,
    control: UnixListener,
    /// The address that HTTP listens on, with the actual port.
    pub http_address: SocketAddr,
    /// The address that SMTP listens on, with the actual port.
    pub smtp_address: SocketAddr,
}

/// Why a relay cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder cannot be used.
    #[error(transparent)]
    DataFolder(#[from] DataFolderError),
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The control socket cannot be created.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The name servers cannot be used.
    #[error(transparent)]
    Resolver(#[from] ResolverError),
    /// The certificate cannot be used.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The operating system refuses a thread.
    #[error("the operating system refuses a thread: {0}. Check its limit of processes.")]
    Thread(std::io::Error),
    /// An address cannot be bound.
    #[error("cannot listen for {protocol} on {address}: {cause}. Choose another address with --{option}.")]
    Address {
        /// The protocol.
        protocol: &'static str,
        /// The address.
        address: SocketAddr,
        /// The operating system's error.
        cause: std::io::Error,
        /// The option that sets the address.
        option: &'static str,
    },
}

/// Opens the store, which no other process may hold, for a relay that listens on `http`.
pub(crate) fn open_jobs(configuration: &Configuration, http: SocketAddr) -> Result<(DataFolder, Jobs), StartError> {
    let folder = DataFolder::open(&configuration.data)?;
    let key = folder.address_key()?;
    let store = Store::open(&folder.store(), configuration.log.clone())?;
    let jobs = Jobs {
        clock: Clock::new(store.clone(), configuration.log.clone()),
        store,
        relay_address: configuration.relay_address.clone(),
        key,
        base_url: configuration.base_url_at(http),
        window_seconds: configuration.window_seconds,
        log: configuration.log.clone(),
    };
    Ok((folder, jobs))
}

impl LocalRelay {
    /// Opens the store and binds the sockets. The store comes before the control socket: the process that holds the
    /// store owns the socket.
    pub async fn open(configuration: &Configuration) -> Result<Self, StartError> {
        let (http, http_address) = bind("HTTP", "http", configuration.http).await?;
        let (smtp, smtp_address) = bind("SMTP", "smtp", configuration.smtp).await?;
        let (folder, jobs) = open_jobs(configuration, http_address)?;
        let control = control::bind(&folder.socket())?;
        let checker = EvidenceChecker::new(&configuration.resolver)?;
        let thread = JudgeThread::start().map_err(StartError::Thread)?;
        let files = configuration.certificate.as_ref();
        let certificate = files.map(|files| Certificate::read(&files.chain, &files.key)).transpose()?;
        let smtp_server = SmtpServer::new(RelayMailHandler::new(jobs.clone(), checker, thread), certificate);
        Ok(Self { jobs, smtp_server, http, smtp, control, http_address, smtp_address })
    }

    /// Returns the enroller of this relay.
    pub fn enroller(&self) -> Enroller {
        Enroller::new(self.jobs.clone())
    }

    /// Serves until the shutdown is requested, then finishes the connections in progress.
    pub async fn run(self, shutdown: Shutdown) {
        let Self { jobs, smtp_server, http, smtp, control, .. } = self;
        let servers = async {
            tokio::join!(
                http::serve(http, jobs.clone(), shutdown.clone()),
                smtp_server.serve(smtp, shutdown.clone()),
                control::serve(control, Enroller::new(jobs.clone()), shutdown.clone()),
            )
        };
        tokio::select! {
            _ = servers => {}
            () = jobs.clock.run(jobs.expire()) => {}
        }
    }
}

async fn bind(
    protocol: &'static str,
    option: &'static str,
    address: SocketAddr,
) -> Result<(TcpListener, SocketAddr), StartError> {
    let bound = TcpListener::bind(address).await.and_then(|listener| {
        let bound = listener.local_addr()?;
        Ok((listener, bound))
    });
    bound.map_err(|cause| StartError::Address { protocol, address, cause, option })
}
