//! One layout: a description that was checked.
//!
//! [`Description`] is what a file says; [`Layout`] is what may be used. Making one checks that IV, tag, MAC, padding
//! and key fit the cipher, so that nothing later meets a combination that no program could have written.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::fields::{Aad, Check, Cipher, Covers, KeyEncoding, KeyForm, Mac, Padding, PartOrder, TextEncoding};
use crate::secret_buffer::SecretBuffer;

/// The longest name of a layout, in bytes.
pub const MAX_LAYOUT_NAME_LEN: usize = 64;
/// Label of a layout's digest.
const DIGEST_LABEL: &[u8] = b"zkvault.vendor-layout.v1\0";

/// A layout as it is written down. [`Layout::new`] checks that it makes sense.
///
/// Members with a default may be left out in a file. The digest is over all of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// Its name: 1 to 64 of `a-z`, `0-9`, `-`, `.` and `+`.
    pub name: String,
    /// What the four bytes behind the version are.
    #[serde(default)]
    pub check: Check,
    /// The order of what follows the header.
    #[serde(default)]
    pub order: PartOrder,
    /// Bytes of the initialisation vector.
    pub iv: u8,
    /// The cipher and its mode.
    pub cipher: Cipher,
    /// Bytes of the tag, or of the MAC; 0 where there is neither.
    #[serde(default)]
    pub tag: u8,
    /// The MAC, for ciphers that have no tag of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mac: Option<Mac>,
    /// What a tag covers beside the ciphertext.
    #[serde(default)]
    pub aad: Aad,
    /// How texts are padded.
    pub padding: Padding,
    /// How texts are encoded.
    #[serde(default)]
    pub text: TextEncoding,
    /// How the keys of sites and groups are written.
    #[serde(default)]
    pub keys: KeyEncoding,
    /// What becomes of the key before it is used.
    pub key: KeyForm,
}

/// A description that makes sense.
///
/// Cheap to clone. Two are equal when their descriptions are, their names included.
///
/// ```
/// use zkvault_core::vendor::{Layout, LayoutError, Needs, Trust, catalog};
///
/// let gcm = catalog::find("vendor-gcm").ok_or("not in the catalogue")?;
/// assert_eq!((gcm.needs(), gcm.trust()), (Needs::OneValue, Trust::Authenticated));
/// let mut description = gcm.description().clone();
/// // Half of a tag is believed by no search without many values.
/// description.tag = 8;
/// assert_eq!(Layout::new(description.clone())?.trust(), Trust::Unauthenticated);
/// description.iv = 11;
/// assert_eq!(Layout::new(description), Err(LayoutError::Iv(11)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Layout(Held);

/// Every value that opens names its layout. Where many threads open values, counting the holders of one description would
/// be what they wait for.
#[derive(Clone)]
enum Held {
    /// The program's own, which nobody counts.
    Forever(&'static Description),
    /// Somebody's.
    Counted(Arc<Description>),
}

/// SHA-256 of a layout's canonical JSON: what identifies it.
///
/// `SHA-256("zkvault.vendor-layout.v1" || 0x00 || JSON)`, of the description with every member in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LayoutDigest([u8; 32]);

/// Whether a layout can give a wrong text.
///
/// Ordered, the weaker first. It follows from the description: nobody can declare a layout trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trust {
    /// No tag or MAC that proves anything: a changed value, or another key, gives some other text.
    Unauthenticated,
    /// A tag or MAC decides.
    Authenticated,
}

/// How much must open before a layout is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Needs {
    /// One value.
    OneValue,
    /// Two values: a MAC alone also verifies when the other half of a key is wrong, and then a padding fits by chance.
    TwoValues,
    /// A known text, or many values that all give printable text.
    ManyValues,
}

