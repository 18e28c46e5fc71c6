//! Any JSON as SES's event.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|raw: &[u8]| {
    let Ok(event) = serde_json::from_slice(raw) else { return };
    let now = "2026-11-21T20:02:00Z".parse().expect("a timestamp");
    for mail in ses::event::mails(&event, now) {
        // The id becomes a key in the bucket.
        assert!(!mail.id.as_str().contains('/') && !mail.id.as_str().starts_with('.'));
    }
});
