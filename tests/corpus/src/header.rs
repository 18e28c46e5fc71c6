//! Finding a field in a mail's header section.

use crate::error::Problem;
use std::ops::Range;

/// Where the topmost field of this name is, folded lines and the last line end included.
pub(crate) fn field(raw: &[u8], name: &str) -> Result<Range<usize>, Problem> {
    let start_of_field = [name.as_bytes(), b":"].concat();
    let mut found: Option<Range<usize>> = None;
    let mut start = 0;
    for line in raw.split_inclusive(|&byte| byte == b'\n') {
        let end = start + line.len();
        match &mut found {
            Some(field) if line.starts_with(b" ") || line.starts_with(b"\t") => field.end = end,
            Some(_) => break,
            None if line == b"\r\n" => break,
            None if line.starts_with(&start_of_field) => found = Some(start..end),
            None => {}
        }
        start = end;
    }
    found.ok_or_else(|| Problem::NoField(name.to_owned()))
}

/// The text of the topmost field of this name, folded lines included, without its name.
pub(crate) fn value(raw: &[u8], name: &str) -> Result<String, Problem> {
    let field = raw.get(field(raw, name)?).unwrap_or_default();
    let text = String::from_utf8_lossy(field);
    Ok(text.split_once(':').map_or("", |(_, value)| value).trim().to_owned())
}
