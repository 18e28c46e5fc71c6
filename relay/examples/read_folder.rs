//! Reads every mail in a folder and its subfolders, and reports what the relay finds in them:
//! `cargo run --release -p relay --example read_folder -- FOLDER`.
//!
//! Each mail is judged as under the trust `addressed`. Printed are the codes with the fields that the rules read, the
//! mails that crash the relay, how often each outcome occurs, and the slowest mails. A crash must not end the report, and
//! a release build aborts on panic, so the mails are judged in a process of its own.

use relay::address::Address;
use relay::inspection::{Content, Inspection};
use relay::mail::{LARGEST_MAIL, Mail};
use ses::AMAZON_SES;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// The argument of the process that judges. It reads paths, each ended by NUL, and answers each with a line.
const JUDGE: &str = "--judge";

/// How many of the slowest mails are printed.
const SLOWEST: usize = 10;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let done = match arguments.as_slice() {
        [judge] if judge == JUDGE => judge_all(io::stdin().lock(), io::stdout().lock()),
        [folder] => std::env::current_exe().and_then(|own| {
            let judge = || {
                let mut command = Command::new(&own);
                command.arg(JUDGE);
                command
            };
            report(Path::new(folder), judge, &mut io::stdout().lock())
        }),
        _ => Err(io::Error::other("usage: read_folder FOLDER")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("read_folder: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What the judge finds in one mail.
struct Finding {
    outcome: String,
    took: Duration,
    /// Code, From, To and Date, separated by tabs; only if the outcome is a code.
    code: String,
}

impl Finding {
    fn crash() -> Self {
        Self { outcome: "crash".to_owned(), took: Duration::ZERO, code: String::new() }
    }
}

/// Prints the report on a folder. `judge` makes the command of the process that judges.
fn report(folder: &Path, judge: impl Fn() -> Command, out: &mut impl Write) -> io::Result<()> {
    let mut outcomes: BTreeMap<String, usize> = BTreeMap::new();
    let mut times = Vec::new();
    let mut process = Judge::start(judge())?;
    for path in files(folder)? {
        let finding = process.ask(&path)?;
        if finding.is_none() {
            process = Judge::start(judge())?;
            writeln!(out, "crash\t{}", path.display())?;
        }
        let finding = finding.unwrap_or_else(Finding::crash);
        if finding.outcome == "code" {
            writeln!(out, "code\t{}\t{}", finding.code, path.display())?;
        }
        *outcomes.entry(finding.outcome).or_default() += 1;
        times.push((finding.took, path));
    }
    writeln!(out, "\n{} mails in {:.1?}", times.len(), times.iter().map(|(took, _)| *took).sum::<Duration>())?;
    for (outcome, count) in outcomes {
        writeln!(out, "{count:7} {outcome}")?;
    }
    writeln!(out, "\nThe slowest:")?;
    times.sort_by(|one, other| other.cmp(one));
    for (took, path) in times.iter().take(SLOWEST) {
        writeln!(out, "{:7.2} ms  {}", took.as_secs_f64() * 1e3, path.display())?;
    }
    Ok(())
}

/// Every file in a folder and its subfolders, in the order of their names. Links to folders are not followed.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else if entry.path().is_file() {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The process that judges.
struct Judge {
    process: Child,
    paths: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Judge {
    fn start(mut command: Command) -> io::Result<Self> {
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let pipes = process.stdin.take().zip(process.stdout.take());
        let (paths, answers) = pipes.ok_or_else(|| io::Error::other("the process has no pipes"))?;
        Ok(Self { process, paths, answers: BufReader::new(answers) })
    }

    /// What is found in a mail; `None` if the process did not survive it.
    fn ask(&mut self, path: &Path) -> io::Result<Option<Finding>> {
        let sent = self.paths.write_all(&[path.as_os_str().as_bytes(), b"\0"].concat());
        let mut answer = String::new();
        if sent.is_err() || self.answers.read_line(&mut answer)? == 0 {
            self.process.wait()?;
            return Ok(None);
        }
        let mut fields = answer.trim_end_matches('\n').splitn(3, '\t');
        let outcome = fields.next().unwrap_or_default().to_owned();
        let micros = fields.next().and_then(|field| field.parse().ok()).unwrap_or_default();
        let code = fields.next().unwrap_or_default().to_owned();
        Ok(Some(Finding { outcome, took: Duration::from_micros(micros), code }))
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Judges every mail that is asked for.
fn judge_all(mut paths: impl BufRead, mut answers: impl Write) -> io::Result<()> {
    let mut path = Vec::new();
    while paths.read_until(0, &mut path)? > 0 {
        let answer = judge(Path::new(OsStr::from_bytes(path.strip_suffix(b"\0").unwrap_or(&path))));
        writeln!(answers, "{answer}")?;
        answers.flush()?;
        path.clear();
    }
    Ok(())
}

/// The outcome, the time in microseconds, and of a code what [`Finding::code`] holds.
fn judge(path: &Path) -> String {
    let mut raw = Vec::new();
    let opened = File::open(path).and_then(|file| file.take(LARGEST_MAIL as u64 + 1).read_to_end(&mut raw));
    if opened.is_err() {
        return "unopened\t0\t".to_owned();
    }
    let start = Instant::now();
    let inspection = Inspection::of(&raw, &AMAZON_SES);
    let took = start.elapsed().as_micros();
    let Content::Code(code) = &inspection.content else { return format!("{}\t{took}\t", inspection.outcome()) };
    let mail = Mail::parse(&raw).ok();
    let address = |address: Option<Address>| address.map_or_else(|| "-".to_owned(), |it| it.as_str().to_owned());
    let to = address(mail.as_ref().and_then(Mail::sole_to));
    let date = mail.as_ref().and_then(Mail::date).map_or_else(|| "-".to_owned(), |date| date.to_string());
    format!("code\t{took}\t{}\t{}\t{to}\t{date}", code.reveal(), address(inspection.from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_that_ends_the_judge_is_named_and_the_next_one_is_judged() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/events");
        // Answers one path, and is gone at the second.
        let judge = || {
            let mut command = Command::new("sh");
            command.args(["-c", "head -c 1 >&2; echo 'no_code\t5\t'; exit 134"]).stderr(Stdio::null());
            command
        };
        let mut out = Vec::new();
        report(&folder, judge, &mut out).expect("a report");
        let text = String::from_utf8(out).expect("UTF-8");
        let count = files(&folder).expect("files").len();
        assert!(text.contains(&format!("{count} mails in ")), "{text}");
        assert_eq!(text.matches("crash\t").count(), count / 2, "{text}");
        assert!(text.contains(&format!("{:7} no_code", count - count / 2)), "{text}");
    }
}
