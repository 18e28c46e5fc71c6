//! One relay on this machine, from opening its store and sockets to its shutdown.

use crate::clock::Clock;
use crate::codes::LocalCodes;
use crate::configuration::Configuration;
use crate::control::{self, ControlError};
use crate::data_folder::{DataFolder, DataFolderError, FileLost, FileWatch};
use crate::enroller::Enroller;
use crate::evidence::{EvidenceChecker, ResolverError};
use crate::http;
use crate::imap::ImapServer;
use crate::jobs::Jobs;
use crate::judge::JudgeThread;
use crate::now::now;
use crate::shutdown::Shutdown;
use crate::smtp::{RelayMailHandler, SmtpServer};
use crate::store::{Store, StoreError};
use crate::tls::{Certificate, CertificateError};
use service::Decision;
use service::ports::Unavailable;
use std::net::SocketAddr;
use std::time::Instant;
use tokio::net::{TcpListener, UnixListener};

/// A relay whose sockets are bound: connections wait in their queues until [`run`](Self::run).
pub struct LocalRelay {
    jobs: Jobs,
    smtp_server: SmtpServer<RelayMailHandler>,
    http: TcpListener,
    smtp: TcpListener,
    imap: Option<(ImapServer<LocalCodes>, TcpListener)>,
    control: UnixListener,
    files: FileWatch,
    /// The address that HTTP listens on, with the actual port.
    pub http_address: SocketAddr,
    /// The address that SMTP listens on, with the actual port.
    pub smtp_address: SocketAddr,
    /// The address that IMAP listens on, with the actual port, if it is offered.
    pub imap_address: Option<SocketAddr>,
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
    /// The store cannot be read.
    #[error("cannot read the store: {0}")]
    Unreadable(#[from] Unavailable),
    /// The control socket cannot be created.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The name servers cannot be used.
    #[error(transparent)]
    Resolver(#[from] ResolverError),
    /// The certificate cannot be used.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The files of the data folder cannot be watched.
    #[error("cannot read the files of the data folder: {0}. Correct its permissions.")]
    Files(std::io::Error),
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
    // The store is locked and created before its key, so a crash in between leaves an unused store without one. A key
    // without a store means that the store was lost.
    let store = Store::open(&folder.store(), !folder.key().exists(), &configuration.log)?;
    let is_new = !folder.key().exists() && store.is_unused()?;
    let key = folder.address_key(is_new)?;
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
        let imap = match configuration.imap {
            Some(address) => Some(bind("IMAP", "imap", address).await?),
            None => None,
        };
        let (folder, jobs) = open_jobs(configuration, http_address)?;
        jobs.clock.end_future(now())?;
        let control = control::bind(&folder.socket())?;
        let files = FileWatch::new(&folder).map_err(StartError::Files)?;
        let checker = EvidenceChecker::new(&configuration.resolver)?;
        let thread = JudgeThread::start().map_err(StartError::Thread)?;
        let pem = configuration.certificate.as_ref();
        let certificate = pem.map(|pem| Certificate::read(&pem.chain, &pem.key)).transpose()?;
        let imap_address = imap.as_ref().map(|(_, address)| *address);
        let imap = match imap {
            Some((listener, _)) => {
                let certificate = match &certificate {
                    Some(configured) => configured.clone(),
                    None => {
                        Certificate::kept(&folder.imap_certificate(), configuration.relay_address.domain().as_str())?
                    }
                };
                Some((ImapServer::new(LocalCodes::new(jobs.clone()), certificate), listener))
            }
            None => None,
        };
        let smtp_server = SmtpServer::new(RelayMailHandler::new(jobs.clone(), checker, thread), certificate);
        Ok(Self { jobs, smtp_server, http, smtp, imap, control, files, http_address, smtp_address, imap_address })
    }

    /// Returns the enroller of this relay.
    pub fn enroller(&self) -> Enroller {
        Enroller::new(self.jobs.clone())
    }

    /// Serves until the shutdown is requested, then finishes the connections in progress.
    ///
    /// # Errors
    /// The store or its key was deleted or replaced. The relay stops at once, because nothing that it does would last.
    pub async fn run(self, shutdown: Shutdown) -> Result<(), FileLost> {
        let Self { jobs, smtp_server, http, smtp, imap, control, files, .. } = self;
        let _erasure = ErasesCodes(&jobs);
        let servers = async {
            tokio::join!(
                http::serve(http, jobs.clone(), shutdown.clone()),
                smtp_server.serve(smtp, shutdown.clone()),
                serve_imap(imap, shutdown.clone()),
                control::serve(control, Enroller::new(jobs.clone()), shutdown.clone()),
            )
        };
        tokio::select! {
            _ = servers => Ok(()),
            () = jobs.clock.run(jobs.expire()) => Ok(()),
            lost = files.file_lost() => {
                jobs.log.write(&Decision::new("store", "lost"), Instant::now());
                Err(lost)
            }
        }
    }
}

/// Erases every code when it is dropped: at the end of a graceful shutdown, and also if a second signal cuts it short.
struct ErasesCodes<'a>(&'a Jobs);

impl Drop for ErasesCodes<'_> {
    fn drop(&mut self) {
        let started = Instant::now();
        if let Err(unavailable) = self.0.store.erase_codes() {
            self.0.log.write(&Decision::unavailable("expire", &unavailable), started);
        }
    }
}

async fn serve_imap(imap: Option<(ImapServer<LocalCodes>, TcpListener)>, shutdown: Shutdown) {
    if let Some((server, listener)) = imap {
        server.serve(listener, shutdown).await;
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

#[cfg(test)]
mod tests;
