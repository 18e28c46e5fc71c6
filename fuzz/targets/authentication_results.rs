//! Any text as `Authentication-Results`. Text of an attacker in any place adds nothing to the receiver's report.
#![no_main]

use libfuzzer_sys::fuzz_target;
use relay::evidence::{Evidence, Signatures};
use relay::evidence::authentication_results::AuthenticationResults;
use relay::mail::Mail;
use ses::AMAZON_SES;

fuzz_target!(|raw: &[u8]| {
    let text = String::from_utf8_lossy(raw);
    AuthenticationResults::parse(&text);
    below_the_report(&text);
    as_helo(&text);
});

/// Text below the receiver's header fields is not evidence.
fn below_the_report(text: &str) {
    let above = report("spf=fail", "mail.evil.example", "x@evil.example");
    let mail = format!("{above}X-SES-RECEIPT: x\r\n{text}");
    assert_eq!(evidence(&mail), Evidence::default());
}

/// SES copies the peer's HELO name into two header fields. The name contains no line break.
fn as_helo(text: &str) {
    let name: String = text.chars().filter(|c| !c.is_control()).collect();
    let mail = format!("{}X-SES-RECEIPT: x\r\nFrom: x@arlo.com\r\n\r\n", report("spf=pass", &name, "x@evil.example"));
    let found = evidence(&mail);
    assert!(found.dkim.is_empty() && found.dmarc.is_none(), "a HELO name signed a mail");
    assert!(found.spf.is_none_or(|domain| domain.as_str() == "evil.example"), "a HELO name passed SPF");
}

/// The header fields that SES adds (tests/mail has complete ones).
fn report(spf: &str, name: &str, sender: &str) -> String {
    format!(
        "Return-Path: <{sender}>\r\n\
         Received: from {name} (unknown [203.0.113.66])\r\n by inbound-smtp.us-east-1.amazonaws.com with SMTP id x\r\n for arlo@mfa.example.com;\r\n Sat, 21 Nov 2026 20:01:12 +0000 (UTC)\r\n\
         X-SES-Spam-Verdict: PASS\r\nX-SES-Virus-Verdict: PASS\r\n\
         Received-SPF: none (spfCheck: x) client-ip=203.0.113.66; envelope-from={sender}; helo={name};\r\n\
         Authentication-Results: amazonses.com;\r\n {spf} (spfCheck: x) client-ip=203.0.113.66; envelope-from={sender}; helo={name};\r\n dkim=none;\r\n dmarc=none;\r\n"
    )
}

fn evidence(mail: &str) -> Evidence {
    let Ok(mail) = Mail::parse(mail.as_bytes()) else { return Evidence::default() };
    Evidence::reported_by(&AMAZON_SES, &mail, &Signatures::of(&mail))
}
