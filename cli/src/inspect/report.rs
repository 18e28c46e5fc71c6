//! A reading, written down: as JSON for programs, in words for people.

use crate::terminal::{Paint, harmless};
use relay::address::{Address, Domain};
use relay::evidence::Evidence;
use relay::reading::Reading;
use relay::refusal::Refusal;
use relay::secret::Code;
use serde::Serialize;

/// What is written about one mail. The order of the fields is the order in the line.
#[derive(Debug, Serialize)]
pub(super) struct Report<'a> {
    file: String,
    outcome: &'static str,
    provider: Option<&'static str>,
    code: Option<&'a str>,
    from: Option<&'a str>,
    forwarders: Vec<&'static str>,
    evidence: Proven<'a>,
    reasons: &'a [Refusal],
}

/// The domains for which a check passed.
#[derive(Debug, Serialize)]
struct Proven<'a> {
    spf: Option<&'a str>,
    dkim: Vec<&'a str>,
    dmarc: Option<&'a str>,
}

impl<'a> Report<'a> {
    pub(super) fn new(file: String, reading: &'a Reading) -> Self {
        Self {
            file,
            outcome: reading.outcome(),
            provider: reading.provider.map(|provider| provider.name),
            code: reading.content.as_ref().ok().map(Code::reveal),
            from: reading.from.as_ref().map(Address::as_str),
            forwarders: reading.forwarders.iter().map(|forwarder| forwarder.word()).collect(),
            evidence: Proven::by(&reading.evidence),
            reasons: &reading.reasons,
        }
    }

    /// One line of JSON.
    pub(super) fn to_json(&self) -> String {
        // Strings, lists and nothing else: there is nothing in it that JSON could not hold.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// A few lines for people.
    pub(super) fn for_people(&self, paint: Paint) -> String {
        let outcome = match (self.code, self.provider) {
            (Some(code), Some(provider)) => paint.good(&format!("code {code} from {provider}")),
            _ => paint.bad(&self.outcome.replace('_', " ")),
        };
        let mut lines = vec![format!("{}: {outcome}", paint.bold(&harmless(&self.file)))];
        lines.extend(self.from.map(|from| format!("  from       {from}")));
        lines.extend(listed(&self.forwarders).map(|forwarders| format!("  forwarded  by {forwarders}")));
        lines.push(format!("  evidence   {}", self.evidence.for_people()));
        let explained = |&reason: &Refusal| paint.faint(&format!("  {reason}: {}", explanation(reason)));
        lines.extend(self.reasons.iter().map(explained));
        lines.join("\n")
    }
}

impl<'a> Proven<'a> {
    fn by(evidence: &'a Evidence) -> Self {
        Self {
            spf: evidence.spf.as_ref().map(Domain::as_str),
            dkim: evidence.dkim.iter().map(Domain::as_str).collect(),
            dmarc: evidence.dmarc.as_ref().map(Domain::as_str),
        }
    }

    fn for_people(&self) -> String {
        let shown = |domains: &[&str]| listed(domains).unwrap_or_else(|| "nothing".to_owned());
        format!(
            "SPF {}; DKIM {}; DMARC {}",
            shown(self.spf.as_slice()),
            shown(&self.dkim),
            shown(self.dmarc.as_slice())
        )
    }
}

fn listed(words: &[&str]) -> Option<String> {
    (!words.is_empty()).then(|| words.join(", "))
}

/// What a reason means for the one who asks.
fn explanation(reason: Refusal) -> &'static str {
    match reason {
        // What Microsoft 365 calls forwarding is a new mail, written by the mailbox.
        Refusal::NotFromProvider => {
            "From is not one address of a provider. A mailbox's rule must redirect the mail, not forward it in a new one."
        }
        Refusal::NotSigned => {
            "Neither DKIM nor DMARC passed for the provider's domain: refused under the trust signed, and at the plain relay address."
        }
        Refusal::NotForwarded => {
            "Nothing vouches for the host that handed it over: refused under the trust forwarded as well."
        }
        Refusal::TooLarge => "It is larger than 1 MiB and is not read.",
        Refusal::Unreadable => "It is cut off, nested beyond reason, or no mail at all.",
        Refusal::NoCode => "No six digits stand where this provider puts its codes.",
        Refusal::Ambiguous => "Two or more codes are equally likely.",
        // The server and the request give these; a mail alone gives no cause.
        Refusal::Spam | Refusal::Virus | Refusal::Stale | Refusal::OutsideWindow => "",
    }
}
