//! `mfa-relay serve`: runs the relay on this machine until a signal.

use crate::settings::{Options, SettingsError};
use home::{Configuration, FileLost, LocalRelay, Log, Resolver, StartError, shutdown};
use std::io::{self, Write};
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

/// The arguments of `mfa-relay serve`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  mfa-relay serve --domain mfa.example.com --smtp 0.0.0.0:25 --base-url https://mfa.example.com"
)]
pub struct Arguments {
    #[command(flatten)]
    options: Options,
}

/// Why the relay does not serve.
#[derive(Debug, thiserror::Error)]
enum ServeError {
    /// The settings are wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The relay cannot start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The relay had to stop.
    #[error(transparent)]
    Lost(#[from] FileLost),
    /// The operating system refuses a signal handler or the runtime's own files.
    #[error("the operating system refuses a resource: {0}. Check its limits for processes and open files.")]
    System(#[from] io::Error),
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> ExitCode {
    match serve(&arguments.options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "mfa-relay serve: {error}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn serve(options: &Options) -> Result<(), ServeError> {
    let configuration = Configuration { log: Log::stdout(), ..options.configuration()? };
    // Installed before the relay starts, so that a signal during the start is not lost.
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let relay = LocalRelay::open(&configuration).await?;
    announce(&configuration, &relay);
    let (trigger, shutdown) = shutdown::channel();
    let second_signal = async {
        let mut signalled = async || {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        signalled().await;
        trigger.shut_down();
        // The shutdown is graceful from here on. A second signal ends it at once.
        signalled().await;
    };
    let ended = tokio::select! {
        ended = relay.run(shutdown) => ended,
        () = second_signal => Ok(()),
    };
    if ended.is_ok() {
        configuration.log.print("stopped".to_owned());
    }
    configuration.log.flush();
    Ok(ended?)
}

/// Prints the effective configuration, whichever source each setting came from. Goes through the log, because nobody may
/// be reading standard output.
fn announce(configuration: &Configuration, relay: &LocalRelay) {
    let resolver = match &configuration.resolver {
        Resolver::System => "this machine's name servers".to_owned(),
        Resolver::At(server) => server.to_string(),
        Resolver::None => "none: only trust 'addressed' accepts mail".to_owned(),
    };
    let starttls = if configuration.certificate.is_some() { "offered" } else { "not offered: no certificate" };
    let base_url = configuration.base_url_at(relay.http_address);
    let lines = [
        ("relay address", configuration.relay_address.plain().replace('@', "+<tag>@")),
        ("data", configuration.data.display().to_string()),
        ("http", relay.http_address.to_string()),
        ("smtp", relay.smtp_address.to_string()),
        ("starttls", starttls.to_owned()),
        ("prestage", format!("{base_url}/prestage")),
        ("window", format!("{} s", configuration.window_seconds)),
        ("resolver", resolver),
    ];
    let imap = relay.imap_address.map(|address| ("imap", address.to_string()));
    for (name, value) in lines.into_iter().chain(imap) {
        configuration.log.print(format!("{name:<14} {value}"));
    }
    configuration.log.print("serving".to_owned());
}
