//! The list of breached passwords as a file: lines `SHA-1:COUNT`, in the order of the hashes.
//!
//! It has 40 gigabytes, so it is never read: a hash is found by halving the file, with some 36 reads of a few bytes.

use std::cmp::Ordering;
use std::io::{self, Read, Seek, SeekFrom};

use sha1::{Digest as _, Sha1};
use zeroize::Zeroizing;

use super::Hash;

/// Digits of a hash.
const DIGITS: usize = 40;
/// Bytes of a line at most: a hash, a colon, a count of 20 digits, and the line's end.
const MAX_LINE: usize = DIGITS + 1 + 20 + 2;

/// The hash by which a password is looked up.
pub(super) fn hash(text: &str) -> Hash {
    Zeroizing::new(Sha1::digest(text.as_bytes()).into())
}

/// A list cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HashListError {
    /// It cannot be read.
    #[error("the list of hashes cannot be read")]
    Io(#[from] io::Error),
    /// It has something else than lines of hashes and counts.
    #[error("byte {at} begins no line of a SHA-1 hash, a colon and a count")]
    Malformed {
        /// Where, in bytes from the beginning.
        at: u64,
    },
    /// It has no line: a download that did not begin, or no file.
    #[error("the list of hashes is empty")]
    Empty,
    /// It is in the order of counts, or in none.
    #[error("the list is not in the order of its hashes: take the list that is ordered by hash")]
    NotOrdered,
}

codes!(HashListError {
    Self::Io(_) => "io",
    Self::Malformed { .. } | Self::NotOrdered | Self::Empty => "hash-list",
});

/// A list of hashes in order.
#[derive(Debug)]
pub struct HashList<R> {
    file: R,
    len: u64,
    /// The last hash.
    last: [u8; 20],
}

/// A line: where it begins and ends, and what it says.
struct Line {
    start: u64,
    end: u64,
    hash: [u8; 20],
    count: u64,
}

impl<R: Read + Seek> HashList<R> {
    /// Takes a list, and looks at a few of its lines: a list in a different order would find nothing.
    ///
    /// # Errors
    /// [`HashListError`].
    pub fn new(mut file: R) -> Result<Self, HashListError> {
        let len = file.seek(SeekFrom::End(0))?;
        let mut list = Self {
            file,
            len,
            last: [0; 20],
        };
        for part in 0..16 {
            let line = list.line_from(len / 16 * part)?;
            list.follow(line)?;
        }
        let mut line = list.line_from(len.saturating_sub(MAX_LINE as u64))?;
        while let Some(last) = line {
            let end = last.end;
            list.follow(Some(last))?;
            line = list.line_from(end)?;
        }
        match len {
            0 => Err(HashListError::Empty),
            _ => Ok(list),
        }
    }

    /// Takes a line that comes after all that were taken.
    fn follow(&mut self, line: Option<Line>) -> Result<(), HashListError> {
        let Some(line) = line else { return Ok(()) };
        if line.hash < self.last {
            return Err(HashListError::NotOrdered);
        }
        self.last = line.hash;
        Ok(())
    }

    /// The first four digits of the last hash, where they are not those of a whole list.
    ///
    /// Hashes are evenly spread, and that of Have I Been Pwned has thousands that begin with `FFFF`. One that ends before
    /// is somebody's own, or was cut off: then passwords whose hashes would come later are not found in it.
    #[must_use]
    pub fn ends_early(&self) -> Option<String> {
        let [first, second, ..] = self.last;
        let is_whole = (first, second) == (u8::MAX, u8::MAX);
        (!is_whole).then(|| format!("{first:02X}{second:02X}"))
    }

    /// How often breaches have a password; 0 if the list does not have it.
    ///
    /// # Errors
    /// [`HashListError`].
    pub fn count(&mut self, hash: &Hash) -> Result<u64, HashListError> {
        // The line is one that begins in this range.
        let (mut from, mut to) = (0, self.len);
        while from < to {
            let middle = from + (to - from) / 2;
            let Some(line) = self.line_from(middle)?.filter(|line| line.start < to) else {
                // No line begins in the upper half.
                to = middle;
                continue;
            };
            match line.hash.cmp(hash) {
                Ordering::Equal => return Ok(line.count),
                Ordering::Less => from = line.end,
                Ordering::Greater => to = middle,
            }
        }
        Ok(0)
    }

