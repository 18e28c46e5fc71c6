//! The checks of one mail, side by side. Each answer is known as soon as it has come.
//!
//! A check that DNS does not answer stays open: whether that matters is for the verdict to say.

use super::queries::Queries;
use mail_auth::dmarc::verify::DmarcParameters;
use mail_auth::hickory_resolver::proto::rr::RData;
use mail_auth::spf::verify::SpfParameters;
use mail_auth::{
    AuthenticatedMessage, DkimOutput, DkimResult, DmarcResult, MessageAuthenticator, SpfOutput, SpfResult,
};
use relay::address::{Address, Domain};
use relay::evidence::{Checks, Evidence, MOST_COVERED, Signatures};
use relay::mail::Mail;
use service::receive::OwnChecks;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Timeout of all checks of one mail. A peer waits ten minutes for the reply to its mail (RFC 5321 section 4.5.3.2.6).
const CHECK_TIMEOUT: Duration = Duration::from_secs(30);

/// DKIM signatures that are verified; a mail with more counts as unsigned. A genuine mail has one for each host that
/// handled it, and each costs a query.
const MOST_SIGNATURES: usize = 8;

/// The hop by which a mail reached the relay.
#[derive(Debug, Clone)]
pub(crate) struct Hop {
    /// The peer's address.
    pub(crate) peer: IpAddr,
    /// The name in its EHLO or HELO.
    pub(crate) helo: String,
    /// The envelope sender; empty for a delivery report.
    pub(crate) sender: String,
}

/// The checks of one mail.
pub(crate) struct MailChecks {
    /// How far they have come. Kept here as well, so that the last answer is read after the last check has been made.
    progress: Arc<watch::Sender<Checks>>,
    seen: watch::Receiver<Checks>,
    /// Makes the checks; `None` once all have been made.
    run: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl MailChecks {
    /// No check is made, and nothing is open.
    pub(super) fn none() -> Self {
        let (progress, mut seen) = watch::channel(Checks::default());
        seen.mark_changed();
        Self { progress: Arc::new(progress), seen, run: None }
    }

    /// All checks, of which none has begun.
    pub(super) fn new(dns: Arc<MessageAuthenticator>, hop: Hop, mail: Arc<[u8]>) -> Self {
        // A mail that cannot be read is refused without asking DNS.
        let Some(claims) = claims(&hop, &mail) else { return Self::none() };
        let (progress, seen) = watch::channel(claims);
        let progress = Arc::new(progress);
        let answered = Arc::clone(&progress);
        let run = async move {
            let run = Run { dns: &dns, hop: &hop, queries: Queries::default(), progress: &answered };
            let _ = tokio::time::timeout(CHECK_TIMEOUT, run.all(&mail)).await;
        };
        Self { progress, seen, run: Some(Box::pin(run)) }
    }
}

impl OwnChecks for MailChecks {
    async fn next(&mut self) -> Option<Checks> {
        loop {
            if self.seen.has_changed().is_ok_and(|changed| changed) {
                self.seen.mark_unchanged();
                return Some(self.progress.borrow().clone());
            }
            let run = self.run.as_mut()?;
            tokio::select! {
                biased;
                _ = self.seen.changed() => self.seen.mark_changed(),
                () = run => self.run = None,
            }
        }
    }
}

/// What a mail claims, all of it open. Returns `None` if it cannot be read.
fn claims(hop: &Hop, mail: &[u8]) -> Option<Checks> {
    let mail = Mail::parse(mail).ok()?;
    Some(Checks::of_claims(&mail, &Signatures::of(&mail), Address::parse(&hop.sender).as_ref()))
}

/// The checks of one mail, under way.
struct Run<'r> {
    dns: &'r MessageAuthenticator,
    hop: &'r Hop,
    queries: Queries,
    progress: &'r watch::Sender<Checks>,
}

