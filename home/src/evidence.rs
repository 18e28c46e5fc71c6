//! Evidence about a mail, collected over DNS before the mail is accepted: SPF (RFC 7208), DKIM (RFC 6376) and DMARC
//! (RFC 7489).

use mail_auth::dmarc::verify::DmarcParameters;
use mail_auth::hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use mail_auth::hickory_resolver::net::NetError;
use mail_auth::hickory_resolver::system_conf::read_system_conf;
use mail_auth::spf::verify::SpfParameters;
use mail_auth::{
    AuthenticatedMessage, DkimOutput, DkimResult, DmarcResult, MessageAuthenticator, SpfOutput, SpfResult,
};
use relay::address::{Address, Domain};
use relay::evidence::Evidence;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Timeout of one DNS query, and how often it is sent.
const QUERY_TIMEOUT: Duration = Duration::from_secs(3);
const QUERY_ATTEMPTS: usize = 2;

/// Timeout of all queries about one mail. A peer waits ten minutes for the reply to its mail (RFC 5321 section
/// 4.5.3.2.6).
const CHECK_TIMEOUT: Duration = Duration::from_secs(30);

/// DKIM signatures that are verified; a mail with more counts as unsigned. A genuine mail has one for each host that
/// handled it, and each costs a query.
const MAX_SIGNATURES: usize = 8;

/// Where DNS queries go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolver {
    /// To the name servers of this machine (`/etc/resolv.conf`).
    System,
    /// To this name server.
    At(SocketAddr),
    /// Nowhere: there is no evidence, so only the trust `addressed` accepts a mail.
    None,
}

/// Collects the evidence about mails.
pub(crate) struct EvidenceChecker(Option<MessageAuthenticator>);

/// The hop by which a mail reached the relay.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hop<'a> {
    /// The peer's address.
    pub(crate) peer: IpAddr,
    /// The name in its EHLO or HELO.
    pub(crate) helo: &'a str,
    /// The envelope sender; empty for a delivery report.
    pub(crate) sender: &'a str,
}

/// DNS did not answer. The mail cannot be judged now; a retry may succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DnsUnavailable;

/// The name servers of this machine cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot use the name servers of this machine: {0}. Name one with --resolver, for example 192.0.2.53.")]
pub struct ResolverError(#[from] NetError);

impl EvidenceChecker {
    /// A checker that queries `resolver`.
    pub(crate) fn new(resolver: &Resolver) -> Result<Self, ResolverError> {
        let (servers, mut options) = match resolver {
            Resolver::None => return Ok(Self(None)),
            Resolver::System => read_system_conf()?,
            Resolver::At(server) => {
                let at_port = |mut connection: ConnectionConfig| {
                    connection.port = server.port();
                    connection
                };
                let connections = vec![at_port(ConnectionConfig::udp()), at_port(ConnectionConfig::tcp())];
                let server = NameServerConfig::new(server.ip(), true, connections);
                (ResolverConfig::from_parts(None, vec![], vec![server]), ResolverOpts::default())
            }
        };
        (options.timeout, options.attempts) = (QUERY_TIMEOUT, QUERY_ATTEMPTS);
        Ok(Self(Some(MessageAuthenticator::new(servers, options)?)))
    }

    /// Returns the evidence about a mail.
    pub(crate) async fn check(&self, hop: &Hop<'_>, mail: &[u8]) -> Result<Evidence, DnsUnavailable> {
        let Some(dns) = &self.0 else { return Ok(Evidence::default()) };
        tokio::time::timeout(CHECK_TIMEOUT, evidence(dns, hop, mail)).await.unwrap_or(Err(DnsUnavailable))
    }
}

async fn evidence(dns: &MessageAuthenticator, hop: &Hop<'_>, mail: &[u8]) -> Result<Evidence, DnsUnavailable> {
    let (spf, sender) = spf(dns, hop).await?;
    let Some(message) =
        AuthenticatedMessage::parse(mail).filter(|message| message.dkim_headers.len() <= MAX_SIGNATURES)
    else {
        return Ok(Evidence { spf: sender, ..Evidence::default() });
    };
    let signatures = dns.verify_dkim(&message).await;
    if signatures.iter().any(|signature| matches!(signature.result(), DkimResult::TempError(_))) {
        return Err(DnsUnavailable);
    }
    let valid: Vec<DkimOutput<'_>> = signatures.into_iter().filter(is_valid).collect();
    let dmarc = dmarc(dns, hop, &message, &valid, &spf).await?;
    let signers = valid.iter().filter_map(|signature| Domain::parse(&signature.signature()?.d)).collect();
    Ok(Evidence { spf: sender, dkim: signers, dmarc })
}

/// Returns SPF's result, and the envelope sender's domain if SPF passed for it.
async fn spf(dns: &MessageAuthenticator, hop: &Hop<'_>) -> Result<(SpfOutput, Option<Domain>), DnsUnavailable> {
    let parameters = if hop.sender.is_empty() {
        SpfParameters::verify_ehlo(hop.peer, hop.helo, hop.helo)
    } else {
        SpfParameters::verify_mail_from(hop.peer, hop.helo, hop.helo, hop.sender)
    };
    let output = dns.verify_spf(parameters).await;
    match output.result() {
        SpfResult::TempError => Err(DnsUnavailable),
        // If the envelope sender is empty, SPF passed for the HELO name, which proves nothing about a mailbox.
        SpfResult::Pass => {
            let sender = Address::parse(hop.sender).map(|address| address.domain());
            Ok((output, sender))
        }
        _ => Ok((output, None)),
    }
}

/// Whether a signature passes, covers the whole body and covers From. A signature over a part of the body lets anyone
/// append to it (RFC 6376 section 8.2), and one that omits From says nothing about the author.
fn is_valid(signature: &DkimOutput<'_>) -> bool {
    let is_complete = |signed: &mail_auth::dkim::Signature| {
        signed.l == 0 && signed.h.iter().any(|field| field.eq_ignore_ascii_case("from"))
    };
    *signature.result() == DkimResult::Pass && signature.signature().is_some_and(is_complete)
}

/// Returns the domain of From if DMARC passed for it.
async fn dmarc(
    dns: &MessageAuthenticator,
    hop: &Hop<'_>,
    message: &AuthenticatedMessage<'_>,
    signatures: &[DkimOutput<'_>],
    spf: &SpfOutput,
) -> Result<Option<Domain>, DnsUnavailable> {
    let sender = hop.sender.rsplit_once('@').map_or(hop.helo, |(_, domain)| domain);
    let output = dns.verify_dmarc(DmarcParameters::new(message, signatures, sender, spf)).await;
    let results = [output.dkim_result(), output.spf_result()];
    if results.contains(&&DmarcResult::Pass) {
        return Ok(Domain::parse(output.domain()));
    }
    let is_unavailable = results.iter().any(|result| matches!(result, DmarcResult::TempError(_)));
    if is_unavailable { Err(DnsUnavailable) } else { Ok(None) }
}
