//! The closed lists from which a layout is put together.
//!
//! In JSON each is a word in kebab-case, or an object of them; there are no numbers to choose but lengths, and no
//! expressions. docs/spec/vendor-layouts.md#a-layout has the table. A value that is not listed is refused by the
//! reader.

use serde::{Deserialize, Serialize};

/// The cipher and its mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Cipher {
    /// AES-256 in Galois/Counter Mode (NIST SP 800-38D).
    #[serde(rename = "aes-256-gcm")]
    Aes256Gcm,
    /// AES-256 in Counter with CBC-MAC (NIST SP 800-38C), with the nonce cut as SJCL cuts a longer IV.
    #[serde(rename = "aes-256-ccm")]
    Aes256Ccm,
    /// AES-256 in OCB 2.0, which SJCL offers. It is broken (IACR ePrint 2019/311), so its tag proves nothing.
    #[serde(rename = "aes-256-ocb2")]
    Aes256Ocb2,
    /// AES-256 in cipher block chaining: unauthenticated by itself.
    #[serde(rename = "aes-256-cbc")]
    Aes256Cbc,
    /// AES-256 in counter mode, a 128-bit big-endian counter that begins at the IV: unauthenticated by itself.
    #[serde(rename = "aes-256-ctr")]
    Aes256Ctr,
    /// As [`Self::Aes256Gcm`] with a key of 128 bits.
    #[serde(rename = "aes-128-gcm")]
    Aes128Gcm,
    /// As [`Self::Aes256Cbc`] with a key of 128 bits.
    #[serde(rename = "aes-128-cbc")]
    Aes128Cbc,
    /// As [`Self::Aes256Ctr`] with a key of 128 bits.
    #[serde(rename = "aes-128-ctr")]
    Aes128Ctr,
}

/// The hash of a MAC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Hash {
    /// HMAC-SHA-1, 20 bytes.
    Sha1,
    /// HMAC-SHA-256, 32 bytes.
    Sha256,
    /// HMAC-SHA-512, 64 bytes.
    Sha512,
}

/// What a MAC is computed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Covers {
    /// The ciphertext alone. Without the IV, the first block can be changed at will.
    Ciphertext,
    /// The IV, then the ciphertext.
    IvCiphertext,
    /// The version and check bytes, the IV, then the ciphertext.
    HeaderIvCiphertext,
}

/// Which key a MAC is computed under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum MacKey {
    /// The cipher's key.
    Cipher,
    /// The second half of the key's form (see [`KeyForm`]).
    SecondHalf,
}

/// A MAC over what was encrypted, cut to its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mac {
    /// The hash of the HMAC.
    pub hash: Hash,
    /// The key it is computed under.
    pub key: MacKey,
    /// What it is computed over.
    pub covers: Covers,
}

/// What an AEAD authenticates beside the ciphertext.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Aad {
    /// Nothing.
    #[default]
    None,
    /// The version byte.
    Version,
    /// The version byte and the four check bytes.
    Header,
}

/// How a text is filled up before it is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Padding {
    /// Not at all.
    None,
    /// `n` bytes of the value `n`, to the next multiple of 16 (RFC 5652 section 6.3).
    Pkcs7,
    /// Zero bytes to the next multiple of 16, none if it is one. A text that ends in zero bytes loses them.
    Zero,
    /// One byte 0x80, then zero bytes to a multiple of 16 (ISO/IEC 7816-4).
    Iso7816,
    /// The text's length as four big-endian bytes in front, then zero bytes to a multiple of 16.
    LengthPrefixed,
}

/// How characters become bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum TextEncoding {
    /// UTF-8.
    #[default]
    Utf8,
    /// UTF-16, little-endian, without a byte order mark.
    Utf16Le,
    /// The standard base64, padded, of UTF-8.
    Base64,
}

/// How a site's or group's own key of 32 bytes is written before it is encrypted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum KeyEncoding {
    /// The bytes themselves.
    #[default]
    Raw,
    /// 64 lower-case hex digits.
    Hex,
    /// 44 characters of standard base64, padded.
    Base64,
}

/// What becomes of a key's 32 bytes before it is used: the cipher's key first, then a second half.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum KeyForm {
    /// The 32 bytes; the second half is the same bytes.
    Raw,
    /// The 64 lower-case hex digits as ASCII: the first 32 for the cipher, the last 32 are the second half.
    HexText,
    /// SHA-256 of the 32 bytes; the second half is the same hash.
    Sha256,
    /// SHA-512 of the 32 bytes: its first 32 bytes for the cipher, its last 32 are the second half.
    Sha512Halves,
    /// The first 16 bytes for an AES-128 cipher, the last 16 are the second half.
    First16,
}

/// The hash, or cipher, of a check value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CheckHash {
    /// CRC-32 as in zlib and PNG, big-endian.
    Crc32,
    /// SHA-1 of the key's form.
    Sha1,
    /// SHA-256 of the key's form.
    Sha256,
    /// SHA-512 of the key's form.
    Sha512,
    /// The encryption of a block of zero bytes.
    AesZero,
}

/// Which bytes of a check value are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CheckEnd {
    /// The first four.
    First,
    /// The last four.
    Last,
}

/// What the four bytes behind the version are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Check {
    /// The vendor's number of the key: it says which key to try first.
    #[default]
    Number,
    /// A check value of the key. A value whose bytes differ is not sealed under it.
    Key {
        /// How it is computed, over the cipher's key.
        hash: CheckHash,
        /// Which bytes of the result.
        end: CheckEnd,
    },
}

/// The order of what follows the header.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PartOrder {
    /// IV, ciphertext, tag.
    #[default]
    IvCiphertextTag,
    /// IV, tag, ciphertext.
    IvTagCiphertext,
    /// Tag, IV, ciphertext.
    TagIvCiphertext,
    /// Ciphertext, IV, tag.
    CiphertextIvTag,
}

impl Cipher {
    /// Bytes of the cipher's key: 16 or 32.
    #[must_use]
    pub const fn key_len(self) -> usize {
        match self {
            Self::Aes256Gcm | Self::Aes256Ccm | Self::Aes256Ocb2 | Self::Aes256Cbc | Self::Aes256Ctr => 32,
            Self::Aes128Gcm | Self::Aes128Cbc | Self::Aes128Ctr => 16,
        }
    }

    /// Whether the mode brings a tag of its own.
    #[must_use]
    pub const fn is_aead(self) -> bool {
        matches!(
            self,
            Self::Aes256Gcm | Self::Aes128Gcm | Self::Aes256Ccm | Self::Aes256Ocb2
        )
    }

    pub(super) const fn is_cbc(self) -> bool {
        matches!(self, Self::Aes256Cbc | Self::Aes128Cbc)
    }
}

impl Hash {
    /// Bytes of the whole MAC.
    #[must_use]
    pub const fn mac_len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

impl Padding {
    /// What the name of a layout with this padding ends in.
    pub(super) const fn suffix(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Pkcs7 => "+pkcs7",
            Self::Zero => "+zero",
            Self::Iso7816 => "+iso7816",
            Self::LengthPrefixed => "+length",
        }
    }
}
