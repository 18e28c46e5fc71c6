//! `mfa-relay code`, the client: prestages, says when the login may start, and prints the code.

mod client;
mod failure;
mod polling;
mod response;
mod secret;

use crate::terminal::{print_error, without_controls};
use client::Client;
use failure::Failure;
use relay::address::Address;
use relay::provider::Provider;
use relay::secret::Code;
use secret::Secret;
use serde_json::json;
use std::io::Write;
use std::process::ExitCode;

/// The arguments of `mfa-relay code`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The prestage URL that enrolling printed
    #[arg(long, env = "MFA_RELAY_URL", hide_env_values = true)]
    url: Secret,

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

/// The variable for the token, if the URL does not contain it. There is no option for it: every process can see the command
/// line.
const TOKEN_VARIABLE: &str = "MFA_RELAY_TOKEN";

fn provider_help() -> String {
    format!("The provider that sends the code [default: {}]", Provider::DEFAULT)
}

const AFTER_HELP: &str = "\
The token is in the URL, or in the environment variable MFA_RELAY_TOKEN.

When the line 'The login may now ask for its code.' appears on standard error, start the login. \
The code appears on standard output, and nothing else does.

Exit codes: 0 code, 1 error, 2 usage, 3 timed out.

Example:
  export MFA_RELAY_URL='https://abc123.execute-api.eu-west-1.amazonaws.com/prestage?token=mfar_…'
  code=$(mfa-relay code --email me@gmail.com)";

/// Runs the command.
pub fn run(arguments: &Arguments) -> ExitCode {
    let token =
        std::env::var(TOKEN_VARIABLE).ok().filter(|token| !token.trim().is_empty()).map(|token| Secret::from(&*token));
    match wait_for_code(arguments, token.as_ref()).and_then(|code| print(&code)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let message = secret::redact(&failure.to_string(), token.iter().chain([&arguments.url]));
            print_error(&format!("mfa-relay: {}", without_controls(&message)));
            ExitCode::from(failure.exit_code())
        }
    }
}

fn wait_for_code(arguments: &Arguments, token: Option<&Secret>) -> Result<Code, Failure> {
    if !arguments.unexpected.is_empty() {
        return Err(Failure::UnexpectedArgument);
    }
    let client = Client::new(&arguments.url, token)?;
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