impl Run<'_> {
    async fn all(&self, mail: &[u8]) {
        let Some(message) = same_message(mail) else {
            self.note(|checks| checks.open = Evidence { spf: checks.open.spf.take(), ..Evidence::default() });
            self.spf().await;
            return;
        };
        let signatures = single_signatures(&message);
        let (spf, dkim) = tokio::join!(self.spf(), self.dkim(&signatures));
        self.dmarc(&message, &dkim, &spf).await;
    }

    fn note(&self, answer: impl FnOnce(&mut Checks)) {
        self.progress.send_modify(answer);
    }

    /// Checks that the peer may send for the envelope sender's domain.
    async fn spf(&self) -> SpfOutput {
        let Hop { peer, helo, sender } = self.hop;
        let parameters = if sender.is_empty() {
            SpfParameters::verify_ehlo(*peer, helo, helo)
        } else {
            SpfParameters::verify_mail_from(*peer, helo, helo, sender)
        };
        let output = self.dns.verify_spf(self.queries.counting(parameters)).await;
        // If the envelope sender is empty, SPF passed for the HELO name, which proves nothing about a mailbox.
        let has_passed = output.result() == SpfResult::Pass && !sender.is_empty();
        if output.result() != SpfResult::TempError {
            self.note(|Checks { passed, open }| passed.spf = open.spf.take().filter(|_| has_passed));
        }
        output
    }

    /// Verifies all signatures side by side. A malformed one is not among them: it fails for good.
    async fn dkim<'m>(&'m self, signatures: &'m [AuthenticatedMessage<'m>]) -> Vec<DkimOutput<'m>> {
        let outputs = futures_util::future::join_all(signatures.iter().map(|single| self.signature(single))).await;
        let outputs: Vec<_> = outputs.into_iter().flatten().collect();
        let unanswered = outputs.iter().filter(|output| matches!(output.result(), DkimResult::TempError(_)));
        let unanswered: Vec<Domain> = unanswered.filter_map(signer).collect();
        self.note(|checks| checks.open.dkim = unanswered);
        outputs
    }

    async fn signature<'m>(&'m self, single: &'m AuthenticatedMessage<'m>) -> Vec<DkimOutput<'m>> {
        let mut outputs = self.dns.verify_dkim(self.queries.counting(single)).await;
        for output in &mut outputs {
            if *output.result() == DkimResult::Pass
                && let Some(domain) = signer(output)
                && self.may_key_sign_mail(output).await
            {
                self.note(|checks| checks.passed.dkim.push(domain));
            }
        }
        outputs
    }

    /// Whether the key of a signature that passed is for mail and not for testing (`s=` and `t=y`, RFC 6376 section 3.6.1).
    /// mail-auth does not say. The record was just read, so the resolver has it.
    async fn may_key_sign_mail(&self, output: &DkimOutput<'_>) -> bool {
        let Some(signature) = output.signature() else { return false };
        let name = format!("{}._domainkey.{}.", signature.s, signature.d);
        let Ok(lookup) = self.dns.0.txt_lookup(name).await else { return false };
        lookup.answers().iter().all(|record| match &record.data {
            RData::TXT(txt) => allows_mail(&txt.txt_data.concat()),
            _ => true,
        })
    }

    /// Checks that SPF or a signature is the author's own. Nothing that has not passed for a related domain can be.
    async fn dmarc(&self, message: &AuthenticatedMessage<'_>, dkim: &[DkimOutput<'_>], spf: &SpfOutput) {
        let Checks { passed, open } = self.progress.borrow().clone();
        let is_related = |author: &Domain| {
            let mut domains = passed.spf.iter().chain(&passed.dkim).chain(&open.spf).chain(&open.dkim);
            domains.any(|domain| last_labels(domain) == last_labels(author))
        };
        if !open.dmarc.as_ref().is_some_and(is_related) {
            return self.note(|checks| checks.open.dmarc = None);
        }
        let sender = self.hop.sender.rsplit_once('@').map_or(&*self.hop.helo, |(_, domain)| domain);
        let parameters = DmarcParameters::new(message, dkim, sender, spf);
        let output = self.dns.verify_dmarc(self.queries.counting(parameters)).await;
        let results = [output.dkim_result(), output.spf_result()];
        let has_passed = results.contains(&&DmarcResult::Pass);
        if has_passed || !results.iter().any(|result| matches!(result, DmarcResult::TempError(_))) {
            self.note(|Checks { passed, open }| passed.dmarc = open.dmarc.take().filter(|_| has_passed));
        }
    }
}

