//! Any JSON as SES's announcement of a mail.
#![no_main]

use libfuzzer_sys::fuzz_target;

/// The room itself and not its crate, which would bring the AWS SDK along.
#[path = "../../functions/src/event/ses.rs"]
mod ses;

fuzz_target!(|raw: &[u8]| {
    let Ok(event) = serde_json::from_slice(raw) else { return };
    let now = "2026-11-21T20:02:00Z".parse().expect("a timestamp");
    for mail in ses::announcements(&event, now) {
        // The name becomes a key in the bucket.
        assert!(!mail.id.as_str().contains('/') && !mail.id.as_str().starts_with('.'));
    }
});
