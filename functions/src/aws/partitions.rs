//! Skips the SDK's table of partitions, which lists every region of AWS with the domain of its endpoints.
//!
//! Each SDK crate parses its own copy when its first client is built, even if that client resolves its endpoints
//! otherwise, as all clients here do ([`endpoints`](super::endpoints)). Measured at the start of `prestage`, with three
//! clients: 1.4 of 10.8 million instructions and 212 of 480 kB of allocations. The SDK reads the table from a file instead
//! if `SMITHY_CLIENT_SDK_CUSTOM_PARTITION` names one (<https://github.com/smithy-lang/smithy-rs/pull/3610>). The template
//! names one in `/tmp`, and this module writes it.

use crate::environment::Misconfigured;
use std::path::Path;
use std::{env, fs, io, process};

/// Read by the SDK. If it is unset, the SDK parses its own table: slower, and otherwise the same.
const VARIABLE: &str = "SMITHY_CLIENT_SDK_CUSTOM_PARTITION";

const EMPTY_TABLE: &str = r#"{"version":"1.1","partitions":[]}"#;

/// Writes an empty table to the file that the variable names. Call it before the first client is built: the SDK panics
/// if the file is missing or no table.
///
/// # Errors
/// The file cannot be written.
pub(super) fn skip() -> Result<(), Misconfigured> {
    let Some(path) = env::var_os(VARIABLE) else { return Ok(()) };
    write(Path::new(&path)).map_err(|_| Misconfigured::new(VARIABLE, "not the path of a file that can be written"))
}

/// Atomic, because functions that run on one machine, as in tests, share the file.
fn write(path: &Path) -> io::Result<()> {
    let unfinished = path.with_added_extension(process::id().to_string());
    fs::write(&unfinished, EMPTY_TABLE)?;
    fs::rename(unfinished, path)
}
