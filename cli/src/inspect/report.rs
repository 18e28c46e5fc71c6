//! The report about one mail: JSON for programs, text for people.

use crate::terminal::{Paint, without_controls};
use relay::address::{Address, Domain};
use relay::evidence::Evidence;
use relay::inspection::{Content, Inspection};
use relay::refusal::Refusal;
use serde::Serialize;

/// A report. The order of the fields is their order in the JSON.
#[derive(Debug, Serialize)]
pub(super) struct Report<'a> {
    file: String,
    outcome: &'static str,
    provider: Option<&'static str>,
    code: Option<&'a str>,
    from: Option<&'a str>,
    forwarders: Vec<&'static str>,
    evidence: Passed<'a>,
    reasons: &'a [Refusal],
}

/// The domains for which each check passed.
#[derive(Debug, Serialize)]
struct Passed<'a> {
    spf: Option<&'a str>,
    dkim: Vec<&'a str>,
    dmarc: Option<&'a str>,
}

impl<'a> Report<'a> {
    pub(super) fn new(file: String, inspection: &'a Inspection) -> Self {
        Self {
            file,
            outcome: inspection.outcome(),
            provider: inspection.provider.map(|provider| provider.name),
            code: match &inspection.content {
                Content::Code(code) => Some(code.reveal()),
                Content::Confirmation | Content::Refused(_) => None,
            },
            from: inspection.from.as_ref().map(Address::as_str),
            forwarders: inspection.forwarders.iter().map(|forwarder| forwarder.word()).collect(),
            evidence: Passed::new(&inspection.evidence),
            reasons: &inspection.reasons,
        }
    }

    /// One line of JSON.
    pub(super) fn to_json(&self) -> String {
        // Cannot fail: there are only strings and lists.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// A few lines of text.
    pub(super) fn to_text(&self, paint: Paint) -> String {
        let outcome = match (self.code, self.provider) {
            (Some(code), Some(provider)) => paint.good(&format!("code {code} from {provider}")),
            _ => paint.bad(&self.outcome.replace('_', " ")),
        };
        let mut lines = vec![format!("{}: {outcome}", paint.bold(&without_controls(&self.file)))];
        lines.extend(self.from.map(|from| format!("  from       {from}")));
        lines.extend(comma_separated(&self.forwarders).map(|forwarders| format!("  forwarded  by {forwarders}")));
        lines.push(format!("  evidence   {}", self.evidence.to_text()));
        let explained = |&reason: &Refusal| paint.faint(&format!("  {reason}: {}", explanation(reason)));
        lines.extend(self.reasons.iter().map(explained));
        lines.join("\n")
    }
}

impl<'a> Passed<'a> {
    fn new(evidence: &'a Evidence) -> Self {
        Self {
            spf: evidence.spf.as_ref().map(Domain::as_str),
            dkim: evidence.dkim.iter().map(Domain::as_str).collect(),
            dmarc: evidence.dmarc.as_ref().map(Domain::as_str),
        }
    }

    fn to_text(&self) -> String {
        let list = |domains: &[&str]| comma_separated(domains).unwrap_or_else(|| "nothing".to_owned());
        format!("SPF {}; DKIM {}; DMARC {}", list(self.spf.as_slice()), list(&self.dkim), list(self.dmarc.as_slice()))
    }
}

fn comma_separated(words: &[&str]) -> Option<String> {
    (!words.is_empty()).then(|| words.join(", "))
}

/// Explains a refusal, and says what to do about it.
fn explanation(reason: Refusal) -> &'static str {
    match reason {
        // A forwarding rule of Microsoft 365 sends a new mail, whose From is the mailbox.
        Refusal::NotFromProvider => {
            "From is not one address of a provider. A mailbox's rule must redirect the mail, not forward it in a new one."
        }
        Refusal::NotSigned => {
            "Neither DKIM nor DMARC passed for the provider's domain: refused under the trust signed, and at the plain relay address."
        }
        Refusal::NotForwarded => {
            "Neither SPF nor DKIM passed for the forwarding mailbox's domain: refused under the trust forwarded as well."
        }
        Refusal::TooLarge => "It is larger than 1 MiB, which is not read.",
        Refusal::Unreadable => "It is truncated, nested too deeply, or not a mail.",
        Refusal::NoCode => "No code is where this provider puts its codes.",
        Refusal::Ambiguous => "Two or more codes are equally likely.",
        // These come from the server or the request, never from the mail alone.
        Refusal::Spam | Refusal::Virus | Refusal::Stale | Refusal::OutsideWindow | Refusal::Deferred => "",
    }
}
