//! What mfa-relay knows of Amazon SES (FACTS section 3): the [event] that announces a stored mail, and the header fields
//! that SES writes on top of it.
//!
//! A crate of its own, because the function `receive` and the command `mfa-relay inspect` both read what SES stored.

pub mod event;

use relay::evidence::Receiver;
use std::borrow::Cow;

/// SES as the server that accepts mail.
///
/// It stores a mail with these fields on top, in this order, and then its report as `Authentication-Results`
/// (<https://docs.aws.amazon.com/ses/latest/dg/receiving-email-action-s3.html>).
pub static AMAZON_SES: Receiver = Receiver {
    authserv_id: Cow::Borrowed("amazonses.com"),
    fields_above: Some(&["return-path", "received", "x-ses-spam-verdict", "x-ses-virus-verdict", "received-spf"]),
};
