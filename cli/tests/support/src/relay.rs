//! The program, and a relay process of its own for each test.

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The mail domain of every relay.
pub const DOMAIN: &str = "mfa.example.com";

/// The path of the built program. Only cargo knows it, when it compiles a test: `env!("CARGO_BIN_EXE_mfa-relay")`.
#[derive(Debug, Clone, Copy)]
pub struct Program(pub &'static str);

/// A process that runs `mfa-relay serve`. It keeps its addresses when it is started again, and is killed on drop.
pub struct Relay {
    program: Program,
    folder: TempDir,
    options: Vec<String>,
    process: Child,
    reader: Option<JoinHandle<()>>,
    log: Arc<Mutex<Vec<String>>>,
    log_gate: Arc<Mutex<()>>,
    /// The address of its HTTP server.
    pub http: String,
    /// The address of its SMTP server.
    pub smtp: String,
}

/// An enrolled mailbox, with what `enroll add` answered.
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// The mailbox.
    pub mailbox: String,
    /// Its relay address.
    pub relay_address: String,
    /// Its prestage URL, token included.
    pub prestage_url: String,
    /// Its token.
    pub token: String,
}

impl Program {
    /// A command without the settings in the tester's own environment.
    pub fn command(self) -> Command {
        let mut command = Command::new(self.0);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("MFA_RELAY_")) {
            command.env_remove(name);
        }
        command
    }

    fn serve(self, data: &Path, options: &[String], http: &str, smtp: &str) -> (Child, impl BufRead + Send + 'static) {
        let mut command = self.command();
        command.args(["serve", "--domain", DOMAIN, "--http", http, "--smtp", smtp, "--data"]).arg(data).args(options);
        let mut process = command.stdout(Stdio::piped()).spawn().expect("the program starts");
        let lines = BufReader::new(process.stdout.take().expect("its standard output"));
        (process, lines)
    }
}

impl Enrolment {
    /// Takes the fields from an answer of `enroll add`.
    pub fn from_answer(mailbox: &str, answer: &Value) -> Self {
        let text = |name: &str| match answer.get(name).and_then(Value::as_str) {
            Some(text) => text.to_owned(),
            None => panic!("{name} is missing in {answer}"),
        };
        Self {
            mailbox: mailbox.to_owned(),
            relay_address: text("relay_address"),
            prestage_url: text("prestage_url"),
            token: text("token"),
        }
    }
}

impl Relay {
    /// Starts a relay on free ports, in a temporary folder, with these options. Returns when it serves.
    pub fn start(program: Program, options: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let options: Vec<String> = options.iter().map(|&option| option.to_owned()).collect();
        let free_port = "127.0.0.1:0";
        let (process, lines) = program.serve(folder.path(), &options, free_port, free_port);
        let mut relay = Self {
            program,
            folder,
            options,
            process,
            reader: None,
            log: Arc::default(),
            log_gate: Arc::default(),
            http: String::new(),
            smtp: String::new(),
        };
        relay.read_log(lines);
        relay.http = relay.announced("http");
        relay.smtp = relay.announced("smtp");
        relay
    }

    /// The address of its IMAP server, if it has one.
    pub fn imap(&self) -> String {
        self.announced("imap")
    }

    /// Starts the ended process again, at the same addresses.
    pub fn restart(&mut self) {
        let (process, lines) = self.program.serve(self.folder.path(), &self.options, &self.http, &self.smtp);
        self.process = process;
        self.read_log(lines);
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.process.kill().expect("killed");
        self.process.wait().expect("ended");
        self.reader.take().map(JoinHandle::join);
    }

    /// `kill -9`, then starts the process again.
    pub fn kill_and_restart(&mut self) {
        self.kill();
        self.restart();
    }

    /// Sends SIGTERM, and returns the exit code.
    pub fn stop(&mut self) -> Option<i32> {
        self.signal("TERM");
        self.exit_code()
    }

