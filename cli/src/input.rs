//! Where a command's data comes from: a file, or stdin when that is `-` or nothing.

use std::fs::File;
use std::io::{self, Cursor, IsTerminal as _, Read};
use std::path::Path;

use zeroize::Zeroizing;
use zkv_streams::Stream;
use zkvault::documents::{self, RunError, SiteWork};
use zkvault_core::document::{Sniffed, sniff};
use zkvault_core::text::{self, TextError};
use zkvault_core::{SecretBuffer, SecretBytes, SecretText};

use crate::error::{CliError, Exit, Result};
use crate::output::{self, shown_path};

/// White space before a document is read up to here; nobody writes that much.
const MAX_SNIFFED_LEN: usize = 64 * 1024;
/// Bytes that are read at a time.
const PIECE_LEN: usize = 8 * 1024;

/// An open source and the name that messages use for it.
pub(crate) struct Input {
    reader: Box<dyn Read + Send>,
    name: String,
}

/// What an input turned out to be.
pub(crate) enum Content {
    /// A JSON document.
    Document(Input),
    /// Anything else.
    Bare(Input),
}

impl Input {
    /// Opens `path`; `-` and `None` are stdin. A terminal is read only when `-` says so: otherwise the program
    /// would seem to hang.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self> {
        match path {
            None if io::stdin().is_terminal() => Err(CliError::usage("no input was given")
                .hint("name a file, pipe something in, or give - to type or paste it")),
            Some(path) if path != Path::new("-") => Ok(Self {
                reader: Box::new(open_file(path)?),
                name: shown_path(path),
            }),
            _ => Ok(Self {
                reader: Box::new(EndsOnce(Some(stdin()?))),
                name: "standard input".to_owned(),
            }),
        }
    }

    /// Reads as far as it takes to tell a document from something else.
    pub(crate) fn sniffed(mut self) -> Result<Content> {
        // As much as is ever kept, at once: a buffer that grows leaves copies behind.
        let mut first = Zeroizing::new(Vec::with_capacity(MAX_SNIFFED_LEN));
        loop {
            if let Some(content) = sniff(&first).map_err(|error| self.refused(error))? {
                self.reader = Box::new(Cursor::new(first).chain(self.reader));
                return Ok(match content {
                    Sniffed::Document => Content::Document(self),
                    Sniffed::Bare => Content::Bare(self),
                });
            }
            let room = (MAX_SNIFFED_LEN - first.len()) as u64;
            let read = self.reader.by_ref().take(room.min(4096)).read_to_end(&mut first);
            match read.map_err(|error| self.error(&error))? {
                0 if first.len() == MAX_SNIFFED_LEN => {
                    return Err(self.refused(format!("its first {MAX_SNIFFED_LEN} bytes are white space")));
                }
                0 if first.is_empty() => return Err(self.empty()),
                // Too short to be a document.
                0 => {
                    self.reader = Box::new(Cursor::new(first));
                    return Ok(Content::Bare(self));
                }
                _ => {}
            }
        }
    }

    /// Reads everything, which may be nothing, at most `limit` bytes.
    ///
    /// The buffer grows with what is read. Room for the limit from the start would be a megabyte that is wiped for a line.
    pub(crate) fn read_all(&mut self, limit: usize) -> Result<SecretBytes> {
        let (mut bytes, mut piece) = (SecretBuffer::new(), Zeroizing::new(vec![0; PIECE_LEN]));
        loop {
            match self.reader.read(&mut piece) {
                Ok(0) => return Ok(bytes.into()),
                Ok(read) => bytes.extend(piece.get(..read).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.error(&error)),
            }
            if bytes.len() > limit {
                return Err(self.refused(format!("it is longer than {limit} bytes")));
            }
        }
    }

    /// Reads everything as text in any encoding that is read, at most `limit` bytes.
    pub(crate) fn read_text(&mut self, limit: usize) -> Result<SecretText> {
        let bytes = self.read_all(limit)?;
        let mut buffer = SecretBuffer::new();
        let text = text::decode(bytes.expose_secret(), &mut buffer).map_err(|error| self.refused(error))?;
        Ok(SecretText::from(text.to_owned()))
    }

    /// Reads everything as base64, at most `limit` bytes: on one line or several, perhaps in the quotation marks of a JSON
    /// string, as `zkv encrypt --json` prints it. What else it contains is for the parser to refuse.
    pub(crate) fn read_base64(mut self, limit: usize) -> Result<SecretText> {
        let bytes = self.read_all(limit)?;
        if let Some(what) = foreign(bytes.expose_secret()) {
            return Err(self.refused(what));
        }
        let mut buffer = SecretBuffer::new();
        let text = match text::decode(bytes.expose_secret(), &mut buffer) {
            // No base64 either, which the parser says of whatever it looks for.
            Err(TextError::NotUtf8) => "\u{fffd}",
            text => text.map_err(|error| self.refused(error))?,
        };
        match text::trimmed(text) {
            "" => Err(self.empty()),
            text if text.starts_with('<') => {
                Err(self.refused("it is HTML or XML, as a login page or a proxy sends it"))
            }
            text => Ok(text::unwrapped(text)),
        }
    }

    /// Runs `work` on every site of this document, and `take` on the results, in their order.
    pub(crate) fn each_site<W: SiteWork<Error = CliError>>(
        self,
        work: W,
        take: impl FnMut(&[u8], W::Report) -> Result<()>,
    ) -> Result<()> {
        let name = self.name.clone();
        documents::run(self.reader, work, take).map_err(|error| match error {
            RunError::Read(error) => unreadable(&name, &error),
            RunError::Refused(error) => refused(&name, error),
            RunError::Site { index, source } => in_site(source, index),
            RunError::Take(error) => error,
            RunError::Ended(error) => error.into(),
            error => CliError::new(Exit::Other, "internal", error.to_string()),
        })
    }

    /// What messages call it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// A failed read of this source.
    pub(crate) fn error(&self, error: &io::Error) -> CliError {
        unreadable(&self.name, error)
    }

    /// This source holds something that cannot be used.
    pub(crate) fn refused(&self, cause: impl ToString) -> CliError {
        refused(&self.name, cause)
    }

    fn empty(&self) -> CliError {
        CliError::new(Exit::Other, "empty", format!("{} is empty", self.name))
    }
}

