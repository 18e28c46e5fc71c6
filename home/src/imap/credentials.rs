//! What LOGIN and AUTHENTICATE PLAIN give: the mailbox as the user's name, the token as the password.

use crate::codes::Login;
use imap_codec::imap_types::core::AString;
use imap_codec::imap_types::secret::Secret;
use std::borrow::Cow;
use zeroize::Zeroizing;

/// The credentials of LOGIN.
pub(super) fn of_login(username: &AString<'_>, password: &Secret<AString<'_>>) -> Login {
    let token = Zeroizing::new(String::from_utf8_lossy(password.declassify().as_ref()).into_owned());
    login(&String::from_utf8_lossy(username.as_ref()), &token)
}

/// The credentials of AUTHENTICATE PLAIN (RFC 4616). Returns `None` if they have another form.
pub(super) fn of_plain(response: &Secret<Cow<'_, [u8]>>) -> Option<Login> {
    let text = Zeroizing::new(String::from_utf8_lossy(response.declassify()).into_owned());
    let mut fields = text.split('\0');
    match (fields.next(), fields.next(), fields.next(), fields.next()) {
        (Some(_), Some(mailbox), Some(token), None) => Some(login(mailbox, token)),
        _ => None,
    }
}

fn login(mailbox: &str, token: &str) -> Login {
    Login { mailbox: mailbox.trim().to_owned(), token: Zeroizing::new(token.trim().to_owned()) }
}
