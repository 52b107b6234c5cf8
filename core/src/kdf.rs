//! From a passphrase to the key that opens the keyring: Argon2id (RFC 9106), version 0x13, 32 bytes out.
//!
//! The parameters come from a file that anyone may have changed, so they are judged before any memory is
//! asked for and before any work is done (docs/spec/keyring.md).
//!
//! ```
//! use zkvault_core::kdf::{KdfError, KdfParams};
//!
//! let usual = KdfParams::default();
//! assert!(usual.memory_kib() >= 64 * 1024);
//! // What a file may not ask for is refused before any work is done.
//! assert!(matches!(KdfParams::new(8, 1, 1), Err(KdfError::TooWeak { .. })));
//! ```
//!
//! ```text
//! unlock key(32) = Argon2id(passphrase in NFC, salt(16), m = memory_kib, t = iterations, p = lanes), no secret, no data
//! ```
//!
//! | | least that is read | least for a new keyring | default | most |
//! |---|---|---|---|---|
//! | memory in KiB | 8 · lanes | 19,456 | 65,536 | 4,194,304 |
//! | iterations | 1 | 2 | 3 | 64 |
//! | lanes | 1 | 1 | 4 | 64 |
//!
//! The least for a new keyring is OWASP's, the default is RFC 9106 §4's second option. Parameters that a thief
//! lowered do not help: they are in the context of what is sealed, so that the keyring opens with the true ones alone
//! (threat model, Z06). Parameters that were raised cost no more than the limits (Z07). Argon2's memory is wiped;
//! with the feature `parallel` its lanes run on several threads.

mod vendor;
#[cfg(test)]
mod wycheproof;

use std::fmt;

use argon2::{Algorithm, Argon2, Block, Params, Version};
#[cfg(feature = "parallel")]
use rayon::iter::{IndexedParallelIterator as _, IntoParallelRefMutIterator as _, ParallelIterator as _};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroize;
use zkvault_host::to_nfc;

use crate::cobblestone::InputKey;
use crate::context::{Context, Label};
use crate::error::{KeyLengthError, RandomError};
use crate::random;
use crate::secret::{SecretArray, SecretText};

pub use vendor::{VendorKdf, VendorKeyError};

/// Bytes of the salt.
pub(crate) const SALT_LEN: usize = 16;
/// Bytes of a passphrase at most, as UTF-8.
pub const MAX_PASSPHRASE_LEN: usize = 4096;

/// Its name in headers.
pub(crate) const KDF_NAME: &str = "argon2id";
const KEY_LEN: usize = 32;
/// OWASP's least Argon2id setting: new keyrings are never weaker.
const LEAST_NEW_MEMORY_KIB: u32 = 19 * 1024;
const LEAST_NEW_ITERATIONS: u32 = 2;
const MOST_MEMORY_KIB: u32 = 4 * 1024 * 1024;
const MOST_ITERATIONS: u32 = 64;
const MOST_LANES: u32 = 64;
/// Argon2 needs two blocks in each of a lane's four slices.
const KIB_PER_LANE: u32 = 8;

/// What Argon2id costs: memory in KiB, passes over it, lanes. Never outside what zkvault is willing to compute.
///
/// The default is 64 MiB, 3 passes, 4 lanes (RFC 9106 §4, the second recommended option).
///
/// Nothing that Argon2 would refuse: only the memory may be missing. Larger parameters are slower for a thief and for
/// the person alike; lanes change how long an attempt takes and not what it costs.
///
/// ```
/// use zkvault_core::kdf::{KdfError, KdfParams};
///
/// let fast_machine = KdfParams::new(256 * 1024, 3, 4)?;
/// assert!(!fast_machine.is_below_default());
/// // Allowed for a new keyring, and raised when it is saved from an unlocked one.
/// assert!(KdfParams::new(19_456, 2, 1)?.is_below_default());
/// let refused = KdfParams::new(8 * 1024 * 1024, 3, 4);
/// assert!(matches!(refused, Err(KdfError::OutOfLimits { parameter: "memory in KiB", .. })));
/// # Ok::<(), KdfError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KdfParams {
    memory_kib: u32,
    iterations: u32,
    lanes: u32,
}

