//! What is proven about a mail, checked while it comes in: SPF, DKIM and DMARC, over DNS.

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

/// How long one question to a name server may take, and how often it is put.
const QUESTION: Duration = Duration::from_secs(3);
const ATTEMPTS: usize = 2;

/// How long all questions about one mail may take. A peer waits ten minutes for the answer to its mail (RFC 5321
/// section 4.5.3.2.6).
const ALL_QUESTIONS: Duration = Duration::from_secs(30);

/// Signatures that are looked at. An honest mail has one for each host that it came by; each costs a question.
const MOST_SIGNATURES: usize = 8;

/// Who is asked about domains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolver {
    /// The name servers of this machine.
    System,
    /// This name server.
    At(SocketAddr),
    /// Nobody: nothing is proven, and only what needs no proof is delivered.
    None,
}

/// Checks mails.
pub struct Checker(Option<MessageAuthenticator>);

/// By whom a mail was brought.
#[derive(Debug, Clone, Copy)]
pub struct Hop<'a> {
    /// The peer's address.
    pub peer: IpAddr,
    /// The name in its greeting.
    pub greeting: &'a str,
    /// The envelope sender; empty for a notice of non-delivery.
    pub sender: &'a str,
}

/// DNS did not answer: the mail can be judged later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("DNS did not answer; try again")]
pub struct Unanswered;

/// Why nothing can be checked.
#[derive(Debug, thiserror::Error)]
#[error("cannot use the name servers of this machine: {0}. Give one with --resolver, for example 192.0.2.53.")]
pub struct ResolverError(#[from] NetError);

impl Checker {
    /// A checker that asks this resolver.
    pub fn new(resolver: &Resolver) -> Result<Self, ResolverError> {
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
        (options.timeout, options.attempts) = (QUESTION, ATTEMPTS);
        Ok(Self(Some(MessageAuthenticator::new(servers, options)?)))
    }

    /// What is proven about a mail.
    pub async fn check(&self, hop: &Hop<'_>, mail: &[u8]) -> Result<Evidence, Unanswered> {
        let Some(dns) = &self.0 else { return Ok(Evidence::default()) };
        tokio::time::timeout(ALL_QUESTIONS, evidence(dns, hop, mail)).await.unwrap_or(Err(Unanswered))
    }
}

async fn evidence(dns: &MessageAuthenticator, hop: &Hop<'_>, mail: &[u8]) -> Result<Evidence, Unanswered> {
    let (spf, sender) = spf(dns, hop).await?;
    let Some(message) =
        AuthenticatedMessage::parse(mail).filter(|message| message.dkim_headers.len() <= MOST_SIGNATURES)
    else {
        return Ok(Evidence { spf: sender, ..Evidence::default() });
    };
    let signatures = dns.verify_dkim(&message).await;
    if signatures.iter().any(|signature| matches!(signature.result(), DkimResult::TempError(_))) {
        return Err(Unanswered);
    }
    let whole: Vec<DkimOutput<'_>> = signatures.into_iter().filter(holds).collect();
    let dmarc = dmarc(dns, hop, &message, &whole, &spf).await?;
    let signers = whole.iter().filter_map(|holding| Domain::parse(&holding.signature()?.d)).collect();
    Ok(Evidence { spf: sender, dkim: signers, dmarc })
}

/// SPF's answer, and the envelope sender's domain where it passed for that.
async fn spf(dns: &MessageAuthenticator, hop: &Hop<'_>) -> Result<(SpfOutput, Option<Domain>), Unanswered> {
    let asked = if hop.sender.is_empty() {
        SpfParameters::verify_ehlo(hop.peer, hop.greeting, hop.greeting)
    } else {
        SpfParameters::verify_mail_from(hop.peer, hop.greeting, hop.greeting, hop.sender)
    };
    let output = dns.verify_spf(asked).await;
    match output.result() {
        SpfResult::TempError => Err(Unanswered),
        // Without an envelope sender it passed for a host's name, and proves nothing about a mailbox.
        SpfResult::Pass => {
            let sender = Address::parse(hop.sender).map(|address| address.domain());
            Ok((output, sender))
        }
        _ => Ok((output, None)),
    }
}

/// Whether a signature holds for the whole mail: one that covers a part of the body lets anyone write the rest
/// (RFC 6376 section 8.2), and one that leaves out From says nothing about the author.
fn holds(signature: &DkimOutput<'_>) -> bool {
    let is_whole = |signed: &mail_auth::dkim::Signature| {
        signed.l == 0 && signed.h.iter().any(|field| field.eq_ignore_ascii_case("from"))
    };
    *signature.result() == DkimResult::Pass && signature.signature().is_some_and(is_whole)
}

/// The domain of From, where DMARC passed for it.
async fn dmarc(
    dns: &MessageAuthenticator,
    hop: &Hop<'_>,
    message: &AuthenticatedMessage<'_>,
    signatures: &[DkimOutput<'_>],
    spf: &SpfOutput,
) -> Result<Option<Domain>, Unanswered> {
    let sender = hop.sender.rsplit_once('@').map_or(hop.greeting, |(_, domain)| domain);
    let output = dns.verify_dmarc(DmarcParameters::new(message, signatures, sender, spf)).await;
    let results = [output.dkim_result(), output.spf_result()];
    if results.contains(&&DmarcResult::Pass) {
        return Ok(Domain::parse(output.domain()));
    }
    let is_unanswered = results.iter().any(|result| matches!(result, DmarcResult::TempError(_)));
    if is_unanswered { Err(Unanswered) } else { Ok(None) }
}
