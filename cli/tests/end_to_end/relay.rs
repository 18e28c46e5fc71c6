//! A relay of its own for each test.

use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_mfa-relay");
pub(crate) const DOMAIN: &str = "mfa.example.com";

/// A program that serves, on addresses that it keeps when it is started again.
pub(crate) struct Relay {
    folder: TempDir,
    options: Vec<String>,
    pub(crate) process: Child,
    reader: Option<JoinHandle<()>>,
    log: Arc<Mutex<Vec<String>>>,
    pub(crate) http: String,
    pub(crate) smtp: String,
}

/// What enrolling gave.
#[derive(Debug, Clone)]
pub(crate) struct Enrolment {
    pub(crate) mailbox: String,
    pub(crate) relay_address: String,
    pub(crate) prestage_url: String,
    pub(crate) token: String,
}

impl Relay {
    /// A relay that asks no name server.
    pub(crate) fn start() -> Self {
        Self::with(&["--resolver", "none"])
    }

    pub(crate) fn with(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let options: Vec<String> = options.iter().map(|&option| option.to_owned()).collect();
        let free = "127.0.0.1:0";
        let (process, lines) = spawn(folder.path(), &options, free, free);
        let mut relay = Self {
            folder,
            options,
            process,
            reader: None,
            log: Arc::default(),
            http: String::new(),
            smtp: String::new(),
        };
        relay.listen(lines);
        relay.http = relay.announced("http");
        relay.smtp = relay.announced("smtp");
        relay
    }

    /// Starts again what has ended, at the same addresses.
    pub(crate) fn start_again(&mut self) {
        let (process, lines) = spawn(self.folder.path(), &self.options, &self.http, &self.smtp);
        self.process = process;
        self.listen(lines);
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.process.kill().expect("killed");
        self.process.wait().expect("gone");
        self.reader.take().map(JoinHandle::join);
    }

    pub(crate) fn kill_and_start_again(&mut self) {
        self.kill();
        self.start_again();
    }

    /// SIGTERM, and the exit code.
    pub(crate) fn stop(&mut self) -> Option<i32> {
        self.signal("TERM");
        self.exit_code()
    }

    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args([&format!("-{name}"), &self.process.id().to_string()]).status();
        assert!(status.expect("kill runs").success());
    }

    pub(crate) fn exit_code(&mut self) -> Option<i32> {
        let code = self.process.wait().expect("gone").code();
        self.reader.take().map(JoinHandle::join);
        code
    }

    pub(crate) fn data(&self) -> &Path {
        self.folder.path()
    }

    /// The lines that the relay has written.
    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().expect("nobody panicked").clone()
    }

    /// Runs `mfa-relay enroll … --json`.
    pub(crate) fn enroll(&self, arguments: &[&str]) -> Value {
        let output = self.command(&[&["enroll"], arguments, &["--json"]].concat());
        serde_json::from_slice(&output.stdout).expect("an answer in JSON")
    }

    /// Runs the program on this relay's data.
    pub(crate) fn command(&self, arguments: &[&str]) -> Output {
        let mut command = program();
        command.args(arguments).env("MFA_RELAY_DATA", self.folder.path()).env("MFA_RELAY_DOMAIN", DOMAIN);
        command.output().expect("the program runs")
    }

    /// Enrols a mailbox whose mails need no proof.
    pub(crate) fn enrolled(&self, mailbox: &str) -> Enrolment {
        self.enrolled_with(mailbox, "addressed")
    }

    pub(crate) fn enrolled_with(&self, mailbox: &str, trust: &str) -> Enrolment {
        let answer = self.enroll(&["add", mailbox, "--trust", trust]);
        let text = |name: &str| answer[name].as_str().unwrap_or_else(|| panic!("{name} in {answer}")).to_owned();
        let mailbox = mailbox.to_owned();
        Enrolment {
            mailbox,
            relay_address: text("relay_address"),
            prestage_url: text("prestage_url"),
            token: text("token"),
        }
    }

    pub(crate) fn last_refusal(&self, enrolment: &Enrolment) -> Value {
        self.enroll(&["show", &enrolment.mailbox])["last_refusal"].clone()
    }

    fn listen(&mut self, lines: impl BufRead + Send + 'static) {
        self.log.lock().expect("nobody panicked").clear();
        let log = Arc::clone(&self.log);
        self.reader = Some(thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                log.lock().expect("nobody panicked").push(line);
            }
        }));
        let serves = || self.log().iter().any(|line| line == "serving");
        assert!(eventually(serves), "the relay does not start: {:?}", self.log());
    }

    fn announced(&self, name: &str) -> String {
        let line = self.log().into_iter().find(|line| line.starts_with(&format!("{name} ")));
        line.and_then(|line| line.split_whitespace().last().map(str::to_owned)).expect("an announced address")
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The program without the tester's own settings.
pub(crate) fn program() -> Command {
    let mut command = Command::new(PROGRAM);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("MFA_RELAY_")) {
        command.env_remove(name);
    }
    command
}

fn spawn(
    data: &Path,
    options: &[String],
    http: &str,
    smtp: &str,
) -> (Child, BufReader<impl std::io::Read + Send + 'static>) {
    let mut command = program();
    command.args(["serve", "--domain", DOMAIN, "--http", http, "--smtp", smtp, "--data"]).arg(data).args(options);
    let mut process = command.stdout(Stdio::piped()).spawn().expect("the program runs");
    let lines = BufReader::new(process.stdout.take().expect("its output"));
    (process, lines)
}

/// Whether something comes true within half a minute.
pub(crate) fn eventually(mut holds: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds() {
        if Instant::now() > deadline {
            return false;
        }
        thread::park_timeout(Duration::from_millis(5));
    }
    true
}

/// Every file of the data folder, in one.
pub(crate) fn stored_bytes(data: &Path) -> Vec<u8> {
    let files = fs::read_dir(data).expect("the data folder").filter_map(Result::ok);
    files.filter_map(|file| fs::read(file.path()).ok()).flatten().collect()
}
