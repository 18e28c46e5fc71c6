//! The one address in a From or To field (RFC 5322 section 3.4).

use crate::address::Address;
use mail_parser::HeaderValue;
use mail_parser::parsers::MessageStream;
use std::borrow::Cow;

/// The address in a field's value. Returns `None` if there are several, a group, or none that [`Address`] accepts.
fn sole_address(value: &[u8]) -> Option<Address> {
    let terminated = terminated(value);
    let HeaderValue::Address(parsed) = MessageStream::new(&terminated).parse_address() else { return None };
    let [only] = parsed.as_list()? else { return None };
    Address::parse(only.address.as_deref()?)
}

/// Like [`sole_address`], and `None` if the value shows any other address beside the real one: in a display name, a
/// comment, a quoted string. Readers disagree about which of two is meant, so there must not be two.
pub(super) fn shown_alone(value: &[u8]) -> Option<Address> {
    let address = sole_address(value)?;
    let text = String::from_utf8_lossy(value).to_lowercase();
    let shown = text.matches('@').count();
    (shown == text.matches(address.as_str()).count()).then_some(address)
}

/// The value with a line end. The parsers of mail-parser drop a last word that has none.
pub(super) fn terminated(value: &[u8]) -> Cow<'_, [u8]> {
    if value.ends_with(b"\n") { Cow::Borrowed(value) } else { Cow::Owned([value, b"\r\n"].concat()) }
}