    /// Sends a signal, for example `TERM`.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").args([&format!("-{name}"), &self.process_id().to_string()]).status();
        assert!(status.expect("kill runs").success());
    }

    /// Waits for the process to end, and returns its exit code, whether or not its last lines have been read.
    pub fn wait(&mut self) -> Option<i32> {
        self.process.wait().expect("ended").code()
    }

    /// Waits for the process to end and for its last lines, and returns its exit code.
    pub fn exit_code(&mut self) -> Option<i32> {
        let code = self.wait();
        self.reader.take().map(JoinHandle::join);
        code
    }

    /// The process id.
    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// The most memory that the process has used, in bytes (`VmHWM` of proc(5)).
    pub fn peak_memory(&self) -> usize {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process_id())).expect("a running process");
        let kib = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok());
        kib.map(|kib: usize| kib * 1024).expect("its peak")
    }

    /// The data folder.
    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    /// The lines on its standard output since the last start.
    pub fn log(&self) -> Vec<String> {
        self.log.lock().expect("no panic").clone()
    }

    /// A lock: while it is held, nobody reads the process's standard output, after at most one more line.
    pub fn log_gate(&self) -> Arc<Mutex<()>> {
        Arc::clone(&self.log_gate)
    }

    /// Runs `mfa-relay enroll … --json`, and returns the answer.
    pub fn enroll(&self, arguments: &[&str]) -> Value {
        let output = self.command(&[&["enroll"], arguments, &["--json"]].concat());
        serde_json::from_slice(&output.stdout).expect("an answer in JSON")
    }

    /// Runs the program on this relay's data folder.
    pub fn command(&self, arguments: &[&str]) -> Output {
        let mut command = self.program.command();
        command.args(arguments).env("MFA_RELAY_DATA", self.folder.path()).env("MFA_RELAY_DOMAIN", DOMAIN);
        command.output().expect("the program runs")
    }

    /// Enrols a mailbox under the trust `addressed`, which needs no evidence.
    pub fn add_mailbox(&self, mailbox: &str) -> Enrolment {
        self.add_mailbox_under(mailbox, "addressed")
    }

    /// Enrols a mailbox under this trust.
    pub fn add_mailbox_under(&self, mailbox: &str, trust: &str) -> Enrolment {
        Enrolment::from_answer(mailbox, &self.enroll(&["add", mailbox, "--trust", trust]))
    }

    /// Gives an enrolled mailbox one more program. The result is its enrolment as that program knows it.
    pub fn add_program(&self, enrolment: &Enrolment, label: &str) -> Enrolment {
        let answer = self.enroll(&["token", "add", &enrolment.mailbox, "--label", label]);
        Enrolment::from_answer(&enrolment.mailbox, &answer)
    }

    /// Starts the ended process again while another process holds the store, which lets go of it after this time.
    #[expect(clippy::disallowed_methods, reason = "nothing shows from outside that a process waits for a lock")]
    pub fn restart_beside_holder(&mut self, holds_for: Duration) {
        let store = Connection::open(self.data().join("relay.db")).expect("the store");
        store.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE").expect("held");
        let holder = thread::spawn(move || {
            thread::sleep(holds_for);
            drop(store);
        });
        self.restart();
        holder.join().expect("no panic");
    }

    /// Kills the process, changes its store by these statements, and starts it again.
    pub fn change_store(&mut self, sql: &str) {
        self.kill();
        let store = Connection::open(self.data().join("relay.db")).expect("the store");
        store.execute_batch(sql).expect("changed");
        store.close().expect("closed");
        self.restart();
    }

    /// Makes every request so many seconds older, as if the time had passed. Starts the process again.
    pub fn age_requests(&mut self, seconds: i64) {
        self.kill();
        let store = Connection::open(self.data().join("relay.db")).expect("the store");
        let mut select = store.prepare("SELECT tag, record FROM request").expect("the table");
        let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
        for row in rows.collect::<Result<Vec<(String, String)>, _>>().expect("rows") {
            let (tag, record) = row;
            let mut record: Value = serde_json::from_str(&record).expect("JSON");
            let requests = record.get_mut("entries").and_then(Value::as_array_mut).expect("requests");
            for request in requests {
                for name in ["opened_at", "expires_at"] {
                    let time: Timestamp = request[name].as_str().and_then(|time| time.parse().ok()).expect("a time");
                    request[name] = Value::String((time - SignedDuration::from_secs(seconds)).to_string());
                }
            }
            let values = (tag, record.to_string());
            store.execute("UPDATE request SET record = ?2 WHERE tag = ?1", values).expect("written");
        }
        store.execute("UPDATE ending SET at = at - ?1", [seconds]).expect("written");
        drop(select);
        store.close().expect("closed");
        self.restart();
    }

    /// Why the last mail was refused: a string, or null if it was accepted.
    pub fn last_refusal(&self, enrolment: &Enrolment) -> Value {
        self.enroll(&["show", &enrolment.mailbox]).get("last_refusal").expect("a field").clone()
    }

    fn read_log(&mut self, lines: impl BufRead + Send + 'static) {
        self.log.lock().expect("no panic").clear();
        let (log, gate) = (Arc::clone(&self.log), Arc::clone(&self.log_gate));
        self.reader = Some(thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                log.lock().expect("no panic").push(line);
                drop(gate.lock().expect("no panic"));
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

/// Waits until a condition holds. Returns `false` if it does not within 30 seconds.
pub fn eventually(mut holds: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds() {
        if Instant::now() > deadline {
            return false;
        }
        thread::park_timeout(Duration::from_millis(5));
    }
    true
}

/// The bytes of every file in a data folder, concatenated.
pub fn stored_bytes(data: &Path) -> Vec<u8> {
    let files = fs::read_dir(data).expect("the data folder").filter_map(Result::ok);
    files.filter_map(|file| fs::read(file.path()).ok()).flatten().collect()
}
