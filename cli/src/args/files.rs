//! Arguments of `zkv file`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::values::{KeyFiles, RequireKey};

#[derive(Debug, Subcommand)]
pub(crate) enum FileCommand {
    Encrypt(FileEncrypt),
    Decrypt(FileDecrypt),
    Inspect(FileInspect),
}

/// Encrypt a file for recipients or under a key
#[derive(Debug, Args)]
#[command(after_help = "\
Without --recipient and --key-file, the file is encrypted under the keyring's
default key. The output gets its name only when it is complete.

Examples:
  zkv file encrypt report.pdf -o report.pdf.zkv
  zkv file encrypt report.pdf -o report.pdf.zkv --recipient zkv1…
  tar c folder | zkv file encrypt - -o - --key-file vault.key |
    ssh host 'cat > folder.tar.zkv'")]
pub(crate) struct FileEncrypt {
    /// The file to encrypt; `-` is stdin
    #[arg(value_name = "IN")]
    pub(crate) input: PathBuf,
    #[command(flatten)]
    pub(crate) destination: FileDestination,
    /// A public identity that can decrypt the file; repeatable
    #[arg(long = "recipient", value_name = "zkv1…")]
    pub(crate) recipients: Vec<String>,
    #[command(flatten)]
    pub(crate) keys: KeyFiles,
    /// Plaintext bytes per block: 8MiB, or another multiple of 16KiB up to 128MiB
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) block_size: Option<u64>,
}

/// Decrypt a file
#[derive(Debug, Args)]
#[command(after_help = "\
The output gets its name only after all of it was authenticated. On stdout,
each block is written as soon as it was authenticated; exit code 10 then means
that the output is incomplete. zkv says which key opened the file: a vault key
that you share with others, or your identity, which proves no sender.

Examples:
  zkv file decrypt report.pdf.zkv -o report.pdf
  zkv file decrypt report.pdf.zkv -o report.pdf --require-key vault
  ssh host cat folder.tar.zkv |
    zkv file decrypt - -o - --key-file vault.key | tar x")]
pub(crate) struct FileDecrypt {
    /// The file to decrypt; `-` is stdin
    #[arg(value_name = "IN")]
    pub(crate) input: PathBuf,
    #[command(flatten)]
    pub(crate) destination: FileDestination,
    #[command(flatten)]
    pub(crate) keys: KeyFiles,
    #[command(flatten)]
    pub(crate) required: RequireKey,
}

/// Describe an encrypted file; with a key, also its name, its time and which key opens it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  zkv file inspect report.pdf.zkv
  zkv file inspect report.pdf.zkv --open --json")]
pub(crate) struct FileInspect {
    /// The file; `-` is stdin
    #[arg(value_name = "IN")]
    pub(crate) input: PathBuf,
    #[command(flatten)]
    pub(crate) keys: KeyFiles,
    /// Decrypt the description with the keyring; a key file does so anyway
    #[arg(long)]
    pub(crate) open: bool,
}

/// Where a file goes.
#[derive(Debug, Args)]
pub(crate) struct FileDestination {
    /// The file to write; `-` is stdout
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// Replace it if it exists
    #[arg(long)]
    pub(crate) force: bool,
}

/// Reads a number of bytes such as `64MiB`, `8M`, `512KiB` or `4096`. The steps are of 1024.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let shift = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kib" => 10,
        "m" | "mib" => 20,
        "g" | "gib" => 30,
        _ => return Err("a size is a number and B, KiB, MiB or GiB".to_owned()),
    };
    let number: u64 = number.parse().map_err(|_| "a size starts with a number".to_owned())?;
    number
        .checked_mul(1 << shift)
        .ok_or_else(|| "that is more than any machine has".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_and_without_units() {
        assert_eq!(size("4096"), Ok(4096));
        assert_eq!(size("19MiB"), Ok(19 << 20));
        assert_eq!(size("8m"), Ok(8 << 20));
        assert_eq!(size("1GiB"), Ok(1 << 30));
        for wrong in [
            "",
            "MiB",
            "1.5MiB",
            "-1",
            "8MB",
            "99999999999999999999",
            "18446744073709551615GiB",
        ] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
