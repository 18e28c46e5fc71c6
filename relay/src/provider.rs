//! Who sends codes: one row of data for each provider. Everything that names a provider follows from its row.

use crate::address::Domain;

/// A device cloud that mails one-time codes.
#[derive(Debug, PartialEq, Eq)]
pub struct Provider {
    /// The name in requests and status documents.
    pub name: &'static str,
    /// The address that its code mails come from, for the owner's forwarding rule. It may change: what is accepted follows
    /// from `domains`.
    pub sender: &'static str,
    /// The subject of its code mails in English, for clients that look for it. It is localised, so nothing is decided by it.
    pub subject: &'static str,
    /// The domains that it writes from and signs with, subdomains included.
    pub domains: &'static [&'static str],
    /// How many digits its codes have.
    pub digits: usize,
    /// The HTML element that holds the code: the strongest sign of it.
    pub element: CodeElement,
    /// Phrases, in lower case, behind which the code stands: the weakest sign, for mails that are plain prose.
    pub phrases: &'static [&'static str],
}

/// How the code stands in an HTML element.
#[derive(Debug, PartialEq, Eq)]
pub enum CodeElement {
    /// The rendered text of the element is the code and nothing else.
    Whole(&'static str),
    /// The rendered text of the element ends with the code.
    Ending(&'static str),
}

impl CodeElement {
    /// The element's name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Whole(name) | Self::Ending(name) => name,
        }
    }
}

/// All providers. The first is the default.
pub static PROVIDERS: [Provider; 2] = [
    Provider {
        name: "arlo",
        sender: "do_not_reply@arlo.com",
        subject: "Your one-time authentication code from Arlo",
        domains: &["arlo.com"],
        digits: 6,
        element: CodeElement::Whole("h1"),
        phrases: &["one-time authentication code is"],
    },
    Provider {
        name: "blink",
        sender: "no-reply@blinkforhome.com",
        subject: "Your Blink verification code",
        domains: &["blinkforhome.com"],
        digits: 6,
        element: CodeElement::Ending("strong"),
        phrases: &["verification code is", "verification pin is"],
    },
];

impl Provider {
    /// The name of the provider that a request asks for if it names none: the first row. It is also the local part of
    /// the relay address that `serve` and the demo use.
    pub const DEFAULT: &'static str = {
        let [first, ..] = &PROVIDERS;
        first.name
    };

    /// The names of all providers, in the order of the list.
    pub fn names() -> Vec<&'static str> {
        PROVIDERS.iter().map(|provider| provider.name).collect()
    }

    /// The addresses that code mails come from, in the order of the list.
    pub fn senders() -> Vec<&'static str> {
        PROVIDERS.iter().map(|provider| provider.sender).collect()
    }

    /// The provider of this name. Returns `None` if the list has no such row.
    pub fn named(name: &str) -> Option<&'static Self> {
        PROVIDERS.iter().find(|provider| provider.name == name)
    }

    /// The provider that writes from this domain. Returns `None` if none does.
    pub fn writing_from(domain: &Domain) -> Option<&'static Self> {
        PROVIDERS.iter().find(|provider| provider.owns(domain))
    }

    /// Whether a domain is one of the provider's, or a subdomain of one.
    pub fn owns(&self, domain: &Domain) -> bool {
        self.domains.iter().any(|own| domain.is_within(own))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::Address;

    #[test]
    fn a_provider_is_found_by_its_name_and_by_its_domains() {
        for provider in &PROVIDERS {
            assert_eq!(Provider::named(provider.name), Some(provider));
            for domain in provider.domains {
                let subdomain = Domain::parse(&format!("mail.{domain}")).expect("a domain");
                assert_eq!(Provider::writing_from(&subdomain), Some(provider));
            }
        }
        assert_eq!(Provider::named("unknown"), None);
        assert_eq!(Provider::writing_from(&Domain::parse("evil.example").expect("a domain")), None);
    }

    #[test]
    fn a_sender_is_in_a_domain_of_its_provider_and_readme_names_it() {
        for provider in &PROVIDERS {
            let sender = Address::parse(provider.sender).expect("an address");
            assert!(provider.owns(&sender.domain()), "{}", provider.name);
            assert!(include_str!("../../README.md").contains(provider.sender), "{}", provider.name);
        }
    }

    #[test]
    fn the_first_provider_is_the_default() {
        assert_eq!(Provider::names().first(), Some(&Provider::DEFAULT));
        assert_eq!(Provider::names().len(), PROVIDERS.len());
    }

    #[test]
    fn phrases_are_in_lower_case_and_codes_have_digits_enough() {
        for provider in &PROVIDERS {
            assert!(provider.phrases.iter().all(|phrase| *phrase == phrase.to_lowercase()), "{}", provider.name);
            assert!((4..=10).contains(&provider.digits), "{}", provider.name);
        }
    }
}
