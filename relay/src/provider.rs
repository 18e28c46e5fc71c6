//! Who sends codes: one row of data for each provider. Everything that names a provider follows from its row.

use crate::address::Domain;

/// A device cloud that mails one-time codes.
#[derive(Debug, PartialEq, Eq)]
pub struct Provider {
    /// The name in requests and status documents.
    pub name: &'static str,
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

/// Every provider (FACTS section 1 has the mails).
pub static PROVIDERS: [Provider; 2] = [
    Provider {
        name: "arlo",
        domains: &["arlo.com"],
        digits: 6,
        element: CodeElement::Whole("h1"),
        phrases: &["one-time authentication code is"],
    },
    Provider {
        name: "blink",
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

    /// The names of all providers, in the order of their rows.
    pub fn names() -> impl Iterator<Item = &'static str> {
        PROVIDERS.iter().map(|provider| provider.name)
    }

    /// The provider of this name. Returns `None` if there is none.
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
