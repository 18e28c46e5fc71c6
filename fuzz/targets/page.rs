//! Any text as a page, for every provider's element. What fuzz/run passes as `-timeout` bounds the time; the same page a
//! second time adds no other code.
#![no_main]

use libfuzzer_sys::fuzz_target;
use relay::extract::code;
use relay::mail::Body;
use relay::provider::Provider;
use relay::refusal::Refusal;

fuzz_target!(|raw: &[u8]| {
    let page = String::from_utf8_lossy(raw);
    for provider in ["arlo", "blink"].map(|name| Provider::named(name).expect("a provider")) {
        let found_in = |times: usize| code(provider, &Body { pages: vec![page.clone(); times], ..Body::default() });
        let (once, twice) = (found_in(1), found_in(2));
        // All pages of a mail share one budget.
        assert!(once == twice || twice == Err(Refusal::Unreadable), "{once:?} and {twice:?}");
    }
});