    /// The first line that begins at or after a byte.
    fn line_from(&mut self, at: u64) -> Result<Option<Line>, HashListError> {
        // A line begins after the end of the one before: so the byte before is looked at too.
        let from = at.saturating_sub(1);
        let mut bytes = [0; 2 * MAX_LINE];
        let read = self.read_at(from, &mut bytes)?;
        let bytes = bytes.get(..read).unwrap_or_default();
        let skipped = match at {
            0 => 0,
            _ => match bytes.iter().position(|byte| *byte == b'\n') {
                Some(place) => place + 1,
                None if from + read as u64 == self.len => return Ok(None),
                None => return Err(HashListError::Malformed { at }),
            },
        };
        let rest = bytes.get(skipped..).unwrap_or_default();
        let start = from + skipped as u64;
        if start >= self.len {
            return Ok(None);
        }
        let len = rest
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(rest.len(), |place| place + 1);
        let line = rest.get(..len).and_then(parse);
        let (hash, count) = line.ok_or(HashListError::Malformed { at: start })?;
        Ok(Some(Line {
            start,
            end: start + len as u64,
            hash,
            count,
        }))
    }

    fn read_at(&mut self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.seek(SeekFrom::Start(at))?;
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.file.read(rest) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }
}

/// A hash and a count, from a line with or without its end.
fn parse(line: &[u8]) -> Option<([u8; 20], u64)> {
    let line = std::str::from_utf8(line).ok()?.trim_ascii_end();
    let (digits, count) = line.split_once(':')?;
    let mut hash = [0; 20];
    hex::decode_to_slice(digits, &mut hash).ok()?;
    Some((hash, count.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn list(lines: &[(&str, u64)], end: &str) -> Vec<u8> {
        let mut lines: Vec<String> = lines
            .iter()
            .map(|(text, count)| format!("{}:{count}", hex::encode_upper(hash(text).as_slice())))
            .collect();
        lines.sort_unstable();
        lines.join(end).into_bytes()
    }

    #[test]
    fn every_hash_of_a_list_is_found_and_no_other() {
        for size in [1, 2, 3, 7, 100, 1_000] {
            let words: Vec<(String, u64)> = (0..size)
                .map(|number| (format!("word {number}"), 10_u64.pow(number % 19)))
                .collect();
            let words: Vec<(&str, u64)> = words.iter().map(|(word, count)| (word.as_str(), *count)).collect();
            for end in ["\n", "\r\n"] {
                for last in ["", end] {
                    let mut bytes = list(&words, end);
                    bytes.extend_from_slice(last.as_bytes());
                    let mut list = HashList::new(Cursor::new(bytes)).unwrap();
                    for (word, count) in &words {
                        assert_eq!(list.count(&hash(word)).unwrap(), *count, "{word} of {size}");
                        assert_eq!(list.count(&hash(&format!("{word}?"))).unwrap(), 0);
                    }
                }
            }
        }
    }

    #[test]
    fn a_list_that_was_cut_off_is_told_from_a_whole_one() {
        let early = |bytes: &str| HashList::new(Cursor::new(bytes.as_bytes())).unwrap().ends_early();
        let whole = format!("{}:3\r\n{}:1\r\n", "0".repeat(40), "F".repeat(40));
        assert_eq!(early(&whole), None);
        assert_eq!(early(&whole[..44]).as_deref(), Some("0000"));
        let other = whole.replace("FFFF", "FFFE");
        assert_eq!(early(&other).as_deref(), Some("FFFE"));
    }

    #[test]
    fn what_is_no_ordered_list_is_refused() {
        let code = |bytes: Vec<u8>| {
            HashList::new(Cursor::new(bytes))
                .map(|_| ())
                .map_err(|error| error.code())
        };
        assert_eq!(code(Vec::new()), Err("hash-list"));
        assert_eq!(code(b"password:3\n".to_vec()), Err("hash-list"));
        assert_eq!(code(vec![0; 1_000]), Err("hash-list"));
        let mut backwards: Vec<String> = (0..200)
            .map(|number| format!("{}:1\n", hex::encode(hash(&number.to_string()).as_slice())))
            .collect();
        backwards.sort_unstable();
        backwards.reverse();
        assert_eq!(code(backwards.concat().into_bytes()), Err("hash-list"));
        let error = HashList::new(Cursor::new(b"00:1".to_vec())).unwrap_err();
        assert_eq!(
            error.to_string(),
            "byte 0 begins no line of a SHA-1 hash, a colon and a count"
        );
    }

    /// Counts what is read of a file.
    struct Counted(Cursor<Vec<u8>>, usize);

    impl Read for Counted {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let read = self.0.read(buffer)?;
            self.1 += read;
            Ok(read)
        }
    }

    impl Seek for Counted {
        fn seek(&mut self, place: SeekFrom) -> io::Result<u64> {
            self.0.seek(place)
        }
    }

    #[test]
    fn a_list_is_not_read_whole() {
        let words: Vec<String> = (0..20_000).map(|number| number.to_string()).collect();
        let words: Vec<(&str, u64)> = words.iter().map(|word| (word.as_str(), 1)).collect();
        let mut list = HashList::new(Counted(Cursor::new(list(&words, "\r\n")), 0)).unwrap();
        list.file.1 = 0;
        assert_eq!(list.count(&hash("19999")).unwrap(), 1);
        assert!(list.file.1 < 25 * 2 * MAX_LINE, "{} bytes of {}", list.file.1, list.len);
    }
}
