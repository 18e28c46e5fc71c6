//! The client: prestages, says when the login may ask for its code, and prints the code.

mod client;
mod failure;
mod polling;
mod response;
mod secret;

use crate::terminal::{harmless, tell};
use client::Client;
use failure::Failure;
use relay::address::Address;
use relay::secret::Code;
use secret::Secret;
use serde_json::json;
use std::io::Write;
use std::process::ExitCode;

/// What `mfa-relay code` is given.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    /// The prestage URL that enrolling printed
    #[arg(long, env = "MFA_RELAY_URL", hide_env_values = true)]
    url: Secret,

    /// The mailbox that receives the code, or its relay address
    #[arg(long, env = "MFA_RELAY_EMAIL", hide_env_values = true, value_parser = email)]
    email: String,

    /// Who sends the code [default: arlo]
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,

    /// What stands alone may be the URL, which the parser of arguments would repeat in its complaint.
    #[arg(hide = true)]
    stray: Vec<Secret>,
}

/// The token, where the URL holds none. There is no option for it: a command line can be seen by every process.
const TOKEN: &str = "MFA_RELAY_TOKEN";

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
    let token = std::env::var(TOKEN).ok().filter(|token| !token.trim().is_empty()).map(|token| Secret::from(&*token));
    match arrive(arguments, token.as_ref()).and_then(|code| print(&code)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let said = secret::without(&failure.to_string(), token.iter().chain([&arguments.url]));
            tell(&format!("mfa-relay: {}", harmless(&said)));
            ExitCode::from(failure.exit_code())
        }
    }
}

fn arrive(arguments: &Arguments, token: Option<&Secret>) -> Result<Code, Failure> {
    if !arguments.stray.is_empty() {
        return Err(Failure::Stray);
    }
    let client = Client::new(&arguments.url, token)?;
    let ask = match &arguments.provider {
        None => json!({"email": arguments.email}),
        Some(provider) => json!({"email": arguments.email, "provider": provider}),
    };
    let status = polling::open(&client, &ask)?;
    tell("The login may now ask for its code.");
    polling::code(&client, &status)
}

fn print(code: &Code) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{}", code.reveal())
        .and_then(|()| stdout.flush())
        .map_err(|error| Failure::Unwritten(error.kind()))
}

/// The address as it was typed: the relay knows what to make of it.
fn email(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    Address::parse(text).map(|_| text.to_owned()).ok_or("give the mailbox that receives the code, such as me@gmail.com")
}
