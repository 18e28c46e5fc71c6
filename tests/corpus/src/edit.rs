//! The edits that make a case's mail of its base. Each applies once, or as often as it says; any other number is an
//! error, so that a base cannot change without its cases being looked at.

use crate::error::Problem;
use crate::header::field;
use crate::transfer_encoding::TransferEncoding;
use serde::Deserialize;
use std::ops::Range;

/// One edit. A field is the topmost of its name, folded lines included.
#[derive(Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
#[serde(expecting = "not an edit: set, remove, insert above or below, replace with, cut_after or encode")]
pub(crate) enum Edit {
    /// Replaces the field of the same name.
    Set { set: String },
    /// Removes the field.
    Remove { remove: String },
    /// Inserts one or more fields above another.
    InsertAbove { insert: String, above: String },
    /// Inserts one or more fields below another.
    InsertBelow { insert: String, below: String },
    /// Replaces text anywhere in the mail.
    Replace {
        replace: String,
        with: String,
        #[serde(default = "once")]
        times: usize,
    },
    /// Ends the mail after this text.
    CutAfter { cut_after: String },
    /// Encodes every 7bit and 8bit part.
    Encode { encode: TransferEncoding },
}

fn once() -> usize {
    1
}

impl Edit {
    /// Applies the edit to the bytes of a mail.
    ///
    /// # Errors
    /// The field or the text does not occur, or not as often as it must.
    pub(crate) fn apply(&self, raw: &[u8]) -> Result<Vec<u8>, Problem> {
        match self {
            Self::Set { set } => {
                let name = set.split_once(':').map_or(set.as_str(), |(name, _)| name);
                Ok(spliced(raw, field(raw, name)?, &line(set)))
            }
            Self::Remove { remove } => Ok(spliced(raw, field(raw, remove)?, b"")),
            Self::InsertAbove { insert, above } => {
                let start = field(raw, above)?.start;
                Ok(spliced(raw, start..start, &line(insert)))
            }
            Self::InsertBelow { insert, below } => {
                let end = field(raw, below)?.end;
                Ok(spliced(raw, end..end, &line(insert)))
            }
            Self::Replace { replace, with, times } => {
                let found = occurrences(raw, replace, *times)?;
                // From the end, so that the places before stay where they are.
                let new = text(with);
                Ok(found.into_iter().rev().fold(raw.to_vec(), |mail, place| spliced(&mail, place, &new)))
            }
            Self::CutAfter { cut_after } => {
                let found = occurrences(raw, cut_after, 1)?;
                let end = found.first().map_or(raw.len(), |place| place.end);
                Ok(spliced(raw, end..raw.len(), b""))
            }
            Self::Encode { encode } => encode.apply(raw),
        }
    }
}

/// Text of a case as it is in the mail: UTF-8 with CR LF.
fn text(written: &str) -> Vec<u8> {
    written.replace('\n', "\r\n").into_bytes()
}

/// The same as one or more whole lines.
fn line(written: &str) -> Vec<u8> {
    [text(written).as_slice(), b"\r\n"].concat()
}

/// The mail with other bytes at one place.
fn spliced(raw: &[u8], place: Range<usize>, new: &[u8]) -> Vec<u8> {
    let mut mail = raw.to_vec();
    mail.splice(place, new.iter().copied());
    mail
}

/// Where the text occurs, which must be so many places.
fn occurrences(raw: &[u8], written: &str, expected: usize) -> Result<Vec<Range<usize>>, Problem> {
    let wanted = text(written);
    let mut places: Vec<Range<usize>> = Vec::new();
    for start in 0..raw.len() {
        let free = places.last().is_none_or(|last| last.end <= start);
        if free && !wanted.is_empty() && raw.get(start..).is_some_and(|rest| rest.starts_with(&wanted)) {
            places.push(start..start + wanted.len());
        }
    }
    if places.len() == expected && expected > 0 {
        return Ok(places);
    }
    Err(Problem::Occurs { found: places.len(), expected, text: written.to_owned() })
}
