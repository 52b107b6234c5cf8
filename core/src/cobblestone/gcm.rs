//! AES-256-GCM with a nonce of 12 bytes, a tag of 16 and no further data: what one chunk is sealed with.
//!
//! There are two of the same interface. `native` is AWS-LC, which on machines of today seals a file two to three times
//! as fast; it is C and assembler, so it is behind the feature `aws-lc`. `pure` is Rust, and runs everywhere else: in
//! WebAssembly, and for who wants no C in a program. Both open what the other sealed, which the tests of this module try.

#[cfg(feature = "aws-lc")]
mod native;
#[cfg(any(test, not(feature = "aws-lc")))]
mod pure;

#[cfg(feature = "aws-lc")]
pub(super) use native::Gcm;
#[cfg(not(feature = "aws-lc"))]
pub(super) use pure::Gcm;

use super::TAG_LEN;

/// Bytes of an AES-256 key.
pub(super) const KEY_LEN: usize = 32;
/// Bytes of a nonce.
pub(super) const NONCE_LEN: usize = 12;

#[cfg(all(test, feature = "aws-lc"))]
mod tests {
    use proptest::prelude::*;

    use super::{KEY_LEN, NONCE_LEN, TAG_LEN, native, pure};

    proptest! {
        #[test]
        fn both_ciphers_make_the_same_bytes_and_open_them(
            key: [u8; KEY_LEN],
            nonce: [u8; NONCE_LEN],
            plaintext in proptest::collection::vec(any::<u8>(), 0..20_000),
        ) {
            let (native, pure) = (native::Gcm::new(&key), pure::Gcm::new(&key));
            let (mut ours, mut theirs) = (plaintext.clone(), plaintext.clone());
            let tag = native.seal(nonce, &mut ours).unwrap();
            prop_assert_eq!(pure.seal(nonce, &mut theirs).unwrap(), tag);
            prop_assert_eq!(&ours, &theirs);

            let mut opened = [vec![1; plaintext.len()], vec![2; plaintext.len()]];
            prop_assert!(native.open(nonce, &ours, &tag, &mut opened[0]));
            prop_assert!(pure.open(nonce, &ours, &tag, &mut opened[1]));
            prop_assert_eq!(&opened, &[plaintext.clone(), plaintext]);
        }

        #[test]
        fn what_was_changed_opens_with_neither_and_leaves_no_plaintext(
            key: [u8; KEY_LEN],
            plaintext in proptest::collection::vec(1..=u8::MAX, 32..5_000),
            at: prop::sample::Index,
            bit in 0..8_u8,
        ) {
            let (native, pure) = (native::Gcm::new(&key), pure::Gcm::new(&key));
            let mut sealed = plaintext.clone();
            let mut tag = native.seal([7; NONCE_LEN], &mut sealed).unwrap();
            let at = at.index(sealed.len() + TAG_LEN);
            *sealed.iter_mut().chain(&mut tag).nth(at).unwrap() ^= 1 << bit;
            let mut opened = [vec![0; sealed.len()], vec![0; sealed.len()]];
            prop_assert!(!native.open([7; NONCE_LEN], &sealed, &tag, &mut opened[0]));
            prop_assert!(!pure.open([7; NONCE_LEN], &sealed, &tag, &mut opened[1]));
            for left in &opened {
                let same = left.iter().zip(&plaintext).filter(|(left, plain)| left == plain).count();
                prop_assert!(same < 16, "{} bytes of the plaintext were left", same);
            }
        }
    }
}
