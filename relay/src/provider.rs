//! Who sends codes: a row of data each, not a branch of code.

use crate::address::Domain;

/// A device cloud that mails one-time codes.
#[derive(Debug, PartialEq, Eq)]
pub struct Provider {
    /// The name in requests and status documents.
    pub name: &'static str,
    /// The domains that it writes from and signs with, subdomains included.
    pub domains: &'static [&'static str],
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
        element: CodeElement::Whole("h1"),
        phrases: &["one-time authentication code is"],
    },
    Provider {
        name: "blink",
        domains: &["blinkforhome.com"],
        element: CodeElement::Ending("strong"),
        phrases: &["verification code is", "verification pin is"],
    },
];

impl Provider {
    /// The provider that a request asks for when it names none.
    pub const DEFAULT: &'static str = "arlo";

    /// The names of all providers, in the order of the list.
    pub fn names() -> Vec<&'static str> {
        PROVIDERS.iter().map(|provider| provider.name).collect()
    }

    /// The provider of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        PROVIDERS.iter().find(|provider| provider.name == name)
    }

    /// The provider that writes from this domain.
    pub fn writing_from(domain: &Domain) -> Option<&'static Self> {
        PROVIDERS.iter().find(|provider| provider.owns(domain))
    }

    /// Whether a domain is one of the provider's, or below one.
    pub fn owns(&self, domain: &Domain) -> bool {
        self.domains.iter().any(|own| domain.is_within(own))
    }
}
