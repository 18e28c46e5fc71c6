//! A relay on this machine: opened, bound, and run until it shall stop.

use super::clock::Clock;
use super::configuration::Configuration;
use super::control::{self, ControlError};
use super::data_folder::{DataFolder, FolderError};
use super::evidence::{Checker, ResolverError};
use super::http;
use super::jobs::Jobs;
use super::shutdown::Stop;
use super::smtp::{Certificate, CertificateError, Door};
use super::store::{Store, StoreError};
use std::net::SocketAddr;
use tokio::net::{TcpListener, UnixListener};

/// A relay whose addresses are bound: who connects from now on is answered once it runs.
pub struct LocalRelay {
    jobs: Jobs,
    door: Door,
    http: TcpListener,
    smtp: TcpListener,
    control: UnixListener,
    /// Where HTTP is answered.
    pub http_address: SocketAddr,
    /// Where SMTP is answered.
    pub smtp_address: SocketAddr,
}

/// Why a relay cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The socket for `enroll` cannot be made.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The name servers cannot be used.
    #[error(transparent)]
    Resolver(#[from] ResolverError),
    /// The certificate cannot be used.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// An address cannot be bound.
    #[error("cannot listen for {service} at {address}: {cause}. Give another address with --{option}.")]
    Address {
        /// What is spoken there.
        service: &'static str,
        /// The address.
        address: SocketAddr,
        /// What the operating system says.
        cause: std::io::Error,
        /// The option that sets it.
        option: &'static str,
    },
}

/// The jobs on a store that no running relay holds.
pub fn open_jobs(configuration: &Configuration, http: SocketAddr) -> Result<(DataFolder, Jobs), StartError> {
    let folder = DataFolder::open(&configuration.data)?;
    let key = folder.address_key()?;
    let store = Store::open(&folder.store())?;
    let jobs = Jobs {
        clock: Clock::new(store.clone(), configuration.log),
        store,
        relay_address: configuration.relay_address.clone(),
        key,
        base_url: configuration.base_url_at(http),
        window_seconds: configuration.window_seconds,
        log: configuration.log,
    };
    Ok((folder, jobs))
}

impl LocalRelay {
    /// Opens the store and binds the addresses. The store comes first: who holds it owns the socket as well.
    pub async fn open(configuration: &Configuration) -> Result<Self, StartError> {
        let (http, http_address) = bind("HTTP", "http", configuration.http).await?;
        let (smtp, smtp_address) = bind("SMTP", "smtp", configuration.smtp).await?;
        let (folder, jobs) = open_jobs(configuration, http_address)?;
        let control = control::bind(&folder.socket())?;
        let checker = Checker::new(&configuration.resolver)?;
        let files = configuration.certificate.as_ref();
        let certificate = files.map(|files| Certificate::read(&files.chain, &files.key)).transpose()?;
        let door = Door::new(jobs.clone(), checker, certificate);
        Ok(Self { jobs, door, http, smtp, control, http_address, smtp_address })
    }

    /// The jobs of this relay.
    pub fn jobs(&self) -> Jobs {
        self.jobs.clone()
    }

    /// Serves until it shall stop, and then ends what is under way.
    pub async fn run(self, stop: Stop) {
        let Self { jobs, door, http, smtp, control, .. } = self;
        let served = async {
            tokio::join!(
                http::serve(http, jobs.clone(), stop.clone()),
                door.serve(smtp, stop.clone()),
                control::serve(control, jobs.clone(), stop.clone()),
            )
        };
        tokio::select! {
            _ = served => {}
            () = jobs.clock.run(jobs.expire()) => {}
        }
    }
}

async fn bind(
    service: &'static str,
    option: &'static str,
    address: SocketAddr,
) -> Result<(TcpListener, SocketAddr), StartError> {
    let bound = TcpListener::bind(address).await.and_then(|listener| {
        let bound = listener.local_addr()?;
        Ok((listener, bound))
    });
    bound.map_err(|cause| StartError::Address { service, address, cause, option })
}
