//! Activations end to end, and each fault by its name.

use super::payload::tests::key;
use super::*;
use crate::cobblestone::InputKey;

struct Case {
    sender: Identity,
    recipient: Identity,
    code: ActivationCode,
    target: ActivationTarget,
}

impl Case {
    fn new() -> Self {
        Self {
            sender: Identity::generate().unwrap(),
            recipient: Identity::generate().unwrap(),
            code: ActivationCode::generate().unwrap(),
            target: ActivationTarget::new("api.example.com", 17).unwrap(),
        }
    }

    fn to_identity(&self) -> Activation {
        Activation::seal_to(&self.sender, &self.recipient.public(), &self.target, &payload()).unwrap()
    }

    fn to_code(&self) -> Activation {
        Activation::seal_with_code(&self.code, &self.target, &payload()).unwrap()
    }

    fn open(&self, activation: &Activation) -> Result<ActivationPayload, OpenActivationError> {
        activation.open(&self.recipient, &self.sender.public().fingerprint(), &self.target, 1500)
    }

    fn open_with_code(&self, activation: &Activation) -> Result<ActivationPayload, OpenActivationError> {
        activation.open_with_code(&self.code, &self.target, 1500)
    }
}

fn payload() -> ActivationPayload {
    ActivationPayload::new(vec![key(1, "home"), key(2, "work")], 1000, 2000).unwrap()
}

fn failed() -> Result<ActivationPayload, OpenActivationError> {
    Err(OpenActivationError::Decrypt(DecryptError))
}

/// The activation with one byte changed on the wire.
fn changed(activation: &Activation, at: usize, bits: u8) -> Result<Activation, ActivationError> {
    let mut bytes = activation.to_bytes();
    bytes[at] ^= bits;
    STANDARD.encode(bytes).parse()
}

#[test]
fn to_a_public_key_and_back() {
    let case = Case::new();
    let read: Activation = case.to_identity().to_string().parse().unwrap();
    assert_eq!(read.sender(), Some(case.sender.public()));
    assert_eq!(case.open(&read), Ok(payload()));
}

#[test]
fn to_a_code_and_back() {
    let case = Case::new();
    let read: Activation = case.to_code().to_string().parse().unwrap();
    assert_eq!(read.sender(), None);
    assert_eq!(case.open_with_code(&read), Ok(payload()));
}

#[test]
fn the_longest_activation_is_read() {
    let case = Case::new();
    let label = "x".repeat(payload::MAX_LABEL_LEN);
    let keys = (0..payload::MAX_KEYS).map(|number| key(number as u8, &label)).collect();
    let longest = ActivationPayload::new(keys, 1, 2).unwrap();
    let text = Activation::seal_with_code(&case.code, &case.target, &longest)
        .unwrap()
        .to_string();
    assert_eq!(text.len(), MAX_TEXT_LEN);
    assert!(text.parse::<Activation>().is_ok());
    assert_eq!(
        (text + "AAAA").parse::<Activation>(),
        Err(ActivationError::TooLong {
            actual: MAX_TEXT_LEN + 4
        })
    );
}

#[test]
fn unexpected_sender() {
    let (case, other) = (Case::new(), Identity::generate().unwrap());
    let result = case
        .to_identity()
        .open(&case.recipient, &other.public().fingerprint(), &case.target, 1500);
    let claimed = case.sender.public().fingerprint();
    assert_eq!(result, Err(OpenActivationError::Sender { claimed }));
}

/// A stranger may write the expected sender on the wire, but cannot seal as that sender.
#[test]
fn forged_sender() {
    let (case, stranger) = (Case::new(), Identity::generate().unwrap());
    let forged = Activation::seal_to(&stranger, &case.recipient.public(), &case.target, &payload()).unwrap();
    let mut bytes = forged.to_bytes();
    bytes[1..33].copy_from_slice(&case.sender.public().to_bytes());
    let forged: Activation = STANDARD.encode(bytes).parse().unwrap();
    assert_eq!(case.open(&forged), failed());
}

#[test]
fn another_recipient() {
    let (case, other) = (Case::new(), Identity::generate().unwrap());
    let sender = case.sender.public().fingerprint();
    assert_eq!(case.to_identity().open(&other, &sender, &case.target, 1500), failed());
}

#[test]
fn another_code() {
    let (case, other) = (Case::new(), ActivationCode::generate().unwrap());
    assert_eq!(case.to_code().open_with_code(&other, &case.target, 1500), failed());
}

#[test]
fn another_host_or_user() {
    let case = Case::new();
    for target in [
        ActivationTarget::new("api.example.org", 17),
        ActivationTarget::new("api.example.com", 18),
    ] {
        let (target, sender) = (target.unwrap(), case.sender.public().fingerprint());
        assert_eq!(
            case.to_identity().open(&case.recipient, &sender, &target, 1500),
            failed()
        );
        assert_eq!(case.to_code().open_with_code(&case.code, &target, 1500), failed());
    }
}

#[test]
fn the_wrong_kind_is_said_to_be_so() {
    let case = Case::new();
    assert_eq!(case.open(&case.to_code()), Err(OpenActivationError::NeedsCode));
    assert_eq!(
        case.open_with_code(&case.to_identity()),
        Err(OpenActivationError::NeedsIdentity)
    );
}

#[test]
fn expired() {
    let case = Case::new();
    let sender = case.sender.public().fingerprint();
    let expired = Err(OpenActivationError::Expired { expires: 2000 });
    assert!(
        case.to_identity()
            .open(&case.recipient, &sender, &case.target, 1999)
            .is_ok()
    );
    assert_eq!(
        case.to_identity().open(&case.recipient, &sender, &case.target, 2000),
        expired
    );
    assert!(case.to_code().open_with_code(&case.code, &case.target, 1999).is_ok());
    assert_eq!(case.to_code().open_with_code(&case.code, &case.target, 2000), expired);
}