impl Layout {
    /// Checks a description.
    ///
    /// # Errors
    /// [`LayoutError::Name`], [`LayoutError::Iv`], [`LayoutError::Tag`], [`LayoutError::Aad`],
    /// [`LayoutError::Padding`] or [`LayoutError::Key`]: the first part that does not fit, in this order.
    pub fn new(description: Description) -> Result<Self, LayoutError> {
        let legal = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'+');
        let name = description.name.as_bytes();
        if name.is_empty() || name.len() > MAX_LAYOUT_NAME_LEN || !name.iter().copied().all(legal) {
            return Err(LayoutError::Name);
        }
        check_iv(&description)?;
        check_tag(&description)?;
        check_key(&description)?;
        Ok(Self(Held::Counted(Arc::new(description))))
    }

    /// The same, kept until the program ends: for layouts that the program makes once.
    pub(super) fn forever(&self) -> Self {
        Self(Held::Forever(Box::leak(Box::new(self.description().clone()))))
    }

    /// What it consists of.
    #[must_use]
    pub fn description(&self) -> &Description {
        match &self.0 {
            Held::Forever(description) => description,
            Held::Counted(description) => description,
        }
    }

    /// Its name in output.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.description().name
    }

    /// The same layout with another padding, which its name ends in.
    pub(crate) fn with_padding(&self, padding: Padding) -> Option<Self> {
        let mut description = self.description().clone();
        description.name.push_str(padding.suffix());
        description.padding = padding;
        Self::new(description).ok()
    }

    /// Whether a wrong key or a changed value can give a text.
    #[must_use]
    pub fn trust(&self) -> Trust {
        match self.needs() {
            Needs::OneValue | Needs::TwoValues => Trust::Authenticated,
            Needs::ManyValues => Trust::Unauthenticated,
        }
    }

    /// How much must open before it is believed.
    ///
    /// OCB2 is never believed by its tag, whatever its length: tags can be forged. A MAC that leaves the IV out lets
    /// anyone change the first block.
    #[must_use]
    pub fn needs(&self) -> Needs {
        let Description { cipher, tag, mac, .. } = self.description();
        match (cipher, mac) {
            (Cipher::Aes256Gcm | Cipher::Aes128Gcm | Cipher::Aes256Ccm, _) if *tag >= 12 => Needs::OneValue,
            (Cipher::Aes256Ccm, _) if *tag >= 8 => Needs::TwoValues,
            (_, Some(mac)) if *tag >= 8 && mac.covers != Covers::Ciphertext => Needs::TwoValues,
            _ => Needs::ManyValues,
        }
    }

    /// The digest of its canonical JSON.
    #[must_use]
    pub fn digest(&self) -> LayoutDigest {
        // The writer of keyrings, which have descriptions in them: one copy of the code writes both.
        let mut json = SecretBuffer::new();
        let _infallible = serde_json::to_writer(&mut json, self.description());
        let json = json.expose_secret();
        let digest = Sha256::new().chain_update(DIGEST_LABEL).chain_update(json).finalize();
        LayoutDigest(digest.into())
    }
}

impl LayoutDigest {
    /// The 32 bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 32] {
        self.0
    }
}

impl PartialEq for Layout {
    fn eq(&self, other: &Self) -> bool {
        self.description() == other.description()
    }
}

impl Eq for Layout {}

impl Hash for Layout {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.description().hash(state);
    }
}

impl fmt::Debug for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Layout").field(&self.name()).finish()
    }
}

fn check_iv(description: &Description) -> Result<(), LayoutError> {
    let iv = description.iv;
    let fits = match description.cipher {
        Cipher::Aes256Gcm | Cipher::Aes128Gcm => matches!(iv, 12 | 16),
        Cipher::Aes256Ccm => matches!(iv, 12 | 13 | 16),
        _ => iv == 16,
    };
    if fits { Ok(()) } else { Err(LayoutError::Iv(iv)) }
}

fn check_tag(description: &Description) -> Result<(), LayoutError> {
    let tag = description.tag;
    let fits = match (description.cipher, &description.mac) {
        (Cipher::Aes256Gcm | Cipher::Aes128Gcm, None) => matches!(tag, 8 | 12 | 16),
        (Cipher::Aes256Ccm | Cipher::Aes256Ocb2, None) => matches!(tag, 8 | 12 | 16),
        (cipher, None) => tag == 0 && !cipher.is_aead(),
        (cipher, Some(mac)) => !cipher.is_aead() && tag >= 4 && usize::from(tag) <= mac.hash.mac_len(),
    };
    if !fits {
        return Err(LayoutError::Tag(tag));
    }
    if description.aad != Aad::None && !description.cipher.is_aead() {
        return Err(LayoutError::Aad);
    }
    if description.padding == Padding::None && description.cipher.is_cbc() {
        return Err(LayoutError::Padding);
    }
    Ok(())
}

fn check_key(description: &Description) -> Result<(), LayoutError> {
    let short = description.key == KeyForm::First16;
    if short == (description.cipher.key_len() == 16) {
        Ok(())
    } else {
        Err(LayoutError::Key)
    }
}

/// A description does not make sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LayoutError {
    /// The name is empty, too long, or has other characters.
    #[error("the name of a layout has 1 to {MAX_LAYOUT_NAME_LEN} of a-z, 0-9, \"-\", \".\" and \"+\"")]
    Name,
    /// The cipher takes no IV of this length.
    #[error("the cipher takes no IV of {0} bytes")]
    Iv(u8),
    /// The cipher or MAC makes no tag of this length.
    #[error("the cipher or MAC makes no tag of {0} bytes")]
    Tag(u8),
    /// Only an AEAD authenticates more than the ciphertext.
    #[error("only an AEAD cipher has associated data")]
    Aad,
    /// CBC encrypts whole blocks.
    #[error("CBC needs a padding")]
    Padding,
    /// AES-128 goes with `first16`, AES-256 with the other forms.
    #[error("the form of the key does not have the cipher's length")]
    Key,
}
