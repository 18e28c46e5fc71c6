//! Bounds on what is read of a mail, so that any mail takes linear time and little memory.
//!
//! Each is checked while the mail is split, before a value is parsed. The figures are far above real mails and far
//! below what hurts: of 7,909 mails from strangers, 99 % have at most 93 fields, and the most is 156.

/// The largest mail that is read, in bytes. A code mail has 30 kB.
pub const LARGEST_MAIL: usize = 1 << 20;

/// Bytes of one header section. Long chains of ARC fields reach 30 kB.
pub(super) const LONGEST_HEADER_SECTION: usize = 256 << 10;

/// Fields in one header section.
pub(super) const MOST_FIELDS: usize = 1_000;

/// Bytes of one field that the reader parses: mail-parser takes time quadratic in encoded words that do not end.
/// Fields that nobody parses (ARC, Received) may be longer: 6 % of real mails have one over 8,000 bytes.
pub(super) const LONGEST_PARSED_FIELD: usize = 2 << 10;

/// Parameters of one MIME field (RFC 2045 section 5.1). Real ones have up to five.
pub(super) const MOST_PARAMETERS: usize = 32;

/// MIME parts in one mail, multiparts included. Code mails have fewer than ten.
pub(super) const MOST_PARTS: usize = 100;

/// Multiparts inside each other. Forwarded mails with attachments reach four.
pub(super) const DEEPEST_NESTING: usize = 10;