/// The code key was computed with Python's hmac: RFC 5869 with the context as `info`.
#[test]
fn the_code_key_is_the_specified_one() {
    let mut case = Case::new();
    // 00010203…0f
    case.code = "00041-06105-0R3GG-28A1C-60T3G-F6".parse().unwrap();
    let expected = hex::decode("f104c2c5bed39f3fa448ea1933babdc10682b03b7a371727ce062e554b9da022").unwrap();
    let (key, context) = (InputKey::new(&expected.try_into().unwrap()), case.target.context());
    let message = cobblestone::seal(&key, &context, &payload().to_bytes()).unwrap();
    let activation = Activation(Form::ToCode { salt: [7; 16], message });
    assert_eq!(case.open_with_code(&activation), Ok(payload()));
}

#[test]
fn authentic_but_malformed_content() {
    let case = Case::new();
    let context = case.target.context();
    let message = cobblestone::seal(&case.code.derive_key(&[0; 16], &context), &context, b"\x02").unwrap();
    let activation = Activation(Form::ToCode { salt: [0; 16], message });
    let expected = Err(OpenActivationError::Payload(PayloadError::Malformed));
    assert_eq!(case.open_with_code(&activation), expected);
}

#[test]
fn every_changed_byte_is_noticed() {
    let case = Case::new();
    let (to_identity, to_code) = (case.to_identity(), case.to_code());
    for bits in [0x01, 0x80] {
        for at in 0..to_identity.to_bytes().len() {
            let result = changed(&to_identity, at, bits).map(|activation| case.open(&activation));
            assert!(!matches!(result, Ok(Ok(_))), "byte {at}");
        }
        for at in 0..to_code.to_bytes().len() {
            let result = changed(&to_code, at, bits).map(|activation| case.open_with_code(&activation));
            assert!(!matches!(result, Ok(Ok(_))), "byte {at}");
        }
    }
}

#[test]
fn unknown_version() {
    let result = changed(&Case::new().to_identity(), 0, 2);
    assert_eq!(result, Err(ActivationError::Version(3)));
}

#[test]
fn bad_public_keys_on_the_wire() {
    let activation = Case::new().to_identity();
    for start in [1, 33] {
        let with = |key: [u8; 32]| {
            let mut bytes = activation.to_bytes();
            bytes[start..start + 32].copy_from_slice(&key);
            STANDARD.encode(bytes).parse::<Activation>()
        };
        assert_eq!(
            with([0; 32]),
            Err(ActivationError::PublicKey(PublicIdentityError::LowOrder))
        );
        assert_eq!(
            with([0xff; 32]),
            Err(ActivationError::PublicKey(PublicIdentityError::NotCanonical))
        );
    }
}

#[test]
fn cut_short() {
    let case = Case::new();
    for (activation, shortest) in [(case.to_identity(), 1 + 64 + 16), (case.to_code(), 1 + 16 + 72)] {
        for length in 0..shortest {
            let text = STANDARD.encode(&activation.to_bytes()[..length]);
            assert_eq!(text.parse::<Activation>(), Err(ActivationError::TooShort), "{length}");
        }
        assert!(
            STANDARD
                .encode(&activation.to_bytes()[..shortest])
                .parse::<Activation>()
                .is_ok()
        );
    }
}

#[test]
fn base64_that_is_not_canonical() {
    let text = Case::new().to_code().to_string();
    for wrong in [
        format!("{text}\n"),
        format!(" {text}"),
        text.replace('=', ""),
        text.replace(['+', '/'], "-") + "!",
    ] {
        if wrong != text {
            assert_eq!(wrong.parse::<Activation>(), Err(ActivationError::Base64));
        }
    }
    // `AR==` decodes like `AQ==` where the bits beyond the byte are ignored.
    assert_eq!("AR==".parse::<Activation>(), Err(ActivationError::Base64));
    assert_eq!("AQ==".parse::<Activation>(), Err(ActivationError::TooShort));
}

#[test]
fn no_random_bytes_means_no_activation() {
    let case = Case::new();
    let sealed = random::failing::with(|| {
        let to = case.recipient.public();
        let to_identity = Activation::seal_to(&case.sender, &to, &case.target, &payload());
        (
            to_identity,
            Activation::seal_with_code(&case.code, &case.target, &payload()),
        )
    });
    assert!(matches!(sealed, (Err(SealError::Random(_)), Err(SealError::Random(_)))));
}

/// Written by independent code: tests/interop/make-activation-vector.js.
#[test]
fn the_vector_opens() {
    let vector: serde_json::Value =
        serde_json::from_str(include_str!("../../../tests/vectors/activation.json")).unwrap();
    let text = |name: &str| vector[name].as_str().unwrap().to_owned();
    let number = |name: &str| vector[name].as_u64().unwrap();
    let activation: Activation = text("activation").parse().unwrap();
    let target = ActivationTarget::new(&text("host"), number("user_id")).unwrap();
    let code: ActivationCode = text("code").parse().unwrap();
    let expires = number("opens_before");
    let payload = activation.open_with_code(&code, &target, expires - 1).unwrap();
    assert_eq!(hex::encode(&*payload.to_bytes()), text("payload"));
    assert!(activation.open_with_code(&code, &target, expires).is_err());
    let [old, new] = payload.keys() else { panic!("two keys") };
    assert!(old.is_retired && new.becomes_default && !new.is_retired);
    assert_eq!(new.replaces, Some(old.key.fingerprint()));
}
