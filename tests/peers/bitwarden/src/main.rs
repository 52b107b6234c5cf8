//! Opens values with Bitwarden's crate and prints how many millions a second, one line a kind.

use std::hint::black_box;
use std::time::Instant;

use bitwarden_crypto::{EncString, KeyDecryptable, KeyEncryptable, SymmetricCryptoKey, SymmetricKeyAlgorithm};

const TEXT: &str = "correct horse battery staple and 40 ch..";
const COUNT: u32 = 100_000;

fn main() {
    println!("type 2\t{}", rate(SymmetricKeyAlgorithm::Aes256CbcHmac));
    println!("type 7\t{}", rate(SymmetricKeyAlgorithm::XAes256Gcm));
}

fn rate(algorithm: SymmetricKeyAlgorithm) -> f64 {
    let key = SymmetricCryptoKey::make(algorithm);
    let value = TEXT.encrypt_with_key(&key).expect("sealed").to_string();
    let start = Instant::now();
    for _ in 0..COUNT {
        let sealed: EncString = black_box(&value).parse().expect("a value");
        let text: String = sealed.decrypt_with_key(&key).expect("opened");
        assert_eq!(black_box(text).len(), TEXT.len());
    }
    f64::from(COUNT) / start.elapsed().as_secs_f64() / 1e6
}