impl Default for KdfParams {
    fn default() -> Self {
        Self {
            memory_kib: 64 * 1024,
            iterations: 3,
            lanes: 4,
        }
    }
}

impl KdfParams {
    /// Parameters for a new keyring: at least 19,456 KiB and 2 passes, at most 4 GiB, 64 passes and 64 lanes.
    ///
    /// # Errors
    /// [`KdfError::OutOfLimits`] above the most, or below 8 KiB for each lane; [`KdfError::TooWeak`] below 19,456 KiB
    /// or 2 passes.
    pub fn new(memory_kib: u32, iterations: u32, lanes: u32) -> Result<Self, KdfError> {
        let params = Self::received(memory_kib.into(), iterations.into(), lanes.into())?;
        params.require_strong()?;
        Ok(params)
    }

    /// Parameters that stand in a keyring: old ones may be weak, none may ask for more than the limits.
    ///
    /// The numbers are read as `u64`, since a file may say anything.
    pub(crate) fn received(memory_kib: u64, iterations: u64, lanes: u64) -> Result<Self, KdfError> {
        let lanes = within("lanes", lanes, 1, MOST_LANES)?;
        Ok(Self {
            memory_kib: within("memory in KiB", memory_kib, KIB_PER_LANE * lanes, MOST_MEMORY_KIB)?,
            iterations: within("iterations", iterations, 1, MOST_ITERATIONS)?,
            lanes,
        })
    }

    /// Refuses parameters that are good enough to open an old keyring, but not to protect a new one.
    pub(crate) fn require_strong(self) -> Result<(), KdfError> {
        if self.memory_kib >= LEAST_NEW_MEMORY_KIB && self.iterations >= LEAST_NEW_ITERATIONS {
            return Ok(());
        }
        Err(KdfError::TooWeak {
            memory_kib: self.memory_kib,
            iterations: self.iterations,
        })
    }

    /// Whether an attempt at the passphrase has less memory or fewer passes than today's default.
    #[must_use]
    pub fn is_below_default(self) -> bool {
        self != self.at_least_default()
    }

    /// With no less memory and no fewer passes than today's default. Lanes stay: they change how long it takes, not what
    /// it costs.
    pub(crate) fn at_least_default(self) -> Self {
        let default = Self::default();
        Self {
            memory_kib: self.memory_kib.max(default.memory_kib),
            iterations: self.iterations.max(default.iterations),
            lanes: self.lanes,
        }
    }

    /// The memory in KiB.
    #[must_use]
    pub const fn memory_kib(self) -> u32 {
        self.memory_kib
    }

    /// The passes over the memory.
    #[must_use]
    pub const fn iterations(self) -> u32 {
        self.iterations
    }

    /// The lanes, which can be computed in parallel.
    #[must_use]
    pub const fn lanes(self) -> u32 {
        self.lanes
    }
}

fn within(parameter: &'static str, value: u64, least: u32, most: u32) -> Result<u32, KdfError> {
    match u32::try_from(value) {
        Ok(value) if (least..=most).contains(&value) => Ok(value),
        _ => Err(KdfError::OutOfLimits {
            parameter,
            value,
            least,
            most,
        }),
    }
}

