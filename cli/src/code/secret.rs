//! What was given to the command and must not come out of it again.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// A token, or a URL with one in it.
#[derive(Clone)]
pub(super) struct Secret(String);

impl Secret {
    /// The text, for the relay alone.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }

    /// Every part of it that would be a secret on its own: the whole, and the token in its query.
    fn parts(&self) -> impl Iterator<Item = &str> {
        let whole = self.0.trim();
        let query = whole.split_once('?').map_or("", |(_, query)| query);
        let token = query.split('&').find_map(|pair| pair.strip_prefix("token="));
        [Some(whole), token].into_iter().flatten().filter(|part| !part.is_empty())
    }
}

/// A text without these secrets: a server may repeat what it was told.
pub(super) fn without<'a>(text: &str, secrets: impl IntoIterator<Item = &'a Secret>) -> String {
    secrets.into_iter().flat_map(Secret::parts).fold(text.to_owned(), |text, part| text.replace(part, "…"))
}

/// Any text may be one: what is wrong with it is said without repeating it, which the parser of arguments would do.
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

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_of_a_secret_is_shown() {
        let (url, token) = (Secret::from("https://r.example/p?a=b&token=mfar_abc"), Secret::from(" mfar_xyz\n"));
        let said = "mfar_xyz at https://r.example/p?a=b&token=mfar_abc: mfar_abc is unknown";
        assert_eq!(without(said, [&url, &token]), "… at …: … is unknown");
        assert_eq!(without("nothing", [&Secret::from(""), &Secret::from("x?token=")]), "nothing");
        assert_eq!(format!("{url:?}"), "Secret(…)");
    }
}
