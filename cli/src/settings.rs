//! The settings of a relay: by option, by environment or in a file, in this order.

use home::configuration::{CertificateFiles, Configuration};
use home::evidence::Resolver;
use home::log::Log;
use relay::relay_address::RelayAddress;
use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// What a relay can be told.
#[derive(Debug, Default, Clone, clap::Args)]
#[command(next_help_heading = "Settings of the relay")]
pub struct Options {
    /// A TOML file with any of these settings, each under its own name: `domain = "mfa.example.com"`
    #[arg(long, env = "MFA_RELAY_CONFIG", hide_env_values = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The settings themselves.
    #[command(flatten)]
    pub settings: Settings,
}

/// The settings, each of which may be left out.
#[derive(Debug, Default, Clone, Deserialize, clap::Args)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The mail domain: mailboxes forward to arlo+TAG@DOMAIN
    #[arg(long, env = "MFA_RELAY_DOMAIN", hide_env_values = true)]
    pub domain: Option<String>,
    /// The data folder [default: mfa-relay in the user's data folder]
    #[arg(long, env = "MFA_RELAY_DATA", hide_env_values = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Where to answer HTTP [default: 127.0.0.1:8080]
    #[arg(long, env = "MFA_RELAY_HTTP", hide_env_values = true, value_name = "IP:PORT")]
    pub http: Option<SocketAddr>,
    /// Where to answer SMTP [default: 0.0.0.0:2525]
    #[arg(long, env = "MFA_RELAY_SMTP", hide_env_values = true, value_name = "IP:PORT")]
    pub smtp: Option<SocketAddr>,
    /// What clients put in front of /prestage, where a proxy stands in front [default: http://IP:PORT of --http]
    #[arg(long, env = "MFA_RELAY_BASE_URL", hide_env_values = true, value_name = "URL")]
    pub base_url: Option<String>,
    /// How long a request waits for its code, 1 to 3600 seconds [default: 300]
    #[arg(long, env = "MFA_RELAY_WINDOW", hide_env_values = true, value_name = "SECONDS")]
    pub window: Option<u16>,
    /// Who is asked about SPF, DKIM and DMARC: system, none, or the address of a name server [default: system]
    #[arg(long, env = "MFA_RELAY_RESOLVER", hide_env_values = true, value_name = "system|none|IP[:PORT]")]
    pub resolver: Option<String>,
    /// The certificate chain for STARTTLS, as PEM
    #[arg(long, env = "MFA_RELAY_CERTIFICATE", hide_env_values = true, value_name = "FILE")]
    pub certificate: Option<PathBuf>,
    /// The certificate's private key, as PEM
    #[arg(long, env = "MFA_RELAY_KEY", hide_env_values = true, value_name = "FILE")]
    pub key: Option<PathBuf>,
}

/// What is wrong with the settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("cannot read {path}: {cause}. Give another file with --config.")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        cause: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("{path} is no file of settings: {cause}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and where.
        cause: toml::de::Error,
    },
    /// There is no domain.
    #[error("there is no mail domain. Give it with --domain, for example --domain mfa.example.com.")]
    NoDomain,
    /// The domain is none.
    #[error("{0:?} is no mail domain. Give one such as mfa.example.com.")]
    Domain(String),
    /// Nobody knows where to keep data.
    #[error("there is no folder for data. Give one with --data.")]
    NoData,
    /// The window is too short or too long.
    #[error("a window of {0} seconds is none. Give one from 1 to 3600.")]
    Window(u16),
    /// The base URL is none.
    #[error("{0:?} is no base URL. Give one such as https://mfa.example.com, without a query.")]
    BaseUrl(String),
    /// The resolver is none.
    #[error("{0:?} is no name server. Give system, none, or an address such as 192.0.2.53.")]
    Resolver(String),
    /// One of certificate and key is missing.
    #[error("a certificate needs its key, and a key its certificate. Give both, or neither.")]
    HalfACertificate,
}

impl Options {
    /// What a relay is told, all told.
    pub fn configuration(&self) -> Result<Configuration, SettingsError> {
        self.merged()?.configuration()
    }