/// No unlock key was derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KdfError {
    /// The parameters are too weak for a new keyring.
    #[error(
        "Argon2id with {memory_kib} KiB and {iterations} passes is too weak for a new keyring: at least \
         {LEAST_NEW_MEMORY_KIB} KiB and {LEAST_NEW_ITERATIONS} passes are needed"
    )]
    TooWeak {
        /// The memory that was asked for, in KiB.
        memory_kib: u32,
        /// The passes that were asked for.
        iterations: u32,
    },
    /// A parameter is outside of what zkvault is willing to compute. Nothing was allocated.
    #[error("Argon2id {parameter} is {value}: only {least} to {most} is accepted")]
    OutOfLimits {
        /// Which parameter.
        parameter: &'static str,
        /// Its value.
        value: u64,
        /// The least accepted value.
        least: u32,
        /// The greatest accepted value.
        most: u32,
    },
    /// The system has not enough memory for the parameters.
    #[error("Argon2id needs {kib} KiB of memory, and the system gave none")]
    Memory {
        /// The memory that was asked for, in KiB.
        kib: u32,
    },
    /// The passphrase is empty.
    #[error("the passphrase is empty")]
    EmptyPassphrase,
    /// The passphrase is too long.
    #[error("the passphrase has {len} bytes: at most {MAX_PASSPHRASE_LEN} are accepted")]
    LongPassphrase {
        /// Its bytes as UTF-8.
        len: usize,
    },
}

/// The parameters with the salt: all that is needed, next to the passphrase, to derive an unlock key again.
///
/// In the file both are in plaintext: they must be known before anything can be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kdf {
    pub(crate) params: KdfParams,
    pub(crate) salt: [u8; SALT_LEN],
}

impl Kdf {
    /// A fresh random salt for `params`.
    pub(crate) fn generate(params: KdfParams) -> Result<Self, RandomError> {
        let salt = random::array()?;
        Ok(Self { params, salt })
    }

    /// The unlock key of `passphrase`, which is brought into Unicode's NFC form first, so that it does not
    /// matter how a keyboard composes its accents. Takes the time and the memory that the parameters ask for.
    ///
    /// # Errors
    /// [`KdfError::EmptyPassphrase`], [`KdfError::LongPassphrase`] and [`KdfError::Memory`].
    pub(crate) fn derive(&self, passphrase: &SecretText) -> Result<UnlockKey, KdfError> {
        self.derive_secret(passphrase).map(UnlockKey)
    }

    /// The fields of the header, so that a changed one leads to a different context.
    ///
    /// The label says for what: the sealed contents, or the name that an agent knows the key by.
    pub(crate) fn context(&self, label: Label) -> Context {
        Context::new(label)
            .text(KDF_NAME)
            .integer(self.params.memory_kib().into())
            .integer(self.params.iterations().into())
            .integer(self.params.lanes().into())
            .bytes(&self.salt)
    }

    /// `SHA-256(context("zkvault.agent.entry.v1", …))`, of the same fields.
    pub(crate) fn unlock_key_id(&self) -> UnlockKeyId {
        let digest = Sha256::digest(self.context(Label::AgentEntryV1).as_bytes());
        UnlockKeyId(digest.into())
    }

    fn derive_secret(&self, passphrase: &SecretText) -> Result<SecretArray<KEY_LEN>, KdfError> {
        let passphrase = passphrase.expose_secret();
        match passphrase.len() {
            0 => Err(KdfError::EmptyPassphrase),
            1..=MAX_PASSPHRASE_LEN => {
                let normal = to_nfc(passphrase);
                let passphrase = normal.as_ref().map_or(passphrase, |normal| normal.as_str());
                argon2id(self.params, &self.salt, passphrase.as_bytes())
            }
            len => Err(KdfError::LongPassphrase { len }),
        }
    }
}

/// The key that opens a keyring file, and nothing else: 32 bytes that Argon2id made of the passphrase and the file's salt.
/// Anyone who has it and the file needs no passphrase.
///
/// Wiped when it is dropped. An agent keeps it for a while
/// ([`Keyring::unlock_key`](crate::keyring::Keyring::unlock_key)), so that a passphrase is not typed for every
/// command. The passphrase cannot be read from it, and it opens no file with another salt.
pub struct UnlockKey(SecretArray<KEY_LEN>);

