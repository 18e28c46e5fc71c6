//! How long the relay takes to read mails that are built to take long, at doubling sizes:
//! `cargo bench -p relay --bench worst_case`. `cargo bench -p cli --bench home` measures the same with the evidence.
//!
//! Time must double with the size, and stay below 50 ms for the largest mail that is read.
#![allow(clippy::expect_used, reason = "a benchmark may say what it takes for granted")]

use corpus::WORST_CASES;
use relay::evidence::{Evidence, Receiver, Signatures};
use relay::extract;
use relay::mail::{LARGEST_MAIL, Mail};
use relay::provider::Provider;

fn main() {
    divan::main();
}

#[divan::bench(args = WORST_CASES.iter().map(|case| case.name), consts = [131_072, 262_144, 524_288, LARGEST_MAIL], sample_count = 3, sample_size = 1)]
fn judged<const SIZE: usize>(bencher: divan::Bencher<'_, '_>, name: &str) {
    let case = WORST_CASES.iter().find(|case| case.name == name).expect("a case");
    let mail = case.mail(SIZE);
    let provider = Provider::named(Provider::DEFAULT).expect("a provider");
    let receiver = Receiver::named("amazonses.com".to_owned());
    bencher.bench(|| {
        let mail = Mail::parse(&mail).ok()?;
        let signatures = Signatures::of(&mail);
        let evidence = Evidence::reported_by(&receiver, &mail, &signatures);
        let shown = (mail.sole_from(), mail.sole_to(), mail.date(), mail.subject().map(str::len));
        let code = mail.body().ok().map(|body| extract::code(provider, &body).is_ok());
        Some((evidence, shown, code))
    });
}
