//! A terminal of a given size, what it shows, and a person who types at it.

use std::io::{Read as _, Write};
use std::num::NonZeroU16;
use std::sync::{Arc, Mutex};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use zkvault_test_support::Desk;

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A terminal in which a program runs.
pub(crate) struct Pty {
    child: Box<dyn Child + Send + Sync>,
    writer: Box<dyn Write + Send>,
    screen: Arc<Mutex<Screen>>,
    /// It ends the program's reads when it is dropped.
    master: Box<dyn MasterPty + Send>,
    reader: JoinHandle<()>,
}

struct Screen {
    parser: vt100::Parser,
    /// All that was written, in order.
    written: String,
    /// How much of it has been waited for.
    seen: usize,
}

impl Pty {
    /// Runs a shell command at a desk, where `zkv` is the program. There is no passphrase in the environment.
    pub(crate) fn run(desk: &Desk, rows: u16, cols: u16, command: &str) -> Self {
        Self::run_with(desk, (rows, cols), &[], command)
    }

    /// As [`Self::run`], with variables.
    pub(crate) fn run_with(desk: &Desk, (rows, cols): (u16, u16), variables: &[(&str, &str)], command: &str) -> Self {
        let pair = native_pty_system().openpty(pty_size(rows, cols)).unwrap();
        let mut shell = CommandBuilder::new("/bin/sh");
        let zkv = desk.zkv_std(&[]);
        shell.args([
            "-c",
            &format!("zkv() {{ '{}' \"$@\"; }}; {command}", env!("CARGO_BIN_EXE_zkv")),
        ]);
        for (name, value) in zkv.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            }
        }
        for name in ["ZKV_PASSPHRASE", "ZKV_NO_INPUT", "COLUMNS", "LINES"] {
            shell.env_remove(name);
        }
        for (name, value) in variables {
            shell.env(name, value);
        }
        shell.env("TERM", "xterm-256color");
        shell.cwd(desk.path(""));
        let child = pair.slave.spawn_command(shell).unwrap();
        // The reader's end comes when nobody has the terminal open any more.
        drop(pair.slave);
        let screen = Arc::new(Mutex::new(Screen {
            parser: vt100::Parser::new(size_of(rows), size_of(cols), 10_000),
            written: String::new(),
            seen: 0,
        }));
        let mut output = pair.master.try_clone_reader().unwrap();
        let writer = pair.master.take_writer().unwrap();
        let shown = Arc::clone(&screen);
        let reader = spawn(move || {
            let (mut bytes, mut rest) = ([0; 4096], Vec::new());
            // Linux reports an error in place of the end.
            while let Ok(read @ 1..) = output.read(&mut bytes) {
                let mut shown = shown.lock().unwrap();
                shown.parser.process(&bytes[..read]);
                rest.extend_from_slice(&bytes[..read]);
                let valid = match std::str::from_utf8(&rest) {
                    Ok(text) => text.len(),
                    Err(error) => error.valid_up_to(),
                };
                let text: Vec<u8> = rest.drain(..valid).collect();
                shown.written.push_str(&String::from_utf8(text).unwrap());
            }
        });
        Self {
            child,
            writer,
            screen,
            master: pair.master,
            reader,
        }
    }

    /// Waits until the text is written after what was waited for before, and returns what was written up to it.
    #[track_caller]
    pub(crate) fn wait_for(&self, text: &str) -> String {
        let start = Instant::now();
        loop {
            let mut screen = self.screen.lock().unwrap();
            let (seen, rest) = (screen.seen, &screen.written[screen.seen..]);
            if let Some(at) = rest.find(text) {
                let before = rest[..at + text.len()].to_owned();
                screen.seen = seen + at + text.len();
                return before;
            }
            assert!(start.elapsed() < PATIENCE, "{text:?} does not come after: {rest}");
            drop(screen);
            sleep(Duration::from_millis(20));
        }
    }

    /// Types a line once the text is there. A prompt that hides what is typed turns the echo off just after it.
    #[track_caller]
    pub(crate) fn reply(&mut self, prompt: &str, line: &str) -> String {
        let before = self.wait_for(prompt);
        sleep(Duration::from_millis(100));
        self.keys(&format!("{line}\r"));
        before
    }

    /// Presses keys, such as `\x03` for Ctrl-C.
    pub(crate) fn keys(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
    }

    /// Changes the size of the window.
    pub(crate) fn resize(&self, rows: u16, cols: u16) {
        self.master.resize(pty_size(rows, cols)).unwrap();
    }

    /// The lines of the screen at this moment, without white space behind them.
    pub(crate) fn screen(&self) -> Vec<String> {
        let screen = self.screen.lock().unwrap();
        let (_, cols) = screen.parser.screen().size();
        let rows = screen.parser.screen().rows(0, cols.get());
        rows.map(|row| row.trim_end().to_owned()).collect()
    }

    /// Waits for the end. Returns the exit code, and all that was written.
    #[track_caller]
    pub(crate) fn end(mut self) -> (u32, String) {
        let code = self.finish();
        let written = self.screen.lock().unwrap().written.clone();
        (code, written)
    }

    /// Waits for the end. Returns the exit code; the screen is as the program left it.
    #[track_caller]
    pub(crate) fn finish(&mut self) -> u32 {
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if start.elapsed() >= PATIENCE {
                let _ = self.child.kill();
                panic!("it does not end: {}", self.screen.lock().unwrap().written);
            }
            sleep(Duration::from_millis(20));
        };
        // What was written last may still be on its way.
        while !self.reader.is_finished() && start.elapsed() < PATIENCE {
            sleep(Duration::from_millis(5));
        }
        status.exit_code()
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
    }
}

fn pty_size(rows: u16, cols: u16) -> PtySize {
    PtySize {
        rows,
        cols,
        pixel_width: 0,
        pixel_height: 0,
    }
}

fn size_of(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).unwrap()
}

/// What a service and a desk's key file are known by, and more variables, as [`Pty::run_with`] takes them.
pub(crate) fn variables<'v>(
    service: &'v [(&'static str, String)],
    more: &[(&'v str, &'v str)],
) -> Vec<(&'v str, &'v str)> {
    let service = service.iter().map(|(name, value)| (*name, value.as_str()));
    let key_file = ("ZKV_KEY_FILE", "vault.key");
    service.chain([key_file]).chain(more.iter().copied()).collect()
}