impl UnlockKey {
    /// The bytes of an unlock key.
    pub const LEN: usize = KEY_LEN;

    /// A key that an agent kept, from its 32 bytes. The caller wipes those.
    ///
    /// # Errors
    /// [`KeyLengthError`] when there are not 32.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, KeyLengthError> {
        SecretArray::from_slice(bytes).map(Self)
    }

    /// The 32 bytes.
    #[must_use]
    pub fn expose_secret(&self) -> &[u8; KEY_LEN] {
        self.0.expose()
    }

    pub(crate) fn copy(&self) -> Self {
        Self(self.0.copy())
    }

    pub(crate) fn input_key(&self) -> InputKey {
        InputKey::new(self.0.expose())
    }
}

impl fmt::Debug for UnlockKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(_) = self;
        f.write_str("UnlockKey([REDACTED])")
    }
}

/// The name of an unlock key: a digest of what it was derived with, next to the passphrase (docs/spec/agent.md). It is no
/// secret, and says nothing of the passphrase; a new salt gives a new name.
///
/// Two keyrings under one passphrase have different names, because their salts differ.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct UnlockKeyId([u8; UnlockKeyId::LEN]);

impl UnlockKeyId {
    /// The bytes of a name.
    pub const LEN: usize = 32;

    /// A name that somebody asks for.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

/// Its first 4 bytes in hexadecimal: enough for a person.
impl fmt::Display for UnlockKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().take(4).try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for UnlockKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnlockKeyId({self})")
    }
}

/// Apart, so that what it leaves of the passphrase on the stack is where dropping the key wipes.
#[inline(never)]
fn argon2id(params: KdfParams, salt: &[u8], password: &[u8]) -> Result<SecretArray<KEY_LEN>, KdfError> {
    let refused = KdfError::Memory { kib: params.memory_kib };
    let cost = Params::new(params.memory_kib, params.iterations, params.lanes, Some(KEY_LEN));
    // `KdfParams` holds nothing that Argon2 refuses; what is left to fail is the memory.
    let cost = cost.map_err(|_| refused)?;
    let mut memory = Memory::allocate(cost.block_count()).ok_or(refused)?;
    let mut key = SecretArray::zeroed();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, cost)
        .hash_password_into_with_memory(password, salt, key.expose_mut(), memory.0.as_mut_slice())
        .map_err(|_| refused)?;
    Ok(key)
}

/// Argon2's memory. The passphrase can be searched for with what it holds, so it is wiped.
struct Memory(Vec<Block>);

