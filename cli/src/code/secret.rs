//! Secrets from the owner, which must not be printed.

use std::convert::Infallible;
use std::str::FromStr;
use zeroize::Zeroize;

/// A token, or a URL that contains one. Its memory is overwritten when it is dropped.
#[derive(Clone, derive_more::Debug)]
#[debug("Secret(…)")]
pub(crate) struct Secret(String);

impl Secret {
    /// The text. Only the relay may get it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether it is a URL with a token.
    pub(crate) fn has_token(&self) -> bool {
        self.parts().count() > 1
    }

    /// The parts that are secrets of their own: the whole text, and the token in its query.
    fn parts(&self) -> impl Iterator<Item = &str> {
        let whole = self.0.trim();
        let query = whole.split_once('?').map_or("", |(_, query)| query);
        let token = query.split('&').find_map(|pair| pair.strip_prefix("token="));
        [Some(whole), token].into_iter().flatten().filter(|part| !part.is_empty())
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// Replaces every occurrence of the secrets: a server may repeat in its response what it was sent.
pub(crate) fn redact<'a>(text: &str, secrets: impl IntoIterator<Item = &'a Secret>) -> String {
    secrets.into_iter().flat_map(Secret::parts).fold(text.to_owned(), |text, part| text.replace(part, "…"))
}

/// Accepts any text, so that clap never reports an invalid one: its message would contain the text.
impl FromStr for Secret {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self::from(text))
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// Takes the text over without a copy.
impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_of_a_secret_is_printed() {
        let (url, token) = (Secret::from("https://r.example/p?a=b&token=mfar_abc"), Secret::from(" mfar_xyz\n"));
        let message = "mfar_xyz at https://r.example/p?a=b&token=mfar_abc: mfar_abc is unknown";
        assert_eq!(redact(message, [&url, &token]), "… at …: … is unknown");
        assert_eq!(redact("nothing", [&Secret::from(""), &Secret::from("x?token=")]), "nothing");
        assert_eq!(format!("{url:?}"), "Secret(…)");
        assert!(url.has_token() && !Secret::from("https://r.example/p").has_token());
    }
}