    /// The data folder.
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
            _ => return Err(SettingsError::HalfACertificate),
        };
        Ok(Configuration {
            relay_address: self.relay_address()?,
            data: self.data()?,
            http: self.http.unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 8080))),
            smtp: self.smtp.unwrap_or(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 2525))),
            base_url: self.base_url.as_deref().map(base_url).transpose()?,
            window_seconds: window(self.window.unwrap_or(300))?,
            resolver: resolver(self.resolver.as_deref().unwrap_or("system"))?,
            certificate,
            log: Log::Lines,
        })
    }

    fn relay_address(&self) -> Result<RelayAddress, SettingsError> {
        let domain = self.domain.as_ref().ok_or(SettingsError::NoDomain)?;
        RelayAddress::parse(&format!("arlo@{domain}")).map_err(|_| SettingsError::Domain(domain.clone()))
    }

    /// As systemd says, or the XDG base directories (<https://specifications.freedesktop.org/basedir-spec/latest/>).
    fn data(&self) -> Result<PathBuf, SettingsError> {
        let folder = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let of_user = || {
            let share = folder("XDG_DATA_HOME").or_else(|| folder("HOME").map(|home| home.join(".local/share")));
            share.map(|share| share.join("mfa-relay"))
        };
        self.data.clone().or_else(|| folder("STATE_DIRECTORY")).or_else(of_user).ok_or(SettingsError::NoData)
    }
}

fn window(seconds: u16) -> Result<u16, SettingsError> {
    if (1..=3600).contains(&seconds) { Ok(seconds) } else { Err(SettingsError::Window(seconds)) }
}

fn base_url(text: &str) -> Result<String, SettingsError> {
    let is_http =
        ["http://", "https://"].iter().any(|scheme| text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()));
    let is_plain = !text.contains(['?', '#']) && !text.contains(char::is_whitespace);
    if is_http && is_plain {
        Ok(text.trim_end_matches('/').to_owned())
    } else {
        Err(SettingsError::BaseUrl(text.to_owned()))
    }
}

fn resolver(text: &str) -> Result<Resolver, SettingsError> {
    const DNS: u16 = 53;
    match text {
        "system" => Ok(Resolver::System),
        "none" => Ok(Resolver::None),
        text => {
            let at = text.parse().or_else(|_| text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, DNS)));
            at.map(Resolver::At).map_err(|_| SettingsError::Resolver(text.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_file(text: &str) -> Result<Configuration, String> {
        let file: Settings = toml::from_str(text).map_err(|error| error.message().to_owned())?;
        let given = Settings { data: Some("/data".into()), window: Some(60), ..Settings::default() };
        given.over(file).configuration().map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_typed_goes_before_what_is_in_the_file() {
        let found = from_file("domain = 'mfa.example.com'\nwindow = 120\nhttp = '127.0.0.1:9000'").expect("settings");
        assert_eq!((found.window_seconds, found.http.port(), found.smtp.port()), (60, 9000, 2525));
        assert_eq!(found.resolver, Resolver::System);
    }

    #[test]
    fn what_is_wrong_is_named_with_what_to_do() {
        for (file, expected) in [
            ("", "there is no mail domain"),
            ("domain = 'a@b'", "is no mail domain"),
            ("domian = 'mfa.example.com'", "unknown field `domian`"),
            ("domain = 'mfa.example.com'\nresolver = 'dns.example'", "is no name server"),
            ("domain = 'mfa.example.com'\nbase-url = 'mfa.example.com'", "is no base URL"),
            ("domain = 'mfa.example.com'\nkey = 'key.pem'", "a certificate needs its key"),
        ] {
            let told = from_file(file).expect_err("an error");
            assert!(told.contains(expected), "{told}");
        }
    }

    #[test]
    fn a_resolver_has_the_port_of_dns_unless_it_has_another() {
        assert_eq!(resolver("192.0.2.53").ok(), Some(Resolver::At(SocketAddr::from(([192, 0, 2, 53], 53)))));
        assert_eq!(resolver("[::1]:5353").ok(), Some(Resolver::At("[::1]:5353".parse().expect("an address"))));
    }
}
