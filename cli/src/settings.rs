//! The settings of a relay: command line over environment over file.

use home::{CertificateFiles, Configuration, Log, Resolver};
use relay::provider::Provider;
use relay::relay_address::RelayAddress;
use relay::request::{DEFAULT_WINDOW_SECONDS, WINDOW_SECONDS};
use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// The options of every command that works on a relay.
#[derive(Debug, Default, Clone, clap::Args)]
#[command(next_help_heading = "Settings of the relay")]
pub struct Options {
    /// TOML file with any of these settings, each under its own name: `domain = "mfa.example.com"`
    #[arg(long, env = "MFA_RELAY_CONFIG", hide_env_values = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The settings themselves.
    #[command(flatten)]
    pub settings: Settings,
}

/// The settings of one source. Each is optional.
#[derive(Debug, Default, Clone, Deserialize, clap::Args)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// Mail domain: mailboxes forward to a tagged address in it
    #[arg(long, env = "MFA_RELAY_DOMAIN", hide_env_values = true, help = domain_help())]
    pub domain: Option<String>,
    /// Data folder [default: mfa-relay in the user's data folder]
    #[arg(long, env = "MFA_RELAY_DATA", hide_env_values = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Address to listen on for HTTP [default: 127.0.0.1:8080]
    #[arg(long, env = "MFA_RELAY_HTTP", hide_env_values = true, value_name = "IP:PORT")]
    pub http: Option<SocketAddr>,
    /// Address to listen on for SMTP [default: 0.0.0.0:2525]
    #[arg(long, env = "MFA_RELAY_SMTP", hide_env_values = true, value_name = "IP:PORT")]
    pub smtp: Option<SocketAddr>,
    /// Address to listen on for IMAP, for programs that read codes from a mailbox [default: no IMAP]
    #[arg(long, env = "MFA_RELAY_IMAP", hide_env_values = true, value_name = "IP:PORT")]
    pub imap: Option<SocketAddr>,
    /// Public URL in front of /prestage, if clients reach the relay through a proxy [default: http://IP:PORT of --http]
    #[arg(long, env = "MFA_RELAY_BASE_URL", hide_env_values = true, value_name = "URL")]
    pub base_url: Option<String>,
    /// How long a request waits for its code, 1 to 3600 seconds [default: 300]
    #[arg(long, env = "MFA_RELAY_WINDOW", hide_env_values = true, value_name = "SECONDS")]
    pub window: Option<u64>,
    /// Name server for SPF, DKIM and DMARC: system, none or an IP address [default: system]
    #[arg(long, env = "MFA_RELAY_RESOLVER", hide_env_values = true, value_name = "system|none|IP[:PORT]")]
    pub resolver: Option<String>,
    /// PEM file with the certificate chain for STARTTLS and IMAP [default for IMAP: a self-signed one]
    #[arg(long, env = "MFA_RELAY_CERTIFICATE", hide_env_values = true, value_name = "FILE")]
    pub certificate: Option<PathBuf>,
    /// PEM file with the private key of --certificate
    #[arg(long, env = "MFA_RELAY_KEY", hide_env_values = true, value_name = "FILE")]
    pub key: Option<PathBuf>,
}

/// What is wrong with the settings. Each message names the option and what to give.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("cannot read {path}: {cause}. Name another file with --config.")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        cause: std::io::Error,
    },
    /// The file is not TOML, or holds an unknown setting.
    #[error("{path} is not a valid settings file: {cause}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The error, with its line.
        cause: toml::de::Error,
    },
    /// There is no domain.
    #[error("--domain is missing. Give the mail domain of the relay, for example --domain mfa.example.com.")]
    DomainMissing,
    /// The domain is not valid.
    #[error("--domain must be a mail domain such as mfa.example.com (got {0:?}).")]
    Domain(String),
    /// There is no data folder, and no user to have one.
    #[error(
        "--data is missing, and the environment names no home folder. Give a folder for the relay's data with --data."
    )]
    DataMissing,
    /// The window is out of range.
    #[error("--window must be between {min} and {max} seconds (got {0}).", min = WINDOW_SECONDS.start(), max = WINDOW_SECONDS.end())]
    Window(u64),
    /// The base URL is not valid.
    #[error("--base-url must be an http or https URL without a query, such as https://mfa.example.com (got {0:?}).")]
    BaseUrl(String),
    /// The resolver is not valid.
    #[error("--resolver must be system, none or the address of a name server such as 192.0.2.53 (got {0:?}).")]
    Resolver(String),
    /// Only one of certificate and key is given.
    #[error("--certificate needs --key, and --key needs --certificate. Give both or neither.")]
    CertificateWithoutKey,
}

