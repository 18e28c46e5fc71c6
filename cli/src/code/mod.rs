//! `mfa-relay code`, the client: prestages, says when the login may start, and prints the code.

pub(crate) mod client;
pub(crate) mod failure;
mod polling;
pub(crate) mod response;
pub(crate) mod secret;

use crate::terminal::{print_error, without_controls};
use client::Client;
use failure::Failure;
use relay::address::Address;
use relay::provider::Provider;
use relay::secret::Code;
use secret::Secret;
use serde_json::json;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// The arguments of `mfa-relay code`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// File with the prestage URL that enrolling printed
    #[arg(long, value_name = "FILE", conflicts_with = "url")]
    url_file: Option<PathBuf>,

    /// The prestage URL without its token, if the environment has the token
    #[arg(long)]
    url: Option<Secret>,

    /// The mailbox that receives the code, or its relay address
    #[arg(long, env = "MFA_RELAY_EMAIL", hide_env_values = true, value_parser = email)]
    email: String,

    /// The provider that sends the code
    #[arg(long, value_name = "NAME", help = provider_help())]
    provider: Option<String>,

    /// Catches positional arguments. One may be the URL, and clap would print it in its error message.
    #[arg(hide = true)]
    unexpected: Vec<Secret>,
}

/// The variable for the URL.
const URL_VARIABLE: &str = "MFA_RELAY_URL";

/// The variable for the token, if the URL does not contain it. There is no option for it: every process can see the command
/// line.
const TOKEN_VARIABLE: &str = "MFA_RELAY_TOKEN";

fn provider_help() -> String {
    format!("The provider that sends the code [default: {}]", Provider::DEFAULT)
}

const AFTER_HELP: &str = "\
The prestage URL contains a token, and every process can see a command line. So it comes from the \
environment variable MFA_RELAY_URL or from a file, or is asked for on the terminal.

When the line 'The login may now ask for its code.' appears on standard error, start the login. \
The code appears on standard output, and nothing else does.

Exit codes: 0 code, 1 error, 2 usage, 3 timed out.

Example:
  export MFA_RELAY_URL='https://abc123.execute-api.eu-west-1.amazonaws.com/prestage?token=mfar_…'
  code=$(mfa-relay code --email me@gmail.com)";

/// Runs the command.
pub fn run(arguments: &Arguments) -> ExitCode {
    let token = variable(TOKEN_VARIABLE);
    let url = url(arguments);
    match wait_for_code(arguments, &url, token.as_ref()).and_then(|code| print(&code)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let secrets = token.iter().chain(&url).chain(&arguments.url);
            let message = secret::redact(&failure.to_string(), secrets);
            print_error(&format!("mfa-relay: {}", without_controls(&message)));
            ExitCode::from(failure.exit_code())
        }
    }
}

fn variable(name: &str) -> Option<Secret> {
    std::env::var(name).ok().filter(|text| !text.trim().is_empty()).map(Secret::from)
}

/// The prestage URL: from the command line, else from the environment, else from the terminal.
fn url(arguments: &Arguments) -> Result<Secret, Failure> {
    if !arguments.unexpected.is_empty() {
        return Err(Failure::UnexpectedArgument);
    }
    if let Some(url) = &arguments.url {
        return if url.has_token() { Err(Failure::TokenOnCommandLine) } else { Ok(url.clone()) };
    }
    if let Some(file) = &arguments.url_file {
        let text = std::fs::read_to_string(file).map_err(|error| Failure::UnreadableFile(error.kind()))?;
        return Ok(Secret::from(text));
    }
    if let Some(url) = variable(URL_VARIABLE) {
        return Ok(url);
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::UrlMissing);
    }
    let typed = rpassword::prompt_password("Prestage URL (not shown): ").map_err(|_| Failure::UrlMissing)?;
    Ok(Secret::from(typed))
}

fn wait_for_code(
    arguments: &Arguments,
    url: &Result<Secret, Failure>,
    token: Option<&Secret>,
) -> Result<Code, Failure> {
    let client = Client::new(url.as_ref().map_err(Clone::clone)?, token)?;
    let call = match &arguments.provider {
        None => json!({"email": arguments.email}),
        Some(provider) => json!({"email": arguments.email, "provider": provider}),
    };
    let status_url = polling::open(&client, &call)?;
    print_error("The login may now ask for its code.");
    polling::code(&client, &status_url)
}

fn print(code: &Code) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{}", code.reveal())
        .and_then(|()| stdout.flush())
        .map_err(|error| Failure::OutputFailed(error.kind()))
}

/// Checks that the address is one, and passes it on as it was typed: the relay canonicalises it.
fn email(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    Address::parse(text).map(|_| text.to_owned()).ok_or("give the mailbox that receives the code, such as me@gmail.com")
}
