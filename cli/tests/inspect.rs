//! `mfa-relay inspect`, as it is typed.
#![cfg(test)]

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const OUTCOMES: [&str; 5] = ["code", "no_code", "ambiguous", "not_from_provider", "unreadable"];

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mfa-relay"));
    command.arg("inspect");
    command
}

fn mails() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/mail")
}

/// An empty folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn lines(output: &Output) -> Vec<Value> {
    let text = std::str::from_utf8(&output.stdout).expect("UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect("one JSON object per line")).collect()
}

fn inspect(path: &Path) -> Vec<Value> {
    let output = program().arg(path).output().expect("it runs");
    assert!(output.status.success(), "{output:?}");
    lines(&output)
}

#[test]
fn every_mail_of_the_corpus_has_the_outcome_that_its_file_says() {
    let reports: BTreeMap<String, Value> =
        inspect(&mails()).into_iter().map(|line| (line["file"].as_str().expect("a name").to_owned(), line)).collect();
    let mut checked = 0;
    let is_mail = |file: &str| Path::new(file).extension().is_some_and(|extension| extension == "eml");
    for (file, report) in reports.iter().filter(|(file, _)| is_mail(file)) {
        let beside = fs::read(Path::new(file).with_extension("json")).expect("its pair");
        let expected: Value = serde_json::from_slice(&beside).expect("JSON");
        let outcome = report["outcome"].as_str().expect("an outcome");
        assert_eq!(report["code"].is_string(), outcome == "code", "{report}");
        // A mail of another provider than the folder's is refused for the request's sake alone.
        let of_another = report["provider"].as_str().is_some_and(|provider| !file.contains(&format!("/{provider}/")));
        match expected["expect"]["addressed"].as_str() {
            _ if of_another => assert_eq!(outcome, "code", "{report}"),
            Some(word) if OUTCOMES.contains(&word) => assert_eq!(outcome, word, "{report}"),
            Some(digits) if digits.len() == 6 => assert_eq!(report["code"], digits, "{report}"),
            // Refused for the server's, the place's or the request's sake, which the mail knows nothing of.
            Some(_) => assert!(["code", "no_code"].contains(&outcome), "{report}"),
            // Gmail's confirmations.
            None => assert_eq!(outcome, "not_from_provider", "{report}"),
        }
        checked += 1;
    }
    assert!(checked > 100, "{checked} mails");
}

#[test]
fn evidence_and_forwarders_are_told() {
    let report = &inspect(&mails().join("arlo/forwarded-by-gmail-with-footer.eml"))[0];
    assert_eq!(report["forwarders"], serde_json::json!(["gmail"]));
    assert_eq!(report["evidence"], serde_json::json!({"spf": "gmail.com", "dkim": [], "dmarc": null}));
    assert_eq!(report["reasons"], serde_json::json!(["not_signed"]));
}

#[test]
fn a_mail_comes_from_standard_input_as_well() {
    let mail = fs::File::open(mails().join("blink/code-before-closing-strong.eml")).expect("a mail");
    let output = program().arg("-").stdin(mail).output().expect("it runs");
    let report = &lines(&output)[0];
    assert_eq!(
        (&report["file"], &report["outcome"], &report["provider"]),
        (&"-".into(), &"code".into(), &"blink".into())
    );
}

#[test]
fn a_file_that_does_not_open_has_its_line_and_the_rest_is_looked_at() {
    let mail = mails().join("arlo/2020-06-html-only.eml");
    let output = program().args(["/nowhere/x.eml".as_ref(), mail.as_os_str()]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    let outcomes: Vec<Value> = lines(&output).into_iter().map(|line| line["outcome"].clone()).collect();
    assert_eq!(outcomes, ["unreadable", "code"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot read /nowhere/x.eml: "));
}

#[test]
fn people_get_words_and_no_colours_in_a_pipe() {
    let output = program().arg("--human").arg(mails().join("arlo/spf-of-helo-only.eml")).output().expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("not_signed: Neither DKIM nor DMARC passed"), "{text}");
    assert!(!text.contains('\x1b'), "{text}");
}

#[test]
fn without_a_file_the_usage_is_told() {
    let output = program().output().expect("it runs");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_reader_who_leaves_early_is_no_error() {
    let mut child = program().arg(mails()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn a_mail_of_any_size_has_its_line() {
    let folder = folder("large");
    for (name, length) in [("empty", 0), ("limit", 1 << 20), ("over", (1 << 20) + 1), ("far-over", 8 << 20)] {
        fs::File::create(folder.join(name)).and_then(|mut file| file.write_all(&vec![b'\n'; length])).expect("written");
    }
    let told: Vec<(Value, Value)> =
        inspect(&folder).into_iter().map(|line| (line["outcome"].clone(), line["reasons"][0].clone())).collect();
    let told: Vec<(&str, &str)> = told
        .iter()
        .map(|(outcome, reason)| (outcome.as_str().expect("a word"), reason.as_str().expect("a word")))
        .collect();
    assert_eq!(
        told,
        [
            ("unreadable", "unreadable"),
            ("unreadable", "too_large"),
            ("unreadable", "unreadable"),
            ("unreadable", "too_large"),
        ]
    );
}

/// Mails of the corpus, bent by a generator of its own, so that every run tries the same ones.
struct Bent {
    mails: Vec<Vec<u8>>,
    state: u64,
}

impl Bent {
    fn new() -> Self {
        let entries =
            |folder: PathBuf| fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
        let mut paths: Vec<PathBuf> = entries(mails()).filter(|path| path.is_dir()).flat_map(entries).collect();
        paths.sort();
        let eml = paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "eml"));
        Self { mails: eml.map(|path| fs::read(path).expect("a mail")).collect(), state: 1 }
    }

    /// `SplitMix64` (Steele, Lea and Flood 2014).
    fn below(&mut self, end: usize) -> usize {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from(z >> 33).expect("31 bits") % end.max(1)
    }

    fn next(&mut self) -> Vec<u8> {
        let which = self.below(self.mails.len());
        let mut mail = self.mails[which].clone();
        for _ in 0..=self.below(8) {
            let other = self.below(self.mails.len());
            let (at, from) = (self.below(mail.len()), self.below(self.mails[other].len()));
            let (cut, put) = (self.below(200), self.below(200));
            let piece: Vec<u8> = self.mails[other].iter().skip(from).take(put).copied().collect();
            mail.splice(at..(at + cut).min(mail.len()), piece);
            if let at @ 1.. = self.below(mail.len()) {
                mail[at] = u8::try_from(self.below(256)).expect("a byte");
            }
        }
        mail
    }
}

#[test]
fn ten_thousand_hostile_mails_give_ten_thousand_lines() {
    const MAILS: usize = 10_000;
    let folder = folder("hostile");
    let mut bent = Bent::new();
    for name in 0..MAILS {
        fs::write(folder.join(format!("{name}.eml")), bent.next()).expect("written");
    }
    let reports = inspect(&folder);
    assert_eq!(reports.len(), MAILS);
    assert!(reports.iter().all(|report| OUTCOMES.contains(&report["outcome"].as_str().expect("a word"))));
    fs::remove_dir_all(&folder).expect("removed");
}