impl Options {
    /// Returns the effective configuration, which logs nowhere.
    pub fn configuration(&self) -> Result<Configuration, SettingsError> {
        self.merged()?.configuration()
    }

    /// Returns the data folder. Needs no other setting.
    pub fn data(&self) -> Result<PathBuf, SettingsError> {
        self.merged()?.data()
    }

    fn merged(&self) -> Result<Settings, SettingsError> {
        let Some(path) = self.config.clone() else { return Ok(self.settings.clone()) };
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(cause) => return Err(SettingsError::Unreadable { path, cause }),
        };
        let file = toml::from_str(&text).map_err(|cause| SettingsError::Malformed { path, cause })?;
        Ok(self.settings.clone().over(file))
    }
}

impl Settings {
    fn over(self, file: Self) -> Self {
        Self {
            domain: self.domain.or(file.domain),
            data: self.data.or(file.data),
            http: self.http.or(file.http),
            smtp: self.smtp.or(file.smtp),
            imap: self.imap.or(file.imap),
            base_url: self.base_url.or(file.base_url),
            window: self.window.or(file.window),
            resolver: self.resolver.or(file.resolver),
            certificate: self.certificate.or(file.certificate),
            key: self.key.or(file.key),
        }
    }

    fn configuration(&self) -> Result<Configuration, SettingsError> {
        let certificate = match (self.certificate.clone(), self.key.clone()) {
            (Some(chain), Some(key)) => Some(CertificateFiles { chain, key }),
            (None, None) => None,
            _ => return Err(SettingsError::CertificateWithoutKey),
        };
        Ok(Configuration {
            relay_address: self.relay_address()?,
            data: self.data()?,
            http: self.http.unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 8080))),
            smtp: self.smtp.unwrap_or(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 2525))),
            imap: self.imap,
            base_url: self.base_url.as_deref().map(base_url).transpose()?,
            window_seconds: window(self.window.unwrap_or(DEFAULT_WINDOW_SECONDS.into()))?,
            resolver: resolver(self.resolver.as_deref().unwrap_or("system"))?,
            certificate,
            log: Log::Discard,
        })
    }

    fn relay_address(&self) -> Result<RelayAddress, SettingsError> {
        let domain = self.domain.as_ref().ok_or(SettingsError::DomainMissing)?;
        RelayAddress::parse(&format!("{}@{domain}", Provider::DEFAULT))
            .map_err(|_| SettingsError::Domain(domain.clone()))
    }

    /// The folder in the settings; otherwise systemd's state directory, otherwise the user's data folder by the XDG base
    /// directory specification (<https://specifications.freedesktop.org/basedir-spec/latest/>).
    fn data(&self) -> Result<PathBuf, SettingsError> {
        let folder = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let of_user = || {
            let share = folder("XDG_DATA_HOME").or_else(|| folder("HOME").map(|home| home.join(".local/share")));
            share.map(|share| share.join("mfa-relay"))
        };
        self.data.clone().or_else(|| folder("STATE_DIRECTORY")).or_else(of_user).ok_or(SettingsError::DataMissing)
    }
}

fn domain_help() -> String {
    format!("Mail domain: mailboxes forward to {}+TAG@DOMAIN", Provider::DEFAULT)
}

fn window(seconds: u64) -> Result<u16, SettingsError> {
    let valid = u16::try_from(seconds).ok().filter(|seconds| WINDOW_SECONDS.contains(seconds));
    valid.ok_or(SettingsError::Window(seconds))
}

fn base_url(text: &str) -> Result<String, SettingsError> {
    let is_http =
        ["http://", "https://"].iter().any(|scheme| text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()));
    let has_only_a_path = !text.contains(['?', '#']) && !text.contains(char::is_whitespace);
    if is_http && has_only_a_path {
        Ok(text.trim_end_matches('/').to_owned())
    } else {
        Err(SettingsError::BaseUrl(text.to_owned()))
    }
}

fn resolver(text: &str) -> Result<Resolver, SettingsError> {
    const DNS_PORT: u16 = 53;
    match text {
        "system" => Ok(Resolver::System),
        "none" => Ok(Resolver::None),
        text => {
            let server = text.parse().or_else(|_| text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, DNS_PORT)));
            server.map(Resolver::At).map_err(|_| SettingsError::Resolver(text.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests;
