//! `mfa-relay serve`: the relay on this machine, until it is told to stop.

use crate::settings::{Options, SettingsError};
use home::configuration::Configuration;
use home::evidence::Resolver;
use home::local_relay::{LocalRelay, StartError};
use home::shutdown as stop;
use std::io::{self, Write};
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

/// What `mfa-relay serve` is given.
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
    /// The operating system refuses what every program needs.
    #[error("the operating system refuses: {0}. Look at its limits for processes and files.")]
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
    let configuration = options.configuration()?;
    // Listened for before anything is written, so that no signal finds nobody.
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let relay = LocalRelay::open(&configuration).await?;
    announce(&configuration, &relay);
    let (stopper, stop) = stop::channel();
    let told = async {
        let mut signalled = async || {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        signalled().await;
        stopper.stop();
        // The rest is the relay's: it ends what is under way. Who asks twice does not want to wait for that.
        signalled().await;
    };
    tokio::select! {
        () = relay.run(stop) => {}
        () = told => {}
    }
    let _ = writeln!(io::stdout(), "stopped");
    Ok(())
}

/// Says what holds, whoever set it.
fn announce(configuration: &Configuration, relay: &LocalRelay) {
    let resolver = match &configuration.resolver {
        Resolver::System => "this machine's name servers".to_owned(),
        Resolver::At(server) => server.to_string(),
        Resolver::None => "nobody: only trust 'addressed' can be met".to_owned(),
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
    let mut out = io::stdout().lock();
    for (name, value) in lines {
        let _ = writeln!(out, "{name:<14} {value}");
    }
    let _ = writeln!(out, "serving");
}
