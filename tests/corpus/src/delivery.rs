//! How SES took a mail in.

use crate::error::Problem;
use crate::header::value;

/// The envelope and SES's verdicts, as SES's own header block on top of the stored mail states them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The address at the relay.
    pub recipient: String,
    /// The envelope sender; empty for the null sender.
    pub envelope_from: String,
    /// The spam verdict: `PASS`, `FAIL`, `GRAY` or `PROCESSING_FAILED`.
    pub spam: String,
    /// The virus verdict.
    pub virus: String,
}

impl Delivery {
    /// Reads SES's header block.
    ///
    /// # Errors
    /// A field is missing, or does not look as SES writes it.
    pub(crate) fn of(raw: &[u8]) -> Result<Self, Problem> {
        let (return_path, received) = (value(raw, "Return-Path")?, value(raw, "Received")?);
        let sender = return_path.strip_prefix('<').and_then(|path| path.strip_suffix('>'));
        let recipient = received.split_once("\r\n for ").and_then(|(_, rest)| rest.split_once(';'));
        Ok(Self {
            recipient: recipient.ok_or(Problem::NotStated("the recipient in Received"))?.0.to_owned(),
            envelope_from: sender.ok_or(Problem::NotStated("the envelope sender in Return-Path"))?.to_owned(),
            spam: value(raw, "X-SES-Spam-Verdict")?,
            virus: value(raw, "X-SES-Virus-Verdict")?,
        })
    }
}
