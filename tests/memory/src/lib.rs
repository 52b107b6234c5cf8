//! Looks through the memory of another process for what is left of a secret. Linux, for tests.
//!
//! A search for the whole secret would pass where it must not: the allocator overwrites the first bytes of what is
//! freed. So every window of 8 bytes is looked for, which are nowhere by chance.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use memchr::memmem::Finder;

/// Bytes in a row that count as found.
pub const WINDOW: usize = 8;

/// How many windows of `secret` are in each region of the memory of process `id`, each counted as often as it is there.
///
/// # Errors
/// What the system says when the process may not be looked into, or its memory was hardly readable.
pub fn traces(id: u32, secret: &[u8]) -> io::Result<BTreeMap<String, usize>> {
    let finders: Vec<_> = secret.windows(WINDOW).map(Finder::new).collect();
    let maps = std::fs::read_to_string(format!("/proc/{id}/maps"))?;
    let memory = File::open(format!("/proc/{id}/mem"))?;
    let (mut found, mut read) = (BTreeMap::new(), 0);
    for (from, to, name) in maps.lines().filter_map(readable) {
        let mut bytes = vec![0; usize::try_from(to - from).map_err(io::Error::other)?];
        // The kernel's own pages are listed and cannot be read.
        if memory.read_exact_at(&mut bytes, from).is_err() {
            continue;
        }
        read += bytes.len();
        let count: usize = finders.iter().map(|finder| finder.find_iter(&bytes).count()).sum();
        if count > 0 {
            *found.entry(name.to_owned()).or_default() += count;
        }
    }
    match finders.is_empty() || read < 1 << 20 {
        true => Err(io::Error::other(format!(
            "{read} bytes could be read: the scan would be blind"
        ))),
        false => Ok(found),
    }
}

/// Addresses and name of a region that can be read; memory that was mapped for no file has no name.
fn readable(line: &str) -> Option<(u64, u64, &str)> {
    let mut fields = line.split_ascii_whitespace();
    let (from, to) = fields.next()?.split_once('-')?;
    let is_readable = fields.next()?.starts_with('r');
    let name = fields.nth(3).unwrap_or("mapped");
    let number = |text| u64::from_str_radix(text, 16).ok();
    is_readable.then_some((number(from)?, number(to)?, name))
}