/// Standard input; not one that was closed, of which the runtime makes an empty one.
pub(crate) fn stdin() -> Result<io::Stdin> {
    match Stream::Input.was_closed() {
        true => Err(unreadable("standard input", &output::was_closed())),
        false => Ok(io::stdin()),
    }
}

/// What a file is whose first bytes are those of another format: none of them is base64.
fn foreign(bytes: &[u8]) -> Option<&'static str> {
    const FORMATS: [(&[u8], &str); 4] = [
        (b"\x1f\x8b", "it is compressed by gzip: decompress it first"),
        (b"\x28\xb5\x2f\xfd", "it is compressed by zstd: decompress it first"),
        (b"PK\x03\x04", "it is a ZIP archive: unpack it first"),
        (b"%PDF-", "it is a PDF document"),
    ];
    let mut formats = FORMATS.iter().filter(|(mark, _)| bytes.starts_with(mark));
    formats.next().map(|(_, what)| *what)
}

fn unreadable(name: &str, error: &io::Error) -> CliError {
    CliError::io(&format!("cannot read {name}"), error)
}

fn refused(name: &str, cause: impl ToString) -> CliError {
    CliError::new(Exit::Other, "malformed", format!("{name} was refused")).cause(cause)
}

fn in_site(error: CliError, index: u64) -> CliError {
    let message = format!("{} (site {} of the document)", error.message, index + 1);
    CliError { message, ..error }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer)
    }
}

/// A terminal ends at every Ctrl-D and then continues: here the first end is the end.
struct EndsOnce<R>(Option<R>);

impl<R: Read> Read for EndsOnce<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(reader) = &mut self.0 else { return Ok(0) };
        let read = reader.read(buffer)?;
        if read == 0 && !buffer.is_empty() {
            self.0 = None;
        }
        Ok(read)
    }
}

/// Opens a file. A folder is refused here, where its name is known, and not when it is read.
fn open_file(path: &Path) -> Result<File> {
    let opened = File::open(path).and_then(|file| match file.metadata()?.is_dir() {
        true => Err(io::ErrorKind::IsADirectory.into()),
        false => Ok(file),
    });
    // Windows opens no folder, and says that access is denied.
    let opened = opened.map_err(|error| match path.is_dir() {
        true => io::ErrorKind::IsADirectory.into(),
        false => error,
    });
    opened.map_err(|error| CliError::file("open", path, &error))
}