impl Memory {
    /// `blocks` KiB, or `None` when the system has not that much. Every page is written here, before the
    /// lanes start, so that they do not wait for page faults one by one.
    fn allocate(blocks: usize) -> Option<Self> {
        let mut memory = Vec::new();
        memory.try_reserve_exact(blocks).ok()?;
        fill(&mut memory, blocks);
        Some(Self(memory))
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

/// On all cores: to have 64 MiB of pages faulted in takes as long as to pass over them.
#[cfg(feature = "parallel")]
fn fill(memory: &mut Vec<Block>, blocks: usize) {
    rayon::iter::repeat_n(Block::new(), blocks).collect_into_vec(memory);
}

#[cfg(not(feature = "parallel"))]
fn fill(memory: &mut Vec<Block>, blocks: usize) {
    memory.resize(blocks, Block::new());
}

#[cfg(feature = "parallel")]
fn wipe(memory: &mut [Block]) {
    memory.par_iter_mut().for_each(Zeroize::zeroize);
}

#[cfg(not(feature = "parallel"))]
fn wipe(memory: &mut [Block]) {
    memory.iter_mut().zeroize();
}

#[cfg(test)]
mod tests {
    use argon2::AssociatedData;
    use argon2::ParamsBuilder;

    use super::*;

    fn text(passphrase: &str) -> SecretText {
        SecretText::from(passphrase.to_owned())
    }

    fn derive(params: (u64, u64, u64), salt: [u8; 16], passphrase: &str) -> Result<String, KdfError> {
        let params = KdfParams::received(params.0, params.1, params.2)?;
        let key = Kdf { params, salt }.derive_secret(&text(passphrase))?;
        Ok(hex::encode(key.expose()))
    }

    /// RFC 9106 §5.3 has a secret and associated data, which we never use: it checks the crate, through the
    /// same memory.
    #[test]
    fn rfc_9106_argon2id() {
        let cost = ParamsBuilder::new()
            .m_cost(32)
            .t_cost(3)
            .p_cost(4)
            .data(AssociatedData::new(&[4; 12]).unwrap())
            .build()
            .unwrap();
        let mut memory = Memory::allocate(cost.block_count()).unwrap();
        let mut tag = [0; 32];
        Argon2::new_with_secret(&[3; 8], Algorithm::Argon2id, Version::V0x13, cost)
            .unwrap()
            .hash_password_into_with_memory(&[1; 32], &[2; 16], &mut tag, memory.0.as_mut_slice())
            .unwrap();
        let expected = "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659";
        assert_eq!(hex::encode(tag), expected);
    }

    /// From the reference implementation's own test.c: its salts have 8 bytes.
    #[test]
    fn reference_implementation() {
        let cases = [
            (
                65536,
                2,
                1,
                "password",
                "somesalt",
                "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7",
            ),
            (
                256,
                2,
                2,
                "password",
                "somesalt",
                "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037",
            ),
            (
                65536,
                2,
                1,
                "password",
                "diffsalt",
                "bdf32b05ccc42eb15d58fd19b1f856b113da1e9a5874fdcc544308565aa8141c",
            ),
        ];
        for (memory, passes, lanes, password, salt, expected) in cases {
            let params = KdfParams::received(memory, passes, lanes).unwrap();
            let key = argon2id(params, salt.as_bytes(), password.as_bytes()).unwrap();
            assert_eq!(hex::encode(key.expose()), expected);
        }
    }

    /// Computed with libargon2 (argon2-cffi 25.1): our salt length, the defaults and the least strong setting.
    #[test]
    fn libargon2_agrees() {
        let salt = std::array::from_fn(|index| index as u8);
        let expected = "853b272a44db1421c02962669a55eb0994f3cab385ed1c4c79253eee19bab49e";
        let derived = derive((65536, 3, 4), salt, "correct horse battery staple");
        assert_eq!(derived.unwrap(), expected);

        let salt = std::array::from_fn(|index| index as u8 + 16);
        let expected = "5e432057c22762b65df8f21e27af2c2e0240aef200cc110565749552b5faf883";
        assert_eq!(derive((19456, 2, 1), salt, "Grüße, été").unwrap(), expected);
    }

    #[test]
    fn a_decomposed_passphrase_is_the_same_one() {
        let salt = [9; 16];
        let composed = derive((64, 1, 1), salt, "\u{e9}t\u{e9} \u{ac00}").unwrap();
        let decomposed = derive((64, 1, 1), salt, "e\u{301}te\u{301} \u{1100}\u{1161}").unwrap();
        assert_eq!(composed, decomposed);
        assert_ne!(composed, derive((64, 1, 1), salt, "ete \u{ac00}").unwrap());
    }

    #[test]
    fn every_parameter_has_limits_on_opening() {
        let allowed = [(8, 1, 1), (512, 1, 64), (4 * 1024 * 1024, 64, 64), (65536, 3, 4)];
        for (memory, passes, lanes) in allowed {
            assert!(KdfParams::received(memory, passes, lanes).is_ok());
        }
        let refused = [
            ((7, 1, 1), "memory in KiB"),
            ((511, 1, 64), "memory in KiB"),
            ((4 * 1024 * 1024 + 1, 1, 1), "memory in KiB"),
            ((1 << 32, 1, 1), "memory in KiB"),
            ((u64::MAX, 1, 1), "memory in KiB"),
            ((65536, 0, 1), "iterations"),
            ((65536, 65, 1), "iterations"),
            ((65536, 1, 0), "lanes"),
            ((65536, 1, 65), "lanes"),
            ((65536, 1, (1 << 32) + 1), "lanes"),
        ];
        for ((memory, passes, lanes), expected) in refused {
            let error = KdfParams::received(memory, passes, lanes).unwrap_err();
            assert!(
                matches!(error, KdfError::OutOfLimits { parameter, .. } if parameter == expected),
                "{error}"
            );
        }
    }

    #[test]
    fn new_parameters_are_never_weak() {
        assert!(KdfParams::new(19 * 1024, 2, 1).is_ok());
        for (memory, passes) in [(19 * 1024 - 1, 2), (19 * 1024, 1), (1024 * 1024, 1)] {
            let error = KdfParams::new(memory, passes, 1).unwrap_err();
            assert!(matches!(error, KdfError::TooWeak { .. }));
        }
        assert!(KdfParams::default().require_strong().is_ok());
        let error = KdfParams::new(1024, 1, 1).unwrap_err();
        insta::assert_snapshot!(error, @"Argon2id with 1024 KiB and 1 passes is too weak for a new keyring: at least 19456 KiB and 2 passes are needed");
        let error = KdfParams::new(65536, 65, 1).unwrap_err();
        insta::assert_snapshot!(error, @"Argon2id iterations is 65: only 1 to 64 is accepted");
    }

    #[test]
    fn memory_that_nobody_has_is_an_error_and_no_abort() {
        assert!(Memory::allocate(usize::MAX / Block::SIZE).is_none());
    }

    #[test]
    fn empty_and_endless_passphrases_are_refused() {
        let longest = "x".repeat(MAX_PASSPHRASE_LEN);
        assert!(derive((8, 1, 1), [0; 16], &longest).is_ok());
        let error = derive((8, 1, 1), [0; 16], &(longest + "x")).unwrap_err();
        assert_eq!(error, KdfError::LongPassphrase { len: 4097 });
        assert_eq!(derive((8, 1, 1), [0; 16], ""), Err(KdfError::EmptyPassphrase));
    }

    /// Computed with Python's hashlib: the example of docs/spec/agent.md.
    #[test]
    fn the_name_of_an_unlock_key_is_the_specified_one() {
        let params = KdfParams::default();
        let salt = std::array::from_fn(|index| index as u8);
        let id = Kdf { params, salt }.unlock_key_id();
        let expected = "9fa7d171a9c6b6cbf4b83987f598784f3d68b50ed6df919f88683610b608701d";
        assert_eq!(hex::encode(id.as_bytes()), expected);
        assert_eq!(id.to_string(), expected[..8]);
        let other = Kdf {
            params: KdfParams::new(65536, 3, 3).unwrap(),
            salt,
        };
        assert_ne!(id, other.unlock_key_id());
        assert_eq!(id, UnlockKeyId::from_bytes(*id.as_bytes()));
    }

    #[test]
    fn an_unlock_key_has_32_bytes() {
        let key = UnlockKey::from_slice(&[7; 32]).unwrap();
        assert_eq!(key.expose_secret(), &[7; 32]);
        assert!(UnlockKey::from_slice(&[7; 31]).is_err() && UnlockKey::from_slice(&[7; 33]).is_err());
    }

    #[test]
    fn debug_shows_no_key() {
        let kdf = Kdf {
            params: KdfParams::received(8, 1, 1).unwrap(),
            salt: [0; 16],
        };
        let key = kdf.derive(&text("x")).unwrap();
        insta::assert_snapshot!(format!("{key:?}"), @"UnlockKey([REDACTED])");
    }
}
