//! Any bytes as a mail of a provider: where another reader finds another From, To or Date, or other fields, the relay
//! does not read it as one.
#![no_main]

use libfuzzer_sys::fuzz_target;
use relay::mail::Mail;
use relay::verdict::mail::provider_of;

#[path = "../../relay/tests/differential/readers.rs"]
mod readers;

fuzz_target!(|raw: &[u8]| {
    let Ok(mail) = Mail::parse(raw) else { return };
    // Without a body there is no code.
    if provider_of(&mail).is_some() && !mail.raw_body().is_empty() {
        readers::compare(raw, &mail);
    }
});