/// The mail as mail-auth splits it. Returns `None` if it reads another header than the relay, or if there is more to verify
/// than a mail may cost (mail-auth looks for each covered field in the whole header): then no signature counts.
fn same_message(raw: &[u8]) -> Option<AuthenticatedMessage<'_>> {
    let mail = Mail::parse(raw).ok()?;
    let is_signature = |(name, _): &(&str, &[u8])| name.eq_ignore_ascii_case("dkim-signature");
    let names = |value: &[u8]| memchr::memchr_iter(b':', value).count();
    let signatures: Vec<_> = mail.raw_fields().filter(is_signature).collect();
    if signatures.len() > MOST_SIGNATURES || signatures.iter().any(|(_, value)| names(value) > MOST_COVERED) {
        return None;
    }
    let message = AuthenticatedMessage::parse(raw)?;
    let own = mail.raw_fields().map(|(name, value)| (name.as_bytes(), value));
    let body = raw.get(usize::try_from(message.body_offset).ok()?..)?;
    (message.headers.iter().copied().eq(own) && body == mail.raw_body()).then_some(message)
}

/// A message for each of its signatures, which asks for no reports.
fn single_signatures<'m>(message: &AuthenticatedMessage<'m>) -> Vec<AuthenticatedMessage<'m>> {
    let single = |index: usize| {
        let mut header = message.dkim_headers.get(index)?.clone();
        // Each would be one more question, and its answer proves nothing here.
        (header.header.r, header.header.atps) = (false, None);
        Some(AuthenticatedMessage { dkim_headers: vec![header], errors: Vec::new(), ..message.clone() })
    };
    (0..message.dkim_headers.len()).filter_map(single).collect()
}

fn signer(output: &DkimOutput<'_>) -> Option<Domain> {
    Domain::parse(&output.signature()?.d)
}

/// Whether a key record (RFC 6376 section 3.6.1) lets its key sign mail.
fn allows_mail(record: &[u8]) -> bool {
    let record = String::from_utf8_lossy(record);
    let tags = || record.split(';').filter_map(|tag| tag.split_once('='));
    let values = |wanted: &'static str| {
        let of_tag = tags().filter(move |(name, _)| name.trim() == wanted);
        of_tag.map(|(_, value)| value.split(':').map(|word| word.trim().to_ascii_lowercase()).collect::<Vec<_>>())
    };
    let is_tested = values("t").flatten().any(|flag| flag == "y");
    let is_for_mail = values("s").all(|services| services.iter().any(|service| service == "*" || service == "email"));
    !is_tested && is_for_mail
}

/// The last two labels of a domain, which all domains of one organisation have in common.
fn last_labels(domain: &Domain) -> (Option<&str>, Option<&str>) {
    let mut labels = domain.as_str().rsplit('.');
    (labels.next(), labels.next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_for_testing_or_for_other_services_signs_no_mail() {
        for (record, expected) in [
            ("v=DKIM1; k=rsa; p=abc", true),
            ("v=DKIM1; t=s; p=abc", true),
            ("v=DKIM1; t=y; p=abc", false),
            ("v=DKIM1; t=s : Y; p=abc", false),
            ("v=DKIM1; s=*; p=abc", true),
            ("v=DKIM1; s=tlsrpt : email; p=abc", true),
            ("v=DKIM1; s=tlsrpt; p=abc", false),
        ] {
            assert_eq!(allows_mail(record.as_bytes()), expected, "{record}");
        }
    }

    #[test]
    fn a_mail_that_mail_auth_reads_differently_has_no_signature() {
        let signature = "DKIM-Signature: v=1; a=rsa-sha256; d=arlo.com; s=s; h=from; bh=eA==; b=eA==\r\n";
        let reads_same = |raw: &str| same_message(raw.as_bytes()).is_some();
        assert!(reads_same(&format!("{signature}From: x@arlo.com\r\nSubject: a\r\n b\r\n\r\nbody\r\n")));
        assert!(!reads_same(&format!("{signature}From : x@arlo.com\r\n\r\nbody\r\n")));
        assert!(!reads_same(&format!("{}From: x@arlo.com\r\n\r\n", signature.repeat(MOST_SIGNATURES + 1))));
        let names = signature.replace("h=from", &format!("h=from{}", ":x".repeat(MOST_COVERED + 1)));
        assert!(!reads_same(&format!("{names}From: x@arlo.com\r\n\r\n")));
    }
}
